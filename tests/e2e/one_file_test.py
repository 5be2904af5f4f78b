#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""One file of options serves all commands, the fleet's and `run`."""
import tempfile
from pathlib import Path

from case import main
from harness import purgefleet
from kafka_case import KafkaCase


class OneFile(KafkaCase):
    def setUp(self):
        super().setUp()
        self.file = Path(self.enterContext(tempfile.TemporaryDirectory())) / "purgefleet.conf"
        url = self.environment()["SYNC_TOKENSERVER__DATABASE_URL"]
        self.write(f"""\
            brokers = {self.broker.address}
            topic_prefix = {self.prefix}
            kafka.linger.ms = 5
            database_url = {url}
            log_level = warning
            [topics]
            partitions = 2
            range_width = 10
            [produce]
            oneshot = true
            max_fraction = 0
            [work]
            until_drained = true
            [run]
            oneshot = true
            max_fraction = 0
            max_records = 1
            """)

    def write(self, text):
        self.file.write_text("\n".join(map(str.strip, text.splitlines())), encoding="utf-8")

    def by_file(self, *words, status=0):
        env = self.environment(SYNC_TOKENSERVER__DATABASE_URL=None)
        result = purgefleet.run([*words, "--config", str(self.file)], env)
        self.assertEqual(status, result.status, result)
        return result.stdout

    def test_serves_all_commands(self):
        uids = [self.tables.old(self.nodeid) for _ in range(5)]
        self.by_file("topics", "tokenserver", "create")
        self.assertIn(f"{self.topic}: 2 partitions", self.by_file("topics", "tokenserver", "show"))
        self.by_file("pause", "tokenserver")
        self.by_file("resume", "tokenserver")
        self.by_file("produce", "tokenserver")
        self.by_file("status", "tokenserver")
        self.by_file("dead", "tokenserver", "list")
        self.by_file("replay", "tokenserver", "list")
        self.assertEqual(5, len(self.by_file("decode", "--topic", self.topic).splitlines()))
        self.by_file("run", "tokenserver")
        self.assertEqual(1, len(self.node.deleted_uids))  # as [run] says, and [work] does not
        self.by_file("work", "tokenserver")
        self.assertEqual(set(uids), set(self.node.deleted_uids))

    def test_an_option_that_protects_is_never_passed_over(self):
        self.tables.old(self.nodeid)
        self.write("range_end = 5\n")
        for command in ("work", "topics", "pause", "status"):
            result = purgefleet.run([command, "tokenserver", "--config", str(self.file)], self.environment())
            self.assertEqual(2, result.status, result)
            self.assertIn("line 1: unknown key 'range_end'", result.stderr)


if __name__ == "__main__":
    main()
