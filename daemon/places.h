/*
 * The places that a configuration names: can the ledger be written, the sockets be made, the inputs
 * be read? For --check-config: looks, and makes, opens and changes nothing.
 */
#ifndef DAEMON_PLACES_H
#define DAEMON_PLACES_H

#include <stddef.h>

#include "daemon/config.h"

/* Logs a line for each place that would keep noticed, started as this user, from running. Returns
   how many there were. */
size_t places_check(const struct config *config);

#endif
