// SPDX-License-Identifier: MPL-2.0
// dead: lists the dead letters of a target, shows them, puts their records back, or drops them.
#include "cli/dead.h"

#include "cli/dead/letter_rows.h"
#include "cli/dead/letters.h"
#include "cli/dead/list_letters.h"
#include "cli/dead/move_letters.h"
#include "cli/front/front.h"
#include "cli/options/dead_options.h"

struct dead {
	struct front front;
	struct dead_options options;
	struct letters letters;
	struct letter_rows *rows;
};

static int start(struct dead *dead, const struct invocation *invocation) {
	struct front *front = &dead->front;
	int err = dead_options_read(&front->conf, &dead->options, front->config, invocation);

	if (err == 0)
		err = front_set_up_look(front, &dead->options.log);
	if (err != 0)
		return err;
	const struct letters_setup letters = {
		.kafka = &dead->options.kafka,
		.target = front->target,
		.config = front->config,
		.log = front->log,
	};

	return letters_open(&dead->letters, &letters);
}

// Only for what says something about the rows.
static bool looks_for_rows(int action) {
	return action == DEAD_LIST || action == DEAD_DROP;
}

static int work(struct dead *dead) {
	const struct dead_own_options *own = &dead->options.own;
	const struct list_order list = {
		.filter = &dead->options.filter,
		.each = own->each,
		.json = own->json,
		.by_node = own->by == DEAD_BY_NODE,
	};
	const struct move_order move = {
		.filter = &dead->options.filter,
		.puts_back = own->action == DEAD_REQUEUE,
		.json = own->json,
		.dryrun = own->dryrun,
		.yes = own->yes,
	};
	int err = letters_fold(&dead->letters);

	if (err == 0 && looks_for_rows(own->action))
		err = letter_rows_open(&dead->rows, &dead->front, &dead->letters.setup);
	if (err < 0)
		return err;
	if (own->action == DEAD_LIST)
		return list_letters(&dead->letters, dead->rows, &list);
	if (own->action == DEAD_SHOW)
		return list_letters_whole(&dead->letters, &list);
	return move_letters(&dead->letters, dead->rows, &move);
}

int dead_main(const struct invocation *invocation) {
	struct dead dead = {.rows = NULL};
	int err;

	if (front_init(&dead.front, invocation) < 0)
		return EXIT_FAILED;
	err = start(&dead, invocation);
	if (err == 0)
		err = work(&dead);
	letter_rows_close(dead.rows);
	letters_close(&dead.letters);
	front_fini(&dead.front);
	return front_exit_status(err);
}
