#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""hold_test: users of whom nothing is purged, whatever else is due."""
import signal
import tempfile
from pathlib import Path

from case import main, wait_until
from harness.users import NO_NODE
from replay_case import ReplayCase

READ = "SIGHUP: what may go was read again"
HOW_MANY = "users on hold, of whom nothing is purged: "
REFUSED = "SIGHUP: what may go stays as it was read before"


class Hold(ReplayCase):
    def setUp(self):
        super().setUp()
        self.file = Path(self.enterContext(tempfile.TemporaryDirectory()), "holds")
        self.option = ("--hold-file", self.file)

    def write(self, *users):
        """These are on hold, in a file that is whole at any time."""
        new = self.file.with_suffix(".new")
        new.write_text("".join(f"{line}\n" for line in ("# by order of the court", *users)), encoding="utf-8")
        new.rename(self.file)

    def hold(self, program, *users):
        self.write(*users)
        program.signal(signal.SIGHUP)
        self.assertEqual(f"{HOW_MANY}{len(users)}", program.next_line(READ)["now"])

    def email(self, uid):
        return self.tables.user(uid)["email"]

    def test_a_run_leaves_all_records_of_a_user_on_hold(self):
        uids = self.tables.many_old(20, [self.nodeid])
        nodeless = self.tables.old(NO_NODE)
        _, down = self.add_node(downed=1)
        forced = self.tables.old(down)
        domain = self.tables.old(self.nodeid, email=f"{self.email(uids[2]).partition('@')[0].upper()}@other.example")
        self.write(self.email(uids[0]), self.email(uids[2]), self.email(nodeless), self.email(forced).partition("@")[0])
        before = self.tables.snapshot()
        held = {uids[0], uids[2], domain, nodeless, forced}
        plan = self.purge(*self.option, "--force", "--dryrun", "--max-fraction", 0)
        self.assert_summary(plan, left=5, left_legal_hold=5)
        result = self.purge(*self.option, "--force", "--max-fraction", 0)
        self.assert_summary(result, state="complete", purged=18, left=5, left_legal_hold=5)
        self.assertIn(f"{HOW_MANY}4", result.stderr)
        self.assert_removed(before, set(uids) - held)
        self.assert_deleted(set(uids) - held)
        self.assert_summary(self.purge("--force", "--max-fraction", 0), left=0, purged=5)

    def test_a_user_who_is_put_on_hold_keeps_what_was_not_asked_for_yet(self):
        uids = self.tables.many_old(50, [self.nodeid])
        nodeless = [self.tables.old(NO_NODE) for _ in range(5)]
        self.write()
        program = self.start_held("--oneshot", "--max-fraction", 0, "--node-inflight", 1, *self.option)
        wait_until(lambda: not set(nodeless) & self.tables.uids(), "what needs no node is gone")
        asked = {request.uid for request in self.node.requests}
        self.hold(program, *(self.email(uid) for uid in uids))
        self.node.release()
        result = program.wait()
        self.assert_summary(result, state="complete", purged=5 + len(asked), left_legal_hold=50 - len(asked))
        self.assertEqual(set(uids) - asked, self.tables.uids())
        self.assert_deleted(asked)

    def test_a_user_who_is_put_on_hold_keeps_what_a_worker_has_not_asked_for_yet(self):
        uids = self.tables.many_old(50, [self.nodeid])
        self.write()
        self.publish(uids)
        self.node.hold()
        worker = self.worker("--node-inflight", 1, *self.option)
        wait_until(lambda: self.node.waiting == 1, "it has begun")
        asked = {request.uid for request in self.node.requests}
        self.hold(worker, *(self.email(uid) for uid in uids))
        self.node.release()
        self.wait_done(asked)
        self.assertEqual(set(uids) - asked, self.tables.uids())
        self.assert_deleted(asked)
        self.end(worker)

    def test_a_file_that_cannot_be_understood_is_refused_and_what_was_read_before_holds(self):
        self.file.write_text("4711\n", encoding="ascii")
        for words in ("line 1 is a number; it is users", "No such file"):
            for command in "run", "work", "produce":
                result = self.call(command, *self.option, status=2) if command != "run" else \
                    self.purge(*self.option, status=2)
                self.assertIn(f"--hold-file '{self.file}': {words}", result.stderr)
            self.file.unlink(missing_ok=True)
        uids = self.tables.many_old(10, [self.nodeid])
        self.write(*map(self.email, uids))
        program = self.start("--max-fraction", 0, "--purge-interval", 3600, *self.option)
        program.next_line("run ended", left_legal_hold=10)
        self.file.write_text("half a li", encoding="ascii")
        program.signal(signal.SIGHUP)
        self.assertIn("its last line has no end", program.next_line(REFUSED)["error"])
        program.signal(signal.SIGUSR1)
        program.next_line("run ended", left_legal_hold=10)
        self.assert_no_requests()
        self.hold(program, *map(self.email, uids[1:]))
        program.signal(signal.SIGUSR1)
        program.next_line("run ended", left_legal_hold=9, purged=1)
        self.assert_deleted(uids[:1])
        self.stop(program)

    def test_a_file_of_options_that_names_none_any_more_does_not_free_them(self):
        uids = self.tables.many_old(5, [self.nodeid])
        self.write(*map(self.email, uids))
        options = self.file.with_name("options")
        options.write_text(f"hold_file = {self.file}\n", encoding="ascii")
        worker = self.worker("--config", options)
        worker.next_line(f"{HOW_MANY}5")
        self.file.unlink()
        self.file = self.file.with_name("another")
        options.write_text(f"hold_file = {self.file}\n", encoding="ascii")
        self.hold(worker, *map(self.email, uids), "anna@example.com")
        worker.signal(signal.SIGHUP)
        self.assertFalse(worker.next_line(READ)["changed"])
        options.write_text("window = 10\n", encoding="ascii")
        worker.signal(signal.SIGHUP)
        self.assertIn("--hold-file is not given any more", worker.next_line(REFUSED)["error"])
        self.publish(uids)
        wait_until(lambda: self.ends() and self.lag() == 0, "the worker is done with them")
        self.assertEqual(set(uids), self.tables.uids())
        self.end(worker)

    def test_who_only_looks_needs_no_such_file(self):
        self.assertIn("database:    0 rows may be purged", self.call("status", *self.option).stdout)
        self.call("dead", "list", *self.option)
        self.call("replay", "list", *self.option)

    def test_a_worker_leaves_what_was_published_before_and_the_next_pass_finds_it_again(self):
        uids = self.tables.many_old(60, [self.nodeid])
        held = set(uids[::3])
        self.write(*map(self.email, held))
        self.call("produce", "--oneshot", "--max-fraction", 0)
        worker = self.worker(*self.option)
        self.wait_done(set(uids) - held)
        self.assertEqual(held, self.tables.uids())
        self.write(*map(self.email, uids[3::3]))
        worker.signal(signal.SIGHUP)
        worker.next_line(READ)
        self.call("produce", "--oneshot", "--max-fraction", 0, "--full", *self.option)
        self.wait_done(uids[:1])
        self.assertEqual(held - {uids[0]}, self.tables.uids())
        self.assert_deleted(set(uids) - self.tables.uids())
        self.end(worker)

    def test_a_producer_passes_them_over_and_comes_back_when_they_are_free(self):
        uids = self.tables.many_old(30, [self.nodeid])
        self.write(self.email(uids[7]), self.email(uids[8]))
        producer = self.start(*self.kafka(), "--max-fraction", 0, "--purge-interval", 3600, *self.option,
                              words=("produce", "tokenserver"))
        producer.next_line("pass ended", state="complete", published=28)
        producer.signal(signal.SIGUSR1)
        self.assertEqual("incremental", producer.next_line("pass begins")["kind"])
        producer.next_line("pass ended", state="complete", published=0)
        for free, users in (29, [self.email(uids[8])]), (30, []):
            self.hold(producer, *users)
            producer.signal(signal.SIGUSR1)
            line = producer.next_line("pass begins")
            self.assertEqual(("full", "released"), (line["kind"], line["why"]))
            producer.next_line("pass ended", state="complete", published=free)
        self.stop(producer)

    def test_a_replay_spares_the_data_of_users_whose_rows_are_gone(self):
        uids = self.tables.many_old(20, [self.nodeid])
        self.write(self.email(uids[3]), self.email(uids[11]).partition("@")[0])
        self.call("produce", "--oneshot", "--max-fraction", 0)
        self.tables.query("DELETE FROM users")
        self.create()
        self.assertEqual(0, self.work(*self.option).wait().status)
        self.assertEqual([uid for uid in uids if uid not in (uids[3], uids[11])], self.asked())
        self.assertEqual({}, self.letters())


if __name__ == "__main__":
    main()
