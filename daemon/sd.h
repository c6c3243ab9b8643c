/*
 * What systemd is told: the sd_notify(3) protocol over $NOTIFY_SOCKET, and the watchdog's period.
 * Without systemd every call does nothing.
 */
#ifndef DAEMON_SD_H
#define DAEMON_SD_H

#include <stdint.h>

/* Sends "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1" or "STATUS=…" (lines may be joined by
   \n). 0; -errno when the socket is named but does not take it. */
int sd_tell(const char *state);

/* Half of WATCHDOG_USEC in nanoseconds, or 0 when there is no watchdog or it is for another process
   (sd_watchdog_enabled(3)). */
uint64_t sd_watchdog_period_ns(void);

#endif
