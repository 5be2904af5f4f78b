#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# dlrepo_blob_gone_between.sh: a blob that goes while dlrepo 0.44 links it is stored empty, and stays so.
#
# dlrepo looks for a blob by name (Path.is_file), touches it so that its clean-up leaves it alone (Path.touch), and links it. Path.touch
# makes a file where there is none. If something else removes the blob between the look and the touch, dlrepo links an empty file for
# the artifact without an error. What one would not expect either: sending the right content again does not heal it. An upload is
# thrown away when anything has the name of its digest, whatever is in it. So an orphan of .blobs cannot be removed beside a running
# server by looking at its link count and age first, however often.
#
# Seen with dlrepo 0.44, Python 3.11:
#   artifact: 0 bytes; blob: 0 bytes
#   after the right content was uploaded again: blob: 0 bytes
#
# Installs pinned packages into a directory of its own; nothing runs but dlrepo's own classes. Exits 0 when it is as told.
set -euo pipefail

place=$(mktemp -d /tmp/dlrepo-finding-XXXXXX)
trap 'rm -rf "$place"' EXIT
cd "$place"

# Its build makes a style sheet, which nothing here looks at.
mkdir bin
cat >bin/sassc <<'SH'
#!/bin/sh
for last; do :; done
mkdir -p "${last%/*}"
: >"$last"
SH
chmod +x bin/sassc
/usr/bin/python3 -m venv venv
pip=(env PATH="$place/bin:$PATH" venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check)
"${pip[@]}" aiohttp==3.14.5 cachetools==8.0.2 setuptools==80.9.0
"${pip[@]}" --no-deps --no-build-isolation --use-pep517 dlrepo==0.44

cat >try.py <<'PY'
import asyncio
import hashlib
import sys
from pathlib import Path

from dlrepo.fs import ArtifactRepository

CONTENT = b"content"
DIGEST = hashlib.sha256(CONTENT).hexdigest()

repository = ArtifactRepository(sys.argv[1])
blob = repository.blobs / "sha256" / DIGEST[:2] / DIGEST
artifact = Path(sys.argv[1], "branches/b/t/j/f/artifact")
look = Path.is_file


async def upload():
    pieces = [CONTENT, b""]

    async def read(_):
        return pieces.pop(0)

    name = repository.next_upload()
    await repository.update_upload(name, read)
    await repository.finalize_upload(name, f"sha256:{DIGEST}")


def look_and_lose(path):
    """Somebody removes the blob right after dlrepo's look."""
    is_there = look(path)
    if path == blob and is_there:
        blob.unlink()
        Path.is_file = look
    return is_there


asyncio.run(upload())
Path.is_file = look_and_lose
repository.link_blob(f"sha256:{DIGEST}", artifact)
print(f"artifact: {artifact.stat().st_size} bytes; blob: {blob.stat().st_size} bytes")
asyncio.run(upload())
print(f"after the right content was uploaded again: blob: {blob.stat().st_size} bytes")
PY

cat >expected <<'TEXT'
artifact: 0 bytes; blob: 0 bytes
after the right content was uploaded again: blob: 0 bytes
TEXT
venv/bin/python try.py "$place/root" | tee seen
diff expected seen
