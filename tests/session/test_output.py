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


UNITS = {unit + end for unit in ("ms", "us", "s", "of") for end in ("", ",", ";")}


class OnTerminal(forklab.TestCase):
    """A script whose output is a terminal breaks its lines between words and numbers."""

    def run_on_terminal(self, script, columns, *arguments):
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        settings = termios.tcgetattr(slave)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        process = forklab.start(*arguments, "-c", script, stdin=slave, stdout=slave, stderr=slave,
                                env={"NO_COLOR": "1"})
        os.close(slave)
        data = b""
        while piece := self.read(master):
            data += piece
        os.close(master)
        process.wait()
        return data.decode().splitlines()

    @staticmethod
    def read(master):
        try:
            return os.read(master, 1 << 16)
        except OSError:
            return b""

    def words(self, lines):
        return " ".join(lines).split()

    def test_breaks_between_words(self):
        script = ("name; pool 2 30 --all; spawn 1 --size 20; barrier 2 --stagger 0; results;"
                  " echo " + " ".join(["word"] * 40) + "; kill Process-99")
        for columns in (20, 40, 60, 80):
            with self.subTest(columns=columns):
                lines = self.run_on_terminal(script, columns)
                for line in lines:
                    if len(line) > columns:  # one word may be longer than a line
                        self.assertNotIn(" ", line.strip(), lines)
                wide = [re.sub(r"[\d.]+", "", word) for word in self.words(self.run_on_terminal(script, 4000))]
                narrow = [re.sub(r"[\d.]+", "", word) for word in self.words(lines)]
                self.assertEqual(sorted(set(narrow) - UNITS),
                                 sorted(set(wide) - UNITS))

    def test_lists_break_between_numbers(self):
        lines = self.run_on_terminal("pool 2 10000 --all", 60, "-q")
        self.assertLessEqual(max(map(len, lines)), 60)
        found = re.search(r"Pool: \[(.*)\]", " ".join(lines))[1]
        self.assertEqual([int(word) for word in found.split(", ")], [i * i for i in range(10000)])

    def test_a_pipe_gets_whole_lines(self):
        finished = run("pool 2 1000 --all; echo " + "word " * 100, "-q", env={"COLUMNS": "20"})
        self.assertEqual(len(finished.lines), 2)


class Background(forklab.TestCase):
    """Each line that a job in the background prints has its number."""

    COMMANDS = ("spawn 3", "spawn 2 --together --for 20ms", "name", "kill", "kill --graceful", "daemon",
                "barrier 2 --stagger 1ms", "barrier 3 --as crash --which 1 --at wait", "pool 2 10",
                "pool 2 6 --poison 3", "pool 2 10 --init", "spawn 2 --as babble", "spawn 1 --exit 3")

    def test_every_line_has_it(self):
        for command in self.COMMANDS:
            with self.subTest(command):
                front = run(command + "\n", "-k")
                finished = run(f"echo first\n{command} &\nwait\n", "-k")
                self.assertEqual(finished.lines[0], "first")
                for line in finished.lines[1:]:
                    self.assertRegex(line, r"^\[1\] ", str(finished))
                self.assertGreaterEqual(len(finished.lines) - 1, len(front.lines))
                self.assertNotRegex(front.out, r"(?m)^\[1\]")

    def test_of_several_jobs_each_has_its_own(self):
        finished = run("pool 1 5 &\npool 1 6 &\npool 1 7 &\nwait\n")
        for job, results in ((1, "[0, 1, 4, 9, 16]"), (2, "[0, 1, 4, 9, 16, 25]"), (3, "[0, 1, 4, 9, 16, 25, 36]")):
            self.assertIn(f"[{job}] Pool: {results}", finished.lines, str(finished))

    def test_in_front_again_there_is_none(self):
        lines = run("spawn 1 --for 300ms &\nfg %1\n").lines
        self.assertIn("Process 0 finished with 0 results.", lines)

    def test_what_others_print_meanwhile_has_none(self):
        finished = run("spawn 2 --for 50ms &\n" + "echo mine\n" * 200 + "pool 2 10\nwait\n")
        self.assertEqual(finished.lines.count("mine"), 200)
        self.assertIn("Pool: [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]", finished.lines)

    def test_json_tells_the_job(self):
        finished = run("pool 1 5 &\nwait\necho mine\n", "--json")
        said = [json.loads(line) for line in finished.lines]
        jobs = {item["text"]: item.get("job") for item in said if item["type"] == "output"}
        self.assertEqual(jobs["mine"], None)


if __name__ == "__main__":
    unittest.main(verbosity=2)
