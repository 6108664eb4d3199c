# SPDX-License-Identifier: GPL-3.0-or-later
"""Every word that help explains: found by each of its names, fit for a small screen, and what it
sends people to is there."""

import pathlib
import unittest

import forklab

FILE = pathlib.Path(__file__).resolve().parents[2] / "src" / "help" / "concepts.txt"


def concepts():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    for at in range(0, len(lines), 4):
        words, meaning, shows, manual = lines[at : at + 4]
        yield words[2:].split(", "), meaning, shows.removeprefix("shows: "), manual


class Concepts(forklab.TestCase):
    def test_each_is_found_by_each_of_its_names(self):
        for names, meaning, _, _ in concepts():
            for name in names:
                finished = forklab.run(f"help '{name}'")
                self.assertEqual(finished.status, 0, str(finished))
                self.assertIn(meaning.split(".")[0][:40], finished.out)

    def test_each_is_short_and_names_the_manual(self):
        for names, meaning, _, manual in concepts():
            self.assertRegex(manual, r"^man: \d [a-z_0-9]+$")
            self.assertLessEqual(len(meaning), 8 * 76, names)

    def test_what_shows_it_is_understood(self):
        for names, _, shows, _ in concepts():
            for command in shows.replace("AB,BA", "AB;BA").split(", "):
                word = command.split()[0]
                finished = forklab.run(f"help {word}")
                self.assertEqual(finished.status, 0, f"{names}: {command}")
                if word == "lesson":
                    self.assertIn(f"{command.split()[1]} ", forklab.run("lesson").out)

    def test_near_words(self):
        self.assertIn("did you mean 'zombie'?", forklab.run("help zombei").err)
        self.assertIn("did you mean 'deadlock'?", forklab.run("help deadlok").err)
        self.assertEqual(forklab.run("help xyzzy").status, 2)


if __name__ == "__main__":
    unittest.main()
