#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""record_lines_test: what the log tells of each record, and of a node that is not used any more."""
import datetime

from case import PurgeCase, main
from harness.users import DAY, HOUR, NO_NODE

QUICK = ("--retry-time", 1, "--request-timeout", "0.3", "--attempts", 20)


class Records(PurgeCase):
    def ends(self, result):
        return {line["id"]: line for line in result.lines if line["message"] == "record ended"}

    def test_have_a_line_each_when_all_is_told(self):
        purged = self.tables.many_old(300, [self.nodeid])
        nodeless = [self.tables.old(NO_NODE)]
        broken, broken_id = self.add_node()
        broken.fail(400)
        failed = self.tables.many_old(5, [broken_id])
        result = self.purge("-v", status=3)
        ends = self.ends(result)
        self.assertEqual({str(uid) for uid in purged + nodeless + failed}, set(ends), result)
        self.assertEqual(len(ends), sum(line["message"] == "record ended" for line in result.lines))
        for uid in purged:
            self.assert_end(ends[str(uid)], "purged", None, self.node.url, 200)
        for uid in nodeless:
            self.assert_end(ends[str(uid)], "purged", None, None, None)
        for uid in failed:
            self.assert_end(ends[str(uid)], "failed", "http_4xx", broken.url, 400)
        self.assertNotIn("@", result.stderr)

    def assert_end(self, line, *expected):
        self.assertEqual(expected, tuple(line[key] for key in ("verdict", "reason", "node", "status")), line)

    def test_have_no_line_otherwise(self):
        self.tables.many_old(20, [self.nodeid])
        self.assertEqual({}, self.ends(self.purge()))

    def test_are_not_called_purged_in_a_dry_run(self):
        self.tables.many_old(3, [self.nodeid])
        lines = self.ends(self.purge("--dryrun", "-v")).values()
        self.assertEqual([("planned", 0)] * 3, [(line["verdict"], line["purged"]) for line in lines])


class Overdue(PurgeCase):
    """A grace period of a day, so what was replaced 31 days ago should have gone 30 days ago."""
    NAMED = "record has not been purged since it was due"
    COUNTED = "more records have not been purged since they were due"

    def told(self, result, message):
        return [line for line in result.lines if line["message"] == message]

    def assert_since(self, days, text):
        since = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        self.assertLess(abs(datetime.datetime.now(datetime.timezone.utc) - since - datetime.timedelta(days=days)), datetime.timedelta(minutes=10))

    def test_rows_are_named_up_to_a_few_and_the_others_counted(self):
        _, downid = self.add_node(downed=1)
        down = self.tables.old(downid, age_ms=51 * DAY)
        self.tables.many_old(20, [self.nodeid], age_ms=40 * DAY)
        self.tables.many_old(20, [self.nodeid])
        result = self.purge()
        named = self.told(result, self.NAMED)
        self.assertEqual((10, {"WARNING"}), (len(named), {line["severity"] for line in named}), result)
        self.assertEqual(str(down), named[0]["id"])  # the oldest, of a node that is down
        self.assertEqual(self.node.url, named[1]["node"])
        self.assert_since(50, named[0]["since"])
        self.assertEqual([11], [line["count"] for line in self.told(result, self.COUNTED)])
        self.assertEqual(21, result.summary["overdue"])
        self.assertEqual(named[0]["since"], result.summary["oldest_due_at"])
        self.assertIn("tokenserver.purge.overdue.size:21|g", self.sink.lines())

    def test_rows_that_are_not_due_for_so_long_are_none(self):
        self.tables.many_old(20, [self.nodeid], age_ms=31 * DAY - HOUR)
        result = self.purge()
        self.assertEqual([], self.told(result, self.NAMED) + self.told(result, self.COUNTED))
        self.assert_summary(result, overdue=0, oldest_due_at=None)

    def test_rows_are_looked_for_only_when_that_is_wanted(self):
        for program in (lambda: self.purge("--warn-after", 0), lambda: self.script("--log-level", "info")):
            self.tables.many_old(3, [self.nodeid], age_ms=400 * DAY)
            result = program()
            self.assertEqual([], self.told(result, self.NAMED))
            self.assert_summary(result, purged=3, overdue=None, oldest_due_at=None)
        self.assertNotIn("overdue", "".join(self.sink.lines()))

    def test_rows_of_a_part_are_told_but_are_no_number_for_the_whole(self):
        uids = self.tables.many_old(5, [self.nodeid], age_ms=40 * DAY)
        result = self.purge("--range_start", uids[0], "--dryrun")
        self.assertEqual(4, len(self.told(result, self.NAMED)))
        self.assertNotIn("overdue", "".join(self.sink.lines()))


class Nodes(PurgeCase):
    def told(self, words):
        self.tables.many_old(300, [self.nodeid])
        program = self.start("--oneshot", *QUICK)
        line = program.wait_line(words)
        self.node.heal()
        program.wait()
        return line

    def test_that_answer_503_are_not_said_to_be_silent(self):
        self.node.fail(503, delay_s=0.02)
        line = self.told("node answers with nothing but errors; probing it until it works")
        self.assertEqual((self.node.url, "status 503"), (line["node"], line["error"]))

    def test_that_hang_are_said_to_be_late(self):
        self.node.fail(delay_s=1)
        line = self.told("node does not answer in time; probing it until it does")
        self.assertIn("timed out", line["error"])

    def test_that_close_connections_are_said_to_do_so(self):
        self.node.fail(drop=True)
        self.told("connections to the node fail; probing it until one works")


if __name__ == "__main__":
    main()
