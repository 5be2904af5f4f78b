#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What a worker does when a right is missing, before its start and while it runs."""
import signal

from case import main, wait_until
from fleet_case import DELAYS, PARTITIONS, SOON, WIDTH, FleetCase, first_of, partition_of
from secure_case import DeniedCase


class FleetDeniedCase(DeniedCase, FleetCase):
    """The worker comes as a principal that has the rights of `self.rights`, and no other."""

    def setUp(self):
        super().setUp()
        self.dead = f"{self.topic}.dead"
        self.retries = [f"{self.topic}.retry.{delay}" for delay in DELAYS]
        self.rights = [
            ("topic", self.topic, "Read"), ("topic", f"{self.topic}.state", "Read"), ("topic", f"{self.topic}.state", "Write"),
            ("topic", self.dead, "Write"), ("group", self.topic, "Read"),
            *(("topic", tier, operation) for tier in self.retries for operation in ("Read", "Write")),
            *(("topic", topic, "DescribeConfigs") for topic in (self.topic, f"{self.topic}.state", *self.retries)),
        ]
        self.allow(*self.rights)
        self.uids = self.tables.many_old(60, [self.nodeid])
        self.before = self.tables.snapshot()

    def make_topics(self, *_):
        super().make_topics("--replication", 1, "--retry-delay", 1)

    def drain(self):
        return self.worker("--until-drained")

    def assert_said(self, worker, message, right):
        line = worker.next_line(message)
        self.assert_told(line["error"], right)
        self.assertEqual("ERROR", line["severity"])

    def assert_ends(self, worker, right):
        """With status 1, for want of this right, which it named."""
        result = worker.wait()
        self.assertEqual(1, result.status, result)
        self.assert_told(result.stderr, right)

    def assert_nothing_was_done(self):
        self.assertEqual(set(self.uids), self.tables.uids())
        self.assertEqual(len(self.uids), self.lag())

    def wait_mended(self, worker, message):
        """It goes on by itself, to the end."""
        worker.next_line(message)
        self.wait_done(self.uids)
        self.assert_purged(self.before, self.uids)
        self.end(worker)


class BeforeTheStart(FleetDeniedCase):
    def test_with_these_rights_a_worker_works(self):
        self.publish(self.uids)
        self.assertEqual(0, self.drain().wait().status)
        self.assert_purged(self.before, self.uids)

    def test_ends_at_once_without_the_group(self):
        self.publish(self.uids)
        right = ("group", self.topic, "Read")
        self.broker.forget(right)
        self.assert_ends(self.worker(), right)
        self.allow(("group", self.topic, "Describe"))
        self.assert_ends(self.worker(), right)
        self.assert_nothing_was_done()

    def test_ends_when_a_topic_may_be_seen_and_not_read(self):
        self.publish(self.uids)
        for topic in (self.topic, self.retries[1]):
            self.broker.forget(("topic", topic, "Read"))
        self.allow(("topic", self.topic, "Describe"))
        worker = self.drain()
        self.assert_ends(worker, ("topic", self.topic, "Read"))
        self.assert_ends(worker, ("topic", self.retries[1], "Read"))
        self.assertEqual(2, len(worker.lines("a topic cannot be read; nothing of it is taken")))
        self.assert_nothing_was_done()

    def test_ends_when_a_topic_may_not_even_be_seen(self):
        self.publish(self.uids)
        self.broker.deny(("topic", self.topic, "Describe"))
        self.addCleanup(self.broker.forget, ("topic", self.topic, "Describe"))
        result = self.drain().wait()
        self.assertEqual(1, result.status, result)
        self.assertIn(f"topic '{self.topic}'", result.stderr)
        self.assert_nothing_was_done()

    def test_ends_without_any_topic_to_write_to(self):
        self.assertEqual(0, self.drain().wait().status)  # the topics know their database from now on
        self.publish(self.uids)
        self.broker.forget(*(right for right in self.rights if right[2] == "Write"))
        self.allow(("topic", self.dead, "Describe"))
        worker = self.drain()
        self.assert_ends(worker, ("cluster", None, "IdempotentWrite"))
        self.assert_ends(worker, ("topic", self.dead, "Write"))

    def test_works_without_the_right_that_only_its_limits_want(self):
        right = ("topic", f"{self.topic}.state", "Write")
        self.assertEqual(0, self.drain().wait().status)  # the topics know their database from now on
        known = self.records("state")
        self.publish(self.uids)
        self.broker.forget(right)
        worker = self.worker("--node-rate", "1000")
        line = worker.next_line("the limits of the fleet could not be written down; status does not show them")
        self.assertEqual("INFO", line["severity"])
        self.assert_told(line["error"], right)
        self.wait_done(self.uids)
        self.end(worker)
        self.assertEqual(known, self.records("state"))
        self.assert_purged(self.before, self.uids)


