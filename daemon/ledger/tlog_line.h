/*
 * Lines of the small text formats of C2SP: checkpoints, proof files, requests to witnesses. Pure.
 */
#ifndef LEDGER_TLOG_LINE_H
#define LEDGER_TLOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/merkle_proof.h"
#include "daemon/ledger/text.h"
#include "daemon/ledger/tlog_fault.h"

/* What is left of a text, and the line that was taken last, without its newline; borrowed. */
struct tlog_lines {
    const char *at, *end;
    const char *line;
    size_t len;
};

/* The text, of which no line is taken yet; it stays in place as long as the result is used. */
struct tlog_lines tlog_lines(const char *bytes, size_t len);

/* Takes the next line, which may be empty. False when there is none, or it has no end. */
bool tlog_take_line(struct tlog_lines *lines);

/* Whether the line that was taken begins with the word. */
bool tlog_line_begins(const struct tlog_lines *lines, const char *word);

/* The number that the line has behind its first `skip` bytes: decimal, at most MERKLE_SIZE_MAX,
   without leading zeros, up to the line's end. */
bool tlog_line_number(const struct tlog_lines *lines, size_t skip, uint64_t *ret_number);

/* The hash that the whole line is, in base 64. */
bool tlog_line_hash(const struct tlog_lines *lines, struct merkle_hash *ret_hash);

/* Takes lines of hashes up to a blank line, which is taken too. TLOG_OK; TLOG_CUT: no blank line;
   TLOG_BAD_PROOF_HASH; TLOG_TOO_MANY: more than MERKLE_PROOF_MAX. */
enum tlog_fault tlog_take_proof(struct tlog_lines *lines, struct merkle_proof *ret_proof);

/* Appends these lines, and the blank one. */
void tlog_put_proof(struct text *out, const struct merkle_proof *proof);

#endif
