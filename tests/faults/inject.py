#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails every system call of forklab in turn, and looks at how each run ends.

For each script, each kind of call, and N = 1, 2, ... the script runs under strace with the Nth call of that
kind failing, until a run has no Nth call; and a signal comes at calls of any kind. A run holds when it

  1. ends in time,
  2. is not ended by a signal, unless that was what it got,
  3. leaves no living descendant a second later,
  4. leaves the descriptors that it was given as they were, and has closed all of its own that a good run closes,
  5. prints what good runs print, or ends with a status that is not 0 and a line on stderr that good runs
     don't have; what it writes to files is whole, or not there.

usage: inject.py [--shard I/N] [--only CALL] [--script NAME] [--every N]
--every N (or $EVERY) tries only each Nth call, from another one on for each kind. The program is taken from
$FORKLAB, and failing_call.so for the calls of workers from $FAIL_PRELOAD.
"""
import argparse
import collections
import errno
import fcntl
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import processes
import scripts

FORKLAB = os.environ.get("FORKLAB", "forklab")
PRELOAD = os.environ.get("FAIL_PRELOAD")  # failing_call.c, for calls of workers
OUTPUT_LOST = 3  # the status that says so
LIMIT = 30  # seconds for one run
MOST = 250  # calls of one kind in one script; whoever looks at all of /proc makes more
PATIENCE = 40  # good runs that a run is compared with before it is called different
SIGNALS_AT = 7  # a signal comes at each call of so many

# Each kind of call with the errors that it is given. Not `close`: strace would leave the descriptor open,
# which a failed close does not; nor `brk`, whose failure the kernel tells in another way.
KINDS = [
    ("clone,clone3,fork,vfork", "EAGAIN"),
    ("clone,clone3,fork,vfork", "ENOMEM"),
    ("pipe2", "EMFILE"),
    ("read", "EIO"),
    ("read", "EINTR"),
    ("read", "EAGAIN"),
    ("write", "EIO"),
    ("write", "EINTR"),
    ("write", "ENOSPC"),
    ("writev", "EIO"),
    ("writev", "EAGAIN"),
    ("writev", "EINTR"),
    ("writev", "EPIPE"),
    ("epoll_create1", "EMFILE"),
    ("epoll_ctl", "ENOMEM"),
    ("epoll_wait", "EINTR"),
    ("epoll_wait", "EBADF"),
    ("poll", "EINTR"),
    ("poll", "ENOMEM"),
    ("kill", "EPERM"),
    ("kill", "ESRCH"),
    ("waitid", "EINTR"),
    ("waitid", "EINVAL"),
    ("waitid", "ECHILD"),
    ("signalfd4", "EMFILE"),
    ("mmap", "ENOMEM"),
    ("munmap", "EINVAL"),
    ("madvise", "EINVAL"),
    ("fcntl", "EINVAL"),
    ("ioctl", "EINVAL"),
    ("dup3", "EBADF"),
    ("openat", "EMFILE"),
    ("newfstatat", "EIO"),
    ("getdents64", "EIO"),
    ("readlink", "ENOMEM"),
    ("getcwd", "ENOENT"),
    ("fchmod", "EPERM"),
    ("fsync", "EIO"),
    ("ftruncate", "EIO"),
    ("rename", "EACCES"),
    ("setpgid", "EPERM"),
    ("prctl", "EINVAL"),
    ("rt_sigprocmask", "EINVAL"),
    ("rt_sigaction", "EINVAL"),
    ("futex", "EINVAL"),
    ("clock_getres,clock_gettime", "EINVAL"),
    ("sched_getaffinity", "EINVAL"),
    ("getrlimit,setrlimit,prlimit64", "EPERM"),
    ("getrandom", "EINTR"),
    ("sysinfo", "EFAULT"),
    ("any", "SIGKILL"),
    ("any", "SIGTERM"),
    ("any", "SIGINT"),
]

# The same for the calls that a worker makes by libc's functions.
WORKER_KINDS = [
    ("writev", "EIO"),
    ("writev", "EINTR"),
    ("write", "EIO"),
    ("read", "EIO"),
    ("read", "EINTR"),
    ("dup2", "EMFILE"),
    ("close_range", "EINVAL"),
    ("prctl", "EINVAL"),
    ("setpgid", "EPERM"),
    ("sigpending", "EFAULT"),
    ("sigprocmask", "EINVAL"),
    ("sigaction", "EINVAL"),
    ("clock_gettime", "EINVAL"),
    ("nanosleep", "EINTR"),
    ("mmap", "ENOMEM"),
    ("fork", "EAGAIN"),
    ("syscall", "EINTR"),  # futex
    ("pthread_mutex_lock", "EINVAL"),
    ("pthread_mutex_trylock", "EINVAL"),
]
WORKER_SCRIPTS = ["six", "forms", "behind", "zombies"]
WORKERS_MOST = 8  # of one script
WORKER_CALLS_MOST = 12  # of one kind in one worker; only a clock and signals are asked for more often


class Trace:
    """What strace told of one run."""

    def __init__(self, path):
        self.calls = collections.Counter()
        self.pids = set()
        self.open = set()
        self.injected = self.ended_in_order = False
        epoll = None
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                call, _, rest = line.partition("(")
                self.calls[call] += 1
                self.injected |= "(INJECTED)" in rest or call.startswith("---")
                answer = rest.rpartition(" = ")[2].split(" ")[0].strip()
                if call in ("clone", "clone3", "fork", "vfork", "getpid", "set_tid_address"):
                    self.pids.add(answer)
                elif call == "pipe2" and answer == "0":
                    self.open.update(re.findall(r"\d+", rest)[:2])
                elif call in ("openat", "dup3", "signalfd4") or call == "fcntl" and "F_DUPFD" in rest:
                    self.open.add(answer)
                elif call == "epoll_create1":
                    epoll = answer
                elif call == "close":
                    self.open.discard(rest.partition(")")[0])
                    self.ended_in_order |= rest.partition(")")[0] == epoll
        self.open = {number for number in self.open if number.isdigit()}
        self.pids = {number for number in self.pids if number.isdigit()}


class Fault:
    """One call that fails, of forklab itself or of its `worker`-th worker; or a signal that comes at it."""

    def __init__(self, kind, error, number, worker=None):
        self.kind, self.error, self.number, self.worker = kind, error, number, worker

    def options(self, mark):
        """What strace is to do."""
        if self.error.startswith("SIG"):
            return ["-e", f"inject=all:signal={self.error}:when={self.number}"]
        if self.worker is None:
            return ["-e", "signal=none", "-e", f"inject={self.kind}:error={self.error}:when={self.number}"]
        words = {"LD_PRELOAD": PRELOAD, "FAIL_CALL": self.kind, "FAIL_ERROR": getattr(errno, self.error),
                 "FAIL_AT": self.number, "FAIL_WORKER": self.worker, "FAIL_MARK": mark}
        return ["-e", "signal=none", *(f"-E{name}={value}" for name, value in words.items())]

    def __str__(self):
        place = "" if self.worker is None else f" in worker {self.worker}"
        return f"{self.kind} {self.error} {self.number}{place}"


class Run:
    """One run of a script with a fault, or a good one."""

    def __init__(self, name, fault=None):
        with tempfile.TemporaryDirectory() as folder:
            trace, mark, work = (os.path.join(folder, file) for file in ("trace", "mark", "work"))
            command = ["strace", "-qq", "-s0", "-o", trace]
            command += fault.options(mark) if fault else ["-e", "signal=none"]
            os.mkdir(work)
            scripts.fill(work)
            self.run(command + [FORKLAB] + scripts.words_of(name), folder, work)
            self.trace = Trace(trace)
            self.injected = self.trace.injected or os.path.exists(mark)
            self.torn_files = scripts.torn_files(work, self.status == 0)
        self.out = scripts.plain(self.out, self.trace.pids)
        self.err = scripts.plain(self.said, self.trace.pids)

    def run(self, command, folder, work):
        out_path, err_path = os.path.join(folder, "out"), os.path.join(folder, "err")
        self.hung = False
        with open("/dev/null", "rb") as null, open(out_path, "wb") as out, open(err_path, "wb") as err:
            given = (null, out, err)
            flags = [fcntl.fcntl(file, fcntl.F_GETFL) for file in given]
            process = subprocess.Popen(command, stdin=null, stdout=out, stderr=err, cwd=work,
                                       env=scripts.ENVIRONMENT)
            try:
                self.status = process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.hung = True
                process.kill()
                self.status = process.wait()
            self.left = processes.wait_for_none(processes.ORPHAN_LIMIT)
            self.flags_changed = [fcntl.fcntl(file, fcntl.F_GETFL) for file in given] != flags
        with open(out_path, encoding="utf-8", errors="replace") as file:
            self.out = file.read()
        with open(err_path, encoding="utf-8", errors="replace") as file:
            self.said = file.read()


class Good:
    """The good runs of a script; more of them are made when one of them may differ as another run does."""

    def __init__(self, name):
        self.name = name
        self.out, self.err = scripts.Likeness(), scripts.Likeness()
        self.open = 0
        self.calls = collections.Counter()
        self.status = None
        self.runs = 0
        for _ in range(3):
            self.learn()

    def learn(self):
        run = Run(self.name)
        self.runs += 1
        if run.hung or run.left or run.torn_files or self.status not in (None, run.status):
            sys.exit(f"{self.name}: a run without a fault went wrong: status {run.status}, {run.left} left, "
                     f"{run.torn_files}: {run.said}")
        self.status = run.status
        self.out.learn(run.out)
        self.err.learn(run.err)
        self.open = max(self.open, len(run.trace.open))
        self.calls |= run.trace.calls

    def differences(self, run, is_held):
        """What none of the good runs had or lacked, of which more are made while that is not good enough."""
        while True:
            found = self.out.differences(run.out) + self.err.differences(run.err)
            if is_held(found) or self.runs >= PATIENCE:
                return found
            self.learn()


def judge_signal(run, good, number):
    if run.hung:
        return "it hung"
    if run.left:
        return f"{run.left} workers outlived it"
    if number == signal.SIGKILL or run.status in (-number, 128 + number):
        return None
    return None if run.status == good.status else f"the status is {run.status}"


def is_told(found, error):
    """Whether what differs is only that a pool replaced a worker, which its summary tells, and lines more that
    name the error or say what is not known for it."""
    reason = os.strerror(getattr(errno, error))
    replaced = any("died on the way" in line or "it goes on with" in line for line in found)
    return all(line.startswith("+") and (reason in line or "is not known here" in line)
               or replaced and re.match(r'.(\[\d+\] )?(=> |Process-\d+ )|.*"summary"', line) for line in found)


def judge(run, good, error):
    """Returns what is wrong with a run, or None."""
    if run.hung:
        return "it hung"
    if run.status < 0 or run.status in (128 + signal.SIGSEGV, 128 + signal.SIGABRT):
        return f"it was ended by a signal: {run.status}"
    if run.left:
        return f"it left {run.left} processes behind"
    if run.flags_changed:
        return "it changed a descriptor that is not its own"
    if run.trace.ended_in_order and len(run.trace.open) > good.open:
        return f"it left descriptors open: {run.trace.open}"
    if run.torn_files:
        return f"its files: {run.torn_files}"
    if "NOT AN OBJECT" in str(run.out) and run.status != OUTPUT_LOST:
        return "a line of JSON is no object"
    if run.status != 0 and good.err.differences(run.err):
        return None
    if run.status != good.status:
        return f"the status is {run.status}, without a word on stderr"
    is_held = lambda found: not found or is_told(found, error)
    differences = good.differences(run, is_held)
    if not is_held(differences):
        return f"the status is {run.status} and the output differs from that of good runs: {differences[:4]}"
    return None


def calls_of_the_loader():
    """How many calls of each kind are made before main() begins: those are not forklab's."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as trace:
        subprocess.run(["strace", "-qq", "-o", trace.name, FORKLAB, "-V"], check=True, stdout=subprocess.DEVNULL)
        lines = trace.read().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("rt_sigaction(SIGHUP"))
    return collections.Counter(line.split("(")[0] for line in lines[:first])


