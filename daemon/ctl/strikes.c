/*
 * noticectl strikes: a merchant's strikes under the platform's own policy, with the arithmetic.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/asking.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/json_line.h"
#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/moment.h"
#include "daemon/knowledge/tell.h"

static const struct ctl_option options[] = {
    {"merchant", 0, "ID", "whose strikes"},
    {"platform", 0, "NAME", "only under this platform's policy"},
    {"as-of", 0, "TIME", "as they stood at this time, like 2026-11-24T15:00:00Z"},
    {"seq-max", 0, "N", "leave out records past N"},
    {"output", 'o', "FORM", "text (for people) or json (one platform a line)"},
    {"color", 0, "WHEN", "of text: auto, always or never"},
    {0},
};

struct strikes {
    struct asking asking;
    size_t tallies;
};

/* A code for programs, and words for people. */
static const struct {
    const char *code, *words;
} fates[KNOWLEDGE_FATES_COUNT] = {
    [KNOWLEDGE_FATE_COUNTED] = {"counted", "counted"},
    [KNOWLEDGE_FATE_UNSURE] =
        {"unsure", "a clock, an identity or the record of counter-notices leaves it in doubt"},
    [KNOWLEDGE_FATE_REPEATED] =
        {"repeated", "its listings were under an earlier notice and not removed in between"},
    [KNOWLEDGE_FATE_TOO_SOON] = {"too_soon", "it came too soon after the one counted before"},
    [KNOWLEDGE_FATE_EXPIRED] = {"expired", "it counted once, but has expired"},
    [KNOWLEDGE_FATE_REFUSED] = {"refused", "refused"},
    [KNOWLEDGE_FATE_NO_POLICY] = {"no_policy",
                                  "no policy for strikes was in force when it took effect"},
};

static void print_span(const char *before, int64_t seconds, const char *after)
{
    char span[SENTENCE_SPAN_BYTES];
    sentence_span(seconds * MOMENT_NS_PER_S, span);
    printf("%s%s%s", before, span, after);
}

static void print_policy(const struct term *term, const struct knowledge_tally *tally)
{
    if (!tally->has_threshold) {
        (void)fputs("  Policy: none is recorded. Strikes are not computable: no policy.\n", stdout);
        return;
    }
    (void)fputs("  Policy (event ", stdout);
    term_print(term, tally->policy.at, tally->policy.len);
    printf("): %lld strikes are the threshold", (long long)tally->threshold);
    print_span("; a strike stands for ", tally->validity_s, "");
    for (size_t i = 0; i < tally->spacing_count; i++)
        print_span(i == 0 ? "; at least " : ", then ", tally->spacing_s[i], "");
    if (tally->spacing_count > 0)
        (void)fputs(" between strikes", stdout);
    (void)fputs("; a notice becomes a strike when the platform upholds it", stdout);
    if (tally->lapse)
        print_span(", or when ", tally->counter_window_s, " pass without a counter-notice");
    (void)fputs(".\n", stdout);
}

static const char *why_not(const struct knowledge_strike *strike, enum knowledge_fate fate)
{
    return fate == KNOWLEDGE_FATE_REFUSED ? knowledge_reason_meaning(strike->reason)
                                          : fates[fate].words;
}

static void print_strike(const struct term *term, const struct knowledge_strike *strike)
{
    (void)fputs(strike->issued ? "  Issued by the platform itself (event " : "  Notice ", stdout);
    term_print(term, strike->name.at, strike->name.len);
    (void)fputs(strike->issued ? "): " : ": ", stdout);
    if (strike->surely == KNOWLEDGE_FATE_COUNTED)
        (void)fputs("counted", stdout);
    else if (strike->possibly == KNOWLEDGE_FATE_COUNTED)
        printf("counted only as possible: %s", why_not(strike, strike->surely));
    else
        printf("not counted: %s", why_not(strike, strike->possibly));
    if (strike->has_established) {
        (void)fputs(". Established ", stdout);
        sentence_time(stdout, strike->established_ns, strike->established_unc_ms);
        (void)fputs(", stands until ", stdout);
        sentence_time(stdout, strike->expires_ns, 0);
    }
    (void)fputs(".\n", stdout);
}

static void print_count(const struct term *term, const struct knowledge_tally *tally)
{
    if (!tally->has_threshold)
        return;
    printf("  Count: %zu", tally->strikes_min);
    if (tally->strikes_max != tally->strikes_min)
        printf(" for sure, up to %zu if every doubt is resolved that way", tally->strikes_max);
    printf("; the threshold is %lld: ", (long long)tally->threshold);
    term_style(term, TERM_BOLD);
    if (tally->answer == KNOWLEDGE_REBUTTED)
        printf("reached, but %s", knowledge_reason_meaning(tally->reason));
    else if (tally->answer == KNOWLEDGE_SHOWN)
        (void)fputs("reached", stdout);
    else if (tally->answer == KNOWLEDGE_INDETERMINATE)
        (void)fputs("reached or not, the records leave it open", stdout);
    else
        (void)fputs("not reached", stdout);
    term_style(term, TERM_PLAIN);
    (void)fputs(".\n", stdout);
}

