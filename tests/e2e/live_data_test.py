#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""live_data_test: data that another record of the same user still needs is not deleted."""
import contextlib
import socket
import time
from pathlib import Path

from case import PurgeCase, main, wait_until
from harness.users import DAY, HOUR, NO_NODE, RETIRED, now_ms


class SharedData(PurgeCase):
    def setUp(self):
        super().setUp()
        self.uid = self.tables.old(self.nodeid)

    def twin(self, **columns):
        return self.tables.twin(self.uid, **columns)

    def assert_spared(self, *options):
        before = self.tables.snapshot()
        result = self.purge(*options)
        self.assert_summary(result, state="complete", purged=1, removed_rows=1, node_deletes=0)
        self.assert_removed(before, [self.uid])
        self.assert_no_requests()
        self.assertEqual(1, self.sink.totals().get("tokenserver.override"))

    def assert_deletes(self, *options, also=()):
        before = self.tables.snapshot()
        self.purge(*options)
        self.assert_removed(before, [self.uid, *also])
        self.assert_deleted([self.uid, *also])
        self.assertNotIn("tokenserver.override", self.sink.totals())

    def test_active_record_with_the_same_keys_on_the_same_node_spares_it(self):
        self.twin()
        self.assert_spared()

    def test_record_replaced_within_the_grace_spares_it(self):
        self.twin(replaced_at=now_ms() - HOUR)
        self.assert_spared()

    def test_keys_are_compared_as_the_node_sees_them(self):
        stamp = self.tables.user(self.uid)["keys_changed_at"]
        self.twin(generation=stamp, keys_changed_at=None)
        self.assert_spared()

    def test_spelling_of_the_client_state_does_not_matter(self):
        state = "ab" * 16
        self.tables.query("UPDATE users SET client_state = %s WHERE uid = %s", state, self.uid)
        self.twin(client_state=state.upper())
        self.assert_spared()

    def test_one_of_many_records_is_enough(self):
        for i in range(20):
            self.twin(client_state=f"{i:032x}")
        self.twin()
        self.assert_spared()

    def test_override_is_where_the_delete_would_go(self):
        override, override_id = self.add_node()
        _, down_id = self.add_node(downed=1)
        self.tables.query("UPDATE users SET nodeid = %s", down_id)
        self.twin(nodeid=override_id, replaced_at=now_ms() - HOUR)
        self.assert_spared("--force", "--override_node", override.url)

    def test_same_keys_on_another_node_are_other_data(self):
        _, other = self.add_node()
        self.twin(nodeid=other)
        self.assert_deletes()

    def test_other_keys_on_the_same_node_are_other_data(self):
        self.twin(client_state="00" * 16)
        self.twin(keys_changed_at=1_700_000_000_000)
        self.assert_deletes()

    def test_nodeless_record_needs_nothing(self):
        self.twin(nodeid=NO_NODE)
        self.assert_deletes()

    def test_retired_record_needs_nothing(self):
        self.twin(generation=RETIRED)
        self.assert_deletes()

    def test_record_replaced_before_the_grace_needs_nothing(self):
        other = self.twin(replaced_at=now_ms() - 3 * DAY)
        self.assert_deletes(also=[other])

    def test_record_of_another_service_needs_nothing(self):
        self.twin(service=self.tables.add_service("queuey-1.0"))
        self.assert_deletes()

    def test_another_user_needs_nothing_of_it(self):
        self.twin(email="x" + self.tables.user(self.uid)["email"])
        self.assert_deletes()

    def test_nodes_that_key_by_uid_share_nothing(self):
        self.twin()
        self.assert_deletes("--node-keys", "uid")

    def test_shorter_grace_makes_the_younger_record_old_as_well(self):
        other = self.twin(replaced_at=now_ms() - 2 * HOUR)
        self.assert_deletes("--grace-period", 3600, also=[other])


