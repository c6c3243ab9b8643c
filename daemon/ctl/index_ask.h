/*
 * What concerns a question, out of the index: the records under its keys, and under the keys that
 * those lead to, so that the answer is the one that all records give.
 */
#ifndef DAEMON_CTL_INDEX_ASK_H
#define DAEMON_CTL_INDEX_ASK_H

#include "daemon/ctl/index_db.h"
#include "daemon/evidence.h"

struct index_ask;

/* The question: a merchant, or all parties to an order; texts with at == NULL are not given. */
struct index_question {
    struct knowledge_text merchant, order;
    uint64_t end; /* seq after the last record that counts: that record is handed over, too */
};

/* Opens `state/index.sqlite` of the ledger for asking, and takes in what it does not reach. 0;
   -ENOENT: there is none; -ESTALE: it was made of another ledger, or its events do not say their
   platforms, so that it cannot be asked; -EBADMSG; -errno. *ret_end: seq after the last record. */
int index_ask_open(const char *ledger, struct index_ask **ret_ask, uint64_t *ret_end);

/* Hands the lines that concern the question to the evidence, each once. To be told of their events
   by index_ask_see, which is the evidence's `see`. 0, -ESTALE when a line is not where the index
   says, or -errno. */
int index_ask_read(struct index_ask *ask, const struct index_question *question,
                   struct evidence *evidence);

/* Follows an event to others. 0 or -ENOMEM. */
int index_ask_see(struct index_ask *ask, const struct evidence_item *item);

/* Frees; NULL is fine. Returns NULL. */
struct index_ask *index_ask_close(struct index_ask *ask);

#endif
