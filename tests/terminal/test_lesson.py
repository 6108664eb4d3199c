# SPDX-License-Identifier: GPL-3.0-or-later
"""Lessons in a terminal: their keys, notes on a second one, homework; and pause."""

import json
import os
import pathlib
import re
import unittest

from harness import TerminalTest

OWN = """#: # Two of a kind
#: The first text.
#> let them vote
#? How many workers?
#- none
#+ two
spawn 2
check workers = 2
#: There were {workers}.
echo second
#. ready?
echo third
"""

WAITS_FOR_COMMAND = r"^-- Two of a kind \d+/\d+: Return runs it"
WAITS_FOR_ANSWER = r"^-- Two of a kind \d+/\d+: a number answers"


class Lesson(TerminalTest):
    def begin(self, text=OWN, options=""):
        self.path = self.write("own.fl", text)
        terminal = self.prompt(columns=120, rows=60)
        terminal.enter(f"lesson {self.path} {options}".rstrip())
        return terminal

    @staticmethod
    def count(terminal, pattern):
        return len(re.findall(pattern, terminal.text(), re.M))


class Keys(Lesson):
    def test_return_goes_on_and_the_answer_is_told_after_the_run(self):
        terminal = self.begin()
        terminal.see(WAITS_FOR_ANSWER)
        self.assertNotIn("let them vote", terminal.text())
        terminal.send("2")
        terminal.see(r"^forklab> spawn 2$")
        terminal.see(WAITS_FOR_COMMAND)
        self.assertNotIn("calling", terminal.text())
        self.assertNotIn("->", terminal.text())
        terminal.send("\r")
        terminal.see(r"^Process 1 finished")
        terminal.see(r"^-> You said 2, and it is right$")
        terminal.see(r"^There were 2\.$")
        terminal.see(r"^forklab> echo second$")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send("\r")
        terminal.see(r"^second$")
        terminal.see(r"^-- ready\?$")
        terminal.see("Return goes on")
        terminal.send("\r")
        terminal.see(r"^forklab> echo third$")
        terminal.send("\r")
        terminal.see(r"^-- Two of a kind: 1 of 1 answer was right at first\.$")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo over"), ["over"])

    def test_a_wrong_answer_is_told_with_the_right_one(self):
        terminal = self.begin()
        terminal.see(WAITS_FOR_ANSWER)
        terminal.send("1\r")
        terminal.see(r"^-> You said 1; this is right:\n  2  two$")

    def test_no_answer_is_no_wrong_one(self):
        terminal = self.begin(OWN[:OWN.index("echo second")])
        terminal.see(WAITS_FOR_ANSWER)
        terminal.send("\r\r")
        terminal.see(r"^-> This is right:\n  2  two$")
        terminal.see(r"^-- Two of a kind: no question was answered\.$")
        terminal.see_prompt()

    def test_a_question_gone_back_to_counts_once(self):
        terminal = self.begin(OWN[:OWN.index("echo second")])
        terminal.see(WAITS_FOR_ANSWER)
        terminal.send("\r")
        terminal.see(WAITS_FOR_COMMAND)
        for times, answer in ((2, "1"), (3, "2")):
            terminal.send("b")
            terminal.wait_until(lambda: self.count(terminal, r"^How many workers\?$") == times, "the question")
            terminal.see(WAITS_FOR_ANSWER)
            terminal.send(answer)
            terminal.see(WAITS_FOR_COMMAND)
        terminal.send("\r")
        terminal.see(r"^-- Two of a kind: 0 of 1 answer was right at first\.$")

    def test_back_and_again(self):
        terminal = self.begin()
        terminal.see(WAITS_FOR_ANSWER)
        terminal.send("1\r")
        terminal.see(r"^forklab> echo second$")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send(".")
        terminal.wait_until(lambda: self.count(terminal, "^Process 1 finished") == 2, "two runs")
        terminal.wait_until(lambda: self.count(terminal, "^forklab> echo second$") == 2, "its stop")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send("b")
        terminal.see(r"^<<$")
        terminal.wait_until(lambda: self.count(terminal, "^forklab> spawn 2$") == 3, "the step before")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send("b")
        terminal.wait_until(lambda: self.count(terminal, r"^How many workers\?$") == 2, "the question")
        terminal.see(WAITS_FOR_ANSWER)
        terminal.send("2\r")
        terminal.see(r"^-> You said 2, and it is right$")

    def test_the_prompt_can_be_taken_and_given_back(self):
        terminal = self.begin()
        terminal.see(WAITS_FOR_ANSWER)
        terminal.send("\r")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send(":")
        terminal.see("'resume' goes on with the lesson")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo between"), ["between"])
        self.assertTrue(terminal.run("spwan")[0].startswith("error: "))
        terminal.enter("resume")
        terminal.wait_until(lambda: self.count(terminal, "^forklab> spawn 2$") == 2, "the same step")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send("\r")
        terminal.see(r"^There were 2\.$")
        terminal.send("q")
        terminal.see_prompt()
        self.assertIn("no lesson waits", terminal.run("resume")[0])

    def test_leaving_leaves_no_key_behind(self):
        for key in ("q", "\x04", "\x03"):
            terminal = self.begin()
            terminal.see(WAITS_FOR_ANSWER)
            terminal.send(key)
            terminal.see_prompt()
            self.assertEqual(terminal.run("echo here"), ["here"])
            self.assertNotIn("calling", terminal.text())
            terminal.enter("quit")
            self.assertEqual(terminal.wait_end(), 0)
            self.assert_left_clean(terminal)

    def test_what_fails_does_not_end_it(self):
        terminal = self.begin("#: # Two of a kind\n! echo fine\nkill Nobody\necho last\n")
        for _ in range(2):
            terminal.see(WAITS_FOR_COMMAND)
            terminal.send("\r")
            terminal.see("error: ")
        terminal.see(r"^forklab> echo last$")
        terminal.send("\r")
        terminal.see(r"^last$")

    def test_ctrl_c_ends_a_command_and_not_the_lesson(self):
        terminal = self.begin("#: # Two of a kind\nspawn 1 --for 1h\necho last\n")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send("\r")
        terminal.see("calling do_something")
        terminal.wait_until(terminal.children, "a worker")
        terminal.send("\x03")
        terminal.see(r"^forklab> echo last$")
        terminal.see(WAITS_FOR_COMMAND)

    def test_what_is_longer_than_the_screen_is_paged(self):
        self.path = self.write("own.fl", "#: # Two of a kind\nspawn 9\nexplain\n#: The end.\n")
        terminal = self.prompt()
        terminal.enter(f"lesson {self.path}")
        for command in ("spawn 9", "explain"):
            terminal.see(f"^forklab> {command}$")
            terminal.see(WAITS_FOR_COMMAND)
            terminal.send("\r")
        terminal.see(r"Space shows more, q ends")
        self.assertNotIn("The end.", terminal.text())
        terminal.send("q")
        terminal.see(r"^The end\.$")
        terminal.see_prompt()

    def test_rewind_is_stepped_through_with_the_arrow_keys(self):
        terminal = self.begin("#: # Two of a kind\nrace --replay 122211\nrewind %%\nrewind off\n#: The end.\n")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send("\r")
        terminal.see(r"^forklab> rewind %%$")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send("\r")
        terminal.see(r"event 1 of \d+")
        terminal.send("\x1b[C")
        terminal.see(r"event 2 of \d+")
        terminal.send("\x1b[C")
        terminal.see(r"event 3 of \d+")
        terminal.send("\x1b[D")
        terminal.see(r"event 2 of \d+")
        terminal.send("\x1b[F")
        terminal.see(r"event (\d+) of \1\b")
        terminal.send("\r")
        terminal.see(r"> rewind off$")
        terminal.see(WAITS_FOR_COMMAND)
        terminal.send("\r")
        terminal.see(r"^The end\.$")
        terminal.see_prompt()


