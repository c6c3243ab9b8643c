/*
 * A warning's record: its members, in the order of the README's table. It says what the records
 * show and on which of them that rests; it is no evidence itself (DESIGN 9.18). Knows no rule.
 */
#ifndef DAEMON_WARNING_RECORD_H
#define DAEMON_WARNING_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/json.h"
#include "daemon/knowledge/event.h"
#include "daemon/ledger/record.h"

#define WARNING_RESTS_MAX 64u

/* What came while the road was open. */
enum warning_by { WARNING_BY_SIGHTING = 0, WARNING_BY_SUPPORT = 1 };

struct warning {
    struct knowledge_text platform, listing, merchant; /* listing or merchant may be at == NULL */
    bool about_merchant;         /* a merchant's strikes, or an act for no certain listing */
    bool by_strikes;             /* the road */
    struct knowledge_text shown; /* the reason's code */
    int64_t since_ns;            /* when the road began: that names its open period */
    enum warning_by by;
    struct knowledge_text act;         /* the support's kind */
    uint64_t on;                       /* seq of the record that came */
    uint64_t rests[WARNING_RESTS_MAX]; /* seqs of the records that it rests on, ascending */
    size_t rests_count;
    uint64_t more; /* on so many others, too */
};

/* What it is about, and by what: of each there is one warning an open period. Two may share a
   number at a chance of 2^-62: then one of them is not given. */
int64_t warning_key(const struct warning *warning);

/* Writes the body of its record, which always fits RECORD_BODY_BYTES_MAX. Returns its length. */
size_t warning_encode(const struct warning *warning, char ret_body[RECORD_BODY_BYTES_MAX]);

/* Reads what a record's line says it is about, with JSON_SLACK_BYTES readable bytes behind it:
   places, times and the records that it rests on. The texts die with the parser's next line. 0, or
   -EBADMSG when it is no warning that warning_encode writes. */
int warning_decode(struct json_parser *parser, const char *line, size_t len,
                   struct warning *ret_warning);

#endif
