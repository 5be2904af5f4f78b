# SPDX-License-Identifier: MPL-2.0
"""kafka_case: what every test of a fleet starts with: a file has one broker, a test has topics of its own."""
import ctypes
import os
import unittest

from case import PurgeCase
from harness import purgefleet
from harness.broker import Broker

LIBRARY = ctypes.CDLL("librdkafka.so.1").rd_kafka_version() >> 16  # 0x208: 2.8
# For stories in which a program sees a topic that was there and is another one now.
skip_if_new_topics_break_librdkafka = unittest.skipIf(
    0x204 <= LIBRARY < 0x20A, "librdkafka 2.4 to 2.8 crashes or hangs (fixed in 2.10.0; the program warns at its start)"
)


class KafkaCase(PurgeCase):
    partitions = 1
    width = 1  # of a range, in uids
    properties = ()  # of the broker
    secure = False  # does the broker listen for TLS and a password too?
    made = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker = cls.make_broker()
        cls.addClassCleanup(cls.broker.close)

    @classmethod
    def make_broker(cls):
        return Broker(*cls.properties, secure=cls.secure)

    def setUp(self):
        super().setUp()
        KafkaCase.made += 1
        self.prefix = f"t{os.getpid()}x{KafkaCase.made}"
        self.topic = f"{self.prefix}.tokenserver"

    def kafka(self):
        return ["--brokers", self.broker.address, "--topic-prefix", self.prefix]

    def call(self, command, *options, env=None, status=0):
        """Runs a command to its end; `status` None: any."""
        words = [command, "tokenserver", *self.kafka(), *map(str, options)]
        result = purgefleet.run(words, self.environment(**(env or {})))
        if status is not None:
            self.assertEqual(status, result.status, result)
        return result

    def make_topics(self, *options):
        self.call("topics", "create", "--partitions", self.partitions, "--range-width", self.width, *options)

    def other_database(self):
        """The environment of a program that works on a copy of the tables, in another database."""
        self.tables.query("CREATE DATABASE other")
        self.addCleanup(self.tables.query, "DROP DATABASE other")
        for table in ("services", "nodes", "users"):
            self.tables.query(f"CREATE TABLE other.{table} LIKE {table}")
            self.tables.query(f"INSERT INTO other.{table} SELECT * FROM {table}")
        return {"SYNC_TOKENSERVER__DATABASE_URL": self.mariadb.url(database="other")}
