#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""explain, --json, results, history --jobs and record, through whole sessions of the program in $FORKLAB."""

import json
import os
import re
import resource
import stat
import subprocess
import tempfile
import unittest

FORKLAB = os.environ.get("FORKLAB", "forklab")
LIMIT = 60


def run(*arguments, script=None, preexec=None, cwd=None):
    return subprocess.run([FORKLAB, *arguments], input=script, capture_output=True, text=True,
                          timeout=LIMIT, preexec_fn=preexec, cwd=cwd)


def objects(*arguments, script=None):
    """What --json wrote; every line must be one object."""
    done = run("--json", *arguments, script=script)
    return [json.loads(line) for line in done.stdout.splitlines()], done


def of(objects, **fields):
    return [o for o in objects if all(o.get(name) == value for name, value in fields.items())]


class Explain(unittest.TestCase):
    def explain(self, commands):
        return run("-q", "-k", "-c", commands + "; explain").stdout

    def test_tells_calls_reports_and_answers_in_order(self):
        text = self.explain("kill")
        pid = re.search(r"fork\(\) = (\d+)", text).group(1)
        order = ["%1 begins: kill", "pipe2() = [", "fork() = " + pid, "hello: I am " + pid,
                 f"waitid({pid}, WNOWAIT) = no change", f"kill({pid}, SIGTERM) = 0",
                 f"waitid({pid}, WNOWAIT) = killed SIGTERM", f"waitid({pid}) = killed SIGTERM",
                 "is reaped", "%1 is done"]
        places = [text.find(part) for part in order]
        self.assertNotIn(-1, places, text)
        self.assertEqual(places, sorted(places))

    def test_times_never_go_back(self):
        times = [float(t) for t in re.findall(r"^ *(\d+\.\d{6})  ", self.explain("spawn 6"), re.M)]
        self.assertGreater(len(times), 30)
        self.assertEqual(times, sorted(times))

    def test_lessons_come_where_they_happened(self):
        cases = [
            ("kill", "a signal is only sent|SIGTERM was only sent"),
            ("kill --after 300ms --for 10ms", "Exit code 0, not -15"),
            ("kill --graceful", "in spite of SIGTERM"),
            ("daemon", "background_process never printed its last line"),
            ("spawn 1 --as crash", "SIGSEGV. forklab sent no"),
            ("spawn 1 --as fork", "that it left behind still held it"),
            ("spawn 1 --as torn", "died in the middle of a message"),
            ("spawn 1 --as mute", "closed its pipe and lived on"),
            ("barrier 2 --as crash --which 1 --at wait", "The barrier broke because p1 died"),
            ("barrier 1 --without 3 --as crash --which 1 --at lock", "p1 died while it held"),
            ("spawn 1 --for 5s & stop %1; kill -9 %1; wait", "is stopped, and alive"),
            ("spawn 1 --as stubborn --for 20s & kill --ladder %1; wait", "outlived SIGTERM by"),
        ]
        for commands, sentence in cases:
            with self.subTest(commands):
                self.assertRegex(self.explain(commands), ">>>.*(" + sentence + ")")

    def test_ordinary_work_had_no_accident(self):
        told = self.explain("spawn 3 --for 5ms")
        self.assertNotRegex(told, ">>>.*(signal|died|daemon|zombie|broke|alive)")

    def test_long_stories_are_folded_and_all_unfolds(self):
        text = run("-q", "-c", "spawn 300 --together; explain").stdout
        self.assertIn("more of the same", text)
        self.assertLess(text.count("\n"), 300 * 2 + 250)
        all_of_it = run("-q", "-c", "spawn 300 --together; explain --all").stdout
        self.assertEqual(all_of_it.count("fork() = "), 300)
        self.assertNotIn("more of the same", all_of_it)

    def test_reads_and_writes_are_summed_up(self):
        text = run("-q", "-c", "pool 1 5000 --chunk 1; explain").stdout
        self.assertRegex(text, r"write\(\d+\) x [\d,]+ = 320\.0 kB")
        self.assertRegex(text, r"read\(\d+\) x [\d,]+ = ")
        self.assertRegex(text, r"write\(\d+, stop\) = 64 bytes")

    def test_says_what_the_log_has_dropped(self):
        text = run("-q", "-c", "pool 2 50000 --chunk 1; explain").stdout
        self.assertRegex(text, "The log has dropped the session's first [0-9,]+ events, and with "
                               "them the beginning of this job")

    def test_names_and_the_command_are_known_as_long_as_the_job_is(self):
        text = run("-q", "-c", "pool 2 50000 --chunk 1; explain; timeline").stdout
        told, drawn = text[text.index("%1 pool 2 50000 --chunk 1: "):].split("\n%1 pool 2 50000 --chunk 1  (2 workers, ")
        self.assertRegex(told, r"\n +[0-9.]+  Process-[12]  results of task ")
        self.assertRegex(drawn, r"\nProcess-1 .*exited 0\nProcess-2 ")
        self.assertNotIn(" a worker ", told)

    def test_of_a_job_that_is_forgotten_the_log_still_tells(self):
        done = run("-q", "-c", "spawn 1; repeat 501 pool 1 0; explain %1; timeline %1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("\n%1 spawn 1: ", done.stdout)
        self.assertIn("\n%1 spawn 1  (1 worker, ", done.stdout)

    def test_of_a_job_that_it_has_dropped_whole(self):
        done = run("-k", "-q", "-c", "spawn 1; pool 2 50000 --chunk 1; explain %1; timeline %1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("explain: the log has dropped all events of %1\n", done.stderr)
        self.assertIn("timeline: the log has dropped all events of %1\n", done.stderr)

    def test_a_job_by_its_number(self):
        self.assertIn("%1 spawn 1", run("-q", "-c", "spawn 1; spawn 2; explain %1").stdout)

    def test_live(self):
        done = run("-q", "-c", "explain on; spawn 1; explain off; spawn 1")
        told = [line for line in done.stdout.splitlines() if line.startswith("| ")]
        self.assertIn("%1 is done", told[-1])
        self.assertTrue(any("fork() = " in line for line in told))
        self.assertNotIn("%2", "".join(told))
        # What the command prints itself is as without it.
        rest = [line for line in done.stdout.splitlines() if not line.startswith("| ")]
        self.assertEqual(rest, ["calling do_something from process no: 0",
                                "Process 0 finished with 0 results."] * 2)

    def test_live_teaches_at_the_end(self):
        done = run("-q", "-k", "-c", "explain on; spawn 1 --as crash")
        self.assertRegex(done.stdout, r"\|       >>>  Process-1 did not exit")

    def test_mistakes(self):
        for commands, status, part in [("explain", 1, "there has been no job"),
                                       ("explain %7", 1, "no job %7"),
                                       ("explain maybe", 2, "WHAT must be on, off or a job"),
                                       ("explain on --all", 2, "--all is for a job")]:
            done = run("-c", commands)
            self.assertEqual(done.returncode, status, commands)
            self.assertIn(part, done.stderr)


class Json(unittest.TestCase):
    def test_only_objects(self):
        all_of_them, done = objects("-k", "-x", "-c",
                                    "spawn 2; name; kill; daemon; barrier; pool 2 10; jobs; help; "
                                    "history; explain; echo 'a\"\\b'; nonsense; spawn x; show")
        for o in all_of_them:
            self.assertIn("type", o)
            self.assertIsInstance(o["time_ns"], int)
        self.assertEqual(all_of_them[0]["type"], "session")
        self.assertIn('a"\\b', [o["text"] for o in of(all_of_them, type="output")])
        self.assertEqual(done.returncode, 2)

    def test_errors_go_both_ways(self):
        all_of_them, done = objects("-c", "spawn x")
        (error,) = of(all_of_them, type="error")
        self.assertEqual(error["place"], "-c:1")
        self.assertEqual(error["command"], "spawn")
        self.assertEqual(done.stderr.splitlines()[0], f"-c:1: error: spawn: {error['text']}")
        self.assertNotIn("job", error)
        (failed,) = of(objects("-c", "pool 2 6 --poison 3")[0], type="error")
        self.assertEqual((failed["command"], failed["job"]), ("pool", 1))
        (unknown,) = of(objects("-c", "frobnicate")[0], type="error")
        self.assertIn("no such command", unknown["text"])

    def test_stdin_is_a_script(self):
        all_of_them, _ = objects(script="echo one\necho two\n")
        self.assertEqual([(o["text"], o["place"]) for o in of(all_of_them, type="command")][:2],
                         [("echo one", "stdin:1"), ("echo two", "stdin:2")])

    def test_every_command_is_answered(self):
        all_of_them, _ = objects("-k", "-c", "spawn 2 & pool 2 10; kill -9 nobody; wait")
        commands = sorted(o["text"] for o in of(all_of_them, type="command"))
        self.assertEqual(commands, sorted(o["text"] for o in of(all_of_them, type="ended")))
        (failed,) = of(all_of_them, type="ended", command="kill")
        self.assertEqual(failed["status"], 1)

    def test_figures_follow_from_events(self):
        all_of_them, _ = objects("-c", "pool 2 1000 --for 100us")
        (figures,) = of(all_of_them, type="figures")
        deaths = of(all_of_them, type="event", event="died")
        self.assertEqual(sum(o["cpu_ns"] for o in deaths), figures["cpu_ns"])
        (begin,) = of(all_of_them, type="event", event="job_started")
        (end,) = of(all_of_them, type="event", event="job_done")
        wall = end["time_ns"] - begin["time_ns"]
        self.assertAlmostEqual(wall, figures["wall_ns"], delta=0.05 * wall + 5e6)
        self.assertAlmostEqual(figures["cpu_ns"] / figures["wall_ns"], figures["cores_busy"], delta=0.01)
        (summary,) = of(all_of_them, type="summary")
        self.assertIn(f"; {figures['cores_busy']:.1f} of {figures['cores']} core", summary["text"])

    def test_figures_are_those_of_the_summary(self):
        units = {"us": 1e3, "ms": 1e6, "s": 1e9}
        for command in ("spawn 3", "spawn 3 --together", "name", "pool 2 10", "barrier 2 --as crash"):
            with self.subTest(command):
                all_of_them, _ = objects("-c", command)
                (figures,) = of(all_of_them, type="figures")
                (summary,) = of(all_of_them, type="summary")
                number, unit = re.search(r"wall ([\d.]+) (\w+)", summary["text"]).groups()
                digits = len(number.partition(".")[2])
                self.assertEqual(f"{figures['wall_ns'] / units[unit]:.{digits}f}", number)

    def test_all_results_of_a_pool_in_blocks(self):
        all_of_them, _ = objects("-c", "pool 2 20000")
        blocks = of(all_of_them, type="results")
        self.assertGreater(len(blocks), 1)
        results = []
        for block in blocks:
            self.assertEqual(block["first"], len(results))
            self.assertEqual(block["count"], len(block["results"]))
            results += block["results"]
        self.assertEqual(results, [i * i for i in range(20000)])

    def test_lost_tasks_are_gaps(self):
        all_of_them, done = objects("-c", "pool 2 10 --poison 3")
        self.assertEqual(done.returncode, 1)
        blocks = of(all_of_them, type="results")
        self.assertEqual([(b["first"], b["results"]) for b in blocks],
                         [(0, [0, 1, 4]), (4, [i * i for i in range(4, 10)])])
        (lost,) = of(all_of_them, type="event", event="task_lost")
        self.assertEqual((lost["first"], lost["count"]), (3, 1))
        self.assertIn("worker", lost)

    def test_tasks_given_up_are_logged_once_in_few_events(self):
        all_of_them, done = objects("-c", "pool 2 100k --as crash")
        self.assertEqual(done.returncode, 1)
        lost = of(all_of_them, type="event", event="task_lost")
        self.assertLess(len(lost), 3000)
        tasks = [task for item in lost for task in range(item["first"], item["first"] + item["count"])]
        self.assertEqual(sorted(tasks), list(range(100_000)))
        for item in lost:
            self.assertTrue("worker" not in item or item["count"] == 1, item)

    def test_no_task_is_to_blame_where_someone_ended_its_worker(self):
        all_of_them, done = objects("-k", "-c", "pool 2 8 --map sleep --retries 0 & sleep 130ms; kill -9 Process-1; wait")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(of(all_of_them, type="event", event="died", signal_name="SIGKILL")), 1)
        self.assertFalse(of(all_of_them, type="event", event="task_lost"))
        all_of_them, done = objects("-c", "pool 2 40M --map prime --timeout 100ms --retries 0")
        self.assertEqual(done.returncode, 1)
        self.assertFalse(of(all_of_them, type="event", event="task_lost"))

    def test_results_asked_for_again(self):
        all_of_them, _ = objects("-q", "-k", "-c", "pool 2 5 --poison 3; results %1")
        found = [(item["first"], item["results"]) for item in of(all_of_them, type="results")]
        self.assertEqual(found, [(0, [0, 1, 4]), (4, [16])] * 2)

    def test_what_the_six_found(self):
        all_of_them, _ = objects("-c", "spawn 3; name A 7; kill; barrier 3")
        self.assertEqual([o["results"] for o in of(all_of_them, type="worker", command="spawn")],
                         [0, 1000, 2000])
        self.assertEqual([(o["name"], o["results"]) for o in of(all_of_them, type="worker", command="name")],
                         [("A", 7), ("Process-5", 7)])
        self.assertEqual([(o["moment"], o["alive"]) for o in of(all_of_them, type="answer")
                          if o["moment"] != "terminated"],
                         [("before execution", False), ("running", True), ("joined", False)])
        (end,) = of(all_of_them, type="exit")
        self.assertEqual((end["exit_code"], end["signal_name"]), (-15, "SIGTERM"))
        asked = of(all_of_them, type="event", event="call", call="waitid_nowait", job=3)[-1]
        self.assertEqual((asked["target"], asked["error"]), (asked["pid"], "No child processes"))
        self.assertNotIn("answer", asked)
        (spread,) = of(all_of_them, type="spread")
        self.assertGreater(spread["without_ns"], spread["with_ns"])

    def test_events_name_their_worker(self):
        all_of_them, _ = objects("-c", "spawn 1 --as crash")
        (death,) = of(all_of_them, type="event", event="died")
        self.assertEqual((death["job"], death["worker"], death["name"]), (1, 0, "Process-1"))
        self.assertEqual((death["exit_code"], death["signal_name"]), (-11, "SIGSEGV"))
        (hello,) = of(all_of_them, type="event", event="hello")
        self.assertEqual(hello["own_pid"], death["pid"])
        (fork,) = of(all_of_them, type="event", event="call", call="fork")
        self.assertEqual(fork["result"], death["pid"])

    def test_zombies_are_reaped_at_the_end_and_it_says_so(self):
        all_of_them, _ = objects("-c", "reap off; spawn 2 0")
        self.assertEqual([o["worker"] for o in of(all_of_them, type="event", event="reaped")], [0, 1])
        done = run("-c", "explain on; reap off; spawn 1 0")
        self.assertIn("Process-1 is reaped", done.stdout.splitlines()[-1])

    def test_quiet_leaves_out_only_what_is_for_people(self):
        all_of_them, _ = objects("-q", "-c", "pool 2 10")
        self.assertFalse(of(all_of_them, type="summary"))
        self.assertTrue(of(all_of_them, type="figures"))
        self.assertTrue(of(all_of_them, type="results"))
        self.assertTrue(of(all_of_them, type="event", event="forked"))

    def test_no_escape_sequences(self):
        done = run("--json", "--color=always", "-k", "-c", "spawn 1; jobs; explain")
        self.assertNotIn("\\u001b", done.stdout)

    def test_output_that_fails(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([FORKLAB, "--json", "-c", "spawn 1"], stdout=full,
                                  stderr=subprocess.PIPE, timeout=LIMIT)
        self.assertEqual(done.returncode, 3)


class Results(unittest.TestCase):
    def test_of_a_pool(self):
        done = run("-q", "-c", "pool 2 25; results %1")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "Pool: [0, 1, 4, 9, 16, 25, 36, 49, 64, 81, ..., 484, 529, 576] "
                                   "(25 results)")
        self.assertEqual(lines[1], "%1: " + str([i * i for i in range(25)]))

    def test_lost_ones(self):
        done = run("-q", "-k", "-c", "pool 2 5 --poison 3; results %1")
        self.assertEqual(done.stdout.splitlines()[-1], "%1: [0, 1, 4, lost, 16]")

    def test_of_workers(self):
        done = run("-q", "-c", "spawn 3; results %1")
        self.assertEqual([line.split()[-1] for line in done.stdout.splitlines()[-3:]],
                         ["0", "1000", "2000"])

    def test_of_those_that_still_run(self):
        done = run("-q", "-c", "spawn 1 --for 20s & results %1; kill -9 %1; wait; results %1")
        self.assertIn("not yet", done.stdout)
        self.assertTrue(done.stdout.endswith("none\n"))

    def test_the_oldest_are_forgotten(self):
        done = run("-q", "-k", "-c", "pool 2 20M; pool 2 20M; pool 2 5; results %3; results %1")
        self.assertIn("%3: [0, 1, 4, 9, 16]\n", done.stdout)
        self.assertIn("the results of %1 were forgotten: 256 MB are kept in all", done.stderr)

    def test_mistakes(self):
        self.assertEqual(run("-c", "results").returncode, 1)
        self.assertEqual(run("-c", "results %9").returncode, 1)

    def test_history_of_jobs(self):
        done = run("-q", "-k", "-c", "spawn 1; echo x; spawn 2 --as crash --which 1; history --jobs")
        rows = [line.split(None, 2) for line in done.stdout.splitlines()[-3:]]
        self.assertEqual(rows[0][:2], ["JOB", "STATUS"])
        self.assertEqual(rows[1][:2], ["%1", "done"])
        self.assertEqual(rows[2][:2], ["%2", "failed"])
        self.assertTrue(rows[2][2].endswith("2  spawn 2 --as crash --which 1"))


class Record(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = os.path.join(self.folder.name, "lesson.fl")

    def text(self):
        with open(self.file, encoding="utf-8") as file:
            return file.read()

    def test_runs_again(self):
        script = ("echo before\nrecord " + self.file + "\necho 'a b'; spawn 2  # twice\n"
                  "pool 2 10 & wait\nrepeat 2 echo again\nrecord off\necho behind\n")
        first = run("-q", script=script)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(self.text(), "#!/usr/bin/env forklab\necho 'a b'\nspawn 2\npool 2 10 &\n"
                                      "wait\nrepeat 2 echo again\n")
        again = run("-q", self.file)
        self.assertEqual(again.returncode, 0, again.stderr)
        lines = first.stdout.splitlines()
        self.assertEqual(again.stdout.splitlines(), lines[1:lines.index("behind") - 1])

    def test_only_what_is_understood(self):
        run("-k", "-c", f"record {self.file}; nonsense; spawn x; kill --ladder; kill -9 nobody; echo y")
        self.assertEqual(self.text(), "#!/usr/bin/env forklab\nkill -9 nobody\necho y\n")

    def test_leaves_itself_out(self):
        run("-k", "-c", f"record {self.file}; record; rec; record {self.file}2; echo x; rec off; echo y")
        self.assertEqual(self.text(), "#!/usr/bin/env forklab\necho x\n")

    def test_a_sourced_file_is_one_command(self):
        inner = os.path.join(self.folder.name, "inner.fl")
        with open(inner, "w", encoding="utf-8") as file:
            file.write("echo inside\n")
        run("-c", f"record {self.file}; source {inner}; echo y")
        self.assertEqual(self.text(), f"#!/usr/bin/env forklab\nsource {inner}\necho y\n")

    def test_never_overwrites_unasked(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("precious\n")
        done = run("-c", f"record {self.file}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is there already", done.stderr)
        self.assertEqual(self.text(), "precious\n")
        self.assertEqual(run("-c", f"record {self.file} --overwrite; echo x").returncode, 0)
        self.assertEqual(self.text(), "#!/usr/bin/env forklab\necho x\n")

    def test_only_a_plain_file(self):
        fifo = os.path.join(self.folder.name, "fifo")
        os.mkfifo(fifo)
        for path, said in ((fifo, r"open\(.*\): No such device or address"), ("/dev/null", "is no plain file"),
                           (self.folder.name, r"open\(.*\): Is a directory")):
            done = run("-c", f"record {path} --overwrite; echo x")
            self.assertEqual(done.returncode, 1, path)
            self.assertRegex(done.stderr, said)

    def test_mode(self):
        run("-c", f"record {self.file}", preexec=lambda: os.umask(0o022))
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o644)

    def test_failing_write_is_told_once(self):
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40, hard))
        done = run("-k", "-c", f"record {self.file}; echo 1234567890; echo 12345678901234567890; echo z; "
                   "record", preexec=limit)
        self.assertEqual(done.stderr.count("the recording ends here"), 1)
        self.assertIn("File too large", done.stderr)
        self.assertIn("z\nnothing is being recorded", done.stdout)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.text(), "#!/usr/bin/env forklab\necho 1234567890\n")

    def test_mistakes(self):
        for commands, status in [("record off", 1), ("record --overwrite", 2),
                                 (f"record {self.file}; record {self.file}2", 1),
                                 (f"record {self.folder.name}/none/x", 1)]:
            self.assertEqual(run("-c", commands).returncode, status, commands)


if __name__ == "__main__":
    unittest.main()
