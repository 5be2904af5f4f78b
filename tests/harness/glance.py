# SPDX-License-Identifier: MPL-2.0
"""glance: Glance's tables, and rows in them."""
import datetime
import uuid

from .private_server import SUPPORT

SCHEMA = SUPPORT / "glance_schema.sql"
CHILDREN = {
    "image_properties": ("name", "value"), "image_tags": ("value",), "image_locations": ("value",),
    "image_members": ("member",),
}
TABLES = ("images", *CHILDREN, "tasks", "task_info")


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


class Glance:
    """The database `glance`, made new."""

    def __init__(self, mariadb):
        self.mariadb = mariadb
        self._connection = mariadb.connect_new("glance", SCHEMA)
        self.query("SET time_zone = '+00:00'")
        self.live_image = self.image(None)

    def query(self, sql, *values):
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall()

    def many(self, sql, rows):
        with self._connection.cursor() as cursor:
            cursor.executemany(sql, rows)

    def url(self, driver=""):
        return self.mariadb.url(database="glance").replace("mysql:", f"mysql{driver}:", 1)

    def _insert(self, table, **values):
        columns = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        with self._connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values.values()))
            return cursor.lastrowid

    @staticmethod
    def _times(days, **values):
        """Columns of a row that was deleted so many days ago; None: live."""
        at = None if days is None else utc_now().replace(microsecond=0) - datetime.timedelta(days=days)  # MySQL would round
        return {"created_at": utc_now() - datetime.timedelta(days=400), "deleted_at": at,
                "deleted": days is not None, **values}

    def image(self, days, **values):
        values = {"id": str(uuid.uuid4()), "status": "deleted" if days else "active", **values}
        self._insert("images", **self._times(days, **values))
        return values["id"]

    def child(self, table, days, image=None, **values):
        """A row of one of the tables that refer to images; returns its id."""
        filled = {column: uuid.uuid4().hex for column in CHILDREN[table]}
        return self._insert(table, image_id=image or self.live_image,
                            **self._times(days, **{**filled, **values}))

    def task(self, days, info=True, **values):
        values = {"id": str(uuid.uuid4()), "type": "import", "status": "success", "owner": "o", **values}
        self._insert("tasks", **self._times(days, **values))
        if info:
            self._insert("task_info", task_id=values["id"], input="{}")
        return values["id"]

    def ids(self, table):
        key = "task_id" if table == "task_info" else "id"
        return {row[0] for row in self.query(f"SELECT {key} FROM {table}")}

    def all_ids(self):
        return {table: self.ids(table) for table in TABLES}

    def count(self, table, where="1 = 1"):
        return self.query(f"SELECT COUNT(*) FROM {table} WHERE {where}")[0][0]
