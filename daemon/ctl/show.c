/*
 * JSON for people. Knows JSON and the terminal, no record.
 */
#include "daemon/ctl/show.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define MEMBERS_MAX  64u
#define ELEMENTS_MAX 32u
#define NAME_COLUMNS 24

static void new_line(const struct term *term, unsigned depth)
{
    (void)fprintf(term->stream, "\n%*s", (int)(2 * depth), "");
}

/* The end of the string that begins with the quote at `at`. */
static size_t string_end(const char *json, size_t len, size_t at)
{
    for (at++; at < len && json[at] != '"'; at++)
        if (json[at] == '\\')
            at++;
    return at < len ? at + 1 : len;
}

void show_pretty(const struct term *term, const char *json, size_t len)
{
    unsigned depth = 0;
    bool opened = false; /* the last token opened an object or array */
    for (size_t at = 0; at < len;) {
        char byte = json[at];
        if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
            at++;
            continue;
        }
        bool closes = byte == '}' || byte == ']';
        if (closes && depth > 0)
            depth--;
        if (opened != closes && (opened || closes))
            new_line(term, depth);
        opened = byte == '{' || byte == '[';
        if (opened)
            depth++;
        size_t end = byte == '"' ? string_end(json, len, at) : at + 1;
        term_print(term, json + at, end - at);
        at = end;
        if (byte == ',')
            new_line(term, depth);
        if (byte == ':')
            (void)fputc(' ', term->stream);
    }
    (void)fputc('\n', term->stream);
}

/* A value that is no list, on the line: a string escaped and without quotes, others as JSON has
   them. What holds others is only hinted at, since an input says how deep that goes. */
static void show_plain(const struct term *term, const struct json_value *value)
{
    switch (value->type) {
    case JSON_NULL:
        (void)fputs("none", term->stream);
        break;
    case JSON_BOOL:
        (void)fputs(value->boolean ? "yes" : "no", term->stream);
        break;
    case JSON_INTEGER:
        (void)fprintf(term->stream, "%" PRId64, value->integer);
        break;
    case JSON_NUMBER:
        (void)fprintf(term->stream, "%.6g", value->number);
        break;
    case JSON_STRING:
        if (value->len == 0)
            (void)fputs("none", term->stream);
        term_print(term, value->text, value->len);
        break;
    case JSON_ARRAY:
        (void)fputs("[...]", term->stream);
        break;
    case JSON_OBJECT:
        (void)fputs("{...}", term->stream);
        break;
    }
}

static void show_list(const struct term *term, const struct json_value *array)
{
    struct json_value elements[ELEMENTS_MAX];
    size_t count = json_elements(array, elements, ELEMENTS_MAX);
    for (size_t i = 0; i < count && i < ELEMENTS_MAX; i++) {
        (void)fputs(i > 0 ? ", " : "", term->stream);
        show_plain(term, &elements[i]);
    }
    if (count == 0)
        (void)fputs("none", term->stream);
    if (count > ELEMENTS_MAX)
        (void)fprintf(term->stream, ", and %zu more", count - ELEMENTS_MAX);
}

/* What is deeper is shown as {...}: the depth of the recursion. */
#define LEVELS_MAX 4u

static void show_level(const struct term *term, const struct json_value *object,
                       const char *without, unsigned level)
{
    struct json_member members[MEMBERS_MAX];
    size_t count = json_members(object, members, MEMBERS_MAX);
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++) {
        const struct json_member *member = &members[i];
        if (without != NULL && member->key_len == strlen(without) &&
            memcmp(member->key, without, member->key_len) == 0)
            continue;
        (void)fprintf(term->stream, "%*s", (int)(2 * level), "");
        term_style(term, TERM_BOLD);
        term_print(term, member->key, member->key_len);
        term_style(term, TERM_PLAIN);
        if (member->value.type == JSON_OBJECT && level + 1 < LEVELS_MAX) {
            (void)fputc('\n', term->stream);
            show_level(term, &member->value, NULL, level + 1);
            continue;
        }
        size_t used = (size_t)2 * level + member->key_len;
        int pad = used < NAME_COLUMNS ? (int)(NAME_COLUMNS - used) : 1;
        (void)fprintf(term->stream, "%*s", pad, "");
        if (member->value.type == JSON_ARRAY)
            show_list(term, &member->value);
        else
            show_plain(term, &member->value);
        (void)fputc('\n', term->stream);
    }
}

void show_tree(const struct term *term, const struct json_value *object, const char *without)
{
    assert(object->type == JSON_OBJECT);
    show_level(term, object, without, 0);
}
