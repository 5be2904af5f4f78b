#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""options_test: what can be asked for, in every form, and what is said to a wrong word."""
import tempfile

from case import PurgeCase, main, purgefleet
from harness.storage_node import SECRET
from harness.users import HOUR, NO_NODE, SECOND


class Forms(PurgeCase):
    def test_of_one_option_are_all_the_same(self):
        forms = (["--grace-period", "60"], ["--grace-period=60"], ["--grace_period", "60"],
                 ["--grace_period=60"])
        for form in forms:
            with self.subTest(form):
                uid = self.tables.old(self.nodeid, age_ms=HOUR)
                before = self.tables.snapshot()
                self.purge(*form)
                self.assert_removed(before, [uid])

    def test_of_every_option_are_read_before_and_after_the_secret(self):
        """Each option with a value that means nothing here, in all four forms, on both sides of the last word."""
        uid = self.tables.old(self.nodeid)
        values = {"purge-interval": 60, "max-per-loop": 7, "max-records": 3, "request-timeout": 9, "max-offset": 0,
                  "range-start": uid - 1, "range-end": uid + 1, "metric-host": "127.0.0.1", "metric-port": 1,
                  "override-node": "http://x", "on-failure": "defer", "node-inflight": 2}
        for name, value in values.items():
            low = name.replace("-", "_")
            for form in ([f"--{name}", value], [f"--{low}", value], [f"--{name}={value}"], [f"--{low}={value}"]):
                for words in ([*form, "secret"], ["secret", *form]):
                    with self.subTest(words):
                        self.script(*words, "--dryrun", "--force", env={"SYNC_MASTER_SECRET": None})

    def test_of_flags_need_no_value(self):
        uid = self.tables.old(self.add_node(downed=1)[1])
        self.purge("--force", "--human-logs")
        self.assert_deleted([uid])

    def test_take_the_last_of_two(self):
        uid = self.tables.old(self.nodeid, age_ms=HOUR)
        self.purge("--grace-period", 86400, "--grace-period", 60)
        self.assert_deleted([uid])


class Ranges(PurgeCase):
    def setUp(self):
        super().setUp()
        self.uids = self.tables.many_old(10, [self.nodeid])

    def assert_range(self, expected, *options):
        before = self.tables.snapshot()
        self.purge(*options)
        self.assert_removed(before, expected)
        self.assert_deleted(expected)

    def test_exclude_both_ends(self):
        self.assert_range(self.uids[3:6], "--range_start", self.uids[2], "--range_end", self.uids[6])

    def test_may_lack_their_start(self):
        self.assert_range(self.uids[:3], "--range-end", self.uids[3])

    def test_may_lack_their_end(self):
        self.assert_range(self.uids[8:], f"--range_start={self.uids[7]}")

    def test_may_be_empty(self):
        self.assert_range([], "--range_start", self.uids[3], "--range_end", self.uids[4])

    def test_may_begin_below_zero(self):
        self.assert_range(self.uids[:1], "--range_start=-1", "--range_end", self.uids[1])

    def test_of_zero_is_a_bound_as_well(self):
        self.assert_range([], "--range_end", 0)

    def test_of_few_uids_in_small_pages_miss_none(self):
        self.assert_range(self.uids[1:9], "--range_start", self.uids[0], "--range_end",
                          self.uids[9], "--max-per-loop", 3)


class Told(PurgeCase):
    """What a run says of itself when it starts."""

    def start_of(self, *options):
        lines = self.purge(*options).lines
        looking = [line["message"] for line in lines if line["message"].startswith("looking for")]
        self.assertEqual(1, len(looking), lines)
        return next(line for line in lines if line["message"] == "run started"), looking[0]

    def test_are_version_and_range(self):
        started, _ = self.start_of("--range_start=-3")
        self.assertRegex(started["version"], r"^\d+\.\d+\.\d+")
        self.assertEqual((-3, None), (started["range_start"], started["range_end"]))

    def test_is_what_a_negative_grace_period_means(self):
        _, looking = self.start_of("--grace-period=-1")
        self.assertRegex(looking, r"replaced before \d{4}-\d\d-\d\dT[\d:]{8}Z, by a grace period of 604800 s; "
                                  r"nodes keep data by fxa; records of nodes that are down stay$")

    def test_is_what_becomes_of_nodes_that_are_down(self):
        _, looking = self.start_of("--force", "--node-keys", "uid", "--override-node", "http://other")
        self.assertRegex(looking, r"keep data by uid; records of nodes that are down go too, their DELETEs to http://other$")


