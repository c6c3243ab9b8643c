/*
 * A copy of an array of entries as bytes, made in steps while the array changes: what is copied is
 * what stood there at the beginning, as an entry is copied before it first changes. Knows no entry.
 */
#ifndef DAEMON_GRADUAL_H
#define DAEMON_GRADUAL_H

#include <stddef.h>
#include <stdint.h>

/* Writes the entry of this index as bytes. */
typedef void gradual_encode(const void *context, size_t index, uint8_t *ret_bytes);

/* Zeroed, no copy is under way. */
struct gradual {
    gradual_encode *encode;
    const void *context;
    uint8_t *to; /* NULL: no copy is under way */
    size_t entry_bytes, count, next;
    uint64_t *early; /* a bit for each page past next that was copied before its turn */
};

/* Begins a copy of count entries to these bytes, which must stay until its end. 0 or -ENOMEM; one
   that was under way is given up. */
int gradual_begin(struct gradual *gradual, size_t count, uint8_t *to);

/* To be called before an entry of the array changes; it need not be one of those copied. */
void gradual_before_change(struct gradual *gradual, size_t index);

/* Copies on, until all bytes before `end` are written, or all that there are. */
void gradual_copy(struct gradual *gradual, const uint8_t *end);

/* Gives up what is not copied yet; when all is copied it has ended by itself. */
void gradual_end(struct gradual *gradual);

#endif
