// SPDX-License-Identifier: MPL-2.0
// account_head: has the account server of a device say how an account stands.
#include "common/targets/swift/scan/account_head.h"

#include "common/http/http.h"
#include "common/http/http_call.h"
#include "common/http/http_message.h"
#include "common/targets/swift/backend/backend_request.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONNECT_MS = 2000,
	// A stop waits for it. A server that is alive takes longer only for a database that is
	// locked.
	ANSWER_MS = 10000,
	// Times in a row, before it is not asked any more.
	SILENT_MOST = 2,
};

struct account_head {
	struct http *http;
	// The server that was asked last, and how often it has been silent since it spoke.
	char origin[300];
	int silent;
};

int account_head_open(struct account_head **out) {
	static const struct http_options options = {
		.inflight_max = 1,
		.connections_max = 1,
		.request_timeout_ms = ANSWER_MS,
		.connect_timeout_ms = CONNECT_MS,
		.user_agent = "purgefleet/" PURGEFLEET_VERSION,
	};
	struct account_head *head = calloc(1, sizeof(*head));
	int err;

	if (head == NULL)
		return -ENOMEM;
	err = http_open(&head->http, &options);
	if (err < 0)
		free(head);
	else
		*out = head;
	return err;
}

void account_head_close(struct account_head *head) {
	if (head == NULL)
		return;
	http_close(head->http);
	free(head);
}

static void hear(void *ctx, const struct http_answer *answer) {
	struct account_said *said = ctx;

	said->answer = backend_answer_account(answer);
	said->is_silent = answer->failure != HTTP_FAILURE_NONE;
	if (!said->is_silent)
		snprintf(said->words, sizeof(said->words), "it answers %d", answer->status);
	else
		snprintf(said->words, sizeof(said->words), "%s", answer->message);
}

static bool is_worth_asking(struct account_head *head, const struct backend_place *place) {
	char origin[sizeof(head->origin)];

	if (backend_origin(place->device, origin, sizeof(origin)) < 0)
		return true; // making the request tells
	if (strcmp(origin, head->origin) != 0) {
		snprintf(head->origin, sizeof(head->origin), "%s", origin);
		head->silent = 0;
	}
	return head->silent < SILENT_MOST;
}

int account_head_ask(
	struct account_head *head,
	const struct backend_place *place,
	const struct name_part *account,
	struct account_said *out
) {
	struct http_request request = {0};
	int err;

	*out = (struct account_said){.answer = ACCOUNT_DOES_NOT_TELL};
	if (!is_worth_asking(head, place)) {
		snprintf(out->words, sizeof(out->words), "it did not answer twice before");
		return 0;
	}
	err = backend_head_account(&request, place, account);
	if (err == 0)
		err = http_call(head->http, &request, 0, hear, out);
	http_request_fini(&request);
	head->silent = out->is_silent ? head->silent + 1 : 0;
	return err;
}