class EnvironmentFile(PurgeCase):
    def setUp(self):
        super().setUp()
        self.uid = self.tables.old(self.nodeid)

    def by_file(self, text, status, **env):
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            result = purgefleet.run(["run", "tokenserver", "--oneshot"],
                                    self.environment(**{"PURGEFLEET_ENV_FILE": file.name, "SYNC_MASTER_SECRET": None, **env}))
        self.assertEqual(status, result.status, result)
        return result.stderr

    def test_says_what_the_environment_does_not(self):
        self.by_file(f"# ours\nPATH=$PATH:/x\nexport SYNC_MASTER_SECRET='{SECRET}'\n", 0)
        self.assertEqual(set(), self.tables.uids())
        self.assertEqual(1, len(self.node.requests))

    def test_goes_behind_the_environment(self):
        self.by_file("SYNC_TOKENSERVER__DATABASE_URL=mysql://nobody@127.0.0.1:1/x\nSYNC_MASTER_SECRET=x\n", 0,
                     SYNC_MASTER_SECRET=SECRET)
        self.assertEqual(set(), self.tables.uids())

    def test_is_refused_with_what_nobody_understands(self):
        self.assertIn(" line 2: nothing is expanded here", self.by_file("\nSYNC_MASTER_SECRET=$secret\n", 2))
        self.assertIn(" line 1: neither NAME=VALUE nor a comment", self.by_file("what\n", 2))
        self.assertIn("cannot read environment file /nowhere:", self.by_file("", 2, PURGEFLEET_ENV_FILE="/nowhere"))
        self.assertIn("the secret shared with the nodes is missing", self.by_file("SYNC_MASTER_SECRET=x\n", 2, PURGEFLEET_ENV_FILE=""))
        self.assertEqual({self.uid}, self.tables.uids())
        self.assert_no_requests()