class Races(PurgeCase):
    """The world changes between the scan and the end of a purge."""

    def start_two(self, *options):
        """Two rows, of which the first is with its node and the second still waits."""
        first, second = self.tables.old(self.nodeid, age_ms=3 * DAY), self.tables.old(self.nodeid)
        program = self.start_held("--oneshot", "--node-inflight", 1, "--check-ttl", 0.1, *options)
        self.assertEqual(first, self.node.requests[0].uid)
        return program, first, second

    def finish(self, program):
        self.node.fail(delay_s=0.2, times=1)  # longer than a judgement holds
        self.node.release()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        return result

    def test_record_that_is_in_use_again_is_left(self):
        program, first, second = self.start_two()
        self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid = %s", second)
        before = self.tables.snapshot()
        self.assert_summary(self.finish(program), purged=1, left=1)
        self.assert_removed(before, [first])
        self.assert_deleted([first])

    def test_record_that_was_replaced_anew_is_left(self):
        program, first, second = self.start_two()
        self.tables.query("UPDATE users SET replaced_at = %s WHERE uid = %s", now_ms(), second)
        before = self.tables.snapshot()
        self.assert_summary(self.finish(program), purged=1, left=1, left_young=1)
        self.assert_removed(before, [first])
        self.assert_deleted([first])

    def test_record_whose_data_came_into_use_loses_only_its_row(self):
        program, first, second = self.start_two()
        self.tables.twin(second)
        before = self.tables.snapshot()
        self.assert_summary(self.finish(program), purged=2, left=0)
        self.assert_removed(before, [first, second])
        self.assert_deleted([first])

    def test_record_whose_node_went_down_is_left(self):
        other, other_id = self.add_node()
        program, first, second = self.start_two()
        self.tables.query("UPDATE users SET nodeid = %s WHERE uid = %s", other_id, second)
        self.tables.query("UPDATE nodes SET downed = 1 WHERE id = %s", other_id)
        before = self.tables.snapshot()
        self.assert_summary(self.finish(program), purged=1, left=1, left_node_down=1)
        self.assert_removed(before, [first])
        self.assertEqual([], other.requests)

    def test_record_that_changes_while_its_data_is_deleted_stays(self):
        program, first, second = self.start_two()
        self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid = %s", first)
        before = self.tables.snapshot()
        self.assert_summary(self.finish(program), purged=1, left=1, left_changed=1)
        self.assert_removed(before, [second])

    def test_record_that_came_back_while_its_node_took_no_connection_is_left(self):
        with socket.socket() as server, contextlib.ExitStack() as crowd:
            server.bind(("127.0.0.1", 0))
            server.listen(0)
            address = server.getsockname()
            for _ in range(4):
                other = crowd.enter_context(socket.socket())
                other.setblocking(False)
                other.connect_ex(address)
            nodeid = self.tables.add_node("http://{}:{}".format(*address))
            uid = self.tables.old(nodeid)
            connecting = f"0100007F:{address[1]:04X} 02 "  # SYN_SENT
            others = Path("/proc/net/tcp").read_text().count(connecting)
            program = self.start("--oneshot", "--node-keys", "uid", "--check-ttl", 0.5)
            wait_until(lambda: Path("/proc/net/tcp").read_text().count(connecting) > others,
                       "the program's connection")
            self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid = %s", uid)
            time.sleep(0.6)  # the judgement grows old
            crowd.close()
            asked = []
            server.settimeout(0.1)
            while not program.ended():
                with contextlib.suppress(TimeoutError):
                    peer, _ = server.accept()
                    asked.append(peer.recv(4096))
                    peer.close()
            result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, left_live=1, requests=0)
        self.assertEqual(set(), set(asked) - {b""})

    def test_record_whose_data_nobody_needs_any_more_when_its_lock_is_had_is_asked_for(self):
        uid = self.tables.old(self.nodeid)
        twin = self.tables.twin(uid)
        locker = self.mariadb.connect()
        locker.begin()
        with locker.cursor() as cursor:
            cursor.execute("SELECT * FROM users WHERE uid = %s FOR UPDATE", (uid,))
        program = self.start("--oneshot", "--check-ttl", 0.2)
        wait_until(lambda: self.tables.query("SELECT id FROM information_schema.processlist"
                                             " WHERE info LIKE '%%FOR UPDATE%%'"
                                             " AND id <> CONNECTION_ID()"), "the wait for the row")
        self.tables.query(
            "UPDATE users SET keys_changed_at = keys_changed_at + 1000 WHERE uid = %s", twin)
        time.sleep(0.3)  # the judgement grows old
        before = self.tables.snapshot()
        locker.rollback()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, state="complete", purged=1, node_deletes=1)
        self.assert_removed(before, [uid])
        self.assert_deleted([uid])

    def test_record_that_somebody_else_removed_is_done(self):
        program, first, second = self.start_two()
        self.tables.query("DELETE FROM users WHERE uid IN (%s, %s)", first, second)
        before = self.tables.snapshot()
        self.assert_summary(self.finish(program), state="complete", purged=0, gone=2, left=0)
        self.assert_removed(before, [])
        self.assert_deleted([first])


if __name__ == "__main__":
    main()
