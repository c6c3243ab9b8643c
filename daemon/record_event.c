/*
 * A walk over the brackets of a line. It looks at nothing inside of strings but where they end, so
 * that no text from outside can pass for a member.
 */
#include "daemon/record_event.h"

#include <string.h>

/* The quote that ends the string which begins at `at` (its quote); NULL: none does. */
static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '\\')
            at++;
        else if (*at == '"')
            return at;
    }
    return NULL;
}

/* Behind the object or array that begins at `at`; NULL: it is not closed. */
static const char *value_end(const char *at, const char *end)
{
    size_t depth = 0;
    for (; at < end; at++) {
        if (*at == '"') {
            at = string_end(at, end);
            if (at == NULL)
                return NULL;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if ((*at == '}' || *at == ']') && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

bool record_event_find(const char *line, size_t len, const char **ret_at, size_t *ret_len)
{
    static const char key[] = "\"event\":";
    const char *end = line + len, *at = line;
    bool before_key = false;
    if (at == end || *at != '{')
        return false;
    /* Only what stands directly in the outer object is looked at: values are stepped over. */
    for (before_key = true, at++; at < end; at++) {
        if (before_key && (size_t)(end - at) > sizeof key && memcmp(at, key, sizeof key - 1) == 0 &&
            at[sizeof key - 1] == '{') {
            *ret_at = at + sizeof key - 1;
            const char *behind = value_end(*ret_at, end);
            if (behind == NULL)
                return false;
            *ret_len = (size_t)(behind - *ret_at);
            return true;
        }
        if (*at == '"') {
            at = string_end(at, end);
            before_key = false;
        } else if (*at == '{' || *at == '[') {
            at = value_end(at, end);
            if (at != NULL)
                at--;
        } else if (*at == ',') {
            before_key = true;
        }
        if (at == NULL)
            return false;
    }
    return false;
}
