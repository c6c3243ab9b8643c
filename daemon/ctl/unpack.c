/*
 * zlib and libzstd as a stream of bytes. Knows no line.
 */
#include "daemon/ctl/unpack.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define INPUT_BYTES        (1u << 18)
#define MAGIC_BYTES        4u
#define FRAME_HEADER_BYTES 5u        /* of zstd, the shortest */
#define GZIP_WINDOW        (15 + 16) /* the largest window; a gzip header, nothing else */

static const char gzip_magic[] = "\x1f\x8b\x08", zstd_magic[] = "\x28\xb5\x2f\xfd";
static const char skippable_magic[] = "\x2a\x4d\x18"; /* behind 0x50 to 0x5f */

enum kind {
    KIND_UNKNOWN = 0, /* nothing was read */
    KIND_PLAIN,
    KIND_GZIP,
    KIND_ZSTD,
};

struct unpack {
    int fd;
    enum kind kind;
    bool ended;  /* the descriptor's bytes have */
    bool inside; /* a member or frame that has not ended */
    bool more;   /* the last read had no more room: there may be bytes without more input */
    bool broken; /* damage was met behind bytes that were handed out: it is told next */
    bool padded; /* zero bytes stood behind a member of gzip */
    bool gzip_open;
    z_stream gzip;
    ZSTD_DStream *zstd;
    size_t zstd_wants; /* bytes of input up to the end of a block: what stands in one call that
                          meets damage is lost */
    bool seeking;      /* what comes is passed over, up to the next member or frame */
    uint64_t origin;
    uint64_t taken;    /* read from the descriptor */
    size_t begin, end; /* of input: read, not yet used */
    char input[INPUT_BYTES];
};

struct unpack *unpack_open(void)
{
    struct unpack *unpack = calloc(1, sizeof *unpack);
    if (unpack == NULL)
        return NULL;
    unpack->fd = -1;
    unpack->zstd = ZSTD_createDStream();
    unpack->gzip_open = inflateInit2(&unpack->gzip, GZIP_WINDOW) == Z_OK;
    return unpack->zstd != NULL && unpack->gzip_open ? unpack : unpack_close(unpack);
}

void unpack_start(struct unpack *unpack, int fd)
{
    unpack->fd = fd;
    unpack->kind = KIND_UNKNOWN;
    unpack->ended = unpack->inside = unpack->more = unpack->seeking = false;
    unpack->broken = unpack->padded = false;
    unpack->origin = 0;
    unpack->begin = unpack->end = 0;
    unpack->taken = 0;
    (void)inflateReset(&unpack->gzip); /* of a stream that was made: cannot fail */
    (void)ZSTD_DCtx_reset(unpack->zstd, ZSTD_reset_session_only); /* likewise */
}

bool unpack_is_broken(const struct unpack *unpack)
{
    return unpack->broken;
}

bool unpack_is_padded(const struct unpack *unpack)
{
    return unpack->padded;
}

bool unpack_has_input(const struct unpack *unpack)
{
    return unpack->broken ||
           (unpack->kind != KIND_UNKNOWN && (unpack->begin < unpack->end || unpack->more));
}

uint64_t unpack_offset(const struct unpack *unpack)
{
    return unpack->taken - (unpack->end - unpack->begin);
}

uint64_t unpack_origin(const struct unpack *unpack)
{
    return unpack->origin;
}

bool unpack_is_packed(const struct unpack *unpack)
{
    return unpack->kind == KIND_GZIP || unpack->kind == KIND_ZSTD;
}

void unpack_skip(struct unpack *unpack)
{
    /* Damaged bytes may have led past the next beginning. */
    uint64_t front = unpack->taken - unpack->end;
    unpack->begin = unpack->origin >= front ? (size_t)(unpack->origin - front) + 1 : 0;
    unpack->seeking = true;
    unpack->inside = unpack->more = unpack->broken = false;
    (void)inflateReset(&unpack->gzip); /* of a stream that was made: cannot fail */
    (void)ZSTD_DCtx_reset(unpack->zstd, ZSTD_reset_session_only); /* likewise */
}

/* Their count, 0 at the end, or -errno; -EAGAIN when it did not come to it. */
static ssize_t read_some(struct unpack *unpack, char *into, size_t room)
{
    ssize_t got = read(unpack->fd, into, room);
    if (got == -1)
        return errno == EINTR ? -EAGAIN : -errno;
    unpack->taken += (uint64_t)got;
    return got;
}

/* More input behind what is there. 0 or -errno. */
static int fill(struct unpack *unpack)
{
    if (unpack->begin == unpack->end)
        unpack->begin = unpack->end = 0;
    assert(unpack->end < INPUT_BYTES);
    ssize_t got = read_some(unpack, unpack->input + unpack->end, INPUT_BYTES - unpack->end);
    if (got < 0)
        return (int)got;
    unpack->ended = got == 0;
    unpack->end += (size_t)got;
    return 0;
}

/* How many of its first bytes the input shares with a magic number. */
static bool begins(const struct unpack *unpack, const char *magic, size_t len)
{
    const size_t have = unpack->end < len ? unpack->end : len;
    return memcmp(unpack->input, magic, have) == 0;
}

/* The same for the frames of zstd: one that is skippable (RFC 8878, 3.1.2), too. */
static bool begins_zstd(const struct unpack *unpack)
{
    const size_t have = unpack->end < MAGIC_BYTES ? unpack->end : MAGIC_BYTES;
    bool skippable = have == 0 || ((unpack->input[0] & 0xf0) == 0x50 &&
                                   memcmp(unpack->input + 1, skippable_magic, have - 1) == 0);
    return skippable || begins(unpack, zstd_magic, MAGIC_BYTES);
}

/* What it is. 0; -EAGAIN while that is open; or -errno. */
static int tell_kind(struct unpack *unpack)
{
    int result = fill(unpack);
    if (result < 0)
        return result;
    if (!unpack->ended && unpack->end < MAGIC_BYTES &&
        (begins(unpack, gzip_magic, 3) || begins_zstd(unpack)))
        return -EAGAIN;
    unpack->kind = unpack->end >= 3 && begins(unpack, gzip_magic, 3)   ? KIND_GZIP
                   : unpack->end >= MAGIC_BYTES && begins_zstd(unpack) ? KIND_ZSTD
                                                                       : KIND_PLAIN;
    return 0;
}

/* Passes over what is no beginning of a member or frame; whether there is one. What may yet become
   one is not told apart from it: its first byte is enough to be there, and fails if it is none.
   Skippable frames hold nothing that would be missed. */
static bool seek(struct unpack *unpack)
{
    const char *magic = unpack->kind == KIND_GZIP ? gzip_magic : zstd_magic;
    const size_t len = unpack->kind == KIND_GZIP ? 3 : 4;
    for (; unpack->begin < unpack->end; unpack->begin++) {
        size_t have = unpack->end - unpack->begin;
        if (memcmp(unpack->input + unpack->begin, magic, have < len ? have : len) == 0) {
            unpack->seeking = false;
            return true;
        }
    }
    return false;
}

static ssize_t read_plain(struct unpack *unpack, char *into, size_t room)
{
    size_t len = unpack->end - unpack->begin;
    if (len == 0)
        return unpack->ended ? 0 : read_some(unpack, into, room);
    if (len > room)
        len = room;
    memcpy(into, unpack->input + unpack->begin, len);
    unpack->begin += len;
    return (ssize_t)len;
}

/* What was unpacked before the damage is whole: it is handed out first. */
static ssize_t break_off(struct unpack *unpack, size_t got)
{
    unpack->broken = got > 0;
    return got > 0 ? (ssize_t)got : -EBADMSG;
}

/* Padding to a block's end, as of tapes, which gzip passes over too. */
static void pass_zeros(struct unpack *unpack)
{
    while (unpack->begin < unpack->end && unpack->input[unpack->begin] == '\0') {
        unpack->begin++;
        unpack->padded = true;
    }
}

/* Unpacks what fits. The count, which may be 0, or -EBADMSG. */
static ssize_t inflate_some(struct unpack *unpack, char *into, size_t room)
{
    z_stream *gzip = &unpack->gzip;
    gzip->next_in = (unsigned char *)unpack->input + unpack->begin;
    gzip->avail_in = (unsigned)(unpack->end - unpack->begin);
    gzip->next_out = (unsigned char *)into;
    gzip->avail_out = (unsigned)room;
    int result = inflate(gzip, Z_NO_FLUSH);
    unpack->begin = unpack->end - gzip->avail_in;
    unpack->inside = result != Z_STREAM_END;
    if (result == Z_STREAM_END)
        (void)inflateReset(gzip); /* the next member, if there is one */
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return break_off(unpack, room - gzip->avail_out);
    return (ssize_t)(room - gzip->avail_out);
}

static ssize_t expand_some(struct unpack *unpack, char *into, size_t room)
{
    ZSTD_outBuffer out = {into, room, 0};
    size_t before = 0;
    do {
        size_t wants = unpack->inside ? unpack->zstd_wants : FRAME_HEADER_BYTES;
        size_t have = unpack->end - unpack->begin;
        ZSTD_inBuffer in = {unpack->input, unpack->begin + (wants < have ? wants : have),
                            unpack->begin};
        before = out.pos;
        size_t result = ZSTD_decompressStream(unpack->zstd, &out, &in);
        if (ZSTD_isError(result) != 0)
            return break_off(unpack, before);
        unpack->begin = in.pos;
        unpack->inside = result != 0;
        unpack->zstd_wants = result;
    } while (unpack->inside && unpack->begin < unpack->end && out.pos < out.size);
    return (ssize_t)out.pos;
}

ssize_t unpack_read(struct unpack *unpack, char *into, size_t room)
{
    assert(room > 0 && room <= 1u << 30);
    int result = 0;
    if (unpack->broken)
        return -EBADMSG;
    if (unpack->kind == KIND_UNKNOWN)
        result = tell_kind(unpack);
    else if (unpack->kind != KIND_PLAIN && !unpack->ended && !unpack_has_input(unpack))
        result = fill(unpack);
    if (result < 0)
        return result;
    if (unpack->seeking && !seek(unpack))
        return unpack->ended ? 0 : -EAGAIN;
    if (unpack->kind == KIND_GZIP && !unpack->inside)
        pass_zeros(unpack);
    if (!unpack->inside)
        unpack->origin = unpack_offset(unpack);
    if (unpack->kind == KIND_PLAIN)
        return read_plain(unpack, into, room);
    if (unpack->begin == unpack->end && !unpack->inside)
        return unpack->ended ? 0 : -EAGAIN;
    ssize_t got = unpack->kind == KIND_GZIP ? inflate_some(unpack, into, room)
                                            : expand_some(unpack, into, room);
    unpack->more = got > 0 && (size_t)got == room;
    if (got == 0)
        got = unpack->ended && unpack->begin == unpack->end && unpack->inside ? -EBADMSG : -EAGAIN;
    return got;
}

struct unpack *unpack_close(struct unpack *unpack)
{
    if (unpack == NULL)
        return NULL;
    if (unpack->gzip_open)
        (void)inflateEnd(&unpack->gzip);  /* nothing is lost by it */
    (void)ZSTD_freeDStream(unpack->zstd); /* likewise */
    free(unpack);
    return NULL;
}
