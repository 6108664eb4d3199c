# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of faults have in common: runs of forklab that are watched to their end."""
import contextlib
import os
import resource
import select
import signal
import subprocess
import time
import unittest

import processes
import scripts

FORKLAB = os.environ["FORKLAB"]
LIMIT = 60  # seconds for one run, on a machine that has other things to do
END_LIMIT = 2 + 8  # for its end by a signal: what is promised, and patience with such a machine
ORPHAN_LIMIT = processes.ORPHAN_LIMIT

processes.become_subreaper()

# Under nohup(1) we, and forklab, would ignore it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Session:
    """One forklab, with pipes behind its 1 and 2 unless something else is given."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        self.process = subprocess.Popen([FORKLAB, *arguments], stdin=stdin, **options)
        self.pipes = {pipe: bytearray() for pipe in (self.process.stdout, self.process.stderr) if pipe}
        self.open = list(self.pipes)
        self.hung = False
        self.status = self.left = None

    def read(self, seconds):
        """Reads what it says for so long, or until it says nothing any more; false then."""
        deadline = time.monotonic() + seconds
        while self.open:
            rest = deadline - time.monotonic()
            ready = select.select(self.open, [], [], max(rest, 0))[0]
            for pipe in ready:
                piece = os.read(pipe.fileno(), 65536)
                self.pipes[pipe] += piece
                if not piece:
                    self.open.remove(pipe)
            if rest <= 0:
                return True
        return False

    def read_until(self, text, seconds=LIMIT):
        """Reads until stdout has `text` in it; false if it never comes."""
        deadline = time.monotonic() + seconds
        while text.encode() not in self.pipes[self.process.stdout]:
            if time.monotonic() > deadline or not self.read(0.01):
                return text.encode() in self.pipes[self.process.stdout]
        return True

    def finish(self, seconds=LIMIT, patience=0):
        """Reads to the end; afterwards status, out, err, hung and left (processes) tell how it was. What is
        gone after `patience` seconds is not left."""
        deadline = time.monotonic() + seconds
        self.hung = self.read(seconds)
        if not self.hung:
            try:
                self.process.wait(max(deadline - time.monotonic(), 1))
            except subprocess.TimeoutExpired:
                self.hung = True
        if self.hung:
            self.process.kill()
        self.status = self.process.wait()
        self.left = processes.wait_for_none(patience)
        for pipe in self.pipes:
            pipe.close()
        return self

    @property
    def out(self):
        return bytes(self.pipes.get(self.process.stdout, b"")).decode(errors="replace")

    @property
    def err(self):
        return bytes(self.pipes.get(self.process.stderr, b"")).decode(errors="replace")


def run(*arguments, seconds=LIMIT, patience=0, **options):
    """Runs forklab to its end."""
    return Session(*arguments, **options).finish(seconds, patience)


def limited(**limits):
    """A preexec_fn that sets limits by their names: NOFILE=20."""

    def set_limits():
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))

    return set_limits


class Usual:
    """What runs print when nothing is done to them; more of them are made when one may differ as another does."""

    MOST = 20

    def __init__(self, make_run):
        self.make_run, self.runs = make_run, 0
        self.likeness = scripts.Likeness()
        self.status = self.learn().status

    def learn(self):
        session = self.make_run()
        self.likeness.learn(scripts.plain(session.out))
        self.runs += 1
        return session

    def differences(self, session):
        while True:
            found = self.likeness.differences(scripts.plain(session.out))
            if not found or self.runs >= self.MOST:
                return found
            self.learn()


class Case(unittest.TestCase):
    """Tests with the oracles that hold for every run."""

    maxDiff = None
    tally = {}

    @classmethod
    def tearDownClass(cls):
        """Tells how many of its cases held; a test without cases of its own is one."""
        tried, fell = cls.tally.pop(cls.__name__, (0, 0))
        print(f"tally: tests {cls.__name__} {tried} {tried - fell} {fell}", flush=True)

    def note(self, fell):
        tried, fallen = self.tally.get(type(self).__name__, (0, 0))
        self.tally[type(self).__name__] = tried + 1, fallen + fell

    @contextlib.contextmanager
    def subTest(self, *arguments, **options):
        with super().subTest(*arguments, **options):
            try:
                yield
            except BaseException:
                self.note(True)
                raise
            self.note(False)

    def run(self, result=None):
        wrong = lambda: len(result.failures) + len(result.errors)
        before, wrong_before, skipped_before = self.tally.get(type(self).__name__), wrong(), len(result.skipped)
        super().run(result)
        if self.tally.get(type(self).__name__) == before and len(result.skipped) == skipped_before:
            self.note(wrong() > wrong_before)
        return result

    def assert_like(self, session, usual):
        self.assertEqual(usual.differences(session), [], session.err)

    def assert_ended_by(self, session, number):
        """It ends by a signal that it was just sent, in time and with nobody left behind."""
        session.finish(END_LIMIT)
        self.assertFalse(session.hung, "it hung")
        self.assertEqual(session.status, 128 + number, session.err)
        self.assertEqual(session.left, 0)

    def assert_held(self, session, status=None, silent=False):
        """It ended in time and by itself, left nobody behind, and gave a reason unless all went well, or
        nobody is there to read it."""
        said = f"status {session.status}\nstdout: {session.out[-800:]}\nstderr: {session.err[-800:]}"
        self.assertFalse(session.hung, "it hung; " + said)
        self.assertGreaterEqual(session.status, 0, "a signal ended it; " + said)
        self.assertNotIn("bug at", session.err)
        self.assertNotIn("ERROR: AddressSanitizer", session.err)
        self.assertNotIn("runtime error:", session.err)
        self.assertEqual(session.left, 0, f"it left {session.left} processes behind; " + said)
        if session.status != 0 and session.process.stderr and not silent:
            self.assertTrue(session.err.strip(), "it failed without a word; " + said)
        if status is not None:
            self.assertEqual(session.status, status, said)
