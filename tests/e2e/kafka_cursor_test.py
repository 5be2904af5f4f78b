#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_cursor_test: where a pass of a producer begins: the cursor of the pass before."""
import collections
import signal

from case import main
from harness.users import DAY, SECOND
from produce_case import ProduceCase


class Cursor(ProduceCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def test_is_read_back_by_the_next_start(self):
        first = self.tables.many_old(300, [self.nodeid])
        producer = self.start()
        producer.next_line("pass ended", state="complete", published=300)
        self.stop(producer)
        late = self.tables.old(self.nodeid, age_ms=DAY + SECOND)
        producer = self.start()
        self.assertEqual(producer.next_line("pass begins")["kind"], "incremental")
        producer.next_line("pass ended", state="complete", published=1)
        self.stop(producer)
        self.assertEqual(self.uids(), collections.Counter([*first, late]))

    def test_is_passed_over_by_a_full_pass(self):
        first = self.tables.many_old(100, [self.nodeid])
        producer = self.start()
        producer.next_line("pass ended", state="complete")
        old = self.tables.old(self.nodeid, age_ms=30 * DAY)
        producer.signal(signal.SIGUSR1)
        producer.next_line("pass ended", state="complete", published=0)
        self.stop(producer)
        producer = self.start("--full")
        producer.next_line("pass ended", state="complete", published=101)
        producer.signal(signal.SIGUSR1)
        self.assertEqual(producer.next_line("pass begins")["kind"], "incremental")
        self.stop(producer)
        self.assertEqual(self.uids(), collections.Counter([*first, *first, old]))

    def test_does_not_hide_what_a_node_held_back(self):
        _, down = self.add_node(downed=1)
        held = self.tables.many_old(5, [down])
        self.tables.many_old(5, [self.nodeid])
        producer = self.start()
        producer.next_line("pass ended", state="complete", published=5)
        self.tables.query("UPDATE nodes SET downed = 0 WHERE id = %s", down)
        producer.signal(signal.SIGUSR1)
        line = producer.next_line("pass begins")
        self.assertEqual((line["kind"], line["why"]), ("full", "released"))
        producer.next_line("pass ended", state="complete", published=10)
        self.stop(producer)
        self.assertEqual({self.uids()[uid] for uid in held}, {1})

    def test_is_neither_read_nor_moved_by_a_pass_over_a_range(self):
        self.tables.many_old(2000, [self.nodeid])
        producer = self.start()
        producer.next_line("pass ended", state="complete")
        self.stop(producer)
        before = self.cursors()
        records = len(self.published())
        self.produce("--full", "--range_start", 249, "--range_end", 430)
        self.assertEqual(self.cursors(), before)
        again = sorted(self.published(), key=lambda record: record["value"]["seen"])[records:]
        self.assertEqual(sorted(record["value"]["k"] for record in again), list(range(250, 430)))
        self.assertEqual({record["partition"] for record in again}, {2, 3, 4})

    def kill_half_way(self):
        """A full pass of 30,000."""
        self.tables.many_old(30_000, [self.nodeid])
        # Nobody works on what it publishes, so it stops half-way.
        producer = self.start("--max-per-loop", 500, "--max-unacked", 2000, "--max-queue-lag", 15_000)
        producer.next_line("waiting: the workers")
        self.assertTrue(self.cursors()[-1]["full_at"])
        producer.close()

    def test_is_passed_over_by_a_full_pass_after_one_that_was_killed(self):
        self.kill_half_way()
        old = self.tables.old(self.nodeid, age_ms=300 * DAY)
        producer = self.start("--full", "--max-per-loop", 500)
        line = producer.next_line("pass begins")
        self.assertEqual((line["kind"], line["why"], line["from"]), ("full", "asked", None))
        self.assertEqual(str(old), producer.next_line("record has not been purged since it was due")["id"])
        producer.next_line("pass ended", state="complete", published=30_001, overdue=1)
        producer.signal(signal.SIGUSR1)
        self.assertEqual(producer.next_line("pass begins")["kind"], "incremental")
        producer.next_line("pass ended", state="complete", overdue=0, oldest_due_at=None)
        self.stop(producer)
        self.assertEqual(self.uids()[old], 1)

    def test_that_cannot_be_read_is_written_anew_when_asked(self):
        uids = self.tables.many_old(5, [self.nodeid])
        self.broker.kcat("-P", "-t", f"{self.topic}.state", "-k", "cursor/0", data=b"junk")
        producer = self.start()
        self.assertIn("start with --full", producer.next_line("pass ended", state="failed")["error"])
        producer.close()
        self.assertEqual(self.published(), [])
        producer = self.start("--full")
        producer.next_line("the cursor in the state topic cannot be read; it is written anew")
        producer.next_line("pass ended", state="complete", published=5)
        self.stop(producer)
        producer = self.start()
        self.assertEqual(producer.next_line("pass begins")["kind"], "incremental")
        self.stop(producer)
        self.assertEqual(set(self.uids()), set(uids))

    def test_goes_on_with_a_full_pass_that_was_killed(self):
        self.kill_half_way()
        producer = self.start("--max-per-loop", 500)
        line = producer.next_line("pass begins")
        self.assertEqual((line["kind"], line["why"]), ("full", "unfinished"))
        self.assertLess(producer.next_line("pass ended", state="complete")["published"], 30_000)
        self.stop(producer)
        self.assertEqual(len(self.uids()), 30_000)


if __name__ == "__main__":
    main()
