#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Three brokers, some of which go: nothing is lost, little is done twice, and everybody goes on."""
import json
import os

from case import main, wait_until
from fleet_case import FleetCase
from harness.broker import Cluster

WINDOW = 20


class ClusterCase(FleetCase):
    @classmethod
    def make_broker(cls):
        return Cluster()

    def setUp(self):
        self.gone = set()
        super().setUp()
        self.addCleanup(self.all_back)

    def make_topics(self, *options):
        self.call("topics", "create", "--partitions", self.partitions, "--range-width", self.width, "--retry-delay", 1)

    def end_broker(self, how, number):
        self.gone.add(number)
        self.broker.node(how, number)

    def all_back(self):
        for number in self.gone:
            self.broker.node("start", number)
        self.gone = set()

    def begin(self, count):
        """A producer and two workers that have much to do."""
        self.uids = self.tables.many_old(count, [self.nodeid])
        self.before = self.tables.snapshot()
        self.workers = [self.worker("--node-inflight", "8", "--window", str(WINDOW)) for _ in range(2)]
        self.wait_shared(self.workers)
        self.node.fail(None, delay_s=0.05)
        self.producer = self.start("--full", "--oneshot", "--max-per-loop", "20", "--max-queue-lag", "60", "--max-unacked", "20", "--max-fraction", "0",
                                   *self.kafka(), words=("produce", "tokenserver"))
        self.wait_more()

    def wait_more(self):
        """Waits until more is done than what the workers and the topic can have had, or all."""
        enough = min(len(self.node.deletes) + 250, len(self.uids))
        wait_until(lambda: len(self.node.deletes) >= enough, "the fleet goes on", 45)

    def assert_done(self):
        """Nobody ended before, nothing was lost, and no more was done twice than what was in work."""
        self.node.heal()
        self.assertEqual(0, self.producer.wait().status)
        self.wait_done(self.uids)
        self.end(*self.workers)
        self.assert_purged(self.before, self.uids)
        self.assertLessEqual(len(self.node.deletes) - len(self.uids), 2 * WINDOW)


class Brokers(ClusterCase):
    def test_topics_that_were_made_are_known_to_every_broker(self):
        for i in range(8):
            self.prefix = f"made{i}"
            self.make_topics()
            self.call("topics", "show", "--retry-delay", 1)

    def test_a_broker_that_is_away_changes_nothing_of_what_the_topics_are_to_be(self):
        self.end_broker("kill", 3)
        wait_until(lambda: len(json.loads(self.broker.kcat("-L", "-J"))["brokers"]) == 2, "the others do not count it any more")
        said = self.call("topics", "create", "--retry-delay", 1, "--partitions", self.partitions + 2)
        self.assertNotIn("differs", said.stdout)
        self.assertNotIn("less than 3", said.stderr)
        said = self.call("topics", "create", "--retry-delay", 2)
        self.assertIn(f"{self.topic}.retry.2s: created, {self.partitions + 2} partitions, replication 3", said.stdout)

    def test_the_fleet_goes_on_when_leaders_move(self):
        self.begin(1500)
        for how in ("kill", "stop"):
            self.end_broker(how, self.broker.leaders(self.topic)[0])
            self.all_back()  # it answers again, and leads no more
            self.wait_more()
        self.assert_done()

    def test_the_fleet_goes_on_when_the_coordinator_is_killed(self):
        self.begin(1000)
        self.end_broker("kill", self.broker.coordinator(self.topic))
        self.wait_more()
        self.all_back()
        self.assert_done()

    def test_two_of_three_go_and_come_back(self):
        self.begin(1000)
        for number in (1, 2):
            self.end_broker("kill", number)
        begin = os.times().elapsed
        wait_until(lambda: os.times().elapsed - begin > 10, "the outage has lasted")
        self.assertFalse(any(worker.ended() for worker in self.workers))
        self.all_back()
        self.assert_done()


if __name__ == "__main__":
    main()
