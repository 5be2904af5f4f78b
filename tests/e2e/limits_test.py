#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""limits_test: what a run needs for its second half is there before the first request is sent, or none is."""
from case import PurgeCase, main, purgefleet
from harness.users import NO_NODE

RIGHTS = "SELECT, INSERT, UPDATE, DELETE ON tokenserver.*"


class Connections(PurgeCase):
    def limited(self, most):
        """The environment of a user who may have so many connections."""
        url = self.mariadb.add_user("few", RIGHTS)
        self.tables.query(f"ALTER USER 'few'@'127.0.0.1' WITH MAX_USER_CONNECTIONS {most}")
        return {"SYNC_TOKENSERVER__DATABASE_URL": url}

    def test_that_are_too_few_end_a_run_before_its_first_request(self):
        self.tables.many_old(500, [self.nodeid])
        before = self.tables.snapshot()
        for options in ((), ("--dryrun", "--check-ttl", 1)):
            with self.subTest(options):
                result = self.purge("--database-patience", 1, *options, env=self.limited(1), status=1)
                for words in ("0 of the 2 database connections for --batch-threads", "1226", "max_user_connections"):
                    self.assertIn(words, result.stderr)
        self.assert_removed(before, [])
        self.assert_no_requests()

    def test_that_are_too_few_end_a_run_of_rows_without_a_node(self):
        """Its removals are queued before it is known that nobody can do them."""
        self.tables.many_old(200, [NO_NODE])
        result = self.purge("--database-patience", 1, env=self.limited(1), status=1)
        self.assertIn("0 of the 2 database connections", result.summary["error"])
        self.assertIn("no connection to the database is left; waiting for one", result.stderr)
        self.assertEqual(200, len(self.tables.uids()))

    def test_that_come_while_they_are_waited_for_are_enough(self):
        uids = self.tables.many_old(200, [NO_NODE])
        program = self.start("--oneshot", env=self.limited(1))
        program.wait_line("no connection to the database is left")
        self.tables.query("ALTER USER 'few'@'127.0.0.1' WITH MAX_USER_CONNECTIONS 0")
        result = program.wait()
        self.assertEqual((0, len(uids)), (result.status, result.summary["purged"]), result)

    def test_that_others_have_taken_are_told_as_a_limit(self):
        self.tables.old(self.nodeid)
        env = self.limited(1)
        with self.mariadb.connect_as("few"):
            result = self.purge(env=env, status=1)
        for words in ("cannot connect", "1226", "a limit of the server's"):
            self.assertIn(words, result.summary["error"])
        self.assertNotIn("that the server runs", result.summary["error"])

    def test_for_one_thread_are_enough(self):
        uids = self.tables.many_old(500, [self.nodeid])
        before = self.tables.snapshot()
        result = self.purge(env=self.limited(2))
        self.assertEqual(1, [line["message"] for line in result.lines].count(
            "going on with fewer threads; raise the limit of connections"), result)
        self.assert_summary(result, state="complete", purged=500)
        self.assert_removed(before, uids)
        self.assert_deleted(uids)

    def test_for_all_are_taken_without_a_word(self):
        self.tables.many_old(500, [self.nodeid])
        result = self.purge(env=self.limited(3))
        self.assertNotIn("fewer threads", result.stderr)
        self.assert_summary(result, state="complete", purged=500)


class Files(PurgeCase):
    def purge_with(self, files, *options, status=0):
        words = ["-c", f'ulimit -n {files}; exec "$0" "$@"', purgefleet.BINARY, "run", "tokenserver", "--oneshot",
                 *map(str, options)]
        result = purgefleet.run(words, self.environment(), "/bin/sh")
        self.assertEqual(status, result.status, result)
        return result

    def test_that_are_too_few_for_the_requests_are_refused_at_the_start(self):
        self.tables.many_old(500, [self.nodeid])
        for files in (40, 300):
            with self.subTest(files=files):
                result = self.purge_with(files, status=1)
                for words in ("--inflight 512", "LimitNOFILE", f" {max(files - 100, 0)} are left", "100 are for all else"):
                    self.assertIn(words, result.stderr)
                # With none left no --inflight is low enough.
                self.assertEqual(files > 100, "lower --inflight" in result.stderr, result)
        self.assertEqual(500, len(self.tables.uids()))
        self.assert_no_requests()

    def test_that_just_do_are_enough(self):
        """Also where connections are kept for more nodes than there are files."""
        others = [self.add_node()[1] for _ in range(3)]
        uids = self.tables.many_old(900, [self.nodeid, *others])
        result = self.purge_with(140, "--inflight", 40)
        self.assert_summary(result, state="complete", purged=900)
        self.assert_deleted(uids)


if __name__ == "__main__":
    main()
