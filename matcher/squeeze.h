/*
 * The squeezed reading: finds listed texts that are written so that they look like what they are
 * and read like something else: digits and signs for letters, letters of other scripts, letters
 * set apart, repeated or masked. Knows the lists; knows no engine.
 *
 *   text -> squeeze_find: suspects -> squeeze_quick: may it be listed? -> squeeze_read: letters
 *        -> keys of all ranges of words -> squeeze_align: is it written like the listed text?
 */
#ifndef MATCHER_SQUEEZE_H
#define MATCHER_SQUEEZE_H

#include "matcher/squeeze_index.h"

#define SQUEEZE_HITS_MAX   64u  /* of one listing */
#define SQUEEZE_DOUBTS_MAX 16u  /* doubtful ones of one listing, besides */
#define SQUEEZE_READS_MAX  512u /* suspects of one listing that are read in full */

struct squeeze_hit {
    uint32_t field, from, to; /* raw byte offsets */
    uint32_t target;          /* as in struct squeeze_slot */
    uint32_t form;            /* of the lists; behind them the cues */
    uint32_t techniques;
    bool doubtful; /* counts only near a cue */
};

/* The hits of one listing, field by field. */
struct squeeze_found {
    struct squeeze_hit hits[SQUEEZE_HITS_MAX + SQUEEZE_DOUBTS_MAX];
    uint32_t count;
    uint32_t doubts; /* of these hits */
    uint32_t reads;  /* suspects that were read in full */
    uint64_t lost;   /* hits past the maximum; behind the first one reading stops */
    bool doubted;    /* there are doubtful hits past their maximum */
    bool unread;     /* suspects past a maximum were not read, which may hold more hits */
};

/* Nothing is found in a listing yet. What stands in hits is left there. */
static inline void squeeze_found_begin(struct squeeze_found *found)
{
    found->count = found->doubts = found->reads = 0;
    found->lost = 0;
    found->doubted = found->unread = false;
}

/* Room for a reader, made once. */
struct squeeze_room;

/* Bytes of a room, which the caller allocates; its contents do not matter. */
size_t squeeze_room_bytes(void);

/* Adds the hits of one field. found is zeroed before the first field of a listing. Reads nothing
   outside the text. Any thread, each with a room of its own. */
void squeeze_field(struct squeeze_room *room, const struct squeeze_index *index,
                   const struct matcher_lists *lists, const struct matcher_field *text,
                   uint32_t field, struct squeeze_found *found);

/* One suspect that was read in full: its raw range, and the letters that it was read as (ASCII, ?
   for what looks like nothing in it; not NUL-terminated; borrowed). */
typedef void squeeze_show(void *context, size_t from, size_t to, const char *letters, size_t len);

/* Shows how the suspects of a text are read, in the order of their ends. For people: it allocates.
   0 or -ENOMEM. */
int squeeze_explain(const struct matcher_db *db, const char *text, size_t len, squeeze_show *show,
                    void *context);

#endif
