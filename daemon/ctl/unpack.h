/*
 * The bytes of a descriptor, unpacked when they are gzip or zstd: told by their first bytes, not by
 * a name. Several members or frames behind each other are one stream. Memory is bounded, however
 * far the bytes grow: a frame of zstd that wants a window of more than 128 MiB is refused.
 */
#ifndef DAEMON_CTL_UNPACK_H
#define DAEMON_CTL_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct unpack;

/* Makes a reader without a descriptor. NULL when out of memory. */
struct unpack *unpack_open(void);

/* Reads from this descriptor, which stays the caller's. */
void unpack_start(struct unpack *unpack, int fd);

/* Whether the next unpack_read need not read from the descriptor. */
bool unpack_has_input(const struct unpack *unpack);

/* How many of the descriptor's bytes were used. */
uint64_t unpack_offset(const struct unpack *unpack);

/* The next bytes; reads from the descriptor at most once, and not when there is input. 0: the end.
   -EAGAIN: none yet, call again; other -errno of a failed read; -EBADMSG: the packed bytes are
   damaged, or end in the middle; what was unpacked before that has been handed out. */
ssize_t unpack_read(struct unpack *unpack, char *into, size_t room);

/* Where the bytes of the last unpack_read stand among the descriptor's: plain ones by themselves,
   packed ones by the first byte of their member or frame. */
uint64_t unpack_origin(const struct unpack *unpack);

/* Whether they are packed. */
bool unpack_is_packed(const struct unpack *unpack);

/* Whether the next unpack_read is -EBADMSG: what the last one gave is of a damaged member or frame,
   and may be wrong. */
bool unpack_is_broken(const struct unpack *unpack);

/* Whether zero bytes stood behind a member of gzip: they are passed over, as gzip does. */
bool unpack_is_padded(const struct unpack *unpack);

/* After -EBADMSG: what follows is read from the next member or frame on that begins there. */
void unpack_skip(struct unpack *unpack);

/* Frees; NULL is fine. Returns NULL. */
struct unpack *unpack_close(struct unpack *unpack);

#endif
