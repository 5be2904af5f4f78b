# SPDX-License-Identifier: MPL-2.0
"""dlrepo_world: a random repository, and what is known about it by the way it was made."""
import os

from harness.dlrepo import Repository, age, link

BRANCHES = ("main", "b-1.2", "ünï", "odd\udcff", "z")
TAGS = ("t1", "t2", "t10", "a", "0", "ß x", "v1.0.0-rc1", "zz\udc80")
JOBS = ("job", "doc", "x86")
FORMATS = ("bin", "txt", "container")
GOOD_POLICIES = tuple(f'{{"max_daily_tags": {daily}, "max_released_tags": {released}}}'
                      for daily in (0, 1, 2, 3, "true") for released in (0, 1, 2))
ODD_POLICIES = (None, "", "{}", '{"max_daily_tags": 1.0}', '{"max_daily_tags": "1"}',
                '{"max_daily_tags": -1, "max_released_tags": null}', "\ufeff{}",
                '{"max_daily_tags": 1}]',
                '{"max_daily_tags": 1, "max_daily_tags": 9}', '{"max_daily_tags": NaN}')
CRASHING_POLICIES = ("[1]", "5", "null", '"max_daily_tags"')
# No age is near a limit.
STAMPS_S = (None, 1000, 2000, 2000, 3000, 40000, 10_000_000, -5000)
AGES_S = (0, 300, 400, 900, 900, 5000, 10_000_000, -5000)


class World:
    """`has_trouble`: a part has to be left alone; `is_odd`: a policy is none; `is_compared`: dlrepo
    itself does the same there, but for the paths in `excused`."""

    def __init__(self, root, chance, is_published=False):
        self.chance = chance
        self.has_trouble = False
        self.is_odd = False
        self.is_compared = True
        self.excused = set()
        self.is_published = is_published
        # The same moment for all that has the same age, so that there are ties.
        self.repository = Repository(root).make()
        self.stamps = {age_s: None for age_s in STAMPS_S}
        self.contents = [b"content %d" % number for number in range(chance.randrange(1, 9))]
        for name in chance.sample(BRANCHES, chance.randrange(0, 5)):
            self.branch(self.repository, name)
        if chance.random() < 0.3:
            self.branch(Repository(root, chance.choice(("bob", "eve"))), "main", is_user=True)
        self.orphans()
        if chance.random() < 0.4:
            self.odd_files()
        if chance.random() < 0.1:
            self.upper_case()
        self.maybe_without_blobs()

    def maybe(self, share, value=True):
        return value if self.chance.random() < share else None

    def branch(self, repository, name, is_user=False):
        kind = self.chance.random()
        policies = ODD_POLICIES if kind < 0.2 else GOOD_POLICIES
        if kind < 0.04:
            policies = CRASHING_POLICIES
        policy = self.chance.choice(policies)
        if policy is not None:
            repository.policy(name, policy)
        if policies is not GOOD_POLICIES and not is_user:
            self.is_odd = True
            self.is_compared &= policies is ODD_POLICIES
        tags = self.chance.sample(TAGS, self.chance.randrange(0, len(TAGS) + 1))
        for tag in tags:
            self.tag(repository, name, tag)
        if self.maybe(0.2):
            repository.tag(name, ".hidden", 5_000_000, jobs=())
        if self.maybe(0.2):
            repository.text(repository.path(name, "a-file"), "x")

    def tag(self, repository, branch, name):
        chance = self.chance
        age_s = chance.choice(STAMPS_S)
        path = repository.tag(branch, name, age_s, jobs=(), released=chance.random() < 0.25,
                              locked=chance.random() < 0.15)
        if age_s is not None:
            stamp = path / ".stamp"
            self.stamps[age_s] = self.stamps[age_s] or stamp.stat().st_mtime
            os.utime(stamp, (self.stamps[age_s],) * 2)
        for job in chance.sample(JOBS, chance.randrange(0, 4)):
            self.job(repository, branch, name, job)

    def job(self, repository, branch, tag, name):
        chance = self.chance
        formats = {}
        for kind in chance.sample(FORMATS, chance.randrange(1, 3)):
            files = chance.sample(("a", "b/c", "d"), 2)
            formats[kind] = {file: chance.choice(self.contents) for file in files}
        job = repository.job(branch, tag, name, formats, age_s=chance.choice(AGES_S))
        kind = chance.random()
        if kind < 0.4:
            variant, number = chance.choice(("x86", "arm")), chance.choice("12")
            version = repository.version("p", variant, "main", number)
            free = [name for name in formats if not os.path.lexists(version / name)]
            repository.product(job, version, free)
        elif kind < 0.45:
            link(repository.home / "products/gone/x86/main/1", job / ".product")
            if repository is not self.repository:
                self.is_compared = False  # the quotas end dlrepo's run

    def orphans(self):
        for number in range(self.chance.randrange(0, 12)):
            content = b"orphan %d" % number * self.chance.randrange(1, 200)
            age_s, name = self.chance.choice(AGES_S), f"{self.chance.getrandbits(128):032x}"
            if self.chance.random() < 0.7:
                self.repository.blob(content, age_s)
            else:
                self.repository.upload(content, age_s, name)

    def odd_files(self):
        make, chance = self.repository, self.chance
        folder = chance.choice((make.blobs / "sha256/00", make.uploads, make.blobs))
        folder.mkdir(parents=True, exist_ok=True)
        odd = [make.text(folder / ".nfs000001", "x")]
        odd.append(link(make.path(".hidden-branch"), folder / "link"))
        make.text(make.path(".hidden-branch"), "x", 10_000_000)
        os.mkfifo(folder / "fifo")
        (folder / "empty").mkdir()
        make.text(folder / "str ay\udcfe", "stray", chance.choice(AGES_S))
        for path in (*odd, folder / "fifo"):
            age(path, chance.choice(AGES_S))
        self.excused = {str(path.relative_to(make.root)) for path in odd}

    def upper_case(self):
        self.has_trouble, self.is_compared = True, False
        self.repository.keep("upper", daily=1)
        self.repository.tags("upper", 3)
        self.repository.tag("upper", "OLD", 20_000_000)

    def maybe_without_blobs(self):
        for path in (self.repository.blobs, self.repository.uploads):
            if path.is_dir() and not os.listdir(path) and self.maybe(0.5):
                path.rmdir()
                self.is_compared = False
