/*
 * The ledger's one writer: a thread that takes record drafts and dead letters from the queues,
 * gives them numbers and times, makes them durable in groups, and says how far. It owns the feed,
 * the dead letters and the durable end; nobody else writes there.
 *
 * One batch is in flight while the next gathers. A batch covers the feed and the dead letters: a
 * queue's durable position moves only when both are synced (DESIGN 9.5, 9.8).
 *
 * On a full disk the queues of crawlers wait, while urgent ones, of notices, orders and the like
 * and of noticed itself, go on in a reserve that is allocated for them; when it is used up they
 * wait too. What waited, and how long, is recorded as gap, and the reserve is filled again before
 * crawlers go on.
 */
#ifndef DAEMON_WRITER_H
#define DAEMON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/derived.h"
#include "daemon/digest.h"
#include "daemon/ledger/note_key.h"
#include "daemon/ledger/record.h"
#include "daemon/queue.h"
#include "daemon/reject.h"
#include "io/backend.h"

#define WRITER_PACK_BYTES  (64u << 20)
#define WRITER_QUEUES_MAX  68u /* lanes, the one of events, control, rulesets, warnings */
#define WRITER_ERROR_BYTES 400u

/* Entry types of a queue. */
enum writer_entry {
    WRITER_ENTRY_RECORD = 1, /* struct writer_record, then its body */
    WRITER_ENTRY_REJECT = 2, /* struct writer_reject, then source, then the line's bytes */
    WRITER_ENTRY_EVENT = 3,  /* struct writer_event, source, id; then records, each as above */
};

/* Whether a record is appended as it comes, or judged first (derived.h). */
enum writer_judge {
    WRITER_JUDGE_NONE = 0,       /* it is recorded; what it is about is read from its line */
    WRITER_JUDGE_TWICE = 1,      /* unless it has its record already */
    WRITER_JUDGE_IF_WATCHED = 2, /* likewise, and only if it is watched */
    WRITER_JUDGE_CUSTODY = 3, /* a hold or an erase: the queue's answer 0 says what became of it */
};

/* Head of a record in a queue; the body follows at once, and then the blob that it names.
   RECORD_HOLE_PREVIOUS means the record that came before it from the same queue, whatever other
   queues put in between; or the older record that it would have repeated. */
struct writer_record {
    uint16_t kind; /* enum record_kind */
    uint16_t holes_count;
    uint32_t body_len;
    struct record_hole holes[RECORD_HOLES_MAX];
    uint16_t judge;             /* enum writer_judge */
    uint32_t blob_len;          /* bytes behind the body that are to be kept; 0: none */
    uint8_t blob[DIGEST_BYTES]; /* their SHA-256 */
    struct derived_about about; /* unless WRITER_JUDGE_NONE; without a match's sighting */
};

/* Head of an event in a queue: what names it (DESIGN 9.6), and where its answer goes. Its records,
   one or the parts of a long one (9.14), go into the feed in one batch. */
struct writer_event {
    uint32_t ticket; /* number of the answer, below WRITER_ANSWERS_MAX; or WRITER_NO_TICKET */
    uint32_t records_count, source_len, id_len;
    uint8_t sha256[DIGEST_BYTES]; /* of the line: the body that duplicates are compared by */
    bool if_watched;              /* it is recorded only while what it is about is watched */
    struct derived_about about;   /* then; without a name */
};

#define WRITER_ANSWERS_MAX 1024u /* of a queue, on their way */
#define WRITER_NO_TICKET   UINT32_MAX

/* What became of a hold or an erase; it is recorded with DONE and DAMAGED only. */
enum writer_custody {
    WRITER_CUSTODY_DONE = 0,    /* it is: an erase is recorded, and the bytes are gone */
    WRITER_CUSTODY_HELD = 1,    /* sha256 is to be erased, and held */
    WRITER_CUSTODY_FULL = 2,    /* too many are held or erased */
    WRITER_CUSTODY_DAMAGED = 3, /* recorded; a pack is damaged, and bytes behind that may be left */
    WRITER_CUSTODY_HELD_MERCHANT = 4, /* sha256 is to be erased; it is of a merchant who is held */
    WRITER_CUSTODY_HELD_LEDGER = 5,   /* sha256 is to be erased; all bytes of the ledger are held */
    WRITER_CUSTODY_UNREAD = 6,        /* whose it is could not be read in the feed, as is logged */
    WRITER_CUSTODY_NO_MERCHANT = 7,   /* sha256 was seen without a merchant, and some are held */
};

