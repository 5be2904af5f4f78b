#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""vectors_to_c.py FILE.json...: prints the vectors of a signed DELETE as rows of `struct vector` (support/vectors.h)."""
import base64
import json
import sys

# Where the script that made the vectors is at fault, and ours is not.
IPV6_PORT = "IPv6 node, no port"
REFUSED = {"node with userinfo"}


def text(value):
    """A C literal, or NULL."""
    if value is None:
        return "NULL"
    data = value.encode() if isinstance(value, str) else value
    plain = b"".join(
        bytes([c]) if 0x20 <= c < 0x7F and c not in b'"\\?' else b"\\%03o" % c for c in data
    )
    return '"' + plain.decode() + '"'


def octets(hexadecimal):
    return "{" + ", ".join("0x%02x" % c for c in bytes.fromhex(hexadecimal)) + "}"


def inputs(vector):
    row = vector["row"]
    keys = row["keys_changed_at"]
    node = vector["override_node"]
    return {
        "name": text(vector["name"]),
        "secret": text(vector["secret"]),
        "secret_bytes": str(len(vector["secret"].encode())),
        "uid": number(row["uid"]),
        "email": text(row["email"]),
        "generation": number(row["generation"]),
        "keys_changed_at": number(0 if keys is None else keys),
        "client_state": text(row["client_state"]),
        "node": text(row["node"] if node is None else node),
        "now_s": repr(vector["now"]),
        "salt": octets(vector["salt_bytes_hex"]),
        "nonce": octets(vector["nonce_bytes_hex"]),
    }


def number(value):
    return "INT64_MIN" if value == -(2**63) else "INT64_C(%d)" % value


def results(vector):
    hawk = vector["hawk"]
    payload = vector["payload"]
    signature = bytes.fromhex(vector["signature_hex"])
    token = base64.urlsafe_b64encode(payload.encode() + signature).decode()
    assert vector.get("token", token) == token, vector["name"]
    lines = hawk["normalized"].split("\n")
    host_header = hawk.get("host_header") or vector["headers_sent"]["Host"]
    authorization = 'Hawk id="%s", ts="%s", nonce="%s", mac="%s"' % (token, lines[1], lines[2], hawk["mac"])
    assert hawk.get("authorization", authorization) == authorization, vector["name"]
    at_fault = vector["name"] == IPV6_PORT
    return {
        "payload": text(payload),
        "fxa_kid": text(vector["fxa_kid"]),
        "key": octets(vector["sig_secret_hex"]),
        "token": text(token),
        "derived": text(vector["derived_secret"]),
        "url": text(hawk["url"]),
        "target": text(hawk["request_target"]),
        "normalized": text(None if at_fault else hawk["normalized"]),
        "mac": text(None if at_fault else hawk["mac"]),
        "authorization": text(None if at_fault else authorization),
        "host_header": text(None if at_fault else host_header),
    }


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            vectors = json.load(file)["vectors"]
        for vector in vectors:
            fields = inputs(vector)
            if "error" in vector or vector["name"] in REFUSED:
                fields["is_refused"] = "true"
            else:
                fields.update(results(vector))
            print("{" + ", ".join(".%s = %s" % pair for pair in fields.items()) + "},")


main()
