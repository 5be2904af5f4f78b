#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_scanner_test: a producer is killed, frozen, loses its lock to another one, or waits for workers that are behind."""
import collections
import hashlib
import math
import random
import signal
import subprocess
import time

from case import main, wait_until
from produce_case import ProduceCase

KILLS = 20
KILLS_WITHIN_A_PASS = 10  # at least
PAGE = 100
UNACKED = 200
# What a kill may repeat: what was published since the last save of the cursor, what was not acknowledged then, and a page.
REPEATED_BY_A_KILL = 10_000 + UNACKED + PAGE


class Fleet(ProduceCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def position(self):
        """(replaced_at, uid) that the cursor of the pass under way has come to."""
        cursor = self.cursors()[-1]
        at = cursor["full_at"] if cursor["full_running"] else cursor["at"]
        return tuple(map(int, at.split("/"))) if at else (-1, -1)

    def test_publishes_all_though_it_is_killed_again_and_again(self):
        uids = set(self.tables.many_old(60_000, [self.nodeid]))
        chance = random.Random(7)
        killed = {}  # run: how far the cursor was
        slowly = ("--max-per-loop", PAGE, "--max-unacked", UNACKED, "--kafka.linger.ms=50")
        for _ in range(KILLS):
            producer = self.start(*slowly)
            end = time.monotonic() + chance.uniform(0.05, 3)
            wait_until(lambda producer=producer, end=end: producer.ended() or time.monotonic() > end, "a moment")
            producer.close()
            begun = producer.lines("pass begins")
            if begun and not producer.lines("pass ended"):
                killed[begun[0]["pass"]] = self.position()
        self.assertGreaterEqual(len(killed), KILLS_WITHIN_A_PASS)
        producer = self.start("--max-per-loop", 500)
        producer.next_line("pass ended", state="complete")
        self.stop(producer)
        values = [record["value"] for record in self.published()]
        self.assertEqual({value["k"] for value in values}, uids)
        behind = collections.Counter(value["run"] for value in values
                                     if (value["at"], value["k"]) > killed.get(value["run"], (math.inf, 0)))
        self.assertLessEqual(max(behind.values()), REPEATED_BY_A_KILL)
        # Nothing but what lay behind a cursor was published again.
        self.assertLessEqual(len(values) - len(uids), behind.total())

    def test_has_one_scanner_and_another_one_takes_over(self):
        self.tables.many_old(20, [self.nodeid])
        first = self.start()
        first.next_line("pass ended", state="complete")
        second = self.start()
        second.next_line("standing by")
        first.close()
        self.assertEqual(second.next_line("pass begins")["kind"], "incremental")
        second.next_line("pass ended", state="complete")
        self.stop(second)

    def test_gives_way_when_it_is_frozen_and_notices_when_it_goes_on(self):
        self.tables.many_old(20, [self.nodeid])
        first = self.start()
        first.next_line("pass ended", state="complete")
        second = self.start()
        second.next_line("standing by")
        first.signal(signal.SIGSTOP)
        self.assertEqual(second.next_line("pass begins")["kind"], "incremental")
        second.next_line("pass ended", state="complete")
        first.signal(signal.SIGCONT)
        first.signal(signal.SIGUSR1)
        first.next_line("standing by")
        self.stop(first)
        self.stop(second)

    def start_waiting(self, **how):
        """In the midst of a pass, for nobody works on what it publishes."""
        self.tables.many_old(10_000, [self.nodeid])
        producer = self.start("--max-per-loop", 500, "--max-queue-lag", 4000, **how)
        producer.next_line("waiting: the workers")
        return producer

    def kill_lock(self):
        """Ends the connection that holds the scanner's lock."""
        name = "purgefleet/" + hashlib.md5(b"tokenserver/tokenserver").hexdigest()
        holder = self.tables.query("SELECT IS_USED_LOCK(%s) AS id", name)[0]["id"]
        self.tables.query(f"KILL {holder}")

    def test_frozen_within_a_pass_writes_no_cursor_any_more(self):
        first = self.start_waiting()
        second = self.start("--max-per-loop", 500, "--max-queue-lag", 4000)
        second.next_line("standing by")
        first.signal(signal.SIGSTOP)
        self.assertEqual(second.next_line("pass begins")["why"], "unfinished")
        second.next_line("waiting: the workers")
        cursors = self.cursors()
        first.signal(signal.SIGCONT)
        self.assertIn("lost", first.next_line("pass ended", state="failed")["error"])
        first.next_line("standing by")
        self.assertEqual(self.cursors(), cursors)

    def test_goes_on_from_the_cursor_after_it_lost_the_lock_within_a_pass(self):
        producer = self.start_waiting()
        wait_until(lambda: self.cursors()[-1]["full_at"], "a cursor that was saved while it waits")
        self.kill_lock()
        self.assertIn("lost", producer.next_line("pass ended", state="failed")["error"])
        line = producer.next_line("pass begins")
        self.assertEqual((line["why"], line["from"]), ("unfinished", self.cursors()[-1]["full_at"]))

    def test_stopped_while_it_looks_for_the_lock_has_no_failure_of_its_own_any_more(self):
        user = self.mariadb.add_user("standby", "ALL ON tokenserver.*")
        first = self.start_waiting(env={"SYNC_TOKENSERVER__DATABASE_URL": user})
        second = self.start()
        second.next_line("standing by")
        self.kill_lock()
        first.next_line("pass ended", state="failed")
        second.next_line("pass begins")
        first.signal(signal.SIGUSR1)
        first.next_line("standing by")
        self.tables.query("CREATE TABLE visits (number INT)")
        self.tables.query("SELECT GET_LOCK('gate', 0)")
        self.addCleanup(self.tables.query, "SET GLOBAL init_connect = ''")
        self.tables.query("SET GLOBAL init_connect = 'INSERT INTO tokenserver.visits VALUES (1); DO GET_LOCK(''gate'', 60)'")
        wait_until(lambda: self.tables.query("SELECT * FROM visits"), "it looks for the scanner's lock")
        first.signal(signal.SIGTERM)
        first.next_line("stopping")
        self.tables.query("DO RELEASE_LOCK('gate')")
        result = first.wait()
        self.assertEqual(0, result.status, result)

    def test_is_quiet_until_it_may_go_on(self):
        self.tables.many_old(5000, [self.nodeid])
        producer = self.start("--max-per-loop", 500, "--max-queue-lag", 1000)
        producer.next_line("waiting: the workers are too far behind")
        producer.signal(signal.SIGTSTP)
        producer.next_line("quiet")
        producer.next_line("pass ended", state="stopped")
        producer.signal(signal.SIGCONT)
        self.assertEqual(producer.next_line("pass begins")["why"], "unfinished")
        self.stop(producer)

    def test_an_outage_between_two_passes_is_not_told_as_one_of_now(self):
        producer = self.start()
        producer.next_line("pass ended", state="complete")
        self.broker.stop()
        self.broker.start()
        producer.signal(signal.SIGUSR1)
        producer.next_line("pass ended", state="complete")
        self.assertEqual([], producer.lines("trouble with the brokers"))
        self.stop(producer)

    def test_waits_for_workers_that_are_too_far_behind(self):
        self.tables.many_old(5000, [self.nodeid])
        producer = self.start("--max-per-loop", 500, "--max-queue-lag", 1000)
        producer.next_line("waiting: the workers are too far behind", group=self.topic)
        self.assertLessEqual(len(self.published()), 2000)
        consumer = subprocess.Popen(
            ["kcat", "-q", "-b", self.broker.address, "-X", "auto.offset.reset=earliest",
             "-X", "auto.commit.interval.ms=100", "-G", self.topic, self.topic],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )
        self.addCleanup(consumer.wait)
        self.addCleanup(consumer.kill)
        producer.next_line("pass ended", state="complete", acknowledged=5000)
        self.stop(producer)
        self.assertEqual(len(self.uids()), 5000)

    def test_loses_nothing_when_the_broker_is_killed(self):
        uids = self.tables.many_old(20_000, [self.nodeid])
        producer = self.start("--max-per-loop", 200, "--max-unacked", 500)
        wait_until(lambda: len(self.broker.records(self.topic)) > 1000, "records")
        self.broker.kill()
        self.broker.start()
        producer.next_line("pass ended", state="complete")
        self.stop(producer)
        self.assertEqual(set(self.uids()), set(uids))


if __name__ == "__main__":
    main()
