# SPDX-License-Identifier: GPL-3.0-or-later
"""What people type who come from elsewhere: exit, ?, --help, 1e6, set NAME=VALUE; and jobs, source and history
with what they are asked for."""

import re
import tempfile
import unittest

import forklab
from forklab import run


def rows(finished):
    return [(row["JOB"], row["STATE"]) for row in forklab.parse_jobs(finished.lines)]


class Words(forklab.TestCase):
    def test_jobs_of_some_jobs(self):
        script = "spawn 1\nspawn 2\nspawn 1\njobs %2 %-\njobs 3\n"
        self.assertEqual(
            [job for job, _ in rows(run(script, "-q"))], ["%2.0", "%2.1", "%3.0"]
        )
        finished = run("spawn 1\nspawn 1\nspawn 1\njobs 3 %1\n", "-q")
        self.assertEqual([job for job, _ in rows(finished)], ["%1.0", "%3.0"])
        finished = run("spawn 1\njobs %7\njobs %1.0\n", "-k", "-q")
        self.assertIn("jobs: there is no job %7", finished.err)
        self.assertIn("not '%1.0'", finished.err)

    def test_jobs_that_run(self):
        session = self.session()
        session.ask("spawn 1", "spawn 1 --for 60s --daemon &")
        session.until(lambda all: len(all) == 2, "two workers")
        running = forklab.parse_jobs(session.ask("jobs --running"))
        self.assertEqual([worker["JOB"] for worker in running], ["%2.0"])
        session.ask("kill -9 %2", "wait")
        self.assertEqual(session.ask("jobs --running"), ["no such workers"])
        self.check_ok(session.end())

    def test_jobs_that_failed(self):
        finished = run("spawn 2\nspawn 2 --as crash --which 1 --together\nspawn 1 --exit 3\n"
                       "spawn 1 --for 60s & kill %%; wait\njobs --failed\n", "-k", "-q")
        self.assertEqual(rows(finished), [("%2.1", "killed SIGSEGV"), ("%4.0", "killed SIGTERM")])
        both = run("jobs --failed --running\n", "-k")
        self.assertIn("jobs: --running and --failed exclude each other", both.err)

    def test_source_goes_on_when_it_is_asked_to(self):
        with tempfile.NamedTemporaryFile("w", suffix=".fl") as lesson:
            lesson.write("echo one\nkill -9 4711\necho two\nspwan\necho three\n")
            lesson.flush()
            goes_on = run(f"source {lesson.name} -k\necho after\n")
            self.assertEqual(goes_on.lines, ["one", "two", "three", "after"])
            self.assertEqual(goes_on.status, 2)  # what failed is not forgotten
            stops = run(f"source {lesson.name}\necho after\n")
            self.assertEqual(stops.lines, ["one"])

    def test_a_file_within_one_that_goes_on_ends_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/inner.fl", "w") as inner:
                inner.write("echo inner\nkill 4711\necho never\n")
            with open(f"{folder}/outer.fl", "w") as outer:
                outer.write("source inner.fl\necho outer\n")
            finished = run("source -k outer.fl\necho after\n", cwd=folder)
            self.assertEqual(finished.lines, ["inner", "outer", "after"])

    def test_commands_by_their_number(self):
        finished = run("echo one\necho 'two  words'\n!1\n!2\n!!\nhistory\n")
        self.check_ok(finished)
        self.assertEqual(finished.lines[:8],
                         ["one", "two  words", "echo one", "one", "echo 'two  words'", "two  words",
                          "echo 'two  words'", "two  words"])
        self.assertEqual([line.strip() for line in finished.lines[8:]],
                         ["1  echo one", "2  echo 'two  words'", "3  echo one",
                          "4  echo 'two  words'", "5  echo 'two  words'", "6  history"])
        finished = run("echo x\n!7\n", "-k")
        self.assertEqual(finished.status, 2)
        self.assertEqual(finished.err, "stdin:2: error: !7: no such command in the history; it has 1\n")
        self.assertIn("!!: the history is empty", run("!!\n").err)

    def test_a_command_in_the_background_comes_back_as_one(self):
        finished = run("spawn 1 --for 60s --daemon &\n!1\njobs\n", "-q")
        self.assertEqual([job for job, _ in rows(finished)], ["%1.0", "%2.0"])

    def test_exit_and_the_question_mark(self):
        self.assertEqual(run("exit 7\n").status, 7)
        self.check_ok(run("exit\necho never\n"))
        asked = run("? pool\n")
        self.assertEqual(asked.out, run("help pool\n").out)
        self.assertEqual(run("?\n").out, run("help\n").out)

    def test_every_command_tells_of_itself(self):
        for line in ("spawn --help", "spawn -h", "kill Process-1 -h", "repeat --help", "jobs --help"):
            with self.subTest(line):
                finished = run(line + "\n")
                self.check_ok(finished)
                self.assertEqual(finished.out, run(f"help {line.split()[0]}\n").out)
        self.assertEqual(run("echo --help -h\n").out, "--help -h\n")  # its words are its own

    def test_clear_does_nothing_off_a_terminal(self):
        finished = run("echo a\nclear\necho b\n")
        self.check_ok(finished)
        self.assertEqual(finished.out, "a\nb\n")

    def test_suspend_needs_a_terminal(self):
        finished = run("suspend\n")
        self.assertEqual((finished.status, finished.out), (1, ""))
        self.assertIn("suspend: there is no terminal", finished.err)

    def test_counts_with_an_exponent_and_durations_without_a_nought(self):
        finished = run("pool 2 1e4\nsleep .01\nset for .1\nset for\nspawn 1 2e0\n", "-q")
        self.check_ok(finished)
        self.assertIn("(10000 results)", finished.out)
        self.assertIn("for 100ms\n", finished.out)
        refused = run("pool 2 1e99\npool 2 1e\npool 2 1.5e3\npool 1e0 1e-1\nsleep .\nsleep .s\n", "-k", "-q")
        self.assertEqual(refused.status, 2)
        self.assertEqual(len(re.findall("error: ", refused.err)), 6)

    def test_set_with_an_equals_sign(self):
        finished = run("set for=2s\nset for\nset color=never\nset color\nset pager=off\nset hints=off\n")
        self.check_ok(finished)
        self.assertEqual(finished.out, "for 2s\ncolor never\n")
        wrong = run("set for=\nset nothing=1\nset for=x\nset for=1s 2s\n", "-k")
        self.assertEqual(len(re.findall("error: set: ", wrong.err)), 4, wrong.err)
        for name in ("for", "color", "glyphs", "pager", "hints"):
            self.assertRegex(run("set\n").out, rf"(?m)^{name} ")


if __name__ == "__main__":
    unittest.main()
