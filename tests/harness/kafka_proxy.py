# SPDX-License-Identifier: MPL-2.0
"""kafka_proxy: stands between a program and a broker, and holds back a request of one kind or its answer.

Answers that give the broker's address give the proxy's instead, so that all connections come here.
"""
import socket
import socketserver
import struct
import threading

from .tcp_server import TcpServer

PRODUCE, JOIN_GROUP, INIT_PRODUCER_ID, END_TXN = 0, 11, 22, 26  # kinds of requests, by Kafka's protocol
HOST = b"127.0.0.1"


class KafkaProxy:
    """`address` is what --brokers takes. `held` is set while something is held back."""

    def __init__(self, broker):
        self._broker = int(broker.address.rpartition(":")[2])
        self._lock = threading.Lock()
        self._rule = None  # (kind, True: its answer)
        self._first = 0  # so many of them are passed on before
        self._go_on = threading.Event()
        self.held = threading.Event()
        self._server = TcpServer(self, _Connection)
        self.address = f"127.0.0.1:{self._server.port}"

    def hold(self, kind, answer=False, first=0):
        """The next request of this kind, after `first` others, is not passed on until `release`; `answer`: it is, its answer is not."""
        self.held.clear()
        self._go_on.clear()
        with self._lock:
            self._rule, self._first = (kind, answer), first

    def release(self):
        self._go_on.set()

    def close(self):
        self.release()
        self._server.close()

    # --- called by the connections' threads

    def connect(self):
        return socket.create_connection(("127.0.0.1", self._broker))

    def is_held(self, kind, answer):
        with self._lock:
            if self._rule != (kind, answer):
                return False
            self._first -= 1
            if self._first >= 0:
                return False
            self._rule = None
            return True

    def wait(self):
        self.held.set()
        self._go_on.wait(60)

    def hide_broker(self, frame):
        return frame.replace(HOST + struct.pack(">i", self._broker), HOST + struct.pack(">i", self._server.port))


class _Connection(socketserver.BaseRequestHandler):
    def handle(self):
        proxy = self.server.node
        kinds = {}  # of the requests that have no answer yet, by their number
        with proxy.connect() as broker:
            answers = threading.Thread(target=self.pass_answers, args=(proxy, broker, kinds), daemon=True)
            answers.start()
            while (frame := read_frame(self.request)) is not None:
                kind, _, number = struct.unpack(">hhi", frame[4:12])
                kinds[number] = kind
                if proxy.is_held(kind, answer=False):
                    proxy.wait()
                    if not is_open(self.request):
                        return
                broker.sendall(frame)

    def pass_answers(self, proxy, broker, kinds):
        while (frame := read_frame(broker)) is not None:
            kind = kinds.pop(struct.unpack(">i", frame[4:8])[0], None)
            if proxy.is_held(kind, answer=True):
                proxy.wait()
            try:
                self.request.sendall(proxy.hide_broker(frame))
            except OSError:
                return


def is_open(connection):
    """Is there still somebody at the other end? What it has begun goes no further then."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        connection.setblocking(True)


def read_frame(connection):
    """A message with its length before it; None at the end."""
    head = read_all(connection, 4)
    body = None if head is None else read_all(connection, struct.unpack(">i", head)[0])
    return None if body is None else head + body


def read_all(connection, count):
    data = b""
    while len(data) < count:
        try:
            part = connection.recv(count - len(data))
        except OSError:
            return None
        if not part:
            return None
        data += part
    return data
