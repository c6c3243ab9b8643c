/*
 * Warnings to JSON, and what names one back out of it.
 */
#include "daemon/warning_record.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/index_keys.h"
#include "daemon/ledger/text.h"
#include "daemon/time_text.h"

#define MEMBERS_MAX 64u

static_assert(4 * 6 * EVENT_TEXT_BYTES_MAX + 21 * WARNING_RESTS_MAX + 512 <= RECORD_BODY_BYTES_MAX,
              "four texts, each byte escaped, and the numbers fit");

int64_t warning_key(const struct warning *warning)
{
    uint64_t key = warning->about_merchant
                       ? (uint64_t)index_key(INDEX_MERCHANT, warning->platform, warning->merchant)
                       : (uint64_t)index_key(INDEX_LISTING, warning->platform, warning->listing);
    return (int64_t)(key * 4 + (warning->by_strikes ? 2 : 0) + (uint64_t)warning->by);
}

static void put(struct text *text, const char *key, struct knowledge_text value)
{
    if (value.at == NULL)
        return;
    text_key(text, key);
    text_string(text, value.at, value.len);
}

size_t warning_encode(const struct warning *warning, char ret_body[RECORD_BODY_BYTES_MAX])
{
    struct text text = text_into(ret_body, RECORD_BODY_BYTES_MAX);
    assert(warning->rests_count <= WARNING_RESTS_MAX);
    put(&text, "platform", warning->platform);
    text_member_string(&text, "about", warning->about_merchant ? "merchant" : "listing");
    put(&text, "listing", warning->listing);
    put(&text, "merchant", warning->merchant);
    text_member_string(&text, "road", warning->by_strikes ? "strikes" : "listing");
    put(&text, "shown", warning->shown);
    text_member_time(&text, "since", warning->since_ns);
    text_member_string(&text, "by", warning->by == WARNING_BY_SUPPORT ? "support" : "sighting");
    if (warning->by == WARNING_BY_SUPPORT)
        put(&text, "act", warning->act);
    text_member_u64(&text, "on", warning->on);
    text_key(&text, "rests");
    text_literal(&text, "[");
    for (size_t i = 0; i < warning->rests_count; i++) {
        text_literal(&text, i == 0 ? "" : ",");
        text_u64(&text, warning->rests[i]);
    }
    text_literal(&text, "]");
    if (warning->more > 0)
        text_member_u64(&text, "more", warning->more);
    text_literal(&text, "}");
    assert(!text.overflow);
    return text.len;
}

static bool is(struct knowledge_text text, const char *word)
{
    return text.at != NULL && text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

static void read_rests(const struct json_value *value, struct warning *warning)
{
    struct json_value rests[WARNING_RESTS_MAX];
    size_t count = value->type == JSON_ARRAY ? json_elements(value, rests, WARNING_RESTS_MAX) : 0;
    for (size_t i = 0; i < count && i < WARNING_RESTS_MAX; i++)
        if (rests[i].type == JSON_INTEGER && rests[i].integer >= 0)
            warning->rests[warning->rests_count++] = (uint64_t)rests[i].integer;
}

int warning_decode(struct json_parser *parser, const char *line, size_t len,
                   struct warning *ret_warning)
{
    struct warning warning = {.on = RECORD_NO_SEQ};
    struct knowledge_text about = {NULL, 0}, road = about, since = about, by = about;
    const struct {
        const char *name;
        struct knowledge_text *place;
    } places[] = {
        {"platform", &warning.platform},
        {"about", &about},
        {"listing", &warning.listing},
        {"merchant", &warning.merchant},
        {"road", &road},
        {"since", &since},
        {"by", &by},
    };
    struct json_member members[MEMBERS_MAX];
    struct json_value root;
    bool surrogate;
    if (json_parse(parser, line, len, &root, &surrogate) != JSON_OK || root.type != JSON_OBJECT)
        return -EBADMSG;
    size_t count = json_members(&root, members, MEMBERS_MAX);
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++) {
        const struct json_value *value = &members[i].value;
        if (value->type == JSON_INTEGER && members[i].key_len == 2 &&
            memcmp(members[i].key, "on", 2) == 0 && value->integer >= 0)
            warning.on = (uint64_t)value->integer;
        if (members[i].key_len == 5 && memcmp(members[i].key, "rests", 5) == 0) {
            warning.rests_count = 0;
            read_rests(value, &warning);
        }
        for (size_t k = 0; k < sizeof places / sizeof *places; k++)
            if (value->type == JSON_STRING && value->len <= EVENT_TEXT_BYTES_MAX &&
                members[i].key_len == strlen(places[k].name) &&
                memcmp(members[i].key, places[k].name, members[i].key_len) == 0)
                *places[k].place = (struct knowledge_text){value->text, value->len};
    }
    warning.about_merchant = is(about, "merchant");
    warning.by_strikes = is(road, "strikes");
    warning.by = is(by, "support") ? WARNING_BY_SUPPORT : WARNING_BY_SIGHTING;
    bool named = warning.about_merchant ? warning.merchant.at != NULL
                                        : is(about, "listing") && warning.listing.at != NULL;
    if (!named || warning.platform.at == NULL || (!warning.by_strikes && !is(road, "listing")) ||
        (warning.by == WARNING_BY_SIGHTING && !is(by, "sighting")) || since.at == NULL ||
        time_text_parse(since.at, since.len, &warning.since_ns) < 0 || warning.on == RECORD_NO_SEQ)
        return -EBADMSG;
    *ret_warning = warning;
    return 0;
}
