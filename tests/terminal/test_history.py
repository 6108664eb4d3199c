# SPDX-License-Identifier: GPL-3.0-or-later
"""The history file, and the user's own settings for readline."""

import os
import shutil
import socket
import stat
import unittest

from harness import FORKLAB, PROMPT, TerminalTest


class History(TerminalTest):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.home, "state", "forklab", "history")

    def leave(self, terminal):
        terminal.send("\x04")
        terminal.wait_end()

    def read(self):
        with open(self.path) as file:
            return file.read()

    def test_is_private_and_survives(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        terminal = self.prompt()
        terminal.enter("echo first")
        terminal.see("^first$")
        self.assertEqual(self.read(), "echo first\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(self.path)).st_mode), 0o700)
        terminal.process.kill()
        terminal = self.prompt()
        terminal.send("\x1b[A")
        terminal.see("^forklab> echo first$")

    def test_that_others_could_read_becomes_private(self):
        os.chmod(self.write("state/forklab/history", "echo old\n"), 0o644)
        terminal = self.prompt()
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        terminal.send("\x1b[A")
        terminal.see("^forklab> echo old$")

    def test_of_a_paste_has_each_line(self):
        terminal = self.prompt()
        terminal.send("\x1b[200~echo one\n\necho two\x1b[201~")
        terminal.see("echo two$")
        terminal.send("\r")
        terminal.see("^two$")
        self.assertEqual(self.read(), "echo one\necho two\n")
        terminal.see_prompt()
        terminal.send("\x1b[A\x1b[A")
        terminal.see("^forklab> echo one$")

    def test_of_a_long_file_the_end_is_known(self):
        self.write("state/forklab/history", "echo " + "x" * 100 + "\n" + "echo old\n" * 20000 + "echo last\n")
        terminal = self.prompt()
        terminal.send("\x1b[A")
        terminal.see("^forklab> echo last$")
        terminal.send("\x1b[A")
        terminal.see("^forklab> echo old$")
        terminal.send("\x03\x12xxx")
        terminal.see("failed reverse-i-search")

    def test_of_an_empty_file(self):
        self.write("state/forklab/history", "")
        terminal = self.prompt()
        terminal.enter("echo first")
        terminal.see("^first$")
        self.assertEqual(self.read(), "echo first\n")

    def test_nowhere_without_a_home(self):
        terminal = self.prompt(HOME="", XDG_STATE_HOME="relative")
        self.assertEqual(terminal.run("echo on"), ["on"])
        self.assertEqual(os.listdir(self.home), [])

    def test_where_the_disk_is_full(self):
        self.write("state/forklab/history", "echo old\n")
        limit = "ulimit -S -f 0; exec \"$0\""
        terminal = self.start("-c", limit, FORKLAB, program="/bin/sh")
        terminal.see_prompt()
        told = "history: write: File too large; what is typed is forgotten with the session"
        self.assertEqual(terminal.run("echo on"), [told, "on"])
        self.assertEqual(terminal.run("echo on"), ["on"])
        self.assertEqual(self.read(), "echo old\n")

    def assert_told_once(self, terminal, reason):
        """It is said, everything works, and it is not said again."""
        for word in "one", "two", "three":
            self.assertEqual(terminal.run(f"echo {word}")[-1], word)
        told = [line for line in terminal.lines() if line.startswith("history: ")]
        self.assertEqual(told, [f"history: {reason}; what is typed is forgotten with the session"])

    def test_that_is_no_file_of_ours_is_told_once(self):
        other = self.write("other", "precious\n")
        makers = {"link": lambda: os.symlink(other, self.path), "FIFO": lambda: os.mkfifo(self.path),
                  "folder": lambda: os.mkdir(self.path), "socket": lambda: socket.socket(socket.AF_UNIX).bind(self.path),
                  "device": lambda: os.symlink("/dev/null", self.path)}
        os.makedirs(os.path.dirname(self.path))
        for kind, make in makers.items():
            with self.subTest(kind):
                make()
                self.assert_told_once(self.prompt(columns=120), "it is no plain file of yours")
                os.rmdir(self.path) if kind == "folder" else os.unlink(self.path)
        with open(other) as file:
            self.assertEqual(file.read(), "precious\n")

    def test_whose_folder_can_not_be_made_is_told_once(self):
        self.write("file", "")
        self.assert_told_once(self.prompt(columns=120, XDG_STATE_HOME="/proc/nowhere"), "mkdir: No such file or directory")
        self.assert_told_once(self.prompt(columns=120, XDG_STATE_HOME=self.home + "/file"),
                              "mkdir: Not a directory")

    def test_that_can_not_be_opened_or_read_is_told_once(self):
        self.write("state/forklab/history", "echo old\n")
        strace = shutil.which("strace")
        for call, path, error, reason in (("openat", True, "EACCES", "open: Permission denied"),
                                          ("openat", True, "EROFS", "open: Read-only file system"),
                                          ("pread64", True, "EIO", "read: Input/output error"),
                                          ("fstat,newfstatat", True, "EIO", "open: Input/output error")):
            with self.subTest(call=call, error=error):
                only = ["-P", self.path] if path else []
                terminal = self.start("-qq", "-o", "/dev/null", *only, "-e", "signal=none", "-e",
                                      f"inject={call}:error={error}", os.path.abspath(FORKLAB), program=strace, columns=120)
                terminal.see_prompt()
                self.assert_told_once(terminal, reason)

    def test_that_is_long_is_cut_at_its_first_line(self):
        lines = [f"echo line {number}" for number in range(40000)]
        self.write("state/forklab/history", "\n".join(lines) + "\n")
        one, two = self.prompt(), self.prompt()
        kept = self.read().splitlines()
        self.assertEqual(kept, lines[-len(kept):])
        self.assertLess(len(self.read()), 65537)
        self.assertGreater(len(self.read()), 60000)
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.assertEqual(os.listdir(os.path.dirname(self.path)), ["history"])
        one.run("echo one")
        two.run("echo two")
        self.assertIn("echo one\n", self.read())
        self.assertIn("echo two\n", self.read())

    def test_of_two_sessions_at_once(self):
        one, two = self.prompt(), self.prompt()
        one.enter("echo one")
        one.see("^one$")
        two.enter("echo two")
        two.see("^two$")
        self.leave(one)
        self.leave(two)
        self.assertEqual(self.read(), "echo one\necho two\n")

    def test_under_home_without_xdg(self):
        terminal = self.prompt(XDG_STATE_HOME="")
        terminal.enter("echo homely")
        terminal.see("^homely$")
        with open(os.path.join(self.home, ".local/state/forklab/history")) as file:
            self.assertEqual(file.read(), "echo homely\n")

    def test_follows_no_symbolic_link(self):
        target = self.write("target", "precious\n")
        os.makedirs(os.path.dirname(self.path))
        os.symlink(target, self.path)
        terminal = self.prompt()
        self.assertEqual(terminal.run("echo works")[-1], "works")
        with open(target) as file:
            self.assertEqual(file.read(), "precious\n")

    def test_waits_for_no_fifo(self):
        os.makedirs(os.path.dirname(self.path))
        os.mkfifo(self.path)
        terminal = self.prompt()
        self.assertEqual(terminal.run("echo works")[-1], "works")

    def test_with_control_characters_in_the_file(self):
        self.write("state/forklab/history", "echo \x1b]0;owned\x07\n")
        terminal = self.prompt()
        terminal.send("\x1b[A")
        terminal.see(r"^forklab> echo \^\[\]0;owned\^G$")
        self.assertNotIn("\x1b]0;owned", terminal.raw)

    def test_of_the_session_is_numbered(self):
        terminal = self.prompt()
        terminal.run("echo one; spawn 1 0 & wait")
        lines = [line.split(maxsplit=1) for line in terminal.run("history")]
        self.assertEqual(lines[:3], [["1", "echo one"], ["2", "spawn 1 0 &"], ["3", "wait"]])

    def test_of_the_session_is_what_was_typed(self):
        self.write("lesson.fl", "echo from the file\n")
        terminal = self.prompt()
        terminal.run("source lesson.fl; repeat 2 echo again")
        lines = [line.split(maxsplit=1)[1] for line in terminal.run("history")]
        self.assertEqual([line for line in lines if not line.startswith("echo ")],
                         ["source lesson.fl", "repeat 2 echo again", "history"])
        self.assertEqual(len(lines), 4)


class Inputrc(TerminalTest):
    def test_can_speak_to_forklab(self):
        self.write(".inputrc", '$if forklab\n"\\C-t": "echo macro"\n$endif\n'
                   '$if other\n"\\C-t": "echo wrong"\n$endif\n')
        terminal = self.prompt()
        terminal.send("\x14\r")
        terminal.see("^macro$")

    def test_vi_mode(self):
        self.write(".inputrc", "set editing-mode vi\n")
        terminal = self.prompt()
        terminal.send("echo xhalf")
        terminal.see("xhalf$")
        terminal.send("\x1bbx\r")
        terminal.see("^half$")
        terminal.send("\x1b/ec")
        terminal.see("/ec$")
        terminal.send("\x03")
        terminal.see_prompt()
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_without_bracketed_paste(self):
        self.write(".inputrc", "set enable-bracketed-paste off\n")
        terminal = self.prompt()
        self.assertNotIn("\x1b[?2004h", terminal.raw)
        self.assertEqual(terminal.run("echo once"), ["once"])

    def test_environment_is_left_alone(self):
        terminal = self.prompt()
        with open(f"/proc/{terminal.process.pid}/environ") as file:
            self.assertNotIn("COLUMNS=", file.read())
        self.assertTrue(terminal.text().endswith(PROMPT.strip()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
