# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks and semaphores: what they answer, who gets in, and what a death at any step leaves behind."""

import re
import unittest

import forklab
from forklab import run

DEADLY = ("crash", "torn")
ALL_FAULTS = ("crash", "torn", "mute", "babble", "stubborn", "fork")


class Lock(forklab.TestCase):
    def test_answers_its_owner_and_a_stranger(self):
        done = run("lock\n")
        self.check_ok(done)
        answers = [re.sub(r" after [0-9.]+ (ms|s)", "", line) for line in done.lines[:-1]]
        self.assertEqual(answers, [
            "p1 acquire: True, p1 has it",
            "p1 acquire again, not waiting: False, p1 has it",
            "p1 acquire again, waiting 100 ms: False, p1 has it",
            "p2 acquire, not waiting: False, p1 has it",
            "p2 acquire, waiting 100 ms: False, p1 has it",
            "p2 release: refused, p1 has it",
            "p1 release: done, no worker has it",
            "p1 release: refused, no worker has it",
            "p1 acquire, not waiting: True, p1 has it",
            "p1 release: done, no worker has it",
        ])

    def test_its_owner_takes_it_again(self):
        done = run("lock --again\n")
        self.check_ok(done)
        self.assertIn("p1 acquire again, not waiting: True, p1 has it, twice", done.lines)
        self.assertIn("p1 release: done, p1 has it", done.lines)

    def test_each_worker_gets_it(self):
        done = run("lock 20 --for 1ms\ncheck taken = 20\ncheck inherited = 0\n")
        self.check_ok(done)
        self.assertEqual(sorted(re.findall(r"(?m)^p(\d+) has lock after", done.out), key=int),
                         [str(i) for i in range(1, 21)])

    def test_a_death_at_any_step_leaves_it_to_the_next(self):
        for step, taken, inherited in (("take", 2, 0), ("hold", 3, 1), ("release", 3, 1)):
            for fault in DEADLY:
                with self.subTest(step=step, fault=fault):
                    done = run(f"lock 3 --for 1ms --stagger 20ms --as {fault} --which 1 --at {step}\n"
                               f"check taken = {taken}\ncheck inherited = {inherited}\n", "-k")
                    self.assertEqual(done.status, 1)
                    self.assertEqual(len(done.err.splitlines()), 1, done.err)
                    self.assertIn("1 of 3 workers failed: p1 was killed by", done.err)
                    heirs = re.findall(r"(?m)^p1 died with lock; it goes on to p[23]$", done.out)
                    self.assertEqual(len(heirs), inherited, done.out)

    def test_no_fault_at_any_step_hangs(self):
        for step in ("take", "hold", "release"):
            for fault in ALL_FAULTS:
                with self.subTest(step=step, fault=fault):
                    done = run(f"lock 3 --for 1ms --as {fault} --which 2 --at {step}\n")
                    self.assertEqual(done.status, int(fault not in ("stubborn", "fork")), done)

    def test_refuses_what_it_can_not_do(self):
        for line in ("lock --order AB", "lock 2 --order A,", "lock 2 --order ab", "lock 2 --order ,A",
                     "lock 0", "lock 2 --at hold", "lock 2 --which 1", "lock 2 --as crash --which 3"):
            with self.subTest(line=line):
                done = run(line + "\n")
                self.assertEqual(done.status, 2, done)
                self.assertEqual(done.out, "")

    def test_locks_in_one_order_make_no_circle(self):
        done = run("lock 4 --order AB --for 1ms --timeout 60s\ncheck taken = 8\n")
        self.check_ok(done)


if __name__ == "__main__":
    unittest.main()
