#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""fill_vectors.py [--check] FILE.json: what Python's libraries make of the inputs of each vector of a signed DELETE.

Inputs are `name`, `note`, `secret`, `row`, `override_node`, `now`, `salt_bytes_hex`, `nonce_bytes_hex`, and
`error.reason` where ours sends nothing. All else is made anew by tokenlib, hawkauthlib and requests and written
into the file; with --check nothing is written, and the status is 1 when the file differs by a single byte.
"""
import argparse
import base64
import binascii
import contextlib
import json
import sys
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
import harness  # noqa: E402, F401  first: it chooses the Python
import hawkauthlib  # noqa: E402
import requests  # noqa: E402
import tokenlib  # noqa: E402
import webob  # noqa: E402

# Where the script is at fault, and ours is not; the vector has the note.
LAST_COLON = "the script cuts the address at its last colon"
ESCAPED_DOTS = "escaped dots are resolved, too; the script sends them"
PORTS = {"http": 80, "https": 443}


@contextlib.contextmanager
def fixed(vector):
    """The time stands still, and random bytes are those of the vector."""
    octets = {len(data): data for data in (
        bytes.fromhex(vector["salt_bytes_hex"]), bytes.fromhex(vector["nonce_bytes_hex"]))}
    with mock.patch("time.time", lambda: vector["now"]), mock.patch("os.urandom", octets.__getitem__):
        yield


def fxa_kid(row):
    state = base64.urlsafe_b64encode(binascii.unhexlify(row["client_state"])).rstrip(b"=").decode()
    return f"{row['keys_changed_at'] or row['generation']:013d}-{state}"


def make_token(vector):
    """The results up to the URL, and the token."""
    row, node = vector["row"], vector["override_node"]
    manager = tokenlib.TokenManager(secret=vector["secret"], timeout=300)
    token = manager.make_token({
        "uid": row["uid"], "node": row["node"] if node is None else node,
        "fxa_uid": row["email"].split("@")[0], "fxa_kid": fxa_kid(row),
    })
    octets = base64.urlsafe_b64decode(token)
    return token, {
        "payload": octets[:-32].decode("ascii"),
        "fxa_kid": fxa_kid(row),
        "sig_secret_hex": manager._sig_secret.hex(),  # pylint: disable=protected-access
        "signature_hex": octets[-32:].hex(),
        "derived_secret": manager.get_derived_secret(token),
    }


def prepare(vector, token, key):
    """The request as the script makes it."""
    node = vector["row"]["node"] if vector["override_node"] is None else vector["override_node"]
    note = vector.get("note")
    if note == ESCAPED_DOTS:
        node = node.replace("%2e", ".").replace("%2E", ".")

    def sign(request):
        if note == LAST_COLON:
            url = urlsplit(request.url)
            request.headers["Host"] = f"{url.netloc}:{PORTS[url.scheme]}"
        hawkauthlib.sign_request(request, token, key)
        return request

    return requests.Request("DELETE", f"{node}/1.5/{vector['row']['uid']}", auth=sign).prepare()


def hawk(request):
    environ = webob.Request.blank(request.url, method="DELETE", headers={
        name: request.headers[name] for name in ("Host", "Authorization")})
    params = hawkauthlib.utils.parse_authz_header(environ)
    return {
        "url": request.url,
        "request_target": request.path_url,
        "normalized": hawkauthlib.utils.get_normalized_request_string(environ, params),
        "mac": params["mac"],
        "host_header": request.headers["Host"],
    }


def refusal(vector):
    """What the script does with what ours refuses."""
    try:
        token, results = make_token(vector)
        prepare(vector, token, results["derived_secret"])
    except Exception as error:  # pylint: disable=broad-except
        return type(error).__name__
    return "sends it"


def fill(vector):
    names = ("name", "note", "secret", "row", "override_node", "now", "salt_bytes_hex", "nonce_bytes_hex")
    filled = {name: vector[name] for name in names if name in vector}
    with fixed(vector):
        if "error" in vector:
            filled["error"] = {"reason": vector["error"]["reason"], "python": refusal(vector)}
        else:
            token, results = make_token(vector)
            filled.update(results)
            filled["hawk"] = hawk(prepare(vector, token, results["derived_secret"]))
    return filled


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("file", type=Path)
    args = parser.parse_args()
    text = args.file.read_text(encoding="utf-8")
    content = json.loads(text)
    old, new = content["vectors"], [fill(vector) for vector in content["vectors"]]
    made = json.dumps({**content, "vectors": new}, indent=1) + "\n"
    if not args.check:
        args.file.write_text(made, encoding="utf-8")
        return 0
    for given, found in zip(old, new):
        if given != found:
            print(given["name"], f"  in the file {json.dumps(given)}", f"  made        {json.dumps(found)}",
                  sep="\n", file=sys.stderr)
    if made != text:
        return 1
    print(f"{args.file}: {len(new)} vectors are as they are made")
    return 0


if __name__ == "__main__":
    sys.exit(main())
