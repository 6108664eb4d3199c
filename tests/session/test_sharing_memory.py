# SPDX-License-Identifier: GPL-3.0-or-later
"""What CPython's tests of Value, Array and sharedctypes assert, one test each by its name; and what a
fork does to memory, parents and the number of processes."""

import json
import re
import unittest

import forklab


def figures(finished):
    objects = [json.loads(line) for line in finished.lines]
    return [one for one in objects if one["type"] == "figures"][-1]


class Shared(forklab.TestCase):
    """_TestValue, _TestArray, _TestSharedCTypes."""

    def array(self):
        finished = forklab.run("", "-c", "race --array")
        self.check_ok(finished)
        return finished.out

    def test_value(self):
        self.assertIn("7, set to 42 by the worker: 42 (shared), 7 (a copy of its own)", self.array())

    test_rawvalue = test_value

    def test_array(self):
        out = self.array()
        self.assertIn(
            "after the worker's prefix sums, shared: [680, 1306, 2240, 3061, 3211, 3444, 3992, 4974, 5688, 6519]", out
        )
        self.assertIn(
            "after the worker's prefix sums, a copy of its own: [680, 626, 934, 821, 150, 233, 548, 982, 714, 831]", out
        )

    test_rawarray = test_array

    def test_array_from_size(self):
        self.assertIn("new memory: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", self.array())

    def test_sharedctypes(self):
        self.assertIn("0 to 9, doubled by the worker, shared: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]", self.array())

    def test_synchronize(self):
        """With a lock, or in one step, nothing is lost; in memory of its own nothing arrives."""
        finished = forklab.run("", "--json", "-c", "race 4 20000")
        self.check_ok(finished)
        numbers = figures(finished)
        self.assertEqual(numbers["added"], 80000)
        self.assertEqual(numbers["arrived_mutex"], 80000)
        self.assertEqual(numbers["arrived_atomic"], 80000)
        self.assertEqual(numbers["arrived_private"], 0)
        self.assertEqual(numbers["lost"], numbers["added"] - numbers["arrived"])

    test_race_lock = test_synchronize

    def test_race(self):
        """Without a lock some are lost, sooner or later."""
        lost = 0
        while lost == 0:
            finished = forklab.run("", "--json", "-c", "race 4 1M")
            self.check_ok(finished)
            lost = figures(finished)["lost"]
        self.assertGreater(lost, 0)

    def test_table(self):
        finished = forklab.run("", "-c", "race 2 20000")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"HOW +ADDED +ARRIVED +LOST +TIME\nno lock +40000 ")
        self.assertRegex(finished.out, r"memory of its own +40000 +0 +40000 +100 % ")

    def test_a_killed_worker_ends_the_table(self):
        session = self.session("-k")
        session.type("race 2 100M &")
        session.until(lambda found: len(found) == 2, "two workers")
        session.type("kill -9 p1")
        session.until(lambda found: all("running" not in one["STATE"] for one in found), "all ended")
        session.end()


if __name__ == "__main__":
    unittest.main()
