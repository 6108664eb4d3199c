# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may end, stop and wait for what: cancel, kill and stop of jobs, waiting for the stopped, pools that
lose a fork or their time, and signals at every moment of a start."""

import fcntl
import os
import re
import resource
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import forklab
from forklab import run, wait_until


def count(pattern, text):
    return len(re.findall(f"(?m)^{pattern}$", text))


def few_descriptors(most):
    """A preexec_fn: forks fail, or rather the pipes before them, when so many are open."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def fail_call(call, error, when):
    """The words before forklab's that make its `when`th call fail."""
    names = "clone,clone3,fork,vfork" if call == "fork" else call
    return ["strace", "-qq", "-o", "/dev/null", "-e", "signal=none", "-e", f"trace={names}",
            "-e", f"inject={names}:error={error}:when={when}"]


def run_failing(call, error, when, *arguments):
    done = subprocess.run([*fail_call(call, error, when), forklab.FORKLAB, *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=forklab.environment(), start_new_session=True, check=False)
    return forklab.Finished(done.returncode, forklab.text_of(done.stdout), forklab.text_of(done.stderr))


class SignalsToJobs(forklab.TestCase):
    """Kill, stop and cont of a job finish its start."""

    def test_a_kill_right_behind_a_start_reaches_every_worker(self):
        for command in ("spawn 100 --together --for 100s --daemon &", "pool 100 100 --for 100s --retries 0 &"):
            with self.subTest(command):
                signal_, status = ("TERM", "killed SIGTERM")
                extra = ["cancel %1"] if command.startswith("pool") else []
                finished = run("\n".join([command, f"kill -s {signal_} %1", *extra, "wait %1", "jobs"]), "-k")
                self.assertEqual(count(r"SIGTERM sent to Process-\d+ \(\d+\)", finished.out), 100, str(finished))
                states = [worker["STATE"] for worker in forklab.parse_jobs(finished.lines)]
                self.assertEqual(states[:100], [status] * 100)

    def test_a_stop_and_a_cont_right_behind_a_start_reach_every_worker(self):
        finished = run("spawn 40 --together --for 100s &\nstop %1\njobs\ncont %1\njobs\nkill %1\n", "-k")
        self.check_ok(finished)
        states = [worker["STATE"] for worker in forklab.parse_jobs(finished.lines)]
        self.assertEqual(states, ["stopped"] * 40 + ["running"] * 40)

    def test_a_barrier_is_killed_whole(self):
        finished = run("barrier 20 --stagger 1ms --for 100s &\nkill -9 %1\nwait\njobs\n", "-k")
        states = [worker["STATE"] for worker in forklab.parse_jobs(finished.lines)]
        self.assertEqual(states, ["killed SIGKILL"] * 40, str(finished))

    def test_it_says_how_many_will_follow_one_after_another(self):
        for command in ("kill", "stop", "kill --ladder"):
            with self.subTest(command):
                finished = run(f"spawn 4 --for 100s &\n{command} %1\ncancel %1\n", "-k")
                self.assertIn("3 more workers of %1 will follow; 'cancel %1' ends the job", finished.lines, str(finished))
                self.assertEqual(finished.status, 0)

    def test_it_says_that_a_pool_replaces_its_workers(self):
        finished = run("pool 3 30 --map sleep --for 100s &\nkill %1\ncancel %1\n", "-k")
        self.assertIn("3 more workers of %1 will follow; 'cancel %1' ends the job", finished.lines, str(finished))

    def test_nothing_follows_where_all_have_been_started(self):
        finished = run("spawn 4 --together --for 100s &\nkill %1\n", "-k")
        self.assertNotIn("will follow", finished.out)

    def test_a_ladder_tells_a_death_once(self):
        for options in ([], ["-q"]):
            with self.subTest(options):
                finished = run("spawn 1 --for 100s --as stubborn &\nkill --ladder %1\n", *options)
                self.assertEqual(len(re.findall(r"killed (?:by )?SIGKILL", finished.out)), 1, str(finished))
                finished = run("spawn 1 --for 100s &\nkill --ladder Process-1\n", *options)
                self.assertEqual(len(re.findall(r"killed (?:by )?SIGTERM", finished.out)), 1, str(finished))


class Cancel(forklab.TestCase):
    """A job is ended as a whole, and is nowhere called done."""

    JOBS = {
        "spawn 3 --for 100s &": 1,
        "spawn 30 --together --for 100s &": None,
        "spawn 2 --together --as stubborn --for 100s &": 2,
        "name --for 100s &": 2,
        "daemon --for 100s &": None,
        "barrier 3 --for 100s --stagger 60s &": None,
        "barrier 2 --without 0 --for 100s &": None,
        "pool 3 30 --map sleep --for 100s &": 3,
        "scale pool 2 10 --map sleep --for 100s &": 1,
        "kill --after 100s --for 100s &": 1,
    }

    def test_every_kind_of_job(self):
        for command, workers in self.JOBS.items():
            with self.subTest(command):
                before = time.monotonic()
                finished = run(f"{command}\ncancel %1\njobs\nhistory --jobs\n", "-k")
                self.assertLess(time.monotonic() - before, 20)
                self.assertEqual((finished.status, finished.err), (0, ""), str(finished))
                self.assertRegex(finished.out, r"(?m)^\[1\] cancelled: ")
                self.assertNotRegex(finished.out, r"(?m)^\[1\] (done|failed)")
                self.assertNotRegex(finished.out, r"(?m)^%1 .* done\b")
                self.assertRegex(finished.out, r"(?m)^.*%?1 .*cancelled")
                if workers:
                    self.assertEqual(len(forklab.parse_jobs(finished.lines)), workers, str(finished))

    def test_the_youngest_running_job_if_none_is_named(self):
        finished = run("spawn 1 --for 100s &\nspawn 1 --for 100s &\nspawn 1 &\nwait %3\ncancel\ncancel\ncancel\n", "-k")
        order = re.findall(r"(?m)^\[(\d)\] cancelled: ", finished.out)
        self.assertEqual(order, ["2", "1"], str(finished))
        self.assertEqual(finished.status, 1)
        self.assertEqual(finished.err, "stdin:7: error: cancel: no job is running\n")

    def test_several_and_wrong_ones(self):
        finished = run("spawn 1 --for 100s &\npool 2 9 --for 100s &\ncancel %1 %2\ncancel %1\ncancel %7\ncancel Process-1\n", "-k")
        self.assertEqual(len(re.findall(r"(?m)^\[[12]\] cancelled: ", finished.out)), 2, str(finished))
        self.assertRegex(finished.err, "stdin:4: error: cancel: %1 has ended: it was cancelled\n"
                                       "stdin:5: error: cancel: .*%7.*\nstdin:6: error: cancel: .*Process-1.*")

    def test_what_was_done_stays(self):
        session = self.session("-k")
        session.type("pool 1 60 --map sleep --for 100ms --live --chunk 1 &")
        session.expect("(?:.1. )?task 1: 1")
        session.ask("cancel %1")
        [line] = session.ask("results %1")
        self.assertRegex(line, r"^%1: \[0, 1, .*not done\]$")
        finished = session.end()
        self.assertEqual(finished.status, 0, str(finished))
        self.assertRegex(finished.out, r"(?m)^\[1\] => cancelled; \d+ of 60 tasks were done; 'results %1' shows them$")

    def test_a_job_cut_short_is_nowhere_called_done(self):
        cases = {
            "spawn 1 --for 100s &\nkill Process-1\nwait\nhistory --jobs\n": "killed",
            "spawn 1 --for 100s --daemon &\nhistory --jobs\nquit\n": "cancelled",
            "pool 2 9 --for 100s --daemon &\nquit\n": "cancelled",
            "name --for 100s &\nkill %1\nwait\nhistory --jobs\n": "killed",
        }
        for script, word in cases.items():
            with self.subTest(script):
                finished = run(script, "-k")
                self.assertRegex(finished.out, rf"(?m)^\[1\] {word}: ", str(finished))
                self.assertNotRegex(finished.out, r"(?m)^\[1\] done|^%1 +done", str(finished))

    def test_an_interrupted_job_is_cancelled(self):
        session = self.session("--json")
        session.type("pool 2 100 --for 100s")
        session.expect(r'.*"event":"forked".*')
        os.kill(session.pid, signal.SIGINT)
        finished = session.ended()
        self.assertEqual(finished.status, 130)
        self.assertRegex(finished.out, '"event":"job_done".*"outcome":"cancelled"')

    def test_json_and_pictures_say_cancelled(self):
        finished = run("pool 2 9 --for 100s &\ncancel\n", "--json")
        self.assertRegex(finished.out, '"event":"job_done".*"outcome":"cancelled"')
        finished = run("spawn 2 --together --for 100s &\ncancel\ntimeline %1\n")
        self.assertRegex(finished.out, "(?m)^.*%1.*cancelled")


class Waiting(forklab.TestCase):
    """What is stopped is not waited for in vain."""

    def refused(self, script, name="Process-1"):
        session = self.session("-k")
        session.type(*script.splitlines())
        session.expect_error(rf".*error: wait: {name} is stopped and would not end; 'cont' it first")
        return session

    def test_wait_any_refuses_when_all_that_is_left_is_stopped(self):
        for wait in ("wait --any", "wait --any %1", "wait Process-1 Process-2 --any", "wait --failed"):
            with self.subTest(wait):
                finished = self.refused(f"spawn 2 --together --for 400ms &\nstop %1\n{wait}\ncont %1").end()
                self.assertEqual(finished.status, 1)
        self.refused("spawn 1 --for 300ms &\nspawn 1 --for 300ms &\nstop Process-1\nwait --any\nwait --any").end()
        self.refused("pool 2 4 --for 100ms --chunk 2 &\nstop Process-1\nwait --any").end()

    def test_wait_any_waits_while_another_can_end(self):
        finished = run("spawn 1 --for 100s &\nspawn 1 --for 300ms &\nstop Process-1\nwait --any\necho back\nkill %1\n", "-k")
        self.check_ok(finished)
        self.assertLess(finished.lines.index("%2 has ended: done"), finished.lines.index("back"))

    def test_wait_right_behind_a_stop_by_kill(self):
        for wait in ("wait", "wait %1", "wait Process-1", "wait --any", "bg\nkill -s STOP %1\nwait"):
            with self.subTest(wait):
                for _ in range(3):
                    self.refused(f"spawn 1 --for 200ms &\nkill -s STOP Process-1\n{wait}\ncont %1").end()

    def test_fg_and_bg_continue_every_worker(self):
        for there in ("fg", "bg\nwait"):
            with self.subTest(there):
                for _ in range(3):
                    self.check_ok(run(f"spawn 2 --together --for 200ms &\nkill -s STOP %1\n{there}\n"))

    def test_a_stop_from_outside_is_told_and_wait_gives_up(self):
        session = self.session("-k")
        [worker] = (session.ask("spawn 1 --for 5s &"), session.jobs())[1]
        session.type("wait")
        os.kill(worker["PID"], signal.SIGSTOP)
        session.expect(rf"\[1\] Process-1 \({worker['PID']}\) was stopped from outside")
        session.expect_error(".*error: wait: Process-1 is stopped and would not end; 'cont' it first")
        os.kill(worker["PID"], signal.SIGCONT)
        session.expect(rf"\[1\] Process-1 \({worker['PID']}\) goes on")
        self.assertEqual(session.end().status, 1)

    def test_a_stop_from_outside_is_told_in_front_too(self):
        session = self.session()
        session.type("spawn 1 --for 500ms")
        session.expect("calling do_something .*")
        wait_until(lambda: forklab.children_of(session.pid), "a worker")
        [pid] = forklab.children_of(session.pid)
        os.kill(pid, signal.SIGSTOP)
        session.expect(rf"Process-1 \({pid}\) was stopped from outside")
        os.kill(pid, signal.SIGCONT)
        session.expect(rf"Process-1 \({pid}\) goes on")
        self.check_ok(session.end())

    def test_what_forklab_stops_itself_is_no_news(self):
        finished = run("spawn 1 --for 300ms &\nstop Process-1\ncont Process-1\nkill -s STOP Process-1\nkill -s CONT %1\nwait\n")
        self.check_ok(finished)
        self.assertNotIn("outside", finished.out)
        self.assertNotIn("goes on", finished.out)

    def test_a_stop_by_kill_right_before_the_end(self):
        self.check_ok(run("spawn 2 --together --for 200ms &\nkill -s STOP %1\n"))
        self.check_ok(run("pool 2 4 --for 100ms &\nkill -s STOP %1\nquit\n"))

    def test_a_pool_whose_time_ends_can_be_waited_for(self):
        finished = run("pool 1 4 --for 100ms --chunk 1 --timeout 1s &\nstop Process-1\nwait\n", "-k")
        self.assertIn("error: pool: timed out after 1s", finished.err)

    def test_wait_any_says_who_ended(self):
        finished = run("spawn 1 --for 100s &\nspawn 1 --for 500ms &\nwait --any\nwait Process-1 Process-2 --any\nkill %1\nwait\nwait --any\n", "-k", "-q")
        self.assertIn("%2 has ended: done", finished.lines, str(finished))
        self.assertRegex(finished.out, r"(?m)^Process-2 \(\d+\) has ended: exited 0$")
        self.assertEqual(finished.err, "stdin:7: error: wait: no job is left that could end\n")

    def test_wait_failed(self):
        finished = run("spawn 3 --together --as crash --which 1 --for 400ms &\nwait --failed\n", "-k")
        self.assertRegex(finished.err, r"stdin:2: error: wait: Process-2 \(\d+\) was killed by SIGSEGV\n")
        self.assertEqual(finished.status, 1)
        self.check_ok(run("spawn 3 --together &\nspawn 1 --exit 3 &\nwait --failed\n"))
        finished = run("spawn 1 &\npool 2 4 --poison 2 --retries 0 &\nwait --failed %1 %2\n", "-k", "-q")
        self.assertRegex(finished.err, "error: wait: %2 failed\n")
        self.assertEqual(run("wait --failed --any\n").status, 2)


class Pools(forklab.TestCase):
    """Pools that go on, and what they leave."""

    def test_a_fork_that_fails_at_the_start(self):
        # Ten tasks keep ten workers; those are not done before descriptors run out.
        finished = run("pool 100 10 --map sleep --for 3s --chunk 1\n", preexec_fn=few_descriptors(40))
        self.assertEqual(finished.status, 0, str(finished))
        self.assertIn("Pool: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", finished.lines)
        self.assertRegex(finished.err, r"^stdin:1: warning: pool: pipe2: Too many open files; it goes on with \d+ of 100 workers\n$")

    def test_a_fork_that_fails_for_a_replacement(self):
        for when in (4, 5, 6):
            with self.subTest(when):
                finished = run_failing("fork", "EAGAIN", when, "-k", "-c", "pool 3 12 --for 20ms --max-tasks 2 --chunk 1 --all")
                self.assertEqual(finished.status, 0, str(finished))
                self.assertIn(f"Pool: {[i * i for i in range(12)]}", finished.lines)
                self.assertEqual(finished.err.count("Resource temporarily unavailable"), 1, finished.err)

    def test_forks_that_fail_again_and_again_are_told_once(self):
        finished = run_failing("fork", "EAGAIN", "3+", "-k", "-c", "pool 5 40 --for 10ms --chunk 1 --all")
        self.assertEqual(finished.status, 0, str(finished))
        self.assertIn(f"Pool: {[i * i for i in range(40)]}", finished.lines)
        self.assertEqual(finished.err.count("\n"), 1, finished.err)

    def test_a_fork_that_fails_is_tried_again_later(self):
        finished = run_failing("fork", "EAGAIN", 2, "-k", "-c", "pool 2 20 --for 100ms --chunk 1 --init")
        self.assertEqual(count(r"Process-\d initialized \(pid \d+\)", finished.out), 2, str(finished))

    def test_with_no_worker_left_it_fails_and_keeps_what_was_done(self):
        finished = run_failing("fork", "EAGAIN", "2+", "-k", "-c", "pool 1 5 --max-tasks 2 --chunk 1; results %1")
        self.assertEqual(finished.status, 1, str(finished))
        self.assertIn("Pool: [0, 1, not done, not done, not done]", finished.lines)
        self.assertIn("%1: [0, 1, not done, not done, not done]", finished.lines)
        finished = run_failing("fork", "EAGAIN", "1+", "-k", "-c", "pool 3 5")
        self.assertEqual(finished.status, 1)
        self.assertIn("0 of 3 workers were started", finished.err)

    def test_what_a_dead_worker_wrote_and_did_not_tell_of_is_no_result(self):
        for way in ("memory", "pipe"):
            with self.subTest(way):
                finished = run_failing("fork", "EAGAIN", "2+", "-k", "-c", f"pool 1 5 --chunk 5 --poison 3 --results {way}; results %1")
                self.assertEqual(finished.status, 1, str(finished))
                self.assertIn("0 of 5 tasks were done", finished.err)
                self.assertNotIn("[0, 1", finished.out)

    def test_what_was_done_before_the_timeout(self):
        # One at a time, and the third never ends.
        script = "pool 1 6 --map sleep --for 300ms --chunk 1 --timeout 1s --init\nresults %1\n"
        finished = run(script, "-k")
        self.assertEqual(finished.status, 1)
        self.assertRegex(finished.err, r"timed out after 1s; [123] of 6 tasks were done")
        self.assertRegex(finished.out, r"(?m)^Pool: \[0, (1, )?(2, )?not done, ")
        self.assertRegex(finished.out, r"(?m)^%1: \[0, (1, )?(2, )?not done, ")
        finished = run(script.replace("--timeout", "--unordered --timeout"), "-k")
        self.assertRegex(finished.out, r"(?m)^Pool: \[[\d, ]+\]$")
        finished = run(script, "-k", "--json")
        self.assertRegex(finished.out, r'"type":"results",[^\n]*"first":0,"count":\d,"results":\[0')
        self.assertRegex(finished.out, r'"type":"missing",[^\n]*"why":"not done"')

    def test_initializers_without_tasks(self):
        finished = run("pool 3 0 --init\npool 2 0\n")
        self.check_ok(finished)
        self.assertEqual(count(r"Process-\d initialized \(pid \d+\)", finished.out), 3, str(finished))
        self.assertEqual(finished.lines.count("Pool: []"), 2)

    def test_help_says_what_python_counts(self):
        text = " ".join(run("help pool\n").out.split())
        self.assertIn("maxtasksperchild counts chunks", text)

    def test_a_task_that_fails_while_its_worker_lives(self):
        finished = run("pool 2 4 --fail 2\njobs\nresults %1\n", "-k")
        self.assertIn("Pool: [0, 1, failed, 9]", finished.lines)
        self.assertIn("%1: [0, 1, failed, 9]", finished.lines)
        self.assertEqual(finished.status, 1)
        self.assertEqual(finished.err, "stdin:1: error: pool: 1 of 4 tasks failed: 2; no worker died of that\n")
        workers = forklab.parse_jobs(finished.lines)
        self.assertEqual([worker["STATE"] for worker in workers], ["exited 0"] * 2)
        finished = run("pool 2 4 --fail 2\n", "--json")
        self.assertRegex(finished.out, r'"type":"missing",[^\n]*"first":2,"count":1,"why":"failed"')
        for options in ("--chunk 4", "--chunk 1 --unordered", "--max-tasks 1", "--for 5ms"):
            with self.subTest(options):
                finished = run(f"pool 2 4 --fail 0 {options}\n", "-k")
                self.assertIn("1 of 4 tasks failed: 0; ", finished.err)
                numbers = sorted(re.findall(r"\d+", re.search(r"Pool: \[(.*)\]", finished.out)[1]), key=int)
                self.assertEqual(numbers, ["1", "4", "9"], str(finished))
        self.assertEqual(run("pool 2 4 --fail 4\n").status, 2)

    def test_an_initializer_that_fails(self):
        for tasks in (8, 0):
            with self.subTest(tasks):
                finished = run(f"pool 2 {tasks} --init fail\njobs\n", "-k")
                self.assertEqual(finished.status, 1, str(finished))
                self.assertRegex(finished.err, r"error: pool: given up: the initializer failed in \d+ workers?, and in none it succeeded")
                workers = forklab.parse_jobs(finished.lines)
                self.assertLessEqual(len(workers), 6)
                self.assertLessEqual({worker["STATE"] for worker in workers}, {"exited 1", "killed SIGTERM"})
        self.assertEqual(run("pool 2 8 --init maybe\n").status, 2)

    def test_results_as_they_come(self):
        finished = run("pool 1 5 --live\n")
        self.check_ok(finished)
        self.assertEqual([line for line in finished.lines if line.startswith("task ")],
                         [f"task {i}: {i * i}" for i in range(5)])
        session = self.session()
        # Task 0 is run again and again; all that come behind it are held back, or told at once.
        session.type("pool 2 4 --live --unordered --chunk 1 --poison 0 --retries 100 --for 100ms")
        session.expect("task 1: 1")
        session.expect("task 2: 4")
        finished = session.end()
        self.assertNotIn("task 0", finished.out)
        finished = run("pool 2 4 --live --chunk 1 --poison 0 --retries 3\n", "-k")
        told = [line for line in finished.lines if line.startswith("task ")]
        self.assertEqual(told, ["task 0: lost", "task 1: 1", "task 2: 4", "task 3: 9"])


class CutShort(forklab.TestCase):
    """Output that did not arrive is never status 0."""

    def end_while_it_writes(self, number, *arguments):
        reader, writer = os.pipe()
        errors, error_writer = os.pipe()
        process = forklab.start(*arguments, stdin=subprocess.DEVNULL, stdout=writer, stderr=error_writer)
        os.close(writer)
        os.close(error_writer)
        # It sleeps in poll() once the pipe is full.
        wait_until(lambda: self.is_full(reader) or process.poll() is not None, "a full pipe")
        os.kill(process.pid, number)
        status = process.wait()
        got = b""
        while piece := os.read(reader, 1 << 16):
            got += piece
        os.close(reader)
        with os.fdopen(errors, "rb") as file:
            said = forklab.text_of(file.read())
        return status, got, said

    @staticmethod
    def is_full(fd):
        """Whether it holds much, and no more comes."""
        def fill():
            return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0]

        before = fill()
        select.select([], [], [], 0.1)
        return before > 40000 and fill() == before

    def test_every_command_that_prints_at_its_end(self):
        commands = [["-c", "pool 2 300000 --all"], ["--json", "-c", "pool 2 300000 --all"],
                    ["-q", "-c", "pool 2 300000 --all"],
                    ["-c", "spawn 3000 0 --together"], ["-k", "-c", "pool 2 100000; results"],
                    ["-c", "repeat 3000 echo " + "x" * 60]]
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            for command in commands:
                with self.subTest(command, number=number):
                    status, _, said = self.end_while_it_writes(number, *command)
                    self.assertEqual(status, 128 + number, said)
                    self.assertRegex(said, r"bytes of output were not written")


