# SPDX-License-Identifier: MPL-2.0
"""mariadb: a private MariaDB or MySQL server with Tokenserver's tables."""
import os
import signal
import unittest
from pathlib import Path
from urllib.parse import quote

import pymysql

from .private_server import SUPPORT, PrivateServer

SCRIPT = os.environ.get("PURGEFLEET_MARIADB") or str(SUPPORT / "mariadb.sh")
SCHEMA = SUPPORT / "tokenserver_schema.sql"
ON_MYSQL = SCRIPT.endswith("mysql.sh")
NO_SUCH_THREAD = 1094  # it ended by itself since the process list was read


def numbers(count):
    """The numbers 1 to `count`, as a table of SQL with the column `seq`."""
    return (f"(WITH RECURSIVE numbers (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < {count})"
            " SELECT seq FROM numbers) AS numbers")


def mariadb_only(why):
    """For a test: skipped on MySQL."""
    return unittest.skipIf(ON_MYSQL, f"MariaDB's own: {why}")


class MariaDB(PrivateServer):
    """MariaDB, or what the script in PURGEFLEET_MARIADB starts."""

    start_script = SCRIPT

    def __init__(self, *options):
        self._connections = []
        super().__init__(self.start_script, *options)
        self.port = int(self.address)

    def url(self, user="test", password="test", database="tokenserver", query=""):
        return f"mysql://{quote(user)}:{quote(password)}@127.0.0.1:{self.port}/{database}{query}"

    def connect(self, database="tokenserver"):
        """A connection of its own, in autocommit mode, closed by `close`. By the socket: MySQL lets no password in by TCP
        that is neither under TLS nor encrypted by one more Python package."""
        path = (Path(self.dir) / "socket").read_text(encoding="utf-8").strip()
        connection = pymysql.connect(
            unix_socket=path, user="test", password="test", database=database,
            charset="utf8", autocommit=True,
        )
        self._connections.append(connection)
        return connection

    def connect_as(self, user):
        """A connection of a user that `add_user` made."""
        tls = {"verify_mode": "none"} if ON_MYSQL else None  # as above, and the user is not known by the socket
        connection = pymysql.connect(host="127.0.0.1", port=self.port, user=user, password="x", charset="utf8", ssl=tls)
        self._connections.append(connection)
        return connection

    def connect_new(self, database, schema):
        """Makes the database new, with the tables of the file `schema`, and returns a connection to it."""
        connection = self.connect(database=None)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {database}")
            cursor.execute(f"CREATE DATABASE {database} DEFAULT CHARACTER SET utf8")
            cursor.execute(f"USE {database}")
            for statement in schema.read_text(encoding="utf-8").split(";"):
                if statement.strip():
                    cursor.execute(statement)
        return connection

    def add_user(self, name, *grants, database="tokenserver"):
        """A user who may do what GRANT is told, such as "SELECT ON tokenserver.*"; returns the URL with its name."""
        with self.connect(database=None) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP USER IF EXISTS '{name}'@'127.0.0.1'")
            cursor.execute(f"CREATE USER '{name}'@'127.0.0.1' IDENTIFIED BY 'x'")
            for grant in grants:
                cursor.execute(f"GRANT {grant} TO '{name}'@'127.0.0.1'")
        return self.url(user=name, password="x", database=database)

    def kill_connections(self, where):
        """Ends what the connections that `where` picks from the process list are doing, and them."""
        with self.connect(database=None) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM information_schema.processlist WHERE {where}")
            for (number,) in cursor.fetchall():
                try:
                    cursor.execute(f"KILL {number}")
                except pymysql.err.OperationalError as error:
                    if error.args[0] != NO_SUCH_THREAD:
                        raise

    def reset(self):
        """Makes Tokenserver's tables new and returns a connection to them, the only one."""
        self._close_connections()
        return self.connect_new("tokenserver", SCHEMA)

    def freeze(self):
        """From now on it takes connections and answers nothing, until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self):
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        os.kill(int((Path(self.dir) / "pid").read_text(encoding="ascii")), number)

    def close(self):
        self._close_connections()
        super().close()

    def _close_connections(self):
        for connection in self._connections:
            try:
                connection.close()
            except pymysql.Error:
                pass  # already gone with its server
        self._connections.clear()


class MySQL(MariaDB):
    start_script = str(SUPPORT / "mysql.sh")
