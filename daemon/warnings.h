/*
 * From the feed's records, in their order, to the warnings that are due: an act of support, or a
 * sighting, came while the records show a road to knowledge to be open (knowledge/roads.h). Each is
 * given once: for the same listing or merchant, road and kind of thing that came, there is another
 * only when the road was shut in between, by the records of now or when it was asked about. Reads
 * older records where they stand in the feed; writes nothing. Belongs to one thread.
 *
 * The cost of a record grows with the records of its own listing, or, for support and strikes, with
 * those of its merchant; others cost a look-up. Memory: see ties.h.
 */
#ifndef DAEMON_WARNINGS_H
#define DAEMON_WARNINGS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/feed_lines.h"
#include "daemon/warning_record.h"

struct warnings;

/* Takes one that is due. Not 0 ends warnings_take or warnings_live with that value. */
typedef int warnings_due(void *context, const struct warning *warning);

/* Of this ledger, from its first record; at first nothing is given, see warnings_live. bytes_max is
   that of ties_open. 0, -ENOMEM or -errno. */
int warnings_open(const char *ledger, size_t bytes_max, warnings_due *due, void *context,
                  struct warnings **ret_warnings);

/* Takes the next record's line, with JSON_SLACK_BYTES readable bytes behind it. 0, what `due`
   returned, -EBADMSG or -ESTALE when the feed is damaged or -ENOMEM. */
int warnings_take(struct warnings *warnings, const struct line_place *place, const char *line);

/* When all records that were there at the start have been taken, again and again until it returns
   0, each time for one question: asks, by all of them, for the latest that came of each thing and
   kind since the last one that has a warning's record, and gives what is due, in the order in which
   they came; from now on each is given at once. 1: there is more to ask; 0; or the same returns. */
int warnings_live(struct warnings *warnings);

/* Bytes that are held for look-ups, with 24 for each warning that was given, of which there are a
   few at most for each thing that is kept. */
size_t warnings_bytes(const struct warnings *warnings);

/* See ties.h. */
uint64_t warnings_refused(const struct warnings *warnings);
uint64_t warnings_evicted(const struct warnings *warnings);

/* Frees; NULL is fine. Returns NULL. */
struct warnings *warnings_close(struct warnings *warnings);

#endif
