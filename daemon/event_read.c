/*
 * Reading fields as their rows in the table say.
 */
#include "daemon/event_read.h"

#include <assert.h>
#include <string.h>

#include "daemon/time_text.h"

#define THRESHOLD_MAX 1000000
#define AT_BYTES_MAX  64u /* of a time */
#define SHOWN_BYTES   64  /* of what is quoted in a detail */

static bool is(const struct json_value *value, const char *string)
{
    return value->len == strlen(string) && memcmp(value->text, string, value->len) == 0;
}

int event_shown(const struct json_value *value)
{
    return value->len < SHOWN_BYTES ? (int)value->len : SHOWN_BYTES;
}

enum reject_code event_bad_type(struct reading *reading, const char *name,
                                const struct json_value *value, const char *wanted)
{
    return reject_set(reading->reject, REJECT_BAD_TYPE, "%s%s: is %s, must be %s", reading->inside,
                      name, json_type_name(value->type), wanted);
}

/* The member of this name, NULL when it is not there or null. */
enum reject_code event_find(struct reading *reading, const char *name, bool required,
                            const struct json_value **ret_value)
{
    size_t len = strlen(name);
    *ret_value = NULL;
    for (size_t i = 0; i < reading->count; i++) {
        const struct json_member *member = &reading->members[i];
        if (member->key_len != len || memcmp(member->key, name, len) != 0)
            continue;
        if (*ret_value != NULL)
            return reject_set(reading->reject, REJECT_DUP_KEY, "%s%s: is there twice",
                              reading->inside, name);
        *ret_value = &member->value;
    }
    if (*ret_value != NULL && (*ret_value)->type == JSON_NULL)
        *ret_value = NULL;
    if (*ret_value == NULL && required)
        return reject_set(reading->reject, REJECT_MISSING_FIELD, "%s%s: missing", reading->inside,
                          name);
    return REJECT_NONE;
}

enum reject_code event_read_text(struct reading *reading, const char *name,
                                 const struct json_value *value, struct knowledge_text *ret_text)
{
    if (value->type != JSON_STRING)
        return event_bad_type(reading, name, value, "a string");
    if (value->len == 0)
        return reject_set(reading->reject, REJECT_BAD_VALUE, "%s%s: is empty", reading->inside,
                          name);
    if (value->len > EVENT_TEXT_BYTES_MAX)
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "%s%s: has %zu bytes, at most %u are allowed", reading->inside, name,
                          value->len, EVENT_TEXT_BYTES_MAX);
    if (memchr(value->text, '\0', value->len) != NULL)
        return reject_set(reading->reject, REJECT_BAD_VALUE, "%s%s: holds a NUL", reading->inside,
                          name);
    /* DESIGN 9.3: <platform>/<seller_id> must split one way only. */
    if (strcmp(name, "platform") == 0 && memchr(value->text, '/', value->len) != NULL)
        return reject_set(reading->reject, REJECT_BAD_VALUE, "%s: holds a '/'", name);
    *ret_text = (struct knowledge_text){value->text, value->len};
    return REJECT_NONE;
}

static enum reject_code read_texts(struct reading *reading, const char *name,
                                   const struct json_value *value,
                                   struct knowledge_texts *ret_texts)
{
    struct event_decoder *decoder = reading->decoder;
    if (value->type != JSON_ARRAY)
        return event_bad_type(reading, name, value, "an array");
    size_t room = EVENT_VALUES_MAX - decoder->texts_count;
    size_t count = json_elements(value, decoder->elements, room);
    if (count > room)
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "%s%s: has %zu elements, at most %u are allowed in all lists of an event "
                          "together: send several events",
                          reading->inside, name, count, EVENT_VALUES_MAX);
    struct knowledge_text *texts = decoder->texts + decoder->texts_count;
    for (size_t i = 0; i < count; i++) {
        enum reject_code code = event_read_text(reading, name, &decoder->elements[i], &texts[i]);
        if (code != REJECT_NONE)
            return code;
    }
    decoder->texts_count += count;
    *ret_texts = (struct knowledge_texts){texts, count, true};
    return REJECT_NONE;
}

