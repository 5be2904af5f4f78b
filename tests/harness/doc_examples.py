# SPDX-License-Identifier: MPL-2.0
"""doc_examples: the examples of a page, to be run: blocks of `console`, in which `$ ` begins a command and the lines behind it are what it says.

`…` stands for anything within a line, and for any lines when it is alone. How many blanks there are does not matter.
"""
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .purgefleet import BINARY, ROOT

ANYTHING = "…"


@dataclass
class Example:
    line: int  # of the page
    command: str
    output: list = field(default_factory=list)

    def pattern(self):
        words = {ANYTHING: r"[^\n]*?", " ": " +"}
        lines = []
        for line in self.output:
            text = re.sub(" +", " ", line.rstrip())
            lines.append(r"(?:[^\n]*\n)*?" if text.strip() == ANYTHING else "".join(words.get(c, re.escape(c)) for c in text) + " *\n")
        return "".join(lines)

    def run(self, env):
        """What it says on standard output and standard error, and its exit status."""
        env = {**env, "PATH": f"{Path(BINARY).parent}:{env['PATH']}"}
        done = subprocess.run(["bash", "-c", self.command], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout, done.stderr, done.returncode


def read_page(name, replaced):
    """The examples of a page of docs/; `replaced`: words of the page, and what they are in the test."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    examples = []
    block = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            block = None if block is not None else line[3:]
            if block is not None and block != "console":
                raise AssertionError(f"{name}:{number}: a block that is no `console` is never tried")
        elif block == "console":
            for word, value in replaced.items():
                line = line.replace(word, value)
            if line.startswith("$ "):
                examples.append(Example(number, line[2:]))
            else:
                examples[-1].output.append(line)
    return examples


def check(case, example, env):
    """Runs one; `case` is a unittest.TestCase."""
    with case.subTest(line=example.line, command=example.command):
        stdout, stderr, status = example.run(env)
        case.assertEqual(0, status, stderr)
        case.assertRegex(stdout, rf"\A{example.pattern()}\Z")
