# SPDX-License-Identifier: GPL-3.0-or-later
"""What CPython's tests of multiprocessing's connections assert, one test each by its name; and the
end of file that never comes there."""

import re
import unittest

import forklab


class Pipe(forklab.TestCase):
    """_TestConnection, _TestPoll and TestSubclassingProcess's UpperCaser."""

    def walk(self, *texts):
        finished = forklab.run("", "-c", "pipe " + " ".join(texts))
        self.check_ok(finished)
        return finished.out

    def test_subclassing(self):
        out = self.walk("hello", "world")
        self.assertIn("sent hello, got HELLO\nsent world, got WORLD\n", out)

    def test_connection(self):
        """A message of 16 MiB arrives whole."""
        finished = forklab.run("", "-c", "pipe --bytes 16777216")
        self.check_ok(finished)
        self.assertIn("p2 read 16777216 bytes to the end of file, 0 of them wrong", finished.out)
        self.assertRegex(finished.out, r"write: \d+ of 16777216 bytes went in, then it waited")

    def test_duplex_false(self):
        """Each pipe has one direction; both together answer."""
        self.assertIn("sent hello, got HELLO", self.walk())

    def test_spawn_close(self):
        out = self.walk()
        self.assertRegex(out, r"(?s)closes the writing end\n.*reads: end of file, p2 has ended")
        self.assertIn("p2 read the end of file", out)

    def test_empty_string(self):
        self.assertIn("sent '', got '': an empty message is a message", self.walk())

    def test_strings(self):
        self.assertIn("'HELLO' '' 'A' 'B' '' 'BYE' '' 'LOP'", self.walk())

    def test_boundaries(self):
        out = self.walk()
        self.assertIn("'A' 'B' 'CD': each by itself", out)
        self.assertIn("bytes a, b, cd without their lengths are read as 'abcd'", out)

    def test_dont_merge(self):
        polls = re.findall(r"poll.*: (True|False), after (.*)", self.walk())
        self.assertEqual([answer for answer, _ in polls], ["False", "False", "True"])
        self.assertRegex(polls[1][1], r"^(0\.[1-9]|[1-9]\d\d?\.?\d* ms|[1-9])")

    def test_fd_transfer(self):
        self.assertRegex(self.walk(), r"sent descriptor \d+ of a file: p2 has it as \d+, and read 'foo'")

    def test_large_fd_transfer(self):
        found = re.search(r"sent descriptor (\d+) of a file: p2 has it as \d+, and read 'bar'", self.walk())
        self.assertGreater(int(found.group(1)), 255)

    def test_missing_fd_transfer(self):
        self.assertIn("a descriptor that is not open: refused, Bad file descriptor", self.walk())

    def test_a_full_pipe_and_one_without_a_reader(self):
        out = self.walk()
        self.assertRegex(out, r"a full pipe: \d+ bytes went in, the next write: would wait")
        self.assertIn("SIGPIPE ignored: Broken pipe", out)


class Ends(forklab.TestCase):
    def test_pipe_end_that_is_kept(self):
        """Python: poll() is False after the writer ended, and nothing says why."""
        finished = forklab.run("", "-c", "pipe --keep-end")
        self.check_ok(finished)
        self.assertRegex(
            finished.out,
            r"(?s)p2 still waits, .* after p1 ended: no end of file\n"
            r"forklab itself \(\d+\) still holds the writing end, descriptor \d+.*\n"
            r"forklab closes it\np2 read the end of file\n",
        )

    def test_sigpipe(self):
        finished = forklab.run("", "-c", "repeat 20 pipe --close-reader")
        self.check_ok(finished)
        self.assertEqual(finished.out.count("p1 was killed by SIGPIPE: exit code -13"), 20)

    def test_deaths(self):
        for fault in ("crash", "mute", "babble", "torn"):
            for which in (1, 2):
                for more in ("", "--bytes 1M", "--keep-end"):
                    with self.subTest(fault=fault, which=which, more=more):
                        finished = forklab.run("", "-c", f"pipe {more} --as {fault} --which {which}")
                        self.assertEqual(finished.status, 1, str(finished))
                        self.assertIn("failed", finished.err)

    def test_leaves_no_descriptor_open(self):
        session = self.session("-k")
        session.ask("pipe")
        before = forklab.descriptors_of(session.pid)
        session.ask("pipe", "pipe --keep-end", "pipe --as crash --which 1", "pipe --bytes 1M")
        self.assertEqual(forklab.descriptors_of(session.pid), before)
        session.end()


if __name__ == "__main__":
    unittest.main()
