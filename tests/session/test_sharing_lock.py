# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks and semaphores: what they answer, who gets in, and what a death at any step leaves behind."""

import json
import re
import unittest

import forklab
from forklab import run

DEADLY = ("crash", "torn")
ALL_FAULTS = ("crash", "torn", "mute", "babble", "stubborn", "fork")


class Lock(forklab.TestCase):
    def test_answers_its_owner_and_a_stranger(self):
        done = run("lock\n")
        self.check_ok(done)
        answers = [re.sub(r" after [0-9.]+ (ms|s)", "", line) for line in done.lines[:-1]]
        self.assertEqual(answers, [
            "p1 acquire: True, p1 has it",
            "p1 acquire again, not waiting: False, p1 has it",
            "p1 acquire again, waiting 100 ms: False, p1 has it",
            "p2 acquire, not waiting: False, p1 has it",
            "p2 acquire, waiting 100 ms: False, p1 has it",
            "p2 release: refused, p1 has it",
            "p1 release: done, no worker has it",
            "p1 release: refused, no worker has it",
            "p1 acquire, not waiting: True, p1 has it",
            "p1 release: done, no worker has it",
        ])

    def test_its_owner_takes_it_again(self):
        done = run("lock --again\n")
        self.check_ok(done)
        self.assertIn("p1 acquire again, not waiting: True, p1 has it, twice", done.lines)
        self.assertIn("p1 release: done, p1 has it", done.lines)

    def test_each_worker_gets_it(self):
        done = run("lock 20 --for 1ms\ncheck taken = 20\ncheck inherited = 0\n")
        self.check_ok(done)
        self.assertEqual(sorted(re.findall(r"(?m)^p(\d+) has lock after", done.out), key=int),
                         [str(i) for i in range(1, 21)])

    def test_a_death_at_any_step_leaves_it_to_the_next(self):
        for step, taken, inherited in (("take", 2, 0), ("hold", 3, 1), ("release", 3, 1)):
            for fault in DEADLY:
                with self.subTest(step=step, fault=fault):
                    done = run(f"lock 3 --for 1ms --stagger 20ms --as {fault} --which 1 --at {step}\n"
                               f"check taken = {taken}\ncheck inherited = {inherited}\n", "-k")
                    self.assertEqual(done.status, 1)
                    self.assertEqual(len(done.err.splitlines()), 1, done.err)
                    self.assertIn("1 of 3 workers failed: p1 was killed by", done.err)
                    heirs = re.findall(r"(?m)^p1 died with lock; it goes on to p[23]$", done.out)
                    self.assertEqual(len(heirs), inherited, done.out)

    def test_no_fault_at_any_step_hangs(self):
        for step in ("take", "hold", "release"):
            for fault in ALL_FAULTS:
                with self.subTest(step=step, fault=fault):
                    done = run(f"lock 3 --for 1ms --as {fault} --which 2 --at {step}\n")
                    self.assertEqual(done.status, int(fault not in ("stubborn", "fork")), done)

    def test_refuses_what_it_can_not_do(self):
        for line in ("lock --order AB", "lock 2 --order A,", "lock 2 --order ab", "lock 2 --order ,A",
                     "lock 0", "lock 2 --at hold", "lock 2 --which 1", "lock 2 --as crash --which 3"):
            with self.subTest(line=line):
                done = run(line + "\n")
                self.assertEqual(done.status, 2, done)
                self.assertEqual(done.out, "")

    def test_locks_in_one_order_make_no_circle(self):
        done = run("lock 4 --order AB --for 1ms --timeout 60s\ncheck taken = 8\n")
        self.check_ok(done)


class Semaphore(forklab.TestCase):
    WALK = ["value: 2", "acquire: True, value 1", "acquire: True, value 0",
            "acquire, not waiting: False, value 0", "acquire, waiting 100 ms: False, value 0",
            "release: done, value 1", "release: done, value 2"]

    def answers(self, line):
        done = run(line + "\n")
        self.check_ok(done)
        return [re.sub(r" after [0-9.]+ (ms|s)", "", answer) for answer in done.lines[:-1]]

    def test_answers_one_worker(self):
        self.assertEqual(self.answers("semaphore"),
                         self.WALK + ["release once more: done, value 3"])
        self.assertEqual(self.answers("semaphore --bounded"),
                         self.WALK + ["release once more: refused, value 2"])

    def test_lets_no_more_inside_than_it_has_permits(self):
        done = run("semaphore 3 20 --for 5ms\ncheck entered = 20\ncheck most <= 3\n"
                   "semaphore 1 5 --for 1ms\ncheck most = 1\n")
        self.check_ok(done)

    def test_a_permit_does_not_die_with_its_holder(self):
        for step, entered, returned in (("acquire", 3, 0), ("hold", 4, 1), ("release", 4, 1)):
            for fault in DEADLY:
                with self.subTest(step=step, fault=fault):
                    done = run(f"semaphore 1 4 --for 1ms --as {fault} --which 1 --at {step}\n"
                               f"check entered = {entered}\ncheck returned = {returned}\n", "-k")
                    self.assertEqual(done.status, 1)
                    self.assertEqual(len(done.err.splitlines()), 1, done.err)
                    told = "p1 died with a permit of the semaphore: it goes back" in done.lines
                    self.assertEqual(told, returned == 1, done.out)

    def test_who_dies_before_it_wakes_the_next_leaves_none_asleep(self):
        done = run("semaphore 1 4 --for 20ms --as crash --which 1 --at wake\ncheck entered = 4\n", "-k")
        self.assertNotIn("check", done.err)

    def test_no_fault_at_any_step_hangs(self):
        for step in ("acquire", "hold", "release", "wake"):
            for fault in ALL_FAULTS:
                with self.subTest(step=step, fault=fault):
                    run(f"semaphore 2 4 --for 1ms --as {fault} --which 2 --at {step}\n")

    def test_a_wait_that_gives_up_is_no_deadlock(self):
        done = run("lock\nsemaphore\n", "--json")
        self.check_ok(done)
        self.assertNotIn('"deadlock"', done.out.replace('"deadlocks"', ""))


