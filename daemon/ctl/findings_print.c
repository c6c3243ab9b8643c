/*
 * Writing findings. Knows no rule: what is shown, and why, comes with the finding.
 */
#include "daemon/ctl/findings_print.h"

#include <stdio.h>
#include <string.h>

#include "daemon/knowledge/tell.h"
#include "daemon/time_text.h"

#define SEQS_MAX 64u /* of one event that are told */

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

static void element(struct text *text, const struct knowledge_finding *finding, unsigned index,
                    bool first)
{
    const struct knowledge_element *at = &finding->elements[index];
    char reason[KNOWLEDGE_REASON_BYTES];
    knowledge_reason_name(finding, at->reason, reason);
    text_literal(text, first ? "\"" : ",\"");
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

/* The events that a finding rests on, each once. */
struct basis {
    struct text *text;
    const struct knowledge_finding *finding;
    const struct knowledge *ledger;
    unsigned element; /* that is under way, and the first of its ids */
    size_t id;
    bool first;
};

/* Whether an earlier element, or an earlier id of this one, named the event. */
static bool was_told(const struct basis *basis, struct knowledge_text id)
{
    for (unsigned i = 0; i <= basis->element; i++) {
        const struct knowledge_element *at = &basis->finding->elements[i];
        size_t end = i == basis->element ? basis->id : at->ids_count;
        for (size_t j = 0; j < end && !at->notices; j++)
            if (at->ids[j].len == id.len && memcmp(at->ids[j].at, id.at, id.len) == 0)
                return true;
    }
    return false;
}

static int put_seqs(void *context, struct knowledge_text id)
{
    struct basis *basis = context;
    uint64_t seqs[SEQS_MAX];
    if (was_told(basis, id))
        return 0;
    size_t count = knowledge_seqs(basis->ledger, id, seqs, SEQS_MAX);
    text_literal(basis->text, basis->first ? "" : ",");
    basis->first = false;
    string(basis->text, id);
    for (size_t i = 0; i < count && i < SEQS_MAX; i++) {
        text_literal(basis->text, i == 0 ? ":[" : ",");
        text_u64(basis->text, seqs[i]);
    }
    text_literal(basis->text, count > 0 ? "]" : ":[]");
    return 0;
}

/* ,"seqs":{"id":[12],...}: also of the events about notices that strikes rest on. */
static void put_basis(struct text *text, const struct knowledge_finding *finding,
                      const struct knowledge *ledger)
{
    struct basis basis = {.text = text, .finding = finding, .ledger = ledger, .first = true};
    text_literal(text, ",\"seqs\":{");
    for (basis.element = 0; basis.element < KNOWLEDGE_ELEMENTS_COUNT; basis.element++) {
        const struct knowledge_element *at = &finding->elements[basis.element];
        if (at->notices)
            continue;
        for (basis.id = 0; basis.id < at->ids_count; basis.id++)
            (void)put_seqs(&basis, at->ids[basis.id]); /* always 0 */
    }
    const struct knowledge_element *over = &finding->elements[KNOWLEDGE_MERCHANT_OVER_THRESHOLD];
    basis.element = KNOWLEDGE_ELEMENTS_COUNT - 1;
    basis.id = finding->elements[basis.element].ids_count;
    for (size_t i = 0; over->notices && i < over->ids_count; i++)
        (void)knowledge_notice_ids(ledger, over->ids[i], put_seqs, &basis); /* always 0 */
    text_literal(text, "}");
}

void findings_json(struct text *text, const struct knowledge_finding *finding,
                   const struct knowledge *ledger)
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
        element(text, finding, i, i == 0);
    text_literal(text, "}");
    /* What the scenarios do not have stands only where it is recorded. */
    if (finding->selective)
        text_literal(text, ",\"selective\":true");
    if (ledger != NULL)
        put_basis(text, finding, ledger);
    text_literal(text, "}");
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

/* " (record 12)" behind an event, " (records 12, 13)". */
static void print_seqs(const struct term *term, struct knowledge_text id,
                       const struct knowledge *ledger)
{
    uint64_t seqs[SEQS_MAX];
    size_t count = knowledge_seqs(ledger, id, seqs, SEQS_MAX);
    for (size_t i = 0; i < count && i < SEQS_MAX; i++)
        (void)fprintf(term->stream, "%s%llu",
                      i > 0        ? ", "
                      : count == 1 ? " (record "
                                   : " (records ",
                      (unsigned long long)seqs[i]);
    if (count > 0)
        (void)fputc(')', term->stream);
}

static void print_element(const struct term *term, const struct knowledge_finding *finding,
                          unsigned index, const struct knowledge *ledger)
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
        if (ledger != NULL && !at->notices)
            print_seqs(term, at->ids[i], ledger);
    }
    (void)fputs(at->ids_count > 0 ? "]\n" : "\n", term->stream);
}

static void print_grace(const struct term *term, const struct knowledge_grace *grace)
{
    bool has = grace->policy.at != NULL;
    if (grace->days > 0)
        (void)fprintf(term->stream, "grace %lld business days", (long long)grace->days);
    else
        (void)fprintf(term->stream, has ? "grace %lld s" : "default grace, no policy: %lld s",
                      (long long)grace->seconds);
    if (!has)
        return;
    (void)fputs(" by policy ", term->stream);
    print(term, grace->policy);
}

