/*
 * Base 64 (RFC 4648, section 4), one spelling of everything: with padding, without white space and
 * with zeros in the bits that are left over. Pure.
 */
#ifndef LEDGER_BASE64_H
#define LEDGER_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/text.h"

/* Characters that so many bytes become. */
#define BASE64_LEN(bytes) (((bytes) + 2) / 3 * 4)

/* Appends the bytes to the text. */
void base64_encode(struct text *text, const uint8_t *bytes, size_t len);

/* The bytes of exactly these characters. 0 with *ret_len; -EINVAL when it is another spelling,
   -ENOBUFS when they are more than room. */
int base64_decode(const char *text, size_t len, uint8_t *ret_bytes, size_t room, size_t *ret_len);

#endif
