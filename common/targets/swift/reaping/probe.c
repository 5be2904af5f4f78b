// SPDX-License-Identifier: MPL-2.0
// probe: do the servers that a ring names have the objects of a listing?
#include "common/targets/swift/reaping/probe.h"

enum {
	SAMPLES_MOST = 8,
	ENOUGH = 3, // when none is missed
};

void probe_begin(struct probe *probe, size_t objects) {
	*probe = (struct probe){
		.objects = objects,
		.samples = objects < SAMPLES_MOST ? objects : SAMPLES_MOST,
	};
}

bool probe_at(const struct probe *probe, size_t *object) {
	if (probe->sample >= probe->samples || (probe->known >= ENOUGH && probe->unknown == 0))
		return false;
	// Spread over the page.
	*object = probe->sample * probe->objects / probe->samples;
	return true;
}

static void end_sample(struct probe *probe, bool is_known) {
	probe->known += is_known;
	probe->unknown += !is_known && probe->is_unknown;
	probe->sample++;
	probe->server = 0;
	probe->is_unknown = false;
}

void probe_take(struct probe *probe, enum probe_answer answer, size_t servers) {
	probe->is_unknown |= answer == PROBE_UNKNOWN;
	if (answer == PROBE_KNOWN || ++probe->server >= servers)
		end_sample(probe, answer == PROBE_KNOWN);
}

bool probe_is_good(const struct probe *probe) {
	return probe->unknown == 0 || probe->known > probe->unknown;
}
