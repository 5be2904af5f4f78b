#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# run.sh [softdelete] [ARGUMENT...]: measures a purge against other ways to do the same, all in one run; see
# purge_bench.py, and softdelete.py for rows that were marked deleted.
set -euo pipefail
cmake --preset bench >/dev/null
cmake --build --preset bench >/dev/null
export PURGEFLEET="$PWD/build/bench/purgefleet"
bench=purge_bench.py
if [ "${1-}" = softdelete ]; then
	bench=softdelete.py
	shift
fi
exec "$PURGEFLEET_VENV" "$(dirname "$0")/$bench" "$@"
