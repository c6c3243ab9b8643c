/*
 * SHA-256, by libcrypto. Knows no record.
 */
#ifndef DAEMON_DIGEST_H
#define DAEMON_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32u

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

#endif