enum reject_code event_read_time(struct reading *reading, const char *name,
                                 const struct json_value *value, int64_t *ret_ns)
{
    if (value->type != JSON_STRING)
        return event_bad_type(reading, name, value, "a string");
    if (value->len > AT_BYTES_MAX || time_text_parse(value->text, value->len, ret_ns) < 0)
        return reject_set(reading->reject, REJECT_BAD_TIME, "%s: not RFC 3339 with an offset: %.*s",
                          name, event_shown(value), value->text);
    return REJECT_NONE;
}

enum reject_code event_read_number(struct reading *reading, const char *name,
                                   const struct json_value *value, int64_t max, int64_t *ret_number)
{
    if (value->type != JSON_INTEGER)
        return event_bad_type(reading, name, value, "an integer");
    if (value->integer < 0 || value->integer > max)
        return reject_set(reading->reject, REJECT_BAD_VALUE, "%s%s: must be from 0 to %lld",
                          reading->inside, name, (long long)max);
    *ret_number = value->integer;
    return REJECT_NONE;
}

static enum reject_code read_choice(struct reading *reading, const struct event_field *field,
                                    const struct json_value *value, enum knowledge_state *ret_state)
{
    if (value->type != JSON_STRING)
        return event_bad_type(reading, field->name, value, "a string");
    for (const struct event_choice *choice = field->choices; choice->name != NULL; choice++) {
        if (!is(value, choice->name))
            continue;
        *ret_state = choice->state;
        return REJECT_NONE;
    }
    return reject_set(reading->reject, REJECT_BAD_VALUE, "%s: %.*s is not known", field->name,
                      event_shown(value), value->text);
}

/* Of this member, if it is there, which replaces one read before. */
static enum reject_code read_steps(struct reading *reading, const char *name, bool days)
{
    const struct json_value *value;
    struct knowledge_policy *policy = &reading->event->policy;
    struct json_value steps[KNOWLEDGE_SPACING_MAX];
    enum reject_code code = event_find(reading, name, false, &value);
    if (code != REJECT_NONE || value == NULL)
        return code;
    if (value->type != JSON_ARRAY)
        return event_bad_type(reading, name, value, "an array");
    size_t count = json_elements(value, steps, KNOWLEDGE_SPACING_MAX);
    if (count > KNOWLEDGE_SPACING_MAX)
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "strike.%s: has %zu elements, at most %u are allowed", name, count,
                          KNOWLEDGE_SPACING_MAX);
    for (size_t i = 0; i < count && code == REJECT_NONE; i++)
        code = event_read_number(reading, name, &steps[i],
                                 days ? KNOWLEDGE_DAYS_MAX : KNOWLEDGE_SECONDS_MAX,
                                 &policy->spacing[i]);
    policy->spacing_count = count;
    policy->spacing_in_days = days;
    return code;
}

/* Between strikes that count: in business days where they are given, else in seconds. */
static enum reject_code read_spacing(struct reading *reading)
{
    enum reject_code code = read_steps(reading, "spacing_s", false);
    return code != REJECT_NONE ? code : read_steps(reading, "spacing_business_days", true);
}

/* A notice is established by the platform's decision, or also by a window that lapsed. */
static enum reject_code read_established(struct reading *reading)
{
    const struct json_value *value, *window;
    enum reject_code code = event_find(reading, "established", false, &value);
    if (code != REJECT_NONE || value == NULL)
        return code;
    if (value->type != JSON_STRING)
        return event_bad_type(reading, "established", value, "a string");
    reading->event->policy.lapse = is(value, "decision_or_lapse");
    if (!reading->event->policy.lapse && !is(value, "decision"))
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "strike.established: %.*s is not known", event_shown(value), value->text);
    bool needed = reading->event->policy.lapse && reading->event->policy.counter_days == 0;
    return event_find(reading, "counter_window_s", needed, &window);
}

