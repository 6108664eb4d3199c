# SPDX-License-Identifier: GPL-3.0-or-later
"""Descendants: whoever is left behind becomes a child of this process, and is waited for."""
import ctypes
import os
import select
import signal
import time

PR_SET_CHILD_SUBREAPER = 36
ORPHAN_LIMIT = 1  # seconds: the one that is promised


def become_subreaper():
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return int(stat.read().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return -1


def children_of(pid):
    """The pids of a process's children, by /proc; none when it is gone."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return [int(word) for word in os.listdir("/proc") if word.isdigit() and parent_of(int(word)) == pid]
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
