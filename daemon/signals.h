/*
 * Signals as a descriptor, for the control thread.
 */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

#include <stdbool.h>

/* Blocks SIGTERM, SIGINT and SIGHUP for every thread that follows, and ignores SIGPIPE; whoever has
   the descriptor reads them there. Returns the signalfd or -errno. */
int signals_block(void);

/* Waits for a descriptor during the start. false: told to stop meanwhile; a SIGHUP changes nothing,
   as the lists are only just being read. */
bool signals_wait(int signal_fd, int fd);

#endif
