# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way out: the terminal is as before, and nobody is left."""

import os
import signal
import termios
import unittest

from harness import FORKLAB, PROMPT, TerminalTest


class Leaving(TerminalTest):
    def busy(self, **options):
        """A prompt, a daemon and a stopped worker in the background, and half a line."""
        terminal = self.prompt(**options)
        terminal.run("spawn 1 --for 10m --daemon &")
        terminal.run("spawn 1 --for 10m --daemon &")
        terminal.wait_born()
        terminal.run("stop Process-2")
        terminal.send("echo half")
        terminal.see("echo half$")
        return terminal

    def assert_ends(self, terminal, status):
        self.assertEqual(terminal.wait_end(), status)
        self.assert_left_clean(terminal)

    def test_by_quit(self):
        terminal = self.prompt()
        terminal.send("quit\r")
        self.assert_ends(terminal, 0)

    def test_by_quit_with_a_status(self):
        terminal = self.prompt()
        terminal.send("quit 7\r")
        self.assert_ends(terminal, 7)

    def test_by_quit_with_daemons(self):
        terminal = self.busy()
        terminal.send("\x15quit\r")
        terminal.see("^quit: terminating 2 daemon workers$")
        self.assert_ends(terminal, 0)

    def test_by_ctrl_d(self):
        terminal = self.busy()
        terminal.send("\x15\x04")
        self.assert_ends(terminal, 0)
        self.assertEqual(terminal.screen.cursor.x, 0)

    def test_by_a_signal_at_the_prompt(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM, signal.SIGXCPU,
                       signal.SIGIO, signal.SIGRTMAX):
            with self.subTest(number.name):
                terminal = self.busy()
                terminal.signal(number)
                self.assert_ends(terminal, 128 + number)
                self.assertEqual(terminal.screen.cursor.x, 0)

    def test_by_a_signal_within_a_search(self):
        terminal = self.busy()
        terminal.send("\x12spa")
        terminal.see("reverse-i-search.*spa")
        terminal.signal(signal.SIGTERM)
        self.assert_ends(terminal, 128 + signal.SIGTERM)

    def test_by_a_signal_while_a_command_runs(self):
        for number in signal.SIGTERM, signal.SIGHUP:
            with self.subTest(number.name):
                terminal = self.prompt()
                terminal.send("pool 4 100000 --map sleep\r")
                terminal.see(r"/100000 tasks")
                terminal.signal(number)
                self.assert_ends(terminal, 128 + number)
                self.assertNotIn("/100000", terminal.lines()[-1])

    def test_by_a_closed_window_at_the_prompt(self):
        terminal = self.busy()
        terminal.hang_up()
        terminal.process.wait(20)
        self.assert_left_clean(terminal)

    def test_by_a_closed_window_while_a_command_runs(self):
        terminal = self.prompt()
        terminal.send("spawn 2 --together --as stubborn --for 10m\r")
        terminal.see(r"^spawn  \[")
        terminal.hang_up()
        terminal.process.wait(20)
        self.assert_left_clean(terminal)

    def test_by_sigkill_leaves_no_worker(self):
        terminal = self.busy()
        children = terminal.children()
        terminal.process.kill()
        for pid in children:
            terminal.wait_child_gone(pid, 5)
        terminal.process.wait()
        self.assertEqual(terminal.left_behind(), [])

    def test_by_a_signal_behind_a_stalled_terminal(self):
        terminal = self.prompt()
        terminal.send("pool 2 1000000 --all\r")
        terminal.wait_until(lambda: "Pool: [" in terminal.raw, "results")
        terminal.process.send_signal(signal.SIGTERM)  # from here on nobody reads
        self.assertEqual(terminal.process.wait(20), 128 + signal.SIGTERM)
        self.assert_left_clean(terminal)

    def test_settings_that_were_odd_before(self):
        terminal = self.start(program="/bin/sh")
        terminal.send(f"PS1='$ '; stty -echo erase ^H; stty -g; {FORKLAB}; stty -g\r")
        terminal.see_prompt()
        terminal.run("spawn 1")
        terminal.send("quit\r")
        terminal.wait_until(
            lambda: len([word for word in terminal.raw.split() if word.count(":") > 20]) == 2,
            "settings twice")
        settings = [word for word in terminal.raw.split() if word.count(":") > 20]
        self.assertEqual(settings[0], settings[1])


class Stopping(TerminalTest):
    """A shell with job control stops forklab, and gives the terminal back to it."""

    def shell(self):
        terminal = self.start("--norc", "--noprofile", "-i", program="/bin/bash",
                              PS1="shell$ ", HISTFILE="/dev/null")
        terminal.see(r"shell\$")
        terminal.send(f"{FORKLAB}\r")
        terminal.see_prompt()
        self.forklab = terminal.children()[0]
        return terminal

    def stop(self, terminal):
        os.kill(self.forklab, signal.SIGSTOP)
        terminal.see(r"Stopped")
        terminal.wait_until(lambda: terminal.lines()[-1].startswith("shell$"), "shell")

    def has_terminal(self, terminal):
        """forklab is in the foreground, and has set the terminal up for itself. The shell's own prompt
        does not echo either."""
        return (os.tcgetpgrp(terminal.master) == os.getpgid(self.forklab)
                and not terminal.settings()[3] & (termios.ICANON | termios.ECHO))

    def test_at_the_prompt(self):
        terminal = self.shell()
        terminal.send("echo ha")
        terminal.see("echo ha$")
        self.stop(terminal)
        terminal.send("fg\r")
        terminal.wait_until(lambda: terminal.lines()[-1] == PROMPT + "echo ha", "line")
        terminal.send("lx\x7ff\r")
        terminal.see("^half$")
        self.assertEqual(terminal.text().count("echo halx"), 0)
        terminal.send("quit\r")
        terminal.wait_until(lambda: terminal.lines()[-1].startswith("shell$"), "shell")

    def test_while_a_command_runs(self):
        terminal = self.shell()
        terminal.send("sleep 2s\r")
        terminal.see(r"^sleep  \[")
        self.stop(terminal)
        terminal.send("fg\r")
        terminal.wait_until(lambda: self.has_terminal(terminal), "running mode")
        terminal.send("echo unseen\r")
        terminal.see("^unseen$")
        self.assertEqual(terminal.text().count("echo unseen"), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
