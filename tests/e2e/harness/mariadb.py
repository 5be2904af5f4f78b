# SPDX-License-Identifier: MPL-2.0
"""mariadb: a private MariaDB server with Tokenserver's tables."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import pymysql

SUPPORT = Path(__file__).resolve().parents[2] / "support"
SCRIPT = os.environ.get("PURGEFLEET_MARIADB") or str(SUPPORT / "mariadb.sh")
SCHEMA = SUPPORT / "tokenserver_schema.sql"


class MariaDB:
    """A server that ends with this process at the latest. `close` ends it and removes its files."""

    def __init__(self, *options):
        self.dir = tempfile.mkdtemp(prefix="purgefleet-db-")
        self._connections = []
        try:
            words = ["--owner", str(os.getpid()), "--", *options]
            self.port = int(self._script("start", *words).strip())
        except BaseException:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise

    def _script(self, command, *words):
        done = subprocess.run(
            [SCRIPT, command, self.dir, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, timeout=120, check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"mariadb.sh {command}: {done.stderr.strip()}")
        return done.stdout

    def url(self, user="test", password="test", database="tokenserver", query=""):
        return f"mysql://{quote(user)}:{quote(password)}@127.0.0.1:{self.port}/{database}{query}"

    def connect(self, database="tokenserver"):
        """A connection of its own, in autocommit mode, closed by `close`."""
        connection = pymysql.connect(
            host="127.0.0.1", port=self.port, user="test", password="test", database=database,
            charset="utf8", autocommit=True,
        )
        self._connections.append(connection)
        return connection

    def reset(self):
        """Makes the tables new and returns a connection to them."""
        self._close_connections()
        connection = self.connect(database=None)
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS tokenserver")
            cursor.execute("CREATE DATABASE tokenserver DEFAULT CHARACTER SET utf8")
            cursor.execute("USE tokenserver")
            for statement in SCHEMA.read_text(encoding="utf-8").split(";"):
                if statement.strip():
                    cursor.execute(statement)
        return connection

    def stop(self):
        self._script("stop")

    def start(self):
        self._script("start", "--owner", str(os.getpid()))

    def kill(self):
        self._script("kill")

    def restart(self):
        self._script("restart", "--owner", str(os.getpid()))

    def close(self):
        self._close_connections()
        self._script("remove")

    def _close_connections(self):
        for connection in self._connections:
            try:
                connection.close()
            except pymysql.Error:
                pass  # already gone with its server
        self._connections.clear()