class Look(Lesson):
    def test_no_line_is_wider_than_the_terminal(self):
        names = [path.stem for path in
                 (pathlib.Path(__file__).resolve().parents[2] / "src" / "lessons").glob("*.fl")]
        terminal = self.prompt(columns=60, rows=24)
        for projector in ("off", "on"):
            terminal.run(f"set projector {projector}")
            for name in names:
                terminal.enter(f"lesson {name}")
                terminal.see(r"^-- .*\d+/\d+: ")
                terminal.send("q")
                terminal.see_prompt()
                self.assertLessEqual(max(map(len, terminal.lines())), 60)
                terminal.run("clear")


    def test_the_heading_and_the_keys_stay_where_there_is_little_room(self):
        path = self.write("own.fl", OWN)
        terminal = self.prompt(columns=64, rows=24)
        terminal.enter(f"lesson {path}")
        terminal.see(r"^-- Two of a kind \d+/\d+: a number answers, Return goes on; b q$")
        terminal.send("\r")
        terminal.see(r"^-- Two of a kind \d+/\d+: Return runs it; b \. : q$")


class Sealed(Lesson):
    def test_answers_that_can_not_be_read_are_known(self):
        path = self.write("own.fl", OWN)
        terminal = self.prompt(columns=120)
        sealed = "\n".join(terminal.run(f"lesson {path} --seal")) + "\n"
        self.assertRegex(sealed, r"(?m)^#\+ sha256:")
        self.assertNotIn("#+ two", sealed)
        self.write("sealed.fl", sealed)
        for key, told in (("1", r"^-> You said 1; this is right:\n  2  two$"),
                          ("2", r"^-> You said 2, and it is right$")):
            terminal.run("clear")
            terminal.enter(f"lesson {os.path.dirname(path)}/sealed.fl")
            terminal.see(WAITS_FOR_ANSWER)
            terminal.send(key + "\r")
            terminal.see(told)
            terminal.see(WAITS_FOR_COMMAND)
            terminal.send("q")
            terminal.see_prompt()


