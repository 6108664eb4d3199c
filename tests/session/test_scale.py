# SPDX-License-Identifier: GPL-3.0-or-later
"""What `scale` and the summaries say about speed: true of the run, and refused where it can't be.
What is concluded from given figures stands in tests/unit/test_speedup.c."""

import collections
import contextlib
import csv
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

FORKLAB = os.path.abspath(os.environ.get("FORKLAB", "build/src/forklab"))
CORES = len(os.sched_getaffinity(0))
Row = collections.namedtuple("Row", "workers wall spread cpu ready speedup efficiency")
SVG = "{http://www.w3.org/2000/svg}"
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


def run(commands, *options, **environment):
    return subprocess.run([FORKLAB, *options], input=commands, text=True, capture_output=True,
                          timeout=60, env={**os.environ, "LC_ALL": "C", **environment})


TIME = r"([\d.]+) (us|ms|s)"


def rows(out):
    """The table's rows, in seconds and parts of one; the spread of a single run is None."""
    row = (rf"^ +(\d+) +{TIME} +(?:{TIME}|-) +{TIME} +(?:{TIME}|-) +([\d.]+) +(\d+) %$")
    in_seconds = lambda number, unit: float(number) * UNITS[unit] if number else None
    return [Row(int(cells[0]), *(in_seconds(*cells[i:i + 2]) for i in (1, 3, 5, 7)),
                float(cells[9]), int(cells[10]) / 100) for cells in re.findall(row, out, re.M)]


BUSY = (r"(?m)^=> the cores were busy with other work: (\d+) workers? waited "
        r"[\d.]+ (?:us|ms|s) for a core in a run of ")


