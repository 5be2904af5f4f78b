#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_command_test: the command purge_glance and its words, as `glance-manage db purge` has them."""
import os
import time

from glance_case import FAILURE, GlanceCase, main
from harness import purgefleet

MAX_AGE = "Maximal age is count of days since epoch."
MAX_ROWS = "'max_rows' value out of range, must not exceed 2147483647."


class Command(GlanceCase):
    def url(self):
        return "--database-url", self.glance.url()

    def refuse(self, *words, text, status=1):
        before = self.glance.all_ids()
        result = self.purge_glance(*self.url(), *words, status=status)
        self.assertEqual(text, result.stderr.splitlines()[-1])
        self.assertEqual(before, self.glance.all_ids())

    def test_purge_takes_options_in_both_forms_and_words(self):
        forms = (
            ("purge", "--age_in_days", 7, "--max_rows", 1),
            ("purge", "--age-in-days=7", "--max-rows=1"),
            ("purge", 7, 1),
            ("purge", "--", 7, 1),
            ("--age_in_days=7", "--max_rows=1", "purge"),
        )
        for words in forms:
            with self.subTest(words=words):
                self.glance.query("DELETE FROM image_tags")
                for days in (10, 10, 1):
                    self.glance.child("image_tags", days)
                self.purge_glance(*self.url(), *words)
                self.assertEqual(2, self.glance.count("image_tags"))

    def test_minus_one_as_a_word_means_no_limit(self):
        for words in (("purge", "--", 30, -1), ("purge", 30, -1)):
            for _ in range(150):
                self.glance.child("image_tags", 31)
            self.purge_glance(*self.url(), *words)
            self.assertEqual(0, self.glance.count("image_tags"))

    def test_purge_images_table_purges_images_and_nothing_else(self):
        image = self.glance.image(200)
        self.glance.child("image_tags", 200)
        before = self.glance.all_ids()
        self.purge_glance(*self.url(), "purge_images_table")
        self.assert_gone(before, images=[image])

    def test_finds_the_database_in_the_configuration_of_glance(self):
        path = self.file(
            "[DEFAULT]\nconnection = mysql://nowhere/x\nother = a\n\tb = c\n# [database]\n[database]\n"
            f"# connection = sqlite://\nconnection = {self.glance.url('+pymysql')}?charset=utf8\n"
            "[paste_deploy]\nflavor = keystone\n", "glance-api.conf")
        self.glance.child("image_tags", 31)
        self.purge_glance("--config-file", path, "purge")
        self.assertEqual(0, self.glance.count("image_tags"))

    def read_config(self, text, status=0, **env):
        """What a purge with this configuration file said; with status 0 it must have purged."""
        self.glance.child("image_tags", 31)
        path = self.file(text, "glance-api.conf")
        result = self.purge_glance("--config-file", path, "purge", status=status, env=env)
        self.assertEqual(status == 0, self.glance.count("image_tags") == 0)
        self.glance.query("DELETE FROM image_tags")
        return result

    def test_reads_a_connection_as_glance_does(self):
        url = self.glance.url("+pymysql")
        self.glance.query("DROP USER IF EXISTS 'odd'@'127.0.0.1'")
        self.glance.query("CREATE USER 'odd'@'127.0.0.1' IDENTIFIED BY 'p@s/s:w%%rd#$1'")
        self.glance.query("GRANT SELECT, DELETE ON glance.* TO 'odd'@'127.0.0.1'")
        odd = url.replace("test:test@", "odd:p%40s%2Fs%3Aw%25%25rd%23$$1@")
        for text in (
                f"[database]\nconnection = {url}\n", f"[database]\nconnection={self.glance.url()}\n",
                f'[database]\nconnection : "{url}"\n', f"[database]\nconnection = '{url}'\r\n",
                f"\ufeff[database]\nconnection = {url}\n",
                f"[database]\nconnection = nothing\n[DATABASE]\nconnection = {url}\n",
                f"[database]\nconnection = {odd}\n", f"[database]\nconnection = {odd.replace('$$', chr(92) + '$')}\n"):
            with self.subTest(text=text):
                self.read_config(text)

    def test_refuses_parameters_that_it_does_not_understand_unless_they_are_named(self):
        self.read_config(f"[database]\nconnection = {self.glance.url()}?charset=utf8&plugin=dbcounter&autocommit=true\n")
        url = f"{self.glance.url()}?charset=utf8&init_command=x&conv=y"
        path = self.file(f"[database]\nconnection = {url}\n", "glance-api.conf")
        for words in (("--config-file", path), ("--database-url", url)):
            with self.subTest(words=words):
                self.glance.child("image_tags", 31)
                result = self.purge_glance(*words, "--ignore-url-parameters", "conv", "purge", status=2)
                self.assertIn("unknown query parameter 'init_command'", result.stderr)
                self.assertEqual(1, self.glance.count("image_tags"))
                self.purge_glance(*words, "--ignore-url-parameters=conv,init_command", "purge")
                self.assertEqual(0, self.glance.count("image_tags"))

    def test_environment_goes_before_the_configuration_as_for_glance(self):
        away = "[database]\nconnection = mysql://a:b@127.0.0.1:1/away\n"
        self.read_config(away, OS_DATABASE__CONNECTION=self.glance.url("+pymysql"))
        self.glance.child("image_tags", 31)
        self.purge_glance("purge", env={"OS_DATABASE__CONNECTION": self.glance.url()})
        self.assertEqual(0, self.glance.count("image_tags"))
        result = self.read_config(away, status=2, OS_DATABASE__CONNECTION="")
        self.assertIn("OS_DATABASE__CONNECTION: is empty", result.stderr)
        both = {"OS_DATABASE__CONNECTION": self.glance.url(), "PURGEFLEET_DATABASE_URL": "mysql://a:b@127.0.0.1:1/away"}
        self.assertIn("name different databases", self.purge_glance("purge", env=both, status=2).stderr)

    def test_parameters_of_the_connection_are_taken_as_oslo_db_takes_them(self):
        text = f"[database]\nconnection = {self.glance.url()}?charset=utf8\n"
        for more in ("ssl_ca=/nowhere&ssl_verify_cert=true", "ssl=true"):
            for result in (
                    self.read_config(f"{text}connection_parameters = {more}\n", status=1),
                    self.read_config(text, status=1, OS_DATABASE__CONNECTION_PARAMETERS=more)):
                self.assertRegex(result.stderr, "2026: .*(TLS|SSL)")
        result = self.read_config(f"{text}connection_parameters = init_command=1\n", status=2)
        self.assertRegex(result.stderr, "'connection' in .* with 'connection_parameters' in .*'init_command'")
        result = self.read_config(text, status=2, OS_DATABASE__CONNECTION_PARAMETERS="init_command=1")
        self.assertIn("with the variable OS_DATABASE__CONNECTION_PARAMETERS: ", result.stderr)
        self.assertIn("charset is there twice", self.read_config(f"{text}connection_parameters = charset=a\n", status=2).stderr)

    def test_takes_no_parameter_out_of_a_password(self):
        """What is left would be a connection to a host that nobody named."""
        url = f"mysql+pymysql://glance:1/x?Tail@127.0.0.1:{self.mariadb.port}/glance"
        text = f"[database]\nconnection = {url}\n"
        for result in (
                self.read_config(text, status=2),
                self.purge_glance("--database-url", url, "--ignore-url-parameters=Tail", "purge", status=2)):
            self.assertRegex(result.stderr, "('connection' in /.*glance-api.conf|--database-url .*): .*percent-encode")
            self.assertNotIn("Tail", result.stderr)

    def test_names_what_it_cannot_read_in_a_configuration(self):
        url = self.glance.url()
        for text, words in (
                (f"[database] # ours\nconnection = {url}\n", "line 1: a section must end with ']', and nothing behind it"),
                (f"[database]\nconnection = {url}\n ?charset=utf8\n", "line 2: 'connection' goes on over several lines"),
                ("[database]\nconnection = mysql://a:b@$my_ip/glance\n", "line 2: 'connection' refers to another option"),
                ("[database]\nconnection = mysql://a:b@${my_ip}/glance\n", "refers to another option"),
                ("[database]\nconnection =\n", "no 'connection'")):
            with self.subTest(text=text):
                self.assertIn(words, self.read_config(text, status=2).stderr)

    def test_a_connection_that_does_not_work_is_told_to_be_of_the_configuration(self):
        url = self.glance.url().replace("test:test@", "test:hunter2@")
        result = self.read_config(f"[database]\nconnection = {url}\n", status=1)
        self.assertIn("glance-api.conf, its user, password and TLS parameters", result.stderr)

    def test_a_value_that_is_given_twice_fails_as_with_glance(self):
        tag = self.glance.child("image_tags", 31)
        for words, told in (
                (("purge", 30, "--age_in_days", 30), "age_in_days is given twice, as a word (30) and as an option (30)"),
                (("purge", "3x", "--age_in_days", 30), "age_in_days is given twice"),
                (("purge", 30, 100, "--max_rows", 100), "max_rows is given twice"),
                (("purge", 30, 100, 5), "one word too many: '5'")):
            with self.subTest(words=words):
                result = self.purge_glance("--database-url", self.glance.url(), *words, status=1)
                self.assertIn(told, result.stderr)
        self.assertEqual({tag}, self.glance.ids("image_tags"))
        self.purge_glance("--database-url", self.glance.url(), "purge", 30, "--max_rows", 1)
        self.assertEqual(set(), self.glance.ids("image_tags"))

    def test_the_words_of_glance_manage_are_answered_with_ours(self):
        for words, right in ((("db", "purge", 30, 100), "purge 30 100"), (("db", "purge", 30, -1), "purge 30 -1"),
                             (("db", "purge_images_table"), "purge_images_table"), (("db",), "purge")):
            result = self.purge_glance("--database-url", self.glance.url(), *words, status=2)
            self.assertEqual(f"purge_glance: leave out the word db: purge_glance {right}\n", result.stderr)

    def test_errors_are_told_under_its_own_name(self):
        self.assertRegex(self.purge_glance("--bogus", "purge", status=2).stderr, r"^purge_glance: unknown option")

    def test_a_configuration_that_is_named_goes_before_the_environment(self):
        away = "mysql://a:b@127.0.0.1:1/away"
        self.read_config(f"[database]\nconnection = {self.glance.url()}\n", PURGEFLEET_DATABASE_URL=away)
        self.glance.child("image_tags", 31)
        path = self.file(f"[database]\nconnection = {away}\n", "glance-api.conf")
        self.purge_glance("--config-file", path, *self.url(), "purge")
        self.assertEqual(0, self.glance.count("image_tags"))
        self.purge_glance("purge", env={"PURGEFLEET_DATABASE_URL": self.glance.url()})

    def test_a_configuration_without_a_database_is_wrong_usage(self):
        path = self.file("[database]\nbackend = x\n", "glance-api.conf")
        self.assertIn("[database]", self.purge_glance("--config-file", path, "purge", status=2).stderr)
        self.assertIn("/nowhere", self.purge_glance("--config-file", "/nowhere", "purge", status=2).stderr)

    def test_looks_where_glance_manage_looks(self):
        path = self.file(f"[database]\nconnection = {self.glance.url()}\n", "glance-api.conf")
        self.glance.child("image_tags", 31)
        self.purge_glance("purge", env={"HOME": os.path.dirname(path)})
        self.assertEqual(0, self.glance.count("image_tags"))
        self.glance.child("image_tags", 31)
        away = self.file("[database]\nconnection = mysql://a:b@127.0.0.1:1/away\n", "away.conf")
        self.purge_glance("--config-file", away, "--config-dir", os.path.dirname(path), "purge")
        self.assertEqual(0, self.glance.count("image_tags"))
        result = self.purge_glance("--config-dir", os.path.dirname(path), "--config-file", away, "purge", status=1)
        self.assertIn("away.conf", result.stderr)

    def test_says_what_is_wrong_with_a_value_in_the_old_words_and_order(self):
        today = int(time.time() / 86400)
        cases = (
            (("purge", "x", "y"), "Invalid int value for age_in_days: x"),
            (("purge", "-1", "y"), "Invalid int value for max_rows: y"),
            (("purge", "1.5"), "Invalid int value for age_in_days: 1.5"),
            (("purge", "--", "-1", "-2"), "Must supply a non-negative value for age."),
            (("purge", today + 1, "-2"), MAX_AGE),
            (("purge", "99999999999999999999999", "-2"), MAX_AGE),
            (("purge", "1", "-2"), "Minimal rows limit is -1."),
            (("purge", "1", "2147483648"), MAX_ROWS),
            (("purge", "1", "99999999999999999999"), MAX_ROWS),
            (("purge_images_table", "--age_in_days=-1"), "Must supply a non-negative value for age."),
            (("purge", "--max_rows", "-2"), "Minimal rows limit is -1."),
            (("purge", "--max_rows", "2147483648"), MAX_ROWS),
        )
        for words, text in cases:
            with self.subTest(words=words):
                self.refuse(*words, text=text)

    def test_help_shows_what_means_something_here(self):
        for text in (self.purge_glance("--help").stdout, self.purge("--help").stdout):
            for option in ("--max-rows", "--max-fraction", "--attempts"):
                self.assertIn(f"  {option} ", text)
            for option in ("--range-start", "--node-inflight", "--on-failure", "--batch-rows"):
                self.assertNotIn(option, text)
            self.assertRegex(text, r"--oneshot +one run, then exit \(default: true; off with\s+--no-oneshot\)")
            self.assertRegex(text, r"above\s+1,000 rows; 0: no limit \(from 0\s+to 1; default: 0\)")

    def test_the_long_commands_say_the_same(self):
        for command in ("run", "produce", "work"):
            with self.subTest(command):
                words = [command, *self.words("--age-in-days", "-1")[1:]]
                result = purgefleet.run(words, purgefleet.environment())
                self.assertEqual((1, "Must supply a non-negative value for age.\n"), (result.status, result.stderr))

    def test_the_greatest_values_are_allowed(self):
        self.purge_glance(*self.url(), "purge", int(time.time() / 86400), 2147483647)

    def test_a_bad_number_of_an_option_is_wrong_usage(self):
        for option in ("--age_in_days", "--max_rows"):
            result = self.purge_glance(*self.url(), "purge", option, "x", status=2)
            self.assertIn(option.replace("_", "-"), result.stderr)

    def test_an_unknown_or_missing_command_is_wrong_usage(self):
        for words in ((), ("purgee",), ("purge", 1, 2, 3, 4), ("sync",)):
            with self.subTest(words=words):
                self.purge_glance(*self.url(), *words, status=2)

    def test_help_tells_what_the_commands_do_and_their_defaults(self):
        text = self.purge_glance("--help").stdout
        self.assertIn("purge|purge_images_table", text)
        commands = text.split("\n  purge ")[1].split("\n\n")[0].split("\n  purge_images_table ")
        for command, preset in zip(commands, ("glance", "glance-images")):
            lines = (purgefleet.ROOT / f"deploy/presets/{preset}.conf").read_text(encoding="utf-8").splitlines()
            values = dict(line.split(" = ") for line in lines if " = " in line)
            words = " ".join(command.split())
            self.assertIn(f"(default: {values['age_in_days']} days, {values['max_rows']} rows", words)
            for table in (line[1:-1] for line in lines if line.startswith("[") and line != "[softdelete]"):
                self.assertIn(table, words)
        self.assertNotIn("purge_images_table", self.purge("--help").stdout)

    def test_a_run_that_fails_ends_with_the_old_line(self):
        self.glance.query("DROP TABLE image_tags")
        result = self.purge_glance(*self.url(), "purge", status=1)
        self.assertEqual(FAILURE, result.stderr.splitlines()[-1])
        self.assertIn("there is no table 'image_tags'", result.stderr)

    def test_never_shows_the_password(self):
        result = self.purge_glance(
            "--database-url", "mysql://user:hush-hush@127.0.0.1:1/glance", "purge", status=1)
        self.assertNotIn("hush-hush", result.stderr + result.stdout)

    def test_a_missing_database_or_preset_is_wrong_usage(self):
        self.assertIn("--database-url", self.purge_glance("purge", status=2).stderr)
        for words in ((), ("--preset", "nova"), ("--preset", "/nowhere.conf")):
            result = purgefleet.run(["run", "softdelete", *self.url(), *words], purgefleet.environment())
            self.assertEqual(2, result.status, result)


if __name__ == "__main__":
    main()
