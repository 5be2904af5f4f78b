#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""deploy_test: built by plain cmake, installed, and with no more rights than deploy/grants.sql gives."""
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from urllib.parse import quote

from case import ONCE, SECRET, PurgeCase, main, purgefleet
from harness.users import NO_NODE

ROOT = purgefleet.ROOT


def command(*words):
    done = subprocess.run(
        [*map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"{words}: status {done.returncode}\n{done.stdout}")
    return done.stdout


class Installed(PurgeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        place = tempfile.TemporaryDirectory(prefix="purgefleet-")
        cls.addClassCleanup(place.cleanup)
        build, cls.prefix = Path(place.name) / "build", Path(place.name) / "usr"
        command("cmake", "-S", ROOT, "-B", build, "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_INSTALL_PREFIX={cls.prefix}")
        cls.said = command("cmake", "--build", build, "--parallel", 2)
        command("cmake", "--install", build)
        cls.build = build

    def test_a_plain_build_warns_of_nothing_and_has_no_tests(self):
        self.assertNotIn("warning:", self.said)
        self.assertFalse((self.build / "tests").exists())

    def test_purges_under_its_own_name(self):
        uid = self.tables.old(self.nodeid)
        result = purgefleet.run(
            ["run", "tokenserver", "--oneshot"], self.environment(), str(self.prefix / "bin/purgefleet"))
        self.assertEqual(0, result.status, result)
        self.assert_deleted([uid])

    def test_has_the_name_and_the_habits_of_the_script(self):
        bad, good = self.tables.old(self.nodeid), self.tables.old(self.nodeid)
        self.node.fail(400, uids={bad})
        before = self.tables.user(bad)["replaced_at"]
        result = purgefleet.run(
            ["--oneshot", *ONCE, SECRET], self.environment(SYNC_MASTER_SECRET=None),
            str(self.prefix / "bin/purge_old_records"))
        self.assertEqual(0, result.status, result)
        self.assertGreater(self.tables.user(bad)["replaced_at"], before)  # put off
        self.assertNotIn(good, self.tables.uids())

    def test_knows_its_presets_and_the_name_for_glance(self):
        result = purgefleet.run(
            ["purge"], purgefleet.environment(PURGEFLEET_DATABASE_URL=self.mariadb.url()),
            str(self.prefix / "bin/purge_glance"))
        self.assertIn("Purge command failed", result.stderr.splitlines()[-1])  # not Glance's tables
        self.assertIn("no table 'task_info'", result.stderr)


class Units(unittest.TestCase):
    units = sorted((ROOT / "deploy").glob("*.service"))

    def test_are_for_run_produce_and_work_and_for_dlrepo(self):
        self.assertEqual(
            ["dlrepo-cleanup.service", "purgefleet-produce.service", "purgefleet-work@.service", "purgefleet.service"],
            [unit.name for unit in self.units])

    def test_start_commands_with_options_that_there_are(self):
        for unit in self.units:
            text = unit.read_text(encoding="utf-8")
            program, *words = re.search(r"^ExecStart=/usr/bin/(.*)$", text, re.M).group(1).split()
            names = words[:2] if program == "purgefleet" else []
            shown = command(Path(purgefleet.BINARY).with_name(program), *names, "--help")
            for word in words:
                if word.startswith("--"):
                    self.assertRegex(shown, rf"(?m)^  (-., )?{word} ", unit.name)

    def test_give_a_stop_more_time_than_it_takes(self):
        for unit in self.units:
            text = unit.read_text(encoding="utf-8")
            self.assertGreater(int(re.search(r"^TimeoutStopSec=(\d+)$", text, re.M).group(1)), 30 + 10, unit.name)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_are_units_by_the_word_of_systemd(self):
        with tempfile.TemporaryDirectory() as place:
            for unit in self.units:
                copy = Path(place) / unit.name
                copy.write_text(unit.read_text(encoding="utf-8").replace("/usr/bin/", f"{Path(purgefleet.BINARY).parent}/"))
                self.assertEqual("", command("systemd-analyze", "verify", copy))


DATABASE = "SYNC_TOKENSERVER__DATABASE_URL"


class LeastRights(PurgeCase):
    def grant(self, optional=None):
        """Carries out deploy/grants.sql, with the statement that is commented out and has this word in it."""
        for line in (ROOT / "deploy/grants.sql").read_text(encoding="utf-8").splitlines():
            if optional and line.startswith("-- GRANT") and optional in line:
                line = line.removeprefix("-- ")
            if line and not line.startswith("--"):
                self.tables.query(line.replace("%", "%%"))
        return {DATABASE: self.mariadb.url(user="purgefleet", password="change me")}

    def setUp(self):
        super().setUp()
        self.tables.query("DROP USER IF EXISTS 'purgefleet'@'%%'")

    def test_are_enough_for_a_run(self):
        env = self.grant()
        up, nodeless = self.tables.old(self.nodeid), self.tables.old(NO_NODE)
        before = self.tables.snapshot()
        self.purge(env=env)
        self.assert_removed(before, [up, nodeless])

    def test_are_enough_beside_nodes_that_are_locked(self):
        env = self.grant()
        locked = [self.add_node()[1] for _ in range(3)]
        kept, gone = {self.tables.old(nodeid) for nodeid in locked}, self.tables.old(self.nodeid)
        twins = {self.tables.twin(uid) for uid in (*kept, gone)}  # no requests: all in one batch
        with self.mariadb.connect() as other, other.cursor() as cursor:
            other.begin()
            for nodeid in locked:
                cursor.execute("UPDATE nodes SET backoff = 1 WHERE id = %s", (nodeid,))
            result = self.purge(*ONCE, "--retry-time", 2, status=None, env={**env, DATABASE: env[DATABASE] + "?read_timeout=2"})
            other.rollback()
        self.assertNotIn("denied", result.stderr)
        self.assertEqual(kept | twins, self.tables.uids(), result)
        self.purge(env=env)
        self.assertEqual(twins, self.tables.uids())

    def test_are_enough_to_put_failed_rows_off(self):
        env = self.grant("(replaced_at)")
        bad = self.tables.old(self.nodeid)
        before = self.tables.user(bad)["replaced_at"]
        self.node.fail(400)
        self.purge("--on-failure", "defer", *ONCE, status=1, env=env)
        self.assertGreater(self.tables.user(bad)["replaced_at"], before)


class Socket(PurgeCase):
    def test_of_the_database_can_be_named_in_the_url(self):
        uid = self.tables.old(self.nodeid)
        path = (Path(self.mariadb.dir) / "socket").read_text(encoding="utf-8").strip()
        self.tables.query("DROP USER IF EXISTS 'local'@'localhost'")
        self.tables.query("CREATE USER 'local'@'localhost' IDENTIFIED BY 'x'")
        self.tables.query("GRANT ALL ON tokenserver.* TO 'local'@'localhost'")
        url = f"mysql://local:x@localhost/tokenserver?unix_socket={quote(path, safe='')}"
        self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": url})
        self.assert_deleted([uid])


if __name__ == "__main__":
    main()
