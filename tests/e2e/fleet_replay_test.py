#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""A replay: what was purged is deleted on its node again, and nothing else."""
import signal

from case import main, wait_until
from fleet_case import PARTITIONS
from harness import records
from harness.users import NO_NODE
from replay_case import ID, ReplayCase


class WhatItDoes(ReplayCase):
    def test_deletes_again_what_the_fleet_has_purged(self):
        uids = self.tables.many_old(200, [self.nodeid])
        self.call("produce", "--oneshot", "--max-fraction", 0)
        worker = self.worker()
        self.wait_done(uids)
        self.node.requests.clear()
        before, offsets = self.tables.snapshot(), self.offsets()
        self.create()
        result = self.work().wait()
        self.assertEqual(0, result.status, result)
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
        self.assertEqual(0, self.work().wait().status)
        self.assertEqual(uids, self.asked())
        self.assertFalse(set(later) & set(self.asked()))

    def test_takes_the_uids_between_both_ends_of_a_range(self):
        uids = self.publish_gone()
        self.create("--range_start", uids[49], "--range_end", uids[100])
        result = self.work().wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(uids[50:100], self.asked())
        self.assertEqual(len(uids) - 50, totals(result)["passed_over"])

    def test_takes_what_lies_on_one_node(self):
        other, otherid = self.add_node()
        uids = self.publish_gone(nodeids=[self.nodeid, otherid])
        self.create("--node", other.url)
        self.assertEqual(0, self.work().wait().status)
        self.assertEqual(uids[1::2], self.asked())
        self.assertEqual([], self.node.requests)

    def test_takes_the_offsets_that_are_named(self):
        self.publish_gone()
        self.replay("create", "--from", "2:3", "--to", "2:9")
        self.assertEqual(0, self.work().wait().status)
        self.assertEqual(sorted(self.published(2)[3:9]), self.asked())

    def test_a_row_that_is_there_again_is_judged_as_ever(self):
        uids = self.publish_gone(40)
        rows = {uid: self.tables.old for uid in uids[:1]} | {uid: self.tables.young for uid in uids[1:2]} | {
            uid: self.tables.live for uid in uids[2:3]}
        for uid, make in rows.items():
            make(self.nodeid, uid=uid)
        self.create()
        self.assertEqual(0, self.work().wait().status)
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
        result = self.work().wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(uids[3:], self.asked())
        self.assertEqual([], other.requests)

    def test_a_record_without_a_node_has_nothing_to_delete(self):
        self.publish_gone(20, nodeids=[NO_NODE])
        self.create()
        self.assertEqual(0, self.work().wait().status)
        self.assert_no_requests()
        self.assertEqual({}, self.letters())


class Workers(ReplayCase):
    def test_three_share_it_and_one_is_killed_and_one_frozen(self):
        uids = self.publish_gone(600)
        self.create()
        self.node.fail(delay_s=0.05)
        workers = [self.work("--node-inflight", "6", "--window", "20") for _ in range(3)]
        wait_until(lambda: all(w.lines("partitions assigned") and w.lines("partitions assigned")[-1]["count"] == 2
                               for w in workers), "they share the partitions")
        wait_until(lambda: len(self.asked()) > 60, "it is under way")
        workers[0].signal(signal.SIGKILL)
        workers[1].signal(signal.SIGSTOP)
        result = workers[2].wait()
        self.assertEqual(0, result.status, result)
        workers[1].signal(signal.SIGCONT)
        self.assertEqual(0, workers[1].wait().status)
        self.assertEqual(set(uids), set(self.asked()))
        self.assertEqual("done", self.status()["state"])

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
        self.assertEqual(0, self.work().wait().status)
        self.assertEqual(set(uids), set(self.asked()))
        self.assertLessEqual(len(self.asked()), len(uids) + 12)
        self.assertGreater(asked, 0)

    def test_one_that_is_done_ends_at_once(self):
        self.publish_gone(20)
        self.create()
        self.assertEqual(0, self.work().wait().status)
        self.node.requests.clear()
        self.assertEqual(0, self.work().wait().status)
        self.assert_no_requests()

    def test_begins_at_its_start_when_the_group_was_set_elsewhere(self):
        uids = self.publish_gone(60)
        self.create()
        group = self.status()["group"]
        for partition in range(PARTITIONS):
            self.broker.commit(group, self.topic, partition, 1_000_000)
        self.assertEqual(0, self.work().wait().status)
        self.assertEqual(uids, self.asked())


