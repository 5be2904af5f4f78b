#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""admin_test: what --admin shows of a run, and to whom it answers."""
import json
import re
import signal
import socket
import subprocess
import tempfile

from case import SCRIPT, PurgeCase, main, wait_until
from harness import purgefleet
from harness.admin import Admin
from harness.prometheus import promtool
from harness.users import DAY, now_ms


class AdminCase(PurgeCase):
    def setUp(self):
        super().setUp()
        self.admin = Admin()
        self.wait_metric = self.admin.wait_metric

    def show(self, *options, held=0):
        """A program that shows how it stands; `held`: with so many requests that wait for their answer."""
        if held > 0:
            return self.start_held(*self.admin.words, *options, waiting=held)
        program = self.start(*self.admin.words, *options)
        wait_until(lambda: self.admin.status("/livez") == 200, "the endpoint answers")
        return program


class Numbers(AdminCase):
    def test_tell_of_the_work_while_it_goes_on(self):
        uids = self.tables.many_old(20, [self.nodeid])
        self.show("--node-inflight", 8, held=8)
        metrics = self.wait_metric("requests_in_flight", 8)
        self.assertEqual(20, metrics["candidates_in_work"])
        self.assertEqual(20, metrics["candidates_taken_total"])
        self.assertEqual(20, metrics["backlog_rows"])
        self.assertEqual(1, metrics["pass_running"])
        self.assertEqual(8, metrics[f'node_requests_in_flight{{node="{self.node.url}"}}'])
        self.assertEqual(0, metrics["rows_purged_total"])
        self.assertNotIn("pass_duration_seconds", metrics)  # not known yet
        self.assertNotIn("candidate_ended_timestamp_seconds", metrics)
        self.node.release()
        self.wait_metric("rows_purged_total", len(uids))

    def test_agree_with_the_rows_the_node_and_the_log(self):
        uids = self.tables.many_old(40, [self.nodeid])
        self.node.fail(500, uids={uids[0]})
        self.node.fail(503, uids={uids[1]}, times=1)
        program = self.show("--attempts", 2)
        metrics = self.wait_metric("passes_succeeded_total", 1)
        summary = program.wait_line("run ended")
        self.assertEqual({uids[0]}, self.tables.uids())
        self.assertEqual(39, metrics["rows_purged_total"])
        self.assertEqual(summary["purged"], metrics["rows_purged_total"])
        self.assertEqual(39, metrics['candidates_ended_total{verdict="purged",reason="none"}'])
        self.assertEqual(1, metrics['candidates_ended_total{verdict="failed",reason="http_5xx"}'])
        self.assertEqual(len(self.node.requests), metrics["requests_total"])
        self.assertEqual(39, metrics['answers_total{answer="2xx"}'])
        self.assertEqual(3, metrics['answers_total{answer="5xx"}'])
        self.assertEqual(1, metrics["database_reachable"])
        self.assertEqual(40, metrics["rows_read_total"])
        self.assertLess(metrics["process_start_time_seconds"], metrics["pass_success_timestamp_seconds"])
        self.assertLess(0, metrics["pass_duration_seconds"])

    def test_are_sums_over_all_runs(self):
        self.tables.many_old(10, [self.nodeid])
        self.show("--purge-interval", "0.1")
        self.wait_metric("rows_purged_total", 10)
        self.tables.many_old(5, [self.nodeid])
        metrics = self.wait_metric("rows_purged_total", 15)
        self.assertEqual(15, metrics['candidates_ended_total{verdict="purged",reason="none"}'])
        self.assertEqual(15, metrics["rows_read_total"])
        self.assertLessEqual(2, metrics["pages_read_total"])

    def test_tell_of_the_oldest_row_that_should_have_been_purged_long_ago(self):
        _, downid = self.add_node(downed=1)
        self.tables.old(downid, age_ms=51 * DAY)
        self.tables.old(downid, age_ms=40 * DAY)
        self.tables.old(self.nodeid)
        self.show("--grace-period", "1d")
        metrics = self.wait_metric("overdue_rows", 2)
        self.assertAlmostEqual(now_ms() - 50 * DAY, 1000 * metrics["overdue_oldest_timestamp_seconds"], delta=60_000)
        self.assertAlmostEqual(now_ms(), 1000 * metrics["overdue_counted_timestamp_seconds"], delta=60_000)

    def test_say_nothing_of_the_oldest_where_there_is_none_or_nobody_asked(self):
        self.tables.old(self.nodeid)
        program = self.show()
        self.assertNotIn("overdue_oldest_timestamp_seconds", self.wait_metric("overdue_rows", 0))
        self.stop(program)
        self.show("--warn-after", 0)
        metrics = self.wait_metric("passes_succeeded_total", 1)
        self.assertEqual([], [name for name in metrics if name.startswith("overdue")])

    def test_are_the_same_as_json(self):
        self.tables.many_old(10, [self.nodeid])
        self.show()
        metrics = self.wait_metric("passes_succeeded_total", 1)
        numbers = self.admin.numbers()
        for found in (metrics, numbers):
            self.assertLess(found.pop("loop_idle_seconds"), 5)
        self.assertEqual(metrics, numbers)
        status = json.loads(self.admin.ask("/status")[2])
        self.assertEqual(("run", "tokenserver", True, True),
                         tuple(status[key] for key in ("command", "target", "live", "ready")))

    def test_have_a_bounded_number_of_nodes(self):
        for i in range(70):  # where nobody listens
            self.tables.old(self.tables.add_node(f"http://127.0.1.{i}:1"))
        self.show("--attempts", 1)
        metrics = self.wait_metric('candidates_ended_total{verdict="failed",reason="connect"}', 70)
        queued = [name for name in metrics if name.startswith("node_requests_queued")]
        self.assertEqual(65, len(queued))
        self.assertIn('node_requests_queued{node="other"}', queued)
        self.assertEqual(70, metrics['answers_total{answer="connect"}'])

    def test_name_no_record(self):
        uid = self.tables.old(self.nodeid, email="somebody@example.com")
        self.node.fail(400)
        self.show()
        self.wait_metric('candidates_ended_total{verdict="failed",reason="http_4xx"}', 1)
        for path in ("/metrics", "/status", "/readyz", "/livez"):
            text = self.admin.ask(path)[2]
            self.assertNotIn("somebody", text)
            self.assertNotIn(f'"{uid}"', text)

    def test_are_as_prometheus_wants_them(self):
        self.tables.many_old(10, [self.nodeid])
        self.show()
        self.wait_metric("passes_succeeded_total", 1)
        status, headers, text = self.admin.ask("/metrics")
        self.assertEqual((200, "text/plain; version=0.0.4; charset=utf-8"), (status, headers["Content-Type"]))
        self.assertEqual((0, ""), promtool("check", "metrics", text=text))

    def test_have_names_that_the_expressions_of_the_page_know(self):
        page = (purgefleet.ROOT / "docs/metrics.md").read_text(encoding="utf-8")
        expressions = re.findall(r"^\| `(.*)` \|", page.partition("What to be woken for")[2], re.MULTILINE)
        self.assertLess(5, len(expressions))
        series = set(re.findall(r"^\| `(purgefleet_[a-z_]+)` \|", page, re.MULTILINE))
        self.assertEqual(set(), set(re.findall(r"purgefleet_[a-z_]+", " ".join(expressions))) - series)
        rules = [{"alert": f"a{i}", "expr": text} for i, text in enumerate(expressions)]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"groups": [{"name": "page", "rules": rules}]}, file)  # which is YAML as well
            file.flush()
            status, said = promtool("check", "rules", file.name)
        self.assertEqual(0, status, said)

    def test_have_expressions_that_tell_of_passes_whoever_makes_them(self):
        page = (purgefleet.ROOT / "docs/metrics.md").read_text(encoding="utf-8")
        expressions = re.findall(r"^\| `(.*)` \|", page.partition("What to be woken for")[2], re.MULTILINE)
        rules = [{"alert": name, "expr": next(text for text in expressions if part in text)}
                 for name, part in (("late", "pass_success"), ("failing", "passes_failed"))]
        has = {"run": ("pass_running",), "producer": ("pass_running", "standby"), "standby": ("pass_running", "standby"),
               "worker": ()}
        series = [(f'purgefleet_{name}{{instance="{who}"}}', "1x500" if who == name else "0x500")
                  for who, names in has.items() for name in ("process_start_time_seconds", *names)]
        # A run that fails once an hour.
        series.append(('purgefleet_passes_failed_total{instance="run"}', " ".join(f"{i // 6}" for i in range(500))))
        with tempfile.TemporaryDirectory() as directory:
            files = {"rules.yml": {"groups": [{"name": "page", "rules": rules}]},
                     "test.yml": {"rule_files": ["rules.yml"], "evaluation_interval": "10m", "tests": [{
                         "interval": "10m",
                         "input_series": [{"series": name, "values": values} for name, values in series],
                         "alert_rule_test": [
                             {"eval_time": "60h", "alertname": "late",
                              "exp_alerts": [{"exp_labels": {"instance": who}} for who in ("run", "producer")]},
                             {"eval_time": "60h", "alertname": "failing",
                              "exp_alerts": [{"exp_labels": {"instance": "run"}}]}]}]}}
            for name, content in files.items():
                with open(f"{directory}/{name}", "w", encoding="utf-8") as file:
                    json.dump(content, file)
            status, said = promtool("test", "rules", f"{directory}/test.yml")
        self.assertEqual(0, status, said)


