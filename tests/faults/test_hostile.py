#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile starts, limits, input and readers: forklab works, or says why not."""
import collections
import ctypes
import itertools
import os
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import harness
import processes
import scripts

NOBODY = 65534
EVERY_SIGNAL = set(range(1, signal.NSIG)) - {signal.SIGKILL, signal.SIGSTOP, 32, 33}
SQUARES = "Pool: [" + ", ".join(str(i * i) for i in range(12)) + "]"
MANY = scripts.SCRIPTS["six"] + "; " + scripts.SCRIPTS["control"].replace("%1", "%7")
SANITIZED = b"__asan_init" in open(harness.FORKLAB, "rb").read()


def closing(*descriptors):
    def close():
        for descriptor in descriptors:
            os.close(descriptor)

    return close


class WorksAsEver(harness.Case):
    """What it was started with makes no difference."""

    @classmethod
    def setUpClass(cls):
        cls.good = harness.Usual(lambda: harness.run("-c", MANY))

    def assert_as_ever(self, session):
        self.assert_held(session, 0)
        self.assert_like(session, self.good)

    def test_good(self):
        self.assert_as_ever(harness.run("-c", MANY))

    def test_child_signal_ignored(self):
        self.assert_as_ever(harness.run("-c", MANY, preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)))

    def test_every_signal_ignored(self):
        def ignore():
            for number in EVERY_SIGNAL:
                signal.signal(number, signal.SIG_IGN)

        self.assert_as_ever(harness.run("-c", MANY, preexec_fn=ignore))

    def test_every_signal_blocked(self):
        block = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, EVERY_SIGNAL)
        self.assert_as_ever(harness.run("-c", MANY, preexec_fn=block))

    def test_a_blocked_signal_that_waits(self):
        def leave_pending():
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGWINCH})
            os.kill(os.getpid(), signal.SIGCHLD)

        self.assert_as_ever(harness.run("-c", MANY, preexec_fn=leave_pending))

    def test_children_that_it_never_forked(self):
        # exec keeps children: one that has ended, one that lives on until its pipe ends.
        reader, writer = os.pipe()

        def become_a_parent():
            if os.fork() == 0:
                os._exit(3)
            if os.fork() == 0:
                os.dup2(reader, 0)
                os.closerange(1, 256)
                os.read(0, 1)
                os._exit(0)

        session = harness.Session("-c", MANY, preexec_fn=become_a_parent)
        session.read(harness.LIMIT)
        session.process.wait()
        os.close(writer)
        os.close(reader)
        processes.wait_for_none(harness.LIMIT)
        self.assert_as_ever(session.finish())

    def test_no_environment(self):
        self.assert_as_ever(harness.run("-c", MANY, env={}))

    def test_strange_environment(self):
        strange = {"HOME": "/nowhere", "TERM": "\x1b[31m", "LC_ALL": "xx_YY.UTF-99", "COLUMNS": "-7", "TZ": ":/dev/zero"}
        self.assert_as_ever(harness.run("-c", MANY, env=strange))

    def test_without_a_name_of_its_own(self):
        for words in ([], [b""]):
            def replace():
                vector = (ctypes.c_char_p * (len(words) + 1))(*words, None)
                nothing = (ctypes.c_char_p * 1)(None)
                ctypes.CDLL(None).execve(harness.FORKLAB.encode(), vector, nothing)

            with self.subTest(argv=words), tempfile.TemporaryFile() as script:
                script.write(MANY.encode())
                script.seek(0)
                self.assert_as_ever(harness.run(stdin=script, preexec_fn=replace))

    def test_a_working_directory_that_is_gone(self):
        with tempfile.TemporaryDirectory() as folder:
            gone = os.path.join(folder, "gone")
            os.mkdir(gone)

            def enter():
                os.chdir(gone)
                os.rmdir(gone)

            self.assert_as_ever(harness.run("-c", MANY, preexec_fn=enter))

    def test_many_open_files(self):
        with open("/dev/null", "rb") as null:
            descriptors = [os.dup(null.fileno()) for _ in range(200)]
        self.assert_as_ever(harness.run("-c", MANY, pass_fds=descriptors))
        for descriptor in descriptors:
            os.close(descriptor)

    def test_stdin_and_stderr_closed(self):
        self.assert_as_ever(harness.run("-c", MANY, stderr=None, preexec_fn=closing(0, 2)))


