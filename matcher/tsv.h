/*
 * Rows and cells of a tab-separated text. Knows no column's meaning.
 */
#ifndef MATCHER_TSV_H
#define MATCHER_TSV_H

#include "matcher/matcher.h"

#define TSV_COLUMNS_MAX 64u

struct tsv {
    const char *text;
    size_t len, at;
    unsigned line; /* of the row read last, from 1 */
};

struct tsv_cell {
    const char *text; /* borrowed from the text */
    size_t len;
    unsigned column; /* of its first byte in the line, from 1, in bytes */
};

/* Begins to read; a byte order mark at the front is skipped. */
struct tsv tsv_begin(const char *text, size_t len);

/* Reads the next row that is neither empty nor begins with '#'; a carriage return at a line's end
   is dropped. 1; 0 at the end; -EINVAL with *reterr_error for bad UTF-8, control characters,
   too many cells; the row is behind us then. */
int tsv_next(struct tsv *tsv, struct tsv_cell cells[TSV_COLUMNS_MAX], size_t *ret_count,
             struct matcher_error *reterr_error);

/* Writes the error and returns -EINVAL. The text is a printf format without the line. */
int matcher_error_set(struct matcher_error *error, unsigned line, unsigned column,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
