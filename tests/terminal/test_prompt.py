# SPDX-License-Identifier: GPL-3.0-or-later
"""The prompt: when it comes, what Tab offers, and what the control keys do there."""

import signal
import time
import unittest

from harness import PROMPT, SLOW, TerminalTest


class Prompt(TerminalTest):
    def test_appears_soon_after_a_shell_would_have_printed_it(self):
        """Within 20 ms. Both are started in turn: what slows them, on a busy machine, slows both."""
        best, shell = 1.0, 1.0
        for _ in range(12):
            terminal = self.start()
            terminal.see_raw(PROMPT)
            best = min(best, time.monotonic() - terminal.started)
            terminal.send("\x04")
            terminal.wait_end()
            terminal = self.start("-c", f"printf '{PROMPT}'", program="/bin/sh")
            terminal.see_raw(PROMPT)
            shell = min(shell, time.monotonic() - terminal.started)
            terminal.wait_end()
        self.assertLess(best, max(0.020 * SLOW + shell, 3 * shell))

    def test_suggests_what_was_meant(self):
        terminal = self.prompt()
        terminal.send("spwan 3\r")
        terminal.see(r"^error: spwan: no such command; did you mean 'spawn'\?$")
        terminal.send("spawn 3 --togehter\r")
        terminal.see(r"did you mean '--together'\?$")
        terminal.send("b\r")
        terminal.see(r"^error: b: could be any of barrier bg$")
        terminal.see_prompt()

    def test_keeps_its_status_after_mistakes(self):
        terminal = self.prompt()
        terminal.run("spwan")
        terminal.send("\x04")
        self.assertEqual(terminal.wait_end(), 0)


class Completion(TerminalTest):
    def complete(self, typed, expected, terminal=None):
        terminal = terminal or self.prompt()
        terminal.send(f"{typed}\t")
        terminal.wait_until(lambda: terminal.lines()[-1] == f"{PROMPT}{expected}".rstrip(),
                            f"completion to '{expected}'")
        terminal.send("\x03")
        terminal.see_prompt()

    def offers(self, terminal, typed, *expected):
        terminal.send(f"{typed}\t\t")
        for word in expected:
            terminal.see(rf"(^|\s){word}(\s|$)")
        terminal.wait_until(lambda: terminal.lines()[-1].startswith(PROMPT + typed.split(" ")[0]),
                            "line below the list")
        shown = terminal.text()
        terminal.send("\x03")
        terminal.see_prompt()
        return shown

    def test_of_command_names(self):
        self.complete("sp", "spawn")
        self.complete("echo a; ba", "echo a; barrier")
        self.complete("spawn 3 & hel", "spawn 3 & help")

    def test_of_options(self):
        self.complete("spawn 3 --tog", "spawn 3 --together")
        terminal = self.prompt()
        self.offers(terminal, "pool 2 4 --", "--chunk", "--map", "--max-tasks", "--unordered")

    def test_of_choices(self):
        self.complete("pool 2 4 --map sq", "pool 2 4 --map square")
        terminal = self.prompt()
        self.offers(terminal, "pool 2 4 --map ", "square", "prime", "sleep")

    def test_of_a_choice_behind_an_equals_sign(self):
        self.complete("pool 2 4 --map=sq", "pool 2 4 --map=square")

    def test_of_signals(self):
        self.complete("kill Process-1 -s HU", "kill Process-1 -s HUP")

        self.complete("kill Process-1 -s SIGHU", "kill Process-1 -s SIGHUP")
        self.complete("kill -HU", "kill -HUP")

    def test_behind_an_option_the_place_is_the_same(self):
        self.complete("set col", "set color")
        self.complete("help ti", "help timeline")
        self.complete("pool --map sleep 2 4 --map sq", "pool --map sleep 2 4 --map square")

    def test_of_what_is_no_command_there_is_none(self):
        self.complete("nonsense col", "nonsense col")

    def test_of_the_command_that_is_repeated(self):
        self.complete("repeat 3 spa", "repeat 3 spawn")
        self.complete("repeat 3 spawn 2 --tog", "repeat 3 spawn 2 --together")

    def test_of_workers_and_jobs(self):
        terminal = self.prompt()
        terminal.run("spawn 2 --together --for 1m --daemon &")
        self.complete("stop Pro", "stop Process-", terminal)
        self.complete("stop Process-2", "stop Process-2", terminal)
        self.offers(terminal, "kill %1", "%1", "%1.0", "%1.1")
        self.offers(terminal, "fg %", "%1", "%%")
        self.offers(terminal, "wait ", "Process-1", "Process-2", "%1")
        terminal.run("kill %1 -9; wait")
        self.complete("stop Pro", "stop Pro", terminal)

    def test_of_names_with_blanks(self):
        terminal = self.prompt()
        terminal.run("name --for 1m --daemon &")
        self.complete("kill do", "kill 'do_something process 1'", terminal)
        self.complete("kill 'do", "kill 'do_something process 1'", terminal)
        self.complete("kill 'do_something pro", "kill 'do_something process 1'", terminal)
        terminal.send("stop do\t\r")
        terminal.see(r"^do_something process 1 \(\d+\): stopped$")
        terminal.see_prompt()

    def test_of_the_end_of_a_recording_beside_file_names(self):
        self.complete("record o", "record off")
        self.write("old lesson.fl", "")
        terminal = self.prompt()
        self.offers(terminal, "record o", "off", "old lesson.fl")
        self.complete("record ol", "record 'old lesson.fl'", terminal)

    def test_of_file_names(self):
        self.write("lesson-one.fl", "echo from the file\n")
        terminal = self.prompt()
        terminal.send("source les\t\r")
        terminal.see("^from the file$")

    def test_of_file_names_with_blanks(self):
        self.write("two words.fl", "echo from two words\n")
        terminal = self.prompt()
        terminal.send("source two\t\r")
        terminal.see("^from two words$")

    def test_offers_no_files_elsewhere(self):
        self.write("lesson.fl", "")
        self.complete("jobs les", "jobs les")


