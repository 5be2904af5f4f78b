#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""metrics_test: what the agent gets, byte for byte."""
import re

from case import ONCE, PurgeCase, main, wait_until
from harness.users import NO_NODE

END = {"purge.run.success": 1}


class Lines(PurgeCase):
    def assert_lines(self, *expected):
        """All lines but the duration, which is one of its own, in any order."""
        lines = self.sink.lines()
        durations = [line for line in lines if line.startswith("tokenserver.purge.run.duration_ms")]
        self.assertEqual(1, len(durations), lines)
        self.assertRegex(durations[0], r"^tokenserver\.purge\.run\.duration_ms:\d+\|ms$")
        rest = [line for line in lines if line not in durations]
        self.assertEqual(sorted(f"tokenserver.{line}" for line in expected), sorted(rest))

    def test_of_an_empty_run(self):
        self.purge()
        self.assert_lines("purge.backlog.size:0|g", "purge.overdue.size:0|g", "purge.run.success:1|c")

    def test_of_a_row_with_a_node(self):
        self.tables.old(self.nodeid)
        self.purge()
        self.assert_lines(
            "purge.backlog.size:1|g", "purge.overdue.size:0|g", "purge.batch.fetched:1|c", "delete_data:1|c",
            "delete_user:1|c|#type:not_down", "purge.run.success:1|c",
        )

    def test_of_a_nodeless_row(self):
        self.tables.old(NO_NODE)
        self.purge()
        self.assert_lines(
            "purge.backlog.size:1|g", "purge.overdue.size:0|g", "purge.batch.fetched:1|c", "delete_user:1|c|#type:nodeless",
            "purge.run.success:1|c",
        )

    def test_of_a_row_that_is_left(self):
        self.tables.old(self.add_node(downed=1)[1])
        self.purge()
        self.assert_lines(
            "purge.backlog.size:1|g", "purge.overdue.size:0|g", "purge.batch.fetched:1|c", "purge.run.success:1|c"
        )


class Totals(PurgeCase):
    def assert_totals(self, **expected):
        """All counters but the one of the pages."""
        totals = {name.removeprefix("tokenserver."): value
                  for name, value in self.sink.totals().items()}
        self.assertEqual(1, len(totals.pop("purge.run.duration_ms")))
        totals.pop("purge.backlog.size", None)
        totals.pop("purge.overdue.size", None)
        totals.pop("purge.batch.fetched", None)
        self.assertEqual(expected, totals)

    def test_of_a_forced_row_count_the_delete_and_the_row(self):
        self.tables.old(self.add_node(downed=1)[1])
        self.purge("--force")
        self.assert_totals(**{"delete_data#type:force": 2, **END})

    def test_of_a_forced_row_whose_data_is_live(self):
        uid = self.tables.old(self.add_node(downed=1)[1])
        self.tables.twin(uid, nodeid=self.nodeid)
        self.purge("--force", "--override_node", self.node.url)
        self.assert_totals(**{"override": 1, "delete_data#type:force": 1, **END})

    def test_of_a_row_whose_data_is_live(self):
        self.tables.twin(self.tables.old(self.nodeid))
        self.purge()
        self.assert_totals(**{"override": 1, "delete_user#type:not_down": 1, **END})

    def test_of_many_rows_add_up(self):
        self.tables.many_old(500, [self.nodeid, NO_NODE])
        self.purge()
        self.assert_totals(**{"delete_data": 250, "delete_user#type:not_down": 250,
                              "delete_user#type:nodeless": 250, **END})

    def test_of_failed_rows_have_a_reason_and_one_error_per_answer(self):
        rows = {status: self.tables.old(self.nodeid) for status in (400, 410, 500, 503, 302, 404)}
        for status, uid in rows.items():
            self.node.fail(status, uids={uid})
        self.purge(*ONCE, status=3)
        self.assert_totals(**{
            "error.gone": 4, "row_failure#reason:http_4xx": 2, "row_failure#reason:http_5xx": 2,
            "row_failure#reason:http_other": 1, "delete_data": 1, "delete_user#type:not_down": 1,
            **END,
        })

    def test_of_a_row_that_fails_thrice_count_it_once(self):
        uid = self.tables.old(self.nodeid)
        self.tables.old(NO_NODE)
        self.node.fail(503, uids={uid})
        self.purge("--attempts", 3, status=3)
        self.assert_totals(**{"error.gone": 3, "row_failure#reason:http_5xx": 1,
                              "delete_user#type:nodeless": 1, **END})

    def test_of_a_row_that_works_in_the_end_have_no_failure(self):
        self.tables.old(self.nodeid)
        self.node.fail(503, times=1)
        self.purge()
        self.assert_totals(**{"error.gone": 1, "delete_data": 1, "delete_user#type:not_down": 1,
                              **END})

    def test_of_nodes_that_do_not_answer(self):
        away, away_id = self.add_node()
        away.down()
        self.tables.old(away_id)
        self.node.fail(delay_s=30, uids={self.tables.old(self.nodeid)})
        self.tables.old(NO_NODE)
        self.purge(*ONCE, "--request-timeout", "0.3", status=3)
        self.assert_totals(**{"row_failure#reason:connect": 1, "row_failure#reason:timeout": 1,
                              "delete_user#type:nodeless": 1, **END})

    def test_of_the_limit_are_one(self):
        self.tables.many_old(5, [self.nodeid])
        self.purge("--max-records", 2)
        self.assert_totals(**{"max_records": 1, "delete_data": 2, "delete_user#type:not_down": 2,
                              **END})

    def test_of_a_412_are_an_error_and_no_failure(self):
        self.node.fail(412)
        self.tables.old(self.nodeid)
        self.purge()
        totals = self.sink.totals()
        self.assertNotIn("tokenserver.delete_data", totals)
        self.assertFalse([name for name in totals if "row_failure" in name])


