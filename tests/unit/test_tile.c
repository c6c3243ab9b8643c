/*
 * Tiles. Goal: the files are those of C2SP tlog-tiles, byte for byte, and give every proof back.
 * Method: known names and hashes of files; another implementation's log, all of its partial tiles;
 * a builder that is torn down and loaded again.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/digest.h"
#include "daemon/ledger/tile.h"
#include "tests/unit/tlog_vectors.h"

#define STORE_MAX 1000u

/* Files in memory. */
struct stored {
    char path[TILE_PATH_BYTES];
    uint8_t bytes[TILE_BYTES];
    size_t len;
};
struct store {
    struct stored files[STORE_MAX];
    size_t count, written;
    int fail_after; /* this many writes; -1: never */
};

static struct store store = {.fail_after = -1};

static struct stored *find(const char *path)
{
    for (size_t i = 0; i < store.count; i++)
        if (strcmp(store.files[i].path, path) == 0)
            return &store.files[i];
    return NULL;
}

static int put(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len)
{
    char path[TILE_PATH_BYTES];

    (void)context;
    if (store.fail_after >= 0 && store.fail_after-- == 0)
        return -EIO;
    tile_path(id, path);
    struct stored *file = find(path);
    if (file == NULL) {
        assert_in_range(store.count, 0, STORE_MAX - 1);
        file = &store.files[store.count++];
    } else {
        assert_int_equal(file->len, len);
        assert_memory_equal(file->bytes, bytes, len);
    }
    memcpy(file->path, path, sizeof(path));
    memcpy(file->bytes, bytes, len);
    file->len = len;
    store.written++;
    return 0;
}

static int get(void *context, const struct tile_id *id, uint8_t *ret_bytes, size_t len)
{
    char path[TILE_PATH_BYTES];

    (void)context;
    tile_path(id, path);
    struct stored *file = find(path);
    if (file == NULL)
        return -ENOENT;
    assert_int_equal(file->len, len);
    memcpy(ret_bytes, file->bytes, len);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    store.count = 0;
    store.written = 0;
    store.fail_after = -1;
    return 0;
}

static void names_are_those_of_the_specification(void **state)
{
    (void)state;
    static const struct {
        struct tile_id id;
        const char *path;
    } known[] = {
        {{0, 256, 5}, "tile/0/005"},
        {{0, 256, 1000}, "tile/0/x001/000"},
        {{0, 256, 1234067}, "tile/0/x001/x234/067"},
        {{1, 17, 1}, "tile/1/001.p/17"},
        {{63, 255, 0}, "tile/63/000.p/255"},
        {{TILE_LEVEL_ENTRIES, 112, 273}, "tile/entries/273.p/112"},
        {{TILE_LEVEL_ENTRIES, 256, 0}, "tile/entries/000"},
        {{0, 1, UINT64_MAX}, "tile/0/x018/x446/x744/x073/x709/x551/615.p/1"},
    };
    char path[TILE_PATH_BYTES];

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        tile_path(&known[i].id, path);
        assert_string_equal(path, known[i].path);
    }
}

static void widths_are_those_of_the_specification(void **state)
{
    (void)state;
    assert_int_equal(tile_full_count(70000, 0), 273);
    assert_int_equal(tile_width(70000, 0, 272), 256);
    assert_int_equal(tile_width(70000, 0, 273), 112);
    assert_int_equal(tile_width(70000, TILE_LEVEL_ENTRIES, 273), 112);
    assert_int_equal(tile_width(70000, 0, 274), 0);
    assert_int_equal(tile_width(70000, 1, 0), 256);
    assert_int_equal(tile_width(70000, 1, 1), 17);
    assert_int_equal(tile_width(70000, 2, 0), 1);
    assert_int_equal(tile_width(70000, 3, 0), 0);
    assert_int_equal(tile_width(256, 0, 0), 256);
    assert_int_equal(tile_width(256, 0, 1), 0);
    assert_int_equal(tile_width(256, 1, 0), 1);
    assert_int_equal(tile_width(0, 0, 0), 0);
    assert_int_equal(tile_width(UINT64_MAX, 63, 0), 0);
}

static void build(struct tile_builder *builder, uint64_t size)
{
    while (builder->tree.size < size) {
        struct merkle_hash leaf = log_b_leaf(builder->tree.size);
        assert_int_equal(tile_builder_append(builder, &leaf, put, NULL), 0);
    }
}

static void expect_file(const char *path, const char *sha256)
{
    uint8_t wanted[DIGEST_BYTES], digest[DIGEST_BYTES];
    struct stored *file = find(path);

    assert_non_null(file);
    vector_hex(sha256, wanted);
    digest_sha256(file->bytes, file->len, digest);
    assert_memory_equal(digest, wanted, sizeof(digest));
}

