#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""fleet_admin_test: what --admin shows of a producer and of a worker."""
import json
import signal
import time

from case import main, wait_until
from fleet_case import DELAYS, PARTITIONS, FleetCase
from harness.admin import Admin
from harness.prometheus import Prometheus


class FleetAdmin(FleetCase):
    def setUp(self):
        super().setUp()
        self.admin = Admin()
        self.wait_metric = self.admin.wait_metric

    def shown_worker(self, *options):
        worker = self.worker(*self.admin.words, *options)
        wait_until(lambda: self.admin.status("/readyz") == 200, "the worker is ready")
        return worker


class Trigger(FleetAdmin):
    def test_has_a_producer_scan_now(self):
        self.node.hold()
        producer = self.start(*self.kafka(), *self.admin.words, "--purge-interval", 0, "--no-at-start", "--max-fraction", 0,
                              words=("produce", "tokenserver"))
        wait_until(lambda: self.admin.status("/readyz") == 200, "the producer is ready")
        uids = self.tables.many_old(10, [self.nodeid])
        self.wait_metric("paused", 0)
        producer.signal(signal.SIGTSTP)
        producer.wait_line("quiet: nothing is in work any more")
        self.wait_metric("paused", 1)
        producer.signal(signal.SIGCONT)
        self.wait_metric("paused", 0)
        status, _, text = self.admin.ask("/trigger", "POST")
        self.assertEqual((202, "a pass begins now\n"), (status, text))
        self.assertEqual(len(uids), producer.wait_line("pass ended")["published"])
        self.assertEqual([], producer.lines("next pass"))
        producer.signal(signal.SIGTERM)
        self.assertEqual(0, producer.wait().status)
        self.assertEqual(1, len(producer.lines("pass begins")))  # a rest without a pass has none to make up for

    def test_is_none_of_a_worker(self):
        self.shown_worker()
        status, _, text = self.admin.ask("/trigger", "POST")
        self.assertEqual(404, status)
        self.assertNotIn("/trigger", text)


