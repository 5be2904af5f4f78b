#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# run.sh: measures a purge against other ways to do the same, all in one run; see purge_bench.py.
set -euo pipefail
cmake --preset bench >/dev/null
cmake --build --preset bench >/dev/null
export PURGEFLEET="$PWD/build/bench/purgefleet"
exec "$PURGEFLEET_VENV" "$(dirname "$0")/purge_bench.py" "$@"
