/*
 * The lines of the log's text formats: cut at newlines, with numbers and hashes in their one
 * spelling. Pure.
 */
#ifndef LEDGER_TLOG_LINES_H
#define LEDGER_TLOG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/merkle.h"

/* Borrows the bytes that are read; set at and end, then take. */
struct tlog_lines {
    const char *at, *end;
    const char *line; /* the one that was taken, without its newline */
    size_t len;
};

/* Takes the next line, which may be empty. False, and nothing taken, when there is none or it has
   no end. */
bool tlog_lines_take(struct tlog_lines *lines);

/* Whether the line that was taken begins with this word. */
bool tlog_lines_begin_with(const struct tlog_lines *lines, const char *word);

/* A size or index: decimal digits without leading zeros, at most MERKLE_SIZE_MAX. False: it is
   another spelling. */
bool tlog_number_parse(const char *digits, size_t len, uint64_t *ret_number);

/* A hash in base 64. False: it is another spelling, or of another length. */
bool tlog_hash_parse(const char *base64, size_t len, struct merkle_hash *ret_hash);

#endif
