#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""database_errors_test: what is wrong with the database is said before any node is asked."""
from case import PurgeCase, main, wait_until


class Refused(PurgeCase):
    def setUp(self):
        super().setUp()
        self.tables.old(self.nodeid)
        self.tables.many_old(20, [self.nodeid])

    def assert_refused(self, *words, url=None, options=()):
        """Exit 1, the words are said, and neither node nor table was touched."""
        env = {} if url is None else {"SYNC_TOKENSERVER__DATABASE_URL": url}
        result = self.purge("--database-patience", 0, *options, env=env, status=1)
        self.assert_summary(result, state="failed", purged=0, guard="not_asked")
        for word in words:
            self.assertIn(word, result.errors)
        self.assertNotIn("hunter2", result.stderr)
        self.assert_no_requests()
        self.assertIn("tokenserver.purge.run.failure:1|c", self.sink.lines())

    def user(self, *grants):
        return self.mariadb.add_user("poor", *grants)

    def test_wrong_password(self):
        self.assert_refused("denied", "test", "password", url=self.mariadb.url(password="hunter2"))

    def test_wrong_password_of_a_worker(self):
        url = self.mariadb.url(password="hunter2")
        program = self.start("--brokers", "127.0.0.1:1", words=("work", "tokenserver"),
                             env={"SYNC_TOKENSERVER__DATABASE_URL": url})
        result = program.wait()
        self.assertEqual(1, result.status, result)
        self.assertRegex(result.stderr, r"cannot connect: .*1045: .*; check --database-url, its user, password and TLS "
                         r"parameters\n$")

    def test_unknown_database(self):
        self.assert_refused("nowhere", "check --database-url, the name of the database in it",
                            url=self.mariadb.url(database="nowhere"))

    def test_server_that_is_down(self):
        self.assert_refused("127.0.0.1", url="mysql://test:hunter2@127.0.0.1:1/tokenserver")

    def test_host_that_is_unknown(self):
        self.assert_refused("no-such-host.invalid",
                            url="mysql://test:hunter2@no-such-host.invalid/tokenserver")

    def test_socket_that_is_not_there(self):
        self.assert_refused("/nonexistent.sock", url="mysql://test:hunter2@localhost/tokenserver"
                            "?unix_socket=/nonexistent.sock")

    def test_missing_table(self):
        for table in ("users", "nodes", "services"):
            with self.subTest(table):
                self.tables.query(f"RENAME TABLE {table} TO hidden")
                self.assert_refused(table)
                self.tables.query(f"RENAME TABLE hidden TO {table}")
                self.sink.clear()

    def test_missing_column(self):
        self.tables.query("ALTER TABLE users DROP COLUMN keys_changed_at")
        self.assert_refused("users", "keys_changed_at")

    def test_missing_service(self):
        before = self.tables.snapshot()
        self.tables.query("UPDATE services SET service = 'other'")
        self.assert_refused("sync-1.5")
        self.assert_removed(before, [])

    def test_missing_index(self):
        self.tables.query("DROP INDEX replaced_at_idx ON users")
        self.assert_refused("users", "(service, replaced_at)", "CREATE INDEX")

    def test_missing_privileges_are_named_with_their_grant(self):
        read = "SELECT ON tokenserver.*"
        cases = (
            ((), ["denied"]),
            (("SELECT ON tokenserver.services",), ["nodes", "SELECT"]),
            ((read,), ["users", "GRANT DELETE"]),
            ((read, "DELETE ON tokenserver.users"), ["nodes", "GRANT UPDATE"]),
        )
        for grants, words in cases:
            with self.subTest(grants):
                before = self.tables.snapshot()
                self.assert_refused(*words, url=self.user(*grants))
                self.assert_removed(before, [])
                self.sink.clear()

    def test_missing_privilege_to_defer(self):
        url = self.user("SELECT ON tokenserver.*", "DELETE ON tokenserver.users",
                        "UPDATE (available, current_load) ON tokenserver.nodes")
        self.assert_refused("users", "GRANT UPDATE", url=url, options=["--on-failure=defer"])

    def test_clock_that_is_far_off(self):
        self.tables.query("SET GLOBAL init_connect = 'SET timestamp = 1700000000'")
        self.addCleanup(self.tables.query, "SET GLOBAL init_connect = ''")
        url = self.user("SELECT, DELETE, UPDATE ON tokenserver.*")
        self.assert_refused("clock", url=url)


class Enough(PurgeCase):
    def test_least_privileges_are_enough(self):
        url = self.mariadb.add_user("least", "SELECT ON tokenserver.*", "DELETE ON tokenserver.users",
                                    "UPDATE (available, current_load) ON tokenserver.nodes")
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": url})
        self.assert_removed(before, [uid])

    def test_counters_need_no_privilege_when_they_are_left_alone(self):
        url = self.mariadb.add_user("least", "SELECT ON tokenserver.*", "DELETE ON tokenserver.users")
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": url, "SYNC_TOKENSERVER__SPANNER_NODE_ID": "1"})
        self.assert_removed(before, [uid], counters=False)


class Lost(PurgeCase):
    """The server goes away while rows are with their node."""

    def begin(self, *options):
        self.uids = self.tables.many_old(20, [self.nodeid])
        self.before = self.tables.snapshot()
        return self.start_held("--oneshot", *options)

    def tables_again(self):
        self.tables.connection = self.mariadb.connect(database="tokenserver")

    def test_and_back_again_is_waited_for(self):
        for how in ("restart", "kill"):
            with self.subTest(how):
                program = self.begin()
                if how == "kill":
                    self.mariadb.kill()
                    self.mariadb.start()
                else:
                    self.mariadb.restart()
                self.node.release()
                result = program.wait()
                self.tables_again()
                self.assertEqual(0, result.status, result)
                self.assert_removed(self.before, self.uids)

    def test_for_good_fails_and_the_next_run_repairs_it(self):
        program = self.begin("--database-patience", "0.3")
        self.mariadb.kill()
        self.node.release()
        result = program.wait()
        self.mariadb.start()
        self.tables_again()
        self.assertEqual(1, result.status, result)
        self.assert_summary(result, state="failed", purged=0)
        self.assert_removed(self.before, [])
        self.purge()
        self.assert_removed(self.before, self.uids)

    def test_lock_that_is_held_is_waited_for(self):
        self.uids = self.tables.many_old(10, [self.nodeid])
        before = self.tables.snapshot()
        locker = self.mariadb.connect()
        locker.begin()
        with locker.cursor() as cursor:
            cursor.execute("SELECT * FROM users WHERE uid = %s FOR UPDATE", (self.uids[4],))
        program = self.start("--oneshot")
        wait_until(lambda: len(self.node.deletes) == 10, "all deletes")
        locker.rollback()
        self.assertEqual(0, program.wait().status)
        self.assert_removed(before, self.uids)

    def test_row_that_cannot_go_does_not_keep_the_others(self):
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.tables.query("CREATE TRIGGER no_delete BEFORE DELETE ON users FOR EACH ROW BEGIN"
                          f" IF OLD.uid = {uids[7]} THEN SIGNAL SQLSTATE '40001'"
                          " SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'deadlock'; END IF; END")
        result = self.purge("--attempts", 2, status=3)
        self.assert_summary(result, state="partial", purged=29, failed=1, failed_database=1)
        self.assert_removed(before, set(uids) - {uids[7]})


if __name__ == "__main__":
    main()
