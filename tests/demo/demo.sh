#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# demo.sh: a whole purge on this machine; see demo.py.
set -euo pipefail
exec "$PURGEFLEET_VENV" "$(dirname "$0")/demo.py" "$@"
