#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# run.sh [softdelete|dlrepo|swift] [ARGUMENT...]: measures a purge against other ways to do the same, all in one run; see
# purge_bench.py, softdelete.py for rows that were marked deleted, dlrepo.py for a repository, swift_accounts.py for accounts of Swift.
set -euo pipefail
cmake --preset bench >/dev/null
cmake --build --preset bench >/dev/null
export PURGEFLEET="$PWD/build/bench/purgefleet"
bench=purge_bench.py
case "${1-}" in
softdelete | dlrepo)
	bench=$1.py
	shift
	;;
swift)
	bench=swift_accounts.py
	shift
	;;
esac
exec "$PURGEFLEET_VENV" "$(dirname "$0")/$bench" "$@"
