/*
 * What systemd's watchdog hears: a ping only when every lane and the writer have turned since the
 * last one, so that one thread that stands still is a service that stands still.
 */
#ifndef DAEMON_WATCHDOG_H
#define DAEMON_WATCHDOG_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "daemon/lane.h"
#include "daemon/writer.h"

/* As of the last ping; pinged_ns on the boot clock. */
struct watchdog {
    uint64_t pinged_ns, lane_turns[LANES_MAX], writer_turns;
};

/* Pings when it is due and every thread has turned; a thread that has not is looked at again in the
   next call. Without a watchdog it does nothing. Control thread. */
void watchdog_ping(struct watchdog *watchdog, struct lane *const *lanes, size_t lanes_count,
                   const struct writer *writer, uint64_t now_ns);

#endif
