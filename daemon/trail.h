/*
 * What concerns a question, out of whatever knows which records stand under which key: a walk from
 * key to key over the events that are met, so that the answer is the one that all records give.
 * Knows no index.
 */
#ifndef DAEMON_TRAIL_H
#define DAEMON_TRAIL_H

#include "daemon/evidence.h"
#include "daemon/feed_lines.h"
#include "daemon/index_keys.h"

/* Takes one place. Not 0 ends the walk with that value. */
typedef int trail_take(void *context, const struct line_place *place);

/* Hands over the places under a key. 0, what `take` returned, or -errno. */
typedef int trail_find(void *context, int64_t key, trail_take *take, void *take_context);

/* Hands over the record of this seq, if there is one: an id of the daemon's own form names it. The
   same returns. */
typedef int trail_record(void *context, uint64_t seq, trail_take *take, void *take_context);

struct trail;

/* Makes a walk without any key yet. `record` may be NULL, when no id leads to a record. NULL when
   out of memory. */
struct trail *trail_open(struct feed_lines *lines, trail_find *find, trail_record *record,
                         void *context);

/* Forgets all keys and lines, to begin anew. What was allocated stays. */
void trail_begin(struct trail *trail);

/* Adds a key to go from, or a thing's by its name (at == NULL: none). 0 or -ENOMEM. */
int trail_key(struct trail *trail, int64_t key);
int trail_name(struct trail *trail, enum index_thing thing, struct knowledge_text name);

/* The parties to this order lead to their merchants. The text must stay. */
void trail_parties_of(struct trail *trail, struct knowledge_text order);

/* Hands the lines under all keys, and under those that they lead to, to the evidence, each once.
   The evidence's `see` must hand its events to trail_see. 0, -ESTALE when a line is not at its
   place, or -errno. */
int trail_walk(struct trail *trail, struct evidence *evidence);

/* Hands over one more line, whatever it is about, and walks on from it. */
int trail_line(struct trail *trail, const struct line_place *place, struct evidence *evidence);

/* Follows an event to others. 0 or -errno. */
int trail_see(struct trail *trail, const struct evidence_item *item);

/* Frees; NULL is fine. Returns NULL. */
struct trail *trail_close(struct trail *trail);

#endif
