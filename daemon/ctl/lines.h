/*
 * Lines of a file, a pipe or a terminal, numbered as DESIGN 9.5 says: every line counts, blank and
 * too long ones too, and an unterminated last one is a line; what is packed, or no lines, becomes
 * some (input.h): of an array an element is a line. Reads big blocks; copies nothing but what
 * straddles two of them.
 */
#ifndef DAEMON_CTL_LINES_H
#define DAEMON_CTL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/input.h"

#define LINES_LINE_BYTES_MAX 262144u /* without the newline; as on the wire */
#define LINES_SLACK_BYTES    64u     /* readable bytes after every line */

struct line {
    const char *at;  /* without \n; borrowed until the next lines_next */
    size_t len;      /* <= LINES_LINE_BYTES_MAX; a too long line's first bytes */
    uint64_t number; /* from 1 */
    uint64_t offset; /* of its first byte among those of all lines */
    uint64_t bytes;  /* its true length without \n */
};

enum lines_result {
    LINES_END = 0,
    LINES_LINE = 1,
    LINES_WAIT = 2, /* none is there yet: the next call waits. Told once before each wait */
};

struct lines;

/* Makes a reader without a file. NULL when out of memory. */
struct lines *lines_open(void);

/* Reads from this descriptor, which stays the caller's; counts from 1 again. */
void lines_start(struct lines *lines, int fd);

/* The next line: enum lines_result, or an error of input_read. */
int lines_next(struct lines *lines, struct line *ret_line);

/* What it reads by, for what is told of there. */
struct input *lines_input(struct lines *lines);

/* How many bytes of the descriptor were used. */
uint64_t lines_offset(const struct lines *lines);

/* Frees; NULL is fine. Returns NULL. */
struct lines *lines_close(struct lines *lines);

#endif
