/*
 * Signed notes (C2SP signed-note): a text and the signatures under it. Pure.
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/note_key.h"
#include "daemon/ledger/text.h"
#include "daemon/ledger/tlog_fault.h"

#define NOTE_BYTES_MAX          524288u
#define NOTE_SIGNATURES_MAX     64u   /* the specification wants 16 at least */
#define NOTE_SIGNATURE_LEN_MAX  8192u /* of one in bytes; longer than any of today's kinds */
#define NOTE_KEPT_BYTES         76u /* of a signature that is kept: the longest that is verified */
#define NOTE_COSIGNED_BYTES_MAX 16384u

/* One signature line; what is borrowed lives in the note's bytes. */
struct note_signature {
    const char *name;
    size_t name_len;
    uint32_t id;
    size_t len; /* of the bytes after the id */
    uint8_t bytes[NOTE_KEPT_BYTES];
};

struct note {
    const char *text; /* borrowed; up to and with the newline before the blank line */
    size_t text_len;
    size_t count;
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

/* Takes a note apart; nothing is trusted yet. TLOG_OK, or what is wrong. ret_note borrows from the
   bytes. */
enum tlog_fault note_parse(const char *bytes, size_t len, struct note *ret_note);

/* Whether one of the note's signatures is by this key. TLOG_OK: there is one and it is good, and
   *ret_time, which may be NULL, is the time that a witness states, else 0. TLOG_UNKNOWN_KEY: there
   is none. TLOG_BAD_SIGNATURE: there is one that is not good; then the whole note is to be
   refused. */
enum tlog_fault note_verify(const struct note *note, const struct note_key *key,
                            uint64_t *ret_time);

/* Appends the signature line of the signer over the text, with its newline. time is what a witness
   states in seconds since 1970, below 2^63, and text at most NOTE_COSIGNED_BYTES_MAX; both only for
   keys of NOTE_KEY_COSIGNATURE. */
void note_sign(struct text *out, const struct note_signer *signer, const char *text, size_t len,
               uint64_t time);

/* Appends the line of a signature that was parsed, with its newline; its len is at most
   NOTE_KEPT_BYTES. */
void note_put_signature(struct text *out, const struct note_signature *signature);

#endif
