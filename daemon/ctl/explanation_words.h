/*
 * What the matcher's terms mean, in sentences. Static strings.
 */
#ifndef DAEMON_CTL_EXPLANATION_WORDS_H
#define DAEMON_CTL_EXPLANATION_WORDS_H

#include "matcher/matcher.h"

/* How the mark had to be read to be seen. */
const char *explanation_stage(enum matcher_stage stage);

/* How it was written; of one bit. */
const char *explanation_technique(unsigned technique);

/* What the words around it say. */
const char *explanation_context(enum matcher_context context);

/* Why a hit without a rule has its class; ordinary: its mark is an ordinary word too. */
const char *explanation_why(const struct matcher_hit *hit, bool ordinary);

#endif
