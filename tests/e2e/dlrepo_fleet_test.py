#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_fleet_test: a producer and several workers on one repository."""
import json
import os
import shutil
import signal
import time

from dlrepo_case import OLD_S, DlrepoCase, main
from harness import purgefleet
from harness.broker import Broker
from harness.dlrepo import IDENTITY, snapshot, without
from harness.dlrepo_model import must_go
from harness.dlrepo_public import PublicServer
from harness.mariadb import MariaDB
from harness.messagepack import unpack
from harness.wait import wait_until

QUICK = ("--kafka.session.timeout.ms=3000", "--kafka.heartbeat.interval.ms=300",
         "--kafka.reconnect.backoff.max.ms=500")
TIERS = ("--retry-tiers", "1s")


class FleetCase(DlrepoCase):
    made = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker = Broker()
        cls.addClassCleanup(cls.broker.close)

    def setUp(self):
        super().setUp()
        FleetCase.made += 1
        self.prefix = f"t{os.getpid()}x{FleetCase.made}"
        self.call("topics", "create", "--partitions", 4, "--range-width", 1, "--replication", 1,
                  *TIERS, root=None)

    def words(self, command, *options, root=None):
        place = ["--root", str(root)] if root else []
        return [command, "dlrepo", *place, "--brokers", self.broker.address, "--topic-prefix",
                self.prefix, *map(str, options)]

    def call(self, command, *options, root=None, status=0):
        result = purgefleet.run(self.words(command, *options, root=root), purgefleet.environment())
        if status is not None:
            self.assertEqual(status, result.status, result)
        return result

    def launch(self, command, *options, root=None):
        program = purgefleet.Program(self.words(command, *options, root=root or self.root),
                                     purgefleet.environment())
        self.addCleanup(program.close)
        self.programs.append(program)
        return program

    def produce(self, *options, status=0):
        return self.call("produce", "--oneshot", "--max-fraction", 0, *options, root=self.root,
                         status=status)

    def producer(self, *options):
        return self.launch("produce", "--max-fraction", 0, *options)

    def worker(self, *options, **how):
        return self.launch("work", *QUICK, *TIERS, *options, **how)

    def end(self, *programs):
        for program in programs:
            program.signal(signal.SIGTERM)
        for program in programs:
            self.assertEqual(0, program.wait().status)

    def published(self):
        """The names of the candidates."""
        return [unpack(record["value"])["id"]
                for record in self.broker.records(f"{self.prefix}.dlrepo")]

    def surplus(self, count=3):
        """Tags that are too many, each with a blob of its own that is old."""
        self.repository.keep("main", daily=1, released=1)
        for number in range(1, count + 2):
            self.repository.tag("main", f"t{number}", number * 1000, jobs=())
            self.repository.job("main", f"t{number}", "job", age_s=OLD_S)

    def expected(self, **how):
        tags, orphans = must_go(self.root, time.time(), 600, **how)
        return without(self.look(), tags | orphans)

    def wait_for(self, expected):
        def is_so():
            try:
                return self.look() == expected
            except OSError:  # it went, or its place is held just now
                return False

        wait_until(is_so, "the repository is clean", 60)


