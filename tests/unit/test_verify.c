/*
 * Verification. Goal: an intact ledger is intact, and of damage the first bad thing is named.
 * Method: a signed ledger on disk and its exported tree; segments, tiles and records that are gone
 * or changed; forks and rollbacks.
 */
#include "daemon/ledger/position.h"
#include "tests/unit/verify_rig.h"

static void what_is_intact_is_said_to_be(void **state)
{
    (void)state;
    expect(check(ledger), VERIFY_OK, "", 0);
    assert_int_equal(verify->counts.records, SIGNED_LEDGER_RECORDS);
    assert_int_equal(verify->counts.checkpoints, 5);
    assert_int_equal(verify->counts.signatures, 6);
    assert_int_equal(verify->counts.runs, 2);
    assert_int_equal(verify->counts.unclean_runs, 0);
    assert_int_equal(verify->matched_size, SIGNED_LEDGER_RECORDS);
    /* Two full tiles of level 0; at each size the partial ones that are not empty. */
    assert_true(verify->counts.tiles >= 2 + 1 + 1 + 2 + 2 + 2);
    expect(check(tree), VERIFY_OK, "", 0);
    assert_int_equal(verify->counts.records, SIGNED_LEDGER_RECORDS);
}

static void a_segment_that_is_gone_is_named(void **state)
{
    (void)state;
    struct tampered first = take(ledger, segments[0]), second = take(ledger, segments[1]);

    assert_int_equal(unlink(first.path), 0);
    expect(check(ledger), VERIFY_SEGMENT_MISSING, segments[0], VERIFY_NO_SEQ);
    put_back(&first);
    assert_int_equal(unlink(second.path), 0);
    expect(check(ledger), VERIFY_TOO_SHORT, "", SIGNED_LEDGER_SECOND);
    shell_write(path_of(ledger, "feed/00000000000000000299.jsonl"), second.bytes, second.len);
    expect(check(ledger), VERIFY_SEGMENT_EXTRA, "feed/00000000000000000299.jsonl", VERIFY_NO_SEQ);
    assert_int_equal(unlink(path_of(ledger, "feed/00000000000000000299.jsonl")), 0);
    put_back(&second);
}

static void a_record_is_blamed_where_tiles_are_good_and_a_tile_where_they_are_not(void **state)
{
    (void)state;
    struct tampered feed = take(ledger, segments[0]);
    char *at = strstr(feed.bytes, "\"n\":10000,");
    assert_non_null(at);
    at[4] = '2';
    shell_write(feed.path, feed.bytes, feed.len);
    expect(check(ledger), VERIFY_RECORD_CHANGED, "", 100);
    /* With every tile gone all that is known is up to where the records were what was signed. */
    char command[200];
    (void)snprintf(command, sizeof(command), "mv '%s/tile' '%s/away'", ledger, ledger);
    assert_int_equal(shell_run(command), 0);
    expect(check(ledger), VERIFY_ROOT_MISMATCH, "checkpoint", VERIFY_NO_SEQ);
    assert_int_equal(verify->matched_size, 5);
    assert_int_equal(verify->damage.size, 256); /* the next size that was signed */
    (void)snprintf(command, sizeof(command), "mv '%s/away' '%s/tile'", ledger, ledger);
    assert_int_equal(shell_run(command), 0);
    /* A tile that was changed to fit the record is not confirmed by the one above. */
    struct tampered tile = take(ledger, "tile/0/000");
    const char *line = at;
    while (line[-1] != '\n')
        line--;
    struct merkle_hash leaf = merkle_leaf(line, strcspn(line, "\n")), before;
    memcpy(&before, tile.bytes + 100 * 32, 32);
    memcpy(tile.bytes + 100 * 32, &leaf, 32);
    tile.bytes[101 * 32] ^= 1;
    shell_write(tile.path, tile.bytes, tile.len);
    expect(check(ledger), VERIFY_TILE_CHANGED, "tile/0/000", VERIFY_NO_SEQ);
    memcpy(tile.bytes + 100 * 32, &before, 32);
    tile.bytes[101 * 32] ^= 1;
    put_back(&tile);
    at[4] = '1';
    put_back(&feed);
    expect(check(ledger), VERIFY_OK, "", 0);
}

