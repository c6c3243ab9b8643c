/*
 * Which lines and events have a record already: a window of the latest ones, by fingerprint
 * (DESIGN 9.6). It is a function of the records in their order, so that it can be rebuilt from the
 * ledger. Knows no record's text, file or thread.
 *
 * What falls out of the window is forgotten: sent once more, it gets a second record. So the window
 * bounds how far back a sender may resend without doubles.
 */
#ifndef DAEMON_DEDUPE_H
#define DAEMON_DEDUPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/fingerprint.h"

#define DEDUPE_ENTRIES_MAX 100000000u
#define DEDUPE_ENTRY_BYTES 24u /* in memory and in a snapshot */

struct dedupe;
struct gradual;

/* What is known of a line or an event. */
struct dedupe_entry {
    uint64_t seq; /* of its first record */
    bool matched; /* its match has a record too */
};

/* Makes an empty window of at most max entries, 1 to DEDUPE_ENTRIES_MAX. 0 or -ENOMEM; nothing is
   allocated after this. */
int dedupe_open(size_t max, struct dedupe **ret_dedupe);

/* Bytes that a window of max entries may hold: the entries, and 16 to 32 for each to find it. */
size_t dedupe_bytes(size_t max);

/* Whether it is in the window, and then what is known of it. */
bool dedupe_find(const struct dedupe *dedupe, const struct fingerprint *name,
                 struct dedupe_entry *ret_entry);

/* Begins to fetch what a dedupe_find of the name will look at first: the table is larger than any
   cache. */
void dedupe_expect(const struct dedupe *dedupe, const struct fingerprint *name);

/* Takes up a name whose first record has this seq, greater than those of all before it; the oldest
   makes room. One that is in the window stays as it is. */
void dedupe_add(struct dedupe *dedupe, const struct fingerprint *name, uint64_t seq);

/* Says that the match of the line whose first record is seq has its record. Without effect when
   that line is not, or no longer, in the window. */
void dedupe_set_matched(struct dedupe *dedupe, uint64_t seq);

/* Names in the window now. */
size_t dedupe_count(const struct dedupe *dedupe);

/* The window as bytes, for a snapshot: equal windows give equal bytes. They are all there when
   dedupe_copy has ended, which may be while the window changes. 0 or -ENOMEM. */
size_t dedupe_encoded_bytes(const struct dedupe *dedupe);
int dedupe_encode(struct dedupe *dedupe, uint8_t *ret_bytes);
struct gradual *dedupe_copy(struct dedupe *dedupe);

/* Fills an empty window. 0; -EBADMSG: not what dedupe_encode writes, or more than fits; then the
   window is empty. */
int dedupe_decode(struct dedupe *dedupe, const uint8_t *bytes, size_t len);

/* Frees; NULL is fine. Returns NULL. */
struct dedupe *dedupe_close(struct dedupe *dedupe);

#endif
