#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""trigger_test: passes that are asked for by HTTP."""
import signal

from case import PurgeCase, main, wait_until
from harness.admin import Admin

STILL = "quiet: nothing is in work any more"


class Trigger(PurgeCase):
    def setUp(self):
        super().setUp()
        self.admin = Admin()

    def show(self, *options):
        program = self.start(*self.admin.words, *options)
        wait_until(lambda: self.admin.status("/readyz") == 200, "it is ready")
        return program

    def post(self, path="/trigger", **more):
        status, _, text = self.admin.ask(path, "POST", **more)
        return status, text

    def test_starts_a_run_that_the_interval_would_not_have_started(self):
        program = self.show("--purge-interval", 0, "--no-at-start")
        uid = self.tables.old(self.nodeid)
        self.assertEqual((202, "a pass begins now\n"), self.post())
        program.wait_line("run started")
        program.wait_line("run ended")
        self.assertNotIn(uid, self.tables.uids())
        uid = self.tables.old(self.nodeid)
        wait_until(lambda: self.admin.metrics()["pass_running"] == 0, "no run is on")
        self.assertEqual(202, self.post(body="")[0])  # Content-Length: 0
        program.wait_line("run ended", 2)
        self.assertNotIn(uid, self.tables.uids())
        self.stop(program)

    def test_while_a_run_is_on_has_one_follow(self):
        self.tables.old(self.nodeid)
        program = self.start_held(*self.admin.words, "--purge-interval", 3600)
        for _ in range(20):
            self.assertEqual((202, "a pass is running; another one follows\n"), self.post())
        uid = self.tables.old(self.nodeid)
        self.node.release()
        program.wait_line("run ended", 2)
        self.assertNotIn(uid, self.tables.uids())
        wait_until(lambda: self.admin.metrics()["pass_running"] == 0, "no run is on")
        self.assertEqual(202, self.post()[0])
        program.wait_line("run ended", 3)
        self.stop(program)
        self.assertEqual(3, len(program.lines("run started")))

    def test_of_a_run_that_rests_waits_for_its_end(self):
        program = self.show("--purge-interval", 0, "--no-at-start")
        program.signal(signal.SIGTSTP)
        program.wait_line(STILL)
        wait_until(lambda: self.admin.metrics()["paused"] == 1, "it rests")
        self.assertEqual((202, "it rests; a pass begins when it goes on\n"), self.post())
        self.assertEqual([], program.lines("run started"))
        program.signal(signal.SIGCONT)
        program.wait_line("run ended")
        self.stop(program)

    def test_is_refused_with_what_nobody_understands(self):
        program = self.show("--purge-interval", 0, "--no-at-start")
        for query in ("all", "a=b", "a&b", "dry=1"):
            self.assertEqual((400, "POST /trigger asks for a pass; nothing may follow it\n"), self.post(f"/trigger?{query}"))
        for method in ("GET", "HEAD", "PUT"):
            status, headers, _ = self.admin.ask("/trigger", method)
            self.assertEqual((405, "POST"), (status, headers.get("Allow")), method)
        self.assertEqual(413, self.post(body="x")[0])
        for headers in ({"Origin": "http://example.org"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            self.assertEqual(403, self.post(headers=headers)[0])
        self.assertEqual(404, self.post("/trigger/")[0])
        self.assertEqual(202, self.post(headers={"Sec-Fetch-Site": "none"})[0])
        program.wait_line("run ended")
        self.stop(program)
        self.assertEqual(1, len(program.lines("run started")))

    def test_is_not_there_where_one_run_is_all(self):
        self.tables.old(self.nodeid)
        self.start_held("--oneshot", *self.admin.words)
        status, text = self.post()
        self.assertEqual(404, status)
        self.assertNotIn("/trigger", text)
        self.node.release()


if __name__ == "__main__":
    main()
