# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for spawned workers, and workers that give up with a message."""

import unittest

import forklab
from forklab import parse_jobs, run


class Spawn(forklab.TestCase):
    def names(self, line):
        done = run(line + "\njobs\n")
        self.check_ok(done)
        return [worker["NAME"] for worker in parse_jobs(done.lines)]

    def test_a_name_for_one_and_for_several(self):
        self.assertEqual(self.names("spawn 1 --name Alice"), ["Alice"])
        self.assertEqual(self.names("spawn 3 --name Bob --together"), ["Bob-1", "Bob-2", "Bob-3"])

    def test_a_name_counts_like_any_worker(self):
        self.assertEqual(self.names("spawn 2 --name Bob; spawn 1"), ["Bob-1", "Bob-2", "Process-3"])

    def test_refuses_names_that_do_not_fit(self):
        for line in ("spawn 1 --name 12", "spawn 1 --name %1", "spawn 2 --name " + "x" * 60):
            self.assertEqual(run(line + "\n").status, 2, line)

    def test_a_worker_that_raises_says_so_and_exits_1(self):
        done = run("spawn 2 --as raise --which 1\ncheck exit %1.1 = 1\njobs\n", "-k")
        self.assertEqual(done.status, 1)
        self.assertIn("Process-2: Exception: raised on purpose\n", done.err)
        self.assertIn("1 of 2 workers failed: Process-2 exited 1 before it was done", done.err)
        self.assertEqual([w["STATE"] for w in parse_jobs(done.lines)], ["exited 0", "exited 1"])

    def test_a_pool_survives_a_task_that_raises(self):
        done = run("pool 2 4 --as raise --which 0\n")
        self.assertIn("Pool: [0, 1, 4, 9]", done.lines, done)
        self.assertEqual(done.status, 0)


if __name__ == "__main__":
    unittest.main()