class ControlKeys(TerminalTest):
    def test_ctrl_c_gives_up_the_line(self):
        terminal = self.prompt()
        terminal.send("echo never")
        terminal.see("echo never")
        terminal.send("\x03")
        terminal.see(r"^forklab> echo never\^C\nforklab>$")
        self.assertEqual(terminal.run("echo once"), ["once"])
        self.assertNotIn("never", terminal.lines())

    def test_ctrl_c_gives_up_a_line_over_two_rows(self):
        terminal = self.prompt(columns=40)
        terminal.send("echo " + 50 * "x")
        terminal.see("^x{20}")
        terminal.send("\x01")
        terminal.signal(signal.SIGINT)
        terminal.see(r"x\^C\nforklab>$")
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_ctrl_c_ends_a_search(self):
        terminal = self.prompt()
        terminal.run("echo found")
        terminal.send("\x12fou")
        terminal.see(r"reverse-i-search.*fou")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo once"), ["once"])
        self.assertEqual(terminal.lines().count("found"), 1)

    def test_ctrl_c_ends_a_numeric_argument(self):
        terminal = self.prompt()
        terminal.send("\x1b3")
        terminal.see(r"\(arg: 3\)")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_ctrl_c_ends_half_a_key(self):
        terminal = self.prompt()
        terminal.send("abc\x18")  # Ctrl-X begins keys of two
        terminal.see("abc")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_ctrl_c_ends_a_quoted_insert(self):
        terminal = self.prompt()
        terminal.send("abc\x16")
        terminal.see("abc")
        terminal.signal(signal.SIGINT)
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_ctrl_d_leaves_on_an_empty_line_only(self):
        terminal = self.prompt()
        terminal.send("echo axb\x02\x02\x04\r")
        terminal.see("^ab$")
        terminal.see_prompt()
        terminal.send("\x04")
        self.assertEqual(terminal.wait_end(), 0)
        self.assert_left_clean(terminal)

    def test_ctrl_backslash_does_not_leave(self):
        terminal = self.prompt()
        terminal.send("\x1c")
        self.assertEqual(terminal.run("echo still here"), ["still here"])
        terminal.send("sleep 1m\r")
        terminal.see("sleep 1m")
        terminal.send("\x1c\x03")
        self.assertEqual(terminal.run("echo and here"), ["and here"])

    def test_ctrl_z_at_the_prompt_does_nothing(self):
        terminal = self.prompt()
        terminal.send("echo ha")
        terminal.see("echo ha")
        terminal.send("\x1alf\r")
        terminal.see("^half$")

    def test_resize_shows_the_line_once(self):
        terminal = self.prompt(columns=80)
        terminal.send("echo " + 60 * "y")
        terminal.see("y{60}")
        terminal.resize(100, 24)
        terminal.send("z\r")
        terminal.see("^y{60}z$")
        terminal.resize(60, 20)
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_help_fits_60_columns(self):
        terminal = self.prompt(columns=60, rows=60)
        terminal.resize(60, 60)
        terminal.send("help\r")
        terminal.see("^Controlling")
        terminal.see_prompt()
        for line in terminal.raw.splitlines():
            if PROMPT not in line:
                self.assertLess(len(line), 61, line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
