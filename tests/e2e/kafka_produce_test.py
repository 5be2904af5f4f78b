#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_produce_test: what a producer publishes, on a real broker and a real database."""
import collections
import hashlib
import json
import math
import random
import signal
import subprocess
import time

from case import main, wait_until
from harness import purgefleet
from harness.messagepack import unpack
from harness.users import DAY, SECOND
from kafka_case import KafkaCase

PARTITIONS = 8
WIDTH = 100
KILLS = 20
KILLS_WITHIN_A_PASS = 10  # at least
PAGE = 100
UNACKED = 200
# What a kill may repeat: what was published since the last save of the cursor, what was not acknowledged then, and a page.
REPEATED_BY_A_KILL = 10_000 + UNACKED + PAGE


class ProduceCase(KafkaCase):
    partitions = PARTITIONS
    width = WIDTH

    def environment(self, **variables):
        """Without the secret, which a producer has no use for."""
        return super().environment(**{"SYNC_MASTER_SECRET": None, **variables})

    def produce(self, *options, status=0):
        """One pass to its end."""
        return self.call("produce", "--max-fraction", 0, *options, status=status)

    def start(self, *options, **how):
        words = ("produce", "tokenserver", *self.kafka(), "--max-fraction", "0")
        return super().start(*options, words=words, **how)

    def published(self):
        return [{**record, "value": unpack(record["value"])} for record in self.broker.records(self.topic)]

    def uids(self):
        """How often each uid was published."""
        return collections.Counter(record["value"]["k"] for record in self.published())

    def state(self):
        return [(record["key"], unpack(record["value"])) for record in self.broker.records(f"{self.topic}.state")]

    def cursors(self):
        return [value for key, value in self.state() if key == "cursor/0"]


class Topics(ProduceCase):
    def test_are_created_with_the_right_properties_and_again_without_harm(self):
        self.call("topics", "show", status=1)
        self.make_topics()
        made = self.broker.topics()
        self.assertEqual({name: made[name] for name in made if name.startswith(self.prefix)}, {
            self.topic: PARTITIONS, **{f"{self.topic}.retry.{delay}": PARTITIONS for delay in ("1m", "10m", "1h")}, f"{self.topic}.dead": PARTITIONS,
            f"{self.topic}.state": 1,
        })
        shown = self.call("topics", "show").stdout
        self.assertIn("retention.ms=604800000", shown)
        self.assertIn("cleanup.policy=compact,delete, retention.ms=7776000000", shown)
        self.assertIn("range width 100", shown)
        self.make_topics()
        self.call("topics", "create")
        self.assertEqual(self.call("topics", "show").stdout, shown)

    def test_grow_but_never_shrink(self):
        self.make_topics()
        self.call("topics", "create", "--partitions", PARTITIONS + 4)
        made = self.broker.topics()
        self.assertEqual((made[self.topic], made[f"{self.topic}.dead"]), (PARTITIONS + 4, PARTITIONS))
        refused = self.call("topics", "create", "--partitions", PARTITIONS, status=1)
        self.assertIn("cannot shrink", refused.stdout)
        self.assertEqual(self.broker.topics()[self.topic], PARTITIONS + 4)

    def test_grow_with_the_retry_topics_of_all_delays(self):
        self.make_topics()
        self.call("topics", "create", "--retry-delay", 5, "--partitions", PARTITIONS)
        self.assertIn("retry.5s", self.call("topics", "show", "--partitions", PARTITIONS + 4, status=1).stdout)
        self.call("topics", "create", "--partitions", PARTITIONS + 4)
        made = self.broker.topics()
        self.assertEqual((made[f"{self.topic}.retry.1m"], made[f"{self.topic}.retry.5s"]), (PARTITIONS + 4, PARTITIONS + 4))
        self.assertEqual(self.broker.topics()[f"{self.topic}.dead"], PARTITIONS)
        self.call("topics", "create", "--retry-delay", 7)  # new ones have as many
        self.assertEqual(self.broker.topics()[f"{self.topic}.retry.7s"], PARTITIONS + 4)

    def test_say_what_differs_from_the_wish(self):
        self.make_topics()
        result = self.call("topics", "create", "--range-width", 7, "--retention", "1d", status=1)
        self.assertIn("retention.ms is 604800000, wanted is 86400000", result.stdout)
        self.assertIn("range width is 100, wanted is 7", result.stdout)


