# SPDX-License-Identifier: MPL-2.0
"""world: makes a table, faults and options by chance, and knows what may come of them."""
from harness.users import DAY, HOUR, NO_NODE, now_ms


class World:
    def __init__(self, case, chance):
        self.case = case
        self.chance = chance
        self.tables = case.tables
        self.eligible = set()     # may be removed
        self.with_node = set()    # of these: count towards --max-records
        self.with_delete = set()  # of these: a node is asked first
        self.left_down = 0
        self.nodeids = [case.nodeid] + [case.add_node()[1] for _ in range(chance.randrange(3))]
        self.down = case.add_node(downed=1)[1]
        self.force = chance.random() < 0.3
        self.node_keys = chance.choice(["fxa", "fxa", "uid"])
        self.max_records = chance.choice([0, 0, 1, 3, 10, 50, 1000])
        for _ in range(chance.choice([1, 5, 30, 200])):
            self.add_user()
        self.faults = chance.random() < 0.5
        if self.faults:
            self.add_faults()
        self.options = self.choose_options()

    def add_user(self):
        kind = self.chance.choices(
            ["old", "nodeless", "down", "young", "live", "shared", "moved"], [8, 2, 1, 1, 1, 3, 1])[0]
        nodeid = self.chance.choice(self.nodeids)
        if kind in ("young", "live"):
            getattr(self.tables, kind)(nodeid)
            return
        if kind in ("nodeless", "down"):
            nodeid = NO_NODE if kind == "nodeless" else self.down
        uid = self.tables.old(nodeid, age_ms=2 * DAY + self.chance.randrange(3) * HOUR)
        if kind == "down" and not self.force:
            self.left_down += 1
            return
        self.eligible.add(uid)
        if kind == "nodeless":
            return
        self.with_node.add(uid)
        if kind == "shared":
            self.tables.twin(uid, replaced_at=self.chance.choice([None, now_ms() - HOUR]))
        elif kind == "moved":
            self.tables.twin(uid, nodeid=self.down)
        if kind != "shared" or self.node_keys == "uid":
            self.with_delete.add(uid)

    def add_faults(self):
        for node in self.case.nodes:
            for _ in range(self.chance.randrange(4)):
                how = self.chance.choice([
                    {"status": 400}, {"status": 500}, {"status": 401}, {"status": 412},
                    {"status": 404}, {"drop": True}, {"delay_s": 0.3}, {"status": 302},
                    {"status": 503, "headers": {"Retry-After": "1"}},
                ])
                node.fail(times=self.chance.choice([1, 2, 10]), **how)

    def choose_options(self):
        options = ["--node-keys", self.node_keys]
        if self.force:
            options += ["--force"]
        if self.max_records:
            options += ["--max-records", self.max_records]
        choices = {
            "--max-per-loop": [1, 3, 10, 1000], "--batch-rows": [1, 4, 500],
            "--node-inflight": [1, 2, 64], "--batch-threads": [1, 2, 4], "--window": [1, 8, 4096],
            "--attempts": [1, 2, 6], "--request-timeout": ["0.2", "5"], "--check-ttl": ["0.1", "10"],
            "--retry-time": ["0.5", "3"], "--inflight": [1, 3, 512],
        }
        for name, values in choices.items():
            if self.chance.random() < 0.6:
                options += [name, self.chance.choice(values)]
        return options
