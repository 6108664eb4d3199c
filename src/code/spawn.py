# Workers one after another: each is joined before the next one starts.
from multiprocessing import Process

N = 3  #= N
SIZE = 1000  #= SIZE


def do_something(number):
    results = [(i**0.5) * (i**0.5) for i in range(number * SIZE)]
    print(f"Process {number} finished with {len(results)} results.", flush=True)


if __name__ == "__main__":  # needed where children are not forked (Windows, macOS)
    for i in range(N):
        print(f"calling do_something from process no: {i}", flush=True)
        worker = Process(target=do_something, args=(i,))
        worker.start()
        worker.join()  # here, so no two workers ever run at once
