#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What goes wrong in a replay: nothing is passed over without a word."""
from case import main, wait_until
from fleet_case import PARTITIONS
from harness import records
from replay_case import ID, ReplayCase, totals


class WhatFails(ReplayCase):
    def test_goes_to_the_dead_letters_under_its_name(self):
        uids = self.publish_gone(60)
        self.create()
        self.node.fail(400, uids={uids[7]})
        self.work_through(status=3)
        self.assertEqual({uids[7]}, set(self.letters()))
        headers = self.letters()[uids[7]]
        self.assertEqual((ID, "http_4xx", "400"), tuple(
            headers[name] for name in ("purge.replay", "purge.error.reason", "purge.error.status")))
        for delay in ("1s", "10s", "1m"):
            self.assertEqual([], self.records(f"retry.{delay}"))

    def test_a_node_that_is_away_for_a_while_makes_no_dead_letters(self):
        """However few records there are to find out that it is there again."""
        uids = self.publish_gone(3)
        self.create()
        self.node.fail(503, times=24)
        self.work_through()
        self.assertEqual(set(uids), set(self.node.deleted_uids))
        self.assertEqual({}, self.letters())

    def test_a_letter_names_the_replay_that_made_it(self):
        """Whatever the record said before, and also of one that cannot be decoded."""
        self.publish_gone(1)
        value = self.broker.records(self.topic)[0]["value"]
        records.publish(self.broker, self.topic, [(0, "0", value), (1, "0", b"\xc1")], {"purge.replay": "older"})
        self.create()
        self.node.fail(400)
        self.work_through(status=3)
        self.assertEqual({ID}, {letter["headers"]["purge.replay"] for letter in self.records("dead")})
        self.assertIn("undecodable", {letter["headers"]["purge.error.reason"] for letter in self.records("dead")})

    def test_what_cannot_be_decoded_is_named_whatever_the_node(self):
        self.publish_gone(5)
        records.publish(self.broker, self.topic, [(0, "0", records.candidate(7, d={"act": "odd"}))])
        self.create("--node", self.node.url)
        self.work_through(status=3)
        self.assertEqual({7}, set(self.letters()))

    def test_what_somebody_wrote_since_is_named(self):
        uids = self.publish_gone(5)
        self.create()
        self.node.fail(412)
        self.work_through(status=3)
        self.assertEqual(set(uids), set(self.letters()))

    def test_a_letter_that_is_put_back_is_not_left_for_a_pass_to_find(self):
        """It is older than a candidate lives, and its row is gone."""
        uids = self.publish_gone(1)
        value = self.broker.records(self.topic)[0]["value"]
        records.publish(self.broker, self.topic, [(0, "0", value)], {"purge.replay": ID})
        self.node.down()
        result = self.worker("--until-drained", "--candidate-life", "1", "--hold", "2").wait()
        self.assertEqual(3, result.status, result)
        self.assertEqual(set(uids), set(self.letters()))
        self.assertEqual(ID, self.letters()[uids[0]]["purge.replay"])

    def test_a_record_that_a_replay_gave_up_is_one_of_a_replay_wherever_it_is(self):
        """A worker of the fleet deletes its data too, though the row is gone."""
        uids = self.publish_gone(20)
        self.create()
        self.node.fail(400, uids={uids[7]}, times=1)
        self.work_through(status=3)
        self.node.requests.clear()
        letter = self.records("dead")[0]
        self.node.fail(500, uids={uids[7]}, times=1)
        records.publish(self.broker, f"{self.topic}.retry.1s", [(0, "0", letter["value"])], {"purge.replay": ID})
        self.assertEqual(0, self.worker("--until-drained", "--attempts", "1").wait().status)
        self.assertEqual([uids[7]] * 2, self.asked())
        self.assertEqual([ID], [record["headers"]["purge.replay"] for record in self.records("retry.1s")
                                if "purge.error.reason" in record["headers"]])

    def test_a_node_that_the_table_no_longer_has_is_not_asked(self):
        uids = self.publish_gone(10)
        self.create()
        self.tables.query("DELETE FROM nodes WHERE id = %s", self.nodeid)
        self.work_through(status=3)
        self.assert_no_requests()
        self.assertEqual({"its node is no longer in the table nodes"}, {
            headers["purge.error.message"] for headers in self.letters().values()})
        self.assertEqual(set(uids), set(self.letters()))

    def test_a_node_that_is_marked_down_is_not_asked(self):
        uids = self.publish_gone(10)
        self.create()
        self.tables.query("UPDATE nodes SET downed = 1")
        self.work_through(status=3)
        self.assert_no_requests()
        self.assertEqual(set(uids), set(self.letters()))

    def test_a_uid_that_the_table_never_gave_out_is_refused(self):
        """It is another database, or one of before: somebody else may get that uid."""
        uids = self.publish_gone(10)
        self.create()
        self.tables.query(f"ALTER TABLE users AUTO_INCREMENT = {uids[5]}")
        self.work_through(status=3)
        self.assertEqual(uids[:5], self.asked())
        self.assertEqual(set(uids[5:]), set(self.letters()))
        self.assertIn("never given out", self.letters()[uids[5]]["purge.error.message"])

    def test_a_database_that_goes_away_gives_nothing_up(self):
        uids = self.publish_gone(200)
        self.create()
        self.node.fail(delay_s=0.05)
        worker = self.work("--window", "20", "--check-ttl", "0.1", "--database-patience", "1")
        wait_until(lambda: len(self.asked()) > 20, "it is under way")
        self.mariadb.stop()
        self.assertEqual(1, worker.wait().status)
        self.mariadb.start()
        self.node.heal()
        self.assertEqual({}, self.letters())
        self.work_through()
        self.assertEqual(set(uids), set(self.asked()))


