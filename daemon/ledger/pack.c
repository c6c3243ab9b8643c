/*
 * Blobs in packs, format version 1. Knows the bytes of a pack; knows no file and no record.
 *
 * A ledger's blobs/ holds packs named <20 digits>.pack: the number of the first blob in it. A pack
 * is a row of frames without anything between them, numbers little-endian:
 *
 *      0   4  "NBL1"
 *      4   4  stored_len  bytes behind this head
 *      8   4  blob_len    bytes of the blob as scanned
 *     12   8  number      of the blob, from 0, over all packs
 *     20  32  sha256      of the blob as scanned
 *     52   8  stored      the first bytes of the SHA-256 of the stored_len bytes
 *     60   4  check       the first bytes of the SHA-256 of bytes 0 to 59
 *     64   8  erased_by   0, or 1 more than the seq of the erase record
 *     72   8  mark        0, or the first bytes of the SHA-256 of bytes 20 to 51 and erased_by
 *     80      the blob, one zstd frame (RFC 8878) without a dictionary; or zeros, once erased
 *
 * Invariants:
 *   1. Numbers have no hole: a pack's first is its name's, each is 1 more than the one before, and
 *      the next pack is named by the number after its last.
 *   2. The blob decompresses to blob_len bytes whose SHA-256 is sha256. Which compression it was
 *      does not matter; but zstd reads some changed frames as the same bytes, so that what is
 *      stored has a check of its own.
 *   3. A frame is durable before the record that names its blob is written. What a crash left
 *      behind the last such frame is named by nobody, and is set aside.
 *   4. No byte is written twice but by an erase: first erased_by and its mark are made durable,
 *      then the blob's bytes become zeros. So what is damaged without a mark is never half an
 *      erase, and garbage that a crash left is no mark. Bytes behind a mark that are not zeros are
 *      half an erase, or were written by somebody: that is not told apart, and they prove nothing.
 *   5. The same bytes may stand in several frames; each of them is whole, or all are erased.
 *   6. Another version begins with another magic; this one is read for ever.
 */
#include "daemon/ledger/pack.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "daemon/ledger/little_endian.h"

#define MAGIC       "NBL1"
#define MAGIC_BYTES 4u
#define CHECK_AT    60u
#define CHECK_BYTES 4u
#define LEVEL       1 /* of zstd: 3 takes a third longer, and makes listings no smaller */

static_assert(ZSTD_COMPRESSBOUND(PACK_BLOB_BYTES_MAX) <= PACK_STORED_BYTES_MAX,
              "any blob fits its frame");
static_assert(PACK_MARK_AT == CHECK_AT + CHECK_BYTES, "the mark is not under the check");
static_assert(PACK_MARK_AT + PACK_MARK_BYTES == PACK_HEAD_BYTES, "the mark ends the head");

struct pack_coder {
    ZSTD_CCtx *compress;
    ZSTD_DCtx *decompress;
    uint8_t blob[PACK_BLOB_BYTES_MAX];
};

/* 32 bits, as little_endian.h does 64. */
static void put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The first 8 bytes of a SHA-256, as a number. */
static uint64_t check_of(const uint8_t *at, size_t len)
{
    uint8_t digest[DIGEST_BYTES];

    digest_sha256(at, len, digest);
    return little_endian_get_u64(digest);
}

struct pack_coder *pack_coder_open(void)
{
    struct pack_coder *coder = malloc(sizeof(*coder));

    if (coder == NULL)
        return NULL;
    coder->compress = ZSTD_createCCtx();
    coder->decompress = ZSTD_createDCtx();
    if (coder->compress == NULL || coder->decompress == NULL)
        return pack_coder_close(coder);
    return coder;
}

size_t pack_encode(struct pack_coder *coder, uint64_t number, const void *blob, size_t len,
                   const uint8_t sha256[DIGEST_BYTES], uint8_t ret_frame[PACK_FRAME_BYTES_MAX])
{
    assert(len >= 1);
    assert(len <= PACK_BLOB_BYTES_MAX);
    size_t stored = ZSTD_compressCCtx(coder->compress, ret_frame + PACK_HEAD_BYTES,
                                      PACK_STORED_BYTES_MAX, blob, len, LEVEL);
    assert(!ZSTD_isError(stored)); /* there is room, and nothing else can go wrong */
    memcpy(ret_frame, MAGIC, MAGIC_BYTES);
    put_u32(ret_frame + 4, (uint32_t)stored);
    put_u32(ret_frame + 8, (uint32_t)len);
    little_endian_put_u64(ret_frame + 12, number);
    memcpy(ret_frame + 20, sha256, DIGEST_BYTES);
    little_endian_put_u64(ret_frame + 52, check_of(ret_frame + PACK_HEAD_BYTES, stored));
    put_u32(ret_frame + CHECK_AT, (uint32_t)check_of(ret_frame, CHECK_AT));
    memset(ret_frame + PACK_MARK_AT, 0, PACK_MARK_BYTES);
    return PACK_HEAD_BYTES + stored;
}

struct pack_walk pack_walk_begin(uint64_t first)
{
    return (struct pack_walk){.number = first};
}

