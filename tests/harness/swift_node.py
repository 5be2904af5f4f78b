# SPDX-License-Identifier: MPL-2.0
"""swift_node: one node of a real OpenStack Swift: its servers, and its daemons one pass at a time."""
import contextlib
import signal
import socket
import subprocess

GIVEN = set()  # ports
KINDS = ("account", "container", "object")


def free_ports(count):
    """Different ones, and none that this process was given before."""
    with contextlib.ExitStack() as sockets:
        found = []
        while len(found) < count:
            taken = sockets.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            if port not in GIVEN:
                GIVEN.add(port)
                found.append(port)
        return found


class Node:
    """The servers of one node, in one process; `ports` are those of clients, `replication` those of its own kind."""

    def __init__(self, cluster, number):
        self.cluster, self.number, self.name = cluster, number, f"node{number}"
        self.dir = cluster.dir / self.name
        self.devices = self.dir / "srv"
        (self.devices / f"d{number}").mkdir(parents=True)
        modules = cluster.dir / "modules"
        modules.mkdir(exist_ok=True)
        (modules / f"d{number}").symlink_to(self.devices)
        ports = free_ports(2 * len(KINDS))
        self.ports = dict(zip(KINDS, ports))
        self.replication = dict(zip(KINDS, ports[len(KINDS):]))
        self.process = None

    def conf(self, kind, network="server"):
        """What its servers read; those daemons that look for the ports of the other network: `replication`."""
        return self.dir / f"{kind}-{network}.conf"

    def write_confs(self, more="", cleave=10):
        for kind in KINDS:
            for network, ports in (("server", self.ports), ("replication", self.replication)):
                self.conf(kind, network).write_text(self._text(kind, ports[kind], more, cleave))

    def _text(self, kind, port, more, cleave):
        etc = self.cluster.etc
        daemons = [f"[{kind}-{daemon}]\n{text.format(etc=etc, cleave=cleave)}"
                   for daemon, text in DAEMONS[kind].items()]
        return "\n".join([
            "[DEFAULT]", f"devices = {self.devices}", "mount_check = false", "bind_ip = 127.0.0.1",
            f"bind_port = {port}", f"swift_dir = {etc}", "workers = 0", "log_level = ERROR", "conn_timeout = 1",
            "node_timeout = 10", f"recon_cache_path = {self.dir}",
            f"rsync_module = {self.cluster.dir}/modules/{{device}}", more, "[pipeline:main]",
            f"pipeline = {kind}-server", f"[app:{kind}-server]", f"use = egg:swift#{kind}", *daemons, ""])

    def start(self):
        servers = [f"{kind}={port}={self.conf(kind)}" for ports in (self.ports, self.replication)
                   for kind, port in ports.items()]
        self.process = self.cluster.spawn("serve", self.name, *servers)
        return self

    def restart(self):
        self.stop()
        self.start().wait()

    def wait(self):
        if self.process.stdout.readline().strip() != "ready":
            raise AssertionError(f"{self.name} of Swift did not start")

    def signal(self, number):
        self.process.send_signal(number)

    def hang(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
        self.process = None

    def run_once(self, daemon):
        """One pass of a daemon of this node; returns what it logged."""
        kind, what = daemon.split("-")
        network = "replication" if what in ("replicator", "sharder") else "server"
        done = subprocess.run(
            self.cluster.words("once", daemon, self.conf(kind, network)), env=self.cluster.environment(),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{daemon} of Swift failed: {done.stderr}")
        return done.stderr


DAEMONS = {
    "account": {"replicator": "per_diff = 1000", "reaper": "concurrency = 25"},
    "container": {"replicator": "per_diff = 1000", "updater": "concurrency = 1",
                  "sharder": "shard_container_threshold = 10\ncleave_batch_size = {cleave}\nauto_shard = false\n"
                             "internal_client_conf_path = {etc}/internal-client.conf"},
    "object": {"updater": "concurrency = 1"},
}
