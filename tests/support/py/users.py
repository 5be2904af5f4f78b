# SPDX-License-Identifier: MPL-2.0
"""users: rows of Tokenserver, as short to write as to read."""
import time

DAY_MS = 86_400_000
MAX_GENERATION = 9223372036854775807
STATE = "d41d8cd98f00b204e9800998ecf8427e"


def now_ms():
    return int(time.time() * 1000)


def ago(days=0, ms=0):
    """Milliseconds since the epoch, so long ago."""
    return now_ms() - int(days * DAY_MS) - ms


class Users:
    """Adds nodes and users to a database and says what is left of them."""

    def __init__(self, db):
        self.db = db

    def add_node(self, url, node_id=None, downed=0, available=100, load=50, service=1):
        self.db.execute(
            "INSERT INTO nodes (id, service, node, available, current_load, capacity, downed, backoff)"
            " VALUES (%s, %s, %s, %s, %s, 1000, %s, 0)",
            (node_id, service, url, available, load, downed),
        )
        return self.db.value("SELECT id FROM nodes WHERE service = %s AND node = %s", (service, url))

    def add(self, node, replaced_at=None, **fields):
        """A user on the node with this id; replaced two days ago unless `live`. Returns the uid."""
        live = fields.pop("live", False)
        row = {
            "uid": None,
            "service": 1,
            "email": None,
            "generation": 1700000000000,
            "client_state": STATE,
            "created_at": ago(days=30),
            "keys_changed_at": 1690000000000,
        }
        row.update(fields)
        if row["email"] is None:
            count = self.db.value("SELECT COUNT(*) FROM users")
            row["email"] = f"user{count}@api.accounts.firefox.com"
        row["nodeid"] = node
        row["replaced_at"] = None if live else (ago(days=2) if replaced_at is None else replaced_at)
        names = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        self.db.execute(f"INSERT INTO users ({names}) VALUES ({marks})", list(row.values()))
        return self.db.value("SELECT MAX(uid) FROM users") if row["uid"] is None else row["uid"]

    def add_many(self, node, count, replaced_at=None, email="many"):
        """`count` old users of one node, all with the same time when one is given."""
        first = self.db.value("SELECT COALESCE(MAX(uid), 0) + 1 FROM users")
        base = ago(days=2) if replaced_at is None else replaced_at
        for begin in range(0, count, 1000):
            rows = []
            for i in range(begin, min(begin + 1000, count)):
                at = base if replaced_at is not None else base - i
                rows.append(
                    f"({first + i}, 1, '{email}{first + i}@x.org', 1700000000000, '{STATE}', 0, {at}, {node}, 1690000000000)"
                )
            self.db.execute(
                "INSERT INTO users (uid, service, email, generation, client_state, created_at, replaced_at, nodeid,"
                " keys_changed_at) VALUES " + ",".join(rows)
            )
        return list(range(first, first + count))

    def uids(self):
        return [row[0] for row in self.db.execute("SELECT uid FROM users ORDER BY uid")]

    def counters(self, node):
        """(available, current_load) of a node."""
        return self.db.execute("SELECT available, current_load FROM nodes WHERE id = %s", (node,))[0]

    def replaced_at(self, uid):
        return self.db.value("SELECT replaced_at FROM users WHERE uid = %s", (uid,))
