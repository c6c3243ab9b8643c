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
#include "daemon/ctl/strikes_print.h"
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
    strikes_print_policy(term, tally);
    for (size_t i = 0; i < tally->strikes_count; i++)
        strikes_print_one(term, &tally->strikes[i]);
    if (tally->strikes_count == 0)
        (void)fputs("  No notice names a listing of this merchant, and the platform issued no "
                    "strike.\n",
                    stdout);
    (void)fputs("  Orders of a court are not counted: they do not generate strikes.\n", stdout);
    strikes_print_count(term, tally);
    (void)fputc('\n', stdout);
}

static void put_fate(struct text *text, const char *key, const struct knowledge_strike *strike,
                     enum knowledge_fate fate)
{
    char reason[KNOWLEDGE_REASON_BYTES];
    text_member_string(text, key, strikes_fate_name(fate));
    if (fate != KNOWLEDGE_FATE_REFUSED || strcmp(key, "possibly") != 0)
        return;
    knowledge_reason_name(NULL, strike->reason, reason);
    text_member_string(text, "reason", reason);
}

static void put_strike(struct text *text, const struct knowledge_strike *strike)
{
    text_literal(text, strike->issued ? "{\"event\":" : "{\"notice\":");
    text_string(text, strike->name.at, strike->name.len);
    if (strike->right.at != NULL) {
        text_key(text, "right");
        text_string(text, strike->right.at, strike->right.len);
    }
    if (strike->from.at != NULL) {
        text_key(text, "from");
        text_string(text, strike->from.at, strike->from.len);
    }
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
    if (tally->per_right > 0)
        text_member_u64(text, "per_right", (uint64_t)tally->per_right);
    if (tally->per_kind > 0)
        text_member_u64(text, "per_kind", (uint64_t)tally->per_kind);
    text_member_bool(text, "computable", tally->has_threshold);
    text_key(text, "strikes");
    text_literal(text, "[");
    text_u64(text, tally->strikes_min);
    text_literal(text, ",");
    text_u64(text, tally->strikes_max);
    text_literal(text, "]");
    text_member_string(text, "over", knowledge_answer_name(tally->answer));
    char reason[KNOWLEDGE_REASON_BYTES];
    const struct knowledge_finding counted = {.strikes_min = tally->strikes_min,
                                              .strikes_max = tally->strikes_max,
                                              .threshold = tally->threshold};
    knowledge_reason_name(&counted, tally->reason, reason);
    text_member_string(text, "why", reason);
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
        printf("No record names this merchant%s%s.\n\n",
               asking->filter.platform.at != NULL ? ", or this platform" : "", asking_hint(asking));
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
    int exit_code = asking_read(asking, NULL, NULL);
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
