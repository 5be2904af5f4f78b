#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Workers of a fleet: whatever happens to them, every candidate is purged and counted once."""
import os
import signal

from case import main, wait_until
from harness import purgefleet, records
from harness.storage_node import StorageNode
from kafka_case import KafkaCase

PARTITIONS = 6
WIDTH = 20  # uids, so that a small test fills every partition
QUICK = (
    "--kafka.session.timeout.ms=3000", "--kafka.heartbeat.interval.ms=300",
    "--kafka.topic.metadata.refresh.interval.ms=1000", "--kafka.reconnect.backoff.max.ms=500",
)


class FleetCase(KafkaCase):
    partitions = PARTITIONS
    width = WIDTH

    def setUp(self):
        super().setUp()
        self.make_topics("--replication", 1, "--retry-delay", 1)

    def worker(self, *options):
        return self.start(*self.kafka(), *QUICK, "--retry-delay", "1", *options, words=("work", "tokenserver"))

    def publish(self, uids, partitions=PARTITIONS):
        records.publish_uids(self.broker, self.topic, uids, partitions, WIDTH)

    def records(self, kind):
        return self.broker.records(f"{self.topic}.{kind}")

    def lag(self):
        """What the group has not committed yet, over both topics, by Kafka's own word."""
        offsets = self.offsets()
        return sum(end - offsets.get(place, 0) for place, end in self.ends().items())

    def ends(self):
        """(topic, partition) to the offset behind its last record."""
        places = [(topic, partition) for topic, count in self.broker.topics().items() for partition in range(count)
                  if topic in (self.topic, f"{self.topic}.retry.1s")]
        words = [word for topic, partition in places for word in ("-t", f"{topic}:{partition}:-1")]
        lines = self.broker.kcat("-Q", *words).decode().splitlines()
        found = {}
        for line in lines:  # "topic [partition] offset N"
            topic, partition, _, offset = line.split()
            found[(topic, int(partition.strip("[]")))] = int(offset)
        return found

    def offsets(self):
        """The last commits, read from Kafka's own topic of offsets."""
        found = {}
        group = self.topic.encode()
        for record in self.raw_offsets():
            key, value = record
            place = parse_offset_key(key)
            if place is None or place[0] != group or value is None:
                continue
            found[(place[1].decode(), place[2])] = int.from_bytes(value[2:10], "big")
        return found

    def raw_offsets(self):
        out = self.broker.kcat("-C", "-t", "__consumer_offsets", "-o", "beginning", "-e", "-q", "-X",
                               "fetch.wait.max.ms=20", "-f", "%K %S\n%k%s")
        while out:
            line, _, out = out.partition(b"\n")
            key_bytes, value_bytes = (int(word) for word in line.split())
            key, out = out[:key_bytes], out[key_bytes:]
            value = None if value_bytes < 0 else out[:value_bytes]
            out = out[max(value_bytes, 0):]
            yield key, value

    def assert_purged(self, before, uids):
        self.assert_removed(before, uids)
        self.assertEqual(set(uids), set(uid for n in self.nodes for uid in n.deleted_uids))
        self.assertEqual([], [r.refusal for n in self.nodes for r in n.refused])

    def wait_gone(self, uids, timeout_s=60):
        wait_until(lambda: not set(uids) & self.tables.uids(), "the rows are gone", timeout_s)


