# SPDX-License-Identifier: MPL-2.0
"""galera: a private Galera cluster of three nodes."""
from pathlib import Path

from .mariadb import MariaDB
from .private_server import SUPPORT, PrivateServer
from .wait import wait_until

SCRIPT = str(SUPPORT / "galera.sh")


class Galera(PrivateServer):
    def __init__(self, *options):
        super().__init__(SCRIPT, *options)
        self.nodes = [GaleraNode(Path(self.dir, str(number)), int(port))
                      for number, port in enumerate(self.address.split(), 1)]

    def close(self):
        for node in self.nodes:
            node.close()
        super().close()

    def heal(self):
        """Whatever was done to a node is undone, and all three are one cluster again."""
        for node in self.nodes:
            node.heal()
        wait_until(lambda: all(node.status("wsrep_cluster_size") == "3" and node.is_ready()
                               for node in self.nodes), "the cluster is whole", 40)


class GaleraNode(MariaDB):
    """One server of a cluster, which starts and ends it."""

    def __init__(self, directory, port):  # pylint: disable=super-init-not-called
        self._connections = []
        self.script, self.dir, self.address, self.port = str(SUPPORT / "mariadb.sh"), str(directory), str(port), port
        self._control = super().connect(database=None)

    def connect(self, database="tokenserver"):
        """As of any server; it reads what was written on any node before."""
        connection = super().connect(database)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION wsrep_sync_wait = 1")
        return connection

    def _ask(self, statement):
        with self._control.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def status(self, name):
        rows = self._ask(f"SHOW GLOBAL STATUS LIKE '{name}'")
        return rows[0][1] if rows else None

    def is_ready(self):
        return self.status("wsrep_ready") == "ON"

    def close(self):
        self._close_connections()

    def reset(self):
        """As of any server, but the connection that watches it stays."""
        self._connections.remove(self._control)
        connection = super().reset()
        self._connections.append(self._control)
        return connection

    def cut_off(self):
        """From now on it hears nothing of the others; it needs some time to notice."""
        self._ask("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'")

    def wait_cut_off(self):
        wait_until(lambda: not self.is_ready(), "the node notices that it is cut off")

    def heal(self):
        self.thaw()
        self._ask("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'")
        self._ask("SET GLOBAL wsrep_max_ws_rows = 0, GLOBAL wsrep_max_ws_size = 2147483647")