/* The entry of checkpoints.log with this size, as a string. */
static char *logged(uint64_t size)
{
    struct tampered log = take(ledger, "checkpoints.log");
    size_t at = 0, len, step;
    char line[32], *found = NULL;

    (void)snprintf(line, sizeof(line), "\n%llu\n", (unsigned long long)size);
    while (checkpoint_log_next(log.bytes + at, log.len - at, &len, &step)) {
        found = strndup(log.bytes + at, len);
        if (strstr(found, line) != NULL)
            break;
        free(found);
        found = NULL;
        at += step;
    }
    free(log.bytes);
    assert_non_null(found);
    return found;
}

static void a_rollback_is_only_seen_with_a_size_or_a_checkpoint_from_elsewhere(void **state)
{
    (void)state;
    struct tampered latest = take(tree, "checkpoint");
    char *old = logged(300);
    struct verify_config config = {.min_size = 301};

    shell_write(latest.path, old, strlen(old));
    shell_write(path_of(tree, "tile/0/x"), "", 0);
    struct tampered bundle = take(tree, "tile/entries/001");
    /* Its last bundle is cut to the 44 entries that it has then. */
    size_t len = 0;
    for (unsigned i = 0; i < 44; i++)
        len += 2u + (size_t)((unsigned char)bundle.bytes[len] << 8 |
                             (unsigned char)bundle.bytes[len + 1]);
    char folder[200];
    (void)snprintf(folder, sizeof(folder), "mkdir -p '%s/tile/entries/001.p'", tree);
    assert_int_equal(shell_run(folder), 0);
    shell_write(path_of(tree, "tile/entries/001.p/44"), bundle.bytes, len);
    expect(check(tree), VERIFY_OK, "", 0);
    expect(check_as(tree, &config), VERIFY_TOO_SMALL, "checkpoint", VERIFY_NO_SEQ);
    config = (struct verify_config){.compare = latest.bytes, .compare_len = latest.len};
    expect(check_as(tree, &config), VERIFY_TOO_SMALL, "--compare", VERIFY_NO_SEQ);
    config = (struct verify_config){.compare = old, .compare_len = strlen(old)};
    expect(check_as(tree, &config), VERIFY_OK, "", 0);
    (void)snprintf(folder, sizeof(folder), "rm -r '%s/tile/entries/001.p' '%s/tile/0/x'", tree,
                   tree);
    assert_int_equal(shell_run(folder), 0);
    free(bundle.bytes);
    put_back(&latest);
    expect(check_as(tree, &config), VERIFY_OK, "", 0);
    free(old);
}

static void a_fork_is_told_by_the_other_checkpoint(void **state)
{
    (void)state;
    static const uint8_t seed[NOTE_KEY_BYTES] = {7};
    struct note_signer *signer = note_signer_open("noticed.test/l", 14, NOTE_KEY_ED25519, seed);
    struct merkle_hash other = merkle_leaf("x", 1);
    char bytes[CHECKPOINT_BYTES_MAX];

    assert_non_null(signer);
    for (uint64_t size = 400; size <= SIGNED_LEDGER_RECORDS; size += 300) {
        struct text text = text_into(bytes, sizeof(bytes));
        checkpoint_sign(&text, signer, size, &other);
        struct verify_config config = {.compare = bytes, .compare_len = text.len};
        expect(check_as(ledger, &config), VERIFY_FORK, "--compare", VERIFY_NO_SEQ);
        assert_int_equal(verify->damage.size, size);
        expect(check_as(tree, &config), VERIFY_FORK, "--compare", VERIFY_NO_SEQ);
        bytes[text.len - 5] ^= 1;
        expect(check_as(ledger, &config), VERIFY_BAD_CHECKPOINT, "--compare", VERIFY_NO_SEQ);
    }
    (void)note_signer_close(signer); /* always NULL */
}

static void a_ledger_that_was_stripped_of_its_signatures_is_found(void **state)
{
    (void)state;
    char command[300];
    struct tampered checkpoint = take(ledger, "checkpoint");
    assert_int_equal(unlink(checkpoint.path), 0);
    expect(check(ledger), VERIFY_NO_CHECKPOINT, "checkpoint", VERIFY_NO_SEQ); /* there is a log */
    put_back(&checkpoint);
    (void)snprintf(command, sizeof(command),
                   "cd '%s' && mkdir away && mv tile checkpoint checkpoints.log away", ledger);
    assert_int_equal(shell_run(command), 0);
    /* Its second start record names a checkpoint. */
    expect(check(ledger), VERIFY_LOG_CUT, "checkpoints.log", 400);
    assert_false(verify->is_signed);
    struct verify_config config = {.min_size = 1};
    expect(check_as(ledger, &config), VERIFY_NO_CHECKPOINT, "checkpoint", VERIFY_NO_SEQ);
    config = (struct verify_config){.must_be_signed = true};
    expect(check_as(ledger, &config), VERIFY_NO_CHECKPOINT, "checkpoint", VERIFY_NO_SEQ);
    (void)snprintf(command, sizeof(command), "cd '%s' && mv away/* . && rmdir away", ledger);
    assert_int_equal(shell_run(command), 0);
    expect(check(ledger), VERIFY_OK, "", 0);
}

/* The ledger's log and checkpoint as they were when `entries` checkpoints were signed. */
static void cut_log(const struct tampered *log, const struct tampered *checkpoint, unsigned entries)
{
    size_t at = 0, begin = 0, len = 0, step;

    for (unsigned i = 0; i < entries; i++) {
        assert_true(checkpoint_log_next(log->bytes + at, log->len - at, &len, &step));
        begin = at;
        at += step;
    }
    shell_write(log->path, log->bytes, at);
    shell_write(checkpoint->path, log->bytes + begin, len);
}

static void a_log_without_what_a_start_record_names_is_found(void **state)
{
    (void)state;
    struct tampered log = take(ledger, "checkpoints.log"), checkpoint = take(ledger, "checkpoint");

    /* The second run began at record 400, behind the checkpoint of 300. */
    cut_log(&log, &checkpoint, 3);
    expect(check(ledger), VERIFY_OK, "", 0);
    cut_log(&log, &checkpoint, 2);
    expect(check(ledger), VERIFY_LOG_CUT, "checkpoints.log", 400);
    assert_int_equal(verify->damage.size, 300);
    assert_int_equal(unlink(log.path), 0);
    assert_int_equal(unlink(checkpoint.path), 0);
    expect(check(ledger), VERIFY_LOG_CUT, "checkpoints.log", 400);
    put_back(&log);
    put_back(&checkpoint);
    expect(check(ledger), VERIFY_OK, "", 0);
}

/* A file of positions in state/ that names records, the next one of them in a segment. */
static void write_position(const char *name, uint64_t seq, uint64_t first, uint64_t end)
{
    uint8_t bytes[POSITION_FILE_BYTES] = {0};
    struct position position = {.seq = seq, .first = first, .end = end};
    char command[200];

    (void)snprintf(command, sizeof(command), "mkdir -p '%s/state'", ledger);
    assert_int_equal(shell_run(command), 0);
    position_encode(1, &position, bytes + position_slot_offset(1));
    shell_write(path_of(ledger, name), bytes, sizeof(bytes));
}

