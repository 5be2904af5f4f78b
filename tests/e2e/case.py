# SPDX-License-Identifier: MPL-2.0
"""case: what every end-to-end test of `purgefleet run tokenserver` starts with.

A file has one database server, a test has fresh tables, a storage node and a metrics agent of its own.
Every file runs alone: `tests/e2e/counters_test.py [-v] [Class.test]`.
"""
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from harness import purgefleet  # noqa: E402
from harness.mariadb import MariaDB  # noqa: E402
from harness.metrics_sink import MetricsSink  # noqa: E402
from harness.storage_node import SECRET, StorageNode  # noqa: E402
from harness.users import Tables  # noqa: E402
from harness.wait import wait_until  # noqa: E402, F401

SCRIPT = str(Path(purgefleet.BINARY).with_name("purge_old_records"))
ONCE = ("--attempts", "1")  # a failure is final at once


class PurgeCase(unittest.TestCase):
    maxDiff = None
    database = MariaDB

    @classmethod
    def setUpClass(cls):
        if not os.access(purgefleet.BINARY, os.X_OK):
            raise FileNotFoundError(f"there is no {purgefleet.BINARY}: run ./dev build")
        cls.mariadb = cls.database()
        cls.addClassCleanup(cls.mariadb.close)

    def setUp(self):
        self.programs = []
        self.tables = Tables(self.mariadb.reset())
        self.sink = MetricsSink()
        self.addCleanup(self.sink.close)
        self.nodes = []
        self.node, self.nodeid = self.add_node()

    def doCleanups(self):
        """Ends all; a test that failed shows what its programs said."""
        failed = not self._outcome.success
        done = super().doCleanups()
        for program in self.programs if failed else []:
            print(f"--- {program} said\n{program.said}", file=sys.stderr)
        return done

    def add_node(self, secret=SECRET, host="127.0.0.1", tls=None, **columns):
        """A storage node that runs, and the id of its row."""
        node = StorageNode(secret, host, tls)
        self.addCleanup(node.close)
        self.nodes.append(node)
        return node, self.tables.add_node(node.url, **columns)

    def environment(self, **variables):
        return purgefleet.environment(**{
            "SYNC_TOKENSERVER__DATABASE_URL": self.mariadb.url(),
            "SYNC_MASTER_SECRET": SECRET,
            "SYNC_STATSD_HOST": "127.0.0.1",
            "SYNC_STATSD_PORT": str(self.sink.port),
            **variables,
        })

    def purge(self, *options, env=None, status=0):
        """Runs one pass and returns what it left behind; `status` None: any."""
        words = ["run", "tokenserver", "--oneshot", *map(str, options)]
        result = purgefleet.run(words, self.environment(**(env or {})))
        if status is not None:
            self.assertEqual(result.status, status, result)
        return result

    def script(self, *options, env=None, status=0):
        """The same under the name of the script that it replaces."""
        result = purgefleet.run(["--oneshot", *map(str, options)], self.environment(**(env or {})), SCRIPT)
        if status is not None:
            self.assertEqual(result.status, status, result)
        return result

    def start(self, *options, env=None, words=("run", "tokenserver"), binary=purgefleet.BINARY):
        """Starts a program that is ended with the test at the latest."""
        program = purgefleet.Program(
            [*words, *map(str, options)], self.environment(**(env or {})), binary
        )
        self.addCleanup(program.close)
        self.programs.append(program)
        return program

    def start_held(self, *options, waiting=1, **how):
        """The same, and the node does not answer: so many requests wait for it until `release`."""
        self.node.hold()
        program = self.start(*options, **how)
        wait_until(lambda: self.node.waiting >= waiting, f"requests: {waiting}")
        return program

    def stop(self, program):
        program.signal(signal.SIGTERM)
        result = program.wait()
        self.assertEqual(0, result.status, result)
        return result

    def assert_removed(self, before, removed, counters=True):
        """Exactly these rows are gone, and the counters of their nodes have moved by that."""
        expected, now = before.without(set(removed), counters), self.tables.snapshot()
        self.assertEqual(expected.users, now.users)
        self.assertEqual(expected.nodes, now.nodes)

    def assert_deleted(self, uids, node=None):
        """The node (else: all nodes together) deleted for these uids, once each, nothing else."""
        nodes = self.nodes if node is None else [node]
        self.assertEqual(sorted(uids), sorted(uid for n in nodes for uid in n.deleted_uids))
        self.assertEqual([], [r.refusal for n in nodes for r in n.refused])

    def assert_no_requests(self):
        self.assertEqual([], [request for node in self.nodes for request in node.requests])

    def assert_summary(self, result, **fields):
        summary = result.summary
        self.assertEqual(fields, {name: summary.get(name) for name in fields}, result)


def main():
    unittest.main(module="__main__")
