/*
 * SHA-256, by libcrypto. Knows no record.
 */
#ifndef DAEMON_DIGEST_H
#define DAEMON_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES      32u
#define DIGEST_TEXT_BYTES (7u + 2 * DIGEST_BYTES) /* "sha256:" and 64 lower-case hex digits */

/* The SHA-256 (FIPS 180-4) of len bytes. Cannot fail: libcrypto without SHA-256 is a broken build
   and asserts. Any thread. */
void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_BYTES]);

/* HMAC-SHA-256 (RFC 2104). As digest_sha256. */
void digest_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
                        uint8_t ret_digest[DIGEST_BYTES]);

/* The SHA-256 of a file's content. 0, or -errno of opening or reading it. */
int digest_file(const char *path, uint8_t ret_digest[DIGEST_BYTES]);

/* Its 64 lower-case hex digits and NUL. */
void digest_hex(const uint8_t digest[DIGEST_BYTES], char ret_hex[2 * DIGEST_BYTES + 1]);

/* Reads a digest as records and keys of ours spell it, from the DIGEST_TEXT_BYTES at the front of
   text; what follows is not looked at. false: there is none, and nothing is written. */
bool digest_parse(const char *text, size_t len, uint8_t ret_digest[DIGEST_BYTES]);

#endif
