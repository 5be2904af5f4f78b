#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What is tried again: when, from where, and whom it must not hold up."""
import re
import signal

from case import main, wait_until
from fleet_case import DELAYS, PARTITIONS, QUICK, FleetCase
from harness import purgefleet, records


class Retries(FleetCase):
    def test_a_worker_refuses_a_delay_that_there_is_no_retry_topic_for(self):
        for words, names, remedy in ((("--retry-delay", "90"), ("90s", "15m", "1h"), "--retry-delay 90"),
                                     ((), ("10m", "1h"), "--retry-delay 60")):
            result = self.call("work", *words, status=1)
            missing = ", nor ".join(f"'{self.topic}.retry.{name}'" for name in names)
            self.assertIn(f"there is no topic {missing};", result.stderr)
            self.assertIn(f"topics tokenserver create --topic-prefix {self.prefix} {remedy}", result.stderr)
        self.call("topics", "create", "--retry-delay", 90)
        self.call("work", "--retry-delay", 90, "--until-drained")

    def test_a_layout_with_fewer_retry_topics_is_completed_by_the_command_that_is_shown(self):
        self.prefix, self.topic = f"{self.prefix}old", f"{self.prefix}old.tokenserver"
        self.make_topics("--replication", 1, "--retry-delay", 3600)
        self.assertEqual([f"{self.topic}.retry.1h"], self.retry_topics())
        said = self.call("work", status=1).stderr
        shown = re.search(r"make what is missing: purgefleet (topics tokenserver create .*), or give", said).group(1)
        result = purgefleet.run([*shown.split(), "--brokers", self.broker.address], self.environment())
        self.assertEqual(0, result.status, result)
        for delay in ("1m", "10m"):
            self.assertIn(f"{self.topic}.retry.{delay}: created, {PARTITIONS} partitions", result.stdout)
        uids = self.tables.many_old(20, [self.nodeid])
        before = self.tables.snapshot()
        self.publish(uids)
        self.call("work", "--until-drained")
        self.assert_purged(before, uids)

    def retry_topics(self):
        return sorted(topic for topic in self.broker.topics() if topic.startswith(f"{self.topic}.retry."))

    def test_a_delay_out_of_a_second_to_an_hour_is_refused(self):
        for delay in ("0", "0.9", "500ms", "3601", "2h"):
            for command in (("work",), ("topics", "create")):
                self.assertIn("retry-delay", self.call(*command, "--retry-delay", delay, status=2).stderr)

    def test_headers_that_make_no_sense_count_as_none(self):
        odd = {"-1": 1, "7": 8, "99999999999999999999": 1, "1000001": 1, "seven": 1, "0x7": 1, "7 ": 1, "": 1}
        uids = self.tables.many_old(len(odd), [self.nodeid])
        self.node.fail(400)
        for uid, attempts in zip(uids, odd):
            records.publish(
                self.broker, f"{self.topic}.retry.1s", [(0, "0", records.candidate(uid))],
                {"purge.error.attempts": attempts, "purge.error.postponed": attempts, "purge.error.first_failed_at": "-5"})
        self.assertEqual(3, self.worker("--until-drained", "--retries", "1000").wait().status)
        letters = {int(letter["key"]): letter["headers"] for letter in self.records("dead")}
        self.assertEqual(dict(zip(uids, odd.values())),
                         {uid: int(headers["purge.error.attempts"]) for uid, headers in letters.items()})
        for headers in letters.values():
            self.assertGreater(int(headers["purge.error.first_failed_at"]), 10**12)

    def test_what_fails_is_tried_again_from_the_retry_topic(self):
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(500, uids={uids[3]}, times=2)
        self.publish(uids)
        result = self.worker("--until-drained", "--attempts", "1").wait()
        self.assertEqual(0, result.status, result)
        self.assert_purged(before, uids)
        retries = self.records("retry.1s")
        self.assertEqual(["1", "2"], [record["headers"]["purge.error.attempts"] for record in retries])
        self.assertEqual("http_5xx", retries[0]["headers"]["purge.error.reason"])
        self.assertEqual("500", retries[0]["headers"]["purge.error.status"])
        self.assertEqual(0, self.lag())

    def test_a_node_that_is_away_holds_up_no_other(self):
        other, otherid = self.add_node()
        uids = self.tables.many_old(100, [self.nodeid])
        waiting = self.tables.many_old(100, [otherid])
        before = self.tables.snapshot()
        other.down()
        self.publish(sorted([*uids, *waiting]))
        worker = self.worker("--hold", "1", "--window", "50")
        self.wait_gone(uids)
        self.assert_removed(before, uids)
        wait_until(lambda: self.records("retry.1s"), "some went to the retry topic")
        self.assertEqual(set(waiting), set(waiting) & self.tables.uids())
        other.up()
        self.wait_gone(waiting)
        wait_until(lambda: self.lag() == 0, "all is committed")
        worker.signal(signal.SIGTERM)
        self.assertEqual(0, worker.wait().status)
        self.assert_purged(before, [*uids, *waiting])
        self.assertEqual([], self.records("dead"))

    def assert_waiting(self, delay, uids, away):
        """These wait in the retry topic of this delay; none of them has failed."""
        found = [record for record in self.records(f"retry.{delay}") if record["headers"].get("purge.error.away") == str(away)]
        self.assertEqual(len(uids), len(found))
        self.assertEqual({"0"}, {record["headers"]["purge.error.attempts"] for record in found})
        self.assertEqual({str(away)}, {record["headers"]["purge.error.postponed"] for record in found})

    def test_rows_of_a_node_that_is_away_wait_longer_each_time_and_come_back(self):
        other, otherid = self.add_node()
        healthy = self.tables.many_old(20, [otherid])
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.node.down()
        other.fail(500, uids={healthy[3]}, times=2)
        worker = self.worker("--hold", "1", "--attempts", "1", "--retries", "3")
        self.publish(sorted([*healthy, *uids]))
        wait_until(lambda: len(self.records("retry.10s")) >= len(uids), "all were postponed twice")
        self.assert_waiting("10s", uids, 2)
        self.wait_gone(healthy)  # one of them after two failures
        self.assert_removed(before, healthy)
        self.assertEqual([], self.records("retry.1m"))
        self.node.up()
        self.wait_done([*healthy, *uids])
        self.assert_purged(before, [*healthy, *uids])
        self.assertEqual([], self.records("dead"))
        away = worker.lines("connections to the node fail; probing it until one works")
        self.assertEqual([60], [line["rows_wait_at_most_s"] for line in away])
        self.end(worker)

    def test_an_outage_of_any_length_makes_no_dead_letters_and_no_mill(self):
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(503)
        worker = self.worker("--hold", "1", "--attempts", "1", "--retries", "1")
        self.publish(uids)
        wait_until(lambda: len(self.records("retry.1m")) >= len(uids), "they wait in the last one")
        self.assert_waiting("1m", uids, 3)
        self.end(worker)
        self.assertEqual(3 * len(uids), sum(len(self.records(f"retry.{delay}")) for delay in DELAYS))
        self.assertEqual(before, self.tables.snapshot())
        self.assertEqual([], self.records("dead"))

    def test_says_how_many_records_wait_for_their_next_try(self):
        uids = self.tables.many_old(10, [self.nodeid])
        self.call("topics", "create", "--retry-delay", 90)
        self.node.down()
        self.publish(uids)
        worker = self.start(*self.kafka(), *QUICK, "--retry-delay", "90", "--hold", "1", words=("work", "tokenserver"))
        worker.next_line("working", waiting=len(uids), retried=len(uids), in_work=0)
        self.end(worker)

    def test_what_is_postponed_for_too_long_is_left_to_the_next_full_pass(self):
        other, otherid = self.add_node()
        uids = self.tables.many_old(10, [self.nodeid])
        self.tables.many_old(10, [otherid])
        before = self.tables.snapshot()
        other.fail(403)
        self.publish(sorted(self.tables.uids()))
        result = self.worker("--until-drained", "--hold", "1", "--candidate-life", "3", "--retries", "1000").wait()
        self.assertEqual(3, result.status, result)
        refusals = [line for line in result.lines if line["message"].startswith("node refuses our signature")]
        self.assertEqual([60], [line["asked_again_in_s"] for line in refusals])
        self.assert_removed(before, uids)
        self.assertEqual([], self.records("dead"))
        self.assertEqual(0, self.lag())


if __name__ == "__main__":
    main()
