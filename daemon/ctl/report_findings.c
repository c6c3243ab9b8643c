/*
 * Findings in a report. Knows no rule: what is shown, and why, comes with the finding. What rebuts
 * stands beside what shows, in letters of one size (domain, 5: rebutting records have equal
 * prominence).
 */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/report.h"
#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/notice_action.h"

#define SEQS_MAX   64u /* of one event that are told */
#define OTHERS_MAX 20u /* listings besides the one that a finding rests on */

/* What each element says, for who never saw our names. */
static const char *const elements[KNOWLEDGE_ELEMENTS_COUNT] = {
    [KNOWLEDGE_DECREE_KNOWN] = "The platform knew of an order in force",
    [KNOWLEDGE_MERCHANT_BOUND] = "The merchant was bound by that order",
    [KNOWLEDGE_LISTING_KNOWN] = "The platform was on notice of the listing",
    [KNOWLEDGE_LISTING_REMAINED_ACTIVE] = "The listing stayed active after notice and grace time",
    [KNOWLEDGE_MERCHANT_OVER_THRESHOLD] = "The merchant was over the platform's strike threshold",
    /* op. at 7: "had knowledge or reason to know" */
    [KNOWLEDGE_KNOWLEDGE] = "The platform knew or had reason to know, by listing or strikes",
    [KNOWLEDGE_AFFIRMATIVE_ACT] = "The platform acted in support, beyond mere infrastructure",
    [KNOWLEDGE_ACT_AFTER_KNOWLEDGE] = "The act came after that knowledge",
    [KNOWLEDGE_ACT_CONNECTED] = "The act was for this merchant or its listing",
    [KNOWLEDGE_FOR_BENEFIT] = "The act was for the merchant's benefit",
};

/* The same for the overview. */
static const char *const short_elements[KNOWLEDGE_ELEMENTS_COUNT] = {
    [KNOWLEDGE_DECREE_KNOWN] = "order known",
    [KNOWLEDGE_MERCHANT_BOUND] = "merchant bound",
    [KNOWLEDGE_LISTING_KNOWN] = "notice of a listing",
    [KNOWLEDGE_LISTING_REMAINED_ACTIVE] = "listing stayed active",
    [KNOWLEDGE_MERCHANT_OVER_THRESHOLD] = "over the strike threshold",
    [KNOWLEDGE_KNOWLEDGE] = "knowledge",
    [KNOWLEDGE_AFFIRMATIVE_ACT] = "act of support",
    [KNOWLEDGE_ACT_AFTER_KNOWLEDGE] = "act after knowledge",
    [KNOWLEDGE_ACT_CONNECTED] = "act connected",
    [KNOWLEDGE_FOR_BENEFIT] = "for the merchant's benefit",
};

static const char *const answers[KNOWLEDGE_ANSWERS_COUNT] = {
    [KNOWLEDGE_NOT_SHOWN] = "not shown",
    [KNOWLEDGE_REBUTTED] = "rebutted",
    [KNOWLEDGE_INDETERMINATE] = "indeterminate",
    [KNOWLEDGE_SHOWN] = "shown",
};

static const char *const results[] = {
    [KNOWLEDGE_ALL_SHOWN] = "all elements are shown",
    [KNOWLEDGE_MISSING] = "not all elements are shown",
    [KNOWLEDGE_OPEN] = "some elements are open",
};

struct findings {
    struct asking *asking;
    bool overview; /* the rows of the overview; else a section for each */
    size_t count;
};

void report_seqs(const struct asking *asking, struct knowledge_text id)
{
    uint64_t seqs[SEQS_MAX];
    size_t count = knowledge_seqs(asking->knowledge, id, seqs, SEQS_MAX);
    for (size_t i = 0; i < count && i < SEQS_MAX; i++)
        (void)fprintf(asking->term.stream, "%s%llu",
                      i > 0        ? ", "
                      : count == 1 ? " (record "
                                   : " (records ",
                      (unsigned long long)seqs[i]);
    if (count > SEQS_MAX)
        (void)fprintf(asking->term.stream, " and %zu more", count - SEQS_MAX);
    if (count > 0)
        (void)fputc(')', asking->term.stream);
}

static void print_answer(FILE *stream, enum knowledge_answer answer)
{
    (void)fprintf(stream, "<span class=\"answer %s\">%s</span>", knowledge_answer_name(answer),
                  answers[answer]);
}

/* "sponsored_ad ad2 on souq, 2023-01-06 10:00:06 UTC". */
static void print_act(const struct term *term, const struct knowledge_finding *finding)
{
    term_print(term, finding->kind.at, finding->kind.len);
    (void)fputc(' ', term->stream);
    term_print(term, finding->act.at, finding->act.len);
    (void)fputs(" on ", term->stream);
    term_print(term, finding->platform.at, finding->platform.len);
    (void)fputs(", ", term->stream);
    sentence_time(term->stream, finding->act_at_ns, finding->act_unc_ms);
}

