# SPDX-License-Identifier: GPL-3.0-or-later
"""What guides a person at the prompt: a first page of help, the pager, what Tab tells, a line of what to look at
next, !N, clear and suspend."""

import os
import re
import signal
import time
import unittest

from harness import PROMPT, TerminalTest


class FirstPage(TerminalTest):
    def test_help_fits_any_terminal(self):
        for columns in (80, 60, 200):
            with self.subTest(columns):
                terminal = self.prompt(columns=columns, rows=24)
                lines = terminal.run("help")
                self.assertLessEqual(len(lines), 22)
                self.assertTrue(any("spawn" in line for line in lines))
                self.assertNotIn("more", terminal.lines()[-1])


class Pager(TerminalTest):
    MORE = r"^-- \d+ of \d+ lines: Space shows more, q ends --$"

    def test_space_and_q(self):
        terminal = self.prompt(rows=24)
        terminal.send("help all\r")
        terminal.see(self.MORE)
        first = terminal.text()
        terminal.send(" ")
        terminal.wait_until(lambda: terminal.text() != first, "next page")
        terminal.send("q")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_space_reaches_the_end(self):
        terminal = self.prompt(rows=24)
        terminal.send("help all\r")
        terminal.see(self.MORE)
        while terminal.lines()[-1] != PROMPT.rstrip():
            before = terminal.lines()[-1]
            terminal.send(" ")
            terminal.wait_until(lambda: terminal.lines()[-1:] not in ([before], []), "page")
        terminal.see_prompt()
        self.assertIn("quit", terminal.text())

    def test_return_shows_one_more_line(self):
        terminal = self.prompt(rows=24)
        terminal.send("help all\r")
        shown = int(terminal.see(r"^-- (\d+) of \d+ lines").group(1))
        terminal.send("\r")
        terminal.see(rf"^-- {shown + 1} of")
        terminal.send("q")
        terminal.see_prompt()

    def test_ctrl_c_ends_it(self):
        terminal = self.prompt(rows=24)
        terminal.send("help all\r")
        terminal.see(self.MORE)
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_what_is_typed_ahead_is_no_key_of_the_pager(self):
        terminal = self.prompt(rows=24)
        terminal.send("help all\recho behind\r")
        terminal.see("^behind$")
        terminal.see_prompt()

    def test_it_can_be_switched_off(self):
        terminal = self.prompt(rows=24)
        terminal.run("set pager off")
        terminal.send("help all\r")
        terminal.see_prompt()
        self.assertNotIn(" of ", terminal.lines()[-2])

    def test_what_fits_is_not_paged(self):
        terminal = self.prompt(rows=24)
        terminal.send("history\r")
        terminal.see_prompt()
        terminal.run("set hints off")
        terminal.run("spawn 1")
        terminal.send("jobs\r")
        terminal.see_prompt()

    def test_the_window_grows_while_it_waits(self):
        terminal = self.prompt(rows=24)
        terminal.send("help all\r")
        terminal.see(self.MORE)
        terminal.resize(100, 40)
        terminal.send(" ")
        terminal.wait_until(lambda: re.search("-- .* --$|^forklab>$", terminal.lines()[-1]), "page")
        terminal.send("q")
        terminal.send("\x03")
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_a_notice_leaves_the_page_whole(self):
        terminal = self.prompt(rows=24)
        terminal.run("set hints off")
        terminal.run("spawn 1 --for 1m --daemon &")
        worker = terminal.children()[0]
        terminal.send("help all\r")
        terminal.see(self.MORE)
        os.kill(worker, signal.SIGKILL)
        terminal.see(r"^\[1\] Process-1 \(\d+\) killed SIGKILL")
        terminal.see(self.MORE)
        terminal.send("q")
        terminal.see_prompt()

    def test_the_other_long_ones(self):
        terminal = self.prompt(rows=24)
        terminal.run("set hints off")
        terminal.send("spawn 40 0 --together\r")
        terminal.see("=> 40 workers")
        terminal.see_prompt()
        for command in ("jobs", "timeline", "explain", "results", "show %1", "history"):
            with self.subTest(command):
                if command == "history":
                    terminal.send("repeat 30 echo x\r")
                    continue
                terminal.send(f"{command}\r")
                terminal.see(self.MORE)
                terminal.send("q")
                terminal.see_prompt()


