/*
 * The records that answers rest on, collected while one finding is made. Running out of memory is
 * remembered, so that the rules need not ask after each step.
 */
#ifndef KNOWLEDGE_IDS_H
#define KNOWLEDGE_IDS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/knowledge/knowledge.h"

struct ids {
    struct knowledge_text *at;
    size_t count, room;
    bool failed; /* -ENOMEM: what was collected is not to be used */
};

/* A run of ids. */
struct ids_slice {
    size_t begin, count;
};

/* Appends one. */
void ids_add(struct ids *ids, struct knowledge_text text);

/* What was appended since `begin`, a count of before. */
static inline struct ids_slice ids_since(const struct ids *ids, size_t begin)
{
    return (struct ids_slice){begin, ids->count - begin};
}

/* An answer while it is made. */
struct answer {
    enum knowledge_answer answer;
    enum knowledge_reason reason;
    struct ids_slice ids;
};

/* An answer without records. */
static inline struct answer answer_of(enum knowledge_answer answer, enum knowledge_reason reason)
{
    return (struct answer){answer, reason, {0, 0}};
}

/* An answer that rests on one record, which is appended. */
struct answer answer_by(struct ids *ids, enum knowledge_answer answer, enum knowledge_reason reason,
                        struct knowledge_text text);

/* When a road to knowledge begins; not given: it does not. */
struct start {
    bool given;
    int64_t at_ns, unc_ns;
};

#endif
