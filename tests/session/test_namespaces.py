# SPDX-License-Identifier: GPL-3.0-or-later
"""Where /proc is not about our own processes, nothing is shown that it says of others."""

import shutil
import subprocess
import unittest

import forklab
from forklab import run

FOREIGN = "this /proc belongs to another pid namespace"


def can_unshare(*flags):
    return shutil.which("unshare") and subprocess.run(["unshare", *flags, "true"], check=False, capture_output=True).returncode == 0


@unittest.skipUnless(can_unshare("-fp", "--mount-proc"), "pid namespaces can't be made here")
class Namespaces(forklab.TestCase):
    def run_in(self, flags, script, *arguments):
        forklab.COMMAND[:0] = ["unshare", *flags]
        try:
            return run(script, *arguments)
        finally:
            del forklab.COMMAND[:1 + len(flags)]

    def test_a_foreign_proc_is_no_word_of_the_kernel(self):
        finished = self.run_in(["-fp"], "spawn 1 --for 5s --daemon &\nshow %1\ntree\ntree --fds\n", "-k")
        self.assertIn(FOREIGN, finished.out, str(finished))
        self.assertEqual(finished.err.count(FOREIGN), 2, str(finished))
        for word in ("kthreadd", "descriptors", "switches", "PROCESS"):
            self.assertNotIn(word, finished.out)

    def test_a_foreign_proc_makes_no_deaths(self):
        for _ in range(5):
            finished = self.run_in(["-fp"], "pool 4 400 --chunk 1 --max-tasks 5\n")
            self.check_ok(finished)
            self.assertNotIn("died", finished.out)

    def test_everything_else_works_there(self):
        finished = self.run_in(["-fp"], "spawn 2\nkill\nbarrier 2 --stagger 0\npool 2 10\ntimeline\njobs\nexplain\n")
        self.check_ok(finished)

    def test_a_proc_of_its_own_tells_all(self):
        finished = self.run_in(["-fp", "--mount-proc"], "spawn 1 --for 5s --daemon &\nshow %1\ntree\n")
        self.check_ok(finished)
        self.assertIn("switches", finished.out)
        self.assertRegex(finished.out, r"(?m)^forklab +1 ")

    def test_a_namespace_for_children_alone_is_refused(self):
        for script in ("spawn 2", "pool 2 10", "barrier 2"):
            finished = self.run_in(["-p"], "", "-c", script)
            self.assertEqual((finished.status, finished.out), (1, ""), str(finished))
            self.assertRegex(finished.err, "^forklab: fork: .*unshare --pid --fork")


if __name__ == "__main__":
    unittest.main(verbosity=2)
