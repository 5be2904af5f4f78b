// SPDX-License-Identifier: MPL-2.0
// backend_request: the requests to Swift's account, container and object servers.
#include "common/targets/swift/backend/backend_request.h"

#include "common/base/buf.h"
#include "common/http/http_message.h"
#include "common/targets/swift/backend/backend_answer.h"

#include <errno.h>
#include <inttypes.h>

#define US_PER_S ((int64_t)1000000)

// All of them go to the replication network, and are of names that clients may not have.
static int finish(struct http_request *out, struct buf *url, const char *method) {
	int err = url->error;

	out->method = method;
	if (err == 0)
		err = http_request_url(out, buf_text(url));
	buf_fini(url);
	if (err == 0)
		err = http_request_header(out, "X-Backend-Use-Replication-Network: true");
	return err == 0 ? http_request_header(out, "X-Backend-Allow-Reserved-Names: true") : err;
}

int backend_head_account(
	struct http_request *out, const struct backend_place *place, const struct name_part *account
) {
	struct buf url;

	buf_init(&url, 0);
	backend_url(&url, place, account, 1);
	out->keep = backend_account_headers;
	return finish(out, &url, "HEAD");
}

int backend_head_object(
	struct http_request *out,
	const struct backend_place *place,
	const struct name_part names[3],
	int64_t policy
) {
	struct buf url;
	int err;

	buf_init(&url, 0);
	backend_url(&url, place, names, 3);
	out->keep = backend_object_headers;
	err = finish(out, &url, "HEAD");
	return err == 0
		? http_request_header(out, "X-Backend-Storage-Policy-Index: %" PRId64, policy)
		: err;
}

static int list_by(struct http_request *out, const struct backend_list *list, struct buf *query) {
	const struct name_part names[] = {list->account, list->container};
	struct buf url;

	buf_init(&url, 0);
	backend_url(&url, &list->place, names, 2);
	buf_str(&url, "?format=json");
	buf_add(&url, buf_text(query), query->len);
	if (url.error == 0)
		url.error = query->error;
	buf_fini(query);
	out->keep = backend_list_headers;
	out->body_max_bytes = list->body_bytes_most;
	return finish(out, &url, "GET");
}

int backend_list(struct http_request *out, const struct backend_list *list) {
	struct buf query;
	int err;

	buf_init(&query, 0);
	if (list->marker.len > 0) {
		buf_str(&query, "&marker=");
		backend_quote(&query, &list->marker);
	}
	if (list->limit > 0)
		buf_fmt(&query, "&limit=%d", list->limit);
	err = list_by(out, list, &query);
	if (err < 0 || list->policy < 0)
		return err;
	return http_request_header(out, "X-Backend-Storage-Policy-Index: %" PRId64, list->policy);
}

int backend_list_shards(struct http_request *out, const struct backend_list *list) {
	struct buf query;
	int err;

	buf_init(&query, 0);
	buf_str(&query, "&states=listing");
	err = list_by(out, list, &query);
	return err == 0 ? http_request_header(out, "X-Backend-Record-Type: shard") : err;
}

static int start(struct http_request *out, const struct backend_delete *what, size_t names) {
	struct buf url;
	int err;

	buf_init(&url, 0);
	backend_url(&url, &what->place, what->names, names);
	err = finish(out, &url, "DELETE");
	if (err == 0)
		err = http_request_header(
			out,
			"X-Timestamp: %010" PRId64 ".%05d",
			what->stamp_us / US_PER_S,
			(int)(what->stamp_us % US_PER_S / 10)
		);
	return err == 0 ? updates_name(&what->tells, what->index, what->requests, out) : err;
}

// "ACCOUNT/CONTAINER", quoted.
static int name_told(struct http_request *out, const struct backend_delete *what) {
	struct buf path;
	int err;

	if (what->told[0].len == 0)
		return 0;
	buf_init(&path, 0);
	backend_quote(&path, &what->told[0]);
	buf_str(&path, "/");
	backend_quote(&path, &what->told[1]);
	err = path.error;
	if (err == 0)
		err = http_request_header(
			out, "X-Backend-Quoted-Container-Path: %s", buf_text(&path)
		);
	buf_fini(&path);
	return err;
}

int backend_delete_object(
	struct http_request *out, const struct backend_delete *what, int64_t policy
) {
	int err = start(out, what, 3);

	if (err == 0)
		err = name_told(out, what);
	if (err == 0 && what->next_part_power > 0)
		err = http_request_header(
			out, "X-Backend-Next-Part-Power: %d", what->next_part_power
		);
	return err == 0
		? http_request_header(out, "X-Backend-Storage-Policy-Index: %" PRId64, policy)
		: err;
}

int backend_delete_container(struct http_request *out, const struct backend_delete *what) {
	int err = start(out, what, 2);

	return err == 0 ? http_request_header(out, "X-Account-Override-Deleted: yes") : err;
}
