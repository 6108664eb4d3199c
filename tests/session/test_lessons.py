# SPDX-License-Identifier: GPL-3.0-or-later
"""Lessons: forklab's own all hold, and what one of somebody's own must be like."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import forklab

LESSONS = pathlib.Path(__file__).resolve().parents[2] / "src" / "lessons"

GOOD = """#: # A title
#: One {workers}?
#? How many?
#- none
#+ one
spawn 1
check workers = 1
#> for the presenter
#: There was {workers} worker.
#. and now
! wait Process-99
"""


class Lessons(forklab.TestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, text):
        path = os.path.join(self.folder, "own.fl")
        pathlib.Path(path).write_text(text, encoding="utf-8")
        return path

    def play(self, text, *options):
        return forklab.run(f"lesson '{self.write(text)}' {' '.join(options)}\n")

    def test_every_one_of_its_own_is_listed(self):
        listed = [line.split()[0] for line in forklab.run("lesson").lines[:-1]]
        self.assertEqual(sorted(listed), sorted(path.stem for path in LESSONS.glob("*.fl")))

    def test_plain_where_there_is_no_terminal(self):
        finished = self.play(GOOD.replace("One {workers}?", "First."))
        self.assertEqual(finished.status, 0, str(finished))
        for wanted in ("A title", "  1  none", "-> This is right:", "  2  one\n\nThere was 1 worker."):
            self.assertIn(wanted, finished.out)
        self.assertNotIn("presenter", finished.out)

    def test_a_lesson_is_a_script(self):
        finished = forklab.run(GOOD)
        self.assertEqual(finished.status, 0, str(finished))
        self.assertNotIn("How many", finished.out)

    def test_check_tells_what_does_not_hold(self):
        cases = {
            GOOD: "own.fl:2: error: the last command had no figure workers",
            GOOD.replace("{workers}?", "").replace("check workers = 1\n", ""):
                "own.fl:3: error: no check behind the question proves its right answer",
            GOOD.replace("{workers}?", "").replace("workers = 1", "workers = 2"):
                "own.fl:7: error: check: workers is 1, not 2",
            GOOD.replace("{workers}?", "").replace("! wait", "! echo"):
                "own.fl:11: error: echo: it was meant to fail, by the '!', and did not",
        }
        for text, wanted in cases.items():
            finished = self.play(text, "--check")
            self.assertEqual(finished.status, 1, str(finished))
            self.assertIn(wanted, finished.err)
        finished = self.play(GOOD.replace("{workers}?", ""), "--check")
        self.assertEqual(finished.status, 0, str(finished))
        self.assertIn("2 commands, 1 questions, 1 checks hold", finished.out)

    def test_the_example_in_help_is_a_lesson(self):
        lines = forklab.run("help lesson").lines
        first = lines.index("  #: # Two or three?")
        example = "".join(line[2:] + "\n" for line in lines[first:first + 7])
        self.assertIn("1 commands, 1 questions, 1 checks hold", self.play(example, "--check").out)

    def test_one_can_be_printed(self):
        text = (LESSONS / "race.fl").read_text(encoding="utf-8")
        self.assertEqual(forklab.run("lesson race --print").out, text)
        self.assertEqual(self.play(GOOD, "--print").out, GOOD)
        for options in ("", "race --seal", "race --check"):
            self.assertEqual(forklab.run(f"lesson --print {options}").status, 2)

    def test_questions_have_figures_too(self):
        lesson = """spawn 3
#? There were {workers}. How many now?
#- {workers}
#+ fewer than {workers}
spawn 2
check workers < 3
"""
        finished = self.play(lesson)
        self.assertIn("There were 3. How many now?\n  1  3\n  2  fewer than 3\n", finished.out)
        self.assertEqual(self.play(lesson, "--check").status, 0)
        finished = self.play(lesson.replace("- {workers}", "- {fish}"), "--check")
        self.assertIn("own.fl:2: error: the last command had no figure fish", finished.err)

    def test_what_is_no_lesson(self):
        cases = {
            "#- lonely\n": "own.fl:1: an answer needs its question, '#?'",
            "#? one\n#+ yes\nspawn 1\n": "own.fl:1: a question needs two answers",
            "#? one\n#- no\n#- never\n": "own.fl:1: a question needs one right answer",
            "#? one\n#+ no\n#+ never\n": "own.fl:3: the question has a right answer already",
            "spawn 1\0\n": "NUL byte",
        }
        for text, wanted in cases.items():
            finished = self.play(text)
            self.assertEqual(finished.status, 1, str(finished))
            self.assertIn(wanted, finished.err)
        self.assertIn("did you mean 'zombie'", forklab.run("lesson zombi").err)

    def test_sealed_answers_are_still_known(self):
        sealed = self.play(GOOD.replace("{workers}?", ""), "--seal").out
        self.assertNotIn("#+ one", sealed)
        self.assertRegex(sealed, r"(?m)^#\+ sha256:[0-9a-f]{16}:[0-9a-f]{64}$")
        finished = self.play(sealed)
        self.assertIn("-> This is right:\n  2  one\n", finished.out)
        wrong = self.play(sealed.replace("#- one", "#- two"))
        self.assertEqual(wrong.status, 1, str(wrong))

    def test_homework_needs_somebody(self):
        finished = self.play(GOOD, "--grade", "out.ndjson")
        self.assertEqual(finished.status, 2, str(finished))
        self.assertFalse(os.path.exists("out.ndjson"))


class Rehearsal(forklab.TestCase):
    def test_all_of_its_own_hold_on_any_cores(self):
        """On all cores, and at the same time on one: that is a loaded machine, too."""
        core = str(min(os.sched_getaffinity(0)))
        command = [forklab.FORKLAB, "-c", "lesson --check"]
        started = [subprocess.Popen([*before, *command], stdin=subprocess.DEVNULL, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    env=forklab.environment())
                   for before in ([], ["taskset", "-c", core])]
        for process in started:
            out, err = process.communicate()
            self.assertEqual(process.returncode, 0, out + err)
            held = [line for line in out.splitlines() if line.startswith("=> lesson ")]
            self.assertEqual(len(held), len(list(LESSONS.glob("*.fl"))))


if __name__ == "__main__":
    unittest.main(verbosity=2 if os.environ.get("VERBOSE") else 1)
