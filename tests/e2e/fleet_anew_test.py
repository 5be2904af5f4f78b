#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Topics that are deleted and made again at once, unseen by a worker that runs: nothing new is passed over.

A worker stands still meanwhile, as on a busy machine: then it cannot see a topic that is missing, nor one that still ends below
where it was, which would tell it.
"""
import contextlib
import signal
import threading

from case import main, wait_until
from fleet_case import WIDTH, FleetCase, partition_of
from harness import records
from kafka_case import skip_if_new_topics_break_librdkafka

PATIENT = "--kafka.session.timeout.ms=20000"  # longer than a worker stands still
ANEW = "the log of a partition began anew; it is taken from its beginning"


@skip_if_new_topics_break_librdkafka
class AnewCase(FleetCase):
    partitions = 2

    def setUp(self):
        super().setUp()
        self.retry = f"{self.topic}.retry.1s"

    def worker(self, *options, env=None):
        return super().worker(PATIENT, *options, env=env)

    def ranges(self, *counts):
        """Old rows, none published, in as many lists; a count is that of the records in each partition."""
        first = -(max(self.tables.many_old(1, [self.nodeid])) + 1) % WIDTH
        self.tables.many_old(first, [self.nodeid])  # up to a range's beginning
        return [self.tables.many_old(self.partitions * count, [self.nodeid]) for count in counts]

    def put(self, topic, uids):
        """In any topic."""
        records.publish(self.broker, topic, [
            (partition_of(uid, self.partitions), str(uid // WIDTH), records.candidate(uid)) for uid in uids])

    def remake(self, topic):
        self.broker.delete_topic(topic)
        wait_until(lambda: topic not in self.broker.topics(), "the topic is gone")
        self.broker.make_topic(topic, self.partitions, message_timestamp_type="LogAppendTime")

    @contextlib.contextmanager
    def standing_still(self, *workers):
        for worker in workers:
            worker.signal(signal.SIGSTOP)
        yield
        for worker in workers:
            worker.signal(signal.SIGCONT)

    def assert_all_purged(self, uids, *workers):
        """And committed, by workers that live."""
        self.wait_done(uids)
        self.end(*workers)


class Anew(AnewCase):
    def hold(self, topic, uids):
        """A worker that has taken these and committed none of them."""
        self.node.hold()
        self.put(topic, uids)
        worker = self.worker()
        wait_until(lambda: self.node.waiting > 0, "it is at work")
        return worker

    def assert_taken_from_the_beginning(self, worker, topic, uids):
        with self.standing_still(worker):
            self.remake(topic)
            self.put(topic, uids)
        self.node.release()
        self.assert_all_purged(uids, worker)
        self.assertLessEqual({line["topic"] for line in worker.lines(ANEW)}, {topic})

    def test_a_topic_of_which_nothing_was_committed_yet_is_taken_from_its_beginning(self):
        old, new = self.ranges(WIDTH, 2 * WIDTH)
        worker = self.hold(self.topic, old)
        self.assert_taken_from_the_beginning(worker, self.topic, new)

    def test_a_topic_of_which_something_was_committed_is_taken_from_its_beginning(self):
        old, new = self.ranges(WIDTH, 2 * WIDTH)
        self.put(self.topic, old)
        worker = self.worker()
        self.wait_done(old)
        self.assert_taken_from_the_beginning(worker, self.topic, new)

    def test_a_retry_topic_of_which_nothing_was_committed_yet_is_taken_from_its_beginning(self):
        old, new = self.ranges(WIDTH, 2 * WIDTH)
        worker = self.hold(self.retry, old)
        self.assert_taken_from_the_beginning(worker, self.retry, new)

    def test_a_retry_topic_through_which_records_came_back_is_taken_from_its_beginning(self):
        old, new = self.ranges(WIDTH, 2 * WIDTH)
        self.node.fail(500, uids=set(old), times=len(old))
        self.put(self.topic, old)
        worker = self.worker("--attempts", "1")
        self.wait_done(old)
        self.assertTrue(self.records("retry.1s"))
        self.assert_taken_from_the_beginning(worker, self.retry, new)

    def test_a_topic_that_gets_exactly_what_was_committed_is_not_drained(self):
        old, new = self.ranges(WIDTH, WIDTH)
        may_end = threading.Event()
        self.addCleanup(may_end.set)
        self.node.on_request = lambda request: may_end.wait() if request.uid == old[0] else None
        self.put(self.topic, old)
        worker = self.worker("--until-drained")
        self.wait_gone(old[1:])
        worker.signal(signal.SIGTSTP)
        worker.next_line("quiet: nothing new is begun")
        may_end.set()
        worker.next_line("quiet: nothing is in work any more")
        wait_until(lambda: self.lag() == 0, "all is committed")
        with self.standing_still(worker):
            self.remake(self.topic)
            self.put(self.topic, new)
        result = worker.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(set(), set(new) & self.tables.uids(), result)
        self.assertEqual(0, self.lag())


class Shared(AnewCase):
    partitions = 4  # two for each: a commit may be on its way when the topic is deleted

    def test_workers_that_share_a_topic_which_is_made_again_under_work_lose_nothing(self):
        old, new = self.ranges(WIDTH, 2 * WIDTH)
        self.node.fail(None, delay_s=0.1)
        workers = [self.worker("--node-inflight", "2") for _ in range(2)]
        self.wait_shared(workers)
        self.put(self.topic, old)
        wait_until(lambda: len(self.node.deletes) > 4, "some are done")
        with self.standing_still(*workers):
            self.remake(self.topic)
            self.put(self.topic, new)
        self.node.heal()
        self.assert_all_purged(new, *workers)


class OtherDatabase(AnewCase):
    """All topics are made again for another database, under the worker of the one that they belonged to."""
    def begin(self, old_count, new_count):
        """So many records in each partition are of the old topics, and at least as many of the new ones."""
        old, _ = self.ranges(old_count, new_count)
        self.put(self.topic, old)
        worker = self.worker()
        self.wait_done(old)
        self.other = self.other_database()
        self.rows = self.all_rows()
        return worker

    def all_rows(self):
        return self.tables.snapshot(), self.tables.query("SELECT * FROM other.users")

    def delete_all(self):
        for topic in self.broker.topics():
            if topic.startswith(self.topic):
                self.broker.delete_topic(topic)
        wait_until(lambda: self.topic not in self.broker.topics(), "the topics are gone")

    def make_for_the_other(self):
        self.make_topics("--replication", 1, "--retry-delay", 1)
        self.call("produce", "--oneshot", env=self.other)

    def assert_ends(self, worker):
        result = worker.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("the topics hold candidates of the database 'other/1', this is 'tokenserver/1'", result.errors)

    def assert_everything_is_left_to_the_other(self):
        self.assertEqual(self.rows[1], self.all_rows()[1])
        self.call("work", "--retry-delay", 1, "--until-drained", env=self.other)
        self.assertEqual([], self.tables.query("SELECT uid FROM other.users"))

    def test_ends_a_worker_that_saw_nothing_of_it(self):
        worker = self.begin(3 * WIDTH, WIDTH)
        with self.standing_still(worker):
            self.delete_all()
            self.make_for_the_other()
        self.assert_ends(worker)
        self.assertEqual(self.rows, self.all_rows())
        self.assert_everything_is_left_to_the_other()

    def test_ends_a_worker_that_goes_on_behind_where_it_was(self):
        # What it takes there, before it asks the group, is judged by its own database, and not committed.
        worker = self.begin(WIDTH, 2 * WIDTH)
        with self.standing_still(worker):
            self.delete_all()
            self.make_for_the_other()
        self.assert_ends(worker)
        self.assert_everything_is_left_to_the_other()

    def test_ends_a_worker_that_missed_the_topics(self):
        worker = self.begin(WIDTH, 2 * WIDTH)
        self.delete_all()
        worker.next_line("a topic cannot be read; nothing of it is taken")
        with self.standing_still(worker):  # else it may be the first that they belong to
            self.make_for_the_other()
        self.assert_ends(worker)
        self.assertEqual(self.rows, self.all_rows())
        self.assert_everything_is_left_to_the_other()


if __name__ == "__main__":
    main()
