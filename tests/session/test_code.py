# SPDX-License-Identifier: GPL-3.0-or-later
"""code: every program that it shows is run, and prints what forklab prints; and how it is asked."""

import concurrent.futures
import difflib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import warnings

import forklab

COLUMNS = 100
SECONDS = 30  # for one program
FLAGS = ("-Wall", "-Wextra", "-Werror")

NUMBERS = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", "DATE"),
    (r"\d+(\.\d+)? (us|ms|s|min|seconds)\b", "TIME"),
    (r"2\.0000000000000004", "2.0"),  # sqrt(2) * sqrt(2): forklab prints fewer digits
    (r" +", " "),
)
PIDS = ((r"\d{3,}", "PID"), (r"^[ |`-]+", ""))
NAMES = ((r"\bp\d+\b", "pN"),)
MEALS = ((r"\d+ meals", "N meals"),)
RUNS = ((r"\d+ right", "N right"),)
SCALE = ((r"^ (\d) TIME.*", r"\1"), (r"^workers wall spread (CPU)( ready)?", r"\1"))
TABLE = ((r"^([a-z ]+ \d+) .*", r"\1"),)
# Neither Python nor POSIX can tell who has a lock.
OWNERS = ((r", (p\d|no worker) has it(, twice)?$", ""),)
HOLDER = ((r"forklab|the main program", "IT"), (r"descriptor \d+", "descriptor N"))
ORPHAN = PIDS + ((r" now, .*", " now"),)
FAULT = ((r": \d minor fault$", ""),)

# How what the program prints is compared with what forklab prints: line for line, in any order, or
# as a part of it.
ORDER, MIXED, PART = "order", "mixed", "part"


class Case:
    def __init__(self, command, how=ORDER, changes=(), python=None, c=None):
        self.command = command
        self.how = how
        self.changes = NUMBERS + changes
        # What is known to be otherwise there: forklab's lines, and the program's.
        self.otherwise = {"python": python, "c": c}


# Python's Lock has no owner.
STRANGER = (
    ["p2 release: refused", "p1 release: done", "p1 release: refused"],
    ["p2 release: done", "p1 release: refused", "p1 release: refused"],
)

# POSIX leaves open what happens then.
NO_LOCK = [
    "wait without the lock: refused, the lock is not its own",
    "notify without the lock: refused, the lock is not its own",
]

CASES = [
    Case("spawn 3"),
    Case("spawn 3 10 --together"),
    Case("spawn 2 --for 20ms --exit 3"),
    Case("name"),
    Case("name 'A \"B\"' 10 --for 10ms"),
    Case("kill"),
    Case("kill -9 --after 10ms"),
    Case("kill --graceful --size 10"),
    Case("daemon"),
    Case("daemon --off --for 50ms --size 2", MIXED),
    Case("barrier", MIXED),
    Case("barrier 3 --without 1 --rounds 2 --stagger 5ms --timeout 20s", MIXED),
    Case("pool 2 10"),
    Case("pool 2 25 --map prime --chunk 3"),
    Case("pool 2 2 --map sleep"),
    Case("pool 2 30 --all --max-tasks 10"),
    Case("pool 2 1 --unordered"),
    Case("lock", ORDER, OWNERS, python=STRANGER),
    Case("lock --again", ORDER, OWNERS),
    Case("lock 3", MIXED),
    Case("lock 3 --order AB,BC --for 5ms", MIXED),
    Case("semaphore"),
    Case("semaphore 1 --bounded"),
    Case("semaphore 1 3 --for 5ms", MIXED, NAMES),
    Case("event"),
    Case("event 2 --after 20ms"),
    Case("event 2 --timeout 10ms", MIXED, ((r"^\d wait", "N wait"),)),
    Case("condition", c=(NO_LOCK, [])),
    Case("condition 3 --notify 1,2,1", ORDER, NAMES),
    Case("condition 2 --early --timeout 20ms", MIXED),
    Case("condition 2 --until 3", MIXED),
    Case("queue", PART),
    Case("queue --max 3", PART),
    Case("queue 2 1 --items 3 --max 1", MIXED),
    Case("queue 1 2 --items 2 --join", MIXED, NAMES),
    Case("pipe", PART),
    Case("pipe 'a \\ b' '%d'", PART),
    Case("pipe --bytes 10"),
    Case("pipe --keep-end", ORDER, PIDS + HOLDER),
    Case("pipe --close-reader"),
    Case("race 2 --free 3", PART, RUNS),
    Case("race 2 --free 3 --lock mutex", PART, RUNS),
    Case("race 2 --free 3 --lock private", PART, RUNS),
    Case("race 2 2 --free 2 --lock atomic", PART, RUNS),
    Case("race --free 2 --lock two", PART, RUNS),
    Case("race 2 20000", PART, TABLE),
    Case("race --array"),
    Case("race sigchld"),
    Case("philosophers 3 --ordered --for 50ms", PART, MEALS),
    Case("philosophers 3 --waiter --for 50ms", PART, MEALS),
    Case("memory", PART, FAULT),
    Case("fork", MIXED, PIDS),
    Case("orphan", PART, ORPHAN),
    Case("scale pool 2 4", PART, SCALE),
]

