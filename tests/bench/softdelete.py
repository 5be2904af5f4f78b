#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""softdelete: rows a second of a purge of soft-deleted rows, beside pt-archiver on the same table in the same run.

Both take turns on equal copies of a table of Glance; half of its rows are old. What is quoted is the ratio.
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

TAGS = "[image_tags]\nkey = id\nage = deleted_at\nindex = optional\n"


def fill(glance, rows):
    glance.query("TRUNCATE TABLE image_tags")
    glance.query(
        "INSERT INTO image_tags (image_id, value, created_at, deleted_at, deleted) "
        f"SELECT '{glance.live_image}', seq, '2019-01-01', IF(seq MOD 2, '2020-01-01', NULL), seq MOD 2 "
        f"FROM seq_1_to_{rows}")
    glance.query("ANALYZE TABLE image_tags")


def archiver(mariadb, _preset, limit):
    socket = Path(mariadb.dir, "socket").read_text(encoding="utf-8").strip()
    return ["pt-archiver", "--source", f"S={socket},u=root,D=glance,t=image_tags", "--purge", "--bulk-delete",
            "--limit", str(limit), "--commit-each", "--no-check-charset", "--where", "deleted_at < '2021-01-01'"]


def ours(mariadb, preset, limit):
    return [purgefleet.BINARY, "run", "softdelete", "--preset", preset, "--database-url",
            mariadb.url(database="glance"), "--age-in-days", "30", "--max-rows", "-1", "--max-fraction", "0",
            "--chunk-rows", str(limit)]


def measure(glance, rows, words):
    fill(glance, rows)
    began = time.monotonic()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    left = glance.count("image_tags", "deleted_at IS NOT NULL")
    if done.returncode != 0:
        sys.exit(f"{words[0]} failed: {done.stderr[-2000:]}")
    return (rows // 2 - left) / seconds, left


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 400000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    if shutil.which("pt-archiver") is None:
        sys.exit("there is no pt-archiver: run ./dev setup bench")
    mariadb = MariaDB("--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M")
    preset = Path(mariadb.dir, "tags.conf")
    preset.write_text(TAGS, encoding="utf-8")
    try:
        glance = Glance(mariadb)
        for index in (False, True):
            if index:
                glance.query("TRUNCATE TABLE image_tags")
                glance.query("CREATE INDEX at ON image_tags (deleted_at)")
            print("with an index on deleted_at" if index else "without an index on deleted_at, as in Glance")
            for limit in (500,):
                ratios = []
                for _ in range(rounds):
                    theirs, their_left = measure(glance, rows, archiver(mariadb, preset, limit))
                    own, own_left = measure(glance, rows, ours(mariadb, str(preset), limit))
                    ratios.append(own / theirs)
                    print(f"  {limit} rows a transaction: pt-archiver {theirs:8.0f} rows/s, {their_left} left; "
                          f"purgefleet {own:8.0f} rows/s, {own_left} left; ratio {ratios[-1]:.2f}", flush=True)
                print(f"  median ratio {sorted(ratios)[len(ratios) // 2]:.2f}")
    finally:
        mariadb.close()


if __name__ == "__main__":
    main()
