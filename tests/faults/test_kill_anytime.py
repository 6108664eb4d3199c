#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills a random worker of a random command at a random moment, and forklab itself.

ROUNDS and KILL_ROUNDS say how often (100 and 50 if left out); SEED repeats a run."""
import os
import random
import re
import signal
import unittest

import harness
import processes

ROUNDS = int(os.environ.get("ROUNDS", "100"))
KILL_ROUNDS = int(os.environ.get("KILL_ROUNDS", "50"))
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 30)

# A sanitizer looks for leaks from a process of its own, which could be taken for a worker.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"

SQUARES = "Pool: [" + ", ".join(str(i * i) for i in range(60)) + "]"

# Each command with the lines that a run with status 0 has to have printed, and how often.
COMMANDS = [
    ("spawn 4 --for 20ms", {f"Process {i} finished with {i * 1000} results." for i in range(4)}, 1),
    ("spawn 3 --together --for 60ms", {f"Process {i} finished with {i * 1000} results." for i in range(3)}, 1),
    ("spawn 3 --together --for 60ms & wait", {f"Process {i} finished with {i * 1000} results." for i in range(3)}, 1),
    ("name --for 60ms", {"Process 1 output list length: 1000", "Process 2 output list length: 1000"}, 1),
    ("kill --after 50ms", {"Process joined: False"}, 1),
    ("kill --after 50ms --graceful", {"Process joined: False"}, 1),
    ("daemon --for 20ms", {"Exiting NO_background_process"}, 1),
    ("barrier 3 --rounds 3 --stagger 5ms --without 0 --for 10ms",
     {f"p{i} - test_with_barrier results: [0.0, 1.0]" for i in (1, 2, 3)}, 3),
    ("pool 3 60 --for 2ms --all", {SQUARES}, 1),
    ("pool 2 60 --for 2ms --all --max-tasks 7 --chunk 2", {SQUARES}, 1),
    ("lock 4 --for 15ms; check taken = 4; echo each has had it", {"each has had it"}, 1),
    ("lock 4 --order AB,A,B --for 10ms; check taken = 6; echo each has had them", {"each has had them"}, 1),
    ("lock; echo walked", {"p1 acquire: True, p1 has it", "p2 release: refused, p1 has it", "walked"}, 1),
    ("semaphore 2 6 --for 20ms; check entered = 6; check most <= 2; echo each was inside", {"each was inside"}, 1),
    ("semaphore; echo walked", {"release once more: done, value 3", "walked"}, 1),
    ("pool 3 60 --for 1ms --all & pool 2 60 --for 1ms --all --init; wait", {SQUARES}, 2),
]

PAUSE = (signal.SIGSTOP, signal.SIGCONT)
WAYS = [
    (signal.SIGKILL,), (signal.SIGSTOP, signal.SIGKILL), (signal.SIGTERM,), (signal.SIGSEGV,),
    (signal.SIGSTOP, signal.SIGTERM, signal.SIGCONT), PAUSE, (signal.SIGINT,),
    (signal.SIGKILL, signal.SIGKILL),
]


def hit_someone(chance, session, way):
    """Sends the signals to one worker, if there is one."""
    workers = processes.children_of(session.process.pid)
    if not workers:
        return False
    victim = chance.choice(workers)
    try:
        process = os.pidfd_open(victim)
    except ProcessLookupError:
        return False
    try:
        # What is opened could be somebody else's by now.
        if victim not in processes.children_of(session.process.pid):
            return False
        for number in way:
            signal.pidfd_send_signal(process, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(process)
    return True


class WorkersKilled(harness.Case):
    def check(self, session, command, way, lines, times):
        self.assert_held(session)
        if way == PAUSE or command.startswith("pool"):
            self.assertEqual(session.status, 0, "it could have gone on; " + session.out + session.err)
        elif session.status != 0:
            names = "|".join(number.name for number in way)
            self.assertRegex(session.err, rf"was killed by ({names})", "it tells something else; " + session.out)
        if session.status == 0:
            printed = re.sub(r"^\[\d+\] ", "", session.out, flags=re.MULTILINE).splitlines()
            for line in lines:
                self.assertEqual(printed.count(line), times, f"{line!r} with status 0:\n{session.out}{session.err}")

    def test_at_random(self):
        chance = random.Random(SEED)
        hits = 0
        for number in range(ROUNDS):
            command, lines, times = chance.choice(COMMANDS)
            way = chance.choice(WAYS)
            moment = chance.uniform(0, 0.12)
            with self.subTest(seed=SEED, round=number, command=command, way=way, moment=moment):
                session = harness.Session("-c", command)
                if session.read(moment):
                    hits += hit_someone(chance, session, way)
                self.check(session.finish(), command, way, lines, times)
        print(f"seed {SEED}: {ROUNDS} rounds, {hits} workers were hit")
        self.assertGreater(hits, ROUNDS // 10)


class ForklabKilled(harness.Case):
    def test_at_random(self):
        chance = random.Random(SEED)
        for number in range(KILL_ROUNDS):
            command = chance.choice(COMMANDS)[0]
            moment = chance.uniform(0, 0.12)
            with self.subTest(seed=SEED, round=number, command=command, moment=moment):
                session = harness.Session("-c", command + "; spawn 2 --for 5s --together --as fork --which 1")
                session.read(moment)
                session.process.kill()
                session.process.wait()
                self.assertEqual(processes.wait_for_none(harness.ORPHAN_LIMIT), 0, "workers outlived it")
                session.finish()
        print(f"seed {SEED}: forklab killed {KILL_ROUNDS} times")

    def test_workers_stopped_at_birth(self):
        # A stop that comes before a worker's first step.
        for number in range(10):
            with self.subTest(round=number):
                session = harness.Session("-c", "spawn 20 --for 60s --together & stop %1; echo all stopped; sleep 60s")
                self.assertTrue(session.read_until("all stopped"))
                session.process.kill()
                session.process.wait()
                self.assertEqual(processes.wait_for_none(harness.ORPHAN_LIMIT), 0, "workers outlived it")
                session.finish()


if __name__ == "__main__":
    unittest.main(verbosity=2)