/* The arithmetic: strikes as an interval, and the grace time. */
static void print_policy(const struct term *term, const struct knowledge_finding *finding)
{
    if (finding->has_threshold)
        (void)fprintf(term->stream, "  strikes %zu to %zu, threshold %lld; ", finding->strikes_min,
                      finding->strikes_max, (long long)finding->threshold);
    else
        (void)fputs("  strikes are not computable: no policy; ", term->stream);
    print_grace(term, &finding->grace);
    if (finding->changed_grace) {
        (void)fputs(" at the act; when the notice took effect: ", term->stream);
        print_grace(term, &finding->grace_then);
    }
    if (finding->selective)
        (void)fputs(
            "\n  the act is recorded as selective: chosen for this very merchant or listing",
            term->stream);
    (void)fputc('\n', term->stream);
}

void findings_text(const struct term *term, const struct knowledge_finding *finding,
                   const struct knowledge *ledger)
{
    print_head(term, finding);
    print_result(term, finding);
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++)
        print_element(term, finding, i, ledger);
    print_policy(term, finding);
    (void)fputc('\n', term->stream);
}

/* A finding with the two elements of the track, for those who print elements. */
static struct knowledge_finding as_finding(const struct knowledge_notice_action *action)
{
    struct knowledge_finding finding = {.result = action->result};
    finding.elements[KNOWLEDGE_LISTING_KNOWN] = action->known;
    finding.elements[KNOWLEDGE_LISTING_REMAINED_ACTIVE] = action->active;
    return finding;
}

/* ,"key":[...] of the two elements whose answer is in [from, to]. */
static void action_names(struct text *text, const char *key,
                         const struct knowledge_finding *finding, enum knowledge_answer from,
                         enum knowledge_answer to)
{
    bool first = true;
    text_key(text, key);
    text_literal(text, "[");
    for (unsigned i = KNOWLEDGE_LISTING_KNOWN; i <= KNOWLEDGE_LISTING_REMAINED_ACTIVE; i++) {
        if (finding->elements[i].answer < from || finding->elements[i].answer > to)
            continue;
        text_literal(text, first ? "\"" : ",\"");
        text_literal(text, knowledge_element_name((enum knowledge_element_name)i));
        text_literal(text, "\"");
        first = false;
    }
    text_literal(text, "]");
}

void findings_action_json(struct text *text, const struct knowledge_notice_action *action,
                          int64_t at_ns, const struct knowledge *ledger)
{
    const struct knowledge_finding finding = as_finding(action);
    text_literal(text, "{\"track\":\"notice_action\",\"platform\":");
    string(text, action->platform);
    text_key(text, "listing");
    string(text, action->listing);
    text_key(text, "merchant");
    string(text, action->merchant);
    text_member_time(text, "at", at_ns);
    text_member_i64(text, "grace_s", action->grace.seconds);
    if (action->grace.days > 0)
        text_member_i64(text, "grace_business_days", action->grace.days);
    text_member_string(text, "result", knowledge_result_name(action->result));
    action_names(text, "missing", &finding, KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REBUTTED);
    action_names(text, "open", &finding, KNOWLEDGE_INDETERMINATE, KNOWLEDGE_INDETERMINATE);
    text_literal(text, ",\"elements\":{");
    element(text, &finding, KNOWLEDGE_LISTING_KNOWN, true);
    element(text, &finding, KNOWLEDGE_LISTING_REMAINED_ACTIVE, false);
    text_literal(text, "}");
    if (ledger != NULL)
        put_basis(text, &finding, ledger);
    text_literal(text, "}");
}

void findings_action_text(const struct term *term, const struct knowledge_notice_action *action,
                          int64_t at_ns, const struct knowledge *ledger)
{
    static const char *const results[] = {
        [KNOWLEDGE_ALL_SHOWN] = "both elements are shown",
        [KNOWLEDGE_MISSING] = "not both elements are shown",
        [KNOWLEDGE_OPEN] = "an element is open",
    };
    const struct knowledge_finding finding = as_finding(action);
    char at[TIME_TEXT_BYTES];
    time_text_format(at_ns, at);
    term_style(term, TERM_BOLD);
    (void)fputs("listing ", term->stream);
    print(term, action->listing);
    (void)fputs(" on ", term->stream);
    print(term, action->platform);
    (void)fprintf(term->stream, " at %s, merchant ", at);
    if (action->merchant.at != NULL)
        print(term, action->merchant);
    else
        (void)fputs("not known", term->stream);
    term_style(term, TERM_PLAIN);
    (void)fprintf(term->stream, "\n  result: %s\n", results[action->result]);
    print_element(term, &finding, KNOWLEDGE_LISTING_KNOWN, ledger);
    print_element(term, &finding, KNOWLEDGE_LISTING_REMAINED_ACTIVE, ledger);
    (void)fputs("  ", term->stream);
    print_grace(term, &action->grace);
    (void)fputs("\n\n", term->stream);
}
