# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared with what. A row has contestants, each a function that takes one measurement;
the first one is forklab. A target says what forklab is to reach beside one of the others, or alone."""

import collections
import os
import re
import tempfile
import time

from measure import (
    Failed,
    Run,
    Terminal,
    installed,
    private_memory,
    python,
    resident_memory,
    sleeping_children,
    wall,
)

# `ratio`: "faster" is their time over ours, "slower" is ours over theirs.
Target = collections.namedtuple("Target", "beside sense limit")


class Row:
    def __init__(self, name, what, unit, contestants, targets):
        self.name = name  # for --only
        self.what = what
        self.unit = unit  # "s", "bytes" or "times"
        self.contestants = contestants  # name: function without arguments
        self.targets = targets


def each(count, measure, *words):
    """A function that takes the cost of one of `count`."""
    return lambda: measure(*[str(word) for word in words]) / count


def shell_peers(count, jobs):
    """Programs that start `count` processes, at most `jobs` at a time."""
    few = max(count // 5, 20)
    lines = {
        "xargs -P": ("xargs", count, f"seq {count} | xargs -n 1 -P {jobs} true"),
        "GNU parallel": ("parallel", few, f"seq {few} | parallel -n 1 -j {min(jobs, few)} true"),
    }
    if jobs == 1:
        loop = f"for ((i = 0; i < {count}; i++)); do : & wait; done"
    else:
        loop = f"for ((i = 0; i < {count}; i++)); do : & done; wait"
    lines["bash jobs"] = ("bash", count, loop)
    return {
        name: each(number, wall, "bash", "-c", line) if installed(program) else None
        for name, (program, number, line) in lines.items()
    }


def first_output(*command):
    return lambda: Run(*command).first


def speed_up(forklab, tasks):
    """How many times as fast two workers are as one."""

    def measure():
        one = wall(forklab, "-q", "-c", f"pool 1 {tasks} --map prime")
        return one / wall(forklab, "-q", "-c", f"pool 2 {tasks} --map prime")

    return measure


def waiting_worker(forklab, command, count):
    """Private bytes of the largest of `count` workers that wait."""

    def measure():
        terminal = Terminal(forklab)
        try:
            terminal.enter(command + " &")
            return max(private_memory(pid) for pid in sleeping_children(terminal.pid, count))
        finally:
            terminal.close()

    return measure


def forklab_itself(forklab, *commands):
    def measure():
        terminal = Terminal(forklab)
        try:
            for command in commands:
                terminal.enter(command)
            return resident_memory(terminal.pid)
        finally:
            terminal.close()

    return measure


def results_memory(forklab, tasks):
    """With all of the results printed: only then the parent has touched all of what is shared."""
    return lambda: Run(forklab, "-q", "-c", f"pool 2 {tasks} --all").peak


def printing(forklab, tasks):
    """The time of a whole list, from the end of the pool, which prints a short one, to the last byte. What
    forklab does then to end is not counted, nor is it with Python."""

    def measure():
        run = Run(forklab, "-q", "-c", f"pool 2 {tasks}; results")
        return (run.last - run.first) / tasks

    return measure


def look_back(forklab, tasks, command, file=None):
    """The time from the results of a long pool, which a sleep lets out, to the last byte, and the
    memory of the session."""

    def measure():
        with tempfile.TemporaryDirectory() as folder:
            words = f"{command} {os.path.join(folder, file)}" if file else command
            run = Run(forklab, "-q", "-c", f"pool 4 {tasks} --chunk 1; sleep 1ms; {words}; echo x")
            return run.last - run.first, run.peak

    return measure


def keystroke(forklab, command, keys):
    """The 99th percentile of the time from a key to its echo."""

    def measure():
        terminal = Terminal(forklab)
        try:
            if command:
                terminal.enter(command + " &")
            times = []
            for i in range(keys):
                times.append(terminal.echo_time("qxzw"[i % 4]))
                if i % 40 == 39:
                    terminal.type("\x15")  # an empty line again
                time.sleep(0.003)  # nobody types faster
            return sorted(times)[int(len(times) * 0.99)]
        finally:
            terminal.close()

    return measure


def log_cost(metered, command, share):
    """Seconds for one event, or the log's share of the whole."""

    def measure():
        run = Run(metered, "-q", "-c", command)
        found = re.search(r"(\d+) events, (-?\d+) ns", run.error)
        if not found:
            raise Failed(f"no word about events: {run.error[-200:]}")
        count, spent = int(found[1]), int(found[2]) / 1e9
        return spent / (run.wall if share else count)

    return measure