def parse_offset_key(key):
    """(group, topic, partition) of a key of version 0 or 1, else None."""
    if int.from_bytes(key[:2], "big") > 1:
        return None
    group_bytes = int.from_bytes(key[2:4], "big")
    group, rest = key[4:4 + group_bytes], key[4 + group_bytes:]
    topic_bytes = int.from_bytes(rest[:2], "big")
    return group, rest[2:2 + topic_bytes], int.from_bytes(rest[2 + topic_bytes:6 + topic_bytes], "big")


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
        result = self.call("work", env=self.other_database(), status=None)
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
            messages.append((key // WIDTH % PARTITIONS, str(key // WIDTH), records.candidate(key, d=data)))
        records.publish(self.broker, self.topic, messages)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assert_deleted([uid], self.node)
        self.assertEqual([], foreign.requests)

    def test_topics_belong_to_the_database_of_whoever_starts_first(self):
        self.tables.many_old(5, [self.nodeid])
        other = self.other_database()
        worker = self.start(*self.kafka(), *QUICK, env=other, words=("work", "tokenserver"))
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

    def test_a_worker_refuses_a_delay_that_there_is_no_retry_topic_for(self):
        for words, name, remedy in ((("--retry-delay", "90"), "retry.90s", "--retry-delay 90"), ((), "retry.1m", "--retry-delay 60")):
            result = self.call("work", *words, status=1)
            self.assertIn(f"there is no topic '{self.topic}.{name}'", result.stderr)
            self.assertIn(f"topics tokenserver create {remedy}", result.stderr)
        self.call("topics", "create", "--retry-delay", 90)
        self.call("work", "--retry-delay", 90, "--until-drained")

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
        self.assertEqual("http_4xx", letters[str(uids[3])]["purge.error.reason"])
        self.assertEqual("2", letters[str(uids[4])]["purge.error.attempts"])
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

    def test_a_long_outage_of_a_node_makes_no_dead_letters(self):
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.publish(uids)
        worker = self.worker("--hold", "1", "--attempts", "1", "--retries", "1")
        self.node.down()
        wait_until(lambda: len(self.records("retry.1m")) >= 3 * len(uids), "all were postponed some times")
        self.node.fail(503)
        self.node.up()
        wait_until(lambda: len(self.records("retry.1m")) >= 6 * len(uids), "all were postponed some more times")
        self.assertEqual({"0"}, {record["headers"]["purge.error.attempts"] for record in self.records("retry.1m")})
        self.node.heal()
        self.wait_gone(uids)
        wait_until(lambda: self.lag() == 0, "all is committed")
        worker.signal(signal.SIGTERM)
        self.assertEqual(0, worker.wait().status)
        self.assert_purged(before, uids)
        self.assertEqual([], self.records("dead"))

    def test_what_is_postponed_for_too_long_is_left_to_the_next_full_pass(self):
        other, otherid = self.add_node()
        uids = self.tables.many_old(10, [self.nodeid])
        self.tables.many_old(10, [otherid])
        before = self.tables.snapshot()
        other.fail(403)
        self.publish(sorted(self.tables.uids()))
        result = self.worker("--until-drained", "--hold", "1", "--candidate-life", "3", "--retries", "1000").wait()
        self.assertEqual(3, result.status, result)
        self.assert_removed(before, uids)
        self.assertEqual([], self.records("dead"))
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
        wait_until(lambda: os.times().elapsed - begin > 3, "three idle seconds")
        self.assertLessEqual(worker.cpu_s() - before, 0.065)

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


class ManyWorkers(FleetCase):
    def test_killed_frozen_and_added_workers_lose_nothing(self):
        uids = self.tables.many_old(1500, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(None, delay_s=0.05)
        workers = [self.worker("--node-inflight", "6", "--window", "100") for _ in range(3)]
        self.publish(uids)
        wait_until(lambda: len(self.node.deletes) > 60, "some are done")
        workers[0].signal(signal.SIGKILL)
        workers[1].signal(signal.SIGSTOP)
        workers.append(self.worker("--node-inflight", "6", "--window", "100"))
        begin = os.times().elapsed
        wait_until(lambda: os.times().elapsed - begin > 5, "the session of the frozen one is over")
        workers[1].signal(signal.SIGCONT)
        self.node.heal()
        self.wait_gone(uids, 90)
        wait_until(lambda: self.lag() == 0, "all is committed", 60)
        for worker in workers[1:]:
            worker.signal(signal.SIGTERM)
        for worker in workers[1:]:
            self.assertEqual(0, worker.wait().status)
        self.assert_purged(before, uids)
        repeated = len(self.node.deletes) - len(uids)
        self.assertLessEqual(repeated, 3 * 100, "no more than the windows of those that were lost")

    def test_a_static_member_that_restarts_moves_no_partition(self):
        workers = [self.worker("--instance-id", f"w{i}") for i in range(2)]
        for worker in workers:
            worker.wait_line("partitions assigned")
        wait_until(lambda: sum(w.lines("partitions assigned")[-1]["count"] for w in workers) == 2 * PARTITIONS,
                   "all partitions are assigned")
        seen = len(workers[1].lines("partitions"))
        workers[0].signal(signal.SIGTERM)
        self.assertEqual(0, workers[0].wait().status)
        again = self.worker("--instance-id", "w0")
        again.wait_line("partitions assigned")
        uids = self.tables.many_old(100, [self.nodeid])
        self.publish(uids)
        self.wait_gone(uids)
        self.assertEqual(seen, len(workers[1].lines("partitions")))

    def test_the_same_instance_id_twice_fences_the_older_worker(self):
        older = self.worker("--instance-id", "same")
        older.wait_line("partitions assigned")
        younger = self.worker("--instance-id", "same")
        younger.wait_line("partitions assigned")
        self.assertEqual(4, older.wait().status)

    def test_more_partitions_are_found_while_it_runs(self):
        uids = self.tables.many_old(400, [self.nodeid])
        before = self.tables.snapshot()
        worker = self.worker()
        worker.wait_line("partitions assigned")
        self.publish(uids[:200])
        done = purgefleet.run(
            ["topics", "tokenserver", "create", *self.kafka(), "--partitions", "9"], self.environment())
        self.assertEqual(0, done.status, done)
        self.publish(uids[200:], 9)
        self.wait_gone(uids)
        wait_until(lambda: self.lag() == 0, "all is committed")
        self.assert_purged(before, uids)
        worker.signal(signal.SIGTERM)
        self.assertEqual(0, worker.wait().status)


if __name__ == "__main__":
    main()
