# SPDX-License-Identifier: GPL-3.0-or-later
"""What CPython's tests of Event and Condition assert, one test each by its name; and a notify() and a
set() after a waiter was killed, where Python's hang."""

import json
import re
import unittest

import forklab


def figures(finished):
    objects = [json.loads(line) for line in finished.lines]
    return [one for one in objects if one["type"] == "figures"][-1]


class Event(forklab.TestCase):
    """_TestEvent."""

    def test_event(self):
        finished = forklab.run("", "-c", "event")
        self.check_ok(finished)
        answers = [re.sub(r", after .*", "", line) for line in finished.lines]
        self.assertEqual(
            answers,
            [
                "is it set: False",
                "wait, not waiting: False",
                "wait, 100 ms: False",
                "set",
                "is it set: True",
                "wait: True",
                "wait, 100 ms: True",
                "cleared",
                "is it set: False",
                "p2 sets it",
                "p3 waits for what p2 set:",
                "wait: True",
            ],
        )
        self.assertRegex(finished.lines[2], r"after (0\.[1-9]|1\d\d|[1-9])")

    def test_set_wakes_all(self):
        finished = forklab.run("", "-c", "event 5 --after 20ms")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"5 wait; set after .*: 5 of 5 woke, within ")
        self.assertIn("wait once more: True", finished.out)

    def test_event_waiter_killed(self):
        """Python: Event.set() hangs."""
        finished = forklab.run("", "--json", "-c", "event 4 --as crash --which 2 --at wait")
        self.assertEqual(finished.status, 1)
        self.assertEqual(figures(finished)["woken"], 3)

    def test_waiter_killed_while_it_waits(self):
        session = self.session("-k")
        session.type("event 3 --after 2s &")
        workers = session.until(
            lambda found: len(found) == 4 and all(one["STATE"].startswith("waiting") for one in found[:3]), "waiting"
        )
        self.assertEqual(len(workers), 4)
        session.type("kill -9 p2", "wait")
        session.expect(r".*2 of 3 woke, within .*")
        session.end()

    def test_setter_dies(self):
        for step, woken in (("set", 0), ("wake", 3)):
            for fault in ("crash", "torn", "mute"):
                with self.subTest(step=step, fault=fault):
                    finished = forklab.run(
                        "", "--json", "-c", f"event 3 --after 0 --as {fault} --which 4 --at {step}")
                    self.assertEqual(finished.status, 1)
                    self.assertEqual(figures(finished)["woken"], woken, str(finished))

    def test_the_log_says_how_long_a_wait_is_at_most(self):
        finished = forklab.run("", "--json", "-c", "event 1 --after 300ms --timeout 50ms",
                               "-c", "event 1 --after 100ms")
        waits = [one for one in map(json.loads, finished.lines)
                 if one["type"] == "event" and one["event"] == "waits" and one["job"] < 3]
        self.assertEqual([one["timeout_ns"] for one in waits], [50000000, 0])
        self.assertNotIn("more", waits[0])

    def test_timeout(self):
        finished = forklab.run("", "-c", "event 2 --after 2s --timeout 50ms")
        self.check_ok(finished)
        self.assertIn("p1: timed out", finished.out)
        self.assertIn("0 of 2 woken", finished.out)


class Condition(forklab.TestCase):
    """_TestCondition."""

    def calls(self, command, status=0):
        """How many each call notified."""
        finished = forklab.run("", "-c", command)
        self.assertEqual(finished.status, status, str(finished))
        woke = re.findall(r"^notify \w+: (none waits|(?:p\d+ ?)+woke)", finished.out, re.MULTILINE)
        return [len(re.findall(r"p\d+", words)) for words in woke], finished

    def test_notify(self):
        woken, _ = self.calls("condition 2 --notify 1,1")
        self.assertEqual(woken, [1, 1])

    def test_notify_all(self):
        woken, _ = self.calls("condition 6 --notify all")
        self.assertEqual(woken, [6])

    def test_notify_n(self):
        woken, finished = self.calls("condition 6 --notify 2,4,3")
        self.assertEqual(woken, [2, 4, 0])
        self.assertIn("notify 3: none waits, and none will hear of it", finished.out)

    def walk(self):
        finished = forklab.run("", "-c", "condition")
        self.check_ok(finished)
        return finished.out

    def test_timeout(self):
        self.assertRegex(self.walk(), r"wait, 100 ms: False, after (0\.[1-9]|1\d\d|[1-9])")
        self.assertIn("it has the lock again: True", self.walk())

    def test_waitfor(self):
        self.assertRegex(self.walk(), r"(?s)value 4, notifies 1.*wait for the value 4: True")
        finished = forklab.run("", "-c", "condition 1 --until 4")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"p1: goes on after .*, value 4")

    def test_waitfor_timeout(self):
        out = self.walk()
        self.assertRegex(out, r"(?s)value 7, notifies 1.*wait for the value 8, 300 ms: False, after")

    def test_wait_result(self):
        out = self.walk()
        self.assertRegex(out, r"wait, 100 ms: False")
        self.assertRegex(out, r"wait for the value 4: True")

    def test_without_the_lock(self):
        out = self.walk()
        self.assertIn("wait without the lock: refused", out)
        self.assertIn("notify without the lock: refused", out)

    def test_too_early(self):
        finished = forklab.run("", "--json", "-c", "condition 3 --early --timeout 100ms")
        self.check_ok(finished)
        numbers = figures(finished)
        self.assertEqual((numbers["woken"], numbers["timed_out"]), (0, 3))

    def test_condition_waiter_killed(self):
        """Python: notify() hangs."""
        session = self.session("-k")
        session.type("condition 3 --notify 1,all --for 300ms --stagger 100ms &")
        session.until(lambda found: found and found[0]["STATE"].startswith("waiting"), "waiting")
        session.type("kill -9 p1", "wait")
        session.expect(r".*=> [23] of 3 woken by 2 calls, 0 timed out")
        session.end()

    def test_death_at_every_step(self):
        """Each living waiter is woken or told that none will come; and all of it ends."""
        for step in ("wait", "sleep", "take", "hold", "release"):
            with self.subTest(step=step):
                finished = forklab.run(
                    "", "--json", "-c", f"condition 4 --notify all --as crash --which 2 --at {step}")
                self.assertEqual(finished.status, 1)
                self.assertEqual(figures(finished)["woken"], 3, str(finished))
        for step, woken in (("notify", 0), ("wake", 4)):
            with self.subTest(step=step):
                finished = forklab.run(
                    "", "--json", "-c", f"condition 4 --notify all --as crash --which 5 --at {step}")
                self.assertEqual(finished.status, 1)
                self.assertEqual(figures(finished)["woken"], woken, str(finished))

    def test_one_that_none_will_notify(self):
        finished = forklab.run("", "-c", "condition 3 --notify 1")
        self.assertEqual(finished.status, 1)
        self.assertIn("2 of 3 wait for a notification that will not come", finished.err)

    def test_mistakes(self):
        for words in ("condition 2 --notify 0", "condition 2 --notify 1,,2", "condition --early", "condition 2 --notify x"):
            finished = forklab.run("", "-c", words)
            self.assertEqual(finished.status, 2, str(finished))


if __name__ == "__main__":
    unittest.main()
