#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_command_test: what the command line makes of a clean-up: plans, limits, names and files."""
import os

from case import main
from dlrepo_case import OLD_S, DlrepoCase
from harness import purgefleet

CLEANUP = os.path.join(os.path.dirname(purgefleet.BINARY), "dlrepo-cleanup")


class Command(DlrepoCase):
    def guarded(self, *options, status=0):
        words = ["run", "dlrepo", "--oneshot", "--root", str(self.root), "--no-server", *options]
        result = self.run_words(*words)
        self.assertEqual(status, result.status, result)
        return result

    def blobs(self, orphans, others):
        for number in range(orphans):
            self.repository.blob(b"orphan %d" % number, OLD_S)
        if others:
            formats = {"fmt": {f"{number}": b"kept %d" % number for number in range(others)}}
            self.repository.job("main", "t1", "job", formats, OLD_S)

    def orphans(self):
        return sum(os.stat(path).st_nlink == 1 for path in self.repository.blobs.glob("*/*/*"))

    # --- the guard

    def test_most_of_all_blobs_is_refused_and_nothing_of_it_goes(self):
        self.blobs(orphans=1001, others=100)
        result = self.guarded(status=1)
        self.assertIn("1001 of 1101 rows could be purged", result.summary["error"])
        self.assertIn("--max-fraction 0", result.summary["error"])
        self.assertEqual(1001, self.orphans())
        self.guarded("--max-fraction", "0")
        self.assertEqual(0, self.orphans())

    def test_up_to_the_share_goes(self):
        self.blobs(orphans=1001, others=112)
        self.guarded()
        self.assertEqual(0, self.orphans())

    def test_orphans_that_the_tags_of_the_run_leave_behind_count_too(self):
        self.repository.keep("main", 1)
        self.repository.tag("main", "t0")
        self.blobs(orphans=0, others=1200)
        self.repository.text(self.repository.path("main", "t1", ".stamp"), age_s=OLD_S)
        result = self.guarded(status=1)
        self.assert_said(result, "Deleted 1 tags")
        self.assertIn("refused", result.summary["error"])
        self.assertEqual(1200, self.orphans())

    # --- a plan

    def test_a_dry_run_changes_nothing_and_names_what_would_go(self):
        self.repository.keep("main", 1)
        self.repository.tags("main", 3)
        self.repository.blob(b"12345", OLD_S)
        before = self.look()
        result = self.run_dlrepo("--dryrun")
        self.assert_said(
            result, "Would delete daily tag main/t2 ...", "Would delete daily tag main/t3 ...",
            "Would delete 2 tags", "Would delete 1 orphan blobs (5.0 bytes)")
        self.assertRegex(result.stdout, r"would purge: delete daily tags +2 .* main")
        self.assertRegex(result.stdout, r"would purge: remove orphan files +1 .* \.blobs")
        self.assertEqual(before, self.look())
        self.assertEqual({".blobs", ".uploads", "branches"}, set(os.listdir(self.root)))

    def test_a_limit_of_records_is_kept_over_tags_and_files(self):
        self.repository.keep("main", 1)
        self.repository.tags("main", 3)
        for number in range(5):
            self.repository.blob(b"%d" % number, OLD_S)
        self.assertEqual(1, self.clean("--max-records", 1).summary["purged"])
        self.assertEqual(2, len(list(self.repository.path("main").glob("t*"))))
        self.assertEqual(4, self.clean("--max-records", 4).summary["purged"])
        self.assertEqual(1, len(list(self.repository.path("main").glob("t*"))))

    def test_the_audit_log_has_a_line_for_each_record(self):
        self.repository.keep("main", 1)
        self.repository.tags("main", 2)
        audit = self.directory() / "audit"
        self.clean("--orphan-lifetime", 0, "--audit-log", audit)
        lines = audit.read_text(encoding="utf-8").splitlines()
        self.assertEqual(2, len(lines))  # the tag, and the files that it left behind
        self.assertIn('"id":"main/t2"', lines[0])

    # --- its other name and the server's file

    def test_the_old_name_logs_for_people_and_reads_the_servers_file(self):
        self.repository.keep("main", 1)
        self.repository.tags("main", 2)
        file = self.directory() / "dlrepo"
        file.write_text(f"# of the server\nDLREPO_ROOT_DIR={self.root}\nDLREPO_ORPHAN_BLOB_LIFETIME=60\n")
        env = purgefleet.environment(PURGEFLEET_ENV_FILE=str(file))
        result = purgefleet.run([], env, CLEANUP)
        self.assertEqual(0, result.status, result)
        self.assertRegex(result.stderr, r"(?m) INFO +Deleted 1 tags$")
        self.assertFalse(self.repository.path("main", "t2").exists())
        self.assertEqual("", purgefleet.run(["-q"], env, CLEANUP).stderr)
        result = purgefleet.run(["-q", "-p", "/nowhere"], env, CLEANUP)
        self.assertEqual(1, result.status, result)
        self.assertIn("/nowhere", result.stderr)

    def test_it_says_what_is_missing(self):
        env = {"PURGEFLEET_ENV_FILE": ""}
        result = self.run_words("run", "dlrepo", "--oneshot", env=env)
        self.assertEqual(2, result.status)
        self.assertIn("'--root' (or DLREPO_ROOT_DIR) is missing", result.stderr)

    def test_each_command_tells_of_the_options_that_mean_something_to_it(self):
        scans, removes, both = ("orphans-only", "scan-threads"), ("orphan-wait", "server-here"), ("quotas",)
        for command, shown in (("run", scans + removes + both), ("produce", scans), ("work", removes)):
            text = self.run_words(command, "dlrepo", "--help").stdout
            for option in scans + removes + both:
                with self.subTest(command=command, option=option):
                    self.assertEqual(option in shown, f"--{option} " in text)


if __name__ == "__main__":
    main()
