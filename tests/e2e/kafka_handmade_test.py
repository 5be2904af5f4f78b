#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Topics that are missing, or that somebody made by hand: what does harm is refused before the start, the rest works."""
from case import main
from fleet_case import SOON, FleetCase
from handmade_case import RETRIES, HandmadeCase, change_of


class Missing(HandmadeCase):
    def setUp(self):
        super().setUp()
        self.make_topics()

    def test_each_topic_is_missed_by_whoever_needs_it(self):
        remedy = f"make what is missing: purgefleet topics tokenserver create --topic-prefix {self.prefix}"
        commands = ((("work", "--until-drained"), ("", *RETRIES, "dead", "state")),
                    (("produce", "--oneshot"), ("", "state")), (("produce", "--dryrun"), ("", "state")))
        for end in ("", *RETRIES, "dead", "state"):
            self.broker.delete_topic(self.name(end))
            for words, needed in commands:
                result = self.call(*words, status=1 if end in needed else 0)
                if end in needed:
                    self.assertIn(f"purgefleet: there is no topic '{self.name(end)}'; {remedy}", result.stderr)
            self.make_topics()


class Policies(HandmadeCase):
    def assert_refused(self, end, policy, why, better):
        self.make_by_hand(end, cleanup_policy=policy)
        self.call("topics", "create", status=1)  # all the others
        change = change_of(self.name(end), f"cleanup.policy={better}")
        self.assertIn(f"cleanup.policy is {policy}, wanted is {better}; change it: {change}", self.show()[end])
        words = f"purgefleet: cleanup.policy of '{self.name(end)}' is '{policy}': {why}; change it: {change}\n"
        for command in ("work", "--until-drained"), ("produce", "--oneshot"), ("produce", "--dryrun"):
            if end not in RETRIES or command[0] == "work":
                self.assertEqual(words, self.call(*command, status=1).stderr)
        self.assertEqual([], self.broker.records(self.topic))

    def test_candidates_are_not_put_where_the_older_of_two_is_dropped(self):
        self.tables.old(self.nodeid)
        self.assert_refused("", "compact", "Kafka would drop candidates", "delete")

    def test_nor_are_retries(self):
        self.assert_refused("retry.10m", "compact,delete", "Kafka would drop candidates", "delete")

    def test_nor_those_of_another_delay(self):
        self.make_by_hand("retry.5m", cleanup_policy="compact")
        self.assertIn("differs: cleanup.policy is compact, wanted is delete", self.call("topics", "create", status=1).stdout)
        self.assertIn(f"cleanup.policy of '{self.name('retry.5m')}' is 'compact'", self.call("work", status=1).stderr)

    def test_the_state_is_not_kept_where_it_would_be_deleted(self):
        why = "Kafka would drop the cursor, and which database the topics belong to"
        self.assert_refused("state", "delete", why, "compact")
        self.prefix, self.topic = f"{self.prefix}b", f"{self.prefix}b.tokenserver"
        self.assert_refused("state", "compact,delete", why, "compact")


