#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Topics that may lose records before a worker takes them: what is told of it, and when."""
from case import main, wait_until
from handmade_case import RETRIES, HandmadeCase, change_of
from harness import records

LIMIT = "2000000000"
HOUR_MS = "3600000"
LATE_S = 40 * 60  # more than half of an hour
SOON = "records may be deleted before a worker takes them"
GONE = "records were deleted before a worker took them"
UNSURE = "records were deleted, and the group has no commit"
LATE = "records are taken late"
UNREAD = "records were deleted before they could be taken"


class Settings(HandmadeCase):
    properties = (f"log.retention.bytes={LIMIT}",)

    def warnings(self, *command):
        """(topic, setting, value) to the command that changes it."""
        lines = [line for line in self.call(*command).lines if line["message"].startswith("a topic is set so that")]
        for line in lines:
            self.assertEqual("WARNING", line["severity"])
            self.assertTrue(line["harm"])
        return {(line["topic"], line["setting"], line["value"]): line["change_it"] for line in lines}

    def test_that_lose_records_are_warned_of_at_the_start_and_differ_from_the_wish(self):
        harmful = {
            "": {"retention.ms": ("3600000", "604800000"), "retention.bytes": ("1000", "-1")},
            "retry.1m": {"retention.ms": ("86399999", "604800000"), "retention.bytes": (LIMIT, "-1"),
                         "message.timestamp.type": ("CreateTime", "LogAppendTime")},
            "state": {"unclean.leader.election.enable": ("true", "false")},
        }
        found, differ = {}, {}
        for end, settings in harmful.items():
            self.make_by_hand(end, **({"cleanup.policy": "compact"} if end == "state" else {}),
                              **{key: value for key, (value, _) in settings.items() if value != LIMIT})
            for key, (value, better) in settings.items():
                change = change_of(self.name(end), f"{key}={better}")
                found[(self.name(end), key, value)] = change
                differ.setdefault(end, set()).add(f"{key} is {value}, wanted is {better}; change it: {change}")
        self.call("topics", "create", status=1)  # all the others
        self.assertEqual(differ, {end: set(lines) for end, lines in self.show().items() if lines})
        self.assertEqual(found, self.warnings("work", "--until-drained"))
        self.assertEqual({key: found[key] for key in found if key[0] != self.name("retry.1m")},
                         self.warnings("produce", "--oneshot"))

    def test_that_lose_nothing_are_not_though_the_brokers_have_a_limit_for_others(self):
        self.make_by_hand("", **{"retention.ms": "-1", "retention.bytes": "-1"})
        self.make_topics()
        self.assertEqual([], [line for end in ("", *RETRIES, "dead", "state") for line in self.show()[end]])
        for command in ("work", "--until-drained"), ("produce", "--oneshot"):
            self.assertEqual({}, self.warnings(*command))

    def test_of_a_retry_topic_of_another_delay_are_shown_too(self):
        self.make_topics()
        self.make_by_hand("retry.5m", **{"cleanup.policy": "compact", "retention.bytes": "-1"})
        self.make_by_hand("retry.300s", **{"cleanup.policy": "compact"})  # a name that says no delay
        self.assertEqual({"retry.5m": [f"{key} is {value}, wanted is {better}; change it: {change_of(self.name('retry.5m'), f'{key}={better}')}"
                                       for key, value, better in (("message.timestamp.type", "CreateTime", "LogAppendTime"),
                                                                  ("cleanup.policy", "compact", "delete"))]},
                         {end: lines for end, lines in self.show().items() if lines})

    def test_a_short_time_that_is_asked_for_is_made_and_warned_of(self):
        result = self.call("topics", "create", "--retention", "23h")
        self.assertIn("purgefleet: --retention is less than a day: records that no worker takes", result.stderr)
        self.assertEqual([], self.show("--retention", "23h")[""])
        self.assertIn("retention.ms is 82800000, wanted is 604800000", self.show()[""][0])
        self.assertEqual({(self.topic, "retention.ms", "82800000")}, set(self.warnings("work", "--until-drained")))  # retries are kept longer


