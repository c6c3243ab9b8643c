/*
 * What a request for /entries asks for, out of its query and headers. Knows HTTP's values; reads no
 * file.
 */
#ifndef DAEMON_WEB_ASK_H
#define DAEMON_WEB_ASK_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/ctl/filter.h"
#include "daemon/ctl/follow.h"
#include "daemon/ctl/forms.h"

#define ASK_WORDS_BYTES 4096u
#define ASK_ERROR_BYTES 256u

struct ask {
    struct filter *filter; /* owned; its words stand in `words` */
    struct follow_from from;
    uint64_t skip, count; /* of records that pass; count may be UINT64_MAX */
    bool follow, checkpointed;
    bool events; /* text/event-stream: each record is an event with its cursor as id */
    enum form form;
    const char *content_type;
    size_t words_len;
    char words[ASK_WORDS_BYTES]; /* copies, NUL-terminated: the request's own may end before */
};

/* The filters are options of noticectl tail by the same names (kind, class, mark, rule, platform,
   seller, post-notice, since, until, checkpointed, follow); the form is chosen by Accept, the place
   by Range or Last-Event-ID. 0, or the status of the answer (400, 406, 416) with a sentence; then
   and after it ask_close is due. ask stays where it is. */
unsigned ask_read(struct MHD_Connection *connection, int64_t now_ns, struct ask *ask,
                  char reterr_text[ASK_ERROR_BYTES]);

/* Frees what it holds. */
void ask_close(struct ask *ask);

#endif
