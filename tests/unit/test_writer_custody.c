/*
 * Holds and erases. Goal: what is held is not erased; what is erased is gone and stays gone, and a
 * record says so; a crash at any call leaves either no record of it and the bytes, or after the
 * next start the record and no bytes. Method: a writer on a simulated disk, and the packs read
 * back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/custody.h"
#include "daemon/ledger/blob_ref.h"
#include "io/segment.h"
#include "io/whole.h"
#include "tests/fakes/crash_rig.h"
#include "tests/fakes/derived_rig.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

#define LINES     9u
#define PACKS_MAX 65536u

static uint8_t sha256[LINES][DIGEST_BYTES];

/* Lines that match, each with its bytes; small packs, so that they are in several. */
static void put_lines(void)
{
    derived_rig.emit.keep = (struct emit_keep){.matched_max = 1000, .unmatched_max = 1000};
    for (unsigned i = 0; i < LINES; i++) {
        char text[64];
        derived_rig_line("", i, i, 1, true);
        int len = snprintf(text, sizeof text, "line %u of L%u", i, i);
        digest_sha256(text, (size_t)len, sha256[i]);
    }
    derived_rig_settle();
}

/* Puts the record of a hold, a release or an erase of blobs [from, to). */
static void put_custody(enum record_kind kind, bool held, unsigned from, unsigned to)
{
    char body[2048];
    struct text text = text_into(body, sizeof body);

    if (kind == RECORD_HOLD)
        text_member_bool(&text, "held", held);
    text_member_string(&text, "authority", "an order");
    for (unsigned i = from; i < to; i++) {
        text_literal(&text, i == from ? ",\"blobs\":[\"sha256:" : ",\"sha256:");
        text_hex(&text, sha256[i], DIGEST_BYTES);
        text_literal(&text, "\"");
    }
    text_literal(&text, "]}");
    assert_int_equal(emit_custody(derived_rig.queue, kind, body, text.len), 0);
}

static struct writer_answer tell(enum record_kind kind, bool held, unsigned from, unsigned to)
{
    put_custody(kind, held, from, to);
    derived_rig_settle();
    return derived_rig.core.lanes[0].answers[0];
}

/* What the packs say of blob i: PACK_OK, PACK_ERASED, ...; -1: it is in none. *ret_count: frames.
 */
static int state_of(unsigned i, unsigned *ret_count)
{
    static uint8_t bytes[PACKS_MAX];
    static struct pack_coder *coder;
    struct backend *backend = derived_rig.backend;
    uint64_t *firsts = NULL;
    size_t count = 0;
    int state = -1;
    int folder_fd =
        backend->ops->open(backend, AT_FDCWD, "ledger/blobs", O_RDONLY | O_DIRECTORY, 0);

    coder = coder == NULL ? pack_coder_open() : coder;
    assert_true(folder_fd >= 0);
    assert_int_equal(segment_list(backend, folder_fd, PACK_SUFFIX, &firsts, &count), 0);
    *ret_count = 0;
    for (size_t pack = 0; pack < count; pack++) {
        int fd = segment_open(backend, folder_fd, PACK_SUFFIX, firsts[pack], false);
        ssize_t len = whole_read(backend, fd, bytes, sizeof bytes, 0);
        struct pack_walk walk = pack_walk_begin(firsts[pack]);
        struct pack_frame frame;
        const uint8_t *blob;
        assert_in_range(len, 0, PACKS_MAX - 1);
        while (pack_walk_next(&walk, bytes + walk.end, (size_t)len - walk.end, &frame) > 0) {
            if (memcmp(frame.sha256, sha256[i], DIGEST_BYTES) != 0)
                continue;
            state = (int)pack_decode(coder, &frame, &blob);
            ++*ret_count;
        }
        assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    }
    free(firsts);
    assert_int_equal(backend->ops->close_fd(backend, folder_fd), 0);
    return state;
}

static void assert_state(unsigned i, enum pack_fault expected)
{
    unsigned count;

    assert_int_equal(state_of(i, &count), expected);
    assert_int_equal(count, 1);
}

