# SPDX-License-Identifier: GPL-3.0-or-later
"""The bar in front of what takes longer than a second."""

import re
import unittest

from harness import PROMPT, TerminalTest


class Bar(TerminalTest):
    def test_appears_and_goes(self):
        terminal = self.prompt()
        terminal.send("pool 2 40 --map sleep\r")
        terminal.see(r"^pool  \[#+-+\] +\d+%  \d+/40 tasks  [\d.]+/s  0:0\d left$")
        terminal.see("^Pool:")
        terminal.see_prompt()
        self.assertNotIn("left", terminal.text())
        self.assertNotIn("[#", terminal.text())
        self.assertNotIn("\n\n", terminal.text())

    def test_not_for_what_is_quick(self):
        terminal = self.prompt()
        terminal.run("spawn 2; pool 2 10; sleep 500ms")
        self.assertNotIn("--]", terminal.raw)

    def test_below_what_the_command_prints(self):
        terminal = self.prompt()
        terminal.send("spawn 3 --for 700ms\r")
        terminal.see(r"^spawn  \[")
        terminal.see("^Process 2 finished")
        terminal.see_prompt()
        lines = [line for line in terminal.lines() if "process no" in line or "finished" in line]
        self.assertEqual(len(lines), 6)
        self.assertNotIn("left", terminal.text())

    def test_of_every_command_that_takes_long(self):
        bar = r"  \[[#-]+\] +\d+%"
        expected = {
            "name --for 30s": "^name" + bar,
            "spawn 2 --together --for 30s": "^spawn" + bar,
            "daemon --for 30s": "^daemon" + bar,
            "kill --after 30s --for 30s": "^kill" + bar,
            "barrier 2 --without 0 --for 30s": "^barrier" + bar,
            "barrier 2 --without 0 --rounds 9 --for 2s": "^barrier" + bar + r"  \d/9 rounds",
            "scale pool 2 300 --map sleep": "^scale" + bar,
            "wait --timeout 30s": r"^wait  0:0\d  0/1 ended",
        }
        terminals = {line: self.prompt() for line in expected}
        for line, terminal in terminals.items():
            if line.startswith("wait"):
                terminal.run("spawn 1 --for 30s --daemon &")
            terminal.send(line + "\r")
        for line, terminal in terminals.items():
            with self.subTest(line):
                terminal.see(expected[line])

    def test_counts_what_wait_waits_for(self):
        terminal = self.prompt()
        terminal.run("spawn 2 --together --for 1500ms &")
        terminal.send("wait\r")
        terminal.see(r"^wait  0:0\d  0/1 ended$")
        terminal.see(r"^\[1\] done")
        terminal.see_prompt()
        self.assertNotIn("ended", terminal.text())

    def test_fits_a_narrow_window(self):
        terminal = self.prompt(columns=40, rows=20)
        terminal.send("pool 2 60 --map sleep\r")
        terminal.see(r"^\[#*-+\] +\d+%.* left$")
        for line in terminal.lines():
            self.assertLess(len(line), 40)

    def test_fits_a_window_that_changes(self):
        terminal = self.prompt(columns=80, rows=20)
        terminal.send("pool 2 80 --map sleep\r")
        terminal.see(r"^pool  \[")
        terminal.resize(50, 20)
        terminal.wait_until(
            lambda: re.match(r"\[#*-+\] +\d+% .* left$", terminal.lines()[-1]), "shorter bar")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertNotIn(PROMPT + "\n" + PROMPT, terminal.text())
        terminal.run("echo " + 70 * "w")

    def test_resize_shows_no_prompt_while_a_command_runs(self):
        terminal = self.prompt()
        terminal.send("sleep 10m\r")
        terminal.see(r"^sleep  \[")
        prompts = terminal.raw.count(PROMPT)
        terminal.resize(70, 20)
        terminal.resize(90, 24)
        written = len(terminal.raw)
        terminal.wait_until(lambda: "sleep  [" in terminal.raw[written:], "bar")
        self.assertEqual(terminal.raw.count(PROMPT), prompts)
        terminal.send("\x03")
        terminal.see_prompt()

    def test_none_on_a_dumb_terminal(self):
        terminal = self.prompt(TERM="dumb")
        terminal.send("sleep 1300ms\recho over\r")
        terminal.see("^over$")
        self.assertNotIn("--]", terminal.raw)
        self.assertNotIn("\x1b", terminal.raw)


if __name__ == "__main__":
    unittest.main(verbosity=2)
