# SPDX-License-Identifier: GPL-3.0-or-later
"""What Python's multiprocessing does in the place of forklab. Each takes its own time, without the
start of the interpreter, and prints it in seconds.

    peers.py spawn N | together N | pool W N CHUNK | barrier PARTIES ROUNDS | print N
"""

import multiprocessing
import sys
import time

fork = multiprocessing.get_context("fork")


def nothing():
    pass


def square(i):
    return i * i


def pass_rounds(barrier, rounds):
    for _ in range(rounds):
        barrier.wait()


def spawn(count):
    for _ in range(count):
        worker = fork.Process(target=nothing)
        worker.start()
        worker.join()


def together(count):
    workers = [fork.Process(target=nothing) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def pool(workers, tasks, chunk):
    with fork.Pool(workers) as its:
        results = its.map(square, range(tasks), chunk or None)
    assert results[-1] == square(tasks - 1)


def barrier(parties, rounds):
    shared = fork.Barrier(parties)
    workers = [fork.Process(target=pass_rounds, args=(shared, rounds)) for _ in range(parties)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def main():
    what, numbers = sys.argv[1], [int(word) for word in sys.argv[2:]]
    squares = [square(i) for i in range(numbers[0])] if what == "print" else []
    begin = time.perf_counter()
    if what == "print":
        print(squares, flush=True)
    else:
        {"spawn": spawn, "together": together, "pool": pool, "barrier": barrier}[what](*numbers)
    print(time.perf_counter() - begin, file=sys.stderr)


if __name__ == "__main__":
    main()
