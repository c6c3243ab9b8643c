/*
 * The quick look at a suspect: whether any word, or words joined, of it may be listed at all.
 * Private to the squeeze.
 */
#ifndef MATCHER_SQUEEZE_QUICK_H
#define MATCHER_SQUEEZE_QUICK_H

#include "matcher/squeeze_find.h"

#define SQUEEZE_QUICK_BYTES_MAX 128u /* longer suspects may always hold something */
#define SQUEEZE_PIECES_MAX      64u

/* Letters and digits with nothing between them. */
struct squeeze_piece {
    uint8_t begin, end;             /* of the key */
    uint8_t inner_begin, inner_end; /* without a sign at the ends that may be a letter or not */
    uint8_t letters, digits;
    bool sign_first;   /* a sign that may be a letter or not */
    bool odd;          /* not as an ordinary word is written: may be a disguise by itself */
    uint32_t from, to; /* raw */
    uint64_t plain;    /* see squeeze_plain_add */
};

/* Room to look in; nothing is kept from one look to the next. */
struct squeeze_quick {
    const struct squeeze_index *index;
    const char *text;
    size_t len;
    uint8_t key[SQUEEZE_QUICK_BYTES_MAX + SQUEEZE_KEY_BYTES];
    unsigned key_len;
    struct squeeze_piece pieces[SQUEEZE_PIECES_MAX];
    unsigned count;
    bool open;         /* the last piece goes on */
    uint32_t previous; /* its last code point, in lower case */
};

/* Whether the suspect must be read in full. False only if squeeze_align would accept nothing in it;
   costs about a nanosecond a letter. */
bool squeeze_may_hold(struct squeeze_quick *quick, const struct squeeze_index *index,
                      const char *text, size_t len, const struct squeeze_suspect *suspect);

#endif
