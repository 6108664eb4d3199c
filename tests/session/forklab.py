# SPDX-License-Identifier: GPL-3.0-or-later
"""What the session tests have in common: forklab at the other end of pipes, and proofs that
nothing of it is left. The program tested is the one that FORKLAB names."""

import ctypes
import os
import re
import select
import signal
import subprocess
import time
import unittest

FORKLAB = os.path.abspath(os.environ.get("FORKLAB", "build/src/forklab"))
COMMAND = [FORKLAB]  # more words before it when something else runs it

# Under nohup(1) we, and forklab, would ignore it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# No test takes longer, whatever happens: it fails with its name.
LIMIT = 120

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    """What forklab leaves behind becomes a child of ours, where nobody can overlook it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


class TookTooLong(Exception):
    pass


class Finished:
    """How a session ended: its exit status and all that it wrote, as text."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err
        self.lines = out.splitlines()

    def __str__(self):
        return f"exit status {self.status}\n--- stdout\n{self.out}--- stderr\n{self.err}"


def text_of(data):
    return data.decode("utf-8", "backslashreplace")


def environment(changes=None):
    """An environment that is the same wherever the tests run."""
    kept = ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
    result = {name: os.environ[name] for name in kept if name in os.environ}
    result.update({"LC_ALL": "C.UTF-8", "TERM": "xterm", "TZ": "UTC"})
    result.update(changes or {})
    return result


def start(*arguments, **options):
    """Starts forklab, its three streams in pipes, and in a process group of its own."""
    usual = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "start_new_session": True,
    }
    usual.update(options)
    usual["env"] = environment(options.get("env"))
    return subprocess.Popen([*COMMAND, *arguments], **usual)


def finish(process, script=b""):
    out, err = process.communicate(script)
    return Finished(process.returncode, text_of(out or b""), text_of(err or b""))


def run(script, *arguments, **options):
    """Runs a whole session: `script`, text or bytes, through a pipe."""
    if isinstance(script, str):
        script = script.encode()
    return finish(start(*arguments, **options), script)


class Session:
    """A session that is talked to: lines go in, and what comes out is waited for."""

    def __init__(self, *arguments, **options):
        self.process = start(*arguments, **options)
        self.pid = self.process.pid
        self.marks = 0
        self.seen = {1: "", 2: ""}  # what has come, whole
        self.read_to = {1: 0, 2: 0}  # up to where expect() has read it
        self.streams = {self.process.stdout.fileno(): 1, self.process.stderr.fileno(): 2}

    def type(self, *lines):
        data = "".join(line + "\n" for line in lines).encode()
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def _read(self):
        """Waits for more of either stream. False at the end of both."""
        if not self.streams:
            return False
        for fd in select.select(list(self.streams), [], [])[0]:
            data = os.read(fd, 1 << 16)
            if data:
                self.seen[self.streams[fd]] += text_of(data)
            else:
                del self.streams[fd]
        return True

    def expect(self, pattern, stream=1):
        """Waits for a line that fits, behind the last one waited for; returns the match. A line of a job
        in the background may begin with its number."""
        wanted = re.compile(f"(?m)^(?:\\[\\d+\\] )?(?:{pattern})$\n")
        while True:
            found = wanted.search(self.seen[stream], self.read_to[stream])
            if found:
                self.read_to[stream] = found.end()
                return found
            if not self._read():
                raise AssertionError(
                    f"no line '{pattern}' came; stdout:\n{self.seen[1]}\nstderr:\n{self.seen[2]}"
                )

    def expect_error(self, pattern):
        return self.expect(pattern, stream=2)

    def ask(self, *lines):
        """Types commands and returns the lines they print, once all of them are through."""
        self.marks += 1
        mark = f"-- mark {self.marks} --"
        before = self.read_to[1]
        self.type(*lines, f"echo '{mark}'")
        end = self.expect(re.escape(mark)).start()
        return self.seen[1][before:end].splitlines()

    def jobs(self):
        """The table of `jobs`, as a list of its workers, each by its columns."""
        return parse_jobs(self.ask("jobs"))

    def pids(self):
        return [worker["PID"] for worker in self.jobs()]

    def until(self, condition, what):
        """Asks for `jobs` again and again until they are as they should be."""
        workers = []

        def look():
            workers[:] = self.jobs()
            return condition(workers)

        wait_until(look, what)
        return workers

    def end(self, *lines):
        """Types the last lines, ends the input, and waits for the end of the session."""
        if lines:
            self.type(*lines)
        self.process.stdin.close()
        return self.ended()

    def ended(self):
        while self._read():
            pass
        status = self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        return Finished(status, self.seen[1], self.seen[2])

    def terminate(self):
        """Ends it by a signal, if it has not ended yet, and takes the pipes away."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass


def breathe():
    """Lets others run for a moment; for loops that ask /proc until something is so."""
    select.select([], [], [], 0.005)


def wait_until(condition, what):
    """Asks until `condition()` is true; the limit of the test is the deadline."""
    try:
        while not condition():
            breathe()
    except TookTooLong as error:
        raise AssertionError(f"never came true: {what}") from error


COLUMNS = ("JOB", "NAME", "PID", "STATE", "CPU", "ELAPSED", "EXIT")


def parse_jobs(lines):
    """Reads the table that `jobs` prints, wherever it stands among `lines`."""
    workers = []
    for line in lines:
        cells = re.split(r"  +", line.strip())
        if len(cells) == len(COLUMNS) and re.fullmatch(r"%\d+(\.\d+)?", cells[0]):
            worker = dict(zip(COLUMNS, cells))
            worker["PID"] = int(worker["PID"])
            workers.append(worker)
    return workers


def status_of(pid):
    """/proc/PID/status by its keys; empty when there is no such process."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    except (FileNotFoundError, ProcessLookupError):
        return {}


