/*
 * The configuration: what it sets, what is standard, and for each fault its exact place.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/config_value.h"
#include "daemon/event_intake.h"
#include "tests/fakes/shell.h"
#include "tests/fakes/test.h"

#define NEEDED "ledger: {path: led}\nmarks: [m.tsv]\n"

static struct config *parse(const char *text)
{
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES];

    if (config_parse("/etc/noticed/n.yaml", text, strlen(text), &config, error) != 0)
        fail_msg("%s", error);
    return config;
}

static void the_example_for_operators_loads(void **state)
{
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES] = "";

    (void)state;
    if (config_load("daemon/noticed.yaml.example", &config, error) != 0)
        fail_msg("%s", error);
    assert_string_equal(config->ledger, "/var/lib/noticed/ledger");
    assert_string_equal(config->marks.paths[0], "daemon/marks.tsv");
    assert_int_equal(config->crawl_mode, 0660);
    config = config_free(config);
}

/* "# key: value" lines of the example are the standard values: uncommented, they change nothing. */
static void the_example_shows_the_standard_values(void **state)
{
    struct config *standard = parse(NEEDED);
    struct config *shown = parse(
        NEEDED "io: auto\nlanes: auto\nlog: {level: info}\nmemory: {queue: 8MiB, carry: 16MiB}\n"
               "compile: {time: 60s, memory: 2GiB}\ncrawl: {mode: 0660}\n"
               "control: {mode: 0600}\n");
    static const char *const lines[] = {"  # segment_records: 1000000\n",
                                        "  # segment_size: 1GiB\n",
                                        "  # rejects_size: 1GiB\n",
                                        "  # reserve: 16MiB\n",
                                        "  # heartbeat: 60s\n",
                                        "  # interval: 1h\n",
                                        "  # window: 1000000\n",
                                        "  # max: 4000000\n",
                                        "# io: auto\n",
                                        "# lanes: auto\n",
                                        "  # queue: 8MiB\n",
                                        "  # carry: 16MiB\n",
                                        "  # time: 60s\n",
                                        "  # memory: 2GiB\n",
                                        "  # level: info\n"};
    size_t len;

    (void)state;
    char *example = shell_read("daemon/noticed.yaml.example", &len);
    assert_non_null(example);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (strstr(example, lines[i]) == NULL)
            fail_msg("not in the example: %s", lines[i]);
    free(example);
    assert_int_equal(standard->segment_records, 1000000);
    assert_int_equal(standard->segment_bytes, 1u << 30);
    assert_int_equal(standard->rejects_bytes_max, 1u << 30);
    assert_int_equal(standard->heartbeat_s, 60);
    assert_int_equal(standard->anchor_interval_s, 3600);
    assert_int_equal(standard->dedupe_window, 1000000);
    assert_int_equal(standard->watch_max, 4000000);
    assert_int_equal(standard->blobs_keep, CONFIG_KEEP_RECORDED);
    assert_int_equal(standard->blobs_max, 262144);
    assert_int_equal(standard->blobs_window, 1000000);
    assert_int_equal(standard->io, shown->io);
    assert_int_equal(standard->lanes, shown->lanes);
    assert_true(standard->lanes >= 1);
    assert_int_equal(standard->log_level, shown->log_level);
    assert_int_equal(standard->queue_bytes, shown->queue_bytes);
    assert_int_equal(standard->carry_bytes, shown->carry_bytes);
    assert_int_equal(standard->compile_seconds, shown->compile_seconds);
    assert_int_equal(standard->compile_mib, shown->compile_mib);
    assert_int_equal(standard->crawl_mode, shown->crawl_mode);
    assert_int_equal(standard->control_mode, shown->control_mode);
    assert_null(standard->tcp);
    assert_null(standard->crawl_socket);
    assert_null(standard->control_socket);
    assert_int_equal(standard->inputs.count + standard->cues.count, 0);
    standard = config_free(standard);
    shown = config_free(shown);
}