static void a_log_without_what_state_tiles_remembers_is_found(void **state)
{
    (void)state;
    struct tampered log = take(ledger, "checkpoints.log"), checkpoint = take(ledger, "checkpoint");

    write_position("state/tiles", SIGNED_LEDGER_RECORDS, SIGNED_LEDGER_RECORDS, 0);
    expect(check(ledger), VERIFY_OK, "", 0);
    cut_log(&log, &checkpoint, 4);
    expect(check(ledger), VERIFY_LOG_CUT, "checkpoints.log", VERIFY_NO_SEQ);
    assert_int_equal(verify->damage.size, SIGNED_LEDGER_RECORDS);
    assert_int_equal(unlink(path_of(ledger, "state/tiles")), 0);
    expect(check(ledger), VERIFY_OK, "", 0); /* nothing inside of it can show that */
    put_back(&log);
    put_back(&checkpoint);
}

static void what_follows_the_last_entry_of_the_log_is_found_when_no_crash_can_leave_it(void **state)
{
    (void)state;
    struct tampered log = take(ledger, "checkpoints.log");
    char *longer = calloc(1, log.len + CHECKPOINT_TORN_BYTES_MAX + 1);

    assert_non_null(longer);
    memcpy(longer, log.bytes, log.len);
    memset(longer + log.len, 'x', CHECKPOINT_TORN_BYTES_MAX + 1);
    shell_write(log.path, longer, log.len + CHECKPOINT_TORN_BYTES_MAX);
    expect(check(ledger), VERIFY_OK, "", 0);
    shell_write(log.path, longer, log.len + CHECKPOINT_TORN_BYTES_MAX + 1);
    expect(check(ledger), VERIFY_BAD_CHECKPOINT, "checkpoints.log", VERIFY_NO_SEQ);
    assert_int_equal(verify->damage.why, TLOG_CUT);
    free(longer);
    put_back(&log);
}

static void a_segment_past_the_durable_end_follows_the_one_before_it(void **state)
{
    (void)state;
    static const char far[] = "feed/00000000000000005000.jsonl";
    struct tampered last = take(ledger, segments[1]);

    write_position("state/durable", SIGNED_LEDGER_RECORDS - 1, SIGNED_LEDGER_SECOND, last.len);
    expect(check(ledger), VERIFY_OK, "", 0);
    shell_write(path_of(ledger, far), "", 0);
    expect(check(ledger), VERIFY_SEGMENT_EXTRA, far, VERIFY_NO_SEQ);
    assert_int_equal(unlink(path_of(ledger, far)), 0);
    /* One that was begun just now does. */
    shell_write(path_of(ledger, "feed/00000000000000000700.jsonl"), "{\"v\"", 4);
    expect(check(ledger), VERIFY_OK, "", 0);
    assert_int_equal(unlink(path_of(ledger, "feed/00000000000000000700.jsonl")), 0);
    free(last.bytes);
}

static void a_durable_end_before_what_is_signed_is_not_believed(void **state)
{
    (void)state;
    write_position("state/durable", 0, 0, 100);
    expect(check(ledger), VERIFY_OK, "", 0);
    assert_int_equal(verify->counts.records, SIGNED_LEDGER_RECORDS);
    assert_int_equal(unlink(path_of(ledger, "state/durable")), 0);
}

static void what_was_seen_outside_is_held_against_the_records(void **state)
{
    (void)state;
    expect(check(ledger), VERIFY_OK, "", 0);
    struct verify_anchor anchor = {.size = SIGNED_LEDGER_RECORDS,
                                   .root = verify->signed_root,
                                   .proof = true,
                                   .time_ns = 1795532400000000000 + 100,
                                   .file = "anchors/700/a.tsr"};
    struct verify_config config = {.anchors = &anchor, .anchors_count = 1};

    /* Record i has the time 1795532400 s and i ns, and its clock claims no error. */
    expect(check_as(ledger, &config), VERIFY_OK, "", 0);
    assert_int_equal(verify->late.count, SIGNED_LEDGER_RECORDS - 101);
    assert_int_equal(verify->late.first, 101);
    assert_int_equal(verify->early.count, 0);
    assert_false(anchor.recorded);
    anchor.accuracy_ns = 500;
    expect(check_as(ledger, &config), VERIFY_OK, "", 0);
    assert_int_equal(verify->late.count, SIGNED_LEDGER_RECORDS - 601);
    anchor.proof = false;
    expect(check_as(ledger, &config), VERIFY_OK, "", 0);
    assert_int_equal(verify->late.count, 0);
    anchor.root.bytes[7] ^= 1;
    expect(check_as(ledger, &config), VERIFY_FORK, "anchors/700/a.tsr", VERIFY_NO_SEQ);
    assert_int_equal(verify->damage.size, SIGNED_LEDGER_RECORDS);
    anchor.size++;
    expect(check_as(ledger, &config), VERIFY_ROLLED_BACK, "anchors/700/a.tsr", VERIFY_NO_SEQ);
}

