#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails every system call of forklab in turn, and looks at how each run ends.

For each script, each kind of call, and N = 1, 2, ... the script runs under strace with the
Nth call of that kind failing, until a run has no Nth call. A run holds when it

  1. ends in time,
  2. is not ended by a signal,
  3. leaves no living descendant (this process is a subreaper and asks for ECHILD),
  4. leaves the descriptors that it was given as they were,
  5. prints what the good run prints, or ends with a status that is not 0 and a line on stderr.

usage: inject.py [--shard I/N] [--only CALL] [--most N] [--table FILE]
The program is taken from $FORKLAB.
"""
import argparse
import collections
import ctypes
import fcntl
import os
import re
import signal
import subprocess
import sys
import tempfile

PR_SET_CHILD_SUBREAPER = 36
LIMIT = 20  # seconds for one run

SCRIPTS = {
    "six": "spawn 2; name; kill; daemon; barrier 2 --stagger 0; pool 2 10",
    "forms": "spawn 3 --together --daemon; kill --graceful; daemon --off --for 10ms;"
    " barrier 3 --rounds 2 --stagger 1ms --without 1 --timeout 5s;"
    " pool 3 18 --chunk 2 --max-tasks 4 --init --unordered",
    "control": "spawn 1 --for 5s &; stop %1; jobs; cont %1; kill -s TERM %1; wait; jobs; history;"
    " set for 10ms; set; repeat 2 spawn 1; sleep 1ms; help pool; echo done",
    "behind": "spawn 2 --for 20ms --together &; name & wait; pool 2 20 --for 1ms & fg; quit",
    "ladder": "spawn 1 --for 5s --as stubborn & kill --ladder %1; wait",
    "trouble": "pool 2 12 --as crash --which 0; pool 2 6 --as mute --which 1;"
    " pool 2 8 --as torn --which 0; pool 2 8 --as babble --which 0; spawn 1 --as fork",
    "broken": "barrier 3 --as crash --which 1 --at wait --stagger 1ms",
    "lost": "pool 2 6 --poison 2",
}

# Each kind of call with the errors that it is given.
KINDS = [
    ("clone,clone3,fork,vfork", "EAGAIN"),
    ("pipe2", "EMFILE"),
    ("read", "EIO"),
    ("write", "EIO"),
    ("write", "ENOSPC"),
    ("writev", "EIO"),
    ("epoll_create1", "EMFILE"),
    ("epoll_ctl", "ENOMEM"),
    ("epoll_wait", "EINTR"),
    ("epoll_wait", "EBADF"),
    ("poll", "EINTR"),
    ("poll", "ENOMEM"),
    ("kill", "EPERM"),
    ("waitid", "EINTR"),
    ("waitid", "EINVAL"),
    ("signalfd4", "EMFILE"),
    ("mmap", "ENOMEM"),
    ("munmap", "EINVAL"),
    ("madvise", "EINVAL"),
    ("fcntl", "EINVAL"),
    ("ioctl", "EINVAL"),
    ("dup3", "EBADF"),
    ("openat", "EMFILE"),
    ("prctl", "EINVAL"),
    ("rt_sigprocmask", "EINVAL"),
    ("rt_sigaction", "EINVAL"),
    ("futex", "EINVAL"),
    ("clock_getres,clock_gettime", "EINVAL"),
    ("sched_getaffinity", "EINVAL"),
    ("getrlimit,prlimit64", "EPERM"),
    ("getrandom", "EINTR"),
]


def become_subreaper():
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


# Lines that differ between two good runs in more than their numbers.
UNSTEADY = re.compile(r"=>|^\+|p\d|running|waiting|terminated:|%\d|\[\d\]|initialized")


def plain(text):
    """Without what may differ between two good runs: pids, times, and who is first."""
    text = re.sub(r"Pool: \[(.*)\]", lambda found: "Pool: " + " ".join(sorted(found[1].split(", "))), text)
    text = re.sub(r"\d+\.\d+", "<real>", text)
    text = re.sub(r"Process-\d+", "Process-N", text)
    text = re.sub(r" +", " ", text)
    text = re.sub(r"\b\d{3,7}\b", "<n>", text)
    return sorted(line for line in text.splitlines() if not UNSTEADY.search(line))


def reap_descendants():
    """Returns how many children are left, after ending them."""
    left = 0
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return left
        if pid == 0:
            left += 1
            for child in os.listdir("/proc"):
                if child.isdigit() and parent_of(int(child)) == os.getpid():
                    os.kill(int(child), signal.SIGKILL)
            os.waitpid(-1, 0)


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return int(stat.read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return -1


class Run:
    """One run of a script with one call failing; `fault` is None for the good run."""

    def __init__(self, script, fault):
        with tempfile.TemporaryDirectory() as folder:
            trace = os.path.join(folder, "trace")
            command = [os.environ["FORKLAB"], "-c", script]
            if fault:
                kind, error, number = fault
                command = [
                    "strace", "-qq", "-o", trace, "-e", f"trace={kind}",
                    "-e", f"inject={kind}:error={error}:when={number}",
                ] + command
            self.run(command, folder)
            self.injected = bool(fault) and "(INJECTED)" in open(trace, encoding="utf-8", errors="replace").read()

    def run(self, command, folder):
        out_path, err_path = os.path.join(folder, "out"), os.path.join(folder, "err")
        self.hung = False
        with open(out_path, "wb") as out, open(err_path, "wb") as err:
            flags = fcntl.fcntl(out, fcntl.F_GETFL)
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            try:
                self.status = process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.hung = True
                process.kill()
                self.status = process.wait()
            self.flags_changed = fcntl.fcntl(out, fcntl.F_GETFL) != flags
        self.left = reap_descendants()
        self.out = open(out_path, encoding="utf-8", errors="replace").read()
        self.err = open(err_path, encoding="utf-8", errors="replace").read()

    def fault_found(self, good):
        if self.hung:
            return "it hung"
        if self.status < 0 or self.status in (128 + signal.SIGSEGV, 128 + signal.SIGABRT):
            return f"it was ended by a signal: {self.status}"
        if self.left:
            return f"it left {self.left} processes behind"
        if self.flags_changed:
            return "it changed a descriptor that is not its own"
        if self.status != 0 and self.err.strip():
            return None
        if self.status != good.status:
            return f"the status is {self.status}, without a word on stderr"
        if plain(self.out) != plain(good.out):
            gone = set(plain(good.out)) ^ set(plain(self.out))
            return f"the status is 0 and the output differs from the good run's: {sorted(gone)[:4]}"
        return None


def calls_of_the_loader(kind):
    """How many calls of a kind are made before main() begins: those are not forklab's."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as trace:
        subprocess.run(["strace", "-qq", "-o", trace.name, "-e", f"trace={kind},rt_sigaction",
                        os.environ["FORKLAB"], "-V"], check=True, stdout=subprocess.DEVNULL)
        lines = trace.read().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("rt_sigaction(SIGHUP"))
    names = kind.split(",")
    return sum(1 for line in lines[:first] if line.split("(")[0] in names)


