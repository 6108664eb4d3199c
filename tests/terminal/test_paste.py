# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that come faster than they are run: pasted, or typed ahead."""

import os
import signal
import unittest

from harness import PROMPT, TerminalTest

BEGIN, END = "\x1b[200~", "\x1b[201~"


class Paste(TerminalTest):
    def assert_each_once_in_order(self, terminal, *lines):
        terminal.see(f"^{lines[-1]}$")
        terminal.see_prompt()
        shown = [line for line in terminal.lines() if line in lines]
        self.assertEqual(shown, list(lines))

    def test_of_three_lines_with_brackets(self):
        terminal = self.prompt()
        terminal.send(f"{BEGIN}echo one\necho two\necho three{END}")
        terminal.see("echo three$")
        self.assertNotIn("one", terminal.lines())
        terminal.send("\r")
        self.assert_each_once_in_order(terminal, "one", "two", "three")

    def test_that_ends_in_a_new_line(self):
        terminal = self.prompt()
        terminal.send(f"{BEGIN}echo one\necho two\necho three\n{END}\r")
        self.assert_each_once_in_order(terminal, "one", "two", "three")

    def test_of_three_lines_without_brackets(self):
        for end in "\r", "\n":
            terminal = self.prompt()
            terminal.send(f"echo one{end}echo two{end}echo three{end}")
            self.assert_each_once_in_order(terminal, "one", "two", "three")

    def test_of_lines_that_take_time(self):
        terminal = self.prompt()
        terminal.send("spawn 1\recho one\rspawn 1 --for 200ms\recho two\rspawn 1\recho three\r")
        self.assert_each_once_in_order(terminal, "one", "two", "three")

    def test_of_many_lines_loses_and_doubles_nothing(self):
        terminal = self.prompt(rows=1000)
        words = [f"word{number}" for number in range(300)]
        terminal.send("".join(f"echo {word}\r" for word in words))
        self.assert_each_once_in_order(terminal, *words)
        # Nor was a key shown before its prompt.
        self.assertEqual([line for line in terminal.lines() if line.startswith("echo")], [])

    def test_stops_at_the_first_mistake(self):
        terminal = self.prompt()
        terminal.send(f"{BEGIN}echo one\nspwan\necho three{END}\r")
        terminal.see("^error: spwan")
        terminal.see_prompt()
        self.assertIn("one", terminal.lines())

    def begin_paste(self, terminal):
        """Leaves forklab within a paste: it has read all there is, and waits for the rest."""
        text = f"{BEGIN}echo half"
        terminal.process.send_signal(signal.SIGSTOP)
        terminal.send(text)
        terminal.wait_until(lambda: terminal.unread() == len(text), "arrival of the paste")
        terminal.process.send_signal(signal.SIGCONT)
        terminal.wait_until(lambda: terminal.unread() == 0, "begin of the paste")

    def test_without_an_end_is_ended_by_ctrl_c(self):
        terminal = self.prompt()
        self.begin_paste(terminal)
        terminal.signal(signal.SIGINT)
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo whole"), ["whole"])

    def test_without_an_end_is_ended_by_sigterm(self):
        terminal = self.prompt()
        self.begin_paste(terminal)
        terminal.signal(signal.SIGTERM)
        self.assertEqual(terminal.wait_end(), 128 + signal.SIGTERM)
        self.assert_left_clean(terminal)


class TypeAhead(TerminalTest):
    def prompt_and_wait(self):
        """Returns a terminal where `wait` runs, and the worker whose death ends it."""
        terminal = self.prompt()
        terminal.run("spawn 1 --for 10m &")
        [worker] = terminal.children()
        terminal.send("wait\r")
        terminal.see("^wait  0:")
        return terminal, worker

    def test_is_kept_and_unseen(self):
        terminal, worker = self.prompt_and_wait()
        keys = "echo ahead\recho hal"
        terminal.send(keys)
        terminal.wait_until(lambda: terminal.unread() == len(keys), "arrival of the keys")
        terminal.see("^wait  0:..  0/1 ended$")
        self.assertNotIn("ahead", terminal.text())
        os.kill(worker, signal.SIGKILL)
        terminal.see("^ahead$")
        terminal.wait_until(lambda: terminal.lines()[-1] == PROMPT + "echo hal", "half a line")
        self.assertEqual(terminal.text().count("echo ahead"), 1)
        terminal.send("f\r")
        terminal.see("^half$")

    def test_edits_as_at_the_prompt(self):
        terminal, worker = self.prompt_and_wait()
        terminal.send("echo xhalf\x01\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x04\x05 \x16\x01\x7fy\r")
        os.kill(worker, signal.SIGKILL)
        terminal.see("^half y$")

    def test_of_ctrl_d_is_quit_afterwards(self):
        terminal, worker = self.prompt_and_wait()
        terminal.send("\x04")
        os.kill(worker, signal.SIGKILL)
        self.assertEqual(terminal.wait_end(), 0)
        self.assert_left_clean(terminal)


if __name__ == "__main__":
    unittest.main(verbosity=2)
