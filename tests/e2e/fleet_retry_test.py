#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What is tried again: when, from where, and whom it must not hold up."""
import re
import signal

from case import main, wait_until
from fleet_case import PARTITIONS, QUICK, FleetCase
from harness import purgefleet, records


class Retries(FleetCase):
    tiers = "1s,2s,4s"

    def test_a_worker_refuses_tiers_that_there_is_no_retry_topic_for(self):
        for words, names, remedy in ((("--retry-delay", "90"), ("90s", "15m", "1h"), "--retry-tiers 90s,15m,1h"),
                                     ((), ("1m", "10m", "1h", "6h"), "--retry-tiers 1m,10m,1h,6h"),
                                     (("--retry-tiers", "2,7s"), ("7s",), "--retry-tiers 2s,7s")):
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
        for delay in ("1m", "10m", "6h"):
            self.assertIn(f"{self.topic}.retry.{delay}: created, {PARTITIONS} partitions", result.stdout)
        self.assertNotIn("no tier", result.stdout)
        uids = self.tables.many_old(20, [self.nodeid])
        before = self.tables.snapshot()
        self.publish(uids)
        self.call("work", "--until-drained")
        self.assert_purged(before, uids)

    def retry_topics(self):
        return sorted(topic for topic in self.broker.topics() if topic.startswith(f"{self.topic}.retry."))

    def test_tiers_of_before_are_emptied_and_may_be_deleted_then(self):
        """Records that wait there are done by workers that put nothing there any more."""
        uids = self.tables.many_old(20, [self.nodeid])
        before = self.tables.snapshot()
        for name, part in (("1s", uids[:8]), ("2s", uids[8:])):
            records.publish(self.broker, f"{self.topic}.retry.{name}", [(0, "0", records.candidate(uid)) for uid in part])
        said = self.call("topics", "create", "--retry-tiers", "2s,3s").stdout
        self.assertIn(f"{self.topic}.retry.3s: created, {PARTITIONS} partitions", said)
        for delay in ("1s", "4s"):
            self.assertIn(f"{self.topic}.retry.{delay}: {PARTITIONS} partitions, no tier\n  workers read it until it is empty;", said)
        self.assertEqual({"1s": 8, "4s": 0}, self.leftovers("2s,3s"))
        self.assertEqual(0, self.worker("--until-drained", tiers="2s,3s").wait().status)
        self.assert_purged(before, uids)
        self.assertEqual({"1s": 0, "4s": 0}, self.leftovers("2s,3s"))
        for delay in ("1s", "4s"):
            self.broker.delete_topic(f"{self.topic}.retry.{delay}")
        self.call("work", "--retry-tiers", "2s,3s", "--until-drained")

    def leftovers(self, tiers):
        """What `topics show` says is left in the retry topics that are no tiers, by their delay."""
        said = self.call("topics", "show", "--retry-tiers", tiers).stdout
        found = re.findall(r"\.retry\.(\S+): \d+ partitions, no tier\n  the group (\S+) has (\d+) records? left in it; .*"
                           r"may be deleted: kafka-topics\.sh --bootstrap-server HOST:PORT --delete --topic (\S+)\n", said)
        for delay, group, _, topic in found:
            self.assertEqual((self.topic, f"{self.topic}.retry.{delay}"), (group, topic))
        return {delay: int(count) for delay, _, count, _ in found}

    def test_tiers_that_make_no_sense_are_refused(self):
        for tiers, why in (("1m,1m", "rising times"), ("1s,2s,3s,4s,5s,6s", "at most 5 times"), ("500ms", "times from 1s to 24h"), ("soon", "1 to 5 times")):
            for command in (("work",), ("topics", "create")):
                self.assertIn(f"'--retry-tiers' wants {why}", self.call(*command, "--retry-tiers", tiers, status=2).stderr)
        both = self.call("work", "--retry-tiers", "1m", "--retry-delay", "1m", status=2)
        self.assertIn("--retry-tiers and --retry-delay say the same; give one of them", both.stderr)

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
        """Each time from the next one, never before it is due, and in the order in which it went there."""
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        failing = uids[3:6]  # of one partition
        for uid in failing:
            self.node.fail(500, uids={uid}, times=4)
        self.publish(uids)
        result = self.worker("--until-drained", "--attempts", "1").wait()
        self.assertEqual(0, result.status, result)
        self.assert_purged(before, uids)
        tiers = {delay: self.records(f"retry.{delay}") for delay in ("1s", "2s", "4s")}
        self.assertEqual({"1s": {"1"}, "2s": {"2"}, "4s": {"3", "4"}},
                         {delay: {record["headers"]["purge.error.attempts"] for record in found} for delay, found in tiers.items()})
        self.assertEqual([3, 3, 6], [len(found) for found in tiers.values()])
        self.assertEqual({("http_5xx", "500")}, {(record["headers"]["purge.error.reason"], record["headers"]["purge.error.status"])
                                                 for found in tiers.values() for record in found})
        for first, second, least_ms in (("1s", "2s", 1000), ("2s", "4s", 2000)):
            waits = self.waits_ms(f"retry.{first}", f"retry.{second}", attempts=least_ms // 1000 + 1)
            self.assertEqual((3, []), (len(waits), [wait for wait in waits if wait < least_ms]))
        tried = [request.uid for request in self.node.requests if request.uid in failing]
        self.assertEqual([set(failing)] * 5, [set(tried[i:i + 3]) for i in range(0, len(tried), 3)])
        self.assertEqual(0, self.lag())

    def test_a_worker_that_is_killed_between_hand_over_and_commit_loses_nothing(self):
        slow, slowid = self.add_node()
        [first] = self.tables.many_old(1, [slowid])
        *others, later = self.tables.many_old(31, [self.nodeid])
        before = self.tables.snapshot()
        slow.hold()  # the first record of the partition is at work, so what comes behind it is not committed
        self.node.fail(500, times=len(others))
        records.publish(self.broker, self.topic, [(0, "0", records.candidate(uid)) for uid in (first, *others)])
        worker = self.worker("--attempts", "1", "--hold", "60")
        wait_until(lambda: len(self.records("retry.1s")) >= len(others), "they are handed over")
        records.publish(self.broker, self.topic, [(1, "0", records.candidate(later))])
        wait_until(lambda: self.offsets().get((self.topic, 1)) == 1, "what could be committed is")
        worker.signal(signal.SIGKILL)
        worker.wait()
        self.assertGreater(self.lag(), len(others))
        slow.release()
        again = self.worker("--until-drained", "--attempts", "1").wait()
        self.assertEqual(0, again.status, again)
        self.assert_removed(before, [first, *others, later])
        self.assertEqual(0, self.lag())
        self.assertEqual([], self.records("dead"))

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
        wait_until(lambda: len(self.records("retry.2s")) >= len(uids), "all were postponed twice")
        self.assert_waiting("2s", uids, 2)
        self.wait_gone(healthy)  # one of them after two failures
        self.assert_removed(before, healthy)
        self.node.up()
        self.wait_done([*healthy, *uids])
        self.assert_purged(before, [*healthy, *uids])
        self.assertEqual([], self.records("dead"))
        away = worker.lines("connections to the node fail; probing it until one works")
        self.assertEqual([4], [line["rows_wait_at_most_s"] for line in away])
        self.end(worker)

    def test_an_outage_of_any_length_makes_no_dead_letters_and_no_mill(self):
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(503)
        self.call("topics", "create", "--retry-tiers", "1s,2s,1h")
        worker = self.worker("--hold", "1", "--attempts", "1", "--retries", "1", tiers="1s,2s,1h")
        self.publish(uids)
        wait_until(lambda: len(self.records("retry.1h")) >= len(uids), "they wait in the last one")
        self.assert_waiting("1h", uids, 3)
        self.end(worker)
        self.assertEqual(3 * len(uids), sum(len(self.records(f"retry.{delay}")) for delay in ("1s", "2s", "1h")))
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