class Health(AdminCase):
    def test_a_run_without_its_database_is_alive_and_not_ready(self):
        self.tables.many_old(5, [self.nodeid])
        self.show(held=5)
        wait_until(lambda: self.admin.status("/readyz") == 200, "it is ready")
        self.mariadb.stop()
        self.addCleanup(self.mariadb.restart)
        self.node.release()
        wait_until(lambda: self.admin.status("/readyz") == 503, "it is not ready")
        self.assertRegex(self.admin.ask("/readyz")[2], r"\Athe database has been away for \d+ s\n\Z")
        self.assertEqual((200, "alive\n"), self.admin.ask("/livez")[::2])
        self.assertEqual(0, self.admin.metrics()["database_reachable"])

    def test_a_database_that_goes_while_nothing_is_to_be_done_is_missed_by_the_next_pass(self):
        self.tables.many_old(5, [self.nodeid])
        self.show("--purge-interval", 1, "--database-patience", 1)
        self.wait_metric("rows_purged_total", 5)
        self.assertEqual(1, self.admin.metrics()["database_reachable"])
        self.mariadb.stop()
        self.addCleanup(self.mariadb.restart)
        self.wait_metric("database_reachable", 0)
        self.assertIn("the database has been away", self.admin.ask("/readyz")[2])
        self.mariadb.restart()
        self.wait_metric("database_reachable", 1)
        self.assertEqual((200, "ready\n"), self.admin.ask("/readyz")[::2])

    def test_a_database_that_came_back_is_seen_by_a_pass_without_work(self):
        self.tables.many_old(3, [self.nodeid])
        self.show("--purge-interval", 1, "--database-patience", 1, held=3)
        self.mariadb.stop()
        self.node.release()
        wait_until(lambda: self.admin.metrics()["passes_failed_total"] >= 1, "the run fails")
        self.assertEqual(0, self.admin.metrics()["database_reachable"])
        self.mariadb.restart()
        connection = self.mariadb.connect()
        self.addCleanup(connection.close)
        connection.cursor().execute("DELETE FROM users")  # somebody else was first
        connection.commit()
        wait_until(lambda: self.admin.metrics()["passes_succeeded_total"] >= 1, "a run succeeds")
        self.wait_metric("database_reachable", 1)
        self.assertEqual(200, self.admin.status("/readyz"))

    def test_a_run_that_rests_or_ends_is_not_ready(self):
        self.tables.many_old(5, [self.nodeid])
        program = self.show(held=5)
        program.signal(signal.SIGTSTP)
        wait_until(lambda: "rests" in self.admin.ask("/readyz")[2], "it rests")
        self.assertEqual(1, self.admin.metrics()["paused"])
        program.signal(signal.SIGTERM)
        wait_until(lambda: "comes to its end" in self.admin.ask("/readyz")[2], "it ends")
        self.node.release()
        self.assertEqual(0, program.wait().status)


