# SPDX-License-Identifier: MPL-2.0
"""purge_bench: rows a second of a whole purge, against a loop that works as the script did, in one run.

The storage node is the C stub, which answers 200 to everything after --delay-ms. Machines are noisy: read the ratios.
"""
import argparse
import contextlib
import http.client
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from harness import purgefleet  # noqa: E402  first: it chooses the Python
from harness.mariadb import MariaDB  # noqa: E402
from harness.users import Tables  # noqa: E402
import hawkauthlib  # noqa: E402
import tokenlib  # noqa: E402
import webob  # noqa: E402

SECRET = "bench secret"
NODE = Path(purgefleet.BINARY).parent / "tests" / "node"


class Stub:
    """The C node as a process."""

    def __init__(self, delay_ms):
        self.process = subprocess.Popen(
            [str(NODE), "--delay-ms", str(delay_ms)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )
        self.port = int(re.search(r"\d+$", self.process.stdout.readline().strip())[0])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


def fill(mariadb, urls, rows):
    tables = Tables(mariadb.reset())
    tables.many_old(rows, [tables.add_node(url, current_load=rows) for url in urls])
    tables.query("ANALYZE TABLE users")
    return tables


def as_the_script(tables, rows):
    """One request at a time, a new connection each, three statements a row: what the script does, without its log."""
    manager = tokenlib.TokenManager(secret=SECRET, timeout=300)
    began = time.monotonic()
    done = 0
    while done < rows:
        page = tables.query(
            "SELECT uid, email, node, nodeid FROM users LEFT JOIN nodes ON nodes.id = nodeid"
            " WHERE users.service = 1 AND replaced_at IS NOT NULL LIMIT 100"
        )
        for row in page[: rows - done]:
            uid, email, node = row["uid"], row["email"], row["node"]
            token = manager.make_token({"uid": uid, "node": node, "fxa_uid": email.split("@")[0], "fxa_kid": "x"})
            request = webob.Request.blank(f"{node}/1.5/{uid}", method="DELETE")
            header = hawkauthlib.sign_request(request, token, manager.get_derived_secret(token))
            connection = http.client.HTTPConnection(node[len("http://") :])
            connection.request("DELETE", f"/1.5/{uid}", headers={"Authorization": header})
            connection.getresponse().read()
            connection.close()
            tables.query("DELETE FROM users WHERE uid = %s", uid)
            tables.query("UPDATE nodes SET available = available + 1, current_load = current_load - 1 WHERE id = %s",
                         row["nodeid"])
            done += 1
    return rows / (time.monotonic() - began)


def purge(mariadb):
    env = purgefleet.environment(SYNC_TOKENSERVER__DATABASE_URL=mariadb.url(), SYNC_MASTER_SECRET=SECRET)
    result = purgefleet.run(["run", "tokenserver", "--oneshot", "--max-fraction", "0"], env, timeout_s=600)
    if result.status != 0:
        raise SystemExit(result.stderr)
    return result.summary["purged"] * 1000 / result.summary["duration_ms"]


def measure(mariadb, name, delay_ms, nodes, rows, script_rows):
    with contextlib.ExitStack() as stack:
        urls = [stack.enter_context(Stub(delay_ms)).url for _ in range(nodes)]
        script = as_the_script(fill(mariadb, urls, script_rows * nodes), script_rows)
        fill(mariadb, urls, rows)
        ours = purge(mariadb)
    print(f"{name:44}{script:12,.0f}{ours:14,.0f}{ours / script:10.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--script-rows", type=int, default=500)
    args = parser.parse_args()
    mariadb = MariaDB()
    try:
        print(f"{'rows/s':44}{'as the script':>12}{'purgefleet':>14}{'ratio':>10}")
        measure(mariadb, "one node that answers at once", 0, 1, args.rows, args.script_rows)
        measure(mariadb, "one node that answers after 20 ms", 20, 1, args.rows, args.script_rows // 4)
        measure(mariadb, "eight nodes that answer after 20 ms", 20, 8, args.rows, args.script_rows // 4)
    finally:
        mariadb.close()


if __name__ == "__main__":
    main()
