# SPDX-License-Identifier: GPL-3.0-or-later
"""help and the messages about arguments: usage, defaults and words all come from the table."""

import re
import unittest

import forklab
from forklab import run


class Help(forklab.TestCase):
    def test_the_first_page_has_at_most_22_rows(self):
        text = run("help\n").out
        self.assertLessEqual(len(text.splitlines()), 22, text)
        for command in ("spawn", "pool", "explain", "quit"):
            self.assertRegex(text, rf"\b{command}\b")

    def test_it_has_every_command(self):
        page = run("help\n").out
        for line in run("help all\n").lines:
            entry = re.match(r"  (\S+)", line)
            if entry and line[2] != " ":
                self.assertRegex(page, rf"(?m)(^|\s){re.escape(entry[1])}(\s|$)")

    def test_each_argument_error_ends_with_the_usage(self):
        for line in ("spawn", "spawn 2 3 5", "spawn x", "spawn 2 --for", "spawn 2 --for x", "spawn 2 --togehter",
                     "pool 2", "kill -99 x", "set nothing", "tree 5", "spawn 2 --together=5", "spawn 2 --which 1",
                     "spawn 2 --for 1s --for 2s"):
            with self.subTest(line):
                finished = run(line + "\n")
                self.assertEqual(finished.status, 2)
                self.assertRegex(finished.err, rf"^stdin:1: error: .*\n +usage: {line.split()[0]}\b.*\n$")

    def test_what_is_too_much_is_said_with_what_is_taken(self):
        first = lambda line: run(line + "\n").err.splitlines()[0].split("error: ")[1]
        self.assertEqual(first("spawn 2 3 5"), "spawn: unexpected argument '5': spawn takes N and SIZE")
        self.assertEqual(first("tree 5"), "tree: unexpected argument '5': tree takes only options")
        self.assertEqual(first("bg 1 2"), "bg: unexpected argument '2': bg takes %J")
        self.assertEqual(first("clear 2"), "clear: unexpected argument '2': clear takes none")
        self.assertEqual(first("spawn 2 --for"),
                         "spawn: --for has no value: it must be a duration from 0s to 24h, as in 250ms, 1.5s or 1m")
        self.assertEqual(first("kill -99 x"), "kill: -99 is no signal: it must be a signal, by name or from 1 to 31")

    def test_defaults_come_from_the_table(self):
        text = " ".join(run("help barrier\nhelp pool\nhelp spawn\nhelp kill\n").out.split())
        for part in ("(1 to 10000, default 2)", "(0s to 1m, default 50ms)", "(0 to 100, default 1)",
                     "default N", "default 1000", "default TERM"):
            self.assertIn(part, text)

    def test_help_says_what_happens_without_an_argument(self):
        names = re.findall(r"(?m)^  ([a-z]+) ", run("help all\n").out)
        self.assertGreater(len(names), 40)
        text = run("".join(f"help {name}\n" for name in names), "-k").out
        self.assertEqual(re.findall(r"[^.;]*(?:leaves?|left) out[^.;]*", " ".join(text.split())), [])

    def test_every_word_of_as_is_explained(self):
        for command in ("spawn", "pool", "barrier"):
            text = run(f"help {command}\n").out
            for word, meaning in (("crash", "SIGSEGV"), ("stubborn", "ignores SIGTERM"), ("mute", "closes its pipe"),
                                  ("babble", "garbage"), ("torn", "within a frame|half a frame|middle of a frame"),
                                  ("fork", "leaves .* behind|grandchild")):
                self.assertRegex(text, rf"(?m)^ +{word} .*({meaning})", command)

    def test_maps_are_explained_too(self):
        text = run("help pool\n").out
        for word in ("square", "prime", "sleep"):
            self.assertRegex(text, rf"(?m)^ {{4,}}{word}  ")


if __name__ == "__main__":
    unittest.main()
