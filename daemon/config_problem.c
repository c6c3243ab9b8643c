/*
 * A problem of a configuration with its place and its line. Knows no key.
 */
#include "daemon/config_problem.h"

#include <stdio.h>
#include <string.h>

#define EXCERPT_BYTES                                                                              \
    80u /* of the line with the fault; a fault further right is told without it                    \
         */

/* The line of the text, and a caret under the column; nothing when that does not fit. */
static size_t write_excerpt(const char *bytes, size_t len,
                            const struct config_yaml_problem *problem, char *ret_text, size_t room)
{
    const char *at = bytes, *end = bytes + len;

    if (problem->line == 0 || problem->column == 0 || problem->column > EXCERPT_BYTES)
        return 0;
    for (unsigned line = 1; line < problem->line; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            return 0;
        at = newline + 1;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t line_len = (size_t)((newline != NULL ? newline : end) - at);
    if (line_len > EXCERPT_BYTES)
        line_len = EXCERPT_BYTES;
    if (line_len == 0)
        return 0;
    /* A column counts code points, a terminal shows one cell for most: continuation bytes go. */
    char shown[EXCERPT_BYTES];
    size_t shown_len = 0;
    for (size_t i = 0; i < line_len; i++)
        if (((unsigned char)at[i] & 0xc0) != 0x80)
            shown[shown_len++] = at[i];
    int written = snprintf(ret_text, room, "\n    %.*s\n    %*s", (int)shown_len, shown,
                           (int)problem->column, "^");
    return written < 0 || (size_t)written >= room ? 0 : (size_t)written;
}

void config_problem_write(const char *path, const char *bytes, size_t len,
                          const struct config_yaml_problem *problem,
                          char ret_text[CONFIG_ERROR_BYTES])
{
    char place[32] = "";

    if (problem->line > 0)
        (void)snprintf(place, sizeof(place), "%u:%u:", problem->line, problem->column);
    int used = snprintf(ret_text, CONFIG_ERROR_BYTES, "%.256s:%s %s", path, place, problem->text);
    size_t first = used < 0                                ? 0
                   : (size_t)used < CONFIG_ERROR_BYTES - 1 ? (size_t)used
                                                           : CONFIG_ERROR_BYTES - 1;
    for (size_t i = 0; i < first; i++)
        if (ret_text[i] < 0x20 || ret_text[i] > 0x7e)
            ret_text[i] = '?';
    size_t excerpt =
        write_excerpt(bytes, len, problem, ret_text + first, CONFIG_ERROR_BYTES - first);
    for (size_t i = first; i < first + excerpt; i++)
        if (ret_text[i] != '\n' && (ret_text[i] < 0x20 || ret_text[i] > 0x7e))
            ret_text[i] = ret_text[i] == '\t' ? ' ' : '?';
    ret_text[first + excerpt] = '\0';
}
