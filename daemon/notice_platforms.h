/*
 * Which platform a notice is about: the one that its notice.sent gives. Another event about it need
 * not name its platform again (knowledge-domain 1.3), and is about that one, though it may have
 * been recorded before: what watches listings, and tail --post-notice, ask here. A function of the
 * records in their order, so that it can be rebuilt from the ledger. Pure; belongs to one thread.
 */
#ifndef DAEMON_NOTICE_PLATFORMS_H
#define DAEMON_NOTICE_PLATFORMS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/event.h"

#define NOTICE_PLATFORMS_MAX         4096u /* platforms; notices are bounded at the opening */
#define NOTICE_PLATFORMS_WAITING_MAX 4096u /* listings whose notice is not known yet */

struct notice_platforms;

/* Makes it empty, for at most max notices. NULL when out of memory. */
struct notice_platforms *notice_platforms_open(size_t max);

/* Takes what a notice.sent says; at == NULL: nothing. Of two notices of one name the first
   counts. Without room or memory it is counted, and the notice not known. */
void notice_platforms_take(struct notice_platforms *platforms, struct knowledge_text notice,
                           struct knowledge_text platform);

/* The notice's platform, borrowed until the next take; at == NULL: not known. */
struct knowledge_text notice_platforms_find(const struct notice_platforms *platforms,
                                            struct knowledge_text notice);

/* The listing is named by an event about a notice that is not known yet. Without room or memory it
   is counted. */
void notice_platforms_wait(struct notice_platforms *platforms, struct knowledge_text notice,
                           struct knowledge_text listing);

/* Takes one of them, borrowed until it returns; calls nothing of this. */
typedef void notice_platforms_found(void *context, struct knowledge_text listing);

/* Hands over the listings that waited for the notice, in the order in which they came. They wait no
   longer. */
void notice_platforms_end_wait(struct notice_platforms *platforms, struct knowledge_text notice,
                               notice_platforms_found *found, void *context);

/* Notices, and listings that wait, that there was no room for. */
uint64_t notice_platforms_refused(const struct notice_platforms *platforms);

/* As bytes, for a snapshot: those with the same past have the same bytes. */
size_t notice_platforms_encoded_bytes(const struct notice_platforms *platforms);
void notice_platforms_encode(const struct notice_platforms *platforms, uint8_t *ret_bytes);

/* Fills an empty one. 0; -EBADMSG: not what notice_platforms_encode writes, or more than fits;
   -ENOMEM. On an error it is only good for notice_platforms_close. */
int notice_platforms_decode(struct notice_platforms *platforms, const uint8_t *bytes, size_t len);

/* Frees; NULL is fine. Returns NULL. */
struct notice_platforms *notice_platforms_close(struct notice_platforms *platforms);

#endif
