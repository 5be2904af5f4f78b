# SPDX-License-Identifier: MPL-2.0
"""storage_auth: who may do what on a storage node, judged by Mozilla's own libraries."""
import re
import threading
import time
from urllib.parse import quote, unquote, urlsplit

import hawkauthlib
import tokenlib
import webob
from hawkauthlib.noncecache import NonceCache

TARGET = re.compile(r"(?P<prefix>.*)/1\.5/(?P<uid>-?\d+)")
FIELDS = ["uid", "node", "fxa_uid", "fxa_kid", "salt", "expires"]


class Refused(Exception):
    """The words say why; the answer is `status`."""

    def __init__(self, why, status=401):
        super().__init__(why)
        self.status = status


class StorageAuth:
    def __init__(self, secret):
        self._tokens = tokenlib.TokenManager(secret=secret)
        self._nonces = NonceCache()
        self._lock = threading.Lock()

    def check(self, method, target, host, authorization):
        """Returns the token's content, or raises Refused."""
        match = TARGET.fullmatch(target)
        if method != "DELETE" or match is None:
            raise Refused(f"no such thing: {method} {target}", 404)
        request = make_request(method, target, host, authorization)
        token = hawkauthlib.get_id(request)
        if token is None:
            raise Refused("no Hawk header")
        try:
            content = self._tokens.parse_token(token)
            key = self._tokens.get_derived_secret(token)
        except ValueError as error:
            raise Refused(f"token: {type(error).__name__}") from error
        with self._lock:
            signed = hawkauthlib.check_signature(request, key, nonces=self._nonces)
        if not signed:
            raise Refused("signature or nonce")
        check_content(content, int(match["uid"]), target, host)
        return content


def make_request(method, target, host, authorization):
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "QUERY_STRING": query,
        "PATH_INFO": unquote(path, encoding="latin-1"), "HTTP_HOST": host,
        "SERVER_NAME": "node", "SERVER_PORT": "80", "wsgi.url_scheme": "http",
    }
    if authorization is not None:
        environ["HTTP_AUTHORIZATION"] = authorization
    return webob.Request(environ)


def check_content(content, uid, target, host):
    if list(content) != FIELDS:
        raise Refused(f"token: fields {list(content)}")
    if content["uid"] != uid:
        raise Refused("token: of another uid")
    if not 0 < content["expires"] - time.time() <= 300:
        raise Refused("token: expires at another time")
    node = urlsplit(content["node"])
    path = quote(node.path, safe="/%~") + f"/1.5/{uid}"
    if (node.netloc.lower(), path) != (host, target):
        raise Refused(f"token: of another node, {content['node']}")
