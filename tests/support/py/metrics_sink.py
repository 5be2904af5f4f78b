# SPDX-License-Identifier: MPL-2.0
"""metrics_sink: takes DogStatsD datagrams and keeps their lines."""
import socket
import threading

from .wait import wait_until


class MetricsSink:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.lines = []
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            data = self.socket.recv(65536)
            if data == b"end":
                return
            self.lines += data.decode("utf-8").split("\n")

    def wait_for(self, line, timeout_s=10):
        return wait_until(lambda: line in self.lines, timeout_s, f"metric {line!r} among {self.lines}")

    def total(self, name):
        """Sum of a counter's values; `name` with its tags: `delete_user|#type:force` or `override`."""
        metric, _, tags = name.partition("|#")
        total = 0
        for line in list(self.lines):
            key, _, rest = line.partition(":")
            value, kind, *more = rest.split("|")
            line_tags = more[0][1:] if more else ""
            if key == f"tokenserver.{metric}" and kind == "c" and line_tags == tags:
                total += int(value)
        return total

    def named(self, metric):
        return [line for line in self.lines if line.startswith(f"tokenserver.{metric}:")]

    def close(self):
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"end", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()
