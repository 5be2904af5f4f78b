#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_rules_test: which tags of a branch go, and what goes with them."""
import os

from dlrepo_case import OLD_S, DlrepoCase, main
from harness.dlrepo import Repository, age, link
from harness.dlrepo_upstream import upstream_clean

# What a branch of three daily tags keeps; None: all, with a warning, where dlrepo itself ends.
POLICIES = (
    ('{"max_daily_tags": 1}', 1),
    ('{"max_daily_tags": true}', 1),
    ('{"max_daily_tags": 1, "max_daily_tags": 2}', 2),
    (' \n{"a": [1, {"max_daily_tags": 2}, null], "max_daily_\\u0074ags": 1}\t', 1),
    ('{"max_daily_tags": 100000000000000000000000}', 3),
    ('{"max_daily_tags": 1.0}', 3),
    ('{"max_daily_tags": 1e0}', 3),
    ('{"max_daily_tags": "1"}', 3),
    ('{"max_daily_tags": null}', 3),
    ('{"max_daily_tags": NaN}', 3),
    ('{"max_daily_tags": [1]}', 3),
    ('{"max_daily_tags": false}', 3),
    ('{"max_daily_tags": -1}', 3),
    ('{"max_daily_tags": 0}', 3),
    ('{"max_daily_tags": 01}', 3),
    ('{"max_released_tags": 1}', 3),
    ('{}', 3),
    ('', 3),
    ('\ufeff{"max_daily_tags": 1}', 3),
    ('{"max_daily_tags": 1} more', 3),
    ('{"max_daily_tags": 1', 3),
    (b'{"max_daily_tags": 1, "x": "\xff"}', 3),
    ('["max_daily_tags", 1]', None),
    ('1', None),
    ('null', None),
    ('"max_daily_tags"', None),
)


