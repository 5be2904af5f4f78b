#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_reap_test: accounts of a real Swift are emptied as its own reaper empties them."""
import shutil
from pathlib import Path

from swift_case import SwiftCase, main
from harness import purgefleet
from harness.metrics_sink import MetricsSink

ODD = ("o", "a b", "ö/ß/日本", "a/../b", "./x", "?q=1&x#y", "100%41", "trailing/", "'\"\\", "x" * 1000, "..", "+", "~")


class ReapTest(SwiftCase):
    def test_objects_of_every_policy_go_with_their_containers(self):
        neighbour = self.new_account()
        self.fill("stays", account=neighbour)
        for policy in ("gold", "silver", "ec21"):
            self.fill(*ODD, container=f"c {policy} ü%", policy=policy)
        self.fill(container="empty")
        self.delete()
        self.swift.forget_requests()
        self.run_everywhere()
        self.assert_reaped()
        for policy, servers in (("gold", 3), ("silver", 2), ("ec21", 3)):
            container = f"c {policy} ü%"
            self.assert_no_object_is_left(self.account, container, *ODD, policy=policy)
            for name in ODD:
                files = self.swift.object_files(self.account, container, name, policy)
                stones = [file for each in files.values() for file in each]
                self.assertEqual(servers, len(stones), (policy, name, files))
                self.assertEqual(1, len(set(stones)), "one time on all servers")
                self.assertTrue(stones[0].endswith(".ts"))
        self.assertEqual(["stays"], self.swift.listing(neighbour, "c"))

    def test_what_was_deleted_is_not_asked_for_again(self):
        self.fill("o1", "o2")
        self.delete()
        self.run_everywhere()
        self.swift.forget_requests()
        self.run_everywhere()
        self.assertEqual([], self.deletes("object") + self.deletes("container"))

    def test_each_request_is_sent_once_and_to_the_replication_network(self):
        self.fill(*[f"o{number}" for number in range(30)])
        self.fill(*[f"o{number}" for number in range(30)], container="d", policy="silver")
        self.delete()
        self.swift.forget_requests()
        self.run_everywhere()
        objects = self.deletes("object")
        self.assertEqual(30 * 3 + 30 * 2, len(objects))
        self.assertEqual(len(objects), len({(line["node"], line["path"]) for line in objects}))
        for line in objects:
            self.assertEqual("true", line["headers"]["x-backend-use-replication-network"])
        # Of two servers one tells two of the container's three databases.
        hosts = [line["headers"]["x-container-host"].split(",") for line in objects
                 if line["headers"]["x-backend-storage-policy-index"] == "1"]
        self.assertEqual({1, 2}, {len(each) for each in hosts})
        containers = [line for line in self.deletes("container") if line["path"].count("/") == 4]
        self.assertEqual(2 * 3, len(containers))
        for line in containers:
            self.assertEqual("yes", line["headers"]["x-account-override-deleted"])

    def test_every_container_has_one_node_that_takes_it(self):
        names = [f"c{number}" for number in range(12)]
        for name in names:
            self.fill("o", container=name)
        self.delete()
        results = self.run_everywhere()
        self.assertEqual(12, sum(result.summary["purged"] for result in results))
        self.assertTrue(all(result.summary["purged"] < 12 for result in results))
        self.assert_reaped()

    def test_one_node_takes_all_when_it_is_told_to(self):
        for number in range(8):
            self.fill("o", container=f"c{number}")
        self.delete()
        result = self.run_on(self.swift.nodes[0], "--all-shards")
        self.assertEqual(8, result.summary["purged"])
        self.assert_reaped()

    def test_pages_of_a_large_container_come_one_after_the_other(self):
        names = [f"o{number:03}" for number in range(120)]
        self.swift.write_etc("[swift-constraints]\ncontainer_listing_limit = 50\n")
        self.addCleanup(self.swift.write_etc)
        for node in self.swift.nodes:
            node.restart()
        self.fill(*names)
        self.delete()
        self.swift.forget_requests()
        self.run_everywhere()
        pages = [line for line in self.swift.requests(method="GET", server="container")]
        self.assertEqual(4, len(pages))
        self.assert_no_object_is_left(self.account, "c", *names)
        self.assert_reaped()

    def test_the_log_tells_of_each_account_in_the_words_of_the_reaper(self):
        self.fill("a", "b")
        self.fill("c", container="d", policy="silver")
        self.delete()
        result = self.run_on(self.swift.nodes[0], "--all-shards")
        messages = [line["message"] for line in result.lines]
        self.assertIn(f"Beginning pass on account {self.account}", messages)
        line = next(message for message in messages if message.startswith(f"Completed pass on account {self.account}"))
        # Three servers of each of two objects, and two of one; two listings of each container, and three servers.
        self.assertRegex(line, r", 2 containers deleted, 8 objects deleted, return codes: 18 2xxs, "
                               r"elapsed: \d+\.\d\ds$")
        self.assertRegex(messages[-2], r"^Devices pass completed: \d+\.\d\ds$")
        quiet = self.run_on(self.swift.nodes[0], "--all-shards")
        self.assertNotIn("pass on account", quiet.stderr)

    def test_called_as_the_reaper_it_takes_its_words(self):
        self.fill("a")
        self.delete()
        node = self.swift.nodes[0]
        reaper = str(Path(purgefleet.BINARY).with_name("swift-account-reaper"))
        result = purgefleet.run([str(node.conf("account")), "once", "-v", "--all-shards"],
                                purgefleet.environment(), binary=reaper)
        self.assertEqual(0, result.status, result)
        self.assertIn(f"Completed pass on account {self.account}, 1 containers deleted, 3 objects deleted", result.stderr)
        self.assertEqual([], result.lines, "people read it")
        self.assert_reaped()

    def test_versions_and_links_are_plain_objects(self):
        other = self.new_account()
        self.fill("target", account=other)
        self.fill(container="ver", **{"X-Versions-Enabled": "true"})
        for _ in range(3):
            self.swift.put(self.account, "ver", "vé")
        self.swift.ask("PUT", self.account, "ver", "link", headers={
            "X-Symlink-Target": "c/target", "X-Symlink-Target-Account": other, "Content-Length": "0"})
        self.delete()
        self.run_everywhere()
        self.assert_reaped()
        self.assertEqual(["target"], self.swift.listing(other, "c"))

    def test_nothing_is_written_on_the_devices_by_the_program(self):
        self.fill("o")
        before = self.swift.tree()
        result = self.run_on(self.swift.nodes[0])
        self.assertEqual(before, self.swift.tree())
        self.assertEqual(0, result.summary["purged"])


