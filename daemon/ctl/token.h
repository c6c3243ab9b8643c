/*
 * Time-stamp tokens (RFC 3161): a query made, and a reply judged, by libcrypto. Knows no file.
 */
#ifndef DAEMON_CTL_TOKEN_H
#define DAEMON_CTL_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/anchor.h"

#define TOKEN_BYTES_MAX   65536u /* of a reply; one with a long chain has some 8,000 */
#define TOKEN_PEM_MAX     1048576u
#define TOKEN_QUERY_MAX   1024u
#define TOKEN_ERROR_BYTES 512u

/* What is wrong with a reply; names are for machines. */
enum token_fault {
    TOKEN_OK = 0,
    TOKEN_BAD_QUERY,     /* the query is none, or not one of ours */
    TOKEN_BAD_REPLY,     /* not one DER reply with a token that we can read */
    TOKEN_NOT_GRANTED,   /* the authority refused */
    TOKEN_WRONG_IMPRINT, /* it is about other bytes */
    TOKEN_WRONG_NONCE,   /* it answers another query */
    TOKEN_BAD_SIGNATURE, /* altered, or not signed by the certificate that it names */
    TOKEN_UNTRUSTED,     /* its certificate does not lead to the CA, or was not valid then */
};

/* The fault's name; static. */
const char *token_fault_name(enum token_fault fault);

/* Certificates in PEM: those that are trusted, and those that may lead to them. */
struct token_pem {
    const char *ca; /* NULL: the chain is not judged */
    size_t ca_len;
    const char *chain; /* NULL: only what the token itself holds */
    size_t chain_len;
};

struct token_input {
    const uint8_t *query, *reply;
    size_t query_len, reply_len;
    const void *bytes; /* what was time-stamped */
    size_t len;
    struct token_pem pem;
};

/* Judges a reply at the time that it states, whatever the time is now: what a certificate signed
   while it was valid stays signed. TOKEN_OK fills the anchor's token_sha256, gen_time_ns, serial,
   policy_oid, tsa (subject of the signer, RFC 2253) and nonce, and *ret_accuracy_ns (0: not
   stated); else reterr_text says what is wrong. Without a CA the signature and the certificate's
   purpose are judged, but not whose it is. */
enum token_fault token_judge(const struct token_input *input, struct anchor *ret_anchor,
                             int64_t *ret_accuracy_ns, char reterr_text[TOKEN_ERROR_BYTES]);

/* All certificates that the judgement rests on, in PEM, malloc'ed: the token's own, the chain's and
   the CA's. The length, or -errno. */
int token_chain(const struct token_input *input, char **ret_pem, size_t *ret_len);

/* Whether PEM holds a certificate. */
int token_pem_count(const char *pem, size_t len);

#endif
