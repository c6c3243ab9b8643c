/*
 * What scan, send, map test and findings read, whatever its form, as the bytes of lines (NDJSON):
 * lines as they are, a JSON array as a line for each element (array.h), a WARC as a line for each
 * page (capture.h); packed by gzip or zstd or not (unpack.h). Which it is, its first bytes tell;
 * one byte order mark of UTF-8 before them is passed over (RFC 8259 8.1). Memory is bounded.
 */
#ifndef DAEMON_CTL_INPUT_H
#define DAEMON_CTL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define INPUT_ROOM_MIN   4096u /* of one read */
#define INPUT_NOTE_BYTES 256u

struct input;

/* Makes one without a descriptor. NULL when out of memory. */
struct input *input_open(void);

/* Reads from this descriptor, which stays the caller's. */
void input_start(struct input *input, int fd);

/* Called when a record of a WARC is damaged, with its place among the descriptor's bytes (packed:
   of its member's). It becomes a line that no map takes, so that it is refused and kept like
   others. */
typedef void (*input_damage)(void *context, uint64_t offset, const char *why);

/* Who is called; nobody at first. */
void input_on_damage(struct input *input, input_damage damage, void *context);

/* Whether something is to be told of what was read that is no error, and what. mapped: a field map
   reads its lines. */
bool input_note(const struct input *input, bool mapped, char ret_text[INPUT_NOTE_BYTES]);

/* Whether the next input_read will not read from the descriptor: what waits for that with poll
   must not wait then. */
bool input_has(const struct input *input);

/* The descriptor that was given. */
int input_fd(const struct input *input);

/* How many of the descriptor's bytes were used. */
uint64_t input_offset(const struct input *input);

/* The next bytes, at most room; reads from the descriptor at most once. 0: the end. -EAGAIN: none
   yet, call again; other -errno of a failed read; -EBADMSG: packed bytes are damaged, or end in the
   middle, and what came before that was given; -ENODATA: an array or object ends in the middle. */
ssize_t input_read(struct input *input, char *into, size_t room);

/* What an error of input_read means; static. */
const char *input_error(int error);

/* Frees; NULL is fine. Returns NULL. */
struct input *input_close(struct input *input);

#endif
