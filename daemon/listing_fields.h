/*
 * The fields of a listing in one table, and how a text is judged as one of them: what every way
 * from a line to a listing shares. Private to listing.c and listing_mapped.c, and inline: each line
 * goes through it, with its rules as constants. Knows no way by which a text was found.
 */
#ifndef DAEMON_LISTING_FIELDS_H
#define DAEMON_LISTING_FIELDS_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "daemon/http_status.h"
#include "daemon/listing.h"
#include "daemon/time_text.h"

/* In the order in which faults are told. FIELD_TYPE is judged before the others. */
enum field {
    FIELD_PLATFORM = 0,
    FIELD_LISTING_ID,
    FIELD_TITLE,
    FIELD_SELLER_ID,
    FIELD_DESCRIPTION,
    FIELD_URL,
    FIELD_CURRENCY,
    FIELD_PRICE,
    FIELD_STATE,
    FIELD_VIA,
    FIELD_STATUS,
    FIELD_OBSERVED_AT,
    FIELD_TYPE,
    FIELDS_COUNT,
    FIELD_OTHER = FIELDS_COUNT, /* a member that is not read here */
};

enum rule {
    RULE_REQUIRED = 1u << 0,
    RULE_FILLED = 1u << 1,    /* not empty */
    RULE_NO_SLASH = 1u << 2,  /* DESIGN 9.3: <platform>/<seller_id> must split one way only */
    RULE_NUMBER = 1u << 3,    /* may be a number, kept as written */
    RULE_BLANK_KEPT = 1u << 4 /* empty is a value, not "not there" */
};

#define NAME_BYTES_MAX 16u /* all names are shorter */

struct field_rule {
    char name[NAME_BYTES_MAX]; /* with zeros behind it */
    unsigned rules;
    size_t bytes_max; /* 0: as long as the line, NULs too */
    size_t offset;    /* of its struct listing_text */
};

#define AT(member)   offsetof(struct listing, member)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct field_rule fields[FIELDS_COUNT] = {
    [FIELD_PLATFORM] = {"platform", RULE_REQUIRED | RULE_FILLED | RULE_NO_SLASH,
                        LISTING_ID_BYTES_MAX, AT(platform)},
    [FIELD_LISTING_ID] = {"listing_id", RULE_REQUIRED | RULE_FILLED, LISTING_ID_BYTES_MAX,
                          AT(listing_id)},
    [FIELD_TITLE] = {"title", RULE_REQUIRED | RULE_BLANK_KEPT, 0, AT(title)},
    [FIELD_SELLER_ID] = {"seller_id", 0, LISTING_ID_BYTES_MAX, AT(seller_id)},
    [FIELD_DESCRIPTION] = {"description", 0, 0, AT(description)},
    [FIELD_URL] = {"url", 0, LISTING_URL_BYTES_MAX, AT(url)},
    [FIELD_CURRENCY] = {"currency", 0, LISTING_WORD_BYTES_MAX, AT(currency)},
    [FIELD_PRICE] = {"price", RULE_NUMBER, LISTING_WORD_BYTES_MAX, AT(price)},
    [FIELD_STATE] = {"state", RULE_BLANK_KEPT, LISTING_ID_BYTES_MAX, AT(state)},
    [FIELD_VIA] = {"via", RULE_BLANK_KEPT, LISTING_ID_BYTES_MAX, AT(via)},
    [FIELD_STATUS] = {"status", RULE_NUMBER, LISTING_WORD_BYTES_MAX, AT(status)},
    [FIELD_OBSERVED_AT] = {"observed_at", RULE_BLANK_KEPT, 0, AT(observed_at)},
    [FIELD_TYPE] = {"type", RULE_BLANK_KEPT, 0, 0},
};

static inline bool is(struct listing_text text, const char *string)
{
    return text.len == strlen(string) && memcmp(text.at, string, text.len) == 0;
}

static inline enum reject_code
reject_text(enum json_status status, const struct json_parser *parser, struct reject *reterr_reject)
{
    enum reject_code code = REJECT_BAD_JSON;

    switch (status) {
    case JSON_BAD_UTF8:
        code = REJECT_BAD_UTF8;
        break;
    case JSON_TOO_DEEP:
        code = REJECT_TOO_DEEP;
        break;
    case JSON_TOO_LONG:
        code = REJECT_TOO_LONG;
        break;
    case JSON_BAD:
    case JSON_NO_MEMORY: /* the parser allocates nothing after json_open: cannot be */
    case JSON_OK:
        break;
    }
    return reject_set(reterr_reject, code, "line: %s", json_reason(parser));
}

