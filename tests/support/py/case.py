# SPDX-License-Identifier: MPL-2.0
"""case: a test case with a database, storage nodes and users of its own."""
import sys
import unittest

from . import purgefleet
from .mariadb import MariaDB
from .storage_node import StorageNodes
from .users import Users

SECRET = "the master secret"


class PurgeCase(unittest.TestCase):
    """One MariaDB for each file, fresh tables and two storage nodes for each test."""

    @classmethod
    def setUpClass(cls):
        cls.db = MariaDB()
        cls.addClassCleanup(cls.db.close)

    def setUp(self):
        self.db.fresh_tables()
        self.nodes = self.enterContext(StorageNodes(SECRET, 2))
        self.users = Users(self.db)
        self.node = self.users.add_node(self.nodes[0].url)
        self.other_node = self.users.add_node(self.nodes[1].url)

    def env(self, **more):
        return {"SYNC_TOKENSERVER__DATABASE_URL": self.db.url(), "SYNC_MASTER_SECRET": SECRET, **more}

    def purge(self, *args, name="purgefleet", env=None, timeout_s=90):
        """One run to its end."""
        return purgefleet.run(*self.words(name), "--oneshot", *args, name=name, env=env or self.env(), timeout_s=timeout_s)

    def start(self, *args, name="purgefleet", env=None):
        process = purgefleet.start(*self.words(name), *args, name=name, env=env or self.env())
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def words(name):
        return () if name == "purge_old_records" else ("run", "tokenserver")

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def assert_complete(self, result):
        self.assertEqual((result.status, result.summary["state"]), (0, "complete"), result.stderr)


def main():
    """Names the sentences that hold."""
    unittest.main(verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])
