#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Topics that may lose records before a worker takes them: what is told of it, and when."""
from case import main
from handmade_case import RETRIES, HandmadeCase, change_of

LIMIT = "2000000000"


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

    def test_a_short_time_that_is_asked_for_is_made_and_warned_of(self):
        result = self.call("topics", "create", "--retention", "23h")
        self.assertIn("purgefleet: --retention is less than a day: records that no worker takes", result.stderr)
        self.assertEqual([], self.show("--retention", "23h")[""])
        self.assertIn("retention.ms is 82800000, wanted is 604800000", self.show()["retry.1h"][0])
        self.assertEqual(4, len(self.warnings("work", "--until-drained")))


if __name__ == "__main__":
    main()
