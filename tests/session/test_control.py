# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may end, stop and wait for what: cancel, kill and stop of jobs, waiting for the stopped, pools that
lose a fork or their time, and signals at every moment of a start."""

import os
import re
import resource
import select
import signal
import subprocess
import threading
import time
import unittest

import forklab
from forklab import run, wait_until


def count(pattern, text):
    return len(re.findall(f"(?m)^{pattern}$", text))


def few_descriptors(most):
    """A preexec_fn: forks fail, or rather the pipes before them, when so many are open."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def fail_call(call, error, when):
    """The words before forklab's that make its `when`th call fail."""
    names = "clone,clone3,fork,vfork" if call == "fork" else call
    return ["strace", "-qq", "-o", "/dev/null", "-e", "signal=none", "-e", f"trace={names}",
            "-e", f"inject={names}:error={error}:when={when}"]


def run_failing(call, error, when, *arguments):
    done = subprocess.run([*fail_call(call, error, when), forklab.FORKLAB, *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=forklab.environment(), start_new_session=True, check=False)
    return forklab.Finished(done.returncode, forklab.text_of(done.stdout), forklab.text_of(done.stderr))


class Cancel(forklab.TestCase):
    """2: a job is ended as a whole, and is nowhere called done."""

    JOBS = {
        "spawn 3 --for 100s &": 1,
        "spawn 30 --together --for 100s &": None,
        "spawn 2 --together --as stubborn --for 100s &": 2,
        "name --for 100s &": 2,
        "daemon --for 100s &": None,
        "barrier 3 --for 100s --stagger 60s &": None,
        "barrier 2 --without 0 --for 100s &": None,
        "pool 3 30 --map sleep --for 100s &": 3,
        "scale pool 2 10 --map sleep --for 100s &": 1,
        "kill --after 100s --for 100s &": 1,
    }

    def test_every_kind_of_job(self):
        for command, workers in self.JOBS.items():
            with self.subTest(command):
                before = time.monotonic()
                finished = run(f"{command}\ncancel %1\njobs\nhistory --jobs\n", "-k")
                self.assertLess(time.monotonic() - before, 20)
                self.assertEqual((finished.status, finished.err), (0, ""), str(finished))
                self.assertRegex(finished.out, r"(?m)^\[1\] cancelled: ")
                self.assertNotRegex(finished.out, r"(?m)^\[1\] (done|failed)")
                self.assertNotRegex(finished.out, r"(?m)^%1 .* done\b")
                self.assertRegex(finished.out, r"(?m)^.*%?1 .*cancelled")
                if workers:
                    self.assertEqual(len(forklab.parse_jobs(finished.lines)), workers, str(finished))

    def test_the_youngest_running_job_if_none_is_named(self):
        finished = run("spawn 1 --for 100s &\nspawn 1 --for 100s &\nspawn 1 &\nwait %3\ncancel\ncancel\ncancel\n", "-k")
        order = re.findall(r"(?m)^\[(\d)\] cancelled: ", finished.out)
        self.assertEqual(order, ["2", "1"], str(finished))
        self.assertEqual(finished.status, 1)
        self.assertEqual(finished.err, "stdin:7: error: cancel: no job is running\n")

    def test_several_and_wrong_ones(self):
        finished = run("spawn 1 --for 100s &\npool 2 9 --for 100s &\ncancel %1 %2\ncancel %1\ncancel %7\ncancel Process-1\n", "-k")
        self.assertEqual(len(re.findall(r"(?m)^\[[12]\] cancelled: ", finished.out)), 2, str(finished))
        self.assertRegex(finished.err, "stdin:4: error: cancel: %1 has ended: it was cancelled\n"
                                       "stdin:5: error: cancel: .*%7.*\nstdin:6: error: cancel: .*Process-1.*")

    def test_a_job_cut_short_is_nowhere_called_done(self):
        cases = {
            "spawn 1 --for 100s &\nkill Process-1\nwait\nhistory --jobs\n": "killed",
            "spawn 1 --for 100s --daemon &\nhistory --jobs\nquit\n": "cancelled",
            "pool 2 9 --for 100s --daemon &\nquit\n": "cancelled",
            "name --for 100s &\nkill %1\nwait\nhistory --jobs\n": "killed",
        }
        for script, word in cases.items():
            with self.subTest(script):
                finished = run(script, "-k")
                self.assertRegex(finished.out, rf"(?m)^\[1\] {word}: ", str(finished))
                self.assertNotRegex(finished.out, r"(?m)^\[1\] done|^%1 +done", str(finished))

    def test_an_interrupted_job_is_cancelled(self):
        session = self.session("--json")
        session.type("pool 2 100 --for 100s")
        session.expect(r'.*"event":"forked".*')
        os.kill(session.pid, signal.SIGINT)
        finished = session.ended()
        self.assertEqual(finished.status, 130)
        self.assertRegex(finished.out, '"event":"job_done".*"outcome":"cancelled"')

    def test_json_and_pictures_say_cancelled(self):
        finished = run("pool 2 9 --for 100s &\ncancel\n", "--json")
        self.assertRegex(finished.out, '"event":"job_done".*"outcome":"cancelled"')
        finished = run("spawn 2 --together --for 100s &\ncancel\ntimeline %1\n")
        self.assertRegex(finished.out, "(?m)^.*%1.*cancelled")


if __name__ == "__main__":
    unittest.main(verbosity=2)
