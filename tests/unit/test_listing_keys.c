/*
 * Which members of a line are read, and which bytes of a text are: compared with the plain way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/listing_rig.h"

#define GOOD "\"platform\":\"p\",\"listing_id\":\"l\",\"title\":\"t\""

static const char *const names[] = {"platform",    "listing_id", "title",       "seller_id",
                                    "description", "url",        "currency",    "price",
                                    "state",       "via",        "observed_at", "type"};
#define NAMES_COUNT (sizeof(names) / sizeof(names[0]))

static enum reject_code decode(const char *line, struct reject *reterr_reject)
{
    struct listing listing;
    return decode_exact(line, strlen(line), '7', &listing, reterr_reject);
}

/* An array is no value of any field: a member is read when it is a fault. */
static bool is_read(const char *key)
{
    char line[256];
    struct reject reject;

    (void)snprintf(line, sizeof(line), "{" GOOD ",\"%s\":[]}", key);
    return decode(line, &reject) != REJECT_NONE;
}

static bool is_name(const char *key)
{
    for (size_t i = 0; i < NAMES_COUNT; i++)
        if (strcmp(key, names[i]) == 0)
            return true;
    return false;
}

static void check_key(const char *key)
{
    if (is_read(key) != is_name(key))
        fail_msg("%s is %s", key, is_read(key) ? "read" : "not read");
}

static void only_the_names_themselves_are_read(void **state)
{
    static const char others[] = "abcdefghijklmnopqrstuvwxyz_ATU0 .";
    char key[64];

    (void)state;
    for (size_t i = 0; i < NAMES_COUNT; i++) {
        size_t len = strlen(names[i]);
        assert_true(is_read(names[i]));
        for (size_t cut = 0; cut <= len; cut++) { /* shorter, and with every byte changed */
            (void)snprintf(key, sizeof(key), "%.*s", (int)cut, names[i]);
            check_key(key);
            for (size_t k = 0; cut < len && k < sizeof(others) - 1; k++) {
                (void)snprintf(key, sizeof(key), "%s", names[i]);
                key[cut] = others[k];
                check_key(key);
            }
        }
        for (size_t k = 0; k < sizeof(others) - 1; k++) {
            (void)snprintf(key, sizeof(key), "%s%c", names[i], others[k]);
            check_key(key);
            (void)snprintf(key, sizeof(key), "%c%s", others[k], names[i]);
            check_key(key);
        }
        for (size_t k = 0; k < NAMES_COUNT; k++) {
            (void)snprintf(key, sizeof(key), "%s%s", names[i], names[k]);
            check_key(key);
        }
        (void)snprintf(key, sizeof(key), "%s\\u0000", names[i]);
        check_key(key);
    }
}

/* At every offset of texts of every length up to 80, and of one far longer. */
static void a_nul_and_a_slash_are_found_wherever_they_stand(void **state)
{
    static const char *const escapes[] = {"\\u0000", "\\u0001", "\\u0100", "\\u8000", "/", "."};
    static char line[4096], text[2048];
    struct reject reject;

    (void)state;
    for (size_t len = 1; len <= 260; len += len < 80 ? 1 : 180) {
        for (size_t at = 0; at < len; at++) {
            for (size_t k = 0; k < sizeof(escapes) / sizeof(escapes[0]); k++) {
                size_t escape_len = strlen(escapes[k]);
                memset(text, 'a', len + escape_len);
                memcpy(text + at, escapes[k], escape_len);
                text[len - 1 + escape_len] = '\0';
                (void)snprintf(line, sizeof(line), "{" GOOD ",\"url\":\"%s\"}", text);
                assert_int_equal(decode(line, &reject), k == 0 ? REJECT_BAD_VALUE : REJECT_NONE);
                (void)snprintf(line, sizeof(line),
                               "{\"platform\":\"%s\",\"listing_id\":\"l\",\"title\":\"t\"}", text);
                bool bad = k == 0 || k == 4 || len > 256;
                assert_int_equal(decode(line, &reject), bad ? REJECT_BAD_VALUE : REJECT_NONE);
                if (bad && len <= 256)
                    assert_string_equal(reject.detail,
                                        k == 0 ? "platform: holds a NUL" : "platform: holds a '/'");
            }
        }
    }
    (void)decode("{\"platform\":\"/\\u0000\",\"listing_id\":\"l\",\"title\":\"t\"}", &reject);
    assert_string_equal(reject.detail, "platform: holds a NUL"); /* told first */
}

/* The texts stand one behind the other in the arena, and the next line behind them. */
static void a_line_takes_from_the_arena_what_it_is_long(void **state)
{
    static const char line[] = "{" GOOD ",\"x\":\"01234567890123456789\",\"y\":[\"0123456789\"]}";
    struct listing first, second;
    struct reject reject;
    char bytes[sizeof(line) + JSON_SLACK_BYTES] = {0};
    size_t len = sizeof(line) - 1;

    (void)state;
    struct arena batch;
    assert_int_equal(arena_open(&batch, LISTING_ARENA_BYTES_MAX + 1024), 0);
    memcpy(bytes, line, len);
    assert_int_equal(listing_decode(parser, bytes, len, &batch, &first, &reject), REJECT_NONE);
    assert_true(batch.used <= 2 * len + JSON_SLACK_BYTES + 64);
    bytes[0] = '[';
    assert_int_equal(listing_decode(parser, bytes, len, &batch, &second, &reject), REJECT_BAD_JSON);
    bytes[0] = '{';
    assert_int_equal(listing_decode(parser, bytes, len, &batch, &second, &reject), REJECT_NONE);
    assert_true(second.line.at >= first.title.at + first.title.len);
    assert_memory_equal(first.line.at, line, len);
    assert_memory_equal(first.title.at, "t", 1);
    assert_memory_equal(second.title.at, "t", 1);
    arena_close(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_names_themselves_are_read),
        cmocka_unit_test(a_nul_and_a_slash_are_found_wherever_they_stand),
        cmocka_unit_test(a_line_takes_from_the_arena_what_it_is_long),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