class TermsTest(SwiftCase):
    def test_a_live_account_is_left_alone(self):
        self.fill("o")
        self.run_everywhere()
        self.assertEqual(["o"], self.swift.listing(self.account, "c"))
        self.assertEqual([], self.deletes("object"))

    def test_an_account_that_was_just_deleted_waits(self):
        self.fill("o")
        self.delete()
        self.swift.forget_requests()
        for result in self.run_everywhere("--delay-reaping", 3600):
            self.assertEqual(0, result.summary["purged"])
            self.assertGreaterEqual(result.summary["left"], 1)
        self.assertEqual([], self.deletes("object"))

    def test_an_account_that_should_be_empty_by_now_is_told_of(self):
        self.fill("o", policy="silver")
        self.delete()
        deleted = self.swift.look(self.swift.databases(self.account)[0],
                                  "SELECT delete_timestamp FROM account_stat")[0][0]
        words = f"Account {self.account} has not been reaped since {self.swift.iso(deleted)}"
        ring = self.swift.etc / "object-1.ring.gz"
        aside = ring.rename(ring.with_suffix(".aside"))
        self.addCleanup(lambda: aside.exists() and aside.rename(ring))
        result = self.run_on(self.swift.nodes[0], "--reap-warn-after", 0, "--all-shards", status=3)
        self.assertEqual(["WARNING"], [line["severity"] for line in result.lines if line["message"] == words])
        self.assertNotIn(words, self.run_on(self.swift.nodes[0], "--all-shards", status=3).stderr)
        aside.rename(ring)
        # What is gone in this pass does not remain.
        self.assertNotIn(words, self.run_on(self.swift.nodes[0], "--reap-warn-after", 0, "--all-shards").stderr)
        self.assert_reaped()

    def test_a_directory_of_files_is_read_as_one(self):
        self.fill("o")
        self.delete()
        node = self.swift.nodes[0]
        directory = node.dir / "account-server.conf.d"
        directory.mkdir()
        self.addCleanup(shutil.rmtree, directory)
        (directory / "00-base.conf").write_text(node.conf("account").read_text())
        (directory / "10-port.conf").write_text("[DEFAULT]\nbind_port = 1\n")
        (directory / ".20-hidden.conf").write_text("[DEFAULT]\nbind_port = nothing\n")
        words = ["run", "swift", "--account-server-conf", str(directory), "--oneshot", "--all-shards"]
        result = purgefleet.run(words, purgefleet.environment())
        self.assertIn("is no device of this node in the account ring", result.stderr)
        (directory / "20-port.conf").write_text(f"[DEFAULT]\nbind_port = {node.ports['account']}\n")
        purgefleet.run(words, purgefleet.environment())
        self.assert_reaped()
        (directory / "30-wrong.conf").write_text("[account-reaper]\n\nconcurrency = many\n")
        result = purgefleet.run(words, purgefleet.environment())
        self.assertEqual(2, result.status, result)
        self.assertIn("30-wrong.conf line 3: '--inflight' wants", result.stderr)


