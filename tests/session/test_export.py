#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `export` and `timeline` promise: files that other programs understand, from the log alone."""
import collections
import csv
import io
import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

FORKLAB = os.environ.get("FORKLAB", "forklab")
TIMEOUT = 60
SVG = "{http://www.w3.org/2000/svg}"


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def run_forklab(self, *commands, locale="C.UTF-8", options=(), **more):
        arguments = [FORKLAB, "-q", *options]
        for command in commands:
            arguments += ["-c", command]
        return subprocess.run(arguments, cwd=self.folder, capture_output=True, timeout=TIMEOUT,
                              env=dict(os.environ, LC_ALL=locale), **more)

    def export(self, name, *commands, **more):
        done = self.run_forklab(*commands, "export " + name, options=["-k"], **more)
        self.assertNotIn(b"export:", done.stderr)
        return self.read(name.split()[0])

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


def key(event):
    return event["cat"], event["id"]


class Trace(InFolder):
    """Checks a trace by the rules of the Trace Event Format and of its two viewers' importers."""

    def check(self, *commands, name="x.json"):
        content = self.export(name, *commands)
        self.assertTrue(content.startswith(b'{"displayTimeUnit":'))
        trace = json.loads(content)
        self.assertIn(trace["displayTimeUnit"], ("ms", "ns"))
        self.events = trace["traceEvents"]
        for event in self.events:
            self.assertIn(event["ph"], "MXbesfiC")
            self.assertIsInstance(event["pid"], int)
            self.assertIsInstance(event["tid"], int)
            self.assertTrue(event["name"])
            self.assertGreaterEqual(event["ts"], 0)
        self.check_order()
        self.check_slices()
        self.check_spans()
        self.check_flows()
        self.check_names()

    def of(self, phase):
        return [event for event in self.events if event["ph"] == phase]

    def check_order(self):
        times = [event["ts"] for event in self.events if event["ph"] != "M"]
        self.assertEqual(times, sorted(times))
        phases = [event["ph"] == "M" for event in self.events]
        self.assertEqual(phases, sorted(phases, reverse=True))

    def check_slices(self):
        end_of = collections.defaultdict(int)
        for event in self.of("X"):
            self.assertGreater(event["dur"], 0)
            self.assertGreaterEqual(event["ts"], end_of[event["pid"], event["tid"]], event)
            end_of[event["pid"], event["tid"]] = event["ts"] + event["dur"]

    def check_spans(self):
        opened = {}
        for event in self.events:
            if event["ph"] == "b":
                self.assertNotIn(key(event), opened)
                opened[key(event)] = event
            elif event["ph"] == "e":
                begin = opened.pop(key(event))
                self.assertEqual(begin["name"], event["name"])
        self.assertEqual(opened, {})

    def check_flows(self):
        opened = {}
        for event in self.events:
            if event["ph"] == "s":
                self.assertNotIn(key(event), opened)
                opened[key(event)] = event
                self.slice_around(event)
            elif event["ph"] == "f":
                begin = opened.pop(key(event))
                self.assertEqual(begin["name"], event["name"])
                self.assertEqual(event["bp"], "e")
                self.slice_around(event)
        self.assertEqual(opened, {})

    def slice_around(self, event):
        around = [x for x in self.of("X") if (x["pid"], x["tid"]) == (event["pid"], event["tid"])
                  and x["ts"] < event["ts"] < x["ts"] + x["dur"]]
        self.assertEqual(len(around), 1, event)
        return around[0]

    def check_names(self):
        names, order = ({(e["pid"], e["tid"]): e["args"][what]
                         for e in self.of("M") if e["name"] == "thread_" + what}
                        for what in ("name", "sort_index"))
        tracks = {(event["pid"], event["tid"]) for event in self.events}
        self.assertEqual(set(names), tracks)
        self.assertEqual(set(order), tracks)
        self.names = [names[tid] for tid in sorted(names, key=lambda tid: order[tid])]

    def test_barrier(self):
        self.check("barrier 3 --without 1 --rounds 2 --for 5ms --stagger 1ms")
        self.assertEqual([name.split()[0] for name in self.names],
                         ["forklab", "p1", "p2", "p3", "p4"])
        self.assertEqual(len(self.of("b")), 2)
        self.assertEqual(sum(e["name"] == "released" for e in self.of("f")), 6)

    def test_pool(self):
        self.check("pool 3 40 --for 1ms --chunk 2")
        tasks = [task for e in self.of("X") if e["cat"] == "chunk"
                 for task in range(e["args"]["first"], e["args"]["first"] + e["args"]["count"])]
        self.assertEqual(len(tasks), len(set(tasks)))
        self.assertLessEqual(set(tasks), set(range(40)))
        # Chunks that came back together, with nothing read between, have no length and no bar.
        self.assertTrue(tasks)

    def test_signal(self):
        self.check("kill")
        self.assertEqual([e["name"] for e in self.of("f")], ["signalled"])

    def test_crash(self):
        self.check("pool 2 20 --for 1ms --as crash --which 0")
        self.assertTrue(any("SIGSEGV" in e["name"] for e in self.of("i")))

    def test_broken_barrier(self):
        self.check("barrier 3 --as crash --which 2 --stagger 1ms")
        self.assertTrue(any("barrier broke" in e["name"] for e in self.of("X")))

    def test_stopped_and_killed(self):
        self.check("spawn 2 --together --for 60s &", "stop %1", "kill -9 %1", "wait")

    def test_each_job_is_a_process(self):
        self.check("barrier 2 --rounds 2 --for 1ms", "kill", "pool 2 8 --for 1ms", name="x.json %3 %1")
        self.assertEqual({event["pid"] for event in self.events}, {1, 3})
        names = {e["pid"]: e["args"]["name"] for e in self.of("M") if e["name"] == "process_name"}
        self.assertIn("barrier", names[1])
        self.assertIn("pool", names[3])
        self.check("spawn 1 1", "spawn 1 2", name="y.json --all")
        begins = {e["pid"]: e["ts"] for e in reversed(self.of("X")) if e["tid"] == 2}
        self.assertLess(begins[1], begins[2])

    def test_a_running_job(self):
        self.check("spawn 2 --together --for 60s --daemon &")


