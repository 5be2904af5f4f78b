// SPDX-License-Identifier: MPL-2.0
// sources: the listings that together have all objects of a container.
#include "common/targets/swift/reaping/sources.h"

#include "common/targets/swift/backend/object_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(struct sources *sources, const struct source *source) {
	if (sources->count == sources->room) {
		size_t room = sources->room == 0 ? 4 : sources->room * 2;
		void *rows = realloc(sources->rows, room * sizeof(*sources->rows));

		if (rows == NULL)
			return -ENOMEM;
		sources->rows = rows;
		sources->room = room;
	}
	sources->rows[sources->count++] = *source;
	return 0;
}

int sources_begin(
	struct sources *sources, const struct name_part *account, const struct name_part *container
) {
	const struct source root = {
		.account = *account, .container = *container, .policy = -1, .server = SOURCE_LAST};

	object_page_free(sources->shards);
	sources->shards = NULL;
	sources->count = sources->at = 0;
	return add(sources, &root);
}

void sources_fini(struct sources *sources) {
	object_page_free(sources->shards);
	free(sources->rows);
	*sources = (struct sources){.count = 0};
}

// "ACCOUNT/CONTAINER", with one slash.
static int add_shard(struct sources *sources, struct name_part path) {
	const struct source *root = &sources->rows[0];
	const char *slash = memchr(path.bytes, '/', path.len);
	struct source shard = {.policy = -1, .server = SOURCE_LAST, .is_shard = true};

	if (slash == NULL)
		return -EBADMSG;
	shard.account = (struct name_part){path.bytes, (size_t)(slash - path.bytes)};
	shard.container = (struct name_part){slash + 1, path.len - shard.account.len - 1};
	if (shard.account.len == 0 || shard.container.len == 0 ||
	    memchr(shard.container.bytes, '/', shard.container.len) != NULL)
		return -EBADMSG;
	if (name_is_same(shard.account, root->account) &&
	    name_is_same(shard.container, root->container))
		return 0;
	return add(sources, &shard);
}

int sources_add_shards(struct sources *sources, struct object_page *shards) {
	int err = 0;

	object_page_free(sources->shards);
	sources->shards = shards;
	for (size_t i = 0; err == 0 && i < object_page_count(shards); i++)
		err = add_shard(sources, object_page_at(shards, i));
	return err;
}

int sources_add_retiring(struct sources *sources) {
	struct source root = sources->rows[0];

	root.is_retiring = true;
	return add(sources, &root);
}

static size_t first_of(uint64_t servers) {
	size_t index = 0;

	while ((servers >> index & 1) == 0)
		index++;
	return index;
}

static int add_servers(struct sources *sources, uint64_t servers) {
	struct source root = sources->rows[0];
	int err = 0;

	for (size_t i = 0; err == 0 && i < 64; i++) {
		root.server = i;
		if ((servers >> i & 1) != 0)
			err = add(sources, &root);
	}
	return err;
}

int sources_add_others(
	struct sources *sources, uint64_t servers, const bool *has_policy, size_t count, int64_t own
) {
	struct source root = sources->rows[0];
	int err = add_servers(sources, servers);

	if (servers != 0)
		root.server = first_of(servers);
	for (size_t i = 0; err == 0 && i < count; i++) {
		root.policy = (int64_t)i;
		if (has_policy[i] && root.policy != own)
			err = add(sources, &root);
	}
	return err;
}

int sources_add_shard_checks(
	struct sources *sources, size_t servers, const bool *has_policy, size_t count
) {
	size_t known = sources->count;
	int err = 0;

	for (size_t at = 0; err == 0 && at < known; at++) {
		struct source shard = sources->rows[at];

		if (!shard.is_shard)
			continue;
		for (shard.server = 0; err == 0 && shard.server < servers; shard.server++)
			err = add(sources, &shard);
		shard.server = SOURCE_LAST;
		for (size_t i = 0; err == 0 && i < count; i++) {
			shard.policy = (int64_t)i;
			if (has_policy[i])
				err = add(sources, &shard);
		}
	}
	return err;
}

const struct source *sources_at(const struct sources *sources) {
	return &sources->rows[sources->at];
}

void sources_rewind(struct sources *sources) {
	sources->at = 0;
}

bool sources_next(struct sources *sources) {
	if (sources->at + 1 >= sources->count)
		return false;
	sources->at++;
	return true;
}
