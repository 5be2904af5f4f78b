#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""option_file_test: what PyMySQL takes for TLS from an option file, we take or refuse; we never pass it over."""
import configparser
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))
from harness import purgefleet, venv  # noqa: E402

venv.enter()
from pymysql import optionfile  # noqa: E402

READ = str(Path(purgefleet.BINARY).parent / "tests" / "read_url")
KEYS = ("ca", "capath", "cert", "key", "cipher")
SEED = 11
FILES = 250
LINES = ["[client]\n", "[tripleo]\n", "[mysqld]\n", "ssl-ca=/a\n", "ssl_ca = '/a'\n", "SSL-CA=/b\r\n", "ssl-ca: /a\n", "  ssl-ca=/a\n",
         "ssl-cert=/c\nssl-key=/k\n", "ssl-cipher=A:B\n", "ssl-capath=/p\n", "ssl\n", "user=x\n", "port=1\n", "\n", "# ssl-ca=/b\n"]
PIECES = ["#", ";", "=", ":", " ", "\t", "\n", "\r", "'", '"', "\\", "[", "]", "x", "-", "_"]


def any_file(chance):
    text = "[client]\n" * chance.randrange(2) + "".join(chance.choices(LINES, k=chance.randrange(1, 5)))
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(PIECES) * chance.randrange(2) + text[at:]


def pymysql(path, group):
    """The TLS that PyMySQL would use, as in its Connection.__init__; None: it does not connect."""
    parser = optionfile.Parser()
    found = {}
    try:
        parser.read(path)
        for key in KEYS:
            try:
                value = parser.get(group or "client", f"ssl-{key}")
            except Exception:  # as there
                value = None
            if value:
                found[key] = value
    except (configparser.Error, AttributeError):  # the second: of a value that goes on with nothing
        return None
    return None if "\n" in "".join(found.values()) else found


def ours(path, group):
    """The same of us, None: refused; and whether TLS is on."""
    url = f"mysql://u:p@h:1/d?read_default_file={path}" + (f"&read_default_group={group}" if group else "")
    result = subprocess.run([READ, url], capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result
    if result.returncode != 0:
        return None, False
    lines = result.stdout.split("\n")
    return {key: value for key, value in zip(KEYS, lines[1:]) if value}, lines[0] == "on"


class Reading(unittest.TestCase):
    def test_nothing_that_protects_is_passed_over(self):
        chance = random.Random(SEED)
        taken = refused = 0
        with tempfile.TemporaryDirectory(prefix="purgefleet-test-") as directory:
            path = Path(directory, "my.cnf")
            for number in range(FILES):
                text = any_file(chance)
                path.write_bytes(text.encode())
                group = chance.choice((None, "tripleo"))
                theirs = pymysql(path, group)
                found, is_on = ours(path, group)
                refused += found is None
                if not theirs or found is None:
                    continue
                with self.subTest(number=number, text=text, group=group):
                    self.assertTrue(is_on)
                    self.assertEqual(theirs, {key: found.get(key) for key in theirs})
                    taken += 1
        self.assertGreater(taken, FILES // 25)
        self.assertGreater(refused, 0)


if __name__ == "__main__":
    unittest.main()