class Worker(FleetAdmin):
    def test_its_numbers_agree_with_the_rows_the_node_and_the_log(self):
        uids = self.tables.many_old(60, [self.nodeid])
        self.node.fail(400, uids={uids[0]})
        self.publish(uids)
        self.broker.kcat("-P", "-t", self.topic, "-p", "1", "-K", ":", data=b"9:junk\n")
        worker = self.shown_worker("--retries", 1)
        self.wait_metric("rows_purged_total", 59)
        self.wait_metric("dead_letters_total", 2)
        metrics = self.wait_metric('lag_records{topic="candidates"}', 0)
        self.assertEqual(0, self.lag())
        self.assertEqual(len(self.node.requests), metrics["requests_total"])
        self.assertEqual(59, metrics['answers_total{answer="2xx"}'])
        self.assertEqual(1, metrics['answers_total{answer="4xx"}'])
        self.assertEqual(59, metrics['candidates_ended_total{verdict="purged",reason="none"}'])
        self.assertEqual(1, metrics["records_undecodable_total"])
        self.assertEqual(PARTITIONS, metrics['partitions_assigned{topic="candidates"}'])
        self.assertEqual(PARTITIONS * len(DELAYS), metrics['partitions_assigned{topic="retry"}'])
        self.assertEqual(0, metrics["commits_failed_total"])
        numbers = self.admin.numbers()
        worker.signal(signal.SIGTERM)
        worker.wait()
        ended = worker.lines("worker ended")[0]
        self.assertEqual({"taken": 61, "purged": 59, "dead": 2, "undecodable": 1, "requests": ended["requests"]},
                         {key: ended[key] for key in ("taken", "purged", "dead", "undecodable", "requests")})
        self.assertEqual((61, 59, 2, ended["requests"]),
                         tuple(numbers[name] for name in ("records_read_total", "rows_purged_total",
                                                          "dead_letters_total", "requests_total")))

    def test_its_load_is_seen_while_it_lasts(self):
        self.node.hold()
        self.publish(self.tables.many_old(30, [self.nodeid]))
        self.shown_worker("--node-inflight", 4, "--hold", 60)
        self.wait_metric("requests_in_flight", 4)
        # Its partitions are begun one after the other.
        self.wait_metric("candidates_in_work", 30)
        self.wait_metric('lag_records{topic="candidates"}', 30)
        self.assertEqual(200, self.admin.status("/readyz"))
        self.node.release()
        self.wait_metric("rows_purged_total", 30)

    def test_it_is_ready_once_the_group_gave_it_partitions(self):
        frozen = self.worker("--instance-id", "one")
        frozen.wait_line("partitions assigned")
        frozen.signal(signal.SIGSTOP)  # the group waits for it until its session ends
        self.addCleanup(frozen.signal, signal.SIGCONT)
        worker = self.worker(*self.admin.words)
        wait_until(lambda: self.admin.ask("/readyz")[2] == "the group has given it no partitions yet\n", "it is not ready")
        self.assertEqual((503, 200), (self.admin.status("/readyz"), self.admin.status("/livez")))
        self.assertNotIn('lag_records{topic="candidates"}', self.admin.metrics())
        worker.wait_line("partitions assigned")
        wait_until(lambda: self.admin.status("/readyz") == 200, "it is ready")

    def test_brokers_that_are_away_are_seen_and_what_they_do_not_take(self):
        self.node.hold()
        self.publish(self.tables.many_old(5, [self.nodeid]))
        self.shown_worker("--hold", 60, "--kafka.session.timeout.ms=30000")
        metrics = self.wait_metric("requests_in_flight", 5)
        self.assertEqual((0, 0), (metrics["brokers_in_trouble"], metrics["commits_failed_total"]))
        self.broker.kill()
        self.addCleanup(self.broker.restart)
        self.wait_metric("brokers_in_trouble", 1)
        self.node.release()
        self.wait_metric("rows_purged_total", 5)
        wait_until(lambda: self.admin.metrics()["commits_failed_total"] > 0, "a commit fails")
        self.assertEqual((200, 200), (self.admin.status("/livez"), self.admin.status("/readyz")))


