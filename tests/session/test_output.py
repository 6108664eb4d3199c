# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes out: bytes that the locale knows, lines that fit their terminal, and whose they are."""

import fcntl
import json
import os
import re
import struct
import termios
import unittest

import forklab
from forklab import run


class Locale(forklab.TestCase):
    """Where the locale is not UTF-8, no other bytes than ASCII reach anybody."""

    SCRIPT = ("name Ünï 10; jobs; spawn 1 --for 1ms & show Ünï; stop Ünï; echo Ünï; kill Ünï; timeline; tree; explain;"
              " history; spwän; results; help Ünï; source Ünï; set Ünï; export Ünï; watch Ünï --timeout 1ms\n")

    def test_c_shows_ascii_alone(self):
        finished = run(self.SCRIPT, "-k", "-x", env={"LC_ALL": "C"})
        self.assertIn("\\xc3\\x9cn\\xc3\\xaf", finished.out)
        self.assertTrue(finished.out.isascii(), finished.out)
        self.assertTrue(finished.err.isascii(), finished.err)

    def test_utf8_shows_letters(self):
        finished = run(self.SCRIPT, "-k", "-x")
        self.assertIn("Ünï", finished.out)
        self.assertNotIn("\\xc3", finished.out)

    def test_columns_are_straight(self):
        lines = run("name Ünï 10; jobs\n", "-q", env={"LC_ALL": "C"}).lines
        rows = [line for line in lines if line.startswith("%1")]
        self.assertEqual(len({line.index("exited 0") for line in rows}), 1)

    def test_json_is_utf8_in_every_locale(self):
        finished = run("name Ünï 10; jobs\n", "--json", env={"LC_ALL": "C"})
        said = [json.loads(line) for line in finished.lines]
        self.assertIn("Ünï", {item.get("name") for item in said})
        self.assertNotIn("xc3", finished.out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