class TheLog(ReplayCase):
    def delete_topic(self):
        self.broker.delete_topic(self.topic)
        wait_until(lambda: self.topic not in self.broker.topics(), "it is gone")

    def make_anew(self):
        self.delete_topic()
        self.make_topics("--replication", 1, "--retry-tiers", self.tiers)

    def test_what_retention_took_is_told_and_not_passed_over(self):
        uids = self.publish_gone()
        self.create()
        lost = self.published(2)[:5]
        self.broker.trim(self.topic, 5, partition=2)
        result = self.work_through(status=3)
        self.assertEqual(sorted(set(uids) - set(lost)), self.asked())
        [told] = [line for line in result.lines if line["message"].startswith("records were deleted before")]
        self.assertEqual(5, told["records"])

    def test_says_when_it_is_made_what_retention_has_taken(self):
        self.publish_gone()
        self.broker.trim(self.topic, 5, partition=2)
        self.assertIn("5 records that belonged to it", self.create().stdout)
        self.assertEqual(5, self.status()["deleted"])
        self.replay("drop")
        self.replay("create", "--from", "1h ago")
        self.assertIsNone(self.status()["deleted"])
        self.assertIn("deleted:     unknown", self.replay("status").stdout)

    def test_a_topic_that_was_made_again_is_not_replayed(self):
        self.publish_gone()
        self.create()
        self.make_anew()
        result = self.work_through(status=1)
        self.assertIn("the log of a partition ends before the replay does", result.errors)
        self.assert_no_requests()

    def test_another_log_ends_a_worker_that_runs(self):
        self.publish_gone(300)
        self.create()
        self.node.fail(delay_s=0.1)
        worker = self.work("--window", "12", "--node-inflight", "3")
        wait_until(lambda: len(self.asked()) > 30, "it is under way")
        self.make_anew()
        later = self.publish_gone(600)
        result = worker.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("since the replay was created", result.errors)
        self.assertFalse(set(later) & set(self.asked()))

    def test_a_topic_with_fewer_partitions_is_not_waited_for(self):
        self.publish_gone()
        self.replay("create", "--from", "5:0")
        self.delete_topic()
        self.broker.make_topic(self.topic, 3)
        result = self.work_through(status=1)
        self.assertIn('"partition": 5', result.errors)

    def test_records_that_are_younger_than_the_replay_are_of_another_log(self):
        """The topic was made again, with as many records, while nobody looked."""
        self.publish_gone(1)
        self.create()
        value = self.broker.records(self.topic)[0]["value"]
        self.make_anew()
        for partition in range(PARTITIONS):
            self.broker.put_old(self.topic, value, -120, partition)
        result = self.work_through(status=1)
        self.assertIn("since the replay was created", result.errors)
        self.assert_no_requests()

    def test_the_usual_group_set_back_by_hand_deletes_nothing(self):
        uids = self.publish_gone(60)
        self.assertEqual(0, self.worker("--until-drained").wait().status)
        for partition in range(PARTITIONS):
            self.broker.commit(self.topic, self.topic, partition, 0)
        result = self.worker("--until-drained").wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(len(uids), totals(result)["gone"])
        self.assert_no_requests()


if __name__ == "__main__":
    main()
