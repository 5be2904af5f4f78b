# SPDX-License-Identifier: MPL-2.0
"""dlrepo_public: a public server, where released tags were published; it remembers each request."""
import http.server
from dataclasses import dataclass

from .tcp_server import TcpServer


@dataclass
class Request:
    method: str
    path: str
    authorization: str
    agent: str


class PublicServer:
    """Answers every request with `status`; `statuses` has others for single paths."""

    def __init__(self, status=200):
        self.status = status
        self.statuses = {}
        self.requests = []
        self.on_request = None  # called with each request before its answer
        self._server = TcpServer(self, _Handler)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def asked(self):
        return sorted((request.method, request.path) for request in self.requests)

    def close(self):
        self._server.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        node, headers = self.server.node, self.headers
        request = Request(self.command, self.path, headers.get("Authorization"),
                          headers.get("User-Agent", ""))
        node.requests.append(request)
        if node.on_request is not None:
            node.on_request(request)
        self.send_response(node.statuses.get(self.path, node.status))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = answer

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass
