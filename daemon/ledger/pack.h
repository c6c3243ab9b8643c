/*
 * Packs: the bytes that records name by their SHA-256 (blobs), many to a file. The format, its
 * version and its invariants stand at the top of pack.c. Pure: bytes come and go as arguments.
 */
#ifndef LEDGER_PACK_H
#define LEDGER_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/digest.h"

#define PACK_FOLDER           "blobs"
#define PACK_SUFFIX           ".pack"
#define PACK_HEAD_BYTES       80u
#define PACK_BLOB_BYTES_MAX   262144u /* as long as a line of the wire */
#define PACK_STORED_BYTES_MAX 263168u /* what zstd may make of it */
#define PACK_FRAME_BYTES_MAX  (PACK_HEAD_BYTES + PACK_STORED_BYTES_MAX)
#define PACK_NOT_ERASED       UINT64_MAX

/* clang-format off */
#define PACK_FAULTS(FAULT)                                                                         \
    FAULT(OK,         "nothing is wrong")                                                          \
    FAULT(CUT,        "the pack ends inside a blob")                                               \
    FAULT(BAD_HEAD,   "what stands before a blob is not of the format")                            \
    FAULT(BAD_NUMBER, "a blob is not the one whose turn it is")                                    \
    FAULT(BAD_BYTES,  "a blob's bytes are not those that were stored")                             \
    FAULT(ERASED,     "a blob's bytes were erased")                                                \
    FAULT(UNERASED,   "a blob is marked as erased, and its bytes are still there")
/* clang-format on */

enum pack_fault {
#define FAULT(symbol, text) PACK_##symbol,
    PACK_FAULTS(FAULT)
#undef FAULT
        PACK_FAULTS_COUNT
};

/* One blob in a pack. */
struct pack_frame {
    uint64_t number;              /* of the blob, from 0, over all packs */
    uint32_t blob_len;            /* bytes as scanned, 1..PACK_BLOB_BYTES_MAX */
    uint32_t stored_len;          /* bytes in the pack, 1..PACK_STORED_BYTES_MAX */
    uint64_t erased_by;           /* seq of the erase record, or PACK_NOT_ERASED */
    bool bad_mark;                /* it is neither marked as erased nor unmarked */
    uint8_t sha256[DIGEST_BYTES]; /* of the bytes as scanned */
    uint64_t stored_check;        /* of the bytes in the pack */
    const uint8_t *stored;        /* borrowed from what was walked */
};

/* How far a pack was walked. */
struct pack_walk {
    uint64_t number; /* of the blob that comes next */
    uint64_t end;    /* of the last whole frame, in bytes of the pack */
    enum pack_fault fault;
};

/* Compresses and reads back; holds its contexts and room for one blob. */
struct pack_coder;

/* NULL: no memory. All that is allocated. */
struct pack_coder *pack_coder_open(void);

/* Writes a frame: head and bytes, compressed. blob has 1..PACK_BLOB_BYTES_MAX bytes and this
   SHA-256. Returns the frame's length. */
size_t pack_encode(struct pack_coder *coder, uint64_t number, const void *blob, size_t len,
                   const uint8_t sha256[DIGEST_BYTES], uint8_t ret_frame[PACK_FRAME_BYTES_MAX]);

/* Starts a pack whose name says that it begins with blob number first. */
struct pack_walk pack_walk_begin(uint64_t first);

/* The next frame; bytes are the pack's from walk->end on, PACK_FRAME_BYTES_MAX at least unless it
   ends before. Returns the frame's length; 0: there is no whole one, and walk->fault says whether
   that is damage. Heads are checked, bytes are not. */
size_t pack_walk_next(struct pack_walk *walk, const uint8_t *bytes, size_t len,
                      struct pack_frame *ret_frame);

/* One frame by itself, whatever its number. false: it is not whole, or its head is bad. */
bool pack_frame_read(const uint8_t *bytes, size_t len, struct pack_frame *ret_frame);

/* The head of a frame alone, wherever it stands; what it says is stored behind it may not be there.
   false: these PACK_HEAD_BYTES bytes are none. */
bool pack_head_read(const uint8_t *bytes, struct pack_frame *ret_frame);

/* Says that the pack is over; left bytes were not taken. */
void pack_walk_finish(struct pack_walk *walk, size_t left);

/* A frame's bytes as scanned. PACK_OK: *ret_blob has frame->blob_len bytes, which hash to its
   sha256 and stay until the coder's next use; PACK_BAD_BYTES, PACK_ERASED or PACK_UNERASED. */
enum pack_fault pack_decode(struct pack_coder *coder, const struct pack_frame *frame,
                            const uint8_t **ret_blob);

#define PACK_MARK_BYTES 16u
#define PACK_MARK_AT    64u /* in a frame */

/* The bytes that mark a blob as erased by record seq. */
void pack_mark(uint64_t seq, const uint8_t sha256[DIGEST_BYTES], uint8_t ret_mark[PACK_MARK_BYTES]);

/* What the fault means, for people; static. */
const char *pack_fault_text(enum pack_fault fault);

/* Frees; NULL is fine. Returns NULL. */
struct pack_coder *pack_coder_close(struct pack_coder *coder);

#endif