class Deadlock(forklab.TestCase):
    TWO = "deadlock: p1 has lock A, waits for lock B; p2 has lock B, waits for lock A"

    def test_a_circle_is_told_and_broken_at_the_timeout(self):
        done = run("lock 2 --order AB,BA --for 50ms --timeout 2s\ncheck deadlocks = 1\n", "-k")
        self.assertEqual(done.lines[2], self.TWO, done)
        self.assertEqual(done.err.count("\n"), 1)
        self.assertIn("lock: deadlock: a circle of 2, broken after 2s", done.err)
        self.assertEqual(done.status, 1)

    def test_a_script_without_a_timeout_does_not_hang(self):
        done = run("lock 2 --order AB,BA --for 50ms\n")
        self.assertIn(self.TWO, done.lines)
        self.assertIn("broken after 5s", done.err)
        self.assertEqual(done.status, 1)

    def test_a_worker_waits_for_itself(self):
        done = run("lock 1 --order AA --timeout 1s\n")
        self.assertIn("deadlock: p1 has lock A, waits for lock A", done.lines)
        self.assertEqual(run("lock 1 --again --order AA\n").status, 0)

    def test_every_hop_of_a_long_circle_is_named(self):
        done = run("lock 5 --order AB,BC,CD,DE,EA --for 100ms --timeout 2s\n")
        hops = "; ".join(f"p{i + 1} has lock {'ABCDE'[i]}, waits for lock {'BCDEA'[i]}"
                         for i in range(5))
        self.assertIn("deadlock: " + hops, done.lines, done)

    def test_two_circles_are_told_both(self):
        done = run("lock 4 --order AB,BA,CD,DC --for 100ms --timeout 3s\n")
        self.assertIn(self.TWO, done.lines, done)
        self.assertIn("deadlock: p3 has lock C, waits for lock D; p4 has lock D, waits for lock C",
                      done.lines)

    def test_it_is_told_soon_whatever_else_waits(self):
        done = run("lock 1000 --order AB,BA --for 50ms --timeout 10s\n", "--json")
        events = [json.loads(line) for line in done.lines]
        told = [e for e in events if e["type"] == "event" and e["event"] == "deadlock"]
        self.assertEqual(len(told), 1, done.err)
        pair = [int(n) - 1 for n in re.findall(r"p(\d+) has", told[0]["text"])]
        closed = max(e["time_ns"] for e in events if e["type"] == "event" and e["event"] == "waits"
                     and e["worker"] in pair and e["time_ns"] < told[0]["time_ns"])
        self.assertLess(told[0]["time_ns"] - closed, 100_000_000)

    def test_cancel_breaks_it(self):
        session = self.session()
        session.type("lock 2 --order AB,BA --for 10ms --timeout 60s &")
        session.expect(".*" + re.escape(self.TWO))
        session.type("set glyphs ascii", "tree")
        session.expect("  p2 -> waits for lock A, held by p1")
        session.expect("  p1 -> waits for lock B, held by p2")
        session.expect("  ! " + re.escape(self.TWO[:60]) + ".*")
        session.type("cancel %1")
        session.expect(r"\[1\] cancelled: lock.*")
        session.end()

    def test_waiting_for_a_stopped_worker_is_told(self):
        session = self.session()
        session.type("lock 2 --for 30s --stagger 100ms &")
        session.expect(r".*p1 has lock after .*")
        session.until(lambda jobs: any(job["STATE"].startswith("waiting") for job in jobs), "a wait")
        session.type("stop p1")
        session.expect(r".*p1, which has the lock, is stopped; p2 waits for it")
        session.type("tree")
        session.expect(r"  p2 (->|\u2192) waits for the lock, held by p1, which is stopped")
        session.type("cont p1", "cancel %1")
        session.expect(r"\[1\] cancelled: lock.*")
        session.end()


if __name__ == "__main__":
    unittest.main()