class Requests(AdminCase):
    def test_only_get_and_head_without_a_body_are_answered(self):
        self.show()
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "BREW"):
            status, headers, _ = self.admin.ask("/metrics", method)
            self.assertEqual((405, "GET, HEAD"), (status, headers.get("Allow")), method)
        self.assertEqual(413, self.admin.ask("/metrics", body="x")[0])
        status, headers, text = self.admin.ask("/metrics", "HEAD")
        self.assertEqual((200, ""), (status, text))
        self.assertLess(100, int(headers["Content-Length"]))
        status, _, text = self.admin.ask("/other")
        self.assertEqual(404, status)
        for path in ("/metrics", "/livez", "/readyz", "/status"):
            self.assertIn(f"{path}: ", text)
        self.assertEqual(200, self.admin.ask("/livez?verbose=1")[0])

    def test_that_are_too_large_are_refused(self):
        self.show()
        for request in (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
                        b"GET /livez HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
                        b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 10_000 + b"\r\n"):
            self.assertRegex(self.talk(request), rb"\A(HTTP/1\.1 4\d\d |\Z)")
        self.assertEqual(200, self.admin.status("/livez"))

    def test_that_are_slow_are_ended_and_keep_nobody_out_for_long(self):
        self.show()
        slow = [socket.create_connection(("127.0.0.1", self.admin.port)) for _ in range(30)]
        for one in slow:
            self.addCleanup(one.close)
        ended = set()

        def drip():
            for one in slow:
                if one not in ended:
                    try:
                        one.send(b"G")
                        if one.recv(1, socket.MSG_DONTWAIT) == b"":
                            ended.add(one)
                    except BlockingIOError:
                        pass
                    except OSError:
                        ended.add(one)
            return len(ended) == len(slow)
        wait_until(drip, "all slow ones are ended", 20)
        wait_until(lambda: self.admin.status("/livez") == 200, "others are answered")

    def talk(self, request):
        """The first bytes of the answer; b"" when the connection ended without any."""
        with socket.create_connection(("127.0.0.1", self.admin.port), 10) as one:
            try:
                one.sendall(request)
                return one.recv(100)
            except ConnectionError:
                return b""