/* What became of an event, or of a hold or an erase. */
struct writer_answer {
    uint64_t seq; /* of its record, or of the first of its parts */
    bool known;   /* it was there already: seq is the old one, and there is no new record */
    uint8_t sha256[DIGEST_BYTES]; /* of the record's line without its newline; not when known */
    enum writer_custody custody;
};

/* Head of a dead letter in a queue; source_len bytes of source name and bytes_len of the line's
   first bytes follow. */
struct writer_reject {
    struct reject reject;
    uint64_t connection, line, offset, line_bytes;
    uint32_t source_len, bytes_len;
    bool kept; /* what writer_keep_reject said: false, and only the hash is written */
};

/* Why the newest records are not under a checkpoint. */
/* clang-format off */
#define WRITER_UNSEALED(REASON)                                                                    \
    REASON(NOT,           "")                                                                      \
    REASON(NO_KEY,        "no sealer is configured")                                               \
    REASON(NO_SEALER,     "the sealer cannot be reached")                                          \
    REASON(SILENT,        "the sealer does not answer")                                            \
    REASON(REFUSED,       "the sealer refuses")                                                    \
    REASON(BAD_ANSWER,    "the sealer's answer is not valid")                                      \
    REASON(FULL,          "the disk is full")                                                      \
    REASON(NO_DESCRIPTOR, "no file descriptor is free")
/* clang-format on */

enum writer_unsealed {
#define REASON(symbol, text) WRITER_UNSEALED_##symbol,
    WRITER_UNSEALED(REASON)
#undef REASON
        WRITER_UNSEALED_COUNT
};

/* What the reason says, for people; static. */
const char *writer_unsealed_text(enum writer_unsealed reason);

/* Asks the sealer to sign: the request's bytes are daemon/ledger/seal.h's. 0: it is on its way, and
   one answer follows from a turn of the backend; -errno: not now. */
struct seal_door {
    int (*ask)(void *context, const void *request, size_t len);
    void *context;
};

/* A checkpoint that was published. */
struct writer_checkpoint {
    uint64_t size;
    bool urgent;       /* it is the first over some notice, order or act of support */
    const char *bytes; /* of the file; borrowed for the call */
    size_t len;
};

/* Who signs, and how. */
struct writer_seal_config {
    const struct note_key *key; /* that the sealer signs with; its name is the log's origin */
    uint64_t interval_ns;       /* between two checkpoints, when there is something new */
    /* Opens the door on the writer's thread and backend; the answer goes to writer_seal_answered
       (seal, ...), its loss to writer_seal_broken(seal, ...). 0 or -errno. */
    int (*open)(void *context, struct backend *backend, void *seal, struct seal_door *ret_door);
    /* A checkpoint was published. On the writer's thread. May be NULL. */
    void (*published)(void *context, const struct writer_checkpoint *checkpoint);
    void *context;
};

struct writer_config {
    enum backend_kind io;
    const char *ledger;         /* folder; made when missing (0750) */
    unsigned queues;            /* 1..WRITER_QUEUES_MAX */
    unsigned urgent_queues;     /* the last of them: these may take the reserve */
    uint64_t reserve_bytes;     /* kept back for them */
    size_t queue_bytes;         /* of each */
    uint64_t segment_records;   /* rotate after so many records ... */
    uint64_t segment_bytes;     /* ... or bytes */
    uint64_t rejects_bytes_max; /* of rejects/ together; then only hashes are kept */
    struct derived_bounds derived;
    struct {
        size_t window;       /* so many of the latest blobs are known again and not stored twice */
        uint64_t pack_bytes; /* another pack is begun after so many */
    } blobs;
    const char *start_body; /* members of the start record that only the caller knows: `,"a":1` */
    size_t start_body_len;
    bool deep; /* everything is read and hashed again before it goes on (noticed --deep) */
    const struct writer_seal_config *seal; /* NULL: tiles are kept, and nothing is signed */
    void (*durable)(void *context); /* writer's thread: some queue's durable position moved, the
                                       disk became full or free, or the writer failed */
    /* Writer's thread: how many connections crawlers have now, or all senders. May be NULL. */
    uint64_t (*connections)(void *context, bool all);
    void *context;
};

