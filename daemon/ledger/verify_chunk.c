/*
 * Lines or entries to leaf hashes. Knows no order between chunks and no tree.
 */
#include "daemon/ledger/verify_chunk.h"

#include <assert.h>
#include <string.h>

#include "daemon/ledger/shape.h"
#include "daemon/ledger/tile.h"

static_assert(VERIFY_CHUNK_BYTES / VERIFY_LINE_MIN < VERIFY_CHUNK_LINES, "all records have room");
static_assert(TILE_WIDTH <= VERIFY_CHUNK_LINES, "all entries have room");

static void hash_lines(struct verify_chunk *chunk)
{
    size_t at = 0;

    while (at < chunk->len) {
        const char *line = chunk->bytes + at;
        const char *newline = memchr(line, '\n', chunk->len - at);
        size_t len = newline == NULL ? 0 : (size_t)(newline - line);
        struct verify_line *record = &chunk->lines[chunk->count];
        if (len < VERIFY_LINE_MIN ||
            record_decode_head(line, len, &record->head, &record->kind) < 0 ||
            (chunk->shapes && !shape_is_object(line, len))) {
            chunk->fault = VERIFY_CHUNK_BAD_RECORD;
            break;
        }
        record->leaf = merkle_leaf(line, len);
        record->offset = (uint32_t)at;
        chunk->count++;
        at += len + 1;
    }
    chunk->end = at;
}

static void hash_entries(struct verify_chunk *chunk)
{
    const uint8_t *bytes = (const uint8_t *)chunk->bytes;
    size_t at = 0;

    while (at < chunk->len) {
        size_t left = chunk->len - at;
        size_t len = left < 2 ? 0 : (size_t)bytes[at] << 8 | bytes[at + 1];
        if (left < 2 || left - 2 < len || chunk->count == chunk->width) {
            chunk->fault = VERIFY_CHUNK_BAD_BUNDLE;
            break;
        }
        chunk->lines[chunk->count].leaf = merkle_leaf(bytes + at + 2, len);
        chunk->lines[chunk->count].offset = (uint32_t)at;
        chunk->count++;
        at += 2 + len;
    }
    if (chunk->fault == VERIFY_CHUNK_OK && chunk->count < chunk->width)
        chunk->fault = VERIFY_CHUNK_BAD_BUNDLE;
    chunk->end = at;
}

void verify_chunk_hash(struct verify_chunk *chunk)
{
    chunk->count = 0;
    chunk->end = 0;
    chunk->fault = VERIFY_CHUNK_OK;
    assert(!chunk->bundle || chunk->width <= TILE_WIDTH);
    assert(chunk->len <= (chunk->bundle ? TILE_BUNDLE_LEN_MAX : VERIFY_CHUNK_BYTES));
    if (chunk->bundle)
        hash_entries(chunk);
    else
        hash_lines(chunk);
}