class Start(AdminCase):
    def refused(self, address, status, binary=purgefleet.BINARY, words=("run", "tokenserver")):
        result = purgefleet.run([*words, "--oneshot", "--admin", address], self.environment(), binary)
        self.assertEqual(status, result.status, result)
        return result.stderr

    def test_says_what_is_wrong_with_an_address(self):
        self.tables.many_old(1, [self.nodeid])
        self.assertIn("'--admin' wants HOST:PORT or :PORT", self.refused("here", 2))
        self.assertIn("--admin 192.0.2.1:9100: that is no address of this machine", self.refused("192.0.2.1:9100", 1))
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assertIn(f"--admin :{port}: the port is taken", self.refused(f":{port}", 1))
        self.assert_no_requests()

    def test_the_scripts_name_has_none(self):
        self.assertIn("unknown option '--admin'", self.refused(":9100", 2, SCRIPT, ()))
        self.assertNotIn("--admin", purgefleet.run(["--help"], self.environment(), SCRIPT).stdout)

    def test_listens_at_an_ipv6_address_too(self):
        self.start("--admin", f"[::1]:{self.admin.port}")
        self.admin.host = "::1"
        wait_until(lambda: self.admin.status("/readyz") == 200, "the endpoint answers")

    def test_without_the_option_nobody_listens(self):
        program = self.start_held(waiting=0)
        program.wait_line("run started")
        sockets = subprocess.run(["ss", "-Hltnp"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertNotIn(f"pid={program.pid},", sockets)


if __name__ == "__main__":
    main()
