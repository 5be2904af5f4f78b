#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Brokers that are away for a while: every worker lives through it, busy or idle, and goes on when they are back."""
import os
import signal

from case import main, wait_until
from fleet_case import PARTITIONS, WIDTH, FleetCase
from harness import purgefleet, records

WINDOW = 20


class Outage(FleetCase):
    """With the sessions and time-outs that workers have by default."""

    def worker(self, *options, prefix=None):
        words = ["--brokers", self.broker.address, "--topic-prefix", prefix or self.prefix, "--retry-delay", "1"]
        return self.start(*words, *options, words=("work", "tokenserver"))

    def idle_worker(self):
        """One whose topics are empty, in a group of its own."""
        busy, self.prefix = self.prefix, f"{self.prefix}idle"
        self.make_topics("--replication", 1, "--retry-delay", 1)
        worker = self.worker()
        worker.wait_line("partitions assigned")
        self.idle_prefix, self.prefix = self.prefix, busy
        return worker

    def publish_to_idle(self, uids):
        records.publish_uids(self.broker, f"{self.idle_prefix}.tokenserver", uids, PARTITIONS, WIDTH)

    def idle_lag(self):
        busy, self.topic = self.topic, f"{self.idle_prefix}.tokenserver"
        try:
            return self.lag()
        finally:
            self.topic = busy

    def waiting_producer(self):
        """One that asks each second how far a group is that has no worker."""
        prefix = f"{self.prefix}wait"
        words = ["--brokers", self.broker.address, "--topic-prefix", prefix]
        result = purgefleet.run(["topics", "tokenserver", "create", "--partitions", "1", "--replication", "1", *words], self.environment())
        self.assertEqual(0, result.status, result)
        producer = self.start("--max-queue-lag", 10, "--max-per-loop", 20, "--max-fraction", 0, *words, words=("produce", "tokenserver"))
        self.assertIn("has committed anything yet", producer.wait_line("waiting: the workers are too far behind")["hint"])
        return producer

    def live_through(self, seconds, end_broker):
        uids = self.tables.many_old(600, [self.nodeid])
        before = self.tables.snapshot()
        some, others = uids[:500], uids[500:]
        idle = self.idle_worker()
        producer = self.waiting_producer()
        busy = [self.worker("--node-inflight", "8", "--window", str(WINDOW)) for _ in range(2)]
        self.wait_shared(busy)
        self.node.fail(None, delay_s=0.1)
        self.publish(some)
        wait_until(lambda: len(self.node.deletes) > 60 and self.lag() < len(some), "some are done and committed")
        end_broker()
        begin = os.times().elapsed
        wait_until(lambda: os.times().elapsed - begin > seconds, "the outage has lasted", seconds + 10)
        self.broker.start()
        self.node.heal()
        self.publish_to_idle(others)
        self.wait_done(some)
        self.wait_gone(others)
        wait_until(lambda: self.idle_lag() == 0, "the idle one has committed all")
        for worker in [*busy, idle]:
            worker.wait_line("Kafka answers again")
        producer.wait_line("waiting: the workers are too far behind", 2)  # it knows again how far they are
        self.end(*busy, idle, producer)
        self.assert_purged(before, uids)
        self.assertLessEqual(len(self.node.deletes) - len(uids), 2 * WINDOW)
        for worker in [*busy, idle]:
            self.assertEqual(1, len(worker.lines("Kafka has trouble")))
            self.assertEqual(1, len(worker.lines("Kafka answers again")))

    def test_one_that_ends_meanwhile_says_what_it_could_not_commit(self):
        uids = self.tables.many_old(60, [self.nodeid])
        worker = self.worker()
        self.wait_shared([worker])
        self.node.hold()
        self.publish(uids)
        wait_until(lambda: self.node.waiting > 0, "it is at work")
        self.broker.kill()
        self.node.release()
        self.wait_gone(uids)
        worker.signal(signal.SIGTERM)
        result = worker.wait()
        self.assertEqual(0, result.status, result)
        self.assertIn("what was done last could not be committed", result.stderr)
        self.broker.start()
        wait_until(lambda: self.worker("--until-drained").wait().status == 0, "the next one finds it done", 60)
        self.assertEqual(0, self.lag())

    def test_a_broker_that_is_killed_and_back_after_5_seconds(self):
        self.live_through(5, self.broker.kill)

    def test_a_broker_that_is_stopped_and_back_after_20_seconds(self):
        self.live_through(20, self.broker.stop)

    def test_a_broker_that_is_killed_and_back_after_90_seconds(self):
        self.live_through(90, self.broker.kill)


if __name__ == "__main__":
    main()