class Svg(InFolder):
    def check(self, *commands, name="x.svg"):
        root = ElementTree.fromstring(self.export(name, *commands))
        self.assertEqual(root.tag, SVG + "svg")
        for element in root.iter():
            self.assertNotIn(element.tag, (SVG + "script", SVG + "image", SVG + "foreignObject"))
            for name, value in element.attrib.items():
                self.assertFalse(name.startswith("on") or name.endswith("href"), name)
                self.assertNotIn("url(", value)
        style = "".join(element.text for element in root.iter(SVG + "style"))
        self.assertIn("prefers-color-scheme", style)
        self.assertNotIn("@import", style)
        self.assertNotIn("url(", style)
        return ["".join(element.itertext()) for element in root.iter(SVG + "text")]

    def test_shows_names_and_ends(self):
        words = self.check("barrier 3 --rounds 2 --without 1 --for 300ms")
        for word in ("p1", "p4", "exited 0", "rounds", "1", "2", "working",
                     "waiting at barrier"):
            self.assertIn(word, words)

    def test_escapes_names(self):
        words = self.check("name '<b>&\"x' --for 1ms")
        self.assertIn("<b>&\"x", words)

    def test_several_jobs(self):
        words = self.check("barrier 2 --for 1ms", "kill", "pool 2 8", name="x.svg %1 %3")
        for word in ("%1 barrier 2 --for 1ms", "%3 pool 2 8", "p1", "Process-6"):
            self.assertIn(word, words)
        self.assertNotIn("%2 kill", words)

    def test_many_workers(self):
        words = self.check("spawn 100 --together")
        self.assertIn("Process-100", words)

    @unittest.skipUnless(shutil.which("rsvg-convert"), "rsvg-convert is not installed")
    def test_renders(self):
        self.check("pool 2 20 --for 2ms")
        done = subprocess.run(["rsvg-convert", self.path("x.svg")], capture_output=True,
                              timeout=TIMEOUT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(b"\x89PNG"))
        self.assertGreater(len(done.stdout), 5000)


