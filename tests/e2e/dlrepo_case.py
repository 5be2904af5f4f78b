# SPDX-License-Identifier: MPL-2.0
"""dlrepo_case: what every end-to-end test of a clean-up of a dlrepo repository starts with."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import case  # noqa: F401  makes `harness` known
from harness import purgefleet
from harness.dlrepo import Repository, snapshot, without
from harness.dlrepo_upstream import Server

OLD_S = 86400
PREFIX = "purgefleet-test-"
TOOLS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class DlrepoCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.programs = []
        self.root = self.directory() / "root"
        self.root.mkdir()
        self.repository = Repository(self.root).make()

    def doCleanups(self):
        """Ends all; a test that failed shows what its programs said."""
        failed = not self._outcome.success
        done = super().doCleanups()
        for program in self.programs if failed else []:
            print(f"--- {program} said\n{program.said}")
        return done

    def directory(self):
        """One that goes with the test."""
        directory = tempfile.TemporaryDirectory(prefix=PREFIX)
        self.addCleanup(directory.cleanup)
        os.chmod(directory.name, 0o755)
        return Path(directory.name)

    def words(self, *options, root=None):
        return ["run", "dlrepo", "--oneshot", "--root", str(root or self.root),
                "--max-fraction", "0", *map(str, options)]

    @staticmethod
    def run_words(*words, env=None):
        return purgefleet.run(words, purgefleet.environment(**(env or {})))

    def run_dlrepo(self, *options, status=0, env=None, root=None):
        """Runs one clean-up and returns what it left behind; `status` None: any."""
        result = self.run_words(*self.words(*options, root=root), env=env)
        if status is not None:
            self.assertEqual(status, result.status, result)
        return result

    def clean(self, *options, **how):
        """The same while no server runs, so that nothing is waited for."""
        return self.run_dlrepo("--no-server", *options, **how)

    def start(self, *options, env=None):
        program = purgefleet.Program(self.words(*options), purgefleet.environment(**(env or {})))
        self.addCleanup(program.close)
        self.programs.append(program)
        return program

    def server(self, *how):
        """The real one on this root."""
        server = Server(self.root, *how)
        self.addCleanup(server.close)
        return server

    def look(self):
        return snapshot(self.root, links=False)

    def assert_gone(self, before, *paths):
        """Exactly these, and what is below them."""
        names = [os.path.relpath(path, self.root) for path in paths]
        for name in names:
            self.assertIn(name, before)
        self.assertEqual(without(before, names), self.look())

    def assert_said(self, result, *messages):
        said = [line["message"] for line in result.lines]
        for message in messages:
            self.assertIn(message, said)

    def assert_named(self, result, *words):
        """Each of these is in a warning or an error."""
        text = "\n".join(str(line) for line in result.lines if line["severity"].upper() != "INFO")
        for word in words:
            self.assertIn(word, text, result)

    def mount(self, path, *options, kind="tmpfs", device="purgefleet-test"):
        """Mounts a small file system there, or skips the test where that is not permitted."""
        path.mkdir(parents=True, exist_ok=True)
        words = ["mount", "-t", kind, *options, str(device), str(path)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False,
                                  env={**os.environ, "PATH": TOOLS})
        except FileNotFoundError:
            self.skipTest("there is no mount")
        if done.returncode != 0:
            self.skipTest(f"mounting takes root and CAP_SYS_ADMIN: {done.stderr.strip()}")
        own = next(parent for parent in path.parents if parent.name.startswith(PREFIX))
        self.addCleanup(self.unmount, own)
        return path

    def unmount(self, directory):
        """All that is mounted below, also where it was moved."""
        for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
            point = line.split()[4]
            if point.startswith(f"{directory}/"):
                self.tool("umount", "-l", point)

    def tool(self, *words):
        subprocess.run(words, check=True, env={**os.environ, "PATH": TOOLS})


def main():
    unittest.main(module="__main__")
