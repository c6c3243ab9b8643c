/*
 * The bytes of a page as UTF-8, whatever charset it is in. Knows no HTML but <meta>, and no HTTP.
 *
 * Its charset is that of its byte order mark; else the one that HTTP named; else that of the first
 * <meta> in its first CHARSET_META_BYTES_MAX bytes; each if it is known. Else it is UTF-8 when its
 * first character beyond ASCII is, or else windows-1252. Names mean what browsers take them for
 * (WHATWG Encoding Standard). What is not decodable becomes U+FFFD, and what is behind it is read.
 */
#ifndef DAEMON_CTL_CHARSET_H
#define DAEMON_CTL_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#define CHARSET_META_BYTES_MAX 16384u

struct charset_text {
    const char *at; /* UTF-8; borrowed from the page, or from made */
    size_t len;
    char *made; /* the owner's to free */
    bool cut;   /* it grew too much by being decoded: an end is missing */
};

/* Decodes; charset as HTTP named it, or "". 0 or -ENOMEM. */
int charset_decode(const char *bytes, size_t len, const char *charset,
                   struct charset_text *ret_text);

#endif
