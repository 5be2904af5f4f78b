// SPDX-License-Identifier: MPL-2.0
// record_fuzz: no bytes make the decoder of records crash, and what it takes it can write again.
#include "common/kafka/record.h"
#include "common/pack/pack_json.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void write_again(const struct record *head, const struct candidate *candidate) {
	struct pack *pack = pack_new();
	struct candidate *second = NULL;
	const unsigned char *data = NULL;
	struct record second_head;
	size_t len = 0;
	int err;

	must(pack != NULL);
	err = record_encode(pack, head->target, head->run, candidate, &data, &len);
	// Padded numbers of a foreign writer get shorter, never longer; the largest record may not
	// fit with our keys.
	if (err == 0) {
		must(record_decode(data, len, &second_head, &second) == 0);
		must(strcmp(second->id, candidate->id) == 0);
		must(second->key == candidate->key);
		must(second->data_bytes == candidate->data_bytes);
		must(memcmp(second->data, candidate->data, second->data_bytes) == 0);
		candidate_free(second);
	}
	pack_free(pack);
}

static void show(const uint8_t *bytes, size_t len) {
	size_t used = 0;
	struct buf json;

	buf_init(&json, 0);
	must(pack_json(&json, bytes, len, &used) < 0 || used <= len);
	buf_fini(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	struct candidate *candidate = NULL;
	struct record head;
	int err = record_decode(bytes, len, &head, &candidate);

	show(bytes, len);
	must((err == 0) == (candidate != NULL));
	must((err == 0) == (head.fault == NULL));
	if (err == 0)
		write_again(&head, candidate);
	candidate_free(candidate);
	return 0;
}
