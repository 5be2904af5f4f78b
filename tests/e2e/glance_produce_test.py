#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_produce_test: a producer of rows to purge, which hears of no removal, keeps to the limits of a run."""
import json

from case import main, wait_until
from harness import purgefleet, records
from harness.glance import Glance
from harness.messagepack import unpack
from kafka_case import KafkaCase


class Limits(KafkaCase):
    def setUp(self):
        super().setUp()
        self.glance = Glance(self.mariadb)
        for table in ("image_properties", "image_tags"):
            for _ in range(9):
                self.glance.child(table, 40)
        purgefleet.run(["topics", "softdelete", *self.kafka(), "create", "--partitions", "1", "--range-width", "1"],
                       self.environment())

    def plan(self, *options):
        """What a dry run would publish: how many candidates, and how many rows of each table."""
        result = purgefleet.run(
            ["produce", "softdelete", *self.kafka(), "--preset", "glance", "--database-url", self.glance.url(),
             "--dryrun", *map(str, options)], self.environment())
        self.assertEqual(0, result.status, result)
        begin, middle = "Would publish ", " row(s) from table "
        told = [line["message"].removeprefix(begin).split(middle) for line in result.lines
                if line["message"].startswith(begin) and middle in line["message"]]
        candidates = int(result.stdout.split("would publish ")[1].split(" ")[0])
        return candidates, {table.split(" ")[0]: int(rows) for rows, table in told if rows != "0"}

    def produce(self, url, *options):
        """A whole pass; what would be workers say after each stage that they have all of it."""
        topic = f"{self.prefix}.softdelete"
        program = purgefleet.Program(
            ["produce", "softdelete", *self.kafka(), "--preset", "glance", "--database-url", url, *options], self.environment())
        self.addCleanup(program.close)

        def is_over():
            count = len(self.broker.records(topic))
            if count and not program.ended():
                self.broker.commit(topic, topic, 0, count)
            return program.ended()
        wait_until(is_over, "the pass is over", 60)
        result = program.wait()
        self.assertEqual(0, result.status, result)

    def test_needs_no_right_to_delete(self):
        self.produce(self.mariadb.add_user("reader", "SELECT, REFERENCES ON glance.*", database="glance"))

    def test_has_no_passes_but_full_ones(self):
        words = ["produce", "softdelete", *self.kafka(), "--preset", "glance", "--database-url", self.glance.url()]
        for option in (("--full",), ("--full-interval", "1h")):
            result = purgefleet.run([*words, *option], self.environment())
            self.assertEqual(2, result.status, result)
            self.assertIn(f"'{option[0]}' means nothing for softdelete", result.stderr)
        said = purgefleet.run(["produce", "softdelete", "--help"], self.environment()).stdout
        self.assertNotIn("--full", said)
        self.assertIn("--stage-wait", said)

    def test_of_a_table(self):
        for options in ((), ("--max-per-loop", 2)):
            self.assertEqual((6, {"image_properties": 3, "image_tags": 3}),
                             self.plan("--max-rows", 3, "--chunk-rows", 1, *options))

    def test_of_the_run(self):
        for options, tables in ((("--max-records", 4), {"image_properties": 4}),
                                (("--max-records", 9), {"image_properties": 9}),
                                (("--max-records", 11), {"image_properties": 9, "image_tags": 2})):
            self.assertEqual((sum(tables.values()), tables), self.plan("--chunk-rows", 1, *options))
            self.assertEqual((len(tables), tables), self.plan(*options))

    def test_of_both(self):
        self.assertEqual((5, {"image_properties": 3, "image_tags": 2}),
                         self.plan("--max-rows", 3, "--max-records", 5, "--chunk-rows", 1))

    def test_a_dead_letter_is_solved_when_all_its_rows_are_gone_or_live_again(self):
        words = ["--preset", "glance", "--database-url", self.glance.url()]
        self.produce(self.glance.url(), "--oneshot")
        letters = {unpack(record["value"])["id"]: record["value"] for record in self.broker.records(f"{self.prefix}.softdelete")}
        records.publish(self.broker, f"{self.prefix}.softdelete.dead", [(0, key, value) for key, value in letters.items()],
                        {"purge.error.reason": "database"})

        def states(*options):
            result = purgefleet.run(["dead", "softdelete", "list", "--json", *self.kafka(), *options], self.environment())
            self.assertEqual(0, result.status, result)
            lines = [json.loads(line) for line in result.stdout.splitlines()]
            return {line["node"]: line["solved_by"] or line["state"] for line in lines[:-1]}

        self.assertEqual({"image_properties": "unknown", "image_tags": "unknown"}, states("--preset", "glance"))
        self.assertEqual({"image_properties": "open", "image_tags": "open"}, states(*words))
        self.glance.query("DELETE FROM image_properties LIMIT 8")
        self.glance.query("UPDATE image_tags SET deleted = 0, deleted_at = NULL")
        self.assertEqual({"image_properties": "open", "image_tags": "changed"}, states(*words))
        self.glance.query("DELETE FROM image_properties")
        self.assertEqual({"image_properties": "gone", "image_tags": "changed"}, states(*words))


if __name__ == "__main__":
    main()
