# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cases/NAME.fl is a session through a pipe, and a test of its own. Beside it stand what it
prints (NAME.out), what it complains of (NAME.err, nothing if left out) and its exit status
(NAME.status, 0 if left out). Pids, times and timestamps are <pid>, <time> and <when> there.

The first lines of a script may say more, as comments of forklab's:

    #: options -k -x    options that forklab is started with
    #: unordered        the lines of stdout come in any order

`test_cases.py --write NAME...` writes what a script prints now, to be read before it is believed."""

import os
import pathlib
import shlex
import sys
import unittest

import forklab

CASES = pathlib.Path(__file__).resolve().parent / "cases"


def directives(script):
    found = {}
    for line in script.split(b"\n"):
        if not line.startswith(b"#: "):
            break
        key, _, value = line[3:].decode().partition(" ")
        found[key] = value
    unknown = set(found) - {"options", "unordered"}
    if unknown:
        raise ValueError(f"unknown directive: {unknown}")
    return found


def run_case(path):
    """Returns what stdout, stderr and the exit status are to be compared with."""
    script = path.read_bytes()
    said = directives(script)
    finished = forklab.run(script, *shlex.split(said.get("options", "")), cwd=CASES)
    out = forklab.normalise(finished.out)
    if "unordered" in said:
        out = "".join(sorted(out.splitlines(keepends=True)))
    return out, forklab.normalise(finished.err), finished.status


def expected(path):
    def read(ending, otherwise):
        file = path.with_suffix(ending)
        return file.read_text(encoding="utf-8") if file.exists() else otherwise

    return read(".out", ""), read(".err", ""), int(read(".status", "0"))


def write_case(path):
    out, err, status = run_case(path)
    path.with_suffix(".out").write_text(out, encoding="utf-8")
    for ending, text in ((".err", err), (".status", f"{status}\n" if status else "")):
        if text:
            path.with_suffix(ending).write_text(text, encoding="utf-8")
        else:
            path.with_suffix(ending).unlink(missing_ok=True)


class Cases(forklab.TestCase):
    def check(self, path):
        out, err, status = run_case(path)
        wanted_out, wanted_err, wanted_status = expected(path)
        self.assertEqual(out, wanted_out)
        self.assertEqual(err, wanted_err)
        self.assertEqual(status, wanted_status)

    def test_every_expectation_has_its_script(self):
        for path in CASES.iterdir():
            self.assertTrue(path.with_suffix(".fl").exists(), f"{path.name} belongs to no script")
        for path in CASES.glob("*.fl"):
            self.assertTrue(path.with_suffix(".out").exists(), f"{path.name} has no .out")


def add_cases():
    for path in sorted(CASES.glob("*.fl")):

        def test(self, path=path):
            self.check(path)

        setattr(Cases, "test_" + path.stem.replace("-", "_"), test)


add_cases()

if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        for name in sys.argv[2:]:
            write_case(CASES / f"{name}.fl")
    else:
        unittest.main(verbosity=2 if os.environ.get("VERBOSE") else 1)
