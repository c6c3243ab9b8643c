/*
 * The tree over the ledger's records and its checkpoints: the writer's part that makes tiles of
 * durable lines and has them sealed. For writer*.c and their tests, on the writer's thread; others
 * only hand writer_seal_answered and writer_seal_broken to the door that they open. It never makes
 * an acknowledgement wait. Invariants and order of writes: top of writer_seal.c.
 */
#ifndef DAEMON_WRITER_SEAL_H
#define DAEMON_WRITER_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/durable.h"
#include "daemon/ledger/checkpoint.h"
#include "daemon/ledger/record.h"
#include "daemon/ledger/seal.h"
#include "daemon/tile_sync.h"
#include "daemon/writer.h"

struct writer_core;
struct writer_found;

/* Lines that are appended and not yet in the tree: three batches of the shortest lines (durable, in
   flight, gathered), and some that wait for space for a tile. A power of two. */
#define WRITER_SEAL_LEAVES     32768u
#define WRITER_SEAL_LOG        "checkpoints.log"
#define WRITER_SEAL_CHECKPOINT "checkpoint"
#define WRITER_SEAL_NEW        "checkpoint.new"
#define WRITER_SEAL_KEY        "key.vkey"
#define WRITER_SEAL_MARK                                                                           \
    "tiles" /* state/tiles: as state/durable; seq is the size of a tree whose tiles are durable,   \
               first is signed_size */

/* How long a sealer may think before it is told of; less while its answer is all that a stop waits
   for. */
#define WRITER_SEAL_ANSWER_NS_MAX      10000000000u
#define WRITER_SEAL_LAST_ANSWER_NS_MAX 3000000000u

/*
 *             due          all durable       signed         written        synced
 *    IDLE ---------> SYNCING ------> ASKING -------> LOGGING ----> COMMITTING --+
 *     ^ ^               |            | ^  |                                     | commit point
 *     | +---------------+------------|-|--+                                     v
 *     |   no sealer, refused, full   +-+ prove from another size      NAMING <- WRITING
 *     +------------------------------------------------------------------+
 *
 *   IDLE -> SYNCING          [begin]       the partial tiles of a size are written, if it is signed
 *   SYNCING -> ASKING        [writer_seal_tiles]    every tile of that size is durable
 *   SYNCING -> IDLE          [writer_seal_tiles]    nothing signs here, or no descriptor is free
 *   ASKING -> ASKING         [answered]    once: the sealer has sealed another size
 *   ASKING -> LOGGING        [answered]    the signature is good
 *   ASKING -> IDLE           [answered, broken]  it is not, or there is none: tried again when due
 *   LOGGING -> COMMITTING    [logged]   the entry is written
 *   LOGGING -> IDLE          [logged]   no space: cut back to the last whole entry
 *   COMMITTING -> WRITING    [committed]  signed_size moves; the only edge that moves it
 *   WRITING -> NAMING        [written]  checkpoint.new is durable, and renamed
 *   WRITING -> IDLE          [publish]     no space: the next checkpoint replaces the file
 *   NAMING -> IDLE           [named]    the name is durable; whoever waits for it is told
 *
 * Any other error of a write, and any of a sync, is the writer's failure: nothing goes on.
 */
enum writer_seal_state {
    WRITER_SEAL_IDLE = 0,
    WRITER_SEAL_SYNCING,
    WRITER_SEAL_ASKING,
    WRITER_SEAL_LOGGING,
    WRITER_SEAL_COMMITTING,
    WRITER_SEAL_WRITING,
    WRITER_SEAL_NAMING,
};

struct writer_seal {
    struct writer_core *core;
    const struct writer_seal_config *config; /* NULL: nothing signs */
    struct seal_door door;                   /* ask NULL: none */
    bool has_key, has_key_file;
    struct note_key key;

    struct tile_store store;
    struct tile_sync sync;
    struct durable_store mark;
    struct tile_builder builder;
    struct tile_source source;
    struct tile_id owed[TILE_LEVELS_MAX]; /* full tiles in the builder that could not be written */
    unsigned owed_count;
    int owed_error;                                /* why not, of the latest */
    struct merkle_hash leaves[WRITER_SEAL_LEAVES]; /* of seq i at i mod WRITER_SEAL_LEAVES */
    uint64_t leaves_end;                           /* seq of the next line to be told of */
    uint64_t durable_size;           /* lines that are durable; >= builder.tree.size */
    uint64_t urgent_end;             /* seq behind the last record that is to be sealed at once */
    uint64_t news_begin, news_end;   /* [begin, end): each such record that no published checkpoint
                                        covers is in it */
    uint64_t synced_size;            /* every tile of the tree of this size is durable */
    uint64_t edge;                   /* when the writer opens: the tiles before it are read only if
                                        all are (config.deep) */
    uint64_t mended;                 /* full tiles that were not those of the lines */
    uint64_t swept[TILE_LEVELS_MAX]; /* tiles of a level that have no partial ones any more */
    bool replaying;                  /* tiles are compared before they are written */

    enum writer_seal_state state;
    uint64_t due_ns;   /* boot time of the next attempt */
    uint64_t asked_ns; /* and of the question that is open, while ASKING */
    bool closing, closed_attempt;
    bool has_log; /* there is a checkpoints.log */
    bool has_signed;
    uint64_t signed_size; /* of the last entry of checkpoints.log */
    struct merkle_hash signed_root;
    bool looking_back; /* the open question is what the sealer has sealed; as the writer opens */
    bool has_sealed;   /* it has said: sealed_size and sealed_root */
    bool sealed_other; /* it has another root of signed_size */
    uint64_t sealed_size;
    struct merkle_hash sealed_root;
    uint64_t mark_signed; /* signed_size as state/tiles remembers it; 0: it does not */
    bool proved_again;
    uint64_t flight_size;
    struct merkle_hash flight_root;