def numbers_of(kind, error, good, loader, options, index):
    """The numbers of the calls that are made to fail."""
    names = None if kind == "any" else kind.split(",")
    count = lambda calls: sum(many for call, many in calls.items() if names is None or call in names)
    first, last = count(loader) + 1, count(good.calls)
    if error.startswith("SIG"):
        return range(first + index % SIGNALS_AT, last + 1, SIGNALS_AT * options.every)
    if options.every > 1:
        return range(first + index % options.every, last + 1, options.every)
    return range(first, first + MOST)  # a run may make more calls than the good ones did


class Tally:
    """How many points of each kind were tried, and how many fell."""

    def __init__(self):
        self.tried, self.fell = collections.Counter(), collections.Counter()

    def note(self, fault, found):
        who = "forklab" if fault.worker is None else "worker"
        kind = who, fault.kind.split(",")[0], fault.error
        self.tried[kind] += 1
        self.fell[kind] += found is not None

    def print(self):
        for kind, tried in self.tried.items():
            print(f"tally: {' '.join(kind)} {tried} {tried - self.fell[kind]} {self.fell[kind]}")


def try_one(name, good, fault, tally):
    """False when there was no such call."""
    run = Run(name, fault)
    is_signal = fault.error.startswith("SIG")  # nothing in the trace tells of it
    if not run.injected and not is_signal:
        return False
    if is_signal:
        found = judge_signal(run, good, signal.Signals[fault.error])
    else:
        found = judge(run, good, fault.error)
    tally.note(fault, found)
    if found:
        print(f"FELL {name} {fault}: {found}: {run.said.strip()[-300:]}", flush=True)
    return True


