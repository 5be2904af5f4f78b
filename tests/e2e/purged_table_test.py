#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""purged_table_test: which rows are purged, and how, by what their node is and what was asked for."""
from case import PurgeCase, main
from harness.users import DAY, HOUR, NO_NODE, SECOND, fxa_kid, now_ms


class UpAndNodeless(PurgeCase):
    def test_row_of_a_node_that_is_up_goes_after_its_data(self):
        uid = self.tables.old(self.nodeid)
        row, before = self.tables.user(uid), self.tables.snapshot()
        there = []
        connection = self.mariadb.connect()

        def look(request):
            with connection.cursor() as cursor:
                there.append(cursor.execute("SELECT 1 FROM users WHERE uid = %s", (request.uid,)))

        self.node.on_request = look
        result = self.purge()
        self.assert_summary(result, state="complete", purged=1, removed_rows=1, node_deletes=1,
                            left=0, failed=0, postponed=0, backlog=1, rows=1, pages=1)
        self.assert_removed(before, [uid])
        self.assert_deleted([uid])
        self.assertEqual([1], there)
        request = self.node.requests[0]
        self.assertEqual((row["email"].split("@")[0], fxa_kid(row), self.node.url),
                         (request.fxa_uid, request.fxa_kid, request.node))

    def test_nodeless_row_goes_without_a_request(self):
        uid = self.tables.old(NO_NODE)
        before = self.tables.snapshot()
        self.assert_summary(self.purge(), state="complete", purged=1, node_deletes=0)
        self.assert_removed(before, [uid])
        self.assert_no_requests()

    def test_data_that_is_not_there_is_as_good_as_deleted(self):
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.node.fail(404)
        self.assert_summary(self.purge(), state="complete", purged=1)
        self.assert_removed(before, [uid])
        self.assertEqual(1, len(self.node.requests))

    def test_empty_table_is_a_complete_run(self):
        self.assert_summary(self.purge(), state="complete", purged=0, backlog=0, pages=0)

    def test_all_kinds_at_once_each_get_their_own_fate(self):
        _, down = self.add_node(downed=1)
        gone = [self.tables.old(self.nodeid), self.tables.old(NO_NODE), self.tables.old(self.nodeid)]
        self.tables.old(down)
        self.tables.young(self.nodeid)
        self.tables.live(self.nodeid)
        self.tables.live(NO_NODE)
        before = self.tables.snapshot()
        result = self.purge()
        self.assert_summary(result, state="complete", purged=3, node_deletes=2, left=1,
                            left_node_down=1, backlog=4)
        self.assert_removed(before, gone)
        self.assert_deleted([gone[0], gone[2]], self.node)


class Untouched(PurgeCase):
    def assert_untouched(self, *options):
        before = self.tables.snapshot()
        self.assert_summary(self.purge(*options), state="complete", purged=0, rows=0, backlog=0)
        self.assert_removed(before, [])
        self.assert_no_requests()

    def test_row_that_was_never_replaced_stays(self):
        self.tables.live(self.nodeid, created_at=0)
        self.tables.live(NO_NODE)
        self.assert_untouched("--grace-period", 0)

    def test_row_of_another_service_stays(self):
        other = self.tables.add_service("queuey-1.0")
        nodeid = self.tables.add_node(self.node.url, service=other)
        self.tables.old(nodeid, service=other)
        self.tables.old(NO_NODE, service=other)
        self.assert_untouched()

    def test_row_replaced_in_the_future_stays(self):
        self.tables.old(self.nodeid, age_ms=-HOUR)
        self.assert_untouched("--grace-period", 0)

    def test_row_of_a_downed_node_stays(self):
        _, down = self.add_node(downed=1)
        self.tables.old(down)
        before = self.tables.snapshot()
        self.assert_summary(self.purge(), state="complete", purged=0, left=1, left_node_down=1)
        self.assert_removed(before, [])
        self.assert_no_requests()


class Grace(PurgeCase):
    MARGIN = 30 * SECOND  # more than a test takes

    def assert_bounds(self, grace_ms, *options):
        gone = [self.tables.old(self.nodeid, age_ms=grace_ms + age)
                for age in (SECOND, self.MARGIN, DAY)]
        for age in (0, self.MARGIN):
            self.tables.old(self.nodeid, age_ms=max(0, grace_ms - self.MARGIN - age))
        before = self.tables.snapshot()
        self.purge(*options)
        self.assert_removed(before, gone)
        self.assert_deleted(gone)

    def test_is_a_day(self):
        self.assert_bounds(DAY)

    def test_is_what_was_asked_for(self):
        self.assert_bounds(HOUR, "--grace-period", 3600)

    def test_of_a_negative_number_is_a_week(self):
        self.assert_bounds(7 * DAY, "--grace-period=-1")

    def test_of_zero_takes_all_that_was_replaced(self):
        uid = self.tables.old(self.nodeid, age_ms=SECOND)
        before = self.tables.snapshot()
        self.purge("--grace-period", 0)
        self.assert_removed(before, [uid])


