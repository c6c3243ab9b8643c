/*
 * The control thread: accepts and hands out connections, hears signals and the control socket,
 * reloads, beats, pings the watchdog, and drains at the end. Knows every part's outside and no
 * part's inside.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "daemon/lane.h"
#include "daemon/outbox.h"
#include "daemon/reload.h"
#include "daemon/spooler.h"
#include "daemon/writer.h"

#define CONTROL_LISTENERS_MAX 8u

/* A listening socket; source indexes the lanes' sources, or is CONTROL_COMMANDS. */
struct control_listener {
    int fd;
    unsigned source;
    bool events; /* its connections are the last lane's, which goes on while crawlers wait */
};

#define CONTROL_COMMANDS UINT32_MAX

/* All borrowed for the life of the control. */
struct control_config {
    enum backend_kind io;
    const char *config_path; /* read again at a reload, for its lists and permissions */
    const struct config *config;
    struct writer *writer;
    struct outbox *outbox;
    const struct warner *warner;
    unsigned queue_index;
    struct lane *const *lanes;
    size_t lanes_count, crawl_lanes; /* of these the first ones, which crawlers share */
    struct reload *reload;
    struct spooler *spooler; /* NULL: none */
    struct control_listener listeners[CONTROL_LISTENERS_MAX];
    size_t listeners_count;
    int signal_fd; /* a signalfd of SIGTERM, SIGINT and SIGHUP, which every thread blocks */
    int wake_fd;   /* an eventfd that the writer writes to when something became durable */
};

enum control_end {
    CONTROL_END_STOPPED = 0, /* asked to stop; everything received is durable and answered */
    CONTROL_END_CUT = 1,     /* asked to stop; a full disk or a deaf client did not let it drain */
    CONTROL_END_FAILED = 2,  /* the ledger failed: nothing more may be acknowledged */
};

struct control;

/* Opens the backend and the command socket's stream on the calling thread. 0 or -errno. */
int control_open(const struct control_config *config, struct control **ret_control);

/* Runs until told to stop or the ledger fails. Tells systemd READY first. */
enum control_end control_run(struct control *control);

/* Puts the stop record into the queue, once the lanes have ended and nothing can come after it. */
void control_record_stop(struct control *control);

/* Frees. NULL is fine. Returns NULL. */
struct control *control_close(struct control *control);

#endif
