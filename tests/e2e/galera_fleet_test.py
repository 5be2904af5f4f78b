#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""galera_fleet_test: a fleet on a Galera cluster: workers wait for their node and give up no record, and producers on two
nodes never both scan without a word."""
from case import main, wait_until
from fleet_case import FleetCase
from galera_case import GaleraCase


class Fleet(GaleraCase, FleetCase):
    def produce(self, *options, node=None):
        return self.start(*self.kafka(), "--max-fraction", "0", *options, words=("produce", "tokenserver"),
                          env={"SYNC_TOKENSERVER__DATABASE_URL": (node or self.far).url()})

    def test_a_worker_on_a_node_that_is_cut_off_waits_and_gives_up_no_record(self):
        uids = self.tables.many_old(900, [self.nodeid])
        before = self.tables.snapshot()
        self.publish(uids)
        worker = self.worker("--max-rate", "300", "--retries", "1")
        wait_until(lambda: len(self.node.deleted_uids) > 20, "some rows are in work")
        self.far.cut_off()
        worker.wait_line("lost the database")
        self.far.wait_cut_off()
        self.cluster.heal()
        self.wait_done(uids)
        self.end(worker)
        self.assertEqual([], self.records("dead"))
        self.assert_one_pause(worker)
        self.assert_purged(before, uids)

    def test_producers_scan_only_when_the_operator_promises_to_have_one(self):
        self.tables.many_old(20, [self.nodeid])
        for node in (self.mariadb, self.far):
            producer = self.produce(node=node)
            line = producer.wait_line("pass ended")
            self.assertIn("this is a Galera cluster, where a lock is each node's own", line["error"])
            self.assertIn("--single-producer", line["error"])
            producer.close()
        self.assertEqual([], self.broker.records(self.topic))

    def test_producers_that_are_promised_to_be_on_one_node_stand_by_for_each_other(self):
        self.tables.many_old(20, [self.nodeid])
        first = self.produce("--single-producer")
        first.wait_line("pass ended")
        second = self.produce("--single-producer")
        second.wait_line("standing by")
        self.end(first)
        second.wait_line("pass ended")
        self.end(second)

    def test_a_pass_that_needs_no_lock_needs_no_promise(self):
        self.tables.many_old(20, [self.nodeid])
        self.call("produce", "--oneshot", "--max-fraction", 0)
        self.assertEqual(20, len(self.broker.records(self.topic)))


if __name__ == "__main__":
    main()
