#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Workers with names of their own: whatever they are started with the next time, each topic's offsets stay its own."""
import signal
from pathlib import Path

from case import main, wait_until
from fleet_case import PARTITIONS, QUICK, WIDTH, FleetCase, partition_of, shares
from harness import records

LONG = "--kafka.session.timeout.ms=30000"  # a restart is within the session


class StaticMembers(FleetCase):
    def member(self, i, *options, delay=1):
        return self.start(*self.kafka(), *QUICK, LONG, "--instance-id", f"s{i}", "--retry-tiers", f"{delay}s", "--attempts", "1",
                          "--retries", "1000", *options, words=("work", "tokenserver"))

    def wait_all_assigned(self, workers, count):
        """Waits until each of these workers has some, and all have so many between them."""
        wait_until(lambda: sum(shares(workers)) == count and 0 not in shares(workers), f"{count} partitions are assigned")

    def purge_with_failures(self, count, times):
        """Rows that fail so often, all together, before they are purged."""
        uids = self.tables.many_old(count, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(500, times=times)
        self.publish(uids)
        self.wait_done(uids)
        self.node.heal()
        self.assert_removed(before, uids)

    def restart_in_turn(self, workers, *options, delay=1):
        for i, worker in enumerate(workers):
            self.end(worker)
            workers[i] = self.member(i, *options, delay=delay)
            workers[i].next_line("partitions assigned")

    def assert_own_offsets(self):
        """Everything is committed, and nothing beyond the end of its own topic."""
        ends = self.ends()
        self.assertEqual({place: end for place, end in ends.items() if end > 0},
                         {place: offset for place, offset in self.offsets().items() if offset > 0 and place in ends})

    def test_another_delay_skips_no_candidate_and_leaves_nothing_behind(self):
        workers = [self.member(i) for i in range(2)]
        self.wait_all_assigned(workers, 4 * PARTITIONS)
        self.purge_with_failures(60, 200)  # so the retry topic is longer than the candidates'
        self.node.fail(500, times=300)
        left = self.tables.many_old(30, [self.nodeid])
        self.publish(left)
        wait_until(lambda: len(self.records("retry.1s")) > 250, "some wait for their retry")
        self.call("topics", "create", "--retry-delay", 2)
        self.restart_in_turn(workers, delay=2)
        self.wait_all_assigned(workers, 7 * PARTITIONS)  # what is left with the old delay too
        self.node.heal()
        self.wait_done(left)
        self.purge_with_failures(60, 100)
        self.assertTrue(self.records("retry.2s"))
        self.restart_in_turn(workers, delay=2)  # reads again from what was committed
        self.purge_with_failures(60, 0)
        self.assert_own_offsets()
        self.end(*workers)

    def test_one_that_leaves_for_good_gives_its_partitions_back_at_once(self):
        workers = [self.member(i) for i in range(2)]
        self.wait_all_assigned(workers, 4 * PARTITIONS)
        self.node.hold()
        all_uids = self.tables.many_old(PARTITIONS * WIDTH, [self.nodeid])
        uids = [uid for uid in all_uids if partition_of(uid) >= PARTITIONS // 2]  # by their names the second has these
        before = self.tables.snapshot()
        self.publish(uids)
        wait_until(lambda: self.node.waiting > 10, "it is at work")
        workers[1].signal(signal.SIGUSR2)
        workers[1].next_line("stopping")
        self.node.release()
        result = workers[1].wait()
        self.assertEqual(0, result.status, result)
        self.assertIn("left the group for good", [line["message"] for line in result.lines])
        [ended] = [line for line in result.lines if line["message"] == "worker ended"]
        self.assertGreater(ended["purged"], 10)
        self.wait_all_assigned(workers[:1], 4 * PARTITIONS)  # well within its session
        self.wait_done(uids)
        self.assert_purged(before, uids)
        self.assert_deleted(uids)  # once each
        self.end(workers[0])

    def test_one_that_is_started_only_to_leave_for_good_does(self):
        workers = [self.member(i) for i in range(2)]
        self.wait_all_assigned(workers, 4 * PARTITIONS)
        self.end(workers[1])  # its partitions wait for its name
        second = self.member(1)
        wait_until(lambda: takes_signals(second.pid), "it takes signals")
        second.signal(signal.SIGUSR2)
        result = second.wait()
        self.assertEqual(0, result.status, result)
        self.assertIn("left the group for good", [line["message"] for line in result.lines])
        self.wait_all_assigned(workers[:1], 4 * PARTITIONS)  # well within its session
        self.end(workers[0])

    def test_one_that_cannot_leave_for_good_says_so(self):
        worker = self.member(0)
        self.wait_all_assigned([worker], 4 * PARTITIONS)
        self.broker.kill()
        self.addCleanup(self.broker.start)
        worker.signal(signal.SIGUSR2)
        result = worker.wait()
        said = [line["message"] for line in result.lines]
        self.assertNotIn("left the group for good", said)
        self.assertTrue([words for words in said if words.startswith("the group could not be left for good")], result)

    def test_what_is_left_with_another_delay_is_taken_although_the_group_gives_what_it_gave_before(self):
        worker = self.member(0)
        self.wait_all_assigned([worker], 4 * PARTITIONS)
        self.call("topics", "create", "--retry-delay", 2)
        uids = self.tables.many_old(12, [self.nodeid])
        before = self.tables.snapshot()
        records.publish_uids(self.broker, f"{self.topic}.retry.2s", uids, PARTITIONS, WIDTH)
        self.restart_in_turn([worker])
        self.wait_gone(uids)  # well within its session
        self.assert_purged(before, uids)
        wait_until(lambda: self.lag() == 0, "all is committed")

    def test_more_partitions_are_found_whether_it_runs_or_not(self):
        workers = [self.member(i) for i in range(2)]
        self.wait_all_assigned(workers, 4 * PARTITIONS)
        self.call("topics", "create", "--retry-delay", 1, "--partitions", PARTITIONS + 2)
        self.wait_all_assigned(workers, 4 * (PARTITIONS + 2))
        self.end(*workers)
        self.call("topics", "create", "--retry-delay", 1, "--partitions", PARTITIONS + 4)
        workers = [self.member(i) for i in range(2)]
        self.wait_all_assigned(workers, 4 * (PARTITIONS + 4))
        uids = self.tables.many_old(400, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(500, uids={uids[0]}, times=2)
        self.publish(uids, PARTITIONS + 4)
        self.wait_done(uids)
        self.assert_removed(before, uids)
        self.assert_own_offsets()
        self.end(*workers)

    def test_a_name_that_served_other_topics_before_leaves_them_alone(self):
        self.group = f"{self.prefix}-shared"
        group = ("--group", self.group)
        worker = self.member(0, *group)
        self.wait_all_assigned([worker], 4 * PARTITIONS)
        self.purge_with_failures(60, 200)
        self.end(worker)
        others, had = self.topic, self.offsets()
        self.prefix, self.topic = f"{self.prefix}b", f"{self.prefix}b.tokenserver"
        self.make_topics("--replication", 1, "--retry-delay", 1)
        worker = self.member(0, *group)
        said = worker.next_line("the group has partitions of a topic")
        self.assertIn(others, said["topic"])
        worker.next_line("the group knows our --instance-id with other topics")
        self.wait_all_assigned([worker], 4 * PARTITIONS)
        self.purge_with_failures(60, 100)
        self.assert_own_offsets()
        self.assertEqual(had, {place: offset for place, offset in self.offsets().items() if place in had})
        self.end(worker)


def takes_signals(pid):
    """Does the process wait for its signals by itself? While a thread is made, all are blocked, those too that it never waits for."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    [mask] = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigBlk:")]
    ours, others = (bool(mask >> (number - 1) & 1) for number in (signal.SIGUSR2, signal.SIGALRM))
    return ours and not others


if __name__ == "__main__":
    main()
