#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that show, tree, reap, jobs and watch say what the kernel says, in sessions through a pipe.

Runs the binary that the environment variable FORKLAB names.
"""
import ctypes
import os
import re
import select
import subprocess
import tempfile
import time
import unittest

FORKLAB = os.environ["FORKLAB"]
LIMIT = 20  # seconds that any one thing may take
PR_SET_CHILD_SUBREAPER = 36


def run(script, *options, **environment):
    """Runs a script to its end, with both streams in one text."""
    return subprocess.run([FORKLAB, *options, "-c", script], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=LIMIT, env={**os.environ, **environment})


class Session:
    """A session that is spoken to line by line."""

    def __init__(self):
        self.process = subprocess.Popen([FORKLAB, "-k"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.heard = ""
        self.asked = 0

    def say(self, line):
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()

    def hear(self, pattern):
        """Reads until the pattern is there; returns what came up to its end."""
        end = time.monotonic() + LIMIT
        while not (found := re.search(pattern, self.heard)):
            left = end - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not data:
                raise AssertionError(f"no {pattern!r} in: {self.heard}")
            self.heard += data.decode()
        before, self.heard = self.heard[:found.end()], self.heard[found.end():]
        return before

    def ask(self, line):
        """Runs one command; returns what it printed."""
        self.asked += 1
        self.say(f"{line}; echo answered {self.asked}")
        return self.hear(f"answered {self.asked}\n")

    def ask_until(self, line, pattern):
        """Runs a command again and again until it prints what is expected."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            answer = self.ask(line)
            if re.search(pattern, answer):
                return answer
        raise AssertionError(f"{line} never printed {pattern!r}, but: {answer}")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(timeout=LIMIT)


class Look(unittest.TestCase):
    def setUp(self):
        self.session = Session()
        self.addCleanup(self.end)

    def end(self):
        self.session.process.terminate()
        self.session.process.wait(timeout=LIMIT)
        with self.assertRaises(ChildProcessError, msg="it left somebody behind"):
            os.waitpid(-1, os.WNOHANG)
        self.session.process.stdin.close()
        self.session.process.stdout.close()


class Show(Look):
    def test_both_sides_name_the_same_pids(self):
        self.session.say("spawn 1 --for 20s --daemon &")
        answer = self.session.ask_until("show Process-1", r"working, \d+ %")
        pid = re.search(r"Process-1 \((\d+)\)", answer).group(1)
        self.assertRegex(answer, rf"\npid +{pid} +{pid}\n")
        parent = self.session.process.pid
        self.assertRegex(answer, rf"\nparent +{parent} +{parent}\n")
        self.assertRegex(answer, r"\nstate +[RS] \w+ +working")
        self.assertRegex(answer, r"\n +3  write +pipe:\[\d+\]\s+reports to forklab")
        self.assertRegex(answer, r"\ndaemon +yes")

    def test_a_stopped_worker_is_t(self):
        self.session.say("spawn 1 --for 20s --daemon &")
        self.session.ask_until("show Process-1", "working")
        self.session.ask("stop Process-1")
        self.assertRegex(self.session.ask("show Process-1"), r"\nstate +T stopped")

    def test_ignored_signals_have_names(self):
        self.session.say("spawn 1 --as stubborn --for 20s --daemon &")
        self.session.ask_until("show Process-1", r"\nignored +SIGTERM\n")
        self.session.ask("kill -9 Process-1")

    def test_every_worker_of_a_job(self):
        self.session.say("spawn 3 --together --for 20s --daemon &")
        answer = self.session.ask("show %1")
        self.assertEqual(len(re.findall(r"Process-\d+ \(\d+\), a worker of %1", answer)), 3)

    def test_a_pool_worker_hears_its_tasks(self):
        self.session.say("pool 1 8 --for 20s --daemon &")
        # Just forked it may not have put them in their places yet.
        answer = self.session.ask_until("show Process-1", r"\n +3  write +pipe:\[\d+\]\s+reports to forklab\n"
                                                          r" +4  read +pipe:\[\d+\]\s+tasks from forklab\n")
        self.assertRegex(answer, r"\npipe +its own\n")

    def test_a_reaped_worker_is_remembered_and_unknown_to_the_kernel(self):
        self.session.ask("spawn 1 --exit 7")
        answer = self.session.ask("show Process-1")
        self.assertIn("nothing: it is reaped", answer)
        self.assertRegex(answer, r"\nexit code +7\n")

    def test_nobody_of_that_name(self):
        self.assertIn("'nobody' is no worker of this session", self.session.ask("show nobody"))


