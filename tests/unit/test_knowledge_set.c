/*
 * Findings are a function of the set of records: the order of arrival, duplicates, restarts and the
 * seed of hash tables never matter; ids with two bodies and parts that are missing do not count.
 */
#include <errno.h>
#include <glob.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/knowledge_rig.h"

#define LINES_MAX 512u
#define OUT_BYTES (1u << 20)

static char *lines[LINES_MAX];
static size_t lines_count;
static char out[OUT_BYTES], again[OUT_BYTES];

static int print_finding(void *context, const struct knowledge_finding *finding)
{
    findings_json(context, finding, NULL);
    text_literal(context, "\n");
    return 0;
}

/* All findings of the set as the tool prints them. Returns their length. */
static size_t print_all(char *bytes)
{
    static const struct knowledge_filter all = {0};
    struct text text = text_into(bytes, OUT_BYTES);
    if (!built)
        assert_int_equal(knowledge_build(knowledge), 0);
    built = true;
    assert_int_equal(knowledge_findings(knowledge, &all, print_finding, &text), 0);
    assert_false(text.overflow);
    return text.len;
}

static void begin_empty(uint64_t seed)
{
    knowledge = knowledge_close(knowledge);
    knowledge = knowledge_open(seed);
    assert_non_null(knowledge);
    built = false;
}

static void read_lines(const char *path)
{
    static char bytes[OUT_BYTES];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes - 1, file);
    assert_int_equal(fclose(file), 0);
    bytes[len] = '\0';
    lines_count = 0;
    for (char *at = bytes; *at != '\0'; lines_count++) {
        char *end = strchr(at, '\n');
        assert_non_null(end);
        assert_true(lines_count < LINES_MAX);
        lines[lines_count] = at;
        *end = '\0';
        at = end + 1;
    }
}

static void shuffle(uint64_t *state)
{
    for (size_t i = lines_count; i > 1; i--) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        size_t other = (size_t)(*state >> 33) % i;
        char *line = lines[i - 1];
        lines[i - 1] = lines[other];
        lines[other] = line;
    }
}

static void arrival_duplicates_restarts_and_seeds_never_matter(void **state)
{
    glob_t found;
    uint64_t chance = 3;
    (void)state;
    assert_int_equal(glob("tests/scenarios/*[a-z].jsonl", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (strstr(found.gl_pathv[i], ".expect.") != NULL)
            continue;
        read_lines(found.gl_pathv[i]);
        begin_empty(0);
        for (size_t j = 0; j < lines_count; j++)
            add(lines[j]);
        size_t len = print_all(out);
        assert_int_equal(print_all(again), len); /* asked twice */
        for (uint64_t turn = 1; turn <= 5; turn++) {
            shuffle(&chance);
            begin_empty(turn * 0x9e3779b97f4a7c15u);
            for (size_t j = 0; j < lines_count; j++) {
                add(lines[j]);
                if (j % turn == 0)
                    add(lines[j * 7 % (j + 1)]);
            }
            assert_int_equal(print_all(again), len);
            assert_memory_equal(again, out, len);
        }
    }
    globfree(&found);
}

static void an_event_in_another_spelling_is_the_same(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'s1','type':'sighting','at':'2023-01-09T00:00:00Z','listing':'L1','state':'active',"
        "'x':{'b':[1,2.50],'a':'\\u0041'}}");
    add("{ 'x' : { 'a':'A', 'b':[1, 25e-1] }, 'state':'active', 'at':'2023-01-09T00:00:00Z',"
        "'listing':'\\u004c1', 'type':'sighting', 'id':'s1' }");
    add_act("2023-01-10T00:00:00Z");
    shows("listing_remained_active", "shown active_after_grace s1");
}

static void count_problems(size_t conflicts, size_t incomplete)
{
    struct knowledge_text id;
    enum knowledge_problem problem;
    for (size_t i = 0; knowledge_problem_at(knowledge, i, &id, &problem); i++) {
        conflicts -= problem == KNOWLEDGE_CONFLICT;
        incomplete -= problem == KNOWLEDGE_INCOMPLETE;
    }
    assert_int_equal(conflicts, 0);
    assert_int_equal(incomplete, 0);
}

