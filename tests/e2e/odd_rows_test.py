#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""odd_rows_test: rows as no one would make them: what can be purged is, the rest stays and stops no one."""
from case import PurgeCase, main
from harness.users import DAY, RETIRED


class OddUsers(PurgeCase):
    CASES = (
        # columns, fxa_uid, a pattern of fxa_kid
        ({"email": "müller@example.com"}, "müller", None),
        ({"email": "utilisé €@example.com"}, "utilisé €", None),
        ({"email": "no-at-sign"}, "no-at-sign", None),
        ({"email": ""}, "", None),
        ({"email": "@example.com"}, "", None),
        ({"email": "a@b@c"}, "a", None),
        ({"email": 'q"uo\\te\t\n\x01\x7f/@x'}, 'q"uo\\te\t\n\x01\x7f/', None),
        ({"email": "a%_b@x"}, "a%_b", None),
        ({"email": "x' OR '1'='1@x"}, "x' OR '1'='1", None),
        ({"keys_changed_at": None, "generation": 12345}, None, "^0000000012345-"),
        ({"keys_changed_at": 0, "generation": 12345}, None, "^0000000012345-"),
        ({"keys_changed_at": 0, "generation": 0}, None, "^0000000000000-"),
        ({"keys_changed_at": 450, "generation": 12345}, None, "^0000000000450-"),
        ({"keys_changed_at": None, "generation": -5}, None, "^-000000000005-"),
        ({"keys_changed_at": -1, "generation": 7}, None, "^-000000000001-"),
        ({"keys_changed_at": None, "generation": RETIRED}, None, f"^{RETIRED}-"),
        ({"keys_changed_at": None, "generation": -RETIRED - 1}, None, f"^{-RETIRED - 1}-"),
        ({"client_state": ""}, None, "^[0-9]+-$"),
        ({"client_state": "FBEFBE"}, None, "^[0-9]+-----$"),
        ({"client_state": "fBeF"}, None, "^[0-9]+---8$"),
        ({"uid": 2**63 - 2}, None, None),
    )

    def test_are_purged_and_signed_as_they_are(self):
        uids = [self.tables.old(self.nodeid, **columns) for columns, _, _ in self.CASES]
        before = self.tables.snapshot()
        self.purge()
        self.assert_removed(before, uids)
        self.assert_deleted(uids)
        requests = {request.uid: request for request in self.node.deletes}
        for uid, (columns, fxa_uid, fxa_kid) in zip(uids, self.CASES):
            with self.subTest(columns):
                if fxa_uid is not None:
                    self.assertEqual(fxa_uid, requests[uid].fxa_uid)
                if fxa_kid is not None:
                    self.assertRegex(requests[uid].fxa_kid, fxa_kid)

    def test_with_a_client_state_that_is_not_hex_stay_and_fail(self):
        for state in ("zz", "abc", "0x12", " ab", "é" * 8):
            self.tables.old(self.nodeid, client_state=state)
        good = [self.tables.old(self.nodeid) for _ in range(3)]
        before = self.tables.snapshot()
        result = self.purge(status=3)
        self.assert_summary(result, state="partial", purged=3, failed=5, failed_unknown=5)
        self.assert_removed(before, good)
        self.assert_deleted(good)
        self.assertEqual(5, self.sink.totals()["tokenserver.row_failure#reason:unknown"])
        told = [line for line in result.lines if line["message"] == "row failed"]
        self.assertEqual([self.node.url] * 5, [line["node"] for line in told])

    def test_that_need_no_request_need_no_client_state(self):
        uid = self.tables.old(999_999, client_state="not hex")
        before = self.tables.snapshot()
        self.purge()
        self.assert_removed(before, [uid])

    def test_with_odd_times_are_purged_with_a_precondition_that_is_a_time(self):
        times = {self.tables.old(self.nodeid, replaced_at=at): at
                 for at in (1, 0, -1, -10 * DAY, -2**63)}
        before = self.tables.snapshot()
        self.purge()
        self.assert_removed(before, times)
        self.assert_deleted(times)
        for request in self.node.requests:
            self.assertRegex(request.unmodified_since, r"^\d+\.\d\d$", times[request.uid])

    def test_with_odd_uids_are_purged(self):
        self.tables.query("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        uids = [self.tables.old(self.nodeid, uid=uid) for uid in (-7, 0, 1)]
        before = self.tables.snapshot()
        self.purge()
        self.assert_removed(before, uids)
        self.assert_deleted(uids)

    def test_as_long_as_the_table_allows_are_purged(self):
        url = self.node.url + "/" + "n" * (63 - len(self.node.url))
        uids = [self.tables.old(self.nodeid, email="é" * 255),
                self.tables.old(self.nodeid, email="x" * 64 + "@" + "y" * 190),
                self.tables.old(self.tables.add_node(url))]
        before = self.tables.snapshot()
        self.purge()
        self.assert_removed(before, uids)
        self.assert_deleted(uids)


class OddNodes(PurgeCase):
    def assert_spellings(self, spellings):
        """Nodes that are this one, spelled differently."""
        uids = []
        for spelling in spellings:
            nodeid = self.tables.add_node(spelling)
            uids.append(self.tables.old(nodeid))
        before = self.tables.snapshot()
        self.purge()
        self.assert_removed(before, uids)
        self.assert_deleted(uids)
        self.assertEqual(sorted(spellings), sorted(r.node for r in self.node.deletes))

    def test_with_a_path_are_asked_below_it(self):
        url = self.node.url
        self.assert_spellings([url + "/sync/a", url + "/a/1.5/b"])

    def test_are_taken_as_they_are_written(self):
        port = self.node.port
        self.assert_spellings([
            f"{self.node.url}/", f"{self.node.url}/a b/ü", f"HTTP://127.0.0.1:{port}/upper",
            f"http://LocalHost:{port}",
        ])

    def hostile(self):
        port = self.node.port
        return (
            f"http://user:word@127.0.0.1:{port}", f"http://user@127.0.0.1:{port}",
            f"ftp://127.0.0.1:{port}", "file:///etc/hostname", f"gopher://127.0.0.1:{port}/_x",
            "", "node", f"127.0.0.1:{port}", f"//127.0.0.1:{port}", "http://", "http:///x",
            f"http://127.0.0.1:{port}\r\nX: y", f"http://127.0.0.1:{port}/\n", "http://\x01y\x02",
            "http://127.0.0.1:port", "http://127.0.0.1:99999", "http://[::1", "http://a b/",
            f"http://127.0.0.1:{port}/#x", f"http://127.0.0.1:{port}#",
            "javascript:alert(1)",
        )

    def test_that_are_hostile_get_nothing_and_stop_no_one(self):
        bad = {}
        for node in self.hostile():
            bad[self.tables.old(self.tables.add_node(node))] = node
        good = [self.tables.old(self.nodeid) for _ in range(3)]
        before = self.tables.snapshot()
        result = self.purge("--attempts", 1, status=3)
        self.assert_summary(result, state="partial", purged=3, failed=len(bad),
                            failed_unknown=len(bad))
        self.assert_removed(before, good)
        self.assert_deleted(good)

    def test_with_userinfo_never_show_it_in_the_log(self):
        node = f"http://user:hunter2@127.0.0.1:{self.node.port}"
        self.tables.old(self.tables.add_node(node))
        self.tables.old(self.nodeid)
        result = self.purge("-v", status=3)
        self.assertNotIn("hunter2", result.stderr + result.stdout)


if __name__ == "__main__":
    main()
