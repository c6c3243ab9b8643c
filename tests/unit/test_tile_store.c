/*
 * Tiles as files: what an error is about is named, whichever call it came from.
 */
#include <errno.h>
#include <fcntl.h>

#include "daemon/tile_store.h"
#include "io/backend_sim.h"
#include "tests/fakes/test.h"

static void what_a_failed_drop_is_about_is_named(void **state)
{
    (void)state;
    static struct tile_store store;
    static const uint8_t bytes[TILE_BYTES];
    const struct tile_id one = {.level = 0, .width = 1, .index = 7}, two = {.width = 2, .index = 7};
    struct backend *backend = NULL;
    char text[TILE_FAULT_BYTES];

    assert_int_equal(backend_sim_open(1, 8, &backend), 0);
    int root = backend->ops->open(backend, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);
    assert_in_range(root, 0, INT32_MAX);
    tile_store_begin(&store, backend, root);
    assert_int_equal(tile_store_make(&store), 0);
    assert_int_equal(tile_store_put(&store, &one, bytes, MERKLE_HASH_BYTES), 0);
    assert_int_equal(tile_store_put(&store, &two, bytes, 2 * MERKLE_HASH_BYTES), 0);
    assert_int_equal(tile_store_failed(&store, "tile/0/000", -EIO), -EIO); /* of before */

    backend_sim_fail(backend, BACKEND_SIM_UNLINK, 1, 1, -EACCES);
    assert_int_equal(tile_store_drop(&store, &two, false), -EACCES);
    tile_store_fault(&store, -EACCES, text);
    assert_string_equal(text, "tile/0/007.p/2: Permission denied");
    backend_sim_fail(backend, BACKEND_SIM_LIST, 1, 1, -EIO);
    assert_int_equal(tile_store_drop_partials(&store, &one, 9), -EIO);
    tile_store_fault(&store, -EIO, text);
    assert_string_equal(text, "tile/0/007.p: Input/output error");
    backend_sim_fail(backend, BACKEND_SIM_UNLINK, 1, 1, -EIO);
    assert_int_equal(tile_store_drop_partials(&store, &one, 9), -EIO);
    tile_store_fault(&store, -EIO, text);
    assert_string_equal(text, "tile/0/007.p/1: Input/output error");
    backend_sim_fail(backend, BACKEND_SIM_UNLINK, 3, 1, -EIO); /* both, then their folder */
    assert_int_equal(tile_store_drop_partials(&store, &one, 9), -EIO);
    tile_store_fault(&store, -EIO, text);
    assert_string_equal(text, "tile/0/007.p: Input/output error");
    (void)backend->ops->close_fd(backend, root); /* holds nothing */
    (void)backend->ops->close(backend);          /* always NULL */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_failed_drop_is_about_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
