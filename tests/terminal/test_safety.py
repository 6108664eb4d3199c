# SPDX-License-Identifier: GPL-3.0-or-later
"""What reaches the terminal: no control characters from outside, and no colours that nobody wants."""

import os
import re
import signal
import unittest

from harness import TerminalTest

SGR = re.compile(r"\x1b\[[0-9;:]*m")
EVIL = "\x1b]0;owned\x07"


class Colors(TerminalTest):
    LESSON = "spawn 1 --for 10m --daemon &; stop Process-1; jobs; kill -9 %1; wait; jobs"

    def colored(self, *arguments, **environment):
        terminal = self.prompt(*arguments, **environment)
        terminal.run(self.LESSON)
        terminal.run("spwan")
        return SGR.findall(terminal.raw)

    def test_are_there(self):
        self.assertTrue(self.colored())
        self.assertTrue(self.colored("--color=always", NO_COLOR="1"))

    def test_not_with_no_color(self):
        self.assertEqual(self.colored(NO_COLOR="1"), [])

    def test_not_with_color_never(self):
        self.assertEqual(self.colored("--color=never"), [])

    def test_not_on_a_dumb_terminal(self):
        terminal = self.prompt(TERM="dumb")
        terminal.run(self.LESSON)
        terminal.run("spwan")
        self.assertNotIn("\x1b", terminal.raw)

    def test_only_of_the_sixteen(self):
        for sequence in self.colored():
            self.assertRegex(sequence, r"^\x1b\[(0|1|2|3[1-6])?m$")


class ControlCharacters(TerminalTest):
    def typed_raw(self, text):
        """As keys: each control character behind Ctrl-V."""
        return re.sub(r"([\x00-\x1f\x7f])", "\x16\\1", text)

    def assert_never_raw(self, terminal):
        self.assertNotIn("\x1b]0;", terminal.raw)
        self.assertIn("owned", terminal.raw)

    def test_in_typed_words(self):
        terminal = self.prompt()
        for command in ("{}", "echo '{}'", "name '{}'", "spawn '{}'", "spawn 1 '{}'", "help '{}'",
                        "kill '{}'", "source '{}'", "set '{}'", "fg '%{}'", "jobs '{}'", "'{}"):
            terminal.send(self.typed_raw(command.format(EVIL)) + "\r")
        terminal.send("history\recho over\r")
        terminal.see("^over$")
        self.assert_never_raw(terminal)

    def test_in_the_names_of_workers(self):
        terminal = self.prompt()
        terminal.send(self.typed_raw(f"name '{EVIL}' --for 10m --daemon &") + "\r")
        terminal.wait_until(lambda: len(terminal.children()) == 2, "workers")
        terminal.run("jobs")
        terminal.send("stop \t\t")
        terminal.see("Process-2")
        terminal.send("\x15")
        for pid in terminal.children():
            os.kill(pid, signal.SIGKILL)
        terminal.see(r"^\[1\] failed")
        self.assert_never_raw(terminal)

    def test_in_a_sourced_file(self):
        self.write("evil.fl", f"'{EVIL}' 1 2\n")
        self.write("evil2.fl", f"name '{EVIL}'\n")
        terminal = self.prompt()
        terminal.run("source evil.fl")
        terminal.run("source evil2.fl")
        self.assert_never_raw(terminal)

    def test_in_the_names_of_files(self):
        """They are not offered; what is left of them is."""
        for name in (f"a{EVIL}", "a\x9b31mowned", "a\u202eowned", "aa1", "aa2"):
            self.write(name, "")
        terminal = self.prompt()
        terminal.send("source a\t\t\t")
        terminal.see("aa1 +aa2")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertNotIn("owned", terminal.raw)


if __name__ == "__main__":
    unittest.main(verbosity=2)
