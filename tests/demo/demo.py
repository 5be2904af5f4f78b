# SPDX-License-Identifier: MPL-2.0
"""demo: 100,000 users in a private MariaDB, storage nodes that check every signature, one run, and what came of it."""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
from py import purgefleet  # noqa: E402
from py.mariadb import MariaDB  # noqa: E402
from py.users import STATE, Users, ago  # noqa: E402

SECRET = "demo master secret"
NODES = 4
# kind: share of the users, whether it is expected to go, whether its node is asked
KINDS = {
    "old, on a node that is up": (40, True, True),
    "old, nodeless": (5, True, False),
    "old, on a node that is down": (5, False, False),
    "replaced an hour ago": (10, False, False),
    "live": (40, False, False),
}


def say(text):
    print(text, flush=True)


class Demo:
    def __init__(self, users):
        self.count = users
        self.dir = tempfile.mkdtemp(prefix="pf-demo-")
        self.book = os.path.join(self.dir, "deleted")
        self.node_processes = []
        self.urls = []
        self.db = None
        self.uids = {kind: [] for kind in KINDS}
        self.node_of = {}
        self.before = {}

    def start_nodes(self):
        """Two processes, so that both cores can check signatures."""
        program = pathlib.Path(__file__).resolve().parents[1] / "support" / "py" / "storage_node.py"
        for number in range(2):
            process = subprocess.Popen(
                [sys.executable, str(program), "--secret", SECRET, "--count", str(NODES // 2)]
                + ["--book", f"{self.book}{number}"],
                stdout=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                text=True,
            )
            self.node_processes.append(process)
            for _ in range(NODES // 2):
                self.urls.append(process.stdout.readline().strip())

    def fill(self):
        users = Users(self.db)
        self.db.fresh_tables()
        up = [users.add_node(url, available=0, load=self.count) for url in self.urls]
        down = users.add_node("http://127.0.0.1:9", downed=1, load=self.count)
        chance = random.Random(7)
        kinds = chance.choices(list(KINDS), [share for share, _, _ in KINDS.values()], k=self.count)
        rows = []
        for uid, kind in enumerate(kinds, 1):
            node = {"old, nodeless": 999_999, "old, on a node that is down": down}.get(kind) or chance.choice(up)
            at = {"live": "NULL", "replaced an hour ago": ago(ms=3_600_000)}.get(kind) or ago(days=2, ms=uid)
            rows.append(f"({uid},1,'{uid:032x}@api.accounts.firefox.com',1700000000000,'{STATE}',0,{at},{node},1690000000000)")
            self.uids[kind].append(uid)
            self.node_of[uid] = node
            if len(rows) == 2000 or uid == self.count:
                self.db.execute("INSERT INTO users VALUES " + ",".join(rows))
                rows = []
        self.before = {node: users.counters(node) for node in [*up, down]}

    def run(self, arguments):
        env = purgefleet.environment({"SYNC_TOKENSERVER__DATABASE_URL": self.db.url(), "SYNC_MASTER_SECRET": SECRET})
        return subprocess.run(
            [purgefleet.program(), "run", "tokenserver", "--oneshot", *arguments], env=env, check=False
        ).returncode

    def stop_nodes(self):
        """Returns the uids that nodes deleted, with repetitions."""
        deleted = []
        for number, process in enumerate(self.node_processes):
            process.send_signal(signal.SIGTERM)
            process.wait()
            with open(f"{self.book}{number}", encoding="ascii") as book:
                deleted += [int(line.split()[1]) for line in book]
        self.node_processes = []
        return deleted

    def check(self, deleted):
        """Prints the table; True when all is as it must be."""
        left = {row[0] for row in self.db.execute("SELECT uid FROM users")}
        good = True
        say(f"\n{'rows':30}{'expected to go':>16}{'gone':>10}{'expected to stay':>18}{'still there':>13}")
        for kind, (_, goes, _) in KINDS.items():
            uids = self.uids[kind]
            there = sum(uid in left for uid in uids)
            gone = len(uids) - there
            good = good and (there == 0 if goes else gone == 0)
            cells = (len(uids), gone, 0, there) if goes else (0, gone, len(uids), there)
            say(f"{kind:30}{cells[0]:16,}{cells[1]:10,}{cells[2]:18,}{cells[3]:13,}")
        asked = {uid for kind, (_, _, asks) in KINDS.items() if asks for uid in self.uids[kind]}
        good = good and set(deleted) == asked
        say(f"\nnode DELETEs, signatures checked by tokenlib and hawkauthlib: {len(set(deleted)):,} expected {len(asked):,}, repeated {len(deleted) - len(set(deleted)):,}")
        users = Users(self.db)
        right = 0
        for node, (available, load) in self.before.items():
            moved = sum(1 for uid in asked if self.node_of[uid] == node)
            right += users.counters(node) == (available + moved, load - moved)
        good = good and right == len(self.before)
        say(f"node counters right: {right} of {len(self.before)} nodes")
        return good

    def close(self):
        for process in self.node_processes:
            process.kill()
            process.wait()
        if self.db is not None:
            self.db.close()
        for path in pathlib.Path(self.dir).glob("*"):
            path.unlink()
        os.rmdir(self.dir)


def make(args):
    if not args.fleet:
        return Demo(args.users)
    from fleet import FleetDemo  # pylint: disable=import-outside-toplevel

    return FleetDemo(args.users)


def main():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--fleet", action="store_true", help="by a broker, a producer and three workers")
    args, rest = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = make(args)
    try:
        say(f"demo: starting MariaDB and {NODES} storage nodes")
        demo.start_nodes()
        demo.db = MariaDB()
        say(f"demo: filling in {args.users:,} users")
        demo.fill()
        if not args.fleet:
            say("demo: purgefleet run tokenserver --oneshot")
        status = demo.run(rest)
        good = demo.check(demo.stop_nodes()) and status == 0
        say("\ndemo: all as it must be" if good else f"\ndemo: NOT as it must be (exit status {status})")
    finally:
        demo.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.modules["demo"] = sys.modules["__main__"]
    sys.exit(main())
