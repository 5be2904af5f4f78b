# SPDX-License-Identifier: MPL-2.0
"""storage_node: a storage node that believes no request, remembers every one, and fails on demand."""
import multiprocessing
import signal
import socketserver
import threading
import time
from dataclasses import dataclass, field

from .storage_auth import Refused, StorageAuth
from .tcp_server import TcpServer

SECRET = "the secret of these tests"
MAX_LINE = 65536


@dataclass
class Request:
    """One request and what became of it."""
    connection: int
    method: str
    target: str
    headers: dict
    uid: int = None
    fxa_uid: str = None
    fxa_kid: str = None
    node: str = None
    refusal: str = None  # why it was not believed
    status: int = None   # of the answer; None: there was none
    is_waiting: bool = False  # for its answer
    at_s: float = field(default_factory=time.monotonic)

    @property
    def unmodified_since(self):
        return self.headers.get("x-if-unmodified-since")


@dataclass
class Fault:
    status: int = None
    uids: set = None   # None: everyone's
    times: int = None  # None: always
    delay_s: float = 0
    drop: bool = False  # no answer, the connection ends
    headers: dict = field(default_factory=dict)


class StorageNode:
    """Listens on `host`, also an IPv6 address; `tls`: an ssl.SSLContext, or None."""

    def __init__(self, secret=SECRET, host="127.0.0.1", tls=None):
        self._auth = StorageAuth(secret)
        self._host = host
        self._tls = tls
        self._lock = threading.Lock()
        self._may_answer = threading.Event()
        self._may_answer.set()
        self._closing = threading.Event()
        self._faults = []
        self._server = None
        self._connections = {}
        self._connection_count = 0
        self._at_once = 0
        self.requests = []
        self.most_at_once = 0
        self.modified = {}      # uid -> last write in seconds since 1970
        self.on_request = None  # called with each Request that is believed, before its answer
        self.port = 0
        self.up()

    @property
    def url(self):
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    @property
    def deletes(self):
        """The requests that were believed and answered with 2xx, in the order of their arrival."""
        return [r for r in self.requests if r.status is not None and 200 <= r.status <= 299]

    @property
    def deleted_uids(self):
        return [request.uid for request in self.deletes]

    @property
    def refused(self):
        return [r for r in self.requests if r.refusal is not None]

    @property
    def connection_count(self):
        return self._connection_count

    @property
    def waiting(self):
        """How many of `requests` wait for their answer."""
        return sum(request.is_waiting for request in self.requests)

    # --- faults

    def fail(self, status=None, **how):
        """How some requests are answered from now on, see Fault; an earlier call wins."""
        with self._lock:
            self._faults.append(Fault(status, **how))

    def heal(self):
        with self._lock:
            self._faults.clear()

    def hold(self):
        """Nobody gets an answer until `release`."""
        self._may_answer.clear()

    def release(self):
        self._may_answer.set()

    def down(self):
        """Connections are refused until `up`; open ones end."""
        server, self._server = self._server, None
        if server is None:
            return
        self._closing.set()
        server.close()
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            try:
                connection.shutdown(2)
            except OSError:
                pass  # its other end was quicker

    def up(self):
        self._closing.clear()
        self._server = TcpServer(self, _Connection, self.port, self._host, self._tls)
        self.port = self._server.port

    def close(self):
        self.release()
        self.down()

    # --- called by the connections' threads

    def enter(self, connection):
        with self._lock:
            self._connection_count += 1
            self._connections[self._connection_count] = connection
            return self._connection_count

    def leave(self, number):
        with self._lock:
            del self._connections[number]

    def answer(self, request):
        """Returns status and headers, or None to end the connection."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            answer = self._answer(request)
        finally:
            request.is_waiting = False
            with self._lock:
                self._at_once -= 1
        request.status = answer[0] if answer else None
        return answer

    def _answer(self, request):
        try:
            content = self._auth.check(
                request.method, request.target, request.headers.get("host", ""),
                request.headers.get("authorization"),
            )
        except Refused as refused:
            request.refusal = str(refused)
            self.requests.append(request)
            return refused.status, {}
        for name in ("uid", "fxa_uid", "fxa_kid", "node"):
            setattr(request, name, content[name])
        request.is_waiting = True
        self.requests.append(request)
        if self.on_request is not None:
            self.on_request(request)
        self._may_answer.wait()
        fault = self._take_fault(request.uid)
        if fault is not None:
            self._closing.wait(fault.delay_s)
            if fault.drop:
                return None
            if fault.status is not None:
                return fault.status, fault.headers
        return self._delete(request), {}

    def _delete(self, request):
        since = request.unmodified_since
        if since is not None and float(since) < self.modified.get(request.uid, 0):
            return 412
        return 200

    def _take_fault(self, uid):
        with self._lock:
            for fault in self._faults:
                if fault.times != 0 and (fault.uids is None or uid in fault.uids):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle(self):
        node = self.server.node
        number = node.enter(self.connection)
        try:
            while (request := self.read(number)) is not None:
                answer = node.answer(request)
                if answer is None:
                    return
                self.write(*answer)
        finally:
            node.leave(number)

    def read(self, number):
        line = self.rfile.readline(MAX_LINE)
        if not line:
            return None
        method, target, version = line.decode("latin-1").rstrip("\r\n").split(" ")
        if version != "HTTP/1.1":
            raise ValueError(version)
        headers = {}
        while (line := self.rfile.readline(MAX_LINE)) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        self.rfile.read(int(headers.get("content-length", "0")))
        return Request(number, method, target, headers)

    def write(self, status, headers):
        body = b"" if status == 204 else b"null"
        lines = [f"HTTP/1.1 {status} Status", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if status != 204:
            lines.append(f"Content-Length: {len(body)}")
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        self.wfile.flush()


class NodeProcess:
    """A storage node in a process of its own, so that several can check signatures at the same time."""

    def __init__(self, secret):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(secret, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.url = self._pipe.recv()

    def stop(self):
        """Returns the uids that it deleted, and why it refused what it refused."""
        self._pipe.send("stop")
        said = self._pipe.recv()
        self.close()
        return said

    def close(self):
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(secret, pipe):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when
    node = StorageNode(secret)
    pipe.send(node.url)
    try:
        pipe.recv()
        pipe.send((node.deleted_uids, [request.refusal for request in node.refused]))
        pipe.recv()
    except EOFError:
        pass  # the parent is gone
