#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_trigger_test: clean-ups that are asked for, by signal, by HTTP and by the timer."""
import signal
import threading

from case import main
from dlrepo_case import OLD_S, DlrepoCase
from harness import purgefleet
from harness.admin import Admin
from harness.dlrepo_public import PublicServer
from harness.wait import wait_until

SHORT = "/trigger?orphans-only"


class Trigger(DlrepoCase):
    def setUp(self):
        super().setUp()
        self.admin = Admin()

    def serve(self, *options, env=None):
        words = ["run", "dlrepo", "--root", str(self.root), "--max-fraction", "0", *self.admin.words]
        program = purgefleet.Program([*words, *options], purgefleet.environment(**(env or {})))
        self.addCleanup(program.close)
        self.programs.append(program)
        wait_until(lambda: self.admin.status("/readyz") in (200, 503), "it listens")
        return program

    def post(self, path="/trigger"):
        return self.admin.ask(path, "POST")[0]

    def end(self, program):
        program.signal(signal.SIGTERM)
        self.assertEqual(0, program.wait().status)

    def surplus(self):
        """A branch with one tag too many, and an orphan. Returns both."""
        self.repository.keep("main", 1)
        tag = self.repository.tags("main", 2)[1]
        return tag, self.repository.blob(b"orphan", OLD_S)

    def test_nothing_happens_at_the_start_and_the_log_says_when(self):
        tag, orphan = self.surplus()
        program = self.serve()
        line = program.wait_line("next run")
        self.assertIn(line["in_s"], (86399, 86400))
        self.end(program)
        self.assertTrue(tag.exists() and orphan.exists())
        self.assertEqual([], program.lines("run started"))

    def test_what_an_earlier_process_left_aside_does_not_wait_for_the_timer(self):
        tag, _ = self.surplus()
        blob = self.repository.blob(b"held", OLD_S)
        aside = self.root / ".deleting/gone/files" / blob.relative_to(self.root)
        aside.parent.mkdir(parents=True)
        blob.rename(aside)
        blob.mkdir()
        program = self.serve("--orphan-lifetime", "2d")
        program.wait_line("An earlier run was cut off: 0 tags")
        program.wait_line("run ended")
        self.assertEqual(b"held", blob.read_bytes())
        self.assertTrue(tag.exists())
        self.assertFalse((self.root / ".deleting").exists())
        program.wait_line("next run")
        self.end(program)

    def test_it_runs_at_the_start_when_told_so(self):
        tag, orphan = self.surplus()
        program = self.serve("--at-start", "--no-server")
        program.wait_line("run ended")
        self.assertFalse(tag.exists() or orphan.exists())
        self.end(program)

    def test_the_servers_own_variable_sets_the_timer_and_zero_is_none(self):
        program = self.serve(env={"DLREPO_TAG_CLEANUP_PERIOD": "0"})
        program.wait_line("each run is asked for")
        self.end(program)
        tag, _ = self.surplus()
        program = self.serve("--no-server", env={"DLREPO_TAG_CLEANUP_PERIOD": "1"})
        program.wait_line("run ended", 2)
        self.assertFalse(tag.exists())
        self.end(program)

    def test_a_signal_asks_for_all_of_it(self):
        tag, orphan = self.surplus()
        program = self.serve("--no-server")
        program.signal(signal.SIGUSR1)
        program.wait_line("run ended")
        self.assertFalse(tag.exists() or orphan.exists())
        self.end(program)

    def test_orphans_only_leaves_tags_alone(self):
        tag, orphan = self.surplus()
        program = self.serve("--no-server")
        self.assertEqual(202, self.post(SHORT))
        program.wait_line("run ended")
        self.assertEqual("orphans-only", program.lines("run started")[0]["only"])
        self.assertTrue(tag.exists())
        self.assertFalse(orphan.exists())
        self.assertEqual(400, self.post("/trigger?tags-only"))
        self.end(program)

    def in_a_run(self):
        """A program whose run stands still, and what lets it go on: a tag is being withdrawn from
        a server that does not answer before."""
        self.repository.keep("main", released=1)
        self.repository.tags("main", 2, released=True)
        public, asked, go_on = PublicServer(), threading.Event(), threading.Event()
        self.addCleanup(public.close)
        self.addCleanup(go_on.set)
        public.on_request = lambda _: (asked.set(), go_on.wait())
        auth = self.repository.text(self.directory() / "auth", "me:pass\n")
        program = self.serve("--no-server", "--publish-url", public.url, "--publish-auth", str(auth))
        self.assertEqual(202, self.post())
        wait_until(asked.is_set, "the run has begun")
        return program, go_on

    def test_a_hundred_requests_in_a_run_are_one_more(self):
        program, go_on = self.in_a_run()
        for number in range(100):
            self.assertEqual(202, self.post(SHORT if number != 50 else "/trigger"))
        self.assertEqual([], program.lines("run ended"))
        go_on.set()
        program.wait_line("run ended", 2)
        self.assertEqual(202, self.post(SHORT))
        program.wait_line("run ended", 3)
        self.end(program)
        self.assertEqual([None, None, "orphans-only"],
                         [line["only"] for line in program.lines("run started")])

    def test_short_requests_in_a_run_are_one_short_one(self):
        program, go_on = self.in_a_run()
        for _ in range(100):
            self.assertEqual(202, self.post(SHORT))
        self.assertEqual([], program.lines("run ended"))
        go_on.set()
        program.wait_line("run ended", 2)
        self.end(program)
        self.assertEqual([None, "orphans-only"],
                         [line["only"] for line in program.lines("run started")])

    def test_a_stop_waits_for_the_places_that_are_held(self):
        _, orphan = self.surplus()
        program = self.serve("--at-start", "--orphans-only")
        wait_until(orphan.is_dir, "its place is held")
        program.signal(signal.SIGTERM)
        self.assertEqual(0, program.wait().status)
        self.assertFalse(orphan.exists())

    def test_one_that_ends_at_once_puts_the_files_back(self):
        _, orphan = self.surplus()
        for options, stops in ((("--orphan-wait", "20"), 2),
                               (("--orphan-wait", "20", "--drain-timeout", "1"), 1)):
            program = self.serve("--at-start", "--orphans-only", *options)
            wait_until(orphan.is_dir, "its place is held")
            for _ in range(stops):
                program.signal(signal.SIGTERM)
                program.wait_line("stopping")
            self.assertEqual(1, program.wait().status)
            self.assertEqual(b"orphan", orphan.read_bytes())

    def test_a_pause_waits_for_them_too(self):
        _, orphan = self.surplus()
        program = self.serve("--at-start", "--orphans-only")
        wait_until(orphan.is_dir, "its place is held")
        program.signal(signal.SIGTSTP)
        program.wait_line("quiet: nothing is in work any more")
        self.assertFalse(orphan.exists())
        program.signal(signal.SIGCONT)
        self.end(program)


if __name__ == "__main__":
    main()
