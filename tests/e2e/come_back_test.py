#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""come_back_test: each way in which a user can come back between scan and purge, at each moment, spares the data."""
from case import PurgeCase, main, wait_until
from harness.users import DAY, HOUR, RETIRED, now_ms

ROW_ONLY = {"purged": 1, "left": 0}  # the data stays, only the old row goes


def left(reason):
    return {"purged": 0, "left": 1, f"left_{reason}": 1}


class ComeBack(PurgeCase):
    """`uid` is old when the run begins. A way is a pair: what there is before the run, what happens in it."""

    def setUp(self):
        super().setUp()
        self.other, self.other_id = self.add_node()
        self.uid = self.tables.old(self.nodeid)
        self.connection = self.mariadb.connect()  # for changes from the node's threads

    def change(self, statement, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)

    def ways(self):
        """name -> (before, meanwhile, what the summary says of the row)"""
        uid, nodeid = self.uid, self.nodeid
        twin = self.tables.twin

        def set_row(text, *values):
            return lambda: self.change(f"UPDATE users SET {text} WHERE uid = %s", *values, uid)

        def set_twin(text, *values):
            return lambda: self.change(f"UPDATE users SET {text} WHERE uid <> %s AND email ="
                                       " (SELECT email FROM (SELECT email FROM users WHERE uid = %s) AS own)",
                                       *values, uid, uid)

        def add_twin(**columns):
            return lambda: twin(uid, **columns)

        same_keys = self.tables.user(uid)["keys_changed_at"]
        nothing = bool
        return {
            "the record is in use again": (nothing, set_row("replaced_at = NULL"), left("live")),
            "the record was replaced anew":
                (nothing, set_row("replaced_at = %s", now_ms()), left("young")),
            "a new record has the same keys": (nothing, add_twin(), ROW_ONLY),
            "a new record with the same keys was replaced at once":
                (nothing, add_twin(replaced_at=now_ms() - HOUR), ROW_ONLY),
            "another record gets the same keys":
                (add_twin(keys_changed_at=7), set_twin("keys_changed_at = %s", same_keys), ROW_ONLY),
            "another record comes to the same node":
                (add_twin(nodeid=self.other_id), set_twin("nodeid = %s", nodeid), ROW_ONLY),
            "a retired record is in use again":
                (add_twin(generation=RETIRED), set_twin("generation = 1"), ROW_ONLY),
            "the node is marked down":
                (nothing, lambda: self.change("UPDATE nodes SET downed = 1 WHERE id = %s", nodeid),
                 left("node_down")),
            "the node is taken out":
                (nothing, lambda: self.change("DELETE FROM nodes WHERE id = %s", nodeid), ROW_ONLY),
        }

    def each_way(self):
        for name in list(self.ways()):
            with self.subTest(name):
                self.tables.query("DELETE FROM users")
                self.tables.query("UPDATE nodes SET downed = 0")
                if not self.tables.query("SELECT id FROM nodes WHERE id = %s", self.nodeid):
                    self.nodeid = self.tables.add_node(self.node.url)
                self.node.heal()
                self.node.requests.clear()
                self.node.modified.clear()
                self.node.on_request = None
                self.uid = self.tables.old(self.nodeid)
                before, meanwhile, expected = self.ways()[name]
                before()
                self.spare = self.tables.uids() - {self.uid}
                yield meanwhile, expected

    def assert_spared(self, result, expected, attempts):
        """The row had its fate, its node was asked so often, and no other row was touched."""
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, **{**expected, "purged": expected["purged"] + self.extra})
        self.assertEqual(expected["left"] == 1, self.uid in self.tables.uids())
        self.assertLessEqual(self.spare, self.tables.uids())
        self.assertEqual(attempts, [r.status for r in self.node.requests if r.uid == self.uid])
        self.assertEqual([], self.other.requests)

    extra = 0  # rows purged besides

    def test_while_the_row_waits_for_its_turn(self):
        self.extra = 1
        for meanwhile, expected in self.each_way():
            blocker = self.tables.old(self.nodeid, age_ms=60 * DAY)
            self.node.hold()
            program = self.start("--oneshot", "--node-inflight", 1, "--check-ttl", 0.1)
            wait_until(lambda: self.node.waiting == 1 and self.node.requests, "the request before")
            self.assertEqual(blocker, self.node.requests[0].uid)
            meanwhile()
            self.node.fail(delay_s=0.2, times=1)  # longer than a judgement holds
            self.node.release()
            self.assert_spared(program.wait(), expected, [])

    def test_while_the_row_waits_to_be_tried_again(self):
        for meanwhile, expected in self.each_way():
            self.node.fail(503, times=1, headers={"Retry-After": "1"})
            program = self.start("--oneshot", "--check-ttl", 0.1)
            wait_until(lambda: [r for r in self.node.requests if r.status], "the first attempt")
            meanwhile()
            self.assert_spared(program.wait(), expected, [503])

    def test_while_the_node_refuses_because_of_a_later_write(self):
        for meanwhile, expected in self.each_way():
            self.node.modified[self.uid] = now_ms() / 1000 + 60
            self.node.on_request = lambda request, meanwhile=meanwhile: meanwhile()
            self.assert_spared(self.purge(), expected, [412])

    def test_the_moment_before_the_node_deletes_keeps_the_row(self):
        """The data is lost in this race, but never the row of somebody who is back."""
        for meanwhile, _ in self.each_way():
            self.node.on_request = lambda request, meanwhile=meanwhile: meanwhile()
            result = self.purge()
            row = self.tables.user(self.uid)
            if row is not None:
                self.assertEqual(1, result.summary["left_changed"], result)
                self.assertTrue(row["replaced_at"] is None or row["replaced_at"] > now_ms() - HOUR)
            self.assertLessEqual(self.spare, self.tables.uids())

    def test_a_later_write_alone_leaves_row_and_data(self):
        self.node.modified[self.uid] = now_ms() / 1000 + 60
        result = self.purge()
        self.assert_summary(result, state="complete", left=1, left_modified=1, purged=0)
        self.assertIn(self.uid, self.tables.uids())
        self.assertEqual([412], [r.status for r in self.node.requests])

    def test_every_attempt_is_judged_anew(self):
        """Four attempts, and one more would be made: it is not, for the user came back."""
        self.node.fail(503)
        program = self.start("--oneshot", "--check-ttl", 0.1, "--attempts", 100)
        wait_until(lambda: len(self.node.requests) >= 4, "four attempts")
        self.change("UPDATE users SET replaced_at = NULL WHERE uid = %s", self.uid)
        changed_s = self.node.requests[-1].at_s
        result = program.wait()
        self.assert_summary(result, state="complete", left=1, left_live=1, purged=0)
        # What was judged just before the change may still be sent, for as long as a judgement holds.
        late = [r for r in self.node.requests if r.at_s > changed_s + 0.3]
        self.assertEqual([], late)


if __name__ == "__main__":
    main()
