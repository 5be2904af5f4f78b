#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""name_server_test: a name server that hangs holds up nothing but what it was asked for."""
import os
import time
from pathlib import Path

from case import PurgeCase, main
from harness import purgefleet

RESOLVER = Path(purgefleet.BINARY).parent / "tests" / "libslow_resolver.so"
HANGING = {
    "LD_PRELOAD": str(RESOLVER),
    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0",
}


class Hanging(PurgeCase):
    """`hang.test` is a name that its name server says nothing about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not RESOLVER.exists():
            raise FileNotFoundError(f"there is no {RESOLVER}: run ./dev build")

    def timed(self, *options, most_s, status, **variables):
        began = time.monotonic()
        result = self.purge(*options, env={**HANGING, **variables}, status=status)
        self.assertLess(time.monotonic() - began, most_s, result)
        return result

    def test_nodes_hold_up_no_other_node(self):
        hanging = [self.tables.add_node(f"http://hang.test:{port}") for port in (80, 81)]
        uids = self.tables.many_old(60, [self.nodeid, *hanging])
        before = self.tables.snapshot()
        result = self.timed(
            "--connect-timeout", 1, "--request-timeout", 2, "--retry-time", 3, most_s=20, status=3
        )
        self.assert_removed(before, uids[0::3])
        self.assert_deleted(uids[0::3], self.node)
        summary = result.summary
        self.assertEqual(40, summary["failed"] + summary["postponed"], result)
        self.assertLess(max(r.at_s for r in self.node.requests)
                        - min(r.at_s for r in self.node.requests), 2)

    def test_metrics_are_done_without(self):
        uids = self.tables.many_old(10, [self.nodeid])
        result = self.timed(SYNC_STATSD_HOST="hang.test", most_s=15, status=0)
        self.assert_deleted(uids)
        line = [line for line in result.lines if line["message"].startswith("no metrics are sent")]
        self.assertEqual("the name server does not answer", line[0]["error"])

    def test_metrics_leave_a_program_that_can_be_stopped(self):
        program = self.start(
            "--purge-interval", 3600, env={**HANGING, "SYNC_STATSD_HOST": "hang.test"}
        )
        program.wait_line("run ended")
        program.signal(15)
        self.assertEqual(0, program.wait(10).status)

    def test_metrics_of_an_unknown_name_are_done_without(self):
        result = self.timed(SYNC_STATSD_HOST="missing.test", most_s=10, status=0)
        line = [line for line in result.lines if line["message"].startswith("no metrics are sent")]
        self.assertEqual("the name is not known", line[0]["error"])


if __name__ == "__main__":
    main()
