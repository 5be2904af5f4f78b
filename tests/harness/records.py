# SPDX-License-Identifier: MPL-2.0
"""records: candidates as docs/protocol.md says, written by hand and not by the program."""
import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from .messagepack import pack

RANGE_WIDTH = 4096


def candidate(uid, at=1, target="tokenserver", **fields):
    """A record of a row; what the worker reads again in the database counts more."""
    now_ms = int(time.time() * 1000)
    record = {
        "v": 1, "t": target, "id": str(uid), "k": uid, "at": at, "cut": now_ms - 1000, "seen": now_ms, "run": "test",
        "d": {"act": "node_and_row", "held": False, "force": False, "nodeid": 1, "node": "http://127.0.0.1:1",
              "fxa_uid": "x", "fxa_kid": "0000000000001-AA"},
    }
    record.update(fields)
    return pack(record)


def publish(broker, topic, messages, headers=()):
    """Messages are (partition, key, value); all get the headers."""
    header_words = [word for name in headers for word in ("-H", f"{name}={headers[name]}")]
    partitions = {}
    for partition, key, value in messages:
        partitions.setdefault(partition, {}).setdefault(key, []).append(value)

    def fill(partition):
        for key, values in partitions[partition].items():
            with tempfile.TemporaryDirectory() as directory:
                names = [f"{i}" for i in range(len(values))]
                for name, value in zip(names, values):
                    with open(os.path.join(directory, name), "wb") as file:
                        file.write(value)
                subprocess.run(
                    ["kcat", "-b", broker.address, "-P", "-t", topic, "-p", str(partition), "-k", key, *header_words, *names],
                    check=True, cwd=directory, stdin=subprocess.DEVNULL,
                )

    # A kcat takes up to a third of a second, most of which it waits.
    with ThreadPoolExecutor() as pool:
        list(pool.map(fill, partitions))


def publish_uids(broker, topic, uids, partitions, width=RANGE_WIDTH):
    messages = []
    for uid in uids:
        number = uid // width
        messages.append((number % partitions, str(number), candidate(uid)))
    publish(broker, topic, messages)
