/*
 * A scanner: the batch of folded listings, the raw hits, and room to evaluate them. Private to the
 * matcher.
 *
 * The batch is one byte string: of each listing its fields in order, each folded (so it begins and
 * ends with a space) and followed by SCAN_SEPARATOR, which no literal holds: a hit never crosses a
 * field or a listing. Distances between hits are differences of batch offsets.
 */
#ifndef MATCHER_SCAN_H
#define MATCHER_SCAN_H

#include "matcher/db.h"
#include "matcher/fold.h"
#include "matcher/matcher.h"
#include "matcher/squeeze.h"

#define SCAN_SEPARATOR     '\x01'
#define SCAN_RAW_MARKS_MAX 512u       /* raw hits with marks kept of one listing */
#define SCAN_DOUBTS_MAX    64u        /* of them such as only may be one */
#define SCAN_RAW_CUES_MAX  256u       /* raw hits with cues kept of one listing */
#define SCAN_NO_FORM       UINT32_MAX /* of a span that stands for words of a rule */
#define SCAN_FOUND_MAX     1024u      /* spans of marks, and of cues, evaluated of one listing */
/* Room for the largest listing at its worst growth; ordinary ones fill it many at a time. */
#define SCAN_BATCH_BYTES                                                                           \
    (MATCHER_TEXT_BYTES_MAX * FOLD_GROWTH_MAX + MATCHER_FIELDS_MAX * 4u + FOLD_SLACK_BYTES)

struct scan_raw {
    uint32_t literal;
    uint32_t end; /* batch offset behind the literal */
};

struct scan_listing {
    uint32_t begin, end;                          /* batch offsets */
    uint32_t field_begin[MATCHER_FIELDS_MAX + 1]; /* batch offsets of the folded fields */
    struct matcher_field fields[MATCHER_FIELDS_MAX];
    size_t fields_count;
    uint32_t marks, cues; /* raw hits kept */
    uint32_t doubts;      /* of these marks, all whose targets are doubtful */
    uint64_t lost_marks, lost_cues;
    bool failed;
};

/* Words around a name or cue that tell a lawful context; batch offsets; kind NONE: there are none.
 */
struct scan_context {
    uint32_t begin, end;
    enum matcher_context kind;
};

/* A cue where it stands. */
struct scan_cue {
    uint32_t begin, end; /* batch offsets */
    uint32_t cue;
    unsigned strength;
    const struct squeeze_hit *squeezed; /* NULL: found by the engine */
    bool denied;                        /* it is no cue of anything */
    struct scan_context denial;         /* what denies it, if that tells a context */
};

/* A mark where it stands, as far as it has been evaluated. */
struct scan_found {
    uint32_t begin, end;                /* batch offsets of the name itself */
    uint32_t form;                      /* or SCAN_NO_FORM */
    uint32_t phrase;                    /* of a rule's words, if there is no form */
    uint8_t variant;                    /* enum variants_kind */
    bool doubtful;                      /* counts only near a cue */
    const struct squeeze_hit *squeezed; /* NULL: found by the engine */
    const struct scan_cue *cue;         /* NULL: none near */
    struct scan_context context;
    bool alone; /* does not count unless a rule says so */
    struct matcher_hit hit;
};

struct matcher {
    struct matcher_db *db;
    hs_scratch_t *scratch;
    char *batch;
    size_t batch_len;
    size_t count;
    struct scan_listing *listings; /* MATCHER_BATCH_MAX */
    struct scan_raw *raw_marks;    /* SCAN_RAW_MARKS_MAX a listing */
    struct scan_raw *raw_cues;     /* SCAN_RAW_CUES_MAX a listing */
    struct squeeze_room *squeeze_room;
    struct squeeze_found *squeezed; /* one a listing */
    struct scan_found *found;       /* SCAN_FOUND_MAX */
    struct scan_cue *cues;          /* SCAN_FOUND_MAX */
    struct matcher_hit *hits;       /* MATCHER_HITS_MAX */
    char *field_text;               /* one field folded again, with its map */
    struct fold_map field_map;
    char *form_text; /* one listed form folded, with its map */
    struct fold_map form_map;
    struct rules_run *rules; /* NULL: the database has no rules */
    bool scanned;
};

/* Adds to matcher->found and matcher->cues what the squeezed reading has found and the engine has
   not: a span that touches one of the same mark there adds nothing. Takes and returns the counts;
   *lost grows by what does not fit. */
size_t scan_add_squeezed(struct matcher *matcher, uint32_t index, size_t marks, size_t *cues,
                         uint64_t *lost);

/* Finds raw spans, stage and techniques of each span by mapping the fields with hits again, sets
   the class, and joins equal spans of one mark. Returns what is left. */
size_t scan_trace(struct matcher *matcher, const struct scan_listing *listing, size_t found);

#endif
