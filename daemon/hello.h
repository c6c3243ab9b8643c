/*
 * The optional first line of a connection: {"noticed":1,"source":"spider-a","ack":true}. Says what
 * the lines after it are, how they are numbered and whether they want answers. Knows JSON; knows no
 * connection.
 */
#ifndef DAEMON_HELLO_H
#define DAEMON_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/json.h"
#include "daemon/map.h"
#include "daemon/reject.h"

#define HELLO_VERSION           1
#define HELLO_SOURCE_BYTES_MAX  64u
#define HELLO_SESSION_BYTES_MAX 64u
#define HELLO_FIRST_MAX         9007199254740991u /* 2^53 - 1: exact in every JSON reader */
#define HELLO_MEMBERS_MAX       32u

struct hello {
    unsigned version; /* HELLO_VERSION */
    char
        source[HELLO_SOURCE_BYTES_MAX + 1]; /* [A-Za-z0-9._:-], NUL-terminated; "" when not given */
    size_t source_len;
    bool ack;                                  /* false when not given */
    bool matches;                              /* acks count matches; only with ack */
    char session[HELLO_SESSION_BYTES_MAX + 1]; /* as source; "" when not given */
    size_t session_len;
    char map[MAP_NAME_BYTES_MAX + 1]; /* as source; "" when not given */
    size_t map_len;
    uint64_t first; /* number of the line after the hello: 1 unless given, only with a session */
};

/* Judges the first line of a connection; bytes are followed by JSON_SLACK_BYTES readable bytes.
   0: not a hello (not a JSON object with a member "noticed"), to be taken as a line like others.
   1: a hello, *ret_hello. -EINVAL: a hello that cannot be kept to, with *reterr_reject naming the
   member: a later version, a wrong type, a source, session or map with other characters, `matches`
   without `ack`, `first` without `session` or not from 1 to HELLO_FIRST_MAX, the same member twice,
   and any unknown member, since a misspelled "ack" would otherwise lose its sender every answer.
   null counts as not there. */
int hello_decode(struct json_parser *parser, const char *bytes, size_t len, struct hello *ret_hello,
                 struct reject *reterr_reject);

#endif
