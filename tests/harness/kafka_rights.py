# SPDX-License-Identifier: MPL-2.0
"""kafka_rights: what a principal may do with a transactional id. librdkafka 2.0 cannot give that, so it is done by Kafka's protocol."""
import socket
import struct

from .wait import wait_until

DESCRIBE_ACLS, CREATE_ACLS = 29, 30
TRANSACTIONAL_ID, LITERAL, ALLOW = 5, 3, 3
OPERATIONS = {"Write": 4, "Describe": 8}


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def ask(address, kind, body):
    """The answer to a request of version 1, without its number."""
    host, _, port = address.rpartition(":")
    request = struct.pack(">hhi", kind, 1, 7) + text("tests") + body
    with socket.create_connection((host, int(port)), timeout=20) as connection, connection.makefile("rb") as answers:
        connection.sendall(struct.pack(">i", len(request)) + request)
        [size] = struct.unpack(">i", answers.read(4))
        return answers.read(size)[4:]


def allow_transactions(address, principal, name, operation):
    """Returns when the broker has it."""
    right = (struct.pack(">b", TRANSACTIONAL_ID) + text(name) + struct.pack(">b", LITERAL) + text(principal) + text("*")
             + struct.pack(">bb", OPERATIONS[operation], ALLOW))
    _, count, error = struct.unpack(">iih", ask(address, CREATE_ACLS, struct.pack(">i", 1) + right)[:10])
    if (count, error) != (1, 0):
        raise RuntimeError(f"cannot give {operation} on transactional id {name}: error {error}")

    def is_there():
        answer = ask(address, DESCRIBE_ACLS, right)
        _, failed, words = struct.unpack(">ihh", answer[:8])
        return failed == 0 and struct.unpack(">i", answer[8 + max(words, 0):12 + max(words, 0)])[0] > 0

    wait_until(is_there, f"the broker knows who may {operation} transactional id {name}")