class InMidRun(FleetDeniedCase):
    def setUp(self):
        super().setUp()
        self.worker_at_work = self.worker("--attempts", "1")
        self.wait_shared([self.worker_at_work])

    def test_goes_on_when_it_may_read_the_candidates_again(self):
        worker, right = self.worker_at_work, ("topic", self.topic, "Read")
        self.broker.forget(right)
        self.broker.allow(("topic", self.topic, "Describe"))
        self.assert_said(worker, "a topic cannot be read; nothing of it is taken", right)
        self.publish(self.uids)
        self.broker.allow(right)
        self.broker.forget(("topic", self.topic, "Describe"))
        self.wait_mended(worker, "a topic can be read again")

    def test_goes_on_when_it_may_see_the_candidates_again(self):
        worker, right = self.worker_at_work, ("topic", self.topic, "Read")
        self.broker.forget(right)
        self.assert_said(worker, "a topic cannot be read; nothing of it is taken", right)
        self.publish(self.uids)
        self.broker.allow(right)
        self.wait_mended(worker, "a topic can be read again")

    def test_goes_on_when_it_may_read_the_last_retry_topic_again(self):
        worker, right = self.worker_at_work, ("topic", self.retries[-1], "Read")
        self.broker.forget(right)
        self.assert_said(worker, "a topic cannot be read; nothing of it is taken", right)
        self.publish(self.uids)
        self.wait_gone(self.uids)  # the others go on
        self.broker.allow(right)
        self.wait_mended(worker, "a topic can be read again")

    def test_commits_when_the_group_takes_it_again(self):
        worker, right = self.worker_at_work, ("group", self.topic, "Read")
        self.broker.forget(right)
        self.publish(self.uids)
        self.assert_said(worker, "the group refuses us; nothing can be committed", right)
        self.assertEqual([], worker.lines("a topic cannot be read; nothing of it is taken"))
        self.assertEqual({}, {place: offset for place, offset in self.offsets().items() if offset > 0})
        self.broker.allow(right)
        self.wait_mended(worker, "the group takes us again")

    def test_a_right_that_is_there_while_describe_is_denied_is_told_as_that(self):
        worker = self.slow_to_see()
        for resource, begins, ends in (
                ("topic", "a topic cannot be read; nothing of it is taken", "a topic can be read again"),
                ("group", "the group refuses us; nothing can be committed", "the group takes us again")):
            with self.subTest(resource=resource):
                right, denial = ((resource, self.topic, operation) for operation in ("Read", "Describe"))
                self.publish(self.uids[:1])
                self.deny(denial)
                self.publish(self.uids[1:2])
                line = worker.next_line(begins)
                self.assert_told(line["error"].replace(", or Describe is denied", ""), right)
                self.assertIn(", or Describe is denied; grant it", line["error"])
                self.broker.forget(denial)
                worker.next_line(ends)

    def slow_to_see(self):
        """A worker whose library looks at topics every five minutes."""
        self.end(self.worker_at_work)
        worker = self.worker("--kafka.topic.metadata.refresh.interval.ms=300000")
        self.wait_shared([worker])
        return worker

    def test_a_record_that_cannot_be_handed_over_holds_up_its_partition_until_it_can(self):
        for status, right in ((500, ("topic", self.retries[0], "Write")), (400, ("topic", self.dead, "Write"))):
            with self.subTest(right=right):
                uids = self.tables.many_old(60, [self.nodeid])
                before = self.tables.snapshot()
                first = uids[0]
                self.node.fail(status, uids={first}, times=1)
                self.broker.forget(right)
                self.publish(uids)
                self.assert_said(self.worker_at_work, "records cannot be handed over; their partitions stand still", right)
                self.wait_gone([uid for uid in uids if uid // WIDTH != first // WIDTH])
                self.assertIn(first, self.tables.uids())
                self.assertGreater(self.lag(), 0)
                self.broker.allow(right)
                self.worker_at_work.next_line("records can be handed over again")
                wait_until(lambda: self.lag() == 0, "all is committed")
                gone = set(uids) if status == 500 else set(uids) - {first}
                self.wait_gone(gone)
                self.assert_removed(before, gone)
        self.end(self.worker_at_work)

    def begin_to_drain(self, *options):
        """A worker that has done all but one record, which goes round through the retry topics."""
        self.end(self.worker_at_work)
        self.node.fail(500, uids={self.uids[0]})
        self.publish(self.uids)
        worker = self.worker("--until-drained", "--attempts", "1", "--retries", "1000", *options, tiers=SOON)
        wait_until(lambda: self.lag() <= 1, "all but one are committed", 60)
        return worker

    def assert_drains(self, worker, right):
        """It does what is published now, and only then it ends, though nothing else is left before it has the right."""
        more = self.tables.many_old(60, [self.nodeid])
        self.publish(more)
        self.node.heal()
        self.wait_gone(self.uids[:1])
        self.broker.allow(right)
        result = worker.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(set(), set(more) & self.tables.uids())
        self.assertEqual(0, self.lag())

    def test_what_was_published_while_it_could_not_read_is_not_drained(self):
        worker, right = self.begin_to_drain(), ("topic", self.topic, "Read")
        self.allow(("topic", self.topic, "Describe"))
        self.broker.forget(right)
        self.assert_said(worker, "a topic cannot be read; nothing of it is taken", right)
        self.assert_drains(worker, right)

    def test_what_was_published_when_it_had_no_partition_any_more_is_not_drained(self):
        worker, right = self.begin_to_drain("--kafka.topic.metadata.refresh.interval.ms=4000"), ("topic", self.topic, "Read")
        self.broker.forget(right)
        self.assert_said(worker, "a topic cannot be read; nothing of it is taken", right)
        wait_until(lambda: len(worker.lines("partitions assigned")) > 1, "the group shared out without the topic", 60)
        self.assert_drains(worker, right)

    def test_a_group_that_does_not_take_it_is_not_drained(self):
        self.end(self.worker_at_work)
        right = ("group", self.topic, "Read")
        self.node.hold()
        self.publish(self.uids)
        worker = self.drain()
        wait_until(lambda: self.node.waiting > 0, "it is at work")
        self.broker.forget(right)
        self.addCleanup(self.broker.allow, right)
        self.node.release()
        result = worker.wait()
        self.assertEqual(1, result.status, result)
        self.assert_told(result.stderr, right)
        self.assertIn("not drained", result.stderr)
        self.assertEqual(len(self.uids), self.lag())

    def test_one_that_may_not_leave_the_group_says_so(self):
        self.end(self.worker_at_work)
        right = ("group", self.topic, "Read")
        worker = self.worker("--instance-id", "s0", "--kafka.session.timeout.ms=30000")
        self.publish(self.uids)
        self.wait_done(self.uids)
        self.broker.forget(right)
        self.addCleanup(self.broker.allow, right)
        worker.signal(signal.SIGUSR2)
        result = worker.wait()
        said = [line["message"] for line in result.lines]
        self.assertNotIn("left the group for good", said)
        self.assertTrue([message for message in said if message.startswith("the group could not be left for good")], result)
        self.assert_told(result.stderr, right)

    def test_one_that_ends_before_it_could_commit_says_why(self):
        right = ("group", self.topic, "Read")
        self.node.hold()
        self.publish(self.uids)
        wait_until(lambda: self.node.waiting > 0, "it is at work")
        self.broker.forget(right)
        self.addCleanup(self.broker.allow, right)
        self.worker_at_work.signal(signal.SIGTERM)
        self.node.release()
        result = self.worker_at_work.wait()
        self.assert_told(result.stderr, right)
        self.assertNotIn("the group takes us again", result.stderr)
        self.assertEqual(len(self.uids), self.lag())

    def test_a_record_that_waits_to_be_handed_over_goes_to_the_next_worker(self):
        first, right = self.uids[0], ("topic", self.retries[0], "Write")
        self.node.fail(500, uids={first})
        self.broker.forget(right)
        self.publish(self.uids)
        self.assert_said(self.worker_at_work, "records cannot be handed over; their partitions stand still", right)
        second = self.worker("--attempts", "1")
        self.wait_shared([self.worker_at_work, second])
        self.worker_at_work.signal(signal.SIGKILL)
        self.wait_shared([second])
        self.wait_gone([uid for uid in self.uids if uid // WIDTH != first // WIDTH])
        self.assertGreater(self.lag(), 0)
        self.node.heal()
        self.broker.allow(right)
        self.wait_done(self.uids)
        self.assert_purged(self.before, self.uids)
        self.end(second)

    def test_records_that_cannot_be_handed_over_leave_the_window_to_the_others(self):
        self.end(self.worker_at_work)
        uids = self.tables.many_old(WIDTH * PARTITIONS, [self.nodeid])
        stuck = [first_of(uids, partition) for partition in range(PARTITIONS - 2)]
        right = ("topic", self.retries[0], "Write")
        self.node.fail(500, uids=set(stuck))
        self.broker.forget(right)
        self.publish(uids)
        worker = self.worker("--attempts", "1", "--window", "4")
        self.assert_said(worker, "records cannot be handed over; their partitions stand still", right)
        self.wait_gone([uid for uid in uids if partition_of(uid) >= PARTITIONS - 2])
        worker.next_line("working", parked=len(stuck))
        self.node.heal()
        self.broker.allow(right)
        worker.next_line("records can be handed over again")
        self.wait_done(uids)
        self.end(worker)

    def test_what_waited_to_be_handed_over_when_another_worker_came_keeps_nobody_from_its_end(self):
        self.end(self.worker_at_work)
        uids = self.tables.many_old(WIDTH * PARTITIONS, [self.nodeid])
        stuck = [first_of(uids, partition) for partition in (0, PARTITIONS - 1)]
        right = ("topic", self.retries[0], "Write")
        self.node.fail(500, uids=set(stuck))
        self.broker.forget(right)
        self.publish(uids)
        first = self.worker("--until-drained", "--attempts", "1", "--retries", "1000", tiers=SOON)
        self.assert_said(first, "records cannot be handed over; their partitions stand still", right)
        second = self.worker("--attempts", "1", "--retries", "1000", tiers=SOON)
        self.wait_shared([first, second])
        self.broker.allow(right)
        wait_until(lambda: {record["value"] for record in self.records("retry.1s")}, "they are handed over", 60)
        self.node.heal()
        result = first.wait()
        self.assertEqual(0, result.status, result)
        self.wait_gone(uids)
        self.end(second)

    def test_what_another_worker_has_to_hand_over_is_no_fault_of_ours(self):
        """Of two workers each has half of the partitions: one of them the letter, the other one what is tried again."""
        uids = self.tables.many_old(WIDTH * PARTITIONS, [self.nodeid])
        low, high = (first_of(uids, partition) for partition in (0, PARTITIONS - 1))
        self.node.fail(400, uids={low})
        self.node.fail(500, uids={high}, times=1)
        rights = [("topic", topic, "Write") for topic in (self.dead, self.retries[0])]
        self.allow(("topic", self.dead, "Describe"))  # for the second one's start
        self.broker.forget(*rights)
        self.publish(uids)
        said = [self.worker_at_work.next_line("records cannot be handed over; their partitions stand still")["topic"] for _ in rights]
        self.assertEqual({self.dead, self.retries[0]}, set(said))
        second = self.worker("--attempts", "1")
        over = self.worker_at_work.next_line("records can be handed over again")["topic"]
        self.broker.allow(*rights)
        self.assertIn(over, said)
        wait_until(lambda: self.lag() == 0, "all is committed", 60)
        self.assertEqual([str(low)], [letter["key"] for letter in self.records("dead")])
        self.wait_gone(set(uids) - {low})
        self.end(self.worker_at_work, second)


class OnePartition(FleetDeniedCase):
    partitions = 1

    def test_one_that_has_no_partition_notices_nevertheless_that_a_topic_cannot_be_read(self):
        holder = self.worker()
        wait_until(lambda: holder.lines("partitions assigned"), "it has all partitions")
        right = ("topic", self.topic, "Read")
        self.allow(("topic", self.topic, "Describe"))
        self.broker.forget(right)
        self.assert_said(holder, "a topic cannot be read; nothing of it is taken", right)
        self.publish(self.uids, 1)
        self.assert_ends(self.drain(), right)
        self.broker.allow(right)
        self.wait_done(self.uids)
        self.end(holder)


if __name__ == "__main__":
    main()
