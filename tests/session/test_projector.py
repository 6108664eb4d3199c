#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that on a projector lines are short, and that each worker has one colour wherever it is named: one that can
be read on a light ground as well as on a dark one.

Runs the binary that the environment variable FORKLAB names.
"""
import os
import re
import subprocess
import unittest

COLUMNS = 60
CONTRAST = 3.5  # to white and to black; WCAG asks for 3 where letters are large or bold
COLOR = r"\x1b\[1;38;5;(\d+)m"
SCRIPT = """set color always; set glyphs utf8; set projector on
spawn 9 --together --for 0s; timeline; jobs; explain --all; show %1
barrier 2 --stagger 0
"""


def run(script, term):
    done = subprocess.run([os.environ["FORKLAB"], "-c", script], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env={**{k: v for k, v in os.environ.items() if k != "COLORTERM"}, "TERM": term})
    assert done.returncode == 0, done
    return done.stdout


def luminance(number):
    """The luminance of one of the 216 colours of a terminal's cube, by WCAG's formula."""
    levels = [(0, 95, 135, 175, 215, 255)[(number - 16) // n % 6] / 255 for n in (36, 6, 1)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Projector(unittest.TestCase):
    def test_each_worker_has_its_own_color_everywhere(self):
        text = run(SCRIPT, "xterm-256color")
        first = {f"Process-{n + 1}": color for color, n in
                 ((m[1], int(m[2])) for m in re.finditer(COLOR + r"calling .* no: (\d+)\x1b\[0m", text))}
        self.assertEqual(len(first), 9)
        self.assertEqual(len(set(first.values())), 8)
        self.assertEqual(first["Process-1"], first["Process-9"])
        for name, color in first.items():
            number = int(name.rpartition("-")[2]) - 1
            mine = re.escape(f"\x1b[1;38;5;{color}m")
            for place, line in (("end", rf"^{mine}Process {number} finished"),
                                ("lane", rf"^{mine}{name} *\x1b\[0m .*{mine}"),
                                ("row", rf"^%1\.{number} +{mine}{name}"),
                                ("event", rf"^.*  {mine}{name} *\x1b\[0m +hello"),
                                ("portrait", rf"^{mine}{name}\x1b\[0m \(\d+\), a worker")):
                with self.subTest(name, place=place):
                    self.assertRegex(text, re.compile(line, re.M))

    def test_colors_stand_out_on_white_and_on_black(self):
        used = set(map(int, re.findall(r"38;5;(\d+)", run(SCRIPT, "xterm-256color"))))
        self.assertGreaterEqual(len(used), 8)
        for number in used:
            with self.subTest(number):
                self.assertGreaterEqual(1.05 / (luminance(number) + 0.05), CONTRAST)
                self.assertGreaterEqual((luminance(number) + 0.05) / 0.05, CONTRAST)

    def test_sixteen_colors_where_there_are_no_more(self):
        text = run(SCRIPT, "xterm")
        self.assertNotIn("38;5;", text)
        self.assertEqual(len(set(re.findall(r"(\S+)calling", text))), 8)

    def test_sentences_are_short(self):
        text = re.sub(r"\x1b\[[0-9;]*m", "", run(SCRIPT, "xterm-256color"))
        told = [line for line in text.splitlines() if re.match(r"=>|   \S| *>>>| *\d+\.\d{6}", line)]
        self.assertGreater(len(told), 20)
        self.assertEqual([line for line in told if len(line) > COLUMNS], [])

    def test_nothing_of_it_when_it_is_off(self):
        text = run(SCRIPT.replace("projector on", "projector off"), "xterm-256color")
        self.assertNotIn("38;5;", text)
        self.assertRegex(text, r"(?m)^calling do_something")


if __name__ == "__main__":
    unittest.main(verbosity=2)
