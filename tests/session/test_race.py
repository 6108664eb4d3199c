# SPDX-License-Identifier: GPL-3.0-or-later
"""race and philosophers, beside an enumeration that knows nothing of forklab: its own workers are
lists of small functions, and it tries their orders by recursion."""

import json
import re
import signal
import tempfile
import unittest

import forklab

FREE = "--free 0"


class Model:
    """Workers as programs of (may, step) pairs; the state is a dictionary. A step returns how many
    of its worker's next steps are left out."""

    def __init__(self, programs, wrong):
        self.programs = programs
        self.wrong = wrong

    def orders(self, deaths=False):
        """All orders with their final states: (order, went wrong, somebody died)."""
        found = []

        def go(state, places, order, dead):
            live = [w for w, p in enumerate(self.programs) if places[w] < len(p) and w not in dead]
            able = [w for w in live if self.programs[w][places[w]][0](state, dead)]
            if not able:
                found.append((order, bool(live) or self.wrong(state), bool(dead)))
                return
            for worker in able:
                after = dict(state)
                left_out = self.programs[worker][places[worker]][1](after, dead) or 0
                moved = places[:worker] + (places[worker] + 1 + left_out,) + places[worker + 1 :]
                go(after, moved, order + str(worker + 1), dead)
                if deaths and not dead:
                    go(dict(state), places, order + str(worker + 1) + "x", dead | {worker})

        go({}, (0,) * len(self.programs), "", frozenset())
        return found


def always(_state, _dead):
    return True


def free(lock):
    return lambda state, dead: state.get(lock) is None or state[lock] in dead


def put(key, value):
    def step(state, _dead):
        state[key] = value

    return always, step


def counter(worker, where):
    def load(state, _dead):
        state[worker, "seen"] = state.get(where, 0)

    def add(state, _dead):
        state[worker, "seen"] += 1

    def store(state, _dead):
        state[where] = state[worker, "seen"]
        state[worker, "done"] = state.get((worker, "done"), 0) + 1

    return [(always, load), (always, add), (always, store)]


def within(worker, lock, body):
    def take(state, _dead):
        state[lock] = worker

    return [(free(lock), take), *body, put(lock, None)]


def atomic(worker):
    def step(state, _dead):
        state["x"] = state.get("x", 0) + 1
        state[worker, "done"] = state.get((worker, "done"), 0) + 1

    return [(always, step)]


def program(way, worker):
    return {
        "none": lambda: counter(worker, "x"),
        "mutex": lambda: within(worker, "A", counter(worker, "x")),
        "two": lambda: within(worker, "AB"[worker % 2], counter(worker, "x")),
        "atomic": lambda: atomic(worker),
        "private": lambda: counter(worker, ("own", worker)),
    }[way]()


def race_model(way, workers, times):
    def wrong(state):
        total = sum(v for k, v in state.items() if k == "x" or k[0] == "own")
        return total != sum(v for k, v in state.items() if k[1:] == ("done",))

    return Model([program(way, w) * times for w in range(workers)], wrong)


def figures_of(script):
    finished = forklab.run(script, "--json")
    assert finished.status == 0, str(finished)
    objects = [json.loads(line) for line in finished.lines]
    figures = [o for o in objects if o["type"] == "figures"]
    return figures[-1], [o for o in objects if o["type"] == "order"]


