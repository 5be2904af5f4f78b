// SPDX-License-Identifier: MPL-2.0
// account_head: has the account server of a device say how an account stands.
#include "common/targets/swift/scan/account_head.h"

#include "common/http/http.h"
#include "common/http/http_call.h"
#include "common/http/http_message.h"
#include "common/targets/swift/backend/backend_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	CONNECT_MS = 2000,
	// A server waits 25 seconds for a locked database, twice.
	ANSWER_MS = 60000,
};

struct account_head {
	struct http *http;
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
	if (answer->failure == HTTP_FAILURE_NONE)
		snprintf(said->words, sizeof(said->words), "it answers %d", answer->status);
	else
		snprintf(said->words, sizeof(said->words), "%s", answer->message);
}

int account_head_ask(
	struct account_head *head,
	const struct backend_place *place,
	const struct name_part *account,
	struct account_said *out
) {
	struct http_request request = {0};
	int err = backend_head_account(&request, place, account);

	*out = (struct account_said){.answer = ACCOUNT_DOES_NOT_TELL};
	if (err == 0)
		err = http_call(head->http, &request, 0, hear, out);
	http_request_fini(&request);
	return err;
}
