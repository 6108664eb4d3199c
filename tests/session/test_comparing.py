# SPDX-License-Identifier: GPL-3.0-or-later
"""Several jobs in one picture, trace or table of events."""

import csv
import io
import json
import os
import re
import tempfile
import unittest

import forklab
from forklab import run


class Several(forklab.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def export(self, script, name):
        self.check_ok(run(script, "-q", cwd=self.folder.name))
        with open(os.path.join(self.folder.name, name), encoding="utf-8") as file:
            return file.read()

    def test_timelines_share_an_axis(self):
        finished = run("spawn 1 --for 20ms\nspawn 2 --for 200ms\ntimeline %1 %2\n", "-q")
        self.check_ok(finished)
        text = finished.out[finished.out.index("%1 spawn 1"):]
        self.assertRegex(text, r"(?m)^%1 spawn 1 --for 20ms  \(1 worker")
        self.assertRegex(text, r"(?m)^%2 spawn 2 --for 200ms  \(2 workers")
        self.assertEqual(len(re.findall(r"(?m)^ *[┬+─-]+$", text)), 1, text)  # one ruler
        bars = {row.split()[0]: row for row in text.splitlines() if row.startswith("Process-")}
        self.assertEqual(sorted(bars), ["Process-1", "Process-2", "Process-3"])
        # A tenth as long takes about a tenth of the width.
        length = {name: len(re.findall("[█#]", bar)) for name, bar in bars.items()}
        self.assertLess(length["Process-1"] * 3, length["Process-3"])
        self.assertEqual(text.count("█ working"), 1)  # one legend

    def test_a_trace_gives_each_job_a_pid_of_its_own(self):
        trace = json.loads(self.export("spawn 1\nbarrier 2 --stagger 0\nexport t.json %1 %2\n", "t.json"))
        names = {e["pid"]: e["args"]["name"] for e in trace["traceEvents"] if e["name"] == "process_name"}
        self.assertEqual(names, {1: "%1 spawn 1", 2: "%2 barrier 2 --stagger 0"})
        # The second began after the first, and so it stands in the trace.
        spans = [e for e in trace["traceEvents"] if e["ph"] == "X"]
        first = {pid: min(e["ts"] for e in spans if e["pid"] == pid) for pid in names}
        self.assertLess(first[1], first[2])

    def test_all_of_them(self):
        trace = json.loads(self.export("spawn 1\nspawn 1\nspawn 1\nexport t.json --all\n", "t.json"))
        self.assertEqual({e["pid"] for e in trace["traceEvents"] if "pid" in e}, {1, 2, 3})
        both = run("spawn 1\nexport x.json %1 --all\n", "-k", cwd=self.folder.name)
        self.assertEqual(both.status, 2)
        self.assertIn("--all means every job; leave %J out", both.err)

    def test_a_picture_of_two(self):
        svg = self.export("spawn 1\npool 2 4\nexport p.svg %1 %2\n", "p.svg")
        self.assertIn("%1 spawn 1", svg)
        self.assertIn("%2 pool 2 4", svg)
        self.assertEqual(svg.count("<svg"), 1)
        for name in ("Process-1", "Process-2", "Process-3"):
            self.assertIn(name, svg)

    def test_events_of_two(self):
        table = self.export("spawn 1\nspawn 1\nspawn 1\nexport e.csv %1 %3\n", "e.csv")
        self.assertEqual({row["job"] for row in csv.DictReader(io.StringIO(table))}, {"1", "3"})
        lines = self.export("spawn 1\nspawn 1\nspawn 1\nexport e.ndjson %- 1\n", "e.ndjson")
        self.assertEqual({json.loads(line)["job"] for line in lines.splitlines()}, {1, 2})

    def test_short_phases_stay_visible(self):
        text = run("barrier 2 --for 1ms --stagger 300ms\ntimeline\n", "-q").out
        lanes = {row.split()[0]: row for row in text.splitlines() if re.match(r"p[1-4] .*exited", row)}
        for name in ("p1", "p2", "p3", "p4"):
            self.assertRegex(lanes[name], "█", text)  # of the 1 ms that it worked in 0.9 s
        self.assertRegex(lanes["p1"], "▒")


if __name__ == "__main__":
    unittest.main()