class Orders(forklab.TestCase):
    def compare(self, command, model, deaths=False):
        figures, told = figures_of(f"{command} {FREE} --for 1h")
        orders = model.orders(deaths)
        alive = [o for o in orders if not o[2]]
        self.assertEqual(figures["orders"], len(alive), command)
        self.assertEqual(figures["wrong"], sum(o[1] for o in alive), command)
        if deaths:
            died = [o for o in orders if o[2]]
            self.assertEqual(figures["deaths"], len(died), command)
            self.assertEqual(figures["deaths_wrong"], sum(o[1] for o in died), command)
        if told:
            self.assertIn((told[0]["order"], True), [o[:2] for o in orders])

    def test_all_orders_are_tried_and_judged(self):
        cases = [(1, 1), (2, 1), (2, 2), (3, 1)]
        for way in ("none", "mutex", "two", "atomic", "private"):
            for workers, times in cases:
                if way == "two" and (workers, times) == (2, 2):
                    continue  # 184,756 orders
                with self.subTest(way=way, workers=workers, times=times):
                    self.compare(f"race {workers} {times} --lock {way}", race_model(way, workers, times))

    def test_a_death_at_each_step(self):
        for way in ("none", "mutex", "two", "atomic", "private"):
            with self.subTest(way=way):
                self.compare(f"race 2 --lock {way} --kill-anywhere", race_model(way, 2, 1), True)
        self.compare("race 3 --lock mutex --kill-anywhere", race_model("mutex", 3, 1), True)

    def test_the_counts_of_small_races(self):
        for command, orders in (("race", 20), ("race 2 2", 924), ("race 3", 1680)):
            self.assertEqual(figures_of(f"{command} {FREE}")[0]["orders"], orders)

    def test_the_shortest_way_to_go_wrong(self):
        figures, told = figures_of("race " + FREE)
        self.assertEqual((figures["wrong"], figures["switches"]), (18, 1))
        self.assertEqual(told[0]["order"], "122211")
        self.assertIn("p2's step is lost", told[0]["steps"])

    def test_too_many_orders_say_of_how_many(self):
        finished = forklab.run(f"race 3 2 {FREE} --for 200ms --seed 7")
        self.check_ok(finished)
        tried = re.search(r"tried: (\d+) of 17153136 orders, .*\(seed 7\): (\d+) wrong", finished.out)
        self.assertTrue(tried, str(finished))
        self.assertGreater(int(tried[1]), 10)
        self.assertLess(int(tried[1]), 17153136)

    def test_twenty_orders_take_no_time(self):
        walls = [figures_of("race " + FREE)[0]["wall_ns"] for _ in range(10)]
        self.assertLess(min(walls), 50e6)


