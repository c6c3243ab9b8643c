/*
 * The daemon as a whole: builds everything in one visible order, runs, takes it down in reverse.
 */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "daemon/compiler.h"
#include "daemon/config.h"
#include "daemon/sealer_start.h"

/* Exit codes (DESIGN 7): systemd does not restart on RUN_EXIT_LEDGER and RUN_EXIT_CONFIG. */
enum run_exit {
    RUN_EXIT_OK = 0,
    RUN_EXIT_STOPPED = 1, /* within run.c: told to stop during the start; ends as 0 */
    RUN_EXIT_LEDGER = 65, /* the ledger contradicts itself */
    RUN_EXIT_IO = 74,     /* disk, socket or memory: a restart may help */
    RUN_EXIT_CONFIG = 78, /* the configuration or a list is wrong */
};

/* Runs until told to stop. Errors are logged. The compiler process stays the caller's; the sealer's
   fd is taken, and closed in the end. */
enum run_exit run(const char *config_path, const struct config *config, struct compiler *compiler,
                  const struct sealer_link *sealer);

/* Compiles the configuration's lists, looks at the places that it names, and says what is wrong
   with them, for --check-config. Changes nothing. */
enum run_exit run_check(const struct config *config, struct compiler *compiler);

#endif
