# SPDX-License-Identifier: MPL-2.0
"""admin: asks the endpoint of --admin as a stranger would."""
import contextlib
import http.client
import json
import random
import re
import socket
from pathlib import Path

from .wait import wait_until

SAMPLE = re.compile(r'(?P<name>[a-z_]+)\{(?P<labels>[^}]*)\} (?P<value>[0-9.]+)')


def free_port():
    """One that nobody has now, and that no outgoing connection gets; tests/support/server.sh takes those below 30000."""
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split())
    ports = [port for port in range(30000, 65536) if not first <= port <= last]
    while True:
        port = random.choice(ports)
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            return port


class Admin:
    """The endpoint of one program; `words` are its options."""

    def __init__(self):
        self.host = "127.0.0.1"
        self.port = free_port()
        self.words = ("--admin", f":{self.port}")

    def ask(self, path, method="GET", body=None, timeout_s=10, headers=None):
        """(status, headers, text); status 0: nobody answered."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8")
        except (ConnectionError, http.client.HTTPException, socket.timeout):
            return 0, {}, ""
        finally:
            connection.close()

    def status(self, path):
        return self.ask(path)[0]

    def metrics(self):
        """"name" or "name{label="value",...}", without prefix and target, to the value; {}: nobody answered."""
        found = {}
        for line in self.ask("/metrics")[2].splitlines():
            if line.startswith("#"):
                continue
            match = SAMPLE.fullmatch(line)
            if match is None:
                raise AssertionError(f"no sample: {line!r}")
            labels = match["labels"].partition(",")[2]
            name = match["name"].removeprefix("purgefleet_") + (f"{{{labels}}}" if labels else "")
            if name in found:
                raise AssertionError(f"twice: {line!r}")
            found[name] = float(match["value"])
        return found

    def wait_metric(self, name, value):
        """Waits until it is this; returns all metrics."""
        wait_until(lambda: self.metrics().get(name) == value, f"{name} is {value}")
        return self.metrics()

    def numbers(self):
        """Of /status, with the names of `metrics`."""
        found = {}
        for name, value in json.loads(self.ask("/status")[2])["numbers"].items():
            for one in value if isinstance(value, list) else ():
                number = one.pop("value")
                found[name + "{" + ",".join(f'{key}="{text}"' for key, text in one.items()) + "}"] = number
            if not isinstance(value, list):
                found[name] = value
        return found
