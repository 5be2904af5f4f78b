# SPDX-License-Identifier: MPL-2.0
"""purgefleet: runs the program as an operator does."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("PURGEFLEET", str(ROOT / "build" / "dev" / "purgefleet"))
CLEAN = ("PATH", "HOME", "LANG", "TMPDIR", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")


class Result:
    def __init__(self, status, stdout, stderr):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.logs = []
        for line in stderr.splitlines():
            if line.startswith("{"):
                self.logs.append(json.loads(line))

    @property
    def summary(self):
        """The fields of the last "run ended" line."""
        ended = [line for line in self.logs if line["message"] == "run ended"]
        if not ended:
            raise AssertionError(f"no run ended; status {self.status}, stderr: {self.stderr}")
        return ended[-1]

    def messages(self):
        return [line["message"] for line in self.logs]


def environment(env=None):
    """Nothing of ours may come from the environment of the test itself."""
    clean = {name: os.environ[name] for name in CLEAN if name in os.environ}
    clean.update(env or {})
    return clean


def program(name="purgefleet"):
    return str(pathlib.Path(BINARY).with_name(name))


def start(*args, name="purgefleet", env=None, **options):
    """The running program; stdout and stderr are pipes."""
    return subprocess.Popen(
        [program(name), *args],
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def finish(process, timeout_s=90):
    try:
        stdout, stderr = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        _, stderr = process.communicate()
        raise AssertionError(f"still running after {timeout_s} s; stderr: {stderr[-3000:]}") from None
    return Result(process.returncode, stdout, stderr)


def run(*args, name="purgefleet", env=None, timeout_s=90):
    return finish(start(*args, name=name, env=env), timeout_s)