static void who_may_write_which_kind_is_read_from_lists(void **state)
{
    struct config *config = parse(NEEDED);

    (void)state;
    assert_int_equal(config->crawl_kinds, UINT64_C(1) << RECORD_SIGHTING | UINT64_C(1)
                                                                               << RECORD_COVERAGE);
    assert_int_equal(config->notice_kinds, event_kinds_all());
    assert_int_equal(config->notice_uids.count + config->notice_gids.count, 0);
    assert_null(config->notice_socket);
    assert_int_equal(config->notice_mode, 0660);
    config = config_free(config);
    config = parse(NEEDED "notice:\n  socket: n.sock\n  kinds: [order, 'counter.*']\n"
                          "  uids: [root, 7]\n  gids: [8, root]\n  mode: 0600\n"
                          "crawl: {kinds: []}\n");
    assert_int_equal(config->crawl_kinds, 0);
    assert_int_equal(config->notice_kinds, UINT64_C(1) << RECORD_ORDER |
                                               UINT64_C(1) << RECORD_COUNTER_FILED |
                                               UINT64_C(1) << RECORD_COUNTER_DECISION);
    assert_int_equal(config->notice_uids.count, 2);
    assert_int_equal(config->notice_uids.at[0], 0);
    assert_int_equal(config->notice_uids.at[1], 7);
    assert_int_equal(config->notice_gids.at[0], 8);
    assert_int_equal(config->notice_gids.at[1], 0);
    assert_string_equal(config->notice_socket, "/etc/noticed/n.sock");
    config = config_free(config);
}

static void every_key_sets_its_field(void **state)
{
    struct config *config =
        parse("ledger:\n  path: /l\n  segment_records: 1000\n"
              "  segment_size: 1048576\n  rejects_size: 0\n  reserve: 1MiB\n  heartbeat: 1h\n"
              "crawl:\n  socket: c.sock\n  map: scrapy\n  mode: 600\n  tcp: \"[::1]:65535\"\n"
              "control:\n  socket: /run/x\n  mode: 0777\n"
              "marks:\n- /a\n- b/c\ncues: [d]\ninputs: ['-', e]\n"
              "io: poll\nlanes: 64\nmemory: {queue: 2 MiB, carry: 1GiB}\n"
              "compile: {time: 2min, memory: 64MiB}\nlog: {level: error}\n"
              "anchor: {interval: 0s}\ndedupe: {window: 1}\nwatch: {max: 100000000}\n"
              "blobs: {keep: matched, max: 1KiB, window: 7}\n"
              "spool: {folder: s, done: remove}\n");

    (void)state;
    assert_string_equal(config->ledger, "/l");
    assert_int_equal(config->segment_records, 1000);
    assert_int_equal(config->segment_bytes, 1048576);
    assert_int_equal(config->rejects_bytes_max, 0);
    assert_int_equal(config->reserve_bytes, 1u << 20);
    assert_int_equal(config->heartbeat_s, 3600);
    assert_int_equal(config->anchor_interval_s, 0);
    assert_int_equal(config->dedupe_window, 1);
    assert_int_equal(config->watch_max, 100000000);
    assert_int_equal(config->blobs_keep, CONFIG_KEEP_MATCHED);
    assert_int_equal(config->blobs_max, 1024);
    assert_int_equal(config->blobs_window, 7);
    assert_string_equal(config->crawl_socket, "/etc/noticed/c.sock");
    assert_int_equal(config->crawl_mode, 0600);
    assert_string_equal(config->tcp, "[::1]:65535");
    assert_string_equal(config->control_socket, "/run/x");
    assert_int_equal(config->control_mode, 0777);
    assert_int_equal(config->marks.count, 2);
    assert_string_equal(config->marks.paths[0], "/a");
    assert_string_equal(config->marks.paths[1], "/etc/noticed/b/c");
    assert_string_equal(config->cues.paths[0], "/etc/noticed/d");
    assert_string_equal(config->inputs.paths[0], "-");
    assert_string_equal(config->inputs.paths[1], "/etc/noticed/e");
    assert_string_equal(config->spool_folder, "/etc/noticed/s");
    assert_int_equal(config->spool_done, CONFIG_DONE_REMOVE);
    assert_true(config->spool_map != NULL && config->spool_map == config->crawl_map);
    assert_int_equal(config->io, BACKEND_POLL);
    assert_int_equal(config->lanes, 64);
    assert_int_equal(config->queue_bytes, 2u << 20);
    assert_int_equal(config->carry_bytes, 1u << 30);
    assert_int_equal(config->compile_seconds, 120);
    assert_int_equal(config->compile_mib, 64);
    assert_int_equal(config->log_level, LOG_LEVEL_ERROR);
    config = config_free(config);
}

