/*
 * From words of a command line to an event: which option is which member, in one table for all
 * families. Knows no socket and no rule: whether the event is right, the daemon says.
 */
#ifndef DAEMON_CTL_EVENT_WORDS_H
#define DAEMON_CTL_EVENT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/ctl.h"

#define EVENT_WORDS_MAX      16384u /* options of one command line */
#define EVENT_LINE_BYTES_MAX 262144u
#define EVENT_WORDS_ID_BYTES 160u

/* Options that every family has. */
#define EVENT_OPTIONS_ALL                                                                          \
    {"id", 0, "ID", "its id; without it, its type and a hash of all that is said"},                \
        {"at", 0, "TIME", "when it happened, with an offset; without it, now"},                    \
        {"unc-ms", 0, "N", "how far TIME may be off, in milliseconds"},                            \
        {"src", 0, "WHO", "who says so: platform, counsel, court, operator or crawler"},           \
        {"actor", 0, "NAME", "who did it"}, {"note", 0, "TEXT", "kept with it"},                   \
        {"evidence", 0, "FILE", "its SHA-256 and length go into the event; may be repeated"},      \
        {"member", 0, "KEY=TEXT", "any other member; may be repeated"},                            \
        {"file", 'f', "FILE", "whole events instead, a line each, or one; - is standard input"},   \
        {"socket", 's', "PATH", "socket of the daemon (/run/noticed/notice.sock)"},                \
    {                                                                                              \
        "source", 0, "NAME", "name in the records (noticectl)"                                     \
    }

/* Options that several families have. */
#define EVENT_OPTION_PLATFORM                                                                      \
    {                                                                                              \
        "platform", 0, "NAME", "the marketplace"                                                   \
    }
#define EVENT_OPTION_MERCHANT                                                                      \
    {                                                                                              \
        "merchant", 0, "ID", "the seller's account: <platform>/<its id there>"                     \
    }
#define EVENT_OPTION_LISTING                                                                       \
    {                                                                                              \
        "listing", 0, "ID", "the listing, by its id at the platform"                               \
    }
#define EVENT_OPTION_LISTINGS                                                                      \
    {                                                                                              \
        "listing", 0, "ID", "a listing, by its id at the platform; may be repeated"                \
    }
#define EVENT_OPTION_KIND(help)                                                                    \
    {                                                                                              \
        "kind", 0, "WORD", help                                                                    \
    }
#define EVENT_OPTION_REASON                                                                        \
    {                                                                                              \
        "reason", 0, "WORD", "why"                                                                 \
    }

/* What follows the family's name. */
struct event_verb {
    const char *verb;  /* NULL ends the table */
    const char *type;  /* NULL: --type says it */
    const char *list;  /* member that --listing fills as a list; NULL: `listing`, as a text */
    const char *fixed; /* members that it always has, as `,"a":"b"`; NULL: none */
};

struct event_words;

/* Makes an empty one. NULL when out of memory. */
struct event_words *event_words_open(void);

/* Takes an option and its value, which must live on. CTL_OK; CTL_USAGE after saying what is wrong:
   said twice, no number, a file that cannot be read. */
int event_words_take(struct event_words *words, const char *option, const char *value);

/* The value of an option that was taken, the first one; NULL: none was. */
const char *event_words_find(const struct event_words *words, const char *option);

/* Writes the event, as one line without newline, to words' own memory. now_ns: for `at`, unless
   that was said. ret_id has EVENT_WORDS_ID_BYTES. CTL_OK; CTL_USAGE after saying what is wrong. */
int event_words_line(struct event_words *words, const struct event_verb *verb, int64_t now_ns,
                     const char **ret_line, size_t *ret_len, char *ret_id);

/* Frees; NULL is fine. Returns NULL. */
struct event_words *event_words_close(struct event_words *words);

#endif
