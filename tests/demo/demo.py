# SPDX-License-Identifier: MPL-2.0
"""demo: 100,000 users in a private MariaDB, storage nodes that check every signature, one run, and what came of it."""
import argparse
import collections
import os
import pty
import random
import signal
import subprocess
import sys
import termios
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from harness import purgefleet  # noqa: E402
from harness.mariadb import MariaDB  # noqa: E402
from harness.storage_node import NodeProcess  # noqa: E402
from harness.users import DAY, HOUR, NO_NODE, Tables, now_ms  # noqa: E402

NO_DATABASE = "the database is missing"
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


def run_on_terminal(words, env):
    """Runs a program whose standard error is a terminal, so that it shows its progress; returns its exit status."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    with subprocess.Popen(words, env=env, stderr=theirs) as program:
        os.close(theirs)
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            show_terminal(terminal)
    return program.returncode


def show_terminal(terminal):
    """Passes on what is written to a terminal; each state of a line as a line of its own when nobody looks on."""
    shown = sys.stdout.buffer
    rest = b""
    try:
        while data := terminal.read(4096):
            if not sys.stdout.isatty():
                *lines, rest = (rest + data).replace(b"\r\033[K", b"\n").replace(b"\r", b"").split(b"\n")
                data = b"".join(line + b"\n" for line in lines if line)
            shown.write(data)
            shown.flush()
    except OSError:  # what Linux says when nobody has the other end any more
        pass


class Demo:
    about_repeats = ""

    def __init__(self, users):
        self.count = users
        self.nodes = []
        self.mariadb = None
        self.tables = None
        self.uids = {kind: [] for kind in KINDS}
        self.node_of = {}
        self.before = {}

    def start(self):
        for _ in range(NODES):
            self.nodes.append(NodeProcess(SECRET))
        self.mariadb = MariaDB()
        self.tables = Tables(self.mariadb.reset())

    def fill(self):
        up = [self.tables.add_node(node.url, available=0, current_load=self.count) for node in self.nodes]
        down = self.tables.add_node("http://127.0.0.1:9", downed=1, current_load=self.count)
        chance = random.Random(7)
        kinds = chance.choices(list(KINDS), [share for share, _, _ in KINDS.values()], k=self.count)
        now = now_ms()
        records = []
        for number, kind in enumerate(kinds):
            node = {"old, nodeless": NO_NODE, "old, on a node that is down": down}.get(kind) or chance.choice(up)
            at = {"live": None, "replaced an hour ago": now - HOUR}.get(kind, now - 2 * DAY - number)
            records.append((node, at))
        uids = self.tables.add_many(records)
        for uid, kind, (node, _) in zip(uids, kinds, records):
            self.uids[kind].append(uid)
            self.node_of[uid] = node
        self.before = self.tables.nodes()

    def environment(self):
        return purgefleet.environment(
            SYNC_TOKENSERVER__DATABASE_URL=self.mariadb.url(), SYNC_MASTER_SECRET=SECRET)

    def command(self):
        """The command that takes what the demo itself does not know."""
        return "run"

    def refuse_unknown(self, arguments):
        """Ends the demo before it begins when purgefleet would not take these arguments."""
        words = [purgefleet.BINARY, self.command(), "tokenserver", *arguments, "--database-url="]
        # Without a database: known words come to that error, unknown ones to their own.
        tried = subprocess.run(words, env=purgefleet.environment(), stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, check=False)
        if NO_DATABASE not in tried.stderr:
            sys.exit(tried.stderr + tried.stdout)

    def run(self, arguments):
        say("demo: purgefleet run tokenserver --oneshot")
        words = [purgefleet.BINARY, "run", "tokenserver", "--oneshot", *arguments]
        return run_on_terminal(words, self.environment())

    def check(self):
        """Prints the table; True when all is as it must be."""
        return all([self.check_rows(), self.check_deletes(), self.check_counters()])

    def check_rows(self):
        left = self.tables.uids()
        good = True
        say(f"\n{'rows':30}{'expected to go':>16}{'gone':>10}{'expected to stay':>18}{'still there':>13}")
        for kind, (_, goes, _) in KINDS.items():
            uids = self.uids[kind]
            there = sum(uid in left for uid in uids)
            gone = len(uids) - there
            good = good and (there == 0 if goes else gone == 0)
            cells = (len(uids), gone, 0, there) if goes else (0, gone, len(uids), there)
            say(f"{kind:30}{cells[0]:16,}{cells[1]:10,}{cells[2]:18,}{cells[3]:13,}")
        return good

    def asked(self):
        """The uids whose node is asked."""
        return {uid for kind, (_, _, asks) in KINDS.items() if asks for uid in self.uids[kind]}

    def check_deletes(self):
        deleted = []
        for node in self.nodes:
            uids, refusals = node.stop()
            deleted += uids
            if refusals:
                say(f"{node.url} refused {len(refusals)}: {refusals[0]}")
        found, asked = set(deleted), self.asked()
        say("\nnode DELETEs, signatures checked by tokenlib and hawkauthlib: "
            f"{len(found):,} expected {len(asked):,}, repeated {len(deleted) - len(found):,}{self.about_repeats}")
        return found == asked

    def check_counters(self):
        moved = collections.Counter(self.node_of[uid] for uid in self.asked())
        now = self.tables.nodes()
        right = sum(now[key] == {
            **row, "available": row["available"] + moved[key], "current_load": row["current_load"] - moved[key],
        } for key, row in self.before.items())
        say(f"node counters right: {right} of {len(self.before)} nodes")
        return right == len(self.before)

    def close(self):
        for node in self.nodes:
            node.close()
        if self.mariadb is not None:
            self.mariadb.close()


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
    demo.refuse_unknown(rest)
    try:
        say(f"demo: starting MariaDB and {NODES} storage nodes")
        demo.start()
        say(f"demo: filling in {args.users:,} users")
        demo.fill()
        status = demo.run(rest)
        good = demo.check() and status == 0
        say("\ndemo: all as it must be" if good else f"\ndemo: NOT as it must be (exit status {status})")
    finally:
        demo.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.modules["demo"] = sys.modules["__main__"]
    sys.exit(main())
