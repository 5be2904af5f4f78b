#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The command `replay`: what it says, and what it refuses before anything is written."""
import json
import threading

from case import main, wait_until
from fleet_case import PARTITIONS
from harness import purgefleet
from harness.kafka_proxy import JOIN_GROUP, KafkaProxy
from replay_case import ID, ReplayCase


class Command(ReplayCase):
    def refuse(self, words, *options, status=1, env=None):
        """What is told; no replay is there then."""
        result = self.call("replay", "create", "--id", ID, *options, status=status, env=env)
        self.assertIn(words, result.stderr)
        self.assertEqual("", self.call("replay", "list").stdout)

    def test_says_what_it_is_about_and_how_far_it_is(self):
        uids = self.publish_gone(60)
        said = self.create("--range_start", 0, "--node", self.node.url).stdout
        filled = [partition for partition in range(PARTITIONS) if self.published(partition)]
        self.assertIn(f"records:     at most 60, in {len(filled)} of 6 partitions", said)
        self.assertIn(f"purgefleet work tokenserver --replay {ID}", said)
        self.assertNotIn("deleted", said)
        status = self.status()
        self.assertEqual({"state": "not begun", "records": 60, "done": 0, "deleted": 0, "workers": 0, "range_start": 0,
                          "range_end": None, "node": self.node.url, "from": "beginning", "to": "end", "id": ID},
                         {name: status[name] for name in ("state", "records", "done", "deleted", "workers", "range_start",
                                                          "range_end", "node", "from", "to", "id")})
        self.assertEqual([{"partition": partition, "start": 0, "end": len(self.published(partition)), "at": None}
                          for partition in filled], status["partitions"])
        self.assertEqual(f"{ID}: not begun, 0 of at most 60 records, from beginning to end, limited, workers 0\n",
                         self.call("replay", "list").stdout)
        self.work_through()
        self.assertEqual(uids, self.asked())
        self.assertIn(f"replay {ID}: done\n", self.replay("status").stdout)

    def test_one_that_is_dropped_leaves_nothing_to_a_later_one_of_its_name(self):
        uids = self.publish_gone(20)
        self.create()
        self.work_through()
        self.assertEqual(f"replay {ID}: dropped\n", self.replay("drop").stdout)
        self.assertEqual(f"replay {ID}: there is none\n", self.replay("drop").stdout)
        self.assertEqual("", self.call("replay", "list").stdout)
        self.create()
        self.assertEqual("not begun", self.status()["state"])
        self.node.requests.clear()
        self.work_through()
        self.assertEqual(uids, self.asked())

    def test_one_that_is_in_work_is_not_dropped(self):
        uids = self.publish_gone(60)
        self.create()
        may_end = threading.Event()
        self.addCleanup(may_end.set)
        self.node.on_request = lambda request: may_end.wait() if request.uid == uids[-1] else None
        self.node.hold()
        worker = self.work()
        wait_until(lambda: self.node.waiting > 0, "it is in work")
        self.assertIn("1 workers are at the replay", self.replay("drop", status=1).stderr)
        self.node.release()
        wait_until(lambda: self.status()["done"] == len(uids) - 1, "all but one are done")
        self.assertEqual("in work", self.status()["state"])
        self.assertIn("1 workers are at the replay", self.replay("drop", status=1).stderr)
        may_end.set()
        self.assertEqual(0, worker.wait().status)

    def test_a_worker_that_was_about_to_begin_with_one_that_is_dropped_does_not(self):
        self.publish_gone(20)
        self.create()
        for make_again in (False, True):
            with self.subTest(make_again=make_again):
                proxy = KafkaProxy(self.broker)
                self.addCleanup(proxy.close)
                proxy.hold(JOIN_GROUP)
                worker = self.work("--brokers", proxy.address)
                wait_until(proxy.held.is_set, "it has read what the replay is about")
                self.assertEqual(f"replay {ID}: dropped\n", self.replay("drop").stdout)
                if make_again:
                    self.create("--node", self.node.url)
                proxy.release()
                result = worker.wait()
                self.assertEqual(1, result.status, result)
                self.assertIn(f"the replay '{ID}' was dropped, or made again, since this worker began", result.errors)
                self.assert_no_requests()
                if not make_again:
                    self.create()

    def test_refuses_words_that_make_no_sense(self):
        self.publish_gone(20)
        for options, words in (
                ([], "give --from"), (["--from", "then"], "'--from' wants"), (["--from", "2026-02-30"], "'--from' wants"),
                (["--from", "beginning", "--to", "1:"], "'--to' wants"),
                (["--from", "beginning", "--range_start", 5, "--range_end", 5], "must be less than")):
            self.refuse(words, *options, status=2)
        self.assertIn("1 to 64 letters", self.call("replay", "create", "--id", "a b", status=2).stderr)
        self.assertIn("give its --id", self.call("replay", "status", status=2).stderr)
        self.assertIn("say create, list, status or drop", self.call("replay", status=2).stderr)

    def test_refuses_what_there_is_not(self):
        self.publish_gone(20)
        for options, words in (
                (["--from", "9:1"], "has no partition 9; it has 6"),
                (["--from", "beginning", "--to", "0:1000"], "give no greater offset"),
                (["--from", "2099-01-01"], "there is nothing to replay"),
                (["--from", "beginning", "--to", "1970-01-02"], "there is nothing to replay"),
                (["--from", "beginning", "--node", "http://elsewhere"], "no node 'http://elsewhere'"),
                (["--from", "beginning", "--node", self.node.url.upper()], "no node"),
        ):
            self.refuse(words, *options)
        self.assertIn(f"no replay '{ID}'", self.replay("status", status=1).stderr)
        self.assertIn(f"no replay '{ID}'", self.work_through(status=1).stderr)

    def test_refuses_a_name_that_is_taken(self):
        self.publish_gone(20)
        self.create()
        self.assertIn(f"there is a replay '{ID}' already", self.replay("create", "--from", "beginning", status=1).stderr)

    def test_refuses_another_database(self):
        self.publish_gone(20)
        other = self.other_database()
        self.refuse("hold candidates of the database tokenserver/1, this is 'other/1'", "--from", "beginning", env=other)
        self.create()
        result = self.call("work", "--replay", ID, env=other, status=1)
        self.assertIn("this is 'other/1'", result.stderr)
        self.assert_no_requests()

    def test_refuses_topics_that_nothing_was_published_into(self):
        self.refuse("hold candidates of no database yet", "--from", "beginning")
        self.prefix = f"{self.prefix}none"
        result = self.call("replay", "create", "--id", ID, "--from", "beginning", status=1)
        self.assertIn(f"topics tokenserver create --topic-prefix {self.prefix}", result.stderr)

    def test_a_target_without_nodes_has_none(self):
        result = purgefleet.run(
            ["replay", "softdelete", "create", "--id", ID, "--from", "beginning", "--brokers", self.broker.address,
             "--preset", "glance", "--database-url", self.mariadb.url()], self.environment())
        self.assertEqual(2, result.status, result)
        self.assertIn("--full", result.stderr)

    def test_one_that_a_later_version_made_is_named_and_not_guessed(self):
        self.publish_gone(20)
        self.broker.kcat("-P", "-t", f"{self.topic}.state", "-k", f"replay/{ID}", "-p", "0", data=b"\x81\xa1v\x02")
        for action in ("status", "list"):
            self.assertIn(f"the replay '{ID}' is not one that this version knows", self.replay(action, status=1).stderr)
        self.assertIn("not one that this version knows", self.call("work", "--replay", ID, status=1).stderr)
        self.replay("drop")
        self.assertEqual("", self.call("replay", "list").stdout)

    def test_a_list_for_programs_has_a_line_for_each(self):
        self.publish_gone(20)
        for name in ("a", "b"):
            self.call("replay", "create", "--id", name, "--from", "beginning")
        lines = [json.loads(line) for line in self.call("replay", "list", "--json").stdout.splitlines()]
        self.assertEqual(["a", "b"], [line["id"] for line in lines])


if __name__ == "__main__":
    main()
