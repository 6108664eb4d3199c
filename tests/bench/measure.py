# SPDX-License-Identifier: GPL-3.0-or-later
"""Running programs for their time, their memory, and how soon they answer a key."""

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
LIMIT = 300  # seconds that one run may take


class Failed(Exception):
    pass


class Programs:
    """Where the release build has put them; builds what is missing or old."""

    def __init__(self, folder):
        source = os.path.dirname(os.path.dirname(HERE))
        floors = ["barrier", "gate", "pool", "shared", "spawn", "spawn_laden", "start"]
        targets = ["src/forklab", "tests/bench/forklab_metered"]
        targets += [f"tests/bench/floor_{name}" for name in floors]
        if not os.path.exists(os.path.join(folder, "build.ninja")):
            self._do("meson", "setup", "--buildtype=release", folder, source)
        self._do("ninja", "-C", folder, *targets)
        self.forklab, self.metered, *rest = [os.path.join(folder, target) for target in targets]
        self.floor = dict(zip(floors, rest))

    @staticmethod
    def _do(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout.decode(errors='replace')}")


def installed(program):
    return shutil.which(program) is not None


class Run:
    """One run of a program, from its start to its end."""

    def __init__(self, *command):
        self.out, self.error = "", ""
        self.first = self.last = None  # seconds until output first came, and last
        begin = time.perf_counter()
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            try:
                self._follow(process, begin)
            finally:
                process.kill()
        if self.status != 0:
            raise Failed(f"{' '.join(command)}: exit status {self.status}: {self.error[-300:]}")

    def _follow(self, process, begin):
        """Reads both streams to their ends. Of each only the end is kept."""
        streams = {process.stdout.fileno(): "out", process.stderr.fileno(): "error"}
        while streams:
            ready = select.select(list(streams), [], [], LIMIT)[0]
            if not ready:
                raise Failed("took too long")
            for fd in ready:
                data = os.read(fd, 1 << 18)
                if not data:
                    del streams[fd]
                    continue
                self.last = time.perf_counter() - begin
                if self.first is None:
                    self.first = self.last
                kept = getattr(self, streams[fd]) + data[-4096:].decode(errors="replace")
                setattr(self, streams[fd], kept[-4096:])
        _, status, usage = os.wait4(process.pid, 0)
        self.wall = time.perf_counter() - begin
        self.status = process.returncode = os.waitstatus_to_exitcode(status)
        self.peak = usage.ru_maxrss * 1024  # bytes, of the greatest of its processes


class Neighbours:
    """How many cores other processes kept busy meanwhile: what they take, a measurement waits for."""

    def __init__(self):
        self._begin = self._read()

    @staticmethod
    def _read():
        with open("/proc/stat", encoding="ascii") as file:
            ticks = [int(word) for word in file.readline().split()[1:9]]
        busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")  # idle, iowait
        own = os.times()
        return time.perf_counter(), busy - sum(own[:4])

    def cores(self):
        (begin, before), (end, after) = self._begin, self._read()
        return max(after - before, 0) / (end - begin)


def wall(*command):
    """Seconds from the start of a program to its end."""
    return Run(*command).wall


def told(*command):
    """Seconds that a program has taken of itself and tells last on stderr."""
    return float(Run(*command).error.split()[-1])


def python(*words):
    return told(PYTHON, os.path.join(HERE, "peers.py"), *[str(word) for word in words])


def private_memory(pid):
    """Bytes that belong to this process alone (proc(5), smaps_rollup)."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return 1024 * sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


def resident_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def is_asleep(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0] == "S"


def sleeping_children(pid, count):
    """The pids of a process's children, once there are so many and all of them sleep. No event tells of
    that, so /proc is asked again and again."""
    deadline = time.monotonic() + LIMIT
    while len(pids := children_of(pid)) < count or not all(map(is_asleep, pids)):
        if time.monotonic() > deadline:
            raise Failed(f"{len(pids)} of {count} processes are there, or not all of them sleep")
        time.sleep(0.01)
    return pids


class Terminal:
    """A session at a terminal of its own."""

    def __init__(self, program):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", XDG_STATE_HOME="/nonexistent")
            os.execv(program, [program])
        self.expect(b"forklab> ")

    def expect(self, text, seconds=60):
        """Waits until `text` has come, behind what was waited for before."""
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise Failed(f"'{text.decode()}' never came; there is: {self.seen[-300:]!r}")
            self.seen += os.read(self.fd, 1 << 16)
        self.seen = self.seen[self.seen.index(text) + len(text) :]

    def type(self, text):
        os.write(self.fd, text.encode())

    def enter(self, command):
        self.seen = b""
        self.type(command + "\r")
        self.expect(b"forklab> ")

    def echo_time(self, key):
        """Seconds from a key to its echo."""
        while select.select([self.fd], [], [], 0)[0]:
            os.read(self.fd, 1 << 16)
        self.seen = b""
        begin = time.perf_counter()
        self.type(key)
        self.expect(key.encode())
        return time.perf_counter() - begin

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        try:
            while os.read(self.fd, 1 << 16):
                pass
        except OSError:  # what a terminal says whose other end is closed
            pass
        os.close(self.fd)
        os.waitpid(self.pid, 0)
