#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_denied_test: what produce and decode do when a right is missing, before their start and while they run."""
import json
import signal

from case import main, wait_until
from harness import purgefleet
from harness.messagepack import unpack
from harness.users import DAY, SECOND
from secure_case import DeniedCase

SOON_S = 30


class Decode(DeniedCase):
    def setUp(self):
        super().setUp()
        self.read = ("topic", self.state, "Read")
        self.words = ["decode", "--brokers", self.broker.secure_address, "--config", self.config, "--topic-prefix", self.prefix]

    def decode(self, topic=None):
        return purgefleet.run([*self.words, "--topic", topic or self.state], self.environment())

    def assert_ends_with_one_error(self, result):
        self.assertEqual((1, "", 1), (result.status, result.stdout, len(result.stderr.splitlines())), result)

    def test_needs_nothing_but_to_read_the_topic(self):
        self.allow(self.read)
        result = self.decode()
        self.assertEqual((0, ""), (result.status, result.stderr), result)
        self.assertEqual(["layout"], [json.loads(line)["key"] for line in result.stdout.splitlines()])

    def test_names_the_right_that_is_missing(self):
        for allowed, denied in (((), ()), ((("topic", self.state, "Describe"),), ()), ((self.read,), (("topic", self.state, "Describe"),))):
            with self.subTest(allowed=allowed, denied=denied):
                self.broker.allow(*allowed)
                self.broker.deny(*denied)
                result = self.decode()
                self.broker.forget(*allowed, *denied)
                self.assert_ends_with_one_error(result)
                self.assertIn(f"cannot read topic '{self.state}': ", result.stderr)
                self.assert_told(result.stderr, self.read)
                self.assertEqual(("topic", self.state, "Describe") not in allowed, "or Describe is denied" in result.stderr)

    def test_tells_a_missing_topic_from_a_missing_right(self):
        self.allow(self.read, ("topic", f"{self.prefix}.none", "Read"))
        result = self.decode(f"{self.prefix}.none")
        self.assert_ends_with_one_error(result)
        self.assertIn(f"there is no topic '{self.prefix}.none'; there are: {self.state}\n", result.stderr)


class ProduceDenied(DeniedCase):
    partitions = 4

    def setUp(self):
        super().setUp()
        self.group = ("group", self.topic, "Describe")
        self.write = ("topic", self.topic, "Write")
        self.read_state, self.write_state = (("topic", self.state, operation) for operation in ("Read", "Write"))
        self.rights = [self.read_state, self.write_state, self.write, self.group,
                       *(("topic", name, "DescribeConfigs") for name in (self.topic, self.state))]
        self.describe = [("topic", name, "Describe") for name in (self.topic, self.state)]
        self.tables.many_old(50, [self.nodeid])

    def produce(self, *options, status=0):
        return self.call("produce", "--oneshot", "--max-fraction", 0, *options, status=status)

    def published(self):
        return sorted(unpack(record["value"])["k"] for record in self.broker.records(self.topic))


class BeforeTheStart(ProduceDenied):
    def test_produce_needs_these_rights_and_no_other(self):
        self.allow(*self.rights)
        self.produce()
        self.assertEqual(sorted(self.tables.uids()), self.published())

    def assert_refused(self, named, *options):
        """For want of the right that is `named`; nothing is published."""
        result = self.produce(*options, status=1)
        self.assertEqual([], self.published())
        last = result.stderr.splitlines()[-1]
        self.assert_told(last, named)
        return last

    def test_a_dry_run_needs_no_right_to_write_and_only_to_see_the_candidates(self):
        self.allow(*self.rights, self.describe[0])
        self.broker.forget(self.write, self.write_state)
        self.assertIn("50", self.produce("--dryrun").stdout)
        self.assertEqual([], self.published())
        self.broker.forget(self.describe[0])
        self.assert_refused(self.describe[0], "--dryrun")

    def test_produce_names_the_one_that_is_missing(self):
        self.allow(*self.rights, *self.describe)  # to be seen, though a right that has it with it is missing
        for missing in self.rights:
            with self.subTest(missing=missing):
                self.broker.forget(missing)
                self.assert_refused(missing)
                self.broker.allow(missing)

    def test_produce_names_a_topic_that_it_may_not_see(self):
        self.allow(*self.rights)
        for describe, named in zip(self.describe, (self.write, self.read_state)):
            with self.subTest(describe=describe):
                self.broker.deny(describe)
                self.assertIn("or Describe is denied", self.assert_refused(named))
                self.broker.forget(describe)

    def test_produce_without_any_topic_to_write_names_that_and_the_right_on_the_cluster(self):
        self.allow(*self.rights)
        self.produce("--max-fraction", 0, "--range_start", 0, "--range_end", 1)  # binds the topics
        self.broker.forget(self.write, self.write_state)
        self.allow(*self.describe)
        self.assert_told(self.assert_refused(("cluster", None, "IdempotentWrite")), self.write)

    def test_produce_needs_no_right_on_the_group_when_the_lag_does_not_matter(self):
        self.allow(*self.rights)
        self.broker.forget(self.group)
        result = self.produce("--max-queue-lag", 0)
        self.assertIsNone(result.lines[-1]["lag"])
        self.assertEqual(sorted(self.tables.uids()), self.published())


class MidRun(ProduceDenied):
    def start(self, *options, **how):
        words = ("produce", "tokenserver", *self.kafka(), "--max-fraction", "0", "--purge-interval", "1")
        return super().start(*options, words=words, **how)

    def stop(self, producer):
        producer.signal(signal.SIGTERM)
        self.assertEqual(0, producer.wait().status)

    def test_produce_tells_what_is_missing_and_goes_on_once_it_may(self):
        self.allow(*self.rights)
        producer = self.start()
        producer.next_line("pass ended", state="complete", published=50)
        for missing, seen in ((self.write, []), (self.write, self.describe), (self.write_state, []), (self.read_state, []),
                              (self.group, [])):
            self.broker.allow(*seen)
            self.broker.forget(missing)
            self.tables.many_old(20, [self.nodeid], age_ms=DAY - SECOND)  # old enough when the cursor has passed all others
            self.assert_told(producer.next_line("pass ended", SOON_S, state="failed")["error"], missing)
            self.broker.allow(missing)
            self.broker.forget(*seen)
            producer.next_line("pass ended", SOON_S, state="complete")
            wait_until(lambda: self.tables.uids() == set(self.published()), "all candidates are published", SOON_S)
        self.stop(producer)

    def test_produce_tells_it_while_it_publishes_and_passes_nothing_over(self):
        self.allow(*self.rights, *self.describe)
        self.tables.many_old(150, [self.nodeid])
        producer = self.start("--max-unacked", 1, "--max-per-loop", 5, "--kafka.linger.ms=500")  # two a second
        wait_until(lambda: len(self.published()) > 3)
        self.broker.forget(self.write, self.write_state)  # and with them what a producer needs for its first record
        error = producer.next_line("pass ended", SOON_S, state="failed")["error"]
        self.assertRegex(error, rf"no right to Write topic '{self.topic}(\.state)?'; grant it: ")
        before = len(self.published())
        self.assertLess(before, 200)
        self.broker.allow(self.write, self.write_state)
        wait_until(lambda: len(self.published()) > before)
        self.stop(producer)
        producer = self.start()
        producer.next_line("pass ended", SOON_S, state="complete")
        self.assertEqual(self.tables.uids(), set(self.published()))
        self.stop(producer)


if __name__ == "__main__":
    main()
