# SPDX-License-Identifier: GPL-3.0-or-later
"""forklab as an engine: each line of stdin ends in exactly one `done`, in order, whatever it says."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

import forklab

FUZZ_LINES = int(os.environ.get("FUZZ_LINES", "1000"))
SEED = int(os.environ.get("SEED", "20251125"))


def talk(lines, *arguments, **options):
    """Runs a whole session with --json -k; returns its objects and how it ended."""
    finished = forklab.run(lines, "--json", "-k", *arguments, **options)
    return [json.loads(line) for line in finished.lines], finished


def dones(objects):
    return [(item["place"], item["status"]) for item in objects if item["type"] == "done"]


class Engine(forklab.TestCase):
    def check_dones(self, lines, statuses, *arguments, **options):
        """Each of the lines is done, in order, with its status."""
        objects, finished = talk("".join(line + "\n" for line in lines), *arguments, **options)
        wanted = [(f"stdin:{number}", status) for number, status in enumerate(statuses, 1)]
        self.assertEqual(dones(objects), wanted, str(finished))
        return objects

    def test_a_line_that_is_understood(self):
        (done,) = [item for item in self.check_dones(["echo hi"], [0]) if item["type"] == "done"]
        self.assertEqual(done["text"], "echo hi")

    def test_lines_that_are_not(self):
        wrong = ["bogus", "s", "echo 'open", "& echo", "pool 4", "help nope", "repeat 2 bogus", "quit x",
                 "echo " + "x" * 70000, "echo a\0b", "source /nowhere", "spawn 0", "echo &", ";;; bogus"]
        statuses = [2] * len(wrong)
        statuses[wrong.index("source /nowhere")] = 1
        self.check_dones(wrong, statuses)

    def test_lines_without_a_command(self):
        self.check_dones(["", "   ", "# a comment", ";", "echo hi # and a comment"], [0] * 5)

    def test_the_last_line_needs_no_end(self):
        objects, _ = talk("echo one\necho two")
        self.assertEqual(dones(objects), [("stdin:1", 0), ("stdin:2", 0)])

    def test_a_line_of_several_commands_has_the_worst_status(self):
        self.check_dones(["echo a; bogus; echo b", "kill 1; bogus; echo c", "kill 1; echo c"], [2, 2, 1])

    def test_a_repetition_is_done_after_what_it_runs(self):
        objects = self.check_dones(["repeat 3 echo hi", "repeat 2 kill 1", "repeat 0 echo no"], [0, 1, 0])
        said = [item["type"] for item in objects if item.get("text") == "hi" or item["type"] == "done"]
        self.assertEqual(said, ["output", "output", "output", "done", "done", "done"])

    def test_a_sourced_file_is_done_after_its_lines_with_the_worst_status(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "s.fl"), "w", encoding="ascii") as file:
                file.write("echo first\nrepeat 2 kill 1\nbogus\necho last\n")
            objects = self.check_dones(["source s.fl", "echo hi"], [2, 0], cwd=folder)
        said = [item for item in objects if item.get("text") == "last" or item["type"] == "done"]
        self.assertEqual([item["type"] for item in said], ["output", "done", "done"])

    def test_each_command_has_an_end_of_its_own(self):
        objects, _ = talk("echo a; kill 1\nspawn 1 &\nwait\n")
        ended = [(item["command"], item.get("place"), item["status"]) for item in objects if item["type"] == "ended"]
        self.assertEqual(ended[:2], [("echo", "stdin:1", 0), ("kill", "stdin:1", 1)])
        self.assertIn(("spawn", "stdin:2", 0), ended)
        started = [item["text"] for item in objects if item["type"] == "command"]
        self.assertEqual(len(ended), len(started))

    def test_a_job_behind_an_ampersand_does_not_hold_up_its_line(self):
        with self.talker() as talker:
            talker.say("spawn 1 --for 10m --daemon &")
            self.assertEqual(talker.done(), ("stdin:1", 0))
            talker.say("kill -9 %1; wait")
            self.assertEqual(talker.done()[0], "stdin:2")

    def talker(self):
        return Talker(self)

    def test_an_interrupted_command_has_its_status(self):
        for command in ("spawn 1 --for 10m", "spawn 2 --together --for 10m", "pool 2 4 --for 10m",
                        "barrier 2 --for 10m", "sleep 10m", "wait %1", "repeat 2 spawn 1 --for 10m"):
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(command=command, signal=number), self.talker() as talker:
                    if command == "wait %1":
                        talker.say("spawn 1 --for 10m --daemon &")
                        talker.done()
                    talker.say(command)
                    talker.until(lambda item: item["type"] == "command" and item["text"] == command)
                    if not command.startswith(("sleep", "wait")):
                        talker.until(lambda item: item.get("event") == "forked")
                    talker.session.process.send_signal(number)
                    self.assertEqual(talker.done()[1], 128 + number)
                    self.assertEqual(talker.session.ended().status, 128 + number)

    def test_without_keep_going_the_line_that_failed_is_the_last(self):
        finished = forklab.run("echo a\nkill 1; echo never\necho never\n", "--json")
        objects = [json.loads(line) for line in finished.lines]
        self.assertEqual(dones(objects), [("stdin:1", 0), ("stdin:2", 1)])
        self.assertEqual(finished.status, 1)

    def test_quit_is_done(self):
        objects = self.check_dones(["echo a", "quit 7"], [0, 0])
        self.assertEqual(objects[-1]["type"], "done")

    def test_lines_of_files_and_of_options_have_places_too(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s.fl")
            with open(path, "w", encoding="ascii") as file:
                file.write("echo a\n\nbogus\n")
            objects, _ = talk("", path)
        self.assertEqual(dones(objects), [(f"{path}:1", 0), (f"{path}:2", 0), (f"{path}:3", 2)])
        objects, _ = talk("", "-c", "echo a; echo b", "-c", "bogus")
        self.assertEqual([status for _, status in dones(objects)], [0, 2])


class Talker:
    """Says a line, and reads until it is done."""

    def __init__(self, case):
        self.session = case.session("--json", "-k")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.terminate()

    def say(self, *lines):
        self.session.type(*lines)

    def until(self, is_it):
        while True:
            item = json.loads(self.session.expect(".*")[0])
            if is_it(item):
                return item

    def done(self):
        item = self.until(lambda item: item["type"] == "done")
        return item["place"], item["status"]


class Cancel(forklab.TestCase):
    """A line that begins with !cancel is heeded while a command runs in front."""

    def talker(self):
        return Talker(self)

    def start(self, talker, command):
        talker.say(command)
        talker.until(lambda item: item.get("event") == "forked")

    def test_ends_the_command_in_front(self):
        for command in ("spawn 2 --together --for 10m", "pool 2 20 --for 10m", "barrier 2 --for 10m"):
            with self.subTest(command=command), self.talker() as talker:
                self.start(talker, command)
                talker.say("!cancel", "echo on")
                self.assertEqual(talker.done(), ("stdin:1", 1))
                self.assertEqual(talker.done(), ("stdin:2", 0))
                self.assertEqual(talker.done(), ("stdin:3", 0))

    def test_ends_what_has_no_workers(self):
        with self.talker() as talker:
            talker.say("sleep 10m")
            talker.until(lambda item: item["type"] == "command")
            talker.say("!cancel")
            self.assertEqual([talker.done(), talker.done()], [("stdin:1", 1), ("stdin:2", 0)])

    def test_gives_up_the_rest_of_the_line_and_what_it_repeats(self):
        with self.talker() as talker:
            self.start(talker, "repeat 5 spawn 1 --for 10m; echo never")
            talker.say("!cancel", "echo on")
            self.assertEqual(talker.done(), ("stdin:1", 1))
            self.assertEqual(talker.done(), ("stdin:2", 0))
            self.assertEqual(talker.done(), ("stdin:3", 0))
            self.assertNotIn("never\"}", talker.session.seen[1].replace("echo never", ""))

    def test_overtakes_lines_that_wait(self):
        with self.talker() as talker:
            self.start(talker, "spawn 1 --for 10m")
            talker.say("echo one", "echo two", "!cancel", "echo three")
            self.assertEqual([talker.done() for _ in range(5)],
                             [("stdin:1", 1), ("stdin:2", 0), ("stdin:3", 0), ("stdin:4", 0), ("stdin:5", 0)])

    def test_of_a_job_leaves_the_front_alone(self):
        with self.talker() as talker:
            self.start(talker, "spawn 1 --for 10m &")
            talker.done()
            self.start(talker, "spawn 1 --for 10m")
            talker.say("!cancel %1")
            talker.until(lambda item: item.get("event") == "job_done" and item["job"] == 1)
            talker.say("!cancel %2")
            self.assertEqual([talker.done() for _ in range(3)],
                             [("stdin:2", 1), ("stdin:3", 0), ("stdin:4", 0)])

    def test_with_nothing_in_front_fails(self):
        with self.talker() as talker:
            talker.say("!cancel", "!cancel %9", "!cancel bogus", "echo on")
            self.assertEqual([talker.done()[1] for _ in range(4)], [1, 1, 2, 0])


VERBS = ["spawn", "name", "kill", "daemon", "barrier", "pool", "jobs", "show", "tree", "timeline", "explain",
         "results", "wait", "stop", "cont", "reap", "fg", "bg", "set", "source", "repeat", "echo", "sleep",
         "history", "help", "watch", "s", "bogus", "scale", "export", ""]
WORDS = ["1", "2", "0", "3", "-1", "1e3", "0x1", "99999999999999999999", "%1", "%%", "%-", "%9", "Process-1", "--together",
         "--for", "1ms", "--daemon", "--as", "crash", "mute", "torn", "babble", "--which", "--chunk", "--timeout",
         "--jobs", "off", "on", "now", "'a b'", "\"", "'", "\\", "#", ";", "&", ";;", "&&", "-9", "-s", "TERM",
         "--size", "7", "--rounds", "--", "-", "=", "--for=1ms", "\x1b[2J", "\x9b", "\u202e", "\u00fc", "\t", "x" * 300,
         "echo", "spawn", "/nowhere", "s.fl", "--all", "--help", "--nope", "barrier", "pool"]
# What would take long, read our own input, or end the session.
TOO_MUCH = ("quit", "exit", "source -", "--for 7", "sleep 7", "sleep 3", "sleep 2", "sleep 1 ", "--timeout 7", "suspend")


def fuzzed_line(dice):
    kind = dice.random()
    if kind < 0.03:
        return "".join(chr(dice.choice([9, 27, 32, 34, 35, 38, 39, 59, 92, 97, 0x9b, 0x202e]))
                       for _ in range(dice.randrange(12)))
    if kind < 0.04:
        return "echo " + "y" * dice.choice([65530, 65536, 70000])
    parts = []
    for _ in range(1 + (dice.random() < 0.2)):
        words = [dice.choice(VERBS)] + [dice.choice(WORDS) for _ in range(dice.randrange(4))]
        parts.append(" ".join(words))
    return "; ".join(parts)


def fuzzed_lines(seed, count):
    dice, lines = random.Random(seed), []
    while len(lines) < count:
        line = fuzzed_line(dice)
        words = line.split()
        if any(word in line for word in TOO_MUCH) or "\n" in line:
            continue
        if words[:1] in (["sleep"], ["watch"], ["scale"], ["export"]) and len(words) < 2:
            continue
        lines.append(line)
    return lines


class Fuzz(unittest.TestCase):
    LIMIT = 900

    def setUp(self):
        signal.alarm(self.LIMIT)  # which ends the test, and names it
        self.addCleanup(signal.alarm, 0)

    def test_each_line_is_done_once_and_in_order(self):
        forklab.become_subreaper()
        lines = fuzzed_lines(SEED, FUZZ_LINES)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "s.fl"), "w", encoding="ascii") as file:
                file.write("echo from a file\nkill 1\nspawn 1\n")
            self.talk(lines, folder)

    def talk(self, lines, folder):
        session = forklab.start("--json", "-k", cwd=folder, stderr=subprocess.DEVNULL)
        feeder = threading.Thread(target=self.feed, args=(session, lines))
        feeder.start()
        number = 0
        for line in session.stdout:
            item = json.loads(line)
            if item["type"] != "done":
                continue
            number += 1
            self.last = number
            self.assertEqual(item["place"], f"stdin:{number}", lines[number - 1])
            self.assertIn(item["status"], (0, 1, 2), lines[number - 1])
        feeder.join()
        session.stdout.close()
        session.wait(60)
        self.assertEqual(number, len(lines))
        self.assertEqual(forklab.left_behind(), [])

    @staticmethod
    def feed(session, lines):
        data = "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")
        try:
            session.stdin.write(data)
            session.stdin.close()
        except BrokenPipeError:
            pass


class Clients(forklab.TestCase):
    """Those of src/view/README.md do what they say."""

    def client(self, language):
        page = os.path.join(os.path.dirname(__file__), "../../src/view/README.md")
        with open(page, encoding="utf-8") as file:
            return re.search(f"```{language}\n(.*?)```", file.read(), re.DOTALL)[1]

    def check_client(self, command, text):
        path = os.path.dirname(forklab.FORKLAB) + ":" + os.environ["PATH"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False,
                              env=forklab.environment({"PATH": path}))
        self.assertIn("no such command", done.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_in_python(self):
        self.assertEqual(self.check_client(["/usr/bin/python3", "-"], self.client("python")),
                         ["0 [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]", "2"])

    @unittest.skipUnless(shutil.which("jq"), "jq is not there")
    def test_in_the_shell(self):
        self.assertEqual(self.check_client(["bash", "-s"], self.client("sh")),
                         ["[0,1,4,9,16,25,36,49,64,81]", "2"])


class Head(forklab.TestCase):
    """A reader that has seen enough."""

    def test_ends_it_without_a_word(self):
        for arguments in (("-c", "spawn 2000 0"), ("--json", "-c", "pool 2 100000"), ("-c", "repeat 3000 help"),
                          ("-c", "pool 2 300000 --all")):
            with self.subTest(arguments):
                process = forklab.start(*arguments, stdin=subprocess.DEVNULL)
                os.read(process.stdout.fileno(), 1000)
                process.stdout.close()
                with process.stderr:
                    self.assertEqual(process.stderr.read(), b"")
                self.assertEqual(process.wait(), 3)

    def test_that_is_gone_before_the_first_line(self):
        for arguments in (("-h",), ("-V",), ("-c", "echo hi"), ("--json", "-c", "echo hi")):
            with self.subTest(arguments):
                reader, writer = os.pipe()
                os.close(reader)
                finished = forklab.run("", *arguments, stdout=writer)
                os.close(writer)
                self.assertEqual((finished.status, finished.err), (3, ""))

    def test_a_full_disk_is_told_all_the_same(self):
        with open("/dev/full", "wb") as full:
            finished = forklab.run("", "-c", "echo hi", stdout=full)
        self.assertEqual(finished.status, 3)
        self.assertIn("No space left on device", finished.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
