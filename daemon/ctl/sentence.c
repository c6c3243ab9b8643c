/*
 * Sentences by templates, one for each type of event. {name} is a member; [...] is left out unless
 * all members in it are there.
 */
#include "daemon/ctl/sentence.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/time_text.h"

#define NAME_BYTES     24u /* of a member in a template */
#define ELEMENTS_SHOWN 5u  /* of a list; then only how many more there are */
#define SECOND_BYTES   19u
#define NS_PER_S       INT64_C(1000000000)
#define NS_PER_MS      INT64_C(1000000)

static const struct {
    const char *type, *template;
} sentences[] = {
    {"account", "{platform} recorded the account of merchant {merchant} as {state}"},
    {"channel", "{platform} has a channel for reports, {channel}, of class {class}[ ({url})]"},
    {"counter.decision", "A counter-notice to notice {notice} was {outcome}[, for {listings}]"},
    {"counter.filed", "A counter-notice to notice {notice} was filed[, for {listings}]"
                      "[; reason: {reason}]"},
    {"coverage", "Of {platform}, all that belongs to \"{kind}\" from {from} to {to} is said to be "
                 "recorded"},
    {"listing", "Listing {listing} was registered as one of merchant {merchant}[ ({url})]"},
    {"merchant", "Merchant {merchant} has account {ext_id} on {platform}"},
    {"merchant.link", "Merchants {a} and {b} are said to be one and the same ({status})"
                      "[; basis: {basis}]"},
    {"merchant.transfer", "Merchant {merchant} of {platform} was transferred[ to {to}]"},
    {"notice.ack", "The platform acknowledged notice {notice}[, naming {listings}]"},
    {"notice.clarify", "The platform asked for more about notice {notice}"},
    {"notice.correct", "Notice {notice} was corrected[; listings added: {add}]"
                       "[; supplied: {has}]"},
    {"notice.decision", "The platform decided on notice {notice}: {outcome}[, for {listings}]"},
    {"notice.draft", "Notice {notice} was drafted; a draft has no effect"},
    {"notice.received", "The platform received notice {notice}"},
    {"notice.sent", "Notice {notice} was sent to {platform}[ through {channel}][, of kind {kind}]"
                    "[, about right {right}][, by {reporter}][; listings: {listings}]"},
    {"notice.withdraw", "Notice {notice} was withdrawn ({reason})[, for {listings}]"},
    {"order", "Order {order} was entered[, a {kind}][, {court}][, docket {docket}]"
              "[; it expires {expires}]"},
    {"order.ack", "{platform} acknowledged order {order}"},
    {"order.dismissed", "Merchant {merchant} was dismissed from order {order}"},
    {"order.party", "Order {order} binds merchant {merchant} as a party"},
    {"order.served", "Order {order} was served on {platform}[ by {by}][; method: {method}]"},
    {"order.vacated", "Order {order} was vacated"},
    {"platform", "{platform} is the platform {name}"},
    {"platform.admission", "{platform} admitted something[ about merchant {merchant}][ about "
                           "listing {listing}][: {note}]"},
    {"policy",
     "{platform} put a policy into force[, {policy}][: {grace_s} seconds of grace after a "
     "notice][: {grace_business_days} business days of grace after a notice]"},
    {"restore", "Listing {listing} was put back[ by the {actor}][; reason: {reason}]"},
    {"review", "A reviewer looked at {subject}: {outcome}"},
    {"right", "Right {right}, a {kind}, office {office}, number {number}, belongs to {owner}"},
    {"right_holder", "{right_holder} is a holder of rights"},
    {"sighting", "Listing {listing} was seen: {state}[, by {via}][, HTTP status {http}]"
                 "[; its title: {title}]"},
    {"strike", "{platform} recorded strike {strike} on merchant {merchant}: {action}"
               "[; reason: {reason}]"},
    {"support", "{platform} gave support of kind {kind}[ to listing {listing}]"
                "[ to merchant {merchant}][; made by: {gen}]"
                "[; chosen for this very one: {selective}]"},
    {"takedown", "Listing {listing} was taken down[ by the {actor}][; reason: {reason}]"},
};

const struct json_value *sentence_member(const struct json_member *members, size_t count,
                                         const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (members[i].key_len == strlen(name) &&
            memcmp(members[i].key, name, members[i].key_len) == 0)
            return &members[i].value;
    return NULL;
}

static void print_list(const struct term *term, const struct json_value *list)
{
    struct json_value elements[ELEMENTS_SHOWN];
    size_t count = json_elements(list, elements, ELEMENTS_SHOWN);
    for (size_t i = 0; i < count && i < ELEMENTS_SHOWN; i++) {
        (void)fputs(i > 0 ? ", " : "", term->stream);
        if (elements[i].type == JSON_STRING)
            term_print(term, elements[i].text, elements[i].len);
    }
    if (count > ELEMENTS_SHOWN)
        (void)fprintf(term->stream, " and %zu more", count - ELEMENTS_SHOWN);
    if (count == 0)
        (void)fputs("none", term->stream);
}

static void print_value(const struct term *term, const struct json_value *value)
{
    switch (value->type) {
    case JSON_STRING:
        term_print(term, value->text, value->len);
        break;
    case JSON_INTEGER:
        (void)fprintf(term->stream, "%lld", (long long)value->integer);
        break;
    case JSON_BOOL:
        (void)fputs(value->boolean ? "yes" : "no", term->stream);
        break;
    case JSON_ARRAY:
        print_list(term, value);
        break;
    case JSON_NULL:
    case JSON_NUMBER:
    case JSON_OBJECT:
        (void)fputs("(not shown here)", term->stream);
        break;
    }
}

/* An event under way. */
struct event {
    const struct term *term;
    const struct json_member *members;
    size_t count;
};