class Pages(PurgeCase):
    def test_of_rows_with_the_same_time_miss_none(self):
        for size in (1, 2, 7):
            with self.subTest(size):
                uids = self.tables.many_old(15, [self.nodeid, NO_NODE])
                self.tables.query("UPDATE users SET replaced_at = 1600000000000")
                before = self.tables.snapshot()
                result = self.purge("--max-per-loop", size)
                self.assert_summary(result, purged=15, rows=15, pages=-(-15 // size))
                self.assert_removed(before, uids)

    def test_of_exactly_the_rows_there_are_are_not_followed_by_an_empty_one(self):
        self.tables.many_old(6, [self.nodeid])
        self.assert_summary(self.purge("--max-per-loop", 3), purged=6, pages=2)

    def test_full_of_rows_that_stay_do_not_end_the_run(self):
        _, down = self.add_node(downed=1)
        for _ in range(10):
            self.tables.old(down, age_ms=100 * HOUR)
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.assert_summary(self.purge("--max-per-loop", 2), purged=1, left_node_down=10)
        self.assert_removed(before, [uid])


class MaxRecords(PurgeCase):
    def test_purges_exactly_so_many_rows_with_a_node(self):
        uids = self.tables.many_old(50, [self.nodeid])
        self.assert_summary(self.purge("--max-records", 7), state="complete", purged=7,
                            node_deletes=7)
        self.assertEqual(43, len(self.tables.uids()))
        self.assert_deleted(set(uids) - self.tables.uids())
        self.assertEqual(1, self.sink.totals()["tokenserver.max_records"])

    def test_does_not_count_nodeless_rows(self):
        nodeless = [self.tables.old(NO_NODE, age_ms=100 * HOUR) for _ in range(5)]
        self.tables.many_old(5, [self.nodeid])
        self.purge("--max-records", 2)
        self.assertEqual(3, len(self.tables.uids()))
        self.assertFalse(set(nodeless) & self.tables.uids())

    def test_does_not_count_rows_that_fail(self):
        uids = self.tables.many_old(40, [self.nodeid])
        self.node.fail(400, times=4)
        self.purge("--max-records", 10, "--attempts", 1, status=3)
        self.assertEqual(30, len(self.tables.uids()))
        self.assert_deleted(set(uids) - self.tables.uids())
        self.assertEqual(14, len(self.node.requests))

    def test_does_not_count_rows_that_are_left(self):
        self.tables.many_old(20, [self.nodeid])
        self.node.fail(412, times=3)
        self.purge("--max-records", 5)
        self.assertEqual(15, len(self.tables.uids()))

    def test_counts_rows_whose_data_is_live(self):
        for _ in range(4):
            self.tables.twin(self.tables.old(self.nodeid))
        self.assert_summary(self.purge("--max-records", 3), purged=3)

    def test_is_kept_while_rows_are_tried_again(self):
        self.tables.many_old(20, [self.nodeid])
        self.node.fail(503, times=2)
        self.assert_summary(self.purge("--max-records", 2), state="complete", purged=2)
        self.assertEqual(18, len(self.tables.uids()))

    def test_of_zero_is_no_limit(self):
        self.tables.many_old(20, [self.nodeid])
        self.assert_summary(self.purge("--max-records", 0), purged=20)

    def test_above_the_backlog_is_never_reached(self):
        self.tables.many_old(20, [self.nodeid])
        self.assert_summary(self.purge("--max-records", 21), purged=20)
        self.assertNotIn("tokenserver.max_records", self.sink.totals())

    def test_holds_over_several_nodes(self):
        nodeids = [self.nodeid, self.add_node()[1], self.add_node()[1]]
        self.tables.many_old(60, nodeids)
        self.assert_summary(self.purge("--max-records", 20, "--max-per-loop", 5), purged=20)
        self.assertEqual(40, len(self.tables.uids()))
        self.assertEqual(20, sum(len(node.deletes) for node in self.nodes))


class Ignored(PurgeCase):
    def test_max_offset_is_accepted_with_one_warning(self):
        uids = self.tables.many_old(5, [self.nodeid])
        result = self.purge("--max-offset", 1000)
        self.assert_deleted(uids)
        warnings = [line for line in result.lines if line["severity"].upper() == "WARNING"]
        self.assertEqual(1, len(warnings), result)
        self.assertIn("max-offset", str(warnings[0]).replace("_", "-"))

    def test_nothing_is_warned_of_without_it(self):
        self.tables.old(self.nodeid)
        result = self.purge()
        self.assertEqual({"INFO"}, {line["severity"].upper() for line in result.lines})


class Logs(PurgeCase):
    def test_are_json_lines_with_severity_message_and_timestamp(self):
        self.tables.old(self.nodeid)
        result = self.purge("-v")
        for text, line in zip(result.stderr.splitlines(), result.lines, strict=True):
            self.assertLessEqual({"severity", "message", "timestamp"}, set(line), text)

    def test_are_for_people_when_asked(self):
        self.tables.old(self.nodeid)
        result = self.purge("--human_logs")
        self.assertEqual([], result.lines)
        self.assertIn("run ended", result.stderr)

    def test_have_the_level_of_the_script(self):
        self.tables.old(self.nodeid)
        self.node.fail(412)
        self.assertEqual("", self.purge(env={"PYTHON_LOG": "ERROR"}).stderr)
        self.assertIn("DEBUG", self.purge(env={"PYTHON_LOG": "debug"}).stderr.upper())
        self.assertIn("DEBUG", self.purge("-v").stderr.upper())

    def test_hold_no_email_address_and_no_secret(self):
        uid = self.tables.old(self.nodeid, email="who.is.this@example.com")
        self.node.fail(400)
        text = str(self.purge("-v", status=1))
        self.assertIn(str(uid), text)
        for word in ("who.is.this", "the secret of", "test:test"):
            self.assertNotIn(word, text)


class File(PurgeCase):
    def test_holds_options_that_environment_and_command_line_beat(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
            file.write("grace-period = 60\nlog-level = error\nmax-records = 1\n")
            file.flush()
            self.tables.many_old(3, [self.nodeid], age_ms=HOUR)
            result = self.purge("--config", file.name, "--max-records", 2,
                                env={"PYTHON_LOG": "info"})
        self.assert_summary(result, purged=2)


class Wrong(PurgeCase):
    def test_values_of_the_environment_name_their_variable(self):
        result = self.purge(env={"PYTHON_LOG": "bogus"}, status=2)
        self.assertEqual("purgefleet: environment variable PYTHON_LOG: '--log-level' wants debug, info, warning or "
                         "error, not 'bogus'\n", result.stderr)

    def assert_usage(self, words, *said):
        result = purgefleet.run(list(words), self.environment())
        self.assertEqual(2, result.status, result)
        for word in said:
            self.assertIn(word, result.stderr)
        self.assertEqual("", result.stdout)
        self.assertLessEqual(len(result.stderr.splitlines()), 3)

    def test_words_are_named_and_the_nearest_is_suggested(self):
        run = ("run", "tokenserver")
        cases = (
            ((*run, "--grace-perod", "5"), "--grace-perod", "--grace-period"),
            ((*run, "--overide_node=x"), "override"),
            ((*run, "--xyzzy"), "--xyzzy"),
            ((*run, "--max-records", "many"), "max-records", "many"),
            ((*run, "--max-records=-1"), "max-records", "-1"),
            ((*run, "--max-per-loop", "0"), "max-per-loop", "0"),
            ((*run, "--request-timeout", "soon"), "request-timeout", "soon"),
            ((*run, "--grace-period"), "grace-period"),
            ((*run, "--grace-period="), "grace-period"),
            ((*run, "--node-keys", "email"), "node-keys", "email", "fxa", "uid"),
            ((*run, "--on-failure", "cry"), "on-failure", "leave", "defer"),
            ((*run, "--metric_port", "0"), "metric-port"),
            ((*run, "--range_start", "9999999999999999999"), "range-start"),
            ((*run, "--max-fraction", "2"), "max-fraction"),
            ((*run, "--log-level", "loud"), "loud"),
            ((*run, "help"), "unexpected word number 1", "--secret-file", "SYNC_MASTER_SECRET"),
            ((*run, "--oneshot", "--", "-x"), "unexpected word number 1"),
            (("work", "tokenserver", "help"), "unexpected word number 1"),
            (("produce", "tokenserver", "help"), "unexpected word number 1"),
            ((*run, "--f"), "'--f' is written in full", "--force"),
            ((*run, "--override", "http://x"), "written in full", "--override-node"),
            ((*run, "--max-f", "1"), "--max-fraction"),
            ((*run, "--grace=0"), "--grace-period"),
            ((*run, "--no-dry"), "written in full", "--no-dryrun"),
            (("work", "tokenserver", "--allow=http://x"), "--allow-node"),
            (("run", "tokenservr"), "tokenservr", "tokenserver"),
            (("run", "zzzzzzzzzzz"), "zzzzzzzzzzz", "--help"),
            (("run",), "target"),
            (("rum", "tokenserver"), "rum", "run"),
        )
        for words, *said in cases:
            with self.subTest(words):
                self.assert_usage(words, *said)

    def test_override_node_is_refused_at_once(self):
        for node in ("ftp://x", "nonsense", "http://u:p@x"):
            with self.subTest(node):
                self.assert_usage(("run", "tokenserver", "--oneshot", "--force",
                                   "--override_node", node), "override")

    def test_nothing_at_all_shows_the_usage(self):
        result = purgefleet.run([], self.environment())
        self.assertEqual(2, result.status)
        self.assertIn("Usage", result.stderr)


class Help(PurgeCase):
    def shown(self, *words):
        result = purgefleet.run(list(words), self.environment())
        self.assertEqual((0, ""), (result.status, result.stderr))
        return result.stdout

    def test_lists_commands_and_targets(self):
        for words in (["--help"], ["-h"], ["help"]):
            text = self.shown(*words)
            self.assertIn("run", text)
            self.assertIn("tokenserver", text)

    def test_of_a_target_lists_its_options_with_defaults(self):
        text = self.shown("run", "tokenserver", "--help")
        for word in ("--grace-period", "86400", "--override-node", "--range-start", "--node-keys",
                     "--max-per-loop", "1000", "SYNC_TOKENSERVER__DATABASE_URL"):
            self.assertIn(word, text)
        self.assertLessEqual(max(map(len, text.splitlines())), 120)

    def test_of_a_run_tells_units_exit_statuses_and_signals(self):
        text = self.shown("run", "tokenserver", "--help")
        for words in ("TIME is a number of seconds, or has a unit", "Exit status: 0 complete, or stopped", "USR1"):
            self.assertIn(words, text)

    def test_of_a_producer_does_without_the_secret(self):
        self.assertNotIn("--secret", self.shown("produce", "tokenserver", "--help"))
        self.assertIn("--secret-file", self.shown("work", "tokenserver", "--help"))

    def test_needs_nothing_else_to_be_right(self):
        self.assertIn("--grace-period", self.shown("run", "tokenserver", "--oneshot", "--help"))

    def test_version_is_one_line_wherever_help_is_understood(self):
        for words in (["--version"], ["run", "--version"], ["run", "tokenserver", "--version"],
                      ["work", "tokenserver", "--brokers", "x", "--version"], ["decode", "--version"]):
            with self.subTest(words):
                self.assertRegex(self.shown(*words), r"^purgefleet \d+\.\d+\.\d+\S*\n$")


class Timeouts(PurgeCase):
    def test_request_timeout_ends_a_request(self):
        self.tables.old(self.nodeid)
        self.tables.old(NO_NODE)
        self.node.hold()
        result = self.purge("--request-timeout", "0.2", "--attempts", 1, status=3)
        self.assert_summary(result, failed_timeout=1)
        self.assertLess(result.summary["duration_ms"], 20 * SECOND)


if __name__ == "__main__":
    main()
