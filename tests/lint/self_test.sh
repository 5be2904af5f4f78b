#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# self_test.sh: shows for every lint script that it passes what is right and fails what is wrong.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
licence='// SPDX-License-Identifier: MPL-2.0'
status=0

# put PATH [LINE...]: a file of the tree.
put() {
	mkdir -p "$tree/$(dirname -- "$1")"
	printf '%s\n' "$licence" "${@:2}" >"$tree/$1"
}

# expect pass|fail SCRIPT
expect() {
	local result=pass
	"$here/$2.sh" "$tree" >/dev/null 2>&1 || result=fail
	if [ "$result" != "$1" ]; then
		echo "self_test.sh:${BASH_LINENO[1]}: $2.sh says $result, expected $1" >&2
		status=1
	fi
}

# refuses SCRIPT PATH [LINE...]: this file must make the script fail.
refuses() {
	local script=$1
	shift
	put "$@"
	expect fail "$script"
	rm "$tree/$1"
}

# accepts SCRIPT PATH [LINE...]: and this one must not.
accepts() {
	local script=$1
	shift
	put "$@"
	expect pass "$script"
	rm "$tree/$1"
}

put common/base/log.h '// Thread: any.'
put common/targets/table.h '// Thread: any.'
put common/targets/softdelete/softdelete.h '// Thread: any.'
put common/targets/tokenserver/tokenserver.h '// Thread: any.'
put common/targets/apple/apple.h '// Thread: any.'
put producer/scan.h '// Thread: any.'
put worker/task/task.h '// Thread: any.'
put cli/run.h '// Thread: any.'
softdelete=common/targets/softdelete/a.c

accepts includes cli/run.c '#include "producer/scan.h"' '#include "common/targets/table.h"' \
	'#include "common/base/log.h"' '#include "cli/run.h"' '#include <time.h>'
accepts includes worker/worker.c '#include "worker/task/task.h"' '#include "common/base/log.h"'
accepts includes common/targets/table.c '#include "common/targets/softdelete/softdelete.h"'
accepts includes "$softdelete" '#include "common/targets/softdelete/softdelete.h"'
refuses includes cli/run.c '#include "common/targets/softdelete/softdelete.h"'
refuses includes common/base/log.c '#include "cli/run.h"'
refuses includes common/base/log.c '  #  include "producer/scan.h"'
refuses includes common/base/log.c '#include "log.h"'
refuses includes common/base/log.c '#include "common/base/../base/log.h"'
refuses includes "$softdelete" '#include "common/targets/tokenserver/tokenserver.h"'
refuses includes "$softdelete" '#include "common/targets/table.h"'
refuses includes producer/scan.c '#include "worker/task/task.h"'
refuses includes worker/task/task.c '#include "producer/scan.h"'
refuses includes common/base/log.c '#include <common/targets/table.h>'
refuses includes worker/attic/old.c '#include "common/base/log.h"'

put worker/task/task.c '#include "worker/task/task.h"'
accepts loops worker/task/call.h '#include "worker/task/task.h"'
put worker/task/call.h '#include "worker/task/task.h"'
refuses loops worker/task/task.c '#include "worker/task/call.h"'
refuses loops worker/task/task.c ' #  include  "worker/task/call.h"'
rm "$tree/worker/task/call.h"

put worker/task/call.h '// Thread: any.' 'void call_end(struct call *call); // it is over' \
	'static inline int log_now(void) {'
accepts uses worker/calls/calls.c '#include "worker/task/call.h"' 'void f(void) { call_end(NULL); }'
refuses uses worker/calls/calls.c 'void f(void) { log_now(); }'
refuses uses worker/calls/calls.c '#include "worker/task/task.h"' 'void f(void) { call_end(NULL); }'
accepts uses worker/calls/calls.c 'static void call_end(int x) {}' 'void f(void) { call_end(1); }'
accepts uses worker/calls/calls.c '// call_end() is in another file' 'void f(void) { puts("call_end()"); hooks->call_end(x); }'
put worker/calls/calls.h '// Thread: any.' '#include "worker/task/call.h"'
accepts uses worker/calls/calls.c '#include "worker/calls/calls.h"' 'void f(void) { call_end(NULL); }'
rm "$tree/worker/task/call.h" "$tree/worker/calls/calls.h"

accepts names worker/task/task.c '// every target is the same to us'
accepts names cli/run.c '// tokenserver'
refuses names worker/task/task.c '// as Tokenserver does'
refuses names producer/scan.h 'int apple_scan(void);'
refuses names producer/scan.c '#define SWIFT 1'
refuses names worker/task/task.c '"X-Weave-Backoff"'
refuses names cli/run.c '.env = "SYNC_STATSD_HOST"'

