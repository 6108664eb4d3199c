# SPDX-License-Identifier: GPL-3.0-or-later
"""With --json the tables are objects: times in ns, sizes in bytes, and every field of fixed meaning."""

import json
import pathlib
import re
import unittest

import forklab
from forklab import run

DOCUMENTATION = pathlib.Path(__file__).resolve().parents[2] / "src/view/README.md"


def objects(script, *options):
    finished = run(script, "--json", *options)
    return [json.loads(line) for line in finished.lines]


def of(found, kind):
    return [o for o in found if o["type"] == kind]


class Tables(forklab.TestCase):
    def test_jobs(self):
        found = objects("spawn 2 --as crash --which 1\nspawn 1 --for 60s --daemon &\npool 1 0\njobs\n", "-k")
        rows = of(found, "jobs")
        self.assertEqual([(r["job"], r.get("worker"), r.get("target"), r["state"]) for r in rows],
                         [(1, 0, "%1.0", "exited"), (1, 1, "%1.1", "killed"), (2, 0, "%2.0", "running"),
                          (3, None, None, "no_workers")])
        ended, killed, running, _ = rows
        self.assertEqual((ended["exit_code"], killed["exit_code"], killed["signal_name"]), (0, -11, "SIGSEGV"))
        self.assertNotIn("exit_code", running)
        for row in rows[:3]:
            for field in ("cpu_ns", "ready_ns", "elapsed_ns", "pid", "worker"):
                self.assertIsInstance(row[field], int, row)
            self.assertIsInstance(row["daemon"], bool)
        died = [o for o in of(found, "event") if o["event"] == "died" and o["worker"] == 0 and o["job"] == 1]
        self.assertEqual(ended["cpu_ns"], died[0]["cpu_ns"])
        self.assertFalse([o for o in of(found, "output") if "ELAPSED" in o["text"]])

    def test_show(self):
        session = self.session("--json")
        session.type("spawn 1 --for 60s --daemon &", "show %1")
        line = session.expect(r'\{"type":"show".*').group(0)
        row = json.loads(line)
        self.assertEqual((row["job"], row["worker"], row["target"], row["parent_pid"]),
                         (1, 0, "%1.0", session.pid))
        self.assertIn(row["kernel_state"], ("R", "S", "D"))
        for field in ("user_ns", "kernel_ns", "resident_bytes", "private_bytes", "voluntary_switches",
                      "forced_switches", "lived_ns", "ready_ns"):
            self.assertIsInstance(row[field], int, row)
        self.assertGreater(row["resident_bytes"], 4096)
        fd = json.loads(session.expect(r'\{"type":"descriptor".*').group(0))
        self.assertEqual((fd["job"], fd["worker"]), (1, 0))
        self.assertIn("access", fd)
        session.end()

    def test_tree(self):
        found = objects("spawn 2 --together --for 60s --daemon &\ntree --fds\n")
        nodes = of(found, "tree")
        self.assertEqual((nodes[0]["name"], nodes[0]["depth"]), ("forklab", 0))
        session = of(found, "session")[0]["pid"]
        self.assertEqual(nodes[0]["pid"], session)
        self.assertEqual([(n["parent_pid"], n["depth"], n["target"]) for n in nodes[1:]],
                         [(session, 1, "%1.0"), (session, 1, "%1.1")])
        ends = of(found, "pipe_end")
        self.assertTrue(ends)
        self.assertTrue({"pipe", "inode", "pid", "fd", "writes", "what"} <= set(ends[0]), ends[0])

    def test_history(self):
        found = objects("spawn 1\necho a b\nspawn 1 --as crash\nhistory\nhistory --jobs\n", "-k")
        rows = of(found, "history")
        self.assertEqual([(r["number"], r["text"]) for r in rows if "number" in r][:2],
                         [(1, "spawn 1"), (2, "echo a b")])
        jobs = [r for r in rows if "job" in r]
        self.assertEqual([(r["job"], r["state"], r["workers"], r["text"]) for r in jobs],
                         [(1, "done", 1, "spawn 1"), (2, "failed", 1, "spawn 1 --as crash")])
        self.assertIsInstance(jobs[0]["wall_ns"], int)

    def test_timeline(self):
        found = objects("barrier 2 --stagger 20ms\ntimeline\n")
        slices = of(found, "timeline")
        waits = [s for s in slices if s["phase"] == "waiting" and s["object"] == "barrier"]
        self.assertEqual({(s["job"], s["target"]) for s in waits} >= {(1, "%1.1")}, True)
        for piece in slices:
            self.assertLess(piece["begin_ns"], piece["end_ns"])
        forked = next(o for o in of(found, "event") if o["event"] == "forked")
        mine = [s for s in slices if s["worker"] == 0]
        self.assertLess(abs(mine[0]["begin_ns"] - forked["time_ns"]), 5_000_000)
        released = [m for m in of(found, "mark") if m["event"] == "released"]
        self.assertEqual(len(released), 1)

    def test_results(self):
        found = objects("spawn 2\nresults\n")
        rows = [r for r in of(found, "worker") if r["command"] == "results"]
        self.assertEqual([(r["worker"], r["results"]) for r in rows], [(0, 0), (1, 1000)])
        self.assertFalse([o for o in of(found, "output") if "RESULTS" in o["text"]])

    def test_every_field_is_described(self):
        """In the row of its type in the page about JSON."""
        page = DOCUMENTATION.read_text(encoding="utf-8")
        found = objects("spawn 1 --as crash\nspawn 1 --for 60s --daemon &\nbarrier 2\npool 1 0\njobs\n"
                        "show %2\ntree --fds\nhistory\nhistory --jobs\ntimeline %1\ntimeline %3\nresults %2\n",
                        "-k")
        for kind in ("jobs", "show", "descriptor", "tree", "pipe_end", "history", "timeline", "mark"):
            row = re.search(rf"(?m)^\| `{kind}` \|.*$", page)
            self.assertTrue(row, kind)
            for each in of(found, kind):
                for field in set(each) - {"type", "time_ns", "command"}:
                    # A mark has the fields of its event, too.
                    self.assertIn(f"`{field}`", page if kind == "mark" else row.group(0), kind)


if __name__ == "__main__":
    unittest.main()
