#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""A replay: what was purged is deleted on its node again, and nothing else."""
import signal

from case import main, wait_until
from fleet_case import PARTITIONS, shares
from harness.users import NO_NODE
from replay_case import ReplayCase, totals


class WhatItDoes(ReplayCase):
    def test_deletes_again_what_the_fleet_has_purged(self):
        uids = self.tables.many_old(200, [self.nodeid])
        self.call("produce", "--oneshot", "--max-fraction", 0)
        worker = self.worker()
        self.wait_done(uids)
        self.node.requests.clear()
        before, offsets = self.tables.snapshot(), self.offsets()
        self.create()
        self.work_through()
        self.assertEqual(uids, self.asked())
        self.assertEqual([], [request.refusal for request in self.node.refused])
        self.assertEqual(before, self.tables.snapshot())
        self.assertEqual(offsets, self.offsets())  # of the usual group
        self.assertEqual("done", self.status()["state"])
        self.end(worker)

    def test_is_of_the_records_that_were_there_when_it_was_made(self):
        uids = self.publish_gone(60)
        self.create()
        later = self.publish_gone(60)
        self.work_through()
        self.assertEqual(uids, self.asked())
        self.assertFalse(set(later) & set(self.asked()))

    def test_takes_the_uids_between_both_ends_of_a_range(self):
        uids = self.publish_gone()
        self.create("--range_start", uids[49], "--range_end", uids[100])
        result = self.work_through()
        self.assertEqual(uids[50:100], self.asked())
        self.assertEqual(len(uids) - 50, totals(result)["passed_over"])

    def test_takes_what_lies_on_one_node(self):
        other, otherid = self.add_node()
        uids = self.publish_gone(nodeids=[self.nodeid, otherid])
        self.create("--node", other.url)
        self.work_through()
        self.assertEqual(uids[1::2], self.asked())
        self.assertEqual([], self.node.requests)

    def test_takes_a_node_by_its_id_whatever_it_is_called(self):
        """Of one node the name has changed since, the other one's is spelled in another way."""
        slash = self.tables.add_node(self.node.url + "/")
        uids = self.publish_gone(40, [self.nodeid, slash])
        self.create("--node", self.node.url)
        self.tables.query("UPDATE nodes SET node = %s WHERE id = %s", self.node.url.replace("127.0.0.1", "localhost"), slash)
        self.work_through()
        self.assertEqual(uids, self.asked())
        self.replay("drop")
        self.node.requests.clear()
        moved, movedid = self.add_node()
        later = self.publish_gone(20, [movedid])
        self.tables.query("UPDATE nodes SET node = %s WHERE id = %s", moved.url.replace("127.0.0.1", "localhost"), movedid)
        self.create("--node", moved.url.replace("127.0.0.1", "localhost"))
        self.work_through()
        self.assertEqual(later, self.asked())

    def test_takes_the_offsets_that_are_named(self):
        self.publish_gone()
        self.replay("create", "--from", "2:3", "--to", "2:9")
        self.work_through()
        self.assertEqual(sorted(self.published(2)[3:9]), self.asked())

    def test_a_row_that_is_there_again_is_judged_as_ever(self):
        uids = self.publish_gone(40)
        rows = {uid: self.tables.old for uid in uids[:1]} | {uid: self.tables.young for uid in uids[1:2]} | {
            uid: self.tables.live for uid in uids[2:3]}
        for uid, make in rows.items():
            make(self.nodeid, uid=uid)
        self.create()
        self.work_through()
        self.assertEqual(uids[:1] + uids[3:], self.asked())
        self.assertEqual(set(uids[1:3]), self.tables.uids())

    def test_spares_what_another_record_of_the_user_needs(self):
        """Also one that came since, whatever stands behind the @ of its address."""
        uids = self.tables.many_old(40, [self.nodeid])
        users = {uid: self.tables.user(uid) for uid in uids}
        self.call("produce", "--oneshot", "--max-fraction", 0)
        self.tables.query("DELETE FROM users")
        other, otherid = self.add_node()
        columns = ("email", "generation", "client_state", "keys_changed_at")
        same = [{name: users[uid][name] for name in columns} for uid in uids]
        self.tables.live(self.nodeid, **same[0])
        self.tables.live(self.nodeid, **{**same[1], "email": same[1]["email"].partition("@")[0] + "@elsewhere.example"})
        self.tables.young(self.nodeid, **same[2])
        self.tables.live(otherid, **same[3])  # on another node
        self.tables.live(self.nodeid, **{**same[4], "client_state": "ab" * 16})  # with another key
        self.create()
        self.work_through()
        self.assertEqual(uids[3:], self.asked())
        self.assertEqual([], other.requests)

    def test_a_record_without_a_node_has_nothing_to_delete(self):
        self.publish_gone(20, nodeids=[NO_NODE])
        self.create()
        self.work_through()
        self.assert_no_requests()
        self.assertEqual({}, self.letters())