def all_rows(programs, scale):
    """`scale` is 1, or less for a quick look."""

    def some(count):
        return max(int(count * scale), 1)

    forklab, floor = programs.forklab, programs.floor

    def session(count, command):
        return each(count, wall, forklab, "-q", "-c", command)

    rows = []

    def row(name, what, unit, contestants, *targets):
        rows.append(Row(name, what, unit, contestants, [Target(*target) for target in targets]))

    row(
        "start",
        "start to first output, -c 'echo x'",
        "s",
        {
            "forklab": first_output(forklab, "-c", "echo x"),
            "bare C": first_output(floor["start"]),
        },
        ("bare C", "slower", 1.5),
    )

    count, theirs = some(2000), some(500)
    row(
        "spawn",
        f"spawn {count} 0, a worker",
        "s",
        {
            "forklab": session(count, f"spawn {count} 0"),
            "bare C": each(count, wall, floor["spawn"], count),
            "with readline": each(count, wall, floor["spawn_laden"], count),
            "Python": each(theirs, python, "spawn", theirs),
            **shell_peers(theirs, 1),
        },
        ("bare C", "faster", 0.8),
        ("with readline", "faster", None),
        ("Python", "faster", 6),
    )

    count, theirs = some(1000), some(500)
    row(
        "together",
        f"spawn {count} 0 --together, a worker",
        "s",
        {
            "forklab": session(count, f"spawn {count} 0 --together"),
            "bare C": each(count, wall, floor["spawn"], count, "together"),
            "with readline": each(count, wall, floor["spawn_laden"], count, "together"),
            "Python": each(theirs, python, "together", theirs),
            **shell_peers(theirs, theirs),
        },
        ("bare C", "faster", 0.8),
        ("with readline", "faster", None),
        ("Python", "faster", 8),
    )

    many, few, times = 10000, 100, some(20)
    meet = "barrier {} --without 0 --stagger 0s --size 0"
    row(
        "growth",
        f"a worker, {many} alive at once and {few}",
        "s",
        {
            f"forklab, {many}": session(many, meet.format(many)),
            f"forklab, {few}": session(few * times, f"repeat {times} " + meet.format(few)),
            f"bare C, {many}": each(many, wall, floor["spawn"], many, "alive"),
            f"bare C, {few}": each(few, wall, floor["spawn"], few, "alive"),
        },
        (f"forklab, {few}", "slower", 1.3),
        (f"bare C, {many}", "faster", None),
    )

    count, theirs = some(100000), some(20000)
    row(
        "pool",
        f"pool 4 {count} --chunk 1, a task",
        "s",
        {
            "forklab": session(count, f"pool 4 {count} --chunk 1"),
            "bare C": each(count, wall, floor["pool"], 4, count, 1),
            "Python": each(theirs, python, "pool", 4, theirs, 1),
        },
        ("bare C", "faster", 0.9),
        ("Python", "faster", 5),
    )

    count, theirs = some(10000000), some(4000000)
    row(
        "chunks",
        f"pool 2 {count}, a task",
        "s",
        {
            "forklab": session(count, f"pool 2 {count}"),
            "through pipes": session(count, f"pool 2 {count} --results pipe"),
            "bare C": each(count, wall, floor["pool"], 2, count, 8192),
            "Python": each(theirs, python, "pool", 2, theirs, 0),
            "shared memory": each(count, wall, floor["shared"], 2, count, 8192),
        },
        ("bare C", "faster", 0.8),
        ("Python", "faster", 35),
        ("shared memory", "faster", 0.9),
    )

    count = 3000 if scale == 1 else 2000
    row(
        "work",
        f"pool {count} --map prime: two workers beside one",
        "times",
        {"forklab": speed_up(forklab, count)},
        (None, "at least", 1.9),
    )

    for parties in 2, 4:
        rounds, theirs = some(20000), some(4000)
        row(
            f"barrier{parties}",
            f"barrier {parties}, {rounds} rounds, a round",
            "s",
            {
                "forklab": session(
                    rounds,
                    f"barrier {parties} --without 0 --size 0 --stagger 0s --rounds {rounds}",
                ),
                "Python": each(theirs, python, "barrier", parties, theirs),
                "pthread": each(rounds, wall, floor["barrier"], parties, rounds),
            },
            ("Python", "faster", 1),
            ("pthread", "faster", None),
        )

    orders = 48620  # of two workers that take nine steps each
    row(
        "orders",
        f"race 2 3: each of {orders} orders of 18 steps",
        "s",
        {
            "forklab": session(orders, "race 2 3 --free 0"),
            "bare futexes": each(orders, wall, floor["gate"], orders, 18),
        },
        ("bare futexes", "faster", 0.5),
        (None, "at most", 1 / 5000),
    )

    row(
        "worker-memory",
        "private memory of a waiting worker",
        "bytes",
        {
            "in a pool": waiting_worker(forklab, "pool 100 100 --map sleep --for 1m", 100),
            "at a barrier": waiting_worker(
                forklab, "barrier 1000 --without 0 --stagger 20ms", 50
            ),
        },
        (None, "at most", 200 * 1024),
    )
    row(
        "own-memory",
        "resident memory of forklab",
        "bytes",
        {
            "with a full log": forklab_itself(forklab, "pool 2 50000 --chunk 1"),
            "at first": forklab_itself(forklab),
        },
        (None, "at most", 6 * 1024 * 1024),
    )
    count = 10000000
    row(
        "results-memory",
        f"memory of pool 2 {count}, all in all",
        "bytes",
        {"forklab": results_memory(forklab, count)},
        (None, "at most", 1.15 * 8 * count),
    )

    row(
        "key",
        "a key to its echo, 99th percentile",
        "s",
        {
            "1000 report": keystroke(forklab, "pool 1000 100M --chunk 1", some(400)),
            "at rest": keystroke(forklab, None, some(400)),
        },
        (None, "at most", 0.010),
    )

    count = some(1000000)
    row(
        "event",
        f"one event in the log, pool 4 {count} --chunk 1",
        "s",
        {"forklab": log_cost(programs.metered, f"pool 4 {count} --chunk 1", False)},
        (None, "at most", 100e-9),
    )
    long = some(10000000)
    row(
        "log-share",
        f"the log's share of pool 2 {long}",
        "times",
        {"forklab": log_cost(programs.metered, f"pool 2 {long}", True)},
        (None, "at most", 0.05),
    )

    count = some(500000)
    looks = {
        "timeline": look_back(forklab, count, "timeline"),
        "explain": look_back(forklab, count, "explain"),
        "svg": look_back(forklab, count, "export", "lanes.svg"),
        "export": look_back(forklab, count, "export", "events.csv"),
    }
    for name, look in looks.items():
        what = f"{name} of a job of {2 * count} events"
        seconds = {"forklab": lambda look=look: look()[0]}
        memory = {"forklab": lambda look=look: look()[1]}
        row(name, what, "s", seconds, (None, "at most", 1))
        said = f"memory of a session with {what}"
        row(f"{name}-memory", said, "bytes", memory, (None, "at most", 64 << 20))

    count = some(1000000)
    row(
        "print",
        f"{count} results to a pipe, a result",
        "s",
        {
            "forklab": printing(forklab, count),
            "Python print": each(count, python, "print", count),
        },
        ("Python print", "faster", 5),
    )
    return rows
