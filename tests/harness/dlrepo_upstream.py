# SPDX-License-Identifier: MPL-2.0
"""dlrepo_upstream: dlrepo itself as processes: its server, its clean-up, its linking of blobs."""
import http.client
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from . import purgefleet
from .admin import free_port
from .dlrepo import sha256
from .private_server import SUPPORT
from .wait import wait_until

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def environment(**variables):
    return purgefleet.environment(PYTHONPATH=str(SUPPORT / "stand_in"), **variables)


class Child:
    """dlrepo's own code, asked by lines of JSON."""

    def __init__(self, *words, env=None):
        self._process = subprocess.Popen(
            [sys.executable, SUPPORT / "dlrepo_child.py", *map(str, words)], text=True,
            env=environment(**(env or {})), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, question):
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self.answer()

    def answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"dlrepo's own code ended with {self._process.wait()}")
        return json.loads(line)

    def finish(self):
        """Ends its input; returns its last word."""
        self._process.stdin.close()
        return self.answer()

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


def clean_all(child, root, tags=True):
    """One whole clean-up; returns {"log": lines, "crash": what ended it, or None}."""
    return child.ask({"root": os.fspath(root), "tags": tags})


def upstream_clean(root, tags=True, env=None):
    """The same with the settings in `env`, which dlrepo reads once."""
    child = Child("clean", env=env)
    try:
        return clean_all(child, root, tags)
    finally:
        child.close()


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """dlrepo's server on a root, and its clients. `delay_ms`, `seed`: see dlrepo_child."""

    def __init__(self, root, delay_ms=0, seed=0, **env):
        self.root = os.fspath(root)
        self.port = free_port()
        self._env = env
        self._words = [sys.executable, SUPPORT / "dlrepo_child.py", "serve", str(delay_ms),
                       str(seed)]
        self._log = tempfile.TemporaryFile()
        self._process = None
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            self._words, cwd="/", stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log, env=environment(
                DLREPO_ROOT_DIR=self.root, DLREPO_LISTEN_ADDRESS="127.0.0.1",
                DLREPO_LISTEN_PORT=str(self.port), DLREPO_AUTH_DISABLED="1",
                DLREPO_LOG_OUTPUT="console", DLREPO_LOG_LEVEL="INFO", **self._env))
        wait_until(self._is_up, "dlrepo's server")

    def _is_up(self):
        if self._process.poll() is not None:
            raise AssertionError(f"dlrepo's server does not start: {self.said()}")
        try:
            return self.get("/v2/").status == 200
        except OSError:
            return False

    def said(self):
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def signal(self, number):
        self._process.send_signal(number)

    def stop(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def close(self):
        self.stop()
        self._log.close()

    # --- clients

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), dict(answer.getheaders()))
        finally:
            connection.close()

    def get(self, path):
        return self.ask("GET", path)

    def delete(self, path):
        return self.ask("DELETE", path)

    def put(self, path, content, digest=None):
        """Uploads a file below branches/; `path` is BRANCH/TAG/JOB/FORMAT/FILE."""
        digest = digest or f"sha256:{sha256(content)}"
        return self.ask("PUT", f"/branches/{path}", content, {"Digest": digest})

    def put_link(self, path, content):
        """The same of a content that the server has already."""
        digest = f"sha256:{sha256(content)}"
        headers = {"Digest": digest, "X-Dlrepo-Link": digest}
        return self.ask("PUT", f"/branches/{path}", None, headers)

    def file(self, path):
        return self.get(f"/branches/{path}")

    def tag_names(self, branch):
        answer = self.get(f"/branches/{branch}/")
        tags = answer.json["branch"]["tags"] if answer.status == 200 else []
        return {tag["name"] for tag in tags}

    def push_blob(self, branch, job, content):
        """A layer, or an image's configuration; no manifest names it yet."""
        place = self.ask("POST", f"/v2/{branch}/{job}/blobs/uploads/").headers["Location"]
        return self.ask("PUT", f"{place}?digest=sha256:{sha256(content)}", content)

    def push_manifest(self, branch, job, tag, config, *layers):
        described = [{"digest": f"sha256:{sha256(content)}", "size": len(content)}
                     for content in (config, *layers)]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": described[0],
                    "layers": described[1:]}
        return self.ask("PUT", f"/v2/{branch}/{job}/manifests/{tag}", json.dumps(manifest),
                        {"Content-Type": MANIFEST})

    def push(self, branch, job, tag, config, *layers):
        """A whole container image."""
        for content in (config, *layers):
            self.push_blob(branch, job, content)
        return self.push_manifest(branch, job, tag, config, *layers)
