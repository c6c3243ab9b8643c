/*
 * From new lists to lanes that use them, without a lost line: compile, record, switch. Knows the
 * compiler process, the writer and the lanes; knows no signal and no socket.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/compiler.h"
#include "daemon/lane.h"
#include "daemon/permissions.h"
#include "daemon/ruleset.h"
#include "daemon/writer.h"

/*
 *          begin              answer good            durable              all lanes use it
 *   IDLE --------> COMPILING ------------> RECORDING --------> SWITCHING -----------------> IDLE
 *     ^                |
 *     +----------------+ answer bad: the set in force stays
 *
 *   IDLE -> COMPILING       [reload_begin]
 *   COMPILING -> IDLE       [reload_step: the lists are bad; text says why]
 *   COMPILING -> RECORDING  [reload_step: the ruleset record is in the queue; permissions hold,
 *                            as they must not wait for space on the disk]
 *   RECORDING -> SWITCHING  [reload_step: it is durable and has its seq; lanes are told]
 *   IDLE -> RECORDING       [reload_record: the first set]
 *   SWITCHING -> IDLE       [reload_step: no lane uses the old set, which is freed]
 *
 * In every state the lanes scan with `current`, or, while SWITCHING, some with `next` already.
 */
enum reload_state {
    RELOAD_IDLE = 0,
    RELOAD_COMPILING = 1,
    RELOAD_RECORDING = 2,
    RELOAD_SWITCHING = 3,
};

struct reload {
    struct compiler *compiler;
    struct writer *writer;
    unsigned queue_index; /* of a queue that holds nothing but ruleset records: its latest seq is
                             theirs */
    struct lane *const *lanes;
    size_t lanes_count;
    enum reload_state state;
    struct ruleset *current;              /* owned; NULL before the first */
    struct ruleset *next;                 /* owned; of the states after COMPILING */
    uint64_t position;                    /* in the queue, behind the ruleset record */
    struct permissions_rules rules;       /* that go with `next`; they hold from RECORDING on */
    struct permissions_pair *permissions; /* to change by them */
    char text[RULESET_ERROR_BYTES];       /* why the last reload failed; empty when it did not */
};

/* Sends the lists to the compiler. Only when IDLE. 0, or -errno with reload->text set. */
int reload_begin(struct reload *reload, const struct ruleset_file *files, size_t files_count,
                 const struct compiler_limits *limits);

/* Records the first set, which was compiled before there was a ledger: from IDLE to RECORDING, and
   on by reload_step. Takes the set over. 0, or -EAGAIN (the queue is full). */
int reload_record(struct reload *reload, struct ruleset *first);

/* Goes on as far as it can now. Returns true when it has just become IDLE: reload->text then says
   whether `current` is the new set (empty) or why not. */
bool reload_step(struct reload *reload);

/* Frees the sets; the lanes must have ended. */
void reload_close(struct reload *reload);

#endif
