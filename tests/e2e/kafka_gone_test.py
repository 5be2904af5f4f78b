#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_gone_test: topics that are deleted and made again under a producer, and limits that a record or a batch is over."""
import signal

from case import main, wait_until
from harness.storage_node import SECRET
from harness.users import DAY, SECOND, now_ms
from kafka_case import KafkaCase, skip_if_new_topics_break_librdkafka
from produce_case import PARTITIONS, ProduceCase

SOON_S = 50  # the library waits half a minute for a topic that is gone


class GoneCase(ProduceCase):
    def setUp(self):
        super().setUp()
        self.state_topic = f"{self.topic}.state"
        self.make_topics()
        self.many = self.tables.many_old(300, [self.nodeid])

    def stop(self, producer):
        producer.signal(signal.SIGTERM)
        self.assertEqual(0, producer.wait().status)

    def assert_fails(self, producer, *words):
        error = producer.next_line("pass ended", SOON_S, state="failed")["error"]
        for word in words:
            self.assertIn(word, error)

    def remedy(self):
        return f"it does not exist; make it: purgefleet topics tokenserver create --topic-prefix {self.prefix}"


class Candidates(GoneCase):
    def test_that_are_deleted_between_two_passes_are_published_again_once_the_topic_is_made(self):
        producer = self.start("--purge-interval", 1)
        producer.next_line("pass ended", state="complete", published=300)
        self.broker.delete_topic(self.topic)
        self.assert_fails(producer, f"cannot write to topic '{self.topic}': {self.remedy()}")
        self.broker.make_topic(self.topic, 3)
        self.assertEqual("full", producer.next_line("pass begins")["kind"])
        producer.next_line("pass ended", state="complete", published=300)
        self.assertEqual(set(self.many), set(self.uids()))
        self.stop(producer)

    @skip_if_new_topics_break_librdkafka
    def test_whose_topic_is_made_again_unseen_are_published_again(self):
        producer = self.start()
        producer.next_line("pass ended", state="complete", published=300)
        self.broker.delete_topic(self.topic)
        self.broker.make_topic(self.topic, 1)
        late = self.tables.many_old(100, [self.nodeid], age_ms=DAY - SECOND)
        wait_until(lambda: self.tables.query("SELECT 1 FROM users WHERE uid = %s AND replaced_at < %s", late[0], now_ms() - DAY))
        producer.signal(signal.SIGUSR1)
        self.assert_fails(producer, "it was made anew, and does not have what was published before")
        self.assertEqual(1, len(producer.lines("the candidates' topic was away or was made anew; the next pass is a full one")))
        producer.signal(signal.SIGUSR1)
        self.assertEqual("full", producer.next_line("pass begins")["kind"])
        producer.next_line("pass ended", state="complete", published=400)
        self.assertEqual({*self.many, *late}, set(self.uids()))
        self.stop(producer)

    def test_whose_topic_is_made_again_are_published_again_by_a_pass_that_has_nothing_new(self):
        producer = self.start()
        producer.next_line("pass ended", state="complete", published=300)
        self.broker.delete_topic(self.topic)
        self.broker.make_topic(self.topic, PARTITIONS)
        producer.signal(signal.SIGUSR1)
        self.assert_fails(producer, "it was made anew, and does not have what was published before")
        producer.signal(signal.SIGUSR1)
        self.assertEqual("full", producer.next_line("pass begins")["kind"])
        producer.next_line("pass ended", state="complete", published=300)
        self.assertEqual(set(self.many), set(self.uids()))
        self.stop(producer)

    def test_that_go_with_their_topic_while_a_pass_waits_for_the_workers_are_published_again(self):
        producer = self.start("--purge-interval", 1, "--max-queue-lag", 100, "--max-per-loop", 50)
        producer.next_line("waiting: the workers are too far behind")
        self.broker.delete_topic(self.topic)
        self.assert_fails(producer, self.remedy())
        self.broker.make_topic(self.topic, 5)
        self.assertEqual("full", producer.next_line("pass begins")["kind"])
        worker = KafkaCase.start(self, words=("work", "tokenserver", *self.kafka()), env={"SYNC_MASTER_SECRET": SECRET})
        producer.next_line("pass ended", SOON_S, state="complete", published=300)
        wait_until(lambda: self.tables.uids() == set(), "all rows are purged", SOON_S)
        self.stop(producer)
        self.stop(worker)

    @skip_if_new_topics_break_librdkafka
    def test_that_go_with_their_topic_while_a_pass_publishes_are_published_again(self):
        producer = self.start("--purge-interval", 1, "--max-unacked", 1, "--max-per-loop", 10, "--kafka.linger.ms=50")
        wait_until(lambda: len(self.published()) > 50)
        self.broker.delete_topic(self.topic)
        self.broker.make_topic(self.topic, PARTITIONS)
        error = producer.next_line("pass ended", SOON_S, state="failed")["error"]
        # It may have looked in between.
        self.assertRegex(error, "it was made anew, and does not have what was published before|it does not exist; make it: ")
        self.assertEqual("full", producer.next_line("pass begins")["kind"])
        self.stop(producer)
        producer = self.start()
        producer.next_line("pass ended", state="complete")
        self.assertEqual(set(self.many), set(self.uids()))
        self.stop(producer)


class State(GoneCase):
    def test_that_is_deleted_stops_the_passes_until_it_is_made_and_everything_is_published_again(self):
        producer = self.start("--purge-interval", 1)
        producer.next_line("pass ended", state="complete", published=300)
        self.broker.delete_topic(self.state_topic)
        self.assert_fails(producer, f"topic '{self.state_topic}': {self.remedy()}")
        self.broker.make_topic(self.state_topic, 1, cleanup_policy="compact")
        while "the topic exists but has none; write it: purgefleet topics tokenserver create" not in \
                producer.next_line("pass ended", state="failed")["error"]:
            pass
        self.make_topics()
        self.assertEqual("full", producer.next_line("pass begins")["kind"])
        producer.next_line("pass ended", state="complete", published=300)
        self.stop(producer)


class Limits(GoneCase):
    partitions = 1

    def remake(self, max_message_bytes):
        self.broker.delete_topic(self.topic)
        self.broker.make_topic(self.topic, 1, max_message_bytes=max_message_bytes)

    def test_of_a_batch_are_told_and_a_smaller_batch_is_taken(self):
        self.remake(2000)
        producer = self.start()
        self.assert_fails(producer, f"cannot write to topic '{self.topic}': more bytes at once than the topic's max.message.bytes",
                          f"--entity-name {self.topic} --add-config max.message.bytes=N", "--kafka.batch.size=N")
        self.assertEqual([("", True)], [(cursor["full_at"], cursor["full_running"]) for cursor in self.cursors()])
        producer.close()
        producer = self.start("--kafka.batch.size=1000")
        producer.next_line("pass ended", state="complete", published=300)
        self.assertEqual(set(self.many), set(self.uids()))
        self.stop(producer)

    @skip_if_new_topics_break_librdkafka
    def test_of_a_record_hold_the_pass_until_they_are_raised(self):
        self.remake(60)
        producer = self.start("--purge-interval", 1, "--kafka.batch.size=1")
        for _ in range(2):
            self.assert_fails(producer, "max.message.bytes=N")
        self.assertEqual({("", True)}, {(cursor["full_at"], cursor["full_running"]) for cursor in self.cursors()})
        self.remake(100_000)
        producer.next_line("pass ended", state="complete", published=300)
        self.assertEqual(set(self.many), set(self.uids()))
        self.stop(producer)


if __name__ == "__main__":
    main()
