/*
 * Printing what reporters.c counted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/json_line.h"
#include "daemon/ctl/reporters.h"
#include "daemon/ctl/sentence.h"
#include "daemon/ctl/wilson.h"

static void print_share(const char *what, uint64_t part, uint64_t whole)
{
    struct wilson interval = wilson_interval(part, whole);
    printf("  %-28s %" PRIu64 " of %" PRIu64, what, part, whole);
    if (whole > 0)
        printf(" (%.1f %%; 95 %% interval %.1f to %.1f %%)", 100 * (double)part / (double)whole,
               100 * interval.low, 100 * interval.high);
    (void)fputc('\n', stdout);
}

static void print_reporter(const struct term *term, const struct reporter *reporter)
{
    static const struct {
        const char *what;
        unsigned percent;
    } times[] = {{"half within", 50}, {"nine in ten within", 90}, {"all within", 100}};
    char span[SENTENCE_SPAN_BYTES];
    term_style(term, TERM_BOLD);
    (void)fputs("Reporter ", stdout);
    if (reporter->name[0] == '\0')
        (void)fputs("not named", stdout);
    else
        term_print(term, reporter->name, strlen(reporter->name));
    term_style(term, TERM_PLAIN);
    printf("\n  notices                      %" PRIu64 "\n", reporter->notices);
    print_share("upheld by the platform", reporter->upheld, reporter->notices);
    print_share("rejected by the platform", reporter->rejected, reporter->notices);
    print_share("met by a counter-notice", reporter->countered, reporter->notices);
    print_share("counter-notice accepted", reporter->counters_accepted, reporter->notices);
    print_share("withdrawn", reporter->withdrawn, reporter->notices);
    print_share("listings removed", reporter->removed, reporter->noticed);
    print_share("of these beyond the grace", reporter->beyond_grace, reporter->removed);
    for (size_t i = 0; i < sizeof times / sizeof *times && reporter->removed > 0; i++) {
        sentence_span(reporters_quantile(reporter->removed_ns, reporter->removed, times[i].percent),
                      span);
        printf("  removed, %-19s %s\n", times[i].what, span);
    }
    (void)fputc('\n', stdout);
}

static void print_reviewed(const struct reporters *reporters)
{
    (void)fputs("Matches that a person reviewed, and found to be false\n", stdout);
    if (reporters->reviewed_count == 0)
        (void)fputs("  none was reviewed\n", stdout);
    for (size_t i = 0; i < reporters->reviewed_count; i++) {
        const struct reviewed *row = &reporters->reviewed[i];
        uint64_t decided = row->confirmed + row->false_match;
        struct wilson interval = wilson_interval(row->false_match, decided);
        printf("  %-8s", row->what);
        term_print(&reporters->asking.term, row->name, strlen(row->name));
        printf("%s%" PRIu64 " of %" PRIu64 " (95 %% interval %.1f to %.1f %%); unsure: %" PRIu64
               "\n",
               row->name[0] == '\0' ? "" : "  ", row->false_match, decided, 100 * interval.low,
               100 * interval.high, row->unsure);
    }
    if (reporters->reviews_elsewhere > 0)
        printf("  %" PRIu64 " reviews are of something else than a match of this ledger\n",
               reporters->reviews_elsewhere);
    (void)fputc('\n', stdout);
}

/* A share in thousandths, as JSON without doubles of ours. */
static void put_share(struct text *text, const char *key, double share)
{
    char number[32];
    int len = snprintf(number, sizeof number, "%.4f", share);
    text_key(text, key);
    text_raw(text, number, (size_t)len);
}

static void write_reporter(struct text *text, const void *context)
{
    const struct reporter *reporter = context;
    text_literal(text, "{\"reporter\":");
    if (reporter->name[0] == '\0')
        text_literal(text, "null");
    else
        text_string(text, reporter->name, strlen(reporter->name));
    text_member_u64(text, "notices", reporter->notices);
    text_member_u64(text, "upheld", reporter->upheld);
    text_member_u64(text, "rejected", reporter->rejected);
    text_member_u64(text, "countered", reporter->countered);
    text_member_u64(text, "counters_accepted", reporter->counters_accepted);
    text_member_u64(text, "withdrawn", reporter->withdrawn);
    text_member_u64(text, "listings", reporter->noticed);
    text_member_u64(text, "removed", reporter->removed);
    text_member_u64(text, "beyond_grace", reporter->beyond_grace);
    text_key(text, "removal_ms");
    if (reporter->removed == 0) {
        text_literal(text, "null}");
        return;
    }
    static const unsigned percents[] = {50, 90, 100};
    static const char *const keys[] = {"{\"median\":", ",\"p90\":", ",\"max\":"};
    for (size_t i = 0; i < 3; i++) {
        text_literal(text, keys[i]);
        text_i64(text, reporters_quantile(reporter->removed_ns, reporter->removed, percents[i]) /
                           1000000);
    }
    text_literal(text, "}}");
}

static void write_reviewed(struct text *text, const void *context)
{
    const struct reviewed *row = context;
    struct wilson interval = wilson_interval(row->false_match, row->confirmed + row->false_match);
    text_literal(text, "{\"reviewed\":");
    text_string(text, row->what, strlen(row->what));
    text_member_string(text, "name", row->name);
    text_member_u64(text, "confirmed", row->confirmed);
    text_member_u64(text, "false_match", row->false_match);
    text_member_u64(text, "unsure", row->unsure);
    put_share(text, "error_low", interval.low);
    put_share(text, "error_high", interval.high);
    text_literal(text, "}");
}

int reporters_print(const struct reporters *reporters)
{
    int result = 0;
    bool text = reporters->asking.text;
    for (size_t i = 0; i < reporters->count && result == 0; i++) {
        if (text)
            print_reporter(&reporters->asking.term, &reporters->reporters[i]);
        else
            result = json_line_print(write_reporter, &reporters->reporters[i]);
    }
    if (text && reporters->count == 0)
        printf("No notice is recorded.\n\n");
    for (size_t i = 0; i < reporters->reviewed_count && result == 0 && !text; i++)
        result = json_line_print(write_reviewed, &reporters->reviewed[i]);
    if (text)
        print_reviewed(reporters);
    return result;
}
