/*
 * What is wrong in a configuration, as people read it. Pure.
 */
#ifndef DAEMON_CONFIG_PROBLEM_H
#define DAEMON_CONFIG_PROBLEM_H

#include <stddef.h>

#include "daemon/config.h"
#include "daemon/config_yaml.h"

/* Writes "path:line:column: what", and the line of the text with a caret where it fits: printable
   ASCII but for newlines, NUL-terminated, cut where it is too long. */
void config_problem_write(const char *path, const char *bytes, size_t len,
                          const struct config_yaml_problem *problem,
                          char ret_text[CONFIG_ERROR_BYTES]);

#endif