/* A cell with the elements whose answer is this one; why is told with each act. */
static void print_cell(FILE *stream, const struct knowledge_finding *finding,
                       enum knowledge_answer answer)
{
    size_t count = 0;
    (void)fputs("<td>", stream);
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++)
        if (finding->elements[i].answer == answer)
            (void)fprintf(stream, "%s%s", count++ > 0 ? "; " : "", short_elements[i]);
    (void)fputs(count > 0 ? "</td>\n" : "none</td>\n", stream);
}

static void print_overview(const struct term *term, const struct knowledge_finding *finding)
{
    (void)fputs("<tr><th scope=\"row\">", term->stream);
    print_act(term, finding);
    (void)fprintf(term->stream, "<br>Result: %s.</th>\n", results[finding->result]);
    print_cell(term->stream, finding, KNOWLEDGE_SHOWN);
    print_cell(term->stream, finding, KNOWLEDGE_REBUTTED);
    print_cell(term->stream, finding, KNOWLEDGE_INDETERMINATE);
    print_cell(term->stream, finding, KNOWLEDGE_NOT_SHOWN);
    (void)fputs("</tr>\n", term->stream);
}

static int put_event(void *context, struct knowledge_text id)
{
    const struct asking *asking = context;
    (void)fputs("<br>", asking->term.stream);
    term_print(&asking->term, id.at, id.len);
    report_seqs(asking, id);
    return 0;
}

static void print_element(struct asking *asking, const struct knowledge_finding *finding,
                          unsigned index)
{
    const struct term *term = &asking->term;
    const struct knowledge_element *at = &finding->elements[index];
    char reason[KNOWLEDGE_REASON_BYTES];
    knowledge_reason_name(finding, at->reason, reason);
    (void)fprintf(term->stream, "<tr><th scope=\"row\">%s%s</th><td>", elements[index],
                  knowledge_needs((enum knowledge_element_name)index)
                      ? ""
                      : " <span class=\"quiet\">(one road to knowledge)</span>");
    print_answer(term->stream, at->answer);
    (void)fprintf(term->stream, "</td><td>%s <span class=\"quiet\">(%s)</span>",
                  knowledge_reason_meaning(at->reason), reason);
    if (index == KNOWLEDGE_MERCHANT_OVER_THRESHOLD && finding->has_threshold)
        (void)fprintf(term->stream, "; strikes %zu to %zu of %lld", finding->strikes_min,
                      finding->strikes_max, (long long)finding->threshold);
    (void)fputs("</td><td>", term->stream);
    for (size_t i = 0; i < at->ids_count; i++) {
        (void)fputs(i > 0 ? "<br>" : "", term->stream);
        (void)fputs(at->notices ? "notice " : "", term->stream);
        term_print(term, at->ids[i].at, at->ids[i].len);
        if (!at->notices)
            report_seqs(asking, at->ids[i]);
        else
            (void)knowledge_notice_ids(asking->knowledge, at->ids[i], put_event,
                                       asking); /* always 0 */
    }
    (void)fputs(at->ids_count > 0 ? "</td></tr>\n" : "none of its own</td></tr>\n", term->stream);
}

/* The listings of an act's merchant besides the one that its finding rests on. */
struct others {
    struct asking *asking;
    struct knowledge_text listing; /* that one */
    size_t told, more;
};

static int take_other(void *context, const struct knowledge_notice_action *action)
{
    struct others *others = context;
    const struct term *term = &others->asking->term;
    if (action->listing.len == others->listing.len && others->listing.at != NULL &&
        memcmp(action->listing.at, others->listing.at, action->listing.len) == 0)
        return 0;
    if (others->told == OTHERS_MAX) {
        others->more++;
        return 0;
    }
    (void)fputs(others->told++ == 0 ? "<p>What the records show of the merchant's other noticed "
                                      "listings at that time:</p>\n<ul>\n"
                                    : "",
                term->stream);
    (void)fputs("<li>Listing ", term->stream);
    term_print(term, action->listing.at, action->listing.len);
    (void)fprintf(term->stream, ": on notice %s (%s); stayed active %s (%s",
                  answers[action->known.answer], knowledge_reason_meaning(action->known.reason),
                  answers[action->active.answer], knowledge_reason_meaning(action->active.reason));
    for (size_t i = 0; i < action->active.ids_count; i++) {
        (void)fputs(i == 0 ? "; event " : ", ", term->stream);
        term_print(term, action->active.ids[i].at, action->active.ids[i].len);
        report_seqs(others->asking, action->active.ids[i]);
    }
    (void)fputs(").</li>\n", term->stream);
    return 0;
}

/* A finding rests on the one listing that shows most (domain 2.1); what rebuts on another, even on
   the one that the act was for, must not go untold. The finding's own texts end here. */
static int print_others(struct asking *asking, const struct knowledge_finding *finding)
{
    struct others others = {asking, finding->listing, 0, 0};
    const struct knowledge_filter filter = {.platform = finding->platform,
                                            .merchant = finding->merchant};
    int result = knowledge_notice_actions(asking->knowledge, &filter, finding->act_at_ns,
                                          take_other, &others);
    if (others.more > 0)
        (void)fprintf(asking->term.stream, "<li>%zu more, not told here.</li>\n", others.more);
    if (others.told > 0)
        (void)fputs("</ul>\n", asking->term.stream);
    return result;
}

