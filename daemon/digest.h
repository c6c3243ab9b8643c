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

#endif
