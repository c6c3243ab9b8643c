/*
 * What a notice came to, in words for people. Each function prints whole sentences and a newline.
 */
#ifndef DAEMON_CTL_NOTICES_PRINT_H
#define DAEMON_CTL_NOTICES_PRINT_H

#include "daemon/ctl/term.h"
#include "daemon/knowledge/tell.h"

/* Who was sent it, when, and by which way. */
void notices_print_head(const struct term *term, const struct knowledge_notice *notice);

/* One listing that it names: since when the platform was on notice of it or why not, whether that
   stands, and when it was removed. Indented. */
void notices_print_listing(const struct term *term, const struct knowledge_noticed *noticed);

#endif