class StatsdTest(SwiftCase):
    """The names and numbers of the metrics, beside those of the reaper itself."""

    def setUp(self):
        super().setUp()
        self.sink = MetricsSink()
        self.addCleanup(self.sink.close)
        for node in self.swift.nodes:
            text = node.conf("account").read_text()
            self.addCleanup(node.conf("account").write_text, text)
            node.conf("account").write_text(text.replace("[DEFAULT]", "\n".join([
                "[DEFAULT]", "log_statsd_host = 127.0.0.1", f"log_statsd_port = {self.sink.port}",
                "log_statsd_metric_prefix = rack.7"])))

    def fill_and_delete(self):
        self.account = self.new_account()
        self.fill("a", "b", "c")
        self.fill("d", container="d")
        self.fill("e", container="e", policy="ec21")
        self.delete()

    def lose(self, name, servers):
        """Some of the servers lose the object's files: they answer 404."""
        places = [place for place in self.swift.object_places(self.account, "c", name) if place.is_dir()]
        for place in places[:servers]:
            shutil.rmtree(place)

    def totals(self):
        """Counters, and how many times there are, without what is of the servers and of the run."""
        name = "rack.7.account-reaper."
        totals = {key.removeprefix(name): value for key, value in self.sink.totals().items()
                  if key.startswith(name) and ".purge.run." not in key}
        self.sink.clear()
        return {key: len(value) if isinstance(value, list) else value for key, value in totals.items()}

    def both(self, prepare):
        """The totals of the reaper, and ours, of equal accounts; those of earlier tests are empty."""
        found = []
        for reap in (lambda: self.swift.run_everywhere("account-reaper"), self.run_everywhere):
            self.fill_and_delete()
            prepare()
            self.sink.clear()
            reap()
            found.append(self.totals())
            self.assert_reaped()
        return found

    def test_they_are_those_of_the_reaper(self):
        wanted, found = self.both(lambda: None)
        self.assertEqual({"return_codes.2", "objects_deleted", "containers_deleted", "timing"}, set(wanted))
        self.assertEqual(wanted, found)

    def test_what_fails_is_counted_as_the_reaper_does(self):
        def prepare():
            self.lose("a", 1)
            self.lose("b", 3)
        wanted, found = self.both(prepare)
        self.assertEqual(4, wanted["objects_failures"])
        self.assertEqual(4, wanted["return_codes.4"])
        for uncertain in ("objects_remaining", "objects_possibly_remaining", "objects_deleted"):
            # Which of the three answers comes first decides.
            wanted.pop(uncertain, None), found.pop(uncertain, None)
        self.assertEqual(wanted, found)

    def test_a_device_that_is_not_mounted_counts_as_an_error(self):
        node = self.swift.nodes[0]
        self.sink.clear()
        self.run_on(node, "--mount-check", "true")
        self.assertEqual(1, self.totals()["errors"])

    def test_an_option_goes_before_the_file(self):
        self.fill_and_delete()
        other = MetricsSink()
        self.addCleanup(other.close)
        self.run_on(self.swift.nodes[0], "--all-shards", "--metric-port", other.port)
        self.assertEqual(3, other.totals()["rack.7.account-reaper.containers_deleted"])


