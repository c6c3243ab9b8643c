/*
 * The parts of a report in HTML, each written to the stream of the question's term, which is HTML.
 * All text from outside goes through term_print or report_verbatim; everything else is ours. The
 * stream's error is seen when it is closed.
 */
#ifndef DAEMON_CTL_REPORT_H
#define DAEMON_CTL_REPORT_H

#include "daemon/ctl/asking.h"
#include "daemon/ctl/rows.h"
#include "daemon/knowledge/tell.h"

/* Around what is wider than a narrow window, which it then scrolls in. */
#define REPORT_WIDE                                                                                \
    "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"Scrolls sideways where the "   \
    "window is narrow\">\n"
#define REPORT_WIDE_END "</div>\n"

/* The beginning of the file: the policy by which it may load nothing and run nothing, the style,
   the heading. Then the end. */
void report_head(const struct asking *asking);
void report_foot(const struct asking *asking);

/* Text from outside as it is, whole and with its line breaks, escaped. */
void report_verbatim(const struct term *term, const char *bytes, size_t len);

#define REPORT_CUT_UNITS 64u /* characters of a text that is cut */

/* In a title, which holds no elements: a text from outside, escaped, cut after REPORT_CUT_UNITS. */
void report_cut(const struct term *term, struct knowledge_text text);

/* " (record 12)", " (records 12, 13)": those that hold the event, or nothing. */
void report_seqs(const struct asking *asking, struct knowledge_text id);

/* The findings on the merchant: an overview with what speaks for and what against side by side; and
   a table for each act. 0, or -ENOMEM. */
int report_findings(struct asking *asking);
int report_acts(struct asking *asking);

/* The listings with their titles and addresses. 0 or -ENOMEM. */
int report_listings(const struct asking *asking, const struct rows *rows);

/* What each notice came to; those that did not count, and why. 0 or -ENOMEM. */
int report_notices(struct asking *asking);

/* Removals of the merchant's listings that no notice names. */
void report_removals(const struct asking *asking, const struct rows *rows);

/* The strikes with their arithmetic. 0 or -ENOMEM. */
int report_strikes(struct asking *asking);

/* The drawing. 0 or -ENOMEM. */
int report_chart(struct asking *asking, const struct rows *rows);

/* Each event as a row of a table, and the policies and channels as they were recorded. */
void report_events(const struct asking *asking, const struct rows *rows);
void report_policies(const struct asking *asking, const struct rows *rows);

/* What the report rests on and what it lacks. */
void report_basis(struct asking *asking);

/* The checkpoint, and the commands that check it and make this report again. */
void report_checking(const struct asking *asking);

#endif
