/*
 * The fields of a crawler's line, in one table, and the two passes over them: judge, then keep.
 * Knows no socket, matcher or record.
 */
#include "daemon/listing.h"

#include <assert.h>
#include <string.h>

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

struct field_rule {
    const char *name;
    unsigned rules;
    size_t bytes_max; /* 0: as long as the line, NULs too */
    size_t offset;    /* of its struct listing_text */
};

#define AT(member) offsetof(struct listing, member)

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
    [FIELD_OBSERVED_AT] = {"observed_at", RULE_BLANK_KEPT, 0, AT(observed_at)},
    [FIELD_TYPE] = {"type", RULE_BLANK_KEPT, 0, 0},
};

/* What the judging passes share. */
struct line {
    const struct json_parser *parser;
    struct json_value *values[FIELDS_COUNT]; /* NULL: not there, or counts as not there */
    bool escapes;          /* a backslash is in the line; without one no text holds a NUL */
    struct reject *reject; /* where the first fault goes */
};

static bool is(const struct json_value *value, const char *string)
{
    return value->len == strlen(string) && memcmp(value->text, string, value->len) == 0;
}

#define KEY(field, string) (memcmp(key, string, sizeof(string) - 1) == 0 ? (field) : FIELD_OTHER)

static enum field field_of(const char *key, size_t len)
{
    switch (len) {
    case 3:
        return key[0] == 'u' ? KEY(FIELD_URL, "url") : KEY(FIELD_VIA, "via");
    case 4:
        return KEY(FIELD_TYPE, "type");
    case 5:
        if (key[0] == 't')
            return KEY(FIELD_TITLE, "title");
        return key[0] == 'p' ? KEY(FIELD_PRICE, "price") : KEY(FIELD_STATE, "state");
    case 8:
        return key[0] == 'p' ? KEY(FIELD_PLATFORM, "platform") : KEY(FIELD_CURRENCY, "currency");
    case 9:
        return KEY(FIELD_SELLER_ID, "seller_id");
    case 10:
        return KEY(FIELD_LISTING_ID, "listing_id");
    case 11:
        return key[0] == 'd' ? KEY(FIELD_DESCRIPTION, "description")
                             : KEY(FIELD_OBSERVED_AT, "observed_at");
    default:
        return FIELD_OTHER;
    }
}

static enum reject_code reject_text(enum json_status status, const struct json_parser *parser,
                                    struct reject *reterr_reject)
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

static enum reject_code bad_type(struct line *line, enum field field)
{
    return reject_set(line->reject, REJECT_BAD_TYPE, "%s: is %s, must be a string%s",
                      fields[field].name, json_type_name(line->values[field]->type),
                      (fields[field].rules & RULE_NUMBER) != 0 ? " or number" : "");
}

/* Puts the members that we read into their places. */
static enum reject_code sort_members(struct line *line, const struct json_value *root,
                                     struct json_member members[LISTING_MEMBERS_MAX])
{
    if (root->type != JSON_OBJECT)
        return reject_set(line->reject, REJECT_BAD_TYPE, "line: is %s, must be an object",
                          json_type_name(root->type));
    size_t count = json_members(root, members, LISTING_MEMBERS_MAX);
    if (count > LISTING_MEMBERS_MAX)
        return reject_set(line->reject, REJECT_BAD_VALUE,
                          "line: has %zu members, at most %u are allowed", count,
                          LISTING_MEMBERS_MAX);
    for (size_t i = 0; i < count; i++) {
        enum field field = field_of(members[i].key, members[i].key_len);
        if (field == FIELD_OTHER)
            continue;
        if (line->values[field] != NULL)
            return reject_set(line->reject, REJECT_DUP_KEY, "%s: is there twice",
                              fields[field].name);
        line->values[field] = &members[i].value;
    }
    return REJECT_NONE;
}

/* Whether the line is a sighting at all, before what it lacks as one is told. */
static enum reject_code judge_type(struct line *line)
{
    const struct json_value *type = line->values[FIELD_TYPE];

    if (type == NULL || type->type == JSON_NULL)
        return REJECT_NONE;
    if (type->type != JSON_STRING)
        return bad_type(line, FIELD_TYPE);
    if (is(type, "sighting"))
        return REJECT_NONE;
    return reject_set(line->reject, REJECT_NOT_ALLOWED, "type: %.*s is not taken here",
                      (int)(type->len < 64 ? type->len : 64), type->text);
}

static enum reject_code judge_text(struct line *line, enum field field)
{
    const struct field_rule *rule = &fields[field];
    const struct json_value *value = line->values[field];

    if ((rule->rules & RULE_FILLED) != 0 && value->len == 0)
        return reject_set(line->reject, REJECT_BAD_VALUE, "%s: is empty", rule->name);
    if (rule->bytes_max > 0 && value->len > rule->bytes_max)
        return reject_set(line->reject, REJECT_BAD_VALUE,
                          "%s: has %zu bytes, at most %zu are allowed", rule->name, value->len,
                          rule->bytes_max);
    if (rule->bytes_max > 0 && line->escapes && memchr(value->text, '\0', value->len) != NULL)
        return reject_set(line->reject, REJECT_BAD_VALUE, "%s: holds a NUL", rule->name);
    if ((rule->rules & RULE_NO_SLASH) != 0 && memchr(value->text, '/', value->len) != NULL)
        return reject_set(line->reject, REJECT_BAD_VALUE, "%s: holds a '/'", rule->name);
    return REJECT_NONE;
}

