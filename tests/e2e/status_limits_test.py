#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What `status` says of the limits of a fleet: what a worker told last, and nothing that nobody told."""
import json
import signal
import socket
import tempfile
import time
from pathlib import Path

from case import main, wait_until
from harness import records
from harness.broker import Broker
from harness.messagepack import pack, unpack
from replay_case import ID, ReplayCase

HOST = socket.gethostname()
READ = "SIGHUP: the file of options was read again"
NOT_WRITTEN = "the limits of the fleet could not be written down; status does not show them"


class LimitsCase(ReplayCase):
    def setUp(self):
        super().setUp()
        self.file = Path(self.enterContext(tempfile.TemporaryDirectory()), "options")

    def options(self, **options):
        """A file of options, and the words that name it."""
        self.file.write_text("".join(f"{name} = {value}\n" for name, value in options.items()), encoding="ascii")
        return "--config", self.file

    def reload(self, worker, **options):
        self.options(**options)
        worker.signal(signal.SIGHUP)
        worker.next_line(READ)

    def limits(self, status=0):
        return json.loads(self.call("status", "--json", status=status).stdout)["limits"]

    def told(self):
        """Each record, as it was written."""
        return [unpack(record["value"]) for record in self.broker.records(f"{self.topic}.state") if record["key"] == "limits"]

    def wait_told(self, count):
        wait_until(lambda: len(self.told()) == count, f"so many have told: {count}")


class Told(LimitsCase):
    def test_by_no_worker(self):
        self.assertIsNone(self.limits())
        self.assertIn("limits:      not told by any worker yet\n", self.call("status").stdout)

    def test_by_a_worker(self):
        worker = self.worker("--max-rate", 500, "--node-rate", 0.5)
        self.wait_told(1)
        found = self.limits()
        self.assertEqual((500, 0.5, 64, HOST, None), tuple(found[key] for key in ("max_rate", "node_rate", "node_inflight", "by", "unknown_because")))
        self.assertIsNotNone(found["told_at"])
        self.assertRegex(self.call("status").stdout,
                         rf"limits: +500 records a second, 0\.5 requests a second and 64 at once to a node; told by {HOST} \d+s ago\n")
        self.end(worker)
        self.assertEqual(found, self.limits())  # it is of the fleet, which may be at rest

    def test_by_the_last_one_that_started_or_was_told_others(self):
        first = self.worker(*self.options(**{"max-rate": 10}))
        self.wait_told(1)
        second = self.worker("--max-rate", 20, "--instance-id", "w2", "--node-inflight", 8)
        self.wait_told(2)
        self.assertEqual((20, 0, 8, f"{HOST} (w2)"), tuple(self.limits()[key] for key in ("max_rate", "node_rate", "node_inflight", "by")))
        self.reload(first, **{"max-rate": 10})  # nothing has changed
        self.reload(first, **{"max-rate": 0})
        self.wait_told(3)
        self.assertEqual((0, HOST), tuple(self.limits()[key] for key in ("max_rate", "by")))
        self.assertIn(" no limit of records a second, no limit of requests a second and 64 at once to a node;", self.call("status").stdout)
        self.end(first, second)

    def test_once_by_workers_with_the_same(self):
        worker = self.worker("--max-rate", 10)
        self.wait_told(1)
        others = [self.worker("--max-rate", 10, "--until-drained") for _ in range(2)]
        self.end(worker)
        self.assertEqual([0, 0], [other.wait().status for other in others])
        self.assertEqual(1, len(self.told()))

    def test_by_no_worker_of_a_replay(self):
        self.publish_gone(10)
        self.create()
        self.assertEqual(0, self.work("--max-rate", 10).wait().status)
        self.assertIsNone(self.limits())

    def test_the_record_is_passed_over_by_all_others(self):
        self.publish_gone(10)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assertEqual(1, len(self.told()))
        self.assertIn("running", self.call("topics", "show", "--retry-tiers", self.tiers).stdout)
        self.call("topics", "create", "--retry-tiers", self.tiers)
        self.create()
        self.assertIn(ID, self.replay("list").stdout)
        self.call("pause")
        self.call("resume")
        self.call("produce", "--oneshot")
        decoded = self.start("--brokers", self.broker.address, "--topic", f"{self.topic}.state", words=("decode",)).wait()
        self.assertIn('"key":"limits"', decoded.stdout)
        self.assertEqual(0, decoded.status)

    def test_a_record_that_is_not_understood_is_unknown_until_a_worker_tells(self):
        whole = {"v": 1, "max_rate": 5000, "node_rate": 0, "node_inflight": 64, "told": 1000, "who": "x"}
        for change, why in (({"v": 2}, "the record is of version 2, and this program knows 1"),
                            ({"max_rate": "5"}, "the record cannot be decoded"), ({"node_inflight": 0}, "the record cannot be decoded")):
            records.publish(self.broker, f"{self.topic}.state", [(0, "limits", pack({**whole, **change}))])
            self.assertEqual({"max_rate": None, "node_rate": None, "node_inflight": None, "told_at": None, "by": None, "unknown_because": why},
                             self.limits(status=1))
            self.assertIn(f"limits:      unknown: {why}\n", self.call("status", status=1).stdout)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assertEqual(64, self.limits()["node_inflight"])


class BrokersAway(LimitsCase):
    @classmethod
    def make_broker(cls):
        return Broker()

    def test_a_worker_that_ends_meanwhile_is_not_held_up(self):
        worker = self.worker(*self.options(**{"max-rate": 10}))
        self.wait_told(1)
        self.broker.stop()
        self.addCleanup(self.broker.start)
        self.reload(worker, **{"max-rate": 20})
        began_s = time.monotonic()
        worker.signal(signal.SIGTERM)
        worker.wait()
        self.assertLess(time.monotonic() - began_s, 9)  # 5 of them to leave the group

    def test_what_could_not_be_told_is_told_when_they_are_back(self):
        worker = self.worker(*self.options(**{"max-rate": 10}))
        self.wait_told(1)
        self.broker.stop()
        self.reload(worker, **{"max-rate": 20})
        self.broker.start()
        wait_until(lambda: self.limits(status=None)["max_rate"] == 20, "it is told", 60)
        self.assertEqual([], worker.lines(NOT_WRITTEN))
        self.end(worker)


if __name__ == "__main__":
    main()
