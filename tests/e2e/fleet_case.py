# SPDX-License-Identifier: MPL-2.0
"""fleet_case: topics, workers that notice soon what happens, and what the group has committed by Kafka's own word."""
import signal
import subprocess

from case import wait_until
from harness import records
from kafka_case import KafkaCase

PARTITIONS = 6
DELAYS = ("1s", "10s", "1m")  # of the retry topics
SOON = "1s"  # --retry-tiers for what fails often and is to be back soon; the topics of the others may be there too
TOPICS = 1 + len(DELAYS)
WIDTH = 20  # uids, so that a small test fills every partition
QUICK = (
    "--kafka.session.timeout.ms=3000", "--kafka.heartbeat.interval.ms=300",
    "--kafka.topic.metadata.refresh.interval.ms=1000", "--kafka.reconnect.backoff.max.ms=500",
)


class FleetCase(KafkaCase):
    partitions = PARTITIONS
    width = WIDTH
    tiers = ",".join(DELAYS)  # of the workers
    group = None  # of the workers, when it is not named after the topics

    def setUp(self):
        super().setUp()
        self.make_topics("--replication", 1, "--retry-tiers", self.tiers)

    def worker(self, *options, env=None, tiers=None):
        return self.start(*self.kafka(), *QUICK, "--retry-tiers", tiers or self.tiers, *options, env=env,
                          words=("work", "tokenserver"))

    def publish(self, uids, partitions=PARTITIONS):
        records.publish_uids(self.broker, self.topic, uids, partitions, WIDTH)

    def records(self, kind):
        return self.broker.records(f"{self.topic}.{kind}")

    def waits_ms(self, before, after, attempts=0):
        """How long each record of `after` was in `before`, by the broker; of those that failed so often."""
        stamps = {(record["partition"], record["offset"]): record["stamp_ms"] for record in self.records(before)}
        return [record["stamp_ms"] - stamps[int(record["headers"]["purge.error.partition"]),
                                            int(record["headers"]["purge.error.offset"])]
                for record in self.records(after) if int(record["headers"]["purge.error.attempts"]) == attempts]

    def lag(self):
        """What the group has not committed yet, over all topics, by Kafka's own word."""
        offsets = self.offsets()
        return sum(end - offsets.get(place, 0) for place, end in self.ends().items())

    def ends(self):
        """(topic, partition) to the offset behind its last record."""
        places = [(topic, partition) for topic, count in self.broker.topics().items() for partition in range(count)
                  if topic == self.topic or topic.startswith(f"{self.topic}.retry.")]
        words = [word for topic, partition in places for word in ("-t", f"{topic}:{partition}:-1")]
        lines = wait_until(lambda: self.tell(words), "the brokers tell the ends", 60).decode().splitlines()
        found = {}
        for line in lines:  # "topic [partition] offset N"
            topic, partition, _, offset = line.split()
            found[(topic, int(partition.strip("[]")))] = int(offset)
        return found

    def tell(self, words):
        """None while they do not: one that just started may not know its leaders."""
        try:
            return self.broker.kcat("-Q", *words)
        except subprocess.CalledProcessError:
            return None

    def offsets(self):
        """The last commits, read from Kafka's own topic of offsets."""
        found = {}
        group = (self.group or self.topic).encode()
        for record in self.raw_offsets():
            key, value = record
            place = parse_offset_key(key)
            if place is None or place[0] != group:
                continue
            found.pop((place[1].decode(), place[2]), None)
            if value is not None:  # else the topic was deleted
                found[(place[1].decode(), place[2])] = int.from_bytes(value[2:10], "big")
        return found

    def raw_offsets(self):
        out = self.broker.kcat("-C", "-t", "__consumer_offsets", "-o", "beginning", "-e", "-q", "-X",
                               "fetch.wait.max.ms=20", "-f", "%K %S\n%k%s")
        while out:
            line, _, out = out.partition(b"\n")
            key_bytes, value_bytes = (int(word) for word in line.split())
            key, out = out[:key_bytes], out[key_bytes:]
            value = None if value_bytes < 0 else out[:value_bytes]
            out = out[max(value_bytes, 0):]
            yield key, value

    def assert_purged(self, before, uids):
        self.assert_removed(before, uids)
        self.assertEqual(set(uids), set(uid for n in self.nodes for uid in n.deleted_uids))
        self.assertEqual([], [r.refusal for n in self.nodes for r in n.refused])

    def wait_shared(self, workers):
        """Waits until these workers have all partitions, each as many as the others."""
        wait_until(lambda: sum(shares(workers)) == TOPICS * self.partitions and len(set(shares(workers))) == 1,
                   "the partitions are shared")

    def wait_done(self, uids, timeout_s=60):
        """Waits until these rows are gone and everything is committed."""
        self.wait_gone(uids, timeout_s)
        wait_until(lambda: self.lag() == 0, "all is committed", timeout_s)

    def end(self, *workers):
        """Stops workers, which then have no complaint."""
        for worker in workers:
            worker.signal(signal.SIGTERM)
        for worker in workers:
            self.assertEqual(0, worker.wait().status)

    def wait_gone(self, uids, timeout_s=60):
        wait_until(lambda: not set(uids) & self.tables.uids(), "the rows are gone", timeout_s)


def partition_of(uid, partitions=PARTITIONS):
    return uid // WIDTH % partitions


def first_of(uids, partition):
    """The first of them whose record is in this partition."""
    return next(uid for uid in uids if partition_of(uid) == partition)


def shares(workers):
    """How many partitions each was given last, retry partitions included."""
    return [(worker.lines("partitions assigned") or [{"count": 0}])[-1]["count"] for worker in workers]


def parse_offset_key(key):
    """(group, topic, partition) of a key of version 0 or 1, else None."""
    if int.from_bytes(key[:2], "big") > 1:
        return None
    group_bytes = int.from_bytes(key[2:4], "big")
    group, rest = key[4:4 + group_bytes], key[4 + group_bytes:]
    topic_bytes = int.from_bytes(rest[:2], "big")
    return group, rest[2:2 + topic_bytes], int.from_bytes(rest[2 + topic_bytes:6 + topic_bytes], "big")
