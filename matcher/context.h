/*
 * What the words around a name say about why it is named: the lawful contexts, denied cues, and the
 * kind of goods. Reads folded text near a hit only. Private to the matcher; knows no mark and no
 * engine.
 *
 * The law behind it: who truthfully says what his own goods fit or are compared with, or resells
 * the genuine article, may name the mark (nominative fair use, New Kids v. News America, 971 F.2d
 * 302; first sale, Tiffany v. eBay, 600 F.3d 93, 103). So such words label a hit `mention`; they
 * never drop it, for whoever copies may write them too.
 *
 * Phrases are compared as whole words (in scripts without word spaces, as they stand). Of phrases
 * that begin at one place the longest counts, so that "sale for" keeps "for" from being read; one
 * that only denies cues hides none that begins inside it. Between what denies a cue and the cue may
 * stand words that change nothing of it: articles, and what languages deny with ("no se trata de
 * una RÉPLICA", "nicht um eine FÄLSCHUNG"). A bare "no" behind a cue denies it only where the field
 * ends: elsewhere it belongs to what follows ("RÉPLICA, no box").
 */
#ifndef MATCHER_CONTEXT_H
#define MATCHER_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "matcher/matcher.h"

#define CONTEXT_REACH_BYTES 96u /* folded bytes on each side of a name that are read */

enum context_place {
    CONTEXT_BEFORE = 0, /* the name follows: "compatible with NAME" */
    CONTEXT_AFTER = 1,  /* the name precedes: "NAME compatible" */
    CONTEXT_AROUND = 2, /* on either side */
    CONTEXT_DENIAL = 3, /* a cue follows and is denied: "never sell REPLICA"; also read as AROUND */
    CONTEXT_NOT = 4,    /* a cue follows and is denied: "not a REPLICA"; nothing else */
    CONTEXT_NOT_BEHIND = 5, /* a cue precedes and is denied: "REPLICA değil" */
    CONTEXT_NOT_BESIDE = 6, /* either of the two: "不卖高仿", "高仿不卖" */
    CONTEXT_IDIOM = 7,      /* the name is inside and is none: "nike of samothrace" */
    CONTEXT_TERM = 8,       /* a cue is inside and is none: "fake FUR", "REPLICA jersey" */
};

/* One phrase, as the fold writes it, without spaces at its ends. */
struct context_phrase {
    const char *text;
    enum matcher_context kind; /* NONE: means nothing, and hides the shorter phrases inside it */
    enum context_place place;
    unsigned gap_max; /* folded bytes that may stand between the phrase and the name or cue */
};

/* Each sorted by text: lawful contexts, and what denies a cue or advises against copies. No text is
   in both. */
extern const struct context_phrase context_phrases[];
extern const size_t context_phrases_count;
extern const struct context_phrase context_denials[];
extern const size_t context_denials_count;

/* Kinds of goods by words of a mark's category, and the words that name such goods. */
struct context_goods {
    const char *category;
    const char *words; /* folded, each with a space before and after */
};
extern const struct context_goods context_goods[];
extern const size_t context_goods_count;

/* A context and where it stands, as offsets into the text given. */
struct context_found {
    enum matcher_context kind;
    size_t begin, end;
};

/* The context of the name at [begin, end) of one folded field: of several the weightiest (greatest
   enum matcher_context), of equals the nearest. kind NONE if there is none. */
struct context_found context_of(const char *text, size_t len, size_t begin, size_t end);

/* Whether the cue at [begin, end) of one folded field is denied ("not a replica", "beware of
   replicas") or part of a phrase that says something else: advice ("real or fake"), or the trade's
   word for goods ("fake fur"; a "replica jersey" is what a club's licensee sells to fans). If so
   *ret_found tells by what; its kind is ADVICE, or NONE of a word for goods. */
bool context_denies(const char *text, size_t len, size_t begin, size_t end,
                    struct context_found *ret_found);

/* Whether the name at [begin, end) of one folded field is part of an idiom that is no name: such a
   mark then counts as a generic one does, only with a cue. */
bool context_is_idiom(const char *text, size_t len, size_t begin, size_t end);

/* Whether the short name at [begin, end) of one folded field is rather part of other words:
    - a name of two Han characters that ends one everyday word and begins another (the toy maker in
      "entertainment, high resolution": 娱乐高清), unless a word ends before it (全新|NAME|官网), or
   that is part of one of three characters (三星级);
    - a name of up to three Kana behind a single one (オレゴン), or before a single one or what
      begins no word (プラダン, リモワンピース), for no word has one;
    - a name of two Hangul syllables between a single one and others (그레고리).
 */
bool context_is_inside(const char *text, size_t len, size_t begin, size_t end);

/* Whether a folded word is one for goods of any category. */
bool context_is_goods(const char *word, size_t len);

/* Whether the name at [begin, end) stands with a word for goods of its category: one of the two
   words after it, or the one before it. category is as listed, words joined by anything but
   letters. */
bool context_has_goods(const char *text, size_t len, size_t begin, size_t end, const char *category,
                       size_t category_len);

#endif
