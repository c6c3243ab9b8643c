/*
 * Any bytes as a line: as JSON, as a hello, as a listing. What is accepted keeps its promises.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/hello.h"
#include "daemon/listing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VALUES_MAX 64u

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* A number's spelling lies in the line and begins as a number does. */
static void check_value(const struct json_parser *parser, const struct json_value *value,
                        const char *line, size_t len)
{
    const char *at;
    size_t spelled;

    if (value->type != JSON_INTEGER && value->type != JSON_NUMBER)
        return;
    json_spelling(parser, value, &at, &spelled);
    check(at >= line && spelled > 0 && at + spelled <= line + len);
    check(*at == '-' || (*at >= '0' && *at <= '9'));
}

static void walk(struct json_parser *parser, const struct json_value *root, const char *line,
                 size_t len)
{
    static struct json_member members[VALUES_MAX];
    static struct json_value elements[VALUES_MAX];

    if (root->type == JSON_OBJECT) {
        size_t count = json_members(root, members, VALUES_MAX);
        for (size_t i = 0; i < count && i < VALUES_MAX; i++) {
            check_value(parser, &members[i].value, line, len);
            if (members[i].value.type == JSON_ARRAY)
                (void)json_elements(&members[i].value, elements, VALUES_MAX);
        }
    } else if (root->type == JSON_ARRAY) {
        size_t count = json_elements(root, elements, VALUES_MAX);
        for (size_t i = 0; i < count && i < VALUES_MAX; i++)
            check_value(parser, &elements[i], line, len);
    }
}

static void check_listing(const struct listing *listing, const char *line, size_t len)
{
    volatile char sum = 0;

    check(listing->platform.len > 0 && listing->listing_id.len > 0 && listing->title.at != NULL);
    check(memchr(listing->platform.at, '/', listing->platform.len) == NULL);
    check(listing->line.len == len && memcmp(listing->line.at, line, len) == 0);
    for (size_t i = 0; i < listing->title.len + JSON_SLACK_BYTES; i++)
        sum = (char)(sum + listing->title.at[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_parser *parser;
    static struct arena arena;
    struct json_value root;
    struct listing listing;
    struct reject reject = {.code = REJECT_NONE};
    struct hello hello;
    bool surrogate;

    if (parser == NULL) {
        parser = json_open();
        check(parser != NULL && arena_open(&arena, LISTING_ARENA_BYTES_MAX) == 0);
    }
    char *line = malloc(size + JSON_SLACK_BYTES);
    check(line != NULL);
    if (size > 0)
        memcpy(line, data, size);
    memset(line + size, '1', JSON_SLACK_BYTES);

    enum json_status status = json_parse(parser, line, size, &root, &surrogate);
    if (status == JSON_OK)
        walk(parser, &root, line, size);
    arena_reset(&arena);
    enum reject_code code = listing_decode(parser, line, size, &arena, &listing, &reject);
    check(reject.code == code);
    if (code == REJECT_NONE) {
        check(status == JSON_OK && root.type == JSON_OBJECT);
        check_listing(&listing, line, size);
    } else {
        check(arena.used == 0 && strlen(reject.detail) > 0);
    }
    int greeted = hello_decode(parser, line, size, &hello, &reject);
    check(greeted == 0 || status == JSON_OK);
    check(greeted >= 0 || reject.code != REJECT_NONE);
    free(line);
    return 0;
}
