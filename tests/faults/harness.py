# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of faults have in common: runs of forklab that are watched to their end."""
import os
import re
import resource
import select
import signal
import subprocess
import time
import unittest

import inject

FORKLAB = os.environ["FORKLAB"]
LIMIT = 60  # seconds for one run, on a machine that has other things to do
ORPHAN_LIMIT = 2  # seconds: the one that is promised, and one for a busy machine

inject.become_subreaper()


def children_of(pid):
    """The pids of a process's children, by /proc; none when it is gone."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return [int(word) for word in os.listdir("/proc") if word.isdigit() and inject.parent_of(int(word)) == pid]
    except ProcessLookupError:
        return []


def end_leftovers():
    """Kills and reaps all children; returns how many there were, living or not."""
    left = 0
    while True:
        for child in children_of(os.getpid()):
            os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return left
        left += 1


def wait_for_none(seconds):
    """Waits until there is no child any more; returns how many are left after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                select.select([], [], [], 0.005)
        except ChildProcessError:
            return 0
    return end_leftovers()


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
        self.left = wait_for_none(patience)
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


def steady(text):
    """The lines that are the same in each good run. Not so the first of results that come as they like, and
    what the kernel says of a worker just after a signal."""
    lines = (" ".join(line.split()) for line in inject.plain(re.sub(r"Process-\d+", "Process-N", text)))
    return [line for line in lines
            if not ("..." in line and "results)" in line) and not line.startswith("Process terminated:")]


class Case(unittest.TestCase):
    """Tests with the oracles that hold for every run."""

    maxDiff = None

    def assert_held(self, session, status=None):
        """It ended in time and by itself, left nobody behind, and gave a reason unless all went well."""
        said = f"status {session.status}\nstdout: {session.out[-800:]}\nstderr: {session.err[-800:]}"
        self.assertFalse(session.hung, "it hung; " + said)
        self.assertGreaterEqual(session.status, 0, "a signal ended it; " + said)
        self.assertNotIn("bug at", session.err)
        self.assertNotIn("ERROR: AddressSanitizer", session.err)
        self.assertNotIn("runtime error:", session.err)
        self.assertEqual(session.left, 0, f"it left {session.left} processes behind; " + said)
        if session.status != 0 and session.process.stderr:
            self.assertTrue(session.err.strip(), "it failed without a word; " + said)
        if status is not None:
            self.assertEqual(session.status, status, said)
