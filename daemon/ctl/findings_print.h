/*
 * A finding as a line of JSON, and as text for people.
 */
#ifndef DAEMON_CTL_FINDINGS_PRINT_H
#define DAEMON_CTL_FINDINGS_PRINT_H

#include <stddef.h>

#include "daemon/ctl/term.h"
#include "daemon/knowledge/notice_action.h"
#include "daemon/ledger/text.h"

/* One JSON object without newline, members as in the design's scenarios. With the set of a ledger
   (else NULL) a member `seqs` says which records hold the events that the finding rests on. */
void findings_json(struct text *text, const struct knowledge_finding *finding,
                   const struct knowledge *ledger);

/* Some lines and a blank one; with the set of a ledger (else NULL) each event with its records. */
void findings_text(const struct term *term, const struct knowledge_finding *finding,
                   const struct knowledge *ledger);

/* The same of one listing under notice and action, as of at_ns. */
void findings_action_json(struct text *text, const struct knowledge_notice_action *action,
                          int64_t at_ns, const struct knowledge *ledger);
void findings_action_text(const struct term *term, const struct knowledge_notice_action *action,
                          int64_t at_ns, const struct knowledge *ledger);

#endif
