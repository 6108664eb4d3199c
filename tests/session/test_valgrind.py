# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cases/NAME.fl once more, under valgrind: forklab and its workers use no memory that is not
theirs or not set, and end with no descriptor but those that they are to hold to the end.

Leaks are the address sanitizer's matter, in forklab itself. A worker leaves by _exit, which frees nothing;
and it hasn't got the memory that points to some of its own (madvise(2), MADV_DONTFORK)."""

import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import forklab
import test_cases

# What opened it: forklab, to keep numbers free for workers; and a worker, which makes its pipes its own.
HELD = ("fork_prepare", "fork_take_descriptors", "fork_place_kept", "fork_move_kept")

# `--as crash` writes where it must not.
ON_PURPOSE = """{
   a crash on purpose
   Memcheck:Addr1
   fun:faults_crash
}
"""

# What these print differs from run to run too much for a case.
LOOKING = """
explain on; spawn 2 --for 60s --together --as stubborn &
show Process-1; show %1; tree; tree --fds; watch --timeout 100ms; stop Process-1; cont Process-1
kill --ladder %1; wait; pool 2 20; barrier 2; timeline; timeline %1; results; explain; explain off
scale pool 2 4; reap off; spawn 1; tree; jobs; reap now; reap on; history --jobs
export a.svg --overwrite; export a.json --overwrite; export a.csv --overwrite; export a.ndjson --overwrite; record a.fl --overwrite; echo b; record off; source a.fl
"""


def blocks_of(log):
    """What valgrind says, each with the indented lines behind it."""
    blocks = []
    for line in log.splitlines():
        text = re.sub(r"^==\d+==( |$)", "", line)
        if text.startswith(" ") and blocks:
            blocks[-1] += "\n" + text
        elif text:
            blocks.append(text)
    return blocks


def is_fine(block):
    if block.startswith("Open file descriptor"):
        return "<inherited from parent>" in block or any(f": {name} (" in block for name in HELD)
    return block.startswith(("FILE DESCRIPTORS:", "Process terminating with default action of signal"))


class Valgrind(test_cases.Cases):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        suppressions = self.folder / "suppressions"
        suppressions.write_text(ON_PURPOSE, encoding="ascii")
        forklab.COMMAND[:-1] = [
            "valgrind", "-q", "--trace-children=yes", "--track-fds=yes", "--leak-check=no",
            f"--suppressions={suppressions}", f"--log-file={self.folder}/%p.log",
        ]

    def check(self, path):
        super().check(path)
        self.check_logs(path.name)

    def check_logs(self, name):
        logs = list(self.folder.glob("*.log"))
        self.assertTrue(logs, "valgrind wrote nothing")
        for log in logs:
            for block in blocks_of(log.read_text(encoding="utf-8", errors="replace")):
                self.assertTrue(is_fine(block), f"in {name}:\n{block}")

    def test_what_no_case_has(self):
        for options in ([], ["--json"]):
            finished = forklab.run(LOOKING, *options, cwd=self.folder)
            self.assertEqual(finished.status, 0, str(finished))
            self.check_logs("LOOKING")


if __name__ == "__main__":
    if not shutil.which("valgrind"):
        print("valgrind is not installed")
        sys.exit(77)  # for meson: skipped
    unittest.main(verbosity=2)
