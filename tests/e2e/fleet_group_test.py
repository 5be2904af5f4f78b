#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Workers that share the partitions: whatever happens to some of them, the others do the rest."""
import signal

from case import main, wait_until
from fleet_case import PARTITIONS, FleetCase


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
        self.wait_shared(workers[2:])  # the session of the frozen one is over
        workers[1].signal(signal.SIGCONT)
        self.node.heal()
        self.wait_done(uids, 90)
        self.end(*workers[1:])
        self.assert_purged(before, uids)
        repeated = len(self.node.deletes) - len(uids)
        self.assertLessEqual(repeated, 3 * 100, "no more than the windows of those that were lost")

    def test_a_static_member_that_restarts_moves_no_partition(self):
        workers = [self.worker("--instance-id", f"w{i}") for i in range(2)]
        self.wait_shared(workers)
        seen = len(workers[1].lines("partitions"))
        workers[0].signal(signal.SIGTERM)
        self.assertEqual(0, workers[0].wait().status)
        again = self.worker("--instance-id", "w0")
        again.wait_line("partitions assigned")
        uids = self.tables.many_old(100, [self.nodeid])
        self.publish(uids)
        self.wait_gone(uids)
        self.assertEqual(seen, len(workers[1].lines("partitions")))

    def test_static_members_restart_in_turn_under_load_without_a_rebalance(self):
        uids = self.tables.many_old(1500, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(None, delay_s=0.05)

        def start(i):
            return self.worker("--instance-id", f"r{i}", "--node-inflight", "6", "--window", "100",
                               "--kafka.session.timeout.ms=20000")
        workers = [start(i) for i in range(3)]
        self.wait_shared(workers)
        self.publish(uids)
        for i in range(3):
            done = len(self.node.deletes)
            wait_until(lambda done=done: len(self.node.deletes) > done + 60, "there is load", 60)
            others = [worker for worker in workers if worker is not workers[i]]
            seen = [len(worker.lines("partitions")) for worker in others]
            self.end(workers[i])
            workers[i] = start(i)
            workers[i].wait_line("partitions assigned")
            self.assertEqual(seen, [len(worker.lines("partitions")) for worker in others])
        self.assertLess(len(self.node.deletes), len(uids), "the load lasted until the last one was back")
        self.node.heal()
        self.wait_done(uids)
        self.assert_purged(before, uids)
        self.assert_deleted(uids)
        self.end(*workers)

    def test_a_limit_of_the_fleet_holds_however_many_workers_there_are(self):
        uids = self.tables.many_old(300, [self.nodeid])
        before = self.tables.snapshot()
        workers = [self.worker("--node-inflight", "6") for _ in range(3)]
        self.wait_shared(workers)
        self.node.hold()
        self.publish(uids)
        wait_until(lambda: self.node.waiting >= 6, "each worker has as many requests on their way as it may")
        self.node.release()
        self.wait_done(uids)
        self.assertEqual(6, self.node.most_at_once)
        self.assert_purged(before, uids)
        self.end(*workers)

    def test_a_rate_of_the_fleet_holds_however_many_workers_there_are(self):
        other, otherid = self.add_node()
        uids = self.tables.many_old(400, [self.nodeid, otherid])
        before = self.tables.snapshot()
        workers = [self.worker("--node-rate", "30", "--max-rate", "45") for _ in range(3)]
        self.wait_shared(workers)
        self.publish(uids)
        self.wait_done(uids)
        self.assert_purged(before, uids)
        for node, per_s in ((self.node, 30), (other, 30), (None, 45)):
            times = sorted(r.at_s for n in self.nodes if node in (None, n) for r in n.requests)
            for first, begin in enumerate(times):
                for last in range(first, len(times)):  # one second's worth at once, and a request more for each worker
                    self.assertLessEqual(last - first + 1, per_s + per_s * (times[last] - begin + 0.2) + 3)
        self.assertEqual([], self.records("retry.1s"))
        self.end(*workers)

    def test_tells_once_that_the_broker_is_away_and_once_that_it_is_back(self):
        worker = self.worker()
        worker.next_line("partitions assigned")
        self.broker.stop()
        worker.next_line("Kafka has trouble")
        self.broker.start()
        worker.next_line("Kafka answers again")
        uids = self.tables.many_old(30, [self.nodeid])
        self.publish(uids)
        self.wait_done(uids)
        self.end(worker)
        said = [line["message"] for line in worker.lines("")]
        self.assertEqual((1, 1, 0), tuple(said.count(words) for words in ("Kafka has trouble", "Kafka answers again", "librdkafka")))

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
        self.call("topics", "create", "--partitions", 9)
        self.publish(uids[200:], 9)
        self.wait_done(uids)
        self.assert_purged(before, uids)
        self.end(worker)


if __name__ == "__main__":
    main()
