# SPDX-License-Identifier: MPL-2.0
"""glance_case: what every end-to-end test of a purge of Glance's database starts with."""
import tempfile
import unittest
from pathlib import Path

import case  # noqa: F401  makes `harness` known
from harness import purgefleet
from harness.glance import Glance
from harness.mariadb import MariaDB

PURGE_GLANCE = str(Path(purgefleet.BINARY).with_name("purge_glance"))
FAILURE = "Purge command failed, check glance-manage logs for more details."


class GlanceCase(unittest.TestCase):
    maxDiff = None
    database = MariaDB
    server_options = ()

    @classmethod
    def setUpClass(cls):
        cls.mariadb = cls.database(*cls.server_options)
        cls.addClassCleanup(cls.mariadb.close)

    def setUp(self):
        self.glance = Glance(self.mariadb)

    def file(self, text, name="preset.conf"):
        """A file that goes with the test."""
        directory = tempfile.TemporaryDirectory(prefix="purgefleet-test-")
        self.addCleanup(directory.cleanup)
        path = Path(directory.name, name)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def words(self, *options, preset="glance"):
        return ["run", "softdelete", "--preset", preset, "--database-url", self.glance.url(),
                *map(str, options)]

    def purge(self, *options, preset="glance", status=0):
        result = purgefleet.run(self.words(*options, preset=preset), purgefleet.environment())
        if status is not None:
            self.assertEqual(result.status, status, result)
        return result

    def purge_glance(self, *words, status=0, env=None):
        result = purgefleet.run([*map(str, words)], purgefleet.environment(**(env or {})), PURGE_GLANCE)
        if status is not None:
            self.assertEqual(result.status, status, result)
        return result

    def start(self, *options, preset="glance"):
        program = purgefleet.Program(self.words(*options, preset=preset), purgefleet.environment())
        self.addCleanup(program.close)
        return program

    def assert_gone(self, before, **gone):
        """Exactly these rows are gone."""
        expected = {table: ids - set(gone.get(table, ())) for table, ids in before.items()}
        self.assertEqual(expected, self.glance.all_ids())


def main():
    unittest.main(module="__main__")
