/*
 * Strikes in words. Knows no rule: what counts, and why not, comes with the tally.
 */
#include "daemon/ctl/strikes_print.h"

#include <stdio.h>

#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/moment.h"

/* A code for programs, and words for people. */
static const struct {
    const char *code, *words;
} fates[KNOWLEDGE_FATES_COUNT] = {
    [KNOWLEDGE_FATE_COUNTED] = {"counted", "counted"},
    [KNOWLEDGE_FATE_UNSURE] =
        {"unsure",
         "a clock, an identity, a transfer or the record of counter-notices leaves it in doubt"},
    [KNOWLEDGE_FATE_REPEATED] =
        {"repeated", "its listings were under an earlier notice and not removed in between"},
    [KNOWLEDGE_FATE_TOO_SOON] = {"too_soon", "it came too soon after the one counted before"},
    [KNOWLEDGE_FATE_EXPIRED] = {"expired", "it counted once, but has expired"},
    [KNOWLEDGE_FATE_REFUSED] = {"refused", "refused"},
    [KNOWLEDGE_FATE_NO_POLICY] = {"no_policy",
                                  "no policy for strikes was in force when it took effect"},
};

static void print_span(const struct term *term, const char *before, int64_t seconds,
                       const char *after)
{
    char span[SENTENCE_SPAN_BYTES];
    sentence_span(seconds * MOMENT_NS_PER_S, span);
    (void)fprintf(term->stream, "%s%s%s", before, span, after);
}

const char *strikes_fate_name(enum knowledge_fate fate)
{
    return fates[fate].code;
}

void strikes_print_policy(const struct term *term, const struct knowledge_tally *tally)
{
    if (!tally->has_threshold) {
        (void)fputs(
            "  Policy: none for strikes is recorded. Strikes are not computable: no policy.\n",
            term->stream);
        return;
    }
    (void)fputs("  Policy (event ", term->stream);
    term_print(term, tally->policy.at, tally->policy.len);
    (void)fprintf(term->stream, "): %lld strikes are the threshold", (long long)tally->threshold);
    if (tally->per_right > 0)
        (void)fprintf(term->stream, ", or %lld against one right", (long long)tally->per_right);
    if (tally->per_kind > 0)
        (void)fprintf(term->stream, ", or %lld of one kind", (long long)tally->per_kind);
    print_span(term, "; a strike stands for ", tally->validity_s, "");
    for (size_t i = 0; i < tally->spacing_count; i++) {
        const char *before = i == 0 ? "; at least " : ", then ";
        if (tally->spacing_in_days)
            (void)fprintf(term->stream, "%s%lld business days", before,
                          (long long)tally->spacing[i]);
        else
            print_span(term, before, tally->spacing[i], "");
    }
    if (tally->spacing_count > 0)
        (void)fputs(" between strikes", term->stream);
    (void)fputs("; a notice becomes a strike when the platform upholds it", term->stream);
    if (tally->lapse) {
        char span[SENTENCE_SPAN_BYTES];
        sentence_period(tally->counter_window_s, tally->counter_days, span);
        (void)fprintf(term->stream, ", or when %s pass without a counter-notice", span);
    }
    (void)fputs(".\n", term->stream);
}

static const char *why_not(const struct knowledge_strike *strike, enum knowledge_fate fate)
{
    return fate == KNOWLEDGE_FATE_REFUSED ? knowledge_reason_meaning(strike->reason)
                                          : fates[fate].words;
}

void strikes_print_one(const struct term *term, const struct knowledge_strike *strike)
{
    (void)fputs(strike->issued ? "  Issued by the platform itself (event " : "  Notice ",
                term->stream);
    term_print(term, strike->name.at, strike->name.len);
    if (strike->right.at != NULL) {
        (void)fputs(", about right ", term->stream);
        term_print(term, strike->right.at, strike->right.len);
    }
    if (strike->kind.at != NULL) {
        (void)fputs(", of kind ", term->stream);
        term_print(term, strike->kind.at, strike->kind.len);
    }
    (void)fputs(strike->issued ? ")" : "", term->stream);
    if (strike->from.at != NULL) {
        (void)fputs(", with the business of merchant ", term->stream);
        term_print(term, strike->from.at, strike->from.len);
    }
    (void)fputs(": ", term->stream);
    if (strike->surely == KNOWLEDGE_FATE_COUNTED)
        (void)fputs("counted", term->stream);
    else if (strike->possibly == KNOWLEDGE_FATE_COUNTED)
        (void)fprintf(term->stream, "counted only as possible: %s",
                      why_not(strike, strike->surely));
    else
        (void)fprintf(term->stream, "not counted: %s", why_not(strike, strike->possibly));
    if (strike->has_established) {
        (void)fputs(". Established ", term->stream);
        sentence_time(term->stream, strike->established_ns, strike->established_unc_ms);
        (void)fputs(", stands until ", term->stream);
        sentence_time(term->stream, strike->expires_ns, 0);
    }
    (void)fputs(".\n", term->stream);
}

void strikes_print_count(const struct term *term, const struct knowledge_tally *tally)
{
    if (!tally->has_threshold)
        return;
    (void)fprintf(term->stream, "  Count: %zu", tally->strikes_min);
    if (tally->strikes_max != tally->strikes_min)
        (void)fprintf(term->stream, " for sure, up to %zu if every doubt is resolved that way",
                      tally->strikes_max);
    (void)fprintf(term->stream, "; the threshold is %lld: ", (long long)tally->threshold);
    term_style(term, TERM_BOLD);
    if (tally->answer == KNOWLEDGE_REBUTTED)
        (void)fprintf(term->stream, "reached, but %s", knowledge_reason_meaning(tally->reason));
    else if (tally->answer == KNOWLEDGE_SHOWN)
        (void)fputs(tally->reason == KNOWLEDGE_REASON_STRIKES_RIGHT
                        ? "reached, by the strikes against one right"
                    : tally->reason == KNOWLEDGE_REASON_STRIKES_KIND
                        ? "reached, by the strikes of one kind"
                        : "reached",
                    term->stream);
    else if (tally->answer == KNOWLEDGE_INDETERMINATE)
        (void)fputs("reached or not, the records leave it open", term->stream);
    else
        (void)fputs("not reached", term->stream);
    term_style(term, TERM_PLAIN);
    (void)fputs(".\n", term->stream);
}