class Runs(PurgeCase):
    def values(self, name):
        return [line for line in self.sink.lines() if line.startswith(f"tokenserver.{name}:")]

    def test_have_the_backlog_once_and_the_pages_by_rows(self):
        self.tables.many_old(25, [self.nodeid])
        self.purge("--max-per-loop", 10)
        self.assertEqual(["tokenserver.purge.backlog.size:25|g"], self.values("purge.backlog.size"))
        self.assertEqual(25, self.sink.totals()["tokenserver.purge.batch.fetched"])

    def test_that_fail_at_the_database_say_failure(self):
        self.purge("--database-patience", 0, status=1,
                   env={"SYNC_TOKENSERVER__DATABASE_URL": "mysql://test:test@127.0.0.1:1/x"})
        lines = self.sink.lines()
        self.assertIn("tokenserver.purge.run.failure:1|c", lines)
        self.assertEqual(1, len(self.values("purge.run.duration_ms")))
        self.assertEqual(2, len(lines))

    def test_are_each_told_of(self):
        program = self.start("--purge-interval", "0.05")
        wait_until(lambda: len(self.values("purge.run.success")) >= 3, "three runs")
        program.close()
        self.assertGreaterEqual(len(self.values("purge.run.duration_ms")), 3)
        self.assertGreaterEqual(len(self.values("purge.backlog.size")), 3)

    def test_send_nothing_when_no_agent_is_named(self):
        self.tables.old(self.nodeid)
        self.purge(env={"SYNC_STATSD_HOST": None})
        self.assertEqual([], self.sink.lines())

    def test_take_the_agent_from_the_command_line(self):
        self.purge("--metric_host", "localhost", f"--metric_port={self.sink.port}",
                   env={"SYNC_STATSD_HOST": None, "SYNC_STATSD_PORT": None})
        self.assertIn("tokenserver.purge.run.success:1|c", self.sink.lines())

    def test_survive_an_agent_that_is_not_there(self):
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.purge("--metric_port", 9)
        self.assert_removed(before, [uid])

    def test_never_send_a_tag_without_a_value(self):
        self.tables.many_old(20, [self.nodeid, NO_NODE])
        self.node.fail(400, times=3)
        self.purge(*ONCE, status=3)
        for line in self.sink.lines():
            for tag in re.findall(r"#(.*)$", line):
                self.assertRegex(tag, r"^(type|reason):[a-z0-9_]+$")


if __name__ == "__main__":
    main()
