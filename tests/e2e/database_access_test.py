#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""database_access_test: the database stops letting us in while a run goes on: that fails the run, never a row."""
from case import PurgeCase, main
from harness.mariadb import ON_MYSQL


class Access(PurgeCase):
    def setUp(self):
        super().setUp()
        self.url = self.mariadb.add_user("purger", "SELECT, DELETE, UPDATE ON tokenserver.*")

    def assert_lost(self, take_away, number):
        """It is taken away, and our connections end, while the first rows are with their node."""
        uids = self.tables.many_old(40, [self.nodeid])
        program = self.start_held("--oneshot", "--check-ttl", 0.1, "--batch-rows", 5, "--on-failure", "defer",
                                  "--node-inflight", 4, waiting=4, env={"SYNC_TOKENSERVER__DATABASE_URL": self.url})
        before = self.tables.snapshot()
        take_away()
        self.mariadb.kill_connections("user = 'purger'")
        self.node.fail(delay_s=0.2, times=4)  # longer than a judgement holds
        self.node.release()
        result = program.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn(f" {number}: ", result.summary["error"])
        self.assert_summary(result, failed=0, purged=0)
        self.assertEqual(before.users, self.tables.snapshot().users)
        self.assertLess(len(self.node.requests), len(uids))

    def alter(self, how):
        self.tables.query(f"ALTER USER 'purger'@'127.0.0.1' {how}")

    def give_wrong_passwords(self):
        url = self.mariadb.url(user="purger", password="wrong")
        for _ in range(2):
            self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": url}, status=1)

    def test_for_another_password(self):
        self.assert_lost(lambda: self.alter("IDENTIFIED BY 'another'"), 1045)

    def test_for_an_account_that_is_locked(self):
        self.assert_lost(lambda: self.alter("ACCOUNT LOCK"), 3118 if ON_MYSQL else 4151)

    def test_for_wrong_passwords_that_somebody_else_gave(self):
        if ON_MYSQL:
            self.alter("FAILED_LOGIN_ATTEMPTS 2 PASSWORD_LOCK_TIME 1")
        else:
            self.tables.query("SET GLOBAL max_password_errors = 1")
            self.addCleanup(self.tables.query, "SET GLOBAL max_password_errors = DEFAULT")
            self.addCleanup(self.tables.query, "FLUSH PRIVILEGES")
        self.assert_lost(self.give_wrong_passwords, 3955 if ON_MYSQL else 4150)


if __name__ == "__main__":
    main()
