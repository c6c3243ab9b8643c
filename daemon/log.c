/*
 * The only file that writes to standard error for noticed and noticed-sealer.
 */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES_MAX 1024

static _Atomic int level_max = LOG_LEVEL_INFO;
static const char *program = "noticed"; /* set before threads start */

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&level_max, (int)level, memory_order_relaxed);
}

void log_set_name(const char *name)
{
    program = name;
}

void log_write(enum log_level level, const char *format, ...)
{
    if ((int)level > atomic_load_explicit(&level_max, memory_order_relaxed))
        return;
    char line[LINE_BYTES_MAX];
    /* JOURNAL_STREAM is set before the first thread starts and never changed. */
    const char *journal = getenv("JOURNAL_STREAM"); /* NOLINT(concurrency-mt-unsafe) */
    int head = journal != NULL ? snprintf(line, sizeof line, "<%d>", (int)level)
                               : snprintf(line, sizeof line, "%s: ", program);
    va_list arguments;
    va_start(arguments, format);
    int body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, arguments);
    va_end(arguments);
    size_t len = (size_t)head + (body < 0 ? 0 : (size_t)body);
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    for (size_t i = 0; i < len; i++)
        if (line[i] < ' ' || line[i] > '~')
            line[i] = '?';
    line[len++] = '\n';
    (void)!write(STDERR_FILENO, line, len); /* there is nowhere left to report a failure to */
}

void log_refused(const char *path)
{
    log_write(
        LOG_LEVEL_ERROR,
        "%s is neither a file nor a folder, and is not opened: find out who put it there, and "
        "move it away",
        path);
}
