#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that watch fills a real terminal, moves, ends by a key, and leaves everything as it was.

Runs the binary that the environment variable FORKLAB names.
"""
import os
import re
import signal
import tempfile
import termios
import unittest

import pexpect

FORKLAB = os.environ["FORKLAB"]
LIMIT = 20  # seconds that any one thing may take
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
PROMPT = "forklab> "


class Watch(unittest.TestCase):
    def setUp(self):
        state = tempfile.TemporaryDirectory()
        self.addCleanup(state.cleanup)
        self.start(XDG_STATE_HOME=state.name)

    def start(self, rows=24, columns=80, **environment):
        usual = {"TERM": "xterm", "LC_ALL": "C.UTF-8", "INPUTRC": "/dev/null"}
        self.child = pexpect.spawn(FORKLAB, timeout=LIMIT, encoding="utf-8", echo=True,
                                   dimensions=(rows, columns),
                                   env={**os.environ, **usual, **environment})
        self.addCleanup(self.end, self.child)
        self.child.expect_exact(PROMPT)
        self.child.delaybeforesend = None

    def end(self, child):
        child.kill(signal.SIGTERM)
        child.expect(pexpect.EOF)
        child.close()

    def say(self, line):
        self.child.sendline(line)
        self.child.expect_exact(line)

    def watch(self, job):
        self.say(job)
        self.child.expect_exact(PROMPT)
        self.say("watch")
        self.child.expect_exact(ENTER)

    def expect_prompt_after(self, keys):
        self.child.send(keys)
        self.child.expect_exact(LEAVE)
        self.child.expect_exact(PROMPT)

    def test_a_key_ends_it(self):
        self.watch("spawn 6 --together --for 20s --daemon &")
        self.child.expect("6 workers: 6 running")
        self.child.expect("Process-6 +\\d+")
        self.child.expect("any key ends")
        self.expect_prompt_after("x")

    def test_what_is_typed_behind_that_key_comes_to_the_prompt(self):
        for key in "\r", " ", "\x1b[15~", "\x1bOP", "\x1b[[A", "\x1bx":
            self.say("watch")
            self.child.expect_exact(ENTER)
            self.child.expect("any key ends")
            self.child.send(f"{key}echo '['ahead']'\r")
            self.child.expect_exact(LEAVE)
            self.child.expect_exact("[ahead]")
            self.child.expect_exact(PROMPT)

    def test_ctrl_c_ends_it_and_no_worker(self):
        self.watch("spawn 2 --together --for 20s --daemon &")
        self.child.expect("2 running")
        self.expect_prompt_after("\x03")
        self.say("jobs")
        self.child.expect("Process-2 +\\d+ +\\S*running")

    def test_the_escape_key_ends_it(self):
        self.watch("spawn 1 --for 20s --daemon &")
        self.child.expect("1 running")
        self.expect_prompt_after("\x1b")

    def test_a_timeout_ends_it(self):
        self.say("watch --timeout 300ms")
        self.child.expect_exact(ENTER)
        self.child.expect("no workers")
        self.child.expect_exact(LEAVE)
        self.child.expect_exact(PROMPT)

    def test_600_workers_scroll(self):
        self.watch("pool 600 600 --map sleep --for 60s --daemon &")
        self.child.expect("600 workers: ")
        self.child.expect("lines 1-22 of 601")
        self.child.send("j")
        self.child.expect("lines 2-23 of 601")
        self.child.send("\x1b[B")
        self.child.expect("lines 3-24 of 601")
        self.child.send("\x1b[A")
        self.child.expect("lines 2-23 of 601")
        self.child.send("\x1b[6~")
        self.child.expect("lines 23-44 of 601")
        self.child.send("\x1b[F")
        self.child.expect("lines 580-601 of 601")
        self.child.expect_exact("\x1b[J")
        self.expect_prompt_after("x")

    def test_a_frame_fits_the_window_also_a_new_one(self):
        self.watch("spawn 60 --together --for 20s --daemon &")
        self.child.expect("lines 1-22 of 61")
        self.child.setwinsize(12, 60)
        self.child.expect("lines 1-10 of 61")
        self.child.expect_exact("\x1b[H")
        self.child.expect_exact("\x1b[J")
        self.assert_fits(self.child.before, 12, 60)
        self.expect_prompt_after("x")

    def assert_fits(self, frame, rows, columns):
        lines = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", frame).split("\r\n")
        self.assertLessEqual(len(lines), rows)
        for line in lines:
            self.assertLess(len(line), columns)

    def test_what_is_printed_meanwhile_appears_afterwards(self):
        self.watch("spawn 1 --for 1s & stop Process-1")
        self.child.expect("1 stopped")
        with open(f"/proc/{self.child.pid}/task/{self.child.pid}/children", encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGCONT)
        self.child.expect("\\(done\\)")
        self.assertNotIn("done: spawn", self.child.before)
        self.child.expect("exited 0")
        self.child.send("x")
        self.child.expect_exact(LEAVE)
        self.assertNotIn("finished with", self.child.before)
        self.child.expect("Process 0 finished with 0 results")
        self.child.expect("done: spawn 1 --for 1s")

    def test_an_error_meanwhile_is_seen_below_and_watching_goes_on(self):
        self.watch("spawn 1 --for 700ms --as crash &")
        self.child.expect("1 running")
        self.child.expect_exact(LEAVE)
        self.child.expect("1 of 1 worker failed: Process-1 was killed by SIGSEGV")
        self.child.expect_exact(ENTER)
        self.child.expect("killed SIGSEGV")
        self.expect_prompt_after("x")

    def test_it_comes_back_after_a_stop(self):
        self.watch("spawn 1 --for 20s --daemon &")
        self.child.expect("1 running")
        os.kill(self.child.pid, signal.SIGSTOP)
        os.waitpid(self.child.pid, os.WUNTRACED)
        os.kill(self.child.pid, signal.SIGCONT)
        self.child.expect_exact(ENTER)
        self.child.expect("1 running")
        self.expect_prompt_after("x")

    def test_home_end_and_page_up_move_it_too(self):
        self.watch("pool 60 60 --map sleep --for 20s --daemon &")
        self.child.expect("lines 1-22 of 61")
        self.child.send("\x1b[4~")
        self.child.expect("lines 40-61 of 61")
        self.child.send("\x1b[5~")
        self.child.expect("lines 19-40 of 61")
        self.child.send("k")
        self.child.expect("lines 18-39 of 61")
        self.child.send("\x1b[H")
        self.child.expect("lines 1-22 of 61")
        self.child.send("\x1b[5~j")
        self.child.expect("lines 2-23 of 61")
        self.child.send("\x1b[F\x1b[B\x1b[6~\x1b[A")
        self.child.expect("lines 39-60 of 61")
        self.expect_prompt_after("x")

    def test_a_terminal_that_does_not_tell_its_size_has_24_rows(self):
        self.start(rows=0, columns=0)
        self.watch("pool 60 60 --map sleep --for 20s --daemon &")
        self.child.expect("lines 1-22 of 61")
        self.expect_prompt_after("x")

    def test_the_terminal_is_as_before(self):
        before = termios.tcgetattr(self.child.child_fd)
        self.watch("spawn 1 --for 20s --daemon &")
        self.child.expect("1 running")
        self.child.send("x")
        self.child.expect_exact("\x1b[?25h")
        self.child.expect_exact(LEAVE)
        self.child.expect_exact(PROMPT)
        self.assertEqual(termios.tcgetattr(self.child.child_fd), before)

    def test_the_screen_comes_back_when_forklab_is_terminated(self):
        self.watch("spawn 1 --for 20s --daemon &")
        self.child.expect("1 running")
        self.child.kill(15)
        self.child.expect_exact(LEAVE)
        self.child.expect(pexpect.EOF)

    def test_a_dumb_terminal_gets_snapshots(self):
        self.start(TERM="dumb")
        self.say("watch")
        self.child.expect("error: watch: --timeout is missing")
        self.say("watch --timeout 100ms")
        self.child.expect("watch, 0 s: no workers")
        self.child.expect_exact(PROMPT)


if __name__ == "__main__":
    unittest.main()
