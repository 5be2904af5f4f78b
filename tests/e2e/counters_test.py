#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""counters_test: available and current_load move by exactly what was removed, whatever happens."""
from case import ONCE, PurgeCase, main
from harness.users import NO_NODE


class Counters(PurgeCase):
    def test_are_exact_over_several_nodes(self):
        nodeids = [self.nodeid, self.add_node()[1], self.add_node()[1], NO_NODE]
        uids = self.tables.many_old(201, nodeids)
        before = self.tables.snapshot()
        self.assert_summary(self.purge(), purged=201, removed_rows=201, node_deletes=151)
        self.assert_removed(before, uids)

    def test_are_exact_after_failures(self):
        second, second_id = self.add_node()
        uids = self.tables.many_old(60, [self.nodeid, second_id])
        failing = {uid for uid in uids if uid % 7 == 0}
        self.node.fail(400, uids=failing)
        second.fail(503, uids=failing)
        before = self.tables.snapshot()
        result = self.purge(*ONCE, status=3)
        self.assert_summary(result, state="partial", failed=len(failing))
        self.assert_removed(before, set(uids) - failing)
        for node in self.nodes:
            node.heal()
        self.assert_summary(self.purge(), state="complete", purged=len(failing))
        self.assert_removed(before, uids)

    def test_are_left_alone_when_the_spanner_node_is_set(self):
        uids = [self.tables.old(self.nodeid), self.tables.old(NO_NODE)]
        before = self.tables.snapshot()
        self.purge(env={"SYNC_TOKENSERVER__SPANNER_NODE_ID": "800"})
        self.assert_removed(before, uids, counters=False)
        self.assert_deleted(uids[:1])

    def test_may_go_below_zero(self):
        _, odd = self.add_node(available=-3, current_load=0)
        uid = self.tables.old(odd)
        before = self.tables.snapshot()
        self.purge()
        self.assert_removed(before, [uid])

    def test_are_exact_with_rows_of_one_replaced_at(self):
        uids = self.tables.many_old(50, [self.nodeid])
        self.tables.query("UPDATE users SET replaced_at = 1600000000000")
        before = self.tables.snapshot()
        self.assert_summary(self.purge("--max-per-loop", 7, "--batch-rows", 3), purged=50)
        self.assert_removed(before, uids)
        self.assert_deleted(uids)


class TwoAtOnce(PurgeCase):
    def assert_two(self, *options):
        """Two purgers on one table: both are content, every row goes once, counters are exact."""
        nodeids = [self.nodeid, self.add_node()[1], NO_NODE]
        uids = self.tables.many_old(600, nodeids)
        before = self.tables.snapshot()
        programs = [self.start("--oneshot", *options) for _ in range(2)]
        results = [program.wait() for program in programs]
        for result in results:
            self.assertEqual(0, result.status, result)
            self.assert_summary(result, state="complete", failed=0, postponed=0, left=0)
        self.assert_removed(before, uids)
        self.assertEqual(600, sum(result.summary["removed_rows"] for result in results))
        self.assertEqual(set(uids[0::3] + uids[1::3]),
                         {uid for node in self.nodes for uid in node.deleted_uids})

    def test_move_no_counter_twice(self):
        self.assert_two()

    def test_move_no_counter_twice_in_small_batches(self):
        self.assert_two("--batch-rows", 5, "--max-per-loop", 20)

    def test_share_the_work_by_ranges_without_a_double_request(self):
        uids = self.tables.many_old(100, [self.nodeid])
        before, middle = self.tables.snapshot(), uids[50]
        programs = [self.start("--oneshot", "--range_start", middle - 1),
                    self.start("--oneshot", "--range_end", middle)]
        for program in programs:
            result = program.wait()
            self.assertEqual(0, result.status, result)
            self.assertEqual(50, result.summary["purged"], result)
        self.assert_removed(before, uids)
        self.assert_deleted(uids)


if __name__ == "__main__":
    main()
