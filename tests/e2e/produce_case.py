# SPDX-License-Identifier: MPL-2.0
"""produce_case: a producer on a real broker and a real database, and what it has published."""
import collections

from harness.messagepack import unpack
from kafka_case import KafkaCase

PARTITIONS = 8
WIDTH = 100


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
