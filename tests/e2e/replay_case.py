# SPDX-License-Identifier: MPL-2.0
"""replay_case: rows that were published and purged, and a node that has their data again."""
import json

from fleet_case import QUICK, FleetCase
from harness.messagepack import unpack

ID = "lost-node"


class ReplayCase(FleetCase):
    def publish_gone(self, count=200, nodeids=None):
        """So many rows that were published and are gone since, by whatever hand; returns their uids."""
        uids = self.tables.many_old(count, nodeids or [self.nodeid])
        self.call("produce", "--oneshot", "--max-fraction", 0)
        self.tables.query(f"DELETE FROM users WHERE uid IN ({', '.join(map(str, uids))})")
        return uids

    def replay(self, action, *options, status=0):
        """One of its commands, of the replay of these tests."""
        words = [] if action == "list" else ["--id", ID]
        return self.call("replay", action, *words, *options, status=status)

    def create(self, *options):
        return self.replay("create", "--from", "beginning", *options)

    def status(self):
        return json.loads(self.replay("status", "--json").stdout)

    def work(self, *options):
        return self.start(*self.kafka(), *QUICK, "--replay", ID, *options, words=("work", "tokenserver"))

    def work_through(self, status=0):
        """A worker does all that there is to do, and ends; returns what it left behind."""
        result = self.work().wait()
        self.assertEqual(status, result.status, result)
        return result

    def asked(self):
        """The uids that the nodes were asked to delete, in order."""
        return sorted(request.uid for node in self.nodes for request in node.requests)

    def letters(self):
        return {int(letter["key"]): letter["headers"] for letter in self.records("dead")}

    def published(self, partition):
        """The uids in a partition of the candidates, in their order."""
        return [unpack(record["value"])["k"] for record in self.broker.records(self.topic)
                if record["partition"] == partition]


def totals(result):
    """What a worker says at its end."""
    return [line for line in result.lines if line["message"] == "worker ended"][-1]
