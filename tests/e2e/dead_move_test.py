#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dead_move_test: dead letters are put back or dropped: all of a batch or none of it, whenever it is killed."""
import json
import signal

from case import main, wait_until
from dead_case import POISON, DeadCase
from fleet_case import WIDTH
from harness import records
from harness.kafka_proxy import END_TXN, INIT_PRODUCER_ID, PRODUCE, KafkaProxy
from harness.messagepack import unpack


class Move(DeadCase):
    def setUp(self):
        super().setUp()
        self.node.fail(400)
        self.uids = [self.tables.old(self.nodeid, uid=uid) for uid in (5, 30, 50)]  # of three ranges
        self.ids = sorted(map(str, self.uids))

    def proxy(self):
        proxy = KafkaProxy(self.broker)
        self.addCleanup(proxy.close)
        return proxy

    def start_held(self, action, kind, answer=False, first=0, options=()):
        """`dead`, whose next request of this kind, or the answer to it, is held back; it and the proxy that does so."""
        proxy = self.proxy()
        proxy.hold(kind, answer, first)
        program = self.start(*self.kafka(), "--brokers", proxy.address, *options, words=("dead", "tokenserver", action))
        wait_until(proxy.held.is_set, "the request is held back")
        return program, proxy

    def kill(self, program, proxy):
        program.signal(signal.SIGKILL)
        program.wait()
        proxy.close()

    def moved(self, result):
        return {key: value for line in result.stdout.splitlines() for key, value in json.loads(line).items()}

    def test_what_is_put_back_is_purged_when_its_node_is_well_again(self):
        self.give_up(3)
        before = self.tables.snapshot()
        old = {record["key"]: unpack(record["value"]) for record in self.letters().values()}
        published = len(self.candidates())
        dry = self.dead("requeue", "--id", self.ids[0], "--dryrun")
        self.assertEqual("letters: 1\ncan be put back: 1\ncannot be put back, and stay: 0\n", dry.stdout)
        self.assertEqual(self.ids, sorted(self.letters()))
        result = self.dead("requeue", "--range_end", 50)
        self.assertRegex(result.stdout, r"\nput back: 2\n$")
        self.assertEqual(["50"], sorted(self.letters()))
        back = [record for record in self.candidates() if "purge.requeued_at" in record["headers"]]
        self.assertEqual((published + 2, 2), (len(self.candidates()), len(back)))
        for record in back:
            value = unpack(record["value"])
            self.assertEqual((value["k"] // WIDTH % self.partitions, str(value["k"] // WIDTH)), (record["partition"], record["key"]))
            self.assertEqual(["purge.requeued_at"], list(record["headers"]))
            self.assertEqual(record["headers"]["purge.requeued_at"], str(value.pop("seen")))
            self.assertGreater(int(record["headers"]["purge.requeued_at"]), old[value["id"]].pop("seen"))
            self.assertEqual(old[value["id"]], value)
        self.node.heal()
        self.assertEqual(0, self.worker("--until-drained").wait().status)  # though a transaction ends its partitions
        self.assert_removed(before, {5, 30})
        self.assertEqual("letters: 0\ncan be put back: 0\ncannot be put back, and stay: 0\n", self.dead("requeue", "--range_end", 50).stdout)
        self.assertEqual((1, 1, 0), tuple(self.list()[1][name] for name in ("letters", "open", "solved")))

    def test_killed_before_its_transaction_ends_it_has_moved_nothing_and_the_next_one_moves_all(self):
        self.write_letters(self.uids)
        published = len(self.candidates())
        for kind in (INIT_PRODUCER_ID, PRODUCE, END_TXN):
            with self.subTest(kind=kind):
                self.kill(*self.start_held("requeue", kind))
                self.assertEqual((self.ids, published), (sorted(self.letters()), len(self.candidates())))
        self.assertRegex(self.dead("requeue").stdout, r"\nput back: 3\n$")
        self.assertEqual(({}, published + 3), (self.letters(), len(self.candidates())))
        self.assertEqual(0, self.list()[1]["letters"])

    def test_killed_before_it_hears_of_the_commit_it_has_moved_all_and_the_next_one_nothing(self):
        self.write_letters(self.uids)
        published = len(self.candidates())
        self.kill(*self.start_held("requeue", END_TXN, answer=True))
        wait_until(lambda: not self.letters(), "the transaction has ended")
        self.assertEqual(published + 3, len(self.candidates()))
        self.assertIn("letters: 0\n", self.dead("requeue").stdout)
        self.assertEqual(published + 3, len(self.candidates()))

    def test_of_a_commit_whose_answer_never_comes_it_is_not_known_what_it_moved(self):
        self.write_letters(self.uids)
        program, _ = self.start_held("requeue", END_TXN, answer=True, options=("--json",))
        result = program.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("it is not known whether the last 3 letters were moved; the same command again does no harm", result.stderr)
        moved = self.moved(result)
        self.assertEqual((None, 0, 3), (moved["moved"], moved["moved_at_least"], moved["in_doubt"]))
        self.assertIn("letters: 0\n", self.dead("requeue").stdout)  # they were

    def test_a_newer_letter_that_comes_meanwhile_is_not_lost(self):
        self.write_letters(self.uids)
        old = self.letters()["30"]
        for action in ("requeue", "drop"):
            with self.subTest(action=action):
                if action == "drop":  # of the letter of a replay
                    self.assertIn("--yes", self.dead(action, status=2).stderr)
                program, proxy = self.start_held(action, PRODUCE, options=("--yes",))
                records.publish(self.broker, f"{self.topic}.dead", [(old["partition"], "30", old["value"])],
                                {"purge.error.reason": "http_5xx", "purge.replay": "r7"})
                proxy.release()
                result = program.wait()
                self.assertEqual(0, result.status, result)
                self.assertIn("left, because a newer letter of the same record came meanwhile: 1\n", result.stdout)
                self.assertEqual({"30": "r7"}, {key: letter["headers"].get("purge.replay") for key, letter in self.letters().items()})
        self.dead("requeue")
        [back] = [record for record in self.candidates() if "purge.replay" in record["headers"]]
        self.assertEqual(("r7", 30), (back["headers"]["purge.replay"], unpack(back["value"])["k"]))

    def test_what_nobody_was_told_of_is_not_moved(self):
        self.write_letters(self.uids[:2])
        program, proxy = self.start_held("requeue", INIT_PRODUCER_ID)
        self.write_letters(self.uids[2:])
        proxy.release()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assertRegex(result.stdout, r"\nput back: 2\n$")
        self.assertEqual(["50"], sorted(self.letters()))

    def test_a_newer_letter_between_the_tombstones_is_not_lost(self):
        """It lies behind the first of them, where readers of committed records see nothing yet."""
        messages = [(0, str(uid), records.candidate(uid, at=self.tables.user(uid)["replaced_at"])) for uid in self.uids]
        records.publish(self.broker, f"{self.topic}.dead", messages, {"purge.error.reason": "http_4xx"})
        one_each = ("--yes", "--kafka.batch.num.messages=1", "--kafka.linger.ms=0", "--kafka.max.in.flight.requests.per.connection=1")
        program, proxy = self.start_held("drop", PRODUCE, first=1, options=one_each)
        records.publish(self.broker, f"{self.topic}.dead", messages[-1:], {"purge.error.reason": "http_5xx", "purge.replay": "r7"})
        proxy.release()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual({"50": "r7"}, {key: letter["headers"].get("purge.replay") for key, letter in self.letters().items()})

    def test_of_a_replay_the_node_hears_though_the_row_is_gone(self):
        self.give_up(3)
        letter = self.letters()["30"]
        records.publish(self.broker, f"{self.topic}.dead", [(letter["partition"], "30", letter["value"])],
                        {"purge.error.reason": "http_5xx", "purge.replay": "r7"})
        self.tables.query("DELETE FROM users WHERE uid = 30")
        self.node.heal()
        self.assertRegex(self.dead("requeue", "--id", 30).stdout, r"\nput back: 1\n$")
        self.work_until(lambda: 30 in self.node.deleted_uids, "the node is told")
        self.assertEqual(["5", "50"], sorted(self.letters(), key=int))

    def test_what_lies_behind_one_that_was_killed_is_waited_for_and_counted(self):
        self.write_letters(self.uids)
        before = self.tables.snapshot()
        self.kill(*self.start_held("requeue", END_TXN))
        self.node.heal()
        records.publish_uids(self.broker, self.topic, self.uids, self.partitions, WIDTH)
        status = json.loads(self.call("status", "--json", status=None).stdout)
        self.assertEqual(6, status["candidates"]["lag"])
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        self.assert_removed(before, set(self.uids))

    def test_two_at_once_do_not_go_together(self):
        self.write_letters(self.uids)
        first, proxy = self.start_held("requeue", END_TXN)
        self.assertRegex(self.dead("drop", "--id", 5, "--yes").stdout, r"\ndropped: 1\n$")
        proxy.release()
        result = first.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn(f"another one began transactions as '{self.topic}.dead'", result.stderr)
        self.assertEqual(["30", "50"], sorted(self.letters()))

    def test_drop_says_what_the_next_full_pass_brings_back(self):
        self.poison()
        self.give_up(4)
        self.tables.query("DELETE FROM users WHERE uid = 50")
        unknown = self.dead("drop", "--dryrun", env={"SYNC_TOKENSERVER__DATABASE_URL": None})
        self.assertIn("their rows are there, so the next full pass publishes them again: unknown\n", unknown.stdout)
        refused = self.dead("drop", env={"SYNC_TOKENSERVER__DATABASE_URL": None}, status=2)
        self.assertIn("nothing was done: what these letters are about may never come back;", refused.stderr)
        left = self.moved(self.dead("requeue", "--json", "--reason", "undecodable"))
        self.assertEqual((f"{self.topic}/0/0", "not_a_map", 1, 0), tuple(left[name] for name in ("key", "fault", "left", "moved")))
        self.assertIn(f"cannot be put back: {self.topic}/0/0 (not_a_map)\n", self.dead("requeue", "--reason", "undecodable").stdout)
        self.assertEqual(4, len(self.letters()))
        result = self.dead("drop")
        self.assertIn("letters: 4\ntheir rows are there, so the next full pass publishes them again: 2\n", result.stdout)
        self.assertRegex(result.stdout, r"\ndropped: 4\n$")
        self.assertEqual({}, self.letters())
        runs = {unpack(record["value"])["run"] for record in self.candidates() if record["value"] != POISON}
        self.publish_all()
        again = [unpack(record["value"]) for record in self.candidates() if record["value"] != POISON]
        self.assertEqual([5, 30], sorted(value["k"] for value in again if value["run"] not in runs))

    def test_more_than_a_thousand_are_asked_for(self):
        lines = "".join(f"{number}:no record\n" for number in range(1001))
        self.broker.kcat("-P", "-t", f"{self.topic}.dead", "-p", "0", "-K", ":", data=lines.encode())
        for action in ("requeue", "drop"):
            result = self.dead(action, status=2)
            self.assertIn("letters: 1001\n", result.stdout)
            self.assertIn("nothing was done: 1001 letters are more than 1000;", result.stderr)
        self.assertEqual(1001, len(self.letters()))
        self.assertIn("cannot be put back: 981 more\n", self.dead("requeue", "--dryrun").stdout)
        self.assertRegex(self.dead("drop", "--yes").stdout, r"\ndropped: 1001\n$")  # three transactions
        self.assertEqual({}, self.letters())


if __name__ == "__main__":
    main()
