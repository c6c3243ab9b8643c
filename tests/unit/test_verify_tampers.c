/*
 * Verification against an adversary without the key. Goal: whatever is changed is found and named.
 * Method: 2,000 random tampers (VERIFY_TAMPERS for more; fewer under a sanitizer) of the files of a
 * signed ledger and of its exported tree, each put back.
 */
#include "tests/unit/verify_rig.h"

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void flip(const struct tampered *file, uint64_t *seed, size_t *ret_at)
{
    size_t at = next_random(seed) % file->len;
    char before = file->bytes[at];

    file->bytes[at] = (char)(before ^ (1 << next_random(seed) % 8));
    shell_write(file->path, file->bytes, file->len);
    file->bytes[at] = before;
    *ret_at = at;
}

static uint64_t line_at(const struct tampered *file, size_t at)
{
    uint64_t line = 0;

    for (size_t i = 0; i < at; i++)
        line += file->bytes[i] == '\n';
    return line;
}

static void tamper_feed_bit(uint64_t *seed)
{
    unsigned segment = (unsigned)(next_random(seed) % 2);
    struct tampered file = take(ledger, segments[segment]);
    size_t at;

    flip(&file, seed, &at);
    const struct verify_damage *damage = check(ledger);
    assert_int_not_equal(damage->fault, VERIFY_OK);
    /* Without its newline a line swallows the next one, whose turn is then missed. */
    uint64_t line = segment * SIGNED_LEDGER_SECOND + line_at(&file, at);
    assert_in_range(damage->seq, line, line + (file.bytes[at] == '\n'));
    put_back(&file);
}

/* Cuts, doubles, swaps or inserts a line. */
static void tamper_feed_line(uint64_t *seed)
{
    unsigned segment = (unsigned)(next_random(seed) % 2), sort = (unsigned)(next_random(seed) % 4);
    struct tampered file = take(ledger, segments[segment]);
    size_t begin = next_random(seed) % (file.len - 1000);
    while (begin > 0 && file.bytes[begin - 1] != '\n')
        begin--;
    size_t first = (size_t)(strchr(file.bytes + begin, '\n') + 1 - (file.bytes + begin));
    size_t second =
        (size_t)(strchr(file.bytes + begin + first, '\n') + 1 - (file.bytes + begin + first));
    char *changed = malloc(file.len + 4096);
    assert_non_null(changed);
    size_t len = begin, rest = begin + first;
    memcpy(changed, file.bytes, begin);
    if (sort == 1 || sort == 3) { /* doubled; inserted: the next one comes first too */
        size_t from = sort == 1 ? begin : rest;
        size_t more = sort == 1 ? first : second;
        memcpy(changed + len, file.bytes + from, more);
        len += more;
        rest = begin;
    } else if (sort == 2) { /* swapped */
        memcpy(changed + len, file.bytes + rest, second);
        memcpy(changed + len + second, file.bytes + begin, first);
        len += first + second;
        rest += second;
    }
    memcpy(changed + len, file.bytes + rest, file.len - rest);
    shell_write(file.path, changed, len + file.len - rest);
    const struct verify_damage *damage = check(ledger);
    assert_int_equal(damage->fault, VERIFY_BAD_SEQ);
    assert_string_equal(damage->file, file.name);
    uint64_t line = segment * SIGNED_LEDGER_SECOND + line_at(&file, begin);
    assert_int_equal(damage->seq, sort == 1 ? line + 1 : line);
    free(changed);
    put_back(&file);
}

static void tamper_feed_end(uint64_t *seed)
{
    struct tampered file = take(ledger, segments[1]);

    shell_write(file.path, file.bytes, next_random(seed) % file.len);
    assert_int_equal(check(ledger)->fault, VERIFY_TOO_SHORT);
    put_back(&file);
    file = take(ledger, segments[0]);
    shell_write(file.path, file.bytes, next_random(seed) % file.len);
    assert_int_not_equal(check(ledger)->fault, VERIFY_OK);
    put_back(&file);
}

/* All that a ledger of this size has; the last ones are needed at its size. */
static const char *const tiles[] = {
    "tile/0/000.p/5", "tile/0/001.p/44", "tile/0/002.p/1",   "tile/1/000.p/1",
    "tile/0/000",     "tile/0/001",      "tile/0/002.p/188", "tile/1/000.p/2",
};
#define TILES_COUNT  (sizeof(tiles) / sizeof(tiles[0]))
#define TILES_NEEDED 4u

static void tamper_tile(uint64_t *seed)
{
    const char *folder = next_random(seed) % 2 == 0 ? ledger : tree;
    struct tampered file = take(folder, tiles[next_random(seed) % TILES_COUNT]);
    size_t at;

    if (next_random(seed) % 4 == 0)
        shell_write(file.path, file.bytes, next_random(seed) % file.len);
    else
        flip(&file, seed, &at);
    expect(check(folder), VERIFY_TILE_CHANGED, file.name, VERIFY_NO_SEQ);
    put_back(&file);
}

static void tamper_tile_away(uint64_t *seed)
{
    const char *folder = next_random(seed) % 2 == 0 ? ledger : tree;
    size_t which = TILES_COUNT - TILES_NEEDED + next_random(seed) % TILES_NEEDED;
    struct tampered file = take(folder, tiles[which]);

    assert_int_equal(unlink(file.path), 0);
    expect(check(folder), VERIFY_TILE_MISSING, file.name, VERIFY_NO_SEQ);
    put_back(&file);
}

