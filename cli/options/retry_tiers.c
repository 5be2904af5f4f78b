// SPDX-License-Identifier: MPL-2.0
// retry_tiers: the options that say which retry topics there are to be.
#include "cli/options/retry_tiers.h"

#include "cli/front/front.h"
#include "common/conf/conf_value.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// Takes the times into `out`. Returns what the text must be instead, or NULL.
static const char *parse(const char *text, struct topic_tiers *out) {
	*out = (struct topic_tiers){.count = 0};
	for (;;) {
		size_t len = strcspn(text, ",");
		char word[TOPIC_DELAY_BYTES] = "";
		int64_t ms;

		if (out->count == TOPIC_TIERS_MAX)
			return "at most 5 times";
		if (len < sizeof(word))
			memcpy(word, text, len);
		if (conf_duration_read(word, &ms) < 0)
			return "1 to 5 times with commas between them, such as " TOPIC_TIERS;
		if (ms < TOPIC_TIER_MIN_S * (int64_t)1000 || ms > TOPIC_TIER_MAX_S * (int64_t)1000)
			return "times from 1s to 24h";
		if (out->count > 0 && ms <= out->delay_ms[out->count - 1])
			return "rising times, each longer than the one before it";
		out->delay_ms[out->count++] = ms;
		text += len;
		if (*text++ == '\0')
			return NULL;
	}
}

static const char *wants_tiers(const char *text) {
	struct topic_tiers tiers;

	return parse(text, &tiers);
}

#define AT(field) offsetof(struct retry_tiers_options, field)

const struct conf_row retry_tiers_rows[RETRY_TIERS_ROWS] = {
	{.name = "retry-tiers",
	 .kind = CONF_STRING,
	 .offset = AT(tiers),
	 .yields_to = "retry-delay",
	 .meta = "TIME,...",
	 .wants = wants_tiers,
	 .help = "how long a record waits for its next try, then for the one after it, and so on; "
		 "each is a retry topic. 1 to 5 rising times of 1s to 24h; " TOPIC_TIERS
		 " when not given. topics create and work must be given the same"},
	{.name = "retry-delay",
	 .kind = CONF_DURATION,
	 .offset = AT(delay),
	 .yields_to = "retry-tiers",
	 .meta = "TIME",
	 .min = TOPIC_RETRY_DELAY_MIN_S,
	 .max = TOPIC_RETRY_DELAY_MAX_S,
	 .help = "a shorter word for --retry-tiers: this time, ten and sixty times as much, each "
		 "at most 1h"},
};

int retry_tiers_read(
	const struct retry_tiers_options *options, const struct conf *conf, struct topic_tiers *out
) {
	if (conf_is_set(conf, "retry-tiers") && conf_is_set(conf, "retry-delay"))
		return front_fail(
			-EINVAL, "--retry-tiers and --retry-delay say the same; give one of them"
		);
	if (options->delay > 0)
		*out = topic_tiers_of(options->delay);
	else
		(void)parse(options->tiers == NULL ? TOPIC_TIERS : options->tiers, out);
	return 0;
}
