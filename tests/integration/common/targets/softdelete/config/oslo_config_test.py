#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""oslo_config_test: configuration files mean to us what they mean to oslo.config itself."""
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[5]))
from harness import purgefleet, venv  # noqa: E402

venv.enter()
from oslo_config import cfg  # noqa: E402

READ = str(Path(purgefleet.BINARY).parent / "tests" / "read_connection")
URL = "mysql://u:p@h/d"
SEED = 7
FILES = 200


def has_shape(url):
    """Can it be cut without a doubt? See db_url_check_shape."""
    _, ends, rest = url.partition("://")
    return ends and not re.search(r"[\0-\x1f]", url) and "@" not in "".join(re.split("([/?])", rest)[1:])


def oslo(paths, variables, glance=False):
    """What glance-manage has with these options: the URL and its parameters, or None when it does not start."""
    words = [f"--config-{'dir' if os.path.isdir(path) else 'file'}={path}" for path in paths]
    conf = cfg.ConfigOpts()
    conf.register_opts([cfg.StrOpt("connection"), cfg.StrOpt("connection_parameters", default="")], "database")
    with mock.patch.dict(os.environ, variables):
        try:
            files, dirs = [], []
            for prog in ("glance-api", "glance-manage") if glance else ():
                files += cfg.find_config_files("glance", prog)
                dirs += cfg.find_config_dirs("glance", prog)
            conf(words, project="glance", default_config_files=files, default_config_dirs=dirs)
            url, parameters = conf.database.connection, conf.database.connection_parameters
        except (cfg.Error, RecursionError):  # the second: $connection in itself
            return None
    if not has_shape(url or "") or "\n" in parameters:
        return None
    return url + ("&" if "?" in url else "?") + parameters if parameters else url


def ours(paths, variables, glance=False):
    words = [READ, *(["--glance"] if glance else []), *paths]
    env = {"PATH": os.environ["PATH"], **variables}
    result = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result
    return result.stdout.split("\n")[0] if result.returncode == 0 else None, result