static void two_bodies_under_one_id_exclude_each_other(void **state)
{
    static const char *const others[] = {
        "{'id':'s1','type':'sighting','at':'2023-01-09T00:00:00Z','listing':'L1','state':'gone'}",
        "{'id':'s1','type':'sighting','at':'2023-01-09T00:00:00Z','listing':'L1','state':'active',"
        "'note':1}",
        "{'id':'s1','type':'weather','at':'2023-01-09T00:00:00Z'}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        begin();
        add_notice("N1", "L1", 5);
        add_seen("s1", "active", "2023-01-09T00:00:00Z");
        add(others[i]);
        add_seen("s1", "active", "2023-01-09T00:00:00Z");
        add_act("2023-01-10T00:00:00Z");
        shows("listing_remained_active", "not_shown no_active_sighting_after_grace");
        count_problems(1, 0);
    }
}

/* The second slice of a notice on L0, L1 and L2, or another part of it. */
static void add_part(int part, int parts, const char *listings)
{
    addf("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
         "'channel':'portal','kind':'counterfeit','has':['location','right'],'listings':[%s],"
         "'part':[%d,%d]}",
         listings, part, parts);
}

static void begin_parts(void)
{
    begin();
    add("{'id':'nr','type':'notice.received','at':'2023-01-05T10:00:00Z','notice':'N1'}");
    add_act("2023-01-10T00:00:00Z");
    add_part(2, 2, "'L1','L2'");
}

static void parts_are_joined_to_what_they_were(void **state)
{
    (void)state;
    begin_parts();
    add_part(1, 2, "'L0'");
    add_part(2, 2, "'L1','L2'");
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'channel':'portal','kind':'counterfeit','has':['location','right'],"
        "'listings':['L0','L1','L2']}");
    shows("listing_known", "shown grade_B ns,nr");
    count_problems(0, 0);
}

static void an_event_that_lacks_a_part_is_ignored_and_reported(void **state)
{
    (void)state;
    begin_parts();
    shows("listing_known", "not_shown no_notice");
    count_problems(0, 1);
}

static void parts_that_do_not_agree_are_excluded(void **state)
{
    (void)state;
    begin_parts();
    add_part(1, 2, "'L0'");
    add_part(1, 2, "'L9'");
    shows("listing_known", "not_shown no_notice");
    count_problems(1, 0);

    begin_parts();
    add_part(1, 3, "'L0'");
    shows("listing_known", "not_shown no_notice");
    count_problems(1, 0);

    begin_parts();
    add_part(1, 2, "'L0'");
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'channel':'portal','kind':'counterfeit','has':['location','right'],"
        "'listings':['L1','L2','L0']}");
    shows("listing_known", "not_shown no_notice");
    count_problems(1, 0);
}

/* Listing X is M1's on P and M2's on Q; the notice and the sighting are of Q's. */
static void begin_two_platforms(const char *sighting_platform)
{
    begin_under(NULL);
    add("{'id':'cq','type':'channel','at':'2022-01-01T00:00:00Z','platform':'Q','channel':'mail',"
        "'class':'designated'}");
    add("{'id':'xp','type':'listing','at':'2022-01-01T00:00:00Z','platform':'P','listing':'X',"
        "'merchant':'M1'}");
    add("{'id':'xq','type':'listing','at':'2022-01-02T00:00:00Z','platform':'Q','listing':'X',"
        "'merchant':'M2'}");
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'Q','notice':'N1',"
        "'channel':'mail','kind':'counterfeit','listings':['X']}");
    add("{'id':'nr','type':'notice.received','at':'2023-01-05T10:00:00Z','notice':'N1'}");
    addf("{'id':'s1','type':'sighting','at':'2023-01-09T00:00:00Z',%s'listing':'X',"
         "'state':'active'}",
         sighting_platform);
    add("{'id':'ad','type':'support','at':'2023-01-10T00:00:00Z','platform':'Q',"
        "'kind':'sponsored_ad','listing':'X'}");
}

static void ids_count_by_platform_where_every_event_says_it(void **state)
{
    (void)state;
    begin_two_platforms("'platform':'Q',");
    shows_of("M2", "listing_remained_active", "shown active_after_grace s1");
    shows_of("M2", "act_connected", "shown same_listing ad");
    shows("listing_known", "not_shown no_notice");

    begin_two_platforms("'platform':'P',"); /* P's X is seen, not Q's */
    shows_of("M2", "listing_remained_active", "not_shown no_active_sighting_after_grace");

    begin_two_platforms(""); /* one event without: ids are global, the last owner holds */
    shows_of("M2", "listing_remained_active", "shown active_after_grace s1");
    shows_of("M2", "act_connected", "shown same_listing ad");
}