# These are not run, for they are slow, or fail on purpose.
OTHERS = [
    "spawn 1 0",
    "spawn 100000 1000000000 --together --exit 255 --for 1h",
    "name --exit 1 --size 5",
    "kill -STOP --for 1s",
    "kill --graceful --after 1s --for 2s",
    "barrier 1 --without 0 --size 0 --action",
    "barrier 3 --action --timeout 1s",
    "pool 1 0",
    "pool 2 100000000 --map sleep --for 1s --init --max-tasks 3 --timeout 1s --poison 3 --fail 4",
    "pool 2 5 --init fail --unordered --live",
    "pool 2 5 --live --chunk 2",
    "pool 2 5 --fail 3",
    "pool 2 5 --poison 3 --init",
    "pool 2 5 --max-tasks 3 --init --map prime --for 2ms",
    "scale pool 2 50 --map prime --runs 1 --chunk 5 --all",
    "scale pool 2 50 --map sleep --runs 4",
    "lock 2 --stagger 1s --for 2s",
    "lock --order A,Z --stagger 1s --timeout 1s",
    "semaphore 10000 10000 --stagger 1ms",
    "semaphore 1 2 --bounded",
    "event 10000 --stagger 1s --timeout 2s --after 0s",
    "condition 2 --notify all,1",
    "condition 2 --early --notify 2,all",
    "condition 2 --notify 1 --timeout 1s",
    "condition 2 --until 3 --timeout 1s",
    "queue 2 2 --items 0 --max 1000000 --for 1s",
    "queue --max 1 --join",
    "queue 2 2 --join --for 1s",
    "pipe --bytes 0",
    "pipe --bytes 1000000 --keep-end",
    "pipe --keep-end '' '%s'",
    "race 32 100000000",
    "race 2 3 --free 0 --lock two",
    "race 3 --free 1000000 --lock private",
    "race 2 200 --lock atomic",
    "philosophers",
    "philosophers 9 --for 1h",
    "fork 0",
    "fork 6 --for 1s",
    "orphan --for 1s",
    "daemon --size 0",
]


def comparable(text, case):
    """The lines without summaries, and without what differs from run to run."""
    lines = []
    for line in text.splitlines():
        for pattern, word in case.changes:
            line = re.sub(pattern, word, line)
        if not line.startswith("=> "):
            lines.append(line.rstrip())
    return lines


def run(command):
    """Runs a program; one that takes too long is ended, with all that it started."""
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=forklab.environment(),
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += f"ended after {SECONDS} s"
        return subprocess.CompletedProcess(command, process.returncode, out, err)


def show(command, language):
    finished = forklab.run(f"code {command} --{language}\n")
    return finished.out if finished.status == 0 else finished.err


def long_lines(text):
    """The lines, but for the first, which has the command, that are longer than a page is wide."""
    return "".join(line + "\n" for line in text.splitlines()[1:] if len(line) > COLUMNS)


def build_command(source, text):
    """What the program's own second line says, with all warnings."""
    line = re.fullmatch(r"// Build it: (cc .*)", text.splitlines()[1])[1]
    words = [source if word == "FILE.c" else word for word in line.split()]
    return [*words, *FLAGS]


def run_program(command, language):
    """Runs what `code` shows, once it is built."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "program.py" if language == "python" else "program.c")
        text = show(command, language)
        source.write_text(text, encoding="utf-8")
        if language == "python":
            finished = run([sys.executable, "-W", "error", source])
            finished.stderr += long_lines(text)
            return finished
        program = source.with_suffix("")
        built = run([*build_command(source, text), "-O0", "-o", program])
        built.stderr += long_lines(text)
        return built if built.returncode != 0 or built.stderr else run([program])


def fault(command):
    """What is wrong with the programs for a command, which are not run; or ""."""
    python, c = show(command, "python"), show(command, "c")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(python, "program.py", "exec")
    except (SyntaxError, Warning) as error:
        return f"{command}: {error}\n{python}"
    with tempfile.NamedTemporaryFile("w", suffix=".c", encoding="utf-8") as source:
        source.write(c)
        source.flush()
        built = run([*build_command(source.name, c), "-fsyntax-only"])
    wrong = built.stderr + long_lines(python) + long_lines(c)
    return wrong and f"{command}: {wrong}\n"


def difference(case, language, own):
    """What the program of a case does otherwise than forklab, whose lines are `own`; or ""."""
    finished = run_program(case.command, language)
    lines = comparable(finished.stdout, case)
    own = list(own)
    if case.otherwise[language]:
        theirs, others = case.otherwise[language]
        at = next(i for i in range(len(own)) if own[i : i + len(theirs)] == theirs)
        own[at : at + len(theirs)] = others
    if case.how == PART:
        own = [line for line in own if line in lines]
    if case.how == MIXED:
        own, lines = sorted(own), sorted(lines)
    if own == lines and finished.returncode == 0 and not finished.stderr and lines:
        return ""
    compared = "\n".join(difflib.unified_diff(own, lines, "forklab", language, lineterm="", n=1))
    return f"{case.command} --{language}: {finished.returncode} {finished.stderr}\n{compared}\n"


def reap_orphans():
    """What a program leaves behind becomes a child of ours: it has ended, or ends soon."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


