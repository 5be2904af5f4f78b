# SPDX-License-Identifier: MPL-2.0
"""users: rows of Tokenserver's tables, made for a test and compared after it."""
import base64
import time
from dataclasses import dataclass

SECOND = 1000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
RETIRED = 2**63 - 1
NO_NODE = 999_999_999
COLUMNS = ("service", "email", "generation", "client_state", "created_at", "replaced_at", "nodeid",
           "keys_changed_at")


def now_ms():
    return int(time.time() * 1000)


def fxa_kid(row):
    """What a node keys the data of a row by."""
    stamp = row["keys_changed_at"] or row["generation"]
    state = base64.urlsafe_b64encode(bytes.fromhex(row["client_state"])).rstrip(b"=").decode()
    return f"{stamp:013d}-{state}"


@dataclass
class Snapshot:
    users: dict  # uid -> row
    nodes: dict  # id -> row

    def without(self, removed, counters=True):
        """What is right after the rows with the uids of `removed` are gone."""
        users = {uid: row for uid, row in self.users.items() if uid not in removed}
        nodes = {key: dict(row) for key, row in self.nodes.items()}
        for uid in removed:
            node = nodes.get(self.users[uid]["nodeid"])
            if counters and node is not None:
                node["available"] += 1
                node["current_load"] -= 1
        return Snapshot(users, nodes)


class Tables:
    def __init__(self, connection):
        self.connection = connection
        self._made = 0
        self.service = self.query("SELECT id FROM services WHERE service = 'sync-1.5'")[0]["id"]

    def query(self, statement, *values):
        """The rows as dicts."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            if cursor.description is None:
                return []
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def snapshot(self):
        return Snapshot(
            {row["uid"]: row for row in self.query("SELECT * FROM users")}, self.nodes())

    def nodes(self):
        return {row["id"]: row for row in self.query("SELECT * FROM nodes")}

    def uids(self):
        return {row["uid"] for row in self.query("SELECT uid FROM users")}

    def user(self, uid):
        """The row, or None."""
        rows = self.query("SELECT * FROM users WHERE uid = %s", uid)
        return rows[0] if rows else None

    def kid(self, uid):
        return fxa_kid(self.user(uid))

    def _insert(self, statement, values):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.lastrowid

    def add_service(self, name):
        return self._insert("INSERT INTO services (service, pattern) VALUES (%s, 'x')", (name,))

    def add_node(self, url, downed=0, available=100, current_load=50, service=None):
        return self._insert(
            "INSERT INTO nodes (service, node, available, current_load, capacity, downed, backoff)"
            " VALUES (%s, %s, %s, %s, 1000, %s, 0)",
            (service or self.service, url, available, current_load, downed),
        )

    def _row(self, nodeid, columns):
        self._made += 1
        return {
            "service": self.service,
            "email": f"{self._made:032x}@api.accounts.firefox.com",
            "generation": 1_600_000_000_000 + self._made,
            "client_state": f"{self._made * 7919:032x}",
            "created_at": now_ms() - 30 * DAY,
            "replaced_at": None,
            "nodeid": nodeid,
            "keys_changed_at": 1_500_000_000_000 + self._made,
            **columns,
        }

    def add(self, nodeid, **columns):
        """A user's only record, in use; returns its uid."""
        row = self._row(nodeid, columns)
        names = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        uid = self._insert(f"INSERT INTO users ({names}) VALUES ({marks})", tuple(row.values()))
        return row.get("uid", uid)

    def live(self, nodeid, **columns):
        return self.add(nodeid, replaced_at=None, **columns)

    def old(self, nodeid, age_ms=2 * DAY, **columns):
        """A record that was replaced longer ago than the usual grace."""
        return self.add(nodeid, **{"replaced_at": now_ms() - age_ms, **columns})

    def young(self, nodeid, **columns):
        return self.old(nodeid, age_ms=HOUR, **columns)

    def twin(self, uid, **columns):
        """Another record of the same user, with the same keys, in use and on the same node."""
        same = {name: self.user(uid)[name] for name in COLUMNS}
        row = {**same, "replaced_at": None, **columns}
        return self.add(row.pop("nodeid"), **row)

    def many_old(self, count, nodeids, age_ms=2 * DAY):
        """`count` old records spread over the nodes; returns their uids."""
        first_age = now_ms() - age_ms
        return self.add_many((nodeids[i % len(nodeids)], first_age - i) for i in range(count))

    def add_many(self, records):
        """Records of (nodeid, replaced_at); returns their uids, in the same order."""
        before = self.uids()
        with self.connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO users ({', '.join(COLUMNS)})"
                f" VALUES ({', '.join(['%s'] * len(COLUMNS))})",
                [tuple(self._row(nodeid, {"replaced_at": at})[name] for name in COLUMNS)
                 for nodeid, at in records],
            )
        return sorted(self.uids() - before)