void pack_mark(uint64_t seq, const uint8_t sha256[DIGEST_BYTES], uint8_t ret_mark[PACK_MARK_BYTES])
{
    uint8_t bytes[DIGEST_BYTES + 8];

    memcpy(bytes, sha256, DIGEST_BYTES);
    little_endian_put_u64(bytes + DIGEST_BYTES, seq + 1);
    little_endian_put_u64(ret_mark, seq + 1);
    little_endian_put_u64(ret_mark + 8, check_of(bytes, sizeof(bytes)));
}

bool pack_head_read(const uint8_t *bytes, struct pack_frame *ret_frame)
{
    if (memcmp(bytes, MAGIC, MAGIC_BYTES) != 0 ||
        get_u32(bytes + CHECK_AT) != (uint32_t)check_of(bytes, CHECK_AT))
        return false;
    uint64_t erased = little_endian_get_u64(bytes + PACK_MARK_AT);
    uint8_t mark[PACK_MARK_BYTES] = {0};
    if (erased != 0)
        pack_mark(erased - 1, bytes + 20, mark);
    *ret_frame =
        (struct pack_frame){.number = little_endian_get_u64(bytes + 12),
                            .stored_len = get_u32(bytes + 4),
                            .blob_len = get_u32(bytes + 8),
                            .erased_by = erased == 0 ? PACK_NOT_ERASED : erased - 1,
                            .bad_mark = memcmp(mark, bytes + PACK_MARK_AT, PACK_MARK_BYTES) != 0,
                            .stored_check = little_endian_get_u64(bytes + 52),
                            .stored = bytes + PACK_HEAD_BYTES};
    memcpy(ret_frame->sha256, bytes + 20, DIGEST_BYTES);
    return ret_frame->stored_len >= 1 && ret_frame->stored_len <= PACK_STORED_BYTES_MAX &&
           ret_frame->blob_len >= 1 && ret_frame->blob_len <= PACK_BLOB_BYTES_MAX;
}

size_t pack_walk_next(struct pack_walk *walk, const uint8_t *bytes, size_t len,
                      struct pack_frame *ret_frame)
{
    struct pack_frame frame;

    if (walk->fault != PACK_OK || len < PACK_HEAD_BYTES)
        return 0;
    if (!pack_head_read(bytes, &frame))
        walk->fault = PACK_BAD_HEAD;
    else if (frame.number != walk->number)
        walk->fault = PACK_BAD_NUMBER;
    if (walk->fault != PACK_OK || len - PACK_HEAD_BYTES < frame.stored_len)
        return 0;
    walk->number++;
    walk->end += PACK_HEAD_BYTES + frame.stored_len;
    *ret_frame = frame;
    return PACK_HEAD_BYTES + frame.stored_len;
}

bool pack_frame_read(const uint8_t *bytes, size_t len, struct pack_frame *ret_frame)
{
    struct pack_frame frame;

    if (len < PACK_HEAD_BYTES || !pack_head_read(bytes, &frame) ||
        len - PACK_HEAD_BYTES < frame.stored_len)
        return false;
    *ret_frame = frame;
    return true;
}

void pack_walk_finish(struct pack_walk *walk, size_t left)
{
    if (walk->fault == PACK_OK && left > 0)
        walk->fault = PACK_CUT;
}

static bool is_blank(const uint8_t *bytes, size_t len)
{
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any |= bytes[i];
    return any == 0;
}

enum pack_fault pack_decode(struct pack_coder *coder, const struct pack_frame *frame,
                            const uint8_t **ret_blob)
{
    uint8_t digest[DIGEST_BYTES];

    if (frame->bad_mark)
        return PACK_BAD_BYTES;
    if (frame->erased_by != PACK_NOT_ERASED)
        return is_blank(frame->stored, frame->stored_len) ? PACK_ERASED : PACK_UNERASED;
    if (check_of(frame->stored, frame->stored_len) != frame->stored_check)
        return PACK_BAD_BYTES;
    /* One frame and nothing behind it; its own idea of its length is not relied on. */
    if (ZSTD_findFrameCompressedSize(frame->stored, frame->stored_len) != frame->stored_len)
        return PACK_BAD_BYTES;
    size_t len = ZSTD_decompressDCtx(coder->decompress, coder->blob, frame->blob_len, frame->stored,
                                     frame->stored_len);
    if (ZSTD_isError(len) || len != frame->blob_len)
        return PACK_BAD_BYTES;
    digest_sha256(coder->blob, len, digest);
    if (memcmp(digest, frame->sha256, DIGEST_BYTES) != 0)
        return PACK_BAD_BYTES;
    *ret_blob = coder->blob;
    return PACK_OK;
}

const char *pack_fault_text(enum pack_fault fault)
{
    static const char *const texts[] = {
#define FAULT(symbol, text) text,
        PACK_FAULTS(FAULT)
#undef FAULT
    };
    assert(fault < PACK_FAULTS_COUNT);
    return texts[fault];
}

struct pack_coder *pack_coder_close(struct pack_coder *coder)
{
    if (coder == NULL)
        return NULL;
    (void)ZSTD_freeCCtx(coder->compress); /* always 0; NULL is fine */
    (void)ZSTD_freeDCtx(coder->decompress);
    free(coder);
    return NULL;
}
