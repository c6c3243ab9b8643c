/*
 * Collecting ids.
 */
#include "daemon/knowledge/ids.h"

#include "daemon/knowledge/vector.h"

void ids_add(struct ids *ids, struct knowledge_text text)
{
    struct knowledge_text *at =
        ids->failed ? NULL : vector_room(ids->at, &ids->room, ids->count, 1, sizeof *at);
    if (at == NULL) {
        ids->failed = true;
        return;
    }
    ids->at = at;
    at[ids->count++] = text;
}

struct answer answer_by(struct ids *ids, enum knowledge_answer answer, enum knowledge_reason reason,
                        struct knowledge_text text)
{
    size_t begin = ids->count;
    ids_add(ids, text);
    return (struct answer){answer, reason, ids_since(ids, begin)};
}
