#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""node_faults_test: whatever nodes do, the run ends in time, says what was wrong, and removes only what is deleted."""
import os
import time
from email.utils import formatdate

from case import PurgeCase, main, wait_until
from harness.raw_node import RawNode, drip, flood, send, silence
from harness.users import NO_NODE

QUICK = ("--retry-time", 1, "--request-timeout", "0.5", "--connect-timeout", "0.5")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull"


class FaultCase(PurgeCase):
    def add_raw(self, answer):
        node = RawNode(answer)
        self.addCleanup(node.close)
        return node, self.tables.add_node(node.url)

    def timed(self, *options, status, most_s, **more):
        began = time.monotonic()
        result = self.purge(*options, status=status, **more)
        self.assertLess(time.monotonic() - began, most_s, result)
        return result


class Together(FaultCase):
    def test_all_that_is_wrong_at_once_ends_within_the_usual_times(self):
        """A node that is good, one away, one that hangs, one that fails and one that asks for time."""
        away, away_id = self.add_node()
        away.down()
        _, silent_id = self.add_raw(silence)
        failing, failing_id = self.add_node()
        failing.fail(500)
        _, patient_id = self.add_raw(send(
            b"HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"))
        nodeids = [self.nodeid, away_id, silent_id, failing_id, patient_id]
        uids = self.tables.many_old(400, nodeids)
        before = self.tables.snapshot()
        result = self.timed("--request-timeout", 2, "--retry-time", 5, status=3, most_s=25)
        self.assert_removed(before, uids[0::5])
        self.assert_summary(result, state="partial", purged=80)
        summary = result.summary
        self.assertEqual(320, summary["failed"] + summary["postponed"], result)
        for reason in ("connect", "timeout", "http_5xx"):
            self.assertGreater(summary[f"failed_{reason}"], 0, result)
        said = {(line["message"], line.get("node")) for line in result.lines}
        self.assertIn(("connections to the node fail; probing it until one works", away.url), said)


class Waiting(FaultCase):
    def test_for_a_node_costs_no_processor(self):
        for what in ("no answer", "hold", "breaker"):
            with self.subTest(what):
                self.tables.query("DELETE FROM users")
                self.node.requests.clear()
                self.node.heal()
                self.tables.many_old(3000, [self.nodeid])
                if what == "no answer":
                    self.node.hold()
                elif what == "hold":
                    self.node.fail(503, headers={"Retry-After": "30"})
                else:
                    self.node.fail(drop=True)
                program = self.start("--oneshot", "--max-fraction", 0, "--check-ttl", 0.1)
                wait_until(lambda: len(self.node.requests) >= 5, "requests")
                began, used = time.monotonic(), program.cpu_s()
                wait_until(lambda: time.monotonic() - began > 1.5, "a while")
                self.assertLess(program.cpu_s() - used, 0.3, what)
                self.assertFalse(program.ended())
                program.close()
                self.node.release()

    def test_between_runs_costs_no_processor(self):
        program = self.start("--purge-interval", 3600)
        program.wait_line("run ended")
        began, used = time.monotonic(), program.cpu_s()
        wait_until(lambda: time.monotonic() - began > 1.5, "a while")
        self.assertLessEqual(program.cpu_s() - used, 0.05)


