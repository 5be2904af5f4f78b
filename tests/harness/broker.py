# SPDX-License-Identifier: MPL-2.0
"""broker: a private Kafka broker, or three of them, and what is in its topics by the eyes of kcat."""
import contextlib
import json
import os
import subprocess
import time
from pathlib import Path

from .kafka_rights import allow_transactions
from .private_server import SUPPORT, PrivateServer
from .purgefleet import BINARY
from .wait import wait_until

SCRIPT = os.environ.get("PURGEFLEET_BROKER") or str(SUPPORT / "broker.sh")


def helper(name, *words, data=b""):
    """Runs one of the programs that the tests have beside the one under test."""
    done = subprocess.run([str(Path(BINARY).parent / "tests" / name), *words],
                          capture_output=True, input=data, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="backslashreplace").strip())


class Kafka(PrivateServer):
    """`address` is what --brokers takes."""

    def kcat(self, *words, data=None):
        done = subprocess.run(
            ["kcat", "-b", self.address, "-X", "topic.metadata.refresh.sparse=false", *words],
            check=True, capture_output=True, input=data,
        )
        return done.stdout

    def make_topic(self, name, partitions, **properties):
        """As an operator makes one with Kafka's own tools; a _ in a property's name is a dot."""
        helper("topic", self.address, "make", name, str(partitions),
               *(f"{key.replace('_', '.')}={value}" for key, value in properties.items()))
        wait_until(lambda: self.topics().get(name) == partitions, "the brokers tell of the topic")

    def delete_topic(self, name):
        helper("topic", self.address, "delete", name)

    def put_old(self, topic, value, age_s, partition=0):
        """Writes a record as somebody did so long ago."""
        helper("put", self.address, topic, str(partition), str(int((time.time() - age_s) * 1000)), data=value)

    def trim(self, topic, offset, partition=0):
        """Deletes the records before it, as Kafka does when their time is over."""
        helper("topic", self.address, "trim", topic, str(partition), str(offset))

    def commit(self, group, topic, partition, offset):
        """Sets a group that nobody is in, as kafka-consumer-groups.sh --reset-offsets does."""
        helper("commit", self.address, group, topic, str(partition), str(offset))

    @contextlib.contextmanager
    def transaction(self, topic, partition):
        """One is open there, with a record that is taken back."""
        with subprocess.Popen([str(Path(BINARY).parent / "tests" / "transaction"), self.address, topic, str(partition)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            if program.stdout.readline() != b"open\n":
                raise RuntimeError("the transaction was not opened")
            yield
            program.stdin.close()
            if program.wait(60) != 0:
                raise RuntimeError("the transaction was not taken back")

    def topics(self):
        """Name to the number of its partitions."""
        found = json.loads(self.kcat("-L", "-J"))
        return {topic["topic"]: len(topic["partitions"]) for topic in found["topics"]}

    def records(self, topic):
        """All that can be read of a topic: dicts with partition, offset, stamp_ms, key, payload (bytes) and headers."""
        # The payload is written with its length before it, for it is not text.
        out = self.kcat("-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed",
                        "-X", "fetch.wait.max.ms=20",
                        "-f", "%p %o %T %K %S\n%k\n%h\n%s\n")
        records = []
        at = 0

        def take(end):
            nonlocal at
            part = out[at:end]
            at = end + 1
            return part

        while at < len(out):
            words = take(out.index(b"\n", at)).split()
            partition, offset, stamp_ms, key_bytes, value_bytes = (int(word) for word in words)
            key = take(at + max(key_bytes, 0)).decode()
            headers = take(out.index(b"\n", at)).decode()
            value = take(at + max(value_bytes, 0))
            records.append({
                "partition": partition, "offset": offset, "stamp_ms": stamp_ms, "key": None if key_bytes < 0 else key,
                "value": None if value_bytes < 0 else value,
                "headers": dict(pair.split("=", 1) for pair in headers.split(",") if "=" in pair),
            })
        return records


class Broker(Kafka):
    """With `secure` there is `secure_address` besides, for TLS and a password. `clock`: as in "-60", a minute behind."""

    def __init__(self, *properties, secure=False, clock=None):
        flags = [*(["--secure"] if secure else []), *(["--clock", clock] if clock else [])]
        super().__init__(SCRIPT, *properties, flags=flags)
        if secure:
            self.secure_address = self.control("address", "--secure")
            self.ca_file = str(Path(self.dir, "ca.pem"))
            self.user, self.password = (Path(self.dir, name).read_text(encoding="ascii").strip()
                                        for name in ("user", "password"))


class GuardedBroker(Broker):
    """One whose authorizer asks for a right for everything, of whoever comes to `secure_address`; nobody has any at first.

    A right is (type, name, operation), as ("topic", "purge.fruit", "Read"); to a "transactional-id" it can only be allowed.
    At `address` everything is allowed.
    """

    def __init__(self, *properties):
        super().__init__(
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users=User:ANONYMOUS", *properties, secure=True,
        )

    def allow(self, *rights):
        self.order("allow", [right for right in rights if right[0] != "transactional-id"])
        for kind, name, operation in rights:
            if kind == "transactional-id":
                allow_transactions(self.address, f"User:{self.user}", name, operation)

    def deny(self, *rights):
        """Wins over what is allowed, and so takes away what another right has with it: Read has Describe."""
        self.order("deny", rights)

    def forget(self, *rights):
        """Neither allowed nor denied any more."""
        self.order("forget", rights)

    def order(self, order, rights):
        helper("acl", self.address, order, f"User:{self.user}", *(word for right in rights for word in right))


class Cluster(Kafka):
    """Three brokers, numbered from 1; each part of the data is with all of them."""
    start_command = "cluster start"
    NODES = (1, 2, 3)

    def __init__(self, *properties):
        super().__init__(SCRIPT, *properties)

    def node(self, command, number):
        """Does it to one of the brokers: start, stop or kill."""
        done = subprocess.run(
            [self.script, command, str(Path(self.dir, str(number)))],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command} broker {number}: {done.stderr.strip()}")

    def leaders(self, topic):
        """The broker that leads each partition; -1: none."""
        found = json.loads(self.kcat("-L", "-J", "-t", topic))
        [parts] = [entry["partitions"] for entry in found["topics"] if entry["topic"] == topic]
        return {part["partition"]: part["leader"] for part in parts}

    def coordinator(self, group):
        """The broker that keeps the group's commits."""
        leaders = self.leaders("__consumer_offsets")
        return leaders[string_hash(group) % len(leaders)]


def string_hash(text):
    """As Kafka has it: Java's, without its sign."""
    value = 0
    for character in text:
        value = (value * 31 + ord(character)) & 0xffffffff
    return min(value, 2**32 - value)
