# SPDX-License-Identifier: MPL-2.0
"""galera_case: a file has one cluster of three: the service writes to the first node, the purge works on the last."""
from case import PurgeCase
from harness.galera import Galera
from harness.glance import Glance


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

    def fill_glance(self, count):
        """Glance's tables, made new, with so many tags that were deleted long ago."""
        glance = Glance(self.mariadb)
        glance.many("INSERT INTO image_tags (image_id, value, created_at, deleted_at, deleted) VALUES (%s, %s, "
                    "'2019-01-01', '2020-01-01', 1)", [(glance.live_image, f"v{n}") for n in range(count)])
        return glance

    def start_glance(self, *options):
        return self.start("--oneshot", "--preset", "glance", "--max-rows", -1, "--database-url",
                          self.far.url(database="glance"), *options, words=("run", "softdelete"))

    def assert_one_pause(self, program):
        """Each of the two that use the database, the scan and the batches, told at most once that it was lost and back."""
        lost, back = program.lines("lost the database"), program.lines("the database is back")
        self.assertIn(len(lost), (1, 2), lost)
        self.assertEqual(len(lost), len(back), (lost, back))
