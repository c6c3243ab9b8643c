/*
 * Any first line: what is taken as a hello holds what the wire promises, what is refused says why,
 * and what is neither leaves both alone.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void check_hello(const struct hello *hello)
{
    check(hello->version == HELLO_VERSION);
    check(hello->ack || !hello->matches); /* the count stands in acks */
    check(hello->source_len <= HELLO_SOURCE_BYTES_MAX);
    check(strlen(hello->source) == hello->source_len);
    for (size_t i = 0; i < hello->source_len; i++)
        check(hello->source[i] > ' ' && hello->source[i] <= 'z' && hello->source[i] != '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_parser *parser;
    if (parser == NULL)
        parser = json_open();
    check(parser != NULL);
    if (size > JSON_BYTES_MAX)
        return 0;
    char *line = malloc(size + JSON_SLACK_BYTES);
    check(line != NULL);
    if (size > 0)
        memcpy(line, data, size);
    memset(line + size, '1', JSON_SLACK_BYTES);

    struct hello hello = {.version = UINT32_MAX};
    struct reject reject = {.code = REJECT_NONE};
    int result = hello_decode(parser, line, size, &hello, &reject);
    check(result == 0 || result == 1 || result == -EINVAL);
    check((result == -EINVAL) == (reject.code != REJECT_NONE));
    check((result == 1) == (hello.version != UINT32_MAX));
    if (result == 1)
        check_hello(&hello);
    if (result == -EINVAL)
        check(strnlen(reject.detail, sizeof reject.detail) > 0);
    free(line);
    return 0;
}
