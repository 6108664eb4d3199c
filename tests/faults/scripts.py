# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts whose calls are made to fail, and how their output is compared with a good run's."""
import collections
import csv
import json
import os
import re
import xml.etree.ElementTree

# Together they run every command that there is; unused_commands() looks.
SCRIPTS = {
    "six": "spawn 2; name; kill; daemon; barrier 2 --stagger 0; pool 2 10",
    "forms": "spawn 3 --together --daemon; kill --graceful; daemon --off --for 10ms;"
    " barrier 3 --rounds 2 --stagger 1ms --without 1 --timeout 5s;"
    " pool 2 6 --init; pool 3 18 --chunk 2 --max-tasks 4 --unordered; pool 2 6 --results pipe",
    "control": "spawn 1 --for 5s & stop %1; jobs; cont %1; kill -s TERM %1; wait; spawn 2 --for 5s & cancel; jobs; history;"
    " set for 10ms; set; repeat 2 spawn 1; sleep 1ms; help pool; echo done",
    "behind": "spawn 2 --for 20ms --together & name & wait; spawn 1 --for 300ms & stop %3; bg %3; wait %3;"
    " spawn 2 --daemon --for 5s --together & pool 2 20 --for 1ms & fg; quit",
    "ladder": "spawn 1 --for 5s --as stubborn & kill --ladder %1; wait",
    "race": "race --free 2; race --replay 11x222; race sigchld; barrier --replay 1; philosophers 2 --ordered --for 2ms",
    "sharing": "queue 1 1 --items 0; queue 1 1 --items 0 --join; event; event 2 --after 1ms; condition 1 --notify 1; condition 1 --until 1;"
    " pipe --bytes 0; pipe --keep-end x; pipe --close-reader; race 2 1k --lock mutex; race --array; memory; orphan; fork 1",
    "locks": "lock --again; lock 2 --order AB,AB --for 1ms; race lock-order --replay 12; semaphore 2 1 --for 1ms",
    "trouble": "spawn 1 --as fork; pool 2 12 --as crash --which 0; pool 2 6 --as mute --which 1;"
    " pool 2 8 --as torn --which 0; pool 2 8 --as babble --which 0",
    "broken": "barrier 3 --without 0 --as crash --which 1 --at wait --stagger 1ms",
    "lost": "pool 2 6 --poison 2",
    "look": "spawn 2 --together --for 5s & sleep 20ms; stop %1; show %1; tree; tree --fds; watch --timeout 10ms;"
    " kill -9 %1; wait; rewind %1; jobs; rewind off; timeline; explain; results; explain on; spawn 1; explain off;"
    " code",
    "files": "source given.fl; scale pool 2 40 --export plot.svg; export lanes.svg; export trace.json %1;"
    " export events.csv; export events.ndjson; record typed.fl; record; record off; set glyphs ascii; results %1",
    "teach": "spawn 1; check; check workers = 1; ! wait Process-9; pause; lesson; lesson given.fl --check;"
    " lesson given.fl --seal; ! resume; clear; ! suspend",
    "zombies": "reap off; spawn 2; jobs; tree; reap now; jobs; reap on; spawn 1; spawn 1 --as fork",
    "objects": "spawn 2; name & wait; kill; barrier 2 --stagger 0; results %1; jobs; pool 2 4; pool 2 4 --poison 1",
}
# Where the locale can't be loaded, pictures are drawn with other characters. So it is the one that always is.
ENVIRONMENT = {**os.environ, "LC_ALL": "C"}
OPTIONS = {"objects": ["--json"]}
COMMANDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/commands/commands.def")
GIVEN = {"given.fl": "echo from a file\nspawn 1\n"}

# How a file that was exported tells that it is whole.
EXPORTED = {
    ".svg": xml.etree.ElementTree.fromstring,
    ".json": json.loads,
    ".ndjson": lambda text: [json.loads(line) for line in text.splitlines()],
    ".csv": lambda text: text.endswith("\n") and len({len(row) for row in csv.reader(text.splitlines())}) == 1 or [][0],
    ".fl": lambda text: text.startswith("#!/usr/bin/env forklab\n") and text.endswith("\n") or [][0],
}


def words_of(name):
    """The command line of a script, without the program. What fails is no reason to stop: what comes
    after it has to work."""
    return [*OPTIONS.get(name, []), "-k", "-c", SCRIPTS[name]]


def fill(folder):
    """Puts the files there that scripts read."""
    for name, text in GIVEN.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)


def commands():
    """The names of all commands, as the program lists them."""
    with open(COMMANDS, encoding="utf-8") as file:
        return re.findall(r"^COMMAND\((\w+)\)", file.read(), re.MULTILINE)


def unused_commands():
    """The commands that no script runs."""
    used = set()
    for script in [*SCRIPTS.values(), *GIVEN.values()]:
        for part in re.split(r"[;&\n]", script):
            words = part.replace("! ", "").split()
            used.update(words[:1])
            if words[:1] == ["repeat"]:
                used.add(words[2])
    return set(commands()) - used


def torn_files(folder, success):
    """What is wrong with the files that a run left in its folder."""
    wrong = []
    made = set(os.listdir(folder)) - set(GIVEN)
    wanted = set(re.findall(r"\b[a-z]+\.(?:svg|json|csv|ndjson|fl)\b", SCRIPTS["files"])) - set(GIVEN)
    wrong += [f"{name} was left behind" for name in made - wanted]
    if success and made:
        wrong += [f"{name} was not written" for name in wanted - made]
    for name in made & wanted:
        try:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                EXPORTED[os.path.splitext(name)[1]](file.read())
        except (ValueError, IndexError, xml.etree.ElementTree.ParseError):
            wrong.append(f"{name} is not whole")
    return wrong


