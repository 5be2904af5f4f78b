#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""stage_barrier_test: a producer begins a stage when the workers have finished the one before, retries included."""
import signal
import tempfile
from pathlib import Path

from case import main, wait_until
from fleet_case import QUICK
from harness import purgefleet, records
from harness.glance import Glance
from harness.messagepack import unpack
from kafka_case import KafkaCase

TIERS = ("--retry-tiers", "1s,2s")
PRESET = "[child]\nkey = id\nage = deleted_at\nindex = optional\n[parent]\nkey = id\nage = deleted_at\nindex = optional\n"
ROWS = 5
WAITS = "waiting: the next stage begins"


class StageBarrier(KafkaCase):
    def setUp(self):
        super().setUp()
        self.glance = Glance(self.mariadb)
        self.topic = f"{self.prefix}.softdelete"
        directory = tempfile.TemporaryDirectory(prefix="purgefleet-test-")
        self.addCleanup(directory.cleanup)
        self.preset = Path(directory.name, "preset.conf")
        self.preset.write_text(PRESET, encoding="utf-8")
        self.glance.query("CREATE TABLE parent (id INT PRIMARY KEY, deleted_at DATETIME)")
        self.glance.query("CREATE TABLE child (id INT PRIMARY KEY, parent INT, deleted_at DATETIME, "
                          "FOREIGN KEY up (parent) REFERENCES parent (id))")
        for number in range(ROWS):
            self.glance.query("INSERT INTO parent VALUES (%s, '2020-01-01')", number)
            self.glance.query("INSERT INTO child VALUES (%s, %s, '2020-01-01')", number, number)
        self.command("topics", "create", "--partitions", 2, "--range-width", 1, *TIERS)

    def words(self, command, *options):
        words = [command, "softdelete", *self.kafka(), *map(str, options)]
        if command != "topics":
            words += ["--preset", str(self.preset), "--database-url", self.glance.url()]
        return words

    def command(self, *words, status=0):
        result = purgefleet.run(self.words(*words), self.environment())
        self.assertEqual(status, result.status, result)
        return result

    def run_in_back(self, *words):
        program = purgefleet.Program(self.words(*words), self.environment())
        self.programs.append(program)
        self.addCleanup(program.close)
        return program

    def produce(self, *options):
        return self.run_in_back("produce", "--oneshot", "--age-in-days", 30, "--chunk-rows", 1, *options)

    def worker(self, *options):
        return self.run_in_back("work", "--age-in-days", 30, *TIERS, *QUICK, *options)

    def published(self):
        """How many candidates of which table."""
        tables = [unpack(record["value"])["id"].split("/")[0].split(":")[0] for record in self.broker.records(self.topic)]
        return {table: tables.count(table) for table in tables}

    def end(self, worker):
        worker.signal(signal.SIGTERM)
        self.assertEqual(0, worker.wait().status)

    def ends(self, partition):
        """The offset behind all of it, and that behind what can be read."""
        line = self.broker.kcat("-Q", "-t", f"{self.topic}:{partition}:-1").decode().split()
        return int(line[-1]), max(r["offset"] + 1 for r in self.broker.records(self.topic) if r["partition"] == partition)

    def test_a_parent_is_published_when_its_children_are_gone(self):
        producer = self.produce()
        told = producer.wait_line(WAITS)
        self.assertEqual((ROWS, f"{self.topic}: {ROWS}"), (told["left"], told["where"]))
        self.assertIn("do workers run", told["hint"])
        self.assertEqual({"child": ROWS}, self.published())
        worker = self.worker()
        result = producer.wait()
        self.assertEqual(0, result.status, result)
        self.assertIn("going on: the workers have finished the stage", result.stderr)
        wait_until(lambda: not self.glance.ids("parent"), "the parents are gone")
        self.assertEqual(set(), self.glance.ids("child"))
        self.assertEqual({"child": ROWS, "parent": ROWS}, self.published())
        self.assertEqual([], self.broker.records(f"{self.topic}.dead"))
        self.end(worker)

    def test_what_waits_for_its_next_try_is_waited_for(self):
        producer = self.produce("--stage-wait", "10s")
        producer.wait_line(WAITS)
        chunks = self.broker.records(self.topic)
        # As a worker hands one over, and commits.
        records.publish(self.broker, f"{self.topic}.retry.2s", [(1, chunks[0]["key"], chunks[0]["value"])])
        for partition in range(2):
            self.broker.commit(self.topic, self.topic, partition, self.ends(partition)[0])
        result = producer.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn(f"1 record(s) are left ({self.topic}.retry.2s: 1)", result.errors)
        self.assertEqual({"child": ROWS}, self.published())

    def test_a_pass_fails_when_the_workers_take_too_long(self):
        result = self.produce("--stage-wait", "2s").wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("cannot begin the next stage of topic", result.errors)
        self.assertIn(f"{ROWS} record(s) are left ({self.topic}: {ROWS})", result.errors)
        self.assertEqual({"child": ROWS}, self.published())

    def test_stops_while_it_waits(self):
        producer = self.produce()
        producer.wait_line(WAITS)
        producer.signal(signal.SIGTERM)
        self.assertEqual(0, producer.wait().status)

    def test_what_lies_behind_an_open_transaction_is_waited_for(self):
        worker = self.worker()
        with self.broker.transaction(self.topic, 0):
            producer = self.produce()
            wait_until(lambda: len(self.glance.ids("child")) == 3, "the children of the other partition are gone")
            told = producer.wait_line(WAITS)
            self.assertEqual((4, f"{self.topic}: 4"), (told["left"], told["where"]))
            self.assertNotIn("parent", self.published())
        result = producer.wait()
        self.assertEqual(0, result.status, result)
        wait_until(lambda: not self.glance.ids("parent"), "the parents are gone")
        self.assertEqual([], self.broker.records(f"{self.topic}.dead"))
        self.end(worker)

    def test_the_end_of_a_transaction_is_no_record_that_is_waited_for(self):
        self.produce("--stage-wait", "1s").wait()
        letter = next(record for record in self.broker.records(self.topic) if record["partition"] == 0)
        records.publish(self.broker, f"{self.topic}.dead", [(0, "child/0", letter["value"])], {"purge.error.reason": "database"})
        self.command("dead", "requeue", "--reason", "database")
        end, readable = self.ends(0)
        self.assertGreater(end, readable)
        worker = self.worker()
        wait_until(lambda: not self.glance.ids("child"), "the children are gone")
        self.glance.query("INSERT INTO child VALUES (1, 1, '2020-01-01')")  # of the other partition
        result = self.produce().wait()
        self.assertEqual(0, result.status, result)
        wait_until(lambda: not self.glance.ids("parent"), "the parents are gone")
        self.end(worker)


if __name__ == "__main__":
    main()
