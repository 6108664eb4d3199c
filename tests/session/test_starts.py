# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal at every moment of the start of many workers. MOMENTS says how many of each command."""

import os
import re
import signal
import subprocess
import time
import unittest

import forklab


class Starts(forklab.TestCase):
    """Whatever is being started, a signal ends all of it within two seconds."""

    MOMENTS = int(os.environ.get("MOMENTS", "10"))
    PATIENCE = 2  # seconds until so many have been started; later is a moment, too
    # How many workers each of them starts, or those of it that are waited for.
    COMMANDS = {
        "pool 1000 100M --for 1s": 1000,
        "pool 1000 1M --map prime": 1000,
        "pool 1000 100M --for 1ms --max-tasks 1 --chunk 1": 1000,
        "spawn 1000 --together --for 60s": 1000,
        "barrier 500 --stagger 0 --for 60s": 1000,
        "scale pool 256 100M --for 1s": 1,
    }

    @staticmethod
    def count_workers(pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return len(file.read().split())

    def end_by(self, command, number, workers):
        """Returns the status, and how long it took from the signal on."""
        process = forklab.start("-k", "-c", command, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + self.PATIENCE
        while self.count_workers(process.pid) < workers and time.monotonic() < deadline:
            forklab.breathe()
        os.kill(process.pid, number)
        sent = time.monotonic()
        process.communicate()
        return process.returncode, time.monotonic() - sent

    def check(self, command, most):
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for i in range(self.MOMENTS):
            number = numbers[i % 3]
            with self.subTest(command, signal=number.name, workers=most * i // self.MOMENTS):
                status, took = self.end_by(command, number, max(1, most * i // self.MOMENTS))
                load = os.getloadavg()[0] / len(os.sched_getaffinity(0))
                self.assertEqual(status, 128 + number)
                self.assertLess(took, 2 * max(1.0, load))


for _command, _most in Starts.COMMANDS.items():
    def _test(self, command=_command, most=_most):
        self.check(command, most)
    setattr(Starts, "test_" + re.sub(r"\W+", "_", _command), _test)


if __name__ == "__main__":
    unittest.main(verbosity=2)
