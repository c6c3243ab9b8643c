/*
 * Our findings are those of the oracle, an executable specification in Python, on random sets of
 * events: same lines, byte for byte. FINDINGS_SETS and FINDINGS_SEED choose how many, and which.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/findings_print.h"
#include "daemon/event.h"
#include "daemon/knowledge/knowledge.h"
#include "daemon/ledger/text.h"
#include "tests/fakes/test.h"

#define ORACLE     "../shared/knowledge/oracle.py"
#define SETS       "tests/unit/findings_sets.py"
#define LINE_BYTES (1u << 16)
#define SET_BYTES  (1u << 20)

/* The sanitizers take most of the time, and the paths are the same. */
#ifdef __SANITIZE_ADDRESS__
#define SETS_COUNT "3000"
#define SETS_SEED  "2"
#else
#define SETS_COUNT "20000"
#define SETS_SEED  "1"
#endif

static struct event_decoder *decoder;
static char expected[SET_BYTES], found[SET_BYTES], events[SET_BYTES];
static size_t expected_len, events_len;
static struct text written;
static unsigned long seen[KNOWLEDGE_ELEMENTS_COUNT][KNOWLEDGE_REASONS_COUNT];

static int open_all(void **state)
{
    (void)state;
    decoder = event_open();
    return decoder == NULL ? -1 : 0;
}

static int close_all(void **state)
{
    (void)state;
    decoder = event_close(decoder);
    return 0;
}

static int write_finding(void *context, const struct knowledge_finding *finding)
{
    (void)context;
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++)
        seen[i][finding->elements[i].reason]++;
    findings_json(&written, finding, NULL);
    text_literal(&written, "\n");
    return 0;
}

static void add_event(struct knowledge *knowledge, const char *line, size_t len)
{
    static char bytes[LINE_BYTES + JSON_SLACK_BYTES];
    struct knowledge_event event;
    struct reject reject = {0};
    assert_true(len <= LINE_BYTES);
    memcpy(bytes, line, len);
    if (event_decode(decoder, bytes, len, false, &event, &reject) != REJECT_NONE)
        fail_msg("%s: %.*s", reject.detail, (int)len, line);
    assert_int_equal(knowledge_add(knowledge, &event), 0);
    assert_true(events_len + len + 1 <= sizeof events);
    memcpy(events + events_len, line, len);
    events_len += len;
    events[events_len++] = '\n';
}

static void compare_set(struct knowledge *knowledge, unsigned long number)
{
    static const struct knowledge_filter all = {0};
    written = text_into(found, sizeof found);
    assert_int_equal(knowledge_build(knowledge), 0);
    assert_int_equal(knowledge_findings(knowledge, &all, write_finding, NULL), 0);
    assert_false(written.overflow);
    if (written.len == expected_len && memcmp(found, expected, expected_len) == 0)
        return;
    print_error("set %lu:\n%.*sexpected:\n%.*sfound:\n%.*s", number, (int)events_len, events,
                (int)expected_len, expected, (int)written.len, found);
    fail_msg("set %lu differs from the oracle", number);
}

/* Reads sets until the end; returns how many. */
static unsigned long compare_sets(FILE *sets)
{
    static char line[LINE_BYTES];
    unsigned long count = 0;
    struct knowledge *knowledge = knowledge_open(count);
    while (fgets(line, sizeof line, sets) != NULL) {
        size_t len = strlen(line);
        assert_true(len > 0 && line[len - 1] == '\n');
        if (line[0] == 'E') {
            add_event(knowledge, line + 2, len - 3);
        } else if (line[0] == 'F') {
            assert_true(expected_len + len - 2 <= sizeof expected);
            memcpy(expected + expected_len, line + 2, len - 2);
            expected_len += len - 2;
        } else {
            assert_string_equal(line, ".\n");
            compare_set(knowledge, count++);
            knowledge = knowledge_close(knowledge);
            knowledge = knowledge_open(count);
            expected_len = events_len = 0;
        }
        assert_non_null(knowledge);
    }
    knowledge = knowledge_close(knowledge);
    return count;
}

static const char *or_else(const char *name, const char *value)
{
    const char *given = getenv(name);
    return given != NULL ? given : value;
}

static void random_sets_give_what_the_oracle_finds(void **state)
{
    char command[512];
    const char *count = or_else("FINDINGS_SETS", SETS_COUNT);
    (void)state;
    if (access(ORACLE, R_OK) == -1) {
        print_message("skipped: no ../shared\n");
        skip();
    }
    (void)snprintf(command, sizeof command, "PYTHONDONTWRITEBYTECODE=1 python3 %s %s %lu %lu", SETS,
                   ORACLE, strtoul(count, NULL, 10),
                   strtoul(or_else("FINDINGS_SEED", SETS_SEED), NULL, 10));
    FILE *sets = popen(command, "r");
    assert_non_null(sets);
    unsigned long compared = compare_sets(sets);
    assert_int_equal(pclose(sets), 0);
    assert_int_equal(compared, strtoul(count, NULL, 10));
    print_message("%lu sets, no difference\n", compared);
}

/* What only policies reach that say more than the oracle knows (domain 2.5). */
static bool is_beyond(enum knowledge_reason reason)
{
    return reason == KNOWLEDGE_REASON_STRIKES_KIND || reason == KNOWLEDGE_REASON_STRIKES_RIGHT ||
           reason == KNOWLEDGE_REASON_TRANSFERRED;
}

/* A rule that the sets never reach is not compared. */
static void the_sets_reach_every_reason(void **state)
{
    unsigned long total = 0, missed = 0;
    (void)state;
    for (unsigned reason = 0; reason < KNOWLEDGE_REASONS_COUNT; reason++) {
        unsigned long times = 0;
        for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++)
            times += seen[i][reason];
        if (is_beyond((enum knowledge_reason)reason)) {
            assert_int_equal(times, 0);
            continue;
        }
        total += times;
        missed += times == 0;
        if (times == 0)
            print_message("never: %s\n", knowledge_reason_meaning((enum knowledge_reason)reason));
    }
    if (total == 0)
        skip();
    assert_int_equal(missed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sets_give_what_the_oracle_finds),
        cmocka_unit_test(the_sets_reach_every_reason),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
