/*
 * The records of the events that concern a merchant or a listing, and of the warnings that one of
 * them gave rise to, in the order in which all that happened, each with its text: what a timeline
 * and a report tell. A warning happened when it was written. One thread; holds all of them in
 * memory, at most VECTOR_ELEMENTS_MAX.
 */
#ifndef DAEMON_CTL_ROWS_H
#define DAEMON_CTL_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/asking.h"
#include "daemon/json.h"
#include "daemon/knowledge/tell.h"

#define ROWS_MEMBERS_MAX 64u /* of an event; further ones are not looked at */

/* One record of an event. */
struct rows_row {
    size_t event; /* its number; records of one event stand together */
    uint64_t seq;
    struct knowledge_came came; /* from whom it came */
    bool warning;               /* no event, but what noticed itself said */
    int64_t at_ns;              /* when it happened */
    int64_t wall_ns;            /* when it was written */
    size_t raw, raw_len;        /* the event, or the warning's whole line: in rows.text, with
                                   JSON_SLACK_BYTES readable bytes behind */
};

struct rows {
    struct asking *asking; /* borrowed */
    struct rows_row *at;
    size_t count, room, events;
    size_t filled; /* rows that have their text, by seq */
    char *text;
    size_t text_len, text_room;
    struct json_parser *parser;
};

/* One event, read; its members die with the next rows_parse or rows_run. */
struct rows_line {
    const struct rows_row *row;
    struct json_member members[ROWS_MEMBERS_MAX];
    size_t count;
    int64_t at_ns;
    uint32_t unc_ms;
};

/* Reads the question's ledger into its set (asking_read), and finds what concerns its merchant or
   listing. CTL_OK, or CTL_USAGE after an error. rows_close and asking_close are fine after both. */
int rows_read(struct rows *rows, struct asking *asking);

/* Reads the row again; false: it is no event, and it was one before. */
bool rows_parse(const struct rows *rows, const struct rows_row *row, struct rows_line *line);

/* Whether the member is this string. */
bool rows_is(const struct rows_line *line, const char *name, const char *wanted);

/* The first row of the event after that of row `at`; rows->count behind the last. */
size_t rows_next_event(const struct rows *rows, size_t at);

/* The last event of the run that begins with row `at` and says the same; *ret_length is how many
   events that is (1: it is alone), *ret_next the first row behind them. */
size_t rows_run(const struct rows *rows, size_t at, size_t *ret_length, size_t *ret_next);

/* Frees; one that was zeroed is fine. */
void rows_close(struct rows *rows);

#endif
