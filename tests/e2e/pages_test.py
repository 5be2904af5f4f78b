#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The examples of pages of docs/, one after the other. They have the usual prefix, so each page has a broker of its own."""
from case import main
from dead_case import DeadCase
from fleet_case import FleetCase
from harness import doc_examples
from replay_case import ReplayCase


class PageCase(FleetCase):
    tiers = "1m,10m,1h,6h"

    def make_topics(self, *options):
        self.prefix, self.topic = "purge", "purge.tokenserver"
        super().make_topics(*options)

    def check(self, name, count, replaced):
        """The page has so many examples, and all are right."""
        examples = doc_examples.read_page(name, replaced)
        self.assertEqual(count, len(examples))
        env = self.environment(PURGEFLEET_BROKERS=self.broker.address)
        for example in examples:
            doc_examples.check(self, example, env)


class DeadLetters(PageCase, DeadCase):
    def test_every_example_of_the_page(self):
        other, otherid = self.add_node()
        if other.url < self.node.url:  # the page has them in order
            (self.node, self.nodeid), (other, otherid) = (other, otherid), (self.node, self.nodeid)
        self.node.fail(400)
        other.fail(500)
        for uid, nodeid in ((14, self.nodeid), (15, self.nodeid), (16, self.nodeid), (17, otherid), (18, otherid)):
            self.tables.old(nodeid, uid=uid)
        self.poison()
        self.give_up(6)
        self.check("dead-letters.md", 11, {"https://sync-1.example": self.node.url, "https://sync-2.example": other.url})


class Replay(PageCase, ReplayCase):
    def test_every_example_of_the_page(self):
        uids = self.publish_gone(100)
        self.check("replay.md", 5, {"https://sync-7.example": self.node.url})
        self.assertEqual(uids, self.asked())


class Status(PageCase):
    def test_every_example_of_the_page(self):
        self.tables.many_old(120, [self.nodeid])
        self.call("produce", "--oneshot", "--max-fraction", 0, "--max-records", 100)
        self.check("status.md", 3, {})


if __name__ == "__main__":
    main()
