/*
 * The reject codes' names and the safe spelling of a detail.
 */
#include "daemon/reject.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const names[REJECT_CODES_COUNT] = {
    [REJECT_NONE] = "none",
    [REJECT_BAD_JSON] = "bad_json",
    [REJECT_BAD_UTF8] = "bad_utf8",
    [REJECT_BAD_TIME] = "bad_time",
    [REJECT_BAD_TYPE] = "bad_type",
    [REJECT_BAD_VALUE] = "bad_value",
    [REJECT_MISSING_FIELD] = "missing_field",
    [REJECT_DUP_KEY] = "dup_key",
    [REJECT_TOO_LONG] = "too_long",
    [REJECT_TOO_DEEP] = "too_deep",
    [REJECT_NOT_ALLOWED] = "not_allowed",
};

const char *reject_code_name(enum reject_code code)
{
    assert(code >= REJECT_NONE);
    assert(code < REJECT_CODES_COUNT);
    return names[code];
}

enum reject_code reject_set(struct reject *ret_reject, enum reject_code code, const char *format,
                            ...)
{
    va_list arguments;

    ret_reject->code = code;
    va_start(arguments, format);
    int len = vsnprintf(ret_reject->detail, sizeof(ret_reject->detail), format, arguments);
    va_end(arguments);
    if (len < 0) /* the C library could not convert: the code alone must do */
        ret_reject->detail[0] = '\0';
    for (char *at = ret_reject->detail; *at != '\0'; at++)
        if (*at < 0x20 || *at > 0x7e)
            *at = '?';
    return code;
}
