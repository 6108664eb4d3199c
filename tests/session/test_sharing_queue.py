# SPDX-License-Identifier: GPL-3.0-or-later
"""What CPython's tests of multiprocessing's queues assert, one test each by its name; and what
becomes of a queue whose users die, where Python's hangs or loses an item."""

import json
import re
import unittest

import forklab

def figures(finished):
    """The figures of the last command of a --json session."""
    objects = [json.loads(line) for line in finished.lines]
    return [one for one in objects if one["type"] == "figures"][-1]


class Queue(forklab.TestCase):
    """_TestQueue and TestSimpleQueue, in the walk and with workers."""

    def walk(self):
        finished = forklab.run("", "-c", "queue")
        self.check_ok(finished)
        return finished.lines

    def test_put(self):
        lines = self.walk()
        self.assertIn("put 1 2 3 4 5 6: size 6 of 6", lines)
        self.assertIn("Queue empty: False, full: True, size: 6", lines)
        self.assertRegex("\n".join(lines), r"put 7, not waiting: full, after \d+ us")
        took = re.search(r"put 7, waiting 100 ms: full, after (.*)", "\n".join(lines)).group(1)
        self.assertRegex(took, r"^0\.[1-9]\d* s$|^[1-9]\d* s$|^\d\d\d\.?\d* ms$")

    def test_get(self):
        lines = self.walk()
        self.assertEqual(lines[0], "Queue empty: True, full: False, size: 0")
        self.assertIn("get: 1 2 3 4 5 6", lines)
        self.assertRegex("\n".join(lines), r"get, not waiting: empty, after \d+ us")
        self.assertRegex("\n".join(lines), r"get, waiting 100 ms: empty, after (0\.[1-9]|1\d\d)")

    test_timeout = test_get

    def test_fork(self):
        lines = self.walk()
        self.assertEqual(lines[-1], "get: " + " ".join(str(number) for number in range(20)))
        self.assertIn("p2, across a fork:", lines)

    def test_qsize(self):
        self.assertIn("size, and after put, put, get, get: 0 1 2 1 0", self.walk())

    def test_task_done(self):
        finished = forklab.run("", "--json", "-c", "queue 1 4 --items 10 --join")
        self.check_ok(finished)
        numbers = figures(finished)
        self.assertEqual((numbers["put"], numbers["taken"], numbers["left"]), (10, 10, 0))
        finished = forklab.run("", "-c", "queue 1 4 --items 10 --join")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"p1: join returned after .*: every item is done with")

    def test_task_done_too_often(self):
        self.assertIn("task_done once more: refused, no item is in hand", self.walk())

    def test_closed_queue_put_get_exceptions(self):
        refused = [line for line in self.walk() if "refused, the queue is closed" in line]
        self.assertEqual([line.split(",")[0] for line in refused], ["put 7", "get"])

    test_closed_queue_empty_exceptions = test_closed_queue_put_get_exceptions

    # TestSimpleQueue
    def test_empty(self):
        lines = [line for line in self.walk() if line.startswith("Queue empty")]
        self.assertEqual([line.split(",")[0] for line in lines], ["Queue empty: True",
                                                                 "Queue empty: False"])

    test_empty_exceptions = test_closed_queue_put_get_exceptions
    test_close = test_closed_queue_put_get_exceptions

    # TestStdinBadfiledescriptor.test_queue_in_process
    def test_queue_in_process(self):
        finished = forklab.finish(
            forklab.start("-c", "queue 1 1 --items 3", stdin=None, preexec_fn=lambda: __import__("os").close(0))
        )
        self.check_ok(finished)
        self.assertIn("3 items put by 1, 3 taken, each once", finished.out)


class Deaths(forklab.TestCase):
    """Python: get() is Empty for ever, join() hangs, empty() lies."""

    def run_json(self, command, *statuses):
        finished = forklab.run("", "--json", "-c", command)
        self.assertIn(finished.status, statuses, str(finished))
        return figures(finished)

    def test_queue_empty_lies(self):
        """After a put() the size is 1, each time."""
        finished = forklab.run("", "-c", "repeat 50 queue 1 1 --items 1")
        self.check_ok(finished)
        self.assertEqual(finished.out.count("1 taken, each once"), 50)

    def test_queue_consumer_killed(self):
        """A waiting consumer that dies takes no lock with it: the others get all items."""
        numbers = self.run_json("queue 1 3 --items 50 --as crash --which 2 --at get", 1)
        self.assertEqual((numbers["taken"], numbers["left"], numbers["lost"]), (50, 0, 0))

    def test_joinable_consumer_killed(self):
        """The item that it had in its hand goes back, and join() returns."""
        # So many that p2 gets one, even where p3 is quick.
        finished = forklab.run("", "-c", "queue 1 2 --items 500 --join --max 1 --as crash --which 2 --at hand")
        self.assertEqual(finished.status, 1)
        self.assertRegex(finished.out, r"p1: join returned after .*: every item is done with")
        self.assertRegex(finished.out, r"500 items put by 1, 500 taken|p2 died with item")

    def test_death_at_every_step(self):
        for step, which in (("put", 1), ("fill", 1), ("wake", 1), ("get", 3), ("taken", 3), ("hand", 3), ("done", 3)):
            for fault in ("crash", "mute", "torn"):
                with self.subTest(step=step, fault=fault):
                    # Where no other worker sleeps there is none to wake, and the fault has no moment.
                    statuses = (0, 1) if step == "wake" else (1,)
                    numbers = self.run_json(
                        f"queue 2 2 --items 20 --max 3 --as {fault} --which {which} --at {step}", *statuses)
                    self.assertEqual(numbers["lost"], 0)
                    self.assertEqual(numbers["left"], 0)
                    self.assertGreaterEqual(numbers["taken"], 20)
                    self.assertLessEqual(numbers["twice"], numbers["returned"])

    def test_no_consumer_is_left(self):
        finished = forklab.run("", "-c", "queue 1 1 --items 9 --max 2 --as crash --which 2 --at hand")
        self.assertEqual(finished.status, 1)
        self.assertRegex(finished.err, r"no consumer is left; \d of 2 items are in the queue")

    def test_queue_join_before_get(self):
        """An undrained queue: the producer waits for room, is seen to, and ends at the timeout."""
        finished = forklab.run("", "-c", "queue 1 1 --items 9 --max 2 --timeout 300ms --as mute --which 2 --at get")
        self.assertEqual(finished.status, 1)


if __name__ == "__main__":
    unittest.main()
