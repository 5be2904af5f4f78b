# SPDX-License-Identifier: MPL-2.0
"""prometheus: a private Prometheus that scrapes, and what it has got; what promtool says of a text."""
import json
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from .admin import free_port
from .private_server import SUPPORT
from .wait import wait_until


def program(name):
    """The path of prometheus or promtool."""
    return subprocess.run([SUPPORT / "prometheus.sh", "path", name], check=True, stdout=subprocess.PIPE,
                          text=True, timeout=300).stdout.strip()


def promtool(*words, text=""):
    """Its exit status, and what it said."""
    done = subprocess.run([program("promtool"), *words], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60, check=False)
    return done.returncode, done.stdout


class Prometheus:
    """Scrapes these ports of 127.0.0.1 each second. `close` ends it and removes its files."""

    def __init__(self, *ports):
        self.port = free_port()
        self._dir = tempfile.mkdtemp(prefix="purgefleet-prometheus-")
        config = Path(self._dir, "prometheus.yml")
        targets = [f"127.0.0.1:{port}" for port in ports]
        config.write_text(json.dumps({  # which is YAML as well
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "purgefleet", "static_configs": [{"targets": targets}]}],
        }), encoding="ascii")
        self._process = subprocess.Popen(
            [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={self._dir}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def values(self, query):
        """What the query gives now, as numbers; []: nothing, or it does not answer yet."""
        address = f"http://127.0.0.1:{self.port}/api/v1/query?query={urllib.parse.quote(query)}"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return [float(one["value"][1]) for one in json.load(answer)["data"]["result"]]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return []

    def wait(self, query, *values):
        wait_until(lambda: sorted(self.values(query)) == sorted(values), f"{query} is {values}")

    def close(self):
        self._process.kill()
        self._process.wait(30)
        shutil.rmtree(self._dir, ignore_errors=True)
