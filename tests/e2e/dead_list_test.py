#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dead_list_test: which dead letters there are, what became of their rows, and what they say."""
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

from case import main
from dead_case import DeadCase
from harness import purgefleet, records

LONELY_S = 20  # 15 seconds, and its own start
REASONS = "http_4xx, http_5xx, http_other, timeout, connect, unknown, database, files, blocked, stopped, held, undecodable, other"


class List(DeadCase):
    @classmethod
    def setUpClass(cls):
        """These only wait, for brokers that are not there: meanwhile the others have their turn."""
        super().setUpClass()
        pool = ThreadPoolExecutor()
        cls.addClassCleanup(pool.shutdown)
        cls.lonely = [pool.submit(cls.run_without_broker, action) for action in ("list", "show", "requeue", "drop")]

    @staticmethod
    def run_without_broker(action):
        words = ["dead", "tokenserver", action, "--brokers", "127.0.0.1:1"]
        return purgefleet.run(words, purgefleet.environment(), timeout_s=LONELY_S)

    def make_letters(self):
        """Three letters of one node, two of another, and one that nobody can read."""
        self.other, otherid = self.add_node()
        self.node.fail(400)
        self.other.fail(500)
        self.bad = [self.tables.old(self.nodeid) for _ in range(3)]
        self.ill = [self.tables.old(otherid) for _ in range(2)]
        self.poison()
        self.give_up(6)
        self.poisoned = f"{self.topic}/0/0"

    def test_counts_by_reason_and_node_and_says_which_are_solved(self):
        self.make_letters()
        self.tables.query("DELETE FROM users WHERE uid = %s", self.bad[0])
        self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid = %s", self.ill[0])
        letters, summary = self.list("--by", "node")
        self.assertEqual({"letters": 3, "open": 2, "solved": 1}, summary["reasons"]["http_4xx"])
        self.assertEqual({"letters": 2, "open": 1, "solved": 1}, summary["reasons"]["http_5xx"])
        self.assertEqual({"letters": 1, "open": 0, "solved": 0}, summary["reasons"]["undecodable"])
        self.assertEqual({"letters": 3, "open": 2, "solved": 1}, summary["nodes"][self.node.url])
        self.assertEqual({"letters": 2, "open": 1, "solved": 1}, summary["nodes"][self.other.url])
        self.assertEqual((6, 3, 2, 1, 1, 1), tuple(summary[name] for name in (
            "letters", "open", "solved", "gone", "changed", "undecodable")))
        self.assertEqual("gone", letters[str(self.bad[0])]["solved_by"])
        self.assertEqual("changed", letters[str(self.ill[0])]["solved_by"])
        self.assertEqual("open", letters[str(self.bad[1])]["state"])
        self.assertEqual(("unknown", "not_a_map"), tuple(letters[self.poisoned][name] for name in ("state", "fault")))
        text = self.dead("list", "--by", "node", "--each").stdout
        self.assertRegex(text, rf"(?m)^{self.bad[0]}  http_4xx 400  \S+ \(\d+s ago\)  solved \(gone\)  {self.node.url}$")
        self.assertRegex(text, r"(?m)^  http_4xx +3 +2 +1$")
        self.assertRegex(text, rf"(?m)^  {self.other.url} +2 +1 +1$")
        self.assertIn("solved: 2 (the row is gone: 1,", text)
        self.assertRegex(text, r"(?m)^oldest: \S+ \(\d+s ago\)$")

    def test_every_filter_alone_and_together(self):
        self.make_letters()
        bad, ill = sorted(map(str, self.bad)), sorted(map(str, self.ill))
        self.assertEqual(bad, self.keys("--reason", "http_4xx"))
        self.assertEqual(sorted(bad + ill), self.keys("--reason", "http_4xx,http_5xx"))
        self.assertEqual(sorted(ill + [self.poisoned]), self.keys("--reason", "http_5xx", "--reason", "undecodable"))
        self.assertEqual([], self.keys("--reason", "timeout"))
        self.assertEqual(ill, self.keys("--node", self.other.url + "/"))
        self.assertEqual([bad[1]], self.keys("--range_start", self.bad[0], "--range_end", self.bad[2]))
        self.assertEqual(sorted(bad + ill), self.keys("--range_start", -1))
        self.assertEqual([bad[0]], self.keys("--id", bad[0]))
        self.assertEqual([self.poisoned], self.keys("--id", self.poisoned))
        self.assertEqual([], self.keys("--older", "1h ago"))
        self.assertEqual(6, len(self.keys("--newer", "1h")))
        self.assertEqual(6, len(self.keys("--older", "2099-01-01T00:00:00+02:00")))
        self.assertEqual([], self.keys("--newer", "2099-01-01T00:00:00Z"))
        self.assertEqual([ill[1]], self.keys("--node", self.other.url, "--range_start", self.ill[0], "--newer", "1h"))

    def test_several_letters_of_one_record_count_once_and_none_that_was_dropped(self):
        self.make_letters()
        self.write_letters(self.bad + self.ill)
        self.assertEqual(11, len(self.records("dead")))
        letters, summary = self.list()
        self.assertEqual(6, summary["letters"])
        last = {record["key"]: (record["partition"], record["offset"]) for record in self.records("dead")}
        self.assertEqual(last, {key: (letter["partition"], letter["offset"]) for key, letter in letters.items()})
        partition = letters[str(self.bad[0])]["partition"]
        self.broker.kcat("-P", "-t", f"{self.topic}.dead", "-p", str(partition), "-K", ":", "-Z", data=f"{self.bad[0]}:\n".encode())
        self.assertEqual(5, self.list()[1]["letters"])

    def test_what_cannot_be_known_is_unknown_and_never_zero(self):
        self.make_letters()
        for url, why, status in ((None, "no database is given", 0), ("mysql://root@127.0.0.1:1/x", "127.0.0.1", 1)):
            result = self.dead("list", env={"SYNC_TOKENSERVER__DATABASE_URL": url}, status=status)
            self.assertIn("open: unknown\nsolved: unknown\n", result.stdout)
            self.assertRegex(result.stdout, r"(?m)^  http_4xx +3 +unknown +unknown$")
            self.assertIn("unknown: ", result.stderr)
            self.assertIn(why, result.stderr)
            letters, summary = self.list(env={"SYNC_TOKENSERVER__DATABASE_URL": url}, status=status)
            self.assertEqual((None, None), (summary["open"], summary["solved"]))
            self.assertEqual({"unknown"}, {letter["state"] for letter in letters.values()})

    def test_a_database_that_fails_later_makes_all_unknown(self):
        self.make_letters()
        self.tables.query("RENAME TABLE users TO users_away")
        result = self.dead("list", status=1)
        self.assertIn("open: unknown\nsolved: unknown\n", result.stdout)
        self.assertIn("users' doesn't exist", result.stderr)

    def test_another_database_is_not_asked(self):
        self.publish_all()
        result = self.dead("list", env=self.other_database(), status=1)
        self.assertEqual("", result.stdout)
        self.assertIn("the topics hold candidates of the database", result.stderr)

    def test_a_letter_of_a_replay_is_open_though_the_row_is_gone(self):
        self.make_letters()
        letter = self.letters()[str(self.bad[0])]
        records.publish(self.broker, f"{self.topic}.dead", [(letter["partition"], letter["key"], letter["value"])],
                        {"purge.error.reason": "http_5xx", "purge.replay": "r1"})
        self.tables.query("DELETE FROM users")
        letters, summary = self.list()
        self.assertEqual(("open", "r1"), tuple(letters[letter["key"]][name] for name in ("state", "replay")))
        self.assertEqual((1, 4, 1), (summary["open"], summary["solved"], summary["replays"]))

    def test_show_has_all_of_a_letter_as_decode_has_it(self):
        self.make_letters()
        whole = [json.loads(line) for line in self.dead("show", "--json").stdout.splitlines()]
        decoded = purgefleet.run(["decode", *self.kafka()[:2], "--topic", f"{self.topic}.dead"], self.environment()).stdout
        self.assertCountEqual([json.loads(line) for line in decoded.splitlines()], whole)
        text = self.dead("show", "--id", self.bad[0]).stdout
        self.assertRegex(text, rf"^{self.bad[0]}, written \S+ \(\d+s ago\), partition \d offset \d+\n")
        self.assertIn("\n  purge.error.reason: http_4xx\n  purge.error.status: 400\n", text)
        self.assertIn(f'"id":"{self.bad[0]}"', text.splitlines()[-1])

    def test_refuses_what_makes_no_sense(self):
        for words, said in (
                (("list", "--reason", "http_4xx,nope"), f"'--reason' knows no 'nope'; it knows {REASONS}"),
                (("drop", "--reason", ""), "'--reason' wants a reason"), (("drop", "--reason", ","), "'--reason' wants a reason"),
                (("drop", "--id", ""), "'--id' wants something"), (("drop", "--node", ""), "'--node' wants something"),
                (("list", "--older", "yesterday"), "'--older' wants a time such as 2026-01-31T12:00:00Z, "),
                (("list", "--older", "2h", "--newer", "1h"), "no letter is newer"),
                (("list", "--range_start", 5, "--range_end", 5), "'--range-start' must be less"),
                (("list", "--yes"), "for requeue and drop"), (("show", "--each"), "for list"),
                (("nope",), "one of: list, show, requeue, drop"), (("--json",), "say list, show, requeue or drop")):
            self.assertIn(said, self.dead(*words, status=2).stderr)

    def test_output_that_cannot_be_written_is_an_error(self):
        self.broker.kcat("-P", "-t", f"{self.topic}.dead", "-K", ":", data=b"1:no record\n")
        for action, *more in (("list",), ("show",), ("requeue", "--dryrun"), ("drop", "--dryrun")):
            for out in (purgefleet.full_disk, purgefleet.closed_pipe):
                with self.subTest(action=action, out=out.__name__), out() as file:
                    done = subprocess.run([purgefleet.BINARY, "dead", "tokenserver", action, *self.kafka(), *more],
                                          stdout=file, stderr=subprocess.PIPE, env=self.environment(), timeout=60, check=False)
                    self.assertEqual(1, done.returncode, done.stderr)
                    self.assertIn(b"cannot write to standard output", done.stderr)

    def test_a_topic_that_is_missing_is_named_with_the_remedy(self):
        missing = self.dead("list", "--topic-prefix", "missing", status=1)
        self.assertIn("cannot read topic 'missing.tokenserver.dead': it does not exist; make it: purgefleet topics tokenserver create", missing.stderr)

    def test_that_no_broker_answers_is_told_in_time(self):
        for lonely in self.lonely:
            result = lonely.result()
            self.assertEqual((1, ""), (result.status, result.stdout))
            self.assertRegex(result.stderr, r"(?m)^purgefleet: cannot read topic 'purge\.tokenserver\.dead': .*127\.0\.0\.1:1")


if __name__ == "__main__":
    main()
