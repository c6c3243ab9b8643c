/*
 * Packs. Goal: what goes in comes out, or its damage is named. Method: frames written, read by us
 * and by the zstd command; every bit of a pack changed; a blob erased step by step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ledger/pack.h"
#include "tests/fakes/shell.h"
#include "tests/fakes/test.h"

#define BLOBS 4u

static struct pack_coder *coder;
static uint8_t pack[BLOBS * PACK_FRAME_BYTES_MAX];
static size_t pack_len, frame_at[BLOBS + 1];
static const char *const texts[BLOBS] = {
    "{\"platform\":\"bazaar\",\"listing_id\":\"b1\",\"title\":\"Squishmallows replica 8in\"}", "x",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "a",
    "{\"platform\":\"bazaar\",\"listing_id\":\"b2\",\"title\":\"1:1 quality\"}"};

static void make_pack(uint64_t first)
{
    pack_len = 0;
    for (unsigned i = 0; i < BLOBS; i++) {
        uint8_t digest[DIGEST_BYTES];
        digest_sha256(texts[i], strlen(texts[i]), digest);
        frame_at[i] = pack_len;
        pack_len +=
            pack_encode(coder, first + i, texts[i], strlen(texts[i]), digest, pack + pack_len);
    }
    frame_at[BLOBS] = pack_len;
}

static int make_coder(void **state)
{
    (void)state;
    coder = pack_coder_open();
    make_pack(7);
    return coder == NULL;
}

static int free_coder(void **state)
{
    (void)state;
    coder = pack_coder_close(coder);
    return 0;
}

/* Walks the pack. Returns how many frames; *ret_fault: of the walk, or of the first bad blob. */
static unsigned walk_all(enum pack_fault *ret_fault)
{
    struct pack_walk walk = pack_walk_begin(7);
    struct pack_frame frame;
    const uint8_t *blob;
    size_t at = 0, taken;
    unsigned count = 0;

    *ret_fault = PACK_OK;
    while ((taken = pack_walk_next(&walk, pack + at, pack_len - at, &frame)) > 0) {
        enum pack_fault fault = pack_decode(coder, &frame, &blob);
        if (fault == PACK_OK) {
            assert_int_equal(frame.blob_len, strlen(texts[count]));
            assert_memory_equal(blob, texts[count], frame.blob_len);
        } else if (*ret_fault == PACK_OK) {
            *ret_fault = fault;
        }
        at += taken;
        assert_int_equal(walk.end, at);
        count++;
    }
    pack_walk_finish(&walk, pack_len - at);
    if (*ret_fault == PACK_OK)
        *ret_fault = walk.fault;
    return count;
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    enum pack_fault fault;

    assert_int_equal(walk_all(&fault), BLOBS);
    assert_int_equal(fault, PACK_OK);
}

static void the_longest_blob_fits_and_so_does_one_that_does_not_compress(void **state)
{
    (void)state;
    static uint8_t blob[PACK_BLOB_BYTES_MAX], frame_bytes[PACK_FRAME_BYTES_MAX];
    uint8_t digest[DIGEST_BYTES];
    const uint8_t *read;

    for (unsigned random = 0; random < 2; random++) {
        uint64_t seed = 1;
        for (size_t i = 0; i < sizeof(blob) && random == 1; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            blob[i] = (uint8_t)(seed >> 56);
        }
        digest_sha256(blob, sizeof(blob), digest);
        size_t len = pack_encode(coder, 0, blob, sizeof(blob), digest, frame_bytes);
        struct pack_walk walk = pack_walk_begin(0);
        struct pack_frame frame;
        assert_int_equal(pack_walk_next(&walk, frame_bytes, len, &frame), len);
        assert_int_equal(pack_decode(coder, &frame, &read), PACK_OK);
        assert_memory_equal(read, blob, sizeof(blob));
    }
}

static void every_bit_that_is_changed_is_found(void **state)
{
    (void)state;
    enum pack_fault fault;

    for (size_t at = 0; at < pack_len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            pack[at] ^= (uint8_t)(1u << bit);
            unsigned count = walk_all(&fault);
            assert_int_not_equal(fault, PACK_OK);
            size_t in = 0;
            while (frame_at[in + 1] <= at)
                in++;
            /* A head that cannot be believed ends the walk at its blob; bytes do not. */
            bool head = at - frame_at[in] < PACK_MARK_AT;
            assert_int_equal(count, head ? in : BLOBS);
            pack[at] ^= (uint8_t)(1u << bit);
        }
    assert_int_equal(walk_all(&fault), BLOBS);
}

