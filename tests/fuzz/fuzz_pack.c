/*
 * A pack of any bytes is walked to its first fault; a blob that is read has its hash, and is
 * written again under the same head.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_again(struct pack_coder *coder, const struct pack_frame *frame,
                        const uint8_t *blob)
{
    static uint8_t again[PACK_FRAME_BYTES_MAX], copy[PACK_BLOB_BYTES_MAX];
    struct pack_walk walk = pack_walk_begin(frame->number);
    struct pack_frame second;

    memcpy(copy, blob, frame->blob_len);
    size_t len = pack_encode(coder, frame->number, copy, frame->blob_len, frame->sha256, again);
    check(pack_walk_next(&walk, again, len, &second) == len);
    check(second.blob_len == frame->blob_len);
    check(pack_decode(coder, &second, &blob) == PACK_OK);
    check(memcmp(blob, copy, frame->blob_len) == 0);
}

/* Puts the checks of the first frame right, as pack.c states its format. */
static void mend(uint8_t *bytes, size_t len)
{
    uint8_t digest[DIGEST_BYTES];

    if (len < PACK_HEAD_BYTES)
        return;
    size_t stored = bytes[4] | (size_t)bytes[5] << 8 | (size_t)bytes[6] << 16;
    if (stored <= len - PACK_HEAD_BYTES) {
        digest_sha256(bytes + PACK_HEAD_BYTES, stored, digest);
        memcpy(bytes + 52, digest, 8);
    }
    digest_sha256(bytes, 60, digest);
    memcpy(bytes + 60, digest, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pack_coder *coder;
    struct pack_walk walk = pack_walk_begin(0);
    struct pack_frame frame;
    const uint8_t *blob = NULL;
    size_t taken, at = 0;
    /* An own copy of exact size, so that a read past the end is seen. */
    uint8_t *bytes = malloc(size > 0 ? size : 1);

    if (coder == NULL)
        coder = pack_coder_open();
    check(bytes != NULL && coder != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    if (size % 2 == 1)
        mend(bytes, size);
    while ((taken = pack_walk_next(&walk, bytes + at, size - at, &frame)) > 0) {
        at += taken;
        check(at <= size);
        check(walk.end == at);
        if (size % 2 == 1)
            mend(bytes + at, size - at);
        if (pack_decode(coder, &frame, &blob) == PACK_OK)
            check_again(coder, &frame, blob);
    }
    pack_walk_finish(&walk, size - at);
    check((walk.fault == PACK_OK) == (at == size));
    free(bytes);
    return 0;
}