def try_all(options, shard, shards):
    tried, fallen = collections.Counter(), []
    index = 0
    for name, script in SCRIPTS.items():
        good = Run(script, None)
        for kind, error in KINDS:
            if options.only and options.only not in kind:
                continue
            index += 1
            if index % shards != shard:
                continue
            first = calls_of_the_loader(kind) + 1
            for number in range(first, first + options.most):
                run = Run(script, (kind, error, number))
                if not run.injected:
                    break
                tried[kind, error] += 1
                found = run.fault_found(good)
                if found:
                    fallen.append((kind, error, name, number, found, run.err.strip()[-200:]))
                    print(f"FELL {kind} {error} {name} {number}: {found}: {run.err.strip()[-200:]}", flush=True)
    return tried, fallen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shard", default="0/1")
    parser.add_argument("--only")
    parser.add_argument("--most", type=int, default=40)
    options = parser.parse_args()
    shard, shards = map(int, options.shard.split("/"))
    become_subreaper()
    tried, fallen = try_all(options, shard, shards)
    print(f"{'call':28} {'error':8} {'tried':>6} {'held':>6} {'fell':>6}")
    for (kind, error), count in sorted(tried.items()):
        fell = sum(1 for fault in fallen if fault[:2] == (kind, error))
        print(f"{kind:28} {error:8} {count:6} {count - fell:6} {fell:6}")
    print(f"{sum(tried.values())} tried, {sum(tried.values()) - len(fallen)} held, {len(fallen)} fell")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
