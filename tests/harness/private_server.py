# SPDX-License-Identifier: MPL-2.0
"""private_server: a server that a script in tests/support starts in a directory of its own."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SUPPORT = Path(__file__).resolve().parents[1] / "support"


class PrivateServer:
    """A server that ends with this process at the latest. `close` ends it and removes its files."""

    start_command = "start"

    def __init__(self, script, *options, flags=()):
        self.script = script
        self.dir = tempfile.mkdtemp(prefix="purgefleet-server-")
        try:
            self.address = self.control(self.start_command, "--owner", str(os.getpid()), *flags, "--", *options)
        except BaseException:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise

    def control(self, command, *words):
        """Returns what the script says; RuntimeError when it fails."""
        done = subprocess.run(
            [self.script, *command.split(), self.dir, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, timeout=120, check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{Path(self.script).name} {command}: {done.stderr.strip()}")
        return done.stdout.strip()

    def stop(self):
        self.control("stop")

    def start(self):
        self.control("start")

    def kill(self):
        self.control("kill")

    def restart(self):
        self.control("restart")

    def close(self):
        self.control("remove")