class Notes(Lesson):
    def test_they_follow_on_a_second_terminal(self):
        notes = os.path.join(self.home, "notes")
        terminal = self.begin(options=f"--notes {notes}")
        terminal.see(WAITS_FOR_ANSWER)
        second = self.prompt(columns=120)
        second.enter(f"lesson --notes {notes}")
        second.see(r"begins: Two of a kind$")
        second.see(r"let them vote$")
        second.see(r"How many workers\?$")
        self.assertNotIn("echo second", second.text())
        terminal.send("2\r")
        second.see("spawn 2$")
        second.see("echo second$")
        self.assertNotIn("let them vote", terminal.text())
        second.see("q leaves$")
        second.send("q")
        second.see_prompt()


class Homework(Lesson):
    def test_it_asks_until_it_is_right_and_keeps_each_answer(self):
        out = os.path.join(self.home, "out.ndjson")
        terminal = self.begin(options=f"--grade {out}")
        terminal.see(WAITS_FOR_ANSWER)
        terminal.send("\r")  # no question can be left out
        terminal.send("1")
        terminal.see(r"^forklab> spawn 2$")
        terminal.send("\r")
        terminal.see("what do you say now")
        terminal.see("You said 1, and it is not that")
        self.assertEqual(self.count(terminal, r"^How many workers\?$"), 2)
        self.assertNotIn("->", terminal.text())
        terminal.send("1")
        terminal.see("Not that either")
        terminal.send("2")
        terminal.see(r"^There were 2\.$")
        for _ in range(3):
            terminal.send("\r")
        terminal.see("0 of 1 answer was right at first")
        terminal.see(f"All answers stand in {out}")
        terminal.see_prompt()
        records = [json.loads(line) for line in pathlib.Path(out).read_text(encoding="utf-8").splitlines()]
        self.assertEqual([r["type"] for r in records], ["lesson", "answer", "answer", "answer", "end"])
        self.assertEqual([(r["answer"], r["right"], r["try"]) for r in records[1:4]],
                         [(1, False, 1), (1, False, 2), (2, True, 3)])
        self.assertEqual(records[0]["title"], "Two of a kind")
        self.assertTrue(records[0]["version"])
        self.assertRegex(records[0]["sha256"], "^[0-9a-f]{64}$")
        end = records[-1]
        self.assertEqual((end["complete"], end["questions"], end["right_at_first"]), (True, 1, 0))
        self.assertGreater(end["took_ns"], 0)

    def test_to_leave_early_is_told(self):
        out = os.path.join(self.home, "out.ndjson")
        terminal = self.begin(options=f"--grade {out}")
        terminal.see(WAITS_FOR_ANSWER)
        terminal.send("q")
        terminal.see_prompt()
        last = json.loads(pathlib.Path(out).read_text(encoding="utf-8").splitlines()[-1])
        self.assertEqual((last["type"], last["complete"]), ("end", False))