class Refusal(FaultCase):
    def refusing(self, date):
        return send(b"HTTP/1.1 401 No\r\nDate: " + date.encode("ascii")
                    + b"\r\nContent-Length: 0\r\n\r\n")

    def test_that_persists_names_node_secret_and_clock(self):
        raw, raw_id = self.add_raw(self.refusing(formatdate(time.time() - 3600, usegmt=True)))
        uids = self.tables.many_old(200, [self.nodeid, raw_id])
        before = self.tables.snapshot()
        result = self.timed(status=1, most_s=20)
        self.assert_removed(before, uids[0::2])
        line = [line for line in result.lines
                if line["message"].startswith("node refuses our signature")][0]
        self.assertEqual(raw.url, line["node"])
        self.assertEqual(401, line["status"])
        self.assertIsNone(line["asked_again_in_s"])
        self.assertAlmostEqual(3600, line["our_clock_ahead_s"], delta=5)
        self.assertTrue(line["node_told_its_time"])
        for word in ("secret", "clock"):
            self.assertIn(word, line["message"])
            self.assertIn(word, result.summary["error"])
        self.assertIn(raw.url, result.summary["error"])
        self.assertLess(raw.requests, 100)

    def test_of_four_rows_stops_nothing(self):
        uids = self.tables.many_old(60, [self.nodeid])
        self.node.fail(403, uids=set(uids[10:14]))
        before = self.tables.snapshot()
        result = self.purge(status=3)
        self.assert_summary(result, state="partial", purged=56, failed_http_4xx=4)
        self.assert_removed(before, set(uids) - set(uids[10:14]))

    def test_of_all_rows_points_to_the_secret_however_few_they_are(self):
        self.tables.many_old(4, [self.nodeid])
        before = self.tables.snapshot()
        result = self.purge(env={"SYNC_MASTER_SECRET": "another"}, status=1)
        self.assertIn("4 rows got 401 or 403: check the secret and the clocks", result.summary["error"])
        self.assert_removed(before, [])

    def test_of_a_row_tells_when_the_clocks_are_apart(self):
        for ahead_s in (3600, -3600, 0):
            with self.subTest(ahead_s):
                date = formatdate(time.time() - ahead_s, usegmt=True)
                raw_id = self.add_raw(self.refusing(date))[1]
                self.tables.query("DELETE FROM users")
                self.tables.old(raw_id)
                result = self.purge(status=1)
                words = [line["error"] for line in result.lines if line["message"] == "row failed"]
                where = "behind" if ahead_s < 0 else "ahead of"
                apart = f"; our clock is (3599|3600|3601) s {where} the node's" if ahead_s else ""
                self.assertRegex(words[0], f"^status 401{apart}$")

    def test_is_forgotten_by_the_next_run(self):
        self.tables.many_old(20, [self.nodeid])
        self.node.fail(401)
        program = self.start("--purge-interval", "0.2")
        program.wait_line("node refuses our signature")
        self.node.heal()
        wait_until(lambda: not self.tables.uids(), "the rows' end")


class RetryAfter(FaultCase):
    def postponed(self, result):
        """What is said at the end of each node that was given up."""
        return [(line["node"], line["rows"]) for line in result.lines
                if line["message"].startswith("rows of this node are postponed")]

    def test_of_an_hour_with_a_success_is_told_for_what_it_is(self):
        self.tables.many_old(5, [self.nodeid])
        self.node.fail(200, times=1, headers={"X-Backoff": "3600"})
        result = self.timed("--node-inflight", 1, status=3, most_s=10)
        self.assert_summary(result, purged=1, postponed=4, postponed_held=4)
        self.assertEqual([(self.node.url, 4)], self.postponed(result))

    def test_of_nobody_tells_of_nobody(self):
        self.tables.many_old(5, [self.nodeid])
        self.assertEqual([], self.postponed(self.purge()))

    def test_of_an_hour_does_not_hold_the_run_for_longer_than_it_may(self):
        self.tables.many_old(30, [self.nodeid])
        self.tables.old(NO_NODE)
        self.node.fail(503, headers={"Retry-After": "3600"})
        result = self.timed(status=3, most_s=10)
        self.assert_summary(result, purged=1, failed=16, failed_http_5xx=16, postponed=14,
                            postponed_http_5xx=14)
        self.assertEqual([(self.node.url, 14)], self.postponed(result))
        self.assertEqual(16, len(self.node.requests))

    def test_as_a_date_is_obeyed(self):
        answers = [
            lambda: b"HTTP/1.1 503 Busy\r\nDate: " + formatdate(usegmt=True).encode()
            + b"\r\nRetry-After: " + formatdate(time.time() + 2, usegmt=True).encode()
            + b"\r\nContent-Length: 0\r\n\r\n"]
        times = []

        def answer(connection, _):
            times.append(time.monotonic())
            connection.sendall(answers.pop()() if answers else OK)

        _, raw_id = self.add_raw(answer)
        self.tables.many_old(3, [raw_id])
        self.purge("--node-inflight", 1)
        self.assertGreater(times[1] - times[0], 0.9)
        self.assertLess(times[2] - times[1], 0.9)

    def test_that_means_nothing_is_as_if_it_were_not_there(self):
        for value in ("soon", "-5", "1e3", "\x80"):
            with self.subTest(value):
                self.tables.many_old(3, [self.nodeid])
                self.node.heal()
                self.node.fail(503, times=1, headers={"Retry-After": value})
                self.timed(status=0, most_s=10)


