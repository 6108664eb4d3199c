# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that all have that share something, and the join of a producer before its queue is drained."""

import re
import unittest

import forklab

# Each with its workers, and a step for --at.
SHARERS = {
    "lock 2": "take", "semaphore 1 2": "acquire", "event 2": "wait", "condition 2": "wait", "queue 1 1": "put",
    "pipe": "put", "memory": "load", "orphan": "fork", "fork 1": "fork",
}


class Options(forklab.TestCase):
    def test_each_takes_them(self):
        for command in SHARERS:
            for option in ("--for 5ms", "--stagger 2ms", "--timeout 60s", "--daemon"):
                with self.subTest(command=command, option=option):
                    self.check_ok(forklab.run("", "-c", f"{command} {option}"))

    def test_a_fault_at_a_step_is_told(self):
        for command, step in SHARERS.items():
            with self.subTest(command=command):
                finished = forklab.run("", "-c", f"{command} --as crash --which 1 --at {step}")
                self.assertEqual(finished.status, 1, str(finished))
                self.assertIn("p1 was killed by SIGSEGV", finished.err)

    def test_a_step_needs_a_fault(self):
        for command, step in SHARERS.items():
            with self.subTest(command=command):
                finished = forklab.run("", "-c", f"{command} --at {step}")
                self.assertEqual(finished.status, 2, str(finished))
                self.assertIn("--at needs --as", finished.err)

    def test_processes_end_whose_first_one_died(self):
        """The other processes of a fork in a loop end with the worker, not when their patience does."""
        finished = forklab.run("", "-c", "fork 2 --as crash --at leave")
        self.assertEqual(finished.status, 1)
        self.assertIn("4 processes at once", finished.out)

    def test_an_orphan_of_a_crash(self):
        finished = forklab.run("", "-c", "orphan --as crash --at leave")
        self.assertEqual(finished.status, 1)
        self.assertRegex(finished.out, r"is an orphan: its parent is \d+ now, forklab")


class Undrained(forklab.TestCase):
    """Python: join() of a process that has put more than fits into the pipe hangs until the queue is drained."""

    def test_a_join_that_would_hang(self):
        finished = forklab.run("", "-c", "queue --undrained")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"1 of 1 has waited .* for room, with 6 of 6 items in the queue: that join would never")
        self.assertLess(finished.out.index("would never return"), finished.out.index("p2 took 0"))
        self.assertIn("the join returned: all producers have ended", finished.out)
        self.assertIn("9 items put by 1, 9 taken, each once", finished.out)
        self.assertIn("=> a producer waits until its items are in the queue", finished.out)

    def test_several(self):
        finished = forklab.run("", "-c", "queue 3 2 --undrained --items 8 --max 2")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"3 of 3 have waited .* with 2 of 2 items")
        self.assertIn("24 items put by 3, 24 taken, each once", finished.out)

    def test_items_that_fit(self):
        finished = forklab.run("", "-c", "queue 1 1 --undrained --items 3")
        self.check_ok(finished)
        self.assertIn("the join returned, with 3 items in the queue: now they are taken", finished.out)
        self.assertNotIn("never", finished.out)

    def test_a_producer_that_dies_while_others_wait(self):
        finished = forklab.run("", "-c", "queue 2 1 --undrained --as crash --which 1 --at put")
        self.assertEqual(finished.status, 1)
        self.assertRegex(finished.out, r"1 of 1 has waited")
        self.assertIn("9 items put by 2, 9 taken, each once", finished.out)

    def test_the_end_of_a_time(self):
        finished = forklab.run("", "-c", "queue --undrained --timeout 50ms")
        self.assertEqual(finished.status, 1)
        self.assertIn("timed out after 50ms", finished.err)

    def test_options_choose_the_workers(self):
        """An option of the workers is not lost on a walk."""
        finished = forklab.run("", "-c", "queue --items 2; queue --join")
        self.check_ok(finished)
        self.assertIn("2 items put by 1, 2 taken", finished.out)
        self.assertEqual(len(re.findall("join returned after", finished.out)), 1)
        for apart in ("--join --undrained", "--undrained --all"):
            self.assertEqual(forklab.run("", "-c", f"queue {apart}").status, 2, apart)


if __name__ == "__main__":
    unittest.main()
