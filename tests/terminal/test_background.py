# SPDX-License-Identifier: GPL-3.0-or-later
"""In the background of a shell: forklab leaves the terminal alone, and a signal ends it all the same."""

import os
import re
import signal
import unittest

from harness import FORKLAB, TerminalTest

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
SHELL_PROMPT = "shell> "


class Background(TerminalTest):
    def shell(self):
        """An interactive bash with job control; it is at its prompt."""
        terminal = self.start("--norc", "--noprofile", "-i", program="/bin/bash", PS1=SHELL_PROMPT,
                              PS2="", HISTFILE="")
        terminal.see("shell>")
        return terminal

    def ask(self, terminal, line, pattern):
        terminal.send(line + "\r")
        return terminal.wait_until(lambda: re.search(pattern, terminal.raw), pattern)

    def start_behind(self, terminal, arguments):
        """Runs forklab with an '&'; returns its pid."""
        terminal.raw = ""
        return int(self.ask(terminal, f"'{FORKLAB}' {arguments} & echo pid $!.", r"pid (\d+)\.\r")[1])

    def state(self, terminal, pid, letters, what):
        terminal.wait_until(lambda: terminal.state(pid) in letters, what)

    def end(self, terminal, pid, number):
        """Sends it with SIGCONT behind; the shell tells how it ended."""
        os.kill(pid, number)
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:  # that was enough
            pass
        self.state(terminal, pid, (None, "Z"), f"end by {number!r}")
        terminal.raw = ""
        self.ask(terminal, f"wait {pid}; echo status $?.", rf"status {128 + number}\.")

    def test_of_a_shell_any_signal_ends_the_prompt(self):
        for number in ENDING:
            with self.subTest(signal=number):
                terminal = self.shell()
                pid = self.start_behind(terminal, "")
                self.state(terminal, pid, "T", "stop by the terminal")
                self.end(terminal, pid, number)

    def test_of_a_shell_a_session_whose_pool_goes_on(self):
        for number in ENDING:
            with self.subTest(signal=number):
                terminal = self.shell()
                terminal.send(f"'{FORKLAB}'\r")
                terminal.see("^forklab>")
                pid = terminal.children()[-1]
                terminal.send("pool 2 40 --map sleep --for 10m\r")
                terminal.wait_until(lambda: len(self.children_of(pid)) == 2, "workers")
                os.kill(pid, signal.SIGSTOP)
                terminal.see("Stopped")
                terminal.raw = ""
                self.ask(terminal, "bg; echo b''g", "bg\r")
                self.state(terminal, pid, "SR", "life in the background")
                self.end(terminal, pid, number)

    def test_of_a_shell_a_script_that_may_not_write(self):
        for number in ENDING:
            with self.subTest(signal=number):
                terminal = self.shell()
                self.ask(terminal, "stty tostop; echo s''et", "set\r")
                pid = self.start_behind(terminal, "-c 'spawn 1 --for 10m'")
                self.state(terminal, pid, "T", "stop by the terminal")
                self.end(terminal, pid, number)

    def test_it_goes_on_in_front(self):
        terminal = self.shell()
        pid = self.start_behind(terminal, "")
        self.state(terminal, pid, "T", "stop by the terminal")
        terminal.send("fg\r")
        terminal.see("^forklab>")
        terminal.send("echo he''re\r")
        terminal.see("^here$")
        terminal.send("quit 7\r")
        terminal.raw = ""
        self.ask(terminal, "echo status $?.", r"status 7\.")

    def test_it_leaves_the_settings_of_whoever_has_the_terminal(self):
        terminal = self.shell()
        terminal.raw = ""
        before = self.ask(terminal, "stty -g | tr : +; echo", r"([0-9a-f]+\+[0-9a-f+]{20,})\r\n")[1]
        pid = self.start_behind(terminal, "")
        self.state(terminal, pid, "T", "stop by the terminal")
        self.end(terminal, pid, signal.SIGTERM)
        terminal.raw = ""
        self.assertEqual(self.ask(terminal, "stty -g | tr : +; echo", r"([0-9a-f]+\+[0-9a-f+]{20,})\r\n")[1], before)

    def test_a_script_without_tostop_runs_through(self):
        terminal = self.shell()
        pid = self.start_behind(terminal, "-c 'spawn 1; echo th''rough'")
        terminal.see("^through$")
        self.state(terminal, pid, (None, "Z"), "end")

    @staticmethod
    def children_of(pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return file.read().split()


if __name__ == "__main__":
    unittest.main(verbosity=2)
