// SPDX-License-Identifier: MPL-2.0
// loans: the records that are with the engine or being handed over.
//
// Design notes
//
//    with the engine ──► leaving ──► with the brokers ──► acknowledged
//                         ▲  ▲              │
//                         │  └── again ◄────┤
//                         └── parked ◄──────┘ a right or a topic is missing
//
// - A loan is one record of one partition, from the moment it is taken until its offset is done
//   (it may be committed) or abandoned (it stays in work and is read again later). Only loans_end
//   tells the claim which. A record that cannot be read begins at `leaving`.
// - The end of a record goes to the topic of the audit first, if there is one, and then the record
//   to where it goes. Of one that goes nowhere the offset is done then.
// - An offset that is handed over is done when the brokers have acknowledged the other record, not
//   before. So a crash in between makes two records of one, and never none.
// - A partition that is taken away keeps its loans until they come back. Its lease is revoked, so
//   nothing of them is done any more; the last one lets the holding go (holdings_release).
// - What comes back of a log that was made anew meanwhile has another log epoch, and touches
//   nothing.
// - The window counts all loans but the parked ones (holdings.lent). A partition that owes a
//   hand-over stands still (claim.owed), and the others have the window for themselves.
// - is_owed says that a right or a topic was missing when it was to be handed over. It counts once
//   in faults, until the loan ends.
#include "worker/handover/loans.h"

#include "common/base/clock.h"
#include "common/base/wake.h"
#include "worker/member/claim.h"
#include "worker/member/holdings.h"

#include <stdlib.h>

void loans_init(struct loans *loans, struct member *member, struct faults *faults) {
	*loans = (struct loans){.member = member, .faults = faults};
	TAILQ_INIT(&loans->all);
	TAILQ_INIT(&loans->leaving);
	TAILQ_INIT(&loans->parked);
}

struct loan *loans_add(struct loans *loans, struct holding *holding, rd_kafka_message_t *message) {
	struct loan *loan = calloc(1, sizeof(*loan));

	if (loan == NULL)
		return NULL;
	*loan = (struct loan){
		.holding = holding,
		.message = message,
		.log_epoch = holding->claim.log_epoch,
	};
	TAILQ_INSERT_TAIL(&loans->all, loan, link);
	return loan;
}

void loans_charge(struct loans *loans, struct loan *loan) {
	loans->member->holdings.lent++;
	loans->member->holdings.lent_again += loan->holding->claim.is_retry;
}

static void discharge(struct loans *loans, const struct loan *loan) {
	loans->member->holdings.lent--;
	loans->member->holdings.lent_again -= loan->holding->claim.is_retry;
}

size_t loan_goal(const struct loan *loan) {
	if (loan->audit != NULL)
		return SOURCE_GOAL_AUDIT;
	return loan->way == HANDOVER_RETRY ? 1 + loan->tier : SOURCE_GOAL_DEAD;
}

void loans_repay(struct loans *loans, struct loan *loan) {
	if (!loan->is_owed)
		return;
	loan->holding->claim.owed--;
	faults_repay(loans->faults, loan_goal(loan));
	loan->is_owed = false;
}

void loans_free(struct loans *loans, struct loan *loan) {
	TAILQ_REMOVE(&loans->all, loan, link);
	if (loan->is_waiting)
		TAILQ_REMOVE(&loans->leaving, loan, leaving);
	if (loan->is_parked)
		TAILQ_REMOVE(&loans->parked, loan, leaving);
	loans_repay(loans, loan);
	if (loan->headers != NULL)
		rd_kafka_headers_destroy(loan->headers);
	if (loan->message != NULL)
		rd_kafka_message_destroy(loan->message);
	candidate_free(loan->candidate);
	free(loan->rest);
	free(loan->audit);
	free(loan);
}

void loans_end(struct loans *loans, struct loan *loan, bool is_done) {
	struct member *member = loans->member;
	struct holding *holding = loan->holding;

	if (is_done)
		claim_finish(&holding->claim, loan->log_epoch, loan->message->offset);
	else
		claim_abandon(&holding->claim);
	if (holding->queue != NULL)
		discharge(loans, loan);
	loans_free(loans, loan);
	if (!member->stopped)
		wake_ring(member->take_fd);
	if (member->holdings.lent == 0)
		wake_ring(member->serve_fd);
	holdings_release(&member->holdings, holding);
}

void loans_fini(struct loans *loans) {
	struct loan *loan = TAILQ_FIRST(&loans->all);

	while (loan != NULL) {
		struct loan *next = TAILQ_NEXT(loan, link);

		loans_free(loans, loan);
		loan = next;
	}
}

void loans_park(struct loans *loans, struct loan *loan) {
	if (TAILQ_EMPTY(&loans->parked))
		loans->parked_ms = clock_mono_ms();
	TAILQ_INSERT_TAIL(&loans->parked, loan, leaving);
	loan->is_parked = true;
	loan->holding->claim.parked++;
	discharge(loans, loan);
	wake_ring(loans->member->take_fd);
}

void loans_unpark(struct loans *loans, struct loan *loan) {
	struct holding *holding = loan->holding;

	TAILQ_REMOVE(&loans->parked, loan, leaving);
	loan->is_parked = false;
	holding->claim.parked--;
	if (holding->queue != NULL)
		loans_charge(loans, loan);
}