def try_workers(name, good, kind, error, options, tally, index):
    forks = min(good.calls["clone"] + good.calls["clone3"] + good.calls["fork"], WORKERS_MOST)
    if options.every > WORKER_CALLS_MOST:  # a sample: one call of one worker
        try_one(name, good, Fault(kind, error, 1 + index % 3, index % forks), tally)
        return
    for worker in range(forks):
        for number in range(1, 1 + WORKER_CALLS_MOST, options.every):
            if not try_one(name, good, Fault(kind, error, number, worker), tally):
                break


def plan(options, shard, shards):
    """Gives the scripts, each with its share of the kinds of calls."""
    for script_index, name in enumerate(scripts.SCRIPTS):
        kinds = [(*kind, False) for kind in KINDS]
        if name in WORKER_SCRIPTS and PRELOAD:
            kinds += [(*kind, True) for kind in WORKER_KINDS]
        mine = [(index + script_index, *kind) for index, kind in enumerate(kinds)
                if (index + script_index) % shards == shard and options.only in (None, *kind[0].split(","))]
        if mine and options.script in (None, name):
            yield name, mine


def try_all(options, shard, shards):
    tally = Tally()
    loader = calls_of_the_loader()
    for name, kinds in plan(options, shard, shards):
        good = Good(name)
        for index, kind, error, in_worker in kinds:
            if in_worker:
                try_workers(name, good, kind, error, options, tally, index)
                continue
            for number in numbers_of(kind, error, good, loader, options, index):
                if not try_one(name, good, Fault(kind, error, number), tally):
                    break
    return tally


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shard", default="0/1")
    parser.add_argument("--only")
    parser.add_argument("--script")
    parser.add_argument("--every", type=int, default=int(os.environ.get("EVERY", "1")))
    options = parser.parse_args()
    shard, shards = map(int, options.shard.split("/"))
    processes.become_subreaper()
    unused = scripts.unused_commands()
    if unused:
        sys.exit(f"no script runs {', '.join(sorted(unused))}")
    began = time.monotonic()
    tally = try_all(options, shard, shards)
    tally.print()
    tried, fell = sum(tally.tried.values()), sum(tally.fell.values())
    print(f"{tried} tried, {tried - fell} held, {fell} fell; {time.monotonic() - began:.0f} s")
    return 1 if fell or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
