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


class Forks(forklab.TestCase):
    def test_copy_on_write(self):
        finished = forklab.run("", "-c", "memory")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"p1 reads x: 7\nits page: \d+ kB shared with the parent, 0 kB of its own\n")
        self.assertRegex(finished.out, r"p1 writes x = 42: \d+ minor faults?\nits page: 0 kB shared with the parent, \d+ kB")
        self.assertIn("the parent reads x, at the same address: 7\nthe parent reads y: 42\n", finished.out)

    def test_copy_on_write_figures(self):
        finished = forklab.run("", "--json", "-c", "memory")
        self.check_ok(finished)
        numbers = figures(finished)
        self.assertEqual((numbers["parent"], numbers["child"], numbers["shared"]), (7, 42, 42))
        self.assertGreaterEqual(numbers["faults"], 1)

    def test_memory_deaths(self):
        finished = forklab.run("", "--json", "-c", "memory --as crash --at store")
        self.assertEqual(finished.status, 1)
        numbers = figures(finished)
        self.assertEqual((numbers["parent"], numbers["child"], numbers["shared"]), (7, 0, 7))

    def test_orphan(self):
        session = self.session()
        lines = "\n".join(session.ask("orphan"))
        found = re.search(r"p1 \((\d+)\) has a child: (\d+), whose parent is (\d+)", lines)
        self.assertEqual(found.group(1), found.group(3))
        self.assertIn(f"{found.group(2)} is an orphan: its parent is {session.pid} now, forklab", lines)
        self.assertIn("and is reaped: there is no such process any more", lines)
        self.assertEqual(forklab.children_of(session.pid), [])
        session.end()

    # _TestProcess.test_parent_process: the child's view of its parent, before its parent's death and after it
    test_parent_process = test_orphan

    def test_fork(self):
        for rounds in (0, 1, 2, 3, 6):
            with self.subTest(rounds=rounds):
                finished = forklab.run("", "-c", f"fork {rounds}")
                self.check_ok(finished)
                pids = re.findall(r"^[-|` ]*(\d+)(?:, the worker|, forked by)", finished.out, re.MULTILINE)
                self.assertEqual(len(set(pids)), 2**rounds)
                parents = re.findall(r"forked by (\d+)", finished.out)
                self.assertLessEqual(set(parents), set(pids))

    def test_recursion(self):
        """Each child goes on where its parent was: [], [0], [0, 0], ... as a tree."""
        finished = forklab.run("", "-c", "fork 2")
        self.check_ok(finished)
        shape = [re.sub(r"\d{2,}", "P", line) for line in finished.lines[1:5]]
        self.assertEqual(
            shape,
            ["P, the worker", "|- P, forked by P in round 1", "|  `- P, forked by P in round 2", "`- P, forked by P in round 2"],
        )

    def test_a_killed_root_leaves_none(self):
        session = self.session("-k")
        session.type("fork 5 --for 60s &")
        workers = session.until(lambda found: len(found) == 1, "the worker")
        forklab.wait_until(lambda: len(forklab.children_of(workers[0]["PID"])) == 5, "its children")
        children = self.watch(forklab.children_of(workers[0]["PID"]))
        session.type("kill -9 p1")
        self.assertEqual(children.wait(30), 0)
        session.end()


if __name__ == "__main__":
    unittest.main()
