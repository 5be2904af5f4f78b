#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""mysql_test: the MySQL of today instead of MariaDB."""
from case import PurgeCase, main, purgefleet
from glance_case import GlanceCase
from harness.mariadb import MySQL
from harness.users import NO_NODE
from kafka_case import KafkaCase

DEPLOY = purgefleet.ROOT / "deploy"


def grant(query, name):
    """Carries out a file of grants, anew."""
    query("DROP USER IF EXISTS 'purgefleet'@'%'")
    for line in (DEPLOY / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("--"):
            query(line)


class Tokenserver(PurgeCase):
    database = MySQL

    def query(self, sql):
        self.tables.query(sql.replace("%", "%%"))

    def least(self):
        grant(self.query, "grants.sql")
        return {"SYNC_TOKENSERVER__DATABASE_URL": self.mariadb.url(user="purgefleet", password="change me")}

    def test_is_purged_with_the_least_rights(self):
        env = self.least()
        gone = [*self.tables.many_old(1500, [self.nodeid]), self.tables.old(NO_NODE)]
        lives = self.tables.many_old(400, [self.nodeid])
        self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid >= %s", lives[0])
        before = self.tables.snapshot()
        self.assert_summary(self.purge("--dryrun", env=env), would_purge=1501)
        self.assert_summary(self.purge(env=env), state="complete", purged=1501, guard="passed", backlog=1501)
        self.assert_removed(before, gone)


    def test_that_goes_offline_in_a_run_is_waited_for(self):
        gone = self.tables.many_old(20, [self.nodeid])
        self.tables.live(self.nodeid)
        before = self.tables.snapshot()
        program = self.start_held("--oneshot", env=self.least())
        self.addCleanup(self.tables.query, "SET GLOBAL offline_mode = OFF")
        self.tables.query("SET GLOBAL offline_mode = ON")  # ends all connections but those of administrators
        self.node.release()
        program.wait_line("lost the database; waiting for it")
        self.tables.query("SET GLOBAL offline_mode = OFF")
        result = program.wait()
        self.assert_summary(result, state="complete", purged=20, failed=0, postponed=0)
        self.assert_removed(before, gone)


class Softdelete(GlanceCase):
    database = MySQL

    def test_is_purged_with_the_least_rights(self):
        grant(self.glance.query, "grants-glance.sql")
        image = self.glance.image(200)
        old = [self.glance.child("image_tags", 40, image=image) for _ in range(300)]
        task = self.glance.task(40)
        self.glance.child("image_tags", 5)
        before = self.glance.all_ids()
        url = self.mariadb.url(user="purgefleet", password="change me", database="glance")
        self.purge("--max-rows", -1, "--database-url", url)
        self.assert_gone(before, image_tags=old, tasks=[task], task_info=[task])

    def test_has_indexes_that_are_invisible_and_count_as_none(self):
        self.glance.query("CREATE TABLE w (id INT PRIMARY KEY, deleted_at DATETIME, KEY at_idx (deleted_at) INVISIBLE)")
        self.glance.query("INSERT INTO w VALUES (1, '2020-01-01'), (2, NULL)")
        preset = "[w]\nkey = id\nage = deleted_at\n"
        result = self.purge("--age-in-days", 1, preset=self.file(preset), status=1)
        self.assertIn("cure: ALTER TABLE `w` ALTER INDEX `at_idx` VISIBLE", result.stderr)
        self.purge("--age-in-days", 1, preset=self.file(preset + "index = optional\n"))
        self.assertEqual({2}, self.glance.ids("w"))


class Producer(KafkaCase):
    database = MySQL
    partitions = 2
    width = 100

    def start_producer(self):
        return self.start(*self.kafka(), "--max-fraction", "0", words=("produce", "tokenserver"))

    def test_that_goes_on_publishes_and_the_next_one_stands_by_until_it_is_gone(self):
        self.make_topics()
        self.tables.many_old(300, [self.nodeid])
        first = self.start_producer()
        self.assertNotIn("error", first.next_line("pass ended", state="complete", published=300))
        second = self.start_producer()
        second.next_line("standing by")
        first.close()
        second.next_line("pass ended", state="complete")
        self.stop(second)
        self.assertEqual(300, len(self.broker.records(self.topic)))


if __name__ == "__main__":
    main()
