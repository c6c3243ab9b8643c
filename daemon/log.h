/*
 * The daemon's own messages, to standard error: one line each, whole, safe for a terminal. Called
 * from daemon/ only; under systemd the level goes in front as <N>.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7,
};

/* Messages above this level are dropped. LOG_LEVEL_INFO to begin with. Before threads start. */
void log_set_level(enum log_level level);

/* The program's name, which stands in front where there is no journal: "noticed" to begin with. It
   is borrowed for good. Before threads start. */
void log_set_name(const char *name);

/* Writes one message, cut at 1,024 bytes. Bytes outside printable ASCII become '?'. Any thread. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For struct backend: a name in the ledger that is none of a file. Any thread. */
void log_refused(const char *path);

#endif
