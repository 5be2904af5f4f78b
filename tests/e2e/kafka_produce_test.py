#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_produce_test: what a producer publishes, on a real broker and a real database."""
import collections
import json
import pathlib
import random
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from support.py import purgefleet
from support.py.broker import Broker
from support.py.mariadb import MariaDB
from support.py.messagepack import unpack
from support.py.users import Users, ago
from support.py.wait import wait_until

PARTITIONS = 8
WIDTH = 100
KILLS = 20
# What a kill may repeat: what was published since the last save of the cursor, what was not acknowledged, and a page.
REPEATED_BY_A_KILL = 10_000 + 2_000 + 500


class FleetCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.db = MariaDB()
        cls.addClassCleanup(cls.db.close)
        cls.broker = Broker()
        cls.addClassCleanup(cls.broker.close)
        cls.made = 0

    def setUp(self):
        self.db.fresh_tables()
        self.users = Users(self.db)
        self.node = self.users.add_node("http://127.0.0.1:1")
        type(self).made += 1
        self.prefix = f"t{self.made}"
        self.topic = f"{self.prefix}.tokenserver"

    def env(self, **more):
        return {"SYNC_TOKENSERVER__DATABASE_URL": self.db.url(), "PURGEFLEET_BROKERS": self.broker.address, **more}

    def call(self, command, *args, env=None):
        return purgefleet.run(command, "tokenserver", "--topic-prefix", self.prefix, *map(str, args),
                              env=env or self.env())

    def topics(self, *args):
        return self.call("topics", *args)

    def make_topics(self):
        result = self.topics("create", "--partitions", PARTITIONS, "--range-width", WIDTH)
        self.assertEqual(result.status, 0, result.stderr)

    def produce(self, *args, env=None):
        """One pass to its end."""
        result = self.call("produce", "--max-fraction", 0, *args, env=env)
        self.assertEqual(result.status, 0, result.stderr)
        return result

    def start(self, *args, env=None):
        process = purgefleet.start("produce", "tokenserver", "--topic-prefix", self.prefix, "--max-fraction", "0",
                                   *map(str, args), env=env or self.env())
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def wait_line(self, process, message, **fields):
        """Reads the log until such a line; returns it."""
        seen = []
        for text in process.stderr:
            seen.append(text)
            line = json.loads(text) if text.startswith("{") else {"message": text}
            if line["message"].startswith(message) and all(line.get(name) == value for name, value in fields.items()):
                return line
        status = process.wait(10)
        raise AssertionError(f"ended with status {status} without {message!r}: {''.join(seen[-5:])}")

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)

    def published(self):
        return [{**record, "value": unpack(record["value"])} for record in self.broker.records(self.topic)]

    def uids(self):
        """How often each uid was published."""
        return collections.Counter(record["value"]["k"] for record in self.published())

    def state(self):
        return [(record["key"], unpack(record["value"])) for record in self.broker.records(f"{self.topic}.state")]

    def cursors(self):
        return [value for key, value in self.state() if key == "cursor/0"]


class Topics(FleetCase):
    def test_are_created_with_the_right_properties_and_again_without_harm(self):
        self.assertEqual(self.topics("show").status, 1)
        self.make_topics()
        made = self.broker.topics()
        self.assertEqual({name: made[name] for name in made if name.startswith(self.prefix)}, {
            self.topic: PARTITIONS, f"{self.topic}.retry.1m": PARTITIONS, f"{self.topic}.dead": PARTITIONS,
            f"{self.topic}.state": 1,
        })
        shown = self.topics("show").stdout
        self.assertIn("retention.ms=604800000", shown)
        self.assertIn("cleanup.policy=compact,delete, retention.ms=7776000000", shown)
        self.assertIn("range width 100", shown)
        self.make_topics()
        self.assertEqual(self.topics("create").status, 0)
        self.assertEqual(self.topics("show").stdout, shown)

    def test_grow_but_never_shrink(self):
        self.make_topics()
        self.assertEqual(self.topics("create", "--partitions", PARTITIONS + 4).status, 0)
        made = self.broker.topics()
        self.assertEqual((made[self.topic], made[f"{self.topic}.dead"]), (PARTITIONS + 4, PARTITIONS))
        refused = self.topics("create", "--partitions", PARTITIONS)
        self.assertEqual(refused.status, 1)
        self.assertIn("cannot shrink", refused.stdout)
        self.assertEqual(self.broker.topics()[self.topic], PARTITIONS + 4)

    def test_say_what_differs_from_the_wish(self):
        self.make_topics()
        result = self.topics("create", "--range-width", 7, "--retention", "1d")
        self.assertEqual(result.status, 1)
        self.assertIn("retention.ms is 604800000, wanted is 86400000", result.stdout)
        self.assertIn("range width is 100, wanted is 7", result.stdout)


