#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call that fails where it matters what is said of it, and what is done then."""
import json
import os
import tempfile
import unittest

import harness

TEMPORARILY = "Resource temporarily unavailable"


def run(call, error, nth, *arguments, **options):
    """Runs forklab with its nth `call` failing; its workers are not traced."""
    strace = ["-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={nth}"]
    return harness.run(*strace, os.path.abspath(harness.FORKLAB), *arguments, executable="strace", **options)


def fail_fork(nth, *arguments):
    return run("clone,clone3,fork,vfork", "EAGAIN", nth, *arguments)


def events(session, name):
    said = (json.loads(line) for line in session.out.splitlines())
    return [item for item in said if item.get("event") == name]


class FailedCalls(harness.Case):
    def test_a_party_that_can_not_be_started_breaks_the_barrier_in_the_log_too(self):
        session = fail_fork(3, "--json", "-c", "barrier 3 --without 0")
        self.assert_held(session, 1)
        self.assertIn(f"barrier: fork: {TEMPORARILY}; 2 of 3 workers were started", session.err)
        self.assertEqual([item["culprit"] for item in events(session, "broken")], [2])
        self.assertEqual(sum("the barrier is broken: p3 could not be started" in item["text"]
                             for item in events(session, "output")), 2)

    def test_those_who_meet_do_so_when_another_can_not_be_started(self):
        session = fail_fork(3, "--json", "-c", "barrier 2")
        self.assert_held(session, 1)
        self.assertIn("2 of 4 workers were started", session.err)
        self.assertEqual(events(session, "broken"), [])
        self.assertEqual(len(events(session, "released")), 1)

    def test_a_pool_goes_on_without_a_worker_that_can_not_be_replaced(self):
        session = fail_fork(7, "-c", "pool 2 20 --max-tasks 2")
        self.assert_held(session, 0)
        self.assertEqual(session.err,
                         f"-c:1: warning: pool: fork: {TEMPORARILY}; it goes on with 1 of 2 workers\n")
        self.assertIn(f"Pool: {[i * i for i in range(20)]}\n", session.out)

    def test_a_pool_without_a_worker_tries_again_before_it_gives_up(self):
        for nth, done in (("1..3", True), ("1+", False)):
            with self.subTest(nth=nth):
                session = fail_fork(nth, "-c", "pool 1 3")
                self.assert_held(session, 0 if done else 1)
                said = f"-c:1: {'warning' if done else 'error'}: pool: fork: {TEMPORARILY}; "
                said += "tried again, it goes on with all its workers\n" if done else "0 of 1 worker was started\n"
                self.assertEqual(session.err, said)
                self.assertEqual("Pool: [0, 1, 4]" in session.out, done)

    def test_no_worker_waits_for_one_that_was_not_started(self):
        for command, nths in (("queue 1 1 --items 9", (2,)), ("queue 2 1 --items 9", (2, 3)), ("queue --undrained", (2,)),
                              ("condition 2", (2, 3)), ("event 2", (2, 3)), ("pipe", (2,)), ("race 3 1k", (2, 3))):
            for nth in nths:
                with self.subTest(command=command, nth=nth):
                    session = fail_fork(nth, "-c", command)
                    self.assert_held(session, 1)
                    self.assertRegex(session.err, rf"fork: {TEMPORARILY}; {nth - 1} of \d workers were started")

    def test_only_the_workers_of_a_run_are_counted(self):
        session = fail_fork(3, "-c", "scale pool 2 100")
        self.assert_held(session, 1)
        self.assertIn(f"scale: fork: {TEMPORARILY}; 1 of 2 workers were started", session.err)

    def test_the_call_that_failed_is_named(self):
        session = run("madvise", "EINVAL", 1, "-c", "pool 2 10 --results pipe")
        self.assert_held(session, 1)
        self.assertEqual(session.err, "-c:1: error: pool: madvise: Invalid argument; the results of 10 tasks "
                                      "would have no place\n")

    def test_a_recording_that_can_not_begin(self):
        with tempfile.TemporaryDirectory() as folder:
            session = run("ftruncate", "EIO", 1, "-c", "record r.fl", cwd=folder)
            self.assert_held(session, 1)
            self.assertEqual(session.err, "-c:1: error: record: ftruncate(r.fl): Input/output error\n")
            self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
