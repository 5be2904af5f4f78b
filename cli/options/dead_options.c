// SPDX-License-Identifier: MPL-2.0
// dead_options: the options of `dead`.
#include "cli/options/dead_options.h"

#include "cli/dead/letter_reason.h"
#include "cli/options/option_groups.h"
#include "cli/options/range_option.h"
#include "common/base/clock.h"
#include "common/conf/conf.h"
#include "common/target/target.h"
#include "common/target/target_front.h"
#include "common/text/moment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct dead_own_options, field)

static const char *const action_words[] = {"", "list", "show", "requeue", "drop", NULL};
static const char *const by_words[] = {"reason", "node", NULL};

static const char *wants_moment(const char *text) {
	int64_t moment_ms;

	return moment_parse(text, clock_wall_ms(), &moment_ms) < 0 ? MOMENT_FORMS : NULL;
}

// An empty one, of a variable that is not set, is not meant for all.
static const char *wants_something(const char *text) {
	return text[0] == '\0' ? "something; leave it out to mean all" : NULL;
}

static const struct conf_row which_rows[] = {
	{.name = "action",
	 .kind = CONF_CHOICE,
	 .offset = AT(action),
	 .hidden = true,
	 .choices = action_words},
	{.name = "reason",
	 .exact = true,
	 .kind = CONF_LIST,
	 .offset = AT(reasons),
	 .meta = "LIST",
	 .help = "only letters with one of these reasons"},
	{.name = "node",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(node),
	 .meta = "URL",
	 .help = "only letters of this node, as list --by node shows it",
	 .wants = wants_something},
	{.name = "id",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(id),
	 .meta = "ID",
	 .help = "only the letter of this record, or with this key",
	 .wants = wants_something},
	RANGE_OPTION_ROW("range-start", AT(range_start), "only records whose uid is greater"),
	RANGE_OPTION_ROW("range-end", AT(range_end), "only records whose uid is less"),
	{.name = "older",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(older),
	 .meta = "TIME",
	 .help = "only letters written before; " MOMENT_FORMS,
	 .wants = wants_moment},
	{.name = "newer",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(newer),
	 .meta = "TIME",
	 .help = "only letters written after, likewise",
	 .wants = wants_moment},
};

static const struct conf_row how_rows[] = {
	{.name = "by",
	 .kind = CONF_CHOICE,
	 .offset = AT(by),
	 .fallback = "reason",
	 .meta = "WHAT",
	 .choices = by_words,
	 .help = "list: counts by node as well"},
	{.name = "each",
	 .kind = CONF_FLAG,
	 .offset = AT(each),
	 .help = "list: a line for each letter, before the counts"},
	{.name = "json",
	 .kind = CONF_FLAG,
	 .offset = AT(json),
	 .help = "lines of JSON instead of text; of list each letter too"},
	{.name = "dryrun",
	 .kind = CONF_FLAG,
	 .offset = AT(dryrun),
	 .help = "requeue, drop: only say what would be"},
	{.name = "yes",
	 .exact = true,
	 .kind = CONF_FLAG,
	 .offset = AT(yes),
	 .help = "requeue, drop: also more than 1,000 letters, and of drop also what may never "
		 "come back"},
};

// --- what they mean

static int refuse_reason(const char *word) {
	fprintf(stderr, "purgefleet: '--reason' knows no '%s'; it knows", word);
	for (int i = 0; i < LETTER_REASONS; i++)
		fprintf(stderr, "%s %s", i == 0 ? "" : ",", letter_reason_name(i));
	fputc('\n', stderr);
	return -EINVAL;
}

static int take_reasons(struct dead_options *options, const struct conf *conf) {
	const struct conf_list *list = &options->own.reasons;

	if (list->count == 0 && conf_is_set(conf, "reason"))
		return front_fail(-EINVAL, "'--reason' wants a reason; leave it out to mean all");
	for (size_t i = 0; i < list->count; i++) {
		int reason = letter_reason_find(list->items[i]);

		if (reason < 0)
			return refuse_reason(list->items[i]);
		options->filter.reasons |= 1U << (unsigned)reason;
	}
	return 0;
}

static int take_range(struct dead_options *options, const struct conf *conf) {
	struct letter_filter *filter = &options->filter;

	filter->has_range_start = conf_is_set(conf, "range-start");
	filter->has_range_end = conf_is_set(conf, "range-end");
	filter->range_start = options->own.range_start;
	filter->range_end = options->own.range_end;
	return range_option_check(conf, filter->range_start, filter->range_end);
}

static int take_times(struct dead_options *options) {
	struct letter_filter *filter = &options->filter;
	int64_t now_ms = clock_wall_ms();

	filter->has_before = options->own.older != NULL;
	filter->has_after = options->own.newer != NULL;
	// Their rows have looked at them.
	if (filter->has_before)
		(void)moment_parse(options->own.older, now_ms, &filter->before_ms);
	if (filter->has_after)
		(void)moment_parse(options->own.newer, now_ms, &filter->after_ms);
	if (filter->has_before && filter->has_after && filter->after_ms >= filter->before_ms)
		return front_fail(
			-EINVAL, "no letter is newer than '--newer' and older than '--older'"
		);
	return 0;
}

static int check_action(const struct dead_options *options, const struct conf *conf) {
	int action = options->own.action;
	bool moves = action == DEAD_REQUEUE || action == DEAD_DROP;

	if (action == DEAD_NONE)
		return front_fail(-EINVAL, "dead: say list, show, requeue or drop");
	if (action != DEAD_LIST && (options->own.each || conf_is_set(conf, "by")))
		return front_fail(-EINVAL, "dead: --by and --each are for list");
	if (!moves && (options->own.yes || options->own.dryrun))
		return front_fail(-EINVAL, "dead: --yes and --dryrun are for requeue and drop");
	return 0;
}

int dead_options_read(
	struct conf **out,
	struct dead_options *options,
	void *target_config,
	const struct invocation *invocation
) {
	const struct target *target = invocation->target;
	const struct conf_group groups[] = {
		{.title = "letters",
		 .rows = which_rows,
		 .count = sizeof(which_rows) / sizeof(which_rows[0]),
		 .base = &options->own},
		{.title = "dead",
		 .rows = how_rows,
		 .count = sizeof(how_rows) / sizeof(how_rows[0]),
		 .base = &options->own},
		option_group_target(target, target_config),
		option_group_kafka(&options->kafka),
		option_group_log(&options->log),
	};
	const struct front_command command = {
		.usage = "dead TARGET list|show|requeue|drop [options]",
		.summary = "Lists the dead letters of a target, shows them, puts their records "
			   "back to the candidates, or drops them. It is told by the database "
			   "which of them are solved: their rows are gone.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.positional = "action",
		.only_scans = true,
	};
	int err = front_parse(out, invocation, &command);

	if (err != 0)
		return err;
	err = check_action(options, *out);
	if (err == 0)
		err = take_reasons(options, *out);
	if (err == 0)
		err = take_range(options, *out);
	if (err == 0)
		err = take_times(options);
	options->filter.node = options->own.node;
	options->filter.id = options->own.id;
	return err;
}
