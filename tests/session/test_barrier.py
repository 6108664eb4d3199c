# SPDX-License-Identifier: GPL-3.0-or-later
"""What else a barrier can: an action, the order of arrival, an abort, a reset."""

import re
import unittest

import forklab
from forklab import run

PASSED = r"(?m)^process p(\d+) - test_with_barrier ---->"


class Barrier(forklab.TestCase):
    def test_the_last_to_arrive_acts_once_a_round_before_all_go_on(self):
        done = run("barrier 4 --without 0 --stagger 1ms --action --rounds 5\n")
        self.check_ok(done)
        acts = [i for i, line in enumerate(done.lines) if "it acts for them, once" in line]
        self.assertEqual(len(acts), 5, done.out)
        self.assertEqual(len(re.findall(PASSED, done.out)), 20)
        self.assertEqual(acts[0], 0)

    def test_tells_the_order_of_arrival(self):
        done = run("barrier 3 --without 0 --stagger 0 --order\n")
        self.check_ok(done)
        arrived = re.search(r"(?m)^arrived: (.*); (p\d) is the last$", done.out)
        order = arrived[1].split(", ")
        self.assertEqual(sorted(order), ["p1", "p2", "p3"])
        self.assertEqual(order[-1], arrived[2])

    def test_an_abort_frees_all_others(self):
        done = run("barrier 5 --without 0 --stagger 1ms --abort 3\n")
        self.assertEqual(done.status, 1)
        self.assertIn("the barrier broke in round 1: p3 aborted it; 4 of 5 were waiting", done.err)
        told = re.findall(r"(?m)^p(\d) - test_with_barrier: the barrier is broken: p3 aborted it$",
                          done.out)
        self.assertEqual(sorted(told), list("12345"))
        self.assertNotRegex(done.out, PASSED)

    def test_after_a_reset_all_meet_again(self):
        done = run("barrier 5 --without 0 --stagger 1ms --reset 3 --rounds 2\n")
        self.check_ok(done)
        self.assertEqual(done.lines[0], "p3 reset the barrier: 4 of 5 were waiting, and are freed")
        self.assertEqual(len(re.findall(r"(?m): the barrier was reset by p3: once more$", done.out)), 5)
        self.assertEqual(sorted(re.findall(PASSED, done.out)), sorted("1234512345"))

    def test_a_party_that_dies_meanwhile_breaks_it(self):
        for option in ("--action", "--reset 1", "--abort 1"):
            for step in ("arrive", "wait"):
                with self.subTest(option=option, step=step):
                    done = run(f"barrier 3 --without 0 --stagger 1ms {option} --as crash --which 2 --at {step}\n")
                    self.assertEqual(done.status, 1, done)

    def test_one_party_resets_its_own(self):
        self.check_ok(run("barrier 1 --without 0 --reset 1\nbarrier 1 --without 0 --action\n"))

    def test_refuses_what_it_can_not_do(self):
        for line in ("barrier 3 --abort 4", "barrier 3 --reset 0", "barrier 3 --abort 1 --reset 2"):
            self.assertEqual(run(line + "\n").status, 2, line)


if __name__ == "__main__":
    unittest.main()
