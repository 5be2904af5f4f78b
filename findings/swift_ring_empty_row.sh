#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# swift_ring_empty_row.sh: the header of a Swift ring counts a replica that no partition has.
#
# A ring may have a fraction of a replica: with 2.5 replicas half of the partitions have a third one. Of a ring of few partitions the
# fraction can be less than one partition: 2.1 replicas of 4 partitions are 0.4 of a partition. Format 1, the default of
# swift-ring-builder, then says replica_count 3 in its header, and has the assignments of two: Swift's own reader gives a third row
# without an entry, and its replica_count is 2.0. Written as format 2, the same ring has two rows. So "the rows that the header counts
# must be there" refuses a right ring of format 1, and the two formats of one ring do not have the same number of rows.
#
# Seen with Swift 2.38.3, Python 3.11:
#   format 1: header says 3, bytes of assignments 16, rows as read [4, 4, 0]
#   format 2: rows as read [4, 4]
#
# Installs pinned packages into a directory of its own; nothing runs but Swift's own ring classes. Exits 0 when it is as told.
set -euo pipefail

place=$(mktemp -d /tmp/swift-finding-XXXXXX)
trap 'rm -rf "$place"' EXIT
cd "$place"

/usr/bin/python3 -m venv venv
venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check swift==2.38.3

cat >try.py <<'PY'
import gzip
import json
import struct

from swift.common.ring import RingBuilder, RingData

builder = RingBuilder(2, 2.1, 0)  # 4 partitions
for number in range(4):
    builder.add_dev({
        "id": number, "region": 1, "zone": number, "ip": "127.0.0.1", "port": 6200, "replication_ip": "127.0.0.1",
        "replication_port": 6200, "device": f"d{number}", "weight": 100, "meta": ""})
builder.rebalance(seed=1)
ring = builder.get_ring()


def rows(version):
    name = f"ring{version}.gz"
    ring.save(name, format_version=version)
    return [len(row) for row in RingData.load(name)._replica2part2dev_id]


seen = rows(1)
with gzip.open("ring1.gz") as file:
    raw = file.read()
length = struct.unpack("!I", raw[6:10])[0]
count = json.loads(raw[10:10 + length])["replica_count"]
print(f"format 1: header says {count}, bytes of assignments {len(raw) - 10 - length}, rows as read {seen}")
print(f"format 2: rows as read {rows(2)}")
PY

venv/bin/python try.py >seen
cat seen
diff - seen <<'TXT'
format 1: header says 3, bytes of assignments 16, rows as read [4, 4, 0]
format 2: rows as read [4, 4]
TXT