def state_of(pid):
    """The kernel's letter for a process, or '' when there is none."""
    return status_of(pid).get("State", "")[:1]


def parent_of(pid):
    return int(status_of(pid).get("PPid", "0"))


def children_of(parent):
    """All children of a process, zombies too."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids if parent_of(pid) == parent]


def ignores(pid, number):
    mask = int(status_of(pid).get("SigIgn", "0"), 16)
    return bool(mask >> (number - 1) & 1)


def descriptors_of(pid):
    return sorted(int(name) for name in os.listdir(f"/proc/{pid}/fd"))


class Watch:
    """Watches processes from outside, however often their numbers are given away again."""

    def __init__(self, pids):
        self.fds = [os.pidfd_open(pid) for pid in pids]

    def wait(self, seconds):
        """Waits until all have ended; returns how many have not, after so many seconds."""
        deadline = time.monotonic() + seconds
        left = list(self.fds)
        while left:
            ended = select.select(left, [], [], max(0, deadline - time.monotonic()))[0]
            if not ended:
                break
            left = [fd for fd in left if fd not in ended]
        return len(left)

    def close(self):
        for fd in self.fds:
            os.close(fd)


NORMAL = (
    # How a command is used is in test_helping.py, and grows with each option.
    (r"(?m)^ +usage: .*\n", ""),
    # Directly after the signal: what the kernel answers depends on who runs just then.
    (r"(?m)^(Process terminated: )(?:True|False)$", r"\1<alive>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", "<when>"),
    (r"\((?:pid )?\d+\)", "(<pid>)"),
    (r"(?<= is )\d+(?=, )", "<pid>"),
    (r"\d+(?= of \d+ were waiting)", "<some>"),
    (r"(?<=pids:)(?: \d+)+", " <pid>..."),
    (r"\b\d+(?:\.\d+)? (?:us|ms|s|seconds)\b", "<time>"),
    (r"\d+\.\d of \d+ cores? kept busy", "<cores> kept busy"),
)


def normalise_jobs(line):
    """A row of `jobs`: its pid, its times, and then the widths of its columns."""
    if line.startswith("JOB  "):
        return "  ".join(line.split())
    cells = re.split(r"  +", line.strip())
    if len(cells) != len(COLUMNS) or not re.fullmatch(r"%\d+(\.\d+)?", cells[0]):
        return line
    cells[2], cells[4], cells[5] = "<pid>", "<time>", "<time>"
    return "  ".join(cells)


def normalise(text):
    """The same text for the same session: pids, times and timestamps by name."""
    text = "".join(normalise_jobs(line) + "\n" for line in text.splitlines())
    for pattern, name in NORMAL:
        text = re.sub(pattern, name, text)
    return text


def left_behind():
    """Children of ours: all that a session has left behind. They are ended and reaped here."""
    left = []
    while True:
        try:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG)
        except ChildProcessError:
            return left
        if info:
            left.append(f"pid {info.si_pid}, a zombie")
            continue
        for pid in children_of(os.getpid()):
            left.append(f"pid {pid}, {status_of(pid).get('State', 'gone')}")
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED)


class TestCase(unittest.TestCase):
    """A test with a limit, after which nothing may be left."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        become_subreaper()

    def setUp(self):
        def too_long(_number, _frame):
            raise TookTooLong(f"{self.id()} took longer than {LIMIT} s")

        self.sessions = []
        signal.signal(signal.SIGALRM, too_long)
        signal.alarm(LIMIT)

    def tearDown(self):
        for session in self.sessions:
            session.terminate()
        signal.alarm(0)
        self.assertEqual(left_behind(), [], "processes were left behind")

    def session(self, *arguments, **options):
        session = Session(*arguments, **options)
        self.sessions.append(session)
        return session

    def watch(self, pids):
        watch = Watch(pids)
        self.addCleanup(watch.close)
        return watch

    def check_ok(self, finished):
        self.assertEqual(finished.status, 0, str(finished))
        self.assertEqual(finished.err, "", str(finished))
