/*
 * The fields of a crawler's line, in one table, and the passes over them: find, judge, hand over.
 * Knows no socket, matcher or record.
 */
#include "daemon/listing.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "daemon/http_status.h"
#include "daemon/json_tape.h"
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

/* What the passes share. */
struct line {
    const struct json_parser *parser;
    const struct json_tape *tape;
    struct reject *reject;          /* where the first fault goes */
    uint32_t members[FIELDS_COUNT]; /* where the value is on the tape; 0: not there */
    uint32_t last;                  /* the last member that is a string; 0: none */
};

static bool is(struct listing_text text, const char *string)
{
    return text.len == strlen(string) && memcmp(text.at, string, text.len) == 0;
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
    case 6:
        return KEY(FIELD_STATUS, "status");
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

static const char *type_name(const struct json_tape *tape, uint64_t index)
{
    struct json_value value;

    (void)json_tape_read(tape, index, &value); /* where it ends */
    return json_type_name(value.type);
}

static enum reject_code bad_type(struct line *line, enum field field)
{
    return reject_set(line->reject, REJECT_BAD_TYPE, "%s: is %s, must be a string%s",
                      fields[field].name, type_name(line->tape, line->members[field]),
                      (fields[field].rules & RULE_NUMBER) != 0 ? " or number" : "");
}

/* Finds the members that we read. */
static enum reject_code find_members(struct line *line)
{
    enum field twice = FIELD_OTHER;
    const struct json_tape copy = *line->tape, *tape = &copy; /* no store can change it */
    uint64_t index = JSON_TAPE_ROOT, last = 0;

    if (json_tape_type(tape, index) != '{')
        return reject_set(line->reject, REJECT_BAD_TYPE, "line: is %s, must be an object",
                          type_name(tape, index));
    size_t count = json_tape_count(tape, index++);
    if (count > LISTING_MEMBERS_MAX)
        return reject_set(line->reject, REJECT_BAD_VALUE,
                          "line: has %zu members, at most %u are allowed", count,
                          LISTING_MEMBERS_MAX);
    for (; count > 0; count--) {
        size_t key_len;
        const char *key = json_tape_string(tape, index++, &key_len);
        enum field field = field_of(key, key_len);
        if (field != FIELD_OTHER) {
            if (line->members[field] != 0 && twice == FIELD_OTHER)
                twice = field;
            line->members[field] = (uint32_t)index;
        }
        if (json_tape_type(tape, index) == '"')
            last = index++;
        else
            index = json_tape_after(tape, index);
    }
    line->last = (uint32_t)last;
    if (twice != FIELD_OTHER)
        return reject_set(line->reject, REJECT_DUP_KEY, "%s: is there twice", fields[twice].name);
    return REJECT_NONE;
}

/* Whether the line is a crawler's at all, before what it lacks as one is told. */
static enum reject_code judge_type(struct line *line)
{
    uint64_t index = line->members[FIELD_TYPE];
    struct listing_text type;

    if (index == 0 || json_tape_type(line->tape, index) == 'n')
        return REJECT_NONE;
    if (json_tape_type(line->tape, index) != '"')
        return bad_type(line, FIELD_TYPE);
    type.at = json_tape_string(line->tape, index, &type.len);
    if (is(type, "sighting") && line->members[FIELD_LISTING_ID] != 0)
        return REJECT_NONE;
    return reject_set(line->reject, REJECT_NOT_ALLOWED, "type: %.*s is not taken here",
                      (int)(type.len < 64 ? type.len : 64), type.at);
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

/* A number as it is written. False when the value is none. */
static bool spelling(const struct line *line, uint64_t index, const char **ret_at, size_t *ret_len)
{
    struct json_value value;

    (void)json_tape_read(line->tape, index, &value); /* where it ends */
    if (value.type != JSON_INTEGER && value.type != JSON_NUMBER)
        return false;
    json_spelling(line->parser, &value, ret_at, ret_len);
    return true;
}

static inline enum reject_code judge_text(struct line *line, const struct field_rule *rule,
                                          const char *at, size_t len, bool is_string)
{
    if ((rule->rules & RULE_FILLED) != 0 && len == 0)
        return reject_set(line->reject, REJECT_BAD_VALUE, "%s: is empty", rule->name);
    if (rule->bytes_max > 0 && len > rule->bytes_max)
        return reject_set(line->reject, REJECT_BAD_VALUE,
                          "%s: has %zu bytes, at most %zu are allowed", rule->name, len,
                          rule->bytes_max);
    if (rule->bytes_max == 0 || !is_string ||
        !holds(at, len, (rule->rules & RULE_NO_SLASH) != 0 ? '/' : '\0'))
        return REJECT_NONE;
    return reject_set(line->reject, REJECT_BAD_VALUE, "%s: holds a %s", rule->name,
                      memchr(at, '\0', len) != NULL ? "NUL" : "'/'");
}

/* Judges one field and sets its text; NULL: it is not there, or counts as not there. */
static inline enum reject_code judge(struct line *line, enum field field,
                                     struct listing_text *ret_text)
{
    const struct field_rule *rule = &fields[field];
    uint32_t index = line->members[field];
    const char *at;
    size_t len;

    *ret_text = (struct listing_text){0};
    if (index == 0 && (rule->rules & RULE_REQUIRED) != 0)
        return reject_set(line->reject, REJECT_MISSING_FIELD, "%s: missing", rule->name);
    if (index == 0)
        return REJECT_NONE;
    char type = json_tape_type(line->tape, index);
    if (type == '"')
        at = json_tape_string(line->tape, index, &len);
    else if (type == 'n' && (rule->rules & RULE_REQUIRED) == 0)
        return REJECT_NONE;
    else if ((rule->rules & RULE_NUMBER) == 0 || !spelling(line, index, &at, &len))
        return bad_type(line, field);
    if (len == 0 && (rule->rules & (RULE_BLANK_KEPT | RULE_FILLED)) == 0)
        return REJECT_NONE;
    /* Not as one struct: that is loaded from two stores just made, which waits for both to land. */
    ret_text->at = at;
    ret_text->len = len;
    return judge_text(line, rule, at, len, type == '"');
}

static enum reject_code judge_choice(struct line *line, enum field field, struct listing_text text,
                                     const char *const *choices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is(text, choices[i]))
            return REJECT_NONE;
    return reject_set(line->reject, REJECT_BAD_VALUE, "%s: %.*s is not known", fields[field].name,
                      (int)(text.len < 64 ? text.len : 64), text.at);
}

static enum reject_code judge_status(struct line *line, struct listing_text status,
                                     struct listing_text state)
{
    const char *fault = http_status_fault(status.at, status.len, state.at, state.len);

    return fault == NULL ? REJECT_NONE
                         : reject_set(line->reject, REJECT_BAD_VALUE, "status: %.*s %s",
                                      (int)status.len, status.at, fault);
}

/* All but `type`, in the order of the fields: the first fault is told. */
static enum reject_code judge_fields(struct line *line, struct listing_text texts[FIELD_TYPE],
                                     int64_t *ret_observed_at_ns)
{
    static const char *const states[] = {"active", "gone"};
    static const char *const vias[] = {"page", "api", "platform", "cache", "search_index"};
    enum reject_code code = REJECT_NONE;

    /* Unrolled, each field has its rules as constants: a tenth of all that decoding costs. */
#pragma GCC unroll 12
    for (unsigned i = 0; i < FIELD_TYPE; i++) {
        enum field field = (enum field)i;
        code = judge(line, field, &texts[field]);
        if (code != REJECT_NONE)
            return code;
        if (texts[field].at == NULL)
            continue;
        if (field == FIELD_STATE)
            code = judge_choice(line, field, texts[field], states, COUNT(states));
        else if (field == FIELD_VIA)
            code = judge_choice(line, field, texts[field], vias, COUNT(vias));
        if (code != REJECT_NONE)
            return code;
    }
    if (texts[FIELD_STATUS].at != NULL)
        code = judge_status(line, texts[FIELD_STATUS], texts[FIELD_STATE]);
    if (code != REJECT_NONE)
        return code;
    struct listing_text at = texts[FIELD_OBSERVED_AT];
    if (at.at != NULL &&
        (at.len > LISTING_ID_BYTES_MAX || time_text_parse(at.at, at.len, ret_observed_at_ns) < 0))
        code = reject_set(line->reject, REJECT_BAD_TIME,
                          "observed_at: not RFC 3339 with an offset: %.*s",
                          (int)(at.len < 64 ? at.len : 64), at.at);
    return code;
}

/* Every member of the listing but the line is set, and none twice: this runs for each line. */
static void hand_over(const struct listing_text texts[FIELD_TYPE], struct listing *ret_listing)
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

enum reject_code listing_decode(struct json_parser *parser, const char *bytes, size_t len,
                                struct arena *arena, struct listing *ret_listing,
                                struct reject *reterr_reject)
{
    struct listing_text texts[FIELD_TYPE] __attribute__((uninitialized)); /* judging sets them */
    struct line line = {.parser = parser, .reject = reterr_reject};
    int64_t observed_at_ns = 0;
    bool surrogate;
    size_t kept = 0;

    char *room = arena_take(arena, LISTING_ARENA_BYTES_MAX);
    enum json_status status = json_parse_into(parser, bytes, len, room, &line.tape, &surrogate);
    enum reject_code code = REJECT_NONE;
    if (status != JSON_OK)
        code = reject_text(status, parser, reterr_reject);
    else
        code = find_members(&line);
    if (code == REJECT_NONE)
        code = judge_type(&line);
    if (code == REJECT_NONE)
        code = judge_fields(&line, texts, &observed_at_ns);
    if (code != REJECT_NONE) {
        arena_give_back(arena, room);
        return code;
    }
    hand_over(texts, ret_listing);
    ret_listing->observed_at_ns = observed_at_ns;
    ret_listing->surrogate = surrogate;
    ret_listing->line = (struct listing_text){room, len};
    const char *last = json_tape_string(line.tape, line.last, &kept);
    arena_give_back(arena, last + kept);
    return REJECT_NONE;
}