class Late(HandmadeCase):
    """What was published long ago, in topics that keep it for an hour."""

    def setUp(self):
        super().setUp()
        for end in "", "retry.1m":
            self.make_by_hand(end, **{"retention.ms": HOUR_MS})
        self.call("topics", "create", status=1)  # all the others
        self.uids = self.tables.many_old(6, [self.nodeid])

    def put(self, end, uids, age_s):
        for uid in uids:
            self.broker.put_old(self.name(end), records.candidate(uid), age_s)

    def longer(self, end):
        return change_of(self.name(end), "retention.ms=604800000")

    def told(self, message, *command):
        return [line for line in self.call(*command).lines if line["message"].startswith(message)]

    def test_is_told_by_the_producer_while_no_worker_takes_it(self):
        self.put("", self.uids[:3], LATE_S)
        self.put("", self.uids[3:], 0)
        [line] = self.told(SOON, "produce", "--oneshot", "--max-fraction", 0)
        self.assertEqual(("WARNING", self.topic, self.topic, 3, 3600, self.longer("")),
                         tuple(line[key] for key in ("severity", "topic", "group", "records", "kept_s", "keep_longer")))

    def test_is_told_while_the_producer_waits_for_the_workers_and_once(self):
        self.put("", self.uids[:3], LATE_S)
        producer = self.start(*self.kafka(), "--max-fraction", "0", "--max-queue-lag", "3", words=("produce", "tokenserver"))
        producer.next_line(SOON, records=3)
        producer.next_line("waiting: the workers are too far behind")
        self.call("work", "--until-drained")
        producer.next_line("pass ended", state="complete")
        self.assertEqual(1, len(producer.lines(SOON)))
        self.stop(producer)

    def test_is_not_told_when_all_of_it_was_taken_or_is_young(self):
        self.put("", self.uids[:3], LATE_S)
        self.call("work", "--until-drained")
        self.put("", self.uids[3:], 0)
        self.assertEqual([], self.told("records ", "produce", "--oneshot", "--max-fraction", 0))

    def test_is_told_by_the_worker_that_takes_it_once_for_each_topic(self):
        self.put("", self.uids[:2], LATE_S)
        self.put("retry.1m", self.uids[2:4], LATE_S)
        self.put("", self.uids[4:], 0)
        lines = self.told(LATE, "work", "--until-drained")
        self.assertEqual({self.name(end): ("WARNING", 3600, self.longer(end)) for end in ("", "retry.1m")},
                         {line["topic"]: (line["severity"], line["kept_s"], line["keep_longer"]) for line in lines})
        self.assertEqual(2, len(lines))
        self.assertEqual(set(), set(self.uids) & self.tables.uids())


    def test_that_was_deleted_is_told_by_the_producer_with_how_many_records_it_was(self):
        self.put("", self.uids[:1], 0)
        self.call("work", "--until-drained")
        self.put("", self.uids[1:], 0)
        self.broker.trim(self.topic, 4)
        [line] = self.told("records ", "produce", "--oneshot", "--max-fraction", 0)
        self.assertEqual((True, "WARNING", self.topic, self.topic, 3, 3600, self.longer("")),
                         (line["message"].startswith(GONE),
                          *(line[key] for key in ("severity", "topic", "group", "records", "kept_s", "keep_longer"))))
        self.call("work", "--until-drained", status=3)  # the pass has found them again
        self.assertEqual(set(), set(self.uids) & self.tables.uids())

    def test_that_was_deleted_before_any_worker_came_is_told_by_the_producer(self):
        """Nobody can say then that it was taken."""
        self.put("", self.uids, 0)
        self.broker.trim(self.topic, 4)
        [line] = self.told("records ", "produce", "--oneshot", "--max-fraction", 0)
        self.assertEqual((UNSURE, "WARNING", 4), (line["message"][:len(UNSURE)], line["severity"], line["records"]))
        worker = self.start_held(*self.kafka(), words=("work", "tokenserver"))  # it has read, and committed nothing
        self.assertEqual([4], [line["records"] for line in self.told(GONE, "produce", "--oneshot", "--max-fraction", 0)])
        self.node.release()
        self.stop(worker)

    def assert_unread(self, worker, **counts):
        """What a worker that ended has told of deleted records, and counted: so many of each topic."""
        ends = {"candidates": "", "retries": "retry.1m"}
        self.assertEqual({(self.name(ends[name]), "WARNING", count, 3600, self.longer(ends[name])) for name, count in counts.items()},
                         {tuple(line[key] for key in ("topic", "severity", "records", "kept_s", "keep_longer"))
                          for line in worker.lines if line["message"].startswith(UNREAD)})
        self.assertEqual([sum(counts.values())],
                         [line["expired_unread"] for line in worker.lines if line["message"] == "worker ended"])

    def test_that_was_deleted_is_told_by_the_worker_that_comes_too_late(self):
        for end in "", "retry.1m":
            self.put(end, self.uids[:1], LATE_S)
        self.assert_unread(self.call("work", "--until-drained"))
        self.put("", self.uids[1:], 0)
        self.put("retry.1m", self.uids[1:3], 0)
        self.broker.trim(self.name(""), 4)
        self.broker.trim(self.name("retry.1m"), 3)  # and nothing comes after it
        self.assert_unread(self.call("work", "--until-drained", status=3), candidates=3, retries=2)
        self.assertEqual(set(self.uids[1:4]), set(self.uids) & self.tables.uids())

    def test_that_was_deleted_is_told_by_a_worker_that_was_held_up(self):
        self.put("", self.uids[:2], 0)
        # One is with the node and one is read already: nothing more is fetched meanwhile.
        worker = self.start_held(*self.kafka(), "--window", "1", "--kafka.queued.min.messages=1", words=("work", "tokenserver"))
        self.put("", self.uids[2:], 0)
        self.broker.trim(self.topic, 5)
        self.node.release()
        worker.next_line(UNREAD)
        wait_until(lambda: set(self.uids) & self.tables.uids() == set(self.uids[2:5]), "all that could be taken is done")
        self.assert_unread(self.stop(worker), candidates=3)

    def test_that_was_deleted_from_a_partition_that_was_empty_is_told_too(self):
        self.call("work", "--until-drained")
        self.put("", self.uids, 0)
        self.broker.trim(self.topic, 4)
        [line] = self.told("records ", "produce", "--oneshot", "--max-fraction", 0)
        self.assertEqual((True, 4), (line["message"].startswith(GONE), line["records"]))

    def test_that_was_deleted_before_the_group_began_is_not_told(self):
        self.put("", self.uids, 0)
        self.broker.trim(self.topic, 4)
        for _ in range(2):
            self.assert_unread(self.call("work", "--until-drained"))


if __name__ == "__main__":
    main()
