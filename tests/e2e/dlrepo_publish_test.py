#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_publish_test: released tags are withdrawn from the public servers before they go."""
import base64
import subprocess
import time

from dlrepo_case import OLD_S, DlrepoCase, main
from harness.dlrepo_public import PublicServer


class Publish(DlrepoCase):
    def setUp(self):
        super().setUp()
        self.public = self.add_public()
        self.auth = self.repository.text(self.directory() / "auth", "me:pa:ss\n")
        make = self.repository
        make.keep("main", daily=1, released=1)
        self.daily = make.tags("main", 2)[1]
        make.tag("main", "r1", 100, released=True)
        self.surplus = [make.tag("main", name, age_s, released=True)
                                 for name, age_s in (("r2", 200), ("r3", 300))]
        make.tag("main", "r4", 400, released=True, locked=True)
        for tag in self.surplus:
            make.text(tag / ".publish-status", "published to somewhere\n")
        self.before = self.look()

    def add_public(self, status=200):
        public = PublicServer(status)
        self.addCleanup(public.close)
        return public

    def publish(self, *options, urls=None, **how):
        """A clean-up that knows where the tags were published."""
        return self.clean("--publish-url", urls or self.public.url, "--publish-auth", self.auth,
                          "--attempts", 1, *options, **how)

    def test_each_surplus_tag_is_deleted_there_with_the_password_of_the_file(self):
        result = self.publish()
        self.assert_gone(self.before, self.daily, *self.surplus)
        expected = [("DELETE", "/branches/main/r2/"), ("DELETE", "/branches/main/r3/")]
        self.assertEqual(expected, self.public.asked())
        expected = "Basic " + base64.b64encode(b"me:pa:ss").decode()
        self.assertEqual({expected}, {request.authorization for request in self.public.requests})
        self.assert_said(result, "Deleting released tag main/r2 ...", "Deleted 3 tags",
                         "Deleting released tag main/r3 ...", "Deleting daily tag main/t2 ...")

    def test_it_is_withdrawn_first(self):
        stood = []

        def look(request):
            stood.append((self.root / request.path[1:] / "job").is_dir())

        self.public.on_request = look
        self.publish()
        self.assertEqual([True, True], stood)

    def test_each_of_several_servers_is_asked(self):
        other = self.add_public(404)
        self.publish(urls=f"{self.public.url},{other.url}/")
        self.assert_gone(self.before, self.daily, *self.surplus)
        self.assertEqual(2, len(other.requests))
        self.assertEqual(self.public.asked(), other.asked())

    def test_the_environment_says_the_same(self):
        self.clean(env={"DLREPO_PUBLISH_URL": self.public.url,
                   "DLREPO_PUBLISH_AUTH": str(self.auth)})
        self.assert_gone(self.before, self.daily, *self.surplus)
        self.assertEqual(2, len(self.public.requests))

    def test_a_tag_that_is_gone_there_goes_here(self):
        self.public.status = 404
        self.publish()
        self.assert_gone(self.before, self.daily, *self.surplus)

    def test_a_tag_that_cannot_be_withdrawn_stays_as_it_is_and_the_others_go(self):
        for status in (500, 403, 401, 302, 503):
            with self.subTest(status=status):
                self.public.statuses = {"/branches/main/r2/": status}
                result = self.publish(status=1)
                self.assert_gone(self.before, self.daily, self.surplus[1])
                self.assert_named(result, "main/r2", str(status))
        self.public.statuses = {}
        self.publish()
        self.assert_gone(self.before, self.daily, *self.surplus)

    def test_one_of_two_servers_that_refuses_is_enough_to_keep_it(self):
        other = self.add_public(500)
        self.publish(urls=f"{self.public.url},{other.url}", status=1)
        self.assert_gone(self.before, self.daily)

    def test_a_server_that_is_not_there_keeps_them(self):
        self.public.close()
        self.assert_named(self.publish(status=1), "main/r2", "main/r3")
        self.assert_gone(self.before, self.daily)

    def test_without_an_address_they_stay_and_are_counted(self):
        self.repository.keep("other", daily=1)
        gone = self.repository.tags("other", 2)[1]
        orphan = self.repository.blob(b"old", OLD_S)
        before = self.look()
        result = self.clean(status=1)
        self.assert_gone(before, self.daily, gone, orphan)
        self.assert_named(result, "main/r2", "main/r3")
        self.assert_said(result, "Deleted 2 tags")

    def test_where_a_command_chooses_the_servers_they_stay_and_nobody_is_asked(self):
        result = self.publish(status=1, env={"DLREPO_PUBLISH_FILTER_CMD": "/bin/true"})
        self.assert_gone(self.before, self.daily)
        self.assert_named(result, "main/r2", "main/r3", "DLREPO_PUBLISH_FILTER_CMD")
        self.assertEqual([], self.public.requests)

    def test_one_that_cannot_be_removed_here_is_not_withdrawn_there(self):
        mount = self.surplus[0] / "mount"
        mount.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "none", mount], check=True)
        self.addCleanup(subprocess.run, ["umount", mount], check=True)
        self.publish(status=1)
        self.assertEqual([("DELETE", "/branches/main/r3/")], self.public.asked())

    def test_a_policy_that_changes_meanwhile_counts_for_those_that_wait(self):
        def change(_):
            self.repository.keep("main", daily=1, released=9)
            time.sleep(1)

        self.public.on_request = change
        self.publish("--node-inflight", 1, "--check-ttl", 0.1)
        self.assertEqual(1, len(self.public.requests))
        self.assertEqual(1, sum(tag.is_dir() for tag in self.surplus))

    def test_one_that_is_locked_while_it_is_deleted_there_stays_and_fails(self):
        locked = self.surplus[0] / ".locked"

        def lock(request):
            if request.path == "/branches/main/r2/":
                locked.touch()

        self.public.on_request = lock
        result = self.publish("--check-ttl", 0.1, status=1)
        self.assertTrue(locked.exists() and (self.surplus[0] / "job/fmt/a.txt").exists())
        self.assertFalse(self.surplus[1].exists())
        self.assertIn("it was locked or changed while it was being deleted where it is published",
                      result.stderr)
        self.assertEqual(1, result.summary["failed"])

    def test_an_address_with_a_path_is_wrong_usage(self):
        good = self.public.url
        for url in (f"{good}/pre", f"{good}/pre/", f"{good},http://h/x", "ftp://h", "nonsense"):
            with self.subTest(url=url):
                self.publish(urls=url, status=2)
                self.assert_gone(self.before)
        self.assertEqual([], self.public.requests)

    def test_a_file_without_a_password_is_refused_at_the_start(self):
        for text in ("", "me", None):
            with self.subTest(text=text):
                if text is None:
                    self.auth.unlink()
                else:
                    self.auth.write_text(text)
                result = self.publish(status=None)
                self.assertIn(result.status, (1, 2), result)
                self.assert_gone(self.before)
        self.assertEqual([], self.public.requests)

    def test_the_password_is_in_no_log(self):
        self.public.status = 500
        result = self.publish("--log-level", "debug", status=1)
        self.assertNotIn("pa:ss", result.stderr + result.stdout)
        self.assertNotIn(base64.b64encode(b"me:pa:ss").decode(), result.stderr + result.stdout)

    def test_odd_names_are_quoted(self):
        self.repository.tag("main", "r ü?#%", OLD_S, released=True)
        self.publish()
        self.assertIn(("DELETE", "/branches/main/r%20%C3%BC%3F%23%25/"), self.public.asked())

    def test_a_dry_run_asks_nobody(self):
        self.publish("--dryrun")
        self.assert_gone(self.before)
        self.assertEqual([], self.public.requests)


if __name__ == "__main__":
    main()
