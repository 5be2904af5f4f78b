#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_produce_test: what a producer publishes, on a real broker and a real database."""
import json
import signal

from case import main
from harness import purgefleet
from produce_case import PARTITIONS, WIDTH, ProduceCase


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
