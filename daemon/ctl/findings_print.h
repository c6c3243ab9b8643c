/*
 * A finding as a line of JSON, and as text for people.
 */
#ifndef DAEMON_CTL_FINDINGS_PRINT_H
#define DAEMON_CTL_FINDINGS_PRINT_H

#include <stddef.h>

#include "daemon/ctl/term.h"
#include "daemon/knowledge/knowledge.h"
#include "daemon/ledger/text.h"

/* What every output for people ends with (domain, 7.4). */
#define FINDINGS_EXIT_TEXT                                                                         \
    "Findings state what the records show. They are not a finding of infringement, knowledge in "  \
    "law, or contempt."

/* One JSON object without newline, members as in the design's scenarios. */
void findings_json(struct text *text, const struct knowledge_finding *finding);

/* Some lines and a blank one. */
void findings_text(const struct term *term, const struct knowledge_finding *finding);

#endif