static void a_notice_that_names_nothing_is_no_fault(void **state)
{
    (void)state;
    begin_under(NULL);
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'channel':'portal'}");
    add("{'id':'nr','type':'notice.received','at':'2023-01-05T10:00:00Z','notice':'N1'}");
    add_act("2023-01-10T00:00:00Z");
    shows("listing_known", "not_shown no_notice");
}

static void reasons_stand_in_alphabetical_order(void **state)
{
    struct knowledge_finding finding = {0};
    char before[KNOWLEDGE_REASON_BYTES] = "", name[KNOWLEDGE_REASON_BYTES];
    (void)state;
    for (unsigned i = 0; i < KNOWLEDGE_REASONS_COUNT; i++) {
        knowledge_reason_name(&finding, (enum knowledge_reason)i, name);
        assert_true(strcmp(before, name) < 0);
        memcpy(before, name, sizeof name);
    }
}

/* In a process that may use only so much memory: 0 found, 1 -ENOMEM. */
static int find_within(rlim_t bytes)
{
    static const struct knowledge_filter all = {0};
    struct rlimit limit = {bytes, bytes};
    struct text text = text_into(out, sizeof out);
    int result = setrlimit(RLIMIT_DATA, &limit) == 0 ? 0 : -EINVAL;
    knowledge = knowledge_open(1);
    if (result == 0 && knowledge == NULL)
        return 1;
    for (uint32_t i = 0; i < 40000 && result == 0; i++) {
        char id[16], listing[16];
        int id_len = snprintf(id, sizeof id, "i%u", i);
        int listing_len = snprintf(listing, sizeof listing, "L%u", i % 9000);
        struct knowledge_event event = {
            .kind = i % 5 == 0 ? KNOWLEDGE_LISTING : KNOWLEDGE_SIGHTING,
            .state = KNOWLEDGE_STATE_ACTIVE,
            .id = {id, (size_t)id_len},
            .at_ns = i,
            .listing = {listing, (size_t)listing_len},
            .merchant = {"M", i % 5 == 0},
        };
        if (i % 1000 == 1) {
            event.kind = KNOWLEDGE_SUPPORT;
            event.platform = (struct knowledge_text){"P", 1};
            event.word = event.platform;
        }
        if (event.merchant.len == 0)
            event.merchant.at = NULL;
        result = knowledge_add(knowledge, &event);
    }
    if (result == 0)
        result = knowledge_build(knowledge);
    if (result == 0)
        result = knowledge_findings(knowledge, &all, print_finding, &text);
    knowledge = knowledge_close(knowledge);
    return result == 0 ? 0 : result == -ENOMEM ? 1 : 2;
}

static void running_out_of_memory_anywhere_is_an_error_and_no_more(void **state)
{
    unsigned failed = 0, found = 0;
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* their allocators end the process */
#endif
    for (rlim_t mib = 2; mib < 400; mib += mib < 40 ? 1 : 20) {
        int status = 0;
        pid_t child = fork();
        assert_int_not_equal(child, -1);
        if (child == 0)
            _exit(find_within(mib << 20));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_true(WEXITSTATUS(status) <= 1);
        failed += WEXITSTATUS(status) == 1;
        found += WEXITSTATUS(status) == 0;
    }
    assert_true(failed > 0);
    assert_true(found > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrival_duplicates_restarts_and_seeds_never_matter),
        cmocka_unit_test(an_event_in_another_spelling_is_the_same),
        cmocka_unit_test(two_bodies_under_one_id_exclude_each_other),
        cmocka_unit_test(parts_are_joined_to_what_they_were),
        cmocka_unit_test(an_event_that_lacks_a_part_is_ignored_and_reported),
        cmocka_unit_test(parts_that_do_not_agree_are_excluded),
        cmocka_unit_test(ids_count_by_platform_where_every_event_says_it),
        cmocka_unit_test(a_notice_that_names_nothing_is_no_fault),
        cmocka_unit_test(reasons_stand_in_alphabetical_order),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error_and_no_more),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
