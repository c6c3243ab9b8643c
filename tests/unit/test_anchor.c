/*
 * Anchors as records and as queries. Goal: the spelling is fixed and only that is read; a query is
 * there whole after every power loss, or not at all. Method: one line by hand and every cut and
 * change of it; queries on the simulated disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/ts.h>
#include <stdio.h>
#include <string.h>

#include "daemon/anchor_query.h"
#include "daemon/ledger/anchor.h"
#include "io/backend_sim.h"
#include "tests/fakes/test.h"

#define HEAD                                                                                       \
    "{\"v\":1,\"seq\":7,\"kind\":\"anchor\",\"t\":\"2026-11-24T15:00:00.123456789Z\","             \
    "\"b\":\"81234567890\",\"clk\":3,\"run\":2"
#define HEX_64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char token_line[] = HEAD
    ",\"size\":30,\"root\":\"sha256:" HEX_64
    "\",\"type\":\"rfc3161\",\"token_sha256\":\"sha256:" HEX_64
    "\",\"gen_time\":\"2026-11-24T15:00:00.500000000Z\",\"serial\":\"02\",\"policy_oid\":\"1.2.3\","
    "\"tsa\":\"CN=a "
    "\\\"b\\\",\\u00e9\",\"nonce\":\"40ff\",\"file\":\"anchors/30/CN_a.00112233.tsr\"}";

static struct anchor token(void)
{
    struct anchor anchor = {.size = 30,
                            .type = ANCHOR_RFC3161,
                            .gen_time_ns = 1795532400500000000,
                            .serial = "02",
                            .policy_oid = "1.2.3",
                            .tsa = "CN=a \"b\",\xc3\xa9",
                            .nonce = "40ff",
                            .file = "anchors/30/CN_a.00112233.tsr"};

    for (unsigned i = 0; i < 32; i++)
        anchor.root.bytes[i] = anchor.token_sha256[i] = (uint8_t)(17 * (i % 16));
    return anchor;
}

static void an_anchor_is_this_line_for_ever(void **state)
{
    (void)state;
    char bytes[2048];
    struct text text = text_into(bytes, sizeof(bytes));
    struct anchor anchor = token(), again;

    text_literal(&text, HEAD);
    anchor_format(&text, &anchor);
    text_literal(&text, "}");
    assert_int_equal(text.len, strlen(token_line));
    assert_memory_equal(bytes, token_line, text.len);
    assert_int_equal(anchor_parse(bytes, text.len, &again), 0);
    assert_int_equal(again.size, 30);
    assert_int_equal(again.type, ANCHOR_RFC3161);
    assert_int_equal(again.gen_time_ns, anchor.gen_time_ns);
    assert_memory_equal(again.root.bytes, anchor.root.bytes, 32);
    assert_memory_equal(again.token_sha256, anchor.token_sha256, 32);
    assert_string_equal(again.file, anchor.file);
}

static void no_cut_of_the_line_is_read(void **state)
{
    (void)state;
    struct anchor anchor;

    for (size_t len = 0; len < strlen(token_line); len++)
        assert_int_equal(anchor_parse(token_line, len, &anchor), -EBADMSG);
}

static void what_cannot_be_is_named(void **state)
{
    (void)state;
    struct anchor good = token(), anchor;
    static const char *const files[] = {"",
                                        "anchors/30/",
                                        "anchors/31/a.tsr",
                                        "anchors/30/../a",
                                        "anchors/30/.a",
                                        "/anchors/30/a",
                                        "anchors/30/a\n",
                                        "outbox/30.tsq"};

    assert_null(anchor_wrong(&good));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        anchor = good;
        (void)snprintf(anchor.file, sizeof(anchor.file), "%s", files[i]);
        assert_non_null(anchor_wrong(&anchor));
    }
    anchor = good;
    anchor.serial[0] = '\0';
    assert_non_null(anchor_wrong(&anchor));
    anchor = good;
    anchor.nonce[1] = 'x';
    assert_non_null(anchor_wrong(&anchor));
    anchor = good;
    anchor.tsa[0] = '\0';
    assert_non_null(anchor_wrong(&anchor));
    anchor = good;
    anchor.type = ANCHOR_COSIG; /* which has none of the token's strings */
    assert_non_null(anchor_wrong(&anchor));
    anchor.serial[0] = anchor.nonce[0] = anchor.policy_oid[0] = '\0';
    assert_null(anchor_wrong(&anchor));
}

static struct backend *opened(uint64_t seed)
{
    struct backend *backend = NULL;