class Reading(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="purgefleet-test-")
        self.addCleanup(self.directory.cleanup)
        self.home = Path(self.directory.name)

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return str(path)

    def same(self, paths, variables=None, glance=False, refused=False):
        """Both read the same; with refused, we may read nothing."""
        variables = {"HOME": str(self.home), **(variables or {})}
        wanted = oslo(paths, variables, glance)
        found, result = ours(paths, variables, glance)
        if not (refused and found is None):
            self.assertEqual(wanted, found, result.stderr)
        return found

    def test_one_file(self):
        for text in (
                "", "connection = {}", "[database]\nconnection = {}", "[DATABASE]\nconnection = {}",
                "[Database]\nconnection={}\n[database]\nconnection : {}x", "[database]\nconnection={}x\n[DATABASE]\nconnection={}",
                "[ database ]\nconnection = {}", "[database] \nconnection = {}", "[database]x\nconnection = {}", "[]\n", "[database\n",
                " [database]\nconnection = {}", "[database]\n\tconnection = {}", "[database]\nconnection =\n  {}",
                "[database]\nconnection = {}\n  ?x=1", "[database]\nconnection = {}\n#c\n  x", "[database]\nconnection = {}\n\n  x",
                "[database]\nconnection = '{}'", "[database]\nconnection = \"{}'", "[database]\nconnection = \"", "[database]\nconnection = ''",
                "[database]\nCONNECTION = {}", "[database]\nsql_connection = {}", "[DEFAULT]\nsql_connection = {}", "[sql]\nconnection = {}",
                "[database]\nconnection = {}\nwords", "[database]\n= x\nconnection = {}", "[database]\nconnection = {}\r\n[x]\r\n",
                "[x]\ny = 1\r[database]\rconnection = {}", "[database]\nconnection = {}\n[database]\nconnection =\n",
                "[database]\nconnection = {} # x\n", "[database]\nconnection={}\nconnection_parameters = ssl_ca=/a&ssl_verify_cert=true",
                "[database]\nconnection={}?charset=utf8\nconnection_parameters = 'ssl_ca=/a'\nconnection_parameters : ssl_ca=/b",
                "[database]\nconnection={}\nconnection_parameters = a=1\n  &b=2", "[database]\nconnection={}\nconnection-parameters = a=1",
                "[database]\nconnection = {}$$1\\$2$3\n", "[database]\nconnection = $\n"):
            with self.subTest(text=text):
                self.same([self.write("a.conf", text.replace("{}", URL))])

    def test_a_reference_to_another_option_is_refused(self):
        for value in ("mysql://a:b@$my_ip/x", "mysql://a:b@${my_ip}/x", "mysql://a:b@$DATABASE.x/x"):
            path = self.write("a.conf", f"[database]\nconnection = {value}\n")
            found, result = ours([path], {})
            self.assertIsNone(found)
            self.assertIn("line 2: 'connection' refers to another option", result.stderr)
            self.assertEqual(URL, ours([path], {"OS_DATABASE__CONNECTION": URL})[0])

    def test_environment_goes_before_the_files(self):
        paths = [self.write("a.conf", f"[database]\nconnection = {URL}\nconnection_parameters = ssl_ca=/a\n")]
        for url in (None, "", "mysql://u@e/d", "'mysql://u@e/d'", "mysql://u:$$@e/d?x=1"):
            for parameters in (None, "", "ssl_ca=/e&x=$$"):
                for some in (paths, [self.write("empty.conf", "")]):
                    variables = {"OS_DATABASE__CONNECTION": url, "OS_DATABASE__CONNECTION_PARAMETERS": parameters,
                                 "OS_DATABASE__connection": "x"}
                    with self.subTest(variables=variables):
                        self.same(some, {name: value for name, value in variables.items() if value is not None})

    def test_the_last_of_files_and_directories_counts(self):
        section = "[database]\nconnection = mysql://u:p@{}/d\n"
        first = self.write("first.conf", section.replace("{}", "first"))
        second = self.write("second.conf", "[DATABASE]\nconnection_parameters = ssl_ca=/a\n")
        self.write("dir/b.conf", section.replace("{}", "b"))
        self.write("dir/a.conf", section.replace("{}", "a"))
        self.write("dir/c.txt", section.replace("{}", "c"))
        self.write("dir/.d.conf", section.replace("{}", "d"))
        directory = str(self.home / "dir")
        self.assertIn("@b/", self.same([first, directory]))
        self.assertIn("@first/", self.same([directory, first]))
        self.assertIn("@b/d?ssl_ca=/a", self.same([second, directory]))
        self.same([second])
        self.same([first, str(self.home / "nowhere.conf")])

    def test_places_of_glance(self):
        """Each goes before those that were there."""
        self.same([], glance=True)
        for name in ("glance.conf", ".glance/glance-api.conf", ".glance/glance.conf", ".glance/glance-manage.conf",
                     "glance-api.conf.d/a.conf", ".glance/glance.conf.d/b.conf", ".glance/glance-manage.conf.d/b.conf"):
            self.write(name, f"[database]\nconnection = mysql://u:p@{name.replace('/', '-')}/d\n")
            with self.subTest(name=name):
                self.assertIsNotNone(self.same([], glance=True))
                given = self.write("given/a.conf", "[database]\nconnection = mysql://u:p@given/d\n")
                self.same([given], glance=True)
                self.same([os.path.dirname(given)], glance=True)
                self.same([given, os.path.dirname(given)], glance=True)

    def test_any_file(self):
        chance = random.Random(SEED)
        pieces = ["[database]", "[DATABASE]", "[other]", "[", "]", "connection", "connection_parameters", "=", ":", " ", "\t", "\n", "\n",
                  "\n", "\r\n", "\r", "#", ";", "'", '"', "$", "\\", "x", URL, "connection = " + URL, "\n[database]\nconnection=" + URL,
                  "\nconnection_parameters=a=1", "\x0b", "\x0c", "?a=b"]
        read = 0
        for number in range(FILES):
            text = "[database]\n" * chance.randrange(2) + "".join(chance.choices(pieces, k=chance.randrange(1, 14)))
            with self.subTest(number=number, text=text):
                found = self.same([self.write("a.conf", text)], refused=any(c in text for c in "$\t\x0b\x0c"))
                read += found is not None
        self.assertGreater(read, FILES // 25)


if __name__ == "__main__":
    unittest.main()
