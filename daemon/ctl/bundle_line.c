/*
 * Members of a record's line. Knows the spelling of our own encoder: no space outside of strings.
 */
#include "daemon/ctl/bundle_line.h"

#include <string.h>

/* The offset behind the string that begins at `at`; len when it has no end. */
static size_t behind_string(struct bundle_slice text, size_t at)
{
    for (at++; at < text.len && text.at[at] != '"'; at++)
        if (text.at[at] == '\\')
            at++;
    return at < text.len ? at + 1 : text.len;
}

/* The offset behind the value that begins at `at`. */
static size_t behind_value(struct bundle_slice text, size_t at)
{
    size_t depth = 0;

    while (at < text.len) {
        char byte = text.at[at];
        if (byte == '"') {
            at = behind_string(text, at);
            if (depth == 0)
                return at;
            continue;
        }
        if (depth == 0 && (byte == ',' || byte == '}' || byte == ']'))
            return at;
        if (byte == '{' || byte == '[')
            depth++;
        else if ((byte == '}' || byte == ']') && --depth == 0)
            return at + 1;
        at++;
    }
    return text.len;
}

struct bundle_slice bundle_line_member(struct bundle_slice object, const char *key)
{
    size_t key_len = strlen(key), at = 1;

    while (object.at != NULL && at < object.len && object.at[at] == '"') {
        size_t begin = at + 1, value = behind_string(object, at) + 1;
        if (value >= object.len)
            break;
        size_t end = behind_value(object, value);
        if (value - 2 - begin == key_len && memcmp(object.at + begin, key, key_len) == 0)
            return (struct bundle_slice){object.at + value, end - value};
        at = end + 1;
    }
    return (struct bundle_slice){NULL, 0};
}

struct bundle_slice bundle_line_string(struct bundle_slice value)
{
    if (value.at == NULL || value.len < 2 || value.at[0] != '"')
        return (struct bundle_slice){NULL, 0};
    return (struct bundle_slice){value.at + 1, value.len - 2};
}

uint64_t bundle_line_number(struct bundle_slice value)
{
    uint64_t number = 0;

    for (size_t i = 0; value.at != NULL && i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9' || number > (uint64_t)INT64_MAX / 10 - 1)
            return 0;
        number = 10 * number + (uint64_t)(value.at[i] - '0');
    }
    return number;
}

bool bundle_line_is(struct bundle_slice value, const char *text)
{
    return value.at != NULL && value.len == strlen(text) && memcmp(value.at, text, value.len) == 0;
}

struct bundle_slice bundle_line_next_element(struct bundle_walk *walk)
{
    size_t begin = walk->at + 1; /* behind the bracket, or the comma */

    if (walk->text.at == NULL || begin >= walk->text.len || walk->text.at[begin] == ']')
        return (struct bundle_slice){NULL, 0};
    walk->at = behind_value(walk->text, begin);
    return (struct bundle_slice){walk->text.at + begin, walk->at - begin};
}

struct bundle_slice bundle_line_next_string(struct bundle_walk *walk)
{
    const struct bundle_slice text = walk->text;

    while (walk->at < text.len) {
        if (text.at[walk->at] != '"') {
            walk->at++;
            continue;
        }
        size_t begin = walk->at + 1;
        walk->at = behind_string(text, walk->at);
        size_t end = walk->at > begin ? walk->at - 1 : begin;
        struct bundle_slice string = {text.at + begin, end - begin};
        if (walk->at >= text.len || text.at[walk->at] != ':')
            return string;
        walk->key = string;
    }
    return (struct bundle_slice){NULL, 0};
}
