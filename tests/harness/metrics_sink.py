# SPDX-License-Identifier: MPL-2.0
"""metrics_sink: collects the metrics that arrive over UDP."""
import re
import socket
import threading

from .wait import wait_until

LINE = re.compile(
    r"(?P<name>[a-z0-9_.-]+):(?P<value>-?\d+(?:\.\d+)?)\|(?P<type>c|g|ms)"
    r"(?:\|#(?P<tags>[a-z_]+:[a-z0-9_.]+(?:,[a-z_]+:[a-z0-9_.]+)*))?"
)


class MetricsSink:
    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._lines = []
        self._marks = 0
        self._marks_seen = 0
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self):
        while True:
            datagram = self._socket.recv(65536)
            if datagram == b"end":
                return
            if datagram == b"mark":
                self._marks_seen += 1
            else:
                self._lines += [line for line in datagram.decode("utf-8").split("\n") if line]

    def _send(self, datagram):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(datagram, ("127.0.0.1", self.port))

    def lines(self):
        """Everything that was sent before this call."""
        self._marks += 1
        self._send(b"mark")
        wait_until(lambda: self._marks_seen >= self._marks, "the metrics' arrival")
        return list(self._lines)

    def clear(self):
        self.lines()
        self._lines.clear()

    def wait_for(self, line, timeout_s=20.0):
        wait_until(lambda: line in self._lines, f"the metric {line}", timeout_s)

    def totals(self):
        """Counters added up and all else as the list of its values, by "name" or "name#tags"."""
        totals = {}
        for line in self.lines():
            match = LINE.fullmatch(line)
            if match is None:
                raise AssertionError(f"not a DogStatsD line: {line!r}")
            key = match["name"] + ("#" + match["tags"] if match["tags"] else "")
            if match["type"] == "c":
                totals[key] = totals.get(key, 0) + int(match["value"])
            else:
                totals.setdefault(key, []).append(float(match["value"]))
        return totals

    def close(self):
        self._send(b"end")
        self._thread.join(10)
        self._socket.close()
