#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails every allocation of forklab in turn, alone and together with all that follow; and makes reads and
writes short or interrupted, which must change nothing.

PRELOAD is the library of failing_malloc.c. Of the allocations of each script every STRIDE-th is tried (13 if
left out), and SHARD=I/N takes a share of the scripts."""
import os
import tempfile
import unittest

import harness
import scripts

STRIDE = int(os.environ.get("STRIDE", "13"))
SHARD, SHARDS = map(int, os.environ.get("SHARD", "0/1").split("/"))
NAMES = list(scripts.SCRIPTS)[SHARD::SHARDS]
PROGRAM = open(harness.FORKLAB, "rb").read()
SANITIZED = b"__asan_init" in PROGRAM


def run(name, **environment):
    """Runs a script in a folder of its own; torn_files tells what is wrong with what it wrote there."""
    words = {key: str(value) for key, value in environment.items()}
    # Whether a signal comes before a stubborn worker ignores it is a matter of luck.
    arguments = [word.replace(" --as stubborn", "") for word in scripts.words_of(name)]
    with tempfile.TemporaryDirectory() as folder:
        scripts.fill(folder)
        # Who is out of memory kills what a worker left behind, and can't wait for it.
        session = harness.run(*arguments, patience=harness.ORPHAN_LIMIT, cwd=folder,
                              env={**scripts.ENVIRONMENT, "LD_PRELOAD": os.environ["PRELOAD"], **words})
        session.torn_files = scripts.torn_files(folder, session.status == 0)
    return session


class Watched(harness.Case):
    def compare(self, session, good):
        """Like good runs, or failed with a reason."""
        self.assert_held(session)
        self.assertEqual(session.torn_files, [])
        if session.status == 0:
            self.assertEqual(good.status, 0, "the status is 0, unlike the good run's")
            self.assert_like(session, good)


@unittest.skipIf(SANITIZED, "a sanitizer has its own allocator")
class Allocations(Watched):
    def test_every_one(self):
        tried = 0
        for name in NAMES:
            good = harness.Usual(lambda: run(name))
            with tempfile.NamedTemporaryFile("r", encoding="ascii") as tally:
                run(name, FAIL_TALLY=tally.name)
                count = int(tally.read())
            for number in range(1, count + 1, STRIDE):
                for how in ("FAIL_AT", "FAIL_FROM"):
                    tried += 1
                    with self.subTest(script=name, how=how, number=number):
                        self.compare(run(name, **{how: number}), good)
        print(f"allocations: {tried} tried")
        self.assertGreater(tried, 0)


@unittest.skipIf(SANITIZED, "a sanitizer wants to be loaded first")
class Transfers(Watched):
    """A short or interrupted call is invisible: the run is as good as without."""

    def try_all(self, **environment):
        for name in NAMES:
            good = harness.Usual(lambda: run(name))
            for every in (1, 2, 3, 7):
                if "EINTR_EVERY" in environment and every == 1:
                    continue  # nothing would ever be done
                words = {key: every for key in environment}
                with self.subTest(script=name, **words):
                    session = run(name, SHORT_CHILDREN=1, **words)
                    self.compare(session, good)
                    self.assert_like(session, good)
                    self.assertEqual(session.status, good.status, session.err)

    def test_short(self):
        self.try_all(SHORT_EVERY=1)

    def test_interrupted(self):
        self.try_all(EINTR_EVERY=1)

    def test_both(self):
        self.try_all(EINTR_EVERY=1, SHORT_EVERY=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
