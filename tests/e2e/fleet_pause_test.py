#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""fleet_pause_test: an operator pauses a fleet by one command, and every producer and worker obeys it until another one."""
import os
import signal
import time

from case import main, wait_until
from fleet_case import FleetCase
from harness import records
from harness.messagepack import pack, unpack
from kafka_case import skip_if_new_topics_break_librdkafka

PAUSED = "paused: nothing new is begun; purgefleet resume goes on, SIGTERM ends"
OVER = "the pause is over: going on"
STILL = "quiet: nothing is in work any more"
REASON = "the disks are full"


class PauseCase(FleetCase):
    def setUp(self):
        super().setUp()
        self.state = f"{self.topic}.state"

    def producer(self, *options):
        words = ("produce", "tokenserver", *self.kafka(), "--max-fraction", "0", "--grace-period", "0")
        return self.start(*options, words=words)

    def pause(self, reason=REASON):
        """Returns when it was ordered, by the clock of the nodes' requests."""
        self.call("pause", "--reason", reason)
        return time.monotonic()

    def resume(self):
        self.call("resume")

    def said(self, command, *options):
        return self.call(command, *options).stdout.splitlines()

    def assert_paused(self, *programs, reason=REASON):
        for program in programs:
            self.assertEqual(reason, program.next_line(PAUSED)["reason"])

    def control(self):
        """The last record; None: it was deleted."""
        values = [record["value"] for record in self.broker.records(self.state) if record["key"] == "control"]
        return unpack(values[-1]) if values[-1] is not None else None

    def put_control(self, **fields):
        records.publish(self.broker, self.state, [(0, "control", pack(fields))])


class Fleet(PauseCase):
    def counts(self):
        return len(self.node.requests), len(self.tables.uids()), len(self.broker.records(self.topic))

    def test_rests_through_restarts_of_all_and_then_does_the_rest_once(self):
        uids = self.tables.many_old(300, [self.nodeid])
        slow = ("--max-rate", "100", "--grace-period", "0")
        producer, worker = self.producer("--purge-interval", "1"), self.worker(*slow)
        wait_until(lambda: len(self.node.requests) > 20, "work has begun")
        paused_s = self.pause()
        self.assert_paused(producer, worker)
        worker.next_line(STILL)
        rest = self.counts()
        self.assertLess(max(request.at_s for request in self.node.requests), paused_s + 1)
        uids += self.tables.many_old(40, [self.nodeid], age_ms=0)
        self.end(producer, worker)
        producer, worker = self.producer(), self.worker(*slow)
        self.assert_paused(producer, worker)
        worker.wait_line("partitions assigned")
        self.broker.restart()
        self.assertEqual((rest[0], rest[1] + 40, rest[2]), self.counts())
        self.assertEqual([], producer.lines("pass begins"))
        self.resume()
        for program in (producer, worker):
            program.next_line(OVER, timeout_s=20)
        self.wait_done(uids)
        self.assert_deleted(uids)
        self.end(producer, worker)

    def test_a_worker_that_waits_for_its_end_waits_for_the_end_of_the_pause(self):
        uids = self.tables.many_old(20, [self.nodeid])
        before = self.tables.snapshot()
        self.publish(uids)
        self.pause()
        worker = self.worker("--until-drained", "--watchdog", "1")
        self.assert_paused(worker)
        worker.wait_line("partitions assigned")
        worker.next_line(STILL)
        self.assert_no_requests()
        self.resume()
        worker.next_line(OVER)
        self.wait_gone(uids)
        self.end(worker)
        self.assert_purged(before, uids)

    def test_a_worker_that_was_told_to_be_quiet_while_it_looked_for_its_database_begins_quiet(self):
        self.mariadb.freeze()
        self.addCleanup(self.mariadb.thaw)
        worker = self.worker()
        wait_until(lambda: len(os.listdir(f"/proc/{worker.pid}/task")) > 1, "it listens")
        worker.signal(signal.SIGTSTP)
        self.mariadb.thaw()
        worker.next_line("quiet: nothing new is begun")
        worker.next_line(STILL)
        self.end(worker)

    def test_a_worker_that_was_told_to_leave_for_good_while_it_looked_for_its_database_leaves(self):
        self.mariadb.freeze()
        self.addCleanup(self.mariadb.thaw)
        worker = self.worker("--instance-id", "one")
        wait_until(lambda: len(os.listdir(f"/proc/{worker.pid}/task")) > 1, "it listens")
        worker.signal(signal.SIGUSR2)
        self.mariadb.thaw()
        worker.next_line("left the group for good")
        self.assertEqual(0, worker.wait().status)

    def test_a_pass_that_a_rest_broke_off_is_no_success(self):
        self.tables.many_old(300, [self.nodeid])
        producer = self.producer("--max-queue-lag", 50, "--max-per-loop", 20, "--metric-host", "127.0.0.1",
                                 "--metric-port", self.sink.port)
        producer.wait_line("waiting: the workers are too far behind")
        producer.signal(signal.SIGTSTP)
        producer.next_line(STILL)
        self.sink.wait_for("tokenserver.purge.backlog.size:300|g")
        self.assertNotIn("purge.run.", "".join(self.sink.lines()))
        producer.signal(signal.SIGCONT)
        worker = self.worker("--grace-period", "0")
        self.sink.wait_for("tokenserver.purge.run.success:1|c")
        self.end(producer, worker)

    def test_a_pass_whose_database_says_nothing_is_stopped_at_once(self):
        self.mariadb.freeze()
        self.addCleanup(self.mariadb.thaw)
        producer = self.producer()
        wait_until(lambda: len(os.listdir(f"/proc/{producer.pid}/task")) > 4, "it has begun")
        began_s = time.monotonic()
        self.end(producer)
        self.assertLess(time.monotonic() - began_s, 5)

    @skip_if_new_topics_break_librdkafka
    def test_a_state_topic_that_is_made_again_is_followed_again(self):
        worker = self.worker()
        worker.wait_line("partitions assigned")
        self.pause("once")
        self.assert_paused(worker, reason="once")
        self.broker.delete_topic(self.state)
        line = worker.next_line("it cannot be seen whether there is a pause; what was known last holds")
        self.assertIn("it does not exist; make it: purgefleet topics tokenserver create", line["error"])
        self.make_topics("--replication", 1, "--retry-delay", 1)
        worker.next_line(OVER)
        self.pause("twice")
        self.assert_paused(worker, reason="twice")
        self.end(worker)