class Log(InFolder):
    SCRIPT = ("name 'a,\"b' --for 1ms", "barrier 2 --stagger 1ms", "kill", "pool 2 6")

    def test_csv_and_ndjson_tell_the_same(self):
        self.run_forklab(*self.SCRIPT, "export x.csv", "export x.ndjson")
        text = self.read("x.csv").decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        lines = [json.loads(line) for line in self.read("x.ndjson").splitlines()]
        self.assertEqual(len(rows), len(lines))
        self.assertEqual({row["job"] for row in rows}, {"1", "2", "3", "4"})
        for row, line in zip(rows, lines):
            self.assertEqual(float(row["time"]), line["time"])
            self.assertEqual(row["event"], line["event"])
            self.assertEqual(row["name"], line.get("name", ""))
            self.assertEqual(row["pid"], str(line.get("pid", "")))
            self.assertEqual(row["worker"], str(line.get("worker", "")))
            self.assertEqual(row["text"], line.get("text", ""))
            for part in ("call", "times", "errno", "signal_name", "cpu_ns", "wall_s", "wall_ns",
                         "object"):
                self.assertEqual(row[part], str(line.get(part, "")))
            words = [line[part] for part in ("claim", "outcome", "why", "answer") if part in line]
            self.assertEqual(row["word"], "".join(words))
            values = {row["a_name"]: row["a"], row["b_name"]: row["b"]}
            values.pop("", None)
            for name, value in values.items():
                self.assertEqual(value, str(line[name]))
        self.assertIn('a,"b', {row["name"] for row in rows})

    def test_times_count_from_the_first_event(self):
        self.run_forklab(*self.SCRIPT, "export x.ndjson")
        times = [json.loads(line)["time"] for line in self.read("x.ndjson").splitlines()]
        self.assertEqual(times[0], 0)
        self.assertEqual(times, sorted(times))

    def test_one_job(self):
        self.run_forklab(*self.SCRIPT, "export x.ndjson %2")
        lines = [json.loads(line) for line in self.read("x.ndjson").splitlines()]
        self.assertEqual({line["job"] for line in lines}, {2})
        self.assertEqual({line["name"] for line in lines if "name" in line},
                         {"p1", "p2", "p3", "p4"})

    def test_some_jobs_and_all(self):
        self.run_forklab(*self.SCRIPT, "export x.ndjson %4 %2 %4", "export x.csv 2 4", "export y.csv --all")
        lines = [json.loads(line) for line in self.read("x.ndjson").splitlines()]
        self.assertEqual({line["job"] for line in lines}, {2, 4})
        for name, jobs in (("x.csv", {"2", "4"}), ("y.csv", {"1", "2", "3", "4"})):
            rows = csv.DictReader(io.StringIO(self.read(name).decode(), newline=""), strict=True)
            self.assertEqual({row["job"] for row in rows}, jobs)

    def test_a_life(self):
        self.run_forklab("spawn 1 --exit 7", "export x.ndjson", options=["-k"])
        lines = [json.loads(line) for line in self.read("x.ndjson").splitlines()]
        kinds = [line["event"] for line in lines]
        for kind in ("job_started", "forked", "hello", "work_done", "died", "reaped", "job_done"):
            self.assertEqual(kinds.count(kind), 1, kind)
        died = lines[kinds.index("died")]
        self.assertEqual(died["exit_code"], 7)
        self.assertNotIn("signal", died)
        self.assertGreater(died["cpu_ns"], 0)

    def test_events_are_those_of_json(self):
        done = self.run_forklab("kill", "pool 2 6", "export x.ndjson", options=["--json"])
        told = [json.loads(line) for line in done.stdout.splitlines()]
        told = [event for event in told if event["type"] == "event"]
        kept = [json.loads(line) for line in self.read("x.ndjson").splitlines()]
        # Of the worker that a call is about to make, the log does not know the name yet.
        others = ("type", "time", "time_ns", "name", "pid")
        for event, line in zip(told, kept, strict=True):
            self.assertEqual({name: value for name, value in event.items() if name not in others},
                             {name: value for name, value in line.items() if name not in others})
        died = next(line for line in kept if line["event"] == "died")
        self.assertEqual((died["exit_code"], died["signal_name"]), (-15, "SIGTERM"))

    def test_csv_of_a_death(self):
        self.run_forklab("kill", "export x.csv")
        rows = list(csv.DictReader(io.StringIO(self.read("x.csv").decode(), newline=""), strict=True))
        died = next(row for row in rows if row["event"] == "died")
        self.assertEqual((died["a_name"], died["a"], died["b_name"], died["b"]),
                         ("exit_code", "-15", "signal", "15"))
        self.assertEqual(died["signal_name"], "SIGTERM")
        self.assertGreater(int(died["cpu_ns"]), 0)
        answers = [(row["word"], row["signal_name"]) for row in rows if row["call"] == "waitid"]
        self.assertEqual(answers, [("killed", "SIGTERM")])

    EVERYTHING = ("name 'a,\"b' --for 1ms", "barrier 2 --rounds 2 --stagger 1ms", "kill",
                  "pool 2 6 --fail 1", "pool 2 6 --poison 3", "lock 2", "queue 1 1 --items 3",
                  "philosophers 3 --ordered --for 20ms", "spawn 2 --together --for 60s &",
                  "stop %%", "cont %%", "kill -9 %%", "wait")
    NUMBERS = ("time", "job", "worker", "pid", "times", "errno", "a", "b", "cpu_ns", "wall_s",
               "wall_ns", "object")
    WORDS = ("name", "event", "call", "a_name", "b_name", "word", "signal_name", "text")

    def test_a_column_is_numbers_or_text_and_not_by_turns(self):
        self.run_forklab(*self.EVERYTHING, "export x.csv", options=["-k"])
        reader = csv.DictReader(io.StringIO(self.read("x.csv").decode(), newline=""), strict=True)
        rows = list(reader)
        self.assertEqual(sorted(reader.fieldnames), sorted(self.NUMBERS + self.WORDS))
        for name in self.NUMBERS + self.WORDS:
            cells = {row[name] for row in rows} - {""}
            self.assertTrue(cells, name)
            numbers = {cell for cell in cells if re.fullmatch(r"-?\d+(\.\d+)?", cell)}
            self.assertEqual(numbers, cells if name in self.NUMBERS else set(), name)

    def test_no_number_is_too_long_for_a_double(self):
        done = self.run_forklab(*self.EVERYTHING, "export x.ndjson", options=["-k", "--json"])
        texts = done.stdout.decode().splitlines() + self.read("x.ndjson").decode().splitlines()
        for text in texts:
            self.assertEqual(json.loads(text), json.loads(text, parse_int=float), text)
        passed = [json.loads(text) for text in texts if '"event":"passed"' in text]
        self.assertTrue(passed)
        for event in passed:
            self.assertLess(abs(event["wall_s"] + event["wall_ns"] / 1e9 - time.time()), 3600)

    def test_only_parties_pass_the_barrier(self):
        self.run_forklab("barrier 3 --without 2", "export x.csv")
        rows = list(csv.DictReader(io.StringIO(self.read("x.csv").decode(), newline="")))
        for event, names in (("arrived", "p1 p2 p3"), ("passed", "p1 p2 p3"), ("skipped", "p4 p5")):
            self.assertEqual(sorted(row["name"] for row in rows if row["event"] == event),
                             names.split())

    def test_says_what_the_log_dropped(self):
        self.run_forklab("pool 1 70000 --chunk 1", "timeline", "export x.csv", "export x.ndjson",
                         "export x.svg", "export x.json")
        first = json.loads(self.read("x.ndjson").splitlines()[0])
        self.assertEqual(first["event"], "dropped")
        self.assertGreater(first["count"], 0)
        self.assertIn(b",dropped,,,,count,", self.read("x.csv").splitlines()[1])
        self.assertRegex(self.read("x.svg"), rb"the first [\d.]+ m?s of this job are missing")
        trace = json.loads(self.read("x.json"))
        self.assertEqual(trace["otherData"]["dropped_events"], first["count"])