class Reap(Look):
    def test_10_ended_and_not_yet_reaped_is_a_zombie(self):
        self.session.ask("reap off; spawn 1")
        self.assertRegex(self.session.ask("jobs"), r"%1\.0 +Process-1 +\d+ +zombie")
        answer = self.session.ask("show Process-1")
        pid = re.search(r"Process-1 \((\d+)\)", answer).group(1)
        self.assertRegex(answer, r"\nstate +Z zombie")
        self.assertIn("only the exit status waits to be", answer)
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            self.assertEqual(stat.read().rsplit(")", 1)[1].split()[0], "Z")
        self.assertRegex(self.session.ask("tree"), rf"Process-1 +{pid} +Z zombie")
        self.assertRegex(self.session.ask("reap now"), rf"Process-1 \({pid}\): exit code 0\n")
        self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.assertRegex(self.session.ask("jobs"), r"%1\.0 +Process-1 +\d+ +exited 0")

    def test_exit_codes_of_all_who_are_collected(self):
        self.session.ask("reap off; spawn 2 --exit 7 --together")
        self.session.say("spawn 1 --for 20s &")
        self.session.ask("kill -9 Process-3")
        self.session.ask_until("jobs", r"Process-3 +\d+ +zombie")
        answer = self.session.ask("reap now")
        self.assertEqual(re.findall(r"exit code (.*)\n", answer), ["7", "7", "-9 (SIGKILL)"])

    def test_now_goes_on_leaving_them_and_on_does_not(self):
        self.session.ask("reap off; spawn 1; reap now; spawn 1")
        self.assertRegex(self.session.ask("jobs"), r"Process-2 +\d+ +zombie")
        self.assertIn("Process-2", self.session.ask("reap on"))
        self.session.ask("spawn 1")
        self.assertNotIn("zombie", self.session.ask("jobs"))

    def test_alone_it_says_which_it_is(self):
        self.assertIn("reap is on", self.session.ask("reap"))
        answer = self.session.ask("reap off; spawn 2; reap")
        self.assertIn("reap is off: an ended worker stays a zombie; there are 2", answer)

    def test_a_zombie_cannot_be_killed(self):
        self.session.ask("reap off; spawn 1")
        self.assertIn("can't be killed: it is dead already", self.session.ask("kill -9 Process-1"))
        self.assertIn("can't be killed", self.session.ask("kill -9 %1"))
        self.assertRegex(self.session.ask("reap now"), "exit code 0")

    def test_quit_leaves_nothing(self):
        self.session.ask("reap off; spawn 3 --together; spawn 2 --as fork --together")
        self.session.close()
        with self.assertRaises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)


class Tree(Look):
    def test_a_child_that_it_never_forked_is_adopted_and_left_alone(self):
        # exec keeps children.
        shell = "sleep 1h <&- >&- 2>&- & exec \"$0\""
        done = subprocess.run(["sh", "-c", shell, FORKLAB], input="tree\ntree --fds\n", text=True,
                              stdout=subprocess.PIPE, timeout=LIMIT)
        stranger = re.search(r"\n[^\w]+orphan, adopted +(\d+) +[RS] \w+", done.stdout)
        os.kill(int(stranger.group(1)), 15)
        os.waitpid(int(stranger.group(1)), 0)
        self.assertEqual(done.returncode, 0)

    def test_workers_are_children_of_forklab(self):
        self.session.say("spawn 2 --together --for 20s --daemon &")
        answer = self.session.ask("tree")
        self.assertRegex(answer, rf"forklab +{self.session.process.pid} +R running\n")
        for pid in re.findall(r"Process-\d +(\d+)", answer):
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                parent = stat.read().rsplit(")", 1)[1].split()[1]
            self.assertEqual(int(parent), self.session.process.pid)

    def test_the_grandchild_that_keeps_a_pipe_is_marked(self):
        self.session.say("spawn 1 --as fork --for 2s &")
        answer = self.session.ask_until("tree --fds", "child of Process-1")
        self.assertRegex(answer, r"\n[^\w]+child of Process-1 +\d+ +[RS] \w+")
        pipe = answer[answer.index("the reports of Process-1"):]
        self.assertRegex(pipe, r"writes +child of Process-1 \(\d+\), descriptor 3\n"
                               r"[^\w]+! keeps the pipe from ending when Process-1 does")
        own = re.search(r"writes +Process-1 \(\d+\), descriptor 3\n(.*)\n", pipe)
        self.assertNotIn("!", own.group(1))
        self.session.ask("kill -9 Process-1")

    def test_forklab_says_why_it_holds_a_shared_pipe(self):
        self.session.say("spawn 2 --together --for 20s --daemon &")
        answer = self.session.ask("tree --fds")
        pipe = answer[answer.index("the reports of all workers of %1"):]
        self.assertRegex(pipe, r"writes +forklab \(\d+\), descriptor \d+\n"
                               r"[^\w]+! keeps the pipe from ending: forklab holds it")
        self.assertRegex(pipe, r"reads +forklab \(\d+\), descriptor \d+\n")

    def test_without_a_pipe_it_says_so(self):
        with tempfile.TemporaryFile("w+") as file:
            subprocess.run([FORKLAB, "-c", "tree --fds"], stdin=subprocess.DEVNULL, stdout=file,
                           stderr=file, check=True, timeout=LIMIT)
            file.seek(0)
            self.assertTrue(file.read().endswith("\n\nno pipes\n"))

    def test_the_pipes_of_a_pool(self):
        self.session.say("pool 2 8 --for 2s --daemon &")
        # A worker that was forked just now may not have closed yet what is not its own.
        self.session.ask_until("tree --fds", r"the tasks for Process-1 \[\d+\]\n"
                               r"[^\w]+writes +forklab \(\d+\), descriptor \d+\n"
                               r"[^\w]+reads +Process-1 \(\d+\), descriptor 4\n")
        self.session.ask("kill -9 %1")

    def test_ascii_where_the_locale_is(self):
        script = "spawn 2 --together --for 20s --daemon &; tree; quit"
        self.assertIn("|- Process-1", run(script, LC_ALL="C").stdout)
        self.assertIn("├─ Process-1", run(script, LC_ALL="C.UTF-8").stdout)


