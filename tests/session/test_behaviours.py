# SPDX-License-Identifier: GPL-3.0-or-later
"""What forklab promises about its workers, lock, barrier, pool and sessions: a test for each."""

import os
import re
import signal
import time
import unittest

import forklab
from forklab import run, wait_until

SQUARES = "Pool: [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]"


def by_name(workers):
    return {worker["NAME"]: worker for worker in workers}


def split_summaries(finished):
    """The lines that are no summaries, and those that are."""
    summaries = [line for line in finished.lines if line.startswith("=> ")]
    return [line for line in finished.lines if line not in summaries], summaries


class Behaviours(forklab.TestCase):
    def expect_pool_workers(self, session, count):
        """Waits until so many workers of a pool with --init have begun; returns their pids."""
        line = r"Process-\d+ initialized \(pid (\d+)\)"
        return [int(session.expect(line).group(1)) for _ in range(count)]

    # Workers

    def test_01_a_running_worker_is_alive_and_a_joined_one_has_its_exit_code(self):
        session = self.session()
        [worker] = self.start_and_list(session, "spawn 1 --for 1s &")
        self.assertEqual((worker["STATE"], worker["EXIT"]), ("running", "-"))
        self.assertEqual(forklab.parent_of(worker["PID"]), session.pid)
        self.assertIn(forklab.state_of(worker["PID"]), ["R", "S", "D"])
        [joined] = forklab.parse_jobs(session.ask("wait", "jobs"))
        self.assertEqual((joined["STATE"], joined["EXIT"]), ("exited 0", "0"))
        self.assertEqual(joined["PID"], worker["PID"])
        self.assertNotIn(worker["PID"], forklab.children_of(session.pid))
        self.check_ok(session.end())

    def start_and_list(self, session, *lines):
        session.ask(*lines)
        return session.jobs()

    def test_02_a_worker_says_the_name_pid_and_parent_that_forklab_shows(self):
        session = self.session()
        session.type("pool 2 2 --init --map sleep --for 1s &")
        line = r"(Process-\d+) initialized \(pid (\d+)\)"
        said = {session.expect(line).groups() for _ in range(2)}
        workers = session.jobs()
        self.assertEqual({(worker["NAME"], str(worker["PID"])) for worker in workers}, said)
        for worker in workers:
            self.assertEqual(forklab.parent_of(worker["PID"]), session.pid)
        self.check_ok(session.end())

    def test_03_default_names_count_up_and_given_names_count_too(self):
        finished = run("name Alice\nspawn 1\nname\njobs\n")
        self.check_ok(finished)
        names = [worker["NAME"] for worker in forklab.parse_jobs(finished.lines)]
        self.assertEqual(
            names, ["Alice", "Process-2", "Process-3", "do_something process 1", "Process-5"]
        )

    def test_04_a_wait_that_times_out_fails_on_time_and_the_worker_lives_on(self):
        session = self.session("-k")
        [worker] = self.start_and_list(session, "spawn 1 --for 60s --daemon &")
        for timeout, least, most in (("0", 0, 5), ("500ms", 0.5, 10)):
            before = time.monotonic()
            session.type(f"wait %1 --timeout {timeout}")
            session.expect_error(r"stdin:\d+: error: wait: timed out after .*; 1 of 1 had not ended")
            took = time.monotonic() - before
            self.assertGreaterEqual(took, least)
            self.assertLess(took, most)
            self.assertEqual(session.jobs()[0]["STATE"], "running")
        self.assertEqual(forklab.parent_of(worker["PID"]), session.pid)
        self.assertEqual(session.end().status, 1)

    def test_05_sigterm_is_killed_sigterm_and_sigkill_is_killed_sigkill(self):
        session = self.session()
        self.start_and_list(session, "spawn 2 --together --for 60s &")
        session.ask("kill Process-1", "kill -9 Process-2", "wait")
        workers = by_name(session.jobs())
        ends = [(workers[name]["STATE"], workers[name]["EXIT"]) for name in sorted(workers)]
        self.assertEqual(ends, [("killed SIGTERM", "-15"), ("killed SIGKILL", "-9")])
        self.check_ok(session.end())

    def test_05_directly_after_the_signal_the_worker_is_usually_still_there(self):
        finished = run("repeat 20 kill\n", "-q")
        self.check_ok(finished)
        asked = re.findall("(?m)^Process terminated: (True|False)$", finished.out)
        self.assertEqual(len(asked), 20)
        self.assertGreater(asked.count("True"), 10)
        self.assertEqual(finished.lines.count("Exit code: -15 (SIGTERM)"), 20)

    def test_05_a_worker_that_had_finished_before_the_signal_shows_its_own_exit_code(self):
        finished = run("kill --after 500ms --for 50ms\n")
        self.check_ok(finished)
        self.assertEqual(
            finished.lines[2:5],
            ["Process terminated: False", "Process joined: False", "Exit code: 0"],
        )

    def test_06_to_signal_a_worker_that_has_ended_is_an_error_and_its_exit_code_stays(self):
        finished = run("spawn 1 --exit 7\nkill Process-1\njobs\n", "-k")
        self.assertEqual(finished.status, 1)
        self.assertEqual(
            finished.err, "stdin:2: error: kill: Process-1 has ended already (exited 7)\n"
        )
        [worker] = forklab.parse_jobs(finished.lines)
        self.assertEqual((worker["STATE"], worker["EXIT"]), ("exited 7", "7"))

    def test_07_a_worker_that_ignores_sigterm_lives_and_the_ladder_ends_it(self):
        session = self.session()
        [worker] = self.start_and_list(session, "spawn 1 --as stubborn --for 60s &")
        pid = worker["PID"]
        wait_until(lambda: forklab.ignores(pid, signal.SIGTERM), "it ignores SIGTERM")
        self.assertIn(f"SIGTERM sent to Process-1 ({pid})", session.ask("kill Process-1"))
        self.assertEqual(session.jobs()[0]["STATE"], "running")
        self.assertEqual(forklab.parent_of(pid), session.pid)
        lines = session.ask("kill Process-1 --ladder")
        sent = [line for line in lines if " sent to " in line]
        self.assertEqual(
            sent,
            [f"{name} sent to Process-1 ({pid})" for name in ("SIGTERM", "SIGTERM", "SIGKILL")],
        )
        self.assertIn("Process-1 was killed by SIGKILL", lines)
        [worker] = session.jobs()
        self.assertEqual((worker["STATE"], worker["EXIT"]), ("killed SIGKILL", "-9"))
        self.check_ok(session.end())

    def test_07_a_crash_after_a_signal_that_was_survived_is_a_failure(self):
        session = self.session("-k")
        for number in (signal.SIGSEGV, signal.SIGKILL):
            (worker,) = self.start_and_list(session, "spawn 1 --as stubborn --for 60s --daemon &")[-1:]
            session.ask(f"kill {worker['PID']}")
            os.kill(worker["PID"], number)
            job = session.expect(r"\[(\d+)\] .* killed " + number.name)[1]
            session.ask(f"wait %{job}")
            session.expect_error(rf".*error: wait: %{job} failed")
        self.assertEqual(session.end().status, 1)

    def test_08_a_stopped_worker_is_alive_and_is_ended_by_sigterm_and_by_sigkill(self):
        session = self.session()
        workers = self.start_and_list(session, "spawn 2 --together --for 60s &")
        session.ask("stop %1")
        for worker in session.jobs():
            self.assertEqual((worker["STATE"], worker["EXIT"]), ("stopped", "-"))
            self.assertEqual(forklab.state_of(worker["PID"]), "T")
        session.ask("kill Process-1", "kill -9 Process-2")
        session.ask("wait")
        ended = [(worker["STATE"], worker["EXIT"]) for worker in session.jobs()]
        self.assertEqual(ended, [("killed SIGTERM", "-15"), ("killed SIGKILL", "-9")])
        self.assertEqual([forklab.state_of(worker["PID"]) for worker in workers], ["", ""])
        self.check_ok(session.end())

    def test_09_exit_statuses_come_back_as_they_are(self):
        finished = run("spawn 1 --exit 0\nspawn 1 --exit 7\nspawn 1 --exit 255\njobs\n")
        self.check_ok(finished)
        ends = [(worker["STATE"], worker["EXIT"]) for worker in forklab.parse_jobs(finished.lines)]
        self.assertEqual(ends, [("exited 0", "0"), ("exited 7", "7"), ("exited 255", "255")])

    def test_11_of_100_workers_every_end_is_told_exactly_once(self):
        finished = run("spawn 100 0 --together\njobs\n")
        self.check_ok(finished)
        told = [line for line in finished.lines if line.endswith(" finished with 0 results.")]
        self.assertEqual(told, [f"Process {i} finished with 0 results." for i in range(100)])
        exits = [worker["EXIT"] for worker in forklab.parse_jobs(finished.lines)]
        self.assertEqual(exits, ["0"] * 100)

        session = self.session()
        session.type("pool 100 100 --init --map sleep --for 60s --retries 0 &")
        pids = self.expect_pool_workers(session, 100)
        self.assertEqual(len(set(pids)), 100)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        workers = session.until(
            lambda workers: all(worker["EXIT"] != "-" for worker in workers), "all have ended"
        )
        # Who died before it was dealt its task has a successor.
        ends = {int(worker["PID"]): worker["STATE"] for worker in workers}
        self.assertEqual([ends[pid] for pid in pids], ["killed SIGKILL"] * 100)
        out = session.end().out
        notices = re.findall(r"(?m)^\[1\] Process-\d+ \((\d+)\) killed SIGKILL$", out)
        self.assertEqual(sorted(map(int, notices)), sorted(pids))

    def test_12_lines_of_workers_at_full_speed_are_whole_in_order_and_all_there(self):
        rounds = 1000
        finished = run(f"barrier 1 --without 4 --rounds {rounds} --stagger 0s\n")
        self.check_ok(finished)
        heard = {f"p{i}": [] for i in range(1, 6)}
        for line in finished.lines[:-1]:
            match = re.fullmatch(
                r"(?:process )?(p\d) - test_with(?:out)?_barrier "
                r"(?:----> (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})|results: \[0\.0, 1\.0\])",
                line,
            )
            self.assertIsNotNone(match, f"torn: {line}")
            heard[match.group(1)].append(match.group(2))
        for name, lines in heard.items():
            self.assertEqual(len(lines), 2 * rounds, name)
            self.assertEqual(lines[1::2], [None] * rounds, name)
            self.assertEqual(lines[0::2], sorted(lines[0::2]), name)

    def test_13_what_a_worker_said_before_it_died_is_shown_and_the_torn_rest_is_not(self):
        finished = run("pool 1 4 --init --as torn --which 0\n")
        self.check_ok(finished)
        self.assertEqual(
            forklab.normalise(finished.out).splitlines()[:-1],
            [
                "Process-1 initialized (<pid>)",
                "Process-2 initialized (<pid>)",
                "Pool: [0, 1, 4, 9]",
            ],
        )
        self.assertIn("; 1 worker died on the way", finished.lines[-1])

    def check_descriptors(self, pids):
        first = forklab.descriptors_of(pids[0])
        self.assertGreaterEqual(len(first), 4)
        for pid in pids:
            self.assertEqual(forklab.descriptors_of(pid), first)

    def test_14_the_first_and_the_hundredth_worker_have_the_same_descriptors(self):
        # A pipe for each of them, and one for them all.
        session = self.session()
        session.type("pool 100 100 --init --map sleep --for 60s &")
        self.check_descriptors(self.expect_pool_workers(session, 100))
        session.terminate()

        session = self.session()
        session.ask("barrier 300 --stagger 10ms &")
        workers = session.until(
            lambda workers: [w["STATE"][:7] for w in workers[:100]] == ["waiting"] * 100, "100 wait"
        )
        self.check_descriptors([worker["PID"] for worker in workers[:100]])
        session.terminate()

    def test_15_a_daemon_that_is_gone_is_not_terminated_by_its_main_program(self):
        finished = run("daemon --for 500ms &\nkill -9 background_process\nwait\n")
        self.check_ok(finished)
        self.assertRegex(
            finished.out,
            "=> the main program, .*: it had no daemon to terminate, as background_process was killed by "
            r"SIGKILL (before|just then), and joined NO_background_process .* later\n",
        )

    def test_15_a_main_program_waits_for_who_is_no_daemon_and_says_how_that_ended(self):
        finished = run("daemon --for 1s\n")
        self.check_ok(finished)
        self.assertRegex(finished.out, r"ended after .*, and joined NO_background_process (0\.9\d|1\.\d+) s later\n")
        session = self.session()
        session.type("daemon --for 60s &")
        session.expect(r"\[1\] background_process .* killed SIGTERM")
        session.type("kill NO_background_process")
        session.expect(r".*=> .* ended after .*: it terminated background_process, a daemon, and joined "
                       "NO_background_process, which was killed by SIGTERM, .* later")
        self.check_ok(session.end())

    def test_15_quit_terminates_a_daemon_and_joins_the_other(self):
        before = time.monotonic()
        finished = run("spawn 1 2 --for 20s --daemon &\nspawn 1 3 --for 1s &\nquit\n")
        took = time.monotonic() - before
        self.check_ok(finished)
        self.assertGreaterEqual(took, 1)
        self.assertLess(took, 10)
        self.assertIn("quit: terminating 1 daemon worker", finished.lines)
        self.assertRegex(finished.out, r"(?m)^\[1\] Process-1 \(\d+\) killed SIGTERM$")
        self.assertRegex(finished.out, r"(?m)^\[2\] Process-2 \(\d+\) exited 0$")
        self.assertEqual(len(re.findall(r"(?m)^\[2\] Process 0 finished with ", finished.out)), 1)

    def test_16_quit_says_whom_it_waits_for_and_an_interrupt_terminates_them(self):
        session = self.session()
        pids = [w["PID"] for w in self.start_and_list(session, "spawn 2 --together --for 60s &")]
        watch = self.watch(pids)
        session.type("quit")
        session.expect("quit: waiting for Process-1, Process-2")
        os.kill(session.pid, signal.SIGINT)
        self.assertEqual(watch.wait(5), 0)
        finished = session.ended()
        self.assertEqual(finished.status, 130)
        self.assertEqual(len(re.findall("killed SIGTERM", finished.out)), 2, str(finished))

    # Lock and barrier

    def test_17_a_lock_whose_owner_was_killed_goes_on_and_the_dead_owner_is_named(self):
        rounds = 100
        finished = run(
            f"barrier 1 --without 2 --rounds {rounds} --stagger 500ms "
            "--as crash --which 1 --at lock\n"
        )
        self.assertEqual(finished.status, 1)
        self.assertRegex(finished.err, r"^stdin:1: error: barrier: .*p1 \(\d+\) was killed by SIGSEGV")
        named = re.findall(r"died with the lock; it goes on to", finished.out)
        self.assertEqual(len(named), 1)
        self.assertRegex(finished.out, r"(?m)^(p[23]) - .*: p1 died with the lock; it goes on to \1$")
        for name in ("p2", "p3"):
            results = re.findall(rf"(?m)^{name} - test_without_barrier results:", finished.out)
            self.assertEqual(len(results), rounds)

    def test_18_nobody_starts_a_round_before_all_have_ended_the_one_before(self):
        parties, rounds = 4, 50
        finished = run(f"barrier {parties} --without 0 --rounds {rounds} --stagger 0s\n")
        self.check_ok(finished)
        passed = {}
        for name, when in re.findall(r"(?m)^process (p\d) - \w+ ----> (.*)$", finished.out):
            passed.setdefault(name, []).append(when)
        self.assertEqual(sorted(passed), [f"p{i + 1}" for i in range(parties)])
        self.assertEqual({len(times) for times in passed.values()}, {rounds})
        for before in range(rounds - 1):
            last = max(times[before] for times in passed.values())
            first = min(times[before + 1] for times in passed.values())
            self.assertLessEqual(last, first, f"round {before + 2} began too early")

    def test_19_a_party_that_dies_breaks_the_barrier_and_all_are_told_who(self):
        for at in ("arrive", "wait"):
            with self.subTest(at):
                finished = run(
                    f"barrier 3 --without 0 --stagger 300ms --as crash --which 2 --at {at}\n"
                )
                self.assertEqual(finished.status, 1)
                self.assertRegex(
                    finished.err,
                    r"^stdin:1: error: barrier: the barrier broke in round 1: "
                    r"p2 \(\d+\) was killed by SIGSEGV; \d of 3 were waiting\n$",
                )
                told, [summary] = split_summaries(finished)
                self.assertEqual(
                    sorted(told),
                    [f"p{i} - test_with_barrier: the barrier is broken: p2 is gone" for i in (1, 3)],
                )
                self.assertRegex(summary, "^=> 3 workers, wall .*: no party passed the barrier$")

    def test_19_a_party_killed_from_outside_while_it_waits_breaks_the_barrier(self):
        session = self.session("-k")
        session.ask("barrier 3 --without 0 --stagger 300ms --for 1s &")
        workers = session.until(
            lambda workers: len(workers) == 3 and workers[0]["STATE"].startswith("waiting"), "p1 waits"
        )
        os.kill(workers[0]["PID"], signal.SIGKILL)
        session.type("wait %1")
        session.expect_error(r"stdin:1: error: barrier: the barrier broke in round 1: p1 .*SIGKILL.*")
        session.expect_error(r"stdin:\d+: error: wait: %1 failed")
        finished = session.end()
        self.assertEqual(finished.status, 1)
        for name in ("p2", "p3"):
            told = f"[1] {name} - test_with_barrier: the barrier is broken: p1 is gone"
            self.assertEqual(finished.lines.count(told), 1)

    def test_20_a_timeout_breaks_the_barrier_for_all(self):
        finished = run("barrier 2 --without 0 --stagger 2s --timeout 100ms\n")
        self.assertEqual(finished.status, 1)
        self.assertRegex(finished.err, "it took longer than 100ms; 1 of 2 were waiting\n$")
        told, [summary] = split_summaries(finished)
        self.assertEqual(
            sorted(told),
            [f"p{i} - test_with_barrier: the barrier is broken: it took too long" for i in (1, 2)],
        )
        self.assertRegex(summary, "^=> 2 workers, wall .*: no party passed the barrier$")

    def test_20_one_party_never_blocks_and_zero_parties_are_refused(self):
        finished = run("barrier 1 --without 0 --rounds 20 --timeout 20s\n")
        self.check_ok(finished)
        self.assertEqual(len(re.findall("results:", finished.out)), 20)
        finished = run("barrier 0\njobs\n", "-k")
        self.assertEqual((finished.status, finished.out), (2, "no jobs yet\n"))
        self.assertRegex(finished.err, "N must be a count from 1 to ")

    # Pool

    def test_21_squares_are_in_input_order_with_any_chunk_and_the_same_set_unordered(self):
        for chunk in ["", *(f"--chunk {k}" for k in (1, 2, 3, 4, 7, 10, 11))]:
            with self.subTest(chunk):
                finished = run(f"pool 4 10 {chunk}\n")
                self.check_ok(finished)
                self.assertEqual(finished.lines[0], SQUARES)
        for way in ("memory", "pipe"):
            finished = run(f"pool 2 100k --results {way} --all\n")
            self.check_ok(finished)
            self.assertEqual(finished.lines[0], f"Pool: {[i * i for i in range(100000)]}")
        finished = run("pool 4 10 --unordered --chunk 1\n")
        self.check_ok(finished)
        numbers = sorted(map(int, re.findall(r"\d+", finished.lines[0])))
        self.assertEqual(numbers, [i * i for i in range(10)])

    def test_22_no_tasks_are_no_results_and_no_workers_are_refused(self):
        finished = run("pool 4 0\njobs\n")
        self.check_ok(finished)
        self.assertEqual((finished.lines[0], finished.lines[-1]), ("Pool: []", "%1   (no workers)    -  -        -        -     -"))
        for workers in ("0", "-1"):
            finished = run(f"pool {workers} 10\njobs\n", "-k")
            self.assertEqual((finished.status, finished.out), (2, "no jobs yet\n"))
            self.assertRegex(finished.err, f"W must be a count from 1 to .*, not '{workers}'\n")

    def test_23_more_workers_than_tasks_or_cores_are_fine_and_the_summary_names_the_cores(self):
        cores = len(os.sched_getaffinity(0))
        for workers, tasks, results in ((20, 3, "Pool: [0, 1, 4]"), (4 * cores, 10, SQUARES)):
            finished = run(f"pool {workers} {tasks}\n")
            self.check_ok(finished)
            self.assertEqual(finished.lines[0], results)
            self.assertRegex(
                finished.lines[1],
                f"^=> {workers} workers, {tasks} tasks: .* of {cores} cores? kept busy$",
            )

    def test_24_a_worker_is_replaced_after_its_last_task(self):
        finished = run("pool 4 100 --max-tasks 10 --all\njobs\n")
        self.check_ok(finished)
        self.assertEqual(finished.lines[0], f"Pool: {[i * i for i in range(100)]}")
        workers = forklab.parse_jobs(finished.lines)
        self.assertGreaterEqual(len({worker["PID"] for worker in workers}), 10)
        self.assertEqual({worker["EXIT"] for worker in workers}, {"0"})

    def test_25_what_a_killed_worker_had_in_hand_is_run_again(self):
        session = self.session()
        session.type("pool 2 6 --map sleep --for 300ms --init &")
        victim = self.expect_pool_workers(session, 2)[0]
        os.kill(victim, signal.SIGKILL)
        lines = session.ask("wait %1")
        self.assertIn("[1] Pool: [0, 1, 2, 3, 4, 5]", lines)
        workers = session.jobs()
        self.assertEqual(sorted(w["EXIT"] for w in workers), ["-9", "0", "0"])
        self.assertRegex("\n".join(lines), "; 1 worker died on the way")
        self.check_ok(session.end())

    def test_26_a_task_that_always_kills_its_worker_is_lost_and_all_others_are_done(self):
        for retries in (0, 1, 3):
            with self.subTest(retries=retries):
                finished = run(f"pool 2 10 --poison 3 --retries {retries}\njobs\n", "-k")
                self.assertEqual(finished.status, 1)
                killed = f"its worker{'s' if retries else ''} died with it in hand"
                self.assertEqual(
                    finished.err, f"stdin:1: error: pool: 1 of 10 tasks is lost: 3; {killed}\n"
                )
                self.assertEqual(finished.lines[0], SQUARES.replace("9,", "lost,", 1))
                exits = [worker["EXIT"] for worker in forklab.parse_jobs(finished.lines)]
                self.assertEqual(exits.count("-11"), retries + 1)

    def test_27_a_pool_survives_that_all_its_workers_are_killed_at_once(self):
        session = self.session()
        session.type("pool 4 8 --map sleep --for 300ms --init &")
        pids = self.expect_pool_workers(session, 4)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        lines = session.ask("wait %1")
        self.assertIn("[1] Pool: [0, 1, 2, 3, 4, 5, 6, 7]", lines)
        exits = [worker["EXIT"] for worker in session.jobs()]
        self.assertEqual(exits.count("-9"), 4)
        self.assertEqual(exits.count("0"), len(exits) - 4)
        self.check_ok(session.end())

    def test_28_an_interrupt_in_the_middle_of_a_pool_leaves_no_worker(self):
        session = self.session()
        session.type("pool 2 1000 --map sleep --init", "echo never")
        watch = self.watch(self.expect_pool_workers(session, 2))
        before = time.monotonic()
        os.kill(session.pid, signal.SIGINT)
        self.assertEqual(watch.wait(5), 0)
        finished = session.ended()
        self.assertLess(time.monotonic() - before, 5)
        self.assertEqual(finished.status, 130)
        self.assertNotIn("never", finished.out)
        self.assertEqual(len(re.findall("initialized", finished.out)), 2)
        self.assertLessEqual(len(finished.err.splitlines()), 1)

    def test_28_a_worker_that_cannot_be_heard_costs_a_task_a_try(self):
        for how in ("babble", "mute"):
            for retries in (0, 1, 2):
                with self.subTest(how, retries=retries):
                    finished = run(f"pool 2 4 --as {how} --retries {retries}\n")
                    self.assertIn("4 of 4 tasks are lost: 0, 1, 2, 3; their workers died", finished.err)
                    died = 4 * (retries + 1)
                    self.assertRegex(finished.out, f"; {died} workers died on the way\n")

    def test_28_each_of_the_six_sums_up_what_was_interrupted(self):
        for command, wanted in (
            ("spawn 2 --for 60s", "1 worker: wall "),
            ("name --for 60s", "do_something process 1 is "),
            ("kill --after 60s --for 60s", "SIGTERM ended it before the walk was over, after "),
            ("daemon --off --for 60s", "the main program, "),
            ("barrier 2 --for 60s", r"\d workers?, wall .*: no party passed the barrier"),
            ("pool 2 1000 --map sleep", r"2 workers, \d+ of 1000 tasks done: wall "),
        ):
            with self.subTest(command):
                session = self.session()
                session.type(command)
                wait_until(lambda: forklab.children_of(session.pid), "a worker")
                os.kill(session.pid, signal.SIGINT)
                finished = session.ended()
                self.assertEqual(finished.status, 130)
                [summary] = split_summaries(finished)[1]
                self.assertRegex(summary, f"^=> {wanted}")

    def test_29_no_worker_outlives_a_forklab_that_was_killed(self):
        for command in ("spawn 20 --together --for 60s &", "pool 4 1000 --map sleep --for 60s &"):
            with self.subTest(command):
                session = self.session()
                session.ask(command)
                watch = self.watch(session.pids())
                session.process.kill()
                session.process.wait()
                self.assertEqual(watch.wait(1), 0, "workers that live on")
                for _ in watch.fds:  # they are our children now
                    os.waitid(os.P_ALL, 0, os.WEXITED)

    # Sessions

    def test_30_output_through_a_pipe_is_never_doubled_by_a_fork(self):
        script = "echo first\n" + "echo again\nspawn 5 --together\nname\n" * 20
        script += "pool 2 2000 --all\nspawn 20 --together\nbarrier 2 --stagger 0s\n"
        finished = run(script)
        self.check_ok(finished)
        self.assertEqual(finished.lines.count("first"), 1)
        self.assertEqual(finished.lines.count("again"), 20)
        self.assertEqual(len([line for line in finished.lines if line.startswith("Pool: ")]), 1)
        self.assertEqual(finished.lines.count("Process 4 finished with 4000 results."), 21)
        self.assertEqual(finished.lines.count("calling do_something from process no: 0"), 21)

    def test_28_a_pool_whose_workers_only_die_gives_up(self):
        session = self.session("-k")
        session.ask("pool 2 5000 --map sleep --for 60s &")
        while "Pool:" not in session.seen[1]:
            session.ask("kill -9 %1")
        finished = session.end()
        self.assertEqual(finished.status, 1)
        self.assertIn("pool: 5000 of 5000 tasks are lost: 0, 1, 2, 3, 4, ...; given up, as too many "
                      "workers died in a row", finished.err)
        self.assertRegex(finished.out, r"; 100[01] workers died on the way\n")

    def test_31_nothing_is_left_however_a_session_ends(self):
        busy = "spawn 3 --together --for 60s --daemon &\nname --for 60s --daemon &\n"
        ends = {
            "the end of its input": (busy, 0),
            "quit": (busy + "quit\n", 0),
            "quit with a status": (busy + "quit 9\n", 9),
            "a failed command": (busy + "kill nobody\n", 1),
            "a wrong command": (busy + "spawn 0\n", 2),
            "a grandchild that holds the pipe": ("spawn 2 --as fork\npool 2 4 --as fork\n", 0),
            "mute workers": ("spawn 2 --together --as mute\n", 1),
        }
        for name, (script, status) in ends.items():
            with self.subTest(name):
                finished = run(script)
                self.assertEqual(finished.status, status, str(finished))
                self.assertEqual(forklab.left_behind(), [])

    def test_31_nothing_is_left_when_a_signal_ends_a_session(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number.name):
                session = self.session()
                session.ask(
                    "spawn 3 --together --for 60s &",
                    "spawn 1 --as stubborn --for 60s &",
                    "pool 2 100 --map sleep &",
                    "stop Process-1",
                )
                watch = self.watch(session.pids())
                os.kill(session.pid, number)
                self.assertEqual(session.ended().status, 128 + number)
                self.assertEqual(watch.wait(0), 0)
                self.assertEqual(forklab.left_behind(), [])

    def test_31_nothing_is_left_when_the_reader_of_its_output_leaves(self):
        session = self.session()
        session.ask("spawn 3 --together --for 60s &")
        watch = self.watch(session.pids())
        session.process.stdout.close()
        session.streams = {session.process.stderr.fileno(): 2}
        session.type("echo nobody reads this")
        self.assertEqual(session.ended().status, 3)
        self.assertEqual(watch.wait(0), 0)

    def test_31_there_is_no_zombie_while_a_session_runs(self):
        session = self.session("-k")
        for line in (
            "spawn 10 --together",
            "spawn 2 --as crash",
            "pool 4 100 --max-tasks 3",
            "spawn 1 --as fork",
        ):
            session.ask(line)
            # A grandchild that was just killed is ours to collect when the kernel says so.
            wait_until(lambda: not forklab.children_of(session.pid), f"no child after {line}")
        self.assertEqual(session.end().status, 1)

    def test_32_the_same_script_gives_the_same_output_twice(self):
        script = (
            "spawn 6\nspawn 6 --together\nname\npool 4 10\npool 4 100 --chunk 3\ndaemon\n"
            "spawn 3 --as crash --which 1\nspwan\nwait\npool 2 6 --poison 3\n"
        )
        first, second = run(script, "-k", "-x"), run(script, "-k", "-x")
        self.assertEqual(forklab.normalise(first.out), forklab.normalise(second.out))
        self.assertEqual(forklab.normalise(first.err), forklab.normalise(second.err))
        self.assertEqual((first.status, second.status), (2, 2))


if __name__ == "__main__":
    unittest.main(verbosity=2 if os.environ.get("VERBOSE") else 1)