/* Counters for status, heartbeat and the bench; relaxed atomics behind it, any thread. */
struct writer_counts {
    uint64_t next_seq, durable_seq, run, clock_seq; /* clock_seq: seq of the latest clock record */
    uint64_t records, batches, feed_bytes, rejects, rejects_bytes;
    uint64_t commit_ns_max, commit_ns_last; /* batch formed -> durable */
    uint64_t signed_size;                   /* of the last checkpoint; 0: none */
    uint64_t signed_ns;    /* boot time when it was published; 0: before this run */
    uint64_t state_errors; /* stores of state/durable and state/tiles that failed, survived */
    enum writer_unsealed unsealed; /* why the attempt after it came to nothing */
    uint64_t turns;                /* the thread's heart beat, for the watchdog */
    uint64_t duplicates;           /* lines and events of this run that had their record already */
    uint64_t watched;              /* listings and merchants held */
    uint64_t watched_named, watched_evicted, watched_refused;
    bool synced;    /* the clock, as of the latest clock record */
    int wait_error; /* what crawlers wait for: -ENOSPC space, -EMFILE a free descriptor; or 0 */
    int events_wait_error; /* what urgent queues wait for as well; or 0 */
    uint64_t reserve_left; /* bytes of the reserve */
    int failed; /* -errno, or 0; -EBADMSG: the ledger contradicts what was signed, as logged */
};

struct writer_error {
    int error;                     /* -errno; -EBADMSG: the ledger contradicts itself (exit 65) */
    char text[WRITER_ERROR_BYTES]; /* what was found, where, and what to do */
};

struct writer;

/* Starts the thread, which locks the ledger, recovers it (DESIGN 5, evidence.md section 6: a torn
   tail is set aside in torn/ and recorded as gap, a damaged middle refused), and makes the records
   gap (if due), start and clock durable. Returns when that is done. 0, or -errno with
   *reterr_error. */
int writer_open(const struct writer_config *config, struct writer **ret_writer,
                struct writer_error *reterr_error);

/* A lane's queue; index 0..queues-1. Exactly one thread may produce into each. */
struct queue *writer_queue(struct writer *writer, unsigned index);

/* The seq of the latest durable record that came from this queue; RECORD_NO_SEQ when there is none.
   The ruleset record's seq goes into every match (DESIGN 4). Any thread. */
uint64_t writer_queue_seq(const struct writer *writer, unsigned index);

/* The answer to the queue's event with this ticket; only its producer may read it, and only once
   the queue is durable up to the event's entry. The ticket is then free to be used again. */
struct writer_answer writer_answer(const struct writer *writer, unsigned index, uint32_t ticket);

/* Tells the thread that a queue has something. Cheap when it is already awake. Any thread. */
void writer_wake(struct writer *writer);

/* For lanes: what may be watched; until writer_close. */
const struct watched_filter *writer_watched(const struct writer *writer);

/* Whether a dead letter's bytes may be kept: takes len from the budget and returns true, or returns
   false when rejects/ is full, or the disk is and the queue is an urgent one (the nack then says
   "kept":false). Any thread. */
bool writer_keep_reject(struct writer *writer, unsigned index, size_t len);

/* A copy of the counters. Any thread. */
struct writer_counts writer_counts(const struct writer *writer);

/* Drains the queues (their producers have stopped), makes all durable, closes and ends the thread.
   While the disk is full it gives up after wait_ns_max: what is not durable was never acknowledged.
   0, or the -errno that made it fail; -EBADMSG: the ledger contradicts what was signed (exit 65).
   Frees the writer; *writer is gone. NULL is fine. */
int writer_close(struct writer *writer, uint64_t wait_ns_max);

#endif