class WhatFails(ReplayCase):
    def test_goes_to_the_dead_letters_under_its_name(self):
        uids = self.publish_gone(60)
        self.create()
        self.node.fail(400, uids={uids[7]})
        result = self.work().wait()
        self.assertEqual(3, result.status, result)
        self.assertEqual({uids[7]}, set(self.letters()))
        headers = self.letters()[uids[7]]
        self.assertEqual((ID, "http_4xx", "400"), tuple(
            headers[name] for name in ("purge.replay", "purge.error.reason", "purge.error.status")))
        for delay in ("1s", "10s", "1m"):
            self.assertEqual([], self.records(f"retry.{delay}"))

    def test_a_record_that_a_replay_gave_up_is_one_of_a_replay_wherever_it_is(self):
        """A worker of the fleet deletes its data too, though the row is gone."""
        uids = self.publish_gone(20)
        self.create()
        self.node.fail(400, uids={uids[7]}, times=1)
        self.assertEqual(3, self.work().wait().status)
        self.node.requests.clear()
        letter = self.records("dead")[0]
        self.node.fail(500, uids={uids[7]}, times=1)
        records.publish(self.broker, f"{self.topic}.retry.1s", [(0, "0", letter["value"])], {"purge.replay": ID})
        self.assertEqual(0, self.worker("--until-drained", "--attempts", "1").wait().status)
        self.assertEqual([uids[7]] * 2, self.asked())
        self.assertEqual([ID], [record["headers"]["purge.replay"] for record in self.records("retry.1s")
                                if "purge.error.reason" in record["headers"]])

    def test_a_node_that_the_table_no_longer_has_is_not_asked(self):
        uids = self.publish_gone(10)
        self.create()
        self.tables.query("DELETE FROM nodes WHERE id = %s", self.nodeid)
        self.assertEqual(3, self.work().wait().status)
        self.assert_no_requests()
        self.assertEqual({"its node is no longer in the table nodes"}, {
            headers["purge.error.message"] for headers in self.letters().values()})
        self.assertEqual(set(uids), set(self.letters()))

    def test_a_node_that_is_marked_down_is_not_asked(self):
        uids = self.publish_gone(10)
        self.create()
        self.tables.query("UPDATE nodes SET downed = 1")
        self.assertEqual(3, self.work().wait().status)
        self.assert_no_requests()
        self.assertEqual(set(uids), set(self.letters()))

    def test_a_uid_that_the_table_never_gave_out_is_refused(self):
        """It is another database, or one of before: somebody else may get that uid."""
        uids = self.publish_gone(10)
        self.create()
        self.tables.query(f"ALTER TABLE users AUTO_INCREMENT = {uids[5]}")
        self.assertEqual(3, self.work().wait().status)
        self.assertEqual(uids[:5], self.asked())
        self.assertEqual(set(uids[5:]), set(self.letters()))
        self.assertIn("never given out", self.letters()[uids[5]]["purge.error.message"])

    def test_a_database_that_goes_away_gives_nothing_up(self):
        uids = self.publish_gone(200)
        self.create()
        self.node.fail(delay_s=0.05)
        worker = self.work("--window", "20", "--check-ttl", "0.1", "--database-patience", "1")
        wait_until(lambda: len(self.asked()) > 20, "it is under way")
        self.mariadb.stop()
        self.assertEqual(1, worker.wait().status)
        self.mariadb.start()
        self.node.heal()
        self.assertEqual({}, self.letters())
        self.assertEqual(0, self.work().wait().status)
        self.assertEqual(set(uids), set(self.asked()))


class TheLog(ReplayCase):
    def test_what_retention_took_is_told_and_not_passed_over(self):
        uids = self.publish_gone()
        self.create()
        lost = self.published(2)[:5]
        self.broker.trim(self.topic, 5, partition=2)
        result = self.work().wait()
        self.assertEqual(3, result.status, result)
        self.assertEqual(sorted(set(uids) - set(lost)), self.asked())
        [told] = [line for line in result.lines if line["message"].startswith("records were deleted before")]
        self.assertEqual(5, told["records"])

    def test_says_when_it_is_made_what_retention_has_taken(self):
        self.publish_gone()
        self.broker.trim(self.topic, 5, partition=2)
        self.assertIn("5 records that belonged to it", self.create().stdout)
        self.assertEqual(5, self.status()["deleted"])
        self.replay("drop")
        self.replay("create", "--from", "1h ago")
        self.assertIsNone(self.status()["deleted"])
        self.assertIn("deleted:     unknown", self.replay("status").stdout)

    def test_a_topic_that_was_made_again_is_not_replayed(self):
        self.publish_gone()
        self.create()
        self.broker.delete_topic(self.topic)
        wait_until(lambda: self.topic not in self.broker.topics(), "it is gone")
        self.make_topics("--replication", 1, "--retry-delay", 1)
        result = self.work().wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("the log of a partition ends before the replay does", result.errors)
        self.assert_no_requests()

    def test_the_usual_group_set_back_by_hand_deletes_nothing(self):
        uids = self.publish_gone(60)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        for partition in range(PARTITIONS):
            self.broker.commit(self.topic, self.topic, partition, 0)
        result = self.worker("--until-drained").wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(len(uids), totals(result)["gone"])
        self.assert_no_requests()


def totals(result):
    """What a worker says at its end."""
    return [line for line in result.lines if line["message"] == "worker ended"][-1]


if __name__ == "__main__":
    main()
