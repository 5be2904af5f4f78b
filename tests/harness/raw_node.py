# SPDX-License-Identifier: MPL-2.0
"""raw_node: a node that answers each request with bytes of the test's choice, as slowly as it likes."""
import socketserver
import threading

from .tcp_server import TcpServer


class RawNode:
    """`answer(connection, ended)` is called once for each request; `ended` is set when the test is over."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = 0
        self.ended = threading.Event()
        self._server = TcpServer(self, _Connection)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def close(self):
        self.ended.set()
        self._server.close()


def send(data):
    """An answer that is just this."""
    return lambda connection, ended: connection.sendall(data)


def drip(data, every_s):
    """An answer that comes byte by byte."""
    def answer(connection, ended):
        for i in range(len(data)):
            if ended.wait(every_s):
                return
            connection.sendall(data[i:i + 1])
    return answer


def flood(head, piece):
    """An answer that never ends."""
    def answer(connection, ended):
        connection.sendall(head)
        while not ended.is_set():
            connection.sendall(piece)
    return answer


def silence(_, ended):
    ended.wait()


class _Connection(socketserver.BaseRequestHandler):
    def handle(self):
        node = self.server.node
        head = b""
        while True:
            while b"\r\n\r\n" not in head:
                more = self.request.recv(65536)
                if not more:
                    return
                head += more
            head = head.partition(b"\r\n\r\n")[2]
            node.requests += 1
            node.answer(self.request, node.ended)
