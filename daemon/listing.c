/*
 * A crawler's line whose members are the fields: the passes over it: find, judge, hand over. Knows
 * no socket, matcher or record.
 */
#include "daemon/listing.h"

#include <string.h>

#include "daemon/json_tape.h"
#include "daemon/listing_fields.h"

/* What the passes share. */
struct line {
    const struct json_parser *parser;
    const struct json_tape *tape;
    struct reject *reject;          /* where the first fault goes */
    uint32_t members[FIELDS_COUNT]; /* where the value is on the tape; 0: not there */
    uint32_t last;                  /* the last member that is a string; 0: none */
};

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
    return judge_text(line->reject, rule, at, len, type == '"');
}

/* All but `type`, in the order of the fields: the first fault is told. */
static enum reject_code judge_fields(struct line *line, struct listing_text texts[FIELD_TYPE],
                                     int64_t *ret_observed_at_ns)
{
    enum reject_code code = REJECT_NONE;

    /* Unrolled, each field has its rules as constants: a tenth of all that decoding costs. */
#pragma GCC unroll 12
    for (unsigned i = 0; i < FIELD_TYPE; i++) {
        enum field field = (enum field)i;
        code = judge(line, field, &texts[field]);
        if (code == REJECT_NONE && texts[field].at != NULL)
            code = judge_word(line->reject, field, texts[field]);
        if (code != REJECT_NONE)
            return code;
    }
    return judge_together(line->reject, texts, ret_observed_at_ns);
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
    ret_listing->parts_count = 0;
    ret_listing->capture_id = ret_listing->capture_digest = (struct listing_text){0};
    ret_listing->support = 0;
    const char *last = json_tape_string(line.tape, line.last, &kept);
    arena_give_back(arena, last + kept);
    return REJECT_NONE;
}
