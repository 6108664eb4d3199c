# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices: what happens in the background is told above the prompt, which stays whole."""

import os
import signal
import unittest

from harness import PROMPT, TerminalTest


class Notice(TerminalTest):
    def background(self, **options):
        """A prompt, and a worker in the background that lives until the test ends it."""
        terminal = self.prompt(**options)
        terminal.run("spawn 1 --for 10m --daemon &")
        terminal.worker = terminal.children()[0]
        return terminal

    def end_worker(self, terminal):
        os.kill(terminal.worker, signal.SIGKILL)
        terminal.see(r"^\[1\] Process-1 \(\d+\) killed SIGKILL$")
        terminal.see(r"^\[1\] failed: spawn 1")

    def assert_last(self, terminal, line, cursor=None):
        terminal.wait_until(lambda: terminal.lines()[-1] == line, f"'{line}' below the notice")
        column = len(line) if cursor is None else cursor
        terminal.wait_until(lambda: terminal.screen.cursor.x == column, f"cursor in {column}")

    def test_while_nothing_is_typed(self):
        terminal = self.background()
        self.end_worker(terminal)
        terminal.see_prompt()
        self.assertEqual(terminal.zombies(), [])

    def test_of_a_normal_end(self):
        terminal = self.prompt()
        terminal.send("spawn 1 --for 300ms &\recho ha")
        terminal.see(r"^\[1\] Process 0 finished with 0 results\.$")
        terminal.see(r"^\[1\] done: spawn 1 --for 300ms$")
        self.assert_last(terminal, PROMPT + "echo ha")
        terminal.send("lf\r")
        terminal.see("^half$")

    def test_while_half_a_line_is_typed(self):
        terminal = self.background()
        terminal.send("echo half")
        terminal.see("echo half$")
        self.end_worker(terminal)
        self.assert_last(terminal, PROMPT + "echo half")
        self.assertEqual(terminal.text().count("echo half"), 1)
        terminal.send(" whole\r")
        terminal.see("^half whole$")

    def test_while_the_cursor_is_within_the_line(self):
        terminal = self.background()
        terminal.send("echo hlf\x02\x02")
        terminal.see("echo hlf$")
        self.end_worker(terminal)
        self.assert_last(terminal, PROMPT + "echo hlf", len(PROMPT) + 6)
        terminal.send("a\r")
        terminal.see("^half$")

    def test_while_the_line_takes_three_rows(self):
        terminal = self.background(columns=60, rows=20)
        typed = "echo " + " ".join(f"word{number:02}" for number in range(20))
        terminal.send(typed)
        terminal.see("word19$")
        self.end_worker(terminal)
        rows = [(PROMPT + typed)[at:at + 60].rstrip() for at in range(0, len(PROMPT + typed), 60)]
        terminal.wait_until(lambda: terminal.lines()[-len(rows):] == rows, "line as typed")
        self.assertEqual(terminal.text().count("word00"), 1)
        terminal.send("!\r")
        terminal.see("^word00 word01")
        terminal.see("word19!\nforklab>$")

    def test_while_the_cursor_is_in_the_first_of_two_rows(self):
        terminal = self.background(columns=60, rows=20)
        typed = "echo " + "x" * 70
        terminal.send(typed)
        terminal.see("^x{24}$")
        terminal.send("\x01")
        terminal.wait_until(lambda: terminal.screen.cursor.x == len(PROMPT), "cursor in front")
        self.end_worker(terminal)
        terminal.wait_until(lambda: terminal.lines()[-2:] == [(PROMPT + typed)[:60], 24 * "x"],
                            "line as typed")
        self.assertEqual(terminal.text().count("echo x"), 1)

    def test_while_ctrl_r_searches(self):
        terminal = self.background()
        terminal.run("echo needle")
        terminal.send("\x12need")
        terminal.see(r"^\(reverse-i-search\)`need': echo needle$")
        self.end_worker(terminal)
        terminal.wait_until(
            lambda: terminal.lines()[-1] == "(reverse-i-search)`need': echo needle", "the search")
        terminal.send("l")
        terminal.see(r"^\(reverse-i-search\)`needl': echo needle$")
        terminal.send("\r")
        terminal.wait_until(lambda: terminal.lines().count("needle") == 2, "what was found")

    def test_while_a_completion_list_is_shown(self):
        terminal = self.background()
        terminal.send("pool 2 4 --\t\t")
        terminal.see(r"--max-tasks")
        terminal.see(r"--unordered")
        self.assert_last(terminal, PROMPT + "pool 2 4 --")
        self.end_worker(terminal)
        self.assert_last(terminal, PROMPT + "pool 2 4 --")
        terminal.see(r"--max-tasks")
        terminal.send("all\r")
        terminal.see(r"^Pool: \[0, 1, 4, 9\]$")

    def test_while_a_number_is_typed_for_a_key(self):
        terminal = self.background()
        terminal.send("\x1b4")
        terminal.see(r"^\(arg: 4\)")
        self.end_worker(terminal)
        terminal.wait_until(lambda: terminal.lines()[-1] == "(arg: 4)", "argument")
        terminal.send("x")
        self.assert_last(terminal, PROMPT + "xxxx")

    def test_above_the_bar_of_another_command(self):
        terminal = self.background()
        terminal.send("sleep 10m\r")
        terminal.see(r"^sleep +\[")
        self.end_worker(terminal)
        terminal.wait_until(lambda: terminal.lines()[-1].startswith("sleep  ["), "bar")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertEqual(terminal.text().count("[-----"), 0)

    def test_on_a_dumb_terminal(self):
        terminal = self.background(TERM="dumb")
        terminal.send("echo half")
        terminal.see("echo half$")
        self.end_worker(terminal)
        self.assert_last(terminal, PROMPT + "echo half")
        self.assertNotIn("\x1b", terminal.raw)
        terminal.send(" whole\r")
        terminal.see("^half whole$")

    def test_not_with_q(self):
        terminal = self.prompt("-q")
        terminal.run("spawn 1 --for 10m --daemon &")
        pid = terminal.children()[0]
        os.kill(pid, signal.SIGKILL)
        terminal.wait_until(lambda: not terminal.children(), "end of the worker")
        self.assertNotIn("[1]", "\n".join(terminal.run("echo quiet")))

    def test_of_many_at_once(self):
        terminal = self.prompt(rows=60)
        terminal.run("spawn 20 --together --for 10m --daemon &")
        for pid in terminal.children():
            os.kill(pid, signal.SIGKILL)
        terminal.see(r"^\[1\] failed: spawn 20")
        for number in range(1, 21):
            self.assertEqual(terminal.text().count(f"[1] Process-{number} ("), 1)
        self.assertEqual(terminal.children(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
