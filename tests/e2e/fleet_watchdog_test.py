#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""A worker that hangs gives way to others; one that merely waits does not."""
import os
import signal

from case import main, wait_until
from fleet_case import FleetCase

SHORT = ("--hold", "1", "--request-timeout", "1", "--database-patience", "1", "--watchdog", "3", "--window", "50")


class Watchdog(FleetCase):
    def test_a_statement_that_never_ends_makes_it_give_way(self):
        uids = self.tables.many_old(300, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(None, delay_s=0.02)
        patient = {"SYNC_TOKENSERVER__DATABASE_URL": self.mariadb.url(query="?read_timeout=600")}
        worker = self.worker(*SHORT, env=patient)
        self.publish(uids)
        wait_until(lambda: len(self.node.deletes) > 20, "it is at work")
        self.mariadb.freeze()
        self.addCleanup(self.mariadb.thaw)
        result = worker.wait()
        self.mariadb.thaw()
        self.assertEqual(1, result.status, result)
        self.assertIn("no progress", result.errors)
        self.assertIn("what is in work", result.errors)
        self.node.heal()
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assert_purged(before, uids)
        self.assertLessEqual(len(self.node.deletes) - len(uids), 50, "no more than its window")

    def test_waiting_is_not_hanging(self):
        away, awayid = self.add_node()
        uids = self.tables.many_old(20, [awayid])
        away.fail(503, headers={"Retry-After": "6"})
        worker = self.worker(*SHORT)
        worker.wait_line("partitions assigned")
        self.publish(uids)
        wait_until(lambda: len(self.records("retry.10s")) >= len(uids), "all waited and were put off twice")
        worker.signal(signal.SIGTSTP)
        worker.wait_line("quiet")
        begin = os.times().elapsed
        wait_until(lambda: os.times().elapsed - begin > 10, "it was quiet for longer than a worker may hang")
        worker.signal(signal.SIGCONT)
        away.heal()
        self.wait_done(uids)
        self.end(worker)

    def test_a_quiet_worker_keeps_what_it_has_taken(self):
        """Longer than one record may hold up the others."""
        uids = self.tables.many_old(40, [self.nodeid])
        before = self.tables.snapshot()
        self.node.hold()
        worker = self.worker(*SHORT, "--node-inflight", 2)
        self.publish(uids)
        wait_until(lambda: self.node.waiting == 2, "two requests")
        worker.signal(signal.SIGTSTP)
        worker.wait_line("quiet: nothing new is begun")
        self.node.release()
        worker.wait_line("quiet: nothing is in work any more")
        begin = os.times().elapsed
        wait_until(lambda: os.times().elapsed - begin > 3, "a while")
        self.assertEqual(2, len(self.node.requests))
        worker.signal(signal.SIGCONT)
        self.wait_done(uids)
        self.end(worker)
        self.assertEqual(0, worker.lines("worker ended")[-1]["retried"])
        self.assert_purged(before, uids)

    def test_a_slow_rate_is_not_hanging(self):
        """Of rows that need no request, one every 20 s may go: longer than a worker may hang."""
        uids = self.tables.many_old(20, [999_999_999])
        worker = self.worker(*SHORT, "--max-rate", "0.05")
        worker.wait_line("partitions assigned")
        self.publish(uids)
        wait_until(lambda: len(self.tables.uids()) < len(uids), "the first went")
        begin = os.times().elapsed
        wait_until(lambda: os.times().elapsed - begin > 12 or worker.ended(), "it waited longer than it may hang")
        self.assertFalse(worker.ended(), worker)
        self.assertEqual(len(uids) - 1, len(self.tables.uids()), "it did nothing but wait")
        self.end(worker)


if __name__ == "__main__":
    main()