/* "1 d, by the platform's policy, event pol1 (record 0)". */
static void print_grace(const struct asking *asking, const struct knowledge_grace *grace)
{
    const struct term *term = &asking->term;
    char span[SENTENCE_SPAN_BYTES];
    sentence_period(grace->seconds, grace->days, span);
    (void)fprintf(term->stream, "%s%s", span,
                  grace->policy.at != NULL ? ", by the platform's policy, event "
                                           : " by default: no policy is recorded");
    if (grace->policy.at == NULL)
        return;
    term_print(term, grace->policy.at, grace->policy.len);
    report_seqs(asking, grace->policy);
}

static void print_reckoning(const struct asking *asking, const struct knowledge_finding *finding)
{
    const struct term *term = &asking->term;
    (void)fprintf(term->stream, "<p>Result: <strong>%s</strong>. ", results[finding->result]);
    if (finding->by_strikes)
        (void)fputs("The road to knowledge that shows most is that of strikes. ", term->stream);
    else if (finding->listing.at != NULL) {
        (void)fputs("The road to knowledge that shows most is that of listing ", term->stream);
        term_print(term, finding->listing.at, finding->listing.len);
        (void)fputs(". ", term->stream);
    }
    (void)fputs("The grace time after a notice is ", term->stream);
    print_grace(asking, &finding->grace);
    if (finding->changed_grace) {
        (void)fputs("; that is by the policy of the act, while when the notice took effect it was ",
                    term->stream);
        print_grace(asking, &finding->grace_then);
    }
    (void)fputs(". ", term->stream);
    if (finding->selective)
        (void)fputs("The act is recorded as selective: chosen for this very merchant or listing. ",
                    term->stream);
    if (finding->has_threshold)
        (void)fprintf(term->stream, "Strikes at the act: %zu to %zu; the threshold is %lld.</p>\n",
                      finding->strikes_min, finding->strikes_max, (long long)finding->threshold);
    else
        (void)fputs("Strikes are not computable: no policy.</p>\n", term->stream);
}

static int print_section(struct asking *asking, const struct knowledge_finding *finding)
{
    const struct term *term = &asking->term;
    (void)fputs("<h3>", term->stream);
    print_act(term, finding);
    report_seqs(asking, finding->act);
    (void)fputs("</h3>\n", term->stream);
    print_reckoning(asking, finding);
    (void)fputs(REPORT_WIDE
                "<table class=\"elements\"><caption>Each element of this act</caption><thead><tr>"
                "<th scope=\"col\">Element</th><th scope=\"col\">Answer</th>"
                "<th scope=\"col\">Why</th><th scope=\"col\">Events it rests on</th></tr></thead>"
                "<tbody>\n",
                term->stream);
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++)
        print_element(asking, finding, i);
    (void)fputs("</tbody></table>\n" REPORT_WIDE_END, term->stream);
    return print_others(asking, finding);
}

static int take_finding(void *context, const struct knowledge_finding *finding)
{
    struct findings *findings = context;
    struct asking *asking = findings->asking;
    if (asking->order.at != NULL &&
        finding->elements[KNOWLEDGE_MERCHANT_BOUND].reason == KNOWLEDGE_REASON_NOT_A_PARTY &&
        !knowledge_is_party(asking->knowledge, finding->merchant))
        return 0;
    if (findings->overview && findings->count == 0)
        (void)fputs(REPORT_WIDE
                    "<table class=\"equal\"><caption>What the records show, rebut and leave open, "
                    "for each act of support; why is told below</caption><thead><tr><th "
                    "scope=\"col\">Act</th>"
                    "<th scope=\"col\">Shown</th><th scope=\"col\">Rebutted</th>"
                    "<th scope=\"col\">Indeterminate</th><th scope=\"col\">Not shown</th></tr>"
                    "</thead><tbody>\n",
                    asking->term.stream);
    findings->count++;
    if (!findings->overview)
        return print_section(asking, finding);
    print_overview(&asking->term, finding);
    return 0;
}

/* In the order in which the acts happened: whoever reads them asks what came first. */
static int tell(struct findings *findings)
{
    struct knowledge_filter filter = findings->asking->filter;
    filter.connected = filter.by_time = true;
    return knowledge_findings(findings->asking->knowledge, &filter, take_finding, findings);
}

int report_findings(struct asking *asking)
{
    FILE *stream = asking->term.stream;
    struct findings findings = {asking, true, 0};
    (void)fputs("<h2>Findings</h2>\n", stream);
    int result = tell(&findings);
    (void)fputs(findings.count == 0 ? "<p>No act of support for this merchant is recorded.</p>\n"
                                    : "</tbody></table>\n" REPORT_WIDE_END,
                stream);
    return result;
}

int report_acts(struct asking *asking)
{
    struct findings findings = {asking, false, 0};
    (void)fputs("<h2>Each act, element by element</h2>\n", asking->term.stream);
    int result = tell(&findings);
    if (findings.count == 0)
        (void)fputs("<p>There is none.</p>\n", asking->term.stream);
    return result;
}
