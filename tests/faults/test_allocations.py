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
import inject

STRIDE = int(os.environ.get("STRIDE", "13"))
SHARD, SHARDS = map(int, os.environ.get("SHARD", "0/1").split("/"))
# Whether a signal comes before a stubborn worker ignores it is a matter of luck.
SCRIPTS = [script.replace(" --as stubborn", "") for script in inject.SCRIPTS.values()][SHARD::SHARDS]
PROGRAM = open(harness.FORKLAB, "rb").read()
SANITIZED = b"__asan_init" in PROGRAM


def run(script, **environment):
    words = {name: str(value) for name, value in environment.items()}
    # Who is out of memory kills what a worker left behind, and can't wait for it.
    return harness.run("-c", script, patience=harness.ORPHAN_LIMIT, env={**os.environ, "LD_PRELOAD": os.environ["PRELOAD"], **words})


class Watched(harness.Case):
    def compare(self, session, good):
        """Like the good run, or failed with a reason."""
        self.assert_held(session)
        if session.status == 0:
            self.assertEqual(good.status, 0, "the status is 0, unlike the good run's")
            self.assertEqual(harness.steady(session.out), harness.steady(good.out))


@unittest.skipIf(SANITIZED, "a sanitizer has its own allocator")
@unittest.skipIf(b"__gcov_dump" in PROGRAM, "what counts coverage can't do without memory")
class Allocations(Watched):
    def test_every_one(self):
        tried = 0
        for script in SCRIPTS:
            with tempfile.NamedTemporaryFile("r", encoding="ascii") as tally:
                good = run(script, FAIL_TALLY=tally.name)
                count = int(tally.read())
            for number in range(1, count + 1, STRIDE):
                for how in ("FAIL_AT", "FAIL_FROM"):
                    tried += 1
                    with self.subTest(script=script, how=how, number=number):
                        self.compare(run(script, **{how: number}), good)
        print(f"allocations: {tried} tried")
        self.assertGreater(tried, 0)


@unittest.skipIf(SANITIZED, "a sanitizer wants to be loaded first")
class Transfers(Watched):
    """A short or interrupted call is invisible: the run is as good as without."""

    def try_all(self, **environment):
        for script in SCRIPTS:
            good = run(script)
            for every in (1, 2, 3, 7):
                if "EINTR_EVERY" in environment and every == 1:
                    continue  # nothing would ever be done
                words = {name: every for name in environment}
                with self.subTest(script=script, **words):
                    session = run(script, SHORT_CHILDREN=1, **words)
                    self.compare(session, good)
                    self.assertEqual(harness.steady(session.out), harness.steady(good.out))
                    self.assertEqual(session.status, good.status, session.err)

    def test_short(self):
        self.try_all(SHORT_EVERY=1)

    def test_interrupted(self):
        self.try_all(EINTR_EVERY=1)

    def test_both(self):
        self.try_all(EINTR_EVERY=1, SHORT_EVERY=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