/* The member that the template names at `at`, which is behind its brace; *ret_end is its brace. */
static const struct json_value *named(const struct event *event, const char *at,
                                      const char **ret_end)
{
    char name[NAME_BYTES];
    *ret_end = strchr(at, '}');
    (void)snprintf(name, sizeof name, "%.*s", (int)(*ret_end - at), at);
    const struct json_value *value = sentence_member(event->members, event->count, name);
    return value != NULL && value->type == JSON_NULL ? NULL : value;
}

/* Whether all members up to the closing bracket are there. */
static bool has_all(const struct event *event, const char *at)
{
    const char *end;
    for (; *at != ']'; at++)
        if (*at == '{' && named(event, at + 1, &end) == NULL)
            return false;
    return true;
}

static void print_template(const struct event *event, const char *at)
{
    FILE *stream = event->term->stream;
    for (; *at != '\0'; at++) {
        if (*at == '[' && !has_all(event, at)) {
            at = strchr(at, ']');
        } else if (*at == '{') {
            const struct json_value *value = named(event, at + 1, &at);
            if (value == NULL)
                (void)fputs("(not said)", stream);
            else
                print_value(event->term, value);
        } else if (*at != '[' && *at != ']') {
            (void)fputc(*at, stream);
        }
    }
}

/* Whether it is a sighting through a cache or a search index (domain 2.1: "cache-only sighting").
 */
static bool is_not_live(const struct event *event, const struct json_value *type)
{
    static const char *const kept[] = {"cache", "search_index"};
    const struct json_value *via = sentence_member(event->members, event->count, "via");
    if (type->len != strlen("sighting") || memcmp(type->text, "sighting", type->len) != 0 ||
        via == NULL || via->type != JSON_STRING)
        return false;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (via->len == strlen(kept[i]) && memcmp(via->text, kept[i], via->len) == 0)
            return true;
    return false;
}

/* What noticed itself said when it looked at a record (DESIGN 9.18). */
static const char warning[] = "noticed warned because of record {on} ({by}[, {act}]) that the "
                              "records it had by then show a road "
                              "to knowledge to be open[ for listing {listing}][, merchant "
                              "{merchant}]: {road}, {shown}, since "
                              "{since}; a warning is no evidence";

void sentence_print(const struct term *term, const struct json_member *members, size_t count)
{
    struct event event = {term, members, count};
    const struct json_value *type = sentence_member(members, count, "type");
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences && type != NULL; i++) {
        if (type->type != JSON_STRING || type->len != strlen(sentences[i].type) ||
            memcmp(type->text, sentences[i].type, type->len) != 0)
            continue;
        print_template(&event, sentences[i].template);
        (void)fputc('.', term->stream);
        if (is_not_live(&event, type))
            (void)fputs(
                " That is no live sighting: what is kept there may be older, and no finding "
                "rests on it.",
                term->stream);
        return;
    }
    const struct json_value *kind = sentence_member(members, count, "kind");
    bool warned = type == NULL && kind != NULL && kind->type == JSON_STRING &&
                  kind->len == strlen("warning") && memcmp(kind->text, "warning", kind->len) == 0;
    print_template(&event, warned ? warning : "An event of another kind, {type}");
    (void)fputc('.', term->stream);
}

void sentence_time(FILE *stream, int64_t at_ns, uint32_t unc_ms)
{
    char time[TIME_TEXT_BYTES], span[SENTENCE_SPAN_BYTES];
    time_text_format(at_ns, time);
    time[10] = ' ';
    (void)fwrite(time, 1, SECOND_BYTES, stream);
    int64_t fraction = (at_ns % NS_PER_S + NS_PER_S) % NS_PER_S;
    if (fraction >= NS_PER_MS)
        (void)fprintf(stream, ".%03lld", (long long)(fraction / NS_PER_MS));
    (void)fputs(" UTC", stream);
    if (unc_ms == 0)
        return;
    sentence_span(unc_ms * NS_PER_MS, span);
    (void)fprintf(stream, " (give or take %s)", span);
}

void sentence_span(int64_t ns, char ret_span[SENTENCE_SPAN_BYTES])
{
    int64_t seconds = ns / NS_PER_S, milli = ns / NS_PER_MS % 1000;
    long long days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
    if (days > 0 && hours > 0)
        (void)snprintf(ret_span, SENTENCE_SPAN_BYTES, "%lld d %lld h", days, hours);
    else if (days > 0)
        (void)snprintf(ret_span, SENTENCE_SPAN_BYTES, "%lld d", days);
    else if (hours > 0 && minutes > 0)
        (void)snprintf(ret_span, SENTENCE_SPAN_BYTES, "%lld h %lld min", hours, minutes);
    else if (hours > 0)
        (void)snprintf(ret_span, SENTENCE_SPAN_BYTES, "%lld h", hours);
    else if (seconds >= 60)
        (void)snprintf(ret_span, SENTENCE_SPAN_BYTES, "%lld min", minutes);
    else if (seconds == 0 || milli == 0)
        (void)snprintf(ret_span, SENTENCE_SPAN_BYTES, milli > 0 ? "0.%03lld s" : "%lld s",
                       milli > 0 ? (long long)milli : (long long)seconds);
    else
        (void)snprintf(ret_span, SENTENCE_SPAN_BYTES, "%lld.%03lld s", (long long)seconds,
                       (long long)milli);
}

void sentence_period(int64_t seconds, int64_t days, char ret_span[SENTENCE_SPAN_BYTES])
{
    if (days > 0)
        (void)snprintf(ret_span, SENTENCE_SPAN_BYTES, "%d business days", (int)days);
    else
        sentence_span(seconds * NS_PER_S, ret_span);
}
