/*
 * Queries for time-stamps (RFC 3161): what goes to an authority so that it states a time over a
 * checkpoint, written to outbox/. Nobody posts it here: the daemon speaks no HTTP.
 */
#ifndef DAEMON_ANCHOR_QUERY_H
#define DAEMON_ANCHOR_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "io/backend.h"

#define ANCHOR_QUERY_DIR "outbox"
#define ANCHOR_QUERY_ADDED_DIR                                                                     \
    "anchors" /* made with it: who adds replies may write only in them                             \
               */
#define ANCHOR_QUERY_BYTES_MAX 256u
#define ANCHOR_QUERY_NONCE     16u
#define ANCHOR_QUERY_KEPT_MAX  64u /* queries in outbox/: of more, the oldest makes room */

/* The DER of a query over the bytes: SHA-256, the nonce, a wish for the certificate. Its length, or
   -ENOMEM. */
int anchor_query_encode(const void *bytes, size_t len, const uint8_t nonce[ANCHOR_QUERY_NONCE],
                        uint8_t ret_query[ANCHOR_QUERY_BYTES_MAX]);

/* Writes outbox/<size>.checkpoint, the exact bytes, and then outbox/<size>.tsq; both durable when
   it returns 0. What outbox/ or anchors/ has for this size stays: one nonce a query; it returns 1
   then. -EWOULDBLOCK: another process writes there just now; -errno. */
int anchor_query_write(struct backend *backend, int ledger_fd, uint64_t size,
                       const void *checkpoint, size_t len);

#endif
