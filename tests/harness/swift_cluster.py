# SPDX-License-Identifier: MPL-2.0
"""swift_cluster: a real OpenStack Swift on this machine: three nodes and a proxy, for tests."""
import contextlib
import hashlib
import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

from . import purgefleet
from .private_server import SUPPORT
from .swift_node import Node, free_ports
from .wait import wait_until

PREFIX, SUFFIX = "pre-fix", "suf%fix"
POLICIES = {"gold": 0, "silver": 1, "ec21": 2, "old": 3}
POLICY_TEXT = """
[storage-policy:0]
name = gold
default = yes

[storage-policy:1]
name = silver

[storage-policy:2]
name = ec21
policy_type = erasure_coding
ec_type = liberasurecode_rs_vand
ec_num_data_fragments = 2
ec_num_parity_fragments = 1

[storage-policy:3]
name = old
deprecated = yes
"""


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = dict(response.getheaders())
        self.body = response.read()


class SwiftCluster:
    """`etc` is its /etc/swift, `nodes` its nodes. Who asks the proxy needs no token. Rings have three replicas, that of
    silver two, but those that are named (`account=2`)."""

    def __init__(self, nodes=3, **replicas):
        self.dir = Path(tempfile.mkdtemp(prefix="purgefleet-swift-"))
        self.etc = self.dir / "etc"
        self.etc.mkdir()
        self.replicas = replicas
        self.proxy = None
        self.nodes = []
        try:
            self.nodes = [Node(self, number + 1) for number in range(nodes)]
            self._write()
            self._start()
        except BaseException:
            self.close()
            raise

    # --- how it is made

    @staticmethod
    def environment():
        path = f"{SUPPORT / 'stand_in' / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}"
        return purgefleet.environment(PYTHONWARNINGS="ignore", PATH=path)

    def words(self, command, *words):
        return [sys.executable, SUPPORT / "swift_child.py", command, self.etc, *map(str, words)]

    def spawn(self, *words):
        with open(self.dir / "errors.log", "ab") as errors:
            return subprocess.Popen(self.words(*words), env=self.environment(), text=True, stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=errors)

    def _device(self, node, kind):
        return {
            "id": node.number - 1, "region": 1, "zone": node.number, "ip": "127.0.0.1", "weight": 100,
            "port": node.ports[kind], "replication_ip": "127.0.0.1",
            "replication_port": node.replication[kind], "device": f"d{node.number}", "meta": ""}

    def _write_rings(self):
        replicas = self.replicas
        names = {"account": "account", "container": "container", "object": "object", "object_1": "object-1",
                 "object_2": "object-2", "object_3": "object-3"}
        rings = {name: {"part_power": 6, "replicas": replicas.get(key, 2 if key == "object_1" else 3),
                        "devices": [self._device(node, name.split("-")[0]) for node in self.nodes]}
                 for key, name in names.items()}
        (self.etc / "rings.json").write_text(json.dumps(rings))
        subprocess.run(self.words("rings"), env=self.environment(), check=True, stdin=subprocess.DEVNULL)

    def write_etc(self, more="", suffix=SUFFIX, policies=POLICY_TEXT):
        """swift.conf; servers have to be started anew."""
        suffix = suffix.replace("%", "%%")
        (self.etc / "swift.conf").write_text(
            f"[swift-hash]\nswift_hash_path_prefix = {PREFIX}\nswift_hash_path_suffix = {suffix}\n{policies}\n{more}")

    def _write(self):
        self.write_etc()
        [self.port] = free_ports(1)
        (self.etc / "proxy-server.conf").write_text("\n".join([
            "[DEFAULT]", f"swift_dir = {self.etc}", "log_level = ERROR", "[pipeline:main]",
            "pipeline = catch_errors gatekeeper listing_formats copy symlink versioned_writes proxy-server",
            "[app:proxy-server]", "use = egg:swift#proxy", "allow_account_management = true",
            "account_autocreate = true", "conn_timeout = 1", "node_timeout = 10",
            # A node that was away is asked again at once.
            "error_suppression_interval = 0",
            *[f"[filter:{name}]\nuse = egg:swift#{name}" for name in
              ("catch_errors", "gatekeeper", "listing_formats", "copy", "symlink")],
            "[filter:versioned_writes]", "use = egg:swift#versioned_writes", "allow_object_versioning = true", ""]))
        (self.etc / "internal-client.conf").write_text("\n".join([
            "[DEFAULT]", f"swift_dir = {self.etc}", "[pipeline:main]", "pipeline = catch_errors proxy-server",
            "[app:proxy-server]", "use = egg:swift#proxy", "account_autocreate = true",
            "[filter:catch_errors]", "use = egg:swift#catch_errors", ""]))
        for node in self.nodes:
            node.write_confs()
        self._write_rings()

    def _start(self):
        started = [node.start() for node in self.nodes]
        self._start_proxy()
        for node in started:
            node.wait()
        self._wait_for_proxy()

    def _start_proxy(self):
        self.proxy = self.spawn("serve", "proxy", f"proxy={self.port}={self.etc / 'proxy-server.conf'}")

    def _wait_for_proxy(self):
        if self.proxy.stdout.readline().strip() != "ready":
            raise AssertionError(f"the proxy of Swift did not start: {self.errors()}")

    def _stop_proxy(self):
        if self.proxy is not None:
            self.proxy.kill()
            self.proxy.wait()
            self.proxy.stdin.close()
            self.proxy.stdout.close()

    def restart_proxy(self):
        self._stop_proxy()
        self._start_proxy()
        self._wait_for_proxy()

    def errors(self):
        return (self.dir / "errors.log").read_text(errors="replace")

    def close(self):
        for node in self.nodes:
            node.stop()
        self._stop_proxy()
        shutil.rmtree(self.dir, ignore_errors=True)

    # --- as a client

    @staticmethod
    def _ask(port, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ask(self, method, *names, body=None, headers=None, query=""):
        """A request to the proxy; names are text or bytes. AssertionError unless it is 2xx."""
        answer = self.ask_any(method, *names, body=body, headers=headers, query=query)
        if answer.status // 100 != 2:
            raise AssertionError(f"{method} {names}: {answer.status} {answer.body[:200]}")
        return answer

    def ask_any(self, method, *names, body=None, headers=None, query=""):
        path = "/v1/" + "/".join(urllib.parse.quote(name) for name in names)
        return self._ask(self.port, method, path + query, body, headers)

    def make_account(self, account):
        self.ask("PUT", account)
        # The proxy does not wait for the last of its servers.
        wait_until(lambda: len(self.databases(account)) == self.replicas.get("account", len(self.nodes)),
                   "all of its servers have it")

    def make_container(self, account, container, policy="gold", **headers):
        self.ask("PUT", account, container, headers={"X-Storage-Policy": policy, **headers})

    def put(self, account, container, *objects, body=b"x"):
        for name in objects:
            self.ask("PUT", account, container, name, body=body)

    def delete_account(self, account):
        """From now on its data are to go."""
        self.ask("DELETE", account)
        # The proxy does not wait for the last of its servers.
        wait_until(lambda: all(self.look(path, "SELECT status FROM account_stat") == [("DELETED",)]
                               for path in self.databases(account)), "all of its databases say so")

    def listing(self, *names):
        """Names in an account or a container, as clients see them; None: there is no such thing."""
        answer = self.ask_any("GET", *names, query="?format=json")
        if answer.status in (404, 410):
            return None
        return [entry["name"] for entry in json.loads(answer.body)]

    # --- behind its back

    def direct(self, node, kind, method, path, headers=None, query=""):
        """A request to the server of a node; `path` is /DEVICE/PARTITION/…"""
        return self._ask(node.ports[kind], method, urllib.parse.quote(path) + query,
                         headers={"X-Timestamp": now(), "X-Backend-Allow-Reserved-Names": "true", **(headers or {})})

    def make_container_behind(self, account, container, policy="gold"):
        """A container of an account that is deleted: its row waits to be merged, as of a late update."""
        for node in self.nodes:
            place = f"/d{node.number}/{self.partition_of(account, container)}/{account}/{container}"
            self.direct(node, "container", "PUT", place,
                        {"X-Backend-Storage-Policy-Index": str(POLICIES[policy])})
            self.direct(node, "account", "PUT", f"/d{node.number}/{self.partition_of(account)}/{account}/{container}", {
                "X-Account-Override-Deleted": "yes", "X-Put-Timestamp": now(), "X-Delete-Timestamp": "0",
                "X-Object-Count": "0", "X-Bytes-Used": "0"})

    def put_behind(self, account, container, name, policy):
        """A row of an object in the container's databases, and the object, of another policy than the container's."""
        index = str(POLICIES[policy])
        headers = {"X-Backend-Storage-Policy-Index": index, "X-Timestamp": now(), "X-Size": "1", "X-Content-Type": "t",
                   "X-Etag": hashlib.md5(b"x", usedforsecurity=False).hexdigest()}
        primaries = self.primaries(account, container, name, ring=f"object-{index}")
        for node in self.nodes:
            place = f"/d{node.number}/{self.partition_of(account, container)}/{account}/{container}/{name}"
            self.direct(node, "container", "PUT", place, headers)
            place = f"/d{node.number}/{self.partition_of(account, container, name)}/{account}/{container}/{name}"
            if node.number - 1 in primaries:
                self._ask(node.ports["object"], "PUT", place, b"x", {**headers, "Content-Type": "t"})

    def primaries(self, *names, ring):
        """Numbers of the devices of a name, from 0, as the ring has them."""
        from swift.common.ring import RingData
        rows = RingData.load(str(self.etc / f"{ring}.ring.gz"))._replica2part2dev_id
        return [row[self.partition_of(*names)] for row in rows]

    def state(self, node, account, container):
        """How far it is with the shards of a container, on a node."""
        place = f"/d{node.number}/{self.partition_of(account, container)}/{account}/{container}"
        return self.direct(node, "container", "HEAD", place).headers["X-Backend-Sharding-State"]

    def hash_of(self, *names):
        path = "/" + "/".join(names)
        return hashlib.md5((PREFIX + path + SUFFIX).encode(), usedforsecurity=False).hexdigest()

    def partition_of(self, *names):
        return int(self.hash_of(*names)[:8], 16) >> 26

    def databases(self, *names):
        """The databases of an account or a container on all nodes."""
        kind = "accounts" if len(names) == 1 else "containers"
        digest = self.hash_of(*names)
        place = Path(kind) / str(self.partition_of(*names)) / digest[-3:] / digest
        return [path for node in self.nodes
                for path in sorted((node.devices / f"d{node.number}" / place).glob("*.db"))]

    def pending(self, *names):
        """The files beside them for what is not merged yet."""
        return [path.with_name(path.name + ".pending") for path in self.databases(*names)]

    @staticmethod
    def look(path, question):
        """Rows of a database, which is only read."""
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute(question).fetchall()

    @staticmethod
    def change(path, statement):
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute(statement)
            database.commit()

    @staticmethod
    def iso(timestamp):
        """A time of Swift's as its logs have it."""
        seconds, decimals = timestamp.split("_")[0].split(".")
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(int(seconds))) + f".{decimals}0"

    def tree(self):
        """All files of all devices, with size and time."""
        return {path: (path.stat().st_size, path.stat().st_mtime_ns) for node in self.nodes
                for path in sorted(node.devices.rglob("*"))}

    def object_places(self, account, container, name, policy="gold"):
        """The directories of an object's files, one a node."""
        index = POLICIES[policy]
        digest = self.hash_of(account, container, name)
        place = Path("objects" if index == 0 else f"objects-{index}")
        place = place / str(self.partition_of(account, container, name)) / digest[-3:] / digest
        return [node.devices / f"d{node.number}" / place for node in self.nodes]

    def object_files(self, account, container, name, policy="gold"):
        """{node: names of the files of an object}"""
        places = self.object_places(account, container, name, policy)
        return {node.name: sorted(os.listdir(place)) if place.is_dir() else []
                for node, place in zip(self.nodes, places)}

    def kept(self, account, container, names, policy="gold"):
        """Names of those objects that have their data somewhere."""
        return [name for name in names if any(
            file.endswith(".data") for files in self.object_files(account, container, name, policy).values() for file in files)]

    def requests(self, **wanted):
        """What its servers were asked since the last forget; `method="DELETE", server="object"`."""
        log = self.etc / "requests.log"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return [line for line in lines if all(line[key] == value for key, value in wanted.items())]

    def forget_requests(self):
        if (self.etc / "requests.log").exists():
            os.truncate(self.etc / "requests.log", 0)

    def shard(self, account, container, rows, passes=2):
        """Has a container be sharded; after one pass it is on its way, after some more it is through."""
        subprocess.run(self.words("shard", self.databases(account, container)[0], rows), env=self.environment(),
                       check=True, stdin=subprocess.DEVNULL, capture_output=True)
        self.run_everywhere("container-replicator")
        for _ in range(passes):
            self.run_everywhere("container-sharder")

    def run_everywhere(self, daemon):
        return "".join(node.run_once(daemon) for node in self.nodes if node.process is not None)


def now():
    return f"{time.time():016.5f}"