/* Judges one field; one that counts as not there has no value afterwards. */
static enum reject_code judge(struct line *line, enum field field)
{
    const struct field_rule *rule = &fields[field];
    struct json_value *value = line->values[field];
    bool required = (rule->rules & RULE_REQUIRED) != 0;

    if (value == NULL && required)
        return reject_set(line->reject, REJECT_MISSING_FIELD, "%s: missing", rule->name);
    if (value == NULL || (value->type == JSON_NULL && !required)) {
        line->values[field] = NULL;
        return REJECT_NONE;
    }
    if ((rule->rules & RULE_NUMBER) != 0 &&
        (value->type == JSON_INTEGER || value->type == JSON_NUMBER))
        json_spelling(line->parser, value, &value->text, &value->len);
    else if (value->type != JSON_STRING)
        return bad_type(line, field);
    if (value->len == 0 && (rule->rules & (RULE_BLANK_KEPT | RULE_FILLED)) == 0) {
        line->values[field] = NULL;
        return REJECT_NONE;
    }
    return judge_text(line, field);
}

static enum reject_code judge_choice(struct line *line, enum field field,
                                     const char *const *choices, size_t count)
{
    const struct json_value *value = line->values[field];

    if (value == NULL)
        return REJECT_NONE;
    for (size_t i = 0; i < count; i++)
        if (is(value, choices[i]))
            return REJECT_NONE;
    return reject_set(line->reject, REJECT_BAD_VALUE, "%s: %.*s is not known", fields[field].name,
                      (int)(value->len < 64 ? value->len : 64), value->text);
}

/* All but `type`, in the order of the fields: the first fault is told. */
static enum reject_code judge_fields(struct line *line, int64_t *ret_observed_at_ns)
{
    static const char *const states[] = {"active", "gone"};
    static const char *const vias[] = {"page", "api", "platform", "cache", "search_index"};
    enum reject_code code = REJECT_NONE;

    for (unsigned i = 0; i < FIELD_TYPE && code == REJECT_NONE; i++) {
        enum field field = (enum field)i;
        code = judge(line, field);
        if (code != REJECT_NONE)
            break;
        if (field == FIELD_STATE)
            code = judge_choice(line, field, states, sizeof(states) / sizeof(*states));
        else if (field == FIELD_VIA)
            code = judge_choice(line, field, vias, sizeof(vias) / sizeof(*vias));
    }
    const struct json_value *at = line->values[FIELD_OBSERVED_AT];
    if (code == REJECT_NONE && at != NULL &&
        (at->len > LISTING_ID_BYTES_MAX ||
         time_text_parse(at->text, at->len, ret_observed_at_ns) < 0))
        code = reject_set(line->reject, REJECT_BAD_TIME,
                          "observed_at: not RFC 3339 with an offset: %.*s",
                          (int)(at->len < 64 ? at->len : 64), at->text);
    return code;
}

enum reject_code listing_decode(struct json_parser *parser, const char *bytes, size_t len,
                                struct arena *arena, struct listing *ret_listing,
                                struct reject *reterr_reject)
{
    static const char active[6 + JSON_SLACK_BYTES] = "active", page[4 + JSON_SLACK_BYTES] = "page";
    /* Only what the line has is ever written or read: clearing the rest would cost as much as half
       of the parsing. */
    struct json_member members[LISTING_MEMBERS_MAX] __attribute__((uninitialized));
    struct line line = {.parser = parser, .reject = reterr_reject};
    struct json_value root;
    int64_t observed_at_ns = 0;
    bool surrogate;

    assert(arena_room(arena) >= LISTING_ARENA_BYTES_MAX);
    enum json_status status = json_parse(parser, bytes, len, &root, &surrogate);
    if (status != JSON_OK)
        return reject_text(status, parser, reterr_reject);
    line.escapes = memchr(bytes, '\\', len) != NULL;
    enum reject_code code = sort_members(&line, &root, members);
    if (code == REJECT_NONE)
        code = judge_type(&line);
    if (code == REJECT_NONE)
        code = judge_fields(&line, &observed_at_ns);
    if (code != REJECT_NONE)
        return code;

    /* Every member is set, and none twice: this runs for each line. */
    for (unsigned i = 0; i < FIELD_TYPE; i++) {
        struct listing_text *text = (void *)((char *)ret_listing + fields[i].offset);
        const struct json_value *value = line.values[i];
        text->at = value != NULL ? arena_copy_slack(arena, value->text, value->len) : NULL;
        text->len = value != NULL ? value->len : 0;
    }
    if (line.values[FIELD_STATE] == NULL)
        ret_listing->state = (struct listing_text){active, 6};
    if (line.values[FIELD_VIA] == NULL)
        ret_listing->via = (struct listing_text){page, 4};
    ret_listing->has_observed_at = line.values[FIELD_OBSERVED_AT] != NULL;
    ret_listing->observed_at_ns = observed_at_ns;
    ret_listing->surrogate = surrogate;
    ret_listing->line = (struct listing_text){arena_copy_slack(arena, bytes, len), len};
    return REJECT_NONE;
}