class Pause(TerminalTest):
    def test_it_waits_for_return(self):
        terminal = self.prompt()
        terminal.enter("pause look here; echo on")
        terminal.see(r"^look here")
        self.assertNotIn("\non", terminal.text())
        terminal.send("x")
        terminal.send("\r")
        terminal.see(r"^on$")
        terminal.see_prompt()

    def test_ctrl_c_gives_up_the_rest_of_the_line(self):
        terminal = self.prompt()
        terminal.enter("pause look here; echo on")
        terminal.see(r"^look here")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo here"), ["here"])
        self.assertNotRegex(terminal.text(), r"(?m)^on$")


class Completion(TerminalTest):
    def test_lessons_have_names(self):
        terminal = self.prompt()
        terminal.send("lesson dea\t")
        terminal.see(r"^forklab> lesson deadlock *$")
        terminal.send("\x15")
        self.write("mine.fl", OWN)
        terminal.send(f"lesson {self.home}/mi\t")
        terminal.see(r"/mine\.fl *$")

    def test_behind_an_exclamation_mark_comes_a_command(self):
        terminal = self.prompt()
        terminal.send("! spa\t")
        terminal.see(r"^forklab> ! spawn *$")
        terminal.send("2 --tog\t")
        terminal.see(r"^forklab> ! spawn 2 --together *$")


class Hints(TerminalTest):
    def test_the_next_step_is_told_once(self):
        terminal = self.prompt()
        terminal.run("spawn 2")
        terminal.see(r"^next: 'explain' tells")
        terminal.run("spawn 2")
        self.assertEqual(len(re.findall(r"(?m)^next: ", terminal.text())), 1)

    def test_an_error_that_is_a_lesson_has_one_of_its_own(self):
        terminal = self.prompt(columns=120, rows=60)
        for command, word in (("pool 2 4 --poison 1", "killed"),
                              ("barrier 2 --without 0 --as crash --which 1", "barrier")):
            terminal.run(command)
            terminal.see(rf"^next: 'explain' tells [^.]*'lesson\s+{word}'")
        hints = len(re.findall(r"(?m)^next: ", terminal.text()))
        terminal.run("pool 2 4 --poison 1")
        terminal.run("pool 2 4 --posion 1")
        self.assertEqual(len(re.findall(r"(?m)^next: ", terminal.text())), hints)

    def test_they_can_be_turned_off(self):
        terminal = self.prompt()
        terminal.run("set hints off")
        terminal.run("spawn 2")
        self.assertNotIn("next: ", terminal.text())


if __name__ == "__main__":
    unittest.main()