class Sizes(HandmadeCase):
    def test_show_says_what_differs_and_how_to_change_it(self):
        self.make_by_hand("", 6, max_message_bytes=999_999)
        self.make_by_hand("retry.1m", 2, message_timestamp_type="LogAppendTime")
        self.make_by_hand("retry.10m", 9, message_timestamp_type="LogAppendTime")
        self.make_by_hand("retry.1h", 6)
        self.make_by_hand("dead", 3, cleanup_policy="compact,delete", max_message_bytes=2_000_000)
        self.make_by_hand("state", 3, cleanup_policy="compact")
        begin = "kafka-configs.sh --bootstrap-server HOST:PORT --alter --entity-type topics --entity-name"
        few = "it has 2 partitions, wanted are 6; topics create adds them"
        others = {
            "": ["max.message.bytes is 999999, wanted is at least 1000000; "
                 f"change it: {begin} {self.topic} --add-config max.message.bytes=1000000"],
            "retry.1m": [], "retry.10m": [], "retry.6h": [], "dead": [], "state": [],
            "retry.1h": ["message.timestamp.type is CreateTime, wanted is LogAppendTime; "
                         f"change it: {begin} {self.name('retry.1h')} --add-config message.timestamp.type=LogAppendTime"],
        }
        self.assertEqual({**others, "retry.1m": [few]}, self.show())
        result = self.call("topics", "create", status=1)
        self.assertIn(f"{self.name('retry.1m')}: 2 partitions", result.stdout)
        self.assertIn("  raised from 2 to 6 partitions\n", result.stdout)
        self.assertIn("  all but the first partition stay empty, which does no harm\n", result.stdout)
        self.assertEqual(others, self.show())
        self.assertEqual(["replication is 1, wanted is 2; change it with kafka-reassign-partitions.sh"],
                         self.show("--replication", 2)["dead"])


class Lost(HandmadeCase):
    def test_candidates_that_were_lost_are_made_with_as_many_partitions_as_the_retries_have(self):
        self.make_topics("--partitions", 4)
        self.broker.delete_topic(self.topic)
        self.assertEqual([], [differs for end in RETRIES for differs in self.show()[end]])
        result = self.call("topics", "create")
        self.assertIn(f"{self.topic}: created, 4 partitions", result.stdout)
        self.assertNotIn("raised", result.stdout)
        self.broker.delete_topic(self.topic)
        result = self.call("topics", "create", "--partitions", 5)
        self.assertIn(f"{self.topic}: created, 5 partitions", result.stdout)
        self.assertEqual(len(RETRIES), result.stdout.count("  raised from 4 to 5 partitions\n"))


class SmallMessages(HandmadeCase):
    properties = ("message.max.bytes=100000",)

    def test_create_says_so_when_the_brokers_take_less_than_a_batch(self):
        lines = self.call("topics", "create", status=1).stdout.splitlines()
        for end in ("", *RETRIES, "dead", "state"):
            at = next(i for i, line in enumerate(lines) if line.startswith(f"{self.name(end)}: created"))
            self.assertEqual(
                "  differs: max.message.bytes is 100000, wanted is at least 1000000; change it: kafka-configs.sh --bootstrap-server "
                f"HOST:PORT --alter --entity-type topics --entity-name {self.name(end)} --add-config max.message.bytes=1000000",
                lines[at + 1])
        self.assertIn("layout: range width", lines[-1])


class Fleet(HandmadeCase, FleetCase):
    def make_topics(self, *options):
        """Other numbers of partitions than ours, all over."""
        self.make_by_hand("", 6)
        self.make_by_hand("retry.10s", 9)
        self.make_by_hand("retry.1m", 9)
        self.make_by_hand("dead", 3)
        self.make_by_hand("state", 3, cleanup_policy="compact")
        self.call("topics", "create", "--range-width", self.width, *options, status=1)  # says what differs
        self.broker.delete_topic(self.name("retry.1s"))
        self.make_by_hand("retry.1s", 2)

    def test_retry_topics_of_any_size_are_emptied_and_nothing_is_left(self):
        self.assertEqual([2, 9], [self.broker.topics()[self.name(end)] for end in ("retry.1s", "retry.1m")])
        uids = self.tables.many_old(200, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(500, times=300)
        self.publish(uids)
        workers = [self.worker("--until-drained", "--attempts", 1, "--retries", 1000, tiers=SOON) for _ in range(2)]
        for worker in workers:
            result = worker.wait()
            self.assertEqual(0, result.status, result)
        self.assertGreaterEqual(len(self.records("retry.1s")), 100)
        self.assert_purged(before, uids)
        self.assertEqual(0, self.lag())
        self.assertEqual([], self.records("dead"))


if __name__ == "__main__":
    main()
