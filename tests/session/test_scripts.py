# SPDX-License-Identifier: GPL-3.0-or-later
"""How forklab is started, where its commands come from, and with which status it ends."""

import fcntl
import os
import pathlib
import re
import resource
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import forklab
from forklab import run

ESCAPE = "\x1b"


class Scripts(forklab.TestCase):
    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def check(self, finished, status, out, err=""):
        """Without the usage that follows a mistake."""
        errors = re.sub(r"(?m)^ +usage: .*\n", "", finished.err)
        self.assertEqual((finished.status, finished.out, errors), (status, out, err))

    # Options

    def test_help_goes_to_stdout_and_names_every_option_and_status(self):
        for option in ("-h", "--help"):
            finished = run("echo not read\n", option)
            self.check_ok(finished)
            self.assertNotIn("not read", finished.out)
            for word in ("usage: forklab", "-c COMMANDS", "-x", "-k", "-q", "--color", "128+N"):
                self.assertIn(word, finished.out)
            self.assertLessEqual(max(map(len, finished.lines)), 100)

    def test_version_comes_first_and_what_was_built_in_behind_it(self):
        for option in ("-V", "--version"):
            finished = run("", option)
            self.check_ok(finished)
            self.assertRegex(finished.lines[0], r"^forklab \d+\.\d+\.\d+$")
            self.assertRegex(finished.lines[1], r"^readline \d+\.\d+, glibc \d+\.\d+; built by ")
            self.assertRegex(finished.lines[2], r"^features: ")

    def test_help_and_version_answer_whatever_else_is_there(self):
        for arguments in (("-h", "/nonexistent"), ("-V", "-c", "spawn 0"), ("-x", "-q", "-h")):
            self.check_ok(run("", *arguments))

    def test_help_that_can_not_be_written_is_status_3(self):
        with open("/dev/full", "wb") as full:
            finished = run("", "-h", stdout=full)
        self.check(finished, 3, "", "forklab: write(stdout): No space left on device\n")

    def test_wrong_options_are_status_2_and_run_nothing(self):
        wrong = {
            ("--foo",): "'--foo'",
            ("-z",): "'-z'",
            ("-c",): "'-c'",
            ("--color=maybe",): "--color must be auto, always or never, not 'maybe'",
            ("--color",): "'--color'",
            ("one.fl", "two.fl"): "'two.fl'",
            ("-c", "echo one", "two.fl"): "'two.fl'",
            ("-\x1b[2J",): "",
        }
        for arguments, named in wrong.items():
            with self.subTest(arguments):
                finished = run("echo never\n", *arguments)
                self.assertEqual((finished.status, finished.out), (2, ""))
                self.assertRegex(finished.err, "^forklab: [^\n]*\n$")
                self.assertIn(named, finished.err)
                self.assertNotIn(ESCAPE, finished.err)

    def test_a_file_that_is_not_there_is_status_2(self):
        missing = self.folder() / "missing.fl"
        finished = run("", str(missing))
        self.check(finished, 2, "", f"forklab: open({missing}): No such file or directory\n")

    def test_a_folder_is_no_script(self):
        self.check(run("echo never\n", "/"), 1, "", "/: error: read: Is a directory\n")

    # Where commands come from

    def test_commands_come_from_c(self):
        self.check(run("echo stdin is left alone\n", "-c", "echo a; echo b"), 0, "a\nb\n")

    def test_c_may_be_given_more_than_once_and_counts_its_lines(self):
        finished = run("", "-k", "-c", "echo a", "-c", "spwan", "-c", "echo b\nxyzzy")
        self.check(
            finished,
            2,
            "a\nb\n",
            "-c:2: error: spwan: no such command; did you mean 'spawn'?\n"
            "-c:4: error: xyzzy: no such command; 'help' lists them\n",
        )

    def test_an_empty_script_is_fine(self):
        for script in ("", "\n", "# only this\n", ";;;\n", "   \t \n"):
            self.check(run(script), 0, "")
        self.check(run("", "-c", ""), 0, "")

    def test_the_last_line_needs_no_end(self):
        self.check(run("echo a\necho b"), 0, "a\nb\n")

    def test_commands_come_from_a_file_whose_name_is_in_messages(self):
        script = self.folder() / "lesson.fl"
        script.write_text("echo a\n\nspawn 0\necho never\n")
        finished = run("echo stdin is left alone\n", str(script))
        self.check(
            finished,
            2,
            "a\n",
            f"{script}:3: error: spawn: N must be a count from 1 to 100000, not '0'\n",
        )

    def test_a_file_s_name_is_made_visible(self):
        script = self.folder() / "a\x1b[2Jb.fl"
        script.write_text("spawn 0\n")
        finished = run("", str(script))
        self.assertNotIn(ESCAPE, finished.err)
        self.assertIn("/a\\x1b[2Jb.fl:1: error: ", finished.err)

    def test_a_dash_is_stdin(self):
        self.check(run("echo a\n", "-"), 0, "a\n")

    def test_stdin_may_be_a_file(self):
        script = self.folder() / "lesson.fl"
        script.write_text("echo a\nspawn 0\n")
        with open(script, "rb") as stdin:
            process = forklab.start(stdin=stdin)
            finished = forklab.finish(process, None)
        self.assertEqual((finished.status, finished.out), (2, "a\n"))
        self.assertTrue(finished.err.startswith("stdin:2: error: spawn: "))

    def test_stdin_may_be_closed(self):
        process = subprocess.run(
            ["sh", "-c", 'exec "$0" -c "spawn 1 0" <&-', forklab.FORKLAB],
            capture_output=True,
            check=False,
            env=forklab.environment(),
        )
        self.assertEqual((process.returncode, process.stderr), (0, b""))

    def test_a_script_may_begin_with_an_interpreter_line(self):
        for end in ("\n", "\r\n"):
            text = f"#!/usr/bin/env forklab{end}echo a{end}spawn 0{end}"
            finished = run(text)
            self.assertEqual((finished.status, finished.out), (2, "a\n"))
            self.assertTrue(finished.err.startswith("stdin:3: error: "), finished.err)

    def test_a_script_may_begin_with_a_byte_order_mark(self):
        mark = "\N{BYTE ORDER MARK}"
        script = self.folder() / "bom.fl"
        script.write_text(f"{mark}echo a\n", encoding="utf-8")
        self.assertEqual(forklab.run(f"source {script}\n").out, "a\n")
        finished = run(f"{mark}#!/usr/bin/env forklab\necho a\n{mark}echo b\n")
        self.assertEqual((finished.status, finished.out), (2, "a\n"))
        self.assertEqual(run(f"{mark}").status, 0)

    def test_a_script_can_be_executed(self):
        folder = self.folder()
        script = folder / "lesson.fl"
        script.write_text(f"#!{forklab.FORKLAB}\npool 4 10\n")
        script.chmod(0o755)
        process = subprocess.run([script], capture_output=True, check=False, text=True)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(process.stdout.splitlines()[0][:8], "Pool: [0")

    def test_a_script_is_run_as_it_comes(self):
        session = self.session()
        session.type("echo a")
        session.expect("a")
        session.process.stdin.write(b"echo in ")
        session.process.stdin.flush()
        session.process.stdin.write(b"pieces\n")
        session.process.stdin.flush()
        session.expect("in pieces")
        self.check_ok(session.end())

    # What a failure does

    def test_a_script_stops_at_its_first_failed_command(self):
        finished = run("echo a\nkill nobody; echo b\necho c\n")
        self.check(
            finished,
            1,
            "a\n",
            "stdin:2: error: kill: 'nobody' is no worker of this session\n",
        )

    def test_with_k_it_keeps_going_and_the_worst_status_counts(self):
        finished = run("kill nobody; echo a\nspawn 0\nkill nobody\necho b\n", "-k")
        self.assertEqual((finished.status, finished.out), (2, "a\nb\n"))
        self.assertEqual(finished.err.count("error: "), 3)

    def test_a_failed_job_in_the_background_is_told_by_the_status(self):
        finished = run("spawn 1 --as crash &\nwait\necho after\n", "-k")
        self.assertEqual(finished.status, 1)
        self.assertIn("after", finished.lines)

    def test_wait_fails_when_the_job_has_failed(self):
        finished = run("spawn 1 --as crash &\nwait %1\necho never\n")
        self.assertEqual(finished.status, 1)
        self.assertNotIn("never", finished.lines)
        self.assertRegex(finished.err, r"stdin:2: error: wait: %1 failed\n$")

    def test_q_leaves_out_summaries_and_notices(self):
        script = "spawn 2 &\nwait\npool 4 10\nname\nkill\ndaemon\nspawn 1 --for 50ms &\n"
        finished = run(script, "-q")
        self.check_ok(finished)
        for line in finished.lines:
            self.assertNotRegex(line, r"=>|^\[\d+\] (Process-|done|spawn)|^quit:|&$")
        self.assertIn("Pool: [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]", finished.lines)

    def test_q_leaves_errors_in(self):
        finished = run("spawn 0\n", "-q")
        self.assertEqual(finished.status, 2)
        self.assertRegex(finished.err, "N must be a count")

    def test_x_echoes_before_a_command_runs(self):
        finished = run("echo a; echo b\nspawn 0 # zero\n", "-x")
        self.assertEqual((finished.status, finished.out), (2, "+ echo a\na\n+ echo b\nb\n+ spawn 0\n"))

    # What two workers print at once

    def test_x_echoes_a_long_command_whole(self):
        words = "echo " + " ".join(f"word{i}" for i in range(100))
        finished = run(words + "\n", "-x")
        self.check(finished, 0, f"+ {words}\n{words[5:]}\n")

    def test_daemon_off_prints_the_lines_of_each_worker_in_order(self):
        finished = run("daemon --off --for 300ms\n", "-q")
        self.check_ok(finished)
        background = ["Starting background_process", "---> 0", "---> 1", "---> 2"]
        end = "Exiting background_process"
        other = [
            "Starting NO_background_process",
            "Results from do_something(): [0.0, 1.0, 2.0]",
            "Exiting NO_background_process",
        ]
        lines = [line for line in finished.lines if line != end]
        self.assertEqual(lines, background + other)
        self.assertGreater(finished.lines.index(end), finished.lines.index("---> 2"))
        self.assertEqual(finished.lines.count(end), 1)

    # Source

    def test_source_runs_a_file_and_comes_back(self):
        inner = self.folder() / "inner.fl"
        inner.write_text("#!/usr/bin/env forklab\necho in; echo side\n")
        self.check(run(f"echo a\nsource {inner}; echo b\n"), 0, "a\nin\nside\nb\n")

    def test_a_failure_in_a_nested_source_names_its_own_file_and_line_and_ends_all(self):
        folder = self.folder()
        inner, outer = folder / "inner.fl", folder / "outer.fl"
        inner.write_text("echo in\nspawn 0\necho never\n")
        outer.write_text(f"echo out\nsource {inner}\necho never\n")
        error = f"{inner}:2: error: spawn: N must be a count from 1 to 100000, not '0'\n"
        script = f"source {outer}\necho never\n"
        self.check(run(script), 2, "out\nin\n", error)
        self.check(run(script, "-k"), 2, "out\nin\nnever\nnever\nnever\n", error)

    def test_a_source_that_is_not_there_is_an_error_of_its_line(self):
        missing = self.folder() / "missing.fl"
        finished = run(f"echo a\nsource {missing}\n")
        self.check(
            finished,
            1,
            "a\n",
            f"stdin:2: error: source: open({missing}): No such file or directory\n",
        )

    def test_a_source_that_runs_itself_comes_to_an_end(self):
        loop = self.folder() / "loop.fl"
        loop.write_text(f"source {loop}\n")
        finished = run(f"source {loop}\necho never\n")
        self.check(
            finished,
            1,
            "",
            f"{loop}:1: error: source: {loop}: files run each other more than 100 deep\n",
        )

    def test_names_of_files_may_be_quoted(self):
        inner = self.folder() / "two words.fl"
        inner.write_text("echo in\n")
        self.check(run(f"source '{inner}'\n"), 0, "in\n")

    # Statuses

    def test_quit_n_is_status_n(self):
        for status in (0, 1, 7, 255):
            self.check(run(f"quit {status}\necho never\n"), status, "")

    def test_quit_without_n_keeps_what_went_wrong(self):
        self.assertEqual(run("spawn 0\nquit\n", "-k").status, 2)
        self.assertEqual(run("spawn 0\nquit 0\n", "-k").status, 0)

    def test_a_full_disk_is_status_3(self):
        for script in ("echo a\n", "pool 4 10\n", "spawn 2 --for 60s --together &\necho a\n"):
            with self.subTest(script), open("/dev/full", "wb") as full:
                finished = run(script, stdout=full)
                self.check(finished, 3, "", "forklab: write(stdout): No space left on device\n")

    def test_a_closed_stdout_is_status_3(self):
        process = subprocess.run(
            ["sh", "-c", 'exec "$0" -c "echo a" >&-', forklab.FORKLAB],
            capture_output=True,
            check=False,
            env=forklab.environment(),
        )
        self.assertEqual(process.returncode, 3)
        self.assertEqual(process.stderr, b"forklab: write(stdout): Bad file descriptor\n")

    def test_a_reader_that_has_left_is_status_3_and_ends_the_script(self):
        session = self.session()
        session.type("echo first")
        session.expect("first")
        session.process.stdout.close()
        session.streams = {session.process.stderr.fileno(): 2}
        session.process.stdin.write(b"repeat 1000000 echo on and on\n")
        session.process.stdin.flush()
        finished = session.ended()
        self.assertEqual(finished.status, 3)
        self.assertEqual(finished.err, "")

    def test_a_script_without_output_does_not_mind_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            self.assertEqual(run("sleep 0s\n", stdout=full).status, 0)

    def test_a_signal_that_ends_forklab_is_128_and_its_number(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number.name):
                session = self.session()
                session.ask("echo ready")
                os.kill(session.pid, number)
                finished = session.ended()
                self.assertEqual((finished.status, finished.err), (128 + number, ""))

    def test_a_signal_while_a_command_runs_ends_the_script(self):
        for line in ("sleep 60s", "spawn 1 --for 60s", "wait", "kill --after 60s", "quit"):
            with self.subTest(line):
                session = self.session()
                session.ask("echo ready")
                session.type("spawn 1 --for 60s &", "echo go", line, "echo never")
                session.expect("go")
                os.kill(session.pid, signal.SIGTERM)
                finished = session.ended()
                self.assertEqual(finished.status, 143)
                self.assertNotIn("never", finished.lines)
                self.assertEqual(forklab.left_behind(), [])

    def test_an_interrupt_and_a_timer_of_the_same_turn_end_a_command_once(self):
        for line, before, err in (
            ("wait --timeout 3s", "go", "wait: (interrupted; the workers go on|timed out after 3s; 1 of 1 had not ended)"),
            ("kill --ladder Process-1", r"SIGTERM sent to Process-1 \(\d+\)", "kill: interrupted"),
        ):
            with self.subTest(line):
                session = self.session()
                session.ask("spawn 1 --as stubborn --for 60s --daemon &")
                session.type("echo go", line)
                session.expect(before)
                forklab.wait_until(lambda: forklab.state_of(session.pid) == "S", "waiting")
                os.kill(session.pid, signal.SIGSTOP)
                os.kill(session.pid, signal.SIGINT)
                forklab.wait_until(lambda: forklab.state_of(session.pid) == "T", "its stop")
                self.check_ok(run("sleep 3200ms"))  # by then the timer is due
                os.kill(session.pid, signal.SIGCONT)
                finished = session.ended()
                self.assertIn(finished.status, (1, 130), str(finished))
                self.assertRegex(finished.err, rf"\Astdin:4: error: {err}\n\Z")

    def test_signals_that_were_ignored_or_blocked_before_do_not_matter(self):
        def deafen():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))

        finished = run("spawn 2 --together\nkill\n", preexec_fn=deafen)
        self.check_ok(finished)
        self.assertIn("Exit code: -15 (SIGTERM)", finished.lines)

    # The end of the input

    def test_the_end_of_the_input_is_quit_and_says_so(self):
        finished = run("spawn 1 0 --for 1s &\nspawn 2 0 --together --for 60s --daemon &\n")
        self.check_ok(finished)
        self.assertIn("quit: terminating 2 daemon workers", finished.lines)
        self.assertIn("quit: waiting for Process-1", finished.lines)
        self.assertEqual(finished.lines.count("[1] Process 0 finished with 0 results."), 1)

    def test_the_end_of_a_script_that_failed_is_quit_too(self):
        finished = run("spawn 1 0 --for 1s &\nspawn 0\n")
        self.assertEqual(finished.status, 2)
        self.assertIn("quit: waiting for Process-1", finished.lines)
        self.assertIn("[1] Process 0 finished with 0 results.", finished.lines)

    def test_a_stopped_worker_does_not_hold_the_end_up(self):
        finished = run("spawn 1 0 --for 1s &\nstop Process-1\n")
        self.check_ok(finished)
        self.assertIn("[1] Process 0 finished with 0 results.", finished.lines)

    def test_a_child_that_was_there_before_does_not_hold_the_end_up(self):
        command = 'sleep 1000 <&- >&- 2>&- & echo $!; exec "$0" -c "spawn 1 0"'
        begun = time.monotonic()
        done = subprocess.run(["sh", "-c", command, forklab.FORKLAB], capture_output=True, check=False,
                              text=True, env=forklab.environment())
        took = time.monotonic() - begun
        os.kill(int(done.stdout.splitlines()[0]), signal.SIGKILL)
        os.waitid(os.P_ALL, 0, os.WEXITED)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(took, 0.9)  # seconds; the grace for what workers leave is one

    def test_many_at_the_end_are_counted(self):
        finished = run("spawn 8 0 --together --for 1s &\n")
        self.check_ok(finished)
        names = ", ".join(f"Process-{i}" for i in range(1, 6))
        self.assertIn(f"quit: waiting for {names} and 3 more", finished.lines)

    # Colour

    def test_there_are_no_escape_sequences_unless_they_are_asked_for(self):
        script = "spawn 1\njobs\nhelp\nhelp pool\nspawn 0\nspwan\n"
        for options in ([], ["--color=auto"], ["--color=never"], ["--color", "never"]):
            finished = run(script, "-k", *options)
            self.assertNotIn(ESCAPE, finished.out + finished.err)
        colored = run(script, "-k", "--color=always", env={"NO_COLOR": "1", "TERM": "dumb"})
        self.assertIn(ESCAPE, colored.out)
        self.assertIn(f"{ESCAPE}[31merror:{ESCAPE}[0m", colored.err)
        plain = run(script, "-k")
        stripped = re.sub(ESCAPE + r"\[\d+m", "", colored.out)
        self.assertEqual(forklab.normalise(stripped), forklab.normalise(plain.out))
        self.assertEqual(re.sub(ESCAPE + r"\[\d+m", "", colored.err), plain.err)

    # Hostile input

    def test_control_characters_are_shown_and_never_written(self):
        for byte in [*range(1, 32), 0x7F]:
            if byte in b"\t\n\r":
                continue
            character = bytes([byte])
            script = b"echo 'a" + character + b"b'\nx" + character + b"y\nspawn " + character + b"\n"
            finished = run(script, "-k", "-x")
            shown = f"\\x{byte:02x}"
            self.assertEqual(finished.status, 2)
            self.assertEqual(finished.lines[1], f"a{shown}b")
            self.assertIn(f"x{shown}y: no such command", finished.err)
            self.assertNotIn(chr(byte), (finished.out + finished.err).replace("\n", ""))

    def test_c1_controls_direction_marks_and_broken_utf_8_are_shown_by_their_bytes(self):
        shown = {
            b"\xff\xfe": r"\xff\xfe",
            b"\xc2\x9b": r"\xc2\x9b",
            b"\xe2\x80\xae": r"\xe2\x80\xae",
            b"\xc3": r"\xc3",
            b"\xed\xa0\x80": r"\xed\xa0\x80",
            b"\xc0\x80": r"\xc0\x80",
            "é ö 漢 🙂".encode(): "é ö 漢 🙂",
        }
        for data, text in shown.items():
            with self.subTest(data):
                self.check(run(b"echo '" + data + b"'\n"), 0, text + "\n")

    def test_a_name_of_a_worker_is_made_visible(self):
        finished = run(b"name '\x1b[31mred' --for 60s --daemon &\njobs\nkill nobody\n", "-k")
        self.assertEqual(finished.status, 1)
        self.assertNotIn(ESCAPE, finished.out)
        self.assertIn(r"\x1b[31mred", finished.out)

    def test_a_line_that_is_too_long_is_refused_and_the_next_one_runs(self):
        longest = 65536
        for length in (longest - 1, longest):
            line = "echo " + "x" * (length - 5)
            self.check(run(line + "\necho next\n"), 0, line[5:] + "\nnext\n")
        for length in (longest + 1, longest + 2, 2 * longest, 100000, 1000000):
            with self.subTest(length):
                finished = run("echo a\n" + "x" * length + "\necho b\nspawn 0\n")
                self.check(
                    finished,
                    2,
                    "a\nb\n",
                    "stdin:2: error: the line is longer than 65536 bytes\n"
                    "stdin:4: error: spawn: N must be a count from 1 to 100000, not '0'\n",
                )

    def test_a_long_line_without_an_end_is_refused(self):
        finished = run("echo a\n" + "x" * 100000)
        self.check(finished, 2, "a\n", "stdin:2: error: the line is longer than 65536 bytes\n")

    def test_a_line_with_a_nul_byte_is_refused(self):
        script = b"echo a\necho b\0; spawn 1\necho c\n"
        error = "stdin:2: error: the line has a NUL byte in it\n"
        self.check(run(script), 2, "a\n", error)
        self.check(run(script, "-k"), 2, "a\nc\n", error)

    def test_many_words_and_many_commands_in_a_line_are_fine(self):
        self.check(run("echo " + "a " * 30000 + "\n"), 0, " ".join(["a"] * 30000) + "\n")
        self.check(run("echo a;" * 5000 + "\n"), 0, "a\n" * 5000)

    def test_a_reader_that_is_slow_gets_everything(self):
        session = self.session()
        session.type("repeat 20 pool 2 3000 --all", "echo end")
        session.expect("end")
        self.assertEqual(len(re.findall("(?m)^Pool: ", session.seen[1])), 20)
        self.check_ok(session.end())

    def test_a_stdin_that_does_not_block_is_waited_for(self):
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        process = forklab.start(stdin=reader)
        os.close(reader)
        for line in (b"echo first\n", b"echo sec", b"ond\n"):
            os.write(writer, line)
            forklab.wait_until(lambda: forklab.state_of(process.pid) == "S", "it waits for more")
        os.close(writer)
        self.check_ok(finished := forklab.finish(process))
        self.assertEqual(finished.out, "first\nsecond\n")

    def wait_until_full(self, reader):
        waiting = lambda: struct.unpack("i", fcntl.ioctl(reader, termios.FIONREAD, bytes(4)))[0]
        forklab.wait_until(lambda: waiting() > 65536 - 2 * select.PIPE_BUF, "the pipe is full")

    def test_a_stdout_that_does_not_block_gets_everything(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        process = forklab.start("-q", "-c", "repeat 100000 echo 0123456789", stdout=writer)
        os.close(writer)
        self.wait_until_full(reader)
        with os.fdopen(reader, "rb") as file:
            lines = file.read().splitlines()
        _, err = process.communicate()
        self.assertEqual((process.returncode, err), (0, b""))
        self.assertEqual(lines, [b"0123456789"] * 100000)

    def test_a_signal_ends_it_behind_a_full_stdout_that_does_not_block(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        process = forklab.start("-q", "-c", "repeat 100000 echo 0123456789", stdout=writer)
        os.close(writer)
        self.addCleanup(os.close, reader)
        self.wait_until_full(reader)
        process.terminate()
        _, err = process.communicate()
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
        self.assertRegex(err, rb"^(forklab: \d+ bytes of output were not written.*\n)?$")

    def test_the_soft_limit_of_open_files_is_raised(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, hard))
        finished = run("pool 60 60 --chunk 1\n", preexec_fn=limit)
        self.check_ok(finished)
        self.assertIn("=> 60 workers, 60 tasks", finished.out)

    def test_a_binary_is_no_script_and_does_no_harm(self):
        with open(forklab.FORKLAB, "rb") as file:
            data = file.read(300000)
        finished = run(data, "-k")
        self.assertEqual(finished.status, 2)
        self.assertNotIn(ESCAPE, finished.out + finished.err)


if __name__ == "__main__":
    unittest.main(verbosity=2 if os.environ.get("VERBOSE") else 1)