class Jobs(Look):
    def test_the_oldest_are_forgotten_but_no_zombie(self):
        self.session.ask("spawn 1 1; reap off; spawn 1 1; reap now; spawn 1 1; reap on")
        self.session.ask("reap off; spawn 1 1")
        self.session.ask("set for 0; repeat 520 pool 1 0")
        answer = self.session.ask("jobs")
        self.assertNotRegex(answer, r"%1\.0 +Process-1 ")
        self.assertRegex(answer, r"%4\.0 +Process-4 +\d+ +zombie")

    def test_a_thousand_workers(self):
        self.session.ask("spawn 1000 1 --together")
        answer = self.session.ask("jobs")
        self.assertEqual(len(re.findall(r"\n%1\.\d+ +Process-\d+ +\d+ +exited 0 ", answer)), 1000)


class Watch(unittest.TestCase):
    def test_off_a_terminal_it_needs_a_timeout(self):
        done = run("watch")
        self.assertEqual(done.returncode, 2)
        self.assertIn("error: watch: --timeout is missing", done.stdout)

    def test_a_snapshot_a_second(self):
        done = run("spawn 1 --for 20s --daemon &; watch --timeout 1500ms", LC_ALL="C")
        self.assertEqual(done.returncode, 0)
        shots = re.findall(r"watch, (\d) s: 1 worker: 1 running\n%1 spawn 1 --for 20s --daemon\n"
                           r"   Process-1 +\d+  [#-]+ +\d+%  running\n", done.stdout)
        self.assertEqual(shots, ["0", "1"])
        self.assertNotIn("\x1b", done.stdout)

    def test_who_waits_for_whom_at_the_barrier(self):
        done = run("barrier 3 --without 0 --stagger 20s --daemon &; watch --timeout 1500ms; quit")
        self.assertRegex(done.stdout, r"barrier: 1 of 3 are there, waiting for 2 not started yet\n")
        self.assertRegex(done.stdout, r"p1 +\d+ .*100%  waiting: barrier\n")

    def test_one_target(self):
        done = run("spawn 3 --together --for 20s --daemon &; watch Process-2 --timeout 500ms")
        self.assertIn("1 worker: 1 running", done.stdout)
        self.assertNotRegex(done.stdout, r"   Process-[13] ")

    def test_one_job(self):
        done = run("spawn 1; spawn 2 --together --for 20s --daemon &; watch %2 --timeout 500ms")
        self.assertIn("2 workers: 2 running", done.stdout)
        self.assertIn("%2 spawn 2", done.stdout)
        self.assertNotIn("%1", done.stdout)

    def test_a_job_that_jobs_lists_is_known(self):
        done = run("repeat 20 spawn 1 0; watch %1 --timeout 10ms")
        self.assertIn("watch, 0 s: 1 worker: 1 exited\n%1 spawn 1 0 (done)\n", done.stdout)

    def test_zombies_are_seen(self):
        done = run("reap off; spawn 1; watch --timeout 100ms")
        self.assertRegex(done.stdout, r"Process-1 +\d+ .*100%  zombie\n")


if __name__ == "__main__":
    # Whatever a session leaves behind becomes our child.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    unittest.main()