class Files(InFolder):
    ENDINGS = ("x.svg", "x.json", "x.csv", "x.ndjson")

    def test_the_same_log_gives_the_same_file(self):
        self.run_forklab("pool 2 10 --for 1ms",
                         *("export %s %%1; export again-%s %%1" % (name, name)
                           for name in self.ENDINGS))
        for name in self.ENDINGS:
            self.assertEqual(self.read(name), self.read("again-" + name))
            self.assertGreater(len(self.read(name)), 100)

    def test_an_unknown_ending_is_refused(self):
        for name in ("x.txt", "x", ".svg", "xsvg"):
            done = self.run_forklab("spawn 1", "export " + name)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b".svg, .html, .json, .csv or .ndjson", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_without_a_job_there_is_nothing_to_export(self):
        for name in self.ENDINGS:
            done = self.run_forklab("export " + name)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"there has been no job yet", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_job_that_never_was(self):
        done = self.run_forklab("spawn 1", "export x.svg %9")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"there is no job %9", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_full_disk_leaves_the_old_file(self):
        with open(self.path("x.csv"), "w") as file:
            file.write("old")

        def fill_disk():
            resource.setrlimit(resource.RLIMIT_FSIZE, (512, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

        done = self.run_forklab("spawn 3", "export x.csv --overwrite", preexec_fn=fill_disk)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"write: File too large", done.stderr)
        self.assertEqual(self.read("x.csv"), b"old")
        self.assertEqual(os.listdir(self.folder), ["x.csv"])

    def test_what_is_there_is_replaced_where_asked_for_alone(self):
        for name in self.ENDINGS + ("x.html",):
            self.export(name, "spawn 1 1")
            old = self.read(name)
            done = self.run_forklab("spawn 2 1", "export " + name)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"export: %s is there already; --overwrite replaces a plain file\n" % name.encode(),
                          done.stderr)
            self.assertEqual(self.read(name), old)
            self.export(name + " --overwrite", "spawn 2 1")
            self.assertNotEqual(self.read(name), old)

    def test_a_folder_that_is_not_there(self):
        done = self.run_forklab("spawn 1", "export no/x.csv")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"export: no/x.csv: its folder does not exist\n", done.stderr)

    def test_a_folder_in_the_way(self):
        os.mkdir(self.path("x.csv"))
        done = self.run_forklab("spawn 1", "export x.csv")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"it is a folder", done.stderr)
        self.assertEqual(os.listdir(self.folder), ["x.csv"])

    def test_mode_and_link_stay(self):
        with open(self.path("real.csv"), "w") as file:
            file.write("old")
        os.chmod(self.path("real.csv"), 0o640)
        os.symlink("real.csv", self.path("x.csv"))
        self.export("x.csv --overwrite", "spawn 1")
        self.assertTrue(os.path.islink(self.path("x.csv")))
        self.assertEqual(os.stat(self.path("real.csv")).st_mode & 0o777, 0o640)
        self.assertNotEqual(self.read("real.csv"), b"old")


