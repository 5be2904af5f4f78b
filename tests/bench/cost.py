# SPDX-License-Identifier: MPL-2.0
"""cost: what a program takes, for the benchmarks."""
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOOK_S = 0.02


class Cost:
    """Of one program: seconds, CPU seconds, MiB."""

    def __init__(self, words, env, stdin=b""):
        self.memory_mib = 0
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as asked:
            asked.write(stdin)
            asked.seek(0)
            began_s = time.monotonic()
            process = subprocess.Popen(words, stdin=asked, stdout=subprocess.DEVNULL, stderr=said, env=env)
            usage = self.follow(process)
            self.wall_s = time.monotonic() - began_s
            self.cpu_s = usage.ru_utime + usage.ru_stime
            said.seek(0)
            if process.returncode != 0:
                sys.exit(f"{words[0]} failed: {said.read()[-2000:].decode(errors='replace')}")

    def follow(self, process):
        """Looks at its peak of memory until it ends: what wait4 says has that of its parent in it."""
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid != 0:
                process.returncode = os.waitstatus_to_exitcode(status)
                return usage
            for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
                if line.startswith("VmHWM:"):
                    self.memory_mib = max(self.memory_mib, int(line.split()[1]) / 1024)
            time.sleep(LOOK_S)


def median(values):
    return sorted(values)[len(values) // 2]