class Choice(DlrepoCase):
    def test_the_oldest_beyond_the_policy_go_and_the_log_tells(self):
        self.repository.keep("main", daily=2, released=1)
        tags = self.repository.tags("main", 9)
        self.repository.keep("other", daily=9)
        self.repository.tags("other", 4)
        before = self.look()
        result = self.clean()
        self.assert_gone(before, *tags[2:])
        self.assert_said(result, "Deleting daily tag main/t3 ...", "Deleting daily tag main/t9 ...",
                         "Deleted 7 tags", "Deleted 0 orphan blobs (0 bytes)")
        self.assert_said(self.clean(), "Deleted 0 tags")
        self.assert_gone(before, *tags[2:])

    def test_ties_go_from_the_end_of_the_names(self):
        self.repository.keep("main", daily=2)
        tags = {name: self.repository.tag("main", name) for name in ("b", "d", "a", "c10", "c9")}
        for tag in tags.values():
            os.utime(tag / ".stamp", (1.7e9, 1.7e9))
        before = self.look()
        self.clean()
        self.assert_gone(before, tags["c10"], tags["c9"], tags["d"])

    def test_milliseconds_decide(self):
        self.repository.keep("main", daily=1)
        for name, at_ms in (("a", 2), ("b", 3), ("c", 1)):
            ns = 1_700_000_000_000_000_000 + at_ms * 1_000_000
            os.utime(self.repository.tag("main", name) / ".stamp", ns=(ns, ns))
        self.clean()
        self.assertEqual({".cleanup_policy", "b"}, set(os.listdir(self.repository.path("main"))))

    def test_a_tag_without_a_stamp_is_the_oldest_and_one_of_the_future_the_newest(self):
        self.repository.keep("main", daily=2)
        gone = self.repository.tag("main", "a", None)
        self.repository.tag("main", "b", 40 * 365 * OLD_S)
        self.repository.tag("main", "c", -OLD_S)
        before = self.look()
        self.clean()
        self.assert_gone(before, gone)

    def test_only_the_stamp_tells_the_age(self):
        self.repository.keep("main", daily=1)
        self.repository.tag("main", "a", 100)
        age(self.repository.path("main", "a"), OLD_S)
        gone = self.repository.tag("main", "b", 200)
        before = self.look()
        self.clean()
        self.assert_gone(before, gone)

    def test_locked_tags_stay_and_are_not_counted(self):
        self.repository.keep("main", daily=1, released=1)
        self.repository.tag("main", "a", 100, locked=True)
        self.repository.tag("main", "b", 200, locked=True, released=True)
        self.repository.tag("main", "c", 300)
        gone = self.repository.tag("main", "d", 400)
        self.repository.tag("main", "e", 500, released=True)
        self.repository.tag("main", "f", 600, locked=True)
        before = self.look()
        self.assert_said(self.clean(), "Deleted 1 tags")
        self.assert_gone(before, gone)

    def test_a_locked_job_keeps_no_tag(self):
        self.repository.keep("main", daily=1)
        tags = self.repository.tags("main", 2, jobs=("a", "b"))
        self.repository.text(tags[1] / "a" / ".locked")
        before = self.look()
        self.clean()
        self.assert_gone(before, tags[1])

    def test_each_policy_does_what_it_does_in_dlrepo(self):
        theirs = Repository(self.directory()).make()
        for repository in (self.repository, theirs):
            for number, (text, keeps) in enumerate(POLICIES):
                if keeps is not None or repository is self.repository:
                    repository.policy(f"b{number:02d}", text)
                    repository.tags(f"b{number:02d}", 3)
        self.assertIsNone(upstream_clean(theirs.root)["crash"])
        result = self.clean()
        for number, (text, keeps) in enumerate(POLICIES):
            with self.subTest(policy=text):
                names = [f"t{tag}" for tag in range(1, 1 + (keeps or 3))]
                for repository in (self.repository, theirs) if keeps else (self.repository,):
                    found = os.listdir(repository.path(f"b{number:02d}"))
                    self.assertEqual([".cleanup_policy", *names], sorted(found))
                if keeps is None:
                    self.assert_named(result, f"b{number:02d}")

    def test_a_policy_that_is_none_is_no_failure(self):
        for text in ('{"max_daily_tags": 1', '', '[1]', 'null'):
            with self.subTest(policy=text):
                self.repository.policy("main", text)
                self.clean()

    def test_a_policy_that_is_no_file_or_nests_without_end_keeps_all(self):
        self.repository.path("a", ".cleanup_policy").mkdir(parents=True)
        self.repository.path("b").mkdir()
        link("nowhere", self.repository.path("b", ".cleanup_policy"))
        self.repository.policy("c", "[" * 200_000)
        self.repository.policy("d", '{"max_daily_tags": 1, "x": ' + '{"a":' * 200_000)
        for branch in "abcd":
            self.repository.tags(branch, 3)
        before = self.look()
        self.clean()
        self.assert_gone(before)

    def test_dot_names_files_and_symlinks_are_neither_branch_nor_tag(self):
        self.repository.keep("main", daily=1)
        gone = self.repository.tags("main", 3)[1:]
        self.repository.tag("main", ".hidden", OLD_S)
        self.repository.text(self.repository.path("main", "a-file"))
        link(self.repository.path("main", "t1"), self.repository.path("main", "a-link"))
        self.repository.keep(".dot", daily=1)
        self.repository.tags(".dot", 3)
        self.repository.text(self.repository.path("no-branch"))
        before = self.look()
        self.assert_said(self.clean(), "Deleted 2 tags")
        self.assert_gone(before, *gone)

    def test_user_repositories_keep_all(self):
        for user in ("bob", "Eve"):
            theirs = Repository(self.root, user)
            theirs.keep("main", daily=1, released=1)
            tags = theirs.tags("main", 4)
            theirs.product(tags[3] / "job", theirs.version("p", "v", "main", "1"))
        before = self.look()
        self.assert_said(self.clean(), "Deleted 0 tags")
        self.assert_gone(before)

    def test_upper_case_names_hold_up_no_other(self):
        self.repository.keep("main", daily=2)
        self.repository.tag("main", "OLD", 9 * OLD_S)
        gone = self.repository.tags("main", 4)[2:]
        self.repository.keep("Upper", daily=1)
        self.repository.tags("Upper", 3)
        self.repository.keep("z", daily=1)
        gone += self.repository.tags("z", 2)[1:]
        before = self.look()
        result = self.clean(status=1)
        self.assert_gone(before, *gone)
        self.assert_named(result, "main/OLD", "Upper")

    def test_names_may_have_any_bytes(self):
        for branch in (b"\xff\xfe", b"new\nline", "ü€ ".encode(), b"%s%n\"'\\", b"-rf"):
            with self.subTest(branch=branch):
                name = os.fsdecode(branch)
                self.repository.keep(name, daily=1)
                for tag, age_s in (("t\udcfe", 1), ("a\n", 2), ("\x01\x7f", 3)):
                    self.repository.tag(name, tag, age_s, jobs=("job\udc80", "$x", "é"))
        result = self.clean()
        for branch in os.listdir(self.repository.path()):
            left = set(os.listdir(self.repository.path(branch)))
            self.assertEqual({".cleanup_policy", "t\udcfe"}, left)
        self.assert_said(result, "Deleted 10 tags")

    def test_a_repository_without_anything_is_clean(self):
        for path in (self.repository.path(), self.repository.uploads, self.repository.blobs):
            path.rmdir()
            self.clean()
        self.assertEqual({}, self.look())

    def test_a_dry_run_tells_and_changes_nothing(self):
        self.repository.keep("main", daily=1)
        self.repository.tags("main", 3)
        self.repository.blob(b"old", OLD_S)
        before = self.look()
        result = self.clean("--dryrun")
        self.assert_gone(before)
        self.assertIn("main/t3", result.stdout + result.stderr)

    def test_orphans_only_leaves_the_tags(self):
        self.repository.keep("main", daily=1)
        self.repository.tags("main", 3)
        gone = self.repository.blob(b"old", OLD_S)
        before = self.look()
        self.clean("--orphans-only")
        self.assert_gone(before, gone)

    def test_the_environment_names_the_root(self):
        self.repository.keep("main", daily=1)
        gone = self.repository.tags("main", 2)[1]
        before = self.look()
        words = ("run", "dlrepo", "--oneshot", "--no-server", "--max-fraction", "0")
        result = self.run_words(*words, env={"DLREPO_ROOT_DIR": str(self.root)})
        self.assertEqual(0, result.status, result)
        self.assert_gone(before, gone)