static void blobs_are_counted_and_erased_ones_are_no_damage(void **state)
{
    (void)state;

    expect(check(ledger), VERIFY_OK, "", 0);
    assert_int_equal(blobs.named, SIGNED_LEDGER_RECORDS / 9);
    assert_int_equal(pack_files_counts(blobs.files).blobs, SIGNED_LEDGER_RECORDS / 9);
    assert_int_equal(blobs.erased, 2);
    assert_int_equal(blobs.unerased, 0);
    struct tampered file = take(ledger, packs[0]);
    shell_write(file.path, file.bytes, 10); /* an erased one is not missed either */
    assert_int_equal(check(ledger)->fault, VERIFY_BLOB_MISSING);
    assert_int_equal(verify->damage.seq, 25);
    put_back(&file);
}

/* The head of the erased frame that begins a pack, with another mark. */
static void mark_first(uint64_t seq)
{
    struct tampered file = take(ledger, packs[0]);
    struct pack_frame frame;

    assert_true(pack_frame_read((uint8_t *)file.bytes, file.len, &frame));
    assert_int_not_equal(frame.erased_by, PACK_NOT_ERASED);
    pack_mark(seq, frame.sha256, (uint8_t *)file.bytes + PACK_MARK_AT);
    shell_write(file.path, file.bytes, file.len);
    free(file.bytes);
}

static void a_mark_that_names_another_record_is_found_also_past_the_end(void **state)
{
    (void)state;
    struct tampered file = take(ledger, packs[0]);
    const uint64_t seqs[] = {SIGNED_LEDGER_ERASE - 1, SIGNED_LEDGER_RECORDS, 1000000000};

    for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
        mark_first(seqs[i]);
        expect(check(ledger), VERIFY_BLOB_ERASED, packs[0], VERIFY_NO_SEQ);
    }
    put_back(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blobs_are_counted_and_erased_ones_are_no_damage),
        cmocka_unit_test(a_mark_that_names_another_record_is_found_also_past_the_end),
        cmocka_unit_test(what_is_intact_is_said_to_be),
        cmocka_unit_test(a_segment_that_is_gone_is_named),
        cmocka_unit_test(a_record_is_blamed_where_tiles_are_good_and_a_tile_where_they_are_not),
        cmocka_unit_test(a_rollback_is_only_seen_with_a_size_or_a_checkpoint_from_elsewhere),
        cmocka_unit_test(a_fork_is_told_by_the_other_checkpoint),
        cmocka_unit_test(a_ledger_that_was_stripped_of_its_signatures_is_found),
        cmocka_unit_test(a_log_without_what_a_start_record_names_is_found),
        cmocka_unit_test(a_log_without_what_state_tiles_remembers_is_found),
        cmocka_unit_test(
            what_follows_the_last_entry_of_the_log_is_found_when_no_crash_can_leave_it),
        cmocka_unit_test(a_segment_past_the_durable_end_follows_the_one_before_it),
        cmocka_unit_test(a_durable_end_before_what_is_signed_is_not_believed),
        cmocka_unit_test(what_was_seen_outside_is_held_against_the_records),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
