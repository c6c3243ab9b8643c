/*
 * What a notice came to, in words for people. Whole sentences, and a newline where
 * nothing else is said.
 */
#ifndef DAEMON_CTL_NOTICES_PRINT_H
#define DAEMON_CTL_NOTICES_PRINT_H

#include "daemon/ctl/term.h"
#include "daemon/knowledge/tell.h"

#define NOTICES_PRINT_PERIODS_MAX 20u /* of a listing; then only how many more there are */

/* Who was sent it, when, and by which way. */
void notices_print_head(const struct term *term, const struct knowledge_notice *notice);

/* One listing that it names: since when the platform was on notice of it or why not, whether that
   stands, when it was first removed, and each period in which it was active all the same.
   Indented. */
void notices_print_listing(const struct term *term, const struct knowledge_noticed *noticed);

/* " It was of merchant M1 then, …": what was another's, and came; or nothing. Without newline. */
void notices_print_came(const struct term *term, const struct knowledge_came *came);

#endif