class Produce(ProduceCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def test_puts_every_candidate_into_the_partition_of_its_range(self):
        uids = self.tables.many_old(2500, [self.nodeid])
        live = self.tables.live(self.nodeid)
        self.produce("--oneshot")
        records = self.published()
        self.assertEqual({record["value"]["k"] for record in records}, set(uids))
        self.assertNotIn(live, {record["value"]["k"] for record in records})
        for record in records:
            number = record["value"]["k"] // WIDTH
            self.assertEqual((record["partition"], record["key"]), (number % PARTITIONS, str(number)))
        self.assertEqual({record["partition"] for record in records}, set(range(PARTITIONS)))

    def test_writes_records_as_the_protocol_says_and_no_address(self):
        uid = self.tables.old(self.nodeid, email="somebody@example.com")
        self.produce("--oneshot")
        record = self.published()[0]["value"]
        self.assertEqual(set(record), {"v", "t", "id", "k", "at", "cut", "seen", "run", "d"})
        self.assertEqual((record["v"], record["t"], record["id"], record["k"]), (1, "tokenserver", str(uid), uid))
        self.assertEqual(record["at"], self.tables.user(uid)["replaced_at"])
        self.assertEqual(record["d"]["node"], self.node.url)
        self.assertNotIn(b"somebody@", self.broker.records(self.topic)[0]["value"])

    def test_needs_only_to_read(self):
        self.tables.many_old(10, [self.nodeid])
        url = self.mariadb.add_user("reader", "SELECT ON tokenserver.*")
        producer = self.start(env={"SYNC_TOKENSERVER__DATABASE_URL": url})
        self.assertNotIn("error", producer.next_line("pass ended", state="complete", published=10))
        self.stop(producer)

    def test_publishes_nothing_in_a_dry_run_and_shows_the_plan(self):
        self.tables.many_old(250, [self.nodeid])
        plan = self.produce("--dryrun").stdout
        self.assertIn("would publish 250 candidates into 8 partitions", plan)
        self.assertIn("partition 0: 99\n", plan)
        self.assertEqual((self.published(), self.cursors()), ([], []))

    def test_publishes_as_many_as_asked_for_in_one_pass_without_a_cursor(self):
        uids = self.tables.many_old(2500, [self.nodeid])
        result = self.call("produce", "--max-records", 1100, "--max-per-loop", 500)  # the guard has nothing against so few
        self.assertIn("pass ended", result.stderr)
        self.assertEqual(len(self.published()), 1100)
        self.assertLessEqual(set(self.uids()), set(uids))
        self.assertEqual(self.cursors(), [])
        plan = self.produce("--max-records", 30, "--dryrun").stdout
        self.assertIn("would publish 30 candidates into 8 partitions", plan)

    def test_says_how_far_the_workers_are_behind_all_that_was_published(self):
        self.tables.many_old(50, [self.nodeid])
        producer = self.start()
        for signum, published, lag in ((None, 50, 50), (signal.SIGUSR1, 0, 50)):
            if signum:
                producer.signal(signum)
            producer.next_line("pass ended", state="complete", published=published, lag=lag)
        self.stop(producer)
        self.assertIn('"lag":100,', self.produce("--full", "--oneshot").stderr)

    def test_refuses_what_the_guard_refuses(self):
        self.tables.many_old(1500, [self.nodeid])
        result = self.call("produce", "--oneshot", status=1)
        self.assertIn("--max-fraction", result.stderr)
        self.assertEqual(self.published(), [])

    def test_that_failed_tells_nothing_of_the_one_before(self):
        self.tables.many_old(60, [self.nodeid])
        producer = self.start()
        done = producer.next_line("pass ended", state="complete")
        self.assertEqual((60, 60), (done["published"], done["acknowledged"]))
        self.mariadb.stop()
        self.addCleanup(self.mariadb.start)
        producer.signal(signal.SIGUSR1)
        failed = producer.next_line("pass ended", state="failed")
        self.assertEqual((0, 0, None), (failed["published"], failed["acknowledged"], failed["lag"]))
        producer.wait_line("next pass", 2)
        producer.signal(signal.SIGINT)  # ends a pass that does not run
        self.assertEqual(0, producer.wait().status)

    def test_refuses_topics_of_another_database(self):
        self.tables.old(self.nodeid)
        self.produce("--oneshot")
        result = self.call("produce", "--oneshot", env=self.other_database(), status=1)
        self.assertIn("these topics belong to the database 'tokenserver/1'", result.stderr)
        self.assertEqual(len(self.published()), 1)

    def test_says_how_to_make_topics_that_are_missing(self):
        self.prefix = "missing"
        result = self.call("produce", "--oneshot", status=1)
        self.assertEqual(
            "purgefleet: there is no topic 'missing.tokenserver', nor 'missing.tokenserver.state'; "
            "make what is missing: purgefleet topics tokenserver create --topic-prefix missing\n", result.stderr)

    def test_does_not_claim_to_know_the_plan_when_topics_are_missing(self):
        self.prefix = "missing"
        result = self.produce("--dryrun", status=1)
        self.assertEqual("", result.stdout)
        self.assertIn("make what is missing", result.stderr)

    def test_goes_on_without_metrics_that_cannot_be_sent(self):
        self.tables.many_old(10, [self.nodeid])
        result = self.produce("--oneshot", "--metric-host", "no such host")
        self.assertEqual(len(self.published()), 10)
        self.assertIn("no metrics are sent: check --metric-host and --metric-port",
                      [line["message"] for line in result.lines if line["severity"] == "WARNING"])

    def test_warns_of_an_option_that_is_ignored(self):
        self.assertIn("--max-offset is ignored", self.produce("--oneshot", "--max-offset", 7).stderr)

    def test_changes_nothing_by_hup_and_says_so(self):
        producer = self.start()
        producer.next_line("pass ended", state="complete")
        producer.signal(signal.SIGHUP)
        producer.next_line("SIGHUP: there is nothing to reload; going on")
        producer.signal(signal.SIGUSR1)
        producer.next_line("pass ended", state="complete")
        self.stop(producer)

    def test_of_another_target_has_its_presets_and_its_last_words(self):
        # One pass is softdelete's default; here it fails.
        words = ["produce", "softdelete", *self.kafka(), "--preset", "glance", "--database-url", self.mariadb.url()]
        result = purgefleet.run(words, self.environment())
        self.assertEqual(1, result.status, result)
        self.assertEqual("Purge command failed, check glance-manage logs for more details.",
                         result.stderr.splitlines()[-1])


class Cursor(ProduceCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def test_is_read_back_by_the_next_start(self):
        first = self.tables.many_old(300, [self.nodeid])
        producer = self.start()
        producer.next_line("pass ended", state="complete", published=300)
        self.stop(producer)
        late = self.tables.old(self.nodeid, age_ms=DAY + SECOND)
        producer = self.start()
        self.assertEqual(producer.next_line("pass begins")["kind"], "incremental")
        producer.next_line("pass ended", state="complete", published=1)
        self.stop(producer)
        self.assertEqual(self.uids(), collections.Counter([*first, late]))

    def test_is_passed_over_by_a_full_pass(self):
        first = self.tables.many_old(100, [self.nodeid])
        producer = self.start()
        producer.next_line("pass ended", state="complete")
        old = self.tables.old(self.nodeid, age_ms=30 * DAY)
        producer.signal(signal.SIGUSR1)
        producer.next_line("pass ended", state="complete", published=0)
        self.stop(producer)
        producer = self.start("--full")
        producer.next_line("pass ended", state="complete", published=101)
        producer.signal(signal.SIGUSR1)
        self.assertEqual(producer.next_line("pass begins")["kind"], "incremental")
        self.stop(producer)
        self.assertEqual(self.uids(), collections.Counter([*first, *first, old]))

    def test_does_not_hide_what_a_node_held_back(self):
        _, down = self.add_node(downed=1)
        held = self.tables.many_old(5, [down])
        self.tables.many_old(5, [self.nodeid])
        producer = self.start()
        producer.next_line("pass ended", state="complete", published=5)
        self.tables.query("UPDATE nodes SET downed = 0 WHERE id = %s", down)
        producer.signal(signal.SIGUSR1)
        line = producer.next_line("pass begins")
        self.assertEqual((line["kind"], line["why"]), ("full", "released"))
        producer.next_line("pass ended", state="complete", published=10)
        self.stop(producer)
        self.assertEqual({self.uids()[uid] for uid in held}, {1})

    def test_is_neither_read_nor_moved_by_a_pass_over_a_range(self):
        self.tables.many_old(2000, [self.nodeid])
        producer = self.start()
        producer.next_line("pass ended", state="complete")
        self.stop(producer)
        before = self.cursors()
        records = len(self.published())
        self.produce("--full", "--range_start", 249, "--range_end", 430)
        self.assertEqual(self.cursors(), before)
        again = sorted(self.published(), key=lambda record: record["value"]["seen"])[records:]
        self.assertEqual(sorted(record["value"]["k"] for record in again), list(range(250, 430)))
        self.assertEqual({record["partition"] for record in again}, {2, 3, 4})

    def kill_half_way(self):
        """A full pass of 30,000."""
        self.tables.many_old(30_000, [self.nodeid])
        # Nobody works on what it publishes, so it stops half-way.
        producer = self.start("--max-per-loop", 500, "--max-unacked", 2000, "--max-queue-lag", 15_000)
        producer.next_line("waiting: the workers")
        self.assertTrue(self.cursors()[-1]["full_at"])
        producer.close()

    def test_is_passed_over_by_a_full_pass_after_one_that_was_killed(self):
        self.kill_half_way()
        old = self.tables.old(self.nodeid, age_ms=300 * DAY)
        producer = self.start("--full", "--max-per-loop", 500)
        line = producer.next_line("pass begins")
        self.assertEqual((line["kind"], line["why"], line["from"]), ("full", "asked", None))
        producer.next_line("pass ended", state="complete", published=30_001)
        producer.signal(signal.SIGUSR1)
        self.assertEqual(producer.next_line("pass begins")["kind"], "incremental")
        self.stop(producer)
        self.assertEqual(self.uids()[old], 1)

    def test_that_cannot_be_read_is_written_anew_when_asked(self):
        uids = self.tables.many_old(5, [self.nodeid])
        self.broker.kcat("-P", "-t", f"{self.topic}.state", "-k", "cursor/0", data=b"junk")
        producer = self.start()
        self.assertIn("start with --full", producer.next_line("pass ended", state="failed")["error"])
        producer.close()
        self.assertEqual(self.published(), [])
        producer = self.start("--full")
        producer.next_line("the cursor in the state topic cannot be read; it is written anew")
        producer.next_line("pass ended", state="complete", published=5)
        self.stop(producer)
        producer = self.start()
        self.assertEqual(producer.next_line("pass begins")["kind"], "incremental")
        self.stop(producer)
        self.assertEqual(set(self.uids()), set(uids))

    def test_goes_on_with_a_full_pass_that_was_killed(self):
        self.kill_half_way()
        producer = self.start("--max-per-loop", 500)
        line = producer.next_line("pass begins")
        self.assertEqual((line["kind"], line["why"]), ("full", "unfinished"))
        self.assertLess(producer.next_line("pass ended", state="complete")["published"], 30_000)
        self.stop(producer)
        self.assertEqual(len(self.uids()), 30_000)


class Fleet(ProduceCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def position(self):
        """(replaced_at, uid) that the cursor of the pass under way has come to."""
        cursor = self.cursors()[-1]
        at = cursor["full_at"] if cursor["full_running"] else cursor["at"]
        return tuple(map(int, at.split("/"))) if at else (-1, -1)

    def test_publishes_all_though_it_is_killed_again_and_again(self):
        uids = set(self.tables.many_old(60_000, [self.nodeid]))
        chance = random.Random(7)
        killed = {}  # run: how far the cursor was
        slowly = ("--max-per-loop", PAGE, "--max-unacked", UNACKED, "--kafka.linger.ms=50")
        for _ in range(KILLS):
            producer = self.start(*slowly)
            end = time.monotonic() + chance.uniform(0.05, 3)
            wait_until(lambda producer=producer, end=end: producer.ended() or time.monotonic() > end, "a moment")
            producer.close()
            begun = producer.lines("pass begins")
            if begun and not producer.lines("pass ended"):
                killed[begun[0]["pass"]] = self.position()
        self.assertGreaterEqual(len(killed), KILLS_WITHIN_A_PASS)
        producer = self.start("--max-per-loop", 500)
        producer.next_line("pass ended", state="complete")
        self.stop(producer)
        values = [record["value"] for record in self.published()]
        self.assertEqual({value["k"] for value in values}, uids)
        behind = collections.Counter(value["run"] for value in values
                                     if (value["at"], value["k"]) > killed.get(value["run"], (math.inf, 0)))
        self.assertLessEqual(max(behind.values()), REPEATED_BY_A_KILL)
        # Nothing but what lay behind a cursor was published again.
        self.assertLessEqual(len(values) - len(uids), behind.total())

    def test_has_one_scanner_and_another_one_takes_over(self):
        self.tables.many_old(20, [self.nodeid])
        first = self.start()
        first.next_line("pass ended", state="complete")
        second = self.start()
        second.next_line("standing by")
        first.close()
        self.assertEqual(second.next_line("pass begins")["kind"], "incremental")
        second.next_line("pass ended", state="complete")
        self.stop(second)

    def test_gives_way_when_it_is_frozen_and_notices_when_it_goes_on(self):
        self.tables.many_old(20, [self.nodeid])
        first = self.start()
        first.next_line("pass ended", state="complete")
        second = self.start()
        second.next_line("standing by")
        first.signal(signal.SIGSTOP)
        self.assertEqual(second.next_line("pass begins")["kind"], "incremental")
        second.next_line("pass ended", state="complete")
        first.signal(signal.SIGCONT)
        first.signal(signal.SIGUSR1)
        first.next_line("standing by")
        self.stop(first)
        self.stop(second)

    def start_waiting(self, **how):
        """In the midst of a pass, for nobody works on what it publishes."""
        self.tables.many_old(10_000, [self.nodeid])
        producer = self.start("--max-per-loop", 500, "--max-queue-lag", 4000, **how)
        producer.next_line("waiting: the workers")
        return producer

    def kill_lock(self):
        """Ends the connection that holds the scanner's lock."""
        name = "purgefleet/" + hashlib.md5(b"tokenserver/tokenserver").hexdigest()
        holder = self.tables.query("SELECT IS_USED_LOCK(%s) AS id", name)[0]["id"]
        self.tables.query(f"KILL {holder}")

    def test_frozen_within_a_pass_writes_no_cursor_any_more(self):
        first = self.start_waiting()
        second = self.start("--max-per-loop", 500, "--max-queue-lag", 4000)
        second.next_line("standing by")
        first.signal(signal.SIGSTOP)
        self.assertEqual(second.next_line("pass begins")["why"], "unfinished")
        second.next_line("waiting: the workers")
        cursors = self.cursors()
        first.signal(signal.SIGCONT)
        self.assertIn("lost", first.next_line("pass ended", state="failed")["error"])
        first.next_line("standing by")
        self.assertEqual(self.cursors(), cursors)

    def test_goes_on_from_the_cursor_after_it_lost_the_lock_within_a_pass(self):
        producer = self.start_waiting()
        wait_until(lambda: self.cursors()[-1]["full_at"], "a cursor that was saved while it waits")
        self.kill_lock()
        self.assertIn("lost", producer.next_line("pass ended", state="failed")["error"])
        line = producer.next_line("pass begins")
        self.assertEqual((line["why"], line["from"]), ("unfinished", self.cursors()[-1]["full_at"]))

    def test_stopped_while_it_looks_for_the_lock_has_no_failure_of_its_own_any_more(self):
        user = self.mariadb.add_user("standby", "ALL ON tokenserver.*")
        first = self.start_waiting(env={"SYNC_TOKENSERVER__DATABASE_URL": user})
        second = self.start()
        second.next_line("standing by")
        self.kill_lock()
        first.next_line("pass ended", state="failed")
        second.next_line("pass begins")
        first.signal(signal.SIGUSR1)
        first.next_line("standing by")
        self.tables.query("CREATE TABLE visits (number INT)")
        self.tables.query("SELECT GET_LOCK('gate', 0)")
        self.addCleanup(self.tables.query, "SET GLOBAL init_connect = ''")
        self.tables.query("SET GLOBAL init_connect = 'INSERT INTO tokenserver.visits VALUES (1); DO GET_LOCK(''gate'', 60)'")
        wait_until(lambda: self.tables.query("SELECT * FROM visits"), "it looks for the scanner's lock")
        first.signal(signal.SIGTERM)
        first.next_line("stopping")
        self.tables.query("DO RELEASE_LOCK('gate')")
        result = first.wait()
        self.assertEqual(0, result.status, result)

    def test_is_quiet_until_it_may_go_on(self):
        self.tables.many_old(5000, [self.nodeid])
        producer = self.start("--max-per-loop", 500, "--max-queue-lag", 1000)
        producer.next_line("waiting: the workers are too far behind")
        producer.signal(signal.SIGTSTP)
        producer.next_line("quiet")
        producer.next_line("pass ended", state="stopped")
        producer.signal(signal.SIGCONT)
        self.assertEqual(producer.next_line("pass begins")["why"], "unfinished")
        self.stop(producer)

    def test_an_outage_between_two_passes_is_not_told_as_one_of_now(self):
        producer = self.start()
        producer.next_line("pass ended", state="complete")
        self.broker.stop()
        self.broker.start()
        producer.signal(signal.SIGUSR1)
        producer.next_line("pass ended", state="complete")
        self.assertEqual([], producer.lines("trouble with the brokers"))
        self.stop(producer)

    def test_waits_for_workers_that_are_too_far_behind(self):
        self.tables.many_old(5000, [self.nodeid])
        producer = self.start("--max-per-loop", 500, "--max-queue-lag", 1000)
        producer.next_line("waiting: the workers are too far behind", group=self.topic)
        self.assertLessEqual(len(self.published()), 2000)
        consumer = subprocess.Popen(
            ["kcat", "-q", "-b", self.broker.address, "-X", "auto.offset.reset=earliest",
             "-X", "auto.commit.interval.ms=100", "-G", self.topic, self.topic],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )
        self.addCleanup(consumer.wait)
        self.addCleanup(consumer.kill)
        producer.next_line("pass ended", state="complete", acknowledged=5000)
        self.stop(producer)
        self.assertEqual(len(self.uids()), 5000)

    def test_loses_nothing_when_the_broker_is_killed(self):
        uids = self.tables.many_old(20_000, [self.nodeid])
        producer = self.start("--max-per-loop", 200, "--max-unacked", 500)
        wait_until(lambda: len(self.broker.records(self.topic)) > 1000, "records")
        self.broker.kill()
        self.broker.start()
        producer.next_line("pass ended", state="complete")
        self.stop(producer)
        self.assertEqual(set(self.uids()), set(uids))

    def test_shows_records_as_json(self):
        uids = self.tables.many_old(30, [self.nodeid])
        self.produce("--oneshot")
        env = self.environment(PURGEFLEET_BROKERS=self.broker.address)
        result = purgefleet.run(["decode", "--topic", self.topic], env)
        self.assertEqual(result.status, 0, result)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(sorted(line["record"]["k"] for line in lines), uids)
        self.assertEqual({line["record"]["t"] for line in lines}, {"tokenserver"})


if __name__ == "__main__":
    main()