class Fleet(FleetCase):
    def test_tags_go_and_then_what_only_they_needed_in_one_pass(self):
        self.surplus(8)
        for number in range(20):
            self.repository.blob(b"orphan %d" % number, OLD_S)
        expected = self.expected()
        producer = self.producer("--oneshot")
        wait_until(lambda: (self.root / IDENTITY).exists(), "the repository has a name")
        workers = [self.worker() for _ in range(2)]
        self.assertEqual(0, producer.wait(60).status)
        self.wait_for(expected)
        self.end(*workers)
        purged = sum(worker.lines("worker ended")[-1]["removed_rows"] for worker in workers)
        self.assertEqual(8 + 8 + 20, purged)
        self.assertEqual([], [name for name in snapshot(self.root, ours=True)
                              if name.startswith(".deleting")])

    def test_a_tag_that_is_tried_again_holds_up_the_orphans_for_a_while(self):
        public = PublicServer(503)
        self.addCleanup(public.close)
        auth = self.repository.text(self.directory() / "auth", "me:pass\n")
        self.surplus(0)
        for number in (1, 2):
            self.repository.tag("main", f"r{number}", number * 1000, released=True, jobs=())
            self.repository.job("main", f"r{number}", "job", age_s=OLD_S)
        self.repository.blob(b"orphan", OLD_S)
        publish = ("--publish-url", public.url, "--publish-auth", auth)
        expected = self.expected()
        producer = self.producer("--oneshot", *publish)
        wait_until(lambda: (self.root / IDENTITY).exists(), "the repository has a name")
        worker = self.worker(*publish, "--attempts", 1)
        wait_until(lambda: len(public.requests) >= 3, "the tag was tried again", 60)
        self.assertFalse(producer.ended())
        public.status = 200
        self.assertEqual(0, producer.wait(60).status)
        self.wait_for(expected)
        self.end(worker)

    def test_the_pass_goes_on_when_a_stage_takes_too_long(self):
        self.surplus()
        orphan = self.repository.blob(b"orphan", OLD_S)
        result = self.produce("--stage-wait", "1s")
        self.assertIn(os.path.relpath(orphan, self.root), self.published())
        self.assert_named(result, "stage")

    def test_what_a_killed_worker_had_aside_is_back_for_the_next_pass(self):
        for number in range(600):
            self.repository.blob(b"orphan %d" % number, OLD_S)
        expected = self.expected()
        self.produce()
        first = self.worker("--orphan-wait", "20s")
        wait_until(lambda: len(list(self.root.glob(".deleting/*/files/.blobs/*/*/*"))) == 600,
                   "all files lie aside", 60)
        second = self.worker("--orphan-wait", "2s")
        second.wait_line("partitions assigned")
        first.signal(signal.SIGKILL)
        first.wait()
        wait_until(lambda: not any(path.is_dir() for path in self.root.glob(".blobs/*/*/*")),
                   "no place is held any more", 60)
        self.produce()
        self.wait_for(expected)
        self.end(second)
        # Those of which it got the record behind the others it removed at once; none was lost.
        self.assertEqual(600, second.lines("worker ended")[-1]["removed_rows"])

    def leave_aside(self):
        """A blob as a process left it that was killed; returns the place."""
        blob = self.repository.blob(b"content")
        aside = self.root / ".deleting/gone/files" / blob.relative_to(self.root)
        aside.parent.mkdir(parents=True)
        blob.rename(aside)
        blob.mkdir()
        return blob

    def test_what_was_left_aside_is_back_when_a_worker_or_a_pass_begins(self):
        told = "An earlier run was cut off: 0 tags that it had begun with are deleted, 1 files are back in their places"
        blob = self.leave_aside()
        self.assert_said(self.produce(), told)
        self.assertTrue(blob.is_file())
        blob.unlink()
        self.leave_aside()
        worker = self.worker()
        worker.wait_line(told)
        self.assertTrue(blob.is_file())
        self.end(worker)

    def test_a_second_signal_puts_the_files_back(self):
        for number in range(300):
            self.repository.blob(b"orphan %d" % number, OLD_S)
        before = self.look()
        self.produce()
        worker = self.worker("--orphan-wait", "20s")
        wait_until(lambda: list(self.root.glob(".deleting/*/files/.blobs/*/*/*")),
                   "files lie aside", 60)
        worker.signal(signal.SIGTERM)
        worker.wait_line("stopping: what is in work is brought to its end; again to stop at once")
        worker.signal(signal.SIGTERM)
        self.assertEqual(1, worker.wait().status)
        self.assertEqual(before, self.look())

    def test_a_stop_waits_for_the_files_that_lie_aside(self):
        for number in range(300):
            self.repository.blob(b"orphan %d" % number, OLD_S)
        self.produce()
        worker = self.worker()
        wait_until(lambda: list(self.root.glob(".deleting/*/files/.blobs/*/*/*")),
                   "files lie aside", 60)
        self.end(worker)
        self.assertFalse((self.root / ".deleting").exists())
        self.assertFalse(any(path.is_dir() for path in self.root.glob(".blobs/*/*/*")))


