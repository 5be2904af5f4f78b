#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""galera_test: a node of a Galera cluster that is cut off, stands still or wakes up: the purge pauses, no row is blamed, and
nothing is deleted on what such a node says."""
from case import main, wait_until
from galera_case import GaleraCase


class CutOff(GaleraCase):
    def start_slowly(self, *options, **how):
        """A run that goes on for seconds, with the first rows gone."""
        program = self.start("--oneshot", "--max-rate", 300, "--max-per-loop", 50, *options, **how)
        wait_until(lambda: len(self.node.deleted_uids) > 20, "some rows are in work")
        return program

    def test_a_node_that_is_cut_off_and_comes_back_is_waited_for(self):
        uids = self.tables.many_old(900, [self.nodeid])
        before = self.tables.snapshot()
        program = self.start_slowly("--on-failure", "defer")
        self.far.cut_off()
        program.wait_line("lost the database")
        self.far.wait_cut_off()
        tries = int(self.far.status("Connections"))
        wait_until(lambda: int(self.far.status("Connections")) > tries + 3, "it tries again")
        self.cluster.heal()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, purged=900, failed=0, postponed=0)
        self.assert_one_pause(program)
        self.assert_removed(before, uids)
        self.assertEqual(set(uids), set(self.node.deleted_uids))

    def test_one_that_stays_cut_off_fails_the_run_and_no_row(self):
        uids = self.tables.many_old(900, [self.nodeid])
        before = self.tables.snapshot()
        program = self.start_slowly("--database-patience", 2)
        self.far.cut_off()
        result = program.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("did not come back within --database-patience", result.summary["error"])
        self.assert_summary(result, failed=0)
        self.assertLessEqual(len(program.lines("lost the database")), 2)
        self.cluster.heal()
        self.assert_removed(before, set(uids) - self.tables.uids())

    def test_a_run_that_begins_there_says_what_is_wrong(self):
        self.tables.many_old(5, [self.nodeid])
        self.far.cut_off()
        self.far.wait_cut_off()
        result = self.purge(status=1)
        self.assertIn("cut off from the others", result.summary["error"])
        self.assert_no_requests()

    def test_glance_waits_too(self):
        glance = self.fill_glance(4000)
        program = self.start_glance("--chunk-rows", 20, "--max-per-loop", 20, "--max-rate", 400)
        wait_until(lambda: glance.count("image_tags") < 3900, "some rows are gone")
        self.far.cut_off()
        program.wait_line("lost the database")
        self.far.wait_cut_off()
        self.cluster.heal()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, purged=4000, failed=0)
        self.assert_one_pause(program)
        self.assertEqual(0, glance.count("image_tags"))


class TooBig(GaleraCase):
    def purge_limited(self, name, most, purge, rows):
        """A purge while a transaction may have only so much; more of them are needed than of a hundred rows each."""
        before = int(self.far.status("Com_begin"))
        with self.far.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"SET GLOBAL {name} = {most}")
        result = purge()
        self.far.heal()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, purged=rows, failed=0)
        self.assertGreater(int(self.far.status("Com_begin")) - before, 2 * rows / 100)

    def test_more_rows_than_a_write_set_may_have_are_taken_in_parts(self):
        for name, most in (("wsrep_max_ws_rows", 20), ("wsrep_max_ws_size", 2000)):
            with self.subTest(name):
                self.tables.query("DELETE FROM users")
                uids = self.tables.many_old(300, [self.nodeid])
                before = self.tables.snapshot()
                self.purge_limited(name, most, lambda: self.purge("--batch-rows", 100), 300)
                self.assert_removed(before, uids)

    def test_a_chunk_with_more_rows_is_taken_in_parts(self):
        for name, most in (("wsrep_max_ws_rows", 20), ("wsrep_max_ws_size", 4000)):
            with self.subTest(name):
                glance = self.fill_glance(300)
                self.purge_limited(name, most, lambda: self.start_glance("--chunk-rows", 100).wait(), 300)
                self.assertEqual(0, glance.count("image_tags"))


class TwoNodes(GaleraCase):
    def test_two_purges_on_two_nodes_take_each_row_once(self):
        """Each commits without a lock that the other sees, so that one of them gets a deadlock when it is too late."""
        uids = self.tables.many_old(1500, [self.nodeid])
        before = self.tables.snapshot()
        programs = [self.start("--oneshot", "--max-fraction", 0, "--batch-rows", 20, env={"SYNC_TOKENSERVER__DATABASE_URL": node.url()})
                    for node in (self.mariadb, self.far)]
        results = [program.wait() for program in programs]
        for result in results:
            self.assertEqual(0, result.status, result)
            self.assert_summary(result, failed=0, postponed=0)
        self.assertEqual(1500, sum(result.summary["purged"] for result in results))
        self.assert_removed(before, uids)


class Stale(GaleraCase):
    def start_held_up(self, *options):
        """The first row is with its node, and all others will be judged again when it answers."""
        program = self.start_held("--oneshot", "--node-keys", "uid", "--node-inflight", 1, "--check-ttl", 0.1, *options)
        return program, self.node.requests[0].uid

    def come_back(self, uids):
        for uid in uids:
            self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid = %s", uid)

    def release(self):
        self.node.fail(delay_s=0.2, times=1)  # longer than a judgement holds
        self.node.release()

    def test_a_node_whose_tables_are_flushed_and_locked_judges_nobody(self):
        uids = self.tables.many_old(6, [self.nodeid])
        program, first = self.start_held_up()
        with self.far.connect() as donor, donor.cursor() as cursor:
            cursor.execute("FLUSH TABLES WITH READ LOCK")
            self.come_back(set(uids) - {first})
            self.release()
            program.wait_line("lost the database")
            cursor.execute("UNLOCK TABLES")
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, purged=1, left=5)
        self.assert_deleted([first])

    def test_a_node_that_was_frozen_and_wakes_judges_nobody(self):
        uids = self.tables.many_old(6, [self.nodeid])
        program, first = self.start_held_up()
        self.far.freeze()
        wait_until(lambda: self.mariadb.status("wsrep_cluster_size") == "2", "the others notice")
        self.come_back(set(uids) - {first})
        self.release()
        self.far.thaw()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, purged=1, left=5)
        self.assert_deleted([first])


if __name__ == "__main__":
    main()