/* The first line of the error, after the path. */
static const struct {
    const char *text, *error;
} faults[] = {
    {"", "1:1: holds nothing"},
    {"# only\n", "1:1: holds nothing"},
    {"[a]", "1:1: must be a mapping of keys to values"},
    {"ledger: {path: l}\n", " marks: missing"},
    {"marks: [m]\n", " ledger.path: missing"},
    {"ledger: {path: l}\nmarks: []\n", "2:1: marks: must name at least one file"},
    {NEEDED "ledgr: 1\n", "3:1: ledgr: no such key; did you mean ledger?"},
    {NEEDED "log:\n  # x\n  levl: info\n", "5:3: log.levl: no such key; did you mean log.level?"},
    {NEEDED "foo: {bar: 1}\n", "3:1: foo: no such key"},
    {NEEDED "foo: {}\n", "3:1: foo: no such key"},
    {NEEDED "ledger.heartbeat: 60s\n", "3:1: a key is empty or holds a NUL or a dot"},
    {NEEDED "io: auto\nio: poll\n", "4:1: duplicate key"},
    {NEEDED "log: {level: info, \"level\": info}\n", "3:21: duplicate key"},
    {NEEDED "log: 5\n", "3:1: log: is a section, must hold keys"},
    {NEEDED "io: {a: 1}\n", "3:1: io: is a mapping, must be a value"},
    {NEEDED "io: [auto]\n", "3:1: io: must be one value"},
    {NEEDED "log: {level: {a: 1}}\n", "3:7: log.level: is a mapping, must be a value"},
    {NEEDED "cues: c.tsv\n", "3:1: cues: must be a list of files"},
    {NEEDED "notice: {kinds: all}\n", "3:10: notice.kinds: must be a list"},
    {NEEDED "notice: {kinds: [notice]}\n",
     "3:18: notice.kinds: must be all, a kind of event such as notice.sent, or a family such as "
     "notice.*, not \"notice\""},
    {NEEDED "crawl: {kinds: [match]}\n", "3:17: crawl.kinds: must be all, a kind of event"},
    {NEEDED "notice: {uids: [no-such-user.]}\n",
     "3:17: notice.uids: must be the name or number of a user of this host, not"},
    {NEEDED "notice: {gids: [4294967295]}\n", "3:17: notice.gids: must be the name or number of"},
    {NEEDED "cues: [[c]]\n", "3:1: cues: an item is a list or mapping, must be a word"},
    {NEEDED "cues: [c, d, c]\n", "3:14: cues: /etc/noticed/c is there twice"},
    {NEEDED "cues: ['']\n", "3:8: cues: must be a path of 1 to 4095 bytes without NUL, not \"\""},
    {NEEDED "io: epoll\n", "3:5: io: must be auto, uring or poll, not \"epoll\""},
    {NEEDED "io:\n", "3:1: io: has no value"},
    {NEEDED "io: &x auto\nlog: {level: *x}\n", "4:15: log.level: aliases are not taken"},
    {NEEDED "lanes: 65\n", "3:8: lanes: must be auto or a number from 1 to 64, not \"65\""},
    {NEEDED "lanes: 0\n", "3:8: lanes: must be auto or"},
    {NEEDED "lanes: 1.0\n", "3:8: lanes: must be auto or"},
    {NEEDED "lanes: -1\n", "3:8: lanes: must be auto or"},
    {NEEDED "lanes: 99999999999999999999\n", "3:8: lanes: must be auto or"},
    {NEEDED "crawl: {mode: 0888}\n", "3:15: crawl.mode: must be an octal mode up to 0777"},
    {NEEDED "crawl: {mode: 1777}\n", "3:15: crawl.mode: must be an octal mode"},
    {NEEDED "crawl: {tcp: '0.0.0.0:1'}\n", "3:14: crawl.tcp: must be a loopback address"},
    {NEEDED "crawl: {tcp: '127.0.0.1'}\n", "3:14: crawl.tcp: must be a loopback address"},
    {NEEDED "crawl: {tcp: '127.0.0.1:0'}\n", "3:14: crawl.tcp: must be a loopback address"},
    {NEEDED "crawl: {tcp: 'localhost:1'}\n", "3:14: crawl.tcp: must be a loopback address"},
    {NEEDED "memory: {queue: 3MiB}\n",
     "3:17: memory.queue: must be a size from 2MiB to 1GiB, a power of two, such as 64MiB"},
    {NEEDED "memory: {carry: 1MB}\n", "3:17: memory.carry: must be a size from 1MiB to 1GiB"},
    {NEEDED "memory: {carry: 2GiB}\n", "3:17: memory.carry: must be a size from 1MiB to 1GiB"},
    {NEEDED "memory: {carry: 99999999999TiB}\n", "3:17: memory.carry: must be a size"},
    {NEEDED "compile: {time: 60}\n",
     "3:17: compile.time: must be a duration from 1s to 1h, such as 60s, not \"60\""},
    {NEEDED "compile: {memory: 67108865}\n", "3:19: compile.memory: must be a size from 64MiB to"},
    {NEEDED "crawl: {socket: \"a\\0b\"}\n", "3:17: crawl.socket: must be a path of 1 to 107"},
    {"ledger:\n\tpath: l\n", "2:"},
    {NEEDED "crawl: {map: ''}\n", "3:14: crawl.map: has no value"},
    {NEEDED "crawl: {map: shop}\n", "3:9: crawl.map: no such map: shop"},
    {NEEDED "spool: {folder: s, map: shop}\n", "3:20: spool.map: no such map: shop"},
    {NEEDED "spool: {done: move}\n", "3:15: spool.done: must be keep or remove, not \"move\""},
    {NEEDED "maps: 5\n", "3:7: maps: must hold maps by their names"},
    {NEEDED "maps: {shop: /a}\n", "3:14: maps.shop: must hold keys"},
    {NEEDED "maps: {scrapy: {title: /a}}\n", "3:8: maps.scrapy: is built in"},
    {NEEDED "maps: {a b: {title: /a}}\n", "3:8: maps.a b: a name has only"},
    {NEEDED "maps: {shop: {base: none}}\n",
     "3:21: maps.shop.base: must be the name of a built-in map or of one above"},
    {NEEDED "maps: {shop: {base: shop}}\n", "3:21: maps.shop.base: must be"},
    {NEEDED "maps: {shop: {titel: /a}}\n", "3:22: maps.shop.titel: no such key of a map"},
    {NEEDED "maps:\n  shop:\n    title: [/a, b]\n",
     "5:17: maps.shop.title: must be a pointer such as /name, =text, or host:/url, not \"b\""},
    {NEEDED "maps: {shop: {title: {a: b}}}\n",
     "3:15: maps.shop.title: must be a word or a list of words"},
    {NEEDED "maps: {shop: {support: /a}}\n", "3:24: maps.shop.support: must hold kinds"},
    {NEEDED "maps: {shop: {support: {hosting: /a}}}\n",
     "3:34: maps.shop.support.hosting: no such kind of support"},
    {NEEDED "maps: {shop: {support: {ad_credit: {a: b}}}}\n",
     "3:25: maps.shop.support.ad_credit: is a mapping, must be a value"},
    {NEEDED "maps:\n  shop: {title: /a}\n",
     "4:3: maps.shop: says nothing of platform, which every listing needs"},
    {"ledger: {path: \"l\n", "1:"},
    {NEEDED "---\nio: auto\n", "3:1: holds a second document"},
    {NEEDED "io: \"\xff\"\n", "3:1: the line is not UTF-8"},
    {NEEDED "io: \xc3\xa9\x01\n", "3:6: holds the control character 0x01"},
    {NEEDED "io: a\rlanes: 1\n", "3:6: holds the control character 0x0d"},
    {"%YAML 1.2\n---\n" NEEDED, "1:1: directives are not taken"},
};

