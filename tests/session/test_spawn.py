# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for spawned workers, workers that give up with a message, and workers of workers."""

import os
import re
import signal
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


class Nest(forklab.TestCase):
    def nested(self, session, count):
        """The pids of tree's workers by their names, once there are so many."""
        found = {}

        def look():
            found.clear()
            found.update(re.findall(r"(Process-[\d.]+) +(\d+) ", "\n".join(session.ask("tree"))))
            return len(found) == count

        forklab.wait_until(look, f"{count} workers")
        return {name: int(pid) for name, pid in found.items()}

    def check_gone(self, pids):
        for pid in pids:
            forklab.wait_until(lambda pid=pid: forklab.state_of(pid) in ("", "Z"), f"{pid} is gone")

    def test_each_starts_as_many_at_each_level(self):
        for how in ("", " --together"):
            done = run(f"spawn 2 --nest 1{how}\ncheck nested = 4\ncheck nested_done = 4\n")
            self.check_ok(done)
            ends = re.findall(
                r"Process ([\d.]+)(?: \((\d+)\), child of (\d+),)? finished with (\d+)", done.out)
            # CPython's _TestProcess.test_recursion: [0] [0, 0] [0, 1] [1] [1, 0] [1, 1].
            self.assertEqual(sorted(place for place, *_ in ends),
                             ["0", "0.0", "0.1", "1", "1.0", "1.1"])
            self.assertEqual({place: int(count) for place, _, _, count in ends},
                             {"0": 0, "0.0": 0, "0.1": 1000, "1": 1000, "1.0": 0, "1.1": 1000})
            parents = [parent for place, _, parent, _ in ends if place.startswith("1.")]
            self.assertEqual(len(set(parents)), 1)

    def test_tree_shows_them_and_what_is_killed_takes_its_own_along(self):
        session = self.session("-k")
        session.type("spawn 1 --nest 3 --together --for 60s &")
        pids = self.nested(session, 4)
        self.assertEqual(sorted(pids), ["Process-1", "Process-1.1", "Process-1.1.1",
                                        "Process-1.1.1.1"])
        os.kill(pids["Process-1.1"], signal.SIGKILL)
        self.check_gone([pids["Process-1.1.1"], pids["Process-1.1.1.1"]])
        session.type("kill %1")
        session.end()
        self.check_gone(pids.values())

    def test_a_nested_one_that_is_killed_is_told(self):
        session = self.session("-k")
        session.type("spawn 1 --nest 2 --together --for 3s &")
        pids = self.nested(session, 3)
        os.kill(pids["Process-1.1"], signal.SIGKILL)
        finished = session.end()
        self.assertEqual(finished.status, 1)
        me, middle, last = (pids[name] for name in ("Process-1", "Process-1.1", "Process-1.1.1"))
        self.assertRegex(finished.out,
                         rf"Process 0.0 \({middle}\), child of {me}, killed SIGKILL\.")
        self.assertRegex(finished.out,
                         rf"Process 0.0.0 \({last}\), child of {middle}, ended with its parent\.")

    def test_none_of_them_outlives_forklab(self):
        for stopped in (False, True):
            session = self.session()
            session.type("spawn 2 --nest 2 --together --for 60s &")
            pids = self.nested(session, 14)
            if stopped:
                for pid in pids.values():
                    os.kill(pid, signal.SIGSTOP)
            session.process.kill()
            session.process.wait()
            for pid in pids.values():
                os.waitpid(pid, 0)  # of us, as forklab's heir

    def test_refuses_daemons_and_too_many(self):
        done = run("spawn 1 --nest 1 --daemon\nspawn 50 --nest 3\nspawn 2 --nest 0\njobs\n", "-k")
        self.assertEqual((done.status, done.out), (2, "no jobs yet\n"))
        self.assertIn("a daemon may not start workers", done.err)
        self.assertIn("at most 2000", done.err)


if __name__ == "__main__":
    unittest.main()
