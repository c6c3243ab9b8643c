/*
 * WARC/1.0 and 1.1 (ISO 28500), cut into records: header and block. Bytes go in in pieces of any
 * size. Knows no HTTP, no page and no packing.
 *
 * A record that is damaged is told with its place and the reason. When its header says where its
 * block ends, the next record is looked for there; else the next line that begins with WARC/1.
 * begins it, or where each record is packed as a member of its own, the next member.
 *
 *   BETWEEN -> HEAD, SEEK   [between: a byte that is no newline; head: it is none of "WARC/1."]
 *   HEAD -> BLOCK, SEEK     [head: a blank line; it has no good length]
 *   BLOCK -> BETWEEN        [block: all of it is there]
 *   SEEK -> HEAD            [seek: a line begins with "WARC/1."]
 *   SEEK -> BETWEEN         [pass_member: the next member begins]
 *   any -> BETWEEN          [warc_cut]
 */
#ifndef DAEMON_CTL_WARC_H
#define DAEMON_CTL_WARC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WARC_HEAD_BYTES_MAX  65536u     /* a longer one is damaged; only its length is read */
#define WARC_BLOCK_BYTES_MAX (4u << 20) /* of a longer block the first bytes are kept */
#define WARC_SLACK_BYTES     64u        /* readable bytes after a block */

/* (pointer, len) into the record's header; at NULL: it has no such field. */
struct warc_text {
    const char *at;
    size_t len;
};

enum warc_field {
    WARC_TYPE = 0,
    WARC_TARGET_URI,
    WARC_DATE,
    WARC_RECORD_ID,
    WARC_PAYLOAD_DIGEST,
    WARC_TRUNCATED, /* why the block has not all that was sent */
    WARC_CONTENT_TYPE,
    WARC_CONTENT_LENGTH,
    WARC_FIELDS_COUNT,
};

/* Borrowed until the next call. The block may be written to. */
struct warc_record {
    uint64_t offset;    /* as told of its first byte */
    const char *damage; /* why it is none; static. NULL: it is good */
    struct warc_text fields[WARC_FIELDS_COUNT];
    char *block;
    size_t block_len;
    uint64_t block_bytes; /* its true length */
};

struct warc;

/* Makes one. NULL when out of memory. */
struct warc *warc_open(void);

/* Begins anew. */
void warc_start(struct warc *warc);

/* Takes bytes up to the end of a record; how many, in *ret_taken. True: *ret_record is one, or says
   what is damaged. offset is that of the first byte; packed: of the member that holds them all. */
bool warc_next(struct warc *warc, const char *bytes, size_t len, uint64_t offset, bool packed,
               size_t *ret_taken, struct warc_record *ret_record);

/* No more bytes of the record come: the input has ended, or is damaged, or another record begins.
   True: one was cut by that, and *ret_record says it. */
bool warc_cut(struct warc *warc, const char *why, struct warc_record *ret_record);

/* "WARC-Target-URI", ...; static. */
const char *warc_field_name(enum warc_field field);

/* Frees; NULL is fine. Returns NULL. */
struct warc *warc_close(struct warc *warc);

#endif
