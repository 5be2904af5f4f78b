#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""A worker of a fleet: whatever comes, every candidate is purged and counted once."""
import os
import signal

from case import main, wait_until
from fleet_case import WIDTH, FleetCase, partition_of
from harness import purgefleet, records
from harness.storage_node import StorageNode


class OneWorker(FleetCase):
    def test_purges_what_is_published_and_ends_when_nothing_is_left(self):
        uids = self.tables.many_old(300, [self.nodeid])
        self.tables.live(self.nodeid)
        before = self.tables.snapshot()
        self.publish(uids)
        result = self.worker("--until-drained").wait()
        self.assertEqual(0, result.status, result)
        self.assert_purged(before, uids)
        self.assert_deleted(uids)
        self.assertEqual(0, self.lag())

    def test_works_off_what_a_producer_published(self):
        uids = self.tables.many_old(500, [self.nodeid])
        self.tables.many_old(20, [self.nodeid], age_ms=3_600_000)
        self.tables.live(self.nodeid)
        before = self.tables.snapshot()
        done = purgefleet.run(["produce", "tokenserver", "--oneshot", *self.kafka()], self.environment())
        self.assertEqual(0, done.status, done)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assert_purged(before, uids)
        self.assert_deleted(uids)

    def test_a_range_is_done_again_without_the_others(self):
        uids = self.tables.many_old(200, [self.nodeid])
        before = self.tables.snapshot()
        words = ["produce", "tokenserver", "--full", *self.kafka()]
        done = purgefleet.run(
            [*words, "--range_start", str(uids[49]), "--range_end", str(uids[100])], self.environment())
        self.assertEqual(0, done.status, done)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assert_purged(before, uids[50:100])

    def test_a_worker_on_another_database_refuses(self):
        self.tables.many_old(5, [self.nodeid])
        done = purgefleet.run(["produce", "tokenserver", "--oneshot", *self.kafka()], self.environment())
        self.assertEqual(0, done.status, done)
        result = self.call("work", "--retry-delay", 1, env=self.other_database(), status=None)
        self.assertNotEqual(0, result.status, result)
        self.assertIn("database", result.stderr)
        self.assertEqual([], self.node.requests)

    def test_a_node_that_only_a_record_names_is_never_contacted(self):
        """Neither for a row that is there, whose own node is asked, nor for one that is gone."""
        foreign = StorageNode()
        self.addCleanup(foreign.close)
        uid = self.tables.old(self.nodeid)
        messages = []
        for key in (uid, uid + 1):
            data = {"act": "node_and_row", "held": False, "force": False, "nodeid": self.nodeid,
                    "node": foreign.url, "fxa_uid": "x", "fxa_kid": "0000000000001-AA"}
            messages.append((partition_of(key), str(key // WIDTH), records.candidate(key, d=data)))
        records.publish(self.broker, self.topic, messages)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assert_deleted([uid], self.node)
        self.assertEqual([], foreign.requests)

    def test_topics_belong_to_the_database_of_whoever_starts_first(self):
        self.tables.many_old(5, [self.nodeid])
        other = self.other_database()
        worker = self.worker(env=other)
        worker.wait_line("partitions assigned")
        refused = self.call("produce", "--oneshot", status=None)
        self.assertNotEqual(0, refused.status, refused)
        self.assertIn("these topics belong to the database 'other/1'", refused.stderr)
        self.assertEqual([], self.broker.records(self.topic))
        self.call("produce", "--oneshot", env=other)
        wait_until(lambda: not self.tables.query("SELECT uid FROM other.users"), "the other one's rows are gone")
        self.assertEqual(5, len(self.tables.uids()))
        worker.signal(signal.SIGTERM)
        self.assertEqual(0, worker.wait().status)

    def test_with_nothing_to_do_it_ends_at_once(self):
        self.assertEqual(0, self.worker("--until-drained").wait().status)

    def test_a_second_worker_finds_nothing_left(self):
        uids = self.tables.many_old(50, [self.nodeid])
        self.publish(uids)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        requests = len(self.node.requests)
        result = self.worker("--until-drained").wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(requests, len(self.node.requests))
        self.assertIn('"taken":0', result.stderr)

    def test_a_live_row_stays_whatever_the_record_says(self):
        live = self.tables.live(self.nodeid)
        young = self.tables.young(self.nodeid)
        old = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.publish([live, young, old])
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assert_purged(before, [old])

    def test_poison_goes_to_the_dead_letters_and_holds_up_nobody(self):
        uids = self.tables.many_old(40, [self.nodeid])
        good = records.candidate(uids[0])
        poison = [b"", b"\xc1", b"\x00", b"text", good[:-3], good + b"\x00", b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff",
                  b"\x91" * 5000, records.candidate(7, v=9), records.candidate(7, t="other"),
                  records.candidate(7, k="seven"), records.candidate(7, d="text"), os.urandom(100000)]
        records.publish(self.broker, self.topic, [(0, "0", value) for value in poison])
        self.publish(uids)
        before = self.tables.snapshot()
        result = self.worker("--until-drained").wait()
        self.assertEqual(3, result.status, result)
        self.assert_purged(before, uids)
        dead = self.records("dead")
        published = sum(1 for record in self.broker.records(self.topic)) - len(uids)
        self.assertGreaterEqual(published, len(poison) - 1)  # kcat may pass over an empty file
        self.assertEqual(published, len(dead))
        for letter in dead:
            self.assertRegex(letter["key"], r"^\d+$|^" + self.topic + r"/0/\d+$")
            self.assertIn(letter["headers"]["purge.error.reason"], ("undecodable", "unknown"))
        self.assertEqual(0, self.lag())

    def test_a_worker_says_how_to_make_topics_that_are_missing(self):
        self.prefix = "missing"
        result = self.call("work", status=1)
        missing = ", nor ".join(f"'missing.tokenserver{end}'" for end in ("", ".retry.1m", ".retry.10m", ".retry.1h", ".retry.6h", ".dead", ".state"))
        self.assertIn(f"there is no topic {missing}; make what is missing: "
                      "purgefleet topics tokenserver create --topic-prefix missing --retry-tiers 1m,10m,1h,6h\n", result.stderr)

    def test_a_record_without_a_value_and_one_that_is_too_long_are_kept_as_letters(self):
        uids = self.tables.many_old(10, [self.nodeid])
        before = self.tables.snapshot()
        long_value = os.urandom(100_000)
        self.broker.kcat("-P", "-t", self.topic, "-p", "1", "-K", ":", "-Z", data=b"9:\n")
        records.publish(self.broker, self.topic, [(2, "0", long_value)])
        self.publish(uids)
        self.assertEqual(3, self.worker("--until-drained").wait().status)
        self.assert_purged(before, uids)
        letters = {letter["key"]: letter for letter in self.records("dead")}
        self.assertEqual({f"{self.topic}/1/0", f"{self.topic}/2/0"}, set(letters))
        empty, cut = letters[f"{self.topic}/1/0"], letters[f"{self.topic}/2/0"]
        self.assertIsNone(empty["value"])
        self.assertEqual("empty", empty["headers"]["purge.error.message"])
        self.assertNotIn("purge.truncated", empty["headers"])
        self.assertEqual(long_value[:65536], cut["value"])
        self.assertEqual("true", cut["headers"]["purge.truncated"])
        self.assertEqual("not_a_map", cut["headers"]["purge.error.message"])
        self.assertEqual(0, self.lag())

    def test_what_cannot_succeed_becomes_a_dead_letter(self):
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(400, uids={uids[3]})
        self.node.fail(500, uids={uids[4]})
        self.publish(uids)
        result = self.worker("--until-drained", "--attempts", "1", "--retries", "2").wait()
        self.assertEqual(3, result.status, result)
        self.assert_removed(before, [uid for uid in uids if uid not in uids[3:5]])
        letters = {letter["key"]: letter["headers"] for letter in self.records("dead")}
        self.assertEqual({str(uids[3]), str(uids[4])}, set(letters))
        given_up = [line for line in result.lines if line["message"].startswith("a record is given up")]
        self.assertEqual({(str(uids[3]), "http_4xx", 1), (str(uids[4]), "http_5xx", 2)},
                         {(line["id"], line["reason"], line["failures"]) for line in given_up})
        self.assertEqual("http_4xx", letters[str(uids[3])]["purge.error.reason"])
        self.assertEqual("2", letters[str(uids[4])]["purge.error.attempts"])
        self.assertEqual(0, self.lag())

    def test_goes_on_without_metrics_that_cannot_be_sent(self):
        uids = self.tables.many_old(10, [self.nodeid])
        self.publish(uids)
        result = self.worker("--until-drained", "--metric-host", "no such host").wait()
        self.assertEqual(0, result.status, result)
        self.assertIn("no metrics are sent: check --metric-host and --metric-port",
                      [line["message"] for line in result.lines if line["severity"] == "WARNING"])
        self.assert_deleted(uids)

    def test_warns_of_an_option_that_is_ignored(self):
        self.assertIn("--max-offset is ignored", self.worker("--until-drained", "--max-offset", "7").wait().stderr)

    def test_the_last_words_of_a_target_end_what_was_not_complete(self):
        topics = purgefleet.run(
            ["topics", "softdelete", "create", *self.kafka(), "--partitions", "1"], self.environment())
        self.assertEqual(0, topics.status, topics)
        records.publish(self.broker, f"{self.prefix}.softdelete", [(0, "0", b"no record")])
        result = self.start(*self.kafka(), "--preset", "glance", "--database-url", self.mariadb.url(), "--until-drained",
                            words=("work", "softdelete")).wait()
        self.assertEqual(1, result.status, result)
        self.assertEqual("Purge command failed, check glance-manage logs for more details.",
                         result.stderr.splitlines()[-1])

    def test_hup_ends_nothing(self):
        worker = self.worker()
        worker.wait_line("partitions assigned")
        worker.signal(signal.SIGHUP)
        worker.wait_line("SIGHUP: there is nothing to reload; going on")
        uids = self.tables.many_old(10, [self.nodeid])
        self.publish(uids)
        self.wait_gone(uids)

    def test_sigterm_commits_and_leaves(self):
        uids = self.tables.many_old(100, [self.nodeid])
        worker = self.worker()
        self.publish(uids)
        self.wait_gone(uids)
        worker.signal(signal.SIGTERM)
        result = worker.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(0, self.lag())

    def test_sigterm_ends_it_even_when_the_broker_is_away(self):
        worker = self.worker()
        worker.wait_line("partitions assigned")
        self.broker.kill()
        self.addCleanup(self.broker.restart)
        worker.signal(signal.SIGTERM)
        worker.wait(30)

    def test_several_workers_end_when_nothing_is_left(self):
        uids = self.tables.many_old(300, [self.nodeid])
        before = self.tables.snapshot()
        self.publish(uids)
        workers = [self.worker("--until-drained") for _ in range(3)]
        for worker in workers:
            self.assertEqual(0, worker.wait().status)
        self.assert_purged(before, uids)
        self.assertEqual(0, self.lag())

    def test_an_idle_worker_commits_at_once_and_uses_no_cpu(self):
        uids = self.tables.many_old(20, [self.nodeid])
        worker = self.worker()
        self.publish(uids)
        self.wait_gone(uids)
        wait_until(lambda: self.lag() == 0, "all is committed")
        before = worker.cpu_s()
        begin = os.times().elapsed
        wait_until(lambda: os.times().elapsed - begin > 10, "ten idle seconds")
        self.assertLessEqual(worker.cpu_s() - before, 0.1)

    def test_a_worker_that_is_idle_for_longer_than_kafka_allows_loses_nothing(self):
        uids = self.tables.many_old(20, [self.nodeid])
        worker = self.worker("--kafka.max.poll.interval.ms=4000")
        worker.wait_line("partitions assigned")
        begin = os.times().elapsed
        wait_until(lambda: os.times().elapsed - begin > 10, "twice the interval is over")
        self.publish(uids)
        self.wait_done(uids)
        self.assertEqual(1, len(worker.lines("partitions")))
        self.assertEqual([], worker.lines("the group took our partitions away"))
        self.end(worker)

    def test_the_broker_may_be_killed_and_come_back(self):
        uids = self.tables.many_old(400, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(None, delay_s=0.05)
        self.publish(uids)
        worker = self.worker("--node-inflight", "4")
        wait_until(lambda: len(self.node.deletes) > 40, "some are done")
        self.broker.kill()
        self.broker.restart()
        self.node.heal()
        self.wait_gone(uids, 40)  # a coordinator that moved is asked for again after 10 s, not after 60
        wait_until(lambda: self.lag() == 0, "all is committed", 40)
        worker.signal(signal.SIGTERM)
        self.assertEqual(0, worker.wait().status)
        self.assert_purged(before, uids)


if __name__ == "__main__":
    main()