class Replay(forklab.TestCase):
    def test_a_thousand_times_the_same(self):
        finished = forklab.run("repeat 1000 race --replay 122211", "-q")
        self.check_ok(finished)
        lines = [line for line in finished.lines if line.startswith("  ")]
        self.assertEqual(len(lines), 1000)
        self.assertEqual(len(set(lines)), 1, set(lines))

    def test_its_steps_are_events_in_their_order(self):
        finished = forklab.run("race --replay 121212", "--json")
        events = [json.loads(line) for line in finished.lines]
        steps = [(e["worker"], e["text"]) for e in events if e.get("event") == "step"]
        self.assertEqual(
            steps,
            [(0, "loads 0"), (1, "loads 0"), (0, "adds"), (1, "adds"), (0, "stores 1"), (1, "stores 1")],
        )

    def test_explain_and_timeline_know_them(self):
        finished = forklab.run("race --replay 122211; explain; timeline")
        self.check_ok(finished)
        self.assertIn("step 4: stores 1", finished.out)
        table = [line.rstrip() for line in finished.lines[finished.lines.index("step  p1" + " " * 22 + "p2"):][:7]]
        right = " " * 24
        self.assertEqual(table[1:], ["   1  loads 0", f"   2  {right}loads 0", f"   3  {right}adds",
                                     f"   4  {right}stores 1", "   5  adds", "   6  stores 1"])

    def test_a_picture_tells_each_turn(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check_ok(forklab.run(f"race --replay 122211; export {folder}/order.svg"))
            with open(f"{folder}/order.svg", encoding="utf-8") as file:
                told = re.findall("step [^<]*", file.read())
        self.assertEqual(told, ["step 1: p1 loads 0", "step 2: p2 loads 0, adds, stores 1", "step 5: p1 adds, stores 1"])

    def test_with_a_death(self):
        finished = forklab.run("race --replay 11x222")
        self.check_ok(finished)
        self.assertIn("p1 loads 0, is killed | p2 loads 0, adds, stores 1: right", finished.out)

    def test_the_table_of_a_death(self):
        finished = forklab.run("race --replay 11x222; timeline")
        self.check_ok(finished)
        self.assertIn("step  p1" + " " * 22 + "p2\n   1  loads 0\n   2  is killed\n", finished.out)

    def test_too_many_workers_for_a_table(self):
        finished = forklab.run("race 9 --replay 1; timeline")
        self.check_ok(finished)
        self.assertNotIn("\nstep  p1", finished.out)
        self.assertRegex(finished.out, r"step 1: p1 loads 0\n")

    def test_what_can_not_be(self):
        for order, why in (("1112221", "p1 has no step left"), ("1113", "workers from 1 to 2"), ("12a", "a digit a step")):
            finished = forklab.run(f"race --replay {order}")
            self.assertNotEqual(finished.status, 0, order)
            self.assertIn(why, finished.err)
        finished = forklab.run("race --lock mutex --replay 12")
        self.assertEqual(finished.status, 1)
        self.assertIn("at step 2 p2 waits for A, which p1 has", finished.err)


def see(worker, key, leave=0):
    """Reads; what is there already leaves out so many steps."""

    def step(state, _dead):
        state[worker, "seen"] = state.get(key, 0)
        return leave if state[worker, "seen"] else 0

    return always, step


def await_(key):
    return (lambda state, _dead: bool(state.get(key))), (lambda _state, _dead: None)


def act(step):
    return always, step


def both(make, wrong=lambda _state: False):
    return Model([make(worker) for worker in range(2)], wrong)


def crosswise(worker, first, second):
    return within(worker, first, within(worker, second, []))


def add(worker):
    def store(state, _dead):
        state["x"] = state[worker, "seen"] + 1

    return [see(worker, "x"), act(store)]


def lost(state):
    return state["x"] != 2


def create(worker):
    return [see(worker, "file", leave=1), put("file", worker + 1)]


def overwritten(state):
    return not any(state[worker, "seen"] for worker in range(2))


def create_once(worker):
    def step(state, _dead):
        state[worker, "seen"] = state.get("file", 0)
        state["file"] = state.get("file") or worker + 1

    return [act(step)]


def take_item(worker):
    return [see(worker, "gone", leave=2), put((worker, "took"), True), put("gone", 1)]


def taken_twice(state):
    return all(state.get((worker, "took")) for worker in range(2))


def wake(state, _dead):
    state["woken"] = bool(state.get("asleep"))


WAKER = [put("ready", True), act(lambda state, _dead: 0 if state.get("asleep") else 1), act(wake)]


def notify_kept():
    """What is seen of the notification decides, once the lock is dropped, about the wait."""

    def drop(state, _dead):
        state["A"] = None
        return 1 if state[1, "seen"] else 0

    return [within(0, "A", [put("happened", True)]),
            [*within(1, "A", [see(1, "happened")])[:-1], act(drop), await_("happened")]]


def look(worker, leave, *rest):
    return [(free("A"), lambda state, _dead: state.update(A=worker)), see(worker, "done", leave=leave),
            put("done", True), put("A", None), *rest]


def meet(worker, counters):
    """Two rounds at counters; `early` once it passes the second with the other not through the first."""

    def arrive(counter):
        def step(state, _dead):
            state[counter] = state.get(counter, 0) + 1
            state[counter, "open"] = state[counter] >= 2 or state.get((counter, "open"), False)

        return act(step)

    def leave(counter, number):
        def step(state, _dead):
            state[worker, "passed"] = number + 1
            state["early"] = state.get("early") or state.get((1 - worker, "passed"), 0) < number

        return (lambda state, _dead: state.get((counter, "open"), False)), step

    return [step for number, counter in enumerate(counters) for step in (arrive(counter), leave(counter, number))]


def read(half):
    def step(state, _dead):
        state["read", half] = state.get(("half", half), 0)

    return act(step)


WRITER, READER = [put(("half", 0), 1), put(("half", 1), 1)], [read(0), read(1)]


def mixed(state):
    return state["read", 0] != state["read", 1]


def early(state):
    return bool(state.get("early"))


# The faults and their repairs, told a second time.
FAULTS = {
    "lost-update": (both(add, lost), both(lambda w: within(w, "A", add(w)), lost)),
    "wrong-lock": (both(lambda w: within(w, "AB"[w], add(w)), lost), both(lambda w: within(w, "A", add(w)), lost)),
    "check-then-act": (both(create, overwritten), both(create_once, overwritten)),
    "double-take": (both(take_item, taken_twice), both(lambda w: within(w, "A", take_item(w)), taken_twice)),
    "lost-wakeup": (Model([[see(0, "ready", leave=2), put("asleep", True), await_("woken")], WAKER],
                          lambda _state: False),
                    Model([[put("asleep", True), see(0, "ready", leave=1), await_("woken")], WAKER],
                          lambda _state: False)),
    "signal-before-wait": (Model([[act(wake)], [put("asleep", True), await_("woken")]], lambda _state: False),
                           Model(notify_kept(), lambda _state: False)),
    "lock-order": (both(lambda w: crosswise(w, "AB"[w], "BA"[w])), both(lambda w: crosswise(w, "A", "B"))),
    "missing-unlock": (both(lambda w: look(w, 2), lambda state: state["A"] is not None),
                       both(lambda w: look(w, 1), lambda state: state["A"] is not None)),
    "barrier-misuse": (both(lambda w: meet(w, "AA"), early), both(lambda w: meet(w, "AB"), early)),
    "half-written": (Model([WRITER, READER], mixed),
                     Model([within(0, "A", WRITER), within(1, "A", READER)], mixed)),
}


class Faults(forklab.TestCase):
    # name: orders, wrong ones, orders of the repair
    KNOWN = {
        "lost-update": (6, 4, 2),
        "double-take": (20, 18, 2),
        "wrong-lock": (70, 36, 2),
        "lock-order": (6, 2, 2),
        "half-written": (6, 2, 2),
        "check-then-act": (6, 4, 2),
        "lost-wakeup": (5, 1, 8),
        "missing-unlock": (2, 2, 2),
        "signal-before-wait": (2, 1, 3),
        "barrier-misuse": (40, 4, 24),
    }

    def test_each_is_found_and_its_repair_is_not(self):
        for name, (orders, wrong, repaired) in self.KNOWN.items():
            with self.subTest(name=name):
                figures, told = figures_of(f"race {name} {FREE}")
                self.assertEqual((figures["orders"], figures["wrong"]), (orders, wrong))
                self.assertTrue(told[0]["wrong"])
                figures, told = figures_of(f"race {name} --repaired {FREE}")
                self.assertEqual((figures["orders"], figures["wrong"]), (repaired, 0))
                self.assertEqual(told, [])

    def test_what_it_tells_can_be_run_again(self):
        for name in self.KNOWN:
            told = figures_of(f"race {name} {FREE}")[1][0]
            again = figures_of(f"race {name} --replay {told['order']}")[1][0]
            self.assertTrue(again["wrong"], name)
            self.assertEqual(again["steps"], told["steps"])

    def test_each_is_counted_a_second_time(self):
        self.assertEqual(set(self.KNOWN), set(FAULTS))
        for name, (faulty, repaired) in FAULTS.items():
            with self.subTest(name=name):
                orders, mended = faulty.orders(), repaired.orders()
                self.assertEqual((len(orders), sum(o[1] for o in orders), len(mended)), self.KNOWN[name])
                self.assertFalse(any(o[1] for o in mended))


class Real(forklab.TestCase):
    def test_sigchld_in_both_orders(self):
        finished = forklab.run("race sigchld")
        self.check_ok(finished)
        self.assertEqual(
            [line.strip() for line in finished.lines if line.startswith("  ")],
            [
                "the shell notes it, it ends: the handler crosses it off; 0 left: right",
                "it ends, the shell notes it: the handler found no such job; 1 left: wrong",
                "the shell notes it, it ends: the handler crosses it off; 0 left: right",
                "it ends, SIGCHLD is pending, the shell notes it: the handler crosses it off; 0 left: right",
            ],
        )

    def test_no_order_explains_the_litmus(self):
        for option, fence in (("", False), (" --repaired", True)):
            figures, _ = figures_of(f"race litmus{option} --for 200ms")
            self.assertEqual((figures["orders"], figures["wrong"]), (6, 0))
            self.assertGreater(figures["free_runs"], 0)
            if fence:
                self.assertEqual(figures["both_zero"], 0)


class Primitives(forklab.TestCase):
    """What can be shared, in every order of the steps of two, with a death at each."""

    def test_two_workers_to_the_end(self):
        for command in ("semaphore", "queue", "condition", "barrier"):
            with self.subTest(command=command):
                figures, told = figures_of(f"{command} --all --for 1h")
                self.assertEqual((figures["complete"], told), (1, []))
                self.assertEqual((figures["wrong"], figures["deaths_wrong"]), (0, 0))
                self.assertGreaterEqual(figures["orders"], 2)
                self.assertGreater(figures["deaths"], figures["orders"])

    def test_three_workers_as_far_as_it_gets(self):
        for command in ("semaphore 1 3", "semaphore 2 3", "queue 2 1", "queue 1 2", "condition 2", "barrier 3"):
            with self.subTest(command=command):
                figures, told = figures_of(f"{command} --all")
                self.assertEqual((figures["wrong"], figures["deaths_wrong"], told), (0, 0, []))
                self.assertGreater(figures["orders"], 0)

    def test_an_order_again(self):
        for command in ("semaphore", "queue", "condition", "barrier"):
            finished = forklab.run(f"{command} --replay 12")
            self.assertIn(finished.status, (0, 1), str(finished))
            told = figures_of(f"{command} --replay 1")[1]
            again = figures_of(f"{command} --replay {told[0]['order']}")[1]
            self.assertEqual(again[0]["steps"], told[0]["steps"])
            self.assertFalse(told[0]["wrong"])

    def test_a_few_workers_only(self):
        finished = forklab.run("barrier 4 --all")
        self.assertEqual(finished.status, 2)
        self.assertIn("for 2 or 3 workers, not 4", finished.err)


class Disturbed(forklab.TestCase):
    LONG = "race 4 20 --free 0 --for 60s &"

    def begin(self):
        session = self.session()
        session.type(self.LONG)
        session.until(lambda jobs: [j["NAME"] for j in jobs].count("p4") == 1, "four workers")
        return session

    def test_a_killed_worker_ends_the_search(self):
        session = self.begin()
        session.type("kill -9 p2")
        error = session.expect_error(r".*race: p2 \(\d+\) was killed by SIGKILL at its gate; \d+ orders? tried")
        self.assertTrue(error)
        session.until(lambda jobs: all(j["STATE"].split()[0] in ("exited", "killed") for j in jobs), "all ended")
        session.end()

    def test_a_stopped_worker_only_pauses_it(self):
        session = self.begin()
        session.ask("stop p1")
        session.until(lambda jobs: any(j["STATE"] == "stopped" for j in jobs), "p1 is stopped")
        self.assertEqual(session.ask("echo here"), ["here"])
        session.ask("cont p1")
        session.until(lambda jobs: not any(j["STATE"] == "stopped" for j in jobs), "p1 goes on")
        session.type("cancel %1")
        session.until(lambda jobs: all(j["STATE"].split()[0] in ("exited", "killed") for j in jobs), "all ended")
        session.end()

    def test_a_stopped_worker_can_be_cancelled(self):
        session = self.begin()
        session.ask("stop p3", "cancel %1")
        session.until(lambda jobs: all(j["STATE"].split()[0] in ("exited", "killed") for j in jobs), "all ended")
        session.end()

    def test_interrupt_and_terminate(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            session = self.session()
            session.type(self.LONG.rstrip(" &"))
            session.expect("4 workers add 1 to x, 20 times each: load, add, store")
            forklab.wait_until(lambda: len(forklab.children_of(session.pid)) == 4, "four workers")
            session.process.send_signal(number)
            self.assertEqual(session.end().status, status)


class Philosophers(forklab.TestCase):
    def test_a_deadlock_in_a_circle(self):
        finished = forklab.run("philosophers; philosophers --replay 12345")
        self.check_ok(finished)
        self.assertIn("deadlock of 5 in a circle", finished.out)
        self.assertIn("p5 waits for fork 1, which p1 has", finished.out)
        order = re.search(r"--replay (\d+)", finished.out)[1]
        self.assertEqual(sorted(order), list("12345"))
        again = forklab.run(f"philosophers --replay {order}")
        self.check_ok(again)
        self.assertIn("a deadlock", again.out)

    def test_strategies_are_searched_to_the_end(self):
        for option in ("--ordered", "--waiter"):
            finished = forklab.run(f"philosophers 4 {option} --for 300ms")
            self.check_ok(finished)
            self.assertRegex(finished.out, r"search: all \d+ states, no deadlock")
            self.assertEqual(len(re.findall(r"(?m)^p\d  \d+ meals, longest hunger", finished.out)), 4)
            self.assertRegex(finished.out, r"Jain's index [01]\.\d\d")


if __name__ == "__main__":
    unittest.main()
