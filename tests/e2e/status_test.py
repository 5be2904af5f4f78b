#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What `status` says of a fleet: what is not known is never zero, and nobody waits for it."""
import itertools
import json
import time

from case import main, wait_until
from fleet_case import PARTITIONS, FleetCase
from harness import purgefleet, records
from harness.broker import Cluster


def without_rates(value):
    """What does not change while nobody works."""
    changing = ("rate_per_s", "added_per_s", "eta_s")
    return {key: each for key, each in value.items() if key not in changing} if isinstance(value, dict) else value


class StatusCase(FleetCase):
    def status(self, *options, status=0):
        return json.loads(self.call("status", "--json", *options, status=status).stdout)

    def produce(self, count=100):
        uids = self.tables.many_old(count, [self.nodeid])
        self.call("produce", "--oneshot", "--max-fraction", 0)
        return uids


class Known(StatusCase):
    def test_nothing_yet(self):
        found = self.status()
        self.assertEqual({"eligible": 0, "exact": True, "unknown_because": None}, found["database"])
        self.assertEqual((0, []), (found["candidates"]["lag"], found["workers"]))
        self.assertEqual([False] * PARTITIONS, [one["has_commit"] for one in found["candidates"]["partitions"]])
        self.assertEqual([1, 10, 60], [retry["delay_s"] for retry in found["retries"]])
        self.assertIn("the group has committed nothing yet", self.call("status").stdout)

    def test_what_waits_and_who_works(self):
        uids = self.produce(120)
        self.node.hold()
        workers = [self.worker("--window", "12") for _ in range(2)]
        self.wait_shared(workers)
        wait_until(lambda: self.node.waiting > 0, "they are at it")
        found = self.status()
        self.assertEqual((120, True), (found["database"]["eligible"], found["database"]["exact"]))
        self.assertEqual(120, found["candidates"]["lag"])
        self.assertEqual([12, 12], [worker["partitions"] for worker in found["workers"]])
        self.assertEqual(2, len({one["worker"] for one in found["candidates"]["partitions"]}))
        self.assertIsNotNone(found["candidates"]["oldest_at"])
        self.assertIsNone(found["candidates"]["eta_s"])
        self.assertEqual(0, found["candidates"]["rate_per_s"])
        said = self.call("status", "--partitions").stdout
        self.assertIn("uids with floor(uid / 20) mod 6 = 5, worker ", said)
        self.node.release()
        self.wait_done(uids)
        self.assertEqual(0, self.status()["candidates"]["lag"])
        self.end(*workers)

    def test_the_lag_is_what_kafka_itself_says(self):
        uids = self.produce(120)
        self.node.fail(delay_s=0.1)
        worker = self.worker("--window", "12", "--node-inflight", "4")
        wait_until(lambda: self.lag() < 100, "some are done")
        self.end(worker)
        self.assertEqual(self.lag(), self.status()["candidates"]["lag"])
        offsets, ends = self.offsets(), self.ends()
        for one in self.status()["candidates"]["partitions"]:
            place = (self.topic, one["partition"])
            self.assertEqual(ends[place] - offsets.get(place, 0), one["lag"])
        self.assertTrue(set(uids) & self.tables.uids())

    def test_passes_and_replays(self):
        self.produce(20)
        producer = self.start(*self.kafka(), "--max-fraction", "0", words=("produce", "tokenserver"))
        producer.wait_line("pass ended")
        self.call("replay", "create", "--id", "x", "--from", "beginning")
        found = self.status()
        self.assertIsNotNone(found["passes"]["full_began_at"])
        self.assertIs(False, found["passes"]["full_running"])
        self.assertEqual([{"id": "x", "records": 40, "done": 0}], found["replays"])
        self.stop(producer)

    def test_dead_letters(self):
        uids = self.produce(20)
        self.node.fail(400, uids=set(uids[:3]))
        self.assertEqual(3, self.worker("--until-drained").wait().status)
        self.tables.query("DELETE FROM users WHERE uid = %s", uids[0])
        found = self.status()["dead"]
        self.assertEqual((3, 2, 1, {"http_4xx": 3}), (found["letters"], found["open"], found["solved"], found["reasons"]))
        self.assertIn("3 letters, open 2, solved 1: http_4xx 3", self.call("status").stdout)

    def test_a_pause(self):
        self.assertEqual({"paused": False, "since": None, "reason": None, "by": None, "fault": None}, self.status()["pause"])
        self.call("pause", "--reason", "a new disk")
        found = self.status()["pause"]
        self.assertEqual((True, "a new disk"), (found["paused"], found["reason"]))
        self.assertIsNotNone(found["since"])
        self.assertIn("a new disk", self.call("status").stdout)

    def watch(self):
        return self.start(*self.kafka(), "--watch", "--interval", "1", "--json", words=("status", "tokenserver"))

    def add_until(self, watch, is_found, what):
        """Adds records, one after the other, until a line of `status --watch` is as it should be; returns that."""
        def found():
            self.publish([next(self.uids)])
            return next((one for one in self.candidates(watch) if is_found(one)), None)
        return wait_until(found, what, 60)

    def candidates(self, watch):
        return [json.loads(line)["candidates"] for line in watch.stdout_lines()]

    def test_no_end_is_told_while_more_is_added_than_done(self):
        self.uids = itertools.count(10 ** 6)
        self.produce(20)
        watch = self.watch()
        found = self.add_until(watch, lambda one: (one.get("added_per_s") or 0) > 0, "some are added")
        self.assertEqual((0, None), (found["rate_per_s"], found["eta_s"]))
        self.assertGreater(found["lag"], 0)
        wait_until(lambda: self.candidates(watch)[-1]["added_per_s"] == 0, "nothing is added any more")
        self.assertIn(" 0 a second, does not get less\n", self.call("status").stdout)

    def test_the_end_is_told_with_what_is_added_meanwhile(self):
        self.uids = itertools.count(10 ** 6)
        self.produce(2000)
        worker = self.worker("--max-rate", "60")
        found = self.add_until(self.watch(), lambda one: one.get("eta_s") and one["added_per_s"] > 0, "there is an end")
        self.assertGreater(found["rate_per_s"], found["added_per_s"])
        self.assertAlmostEqual(found["lag"] / (found["rate_per_s"] - found["added_per_s"]), found["eta_s"], delta=0.5 + 0.05 * found["eta_s"])
        self.end(worker)

    def test_watches(self):
        program = self.start(*self.kafka(), "--watch", "--interval", "0.5", words=("status", "tokenserver"))
        wait_until(lambda: len(program.stdout_lines()) >= 3, "it has said it three times")
        self.assertIn("0 records", program.stdout_lines()[-1])