class Closed(harness.Case):
    def test_every_combination(self):
        for count in range(1, 4):
            for descriptors in itertools.combinations(range(3), count):
                with self.subTest(closed=descriptors):
                    session = harness.run("-c", "spawn 2; pool 2 10; barrier 2 --stagger 0; kill; daemon; name",
                                          preexec_fn=closing(*descriptors))
                    self.assertFalse(session.hung)
                    self.assertEqual(session.left, 0)
                    self.assertEqual(session.status, 3 if 1 in descriptors else 0, session.err)
                    if 1 in descriptors and 2 not in descriptors:
                        self.assertIn("write(stdout)", session.err)

    def test_commands_from_a_closed_stdin(self):
        session = harness.run(stdin=None, preexec_fn=closing(0))
        self.assert_held(session)
        self.assertNotEqual(session.status, 0)

    def test_no_room(self):
        for command in ("spawn 2", "name", "kill", "daemon", "barrier 2", "pool 2 10", "jobs", "help", "echo x",
                        "history", "set", "spawn 1 & quit", "sleep 1ms; echo x"):
            with self.subTest(command=command), open("/dev/full", "wb") as full:
                session = harness.run("-c", command, stdout=full)
                self.assert_held(session, 3)
                self.assertIn("No space left", session.err)
        for option in ("-h", "-V"):
            with self.subTest(option=option), open("/dev/full", "wb") as full:
                self.assert_held(harness.run(option, stdout=full), 3)

    def test_a_reader_that_left(self):
        for command in ("spawn 2", "repeat 3 pool 2 10", "barrier 2", "spawn 1 --for 20s & echo x; wait"):
            with self.subTest(command=command):
                reader, writer = os.pipe()
                os.close(reader)
                session = harness.Session("-c", command, stdout=writer)
                os.close(writer)
                self.assert_held(session.finish(), 3, silent=True)
                self.assertEqual(session.err, "")

    def test_an_output_that_may_not_grow(self):
        with tempfile.TemporaryFile() as file:
            session = harness.run("-c", "pool 2 10; spawn 2", stdout=file, preexec_fn=harness.limited(FSIZE=10))
            self.assert_held(session, 3)


