/*
 * The anchor record: that somebody outside stated a time over a checkpoint of this ledger. Pure.
 * What it says is verified by who adds it, and again by verify; the record itself holds the facts
 * and the hash of the proof.
 */
#ifndef LEDGER_ANCHOR_H
#define LEDGER_ANCHOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/text.h"

#define ANCHOR_HEX_BYTES                                                                           \
    41u /* a serial or nonce of 20 bytes in hex, and NUL (RFC 5280: 4.1.2.2)                       \
         */
#define ANCHOR_OID_BYTES  129u /* dotted decimal, and NUL */
#define ANCHOR_TSA_BYTES  257u /* a name, and NUL */
#define ANCHOR_FILE_BYTES 80u  /* a path below the ledger, and NUL */

enum anchor_type {
    ANCHOR_RFC3161 = 0, /* a time-stamp token (RFC 3161) */
    ANCHOR_COSIG,       /* a witness's cosignature (C2SP tlog-cosignature) */
    ANCHOR_TYPES_COUNT,
};

/* Strings are NUL-terminated. serial, policy_oid and nonce are a token's; empty in a cosignature.
 */
struct anchor {
    uint64_t size; /* of the checkpoint */
    struct merkle_hash root;
    enum anchor_type type;
    uint8_t token_sha256[32]; /* of the file that holds the token, or the signature lines */
    int64_t gen_time_ns;      /* as stated outside */
    char serial[ANCHOR_HEX_BYTES], policy_oid[ANCHOR_OID_BYTES], tsa[ANCHOR_TSA_BYTES],
        nonce[ANCHOR_HEX_BYTES];
    char file[ANCHOR_FILE_BYTES]; /* anchors/<size>/<name> */
};

/* rfc3161 or cosig; static. */
const char *anchor_type_name(enum anchor_type type);

/* Why the facts cannot be recorded, or NULL: lower-case hex of whole bytes where it is hex, digits
   and dots, a file anchors/<size>/<name> of letters, digits, . _ and -, a name that is not empty;
   and of a cosignature nothing that only a token has. */
const char *anchor_wrong(const struct anchor *anchor);

/* Appends the record's own members, each with its comma before it, without the closing brace. */
void anchor_format(struct text *out, const struct anchor *anchor);

/* Reads what verification needs back from the line of an anchor record: size, root, type,
   token_sha256, gen_time and file; the other strings are empty. 0; -EBADMSG when it is not as
   anchor_format writes it. */
int anchor_parse(const char *line, size_t len, struct anchor *ret_anchor);

#endif