static void what_is_held_is_not_erased_until_it_is_released(void **state)
{
    (void)state;
    derived_rig_begin();
    put_lines();
    assert_int_equal(tell(RECORD_HOLD, true, 2, 3).custody, WRITER_CUSTODY_DONE);
    uint64_t next = derived_rig.core.next_seq;
    struct writer_answer answer = tell(RECORD_ERASE, false, 0, 5);
    assert_int_equal(answer.custody, WRITER_CUSTODY_HELD);
    assert_memory_equal(answer.sha256, sha256[2], DIGEST_BYTES);
    assert_int_equal(derived_rig.core.next_seq, next); /* nothing is recorded */
    for (unsigned i = 0; i < LINES; i++)
        assert_state(i, PACK_OK);
    /* After a start too. */
    derived_rig_close();
    derived_rig_open();
    assert_int_equal(tell(RECORD_ERASE, false, 2, 3).custody, WRITER_CUSTODY_HELD);
    assert_int_equal(tell(RECORD_HOLD, false, 2, 3).custody, WRITER_CUSTODY_DONE);
    answer = tell(RECORD_ERASE, false, 2, 3);
    assert_int_equal(answer.custody, WRITER_CUSTODY_DONE);
    assert_int_equal(answer.seq + 1, derived_rig.core.next_seq);
    assert_state(2, PACK_ERASED);
    assert_state(1, PACK_OK);
    assert_state(3, PACK_OK);
    derived_rig_finish();
}

static void an_erase_that_damage_keeps_from_its_blob_says_so(void **state)
{
    (void)state;
    uint8_t byte;

    derived_rig_begin();
    put_lines();
    struct backend *backend = derived_rig.backend;
    int fd =
        backend->ops->open(backend, AT_FDCWD, "ledger/blobs/00000000000000000000.pack", O_RDWR, 0);
    assert_true(fd >= 0);
    assert_int_equal(backend->ops->pread(backend, fd, &byte, 1, 0), 1);
    byte ^= 1;
    assert_int_equal(backend->ops->pwrite(backend, fd, &byte, 1, 0), 1);
    assert_int_equal(tell(RECORD_ERASE, false, 0, 1).custody, WRITER_CUSTODY_DAMAGED);
    assert_int_equal(tell(RECORD_HOLD, true, 4, 5).custody, WRITER_CUSTODY_DONE);
    /* So does what is no pack under a pack's name, which came during the run. */
    static const char foreign[] = "ledger/blobs/00000000000000000099.pack";
    assert_int_equal(backend->ops->mkdir(backend, AT_FDCWD, foreign, 0750), 0);
    assert_int_equal(tell(RECORD_ERASE, false, 0, 1).custody, WRITER_CUSTODY_DAMAGED);
    assert_int_equal(derived_rig.core.counts.failed, 0);
    assert_int_equal(backend->ops->unlink(backend, AT_FDCWD, foreign, AT_REMOVEDIR), 0);
    byte ^= 1;
    assert_int_equal(backend->ops->pwrite(backend, fd, &byte, 1, 0), 1);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    assert_state(0, PACK_OK);
    /* Mended: the next start does what the record says, from its snapshot. */
    rig_put_stop(derived_rig.queue);
    derived_rig_settle();
    derived_rig_close();
    derived_rig_open();
    assert_true(derived_rig.core.snapshot.kept[0] > 0);
    derived_rig_settle();
    assert_state(0, PACK_ERASED);
    assert_state(1, PACK_OK);
    derived_rig_finish();
}

static void others_are_acknowledged_while_it_erases(void **state)
{
    (void)state;
    const struct writer_core *core = &derived_rig.core;
    unsigned turns = 0;

    derived_rig_begin();
    put_lines();
    put_custody(RECORD_ERASE, false, 0, LINES);
    queue_publish(derived_rig.queue);
    const uint64_t asked = queue_put_position(derived_rig.queue);
    for (; core->erase.state == WRITER_ERASE_IDLE && turns < 100; turns++) {
        (void)writer_core_gather(&derived_rig.core);
        writer_core_turn(&derived_rig.core, 1000000);
    }
    const uint64_t erase = core->next_seq - 1;
    derived_rig_line("", LINES, LINES, 1, true);
    queue_publish(derived_rig.queue);
    bool went_on = false;
    for (; core->erase.state != WRITER_ERASE_IDLE && turns < 1000; turns++) {
        (void)writer_core_gather(&derived_rig.core);
        writer_core_turn(&derived_rig.core, 1000000);
        /* What comes behind is durable, and may be told; that the bytes are gone may not. */
        went_on = went_on || (core->erase.state != WRITER_ERASE_IDLE &&
                              atomic_load(&core->counts.durable_seq) > erase &&
                              queue_durable(derived_rig.queue) < asked);
    }
    assert_true(went_on);
    derived_rig_settle();
    for (unsigned i = 0; i < LINES; i++)
        assert_state(i, PACK_ERASED);
    derived_rig_finish();
}

