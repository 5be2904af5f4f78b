# SPDX-License-Identifier: MPL-2.0
"""purgefleet: starts the program and reads what it says."""
import json
import os
import subprocess
import threading
from pathlib import Path

from .wait import wait_until

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("PURGEFLEET") or str(ROOT / "build/dev/purgefleet")
TIMEOUT_S = 60


class Result:
    """What a program that has ended left behind."""

    def __init__(self, status, stdout, stderr):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        if "Sanitizer" in stderr or "runtime error:" in stderr:
            raise AssertionError(stderr)

    @property
    def lines(self):
        """The log lines that are JSON, as dicts."""
        return [line for line in map(parse, self.stderr.splitlines()) if line is not None]

    @property
    def summary(self):
        last = self.lines[-1] if self.lines else {}
        if last.get("message") != "run ended":
            raise AssertionError(f"the last line is not the summary:\n{self}")
        return last

    @property
    def errors(self):
        """All that was said with the severity of an error."""
        return "\n".join(json.dumps(line) for line in self.lines
                         if line["severity"].upper() in ("ERROR", "CRITICAL"))

    def __str__(self):
        return f"status {self.status}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


def full_disk():
    """An open file that takes nothing."""
    return open("/dev/full", "wb")


def closed_pipe():
    """A pipe whose reader went away."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "wb")


def parse(line):
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "message" in value else None


def environment(**variables):
    """A small environment; nothing of the caller's that could be an option."""
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}
    env.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
    env.update({name: value for name, value in variables.items() if value is not None})
    return env


class Program:
    """A program that runs. `close` ends it, whatever it does."""

    def __init__(self, words, env, binary=BINARY):
        self._process = subprocess.Popen(
            [binary, *words], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="backslashreplace",
        )
        self.pid = self._process.pid
        self._words = words
        self._taken = 0  # lines that next_line has passed
        self._texts = {"stdout": [], "stderr": []}
        self._readers = [
            threading.Thread(target=self._read, args=(name,), daemon=True) for name in self._texts
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, name):
        with getattr(self._process, name) as stream:
            for line in stream:
                self._texts[name].append(line)

    def _text(self, name):
        return "".join(self._texts[name])

    def __str__(self):
        return f"{self._words[0]} ({self.pid})"

    @property
    def said(self):
        """All that it logged so far."""
        return self._text("stderr")

    def _join(self):
        for reader in self._readers:
            reader.join(10)

    def ended(self):
        return self._process.poll() is not None

    def cpu_s(self):
        """The processor's time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def threads(self):
        """How many it has."""
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def resident_bytes(self):
        """Of its memory; 0 when it has ended."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGESIZE")

    def signal(self, number):
        self._process.send_signal(number)

    def stdout_lines(self):
        """What it has shown so far."""
        return self._text("stdout").splitlines()

    def lines(self, message):
        """The log lines whose message begins like this, so far."""
        parsed = map(parse, list(self._texts["stderr"]))
        return [line for line in parsed if line and line["message"].startswith(message)]

    def wait_line(self, message, count=1):
        """Waits for the `count`th of the log lines whose message begins like this; returns it."""
        def found():
            lines = self.lines(message)
            return lines[count - 1] if len(lines) >= count else None
        return self._wait_said(found, message)

    def next_line(self, message, timeout_s=TIMEOUT_S, **fields):
        """Waits for such a log line behind the one that the last call returned; returns it."""
        def found():
            for text in self._texts["stderr"][self._taken:]:
                self._taken += 1
                line = parse(text)
                if line and line["message"].startswith(message) and fields.items() <= line.items():
                    return line
            return None
        return self._wait_said(found, message, timeout_s)

    def _wait_said(self, found, message, timeout_s=20.0):
        def said():
            ended = self.ended()
            if ended:
                self._join()  # what it said at last counts
            line = found()
            if line is None and ended:
                raise AssertionError(f"ended without {message!r}: {self._text('stderr')}")
            return line
        return wait_until(said, f"the log line {message!r}", timeout_s)

    def wait(self, timeout_s=TIMEOUT_S):
        try:
            status = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.close()
            text = self._text("stderr")
            raise AssertionError(f"does not end within {timeout_s} s; it said:\n{text}") from None
        self._join()
        return Result(status, self._text("stdout"), self._text("stderr"))

    def close(self):
        if not self.ended():
            self._process.kill()
        self._process.wait()
        self._join()


def run(words, env, binary=BINARY, timeout_s=TIMEOUT_S):
    program = Program(words, env, binary)
    try:
        return program.wait(timeout_s)
    finally:
        program.close()
