#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The examples of docs/replay.md and docs/status.md, one after the other. They have the usual prefix, so each page has a broker of its own."""
from case import main
from harness import doc_examples
from replay_case import ReplayCase


class PageCase(ReplayCase):
    tiers = "1m,10m,1h,6h"

    def make_topics(self, *options):
        self.prefix, self.topic = "purge", "purge.tokenserver"
        super().make_topics(*options)

    def check(self, name):
        examples = doc_examples.read_page(name, {"https://sync-7.example": self.node.url})
        self.assertGreater(len(examples), 2)
        env = self.environment(PURGEFLEET_BROKERS=self.broker.address)
        for example in examples:
            doc_examples.check(self, example, env)


class Replay(PageCase):
    def test_every_example_of_the_page(self):
        uids = self.publish_gone(100)
        self.check("replay.md")
        self.assertEqual(uids, self.asked())


class Status(PageCase):
    def test_every_example_of_the_page(self):
        self.tables.many_old(120, [self.nodeid])
        self.call("produce", "--oneshot", "--max-fraction", 0, "--max-records", 100)
        self.check("status.md")


if __name__ == "__main__":
    main()
