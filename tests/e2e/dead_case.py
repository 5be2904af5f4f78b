# SPDX-License-Identifier: MPL-2.0
"""dead_case: dead letters that a worker wrote, and what `dead` says of them."""
import json

from case import wait_until
from fleet_case import FleetCase
from harness import records

POISON = b"\xc1 no value of MessagePack"


class DeadCase(FleetCase):
    partitions = 2

    def dead(self, *words, **how):
        return self.call("dead", *words, **how)

    def list(self, *options, **how):
        """The letters by their keys, and the summary."""
        lines = [json.loads(line) for line in self.dead("list", "--json", *options, **how).stdout.splitlines()]
        self.assertEqual(["letter"] * (len(lines) - 1) + ["summary"], [line["kind"] for line in lines])
        return {line["key"]: line for line in lines[:-1]}, lines[-1]

    def keys(self, *options):
        return sorted(self.list(*options)[0])

    def publish_all(self):
        """As `produce` finds them."""
        self.call("produce", "--oneshot", "--max-fraction", 0)

    def work_until(self, done, what):
        """A worker that gives up at the first failure runs until it is done."""
        worker = self.worker("--attempts", 1, "--retries", 1)
        wait_until(done, what)
        self.end(worker)

    def give_up(self, count):
        """All that is due becomes dead letters, so many more, as far as the nodes fail."""
        count += len(self.records("dead"))
        self.publish_all()
        self.work_until(lambda: len(self.records("dead")) >= count, "the letters are written")

    def write_letters(self, uids):
        """The same by hand, as a worker writes them."""
        places = {key: letter["partition"] for key, letter in self.letters().items()}
        messages = [(places.get(str(uid), 0), str(uid), records.candidate(uid, at=self.tables.user(uid)["replaced_at"])) for uid in uids]
        headers = {"purge.error.reason": "http_4xx", "purge.error.status": 400, "purge.error.attempts": 1}
        records.publish(self.broker, f"{self.topic}.dead", messages, headers)

    def poison(self):
        records.publish(self.broker, self.topic, [(0, "0", POISON)])

    def candidates(self):
        return self.broker.records(self.topic)

    def letters(self):
        """By key, as a reader of committed records sees them: the last one counts, and none behind a tombstone."""
        last = {}
        for record in self.records("dead"):
            last[record["key"]] = record
        return {key: record for key, record in last.items() if record["value"] is not None}
