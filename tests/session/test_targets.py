# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a word means: %J.I, %%, %- and bare numbers, everywhere, with the numbers that a job's own output and --which
have."""

import re
import unittest

import forklab
from forklab import run


class Targets(forklab.TestCase):
    def session_with(self, *lines):
        session = self.session("-k")
        session.ask(*lines)
        return session

    def test_a_worker_of_a_job_by_its_number(self):
        session = self.session_with("spawn 3 --together --for 60s --daemon &")
        session.until(lambda all: len(all) == 3, "three workers")
        pids = session.pids()
        self.assertEqual(
            session.ask("kill -9 %1.1")[0], f"SIGKILL sent to Process-2 ({pids[1]})"
        )
        session.expect(r"\[1\] Process-2 \(\d+\) killed SIGKILL")
        self.assertIn("Process-3", session.ask("show %1.2")[0])
        self.assertRegex(session.ask("stop %%.0")[0], r"^Process-1 \(\d+\): stopped$")
        session.end()

    def test_the_parties_of_a_barrier_are_counted_from_1_as_which_does(self):
        finished = run("barrier 2 --without 1 --stagger 0 --as crash --which 2\njobs\nshow %1.2\n", "-k")
        self.assertRegex(finished.out, r"(?m)^%1\.2 +p2 .*killed SIGSEGV")
        self.assertRegex(finished.out, r"(?m)^p2 \(\d+\), a worker of %1")
        self.assertIn("%1.0", run("barrier 2\nshow %1.0\n", "-k").err)

    def test_every_command_counts_as_its_output_does(self):
        first = {"spawn 2": 0, "name": 1, "kill": 0, "daemon": 0, "barrier": 1, "pool 2 2": 0}
        script = "".join(f"{command}\n" for command in first) + "jobs\n"
        rows = forklab.parse_jobs(run(script).lines)
        for number, (command, counted_from) in enumerate(first.items(), 1):
            of_job = [row["JOB"] for row in rows if row["JOB"].startswith(f"%{number}.")]
            self.assertEqual(
                of_job, [f"%{number}.{counted_from + i}" for i in range(len(of_job))], command
            )
            self.assertTrue(of_job, command)

    def test_the_youngest_job_and_the_one_before(self):
        finished = run("spawn 1\nspawn 2\ntimeline %%\ntimeline %-\nresults %-\nexplain %%\n", "-q")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"(?s)\n%2 spawn 2  .*\n%1 spawn 1  .*\n%2 spawn 2: ")
        both = run("spawn 1 --for 60s --daemon & spawn 1 --for 60s --daemon & kill %-.0; wait %-; kill %%\n")
        self.assertEqual(
            re.findall(r"SIGTERM sent to (\S+)", both.out), ["Process-1", "Process-2"], both
        )

    def test_what_they_cannot_mean_is_said(self):
        finished = run("kill %%\nkill %-\nspawn 1\nkill %-\nkill %1.5\nkill %1.x\nkill %.1\n"
                       "timeline %1.0\nfg %1.0\nkill %1.0\n", "-k", "-q")
        self.assertEqual(
            [line.split("error: ")[1] for line in finished.err.splitlines() if "error: " in line],
            ["kill: there has been no job yet", "kill: there is no job before the youngest",
             "kill: there is no job before the youngest",
             "kill: %1 has workers %1.0 to %1.0, not %1.5",
             "kill: a worker of a job is %1.0, %1.1, ..., not '%1.x'",
             "kill: a job is %1, %2, ..., %% (the youngest) or %- (the one before), not '%.1'",
             "timeline: %J must be a job: %1, %2, ..., %% or %-, not '%1.0'",
             "fg: %J must be a job: %1, %2, ..., %% or %-, not '%1.0'",
             "kill: %1.0 has ended already (exited 0)"])

    def test_a_bare_number_is_a_job_where_only_a_job_can_be_meant(self):
        finished = run("spawn 1\nspawn 2\ntimeline 1\nresults 2\nexplain 1\nwait 1\n", "-k", "-q", cwd="/tmp")
        self.assertIn("\n%1 spawn 1  (", finished.out)
        self.assertIn("%1 spawn 1: ", finished.out)
        # 1 could be a pid here, and is taken for one.
        self.assertEqual(finished.err, "stdin:6: error: wait: '1' is no worker of this session\n")
        self.assertEqual(run("spawn 1\nfg 1\nbg 1\n", "-k", "-q").err,
                         "stdin:2: error: fg: %1 is done\nstdin:3: error: bg: %1 is done\n")


if __name__ == "__main__":
    unittest.main()
