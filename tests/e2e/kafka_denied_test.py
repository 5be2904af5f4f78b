#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_denied_test: what produce and decode do when a right is missing, before their start and while they run."""
import json

from case import PurgeCase, main
from harness import purgefleet
from harness.broker import GuardedBroker
from kafka_secure_test import SecureCase


class DeniedCase(SecureCase):
    @classmethod
    def setUpClass(cls):
        PurgeCase.setUpClass.__func__(cls)
        cls.broker = GuardedBroker()
        cls.addClassCleanup(cls.broker.close)

    def setUp(self):
        super().setUp()
        self.state = f"{self.topic}.state"
        self.make_topics()

    def make_topics(self, *options):
        """By somebody who may do everything."""
        words = ["topics", "tokenserver", "create", "--brokers", self.broker.address, "--topic-prefix", self.prefix]
        result = purgefleet.run([*words, "--partitions", str(self.partitions), "--range-width", "1", *options], self.environment())
        self.assertEqual(0, result.status, result)

    def allow(self, *rights):
        """For the length of the test."""
        self.broker.allow(*rights)
        self.addCleanup(self.broker.forget, *rights)

    def deny(self, *rights):
        self.broker.deny(*rights)
        self.addCleanup(self.broker.forget, *rights)

    def assert_told(self, text, right):
        """That this right is missing, whose it is and how it is granted."""
        kind, name, operation = right
        option = "--cluster" if kind == "cluster" else f"--{kind} {name}"
        resource = "cluster" if kind == "cluster" else f"{kind} '{name}'"
        self.assertIn(f"no right to {operation} {resource}", text)
        self.assertIn(f"--allow-principal User:{self.broker.user} --operation {operation} {option}", text)


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


if __name__ == "__main__":
    main()
