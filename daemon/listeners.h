/*
 * Which sockets the daemon listens on, and which names its input has: systemd's sockets if it was
 * given any, else its own. Knows the config; knows no lane's inside.
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include <stddef.h>

#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/lane.h"
#include "daemon/permissions.h"
#include "daemon/spooler.h"

#define LISTENERS_SOURCES_MAX (CONTROL_LISTENERS_MAX + CONFIG_PATHS_MAX + 1u) /* the spool */
#define LISTENERS_ERROR_BYTES 512u

struct listeners {
    struct lane_source sources[LISTENERS_SOURCES_MAX];
    size_t sources_count;
    struct permissions_pair permissions; /* that the sources point to */
    struct spooler *spooler; /* NULL: no spool is configured. Outlives the lanes: the caller's */
    bool events;             /* one of the listeners is that of events */
    struct control_listener listeners[CONTROL_LISTENERS_MAX];
    size_t count;
    struct {
        int fd; /* -1 once it is a lane's */
        unsigned source;
    } inputs[CONFIG_PATHS_MAX];
    size_t inputs_count;
};

/* Opens everything that the configuration names, before anything is recorded: crawl, notice
   and control sockets, TCP, input files, the spool folder. A socket that systemd passed under one
   of these names (FileDescriptorName=) takes the place of the configured path. 0, or -errno with a
   sentence that says what to do; -EINVAL, -ENOENT, -EISDIR and -EACCES are mistakes of the
   configuration: no source at all, a passed socket of another name, an input that is not there. */
int listeners_open(const struct config *config, struct listeners *ret_listeners,
                   char reterr_text[LISTENERS_ERROR_BYTES]);

/* Gives the inputs to the lanes in turn, and the spool the lanes; wake_fd as spooler_use wants it.
 * 0 or -EAGAIN, with a sentence. */
int listeners_give_inputs(struct listeners *listeners, struct lane *const *lanes,
                          size_t lanes_count, int wake_fd, char reterr_text[LISTENERS_ERROR_BYTES]);

/* Closes the listening sockets, and inputs that no lane has taken. */
void listeners_close(struct listeners *listeners);

#endif