static void seventy_thousand_leaves_give_the_known_files(void **state)
{
    (void)state;
    static struct tile_builder builder;

    build(&builder, 70000);
    assert_int_equal(tile_builder_flush(&builder, put, NULL), 0);
    expect_file("tile/0/000", "9f2deb482878bbbc97ad0b2a8d12f606081485dd61c23ec35f4fe4c9a2c1ac95");
    expect_file("tile/0/273.p/112",
                "f6176165fa3da97cc2e9fb86ea425a12755901493d0bb862be055dfd11046602");
    expect_file("tile/1/000", "3447d8ccea92ff9236378bf7468dec094a4a3cdb69d5e44affde149366d00a10");
    expect_file("tile/1/001.p/17",
                "c08a8909d3eaca9eb4d346c0d90fd11d7afc47554be6d833f65221b141d11ece");
    expect_file("tile/2/000.p/1",
                "da9967583d62b0cc6655b926235b97d3a74b2ef37691f3098872a9ac0c584768");
    assert_int_equal(store.count, 273 + 1 + 1 + 1 + 1);
    assert_hash_equal(merkle_root(&builder.tree), vector_hash(log_b_roots[12].root));

    /* Every leaf's proof comes out of the tiles alone. */
    struct merkle_hash root = merkle_root(&builder.tree);
    static struct tile_source source;
    struct merkle_proof proof;
    tile_source_begin(&source, 70000, get, NULL);
    for (uint64_t i = 0; i < 70000; i += i < 600 || i > 69800 ? 1 : 97) {
        struct merkle_hash leaf = log_b_leaf(i);
        assert_int_equal(merkle_prove_inclusion(i, 70000, tile_subtree, &source, &proof), 0);
        assert_true(merkle_verify_inclusion(i, 70000, &leaf, &proof, &root));
    }
    for (size_t i = 0; i < LOG_B_ROOTS_COUNT; i++) {
        struct merkle_hash old = vector_hash(log_b_roots[i].root), again;
        uint64_t size = log_b_roots[i].size;
        assert_int_equal(merkle_prove_consistency(size, 70000, tile_subtree, &source, &proof), 0);
        assert_true(merkle_verify_consistency(size, &old, 70000, &root, &proof));
        assert_int_equal(merkle_root_read(size, tile_subtree, &source, &again), 0);
        assert_hash_equal(again, old);
    }
    assert_int_equal(tile_subtree(&source, 17, 0, &root), -EINVAL);
}

static void a_builder_that_is_loaded_again_goes_on_as_if_it_had_stayed(void **state)
{
    (void)state;
    static struct tile_builder builder, again;
    static const uint64_t sizes[] = {0,   1,   2,    255,   256,   257,   511,
                                     512, 513, 9999, 65535, 65536, 65537, 66000};

    memset(&builder, 0, sizeof(builder));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        build(&builder, sizes[i]);
        assert_int_equal(tile_builder_flush(&builder, put, NULL), 0);
        size_t written = store.written;
        assert_int_equal(tile_builder_flush(&builder, put, NULL), 0);
        assert_int_equal(store.written, written);
        assert_int_equal(tile_builder_load(&again, sizes[i], get, NULL), 0);
        assert_hash_equal(merkle_root(&again.tree), merkle_root(&builder.tree));
        builder = again;
    }
    /* put compares what is written twice; so do the files from one go. */
    memset(&builder, 0, sizeof(builder));
    build(&builder, 66000);
    assert_int_equal(tile_builder_flush(&builder, put, NULL), 0);
}

static void a_sink_that_fails_is_told_and_loses_no_leaf(void **state)
{
    (void)state;
    static struct tile_builder builder;
    struct merkle_hash leaf = log_b_leaf(255);

    memset(&builder, 0, sizeof(builder));
    build(&builder, 255);
    store.fail_after = 0;
    assert_int_equal(tile_builder_append(&builder, &leaf, put, NULL), -EIO);
    assert_int_equal(builder.tree.size, 256);
    assert_hash_equal(merkle_root(&builder.tree), vector_hash(log_b_roots[6].root));
    store.fail_after = 0;
    assert_int_equal(tile_builder_flush(&builder, put, NULL), -EIO);
    assert_int_equal(tile_builder_flush(&builder, put, NULL), 0);
    assert_non_null(find("tile/1/000.p/1"));
    assert_int_equal(tile_builder_load(&builder, 257, get, NULL), -ENOENT);
}

static void every_partial_tile_of_another_implementation_is_made(void **state)
{
    (void)state;
    static struct tile_builder builder;

    memset(&builder, 0, sizeof(builder));
    for (size_t i = 0; i < LOG_A_COUNT; i++) {
        char path[96];
        uint8_t bytes[TILE_BYTES];
        struct merkle_hash leaf = merkle_leaf(log_a_entries[i], strlen(log_a_entries[i]));
        assert_int_equal(tile_builder_append(&builder, &leaf, put, NULL), 0);
        assert_int_equal(tile_builder_flush(&builder, put, NULL), 0);
        (void)snprintf(path, sizeof(path), "../shared/ledger-vectors/tessera/tile/0/000.p/%zu",
                       i + 1);
        FILE *file = fopen(path, "r");
        if (file == NULL) {
            print_message("skipped: no ../shared\n");
            skip();
        }
        size_t len = fread(bytes, 1, sizeof(bytes), file);
        assert_int_equal(fclose(file), 0);
        struct stored *ours = find(strstr(path, "tile/"));
        assert_non_null(ours);
        assert_int_equal(ours->len, len);
        assert_memory_equal(ours->bytes, bytes, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_specification),
        cmocka_unit_test(widths_are_those_of_the_specification),
        cmocka_unit_test_setup(seventy_thousand_leaves_give_the_known_files, clear),
        cmocka_unit_test_setup(a_builder_that_is_loaded_again_goes_on_as_if_it_had_stayed, clear),
        cmocka_unit_test_setup(a_sink_that_fails_is_told_and_loses_no_leaf, clear),
        cmocka_unit_test_setup(every_partial_tile_of_another_implementation_is_made, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