# What is another number in every run. Counts, results, exit codes and names stay as they are.
NUMBERS = [
    (r" +", " "),
    (r"\d+-\d+-\d+ \d+:\d+:\d+\.\d+", "WHEN"),
    (r"\b\d+(\.\d+)? (ns|us|ms|s|min|h|kB|MB|seconds|bytes)\b", "MUCH"),
    (r"(?<![\[, ]) *\b\d+\.\d{6}\b", " TIME"),
    (r"\b\d+\.\d+ of\b", "REAL of"),
    (r"\[\d{3,}\]", "[INODE]"),
    (r", \d+ %(?!\d)", ""),
    (r"\b\d+%(?!\d)", "PART"),
    (r"^pipe \d+,", "pipe,"),
    (r"\(\d+\)|\(pid \d+\)|(?<= is )\d+|(?<=^%\d Process-\d )\d+|(?<=^%\d Process-\d\d )\d+", "PID"),
    (r"/\S*/(out|err)\b", r"\1"),
    (r"switches +\d+ because it waited, \d+ forced", "switches"),
    (r"\b\d+ events\b", "EVENTS"),
    (r"\bevent \d+ of \d+\b", "EVENT"),
    (r"\b\d+ times?(?= for (room|items))", "TIMES"),
    (r"\b\d+ waits?\b(, the longest.*)?", "WAITS"),
    (r"\b\d+ meals?\b", "MEALS"),
    (r"Jain's index.*", "FAIRNESS"),
    (r"\b(cores_busy|wall|cpu|speedup) \S+", r"\1 MUCH"),
    (r"(?<=has a child: )\d+|^\d+(?= is an orphan)|(?<=^`- )\d+(?=, forked by)", "PID"),
    (r"^(Process-\d+ )[^a-z]*(?=killed|exited)|^(Process-\d+ ).*[=#!:]z*.*?(?=killed|exited)", r"\1\2"),
    (r"\bz+\b", " "),
    (r"Process terminated: (True|False)", "Process terminated: TRUE OR FALSE"),
    (r"[█░▒═▼†│╱┬─├└┤●·┊┌┐▄▀:#+]+", " "),
    (r" +", " "),
]
# How often something small was done, and which lines a picture of it has, is a matter of time.
DRAWN = re.compile("|".join([
    r"^(MUCH ?|0 )*$",  # the axis of a timeline
    r"^[^a-zA-Z]*(starting|working)\b",  # its legend
    r"^\|? ?TIME |^\|? *>>>|EVENTS",  # explain's events and lessons
    r"^[\d.|O \-]+$|^[ .\-\d]*workers$|speed-up$|measured",  # scale's plot
    r"^\d MUCH MUCH|efficiency|serial|; fastest on|^time went|^MUCH stopped$",  # its table, what it makes of that, and where time went
    r"^watch, ",
    r"^no lock |additions are lost|nothing was lost this time|^free \d+ runs|it ran well \d",  # what a race without a lock comes to
    r"^(pending|blocked|ignored|caught) |^((SIG[A-Z0-9]+|\d\d) ?)+$",  # the masks of a worker stopped early
]))
# What show heard from a worker that was stopped early, beside what the kernel says: it may not have said a word.
HEARD = re.compile(r"^(state [A-Z] [a-z]+|pid \w+|parent \w+) (\w+|nothing yet|-)$")
PLAIN_KEYS = {"type", "command", "text", "status", "error", "count", "first", "results", "exit_code", "event",
              "moment", "signal_name", "at_once", "task", "worker", "job"}
# Events that come as often as the machine likes, or in pieces.
LIVELY = {"call", "claimed", "dealt", "results", "signalled", "hello", "work_done", "forked", "died", "reaped"}


def plain_object(line):
    """What is the same in each good run of a line of JSON; None for a line that may be missing."""
    try:
        made = json.loads(line)
        if made["type"] == "event" and made["event"] in LIVELY:
            return None
        if made["time_ns"] < 0:
            return "time runs backwards"
    except (ValueError, KeyError, TypeError):
        return "NOT AN OBJECT: " + line
    if made.get("event") == "task_lost":
        made.pop("worker", None)  # whoever had it last
    return json.dumps({key: value for key, value in made.items() if key in PLAIN_KEYS}, sort_keys=True)


def plain(text, pids=()):
    """Counts the lines of a run's output, each without what is another in every run. Whoever does not know
    the pids of the run loses all larger numbers."""
    text = re.sub(r"Pool: \[(.*)\]", lambda found: "Pool: " + " ".join(sorted(found[1].split(", "))), text)
    lines = []
    for line in text.splitlines():
        if line.startswith("{"):
            line = plain_object(line)
            if line is None:
                continue
        for pattern, word in NUMBERS:
            line = re.sub(pattern, word, line)
        if pids and "Pool " not in line and not re.search(r"\[\d+(, \d+){3}", line):
            line = re.sub(r"(?<!: )(?<!\" )(?<!length )\b(" + "|".join(map(str, pids)) + r")\b(?! results)", "PID", line)
        if not pids:
            line = re.sub(r"\b\d{3,}\b", "NUMBER", line)
        line = HEARD.sub(r"\1 SAID", line.strip())
        if not DRAWN.search(line):
            lines.append(line)
    return collections.Counter(lines)


class Likeness:
    """What some good runs had in common: how often each line was there at least, and at most."""

    def __init__(self):
        self.least, self.most = None, collections.Counter()

    def learn(self, lines):
        self.least = lines if self.least is None else self.least & lines
        self.most = self.most | lines

    def differences(self, lines):
        """What is missing, and what is too much."""
        return [f"-{line}" for line in (self.least - lines)] + [f"+{line}" for line in (lines - self.most)]