class CommandTest(SwiftCase):
    def test_called_as_the_reaper_it_has_its_options(self):
        node = self.swift.nodes[0]
        reaper = str(Path(purgefleet.BINARY).with_name("swift-account-reaper"))
        for words in (["-o"], ["--once"], ["-vo"], ["once", "--verbose"]):
            self.fill("a")
            self.delete()
            result = purgefleet.run([str(node.conf("account")), *words, "--all-shards"], purgefleet.environment(),
                                    binary=reaper)
            self.assertEqual(0, result.status, (words, result))
            self.assertIn(f"Completed pass on account {self.account}, 1 containers deleted", result.stderr)
            self.account = self.new_account()

    def test_a_half_undeleted_account_is_left_unless_told_otherwise(self):
        self.fill("o")
        self.delete()
        for path in self.swift.databases(self.account):
            self.swift.change(path, "UPDATE account_stat SET status = ''")
        for result in self.run_everywhere():
            self.assertIn("half undeleted", result.stderr)
            self.assertGreaterEqual(result.summary["left"], 1)
        self.assertEqual(["o"], self.swift.listing(self.account, "c"))
        self.run_everywhere("--reap-half-undeleted")
        self.assert_reaped()

    def test_an_account_that_one_of_its_servers_has_undeleted_is_left(self):
        self.fill(*"abc")
        for number in range(4):
            self.fill("o", container=f"c{number}")
        self.delete()
        self.swift.forget_requests()
        self.swift.change(self.swift.databases(self.account)[2],
                          "UPDATE account_stat SET status = '', put_timestamp = '9999999999.00000'")
        for node in self.swift.nodes:
            self.run_on(node)
        self.assertEqual([], self.deletes("object") + self.deletes("container"))

    def test_a_dry_run_says_what_would_go_and_sends_no_delete(self):
        self.fill("o")
        self.delete()
        self.swift.forget_requests()
        results = [self.run_on(node, "--dryrun", "--all-shards") for node in self.swift.nodes]
        for result in results:
            self.assertIn("empty and delete containers", result.stdout + result.stderr)
        self.assertEqual([], self.deletes("object") + self.deletes("container"))

    def test_a_container_that_is_only_pending_goes_too(self):
        self.delete()
        self.swift.make_container_behind(self.account, "late")
        self.assertEqual([0], sorted({self.swift.look(path, "SELECT container_count FROM account_stat")[0][0]
                                      for path in self.swift.databases(self.account)}))
        self.assertTrue(all(path.stat().st_size > 0 for path in self.swift.pending(self.account)))
        self.assertEqual(1, sum(result.summary["purged"] for result in self.run_everywhere()))
        self.assert_reaped()


if __name__ == "__main__":
    main()
