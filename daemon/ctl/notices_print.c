/*
 * Notices in words. Knows no rule: what a notice came to is told to it.
 */
#include "daemon/ctl/notices_print.h"

#include <stdio.h>

#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/moment.h"

void notices_print_head(const struct term *term, const struct knowledge_notice *notice)
{
    term_style(term, TERM_BOLD);
    (void)fputs("Notice ", term->stream);
    term_print(term, notice->notice.at, notice->notice.len);
    term_style(term, TERM_PLAIN);
    (void)fputs(" to ", term->stream);
    term_print(term, notice->platform.at, notice->platform.len);
    (void)fputs(", sent ", term->stream);
    sentence_time(term->stream, notice->sent_ns, notice->sent_unc_ms);
    if (notice->channel.at != NULL) {
        (void)fputs(" through ", term->stream);
        term_print(term, notice->channel.at, notice->channel.len);
    }
    (void)fputs(notice->designated ? ", the platform's own channel for this"
                                   : ", which is not the platform's own channel for this",
                term->stream);
    if (notice->kind.at != NULL) {
        (void)fputs("; kind: ", term->stream);
        term_print(term, notice->kind.at, notice->kind.len);
    }
    (void)fputs(".\n", term->stream);
}

/* How long after the notice took effect the listing was removed, against the grace time. */
static void print_removal(const struct term *term, const struct knowledge_noticed *noticed)
{
    char span[SENTENCE_SPAN_BYTES], grace[SENTENCE_SPAN_BYTES];
    sentence_span(moment_sum(noticed->removed_ns, -noticed->known_ns), span);
    sentence_period(noticed->grace.seconds, noticed->grace.days, grace);
    (void)fputs(noticed->found_gone ? " Found gone " : " Removed ", term->stream);
    sentence_time(term->stream, noticed->removed_ns, noticed->removed_unc_ms);
    (void)fprintf(term->stream, ", %s after: %s the %s of %s", span,
                  noticed->late || noticed->late_unknown ? "beyond" : "within",
                  noticed->grace.policy.at != NULL ? "grace time"
                                                   : "default grace time (there was no policy)",
                  grace);
    if (noticed->grace.policy.at != NULL) {
        (void)fputs(" by the policy of then, event ", term->stream);
        term_print(term, noticed->grace.policy.at, noticed->grace.policy.len);
    }
    (void)fputs(
        noticed->late_unknown
            ? "; but when it went is not known, as it was not seen live after the grace time."
            : ".",
        term->stream);
}

/* Each time that it was active when it should not have been, also after a removal in time. */
static void print_persisted(const struct term *term, const struct knowledge_noticed *noticed)
{
    for (size_t i = 0; i < noticed->persisted_count && i < NOTICES_PRINT_PERIODS_MAX; i++) {
        const struct knowledge_persisted *period = &noticed->persisted[i];
        (void)fputs(noticed->removed && period->from_ns >= noticed->removed_ns
                        ? " Active again, put back by the platform, from "
                        : " Active after notice and grace time, from ",
                    term->stream);
        sentence_time(term->stream, period->from_ns, 0);
        (void)fputs(" to at least ", term->stream);
        sentence_time(term->stream, period->to_ns, 0);
        (void)fputc('.', term->stream);
    }
    if (noticed->persisted_count > NOTICES_PRINT_PERIODS_MAX)
        (void)fprintf(term->stream, " And %zu more such periods.",
                      noticed->persisted_count - NOTICES_PRINT_PERIODS_MAX);
}

void notices_print_came(const struct term *term, const struct knowledge_came *came)
{
    if (came->from.at == NULL)
        return;
    (void)fputs(came->sure ? " It was of merchant " : " It may have been of merchant ",
                term->stream);
    term_print(term, came->from.at, came->from.len);
    (void)fputs(came->sure ? " then, whose account came to this one."
                           : " then, whose account may have come to this one.",
                term->stream);
}

void notices_print_listing(const struct term *term, const struct knowledge_noticed *noticed)
{
    (void)fputs("  Listing ", term->stream);
    term_print(term, noticed->listing.at, noticed->listing.len);
    if (noticed->merchant.at != NULL) {
        (void)fputs(" (merchant ", term->stream);
        term_print(term, noticed->merchant.at, noticed->merchant.len);
        (void)fputc(')', term->stream);
    }
    if (!noticed->effective) {
        (void)fprintf(term->stream, ": not put on notice: %s.",
                      knowledge_reason_meaning(noticed->why));
        notices_print_came(term, &noticed->came);
        (void)fputc('\n', term->stream);
        return;
    }
    (void)fputs(": the platform was put on notice ", term->stream);
    sentence_time(term->stream, noticed->known_ns, noticed->known_unc_ms);
    (void)fprintf(term->stream, " (%s).", knowledge_reason_meaning(noticed->grade));
    if (noticed->standing != KNOWLEDGE_SHOWN)
        (void)fprintf(term->stream, " %s: %s.",
                      noticed->standing == KNOWLEDGE_REBUTTED ? "It no longer stands"
                                                              : "It is in doubt",
                      knowledge_reason_meaning(noticed->why));
    if (noticed->removed)
        print_removal(term, noticed);
    else
        (void)fputs(" No removal is recorded since.", term->stream);
    print_persisted(term, noticed);
    if (noticed->active) {
        (void)fputs(noticed->removed ? " It came back: last seen live " : " Last seen live ",
                    term->stream);
        sentence_time(term->stream, noticed->active_ns, 0);
        (void)fputc('.', term->stream);
    }
    notices_print_came(term, &noticed->came);
    (void)fputc('\n', term->stream);
}
