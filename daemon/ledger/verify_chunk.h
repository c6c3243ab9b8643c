/*
 * A stretch of the feed, or a bundle of entries, hashed: the part of verification that can be done
 * by many threads at once. Pure.
 */
#ifndef LEDGER_VERIFY_CHUNK_H
#define LEDGER_VERIFY_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/record.h"

#define VERIFY_CHUNK_BYTES (1u << 20) /* of the feed */
#define VERIFY_CHUNK_LINES 16384u     /* more than records fit into so many bytes */
#define VERIFY_LINE_MIN    80u        /* a record is longer than this */

enum verify_chunk_fault {
    VERIFY_CHUNK_OK = 0,
    VERIFY_CHUNK_BAD_RECORD, /* the line is not one of the format, or too long */
    VERIFY_CHUNK_BAD_BUNDLE, /* the lengths in it do not add up */
};

/* One record. Of a bundle's entry only leaf and offset are set. */
struct verify_line {
    struct merkle_hash leaf;
    struct record_head head;
    enum record_kind kind;
    uint32_t offset; /* of its first byte in the chunk */
};

struct verify_chunk {
    /* Set by the caller. */
    const char *bytes; /* whole lines, or one whole bundle */
    size_t len;
    uint64_t segment; /* number of the file that they are from */
    uint64_t offset;  /* of the first byte in it */
    bool bundle;
    uint32_t width; /* of the bundle's tile */
    bool stray;     /* no lines: a segment that does not follow the one before it */
    bool shapes;    /* lines are checked to be JSON throughout; else only their heads are */
    /* Set by verify_chunk_hash. */
    size_t count; /* lines before the first fault */
    size_t end;   /* of the last of them */
    enum verify_chunk_fault fault;
    struct verify_line *lines; /* the caller's room for VERIFY_CHUNK_LINES */
};

/* Splits and hashes; stops at the first line that is not of the format. Any thread; len is at most
   VERIFY_CHUNK_BYTES for lines, TILE_BUNDLE_LEN_MAX for a bundle. */
void verify_chunk_hash(struct verify_chunk *chunk);

#endif