class Tab(TerminalTest):
    def test_shows_what_an_argument_is(self):
        terminal = self.prompt()
        terminal.send("spawn \t\t")
        terminal.see(r"^N: how many workers \(1 to 100000\)$")
        terminal.wait_until(lambda: terminal.lines()[-1] == f"{PROMPT}spawn", "the line again")
        terminal.send("2 --for \t\t")
        terminal.see(r"^--for T: keeps each worker computing until T has passed \(0s to 24h\)$")
        terminal.wait_until(lambda: terminal.lines()[-1] == f"{PROMPT}spawn 2 --for", "the line again")

    def test_describes_values(self):
        terminal = self.prompt()
        terminal.send("spawn 2 --as \t\t")
        terminal.see(r"^stubborn +ignores SIGTERM")
        terminal.send("\x03")
        terminal.see_prompt()
        terminal.send("spawn 2 --\t\t")
        terminal.see(r"^--together +starts all workers, then joins all")
        terminal.send("\x03")
        terminal.see_prompt()
        terminal.send("h\t\t")
        terminal.see(r"^help +\S+ .*")
        terminal.see(r"^history +lists")

    def test_describes_workers_and_jobs(self):
        terminal = self.prompt()
        terminal.run("spawn 2 --together --for 1m --daemon &")
        terminal.send("kill %1\t\t")
        terminal.see(r"^%1 +spawn 2 --together --for 1m --daemon$")
        terminal.see(r"^%1\.0 +Process-1, running$")
        terminal.see(r"^%1\.1 +Process-2, running$")

    def test_the_list_fits_a_narrow_terminal(self):
        terminal = self.prompt(columns=60)
        terminal.send("pool 2 4 --\t\t")
        terminal.see(r"^--chunk +\S")
        terminal.send("\x03")
        terminal.see_prompt()
        for line in terminal.raw.replace("\r", "").split("\n"):
            self.assertLess(len(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line)), 61, line)


class Hints(TerminalTest):
    def test_once_after_each_of_the_six(self):
        terminal = self.prompt()
        for command in ("spawn 2", "name", "kill", "daemon", "barrier", "pool 2 4"):
            with self.subTest(command):
                first = "\n".join(terminal.run(command))
                self.assertRegex(first, r"(?m)^next: ")
                self.assertRegex(first, "explain|timeline")
                self.assertNotRegex("\n".join(terminal.run(command)), r"(?m)^next: ")

    def test_how_to_make_it_long_enough_to_watch(self):
        terminal = self.prompt()
        for command in ("name", "barrier"):
            text = " ".join(terminal.run(command))
            self.assertRegex(text, r"--for 1s|set for 1s")

    def test_switched_off(self):
        terminal = self.prompt()
        terminal.run("set hints off")
        self.assertNotRegex("\n".join(terminal.run("spawn 1")), r"next: ")

    def test_not_quiet_not_in_the_background_not_in_a_script(self):
        terminal = self.prompt("-q")
        self.assertNotRegex("\n".join(terminal.run("spawn 1")), r"next: ")
        other = self.prompt()
        other.run("spawn 1 & wait")
        self.assertNotRegex(other.raw, r"next: ")


class Words(TerminalTest):
    def test_a_command_by_its_number(self):
        terminal = self.prompt()
        terminal.run("echo one")
        number = next(line.split()[0] for line in terminal.run("history") if line.endswith("  echo one"))
        self.assertEqual(terminal.run(f"!{number}"), ["echo one", "one"])

    def test_clear_leaves_only_the_prompt(self):
        terminal = self.prompt()
        terminal.run("echo something")
        terminal.send("clear\r")
        terminal.wait_until(lambda: terminal.lines() == [PROMPT.rstrip()], "an empty screen")
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_suspend_and_back(self):
        shell = self.start("--norc", "--noediting", "-i", program="/bin/bash", PS1="shell> ", FORKLAB=os.environ["FORKLAB"])
        shell.see(r"shell>$")
        shell.send('"$FORKLAB"\r')
        shell.see_prompt()
        shell.send("suspend\r")
        shell.see(r"Stopped")
        shell.see(r"shell>$")
        shell.send("fg\r")
        shell.see_prompt()
        shell.send("echo back again\r")
        shell.see("^back again$")
        shell.see_prompt()
        shell.send("exit\r")
        shell.see(r"shell>$")

    def test_suspend_where_nobody_could_continue_it(self):
        terminal = self.prompt()  # the leader of its session
        self.assertIn("error: suspend: ", "\n".join(terminal.run("suspend")))
        self.assertEqual(terminal.run("echo once"), ["once"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