class WorksOrSays(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.good = harness.Usual(lambda: harness.run("-c", MANY))

    def assert_works_or_says(self, session):
        self.assert_held(session)
        if session.status != 0:
            return
        if "it goes on with 1 of 2 workers" not in session.err:
            self.assert_like(session, self.good)
            return
        # A pool that says so has one worker less, and whoever is started later another number.
        found = collections.Counter(re.sub(r"Process-\d+", "Process-N", line) for line in self.good.differences(session))
        for line in list(found):
            if line[0] == "-":
                same = min(found[line], found["+" + line[1:]])
                found[line] -= same
                found["+" + line[1:]] -= same
        for line in +found:
            self.assertRegex(line, r"^[+-]=> [12] workers?, 10 tasks|^-%6\.1 Process-N NUMBER exited 0 ", session.err)


class Limits(WorksOrSays):
    def test_few_files(self):
        worked = 0
        for files in range(3, 26):
            with self.subTest(files=files):
                session = harness.run("-c", MANY, preexec_fn=harness.limited(NOFILE=files))
                self.assert_works_or_says(session)
                worked += session.status == 0
        self.assertGreater(worked, 0)

    def test_a_thousand_workers_with_the_usual_files(self):
        session = harness.run("-c", "spawn 1000 10 --together; pool 400 400",
                              preexec_fn=harness.limited(NOFILE=1024))
        self.assert_held(session, 0)
        self.assertIn("Process 999 finished with 9990 results.", session.out)

    def small(self, name, sizes):
        """Sizes at which forklab can't even be loaded are the loader's matter."""
        tried = 0
        for size in sizes:
            limit = harness.limited(**{name: size})
            try:
                loads = harness.run("-V", preexec_fn=limit).status == 0
            except (subprocess.SubprocessError, OSError):
                continue
            if not loads:
                continue
            tried += 1
            with self.subTest(limit=name, size=size):
                self.assert_works_or_says(harness.run("-c", MANY, preexec_fn=limit))
        return tried

    @unittest.skipIf(SANITIZED, "a sanitizer reserves all memory there is")
    def test_little_memory(self):
        self.assertGreater(self.small("AS", range(2 << 20, 24 << 20, 1 << 20)), 3)
        self.assertGreater(self.small("DATA", range(128 << 10, 12 << 20, 512 << 10)), 3)

    @unittest.skipIf(SANITIZED, "a sanitizer reserves all memory there is")
    def test_much_asked_for_with_little_memory(self):
        for command in ("pool 2 100000000", "barrier 2 --rounds 1000000", "pool 2 5M --all"):
            with self.subTest(command=command):
                session = harness.run("-c", command, preexec_fn=harness.limited(AS=16 << 20))
                self.assert_held(session)
                self.assertNotEqual(session.status, 0)

    def test_little_stack(self):
        self.small("STACK", [64 << 10, 128 << 10, 256 << 10])

    def test_no_locked_memory_no_cores(self):
        session = harness.run("-c", MANY, preexec_fn=harness.limited(MEMLOCK=0, CORE=0, SIGPENDING=1))
        self.assert_works_or_says(session)


@unittest.skipIf(os.getuid() != 0, "needs root to become somebody else")
class AsNobody(WorksOrSays):
    """The limit on processes does not hold for root, and the one on pipes neither."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory()
        os.chmod(cls.folder.name, 0o755)
        cls.program = shutil.copy(harness.FORKLAB, cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        super().tearDownClass()

    def run_as_nobody(self, *arguments, **limits):
        set_limits = harness.limited(**limits)

        def become():
            set_limits()
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)

        return harness.run(*arguments, executable=self.program, preexec_fn=become, cwd="/")

    def test_few_processes(self):
        worked = 0
        for processes in range(1, 9):
            with self.subTest(processes=processes):
                session = self.run_as_nobody("-c", MANY, NPROC=processes)
                self.assert_works_or_says(session)
                worked += session.status == 0
        self.assertGreater(worked, 0)
        # Those who wait for the others don't end before there are too many.
        session = self.run_as_nobody("-c", "barrier 50 --without 0 --stagger 0", NPROC=20)
        self.assert_held(session, 1)
        self.assertIn("of 50 workers were started", session.err)

    def test_tiny_pipes(self):
        # Beyond its soft limit of pages a user gets pipes of one or two.
        hold = ("import os\nkept = []\ntry:\n while True: kept.append(os.pipe())\nexcept OSError: pass\n"
                "print('held', flush=True)\ninput()")

        def become():
            resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)

        holder = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  preexec_fn=become, cwd="/")
        self.assertEqual(holder.stdout.readline(), b"held\n")
        try:
            session = harness.Session("-c", "pool 2 100000; pool 3 1000 --chunk 1; " + MANY.replace("%7", "%9"), executable=self.program,
                                      preexec_fn=become, cwd="/")
            session.hung = session.read(harness.LIMIT)
            session.process.kill() if session.hung else session.process.wait()
        finally:
            holder.communicate(b"\n")
        session.finish()
        self.assert_held(session, 0)
        self.assertIn("9999800001", session.out)

    def test_a_home_that_can_not_be_read(self):
        for home in (None, "", "/root", "/dev/null", "/proc/1", "relative"):
            with self.subTest(home=home):
                self.assertEqual(self.at_a_terminal(home), 0)

    def at_a_terminal(self, home):
        """Types two lines at a prompt with that HOME; returns the status."""
        environment = {"TERM": "dumb", "PATH": os.environ["PATH"]}
        if home is not None:
            environment["HOME"] = home
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir("/")
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.execve(self.program, ["forklab"], environment)
        os.write(terminal, b"spawn 2\nquit\n")
        said = b""
        try:
            while select.select([terminal], [], [], harness.LIMIT)[0]:
                said += os.read(terminal, 65536)
        except OSError:
            pass
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.assertIn(b"Process 1 finished", said)
        self.assertEqual(processes.end_leftovers(), 0)
        return status


class Input(harness.Case):
    def test_a_line_without_end(self):
        feed = ("echo 'echo first'; head -c 100000000 /dev/zero | tr '\\000' x;"
                " echo; echo 'echo after'; cat")
        feeder = subprocess.Popen(["sh", "-c", feed], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        session = harness.Session("-", stdin=feeder.stdout)
        feeder.stdout.close()
        self.assertTrue(session.read_until("after"))
        with open(f"/proc/{session.process.pid}/status", encoding="ascii") as status:
            most = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
        feeder.communicate(b"echo last\n")
        session.finish()
        self.assert_held(session, 2)
        self.assertEqual(session.out, "first\nafter\nlast\n")
        self.assertIn("stdin:2: error: the line is longer than 65536 bytes", session.err)
        if not SANITIZED:
            self.assertLess(most, 8 << 10, "KiB of memory")

    def feed(self, text, *options):
        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            return harness.run(*options, stdin=file)

    def test_bytes_that_are_no_text(self):
        for text in (b"\x00\n", b"spawn\x00 2\n", b"\xff\xfe\xfd\n", b"\x1b[31m\n", b"echo \x9b31m \xc2\x9b31m\n",
                     b"name '\x1b]0;x\x07'\n", b"\r\r\r\n", b"\x80" * 70000 + b"\n", b"'" * 65535 + b"\n",
                     b";" * 65536 + b"\n", b"&" * 100 + b"\n", b"\\" * 65536, b"echo " + b"\\\n" * 1000,
                     b"wait " + b"x " * 30000, b"echo" + b" \"\"" * 20000 + b"\n", b"#" * 70000 + b"\n"):
            with self.subTest(text=text[:40]):
                session = self.feed(text + b"\necho after\n", "-k")
                self.assert_held(session)
                self.assertTrue(session.out.endswith("after\n"), session.err)
                for byte in "\x1b\x07\x9b\x00\ufffd":
                    self.assertNotIn(byte, session.out + session.err)

    def test_every_byte(self):
        text = b"".join(b"echo a" + bytes([byte]) + b"b\n" for byte in range(256))
        session = self.feed(text, "-k")
        self.assert_held(session, 2)
        for byte in b"0123456789abcdefghijklmnopqrstuvwxyz+-_.":
            self.assertIn(f"\na{chr(byte)}b\n", session.out)
        for byte in "\x00\x07\x1b\x7f\ufffd":
            self.assertNotIn(byte, session.out + session.err)

    def test_a_line_without_end_in_a_file(self):
        # A plain file is always ready, and so is this one: signals are to be heard all the same.
        for start in (["/dev/zero"], ["-c", "source /dev/zero"]):
            for number in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(start=start, signal=number):
                    session = harness.Session(*start)
                    read = f"/proc/{session.process.pid}/io"
                    deadline = time.monotonic() + harness.LIMIT
                    while self.bytes_read(read) < 1 << 20:
                        self.assertLess(time.monotonic(), deadline, "it does not read")
                    session.process.send_signal(number)
                    self.assert_ended_by(session, number)

    @staticmethod
    def bytes_read(path):
        with open(path, encoding="ascii") as file:
            return int(file.readline().split()[1])

    def test_a_folder_and_other_things_for_a_file(self):
        for path in ("/", "/nowhere", "/proc/self/mem", "/dev/null/x", "\x1b[31m", "x" * 5000):
            with self.subTest(path=path[:20]):
                session = harness.run(path)
                self.assert_held(session)
                self.assertNotEqual(session.status, 0)
                self.assertNotIn("\x1b", session.err)
                session = harness.run("-c", f"source '{path}'")
                self.assert_held(session)
                self.assertNotEqual(session.status, 0)

    def test_a_script_that_sources_itself(self):
        with tempfile.NamedTemporaryFile("w", suffix=".lab") as script:
            script.write(f"source {script.name}\n")
            script.flush()
            session = harness.run(script.name, preexec_fn=harness.limited(NOFILE=256))
            self.assert_held(session)
            self.assertNotEqual(session.status, 0)


class Misbehaviour(harness.Case):
    """Every way to misbehave x every command that takes it x every place for it."""

    WAYS = ("crash", "stubborn", "mute", "babble", "torn", "fork", "raise")
    HARMLESS = ("stubborn", "fork")
    SHARING = ("event 2 --after 1ms", "condition 1 --notify 1", "queue 1 1 --items 2", "lock 2 --for 1ms",
               "semaphore 2 1 --for 1ms", "pipe --bytes 10", "memory", "orphan", "fork 1")

    def check(self, command, harmed):
        with self.subTest(command=command):
            session = harness.run("-c", f"{command}; echo and then")
            self.assert_held(session, 1 if harmed else 0)
            self.assertEqual("and then" in session.out, not harmed)
            return session

    def test_nothing_is_missing(self):
        """The commands that take --as, and its ways, are those that are tried here."""
        taking = {}
        for name in scripts.commands():
            found = re.search(r"misbehave on\s+purpose \(([a-z,\s]+);", harness.run("-c", f"help {name}").out)
            if found:
                taking[name] = set(re.findall("[a-z]+", found[1]))
        ways = {"normal", *self.WAYS}
        tried = ["spawn", "barrier", "pool", "scale", *(command.split()[0] for command in self.SHARING)]
        self.assertEqual(taking, {name: ways for name in tried})

    def test_spawn(self):
        for way in self.WAYS:
            for form in ("", " --which 1", " --together", " --together --which 2"):
                self.check(f"spawn 3 --as {way}{form}", way not in self.HARMLESS)

    def test_pool(self):
        for way in self.WAYS:
            for form in ("", " --chunk 1", " --unordered"):
                session = self.check(f"pool 3 12 --as {way} --which 1{form} --all", False)
                got = session.out.split("[")[1].split("]")[0].split(", ")
                self.assertEqual(sorted(map(int, got)), sorted(i * i for i in range(12)))
            # One that is bad is replaced; when all are, each task is lost after its tries.
            self.check(f"pool 2 4 --as {way} --timeout 30s", way not in self.HARMLESS)

    def test_scale(self):
        for way in self.WAYS:
            for form in ("", " --chunk 1", " --export plot.svg"):
                with tempfile.TemporaryDirectory() as folder, self.subTest(way=way, form=form):
                    session = harness.run("-c", f"scale pool 2 12 --as {way} --which 0{form} --all", cwd=folder)
                    self.assert_held(session, 0)
                    self.assertIn(SQUARES, session.out)
            self.check(f"scale pool 2 4 --as {way} --timeout 30s", way not in self.HARMLESS)

    def test_in_the_background(self):
        for way in self.WAYS:
            for command in ("spawn 3 --together", "pool 3 12", "barrier 3 --stagger 1ms --at wait", "scale pool 2 12"):
                harmed = way not in self.HARMLESS
                with self.subTest(command=command, way=way):
                    session = harness.run("-c", f"{command} --as {way} & wait")
                    self.assert_held(session, 1 if harmed else 0)

    def test_the_last_to_arrive_at_a_barrier(self):
        # Who waits for nobody is given the time to misbehave while it waits.
        for way in self.WAYS:
            with self.subTest(way=way):
                session = harness.run("-c", f"barrier 3 --stagger 0 --as {way} --at wait --which 3")
                self.assert_held(session)
                self.assertEqual("broke in round 1: p3" in session.err, way not in self.HARMLESS, session.err)

    def test_barrier(self):
        for way in self.WAYS:
            for place in ("arrive", "wait", "lock"):
                for form in ("", " --which 2", " --which 3 --rounds 2", " --which 5"):
                    harmed = way not in self.HARMLESS and (form != " --which 5" or place == "lock")
                    if form == " --which 5":
                        harmed = None
                    self.barrier(f"barrier 3 --stagger 1ms --as {way} --at {place}{form}", harmed)

    def barrier(self, command, harmed):
        with self.subTest(command=command):
            session = harness.run("-c", command)
            self.assert_held(session)
            if harmed is not None:
                self.assertEqual(session.status, 1 if harmed else 0, session.err)

    def test_sharing(self):
        for way, command in itertools.product(self.WAYS, self.SHARING):
            self.check(f"{command} --as {way} --which 1", way not in self.HARMLESS)

    def test_named_wrongly(self):
        for command in ("spawn 2 --which 0", "spawn 2 --as crash --which 2", "pool 2 2 --as mute --which 5",
                        "barrier 2 --as torn --which 9", "barrier 2 --at wait", "spawn 1 --as nothing",
                        "kill --as crash", "name --as crash", "daemon --as mute"):
            with self.subTest(command=command):
                session = harness.run("-c", command)
                self.assert_held(session, 2)
                self.assertEqual(session.out, "")


class StalledReader(harness.Case):
    """Nobody reads what forklab says."""

    def stalled(self, command, stream):
        """Starts it with a full pipe behind 1 or 2; returns the session and the end that nobody reads."""
        reader, writer = os.pipe()
        session = harness.Session("-k", "-c", command, **{stream: writer})
        deadline = time.monotonic() + harness.LIMIT
        # No event tells that a pipe is full, nor that a process sleeps: both are asked again and again.
        while select.select([], [writer], [], 0)[1] or not self.is_asleep(session):
            self.assertLess(time.monotonic(), deadline, "it goes on writing")
            select.select([], [], [], 0.01)
        os.close(writer)
        return session, reader

    @staticmethod
    def is_asleep(session):
        with open(f"/proc/{session.process.pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "S"

    def test_signals(self):
        noisy = {"stdout": "repeat 100000 echo " + "x" * 200, "stderr": "repeat 100000 kill " + "x" * 200}
        for stream, number in itertools.product(noisy, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)):
            with self.subTest(stream=stream, signal=number):
                session, reader = self.stalled("spawn 2 --for 60s --together & " + noisy[stream], stream)
                session.process.send_signal(number)
                self.assert_ended_by(session, number)
                os.close(reader)


if __name__ == "__main__":
    unittest.main(verbosity=2)
