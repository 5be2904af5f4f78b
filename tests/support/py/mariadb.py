# SPDX-License-Identifier: MPL-2.0
"""mariadb: a private MariaDB server with the tables of Tokenserver."""
import os
import pathlib
import subprocess
import tempfile

import pymysql

SUPPORT = pathlib.Path(__file__).resolve().parent.parent
SCRIPT = os.environ.get("PURGEFLEET_MARIADB", str(SUPPORT / "mariadb.sh"))
SCHEMA = (SUPPORT / "tokenserver_schema.sql").read_text(encoding="utf-8")


class MariaDB:
    """Started by the constructor; ends with close() or with this process."""

    def __init__(self, *options):
        self.dir = tempfile.mkdtemp(prefix="pf-db-")
        command = [SCRIPT, "start", self.dir, "--owner", str(os.getpid())]
        if options:
            command += ["--", *options]
        done = subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.port = int(done.stdout)
        self.connection = None

    def url(self, database="tokenserver", user="test", password="test"):
        return f"mysql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, **options):
        socket = pathlib.Path(self.dir, "socket").read_text(encoding="utf-8").strip()
        return pymysql.connect(
            unix_socket=socket, user="root", database="tokenserver", autocommit=True, **options
        )

    def execute(self, sql, args=None):
        """Runs one statement and returns its rows."""
        if self.connection is None:
            self.connection = self.connect(charset="utf8mb4")
        with self.connection.cursor() as cursor:
            cursor.execute(sql, args)
            return cursor.fetchall()

    def value(self, sql, args=None):
        return self.execute(sql, args)[0][0]

    def fresh_tables(self):
        """Empty tables of Tokenserver, with the service sync-1.5 as number 1."""
        for table in ("users", "nodes", "services"):
            self.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in SCHEMA.split(";"):
            if statement.strip():
                self.execute(statement)

    def control(self, verb):
        """kill, stop or restart."""
        self.forget()
        subprocess.run([SCRIPT, verb, self.dir], check=True, capture_output=True, stdin=subprocess.DEVNULL)

    def forget(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def close(self):
        self.control("remove")