class Workers(ReplayCase):
    def test_three_share_it_and_one_is_killed_and_one_frozen(self):
        uids = self.publish_gone(600)
        self.create()
        self.node.fail(delay_s=0.05)
        workers = [self.work("--node-inflight", "6", "--window", "20") for _ in range(3)]
        wait_until(lambda: shares(workers) == [2, 2, 2], "they share the partitions")
        wait_until(lambda: len(self.asked()) > 60, "it is under way")
        workers[0].signal(signal.SIGKILL)
        workers[1].signal(signal.SIGSTOP)
        result = workers[2].wait()
        self.assertEqual(0, result.status, result)
        workers[1].signal(signal.SIGCONT)
        self.assertEqual(0, workers[1].wait().status)
        self.assertEqual(set(uids), set(self.asked()))
        self.assertEqual("done", self.status()["state"])

    def test_who_is_through_stays_for_what_another_leaves(self):
        uids = self.publish_gone(600)
        self.create()
        self.node.fail(delay_s=0.1)
        idle = self.work("--node-inflight", "4", "--window", "12")
        idle.wait_line("partitions assigned")
        idle.signal(signal.SIGTSTP)  # a member that does nothing
        busy = self.work("--window", "100")
        wait_until(lambda: shares([idle, busy]) == [3, 3], "they share the partitions")
        wait_until(lambda: sum(one["at"] == one["end"] for one in self.status()["partitions"]) >= 3, "one is through")
        self.assertFalse(busy.ended())
        idle.signal(signal.SIGKILL)
        self.assertEqual(0, busy.wait().status)
        self.assertEqual(set(uids), set(self.asked()))

    def test_goes_on_where_it_was_stopped(self):
        uids = self.publish_gone(300)
        self.create()
        self.node.fail(delay_s=0.05)
        first = self.work("--window", "12")
        wait_until(lambda: len(self.asked()) > 50, "it is under way")
        self.end(first)
        done = self.status()
        self.assertEqual("begun, and no worker is at it", done["state"])
        self.assertEqual(0, done["workers"])
        asked = len(self.asked())
        self.assertGreater(done["done"], 0)
        self.work_through()
        self.assertEqual(set(uids), set(self.asked()))
        self.assertLessEqual(len(self.asked()), len(uids) + 12)
        self.assertGreater(asked, 0)

    def test_one_that_is_done_ends_at_once(self):
        self.publish_gone(20)
        self.create()
        self.work_through()
        self.node.requests.clear()
        self.work_through()
        self.assert_no_requests()

    def test_begins_at_its_start_when_the_group_was_set_elsewhere(self):
        uids = self.publish_gone(60)
        self.create()
        group = self.status()["group"]
        for partition in range(PARTITIONS):
            self.broker.commit(group, self.topic, partition, 1_000_000)
        self.work_through()
        self.assertEqual(uids, self.asked())


if __name__ == "__main__":
    main()
