/*
 * The inside of warnings, which its files share. Not for others.
 */
#ifndef DAEMON_WARNINGS_CORE_H
#define DAEMON_WARNINGS_CORE_H

#include <stdbool.h>

#include "daemon/event.h"
#include "daemon/evidence.h"
#include "daemon/index_keys.h"
#include "daemon/knowledge/knowledge.h"
#include "daemon/ties.h"
#include "daemon/trail.h"
#include "daemon/warnings.h"

/* Of a warning that was given, or is on its way. */
struct warnings_given {
    int64_t key, since_ns;
    bool shut; /* its road was found shut since */
};

/* What an open road's beginning says beside the warning that was given of it. */
enum warnings_period {
    WARNINGS_PERIOD_NEW,   /* none was given, or the road was found shut since */
    WARNINGS_PERIOD_GIVEN, /* it is of this period */
    WARNINGS_PERIOD_LATER, /* it began before this: of this period, if never shut in between */
};

/* The latest by date, and the last that came, before warnings_live that asks for the road of a
   thing. */
struct warnings_waiting {
    struct line_place place;
    int64_t at_ns;
    uint32_t platform;
    enum warning_by by;
    bool by_date;     /* else it is the last that came */
    bool of_merchant; /* the thing; else it is a listing */
    uint32_t next;    /* of the same thing, from 1; 0: none */
};

/* Whose roads a record asks for. */
enum warnings_whose { WARNINGS_BOTH = 0, WARNINGS_LISTING, WARNINGS_MERCHANT };

struct warnings {
    warnings_due *due;
    void *context;
    bool live;
    struct feed_lines *lines;
    struct event_decoder *decoder;
    struct json_parser *parser;
    struct ties *ties;
    uint64_t noticed; /* listings and merchants that are */
    /* seq, plus 1, of the last event that may move roads of things that it does not name: a policy,
       a channel, a strike of a linked merchant, a notice that is named without its listings */
    uint64_t all_changed;
    struct warnings_given *given;
    size_t given_count, given_room;
    uint32_t *slots; /* number in given, from 1 */
    size_t slots_count;
    /* Warnings are given in the order of what they come on: what came before one that has a record
       was looked at, and what was due then has one, too. Seqs below it are such. */
    uint64_t settled;
    struct warnings_waiting *waiting; /* for warnings_live; ties_thing has the number, from 1 */
    size_t waiting_count, waiting_room, waiting_at; /* at: the next one, once live */

    /* Of the question under way. */
    struct trail *trail;
    struct evidence *evidence;
    struct knowledge *set;
    int64_t latest_ns; /* date of the last in the set that may close or open a road */
};

/* A record under way. */
struct warnings_record {
    const struct knowledge_event *event;
    struct line_place place;
    uint64_t run;
    int64_t wall_ns;
    bool ahead; /* dated ahead: held back until a review releases it */
};

/* Listings stand under their names alone: what acknowledges a notice, decides or corrects it names
   them without their platform. Then more may be read than is needed, which changes no answer. */
static inline int64_t warnings_listing_key(struct knowledge_text listing)
{
    static const struct knowledge_text none = {NULL, 0};
    return index_key(INDEX_LISTING, none, listing);
}

/* What tells platforms apart. */
static inline uint32_t warnings_platform(struct knowledge_text platform)
{
    static const struct knowledge_text none = {NULL, 0};
    return (uint32_t)index_key(INDEX_GLOBAL, platform, none);
}

/* warnings_tie.c: ties the record to what it is about. 0 or -ENOMEM. */
int warnings_tie(struct warnings *warnings, const struct warnings_record *record);

/* warnings_ask.c: whether a road is open that it came on. Before warnings_live it is noted, and
   asked about only where a warning was given, which it may find shut. */
int warnings_ask(struct warnings *warnings, const struct warnings_record *record,
                 enum warnings_whose whose);

/* warnings_walk.c: what the walk and the evidence call, with the warnings as context. */
evidence_take warnings_item, warnings_see;
trail_find warnings_find;

/* warnings.c: gives what is due; before warnings_live nothing is. */
int warnings_give(struct warnings *warnings, const struct warning *warning);
bool warnings_were_given(const struct warnings *warnings, int64_t key);

/* Of the road, open since then, that is warned of under this key. */
enum warnings_period warnings_period(const struct warnings *warnings, int64_t key,
                                     int64_t since_ns);

/* That road was found shut at that instant. */
void warnings_shut(struct warnings *warnings, int64_t key, int64_t at_ns);

#endif
