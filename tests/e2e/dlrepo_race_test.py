#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_race_test: dlrepo links and uploads blobs all the time while orphans are removed.

A look by name and then a touch is how dlrepo takes a blob into use; the touch makes an empty file
of one that went in between. PURGEFLEET_TEST_RACE_S says for how long.
"""
import os
import random
import re
import threading
import time

from dlrepo_case import DlrepoCase, main
from harness.dlrepo import sha256
from harness.dlrepo_upstream import Child

RACE_S = float(os.environ.get("PURGEFLEET_TEST_RACE_S", "8"))
SEED = int(os.environ.get("PURGEFLEET_SEED") or time.time_ns() % 1_000_000_007)
# How many blobs each takes, and for how many ms at most it stops between a look and what follows.
DELAY_MS = 20
LINKERS = ((1000, 0), *[(50, DELAY_MS)] * 4)
ENOUGH = 20  # uploads that the server took
GIVE_UP_S = 120  # after the race


class Race(DlrepoCase):
    def clean_again_and_again(self, is_enough=lambda: True):
        """For so long, and until orphans went and it is enough."""
        began_s, number, removed = time.monotonic(), 0, 0
        while time.monotonic() - began_s < RACE_S or not removed or not is_enough():
            self.assertLess(time.monotonic() - began_s, RACE_S + GIVE_UP_S, f"{removed} removed")
            result = self.run_dlrepo("--orphan-lifetime", number % 2, "--orphan-wait", 2)
            told = re.search(r"Deleted (\d+) orphan blobs", result.stderr)
            self.assertTrue(told, result)
            removed += int(told[1])
            number += 1

    def assert_blobs_are_what_they_are_called(self):
        """With none of ours at work any more."""
        wrong = {}
        for path in self.repository.blobs.glob("*/??/*"):
            seen = "a directory" if path.is_dir() else path.read_bytes()
            if path.is_dir() or sha256(seen) != path.name:
                wrong[path.name] = seen
        self.assertEqual({}, wrong)

    def test_no_link_is_ever_to_an_empty_blob(self):
        with self.subTest(PURGEFLEET_SEED=SEED):
            self.race_with_linkers()

    def race_with_linkers(self):
        linkers = []
        for number, (count, delay_ms) in enumerate(LINKERS):
            linkers.append(Child("link", delay_ms, SEED + number, self.root, count))
            self.addCleanup(linkers[-1].close)
        self.clean_again_and_again()
        tallies = [linker.finish() for linker in linkers]
        for tally in tallies:
            self.assertEqual((0, 0), (tally["empty"], tally["wrong"]), tallies)
            for what in ("linked", "missing", "uploaded"):
                self.assertGreater(tally[what], 0, tallies)
        self.assert_blobs_are_what_they_are_called()

    def test_what_the_server_took_it_gives_back(self):
        with self.subTest(PURGEFLEET_SEED=SEED):
            self.race_with_clients(self.server(DELAY_MS, SEED))

    def race_with_clients(self, server):
        contents = [b"content %d " % number * 50_000 for number in range(40)]
        stop, taken, wrong = threading.Event(), [], []

        def upload(client):
            chance, number = random.Random(SEED + client), 0
            while not stop.is_set():
                number += 1
                content, tag = chance.choice(contents), f"main/c{client}-{number}"
                path = f"{tag}/job/fmt/file"
                # As clients do: only what the server does not have is sent. What it throws away
                # because it has it keeps every orphan that is held just then.
                if any(put(path, content).status == 201 for put in (server.put_link, server.put)):
                    taken.append(path)
                    body = server.file(path).body
                    if body != content:
                        wrong.append((path, body))
                if chance.random() < 0.9:
                    server.delete(f"/branches/{tag}/")

        clients = [threading.Thread(target=upload, args=(client,)) for client in range(3)]
        for client in clients:
            client.start()
        try:
            self.clean_again_and_again(lambda: len(taken) >= ENOUGH)
        finally:
            stop.set()
            for client in clients:
                client.join()
        self.assertEqual([], wrong)
        self.assert_blobs_are_what_they_are_called()


if __name__ == "__main__":
    main()
