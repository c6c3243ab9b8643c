/*
 * The table of kinds. A field that no rule reads and that may be missing is not here: it is kept in
 * the record as it came.
 */
#include "daemon/event_kinds.h"

#include <string.h>

#define AT(member) offsetof(struct knowledge_event, member)

/* clang-format off */
#define TEXT(name, need, member)    {name, EVENT_FORM_TEXT, need, AT(member), NULL}
#define TEXTS(name, need, member)   {name, EVENT_FORM_TEXTS, need, AT(member), NULL}
#define TIME(name, need, member)    {name, EVENT_FORM_TIME, need, AT(member), NULL}
#define SECONDS(name, need, member) {name, EVENT_FORM_SECONDS, need, AT(member), NULL}
#define TRUTH(name, need, member)   {name, EVENT_FORM_BOOL, need, AT(member), NULL}
#define CHOICE(name, need, choices) {name, EVENT_FORM_CHOICE, need, 0, choices}
#define END                         {0}

static const struct event_choice classes[] = {
    {"designated", KNOWLEDGE_STATE_DESIGNATED}, {"court", KNOWLEDGE_STATE_NONE},
    {"agent", KNOWLEDGE_STATE_NONE}, {"other", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_choice link_statuses[] = {
    {"asserted", KNOWLEDGE_STATE_ASSERTED}, {"verified", KNOWLEDGE_STATE_VERIFIED},
    {"rejected", KNOWLEDGE_STATE_REJECTED}, {0}};
static const struct event_choice account_states[] = {
    {"suspended", KNOWLEDGE_STATE_NONE}, {"closed", KNOWLEDGE_STATE_CLOSED},
    {"reinstated", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_choice decisions[] = {
    {"upheld", KNOWLEDGE_STATE_UPHELD}, {"rejected", KNOWLEDGE_STATE_REJECTED},
    {"partial", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_choice counter_decisions[] = {
    {"accepted", KNOWLEDGE_STATE_ACCEPTED}, {"rejected", KNOWLEDGE_STATE_REJECTED}, {0}};
static const struct event_choice withdrawals[] = {
    {"error", KNOWLEDGE_STATE_ERROR}, {"duplicate", KNOWLEDGE_STATE_ERROR},
    {"resolved", KNOWLEDGE_STATE_NONE}, {"settled", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_choice actors[] = {
    {"platform", KNOWLEDGE_STATE_PLATFORM}, {"seller", KNOWLEDGE_STATE_NONE},
    {"court", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_choice sighting_states[] = {
    {"active", KNOWLEDGE_STATE_ACTIVE}, {"gone", KNOWLEDGE_STATE_GONE}, {0}};
/* What is live (domain 2.1): any state here but NONE says so. */
static const struct event_choice vias[] = {
    {"page", KNOWLEDGE_STATE_ACTIVE}, {"api", KNOWLEDGE_STATE_ACTIVE},
    {"platform", KNOWLEDGE_STATE_ACTIVE}, {"cache", KNOWLEDGE_STATE_NONE},
    {"search_index", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_choice makers[] = {
    {"human", KNOWLEDGE_STATE_HUMAN}, {"algorithmic", KNOWLEDGE_STATE_ALGORITHMIC},
    {"unknown", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_choice strike_actions[] = {
    {"issued", KNOWLEDGE_STATE_ISSUED}, {"revoked", KNOWLEDGE_STATE_REVOKED}, {0}};
static const struct event_choice coverages[] = {
    {"counter", KNOWLEDGE_STATE_COUNTER}, {"takedown", KNOWLEDGE_STATE_NONE},
    {"crawl", KNOWLEDGE_STATE_CRAWL}, {0}};

static const struct event_field account[] = {
    TEXT("platform", EVENT_REQUIRED, platform), TEXT("merchant", EVENT_REQUIRED, merchant),
    CHOICE("state", EVENT_REQUIRED, account_states), END};
static const struct event_field channel[] = {
    TEXT("platform", EVENT_SCOPED, platform), TEXT("channel", EVENT_REQUIRED, subject),
    CHOICE("class", EVENT_REQUIRED, classes), END};
static const struct event_field counter_decision[] = {
    TEXT("notice", EVENT_REQUIRED, subject), CHOICE("outcome", EVENT_REQUIRED, counter_decisions),
    TEXTS("listings", EVENT_OPTIONAL, listings), END};
static const struct event_field counter_filed[] = {
    TEXT("notice", EVENT_REQUIRED, subject), TEXTS("listings", EVENT_OPTIONAL, listings), END};
static const struct event_field coverage[] = {
    TEXT("platform", EVENT_REQUIRED, platform), CHOICE("kind", EVENT_REQUIRED, coverages),
    TIME("from", EVENT_REQUIRED, from_ns), TIME("to", EVENT_REQUIRED, to_ns), END};
static const struct event_field listing[] = {
    TEXT("platform", EVENT_SCOPED, platform), TEXT("listing", EVENT_REQUIRED, listing),
    TEXT("merchant", EVENT_REQUIRED, merchant), END};
static const struct event_field merchant_link[] = {
    TEXT("a", EVENT_REQUIRED, merchant), TEXT("b", EVENT_REQUIRED, other),
    CHOICE("status", EVENT_REQUIRED, link_statuses), END};
static const struct event_field notice_ack[] = {
    TEXT("notice", EVENT_REQUIRED, subject), TEXTS("listings", EVENT_OPTIONAL, listings), END};
static const struct event_field notice_correct[] = {
    TEXT("notice", EVENT_REQUIRED, subject), TEXTS("has", EVENT_OPTIONAL, words),
    TEXTS("add", EVENT_OPTIONAL, listings), END};
static const struct event_field notice_decision[] = {
    TEXT("notice", EVENT_REQUIRED, subject), CHOICE("outcome", EVENT_REQUIRED, decisions),
    TEXTS("listings", EVENT_OPTIONAL, listings), END};
static const struct event_field notice_received[] = {
    TEXT("notice", EVENT_REQUIRED, subject), END};
static const struct event_field notice_sent[] = {
    TEXT("platform", EVENT_REQUIRED, platform), TEXT("notice", EVENT_REQUIRED, subject),
    TEXT("channel", EVENT_OPTIONAL, other), TEXT("kind", EVENT_OPTIONAL, word),
    TEXT("right", EVENT_OPTIONAL, right),
    TEXTS("has", EVENT_OPTIONAL, words), TEXTS("listings", EVENT_OPTIONAL, listings), END};
static const struct event_field notice_withdraw[] = {
    TEXT("notice", EVENT_REQUIRED, subject), CHOICE("reason", EVENT_REQUIRED, withdrawals),
    TEXTS("listings", EVENT_OPTIONAL, listings), END};
static const struct event_field order[] = {
    TEXT("order", EVENT_REQUIRED, subject), TIME("expires", EVENT_OPTIONAL, to_ns), END};
static const struct event_field order_of_platform[] = {
    TEXT("order", EVENT_REQUIRED, subject), TEXT("platform", EVENT_REQUIRED, platform), END};
static const struct event_field order_of_merchant[] = {
    TEXT("order", EVENT_REQUIRED, subject), TEXT("merchant", EVENT_REQUIRED, merchant), END};
static const struct event_field order_vacated[] = {
    TEXT("order", EVENT_REQUIRED, subject), END};
static const struct event_field policy[] = {
    TEXT("platform", EVENT_REQUIRED, platform),
    SECONDS("grace_s", EVENT_OPTIONAL, policy.grace_s),
    TEXTS("required", EVENT_OPTIONAL, words),
    SECONDS("grace_business_days", EVENT_OPTIONAL, policy.grace_days),
    {"strike", EVENT_FORM_STRIKE, EVENT_OPTIONAL, 0, NULL},
    {"calendar", EVENT_FORM_CALENDAR, EVENT_OPTIONAL, 0, NULL}, END};
static const struct event_field restore[] = {
    TEXT("platform", EVENT_SCOPED, platform), TEXT("listing", EVENT_REQUIRED, listing),
    CHOICE("actor", EVENT_OPTIONAL, actors),
    {"reason", EVENT_FORM_RESTORED, EVENT_OPTIONAL, 0, NULL}, END};
static const struct event_field sighting[] = {
    TEXT("platform", EVENT_SCOPED, platform), TEXT("listing", EVENT_REQUIRED, listing),
    CHOICE("state", EVENT_REQUIRED, sighting_states),
    {"via", EVENT_FORM_VIA, EVENT_OPTIONAL, 0, vias}, END};
static const struct event_field strike[] = {
    TEXT("platform", EVENT_REQUIRED, platform), TEXT("merchant", EVENT_REQUIRED, merchant),
    TEXT("strike", EVENT_REQUIRED, subject), CHOICE("action", EVENT_REQUIRED, strike_actions), END};
static const struct event_field support[] = {
    TEXT("platform", EVENT_REQUIRED, platform), TEXT("kind", EVENT_REQUIRED, word),
    CHOICE("gen", EVENT_OPTIONAL, makers), TRUTH("selective", EVENT_OPTIONAL, selective),
    TEXT("merchant", EVENT_OPTIONAL, merchant), TEXT("listing", EVENT_OPTIONAL, listing), END};
static const struct event_field takedown[] = {
    TEXT("platform", EVENT_SCOPED, platform), TEXT("listing", EVENT_REQUIRED, listing), END};
/* What no rule reads, and must be there all the same (domain, 1.3): a record without it says
   nothing. */
static const struct event_choice rights[] = {
    {"mark", KNOWLEDGE_STATE_NONE}, {"copyright", KNOWLEDGE_STATE_NONE},
    {"design", KNOWLEDGE_STATE_NONE}, {"patent", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_choice reviews[] = {
    {"confirmed", KNOWLEDGE_STATE_NONE}, {"false_match", KNOWLEDGE_STATE_NONE},
    {"unsure", KNOWLEDGE_STATE_NONE}, {0}};
static const struct event_field merchant[] = {
    TEXT("platform", EVENT_REQUIRED, platform), TEXT("merchant", EVENT_REQUIRED, merchant),
    TEXT("ext_id", EVENT_REQUIRED, word), END};
static const struct event_field merchant_transfer[] = {
    TEXT("platform", EVENT_REQUIRED, platform), TEXT("merchant", EVENT_REQUIRED, merchant),
    TEXT("to", EVENT_OPTIONAL, other), END};
static const struct event_field platform[] = {
    TEXT("platform", EVENT_REQUIRED, platform), TEXT("name", EVENT_REQUIRED, word), END};
static const struct event_field platform_admission[] = {
    TEXT("platform", EVENT_REQUIRED, platform), TEXT("merchant", EVENT_OPTIONAL, merchant),
    TEXT("listing", EVENT_OPTIONAL, listing), END};
static const struct event_field review[] = {
    TEXT("subject", EVENT_REQUIRED, subject), CHOICE("outcome", EVENT_REQUIRED, reviews), END};
static const struct event_field right[] = {
    TEXT("right", EVENT_REQUIRED, subject), CHOICE("kind", EVENT_REQUIRED, rights),
    TEXT("office", EVENT_REQUIRED, word), TEXT("number", EVENT_REQUIRED, other),
    TEXT("owner", EVENT_REQUIRED, merchant), END};
static const struct event_field right_holder[] = {
    TEXT("right_holder", EVENT_REQUIRED, subject), END};
/* No rule reads these, but their parts must be joined before duplicates are told, and a timeline
   shows them with their notice. */
static const struct event_field listed[] = {
    TEXT("notice", EVENT_OPTIONAL, subject), TEXTS("listings", EVENT_OPTIONAL, listings), END};

const struct event_field event_strike_fields[] = {
    TEXTS("kinds", EVENT_REQUIRED, policy.kinds),
    SECONDS("threshold", EVENT_REQUIRED, policy.threshold),
    SECONDS("per_right", EVENT_OPTIONAL, policy.per_right),
    SECONDS("per_kind", EVENT_OPTIONAL, policy.per_kind),
    SECONDS("validity_s", EVENT_REQUIRED, policy.validity_s),
    SECONDS("counter_window_s", EVENT_OPTIONAL, policy.counter_window_s),
    SECONDS("counter_window_business_days", EVENT_OPTIONAL, policy.counter_days),
    TRUTH("transfer_carries", EVENT_OPTIONAL, policy.transfer_carries), END};

static const struct event_kind kinds[] = {
    {"account", KNOWLEDGE_ACCOUNT, account, false, 0},
    {"channel", KNOWLEDGE_CHANNEL, channel, false, 0},
    {"counter.decision", KNOWLEDGE_COUNTER_DECISION, counter_decision, true, 0},
    {"counter.filed", KNOWLEDGE_COUNTER_FILED, counter_filed, true, 0},
    {"coverage", KNOWLEDGE_COVERAGE, coverage, false, 0},
    {"listing", KNOWLEDGE_LISTING, listing, false, 0},
    {"merchant", KNOWLEDGE_OTHER, merchant, false, 0},
    {"merchant.link", KNOWLEDGE_MERCHANT_LINK, merchant_link, false, 0},
    {"merchant.transfer", KNOWLEDGE_ACCOUNT, merchant_transfer, false, KNOWLEDGE_STATE_TRANSFERRED},
    {"notice.ack", KNOWLEDGE_NOTICE_ACK, notice_ack, true, 0},
    {"notice.clarify", KNOWLEDGE_OTHER, listed, true, 0},
    {"notice.correct", KNOWLEDGE_NOTICE_CORRECT, notice_correct, false, 0},
    {"notice.decision", KNOWLEDGE_NOTICE_DECISION, notice_decision, true, 0},
    {"notice.draft", KNOWLEDGE_OTHER, listed, true, 0},
    {"notice.received", KNOWLEDGE_NOTICE_RECEIVED, notice_received, false, 0},
    {"notice.sent", KNOWLEDGE_NOTICE_SENT, notice_sent, true, 0},
    {"notice.withdraw", KNOWLEDGE_NOTICE_WITHDRAW, notice_withdraw, true, 0},
    {"order", KNOWLEDGE_ORDER, order, false, 0},
    {"order.ack", KNOWLEDGE_ORDER_ACK, order_of_platform, false, 0},
    {"order.dismissed", KNOWLEDGE_ORDER_DISMISSED, order_of_merchant, false, 0},
    {"order.party", KNOWLEDGE_ORDER_PARTY, order_of_merchant, false, 0},
    {"order.served", KNOWLEDGE_ORDER_SERVED, order_of_platform, false, 0},
    {"order.vacated", KNOWLEDGE_ORDER_VACATED, order_vacated, false, 0},
    {"platform", KNOWLEDGE_OTHER, platform, false, 0},
    {"platform.admission", KNOWLEDGE_OTHER, platform_admission, false, 0},
    {"policy", KNOWLEDGE_POLICY, policy, false, 0},
    {"restore", KNOWLEDGE_RESTORE, restore, false, 0},
    {"review", KNOWLEDGE_OTHER, review, false, 0},
    {"right", KNOWLEDGE_OTHER, right, false, 0},
    {"right_holder", KNOWLEDGE_OTHER, right_holder, false, 0},
    {"sighting", KNOWLEDGE_SIGHTING, sighting, false, 0},
    {"strike", KNOWLEDGE_STRIKE, strike, false, 0},
    {"support", KNOWLEDGE_SUPPORT, support, false, 0},
    {"takedown", KNOWLEDGE_TAKEDOWN, takedown, false, 0},
};
/* clang-format on */

const struct event_kind *event_kind_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (len == strlen(kinds[i].name) && memcmp(name, kinds[i].name, len) == 0)
            return &kinds[i];
    return NULL;
}