class Place(FleetCase):
    def test_a_worker_refuses_a_root_that_no_producer_has_named(self):
        result = self.call("work", *QUICK, *TIERS, root=self.root, status=1)
        self.assertIn(IDENTITY, result.stderr)
        self.assertFalse((self.root / ".deleting").exists())

    def test_a_worker_refuses_another_repository(self):
        self.surplus()
        self.produce("--stage-wait", "1s")
        other = self.directory() / "other"
        shutil.copytree(self.root, other, symlinks=True)
        (other / IDENTITY).write_text("0" * 32 + "\n", encoding="ascii")
        result = self.call("work", *QUICK, *TIERS, root=other, status=1)
        self.assertIn("0" * 32, result.stderr)
        self.assertIn("the topics hold candidates of the repository", result.stderr)

    def test_a_producer_leaves_nothing_in_a_root_that_is_another_one(self):
        self.produce()
        other = self.directory()
        (other / ".blobs").mkdir()
        result = self.call("produce", "--oneshot", root=other, status=1)
        self.assertIn("these topics belong to the repository", result.stderr)
        self.assertEqual([".blobs"], [name for name in os.listdir(other) if not name.endswith(".lock")])

    def test_a_tag_that_has_to_stay_is_told_by_the_producer(self):
        self.repository.keep("main", daily=1)
        self.repository.tags("main", 1)
        self.repository.tag("main", "OLD", OLD_S)
        result = self.produce(status=1)
        self.assertEqual(1, result.lines[-1]["troubles"])
        self.assert_named(result, "main/OLD stays")

    def test_status_says_nothing_of_what_only_a_pass_counts(self):
        self.produce()
        for root in (self.root, None):
            result = self.call("status", root=root)
            self.assertIn("what may be purged is counted by a pass alone", result.stdout)
            self.assertIn("each one is full, and none is written down", result.stdout)
            database = json.loads(self.call("status", "--json", root=root).stdout)["database"]
            self.assertEqual({"eligible": None, "exact": None,
                              "unknown_because": "a pass alone counts it"}, database)

    def test_a_dry_run_names_nothing_and_changes_nothing(self):
        self.surplus()
        before = snapshot(self.root, ours=True)
        self.produce("--dryrun")
        self.assertEqual(before, snapshot(self.root, ours=True))
        self.assertEqual([], self.published())

    def test_names_that_are_no_text_travel_too(self):
        self.repository.keep("odd\udcff", daily=1)
        for number in range(3):
            self.repository.tag("odd\udcff", f"t\udcfe{number}", number * 1000, jobs=())
        self.repository.upload(b"x", OLD_S, "str ay\udcfe")
        expected = self.expected()
        producer = self.producer("--oneshot")
        wait_until(lambda: (self.root / IDENTITY).exists(), "the repository has a name")
        worker = self.worker()
        self.assertEqual(0, producer.wait(60).status)
        self.wait_for(expected)
        self.end(worker)

    def test_a_database_keeps_the_lock_of_the_scanners(self):
        database = MariaDB()
        self.addCleanup(database.close)
        lock = ("--lock-url", database.url(), "--purge-interval", "1", "--at-start")
        first = self.producer(*lock)
        first.wait_line("pass ended")
        second = self.producer(*lock)
        second.wait_line("standing by: another producer scans already")
        self.end(first)
        second.wait_line("pass ended")
        self.end(second)


if __name__ == "__main__":
    main()
