# SPDX-License-Identifier: GPL-3.0-or-later
"""explain concludes: at least one `>>>` for each of the six as it is by default, with times that were measured."""

import re
import unittest

import forklab
from forklab import run


def conclusions(command):
    text = run(f"{command}\nexplain\n", "-q", "-k").out
    found, current = [], None
    for line in text.splitlines():
        if re.match(r" *>>>  ", line):
            found.append(line.split(">>>  ")[1])
    return found


class Conclusions(forklab.TestCase):
    def concludes(self, command, sentence):
        found = conclusions(command)
        self.assertTrue([each for each in found if re.search(sentence, each)], (command, found))

    def test_each_of_the_six_in_its_default_form(self):
        for command in ("spawn 6", "spawn 6 --together", "name", "kill", "daemon", "daemon --off",
                        "barrier", "pool 4 10"):
            with self.subTest(command):
                self.assertTrue(conclusions(command))

    def test_what_the_barrier_did(self):
        self.concludes("barrier", r"waited \d.* at the barrier.*went on within \d.* of each other.*"
                                  r"without it.* \d")

    def test_why_four_workers_are_slower_on_ten_tiny_tasks(self):
        self.concludes("pool 4 10", r"fork.* \d.*10 tasks.* \d")

    def test_a_pool_that_had_something_to_do_is_told_otherwise(self):
        self.concludes("pool 2 4 --for 60ms", r"kept .* cores? busy")
        self.concludes("pool 4 8 --map sleep", r"slept")

    def test_one_after_another_and_together(self):
        self.concludes("spawn 3 --for 30ms", r"one after another.*--together")
        self.concludes("spawn 3 --for 60ms --together", r"at the same time|together")

    def test_a_task_that_is_run_again(self):
        self.concludes("pool 2 6 --as crash --which 0", r"died with .* in hand.*again")
        self.concludes("pool 2 6 --poison 3", r"died with .* in hand")

    def test_babble(self):
        self.concludes("spawn 1 --as babble", r"garbage|nonsense")

    def test_two_names(self):
        self.concludes("name Alice", r"Alice.*kernel")

    def test_daemon_off(self):
        self.concludes("daemon --off", r"joined|waited")


if __name__ == "__main__":
    unittest.main()
