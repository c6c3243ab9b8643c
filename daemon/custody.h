/*
 * Which blobs are held, by themselves, with their merchant or with the whole ledger, and which were
 * erased: what hold and erase records say, in their order. It
 * is a function of the records, so that it can be rebuilt from the ledger. Knows no file or thread.
 */
#ifndef DAEMON_CUSTODY_H
#define DAEMON_CUSTODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/digest.h"
#include "daemon/ledger/record.h"

#define CUSTODY_MAX           65536u /* blobs that are held or were erased */
#define CUSTODY_MERCHANTS_MAX 4096u  /* that are held */

struct custody;

/* One blob. */
struct custody_entry {
    uint8_t sha256[DIGEST_BYTES];
    uint64_t erased_by; /* seq of the latest record that erases it, or RECORD_NO_SEQ */
    bool held;
    bool due;  /* to be erased: its record was taken, and custody_done not yet called */
    bool left; /* that came to nothing for now: it is due again once it is decoded */
};

/* Makes it empty. 0 or -ENOMEM; nothing is allocated after this. */
int custody_open(struct custody **ret_custody);

/* What is known of a blob; NULL: nothing. */
const struct custody_entry *custody_find(const struct custody *custody,
                                         const uint8_t sha256[DIGEST_BYTES]);

/* Room for those of these blobs that are not known yet. */
bool custody_has_room(const struct custody *custody, const uint8_t (*sha256)[DIGEST_BYTES],
                      size_t count);

/* Whether all of the ledger is held; how many merchants are; whether this one is: its id as a
   record writes it between its quotes. */
bool custody_holds_ledger(const struct custody *custody);
size_t custody_merchants(const struct custody *custody);
bool custody_holds_merchant(const struct custody *custody, const char *id, size_t len);

/* Takes a record of the ledger; any kind. Blobs without room are passed over: the writer asks
   first. Returns whether it changed anything. */
bool custody_take(struct custody *custody, enum record_kind kind, uint64_t seq, const char *line,
                  size_t len);

/* Whether a blob is due, by a record below seq. */
bool custody_is_due(const struct custody *custody, uint64_t seq);

/* Those are erased; or left, since something damaged may hold them. */
void custody_done(struct custody *custody, uint64_t seq, bool left);

/* As bytes, for a snapshot: equal ones give equal bytes. Nothing may be due. */
size_t custody_encoded_bytes(const struct custody *custody);
void custody_encode(const struct custody *custody, uint8_t *ret_bytes);

/* Fills an empty one. 0; -EBADMSG: not what custody_encode writes; then it is empty. */
int custody_decode(struct custody *custody, const uint8_t *bytes, size_t len);

/* Frees; NULL is fine. Returns NULL. */
struct custody *custody_close(struct custody *custody);

#endif
