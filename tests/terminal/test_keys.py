# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys: what comes from outside moves no terminal, and none is made up or lost."""

import os
import re
import select
import shutil
import unittest

import pexpect

from harness import FORKLAB, PROMPT, TerminalTest

BEGIN, END = "\x1b[200~", "\x1b[201~"
# CSI and NEL of C1, marks that turn the line, and what can't be seen; then bytes that are no UTF-8.
EVIL = {"CSI": "\x9b31m", "NEL": "\x85", "override": "\u202e", "isolate": "\u2066", "mark": "\u200f",
        "arabic mark": "\u061c", "width": "\u200b", "no break": "\ufeff"}
BYTES = {"a bare CSI": b"\x9b31m", "half a character": b"\xc3(", "too long": b"\xc0\x80", "surrogate": b"\xed\xa0\x80"}
RAW = re.compile(b"|".join([b"\xc2[\x80-\x9f]", b"\xe2\x80[\x8b\x8e\x8f\xa8-\xae]", b"\xe2\x81[\xa0-\xaf]", b"\xd8\x9c",
                            b"\xef\xbb\xbf"]))


class Recorder(TerminalTest):
    """Keeps the bytes that come, as they are."""

    LOCALES = ("C.UTF-8", "C")

    def prompt(self, *arguments, **options):
        terminal = self.start(*arguments, **options)
        terminal.bytes = b""

        def read_and_keep(size, timeout):
            if not select.select([terminal.master], [], [], timeout)[0]:
                raise pexpect.TIMEOUT("nothing")
            data = os.read(terminal.master, size)
            terminal.bytes += data
            return data.decode("utf-8", "replace")

        terminal.child.read_nonblocking = read_and_keep
        terminal.see_prompt()
        return terminal

    def assert_harmless(self, terminal, what):
        self.assertIsNone(RAW.search(terminal.bytes), f"{what}: {terminal.bytes[-400:]}")
        for found in re.finditer(b"[\x80-\xff]+", terminal.bytes):
            try:
                found[0].decode()
            except UnicodeDecodeError:
                self.fail(f"{what}: {terminal.bytes[-400:]}")


class Bytes(Recorder):
    def each(self):
        for name, text in EVIL.items():
            yield name, text.encode()
        yield from BYTES.items()

    def test_typed(self):
        for locale in self.LOCALES:
            terminal = self.prompt(LC_ALL=locale)
            for name, evil in self.each():
                os.write(terminal.master, b"echo a" + evil + b"b\r")
                os.write(terminal.master, b"echo end-" + name.replace(" ", "-").encode() + b"\r")
                terminal.see(f"^end-{name.replace(' ', '-')}$")
                self.assert_harmless(terminal, f"{name} in {locale}")

    def test_pasted(self):
        for locale in self.LOCALES:
            terminal = self.prompt(LC_ALL=locale)
            for name, evil in self.each():
                os.write(terminal.master, BEGIN.encode() + b"echo a" + evil + b"b\necho end-" +
                         name.replace(" ", "-").encode() + b"\n" + END.encode() + b"\r")
                terminal.see(f"^end-{name.replace(' ', '-')}$")
                self.assert_harmless(terminal, f"{name} in {locale}")

    def test_from_the_history_file(self):
        path = self.write("state/forklab/history", "")
        for locale in self.LOCALES:
            with open(path, "wb") as file:
                file.write(b"".join(b"echo needle a" + evil + b"b\n" for _, evil in self.each()))
            terminal = self.prompt(LC_ALL=locale)
            for _ in self.each():
                terminal.send("\x1b[A")
                terminal.see("needle")
            terminal.send("\x03")
            terminal.see_prompt()
            terminal.send("\x12needle")
            terminal.see("reverse-i-search.*needle")
            for _ in self.each():
                terminal.send("\x12")
            terminal.send("\x03")
            terminal.see_prompt()
            terminal.run("echo over")
            self.assert_harmless(terminal, locale)

    def test_in_a_completion_list(self):
        for name in ("p\u200bx", "p\u202ey", "p\x9bz", "pa"):
            self.write("names.fl", f"name 'q{name}' 1\n")
            self.write(f"q{name}", "")
            terminal = self.prompt()
            terminal.run("reap off; source names.fl")
            terminal.send("show \t\t")
            terminal.see("Process-2")
            terminal.send("\x03source q\t\t\x03")
            terminal.run("echo over")
            self.assert_harmless(terminal, repr(name))
            os.unlink(os.path.join(self.home, f"q{name}"))

    def test_letters_of_the_world_come_through(self):
        terminal = self.prompt()
        self.assertEqual(terminal.run("echo äöü 日本 \U0001f600 ไทย"), ["echo äöü 日本 \U0001f600 ไทย"[5:]])

    def test_a_character_that_comes_in_pieces(self):
        terminal = self.prompt()
        for byte in "echo ä日\r".encode():
            os.write(terminal.master, bytes([byte]))
            terminal.wait_until(lambda: terminal.unread() == 0, "interest in a byte")
        terminal.see("^ä日$")


