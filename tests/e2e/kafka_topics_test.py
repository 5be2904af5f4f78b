#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_topics_test: what `topics` makes of a real broker's topics, and says of them."""
import re

from case import main
from produce_case import PARTITIONS, ProduceCase


class Topics(ProduceCase):
    def test_are_created_with_the_right_properties_and_again_without_harm(self):
        self.call("topics", "show", status=1)
        self.make_topics()
        made = self.broker.topics()
        self.assertEqual({name: made[name] for name in made if name.startswith(self.prefix)}, {
            self.topic: PARTITIONS, **{f"{self.topic}.retry.{delay}": PARTITIONS for delay in ("1m", "10m", "1h", "6h")}, f"{self.topic}.dead": PARTITIONS,
            f"{self.topic}.state": 1,
        })
        shown = self.call("topics", "show").stdout
        self.assertIn("retention.ms=604800000", shown)
        self.assertIn("cleanup.policy=compact,delete, retention.ms=7776000000", shown)
        self.assertIn("range width 100", shown)
        self.make_topics()
        self.call("topics", "create")
        self.assertEqual(self.call("topics", "show").stdout, shown)

    def test_grow_but_never_shrink(self):
        self.make_topics()
        self.call("topics", "create", "--partitions", PARTITIONS + 4)
        made = self.broker.topics()
        self.assertEqual((made[self.topic], made[f"{self.topic}.dead"]), (PARTITIONS + 4, PARTITIONS))
        refused = self.call("topics", "create", "--partitions", PARTITIONS, status=1)
        self.assertIn("cannot shrink", refused.stdout)
        self.assertEqual(self.broker.topics()[self.topic], PARTITIONS + 4)

    def test_grow_with_the_retry_topics_of_all_delays(self):
        self.make_topics()
        self.call("topics", "create", "--retry-delay", 5, "--partitions", PARTITIONS)
        self.assertIn("retry.5s", self.call("topics", "show", "--partitions", PARTITIONS + 4, status=1).stdout)
        self.call("topics", "create", "--partitions", PARTITIONS + 4)
        made = self.broker.topics()
        self.assertEqual((made[f"{self.topic}.retry.1m"], made[f"{self.topic}.retry.5s"]), (PARTITIONS + 4, PARTITIONS + 4))
        self.assertEqual(self.broker.topics()[f"{self.topic}.dead"], PARTITIONS)
        self.call("topics", "create", "--retry-delay", 7)  # new ones have as many
        self.assertEqual(self.broker.topics()[f"{self.topic}.retry.7s"], PARTITIONS + 4)

    def test_retries_are_kept_for_a_week_though_candidates_are_not(self):
        self.make_topics("--retention", "2d", "--retry-tiers", "1m,24h")
        shown = self.call("topics", "show", "--retention", "2d", "--retry-tiers", "1m,24h").stdout
        self.assertEqual({"": 2, ".retry.1m": 7, ".retry.24h": 7}, {
            end: int(re.search(rf"^{self.topic}{end}: .*retention\.ms=(\d+)", shown, re.MULTILINE).group(1)) / 86400000
            for end in ("", ".retry.1m", ".retry.24h")})

    def test_say_what_differs_from_the_wish(self):
        self.make_topics()
        result = self.call("topics", "create", "--range-width", 7, "--retention", "1d", status=1)
        self.assertIn("retention.ms is 604800000, wanted is 86400000", result.stdout)
        self.assertIn("range width is 100, wanted is 7", result.stdout)


if __name__ == "__main__":
    main()
