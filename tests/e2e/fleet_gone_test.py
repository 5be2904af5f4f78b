#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What a worker does when a topic is deleted while it runs, and made again."""
import json
import signal

from case import main, wait_until
from fleet_case import PARTITIONS, SOON, WIDTH, FleetCase
from harness import purgefleet

UNREAD = "a topic cannot be read; nothing of it is taken"
UNWRITTEN = "records cannot be handed over; their partitions stand still"
NOTICES_SOON = ("--attempts", "1", "--kafka.topic.metadata.propagation.max.ms=1000")


class Gone(FleetCase):
    def setUp(self):
        super().setUp()
        self.uids = self.tables.many_old(60, [self.nodeid])
        self.before = self.tables.snapshot()

    def remake(self):
        self.make_topics("--replication", 1, "--retry-delay", 1)

    def assert_told_missing(self, worker, message, topic):
        """Returns the command that is shown."""
        line = worker.next_line(message)
        self.assertEqual((topic, "ERROR"), (line["topic"], line["severity"]))
        shown = line["error"].removeprefix("it does not exist; make it: purgefleet ").split()
        self.assertEqual(["topics", "tokenserver", "create", "--topic-prefix", self.prefix], shown[:5])
        return shown

    def test_goes_on_when_its_topics_are_made_again(self):
        worker = self.worker()
        self.wait_shared([worker])
        for topic in (self.topic, f"{self.topic}.retry.10s"):
            with self.subTest(topic=topic):
                self.broker.delete_topic(topic)
                shown = self.assert_told_missing(worker, UNREAD, topic)
                result = purgefleet.run([*shown, "--brokers", self.broker.address], self.environment())
                self.assertIn(f"{topic}: created, {PARTITIONS} partitions", result.stdout)
                self.assertEqual(topic, worker.next_line("a topic can be read again")["topic"])
                self.wait_shared([worker])
        self.publish(self.uids)
        self.wait_done(self.uids)
        self.assert_purged(self.before, self.uids)
        worker.signal(signal.SIGTERM)
        result = worker.wait()
        self.assertEqual(0, result.status, result)
        self.assertLess(len(result.stderr.splitlines()), 60)  # not a flood

    def test_retry_topics_of_another_delay_that_are_deleted_are_no_fault(self):
        self.make_topics("--replication", 1, "--retry-delay", 5)
        self.node.hold()
        self.publish(self.uids)
        worker = self.worker("--until-drained")
        wait_until(lambda: self.node.waiting > 0, "it is at work")
        for delay in ("5s", "50s", "5m"):
            self.broker.delete_topic(f"{self.topic}.retry.{delay}")
        self.node.release()
        result = worker.wait()
        self.assertEqual(0, result.status, result)
        self.assertNotIn(UNREAD, result.stderr)
        self.assert_purged(self.before, self.uids)

    def test_a_topic_that_is_deleted_is_not_drained(self):
        self.node.fail(500, uids={self.uids[0]})  # its record goes round through the retry topics
        self.publish(self.uids)
        worker = self.worker("--until-drained", "--retries", "1000", *NOTICES_SOON, tiers=SOON)
        self.wait_gone(self.uids[1:])
        self.broker.delete_topic(self.topic)
        self.assert_told_missing(worker, UNREAD, self.topic)
        self.node.heal()  # so that nothing is left in what it has now
        result = worker.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("not drained", result.stderr)
        self.assert_removed(self.before, self.uids)

    def test_a_deleted_topic_is_told_once_and_not_for_each_partition(self):
        worker = self.worker("--kafka.topic.metadata.refresh.interval.ms=300000")  # so long the library believes in it
        self.wait_shared([worker])
        self.broker.delete_topic(self.topic)
        self.assert_told_missing(worker, UNREAD, self.topic)
        self.assertEqual([], worker.lines("partitions given back"))
        self.assertEqual(1, len(worker.lines(UNREAD)))
        self.assertEqual([], worker.lines("a partition has trouble"))
        self.remake()
        worker.next_line("a topic can be read again")
        self.publish(self.uids)
        self.wait_done(self.uids)
        self.assert_purged(self.before, self.uids)
        self.end(worker)

    def test_a_deleted_topic_is_told_when_a_commit_misses_it(self):
        worker = self.worker("--kafka.topic.metadata.refresh.interval.ms=300000")
        self.wait_shared([worker])
        self.publish(self.uids)
        self.wait_done(self.uids)
        self.broker.delete_topic(self.topic)
        self.assert_told_missing(worker, UNREAD, self.topic)

    def test_a_topic_that_is_missing_at_the_start_is_named_with_the_command_that_makes_it(self):
        self.publish(self.uids)
        for name in ("", ".dead", ".state", ".retry.10s"):
            with self.subTest(name=name):
                self.broker.delete_topic(f"{self.topic}{name}")
                result = self.worker("--until-drained").wait()
                self.assertEqual(1, result.status, result)
                self.assertIn(f"'{self.topic}{name}'", result.stderr)
                self.assertIn(f"purgefleet topics tokenserver create --topic-prefix {self.prefix}", result.stderr)
                self.remake()
        self.assertEqual(set(self.uids), self.tables.uids())

    def test_a_dead_letter_waits_until_its_topic_is_made_again(self):
        first = self.uids[0]
        self.node.fail(400, uids={first})
        worker = self.worker(*NOTICES_SOON)
        self.wait_shared([worker])
        self.broker.delete_topic(f"{self.topic}.dead")
        self.publish(self.uids)
        self.assert_told_missing(worker, UNWRITTEN, f"{self.topic}.dead")
        self.wait_gone([uid for uid in self.uids if uid // WIDTH != first // WIDTH])
        self.assertGreater(self.lag(), 0)
        self.remake()
        worker.next_line("records can be handed over again")
        wait_until(lambda: self.lag() == 0, "all is committed", 60)
        self.assertEqual([str(first)], [letter["key"] for letter in self.records("dead")])
        self.assert_removed(self.before, self.uids[1:])
        self.end(worker)

    def test_a_letter_that_is_larger_than_its_topic_takes_holds_up_its_partition_and_says_why(self):
        first = self.uids[0]
        self.node.fail(400, uids={first})
        self.broker.delete_topic(f"{self.topic}.dead")
        self.broker.make_topic(f"{self.topic}.dead", 1, max_message_bytes=100)
        self.publish(self.uids)
        result = self.worker("--until-drained").wait()
        self.assertEqual(1, result.status, result)
        [line] = [json.loads(line) for line in result.stderr.splitlines() if "a record cannot be handed over" in line]
        self.assertIn(f"--entity-name {self.topic}.dead --add-config max.message.bytes=N", line["error"])
        self.assertEqual([], self.records("dead"))
        self.assertGreater(self.lag(), 0)
        self.assertIn(first, self.tables.uids())


if __name__ == "__main__":
    main()