@contextlib.contextmanager
def burners(count):
    """Keeps the cores busy with so many processes."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


class TestCase(unittest.TestCase):
    def check_ok(self, done):
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def check_failed(self, done, status, message):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertRegex(done.stderr, message)
        return done.stdout


class Scale(TestCase):
    def test_every_number_of_workers_has_a_row_that_adds_up(self):
        table = rows(self.check_ok(run("scale pool 4 12 --map sleep --runs 1")))
        self.assertEqual([row.workers for row in table], [1, 2, 3, 4])
        self.assertGreaterEqual(table[0].wall, 1.2)
        for row in table:
            self.assertAlmostEqual(row.speedup, table[0].wall / row.wall, delta=0.05 * row.speedup)
            self.assertAlmostEqual(row.efficiency, row.speedup / row.workers, delta=0.011)
            self.assertLess(row.cpu, row.wall)
            self.assertIsNone(row.spread)

    def test_every_number_has_its_turn_and_the_table_its_median(self):
        out = self.check_ok(run("scale pool 2 60 --runs 3", "--json"))
        objects = [json.loads(line) for line in out.splitlines()]
        runs = [item for item in objects if item["type"] == "run"]
        self.assertEqual([(item["run"], item["workers"]) for item in runs],
                         [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)])
        for item in runs:
            first = next(other for other in runs if other["run"] == item["run"])
            self.assertAlmostEqual(item["speed_up"], first["wall_ns"] / item["wall_ns"], places=3)
        table = [item for item in objects if item["type"] == "scale"]
        for row, workers in zip(table, (1, 2), strict=True):
            walls = sorted(item["wall_ns"] for item in runs if item["workers"] == workers)
            self.assertEqual((row["workers"], row["runs"]), (workers, 3))
            self.assertEqual([row["fastest_ns"], row["wall_ns"], row["slowest_ns"]], walls)
            waits = sorted(item["ready_ns"] for item in runs if item["workers"] == workers)
            self.assertEqual(row["ready_ns"], waits[1])
            self.assertAlmostEqual(row["speed_up"], table[0]["wall_ns"] / row["wall_ns"], places=3)
        self.assertEqual(len(re.findall(r'"event":"forked"', out)), 3 * (1 + 2))

    def test_sleepers_need_no_core_so_more_of_them_are_faster(self):
        workers = CORES + 2
        out = self.check_ok(run(f"scale pool {workers} {2 * workers} --map sleep --runs 1\n"
                                f"check speed_up > {CORES}"))
        self.assertGreater(rows(out)[-1].speedup, CORES)
        self.assertRegex(out, r"(?m)^=> a worker kept a core busy [\d.]+ % of its time, and "
                              r"sleeping needs none: this is why the speed-up went beyond the "
                              rf"{CORES} cores?$")
        out = self.check_ok(run("scale pool 1 1 --map sleep --runs 1"))
        self.assertNotIn("sleeping needs none", out)

    def test_one_that_the_end_of_the_session_dismisses_has_not_failed(self):
        out = self.check_ok(run("scale pool 2 400 --map sleep --daemon &\nquit\n"))
        self.assertIn("[1] => ended with the session after 0 runs\n[1] cancelled: scale pool", out)
        self.assertEqual(rows(out), [])

    def test_the_plot_marks_each_run_and_fits_60_columns(self):
        out = self.check_ok(run("scale pool 3 6 --map sleep --runs 1"))
        plot = out[out.index("\nspeed-up\n"):out.index("=> ")]
        self.assertEqual(plot.count("O"), 3 + 1)  # and in the legend
        self.assertIn("ideal", plot)
        self.assertNotIn("\x1b", out)
        self.assertTrue(out.isascii())

    def test_utf8_where_the_locale_has_it(self):
        self.assertIn("●", self.check_ok(run("scale pool 2 2", LC_ALL="C.UTF-8")))

    def test_color_only_where_asked_for(self):
        self.assertIn("\x1b[32mO", self.check_ok(run("scale pool 2 2", "--color=always")))

    def test_one_worker_is_a_table_without_a_plot(self):
        out = self.check_ok(run("scale pool 1 5"))
        self.assertEqual(len(rows(out)), 1)
        self.assertNotIn("ideal", out)
        self.assertIn("=> 3 runs, the same results; fastest on 1 worker: speed-up 1.00", out)
        self.assertIn("=> 1 run; fastest on", self.check_ok(run("scale pool 1 5 --runs 1")))

    @unittest.skipIf(CORES < 2, "a serial part takes two cores")
    def test_the_serial_part_is_what_amdahls_law_makes_of_the_rows(self):
        out = self.check_ok(run("scale pool 2 10 --map sleep --runs 1"))
        first, second = rows(out)
        if re.search(BUSY, out):
            self.assertNotIn("serial part ", re.sub(BUSY + ".*", "", out))
            return
        said = float(re.search(r"serial part ([\d.]+) %", out).group(1)) / 100
        self.assertAlmostEqual(said, min(max(2 * second.wall / first.wall - 1, 0), 1), delta=0.02)

    @unittest.skipIf(CORES < 2, "a serial part takes two cores")
    def test_on_busy_cores_nothing_is_fitted(self):
        with burners(2 * CORES):
            done = run(f"scale pool {CORES + 1} 1k --map prime\n"
                       "check busy = 1\ncheck waited > 10ms\ncheck")
            told = run("scale pool 2 1k --map prime --runs 1", "--json")
        objects = [json.loads(line) for line in told.stdout.splitlines()]
        out = self.check_ok(done)
        self.assertRegex(out, BUSY)
        self.assertLessEqual(int(re.search(BUSY, out).group(1)), CORES)
        self.assertNotIn("Amdahl", out)
        self.assertNotIn("serial part", re.sub(BUSY + ".*", "", out))
        self.assertNotRegex(out, "(?m)^serial ")
        [scaling] = [item for item in objects if item["type"] == "scaling"]
        self.assertTrue(scaling["busy"])
        self.assertNotIn("serial", scaling)
        self.assertLessEqual(scaling["busy_workers"], CORES)
        self.assertGreater(scaling["waited_ns"], 0)

    def test_all_prints_the_results_once(self):
        out = self.check_ok(run("scale pool 3 5 --all"))
        self.assertEqual(out.count("Pool: [0, 1, 4, 9, 16]"), 1, out)
        self.assertEqual(out.count("Pool:"), 1)

    def test_the_options_of_pool_hold(self):
        out = self.check_ok(run("scale pool 3 40 --chunk 1 --unordered --max-tasks 4 --init "
                                "--runs 1"))
        self.assertEqual(len(rows(out)), 3)
        self.assertGreaterEqual(out.count(" initialized (pid "), 1 + 2 + 3 + 6)

    @unittest.skipIf(CORES < 2, "a serial part takes two cores")
    def test_its_verdict_does_not_contradict_itself(self):
        # One task keeps a second worker idle: the serial part is all of it, or nearly so.
        out = self.check_ok(run("scale pool 3 1 --map sleep"))
        slower = "more workers cost more than they save" in out
        self.assertLessEqual(slower, "fastest on 1 worker:" in out, out)

    def test_for_measures_the_clock_and_says_so(self):
        out = self.check_ok(run("scale pool 2 2 --for 10ms --runs 1"))
        self.assertIn("\n=> with --for tasks end by the clock", out)
        self.assertNotIn("clock", self.check_ok(run("scale pool 2 2")))

    def test_a_worker_that_dies_is_replaced_and_told_of(self):
        out = self.check_ok(run("scale pool 2 10 --as crash --which 1"))
        self.assertIn("3 workers died", out)

    def test_a_lost_task_fails_it(self):
        out = self.check_failed(run("scale pool 3 10 --poison 4"), 1,
                                r"error: scale: 1 of 10 tasks is lost: 4;")
        self.assertNotIn("speed-up", out)

    def test_a_timeout_fails_it(self):
        done = run("scale pool 2 5 --map sleep --timeout 0s")
        self.assertEqual(rows(self.check_failed(done, 1, "error: scale: timed out after 0s")), [])

    def test_what_cant_be_understood_starts_nothing(self):
        for words, message in (("", "COMMAND is missing"), ("4 10", "COMMAND must be pool"),
                               ("pool", "W is missing"), ("pool 0 5", "W must be a count from 1"),
                               ("pool 257 5", "W must be a count from 1 to 256"),
                               ("pool 2 5 --runs 0", "--runs must be a count from 1 to 100"),
                               ("pool 2 0", "N must be a count from 1 to 100000000"),
                               ("pool 2 5 --poison 5", "--poison must be one of the tasks"),
                               ("pool 2 5 --which 1", "--which needs --as")):
            with self.subTest(words):
                out = self.check_failed(run(f"scale {words}\njobs", "-k"), 2, message)
                self.assertNotIn("%1", out)

    def test_it_is_one_job_to_wait_for(self):
        out = self.check_ok(run("scale pool 2 3 --map sleep --runs 2 &\nwait %1\njobs"))
        self.assertIn("[1] => 4 runs", out)
        self.assertEqual(len(re.findall(r"^%1\.\d+ .*exited 0", out, re.M)), 2 * (1 + 2))

    def test_json_has_no_drawing_and_the_figures_of_check(self):
        out = self.check_ok(run("scale pool 3 6 --map sleep --runs 1", "--json"))
        objects = [json.loads(line) for line in out.splitlines()]
        runs = [item for item in objects if item["type"] == "run"]
        self.assertEqual([item["workers"] for item in runs], [1, 2, 3])
        [scaling] = [item for item in objects if item["type"] == "scaling"]
        fitted = CORES > 1 and not scaling["busy"]
        self.assertEqual((scaling["cores"], "serial" in scaling), (CORES, fitted))
        self.assertEqual([item for item in objects if item["type"] == "output"], [])
        [figures] = [item for item in objects if item["type"] == "figures"]
        self.assertEqual((figures["runs"], figures["workers"]), (3, 1 + 2 + 3))
        self.assertEqual(figures["busy"], scaling["busy"])
        self.assertEqual(figures.get("serial"), scaling.get("serial"))
        best = max(runs, key=lambda item: item["speed_up"])
        self.assertEqual((figures["fastest"], figures["speed_up"]),
                         (best["workers"], best["speed_up"]))

    def test_quiet_leaves_the_summary_out(self):
        self.assertNotIn("=>", self.check_ok(run("scale pool 2 3", "-q")))


class Export(TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "plot.svg")

    def test_the_picture_shows_every_run(self):
        out = self.check_ok(run(f"scale pool 3 6 --map sleep --runs 1 --export {self.path}"))
        svg = xml.etree.ElementTree.parse(self.path).getroot()
        self.assertEqual(svg.tag, SVG + "svg")
        texts = [text.text for text in svg.iter(SVG + "text")]
        self.assertIn("Speed-up of a pool: 6 tasks, map sleep", texts)
        for row in rows(out):
            self.assertIn(f"{row.speedup:.2f}", texts)
        self.assertEqual(os.listdir(self.folder.name), ["plot.svg"])
        self.assertIn(f"=> {self.path}: {os.path.getsize(self.path)} bytes\n", out)

    def test_rows_for_other_programs(self):
        name = os.path.join(self.folder.name, "runs")
        done = run(f"scale pool 2 6 --runs 2 --export {name}.csv\n"
                   f"scale pool 2 6 --export {name}.NDJSON", "--json")
        objects = [json.loads(line) for line in self.check_ok(done).splitlines()]
        with open(name + ".csv", newline="", encoding="ascii") as file:
            rows_of = list(csv.DictReader(file, strict=True))
        self.assertEqual([row["run"] + row["workers"] for row in rows_of], ["11", "12", "21", "22"])
        runs = [item for item in objects if item["type"] == "run"]
        for row, item in zip(rows_of, runs):
            for column in ("run", "workers", "wall_ns", "cpu_ns", "ready_ns"):
                self.assertEqual(int(row[column]), item[column])
            self.assertAlmostEqual(float(row["speed_up"]), item["speed_up"], places=4)
            self.assertEqual((row["map"], row["tasks"], row["cores"]), ("square", "6", str(CORES)))
        with open(name + ".NDJSON", encoding="ascii") as file:
            lines = [json.loads(line) for line in file]
        scaling = [item for item in objects if item["type"] == "scaling"]
        for line, item in zip(lines, runs[4:], strict=True):
            for key in ("run", "workers", "wall_ns", "speed_up"):
                self.assertEqual(line[key], item[key])
            self.assertEqual(line["busy"], scaling[1]["busy"])

    def test_another_ending_is_refused_before_anything_is_started(self):
        lesson = os.path.join(self.folder.name, "lesson.fl")
        for name in (lesson, os.path.join(self.folder.name, ".svg.fl"), ".svg"):
            with open(lesson, "w") as file:
                file.write("spawn 2\n")
            done = run(f"scale pool 2 6 --export {name}\njobs", "-k")
            out = self.check_failed(done, 2, "error: scale: FILE must end in .svg, .csv or "
                                             f".ndjson, not '{name}'")
            self.assertIn("no jobs yet", out)
            with open(lesson) as file:
                self.assertEqual(file.read(), "spawn 2\n")

    def test_a_file_that_cant_be_written_is_known_before_anything_is_started(self):
        os.mkdir(self.path)
        for name, why in (("no/plot.svg", "its folder does not exist"),
                          ("plot.svg", "it is a folder")):
            done = run(f"scale pool 2 6 --export {self.folder.name}/{name}\njobs", "-k")
            out = self.check_failed(done, 1, rf"error: scale: .*/{re.escape(name)}: {why}$")
            self.assertIn("no jobs yet", out)
        self.assertEqual(os.listdir(self.folder.name), ["plot.svg"])

    def test_a_file_that_does_not_fit_is_an_error_behind_the_plot(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        done = subprocess.run([FORKLAB, "-c", f"scale pool 2 6 --export {self.path}"], text=True,
                              capture_output=True, timeout=60, preexec_fn=limit)
        out = self.check_failed(done, 1, r"error: scale: .*/plot\.svg: write: File too large$")
        self.assertIn("ideal", out)
        self.assertEqual(os.listdir(self.folder.name), [])

    def test_an_old_picture_is_replaced_where_asked_for_alone(self):
        with open(self.path, "w") as file:
            file.write("old")
        done = run(f"scale pool 1 2 --export {self.path}\njobs", "-k")
        out = self.check_failed(done, 1, "error: scale: .* is there already; --overwrite replaces a plain file")
        self.assertIn("no jobs yet", out)
        self.check_ok(run(f"scale pool 1 2 --export {self.path} --overwrite"))
        self.assertGreater(os.path.getsize(self.path), 3)
        self.check_failed(run("scale pool 1 2 --overwrite"), 2, "--overwrite needs --export")

    def test_a_failed_run_leaves_the_old_picture(self):
        with open(self.path, "w") as file:
            file.write("old")
        self.check_failed(run(f"scale pool 2 6 --poison 1 --export {self.path} --overwrite"), 1, "lost")
        with open(self.path) as file:
            self.assertEqual(file.read(), "old")


def seconds(digits, unit):
    """What printed digits stand for, and by how much rounding may have changed it."""
    decimals = len(digits.partition(".")[2])
    return float(digits) * UNITS[unit], 0.51 * 10 ** -decimals * UNITS[unit]


class Summaries(unittest.TestCase):
    """wall, CPU, cores kept busy: the one line that spawn, name and pool end with."""

    def check(self, command):
        done = run(command)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = re.search(r"^=> .*wall ([\d.]+) (us|ms|s), CPU ([\d.]+) (us|ms|s); "
                         r"([\d.]+) of (\d+) cores? kept busy$",
                         done.stdout, re.M)
        self.assertIsNotNone(said, done.stdout)
        wall, wall_error = seconds(said.group(1), said.group(2))
        cpu, cpu_error = seconds(said.group(3), said.group(4))
        busy, error = float(said.group(5)), 0.051
        self.assertGreaterEqual(busy, (cpu - cpu_error) / (wall + wall_error) - error)
        self.assertLessEqual(busy, (cpu + cpu_error) / (wall - wall_error) + error)
        self.assertEqual(int(said.group(6)), CORES)
        return wall, cpu

    def test_name(self):
        wall, _ = self.check("name --for 200ms")
        self.assertGreaterEqual(wall, 0.2)

    def test_spawn_one_after_another_can_use_one_core(self):
        wall, _ = self.check("spawn 3 --for 100ms")
        self.assertGreaterEqual(wall, 0.3)

    def test_spawn_together(self):
        self.check("spawn 3 --together --for 100ms")

    def test_pool(self):
        self.check("pool 3 500 --map prime")

    def test_a_pool_of_few_tasks_can_use_as_many_cores(self):
        self.check("pool 3 1 --for 100ms")

    def test_waiting_for_a_core_is_no_work(self):
        workers = CORES * 4
        wall, cpu = self.check(f"spawn {workers} --together --for 300ms")
        self.assertLessEqual(cpu, wall * CORES * 1.1)

    def test_sleeping_counts_nothing(self):
        wall, cpu = self.check("pool 4 8 --map sleep")
        self.assertGreaterEqual(wall, 0.2)
        self.assertLess(cpu, wall / 2)


if __name__ == "__main__":
    unittest.main()