class Programs(forklab.TestCase):
    """Four at a time: most of them sleep most of the time."""

    def check(self, language, cases):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            own = list(pool.map(lambda case: forklab.run(case.command + "\n"), cases))
            lines = [comparable(finished.out, case) for finished, case in zip(own, cases)]
            found = list(pool.map(difference, cases, [language] * len(cases), lines))
        # Some stand for work by sleeping: on a busy machine that is not always long enough.
        for _ in range(3):
            found = [said and difference(case, language, own) for said, case, own in zip(found, cases, lines)]
        reap_orphans()
        self.assertEqual("".join(found), "")

    def test_python(self):
        self.check("python", CASES)

    def test_c(self):
        self.check("c", CASES)


class Options(forklab.TestCase):
    def test_every_option_leaves_a_program_whole(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            found = "".join(pool.map(fault, OTHERS))
        self.assertEqual(found, "")

    def test_what_is_not_followed_is_said(self):
        for language in "python", "c":
            text = show("lock 3 --as crash --which 1 --for 1ms --daemon", language)
            self.assertRegex(text.splitlines()[2], "^(#|//) Not followed: --daemon, --as, --which$")
            self.assertNotIn("Not followed", show("lock 3 --for 1ms", language))

    def test_words_are_quoted(self):
        text = show(r"""name 'a"b\\c ?? é'""", "c")
        self.assertIn(r'"a\"b\\\\c \?\? é"', text)


class Asking(forklab.TestCase):
    def test_without_a_command_it_is_the_last_job(self):
        finished = forklab.run("spawn 2 5; echo --; code; echo --; code %1 --c; echo --; code --c %%")
        _, python, c, same = re.split("^--\n", finished.out, flags=re.MULTILINE)
        self.assertIn("'spawn 2 5'", python.splitlines()[0])
        self.assertIn("import", python)
        self.assertIn("'spawn 2 5'", c.splitlines()[0])
        self.assertIn("#include", c)
        self.assertEqual(c, same)

    def test_it_starts_nothing(self):
        finished = forklab.run("code spawn 3; jobs")
        self.assertEqual(finished.lines[-1], "no jobs yet")

    def test_refused(self):
        for words, message in (
            ("", "there has been no job yet"),
            ("jobs", "jobs starts no workers"),
            ("spwan 2", "did you mean 'spawn'?"),
            ("spawn", "spawn: N is missing"),
            ("spawn 2 --python --c", "either --python or --c"),
            ("spawn 2 --overwrite", "--overwrite needs --save FILE"),
            ("spawn 2 --save", "--save has no value"),
            ("spawn 2 --save a --save b", "--save is given twice"),
            ("%1", "there is no job %1"),
            ("kill %1", "there is no program in Python for 'kill %1'"),
            ("philosophers --ordered --waiter --c", "there is no program in C for"),
        ):
            with self.subTest(words=words):
                finished = forklab.run(f"code {words}\n")
                self.assertIn(message, finished.err)
                self.assertEqual(finished.out, "")
                self.assertIn(finished.status, (1, 2))

    def test_save_keeps_a_file_that_is_there(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "pool.c")
            forklab.run(f"code pool 2 4 --save {file}\n")
            first = file.read_text(encoding="utf-8")
            self.assertIn("#include", first)
            finished = forklab.run(f"code pool 2 5 --save={file}\n")
            self.assertIn("is there already; --overwrite replaces a plain file", finished.err)
            self.assertEqual(finished.status, 1)
            self.assertEqual(file.read_text(encoding="utf-8"), first)
            forklab.run(f"code --save {file} --overwrite pool 2 5\n")
            self.assertIn("'pool 2 5'", file.read_text(encoding="utf-8"))

    def test_json(self):
        out = forklab.run("code --c memory\n", "--json").out
        found = [line for line in map(json.loads, out.splitlines()) if line["type"] == "code"]
        self.assertEqual([found[0]["command"], found[0]["language"]], ["memory", "c"])
        self.assertIn("int main(void)", found[0]["text"])


if __name__ == "__main__":
    unittest.main()
