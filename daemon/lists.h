/*
 * From the configuration's lists of marks, cues and rules to a compile job. Knows the config and
 * the compiler.
 */
#ifndef DAEMON_LISTS_H
#define DAEMON_LISTS_H

#include "daemon/config.h"
#include "daemon/reload.h"

/* Begins to compile the lists that a configuration names. 0, or -errno with reload->text set. */
int lists_begin(const struct config *config, struct reload *reload);

/* Reads the configuration file again for its lists and limits of compiling, and begins; and for
   who may write what, into reload->rules. Nothing else of the file takes effect before a restart.
   0, or -errno with reload->text set. */
int lists_reload(const char *config_path, struct reload *reload);

#endif
