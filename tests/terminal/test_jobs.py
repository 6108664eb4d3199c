# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C and Ctrl-Z in front of running commands, fg and bg."""

import os
import re
import signal
import time
import unittest

from harness import PROMPT, SLOW, TerminalTest


class Interrupt(TerminalTest):
    def interrupt(self, terminal):
        """Ctrl-C; returns how long the prompt then took."""
        begun = time.monotonic()
        terminal.send("\x03")
        terminal.see_prompt()
        return time.monotonic() - begun

    def test_of_a_pool(self):
        terminal = self.prompt()
        terminal.enter("pool 4 100000 --map sleep")
        terminal.wait_until(lambda: len(terminal.children()) == 4, "workers")
        terminal.see(r"\d+/100000 tasks")
        self.assertLess(self.interrupt(terminal), 1.0 * SLOW)
        self.assertEqual(terminal.children(), [])
        self.assertEqual(terminal.raw.count("Pool:"), terminal.text().count("Pool:"))
        self.assertLessEqual(terminal.text().count("Pool:"), 1)
        self.assertLessEqual(terminal.text().count("=>"), 1)
        self.assertLessEqual(terminal.text().count("error:"), 1)
        self.assertEqual(terminal.run("echo on"), ["on"])

    def test_while_workers_are_still_being_started(self):
        terminal = self.prompt()
        terminal.enter("spawn 3000 0 --together --as stubborn --for 10m")
        terminal.wait_until(terminal.children, "workers")
        self.interrupt(terminal)
        self.assertEqual(terminal.children(), [])
        self.assertEqual(terminal.run("echo on"), ["on"])

    def test_of_workers_that_ignore_sigterm(self):
        terminal = self.prompt()
        terminal.enter("spawn 2 --together --as stubborn --for 10m")
        terminal.see("from process no: 1")
        terminal.wait_until(lambda: len(terminal.children()) == 2, "workers")
        terminal.see(r"^spawn  \[")  # by now they ignore it
        terminal.signal(signal.SIGINT)
        self.assertLess(self.interrupt(terminal), 0.5 * SLOW)
        self.assertEqual(terminal.children(), [])
        terminal.see("was killed by SIGKILL")

    def test_leaves_background_jobs_alone(self):
        terminal = self.prompt()
        terminal.run("spawn 1 --for 10m --daemon &")
        before = terminal.children()
        terminal.enter("spawn 1 --for 10m")
        terminal.wait_until(lambda: len(terminal.children()) == 2, "workers")
        self.interrupt(terminal)
        self.assertEqual(terminal.children(), before)

    def test_of_the_six(self):
        terminal = self.prompt(rows=60)
        for line in ("name --for 10m", "spawn 2 --for 10m", "kill --after 10m --for 10m",
                     "daemon --for 10m", "barrier 2 --for 10m", "barrier 2 --stagger 1m"):
            with self.subTest(line):
                terminal.enter(f"{line}")
                terminal.wait_until(terminal.children, "workers")
                self.assertLess(self.interrupt(terminal), 1.0 * SLOW)
                self.assertEqual(terminal.children(), [])

    def test_of_sleep(self):
        terminal = self.prompt()
        terminal.enter("sleep 10m; echo never")
        terminal.see(r"^sleep  \[")
        self.interrupt(terminal)
        terminal.see("^error: sleep: interrupted$")
        self.assertNotIn("never", terminal.lines())

    def test_of_wait(self):
        terminal = self.prompt()
        terminal.run("spawn 1 --for 10m --daemon &")
        terminal.enter("wait")
        terminal.see(r"^wait ")
        self.interrupt(terminal)
        terminal.see("^error: wait: interrupted; the workers go on$")
        self.assertEqual(len(terminal.children()), 1)

    def test_of_a_walk_whose_worker_is_dead_already(self):
        terminal = self.prompt()
        terminal.enter("kill --after 10m --for 10m")
        terminal.see("^Process running: True$")
        pid = terminal.children()[-1]
        os.kill(pid, signal.SIGKILL)
        terminal.wait_child_gone(pid)
        terminal.wait_until(lambda: not terminal.children(), "end of the zombie")
        self.interrupt(terminal)
        self.assertEqual(terminal.run("echo on"), ["on"])

    def test_counts_whom_it_ended(self):
        terminal = self.prompt()
        terminal.run("pool 2 100000 --map sleep &")
        terminal.run(f"kill {terminal.children()[0]} {terminal.children()[1]}")
        terminal.wait_until(lambda: len(terminal.children()) == 2, "new workers")
        terminal.enter("fg")
        terminal.see(r"\d+/100000 tasks")
        self.interrupt(terminal)
        terminal.see("^error: pool: interrupted; 2 workers terminated$")

    def test_counts_who_ended_itself_as_asked(self):
        terminal = self.prompt()
        terminal.enter("kill --graceful --for 10m --after 10m")
        terminal.see("^Process running: True$")
        self.interrupt(terminal)
        terminal.see("^error: kill: interrupted; 1 worker terminated$")

    def test_of_a_ladder(self):
        terminal = self.prompt()
        terminal.run("spawn 1 --as stubborn --for 10m --daemon &")
        terminal.enter("kill --ladder %1")
        terminal.see("SIGTERM sent to Process-1")
        self.interrupt(terminal)
        terminal.see("^error: kill: interrupted")
        self.assertEqual(terminal.run("echo on")[-1], "on")

    def test_of_repeat_and_source(self):
        self.write("lesson.fl", "sleep 10m\necho never\n")
        terminal = self.prompt()
        for line in ("repeat 1000 sleep 10m", "source lesson.fl"):
            terminal.enter(f"{line}")
            terminal.see(r"^sleep  \[")
            self.interrupt(terminal)
        self.assertNotIn("never", terminal.lines())

    def test_of_quick_commands_of_repeat_and_source(self):
        self.write("lesson.fl", "echo again\n" * 200000 + "echo never\n")
        terminal = self.prompt()
        for line, word in ("repeat 1000000 echo hi", "hi"), ("source lesson.fl", "again"):
            terminal.enter(line)
            terminal.see(f"^{word}$")
            self.interrupt(terminal)
            terminal.see(r"\^C\nforklab>$")
        self.assertNotIn("never", terminal.lines())
        self.assertEqual(terminal.run("echo on"), ["on"])

    def test_of_a_repetition_in_the_background(self):
        terminal = self.prompt()
        terminal.enter("repeat 1000000 spawn 1 0 &")
        terminal.see_raw(r"\[9\] spawn 1 0 &")
        self.interrupt(terminal)
        # Not on the screen, which the jobs' ends may have scrolled on.
        terminal.enter("echo still here")
        terminal.see_raw(r"[\r\n]still here\r\n")

    def test_of_a_fifo_that_nobody_writes_to(self):
        os.mkfifo(os.path.join(self.home, "lesson.fl"))
        terminal = self.prompt()
        writer = os.open(os.path.join(self.home, "lesson.fl"), os.O_RDWR)
        self.addCleanup(os.close, writer)
        terminal.enter("source lesson.fl")
        terminal.wait_until(lambda: terminal.unread() == 0, "reading of the line")
        self.interrupt(terminal)
        self.assertEqual(terminal.run("echo on"), ["on"])

    def test_of_quit_terminates_the_joined(self):
        terminal = self.prompt()
        terminal.run("spawn 2 --together --for 10m &")
        terminal.enter("quit")
        terminal.see(r"^quit: waiting for Process-1, Process-2 \(Ctrl-C terminates them\)$")
        terminal.send("\x03")
        terminal.wait_end()
        self.assert_left_clean(terminal)

    def test_of_quit_twice_kills_the_stubborn(self):
        terminal = self.prompt()
        terminal.enter("spawn 1 --as stubborn --for 10m &")
        terminal.see(r"^\[1\] spawn")
        terminal.enter("jobs")
        terminal.see(r"%1\.0 .* running")
        terminal.enter("quit 7")
        terminal.see(r"^quit: waiting for Process-1 \(Ctrl-C terminates it\)$")
        terminal.signal(signal.SIGINT)
        begun = time.monotonic()
        terminal.send("\x03")
        self.assertEqual(terminal.wait_end(), 7)
        self.assertLess(time.monotonic() - begun, 0.5 * SLOW)
        self.assert_left_clean(terminal)

    def test_between_two_commands_reaches_nobody_else(self):
        terminal = self.prompt()
        for _ in range(20):
            terminal.enter("spawn 1")
            terminal.signal(signal.SIGINT)
        self.assertEqual(terminal.run("echo on")[-1], "on")
        self.assertEqual(terminal.children(), [])