class Command(PauseCase):
    def test_pause_and_resume_say_what_was_before_and_may_be_repeated(self):
        self.assertEqual(["before: running", "now: running"], self.said("resume"))
        before, now = self.said("pause")
        self.assertEqual("before: running", before)
        self.assertRegex(now, r"^now: paused since 20\S+Z by \S+@\S+$")
        first = self.control()
        self.assertEqual([f"before{now[3:]}", now], self.said("pause"))
        self.assertEqual(f"{now}: {REASON}", self.said("pause", "--reason", REASON)[1])
        self.assertEqual((first["since"], REASON, True), tuple(self.control()[key] for key in ("since", "reason", "paused")))
        self.assertIn(f"pause{now[3:]}: {REASON}", self.said("topics", "show", "--retry-delay", 1))
        self.assertEqual([f"before{now[3:]}: {REASON}", "now: running"], self.said("resume"))
        self.assertIsNone(self.control())
        self.assertIn("pause: running", self.said("topics", "show", "--retry-delay", 1))

    def test_a_record_that_is_not_understood_pauses(self):
        for fields, fault in (({"v": 2, "paused": False}, "it is of version 2, and this program knows 1"),
                              ({"v": 1}, "it cannot be decoded")):
            with self.subTest(fields):
                self.put_control(**fields)
                worker = self.worker()
                line = worker.next_line("paused: the state topic has a record that is not understood")
                self.assertEqual((fault, "WARNING"), (line["error"], line["severity"]))
                self.assertEqual(f"before: paused by a record that is not understood: {fault}", self.said("resume")[0])
                worker.next_line(OVER)
                self.end(worker)

    def test_what_is_missing_is_named(self):
        self.prefix += "x"
        for command in ("pause", "resume"):
            said = self.call(command, status=1).stderr
            self.assertIn(f"cannot read topic '{self.prefix}.tokenserver.state': it does not exist; make it: purgefleet topics", said)

    def test_a_reason_is_one_line(self):
        for reason in ("two\nlines", "x" * 400, "\udcff"):  # the last is a byte that is no text
            with self.subTest(reason=ascii(reason)):
                self.call("pause", "--reason", reason, status=2)


if __name__ == "__main__":
    main()
