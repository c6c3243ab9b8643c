/*
 * Verification of a ledger or of an exported tree: every record, tile, root and signature, in one
 * pass over the records. Pure: files come through a reader. What each fault means stands in the
 * table; how the first bad thing is found, at the top of verify.c.
 */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/ledger/checkpoint.h"
#include "daemon/ledger/tile.h"
#include "daemon/ledger/verify_chunk.h"

/* Names are for machines and fixed for ever. */
/* clang-format off */
#define VERIFY_FAULTS(FAULT)                                                                       \
    FAULT(OK,                "ok",                  "nothing is wrong")                            \
    FAULT(NO_FEED,           "no_feed",             "there is neither a feed nor a tree")          \
    FAULT(BAD_RECORD,        "bad_record",          "a line is not a record of the format")        \
    FAULT(BAD_SEQ,           "bad_seq",             "a record is not the one whose turn it is")    \
    FAULT(BAD_BOOT_TIME,     "bad_boot_time",       "the boot clock went back within a run")       \
    FAULT(BAD_RUN,           "bad_run",             "a record names a run that is not its own")    \
    FAULT(BAD_CLK,           "bad_clk",             "a record names a wrong clock record")         \
    FAULT(BAD_BUNDLE,        "bad_bundle",          "a bundle's lengths do not add up")            \
    FAULT(SEGMENT_MISSING,   "segment_missing",     "the segment that comes next is missing")      \
    FAULT(SEGMENT_EXTRA,     "segment_extra",       "a segment does not follow the one before it") \
    FAULT(TOO_SHORT,         "too_short",           "records are missing at the end")              \
    FAULT(RECORD_CHANGED,    "record_changed",      "a record is not the one that was signed")     \
    FAULT(TILE_MISSING,      "tile_missing",        "a tile is missing")                           \
    FAULT(TILE_CHANGED,      "tile_changed",        "a tile is not that of the records")           \
    FAULT(ROOT_MISMATCH,     "root_mismatch",       "the records are not those that were signed")  \
    FAULT(BAD_CHECKPOINT,    "bad_checkpoint",      "a checkpoint is not valid")                   \
    FAULT(NOT_LOGGED,        "not_logged",          "checkpoint is not in checkpoints.log")        \
    FAULT(NO_CHECKPOINT,     "no_checkpoint",       "there is no checkpoint")                      \
    FAULT(LOG_CUT,           "log_cut",             "a checkpoint of before is not in the log")    \
    FAULT(FOREIGN_KEY,       "foreign_key",         "key.vkey is missing, or not this log's key")  \
    FAULT(TOO_SMALL,         "too_small",           "the signed tree is too small")                \
    FAULT(FORK,              "fork",                "a checkpoint is not on this history")         \
    FAULT(ROLLED_BACK,       "rolled_back",         "a larger tree than this was seen outside")    \
    FAULT(ANCHOR_MISSING,    "anchor_missing",      "a recorded anchor's file is missing")         \
    FAULT(BAD_ANCHOR,        "bad_anchor",          "an anchor is not what is recorded of it")     \
    FAULT(BAD_TOKEN,         "bad_token",           "a time-stamp does not prove its checkpoint")  \
    FAULT(UNTRUSTED,         "untrusted",           "a time-stamp is not by who is trusted")       \
    FAULT(BAD_COSIGNATURE,   "bad_cosignature",     "a witness's signature is not good")           \
    FAULT(NO_QUORUM,         "no_quorum",           "too few of the policy's witnesses signed")    \
    FAULT(BLOB_MISSING,      "blob_missing",        "bytes that were kept are gone")               \
    FAULT(BLOB_CHANGED,      "blob_changed",        "kept bytes are not what the record names")    \
    FAULT(BLOB_ERASED,       "blob_erased",         "bytes were erased, and no record says so")    \
    FAULT(BAD_PACK,          "bad_pack",            "a pack of kept bytes is damaged")
/* clang-format on */

enum verify_fault {
#define FAULT(symbol, name, meaning) VERIFY_##symbol,
    VERIFY_FAULTS(FAULT)
#undef FAULT
        VERIFY_FAULTS_COUNT
};

#define VERIFY_NO_SEQ     UINT64_MAX
#define VERIFY_FILE_BYTES 80u
#define VERIFY_BYTES      65536u /* of the longest file that is read whole */
#define VERIFY_PASSED     2u     /* between what a start record names and the record stands one */

/* The first thing that is wrong. */
struct verify_damage {
    enum verify_fault fault;
    enum tlog_fault why;          /* of a checkpoint */
    char file[VERIFY_FILE_BYTES]; /* path in the ledger; empty: none */
    uint64_t seq;                 /* of the record, or VERIFY_NO_SEQ */
    uint64_t offset;              /* in the file, when there is a seq */
    uint64_t size;                /* of the checkpoint, for faults that are about one */
};