class Unknown(StatusCase):
    def test_no_topic(self):
        self.prefix = f"{self.prefix}none"
        found = self.status(status=1)
        self.assertIsNone(found["candidates"]["lag"])
        self.assertIn("there is no topic", found["candidates"]["unknown_because"])
        self.assertEqual((None, None, None), (found["retries"], found["workers"], found["replays"]))
        self.assertEqual(0, found["database"]["eligible"])

    def test_a_database_that_is_away_or_says_nothing(self):
        uids = self.produce(20)
        records.publish(self.broker, f"{self.topic}.dead", [(0, str(uids[0]), records.candidate(uids[0]))], {"purge.error.reason": "http_4xx"})
        for fault, mend in ((self.mariadb.freeze, self.mariadb.thaw), (self.mariadb.stop, self.mariadb.start)):
            fault()
            began_s = time.monotonic()
            found = self.status("--deadline", 3, status=1)
            self.assertLess(time.monotonic() - began_s, 5)
            mend()
            self.assertIsNone(found["database"]["eligible"])
            self.assertIsNotNone(found["database"]["unknown_because"])
            self.assertEqual(20, found["candidates"]["lag"])
            self.assertIsNone(found["dead"]["open"])

    def test_no_database_is_named(self):
        uids = self.produce(20)
        records.publish(self.broker, f"{self.topic}.dead", [(0, str(uids[0]), records.candidate(uids[0]))], {"purge.error.reason": "http_4xx"})
        for url in None, "":
            env = {"SYNC_TOKENSERVER__DATABASE_URL": url}
            found = json.loads(self.call("status", "--json", env=env, status=1).stdout)
            self.assertEqual({"eligible": None, "exact": None, "unknown_because": "no database is named: give --database-url URL"}, found["database"])
            dead = found["dead"]
            self.assertEqual((1, None, None, {"http_4xx": 1}), (dead["letters"], dead["open"], dead["solved"], dead["reasons"]))
            self.assertIn("no database", dead["unknown_because"])
            known = self.status()
            for key in "candidates", "retries", "workers", "passes", "replays", "pause", "limits", "range_width", "scope":
                self.assertEqual(without_rates(known[key]), without_rates(found[key]))
            said = self.call("status", env=env, status=1).stdout
            self.assertIn("database:    unknown: no database is named: give --database-url URL\n", said)
            self.assertIn("1 letter, open unknown, solved unknown (no database ", said)

    def test_of_rows_that_are_marked_deleted_no_database_is_named(self):
        words = ["softdelete", *self.kafka()]
        self.assertEqual(0, purgefleet.run(["topics", *words, "create"], self.environment()).status)
        result = purgefleet.run(["status", *words, "--preset", "glance", "--json"], self.environment())
        self.assertEqual(1, result.status, result)
        found = json.loads(result.stdout)
        self.assertIn("no database is named", found["database"]["unknown_because"])
        self.assertEqual((0, 0), (found["candidates"]["lag"], found["dead"]["open"]))

    def test_something_that_is_no_database_is_wrong_usage(self):
        for url in "mysql:/x", "junk", "mysql://h/d?what=1":
            result = self.call("status", env={"SYNC_TOKENSERVER__DATABASE_URL": url}, status=2)
            self.assertEqual("", result.stdout)
            self.assertIn("--database-url or SYNC_TOKENSERVER__DATABASE_URL: ", result.stderr)

    def test_brokers_that_are_away_or_say_nothing(self):
        self.produce(20)
        self.broker.stop()
        self.addCleanup(self.broker.start)
        began_s = time.monotonic()
        found = self.status("--deadline", 2, status=1)
        self.assertLess(time.monotonic() - began_s, 4)
        self.assertIsNone(found["candidates"]["lag"])
        self.assertEqual((None, None, None), (found["retries"], found["workers"], found["replays"]))
        self.assertEqual((None, None, None), (found["passes"]["full_began_at"], found["range_width"], found["pause"]["paused"]))
        self.assertEqual((None, None), (found["dead"]["letters"], found["dead"]["reasons"]))
        self.assertEqual(20, found["database"]["eligible"])
        self.assertIn("unknown", self.call("status", "--deadline", 2, status=1).stdout)


class SomeBrokers(StatusCase):
    @classmethod
    def make_broker(cls):
        return Cluster()

    def test_partitions_whose_leader_is_away(self):
        self.produce(120)
        lags = {one["partition"]: one["lag"] for one in self.status()["candidates"]["partitions"]}
        gone = self.broker.leaders(self.topic)[0]
        away = [partition for partition, leader in self.broker.leaders(self.topic).items() if leader == gone]
        self.broker.node("stop", gone)
        self.addCleanup(self.broker.node, "start", gone)
        found = self.status("--deadline", 10, status=1)["candidates"]
        self.assertEqual({partition: None if partition in away else lag for partition, lag in lags.items()},
                         {one["partition"]: one["lag"] for one in found["partitions"]})
        self.assertIsNone(found["lag"])
        self.assertEqual(len(away), found["unknown_partitions"])
        self.assertEqual(sum(lag for partition, lag in lags.items() if partition not in away), found["known_lag"])


if __name__ == "__main__":
    main()
