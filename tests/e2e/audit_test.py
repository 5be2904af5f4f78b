#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The audit log: a line for each record that came to its end, before anybody may count on it."""
import json
import os
import signal
import tempfile
from pathlib import Path

from case import ONCE, main, wait_until
from fleet_case import FleetCase
from harness.users import NO_NODE
from kafka_case import skip_if_new_topics_break_librdkafka


class AuditCase(FleetCase):
    def setUp(self):
        super().setUp()
        self.dir = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.dir / "audit.log"

    def lines(self, file=None):
        return [json.loads(line) for line in (file or self.file).read_text(encoding="utf-8").splitlines()]

    def how_they_ended(self):
        """Uid to how it ended, and where it went."""
        return {line["key"]: (line["end"], line["reason"], line["to"]) for line in self.lines()}

    def offsets_behind_the_beginning(self):
        return {place: offset for place, offset in self.offsets().items() if offset > 0}


class Audit(AuditCase):
    def test_a_run_writes_who_was_purged_when_and_where(self):
        uids = self.tables.many_old(20, [self.nodeid])
        nodeless, twin = self.tables.old(NO_NODE), self.tables.old(self.nodeid)
        self.tables.twin(twin)
        self.node.fail(400, uids={uids[3]})
        self.purge("--audit-log", self.file, *ONCE, status=3)
        ends = self.how_they_ended()
        self.assertEqual({*uids, nodeless, twin}, set(ends))
        self.assertEqual(("failed", "http_4xx", None), ends[uids[3]])
        self.assertEqual({("purged", None, None)}, {end for uid, end in ends.items() if uid != uids[3]})
        by_uid = {line["key"]: line for line in self.lines()}
        self.assertEqual((self.node.url, 200, 1, 1), tuple(by_uid[uids[0]][name] for name in ("node", "status", "deletes", "removed")))
        self.assertEqual((None, None, 0, 1), tuple(by_uid[nodeless][name] for name in ("node", "status", "deletes", "removed")))
        self.assertNotIn("@", self.file.read_text(encoding="utf-8"))
        self.assertEqual(0o640, self.file.stat().st_mode & 0o777)

    def test_a_fleet_writes_each_record_once_it_does_not_come_back(self):
        uids = self.tables.many_old(20, [self.nodeid])
        gone = self.tables.old(self.nodeid)
        self.publish([*uids, gone])
        self.tables.query("DELETE FROM users WHERE uid = %s", gone)
        self.node.fail(500, uids={uids[3]}, times=1)
        self.node.fail(400, uids={uids[4]})
        result = self.worker("--until-drained", "--audit-log", self.file, *ONCE).wait()
        self.assertEqual(3, result.status, result)
        ends = self.how_they_ended()
        self.assertEqual(len(uids) + 1, len(self.lines()))
        self.assertEqual(("purged", None, None), ends[uids[3]])
        self.assertEqual(("failed", "http_4xx", "dead"), ends[uids[4]])
        self.assertEqual(("gone", "gone", None), ends[gone])

    def test_what_cannot_be_written_down_is_not_committed(self):
        """A full disk stops the worker; another one goes on, and says of what was done that it is gone."""
        uids = self.tables.many_old(60, [self.nodeid])
        self.publish(uids)
        worker = self.worker("--until-drained", "--audit-log", "/dev/full")
        result = worker.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("cannot write the audit log '/dev/full': No space left on device", result.errors)
        self.assertEqual({}, self.offsets_behind_the_beginning())
        self.file.write_text('{"cut o', encoding="utf-8")
        self.assertEqual(0, self.worker("--until-drained", "--audit-log", self.file).wait().status)
        first, *others = self.file.read_text(encoding="utf-8").splitlines()
        self.assertEqual('{"cut o', first)
        self.assertEqual(uids, sorted(json.loads(line)["key"] for line in others))
        self.assertFalse(set(uids) & self.tables.uids())

    def test_a_file_that_cannot_be_opened_ends_the_start(self):
        for command in (["run", "tokenserver", "--oneshot"], ["work", "tokenserver", *self.kafka(), "--retry-delay", "1"]):
            result = self.start("--audit-log", self.dir / "none" / "x", words=tuple(command)).wait()
            self.assertEqual(1, result.status, result)
            self.assertIn("cannot open the audit log", result.stderr)

    def test_a_pipe_that_nobody_reads_is_refused(self):
        os.mkfifo(self.file)
        result = self.purge("--audit-log", self.file, status=1)
        self.assertIn("cannot open the audit log", result.stderr)

    def test_a_line_that_another_worker_was_cut_off_in_takes_no_other_with_it(self):
        first, second = self.tables.many_old(5, [self.nodeid]), self.tables.many_old(5, [self.nodeid])
        worker = self.worker("--audit-log", self.file)
        self.publish(first)
        self.wait_done(first)
        with self.file.open("a", encoding="utf-8") as file:
            file.write('{"cut o')
        self.publish(second)
        self.wait_done(second)
        self.end(worker)
        self.assertEqual(sorted([*first, *second]),
                         sorted(json.loads(line)["key"] for line in self.file.read_text(encoding="utf-8").splitlines() if line[-1] == "}"))

    def test_two_workers_share_a_file(self):
        uids = self.tables.many_old(300, [self.nodeid])
        workers = [self.worker("--audit-log", self.file) for _ in range(2)]
        self.wait_shared(workers)
        self.publish(uids)
        self.wait_done(uids)
        self.end(*workers)
        self.assertEqual(sorted(uids), sorted(line["key"] for line in self.lines()))

    def test_a_file_that_was_moved_away_is_followed_by_a_new_one(self):
        first, second = self.tables.many_old(10, [self.nodeid]), self.tables.many_old(10, [self.nodeid])
        worker = self.worker("--audit-log", self.file)
        self.publish(first)
        self.wait_done(first)
        moved = self.file.rename(self.dir / "audit.log.1")
        worker.signal(signal.SIGHUP)
        worker.wait_line("SIGHUP: the audit log was opened anew")
        self.publish(second)
        self.wait_done(second)
        self.end(worker)
        self.assertEqual(first, sorted(line["key"] for line in self.lines(moved)))
        self.assertEqual(second, sorted(line["key"] for line in self.lines()))

    def test_a_dry_run_writes_nothing(self):
        self.tables.many_old(5, [self.nodeid])
        self.purge("--dryrun", "--audit-log", self.file)
        self.assertEqual(0, os.path.getsize(self.file))