expect pass spdx
printf 'int x;\n' >"$tree/common/bare.c"
expect fail spdx
rm "$tree/common/bare.c"
printf '#!/bin/sh\n' >"$tree/bare.sh"
expect fail spdx
rm "$tree/bare.sh"

# With the licence a line more.
mapfile -t lines < <(seq 399)
accepts sizes common/long.c "${lines[@]}"
refuses sizes common/long.c "${lines[@]}" 400
refuses sizes worker/task/long.h "${lines[@]}" 400
accepts sizes tests/long_test.c "${lines[@]}"
refuses sizes tests/long_test.c "${lines[@]}" 400
refuses sizes dev "${lines[@]}" 400

accepts lines cli/wide.c "$(printf '%0100d' 0)" 'int a; // one two three four five six'
accepts lines cli/wide.c '"http://one two three four five six seven"' '#endif // one two three four five six seven'
refuses lines cli/wide.c "$(printf '%0101d' 0)"
refuses lines cli/wide.c "$(printf '\t%093d' 0)"
refuses lines cli/wide.c 'int a; // one two three four five six seven'

whole=$tree
tree=$whole/docs
mkdir -p "$tree"/{cli,common,producer,tests,worker}
put docs/architecture.md '<!-- modules: made by ./dev docs -->' '<!-- end of modules -->' 'The rest.'
put cli/show.h '// show: shows it, by show.c,' '// to all. Thread: any.'
expect fail docs
"$here/docs.sh" --write "$tree"
expect pass docs
if ! grep -qxF "| \`show\` | shows it, by show.c, to all. |" "$tree/docs/architecture.md" ||
	! grep -qxF 'The rest.' "$tree/docs/architecture.md"; then
	echo "self_test.sh: docs.sh --write made something else" >&2
	status=1
fi
accepts docs cli/show.c '// show: the header says it.'
refuses docs cli/hide.c '// hide: has no header.'
refuses docs cli/hide.h '// Does not say its name.'
accepts docs docs/show.md "See \`cli/show.h\` and \`show.h\`."
refuses docs docs/show.md 'See cli/hide.h.'
refuses docs docs/show.md "See \`hide.c\`."
put cli/show.h '// show: shows it. Thread: any.'
expect fail docs
put docs/architecture.md 'The rest.'
expect fail docs
tree=$whole

expect pass threads
accepts threads cli/show.h '// show: shows it. Pure. Thread: any.' '#pragma once'
accepts threads tests/support/node.h '// node: for tests alone.'
refuses threads cli/show.h '// show: shows it.' '#pragma once' 'void show(void);'
refuses threads common/targets/softdelete/rule.h '// rule: a thread is not named'

# No target sends anything yet, and the page says nothing else.
put docs/metrics.md
expect pass metrics
report() {
	printf '.metrics_prefix = "apple",\nmetrics_count(\n\tmetrics, "%s", 1,\n\t"type:%s"\n);\n' "$1" "$2"
}
put docs/metrics.md "| \`apple.eaten\` | c | \`type:raw\` |"
accepts metrics common/targets/apple/report.c "$(report eaten raw)"
refuses metrics common/targets/apple/report.c "$(report picked raw)"
refuses metrics common/targets/apple/report.c "$(report eaten cooked)"
expect fail metrics # nothing sends apple.eaten
put docs/metrics.md
refuses metrics worker/task/task.c '	metrics_count(metrics, "eaten", 1, NULL);'

row() {
	printf '\t{.name = "%s",\n\t .labels = "node,reason",\n\t .part = NUMBERS_%s,\n\t .help = "what "\n\t\t "it is"},\n' "$1" "$2"
}
put docs/metrics.md '<!-- series: made by ./dev docs -->' '<!-- end of series -->' 'The rest.'
refuses series cli/admin/series.c "$(row eaten WORKER)"
put cli/admin/series.c "$(row eaten WORKER)" "$(row left SCAN)"
"$here/series.sh" --write "$tree"
expect pass series
if ! grep -qxF "| \`purgefleet_eaten\` | gauge | \`node\`, \`reason\` | R W | what it is |" "$tree/docs/metrics.md" ||
	! grep -qxF 'The rest.' "$tree/docs/metrics.md"; then
	echo "self_test.sh: series.sh --write made something else" >&2
	status=1
fi
refuses series cli/admin/series.c "$(row eaten WORKER)"
refuses series cli/admin/series.c "$(row eaten WORKER)" "$(row left PEEL)"
refuses series cli/admin/series.c '	{.name = "eaten", .part = NUMBERS_WORKER},'
refuses series cli/admin/series.c 'No row.'
exit $status
