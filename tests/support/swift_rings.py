#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_rings.py DIRECTORY SEED...: random rings by swift-ring-builder, and what Swift itself reads in them.

For each seed SEED.ring.gz and SEED.json: `devices` (null where there is none), `nodes` of each partition, `places`: names
of an account, a container and an object in hexadecimal ("-": none), their partition, and the container's remainder for 1
to 5 nodes. The affixes of the hash are `pfx` and `sfx`.
"""
import contextlib
import io
import json
import random
import sys
from hashlib import md5
from math import ceil
from pathlib import Path

from swift.cli import ringbuilder
from swift.common import utils
from swift.common.ring.ring import Ring

AFFIXES = ("pfx", "sfx")
NODES = range(1, 6)
FIELDS = ("id", "ip", "port", "replication_ip", "replication_port", "device")


class Builder:
    """One ring, and what swift-ring-builder makes of it."""

    def __init__(self, directory, seed):
        self.chance = random.Random(seed)
        self.builder = directory / f"{seed}.builder"
        self.ring = directory / f"{seed}.ring.gz"
        self.devices = 0

    def command(self, *words):
        """Runs swift-ring-builder in this process, as a new one takes long to start; 1 is a warning."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                ringbuilder.main(["swift-ring-builder", str(self.builder), *map(str, words)])
                status = 0
            except SystemExit as ended:
                status = ended.code
        if status not in (0, 1, None):
            raise RuntimeError(f"swift-ring-builder {words}: {said.getvalue()}")

    def address(self):
        host = self.chance.randrange(1, 200)
        return self.chance.choice((f"10.0.0.{host}", f"fd00::{host:x}", f"node-{host}.example"))

    def port(self):
        return self.chance.randrange(1, 65536)

    def add_device(self):
        region, zone = self.chance.randrange(1, 4), self.chance.randrange(1, 5)
        words = ["--region", region, "--zone", zone, "--ip", self.address(), "--port", self.port(), "--meta", self.devices]
        if self.chance.random() < .5:
            words += ["--replication-ip", self.address(), "--replication-port", self.port()]
        self.command("add", *words, "--device", f"sd{self.devices}", "--weight", self.chance.choice((1, 1.5, 100, 100, 0.25, 3000)))
        self.devices += 1

    def write(self):
        words = ["--format-version", self.chance.choice("12")]
        if words[1] == "2" and self.chance.random() < .5:
            words += ["--dev-id-bytes", "4"]
        self.command("write_ring", *words)

    def rebalance(self):
        self.command("pretend_min_part_hours_passed")
        self.command("rebalance", "--force", "--seed", self.chance.randrange(1000), "--format-version=1")

    def make(self):
        replicas = self.replicas()
        self.command("create", self.chance.choice((0, 1, 2, 4, 6, 8, 10)), replicas, 1)
        for _ in range(ceil(replicas) + self.chance.randrange(12)):
            self.add_device()
        self.rebalance()
        for _ in range(self.chance.randrange(4)):
            self.change()
        self.write()

    def replicas(self):
        return self.chance.choice((1, 2, 3, 3, 3, 4, 1.5, 2.25, 2.5, 3.1, 6))

    def change(self):
        kind = self.chance.choice(("add", "remove", "remove", "replicas", "weight", "info", "power"))
        old = self.chance.randrange(self.devices)
        with contextlib.suppress(RuntimeError):  # the device is gone, or the last one
            if kind == "add":
                self.add_device()
            elif kind == "remove":
                self.command("remove", f"d{old}", "--yes")
            elif kind == "replicas":
                self.command("set_replicas", self.replicas())
            elif kind == "weight":
                self.command("set_weight", f"d{old}", self.chance.choice((0, 7, 500)), "--yes")
            elif kind == "info":
                self.command("set_info", "--id", old, "--change-ip", self.address(), "--change-port", self.port(),
                             "--change-device", f"new {old}", "--yes")
            else:
                self.command("prepare_increase_partition_power")
            if self.chance.random() < .8:
                self.rebalance()


def name(chance):
    letters = "ab/ \0é☃𝄞"
    return "".join(chance.choices(letters, k=chance.randrange(1, 20))).encode()


def place(ring, chance):
    names = [name(chance) for _ in range(chance.randrange(1, 4))]
    shards = [int(md5(names[1] if len(names) > 1 else b"").hexdigest(), 16) % nodes for nodes in NODES]
    words = [one.hex() for one in names] + ["-"] * (3 - len(names))
    return {"names": words, "partition": ring.get_part(*names), "shards": shards}


def expected(path, chance):
    ring = Ring(str(path))
    return {
        "devices": [device and [device[field] for field in FIELDS] for device in ring.devs],
        "nodes": [[node["id"] for node in ring.get_part_nodes(part)] for part in range(ring.partition_count)],
        "places": [place(ring, chance) for _ in range(20)],
    }


def main():
    utils.HASH_PATH_PREFIX, utils.HASH_PATH_SUFFIX = (affix.encode() for affix in AFFIXES)
    directory = Path(sys.argv[1])
    for seed in map(int, sys.argv[2:]):
        one = Builder(directory, seed)
        one.make()
        (directory / f"{seed}.json").write_text(json.dumps(expected(one.ring, one.chance)))


if __name__ == "__main__":
    main()