struct verify_reader {
    /* Reads a whole file below the ledger. Its length; -ENOENT; -EFBIG when it is longer than room;
       -errno. */
    ssize_t (*file)(void *context, const char *path, uint8_t *ret_bytes, size_t room);
    /* Sets bit W of ret_widths for each partial tile of width W that there is of a tile. 0; -errno.
     */
    int (*partials)(void *context, const struct tile_id *id, uint8_t ret_widths[32]);
    /* The next entry of checkpoints.log, borrowed until the next call. 1; 0: no more that is whole;
       -EBADMSG: what is left is no entry, and longer than a crash can leave it; -errno. */
    int (*logged)(void *context, const char **ret_bytes, size_t *ret_len);
    void *context;
};

/* A checkpoint that was seen outside, and with proof, who stated what time over it. */
struct verify_anchor {
    uint64_t size;
    struct merkle_hash root;
    bool proof;          /* false: only the checkpoint, and the next four are not set */
    uint8_t sha256[32];  /* of the proof's file */
    int64_t time_ns;     /* that it states */
    int64_t accuracy_ns; /* of that */
    char file[VERIFY_FILE_BYTES];
    bool recorded;     /* set by verify: an anchor record names it */
    int64_t before_ns; /* set by verify: the earliest time of this and all larger ones */
};

struct verify_config {
    struct verify_reader reader;
    bool ledger; /* a feed with checkpoints.log; else an exported tree with bundles */
    const struct note_key *key; /* NULL: signatures are not checked, and the result says so */
    bool must_be_signed;        /* the caller trusts a key of his own: no checkpoint is a fault */
    uint64_t min_size;          /* that the signed tree must have; 0: none */
    const char *compare;        /* a checkpoint from elsewhere, or NULL */
    size_t compare_len;
    struct verify_anchor *anchors; /* sorted by size; verify sets two members */
    size_t anchors_count;
    struct verify_damage outside; /* what the caller found wrong with their files, or VERIFY_OK */
};

/* Records whose t is outside of the outside times. */
struct verify_times {
    uint64_t count, first; /* first: seq, when count > 0 */
};

/* What was seen. */
struct verify_counts {
    uint64_t records, bytes, runs, unclean_runs, gaps, tiles, checkpoints, signatures, anchors;
};

/* About 220 KiB: on the heap. */
struct verify {
    struct verify_config config;
    struct verify_counts counts;
    struct verify_damage damage; /* the first; fault VERIFY_OK: none so far */
    int io_error;                /* reading failed: nothing is shown */

    bool is_signed; /* there is a checkpoint */
    uint64_t signed_size;
    struct merkle_hash signed_root;
    uint64_t matched_size; /* of the last signed root that is that of the records */

    bool has_logged; /* an entry of checkpoints.log whose size is not reached yet */
    uint64_t logged_size;
    struct merkle_hash logged_root;
    bool signed_logged; /* the checkpoint was among them */
    struct {
        uint64_t size;
        struct merkle_hash root;
    } passed[VERIFY_PASSED];  /* the entries whose size is reached, the last one first */
    uint64_t mark_size;       /* that state/tiles says was under a checkpoint; 0: it says nothing */
    struct verify_damage cut; /* the first start record whose checkpoint is not in the log */

    bool has_compare;
    uint64_t compare_size;
    struct merkle_hash compare_root;

    uint64_t next_root;          /* the size at which a root is to be compared next */
    bool root_differs;           /* the root at signed_size is not the records' */
    uint64_t differs_size;       /* the first size whose signed root is not; 0: none */
    struct verify_damage odd;    /* the first record that does not fit its run */
    struct verify_damage fork;   /* the first other root that is not the records' */
    struct verify_damage tile;   /* the first tile that is not that of the records */
    struct verify_damage anchor; /* the first thing that is wrong with anchors */
    uint64_t leaf; /* the first record whose stored leaf hash is another; RECORD_NO_SEQ */

    size_t anchor_next, covering; /* anchors whose root is due next; that cover the next record */
    int64_t after_ns;             /* latest time of the recorded anchors so far, or INT64_MIN */
    int64_t maxerror_ns;          /* of the host's clock, as its last clock record says */
    struct verify_times early, late;

    bool has_run, stopped;
    uint64_t run, clk, boot_ns;

    struct tile_builder builder;
    struct tile_source source;
    struct note note;
    uint8_t bytes[VERIFY_BYTES];
};

/* Begins: reads checkpoint and the first entry of checkpoints.log. Damage is in verify->damage. */
void verify_begin(struct verify *verify, const struct verify_config *config);

/* Whether to go on with records: nothing has failed that makes them pointless. */
bool verify_goes_on(const struct verify *verify);

/* Takes the next chunk, hashed. */
void verify_join(struct verify *verify, const struct verify_chunk *chunk);

/* The caller found this itself: unless there is other damage, it is the first. */
void verify_fail(struct verify *verify, enum verify_fault fault, const char *file, uint64_t seq,
                 uint64_t offset);

/* Ends: no record is left. The result is in verify->damage and verify->io_error. */
void verify_finish(struct verify *verify);

/* The fault's name; static. */
const char *verify_fault_name(enum verify_fault fault);

/* What it means, for people; static. */
const char *verify_fault_text(enum verify_fault fault);

/* feed/<segment>.jsonl or tile/entries/..., as a damage names it. */
void verify_file_name(const struct verify_chunk *chunk, char ret_file[VERIFY_FILE_BYTES]);

#endif