class Topic(AuditCase):
    """The audit is kept in a topic."""
    def setUp(self):
        super().setUp()
        self.make_topics("--replication", 1, "--audit-retention", "30d", "--retry-tiers", self.tiers)

    def lines(self, file=None):
        return [json.loads(record["value"]) for record in self.records("audit")]

    def auditor(self, *options):
        return self.worker("--audit-log", "topic", *options)

    def test_has_a_record_of_each_end_and_no_other(self):
        uids = self.tables.many_old(20, [self.nodeid])
        gone = self.tables.old(self.nodeid)
        self.publish([*uids, gone])
        self.tables.query("DELETE FROM users WHERE uid = %s", gone)
        self.node.fail(500, uids={uids[3]}, times=1)
        self.node.fail(400, uids={uids[4]})
        result = self.auditor("--until-drained", *ONCE).wait()
        self.assertEqual(3, result.status, result)
        ends = self.how_they_ended()
        self.assertEqual(len(uids) + 1, len(self.lines()))
        self.assertEqual({*uids, gone}, set(ends))
        self.assertEqual(("purged", None, None), ends[uids[3]])
        self.assertEqual(("failed", "http_4xx", "dead"), ends[uids[4]])
        self.assertEqual(("gone", "gone", None), ends[gone])
        self.assertEqual({str(uid) for uid in [*uids, gone]}, {record["key"] for record in self.records("audit")})
        said = b"".join(record["value"] for record in self.records("audit"))
        self.assertEqual((False, False), (b"@" in said, b"\n" in said))
        self.assertEqual(1, len(self.records("dead")))

    def test_says_the_same_as_a_file(self):
        uids = self.tables.many_old(2, [self.nodeid])
        for uid, options in zip(uids, (("topic",), (self.file,))):
            self.publish([uid])
            self.assertEqual(0, self.worker("--until-drained", "--audit-log", *options).wait().status)
        said = [self.lines()[0], json.loads(self.file.read_text(encoding="utf-8").splitlines()[0])]
        for uid, line in zip(uids, said):
            self.assertEqual((uid, str(uid)), (line.pop("key"), line.pop("id")))
            self.assertLess(line.pop("seen"), line.pop("at"))
        self.assertEqual(*said)

    def test_has_all_that_is_committed_whenever_a_worker_is_killed(self):
        uids = self.tables.many_old(300, [self.nodeid])
        self.publish(uids)
        for purged in (50, 150):
            worker = self.auditor("--max-rate", 100)
            wait_until(lambda count=purged: len(self.node.requests) > count, "it is in the middle of it")
            worker.signal(signal.SIGKILL)
            worker.wait()
            self.assertLessEqual(sum(self.offsets().values()), len(self.lines()))
        self.assertEqual(0, self.auditor("--until-drained").wait().status)
        self.assertEqual(set(uids), set(self.how_they_ended()))
        self.assertEqual(0, self.lag())

    def test_is_complete_when_a_worker_ends(self):
        uids = self.tables.many_old(300, [self.nodeid])
        self.publish(uids)
        worker = self.auditor("--max-rate", 200)
        wait_until(lambda: len(self.node.requests) > 100, "it is in the middle of it")
        self.end(worker)
        self.assertEqual(sum(self.offsets().values()), len(self.lines()))
        self.assertEqual(300 - len(self.lines()), len(self.tables.uids()))

    def test_is_asked_for_before_anything_is_taken(self):
        self.broker.delete_topic(f"{self.topic}.audit")
        result = self.auditor().wait()
        self.assertEqual(1, result.status, result)
        self.assertIn(f"there is no topic '{self.topic}.audit'; make what is missing: purgefleet topics tokenserver create", result.stderr)
        self.assertIn(" --audit-retention 365d", result.stderr)
        worker = self.worker()  # which does not want one
        worker.wait_line("partitions assigned")
        self.end(worker)

    @skip_if_new_topics_break_librdkafka
    def test_that_is_gone_keeps_all_from_being_committed_until_it_is_there_again(self):
        # The library lets a topic be missing for half a minute before it says so.
        worker = self.auditor("--kafka.topic.metadata.propagation.max.ms=1000")
        worker.wait_line("partitions assigned")
        self.broker.delete_topic(f"{self.topic}.audit")
        uids = self.tables.many_old(20, [self.nodeid])
        self.publish(uids)
        told = worker.next_line("records cannot be handed over")
        self.assertEqual(f"{self.topic}.audit", told["topic"])
        self.assertIn(" --audit-retention 365d", told["error"])
        self.assertEqual({}, self.offsets_behind_the_beginning())
        self.make_topics("--replication", 1, "--audit-retention", "30d", "--retry-tiers", self.tiers)
        worker.next_line("records can be handed over again")
        self.wait_done(uids)
        self.assertEqual(set(uids), set(self.how_they_ended()))
        self.end(worker)

    def test_that_would_keep_only_the_last_end_of_each_record_is_refused(self):
        self.broker.delete_topic(f"{self.topic}.audit")
        self.broker.make_topic(f"{self.topic}.audit", 1, **{"cleanup.policy": "compact,delete"})
        result = self.auditor().wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("'compact,delete': Kafka would keep only the last end of each record; change it: ", result.stderr)

    def test_is_not_for_run(self):
        result = self.purge("--audit-log", "topic", status=2)
        self.assertIn("'--audit-log topic' is for work, which has Kafka; a file of that name is ./topic", result.stderr)

    def test_is_shown_and_made_only_where_it_is_wanted(self):
        shown = self.call("topics", "show", "--retry-tiers", self.tiers).stdout
        self.assertIn(f"{self.topic}.audit: {self.partitions} partitions, replication 1, cleanup.policy=delete, retention.ms=2592000000", shown)
        self.broker.delete_topic(f"{self.topic}.audit")
        shown = self.call("topics", "show", "--retry-tiers", self.tiers, "--audit-retention", "1d", status=1).stdout
        self.assertRegex(shown, rf"{self.topic}.audit: missing; make it: purgefleet topics tokenserver create .* --audit-retention 365d\n")
        self.make_topics("--replication", 1, "--retry-tiers", self.tiers)
        self.assertNotIn(f"{self.topic}.audit", self.broker.topics())
        self.assertNotIn(".audit", self.call("topics", "show", "--retry-tiers", self.tiers).stdout)

    def test_of_a_replay_says_so(self):
        uids = self.tables.many_old(3, [self.nodeid])
        self.publish(uids)
        self.assertEqual(0, self.auditor("--until-drained").wait().status)
        self.call("replay", "create", "--id", "x", "--from", "beginning")
        self.assertEqual(0, self.auditor("--replay", "x").wait().status)
        self.assertEqual([False] * 3 + [True] * 3, sorted(line["replay"] for line in self.lines()))


if __name__ == "__main__":
    main()
