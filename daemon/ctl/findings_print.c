/*
 * Writing findings. Knows no rule: what is shown, and why, comes with the finding.
 */
#include "daemon/ctl/findings_print.h"

#include <stdio.h>
#include <string.h>

#include "daemon/time_text.h"

static void string(struct text *text, struct knowledge_text value)
{
    if (value.at == NULL)
        text_literal(text, "null");
    else
        text_string(text, value.at, value.len);
}

/* ,"key":["name",...] of the elements that the result needs and whose answer is in [from, to]. */
static void names(struct text *text, const char *key, const struct knowledge_finding *finding,
                  enum knowledge_answer from, enum knowledge_answer to)
{
    bool first = true;
    text_key(text, key);
    text_literal(text, "[");
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++) {
        enum knowledge_element_name element = (enum knowledge_element_name)i;
        enum knowledge_answer answer = finding->elements[i].answer;
        if (!knowledge_needs(element) || answer < from || answer > to)
            continue;
        text_literal(text, first ? "\"" : ",\"");
        text_literal(text, knowledge_element_name(element));
        text_literal(text, "\"");
        first = false;
    }
    text_literal(text, "]");
}

static void element(struct text *text, const struct knowledge_finding *finding, unsigned index)
{
    const struct knowledge_element *at = &finding->elements[index];
    char reason[KNOWLEDGE_REASON_BYTES];
    knowledge_reason_name(finding, at->reason, reason);
    text_literal(text, index == 0 ? "\"" : ",\"");
    text_literal(text, knowledge_element_name((enum knowledge_element_name)index));
    text_literal(text, "\":[\"");
    text_literal(text, knowledge_answer_name(at->answer));
    text_literal(text, "\",\"");
    text_literal(text, reason);
    text_literal(text, "\"");
    for (size_t i = 0; i < at->ids_count; i++) {
        text_literal(text, i == 0 ? ",[" : ",");
        string(text, at->ids[i]);
    }
    text_literal(text, at->ids_count > 0 ? "]]" : "]");
}

void findings_json(struct text *text, const struct knowledge_finding *finding)
{
    text_literal(text, "{\"act\":");
    string(text, finding->act);
    text_key(text, "merchant");
    string(text, finding->merchant);
    text_member_string(text, "road", finding->by_strikes ? "strikes" : "listing");
    text_key(text, "listing");
    string(text, finding->listing);
    text_key(text, "strikes");
    text_literal(text, "[");
    text_u64(text, finding->strikes_min);
    text_literal(text, ",");
    text_u64(text, finding->strikes_max);
    text_literal(text, ",");
    if (finding->has_threshold)
        text_i64(text, finding->threshold);
    else
        text_literal(text, "null");
    text_literal(text, "]");
    text_member_string(text, "result", knowledge_result_name(finding->result));
    names(text, "missing", finding, KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REBUTTED);
    names(text, "open", finding, KNOWLEDGE_INDETERMINATE, KNOWLEDGE_INDETERMINATE);
    text_key(text, "elements");
    text_literal(text, "{");
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++)
        element(text, finding, i);
    text_literal(text, "}}");
}

static void print(const struct term *term, struct knowledge_text text)
{
    term_print(term, text.at, text.len);
}

static enum term_style style_of(enum knowledge_answer answer)
{
    switch (answer) {
    case KNOWLEDGE_SHOWN:
        return TERM_RED;
    case KNOWLEDGE_INDETERMINATE:
        return TERM_YELLOW;
    case KNOWLEDGE_REBUTTED:
        return TERM_GREEN;
    case KNOWLEDGE_NOT_SHOWN:
    case KNOWLEDGE_ANSWERS_COUNT:
        break;
    }
    return TERM_PLAIN;
}

/* "sponsored_ad ad2 on P at 2023-01-06T10:00:06Z +-5000 ms, merchant M1". */
static void print_head(const struct term *term, const struct knowledge_finding *finding)
{
    char at[TIME_TEXT_BYTES];
    time_text_format(finding->act_at_ns, at);
    term_style(term, TERM_BOLD);
    print(term, finding->kind);
    (void)fputc(' ', term->stream);
    print(term, finding->act);
    (void)fputs(" on ", term->stream);
    print(term, finding->platform);
    (void)fprintf(term->stream, " at %s", at);
    if (finding->act_unc_ms > 0)
        (void)fprintf(term->stream, " +-%u ms", finding->act_unc_ms);
    (void)fputs(", merchant ", term->stream);
    print(term, finding->merchant);
    term_style(term, TERM_PLAIN);
    (void)fputc('\n', term->stream);
}

static void print_result(const struct term *term, const struct knowledge_finding *finding)
{
    static const char *const results[] = {
        [KNOWLEDGE_ALL_SHOWN] = "all elements are shown",
        [KNOWLEDGE_MISSING] = "not all elements are shown",
        [KNOWLEDGE_OPEN] = "elements are open",
    };
    (void)fprintf(term->stream, "  result: %s; road to knowledge: ", results[finding->result]);
    if (finding->by_strikes)
        (void)fputs("strikes\n", term->stream);
    else if (finding->listing.at == NULL)
        (void)fputs("a listing, but the merchant has none\n", term->stream);
    else {
        (void)fputs("listing ", term->stream);
        print(term, finding->listing);
        (void)fputc('\n', term->stream);
    }
}

static void print_element(const struct term *term, const struct knowledge_finding *finding,
                          unsigned index)
{
    const struct knowledge_element *at = &finding->elements[index];
    char reason[KNOWLEDGE_REASON_BYTES];
    knowledge_reason_name(finding, at->reason, reason);
    (void)fprintf(term->stream, "  %-24s",
                  knowledge_element_name((enum knowledge_element_name)index));
    term_style(term, style_of(at->answer));
    (void)fprintf(term->stream, "%-14s", knowledge_answer_name(at->answer));
    term_style(term, TERM_PLAIN);
    (void)fprintf(term->stream, "%s: %s", reason, knowledge_reason_meaning(at->reason));
    for (size_t i = 0; i < at->ids_count; i++) {
        (void)fputs(i == 0 ? " [" : " ", term->stream);
        print(term, at->ids[i]);
    }
    (void)fputs(at->ids_count > 0 ? "]\n" : "\n", term->stream);
}

/* The arithmetic: strikes as an interval, and the grace time. */
static void print_policy(const struct term *term, const struct knowledge_finding *finding)
{
    if (finding->has_threshold)
        (void)fprintf(term->stream, "  strikes %zu to %zu, threshold %lld; ", finding->strikes_min,
                      finding->strikes_max, (long long)finding->threshold);
    else
        (void)fputs("  strikes are not computable: no policy; ", term->stream);
    (void)fprintf(term->stream,
                  finding->has_grace ? "grace %lld s\n" : "default grace, no policy: %lld s\n",
                  (long long)finding->grace_s);
}

void findings_text(const struct term *term, const struct knowledge_finding *finding)
{
    print_head(term, finding);
    print_result(term, finding);
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++)
        print_element(term, finding, i);
    print_policy(term, finding);
    (void)fputc('\n', term->stream);
}