class Produce(FleetCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def test_puts_every_candidate_into_the_partition_of_its_range(self):
        uids = self.users.add_many(self.node, 2500)
        live = self.users.add(self.node, live=True)
        self.produce("--oneshot")
        records = self.published()
        self.assertEqual({record["value"]["k"] for record in records}, set(uids))
        self.assertNotIn(live, {record["value"]["k"] for record in records})
        for record in records:
            number = record["value"]["k"] // WIDTH
            self.assertEqual((record["partition"], record["key"]), (number % PARTITIONS, str(number)))
        self.assertEqual({record["partition"] for record in records}, set(range(PARTITIONS)))

    def test_writes_records_as_the_protocol_says_and_no_address(self):
        uid = self.users.add(self.node, email="somebody@example.com")
        self.produce("--oneshot")
        record = self.published()[0]["value"]
        self.assertEqual(set(record), {"v", "t", "id", "k", "at", "cut", "seen", "run", "d"})
        self.assertEqual((record["v"], record["t"], record["id"], record["k"]), (1, "tokenserver", str(uid), uid))
        self.assertEqual(record["at"], self.users.replaced_at(uid))
        self.assertEqual(record["d"]["node"], "http://127.0.0.1:1")
        self.assertNotIn(b"somebody@", self.broker.records(self.topic)[0]["value"])

    def test_needs_only_to_read(self):
        self.users.add_many(self.node, 10)
        self.db.execute("CREATE OR REPLACE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'x'")
        self.db.execute("GRANT SELECT ON tokenserver.* TO 'reader'@'127.0.0.1'")
        process = self.start(env=self.env(SYNC_TOKENSERVER__DATABASE_URL=self.db.url(user="reader", password="x")))
        self.wait_line(process, "pass ended", state="complete", published=10)
        self.stop(process)

    def test_publishes_nothing_in_a_dry_run_and_shows_the_plan(self):
        self.users.add_many(self.node, 250)
        plan = self.produce("--dryrun").stdout
        self.assertIn("would publish 250 candidates into 8 partitions", plan)
        self.assertIn("partition 0: 99\n", plan)
        self.assertEqual((self.published(), self.cursors()), ([], []))

    def test_refuses_what_the_guard_refuses(self):
        self.users.add_many(self.node, 1500)
        result = self.call("produce", "--oneshot")
        self.assertEqual(result.status, 1)
        self.assertIn("--max-fraction", result.stderr)
        self.assertEqual(self.published(), [])

    def test_refuses_topics_of_another_database(self):
        self.users.add(self.node)
        self.produce("--oneshot")
        self.db.execute("DROP DATABASE IF EXISTS other")
        self.db.execute("CREATE DATABASE other")
        for table in ("services", "nodes", "users"):
            self.db.execute(f"CREATE TABLE other.{table} LIKE tokenserver.{table}")
            self.db.execute(f"INSERT INTO other.{table} SELECT * FROM tokenserver.{table}")
        result = self.call("produce", "--oneshot",
                           env=self.env(SYNC_TOKENSERVER__DATABASE_URL=self.db.url(database="other")))
        self.assertEqual(result.status, 1)
        self.assertIn("these topics belong to the database 'tokenserver/1'", result.stderr)
        self.assertEqual(len(self.published()), 1)

    def test_says_how_to_make_topics_that_are_missing(self):
        self.prefix = "missing"
        result = self.call("produce", "--oneshot")
        self.assertEqual(result.status, 1)
        self.assertIn("topics create", result.stderr)

    def test_goes_on_without_metrics_that_cannot_be_sent(self):
        self.users.add_many(self.node, 10)
        result = self.produce("--oneshot", "--metric-host", "no such host")
        self.assertEqual(len(self.published()), 10)
        self.assertIn("no metrics are sent: check --metric-host and --metric-port",
                      [line["message"] for line in result.logs if line["severity"] == "WARNING"])

    def test_warns_of_an_option_that_is_ignored(self):
        self.assertIn("--max-offset is ignored", self.produce("--oneshot", "--max-offset", 7).stderr)

    def test_changes_nothing_by_hup_and_says_so(self):
        process = self.start()
        self.wait_line(process, "pass ended", state="complete")
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        self.assertIn("SIGHUP: there is nothing to reload; going on", stderr)

    def test_of_another_target_has_its_presets_and_its_last_words(self):
        # One pass is softdelete's default; here it fails.
        result = purgefleet.run("produce", "softdelete", "--topic-prefix", self.prefix, "--preset", "glance",
                                env=self.env(PURGEFLEET_DATABASE_URL=self.db.url()))
        self.assertEqual(result.status, 1)
        self.assertEqual(result.stderr.splitlines()[-1],
                         "Purge command failed, check glance-manage logs for more details.")


class Cursor(FleetCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def test_is_read_back_by_the_next_start(self):
        first = self.users.add_many(self.node, 300)
        process = self.start()
        self.wait_line(process, "pass ended", state="complete", published=300)
        self.stop(process)
        late = self.users.add(self.node, replaced_at=ago(days=1, ms=1000))
        process = self.start()
        self.assertEqual(self.wait_line(process, "pass begins")["kind"], "incremental")
        self.wait_line(process, "pass ended", state="complete", published=1)
        self.stop(process)
        self.assertEqual(self.uids(), collections.Counter([*first, late]))

    def test_is_passed_over_by_a_full_pass(self):
        first = self.users.add_many(self.node, 100)
        process = self.start()
        self.wait_line(process, "pass ended", state="complete")
        old = self.users.add(self.node, replaced_at=ago(days=30))
        process.send_signal(signal.SIGUSR1)
        self.wait_line(process, "pass ended", state="complete", published=0)
        self.stop(process)
        process = self.start("--full")
        self.wait_line(process, "pass ended", state="complete", published=101)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(self.wait_line(process, "pass begins")["kind"], "incremental")
        self.stop(process)
        self.assertEqual(self.uids(), collections.Counter([*first, *first, old]))

    def test_does_not_hide_what_a_node_held_back(self):
        down = self.users.add_node("http://127.0.0.1:2", downed=1)
        held = self.users.add_many(down, 5)
        self.users.add_many(self.node, 5)
        process = self.start()
        self.wait_line(process, "pass ended", state="complete", published=5)
        self.db.execute("UPDATE nodes SET downed = 0 WHERE id = %s", (down,))
        process.send_signal(signal.SIGUSR1)
        line = self.wait_line(process, "pass begins")
        self.assertEqual((line["kind"], line["why"]), ("full", "released"))
        self.wait_line(process, "pass ended", state="complete", published=10)
        self.stop(process)
        self.assertEqual({self.uids()[uid] for uid in held}, {1})

    def test_is_neither_read_nor_moved_by_a_pass_over_a_range(self):
        self.users.add_many(self.node, 2000)
        process = self.start()
        self.wait_line(process, "pass ended", state="complete")
        self.stop(process)
        before = self.cursors()
        records = len(self.published())
        self.produce("--full", "--range_start", 249, "--range_end", 430)
        self.assertEqual(self.cursors(), before)
        again = sorted(self.published(), key=lambda record: record["value"]["seen"])[records:]
        self.assertEqual(sorted(record["value"]["k"] for record in again), list(range(250, 430)))
        self.assertEqual({record["partition"] for record in again}, {2, 3, 4})

    def test_goes_on_with_a_full_pass_that_was_killed(self):
        self.users.add_many(self.node, 30_000)
        # Nobody works on what it publishes, so it stops half-way.
        process = self.start("--max-per-loop", 500, "--max-unacked", 2000, "--max-queue-lag", 15_000)
        self.wait_line(process, "waiting: the workers")
        self.assertTrue(self.cursors()[-1]["full_at"])
        process.kill()
        process.communicate()
        process = self.start("--max-per-loop", 500)
        line = self.wait_line(process, "pass begins")
        self.assertEqual((line["kind"], line["why"]), ("full", "unfinished"))
        self.assertLess(self.wait_line(process, "pass ended", state="complete")["published"], 30_000)
        self.stop(process)
        self.assertEqual(len(self.uids()), 30_000)


class Fleet(FleetCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def test_publishes_all_though_it_is_killed_again_and_again(self):
        uids = set(self.users.add_many(self.node, 40_000))
        chance = random.Random(7)
        for _ in range(KILLS):
            process = self.start("--max-per-loop", 500, "--max-unacked", 2000)
            try:
                process.wait(chance.uniform(0.05, 0.8))
            except subprocess.TimeoutExpired:
                pass
            process.kill()
            process.communicate()
        process = self.start("--max-per-loop", 500)
        self.wait_line(process, "pass ended", state="complete")
        self.stop(process)
        published = self.uids()
        self.assertEqual(set(published), uids)
        self.assertLess(sum(published.values()), len(uids) + KILLS * REPEATED_BY_A_KILL)

    def test_has_one_scanner_and_another_one_takes_over(self):
        self.users.add_many(self.node, 20)
        first = self.start()
        self.wait_line(first, "pass ended", state="complete")
        second = self.start()
        self.wait_line(second, "standing by")
        first.kill()
        first.communicate()
        self.assertEqual(self.wait_line(second, "pass begins")["kind"], "incremental")
        self.wait_line(second, "pass ended", state="complete")
        self.stop(second)

    def test_is_quiet_until_it_may_go_on(self):
        self.users.add_many(self.node, 5000)
        process = self.start("--max-per-loop", 500, "--max-queue-lag", 1000)
        self.wait_line(process, "waiting: the workers are too far behind")
        process.send_signal(signal.SIGTSTP)
        self.wait_line(process, "quiet")
        self.wait_line(process, "pass ended", state="stopped")
        process.send_signal(signal.SIGCONT)
        self.assertEqual(self.wait_line(process, "pass begins")["why"], "unfinished")
        self.stop(process)

    def test_waits_for_workers_that_are_too_far_behind(self):
        self.users.add_many(self.node, 5000)
        process = self.start("--max-per-loop", 500, "--max-queue-lag", 1000)
        self.wait_line(process, "waiting: the workers are too far behind")
        self.assertLessEqual(len(self.published()), 2000)
        consumer = subprocess.Popen(
            ["kcat", "-q", "-b", self.broker.address, "-X", "auto.offset.reset=earliest",
             "-X", "auto.commit.interval.ms=100", "-G", self.topic, self.topic],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )
        self.addCleanup(consumer.wait)
        self.addCleanup(consumer.kill)
        self.wait_line(process, "pass ended", state="complete", acknowledged=5000)
        self.stop(process)
        self.assertEqual(len(self.uids()), 5000)

    def test_loses_nothing_when_the_broker_is_killed(self):
        uids = self.users.add_many(self.node, 20_000)
        process = self.start("--max-per-loop", 200, "--max-unacked", 500)
        wait_until(lambda: len(self.broker.records(self.topic)) > 1000, what="records")
        self.broker.control("kill")
        self.broker.control("start")
        self.wait_line(process, "pass ended", state="complete")
        self.stop(process)
        self.assertEqual(set(self.uids()), set(uids))

    def test_shows_records_as_json(self):
        uids = self.users.add_many(self.node, 30)
        self.produce("--oneshot")
        result = purgefleet.run("decode", "--topic", self.topic, env=self.env())
        self.assertEqual(result.status, 0, result.stderr)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(sorted(line["record"]["k"] for line in lines), uids)
        self.assertEqual({line["record"]["t"] for line in lines}, {"tokenserver"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