    int log_fd, new_fd;
    uint64_t log_end;    /* behind the last whole entry */
    uint64_t found_size; /* records that were there when the writer opened */
    bool checkpoint_old; /* the file `checkpoint` is not the last entry */
    bool in_flight;
    struct backend_op op; /* from LOGGING on */
    size_t body_len, entry_len, entry_written;
    char body[CHECKPOINT_BODY_BYTES_MAX];
    char entry[CHECKPOINT_BYTES_MAX + SEAL_SIGNATURE_BYTES_MAX]; /* with the blank line behind it */
    char request[SEAL_REQUEST_BYTES_MAX];
    struct note note;
};

/* writer_seal_open.c: the writer opens. In this order: open looks, and refuses a ledger that
   contradicts its checkpoint, having written nothing; prepare makes what is missing; then the
   records from writer_seal_from() on are told of (writer_seal_line); finish ends that. 0 or -errno
   with *reterr_error. */
int writer_seal_open(struct writer_core *core, const struct writer_found *found,
                     struct writer_error *reterr_error);
int writer_seal_prepare(struct writer_core *core, struct writer_error *reterr_error);
int writer_seal_finish(struct writer_core *core, struct writer_error *reterr_error);

/* writer_seal_past.c: what the sealer, anchors/, outbox/ and state/tiles remember of checkpoints;
   opens the door to the sealer. A ledger that contradicts it: -EBADMSG. After writer_seal_load. */
int writer_seal_look_back(struct writer_core *core, const struct writer_found *found,
                          struct writer_error *reterr_error);

/* writer_seal_root.c: the builder as of the record from which on the lines are to be told of; the
   lines before the signed size have its root, or -EBADMSG. */
int writer_seal_load(struct writer_core *core, const struct writer_found *found,
                     struct writer_error *reterr_error);

/* The same of all lines, because the tiles at the right edge do not help, naming the first record
   that is not the one in its tile. */
int writer_seal_blame(struct writer_core *core, const struct writer_found *found,
                      struct writer_error *reterr_error);

/* writer_seal_deep.c: every line and every checkpoint there is, from record 0 on; as
   writer_seal_load. */
int writer_seal_check_all(struct writer_core *core, const struct writer_found *found,
                          struct writer_error *reterr_error);

/* Whether the first `size` records have this root. 1, 0, or -errno with *reterr_error. */
int writer_seal_has_root(struct writer_core *core, const struct writer_found *found, uint64_t size,
                         const struct merkle_hash *root, struct writer_error *reterr_error);

/* The record from which on the tree wants to hear of lines. */
uint64_t writer_seal_from(const struct writer_seal *seal);

/* writer_seal.c: hears of every line in the order of seq, without its newline: of each that is
   appended, before it is durable, and when the writer opens of those that are read again. Lines
   that a power loss takes were told of too, but the process that was told is gone with them. */
void writer_seal_line(struct writer_core *core, const struct record_head *head,
                      enum record_kind kind, const char *line, size_t len);

/* Every record below size is durable now. They enter the tree with the next turn: by then their
   senders know, and the next batch is on its way. */
void writer_seal_durable(struct writer_core *core, uint64_t size);

/* Whether the lines of one more entry may be told of, an event of EVENT_PARTS_MAX records too; a
   quarter of the room is left to urgent ones. */
bool writer_seal_has_room(const struct writer_seal *seal, bool urgent);

/* Goes on where it can; returns how long it may be left alone, at most wait_ns_max. */
uint64_t writer_seal_turn(struct writer_core *core, uint64_t wait_ns_max);

/* Something of it is written or synced just now. */
bool writer_seal_in_flight(const struct writer_seal *seal);

/* From the first call on it seals without waiting for its turn, once. true: all that is durable is
   sealed, or that cannot be had. */
bool writer_seal_settled(struct writer_core *core);

/* Among the parts. The attempt came to nothing, for a while, or it was published; detail is for the
   log. An error that others' doing ends is waited out, any other is the writer's failure. */
void writer_seal_rest(struct writer_seal *seal, enum writer_unsealed reason, const char *detail);
void writer_seal_rest_or_fail(struct writer_seal *seal, int error);
void writer_seal_keep_mark(struct writer_seal *seal);
enum writer_unsealed writer_seal_waits_for(int error);
void writer_seal_tiles(void *context, int error); /* as tile_sync's done() */

/* writer_seal_sweep.c: partial tiles that nobody needs. To begin with, when the writer has opened;
   some of those whose full tile is durable are taken away: true when there are more; those of the
   latest attempt, before one of another size, unless they are that one's or signed: 0 or -errno. */
void writer_seal_sweep_open(struct writer_seal *seal);
bool writer_seal_sweep(struct writer_seal *seal);
int writer_seal_drop_attempt(struct writer_seal *seal, uint64_t size);

/* writer_seal_commit.c: a signature has come for flight_size. */
void writer_seal_commit(struct writer_seal *seal, const struct seal_answer *answer);
void writer_seal_done(struct backend_op *op, const struct backend_completion *completion);

/* writer_seal_ask.c: asks for flight_size, with the proof from old_size, which the sealer is
   believed to have sealed. */
void writer_seal_ask(struct writer_seal *seal, uint64_t old_size);

/* Tells, once, of a sealer that owes an answer for too long. Its answer is still taken. */
void writer_seal_mind(struct writer_seal *seal, uint64_t now_ns);

/* The door's two callbacks; seal is a struct writer_seal. */
void writer_seal_answered(void *context, const void *bytes, size_t len);
void writer_seal_broken(void *context, int error);

/* After the backend has nothing of it in flight. Not opened is fine. */
void writer_seal_close(struct writer_core *core);

#endif