static void what_is_torn_is_erased_too(void **state)
{
    (void)state;
    static uint8_t bytes[PACKS_MAX];
    struct backend *backend;
    struct pack_frame frame;
    uint64_t *firsts = NULL;
    size_t count = 0;

    derived_rig_begin();
    put_lines();
    derived_rig_close();
    /* Blob 0 once more, as a crash may leave it: behind the end, cut off. */
    backend = derived_rig.backend;
    int folder_fd =
        backend->ops->open(backend, AT_FDCWD, "ledger/blobs", O_RDONLY | O_DIRECTORY, 0);
    assert_int_equal(segment_list(backend, folder_fd, PACK_SUFFIX, &firsts, &count), 0);
    int fd = segment_open(backend, folder_fd, PACK_SUFFIX, firsts[0], false);
    assert_true(whole_read(backend, fd, bytes, sizeof bytes, 0) > 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    assert_true(pack_head_read(bytes, &frame));
    fd = segment_open(backend, folder_fd, PACK_SUFFIX, firsts[count - 1], false);
    const uint64_t end = (uint64_t)backend->ops->size(backend, fd);
    const size_t torn_len = PACK_HEAD_BYTES + frame.stored_len - 3;
    assert_int_equal(whole_write(backend, fd, bytes, torn_len, end), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    assert_int_equal(backend->ops->close_fd(backend, folder_fd), 0);
    derived_rig_open();
    assert_int_equal(tell(RECORD_ERASE, false, 0, 1).custody, WRITER_CUSTODY_DONE);
    char name[SEGMENT_TORN_BYTES], path[SEGMENT_TORN_BYTES + 16];
    const struct segment_tail tail = {
        .journal = PACK_FOLDER, .first = firsts[count - 1], .end = end};
    segment_torn_name(&tail, 0, name);
    (void)snprintf(path, sizeof path, "ledger/torn/%s", name); /* it fits */
    fd = backend->ops->open(backend, AT_FDCWD, path, O_RDONLY, 0);
    assert_true(fd >= 0);
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(whole_read(backend, fd, bytes, sizeof bytes, 0), torn_len);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    for (size_t i = PACK_HEAD_BYTES; i < torn_len; i++)
        assert_int_equal(bytes[i], 0);
    free(firsts);
    /* What nobody of ours put there ends nothing, and is told. */
    assert_int_equal(backend->ops->mkdir(backend, AT_FDCWD, "ledger/torn/blobs.by-hand", 0750), 0);
    assert_int_equal(tell(RECORD_ERASE, false, 1, 2).custody, WRITER_CUSTODY_DAMAGED);
    assert_int_equal(derived_rig.core.counts.failed, 0);
    assert_state(1, PACK_ERASED);
    derived_rig_finish();
}

/* Whatever the erase opens, there is no descriptor for some time. */
static void an_erase_waits_for_a_descriptor(void **state)
{
    (void)state;
    const struct writer_core *core = &derived_rig.core;
    uint64_t opens = 1;

    for (uint64_t nth = 1; nth <= opens; nth++) {
        derived_rig_begin();
        put_lines();
        put_custody(RECORD_ERASE, false, 0, LINES);
        queue_publish(derived_rig.queue);
        backend_sim_fail(derived_rig.backend, BACKEND_SIM_OPEN, nth, 1000,
                         nth % 2 == 0 ? -EMFILE : -ENFILE);
        for (unsigned i = 0; i < 100; i++) {
            (void)writer_core_gather(&derived_rig.core);
            writer_core_turn(&derived_rig.core, 1000000);
        }
        assert_int_equal(core->counts.failed, 0);
        assert_true(core->erase.waits);
        assert_true(queue_durable(derived_rig.queue) < queue_put_position(derived_rig.queue));
        backend_sim_fail_nothing(derived_rig.backend);
        derived_rig_settle();
        for (unsigned i = 0; i < LINES; i++)
            assert_state(i, PACK_ERASED);
        if (nth == 1) /* the folder and each pack; torn/ */
            opens = core->erase.count + 2;
        derived_rig_finish();
    }
}

static void what_was_erased_is_not_stored_again(void **state)
{
    (void)state;
    unsigned count;

    derived_rig_begin();
    put_lines();
    (void)tell(RECORD_ERASE, false, 0, LINES);
    for (unsigned life = 0; life < 3; life++) {
        put_lines();
        for (unsigned i = 0; i < LINES; i++)
            assert_state(i, PACK_ERASED);
        derived_rig_close();
        derived_rig_open();
    }
    assert_int_equal(state_of(0, &count), PACK_ERASED);
    derived_rig_finish();
}

/* One life that ends before call n of the machine, while blobs 1 to 7 are erased. 0: it did not. */
static int die_at(uint64_t n, enum backend_sim_end how)
{
    struct crash_rig rig = {.backend = NULL};

    derived_rig_begin();
    put_lines();
    rig.backend = derived_rig.backend;
    crash_rig_arm(&rig, n, how);
    put_custody(RECORD_ERASE, false, 1, 7);
    queue_publish(derived_rig.queue);
    for (unsigned i = 0; i < 100 && rig.after == NULL; i++) {
        (void)writer_core_gather(&derived_rig.core);
        writer_core_turn(&derived_rig.core, 1000000);
    }
    const bool told = queue_durable(derived_rig.queue) == queue_put_position(derived_rig.queue) &&
                      rig.after == NULL;
    derived_rig_close();
    if (rig.after == NULL)
        return told ? 0 : 2;
    crash_rig_restart(&rig);
    derived_rig.backend = rig.backend;
    derived_rig_open();
    derived_rig_settle(); /* a start goes on with it */
    return 1;
}

static void a_crash_while_it_erases_is_gone_on_with_at_the_next_start(void **state)
{
    (void)state;
    unsigned done = 0, undone = 0;
    int died = 1;

    for (uint64_t n = 1; died == 1; n += TEST_APART)
        for (unsigned how = 0; how < 2; how++) {
            died = die_at(n, how == 0 ? BACKEND_SIM_KILLED : BACKEND_SIM_POWER_LOST);
            assert_in_range(died, 0, 1);
            if (died == 0) {
                derived_rig.backend = backend_close(derived_rig.backend);
                continue;
            }
            const struct custody_entry *entry =
                custody_find(derived_rig.core.derived.custody, sha256[1]);
            for (unsigned i = 0; i < LINES; i++)
                assert_state(i, entry != NULL && i >= 1 && i < 7 ? PACK_ERASED : PACK_OK);
            done += entry != NULL;
            undone += entry == NULL;
            derived_rig_finish();
        }
    assert_true(done * TEST_APART > 10);
    assert_true(undone * TEST_APART > 2);
}

static void custody_is_written_and_read_the_same(void **state)
{
    (void)state;
    struct custody *custody, *copy;
    uint8_t bytes[1024], again[1024];
    size_t len;

    derived_rig_begin();
    put_lines();
    (void)tell(RECORD_HOLD, true, 0, 3);
    (void)tell(RECORD_ERASE, false, 4, 6);
    custody = derived_rig.core.derived.custody;
    len = custody_encoded_bytes(custody);
    assert_in_range(len, 9, sizeof bytes);
    custody_encode(custody, bytes);
    assert_int_equal(custody_open(&copy), 0);
    for (size_t cut = 0; cut < len; cut++)
        assert_true(custody_decode(copy, bytes, cut) < 0);
    assert_int_equal(custody_decode(copy, bytes, len), 0);
    custody_encode(copy, again);
    assert_memory_equal(bytes, again, len); /* held, erased, and by which record */
    copy = custody_close(copy);
    derived_rig_finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_is_not_erased_until_it_is_released),
        cmocka_unit_test(an_erase_that_damage_keeps_from_its_blob_says_so),
        cmocka_unit_test(others_are_acknowledged_while_it_erases),
        cmocka_unit_test(what_is_torn_is_erased_too),
        cmocka_unit_test(an_erase_waits_for_a_descriptor),
        cmocka_unit_test(what_was_erased_is_not_stored_again),
        cmocka_unit_test(a_crash_while_it_erases_is_gone_on_with_at_the_next_start),
        cmocka_unit_test(custody_is_written_and_read_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