class Forced(PurgeCase):
    def setUp(self):
        super().setUp()
        self.down, self.down_id = self.add_node(downed=1)

    def test_delete_goes_to_the_downed_node(self):
        uid = self.tables.old(self.down_id)
        before = self.tables.snapshot()
        self.assert_summary(self.purge("--force"), state="complete", purged=1, left=0)
        self.assert_removed(before, [uid])
        self.assert_deleted([uid], self.down)

    def test_delete_goes_to_the_override_signed_for_it(self):
        uid, up = self.tables.old(self.down_id), self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        other, _ = self.add_node()
        self.tables.query("DELETE FROM nodes WHERE node = %s", other.url)
        self.purge("--force", "--override_node", other.url)
        self.assert_removed(before, [uid, up])
        self.assert_deleted([uid], other)
        self.assert_deleted([up], self.node)
        self.assertEqual(other.url, other.requests[0].node)
        self.assertEqual([], self.down.requests)

    def test_override_does_nothing_without_force(self):
        self.tables.old(self.down_id)
        before = self.tables.snapshot()
        self.assert_summary(self.purge("--override_node", self.node.url), left_node_down=1)
        self.assert_removed(before, [])
        self.assert_no_requests()

    def test_override_spares_the_data_of_an_active_record_with_the_same_keys(self):
        for keys in ("fxa", "uid"):
            with self.subTest(node_keys=keys):
                uid = self.tables.old(self.down_id)
                self.tables.twin(uid, nodeid=self.nodeid)
                before = self.tables.snapshot()
                self.purge("--force", "--override_node", self.node.url, "--node-keys", keys)
                self.assert_removed(before, [uid])
                self.assert_no_requests()

    def test_override_spares_it_wherever_the_active_record_is(self):
        uid = self.tables.old(self.down_id)
        self.tables.twin(uid, nodeid=NO_NODE)
        before = self.tables.snapshot()
        self.purge("--force", "--override_node", self.node.url)
        self.assert_removed(before, [uid])
        self.assert_no_requests()

    def test_override_deletes_when_the_active_record_has_other_keys(self):
        uid = self.tables.old(self.down_id)
        self.tables.twin(uid, nodeid=self.nodeid, client_state="ff" * 16)
        before = self.tables.snapshot()
        self.purge("--force", "--override_node", self.node.url)
        self.assert_removed(before, [uid])
        self.assert_deleted([uid], self.node)

    def test_override_deletes_when_another_user_has_the_same_keys(self):
        uid = self.tables.old(self.down_id)
        self.tables.twin(uid, nodeid=self.nodeid, email="someone.else@api.accounts.firefox.com")
        before = self.tables.snapshot()
        self.purge("--force", "--override_node", self.node.url)
        self.assert_removed(before, [uid])
        self.assert_deleted([uid], self.node)

    def test_override_that_is_the_rows_own_node_is_none(self):
        uid = self.tables.old(self.down_id)
        self.tables.twin(uid, nodeid=self.nodeid)
        before = self.tables.snapshot()
        self.purge("--force", "--override_node", self.down.url)
        self.assert_removed(before, [uid])
        self.assert_deleted([uid], self.down)


class Precondition(PurgeCase):
    """X-If-Unmodified-Since: the node itself keeps what was written after the record was replaced."""

    def header_of(self, uid):
        header = next(r for r in self.node.requests if r.uid == uid).unmodified_since
        self.assertRegex(header or "", r"^\d+\.\d\d$")
        return float(header)

    def test_is_the_end_of_the_grace(self):
        uid = self.tables.old(self.nodeid, age_ms=3 * DAY)
        replaced_at = self.tables.user(uid)["replaced_at"]
        self.purge("--grace-period", 86400)
        self.assertAlmostEqual((replaced_at + DAY) / 1000, self.header_of(uid), delta=0.0101)

    def test_is_at_least_two_hours_after_the_record_was_replaced(self):
        uid = self.tables.old(self.nodeid, age_ms=3 * DAY)
        replaced_at = self.tables.user(uid)["replaced_at"]
        self.purge("--grace-period", 60)
        self.assertAlmostEqual((replaced_at + 2 * HOUR) / 1000, self.header_of(uid), delta=0.0101)

    def test_is_never_in_the_future(self):
        uid = self.tables.old(self.nodeid, age_ms=HOUR)
        began = now_ms()
        self.purge("--grace-period", 60)
        self.assertTrue(began / 1000 - 0.01 <= self.header_of(uid) <= now_ms() / 1000)

    def test_is_not_sent_to_nodes_that_key_by_uid(self):
        self.tables.old(self.nodeid)
        self.purge("--node-keys", "uid")
        self.assertEqual([None], [r.unmodified_since for r in self.node.requests])

    def test_that_is_not_met_leaves_data_and_row(self):
        uid, other = self.tables.old(self.nodeid), self.tables.old(self.nodeid)
        self.node.modified[uid] = now_ms() / 1000
        before = self.tables.snapshot()
        self.assert_summary(self.purge(), state="complete", purged=1, left=1, left_modified=1,
                            failed=0)
        self.assert_removed(before, [other])
        self.assert_deleted([other])


if __name__ == "__main__":
    main()