static void a_pack_that_ends_early_is_cut_where_its_last_whole_blob_ends(void **state)
{
    (void)state;
    const size_t whole = pack_len;

    for (pack_len = 0; pack_len < whole; pack_len++) {
        enum pack_fault fault;
        unsigned count = walk_all(&fault);
        assert_true(frame_at[count] <= pack_len);
        assert_true(pack_len < frame_at[count + 1]);
        assert_int_equal(fault, frame_at[count] == pack_len ? PACK_OK : PACK_CUT);
    }
}

static void a_blob_in_anothers_place_is_found(void **state)
{
    (void)state;
    enum pack_fault fault;

    make_pack(6);
    assert_int_equal(walk_all(&fault), 0);
    assert_int_equal(fault, PACK_BAD_NUMBER);
    make_pack(7);
    memmove(pack + frame_at[1], pack + frame_at[2], pack_len - frame_at[2]);
    pack_len -= frame_at[2] - frame_at[1];
    assert_int_equal(walk_all(&fault), 1);
    assert_int_equal(fault, PACK_BAD_NUMBER);
    make_pack(7);
}

static void an_erased_blob_says_by_which_record_and_zeros_alone_are_damage(void **state)
{
    (void)state;
    enum pack_fault fault;
    struct pack_walk walk = pack_walk_begin(7);
    struct pack_frame frame;
    const size_t bytes_at = frame_at[0] + PACK_HEAD_BYTES, bytes_len = frame_at[1] - bytes_at;
    uint8_t kept[PACK_FRAME_BYTES_MAX];

    memcpy(kept, pack + bytes_at, bytes_len);
    memset(pack + bytes_at, 0, bytes_len);
    assert_int_equal(walk_all(&fault), BLOBS);
    assert_int_equal(fault, PACK_BAD_BYTES);
    memcpy(pack + bytes_at, kept, bytes_len);
    pack_mark(0, pack + frame_at[0] + 20, pack + frame_at[0] + PACK_MARK_AT);
    assert_int_equal(walk_all(&fault), BLOBS);
    assert_int_equal(fault, PACK_UNERASED);
    memset(pack + bytes_at, 0, bytes_len);
    assert_int_equal(walk_all(&fault), BLOBS);
    assert_int_equal(fault, PACK_ERASED);
    assert_int_equal(pack_walk_next(&walk, pack, pack_len, &frame), frame_at[1]);
    assert_int_equal(frame.erased_by, 0);
    make_pack(7);
}

static void the_zstd_command_reads_a_blob(void **state)
{
    (void)state;
    char folder[64], path[128], command[256];
    size_t len = 0;

    if (shell_run("command -v zstd >/dev/null") != 0)
        skip(); /* no zstd command here */
    shell_folder(folder);
    (void)snprintf(path, sizeof(path), "%s/blob.zst", folder);
    (void)snprintf(command, sizeof(command), "zstd -q -d -o %s/blob %s", folder, path);
    shell_write(path, pack + PACK_HEAD_BYTES, frame_at[1] - PACK_HEAD_BYTES);
    assert_int_equal(shell_run(command), 0);
    (void)snprintf(path, sizeof(path), "%s/blob", folder);
    char *bytes = shell_read(path, &len);
    assert_int_equal(len, strlen(texts[0]));
    assert_memory_equal(bytes, texts[0], len);
    free(bytes);
    shell_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(the_longest_blob_fits_and_so_does_one_that_does_not_compress),
        cmocka_unit_test(every_bit_that_is_changed_is_found),
        cmocka_unit_test(a_pack_that_ends_early_is_cut_where_its_last_whole_blob_ends),
        cmocka_unit_test(a_blob_in_anothers_place_is_found),
        cmocka_unit_test(an_erased_blob_says_by_which_record_and_zeros_alone_are_damage),
        cmocka_unit_test(the_zstd_command_reads_a_blob),
    };
    return cmocka_run_group_tests(tests, make_coder, free_coder);
}
