# SPDX-License-Identifier: GPL-3.0-or-later
"""What `scale` and the summaries say about speed: true of the run, and refused where it can't be."""

import json
import os
import re
import resource
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

FORKLAB = os.path.abspath(os.environ.get("FORKLAB", "build/src/forklab"))
CORES = len(os.sched_getaffinity(0))
SVG = "{http://www.w3.org/2000/svg}"
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


def run(commands, *options, **environment):
    return subprocess.run([FORKLAB, *options], input=commands, text=True, capture_output=True,
                          timeout=60, env={**os.environ, "LC_ALL": "C", **environment})


def rows(out):
    """The table's rows: workers, wall, CPU, speed-up, efficiency in seconds and parts of one."""
    found = re.findall(r"^ +(\d+) +([\d.]+) (us|ms|s) +([\d.]+) (us|ms|s) +([\d.]+) +(\d+) %$", out,
                       re.M)
    return [(int(n), float(wall) * UNITS[wall_unit], float(cpu) * UNITS[cpu_unit], float(speedup),
             int(percent) / 100) for n, wall, wall_unit, cpu, cpu_unit, speedup, percent in found]


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
        table = rows(self.check_ok(run("scale pool 4 12 --map sleep")))
        self.assertEqual([row[0] for row in table], [1, 2, 3, 4])
        first_wall = table[0][1]
        self.assertGreaterEqual(first_wall, 1.2)
        for workers, wall, cpu, speedup, efficiency in table:
            self.assertAlmostEqual(speedup, first_wall / wall, delta=0.05 * speedup)
            self.assertAlmostEqual(efficiency, speedup / workers, delta=0.011)
            self.assertLess(cpu, wall)

    def test_sleepers_need_no_core_so_more_of_them_are_faster(self):
        table = rows(self.check_ok(run("scale pool 3 6 --map sleep")))
        self.assertGreater(table[2][3], 1.5)

    def test_one_that_the_end_of_the_session_dismisses_has_not_failed(self):
        out = self.check_ok(run("scale pool 2 400 --map sleep --daemon &\nquit\n"))
        self.assertIn("[1] => ended with the session after 0 runs\n[1] cancelled: scale pool", out)
        self.assertEqual(rows(out), [])

    def test_the_plot_marks_each_run_and_fits_60_columns(self):
        out = self.check_ok(run("scale pool 3 6 --map sleep"))
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
        self.assertIn("=> 1 run; fastest on 1 worker: speed-up 1.00", out)

    @unittest.skipIf(CORES < 2, "a serial part takes two cores")
    def test_the_serial_part_is_what_amdahls_law_makes_of_the_rows(self):
        out = self.check_ok(run("scale pool 2 20 --map sleep"))
        (_, first, *_), (_, second, *_) = rows(out)
        said = float(re.search(r"serial part ([\d.]+) %", out).group(1)) / 100
        self.assertAlmostEqual(said, min(max(2 * second / first - 1, 0), 1), delta=0.02)

    def test_all_prints_the_results_once(self):
        out = self.check_ok(run("scale pool 3 5 --all"))
        self.assertEqual(out.count("Pool: [0, 1, 4, 9, 16]"), 1)
        self.assertEqual(out.count("Pool:"), 1)

    def test_the_options_of_pool_hold(self):
        out = self.check_ok(run("scale pool 3 40 --chunk 1 --unordered --max-tasks 4 --init"))
        self.assertEqual(len(rows(out)), 3)
        self.assertGreaterEqual(out.count(" initialized (pid "), 1 + 2 + 3 + 6)

    @unittest.skipIf(CORES < 2, "a serial part takes two cores")
    def test_its_verdict_does_not_contradict_itself(self):
        # One task keeps a second worker idle: the serial part is all of it, or nearly so.
        out = self.check_ok(run("scale pool 3 1 --map sleep"))
        slower = "more workers cost more than they save" in out
        self.assertLessEqual(slower, "fastest on 1 worker:" in out, out)

    def test_for_measures_the_clock_and_says_so(self):
        out = self.check_ok(run("scale pool 2 2 --for 10ms"))
        self.assertIn("\n=> with --for tasks end by the clock", out)
        self.assertNotIn("clock", self.check_ok(run("scale pool 2 2")))

    def test_a_worker_that_dies_is_replaced_and_told_of(self):
        out = self.check_ok(run("scale pool 2 10 --as crash --which 1"))
        self.assertIn("1 worker died", out)

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
                               ("pool 2 0", "N must be a count from 1 to 100000000"),
                               ("pool 2 5 --poison 5", "--poison must be one of the tasks"),
                               ("pool 2 5 --which 1", "--which needs --as")):
            with self.subTest(words):
                out = self.check_failed(run(f"scale {words}\njobs", "-k"), 2, message)
                self.assertNotIn("%1", out)

    def test_it_is_one_job_to_wait_for(self):
        out = self.check_ok(run("scale pool 2 3 --map sleep &\nwait %1\njobs"))
        self.assertIn("[1] => 2 runs", out)
        self.assertEqual(len(re.findall(r"^%1\.\d+ .*exited 0", out, re.M)), 1 + 2)

    def test_json_has_an_object_for_each_run_and_no_drawing(self):
        out = self.check_ok(run("scale pool 3 6 --map sleep", "--json"))
        objects = [json.loads(line) for line in out.splitlines()]
        runs = [item for item in objects if item["type"] == "run"]
        self.assertEqual([item["workers"] for item in runs], [1, 2, 3])
        for item in runs:
            self.assertAlmostEqual(item["speed_up"], runs[0]["wall_ns"] / item["wall_ns"], places=3)
        [scaling] = [item for item in objects if item["type"] == "scaling"]
        self.assertEqual((scaling["cores"], "serial" in scaling), (CORES, CORES > 1))
        self.assertEqual([item for item in objects if item["type"] == "output"], [])

    def test_quiet_leaves_the_summary_out(self):
        self.assertNotIn("=>", self.check_ok(run("scale pool 2 3", "-q")))


class Export(TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "plot.svg")

    def test_the_picture_shows_every_run(self):
        out = self.check_ok(run(f"scale pool 3 6 --map sleep --export {self.path}"))
        svg = xml.etree.ElementTree.parse(self.path).getroot()
        self.assertEqual(svg.tag, SVG + "svg")
        texts = [text.text for text in svg.iter(SVG + "text")]
        self.assertIn("Speed-up of a pool: 6 tasks, map sleep", texts)
        for row in rows(out):
            self.assertIn(f"{row[3]:.2f}", texts)
        self.assertEqual(os.listdir(self.folder.name), ["plot.svg"])
        self.assertIn(f"=> {self.path}: {os.path.getsize(self.path)} bytes\n", out)

    def test_another_ending_is_refused_before_anything_is_started(self):
        lesson = os.path.join(self.folder.name, "lesson.fl")
        for name in (lesson, os.path.join(self.folder.name, ".svg.fl"), ".svg"):
            with open(lesson, "w") as file:
                file.write("spawn 2\n")
            done = run(f"scale pool 2 6 --export {name}\njobs", "-k")
            out = self.check_failed(done, 2, f"error: scale: FILE must end in .svg, not '{name}'")
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
