# SPDX-License-Identifier: GPL-3.0-or-later
"""rewind: views of an earlier moment, compared with the events that led up to it."""

import json
import unittest

import forklab


class Rewind(forklab.TestCase):
    def begin(self, *lines):
        """A session with a job that has ended; its events, by name and worker, and when it began."""
        self.talk = self.session("--json", "-k")
        found = self.ask(*lines)
        events = [item for item in found if item["type"] == "event" and item["job"] == 1]
        self.began = events[0]["time_ns"]
        self.events = {(item["event"], item.get("worker")): item["time_ns"] for item in events}

    def ask(self, *lines):
        """Types lines; returns all objects until the last is done."""
        found = []
        self.talk.type(*lines)
        for line in lines:
            while not found or found[-1]["type"] != "done" or found[-1]["text"] != line:
                found.append(json.loads(self.talk.expect(r"\{.*\}").group(0)))
        return found

    def rewind(self, event, worker):
        """To the microsecond of an event."""
        offset = self.events[event, worker] - self.began
        found = self.ask(f"rewind %1 {(offset + 999) // 1000}us")
        self.assertEqual(found[-1]["status"], 0, found)

    def rows(self, line, kind):
        return [item for item in self.ask(line) if item["type"] == kind]

    def states(self):
        return {row["name"]: row["state"] for row in self.rows("jobs", "jobs")}

    def test_each_view_answers_as_of_then(self):
        self.begin("barrier 2 --without 0 --stagger 100ms")
        self.rewind("arrived", 0)
        self.assertEqual(self.states(), {"p1": "waiting"})
        row, = self.rows("show %1", "show")
        self.assertEqual((row["name"], row["results"]), ("p1", -1))
        self.assertEqual([node["name"] for node in self.rows("tree", "tree")], ["forklab", "p1"])
        pieces = self.rows("timeline", "timeline")
        self.assertEqual({piece["name"] for piece in pieces}, {"p1"})
        self.assertNotIn("zombie", [piece["phase"] for piece in pieces])
        text = "\n".join(row["text"] for row in self.rows("watch", "output"))
        self.assertIn("1 of 2 are there", text)
        for row in self.rows("jobs", "jobs") + pieces:
            offset = self.events["arrived", 0] - self.began
            self.assertAlmostEqual(row["moment_ns"], offset, delta=1000)
        self.rewind("died", 0)
        self.assertEqual(self.states()["p1"], "zombie")
        self.rewind("job_done", None)
        self.assertEqual(self.states(), {"p1": "exited", "p2": "exited"})
        self.assertEqual(len(self.rows("tree", "tree")), 1)
        self.ask("rewind off")
        row = self.rows("jobs", "jobs")[0]
        self.assertNotIn("moment_ns", row)
        self.assertIn("ready_ns", row)

    def test_what_acts_returns_to_now_first(self):
        self.begin("spawn 1")
        for line in ("spawn 1 0", "kill Process-1", "reap now", "cancel", "cont Process-1"):
            self.rewind("forked", 0)
            notices = self.rows(line, "notice")
            self.assertIn("back from the past", notices[0]["text"])
            self.assertEqual(self.rows("rewind", "output")[0]["text"], "the view is of now")

    def test_what_is_refused_moves_nothing(self):
        script = ("spawn 1\nspawn 1 --for 60s --daemon &\nrewind %1 0s\nrewind %1 10s\nrewind %2\n"
                  "rewind %1 -1\nrewind off 1s\nrewind %9\njobs %2\njobs --wide\ntree --fds\n"
                  "show Process-1\nrewind\n")
        finished = forklab.run(script, "-k", "-q")
        for wanted in (r":4: error: rewind: T must be from 0s to [0-9.]+[mu]?s, where %1 ends, not 10s",
                       ":5: error: rewind: %2 has not ended", ":6: error: rewind: .*'-1'",
                       ":7: error: rewind: 'off' takes no T", ":8: error: rewind: there is no job %9",
                       ":9: error: jobs: the view is of %1 at 0.000000 s, and %2 is not of that job",
                       ":10: error: jobs: .*of now", ":11: error: tree: --fds is of now",
                       ":12: error: show: Process-1 had not been started then"):
            self.assertRegex(finished.err, wanted)
        self.assertIn("the view is of %1 at 0.000000 s", finished.lines)

    def test_the_end_that_is_told_can_be_gone_to(self):
        self.talk = self.session("-k")
        self.talk.type("spawn 1", "rewind %1 1h")
        told = self.talk.expect_error(r".* from 0s to ([0-9.]+[mu]?s),.*").group(1)
        line = self.talk.ask(f"rewind %1 {told}")[-1]
        self.assertRegex(line, r"event (\d+) of \1: ")


if __name__ == "__main__":
    unittest.main()
