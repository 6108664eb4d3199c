# SPDX-License-Identifier: GPL-3.0-or-later
"""forklab at a real terminal: a pty, a model of the screen, and waiting for what appears on it."""

import fcntl
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest
import uuid

import pexpect
import pyte
from pexpect import fdpexpect

FORKLAB = os.environ["FORKLAB"]
SLOW = 20 if os.environ.get("FORKLAB_SLOW") == "1" else 1
PATIENCE = 20 * (3 if SLOW > 1 else 1)
PROMPT = "forklab> "

# Under nohup(1) we, the shells started here, and forklab would ignore it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Terminal:
    """One program on a pty of its own. The test keeps the other end of the pty open, so that the
    terminal's settings can be looked at after the program has gone."""

    def __init__(self, home, arguments=(), program=FORKLAB, columns=80, rows=24, **environment):
        self.mark = uuid.uuid4().hex
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        self.raw = ""
        self.master, self.slave = os.openpty()
        self._set_size(columns, rows)
        self.settings_before = termios.tcgetattr(self.slave)
        environment = {
            "PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": home,
            "XDG_STATE_HOME": os.path.join(home, "state"), "TERMINAL_TEST": self.mark,
            **{name: os.environ[name] for name in os.environ if name.endswith("SAN_OPTIONS")},
            **environment}
        self.program = program
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [program, *arguments], stdin=self.slave, stdout=self.slave, stderr=self.slave,
            env=environment, cwd=home, start_new_session=True, preexec_fn=self._take_terminal)
        self.child = fdpexpect.fdspawn(self.master, encoding="utf-8", codec_errors="replace")

    @staticmethod
    def _take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _set_size(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        """The kernel tells the program by itself."""
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)

    def send(self, text):
        os.write(self.master, text.encode())

    def enter(self, line):
        """Types a line at the prompt, and sees it there before Enter."""
        self.send(line)
        self.wait_until(lambda: self.lines()[-1].endswith(line[-20:]), f"'{line}' as typed")
        self.send("\r")

    def unread(self):
        """How many bytes of what was sent nobody has read yet."""
        return struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, bytes(4)))[0]

    def read(self, timeout):
        """Takes what has come; False when nothing came in time."""
        try:
            text = self.child.read_nonblocking(65536, timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += text
        self.stream.feed(text)
        return True

    def lines(self):
        lines = [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def text(self):
        return "\n".join(self.lines())

    def wait_until(self, condition, what, timeout=PATIENCE):
        end = time.monotonic() + timeout
        while not (found := condition()):
            if time.monotonic() > end:
                raise AssertionError(f"no {what} within {timeout} s; the screen:\n{self.text()}")
            self.read(0.05)
        return found

    def see(self, pattern, timeout=PATIENCE):
        """Waits until the screen shows it."""
        return self.wait_until(lambda: re.search(pattern, self.text(), re.M), pattern, timeout)

    def see_raw(self, pattern, timeout=PATIENCE):
        """Waits until it has been written, whatever became of it on the screen."""
        return self.wait_until(lambda: re.search(pattern, self.raw), pattern, timeout)

    def see_prompt(self):
        """Waits for a prompt with nothing typed behind it, in the last line."""
        self.wait_until(lambda: self.lines()[-1:] == [PROMPT.rstrip()], "prompt")

    def run(self, line):
        """Types a line and waits for the next prompt. Returns the lines in between."""
        number = uuid.uuid4().hex[:8]
        self.send(f"{line}\r")
        self.send(f"echo {number}\r")
        self.wait_until(lambda: number in self.lines()[:-1], f"end of '{line}'")
        self.see_prompt()
        lines = self.lines()
        end = lines.index(f"{PROMPT}echo {number}") if f"{PROMPT}echo {number}" in lines else None
        begin = max((i for i, shown in enumerate(lines[:end]) if shown == PROMPT + line), default=-1)
        if begin < 0:  # it took several rows
            begin = max((i for i, shown in enumerate(lines[:end]) if line.endswith(shown)),
                        default=-1)
        return lines[begin + 1:end]

    def children(self):
        """The pids of forklab's children, zombies included."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return [int(pid) for pid in file.read().split()]

    def wait_born(self):
        """Waits until the newest child has done what it does first, and listens to signals."""
        pid = self.children()[-1]
        self.wait_until(lambda: self._mask(pid, "SigBlk") == 0, "birth")

    @staticmethod
    def _mask(pid, name):
        with open(f"/proc/{pid}/status") as file:
            return int(re.search(rf"^{name}:\s*([0-9a-f]+)", file.read(), re.M)[1], 16)

    def wait_child_gone(self, pid, timeout=PATIENCE):
        try:
            watched = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        try:
            if not select.select([watched], [], [], timeout)[0]:
                raise AssertionError(f"process {pid} lives on")
        finally:
            os.close(watched)

    def signal(self, number):
        """Sends it, and waits until the program has taken it."""
        self.process.send_signal(number)
        self.wait_until(lambda: not self._is_pending(number), "interest in a signal")

    def _is_pending(self, number):
        masks = self._mask(self.process.pid, "ShdPnd") | self._mask(self.process.pid, "SigPnd")
        return masks >> (number - 1) & 1

    def zombies(self):
        return [pid for pid in self.children() if self.state(pid) == "Z"]

    @staticmethod
    def state(pid):
        """The kernel's letter for a process, or None."""
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rpartition(")")[2].split()[0]
        except OSError:
            return None

    def wait_end(self, timeout=PATIENCE):
        """Waits for the program's end, reading on. Returns its exit status."""
        watched = os.pidfd_open(self.process.pid)
        end = time.monotonic() + timeout
        try:
            while True:
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"it goes on; the screen:\n{self.text()}")
                ready = select.select([fd for fd in (watched, self.master) if fd >= 0], [], [], left)[0]
                if self.master in ready:
                    self.read(0)
                elif watched in ready:
                    return self.process.wait()
        finally:
            os.close(watched)

    def left_behind(self):
        """All processes of this terminal that still are there."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if self.mark.encode() in file.read():
                        found.append(int(pid))
            except OSError:
                continue
        return found

    def settings(self):
        return termios.tcgetattr(self.slave)

    def hang_up(self):
        """The terminal's window is closed."""
        os.close(self.slave)
        self.slave = -1
        os.close(self.master)
        self.master = -1

    def close(self):
        if self.process.poll() is None:
            # A shell may not heed SIGHUP before the next key.
            self.process.send_signal(signal.SIGHUP if self.program == FORKLAB else signal.SIGKILL)
            self.wait_end()
        for pid in self.left_behind():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        for fd in (self.master, self.slave):
            if fd >= 0:
                os.close(fd)


class TerminalTest(unittest.TestCase):
    """Each test has a home of its own."""

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="forklab-terminal-")
        self.addCleanup(shutil.rmtree, self.home)

    def start(self, *arguments, **options):
        terminal = Terminal(self.home, arguments, **options)
        self.addCleanup(terminal.close)
        return terminal

    def prompt(self, *arguments, **options):
        """Starts forklab and waits for its prompt."""
        terminal = self.start(*arguments, **options)
        terminal.see_prompt()
        return terminal

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def assert_left_clean(self, terminal):
        """After the end: the terminal as before, and nobody left."""
        if terminal.slave >= 0:
            self.assertEqual(terminal.settings(), terminal.settings_before)
        self.assertEqual(terminal.left_behind(), [])