class NoNews(forklab.TestCase):
    """Errnos that are usually no news end it or are told, and never hang it."""

    def check(self, call, error, when, script):
        finished = run_failing(call, error, when, "-k", "-c", script)
        self.assertIn(finished.status, (0, 1), str(finished))
        if finished.status == 1:
            self.assertNotEqual(finished.err, "")
        return finished

    def test_a_wait_that_knows_no_child(self):
        for when in range(1, 12):
            for script in ("pool 3 10", "spawn 3 --together"):
                with self.subTest(script, when=when):
                    self.check("waitid", "ECHILD", when, script)

    def test_a_pipe_whose_reader_lives(self):
        for when in range(1, 8):
            for script in ("pool 3 10", "pool 2 20 --for 5ms --max-tasks 3"):
                with self.subTest(script, when=when):
                    finished = self.check("writev", "EPIPE", when, script)
                    if finished.status == 0:
                        self.assertIn("Pool: [0, 1, 4, 9", finished.out)

    def test_a_kill_that_knows_no_process(self):
        for when in (1, 2, 3):
            with self.subTest(when):
                self.check("kill", "ESRCH", when, "pool 2 9 --for 100s --timeout 100ms; spawn 1 --for 100s & kill %2; cancel %2")
        self.check("kill", "EPERM", "1+", "pool 2 9 --for 100s --timeout 100ms")
        wait_until(self.all_have_gone, "workers that could not be killed end with forklab")

    @staticmethod
    def all_have_gone():
        try:
            return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG) and False
        except ChildProcessError:
            return True


class SharedPipe(forklab.TestCase):
    """Garbage in a pipe of several workers: none of them is blamed."""

    def test_bytes_of_another_program(self):
        session = self.session("-k")
        session.type("spawn 3 --together --for 60s")
        forklab.wait_until(lambda: len(forklab.children_of(session.pid)) == 3, "three workers")
        worker = forklab.children_of(session.pid)[0]
        pipe = next(fd for fd in os.listdir(f"/proc/{worker}/fd")
                    if os.readlink(f"/proc/{worker}/fd/{fd}").startswith("pipe:") and fd != "2")
        with open(f"/proc/{worker}/fd/{pipe}", "wb", buffering=0) as file:
            file.write(b"x" * 64 + b"\n")
        session.type("explain", "quit")
        finished = session.end()
        self.assertEqual(finished.status, 1, str(finished))
        self.assertIn("3 of 3 workers failed: Process-1 shared a pipe that garbage came through", finished.err)
        self.assertIn("which of them sent it, or another program, can't be told", " ".join(finished.out.split()))
        self.assertNotIn("sent garbage", finished.out + finished.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