class JobControl(TerminalTest):
    def test_ctrl_z_sends_to_the_background_and_fg_back(self):
        terminal = self.prompt()
        terminal.enter("spawn 1 --for 10m")
        terminal.see(r"^spawn  \[")
        worker = terminal.children()
        terminal.send("\x1a")
        terminal.see(r"^\[1\] in the background: spawn 1 --for 10m$")
        terminal.see_prompt()
        self.assertEqual(terminal.children(), worker)
        self.assertIn(terminal.state(worker[0]), "RS")
        terminal.enter("fg")
        terminal.see(r"^spawn 1 --for 10m$")
        terminal.see(r"^spawn  \[")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertEqual(terminal.children(), [])

    def test_fg_of_a_job_that_ends(self):
        terminal = self.prompt()
        terminal.run("name --for 500ms &")
        terminal.enter("fg %1")
        terminal.see("^Total execution time")
        terminal.see("^=> do_something process 1 is")
        terminal.see_prompt()

    def test_a_pool_goes_on_in_the_background(self):
        terminal = self.prompt()
        terminal.enter("pool 4 40 --map sleep --all")
        terminal.wait_until(lambda: len(terminal.children()) == 4, "workers")
        terminal.send("\x1a")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo meanwhile"), ["meanwhile"])
        terminal.see(r"^\[1\] Pool: \[0, 1, 2")
        terminal.see(r"^\[1\] done: pool")
        terminal.see_prompt()

    def test_keys_stop_no_worker_that_is_just_born(self):
        terminal = self.prompt(rows=100)
        for number in range(1, 11):
            # What earlier ones printed is still on the screen. The key throws away what was typed and not yet
            # read, so Enter has to be read before.
            before = len(terminal.raw)
            terminal.enter("spawn 40 --together")
            terminal.wait_until(lambda: "\x1b[?2004l" in terminal.raw[before:], "start")
            while number % 2 and not terminal.children() and not terminal.read(0):
                pass
            terminal.send("\x1a")
            terminal.wait_until(
                lambda: re.search(rf"=> 40|\[{number}\] (in the background|=> 40)", terminal.raw[before:]),
                f"end or move of job {number}")
            terminal.wait_until(lambda: not terminal.children(), "end of all workers")
            terminal.see_prompt()

    def test_bg_continues_the_stopped(self):
        terminal = self.prompt()
        terminal.run("spawn 1 --for 10m --daemon &")
        worker = terminal.children()[0]
        terminal.enter("stop %1")
        terminal.wait_until(lambda: terminal.state(worker) == "T", "stop")
        terminal.enter("bg %1")
        terminal.see(r"^\[1\] spawn 1 --for 10m --daemon &$")
        terminal.wait_until(lambda: terminal.state(worker) != "T", "going on")

    def test_ctrl_z_says_what_can_not_go(self):
        terminal = self.prompt()
        terminal.enter("sleep 10m")
        terminal.see(r"^sleep  \[")
        terminal.send("\x1a")
        terminal.see("sleep can't go to the background")
        terminal.send("\x03")
        terminal.see_prompt()

    def test_fg_without_a_job(self):
        terminal = self.prompt()
        self.assertEqual(terminal.run("fg"), ["error: fg: there is no job in the background"])
        self.assertEqual(terminal.run("bg %3")[0][:10], "error: bg:")


if __name__ == "__main__":
    unittest.main(verbosity=2)
