# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that forklab reads or writes already are not written: by device and inode, under any name."""

import os
import tempfile
import unittest

import forklab
from forklab import run

IN_USE = "forklab reads or writes it itself"
EXPORTS = {".svg": "export", ".json": "export", ".csv": "export", ".ndjson": "export"}


class InUse(forklab.TestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def writers(self, names):
        """Commands that write a file of that name, whatever its ending."""
        for name in names:
            yield f"record {name} --overwrite"
            if os.path.splitext(name)[1] in EXPORTS:
                yield f"export {name} --overwrite"
            if name.endswith(".svg"):
                yield f"scale pool 1 2 --runs 1 --export {name} --overwrite"
                yield f"scale pool 1 2 --export {name}"

    def check_refused(self, finished, command):
        if "no such option" in finished.err or "--runs" in finished.err and IN_USE not in finished.err:
            return  # an option of another day
        self.assertIn(IN_USE, finished.err, f"{command}: {finished}")
        self.assertEqual(finished.status, 1, f"{command}: {finished}")

    def test_the_script_that_runs(self):
        for ending in (".fl", *EXPORTS):
            for command in self.writers(["s" + ending, "./s" + ending, "link" + ending, "hard" + ending]):
                with self.subTest(command):
                    for name in os.listdir(self.folder):
                        os.unlink(self.path(name))
                    script = f"spawn 1\n{command}\necho jobs\n"
                    path = self.write("s" + ending, script)
                    os.symlink(path, self.path("link" + ending))
                    os.link(path, self.path("hard" + ending))
                    self.check_refused(run("", path, cwd=self.folder), command)
                    self.assertEqual(self.read("s" + ending), script)

    def test_a_file_that_is_sourced(self):
        script = self.write("s.csv", "spawn 1\nexport s.csv\nrecord s.csv --overwrite\necho end\n")
        finished = run("source s.csv\n", "-k", cwd=self.folder)
        self.assertEqual(finished.err.count(IN_USE), 2, str(finished))
        self.assertIn("end", finished.lines)
        self.assertIn("export", self.read(script))

    def test_stdin(self):
        path = self.write("s.csv", "spawn 1; export s.csv\n")
        with open(path, "rb") as file:
            finished = forklab.finish(forklab.start(stdin=file, cwd=self.folder), None)
        self.check_refused(finished, "export s.csv")

    def test_stdout_and_stderr(self):
        for stream in ("stdout", "stderr"):
            for ending in EXPORTS:
                for command in self.writers(["x" + ending]):
                    with self.subTest(stream=stream, command=command):
                        path = self.path("x" + ending)
                        with open(path, "wb") as file:
                            finished = run("", "-k", "-c", f"echo before; spawn 1; {command}; echo after",
                                           cwd=self.folder, **{stream: file})
                        text = self.read(path)
                        if stream == "stdout":
                            self.assertTrue(text.startswith("before\n"), text)
                            self.assertTrue(text.endswith("after\n"), text)
                            self.check_refused(finished, command)
                        else:
                            self.assertEqual(finished.status, 1 if IN_USE in text else 2, command + text)

    def test_a_recording(self):
        for command in self.writers(["r.csv"]):
            finished = run(f"record r.csv\nspawn 1\n{command}\nrecord off\n", "-k", cwd=self.folder)
            wanted = "is being recorded already" if command.startswith("record") else IN_USE
            self.assertIn(wanted, finished.err, str(finished))
            self.assertIn("spawn 1\n", self.read("r.csv"))
            os.unlink(self.path("r.csv"))

    def test_what_is_written_is_not_sourced(self):
        finished = run("record r.fl\nsource r.fl\nrecord off\n", "-k", cwd=self.folder)
        self.check_refused(finished, "source")
        with open(self.path("out"), "wb") as out:
            finished = run("", "-c", "source out", cwd=self.folder, stdout=out)
        self.check_refused(finished, "source")

    def test_afterwards_they_are_files_like_others(self):
        self.write("s.csv", "echo sourced\n")
        finished = run("source s.csv; spawn 1; export s.csv --overwrite\n"
                       "record r.csv\nrecord off\nsource r.csv; export r.csv --overwrite\n",
                       cwd=self.folder)
        self.check_ok(finished)
        self.assertIn("job_done", self.read("s.csv"))

    def test_devices_are_no_files(self):
        with open("/dev/null", "wb") as null:
            self.assertEqual(run("", "-c", "spawn 1; export x.csv", cwd=self.folder, stdout=null).status, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