static enum reject_code read_bool(struct reading *reading, const char *name,
                                  const struct json_value *value, bool *ret_bool)
{
    if (value->type != JSON_BOOL)
        return event_bad_type(reading, name, value, "true or false");
    *ret_bool = value->boolean;
    return REJECT_NONE;
}

static enum reject_code read_strike(struct reading *reading, const struct json_value *value);

static enum reject_code read_field(struct reading *reading, const struct event_field *field,
                                   const struct json_value *value)
{
    struct knowledge_event *event = reading->event;
    void *place = (char *)event + field->offset;
    enum knowledge_state state = KNOWLEDGE_STATE_NONE;
    struct knowledge_text text;
    enum reject_code code = REJECT_NONE;
    switch (field->form) {
    case EVENT_FORM_TEXT:
        return event_read_text(reading, field->name, value, place);
    case EVENT_FORM_TEXTS:
        return read_texts(reading, field->name, value, place);
    case EVENT_FORM_TIME:
        event->expires = event->kind == KNOWLEDGE_ORDER;
        return event_read_time(reading, field->name, value, place);
    case EVENT_FORM_SECONDS:
        return event_read_number(reading, field->name, value, KNOWLEDGE_SECONDS_MAX, place);
    case EVENT_FORM_CHOICE:
        return read_choice(reading, field, value, &event->state);
    case EVENT_FORM_VIA:
        code = read_choice(reading, field, value, &state);
        event->live = state != KNOWLEDGE_STATE_NONE;
        return code;
    case EVENT_FORM_RESTORED:
        code = event_read_text(reading, field->name, value, &text);
        event->after_counter = code == REJECT_NONE && is(value, "counter_accepted");
        return code;
    case EVENT_FORM_BOOL:
        return read_bool(reading, field->name, value, place);
    case EVENT_FORM_STRIKE:
        return read_strike(reading, value);
    case EVENT_FORM_CALENDAR:
        return event_read_calendar(reading, value);
    }
    assert(false);
    return REJECT_NONE;
}

enum reject_code event_read_fields(struct reading *reading, const struct event_field *field)
{
    enum reject_code code = REJECT_NONE;
    for (; field->name != NULL && code == REJECT_NONE; field++) {
        const struct json_value *value;
        bool required =
            field->need == EVENT_REQUIRED || (field->need == EVENT_SCOPED && reading->scoped);
        code = event_find(reading, field->name, required, &value);
        if (code == REJECT_NONE && value != NULL)
            code = read_field(reading, field, value);
    }
    return code;
}

static enum reject_code read_strike(struct reading *reading, const struct json_value *value)
{
    struct event_decoder *decoder = reading->decoder;
    struct knowledge_policy *policy = &reading->event->policy;
    if (value->type != JSON_OBJECT)
        return event_bad_type(reading, "strike", value, "an object");
    struct reading inner = *reading;
    inner.members = decoder->strike;
    inner.inside = "strike.";
    inner.count = json_members(value, decoder->strike, EVENT_MEMBERS_MAX);
    if (inner.count > EVENT_MEMBERS_MAX)
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "strike: has %zu members, at most %u are allowed", inner.count,
                          EVENT_MEMBERS_MAX);
    enum reject_code code = event_read_fields(&inner, event_strike_fields);
    if (code == REJECT_NONE)
        code = read_spacing(&inner);
    if (code == REJECT_NONE)
        code = read_established(&inner);
    const struct {
        const char *name;
        int64_t value, min;
    } thresholds[] = {{"threshold", policy->threshold, 1},
                      {"per_right", policy->per_right, 0},
                      {"per_kind", policy->per_kind, 0}};
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds && code == REJECT_NONE; i++)
        if (thresholds[i].value < thresholds[i].min || thresholds[i].value > THRESHOLD_MAX)
            code = reject_set(reading->reject, REJECT_BAD_VALUE, "strike.%s: must be from %d to %d",
                              thresholds[i].name, (int)thresholds[i].min, THRESHOLD_MAX);
    policy->has_strike = true;
    return code;
}
