# SPDX-License-Identifier: MPL-2.0
"""galera_case: a file has one cluster of three: the service writes to the first node, the purge works on the last."""
from case import PurgeCase
from harness.galera import Galera


class GaleraCase(PurgeCase):
    @classmethod
    def database(cls):
        cls.cluster = Galera()
        cls.addClassCleanup(cls.cluster.close)
        cls.far = cls.cluster.nodes[-1]
        return cls.cluster.nodes[0]

    def setUp(self):
        super().setUp()
        self.addCleanup(self.cluster.heal)

    def environment(self, **variables):
        return super().environment(**{"SYNC_TOKENSERVER__DATABASE_URL": self.far.url(), **variables})

    def assert_one_pause(self, program):
        """Each of the two that use the database, the scan and the batches, told at most once that it was lost and back."""
        lost, back = program.lines("lost the database"), program.lines("the database is back")
        self.assertIn(len(lost), (1, 2), lost)
        self.assertEqual(len(lost), len(back), (lost, back))