static void each_fault_is_told_with_its_place(void **state)
{
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES];
    static const char path[] = "/etc/noticed/n.yaml:";

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const char *text = faults[i].text;
        error[0] = '\0';
        int result = config_parse("/etc/noticed/n.yaml", text, strlen(text), &config, error);
        if (result != -EINVAL || strncmp(error, path, strlen(path)) != 0 ||
            strncmp(error + strlen(path), faults[i].error, strlen(faults[i].error)) != 0)
            fail_msg("%s\n%d: %s\nwanted %s", text, result, error, faults[i].error);
        for (const char *at = error; *at != '\0'; at++)
            assert_true(*at == '\n' || (*at >= 0x20 && *at <= 0x7e));
        assert_null(config);
    }
}

static void the_line_and_a_caret_follow_the_message(void **state)
{
    const char *text = "marks: [m]\nledger:\n  path: l\n  heartbeat: \xc3\xa9 5\n";
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES];

    (void)state;
    assert_int_equal(config_parse("n.yaml", text, strlen(text), &config, error), -EINVAL);
    assert_string_equal(error, "n.yaml:4:14: ledger.heartbeat: must be a duration from 1s to 1h, "
                               "such as 60s, not \"?? 5\"\n"
                               "      heartbeat: ? 5\n"
                               "                 ^");
}

