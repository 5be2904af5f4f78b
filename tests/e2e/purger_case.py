# SPDX-License-Identifier: MPL-2.0
"""purger_case: a run whose database user has no right but those that it needs, and a name of its own."""
from case import PurgeCase


class PurgerCase(PurgeCase):
    def setUp(self):
        super().setUp()
        self.url = self.mariadb.add_user("purger", "SELECT, DELETE, UPDATE ON tokenserver.*")

    def purger(self, query=""):
        return {"SYNC_TOKENSERVER__DATABASE_URL": self.url + query}
