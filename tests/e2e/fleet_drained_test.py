#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""`work --until-drained` ends with status 0 only when nothing is left that was published, whoever was to do it."""
import signal
import threading

from case import main, wait_until
from fleet_case import DELAYS, PARTITIONS, SOON, WIDTH, FleetCase, first_of, partition_of, shares

PATIENT = ("--until-drained", "--attempts", "1", "--retries", "1000")


class DrainedCase(FleetCase):
    def setUp(self):
        super().setUp()
        self.uids = self.tables.many_old(60, [self.nodeid])

    def assert_drained(self, worker, uids):
        result = worker.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(set(), set(uids) & self.tables.uids(), result)
        self.assertEqual(0, self.lag())


class Drained(DrainedCase):
    def all_but_one(self, *options):
        """A worker that has nothing more to do than one record, which goes round through the retry topics."""
        self.node.fail(500, uids={self.uids[0]})
        self.publish(self.uids)
        worker = self.worker(*PATIENT, *options, tiers=SOON)
        wait_until(lambda: self.tables.uids() <= {self.uids[0]}, "all but one are gone", 60)
        return worker

    def test_partitions_that_came_meanwhile_count(self):
        # Longer than it takes to end: the group's leader does not know of them yet.
        worker = self.all_but_one("--kafka.topic.metadata.refresh.interval.ms=5000")
        self.make_topics("--replication", 1, "--retry-delay", 1, "--partitions", 2 * PARTITIONS)
        more = [uid for uid in self.tables.many_old(2 * PARTITIONS * WIDTH, [self.nodeid])
                if partition_of(uid, 2 * PARTITIONS) >= PARTITIONS]
        self.publish(more, 2 * PARTITIONS)
        self.node.heal()
        self.assert_drained(worker, [*self.uids, *more])

    def test_what_comes_in_a_pause_counts(self):
        worker = self.all_but_one()
        self.node.heal()
        self.node.hold()
        wait_until(lambda: self.node.waiting > 0, "the last one is at work")
        worker.signal(signal.SIGTSTP)
        worker.next_line("quiet: nothing new is begun; SIGCONT goes on, SIGTERM ends")
        more = self.tables.many_old(60, [self.nodeid])
        self.publish(more)
        self.node.release()
        worker.next_line("quiet: nothing is in work any more")
        self.assertEqual([], worker.lines("partitions given back"))
        worker.signal(signal.SIGCONT)
        self.assert_drained(worker, [*self.uids, *more])


class OnePartitionToTryAgain(DrainedCase):
    """Of two workers, one has the only partition of each retry topic."""
    def make_topics(self, *options):
        super().make_topics(*options)
        for delay in DELAYS:
            name = f"{self.topic}.retry.{delay}"
            self.broker.delete_topic(name)
            self.broker.make_topic(name, 1, message_timestamp_type="LogAppendTime")

    def test_what_is_handed_over_to_one_that_is_leaving_counts(self):
        uids = self.tables.many_old(WIDTH * PARTITIONS, [self.nodeid])
        last, first = (first_of(uids, partition) for partition in (PARTITIONS - 1, 0))
        may_end, may_fail = threading.Event(), threading.Event()
        self.addCleanup(may_end.set)
        self.addCleanup(may_fail.set)
        waits = {first: may_end, last: may_fail}
        self.node.on_request = lambda request: waits[request.uid].wait() if request.uid in waits else None
        self.node.fail(500, uids={last}, times=1)
        self.publish(uids)
        workers = [self.worker(*PATIENT, "--kafka.heartbeat.interval.ms=2000") for _ in range(2)]
        self.wait_gone([uid for uid in uids if uid not in waits])

        wait_until(lambda: sorted(shares(workers)) == [PARTITIONS // 2, PARTITIONS // 2 + len(DELAYS)], "the partitions are shared", 60)
        stays, leaves = sorted(workers, key=lambda worker: shares([worker]))
        may_end.set()
        wait_until(lambda: leaves.lines("partitions given back"), "one has left")
        may_fail.set()
        self.assertEqual(0, leaves.wait().status)
        self.assert_drained(stays, uids)


if __name__ == "__main__":
    main()
