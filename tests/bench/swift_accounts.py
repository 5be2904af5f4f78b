#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_accounts: objects a second of a deleted account, beside Swift's own reaper and beside the servers' limit, in the same run.

All take turns on equal accounts of the same cluster of three nodes, in both orders, with the same number of
requests at once. What each left is looked for in databases and files. `bare` is a loop that sends the same DELETEs of objects and does
nothing else: what the servers, which have the same cores, can take. Who starts is measured by a pass over an account that is
empty, and taken off.

Then a container of many names on one server that only answers, which shows what the two can do themselves, and how much memory
they need.
Exit status 1 when a median is below its least value, or when anything is left.
Usage: swift_accounts.py [--objects N] [--containers N] [--names N] [--reaper-names N] [--rounds N] [--concurrency N] [--baseline PURGEFLEET]
"""
import argparse
import asyncio
import bisect
import contextlib
import hashlib
import json
import os
import sys
import tempfile
import threading
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from cost import Cost, median  # noqa: E402
from harness import purgefleet  # noqa: E402
from harness.private_server import SUPPORT  # noqa: E402
from harness.swift_cluster import SwiftCluster, now  # noqa: E402

LEAST = {"reaper": 0.8, "bare": 0.75, "CPU": 3, "reaper, fast servers": 10, "CPU, fast servers": 10}
MEMORY_MOST_MIB = 64
PAGE_NAMES = 10_000
BARE = Path(purgefleet.BINARY).with_name("tests") / "http_bench"


# --- accounts

class Account:
    """A deleted account whose objects nobody had to send: rows and files are made by Swift's own code."""

    def __init__(self, swift, name, containers, objects):
        self.swift, self.name = swift, name
        swift.make_account(name)
        self.names = {f"c{number}": [] for number in range(containers)}
        for container in self.names:
            swift.make_container(name, container)
        for number in range(objects):
            self.names[f"c{number % containers}"].append(f"object/{number:08d}")
        for container, names in self.names.items():
            self.fill(container, names)
        swift.delete_account(name)

    def fill(self, container, names):
        from swift.container.backend import ContainerBroker
        from swift.obj.diskfile import write_metadata
        stamp = now()
        etag = hashlib.md5(b"x", usedforsecurity=False).hexdigest()
        rows = [{"name": name, "created_at": stamp, "size": 1, "content_type": "t", "etag": etag, "deleted": 0,
                 "storage_policy_index": 0} for name in names]
        for path in self.swift.databases(self.name, container):
            ContainerBroker(str(path), account=self.name, container=container).merge_items([dict(row) for row in rows])
        for name in names:
            metadata = {"name": f"/{self.name}/{container}/{name}", "X-Timestamp": stamp, "Content-Type": "t",
                        "Content-Length": "1", "ETag": etag}
            for place in self.swift.object_places(self.name, container, name):
                place.mkdir(parents=True)
                with open(place / f"{stamp}.data", "wb") as file:
                    file.write(b"x")
                    write_metadata(file.fileno(), metadata)

    def deletes(self):
        """What the bare loop sends, a line each."""
        devices = [{"host": f"127.0.0.1:{node.ports['container']}", "device": f"d{node.number}", "node": node}
                   for node in self.swift.nodes]
        stamp = now()
        for container, names in self.names.items():
            told = [devices[i] for i in self.swift.primaries(self.name, container, ring="container")]
            partition = self.swift.partition_of(self.name, container)
            for name in names:
                for i, place in enumerate(self.swift.primaries(self.name, container, name, ring="object")):
                    to = devices[place]
                    path = f"/{to['device']}/{self.swift.partition_of(self.name, container, name)}/{self.name}/{container}/{name}"
                    yield "\t".join([
                        f"http://127.0.0.1:{to['node'].replication['object']}{path}",
                        f"X-Timestamp: {stamp}", f"X-Container-Host: {told[i]['host']}",
                        f"X-Container-Partition: {partition}", f"X-Container-Device: {told[i]['device']}",
                        "X-Backend-Storage-Policy-Index: 0", "X-Backend-Use-Replication-Network: true",
                        "X-Backend-Allow-Reserved-Names: true"])

    def wrong(self, with_containers):
        """What is left that should not be; None: nothing."""
        for container, names in self.names.items():
            for name in names[::max(1, len(names) // 100)]:
                for node, files in self.swift.object_files(self.name, container, name).items():
                    if any(file.endswith(".data") for file in files):
                        return f"{container}/{name} on {node}"
            for path in self.swift.databases(self.name, container):
                self.merge(path, container)
                [[objects]] = self.swift.look(path, "SELECT count(*) FROM object WHERE deleted = 0")
                [[deleted]] = self.swift.look(path, "SELECT delete_timestamp > put_timestamp FROM container_stat")
                if objects > 0 or (with_containers and not deleted):
                    return f"{container}: {objects} objects, {'' if deleted else 'not '}deleted"
        return None

    def merge(self, path, container):
        """Has the server merge what is pending."""
        for node in self.swift.nodes:
            if node.devices in path.parents:
                self.swift.direct(node, "container", "HEAD",
                                  f"/d{node.number}/{self.swift.partition_of(self.name, container)}/{self.name}/{container}")


# --- what they cost

def ticks_of(pid):
    """Seconds of CPU of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Costs:
    """Of programs that run one after the other, and of the servers meanwhile."""

    def __init__(self, commands, servers=(), env=None):
        before_s = sum(map(ticks_of, servers))
        costs = [Cost([str(word) for word in words], env) for words in commands]
        self.servers_s = sum(map(ticks_of, servers)) - before_s
        self.wall_s = sum(cost.wall_s for cost in costs)
        self.cpu_s = sum(cost.cpu_s for cost in costs)
        self.memory_mib = max(cost.memory_mib for cost in costs)


class Bench:
    def __init__(self, options):
        self.options = options
        self.failed = False
        self.made = 0

    def fail(self, words):
        self.failed = True
        print(f"  WRONG: {words}", flush=True)

    def judge(self, what, ratio, least):
        self.failed |= ratio < least
        print(f"  {what}: median ratio {ratio:.2f} (at least {least})", flush=True)

    # --- beside the reaper

    def commands(self, swift):
        def ours(binary):
            return lambda _: [ours_words(binary, node.conf("account")) for node in swift.nodes]

        def bare(account):
            lines = swift.dir / "deletes"
            with open(lines, "w", encoding="ascii") as file:
                file.writelines(line + "\n" for line in account.deletes())
            return [[BARE, f"@{lines}", self.options.concurrency]]

        found = {
            "reaper": lambda _: [reaper_words(swift.etc, node.conf("account")) for node in swift.nodes],
            "ours": ours(purgefleet.BINARY),
            "bare": bare,
        }
        if self.options.baseline:
            found["baseline"] = ours(self.options.baseline)
        return found

    def account(self, swift, objects):
        self.made += 1
        return Account(swift, f"AUTH_bench{self.made}", self.options.containers, objects)

    def cost(self, swift, name, commands, objects):
        account = self.account(swift, objects)
        servers = [node.process.pid for node in swift.nodes]
        cost = Costs(commands(account), servers, swift.environment())
        wrong = account.wrong(name != "bare") if objects > 0 else None
        if wrong:
            self.fail(f"{name} left {wrong}")
        if name == "bare":  # so that others do not find its containers
            Costs(self.commands(swift)["ours"](account), (), swift.environment())
        return cost

    def reap(self):
        with contextlib.closing(SwiftCluster()) as swift:
            for node in swift.nodes:
                text = node.conf("account").read_text()
                node.conf("account").write_text(text.replace("concurrency = 25",
                                                             f"concurrency = {self.options.concurrency}"))
            swift_code(swift.etc)
            self.reap_on(swift)

    def reap_on(self, swift):
        objects, kinds = self.options.objects, self.commands(swift)
        print(f"{objects} objects in {self.options.containers} containers on three servers each, "
              f"{self.options.concurrency} requests at once")
        starts = {name: self.cost(swift, name, kinds[name], 0) for name in kinds if name != "bare"}
        costs = {name: [] for name in kinds}
        for number in range(self.options.rounds):
            for name in list(kinds) if number % 2 == 0 else reversed(kinds):
                costs[name].append(self.cost(swift, name, kinds[name], objects))
        self.show(costs, starts)

        def walls(name):
            return [cost.wall_s - (starts[name].wall_s if name in starts else 0) for cost in costs[name]]

        def cpus(name):
            return [cost.cpu_s - starts[name].cpu_s for cost in costs[name]]

        def ratio(theirs, own):
            return median([one / other for one, other in zip(theirs, own)])

        self.judge("ours to the reaper, objects a second", ratio(walls("reaper"), walls("ours")), LEAST["reaper"])
        self.judge("ours to the bare loop, objects a second", ratio(walls("bare"), walls("ours")), LEAST["bare"])
        self.judge("the reaper's CPU to ours", ratio(cpus("reaper"), cpus("ours")), LEAST["CPU"])

    def show(self, costs, starts):
        each = self.options.objects
        print(f"  {'':10} {'seconds':>8} {'start':>6} {'objects/s':>10} {'CPU us each':>12} {'servers us':>11} {'MiB':>5}")
        for name, some in costs.items():
            start_s = starts[name].wall_s if name in starts else 0
            start_cpu_s = starts[name].cpu_s if name in starts else 0
            wall_s = median([cost.wall_s for cost in some]) - start_s
            cpu_s = median([cost.cpu_s for cost in some]) - start_cpu_s
            print(f"  {name:10} {wall_s:8.2f} {start_s:6.2f} {each / wall_s:10.0f} {cpu_s / each * 1e6:12.0f} "
                  f"{median([cost.servers_s for cost in some]) / each * 1e6:11.0f} {max(cost.memory_mib for cost in some):5.0f}",
                  flush=True)

    # --- many names

    def names(self):
        """On servers that take no time: what they themselves can do."""
        reaper = self.names_by("reaper", self.options.reaper_names, lambda swift: reaper_words(swift.etc, swift.conf))
        ours = self.names_by("ours", self.options.names, lambda swift: ours_words(purgefleet.BINARY, swift.conf))
        self.judge("ours to the reaper, objects a second", reaper.wall_s / ours.wall_s, LEAST["reaper, fast servers"])
        self.judge("the reaper's CPU to ours", reaper.cpu_s / ours.cpu_s, LEAST["CPU, fast servers"])
        if ours.memory_mib > MEMORY_MOST_MIB:
            self.fail(f"more than {MEMORY_MOST_MIB} MiB")

    def names_by(self, name, count, words):
        """The cost of one object each, without the start."""
        costs = []
        for number in (0, count):
            with tempfile.TemporaryDirectory(prefix="purgefleet-bench-") as place:
                server = Answerer(number)
                alone = Alone(Path(place), server.port)
                costs.append(Costs([words(alone)], (), SwiftCluster.environment()))
            if server.deleted != number or server.containers != 1:
                self.fail(f"{name}: {server.deleted} objects and {server.containers} containers were deleted")
        start, cost = costs
        each = argparse.Namespace(wall_s=(cost.wall_s - start.wall_s) / count, cpu_s=(cost.cpu_s - start.cpu_s) / count,
                                  memory_mib=cost.memory_mib)
        print(f"{count} names in one container, on a server that only answers, {name}: {1 / each.wall_s:.0f} objects/s, "
              f"{each.cpu_s * 1e6:.0f} us of CPU each, {each.memory_mib:.0f} MiB at most", flush=True)
        return each


def swift_code(etc):
    """Swift's own code in this process knows one place for its files."""
    from swift.common import storage_policy, utils
    utils.SWIFT_CONF_FILE = str(etc / "swift.conf")
    utils.HASH_PATH_PREFIX = utils.HASH_PATH_SUFFIX = b""
    utils.validate_hash_conf()
    storage_policy.reload_storage_policies()


class Answerer:
    """Account, container and object server of one replica: everything is there, and every DELETE works."""

    def __init__(self, count):
        self.names = [f"an-object-with-a-name/{number:08d}" for number in range(count)]
        self.deleted = self.containers = 0
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(self.listen())
        self.port = server.sockets[0].getsockname()[1]
        threading.Thread(target=loop.run_forever, daemon=True).start()

    async def listen(self):
        return await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1000)

    def page(self, query):
        marker = urllib.parse.parse_qs(query).get("marker", [""])[0]
        first = bisect.bisect_right(self.names, marker) if marker else 0
        return json.dumps([
            {"bytes": 1, "hash": "9dd4e461268c8034f5c8564e155c67a6", "name": name, "content_type": "text/plain",
             "last_modified": "2026-12-01T00:00:00.000000"} for name in self.names[first:first + PAGE_NAMES]]).encode()

    def answer(self, method, target):
        path, _, query = target.partition("?")
        if method == "HEAD":  # of the account, or of an object
            return (b"200 O" if path.count("/") > 3 else b"404 N") + b"\r\nX-Account-Status: Deleted\r\nContent-Length: 0\r\n\r\n"
        if method == "GET":
            body = self.page(query)
            return (b"200 O\r\nX-Backend-Sharding-State: unsharded\r\nX-Backend-Storage-Policy-Index: 0\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(body)) + body
        if path.count("/") > 4:
            self.deleted += 1
        else:
            self.containers += 1
        return b"204 N\r\n\r\n"

    async def serve(self, reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
                writer.write(b"HTTP/1.1 " + self.answer(method, target))
                await writer.drain()
        writer.close()


class Alone:
    """Rings of one device, and a deleted account with one container on it."""

    def __init__(self, place, port):
        from swift.account.backend import AccountBroker
        from swift.common.ring import RingBuilder
        self.etc = place / "etc"
        self.etc.mkdir()
        (self.etc / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = s\n", encoding="ascii")
        swift_code(self.etc)
        for ring in ("account", "container", "object"):
            builder = RingBuilder(4, 1, 0)
            builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1,
                             "replication_ip": "127.0.0.1", "replication_port": port, "meta": ""})
            builder.rebalance(seed=1)
            builder.get_ring().save(str(self.etc / f"{ring}.ring.gz"))
        digest = hashlib.md5(b"/AUTH_as", usedforsecurity=False).hexdigest()
        directory = place / "srv/d1/accounts" / str(int(digest[:8], 16) >> 28) / digest[-3:] / digest
        directory.mkdir(parents=True)
        account = AccountBroker(str(directory / f"{digest}.db"), account="AUTH_a")
        account.initialize(now())
        account.put_container("c", now(), "0", 0, 0, 0)
        account._commit_puts()
        account.delete_db(now())
        self.conf = place / "account-server.conf"
        self.conf.write_text("\n".join([
            "[DEFAULT]", f"devices = {place / 'srv'}", "mount_check = false", f"bind_port = {port}", "bind_ip = 127.0.0.1",
            f"swift_dir = {self.etc}", "[account-reaper]", "concurrency = 25", ""]), encoding="ascii")


def reaper_words(etc, conf):
    return [sys.executable, SUPPORT / "swift_child.py", "once", etc, "account-reaper", conf]


def ours_words(binary, conf):
    return [binary, "run", "swift", "--oneshot", "--account-server-conf", conf]


def main():
    parser = argparse.ArgumentParser(prog="swift_accounts")
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--containers", type=int, default=30)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--reaper-names", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=25)
    parser.add_argument("--baseline", help="an older build of purgefleet")
    bench = Bench(parser.parse_args())
    if bench.options.objects > 0:
        bench.reap()
    if bench.options.names > 0:
        bench.names()
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