static void tamper_checkpoint(uint64_t *seed)
{
    const char *folder = next_random(seed) % 2 == 0 ? ledger : tree;
    struct tampered file = take(folder, "checkpoint");
    size_t at;

    flip(&file, seed, &at);
    expect(check(folder), VERIFY_BAD_CHECKPOINT, "checkpoint", VERIFY_NO_SEQ);
    assert_int_not_equal(verify->damage.why, TLOG_OK);
    put_back(&file);
}

static void tamper_checkpoints_log(uint64_t *seed)
{
    struct tampered file = take(ledger, "checkpoints.log");
    size_t at;

    if (next_random(seed) % 4 == 0)
        shell_write(file.path, file.bytes, next_random(seed) % file.len);
    else
        flip(&file, seed, &at);
    const struct verify_damage *damage = check(ledger);
    assert_true(damage->fault == VERIFY_BAD_CHECKPOINT || damage->fault == VERIFY_NOT_LOGGED ||
                damage->fault == VERIFY_LOG_CUT);
    assert_string_equal(damage->file, "checkpoints.log");
    put_back(&file);
}

static void tamper_bundle(uint64_t *seed)
{
    static const char *const bundles[] = {"tile/entries/000", "tile/entries/001",
                                          "tile/entries/002.p/188"};
    unsigned which = (unsigned)(next_random(seed) % 3);
    struct tampered file = take(tree, bundles[which]);
    size_t at;

    flip(&file, seed, &at);
    const struct verify_damage *damage = check(tree);
    assert_true(damage->fault == VERIFY_RECORD_CHANGED || damage->fault == VERIFY_BAD_BUNDLE);
    assert_in_range(damage->seq, 256 * which, 256 * which + 256);
    if (next_random(seed) % 8 == 0) {
        assert_int_equal(unlink(file.path), 0);
        expect(check(tree), VERIFY_TILE_MISSING, file.name, VERIFY_NO_SEQ);
    }
    put_back(&file);
}

/* The last pack's end may be under way, so that what is wrong there is told by who names it. What
   stands in place of erased bytes is no evidence, and may be half an erase: it is told by its
   count. */
static void tamper_pack_bit(uint64_t *seed)
{
    struct tampered file = take(ledger, packs[next_random(seed) % 2]);
    size_t at;

    flip(&file, seed, &at);
    enum verify_fault fault = check(ledger)->fault;
    if (fault == VERIFY_OK) {
        assert_int_equal(blobs.unerased, 1);
    } else {
        assert_true(fault == VERIFY_BLOB_CHANGED || fault == VERIFY_BLOB_MISSING ||
                    fault == VERIFY_BLOB_ERASED || fault == VERIFY_BAD_PACK);
        assert_memory_equal(verify->damage.file, "blobs", 5);
    }
    put_back(&file);
}

/* Frame n of a pack's bytes: where it begins. */
static size_t frame_at(const struct tampered *file, size_t number)
{
    struct pack_frame frame;
    size_t at = 0;

    while (number-- > 0) {
        assert_true(pack_frame_read((uint8_t *)file->bytes + at, file->len - at, &frame));
        at += PACK_HEAD_BYTES + frame.stored_len;
    }
    return at;
}

/* Cuts, takes away, swaps, or erases without a record. */
static void tamper_pack(uint64_t *seed)
{
    unsigned which = (unsigned)(next_random(seed) % 2), sort = (unsigned)(next_random(seed) % 4);
    struct tampered file = take(ledger, packs[which]);
    size_t number = 2 + next_random(seed) % 30;
    size_t begin = frame_at(&file, number), middle = frame_at(&file, number + 1),
           end = frame_at(&file, number + 2);
    char *changed = malloc(file.len);

    assert_non_null(changed);
    memcpy(changed, file.bytes, file.len);
    if (sort == 0) {
        shell_write(file.path, changed, next_random(seed) % file.len);
    } else if (sort == 1) {
        assert_int_equal(unlink(file.path), 0);
    } else if (sort == 2) {
        memcpy(changed + begin, file.bytes + middle, end - middle);
        memcpy(changed + begin + (end - middle), file.bytes + begin, middle - begin);
        shell_write(file.path, changed, file.len);
    } else {
        uint8_t *frame = (uint8_t *)changed + begin;
        pack_mark(next_random(seed) % 700, frame + 20, frame + PACK_MARK_AT);
        memset(frame + PACK_HEAD_BYTES, 0, middle - begin - PACK_HEAD_BYTES);
        shell_write(file.path, changed, file.len);
    }
    enum verify_fault fault = check(ledger)->fault;
    assert_true(sort == 3 ? fault == VERIFY_BLOB_ERASED : fault == VERIFY_BLOB_MISSING);
    free(changed);
    put_back(&file);
}

static void thousands_of_tampers_are_found_and_named(void **state)
{
    (void)state;
    static void (*const tampers[])(uint64_t *) = {
        tamper_feed_bit,   tamper_feed_bit,        tamper_feed_line,
        tamper_feed_line,  tamper_feed_end,        tamper_tile,
        tamper_tile,       tamper_tile_away,       tamper_bundle,
        tamper_checkpoint, tamper_checkpoints_log, tamper_pack_bit,
        tamper_pack,
    };
    const size_t sorts = sizeof(tampers) / sizeof(tampers[0]);
    const char *wanted = getenv("VERIFY_TAMPERS");
    uint64_t count = wanted != NULL ? strtoull(wanted, NULL, 10) : 2000 / TEST_APART;
    uint64_t seed = 20261124;

    for (uint64_t i = 0; i < count; i++)
        tampers[i % sorts](&seed);
    expect(check(ledger), VERIFY_OK, "", 0);
    expect(check(tree), VERIFY_OK, "", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thousands_of_tampers_are_found_and_named),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