class Timeline(InFolder):
    def draw(self, *commands, locale="C.UTF-8"):
        done = self.run_forklab(*commands, "echo =====", "timeline", options=["-k"],
                                locale=locale)
        return done.stdout.decode("utf-8").split("=====\n")[1].splitlines()

    def test_one_lane_for_each_worker(self):
        lines = self.draw("barrier 3 --rounds 2 --for 300ms")
        self.assertTrue(lines[0].startswith("%1 barrier 3"))
        lanes = [line for line in lines if line.split() and line.split()[0] in
                 ("p1", "p2", "p3", "p4", "p5", "p6")]
        self.assertEqual([lane.split()[0] for lane in lanes],
                         ["p1", "p2", "p3", "p4", "p5", "p6"])
        for lane in lanes:
            self.assertTrue(lane.endswith("exited 0"))
            self.assertIn("\u2588", lane)
        for line in lines:
            self.assertLessEqual(len(line), 80)

    def test_several_jobs(self):
        done = self.run_forklab("spawn 1 1", "pool 1 4", "echo =====", "timeline %2 %1 2")
        lines = done.stdout.decode("utf-8").split("=====\n")[1].splitlines()
        self.assertEqual([line.split("  ")[0] for line in lines if line.startswith("%")],
                         ["%2 pool 1 4", "%1 spawn 1 1"])

    def test_ascii_where_asked_for(self):
        for commands, locale in ((["set glyphs ascii"], "C.UTF-8"), ([], "C")):
            picture = "\n".join(self.draw(*commands, "barrier 2 --for 300ms", locale=locale))
            self.assertTrue(picture.isascii(), picture)
            self.assertIn("####", picture)

    def test_utf8_where_asked_for(self):
        picture = "\n".join(self.draw("set glyphs utf8", "spawn 1 --for 300ms", locale="C"))
        self.assertIn("\u2588", picture)

    def test_the_legend_has_only_what_occurs(self):
        picture = "\n".join(self.draw("spawn 1 --for 50ms"))
        self.assertIn("working", picture)
        self.assertNotIn("barrier", picture)
        self.assertNotIn("stopped", picture)

    def test_tells_signals(self):
        picture = "\n".join(self.draw("kill"))
        self.assertIn("SIGTERM to Process-1", picture)
        self.assertIn("killed by SIGTERM", picture)

    def test_tells_what_was_dropped(self):
        picture = "\n".join(self.draw("pool 1 70000 --chunk 1"))
        self.assertIn("the log has dropped its", picture)

    def test_without_a_job(self):
        done = self.run_forklab("timeline")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"timeline: there has been no job yet", done.stderr)

    def test_a_word_that_is_no_job(self):
        for word in ("%x", "%0", "%"):
            done = self.run_forklab("spawn 1", "timeline " + word)
            self.assertEqual(done.returncode, 2, word)

    def test_glyphs_are_a_setting(self):
        self.assertEqual(self.run_forklab("set glyphs").stdout, b"glyphs auto\n")
        done = self.run_forklab("set glyphs ascii", "set glyphs")
        self.assertEqual(done.stdout, b"glyphs ascii\n")
        done = self.run_forklab("set glyphs runes")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"auto, utf8 or ascii", done.stderr)


if __name__ == "__main__":
    unittest.main()
