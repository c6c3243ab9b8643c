/*
 * Which records of the feed are asked for. What the line's first bytes and a search for bytes can
 * refuse is refused before a line is taken apart: a filter costs little beside a daemon at work.
 */
#ifndef DAEMON_CTL_FILTER_H
#define DAEMON_CTL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/view.h"
#include "daemon/ledger/record.h"

#define FILTER_WORDS_MAX      16u
#define FILTER_WORD_BYTES_MAX 512u

/* What may be asked of a record's texts. Several words of one field: one of them; several fields:
   all of them. */
enum filter_field {
    FILTER_CLASS = 0, /* of a match */
    FILTER_MARK,      /* of one of its hits */
    FILTER_RULE,      /* of one of its hits */
    FILTER_PLATFORM,
    FILTER_SELLER, /* a seller id, or <platform>/<seller id> */
    FILTER_FIELDS_COUNT,
};

struct filter;

/* One that lets everything pass. NULL when out of memory. */
struct filter *filter_open(void);

/* Asks for a word; borrowed. 0; -E2BIG: too many, or too long; -EINVAL: no record ever has this
   class. */
int filter_ask(struct filter *filter, enum filter_field field, const char *word);

/* Asks for a kind, or for a family of kinds ("notice.*"). 0; -EINVAL: there is none. */
int filter_ask_kind(struct filter *filter, const char *kind);

/* Asks for records whose short form holds what the expression (POSIX extended) describes; one
   without a capital letter ignores case. 0, or an error of regcomp(3), whose text is written. */
int filter_ask_text(struct filter *filter, const char *expression, char *reterr_text, size_t room);

/* Asks for records from this time on, or until it, both included. */
void filter_ask_since(struct filter *filter, int64_t wall_ns);
void filter_ask_until(struct filter *filter, int64_t wall_ns);

/* Asks for sightings and matches of listings that a notice in the record named before. Notices are
   then to be told by filter_learn, those before the first record that is judged too. */
void filter_ask_post_notice(struct filter *filter);

/* The last time that is asked for; INT64_MAX when none is. */
int64_t filter_until(const struct filter *filter);

/* Whether anything is asked, and whether it is --post-notice. */
bool filter_asks(const struct filter *filter);
bool filter_asks_post_notice(const struct filter *filter);

/* False: it does not pass, surely. Cheap; head and kind as feed_head gives them. */
bool filter_may_pass(const struct filter *filter, const struct record_head *head,
                     enum record_kind kind, const char *line, size_t len);

/* Whether a record of this kind is to be told by filter_learn. */
bool filter_learns(const struct filter *filter, enum record_kind kind);

/* Takes in what a notice names, when that is asked for. 0 or -ENOMEM. */
int filter_learn(struct filter *filter, const struct view *view);

/* Whether a record passes for which filter_may_pass was true. */
bool filter_passes(struct filter *filter, const struct view *view);

/* Frees; NULL is fine. Returns NULL. */
struct filter *filter_close(struct filter *filter);

#endif