class Producer(FleetAdmin):
    def test_a_prometheus_has_what_producer_and_worker_show(self):
        self.tables.many_old(40, [self.nodeid])
        self.tables.many_old(5, [self.nodeid], age_ms=3_600_000)
        producing = Admin()
        self.start(*self.kafka(), *producing.words, words=("produce", "tokenserver"))
        producing.wait_metric("candidates_published_total", 40)
        metrics = producing.wait_metric("passes_succeeded_total", 1)
        self.assertEqual((40, 0), (metrics["backlog_rows"], metrics["standby"]))
        self.assertEqual(1, metrics["database_reachable"])
        self.assertEqual((200, "ready\n"), producing.ask("/readyz")[::2])
        self.shown_worker()
        prometheus = Prometheus(self.admin.port, producing.port)
        self.addCleanup(prometheus.close)
        prometheus.wait("purgefleet_rows_purged_total", 40)
        prometheus.wait("purgefleet_candidates_published_total", 40)
        prometheus.wait('purgefleet_candidates_ended_total{verdict="purged",reason="none",target="tokenserver"}', 40)
        prometheus.wait("up", 1, 1)

    def make_letters(self, count):
        self.node.fail(400)
        uids = self.tables.many_old(count, [self.nodeid])
        self.call("produce", "--oneshot", "--max-fraction", 0)
        self.assertEqual(3, self.worker("--until-drained", "--retries", 1).wait().status)
        self.assertEqual(count, len(self.records("dead")))
        return uids

    def counting_producer(self, *options):
        return self.start(*self.kafka(), *self.admin.words, "--dead-interval", 1, "--purge-interval", 3600, *options,
                          words=("produce", "tokenserver"))

    def wait_letters(self, **states):
        def found():
            metrics = self.admin.metrics()
            return {state: metrics.get(f'dead_letters_kept{{state="{state}"}}') for state in ("open", "solved", "unknown")}
        wanted = {"open": None, "solved": None, "unknown": 0, **states}
        wait_until(lambda: found() == wanted, f"dead letters: {wanted}", 30)

    def test_dead_letters_that_are_open_are_told_apart_from_those_that_are_solved(self):
        uids = self.make_letters(3)
        self.tables.query("DELETE FROM users WHERE uid = %s", uids[0])
        producer = self.counting_producer()
        self.wait_letters(open=2, solved=1)
        metrics = self.admin.metrics()
        stamp_ms = min(record["stamp_ms"] for record in self.records("dead"))
        self.assertAlmostEqual(stamp_ms / 1000, metrics["dead_letters_oldest_timestamp_seconds"], delta=1)
        self.assertLessEqual(metrics["dead_letters_oldest_timestamp_seconds"], metrics["dead_letters_counted_timestamp_seconds"])
        self.tables.query("DELETE FROM users WHERE uid = %s", uids[1])
        self.wait_letters(open=1, solved=2)
        self.call("dead", "drop", "--yes", "--range-start", 0)
        self.wait_letters(open=0, solved=0)
        self.assertNotIn("dead_letters_oldest_timestamp_seconds", self.admin.metrics())
        self.end(producer)

    def test_dead_letters_of_which_nobody_knows_what_became_are_neither_open_nor_solved(self):
        self.make_letters(3)
        producer = self.counting_producer("--database-patience", 1)
        self.wait_letters(open=3, solved=0)
        self.mariadb.stop()
        self.addCleanup(self.mariadb.restart)
        self.wait_letters(unknown=3)
        producer.next_line("it is not known which dead letters are solved")
        self.mariadb.restart()
        self.wait_letters(open=3, solved=0)

    def test_a_count_that_fails_leaves_what_was_counted_and_ends_with_the_producer(self):
        self.make_letters(2)
        producer = self.counting_producer()
        self.wait_letters(open=2, solved=0)
        self.broker.delete_topic(f"{self.topic}.dead")
        self.assertIn("it does not exist", producer.next_line("the dead letters cannot be counted")["error"])
        failed_s = time.time()
        self.wait_letters(open=2, solved=0)
        self.assertLess(self.admin.metrics()["dead_letters_counted_timestamp_seconds"], failed_s)
        wait_until(lambda: time.time() > failed_s + 3, "it was to be counted again")
        self.assertLess(self.admin.metrics()["dead_letters_counted_timestamp_seconds"], failed_s)
        self.broker.kill()
        self.addCleanup(self.broker.restart)
        producer.signal(signal.SIGTERM)
        self.assertEqual(0, producer.wait().status)

    def test_dead_letters_are_not_counted_where_nobody_wants_it(self):
        self.make_letters(1)
        producer = self.counting_producer("--dead-interval", 0)
        self.wait_metric("passes_succeeded_total", 1)
        producer.signal(signal.SIGUSR1)
        metrics = self.wait_metric("passes_succeeded_total", 2)
        self.assertEqual([], [name for name in metrics if name.startswith("dead_letters")])

    def test_without_its_database_it_is_not_ready(self):
        self.start(*self.kafka(), *self.admin.words, "--database-patience", 1, "--purge-interval", 1,
                   words=("produce", "tokenserver"))
        self.wait_metric("passes_succeeded_total", 1)
        self.mariadb.stop()
        self.addCleanup(self.mariadb.restart)
        self.wait_metric("database_reachable", 0)
        self.assertEqual(503, self.admin.status("/readyz"))
        self.mariadb.restart()
        self.wait_metric("database_reachable", 1)
        self.assertEqual(200, self.admin.status("/readyz"))

    def test_who_stands_by_says_so(self):
        self.start(*self.kafka(), words=("produce", "tokenserver")).wait_line("pass ended")
        self.start(*self.kafka(), *self.admin.words, words=("produce", "tokenserver"))
        self.wait_metric("standby", 1)
        self.assertEqual((200, "ready, and standing by: another producer scans already\n"),
                         self.admin.ask("/readyz")[::2])
        self.assertEqual("produce", json.loads(self.admin.ask("/status")[2])["command"])


if __name__ == "__main__":
    main()
