#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""secrets_test: where the master secret and the database's URL come from, and where they never go."""
import tempfile
from pathlib import Path

from case import SCRIPT, SECRET, PurgeCase, main

NONE = {"SYNC_MASTER_SECRET": None}


class Sources(PurgeCase):
    def setUp(self):
        super().setUp()
        self.uid = self.tables.old(self.nodeid)

    def write(self, text):
        file = tempfile.NamedTemporaryFile("w", prefix="purgefleet-")
        self.addCleanup(file.close)
        file.write(text)
        file.flush()
        return file.name

    def test_environment(self):
        self.purge()
        self.assert_deleted([self.uid])

    def test_word_under_the_name_of_the_script(self):
        self.script(SECRET, env=NONE)
        self.assert_deleted([self.uid])

    def test_word_under_any_other_name_is_refused_and_not_shown(self):
        for env in (NONE, {}):
            result = self.purge(SECRET, env=env, status=2)
            self.assertIn("unexpected word number 1", result.stderr)
            self.assertNotIn(SECRET, result.stderr)
        self.assertEqual({self.uid}, self.tables.uids())
        self.assert_no_requests()

    def test_file(self):
        self.purge("--secret-file", self.write(SECRET), env=NONE)
        self.assert_deleted([self.uid])

    def test_file_whose_line_ends(self):
        self.purge("--secret-file", self.write(SECRET + "\n"), env=NONE)
        self.assert_deleted([self.uid])

    def test_word_goes_before_the_environment(self):
        self.script(SECRET, env={"SYNC_MASTER_SECRET": "wrong"})
        self.assert_deleted([self.uid])

    def test_none_is_a_usage_error_that_names_all_ways(self):
        result = self.purge(env=NONE, status=2)
        for word in ("secret", "--secret-file", "SYNC_MASTER_SECRET"):
            self.assertIn(word, result.stderr)
        self.assert_no_requests()

    def test_empty_one_is_none(self):
        self.purge(env={"SYNC_MASTER_SECRET": ""}, status=2)
        self.purge("--secret-file", self.write("\n"), env=NONE, status=2)
        self.assert_no_requests()

    def test_file_that_is_not_there_is_named(self):
        result = self.purge("--secret-file", "/nonexistent/secret", env=NONE, status=2)
        self.assertIn("/nonexistent/secret", result.stderr)


class Database(PurgeCase):
    def test_url_is_needed_and_its_variable_named(self):
        result = self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": None}, status=2)
        self.assertIn("SYNC_TOKENSERVER__DATABASE_URL", result.stderr)

    def test_url_can_be_an_option(self):
        uid = self.tables.old(self.nodeid)
        self.purge("--database-url", self.mariadb.url(),
                   env={"SYNC_TOKENSERVER__DATABASE_URL": None})
        self.assert_deleted([uid])

    def test_url_may_hold_escapes(self):
        uid = self.tables.old(self.nodeid)
        self.tables.query("DROP USER IF EXISTS 'a@b:c'@'127.0.0.1'")
        self.tables.query("CREATE USER 'a@b:c'@'127.0.0.1' IDENTIFIED BY 'p@ss/w:%%?#'")
        self.tables.query("GRANT ALL ON tokenserver.* TO 'a@b:c'@'127.0.0.1'")
        url = self.mariadb.url(user="a@b:c", password="p@ss/w:%?#").replace("/w", "%2Fw")
        self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": url})
        self.assert_deleted([uid])

    def test_url_that_is_none_is_a_usage_error_without_its_password(self):
        for url in ("postgres://u:hunter2@h/d", "mysql//u:hunter2@h", "mysql://u:hunter2@h:port/d"):
            with self.subTest(url):
                result = self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": url}, status=2)
                self.assertNotIn("hunter2", result.stderr)
                self.assertRegex(result.stderr, "URL|port")


    def test_connection_in_clear_to_another_machine_is_told_once(self):
        url = self.mariadb.url()
        away = url.replace("127.0.0.1", "0.0.0.0")  # leads here, and does not look so
        for text, times in ((away, 1), (away + "?ssl_mode=DISABLED", 0), (url, 0)):
            with self.subTest(text):
                result = self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": text})
                self.assertEqual(times, result.stderr.count("not encrypted"))

    def test_parameters_that_are_not_understood_are_refused_unless_they_are_named(self):
        url = self.mariadb.url() + "?charset=utf8mb4&init_command=x"
        result = self.purge("--database-url", url, status=2)
        self.assertIn("'init_command'", result.stderr)
        self.purge("--database-url", url, "--ignore-url-parameters", "init_command")
        for tail in ("?charset=utf8mb4;ssl=true", ";ssl=true", "?read_default_file=/nowhere.cnf"):
            with self.subTest(tail):
                self.purge("--database-url", self.mariadb.url() + tail, status=2)


class Hidden(PurgeCase):
    def seen(self, pid):
        """What everyone on the machine can read about a process."""
        return Path(f"/proc/{pid}/cmdline").read_bytes()

    def test_secret_is_not_in_the_process_list_while_it_runs(self):
        self.tables.old(self.nodeid)
        program = self.start_held("--oneshot", SECRET, env=NONE, words=(), binary=SCRIPT)
        self.assertNotIn(SECRET.encode(), self.seen(program.pid))
        self.assertIn(b"--oneshot", self.seen(program.pid))
        self.node.release()
        self.assertEqual(0, program.wait().status)

    def test_password_of_the_database_is_not_in_the_process_list(self):
        self.tables.old(self.nodeid)
        program = self.start_held("--oneshot", f"--database-url={self.mariadb.url()}")
        self.assertNotIn(b"test:test", self.seen(program.pid))
        self.node.release()
        self.assertEqual(0, program.wait().status)

    def test_a_crash_leaves_no_core_file(self):
        self.tables.old(self.nodeid)
        program = self.start_held("--oneshot")
        limits = Path(f"/proc/{program.pid}/limits").read_text(encoding="ascii")
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        self.node.release()
        self.assertEqual(0, program.wait().status)

    def test_secrets_are_never_printed(self):
        self.tables.old(self.nodeid)
        for options in ([], ["-v"], ["--dryrun"], ["--help"], ["--no-such"], ["--grace-period=x"]):
            for call in (self.purge, self.script):
                result = call(*options, SECRET, env=NONE, status=None)
                with self.subTest(options):
                    self.assertNotIn(SECRET, result.stdout + result.stderr)
                    self.assertNotIn("test:test", result.stdout + result.stderr)


if __name__ == "__main__":
    main()