    assert_int_equal(backend_sim_open(seed, 4, &backend), 0);
    return backend;
}

static int root_of(struct backend *backend)
{
    int fd = backend->ops->open(backend, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);

    assert_true(fd >= 0);
    return fd;
}

/* A file of outbox/. Its length, or -errno. */
static ssize_t read_back(struct backend *backend, uint64_t size, const char *suffix, void *bytes,
                         size_t room)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "outbox/%" PRIu64 "%s", size, suffix);
    int fd = backend->ops->open(backend, AT_FDCWD, path, O_RDONLY, 0);
    if (fd < 0)
        return fd;
    ssize_t len = backend->ops->pread(backend, fd, bytes, room, 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    return len;
}

static void a_query_asks_for_its_bytes_once(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    int root = root_of(backend);
    uint8_t first[512], second[512];
    char bytes[64];

    assert_int_equal(anchor_query_write(backend, root, 30, "a checkpoint", 12), 0);
    assert_int_equal(read_back(backend, 30, ".checkpoint", bytes, sizeof(bytes)), 12);
    assert_memory_equal(bytes, "a checkpoint", 12);
    ssize_t len = read_back(backend, 30, ".tsq", first, sizeof(first));
    const uint8_t *at = first;
    TS_REQ *query = d2i_TS_REQ(NULL, &at, len);
    assert_non_null(query);
    assert_ptr_equal(at, first + len);
    assert_int_equal(TS_REQ_get_cert_req(query), 1);
    assert_int_equal(ASN1_STRING_length(TS_REQ_get_nonce(query)), ANCHOR_QUERY_NONCE);
    TS_REQ_free(query);
    /* The same size again keeps its nonce; another one has its own. */
    assert_int_equal(anchor_query_write(backend, root, 30, "a checkpoint", 12), 1);
    assert_int_equal(read_back(backend, 30, ".tsq", second, sizeof(second)), len);
    assert_memory_equal(first, second, (size_t)len);
    assert_int_equal(anchor_query_write(backend, root, 31, "a checkpoint", 12), 0);
    assert_int_equal(read_back(backend, 31, ".tsq", second, sizeof(second)), len);
    assert_memory_not_equal(first, second, (size_t)len);
    assert_null(backend_close(backend));
}

static void the_oldest_query_makes_room(void **state)
{
    (void)state;
    struct backend *backend = opened(2);
    int root = root_of(backend);
    char bytes[512];

    for (uint64_t size = 1; size <= ANCHOR_QUERY_KEPT_MAX + 3; size++)
        assert_int_equal(anchor_query_write(backend, root, size, "x", 1), 0);
    for (uint64_t size = 1; size <= 3; size++) {
        assert_int_equal(read_back(backend, size, ".tsq", bytes, sizeof(bytes)), -ENOENT);
        assert_int_equal(read_back(backend, size, ".checkpoint", bytes, sizeof(bytes)), -ENOENT);
    }
    for (uint64_t size = 4; size <= ANCHOR_QUERY_KEPT_MAX + 3; size++) {
        assert_true(read_back(backend, size, ".tsq", bytes, sizeof(bytes)) > 40);
        assert_int_equal(read_back(backend, size, ".checkpoint", bytes, sizeof(bytes)), 1);
    }
    assert_null(backend_close(backend));
}

static void what_is_written_outlives_a_power_loss(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct backend *backend = opened(seed), *after = NULL;
        char bytes[512];

        assert_int_equal(anchor_query_write(backend, root_of(backend), 30, "a checkpoint", 12), 0);
        assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_POWER_LOST, &after), 0);
        assert_null(backend_close(backend));
        assert_int_equal(read_back(after, 30, ".checkpoint", bytes, sizeof(bytes)), 12);
        assert_memory_equal(bytes, "a checkpoint", 12);
        ssize_t len = read_back(after, 30, ".tsq", bytes, sizeof(bytes));
        assert_true(len > 40);
        const uint8_t *at = (const uint8_t *)bytes;
        TS_REQ *query = d2i_TS_REQ(NULL, &at, len);
        assert_non_null(query);
        TS_REQ_free(query);
        assert_null(backend_close(after));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_anchor_is_this_line_for_ever),
        cmocka_unit_test(no_cut_of_the_line_is_read),
        cmocka_unit_test(what_cannot_be_is_named),
        cmocka_unit_test(a_query_asks_for_its_bytes_once),
        cmocka_unit_test(the_oldest_query_makes_room),
        cmocka_unit_test(what_is_written_outlives_a_power_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