static void a_list_takes_so_many_files_and_no_more(void **state)
{
    char text[2048];
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES];

    (void)state;
    for (unsigned count = CONFIG_PATHS_MAX; count <= CONFIG_PATHS_MAX + 1; count++) {
        size_t used = (size_t)snprintf(text, sizeof(text), "ledger: {path: l}\nmarks:\n");
        for (unsigned i = 0; i < count; i++)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "- m%u\n", i);
        int result = config_parse("n.yaml", text, used, &config, error);
        assert_int_equal(result, count <= CONFIG_PATHS_MAX ? 0 : -EINVAL);
        config = config_free(config);
    }
    assert_memory_equal(error, "n.yaml:35:3: marks: more than 32 files", 38);
}

static void a_socket_path_must_fit_its_address(void **state)
{
    char text[512], path[109];
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES];

    (void)state;
    for (size_t len = 107; len <= 108; len++) {
        memset(path, 'x', len);
        path[0] = '/';
        path[len] = '\0';
        (void)snprintf(text, sizeof(text), NEEDED "control: {socket: %s}\n", path);
        int result = config_parse("n.yaml", text, strlen(text), &config, error);
        assert_int_equal(result, len == 107 ? 0 : -EINVAL);
        config = config_free(config);
    }
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES], folder[64], path[96];
    static char large[CONFIG_BYTES_MAX + 1];

    (void)state;
    assert_int_equal(config_load("/nonexistent/n.yaml", &config, error), -ENOENT);
    assert_string_equal(
        error, "/nonexistent/n.yaml: cannot be read: No such file or directory: --config names "
               "the file; noticed.yaml.example is one to begin with");
    shell_folder(folder);
    assert_int_equal(config_load(folder, &config, error), -EISDIR);
    (void)snprintf(path, sizeof(path), "%s/n.yaml", folder);
    memset(large, '#', sizeof(large));
    shell_write(path, large, sizeof(large));
    assert_int_equal(config_load(path, &config, error), -EFBIG);
    shell_write(path, NEEDED, strlen(NEEDED));
    assert_int_equal(config_load(path, &config, error), 0);
    (void)snprintf(path, sizeof(path), "%s/led", folder);
    assert_string_equal(config->ledger, path);
    config = config_free(config);
    shell_remove(folder);
}

static void sizes_and_durations_are_written_as_they_are_read(void **state)
{
    char text[32];
    uint64_t value;

    (void)state;
    for (uint64_t bytes = 1; bytes < UINT64_C(1) << 50; bytes = bytes * 3 + 1024) {
        config_value_write_size(bytes, text, sizeof(text));
        assert_int_equal(config_value_size(text, strlen(text), 0, UINT64_MAX, &value), 0);
        assert_int_equal(value, bytes);
        config_value_write_duration(bytes, text, sizeof(text));
        assert_int_equal(config_value_duration(text, strlen(text), 0, UINT64_MAX, &value), 0);
        assert_int_equal(value, bytes);
    }
    config_value_write_size(64u << 20, text, sizeof(text));
    assert_string_equal(text, "64MiB");
    config_value_write_duration(5400, text, sizeof(text));
    assert_string_equal(text, "90min");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_for_operators_loads),
        cmocka_unit_test(the_example_shows_the_standard_values),
        cmocka_unit_test(who_may_write_which_kind_is_read_from_lists),
        cmocka_unit_test(every_key_sets_its_field),
        cmocka_unit_test(each_fault_is_told_with_its_place),
        cmocka_unit_test(the_line_and_a_caret_follow_the_message),
        cmocka_unit_test(a_list_takes_so_many_files_and_no_more),
        cmocka_unit_test(a_socket_path_must_fit_its_address),
        cmocka_unit_test(a_file_that_cannot_be_read_says_why),
        cmocka_unit_test(sizes_and_durations_are_written_as_they_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