static void print_tally(const struct asking *asking, const struct knowledge_tally *tally)
{
    const struct term *term = &asking->term;
    term_style(term, TERM_BOLD);
    (void)fputs("Merchant ", stdout);
    term_print(term, tally->merchant.at, tally->merchant.len);
    (void)fputs(" on ", stdout);
    term_print(term, tally->platform.at, tally->platform.len);
    (void)fputs(", ", stdout);
    sentence_time(stdout, asking_now(asking), 0);
    term_style(term, TERM_PLAIN);
    (void)fputc('\n', stdout);
    print_policy(term, tally);
    for (size_t i = 0; i < tally->strikes_count; i++)
        print_strike(term, &tally->strikes[i]);
    if (tally->strikes_count == 0)
        (void)fputs("  No notice names a listing of this merchant, and the platform issued no "
                    "strike.\n",
                    stdout);
    (void)fputs("  Orders of a court are not counted: they do not generate strikes.\n", stdout);
    print_count(term, tally);
    (void)fputc('\n', stdout);
}

static void put_fate(struct text *text, const char *key, const struct knowledge_strike *strike,
                     enum knowledge_fate fate)
{
    char reason[KNOWLEDGE_REASON_BYTES];
    text_member_string(text, key, fates[fate].code);
    if (fate != KNOWLEDGE_FATE_REFUSED || strcmp(key, "possibly") != 0)
        return;
    knowledge_reason_name(NULL, strike->reason, reason);
    text_member_string(text, "reason", reason);
}

static void put_strike(struct text *text, const struct knowledge_strike *strike)
{
    text_literal(text, strike->issued ? "{\"event\":" : "{\"notice\":");
    text_string(text, strike->name.at, strike->name.len);
    put_fate(text, "surely", strike, strike->surely);
    put_fate(text, "possibly", strike, strike->possibly);
    if (strike->has_established) {
        text_member_time(text, "established", strike->established_ns);
        text_member_u64(text, "unc_ms", strike->established_unc_ms);
        text_member_time(text, "expires", strike->expires_ns);
    }
    text_literal(text, "}");
}

static void write_tally(struct text *text, const void *context)
{
    const struct knowledge_tally *tally = context;
    text_literal(text, "{\"platform\":");
    text_string(text, tally->platform.at, tally->platform.len);
    text_key(text, "merchant");
    text_string(text, tally->merchant.at, tally->merchant.len);
    text_key(text, "policy");
    if (tally->policy.at == NULL)
        text_literal(text, "null");
    else
        text_string(text, tally->policy.at, tally->policy.len);
    text_key(text, "threshold");
    if (tally->has_threshold)
        text_i64(text, tally->threshold);
    else
        text_literal(text, "null");
    text_member_bool(text, "computable", tally->has_threshold);
    text_key(text, "strikes");
    text_literal(text, "[");
    text_u64(text, tally->strikes_min);
    text_literal(text, ",");
    text_u64(text, tally->strikes_max);
    text_literal(text, "]");
    text_member_string(text, "over", knowledge_answer_name(tally->answer));
    text_literal(text, ",\"candidates\":[");
    for (size_t i = 0; i < tally->strikes_count; i++) {
        text_literal(text, i > 0 ? "," : "");
        put_strike(text, &tally->strikes[i]);
    }
    text_literal(text, "]}");
}

static int take_tally(void *context, const struct knowledge_tally *tally)
{
    struct strikes *strikes = context;
    strikes->tallies++;
    if (!strikes->asking.text)
        return json_line_print(write_tally, tally);
    print_tally(&strikes->asking, tally);
    return 0;
}

static int tell(struct strikes *strikes)
{
    struct asking *asking = &strikes->asking;
    asking->until_ns = asking_now(asking);
    int result = knowledge_strikes(asking->knowledge, &asking->filter, asking->until_ns, take_tally,
                                   strikes);
    if (result < 0)
        return ctl_error("strikes: %s", ctl_errno(result));
    if (asking->text && strikes->tallies == 0)
        printf("No record names this merchant%s.\n\n",
               asking->filter.platform.at != NULL ? ", or this platform" : "");
    asking_tell(asking);
    int exit_code = ctl_finish();
    return exit_code == CTL_OK ? asking_exit(asking) : exit_code;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct strikes strikes = {.asking = {.text = true}};
    struct asking *asking = &strikes.asking;
    int option = asking_arguments(asking, command, argc, argv);
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (asking->filter.merchant.at == NULL)
        return ctl_error("strikes: say whose, with --merchant ID");
    int exit_code = asking_open(asking);
    if (exit_code == CTL_OK)
        exit_code = asking_read(asking, NULL, NULL);
    if (exit_code == CTL_OK)
        exit_code = tell(&strikes);
    asking_close(asking);
    return exit_code;
}

const struct ctl_command ctl_strikes = {
    .name = "strikes",
    .arguments = "LEDGER",
    .summary = "count a merchant's strikes under the platform's own policy",
    .details =
        "Each notice that names a listing of the merchant is told as counted or not, and\n"
        "why. Doubt widens the count to an interval; only its lower end is shown. Without a\n"
        "policy in the record nothing is computed.\n\n" ASKING_STATEMENT "\n",
    .options = options,
    .run = run,
};
