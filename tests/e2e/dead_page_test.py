#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dead_page_test: the examples of docs/dead-letters.md, one after the other."""
from case import main
from dead_case import DeadCase
from harness import doc_examples


class Page(DeadCase):
    def setUp(self):
        super().setUp()
        self.prefix = "purge"
        self.topic = "purge.tokenserver"
        self.make_topics("--replication", 1, "--retry-delay", 1)

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
        examples = doc_examples.read_page("dead-letters.md", {"https://sync-1.example": self.node.url, "https://sync-2.example": other.url})
        self.assertGreater(len(examples), 10)
        env = self.environment(PURGEFLEET_BROKERS=self.broker.address)
        for example in examples:
            doc_examples.check(self, example, env)


if __name__ == "__main__":
    main()
