# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a worker's time went: computing, ready without a core, sleeping, waiting; and what scale makes of it."""

import json
import os
import re
import subprocess
import unittest

import forklab
from forklab import run


def objects(script, *options):
    return [json.loads(line) for line in run(script, "--json", *options).lines]


class Shares(forklab.TestCase):
    def test_summaries_say_how_many_cores_were_kept_busy(self):
        for command in ("spawn 2", "spawn 2 --together", "name", "pool 2 4"):
            finished = run(command + "\n")
            self.assertRegex(finished.lines[-1] if command != "x" else "", r"; \d+\.\d of \d+ cores? kept busy$")
            self.assertNotIn("speed-up", finished.out)
        help_text = "".join(run(f"help {c}\n").out for c in ("spawn", "name", "pool", "barrier"))
        self.assertNotRegex(help_text, "speed-up")

    def test_the_figure_is_named_after_what_it_is(self):
        figures = [o for o in objects("pool 1 2 --for 50ms\n") if o["type"] == "figures"][0]
        self.assertNotIn("speed_up", figures)
        self.assertAlmostEqual(figures["cores_busy"], figures["cpu_ns"] / figures["wall_ns"], delta=0.01)

    def test_a_sleeper_sleeps_and_a_computer_computes(self):
        rows = [o for o in objects("pool 1 3 --map sleep\nspawn 1 --for 200ms\njobs\n") if o["type"] == "jobs"]
        sleeper, computer = rows
        self.assertGreater(sleeper["sleeping_ns"], 200_000_000)
        self.assertLess(sleeper["cpu_ns"], 100_000_000)
        self.assertGreater(computer["cpu_ns"] + computer["ready_ns"], 100_000_000)
        self.assertLess(computer["sleeping_ns"], sleeper["sleeping_ns"])

    def test_a_party_waits(self):
        rows = [o for o in objects("barrier 2 --stagger 200ms --without 0\njobs\n") if o["type"] == "jobs"]
        self.assertGreater(rows[0]["waiting_ns"], 100_000_000)
        self.assertLess(rows[1]["waiting_ns"], 100_000_000)

    def test_those_who_share_a_core_are_ready_without_one(self):
        core = min(os.sched_getaffinity(0))
        script = "spawn 4 --together --for 300ms\njobs\n"
        done = subprocess.run(["taskset", "-c", str(core), forklab.FORKLAB, "--json"], input=script, text=True,
                              capture_output=True, timeout=60)
        rows = [o for o in map(json.loads, done.stdout.splitlines()) if o["type"] == "jobs"]
        self.assertGreater(sum(r["ready_ns"] for r in rows), 300_000_000)

    def test_the_split_stands_in_jobs_show_and_explain(self):
        finished = run("spawn 1 --for 100ms\njobs --wide\nshow %1\n", "-q")
        self.assertRegex(finished.out, r"(?m)^JOB .*EXIT +READY +SLEEPING +WAITING")
        self.assertRegex(finished.out, r"(?m)^time went.*computing")


if __name__ == "__main__":
    unittest.main()
