/*
 * Keys of signed notes (C2SP signed-note): a name, an id, and an Ed25519 key; public ones as vkey,
 * our own as skey. Pure.
 */
#ifndef LEDGER_NOTE_KEY_H
#define LEDGER_NOTE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/tlog_fault.h"

#define NOTE_NAME_BYTES_MAX     255u
#define NOTE_KEY_BYTES          32u
#define NOTE_ED25519_BYTES      64u
#define NOTE_KEY_ED25519        0x01u /* signs the text of a note */
#define NOTE_KEY_COSIGNATURE    0x04u /* a witness: signs a time and the text (cosignature/v1) */
#define NOTE_KEY_TEXT_BYTES_MAX 384u  /* of a vkey or skey, with NUL */

/* A public key. */
struct note_key {
    char name[NOTE_NAME_BYTES_MAX + 1]; /* NUL-terminated */
    size_t name_len;
    uint32_t id;
    uint8_t type;
    uint8_t public_key[NOTE_KEY_BYTES];
};

/* Whether a key may be named so: 1 to NOTE_NAME_BYTES_MAX bytes of UTF-8 without a space of any
   kind, control character or "+". */
bool note_name_is_valid(const char *name, size_t len);

/* Reads <name>+<id in hex>+<base64 of type and key>, with or without one newline behind it. TLOG_OK
   or what is wrong. */
enum tlog_fault note_key_parse(const char *text, size_t len, struct note_key *ret_key);

/* Writes it, NUL-terminated and without a newline. Returns its length. */
size_t note_key_format(const struct note_key *key, char ret_text[NOTE_KEY_TEXT_BYTES_MAX]);

/* A private key, in memory that is wiped when it is closed, and locked where the program has called
   CRYPTO_secure_malloc_init(3). */
struct note_signer;

/* Makes a signer of the 32 bytes of an Ed25519 seed (RFC 8032). name must be valid and type one of
   the two above. NULL when there is no memory. */
struct note_signer *note_signer_open(const char *name, size_t name_len, uint8_t type,
                                     const uint8_t seed[NOTE_KEY_BYTES]);

/* Reads the text form PRIVATE+KEY+<name>+<id in hex>+<base64 of type and seed>, with or without one
   newline behind it: the file that holds our key. TLOG_OK, or what is wrong; TLOG_TOO_LONG too when
   there is no memory. */
enum tlog_fault note_signer_parse(const char *text, size_t len, struct note_signer **ret_signer);

/* Writes that form, NUL-terminated and without a newline; the caller wipes it. Returns its length.
 */
size_t note_signer_format(const struct note_signer *signer, char ret_text[NOTE_KEY_TEXT_BYTES_MAX]);

/* Its public key, as long as it is open. */
const struct note_key *note_signer_key(const struct note_signer *signer);

/* Ed25519 over the bytes. libcrypto without it is a broken build and asserts. */
void note_signer_sign(const struct note_signer *signer, const void *bytes, size_t len,
                      uint8_t ret_signature[NOTE_ED25519_BYTES]);

/* Whether the signature is that of the key over the bytes. */
bool note_key_verify(const struct note_key *key, const void *bytes, size_t len,
                     const uint8_t signature[NOTE_ED25519_BYTES]);

/* Wipes and frees. NULL is fine. Returns NULL. */
struct note_signer *note_signer_close(struct note_signer *signer);

#endif
