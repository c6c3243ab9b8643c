/*
 * A merchant's strikes in words for people: the policy, what became of each notice, the count. Each
 * function prints one or more whole sentences, indented, with a newline.
 */
#ifndef DAEMON_CTL_STRIKES_PRINT_H
#define DAEMON_CTL_STRIKES_PRINT_H

#include "daemon/ctl/term.h"
#include "daemon/knowledge/tell.h"

/* "counted", "too_soon": as JSON has it; static. */
const char *strikes_fate_name(enum knowledge_fate fate);

/* The policy in force, or that there is none and strikes are not computable. */
void strikes_print_policy(const struct term *term, const struct knowledge_tally *tally);

/* One notice, or one strike that the platform issued: counted or not, and why. */
void strikes_print_one(const struct term *term, const struct knowledge_strike *strike);

/* The count against the threshold; nothing when it is not computable. */
void strikes_print_count(const struct term *term, const struct knowledge_tally *tally);

#endif