/* Whether the text holds a NUL or this character. A string on the tape is followed by a NUL, where
   this ends. Eight bytes at once, inline: most texts are shorter than a call is long. */
static inline bool holds(const char *at, size_t len, char c)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;

    for (size_t i = 0;; i += 8) {
        uint64_t word;
        memcpy(&word, at + i, sizeof(word));
        word = le64toh(word);
        uint64_t other = word ^ (ones * (unsigned char)c);
        uint64_t zeros = (((word - ones) & ~word) | ((other - ones) & ~other)) & tops;
        if (zeros != 0) /* the lowest one set is right */
            return i + (unsigned)__builtin_ctzll(zeros) / 8 < len;
    }
}

static inline enum reject_code judge_text(struct reject *reject, const struct field_rule *rule,
                                          const char *at, size_t len, bool is_string)
{
    if ((rule->rules & RULE_FILLED) != 0 && len == 0)
        return reject_set(reject, REJECT_BAD_VALUE, "%s: is empty", rule->name);
    if (rule->bytes_max > 0 && len > rule->bytes_max)
        return reject_set(reject, REJECT_BAD_VALUE, "%s: has %zu bytes, at most %zu are allowed",
                          rule->name, len, rule->bytes_max);
    if (rule->bytes_max == 0 || !is_string ||
        !holds(at, len, (rule->rules & RULE_NO_SLASH) != 0 ? '/' : '\0'))
        return REJECT_NONE;
    return reject_set(reject, REJECT_BAD_VALUE, "%s: holds a %s", rule->name,
                      memchr(at, '\0', len) != NULL ? "NUL" : "'/'");
}

/* The fields that take one of a few words; any other field takes all. */
static inline enum reject_code judge_word(struct reject *reject, enum field field,
                                          struct listing_text text)
{
    static const char *const states[] = {"active", "gone"};
    static const char *const vias[] = {"page", "api", "platform", "cache", "search_index"};
    const char *const *words = field == FIELD_STATE ? states : vias;
    const size_t count = field == FIELD_STATE ? COUNT(states)
                         : field == FIELD_VIA ? COUNT(vias)
                                              : 0;

    for (size_t i = 0; i < count; i++)
        if (is(text, words[i]))
            return REJECT_NONE;
    if (count == 0)
        return REJECT_NONE;
    return reject_set(reject, REJECT_BAD_VALUE, "%s: %.*s is not known", fields[field].name,
                      (int)(text.len < 64 ? text.len : 64), text.at);
}

/* What is left once each field is judged by itself. */
static inline enum reject_code judge_together(struct reject *reject,
                                              const struct listing_text texts[FIELD_TYPE],
                                              int64_t *ret_observed_at_ns)
{
    const struct listing_text status = texts[FIELD_STATUS], state = texts[FIELD_STATE];
    const struct listing_text at = texts[FIELD_OBSERVED_AT];

    if (status.at != NULL) {
        const char *fault = http_status_fault(status.at, status.len, state.at, state.len);
        if (fault != NULL)
            return reject_set(reject, REJECT_BAD_VALUE, "status: %.*s %s", (int)status.len,
                              status.at, fault);
    }
    if (at.at != NULL &&
        (at.len > LISTING_ID_BYTES_MAX || time_text_parse(at.at, at.len, ret_observed_at_ns) < 0))
        return reject_set(reject, REJECT_BAD_TIME, "observed_at: not RFC 3339 with an offset: %.*s",
                          (int)(at.len < 64 ? at.len : 64), at.at);
    return REJECT_NONE;
}

/* Every member of the listing but the line is set, and none twice: this runs for each line. */
static inline void hand_over(const struct listing_text texts[FIELD_TYPE],
                             struct listing *ret_listing)
{
    static const char active[6 + JSON_SLACK_BYTES] = "active", gone[4 + JSON_SLACK_BYTES] = "gone",
                                 page[4 + JSON_SLACK_BYTES] = "page";

#pragma GCC unroll 12
    for (unsigned i = 0; i < FIELD_TYPE; i++)
        *(struct listing_text *)(void *)((char *)ret_listing + fields[i].offset) = texts[i];
    if (ret_listing->state.at == NULL && ret_listing->status.at != NULL &&
        http_status_gone(ret_listing->status.at, ret_listing->status.len))
        ret_listing->state = (struct listing_text){gone, 4};
    if (ret_listing->state.at == NULL)
        ret_listing->state = (struct listing_text){active, 6};
    if (ret_listing->via.at == NULL)
        ret_listing->via = (struct listing_text){page, 4};
    ret_listing->has_observed_at = ret_listing->observed_at.at != NULL;
}

#endif
