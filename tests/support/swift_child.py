# SPDX-License-Identifier: MPL-2.0
"""swift_child: OpenStack Swift's own code as a process of its own.

    swift_child.py serve DIR NAME KIND=PORT=CONF …   servers, each on its port of 127.0.0.1; says "ready"
    swift_child.py once DIR DAEMON CONF              one pass of a daemon
    swift_child.py rings DIR                         writes rings as DIR/rings.json says
    swift_child.py shard DIR DATABASE ROWS           has a container be sharded into parts of so many objects

DIR is its /etc/swift. What servers are asked is written to DIR/requests.log, a line of JSON each."""
import json
import os
import socket
import sys

import eventlet

eventlet.monkey_patch()

from swift.common import storage_policy, utils  # noqa: E402  behind the patch


def use(directory):
    """Swift knows one place for its files."""
    utils.SWIFT_CONF_FILE = os.path.join(directory, "swift.conf")
    utils.HASH_PATH_PREFIX = utils.HASH_PATH_SUFFIX = b""
    utils.validate_hash_conf()
    storage_policy.reload_storage_policies()


class Book:
    """A WSGI filter that writes down what was asked and answered."""

    def __init__(self, app, kind, name, path):
        self.app, self.kind, self.name = app, kind, name
        self.file = open(path, "ab", buffering=0)

    def __call__(self, env, start_response):
        def note(status, headers, exc_info=None):
            line = {
                "node": self.name, "server": self.kind, "method": env["REQUEST_METHOD"],
                "path": env.get("RAW_PATH_INFO") or env["PATH_INFO"], "query": env.get("QUERY_STRING", ""),
                "status": int(status.split()[0]),
                "headers": {key[5:].replace("_", "-").lower(): value for key, value in env.items()
                            if key.startswith("HTTP_X_")},
            }
            self.file.write(json.dumps(line).encode() + b"\n")
            return start_response(status, headers, exc_info)

        return self.app(env, note)


def serve(directory, name, servers):
    from eventlet import wsgi as eventlet_wsgi
    from swift.common import http_protocol, wsgi
    from swift.common.utils import logs
    del logs
    for server in servers:
        kind, port, conf = server.split("=", 2)
        app = Book(wsgi.loadapp(conf), kind, name, os.path.join(directory, "requests.log"))
        listener = eventlet.listen(("127.0.0.1", int(port)), backlog=4096, reuse_port=False)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        eventlet.spawn(eventlet_wsgi.server, listener, app, open(os.devnull, "w", encoding="utf-8"),
                       protocol=http_protocol.SwiftHttpProtocol, log_output=False,
                       custom_pool=eventlet.GreenPool(size=1024))
    print("ready", flush=True)
    # Ends with whoever started it.
    eventlet.tpool.execute(sys.stdin.read)
    os._exit(0)


def daemon_class(name):
    if name == "account-reaper":
        from swift.account.reaper import AccountReaper as found
    elif name == "account-replicator":
        from swift.account.replicator import AccountReplicator as found
    elif name == "container-replicator":
        from swift.container.replicator import ContainerReplicator as found
    elif name == "container-updater":
        from swift.container.updater import ContainerUpdater as found
    elif name == "container-sharder":
        from swift.container.sharder import ContainerSharder as found
    else:
        from swift.obj.updater import ObjectUpdater as found
    return found


def once(directory, name, conf):
    import logging
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG, format="%(levelname)s %(message)s")
    values = utils.readconf(conf, name, log_name=name)
    values["swift_dir"] = directory
    daemon_class(name)(values).run_once()


def shard(database, rows):
    from swift.cli import manage_shard_ranges
    sys.exit(manage_shard_ranges.main([database, "find_and_replace", rows, "--force", "--enable"]))


def rings(directory):
    from swift.common.ring import RingBuilder
    with open(os.path.join(directory, "rings.json"), encoding="utf-8") as file:
        wanted = json.load(file)
    for name, ring in wanted.items():
        builder = RingBuilder(ring["part_power"], ring["replicas"], 0)
        for device in ring["devices"]:
            builder.add_dev(device)
        builder.rebalance(seed=1)
        builder.get_ring().save(os.path.join(directory, name + ".ring.gz"))


if __name__ == "__main__":
    COMMAND, DIRECTORY, REST = sys.argv[1], sys.argv[2], sys.argv[3:]
    use(DIRECTORY)
    if COMMAND == "serve":
        serve(DIRECTORY, REST[0], REST[1:])
    elif COMMAND == "once":
        once(DIRECTORY, *REST)
    elif COMMAND == "shard":
        shard(*REST)
    else:
        rings(DIRECTORY)
