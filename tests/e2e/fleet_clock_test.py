#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Brokers whose clock is not ours: what waits in a retry topic waits by theirs."""
from case import main, wait_until
from fleet_case import FleetCase
from harness import records
from harness.broker import Broker


class Behind(FleetCase):
    """By ten minutes, so that by our clock each record would be due at once."""
    tiers = "1s,2s,1h"

    @classmethod
    def make_broker(cls):
        return Broker(clock="-600")

    def test_no_record_is_tried_early(self):
        uids = self.tables.many_old(30, [self.nodeid])
        self.node.down()
        self.publish(uids)
        worker = self.worker("--hold", "1")
        wait_until(lambda: len(self.records("retry.1h")) >= len(uids), "each was postponed three times", 60)
        self.end(worker)
        for before, after, least_ms in (("retry.1s", "retry.2s", 1000), ("retry.2s", "retry.1h", 2000)):
            waits = self.waits_ms(before, after)
            self.assertEqual((len(uids), []), (len(waits), [wait for wait in waits if wait < least_ms]))


class Ahead(FleetCase):
    """By ten minutes, so that by our clock no record was there for any time yet."""

    @classmethod
    def make_broker(cls):
        return Broker(clock="+600")

    def test_what_waited_goes_all_at_once(self):
        uids = self.tables.many_old(200, [self.nodeid])
        before = self.tables.snapshot()
        records.publish(self.broker, f"{self.topic}.retry.1s", [(0, "0", records.candidate(uid)) for uid in uids])
        result = self.worker("--until-drained").wait()  # one a second takes longer than that
        self.assertEqual(0, result.status, result)
        self.assert_purged(before, uids)


if __name__ == "__main__":
    main()
