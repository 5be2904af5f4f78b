#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""softdelete: rows a second of a purge of soft-deleted rows, beside pt-archiver on the same table in the same run.

Both take turns on equal copies of a table of Glance; half of its rows are old. What is quoted is the median of the ratios; exit
status 1 when one is below 0.8, or when a row that was due is left.
Usage: softdelete.py [ROWS [ROUNDS]]; needs pt-archiver (./dev setup bench).
"""
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from harness import purgefleet  # noqa: E402
from harness.glance import Glance  # noqa: E402
from harness.mariadb import MariaDB  # noqa: E402

LEAST_RATIO = 0.8
TAGS = "[image_tags]\nkey = id\nage = deleted_at\nindex = optional\n"


def fill(glance, rows):
    glance.query("TRUNCATE TABLE image_tags")
    glance.query(
        "INSERT INTO image_tags (image_id, value, created_at, deleted_at, deleted) "
        f"SELECT '{glance.live_image}', seq, '2019-01-01', IF(seq MOD 2, '2020-01-01', NULL), seq MOD 2 "
        f"FROM seq_1_to_{rows}")
    glance.query("ANALYZE TABLE image_tags")


def archiver(mariadb, limit):
    socket = Path(mariadb.dir, "socket").read_text(encoding="utf-8").strip()
    return ["pt-archiver", "--source", f"S={socket},u=root,D=glance,t=image_tags", "--purge", "--bulk-delete",
            "--limit", str(limit), "--commit-each", "--no-check-charset", "--where", "deleted_at < '2021-01-01'"]


def ours(mariadb, preset, limit):
    return [purgefleet.BINARY, "run", "softdelete", "--preset", preset, "--database-url",
            mariadb.url(database="glance"), "--age-in-days", "30", "--max-rows", "-1", "--chunk-rows", str(limit)]


def measure(glance, rows, words):
    fill(glance, rows)
    began = time.monotonic()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    left = glance.count("image_tags", "deleted_at IS NOT NULL")
    if done.returncode != 0:
        sys.exit(f"{words[0]} failed: {done.stderr[-2000:]}")
    return (rows // 2 - left) / seconds, left


def compare(mariadb, glance, rows, rounds, limit=500):
    """The median of the ratios; 0 when a row was left."""
    preset = Path(mariadb.dir, "tags.conf")
    preset.write_text(TAGS, encoding="utf-8")
    ratios = []
    for _ in range(rounds):
        theirs, their_left = measure(glance, rows, archiver(mariadb, limit))
        own, own_left = measure(glance, rows, ours(mariadb, str(preset), limit))
        ratios.append(own / theirs if own_left == 0 else 0)
        print(f"  {limit} rows a transaction: pt-archiver {theirs:8.0f} rows/s, {their_left} left; "
              f"purgefleet {own:8.0f} rows/s, {own_left} left; ratio {ratios[-1]:.2f}", flush=True)
    median = sorted(ratios)[len(ratios) // 2]
    print(f"  median ratio {median:.2f}")
    return median


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 400000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    if shutil.which("pt-archiver") is None:
        sys.exit("there is no pt-archiver: run ./dev setup bench")
    mariadb = MariaDB("--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M")
    try:
        glance = Glance(mariadb)
        print("without an index on deleted_at, as in Glance")
        ratios = [compare(mariadb, glance, rows, rounds)]
        glance.query("TRUNCATE TABLE image_tags")
        glance.query("CREATE INDEX at ON image_tags (deleted_at)")
        print("with an index on deleted_at")
        ratios.append(compare(mariadb, glance, rows, rounds))
    finally:
        mariadb.close()
    return 0 if min(ratios) >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