class Redirect(FaultCase):
    def test_is_never_followed_wherever_it_leads(self):
        other, _ = self.add_node()
        self.tables.old(NO_NODE)
        statuses = (301, 302, 303, 307, 308)
        uids = [self.tables.old(self.nodeid) for _ in statuses]
        for uid, status in zip(uids, statuses):
            self.node.fail(status, uids={uid}, headers={"Location": f"{other.url}/1.5/{uid}"})
        result = self.purge(status=3)
        self.assert_summary(result, failed_http_other=len(statuses), purged=1)
        self.assertEqual([], other.requests)
        self.assertEqual(set(uids), self.tables.uids())


class Answers(FaultCase):
    """Of any size, speed and shape are bounded, and nothing is removed that was not said to be deleted."""

    def assert_bounded(self, answer, purged, most_bytes=200 << 20):
        raw, raw_id = self.add_raw(answer)
        uids = self.tables.many_old(6, [raw_id])
        good = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        program = self.start("--oneshot", *QUICK)
        sizes = [0]

        def ended():
            sizes.append(program.resident_bytes())
            return program.ended()

        wait_until(ended, "the end of the run", timeout_s=15)
        result = program.wait()
        self.assertEqual(0 if purged else 3, result.status, result)
        self.assert_removed(before, {good, *(uids if purged else [])})
        if "SAN_OPTIONS" not in "".join(os.environ):
            self.assertLess(max(sizes), most_bytes)
        self.assertGreater(raw.requests, 0)

    def test_huge_bodies(self):
        piece = b"x" * 65536
        for status in (b"200", b"500"):
            with self.subTest(status):
                head = b"HTTP/1.1 " + status + b" X\r\nContent-Length: 100000000000\r\n\r\n"
                self.assert_bounded(flood(head, piece), purged=status == b"200")
                self.tables.query("DELETE FROM users")

    def test_bodies_in_endless_chunks(self):
        head = b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assert_bounded(flood(head, b"ffff\r\n" + b"x" * 0xffff + b"\r\n"), purged=False)

    def test_headers_without_end(self):
        self.assert_bounded(flood(b"HTTP/1.1 200 OK\r\n", b"X-More: more\r\n" * 1000), purged=False)

    def test_interim_answers_without_end(self):
        self.assert_bounded(flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000), purged=False)

    def test_a_line_without_end(self):
        self.assert_bounded(flood(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), purged=False)

    def test_headers_byte_by_byte(self):
        self.assert_bounded(drip(OK, 0.1), purged=False)

    def test_nothing(self):
        self.assert_bounded(silence, purged=False)

    def test_what_is_not_http(self):
        for data in (b"\x00" * 100, b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x01\x00\x02\x02\x46" * 20,
                     b"HTTP/9.9 200 OK\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n",
                     b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with self.subTest(data):
                def answer(connection, _, data=data):
                    connection.sendall(data)
                    connection.shutdown(2)
                self.assert_bounded(answer, purged=False)
                self.tables.query("DELETE FROM users")

    def test_a_body_that_is_cut_short(self):
        def answer(connection, _):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nnull")
            connection.shutdown(2)
        self.assert_bounded(answer, purged=False)

    def test_two_answers_to_one_request(self):
        """The second is not taken for the answer to the next request."""
        def answer(connection, _):
            connection.sendall(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n" + OK)
        self.assert_bounded(answer, purged=False)


if __name__ == "__main__":
    main()