class Products(DlrepoCase):
    def setUp(self):
        super().setUp()
        self.repository.keep("main", daily=1)
        self.new = self.repository.tag("main", "new", 10, jobs=())
        self.old = self.repository.tag("main", "old", 20, jobs=())
        self.formats = {"bin": {"a": b"a"}, "doc": {"b": b"b"}}
        self.job = self.repository.job("main", "old", "job", self.formats)
        self.version = self.repository.version("p", "x86", "main", "1.0")

    def test_links_of_a_tag_go_and_so_do_the_directories_that_are_empty_then(self):
        self.repository.product(self.job, self.version)
        before = self.look()
        self.clean()
        self.assert_gone(before, self.old, self.root / "products")

    def test_directories_with_something_else_stay(self):
        self.repository.version("p", "arm", "main", "1.0")
        self.repository.product(self.job, self.version)
        before = self.look()
        self.clean()
        self.assert_gone(before, self.old, self.root / "products/p/x86")

    def test_a_version_that_another_job_shares_keeps_its_links_and_its_stamp(self):
        other = self.repository.job("main", "new", "other", {"pdf": {"c": b"c"}})
        self.repository.product(self.job, self.version)
        self.repository.product(other, self.version)
        before = self.look()
        self.clean()
        self.assert_gone(before, self.old, self.version / "bin", self.version / "doc")

    def test_dangling_links_go_along(self):
        self.repository.product(self.job, self.version)
        link(self.root / "branches/main/never/job/txt", self.version / "txt")
        before = self.look()
        self.clean()
        self.assert_gone(before, self.old, self.root / "products")

    def test_a_file_that_nobody_knows_keeps_its_version(self):
        self.repository.product(self.job, self.version)
        self.repository.text(self.version / "notes")
        before = self.look()
        self.clean()
        self.assert_gone(before, self.old, self.version / "bin", self.version / "doc")

    def test_the_name_of_a_format_is_not_enough(self):
        other = self.repository.job("main", "new", "job", self.formats)
        self.repository.product(other, self.version)
        link(self.version, self.job / ".product")
        before = self.look()
        self.clean()
        self.assert_gone(before, self.old)

    def test_a_product_that_is_not_there_any_more_holds_up_nothing(self):
        link(self.root / "products/q/x86/main/2.0", self.job / ".product")
        before = self.look()
        self.clean()
        self.assert_gone(before, self.old)

    def test_two_surplus_tags_of_one_version_leave_nothing_of_it(self):
        third = self.repository.tag("main", "third", 30, jobs=())
        other = self.repository.job("main", "third", "job", {"pdf": {"c": b"c"}})
        self.repository.product(self.job, self.version)
        self.repository.product(other, self.version)
        before = self.look()
        self.clean()
        self.assert_gone(before, self.old, third, self.root / "products")


if __name__ == "__main__":
    main()
