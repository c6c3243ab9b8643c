/*
 * What the tests of the ledger share: entries for the writer's queues, a folder that goes when the
 * test ends, and reading a feed back.
 */
#ifndef TESTS_FAKES_LEDGER_RIG_H
#define TESTS_FAKES_LEDGER_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/record.h"
#include "daemon/queue.h"

struct rig_blob {
    const void *at;
    size_t len; /* 0: none */
};

/* Puts a match record with `,"lane":L,"n":N,"filler":"xx.."}` in and publishes it. false when the
   queue is full. */
bool rig_put_record(struct queue *queue, unsigned lane, unsigned number, size_t filler);

/* The same with `"blob":"sha256:.."` before the filler, and that blob behind it. */
bool rig_put_blob(struct queue *queue, unsigned lane, unsigned number, size_t filler,
                  struct rig_blob blob);

/* Puts an event in and publishes it: so many notice.sent records with the numbers from `number` on,
   each as rig_put_record's. false when the queue is full. */
bool rig_put_event(struct queue *queue, unsigned lane, unsigned number, unsigned records,
                   size_t filler);

/* Puts a stop record in. */
void rig_put_stop(struct queue *queue);

/* Puts a dead letter of len bytes in and publishes it. false when the queue is full. */
bool rig_put_reject(struct queue *queue, unsigned number, const char *bytes, size_t len, bool kept);

/* The lane and number of a line that rig_put_record made; false for any other line. */
bool rig_read(const char *line, size_t len, unsigned *ret_lane, unsigned *ret_number);

/* Makes a new folder below the given one, removed with all in it by rig_remove. */
void rig_folder(const char *below, char ret_path[128]);
void rig_remove(const char *path);

/* Runs a bash script in the folder: what other programs say of it. Returns its status. */
int rig_shell(const char *path, const char *script);

/* The whole feed of a ledger: each line is checked for its turn and its shape, and handed to
   each(). Returns the number of lines. */
uint64_t rig_read_feed(const char *ledger,
                       void (*each)(void *context, const char *line, size_t len, uint64_t seq),
                       void *context);

#endif