class Watch(TerminalTest):
    def watch(self, *keys):
        terminal = self.prompt()
        terminal.send("watch\r")
        terminal.see("any key ends|ends it")
        terminal.send("".join(keys))
        return terminal

    def test_the_key_that_ends_it_begins_the_next_line(self):
        terminal = self.watch("echo whole\r")
        terminal.see("^whole$")
        terminal = self.watch("ä")
        terminal.see(PROMPT + "ä$")

    def test_a_paste_is_whole(self):
        terminal = self.watch("quit 7\r")
        self.assertEqual(terminal.wait_end(), 7)

    def test_keys_that_only_end_it(self):
        for key in "\x1b", "\r", " ", "q", "\x1b[15~", "\x04":
            with self.subTest(key=key):
                terminal = self.watch(key)
                terminal.see("forklab>$")
                terminal.send("echo whole\r")
                terminal.see("^whole$")


class Failing(TerminalTest):
    """A read or a poll of the terminal that fails."""

    def inject(self, call, error, when, text):
        trace = os.path.join(self.home, "trace")
        terminal = self.start("-f", "-qq", "-o", trace, "-e", "signal=none", "-e",
                              f"inject={call}:error={error}:when={when}", os.path.abspath(FORKLAB),
                              program=shutil.which("strace"))
        terminal.send(text)
        status = terminal.wait_end()
        terminal.wait_until(lambda: not terminal.read(0), "the rest")
        with open(trace, encoding="utf-8", errors="replace") as file:
            injected = [line for line in file if "(INJECTED)" in line]
        return terminal, status, injected

    def check(self, call, error, reason, every):
        tried = 0
        for when in range(1, 200, every):
            terminal, status, injected = self.inject(call, error, when, "echo 12345\rquit\r")
            if not injected:
                break
            if f"{call}(0, " not in injected[0] and f"{call}([{{fd=0" not in injected[0]:
                continue
            tried += 1
            if reason is None:
                self.assertEqual(status, 0, terminal.raw)
                self.assertIn("\r12345\r\n", terminal.raw.replace("\n12345", "\r12345"))
                continue
            self.assertEqual(status, 1, f"{when}: {terminal.raw}")
            self.assertIn(f"forklab: {call}(terminal): {reason}", terminal.raw)
            outputs = re.findall(r"[\r\n](\d+)\r\n", terminal.raw)
            self.assertIn(outputs, ([], ["12345"]), f"{when}: {terminal.raw}")
            self.assertNotIn("no such command", terminal.raw)
            self.assert_left_clean(terminal)
        self.assertGreater(tried, 1)

    def test_read(self):
        self.check("read", "EIO", "Input/output error", 2)

    def test_poll(self):
        self.check("poll", "ENOMEM", "Cannot allocate memory", 3)

    def test_read_that_is_interrupted_or_comes_too_early(self):
        for error in "EINTR", "EAGAIN":
            self.check("read", error, None, 5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
