/*
 * The thread that warns: it follows the durable feed behind the writer, which never waits for it,
 * and hands a record to the writer for each warning that is due (warnings.h). At the start it reads
 * the ledger from its first record, at the lowest priority; until it has come to the end no warning
 * is given. A fault (memory, a file that cannot be read) lets it begin anew after a while, longer
 * each time: what it had given stands in the feed by then, so that none is given twice or lost.
 */
#ifndef DAEMON_WARNER_H
#define DAEMON_WARNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/writer.h"

/* Memory for warnings is bounded with the watched set: so many bytes for each of watch.max. */
#define WARNER_BYTES_EACH 256u

struct warner_config {
    const char *ledger;
    struct writer *writer; /* outlives the warner */
    unsigned queue_index;  /* of a queue that only the warner puts into */
    size_t bytes_max;      /* see warnings_open */
};

/* For status and heartbeats. */
struct warner_counts {
    uint64_t given;    /* since the start of noticed */
    uint64_t next_seq; /* records below it were looked at */
    uint64_t bytes;    /* held for look-ups */
    uint64_t refused;  /* records that there was no room for */
    uint64_t evicted;  /* things that made room */
    uint64_t faults;   /* so often it began anew, or is about to */
    bool live;         /* its start is over */
    int failed;        /* -errno: of the last fault, until it is live again; or 0 */
};

struct warner;

/* Starts the thread, which opens the feed itself. 0 or -errno. */
int warner_open(const struct warner_config *config, struct warner **ret_warner);

/* Tells it that more is durable. Any thread; NULL is fine. */
void warner_wake(struct warner *warner);

/* Any thread; NULL gives zeros. */
struct warner_counts warner_counts(const struct warner *warner);

/* Ends the thread, once what it looks at now is done and its own records are durable, unless the
   disk takes none of them: the next start makes up for what is left. The writer still runs. NULL is
   fine. */
void warner_end(struct warner *warner);

/* Frees; after warner_end, and when nothing can wake it. NULL is fine. Returns NULL. */
struct warner *warner_close(struct warner *warner);

#endif
