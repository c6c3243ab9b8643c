/*
 * The sealer's state. Goal: whatever the disk does, and whenever the sealer dies, what it signed is
 * what it knows. Method: a simulated disk with faults and crashes at every call, and every damage
 * of one byte.
 */
#include "tests/unit/sealer_rig.h"

#define CRASH_SEEDS 40u

static void a_state_that_cannot_be_written_gives_no_signature(void **state)
{
    (void)state;
    static const struct {
        enum backend_sim_call call;
        uint64_t nth;
        int result;
        bool final; /* until the next start */
    } faults[] = {
        {BACKEND_SIM_OPEN, 1, -EROFS, false},   {BACKEND_SIM_OPEN, 1, -ENOSPC, false},
        {BACKEND_SIM_WRITE, 1, -ENOSPC, false}, {BACKEND_SIM_WRITE, 1, 20, false},
        {BACKEND_SIM_SYNC, 1, -EIO, true},      {BACKEND_SIM_RENAME, 1, -EIO, false},
        {BACKEND_SIM_SYNC, 2, -EIO, true},
    };

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct rig rig;
        open_rig(&rig, i + 1);
        assert_int_equal(ask(&rig, 0, 5), SEAL_SIGNED);
        backend_sim_fail(rig.backend, faults[i].call, faults[i].nth, 1, faults[i].result);
        assert_int_equal(ask(&rig, 5, 7), SEAL_NOT_WRITTEN);
        enum seal_status again = ask(&rig, 5, 7);
        assert_int_equal(again, faults[i].final ? SEAL_NOT_WRITTEN : SEAL_SIGNED);
        if (faults[i].final)
            assert_int_equal(rig.sealer.state, SEALER_FAILED);
        /* The next start finds one of both, and goes on from it. */
        start_again(&rig);
        uint64_t last = rig.sealer.last.size;
        assert_true(last == 5 || last == 7);
        assert_true(faults[i].final || last == 7);
        assert_int_equal(ask(&rig, last, 8), SEAL_SIGNED);
        close_rig(&rig);
    }
}

/* What was answered before the crash at any call is what is found after it. */
static void whenever_it_dies_what_it_signed_is_what_it_knows(void **state)
{
    (void)state;
    static const enum backend_sim_end ends[] = {BACKEND_SIM_KILLED, BACKEND_SIM_POWER_LOST};
    static const enum backend_sim_call calls[] = {BACKEND_SIM_OPEN, BACKEND_SIM_WRITE,
                                                  BACKEND_SIM_SYNC, BACKEND_SIM_RENAME};
    unsigned unsigned_ends = 0;

    for (uint64_t seed = 0; seed < CRASH_SEEDS; seed++) {
        for (size_t way = 0; way < 2 * 4 * 2; way++) {
            struct rig rig, after;
            struct backend *left = NULL;
            open_rig(&rig, seed + 1);
            assert_int_equal(ask(&rig, 0, 5), SEAL_SIGNED);
            /* the machine stops at this call: the call fails, and nothing after it happens */
            backend_sim_fail(rig.backend, calls[way / 2 % 4], 1 + way / 8, 1000, -EIO);
            bool signed_7 = ask(&rig, 5, 7) == SEAL_SIGNED;
            unsigned_ends += !signed_7;
            backend_sim_fail_nothing(rig.backend);
            assert_int_equal(backend_sim_crash(rig.backend, ends[way % 2], &left), 0);
            close_rig(&rig);
            assert_int_equal(open_state(&after, left), 0);
            uint64_t last = after.sealer.last.size;
            assert_true(last == 7 || (last == 5 && !signed_7));
            assert_hash_equal(after.sealer.last.root, root_of(leaves, last));
            assert_int_equal(ask(&after, 0, last), SEAL_SIGNED);
            assert_int_equal(ask(&after, last, 9), SEAL_SIGNED);
            close_rig(&after);
        }
    }
    assert_true(unsigned_ends > 0);
}

static void the_answer_that_was_lost_by_a_kill_is_given_again(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < CRASH_SEEDS; seed++) {
        struct rig rig, after;
        struct backend *left = NULL;
        open_rig(&rig, seed + 1);
        assert_int_equal(ask(&rig, 0, 5), SEAL_SIGNED);
        assert_int_equal(ask(&rig, 5, 7), SEAL_SIGNED); /* and nobody heard it */
        assert_int_equal(backend_sim_crash(rig.backend, BACKEND_SIM_POWER_LOST, &left), 0);
        assert_int_equal(open_state(&after, left), 0);
        assert_int_equal(ask(&after, 5, 7), SEAL_SIGNED);
        assert_int_equal(after.answer_len, rig.answer_len);
        assert_memory_equal(after.answer, rig.answer, rig.answer_len);
        close_rig(&rig);
        close_rig(&after);
    }
}

/* Writes the state's file over. */
static void put_file(const struct rig *rig, const char *bytes, size_t len)
{
    struct backend *backend = rig->backend;
    int fd = backend->ops->open(backend, rig->dir_fd, SEALED_FILE, O_WRONLY | O_TRUNC, 0);

    assert_true(fd >= 0);
    assert_int_equal(backend->ops->pwrite(backend, fd, bytes, len, 0), len);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

static void a_state_that_was_changed_in_any_byte_is_refused(void **state)
{
    (void)state;
    struct rig rig;
    char bytes[1024];

    open_rig(&rig, 1);
    assert_int_equal(ask(&rig, 0, 255), SEAL_SIGNED);
    int fd = rig.backend->ops->open(rig.backend, rig.dir_fd, SEALED_FILE, O_RDONLY, 0);
    ssize_t len = rig.backend->ops->pread(rig.backend, fd, bytes, sizeof(bytes), 0);
    assert_in_range(len, 150, sizeof(bytes) - 1);
    assert_int_equal(rig.backend->ops->close_fd(rig.backend, fd), 0);
    for (ssize_t i = 0; i <= len; i++) {
        if (i < len)
            bytes[i] ^= 1;
        put_file(&rig, bytes, (size_t)len);
        assert_int_equal(rig.backend->ops->close_fd(rig.backend, rig.dir_fd), 0);
        int error = open_state(&rig, rig.backend);
        assert_int_equal(error, i == len ? 0 : error == -EKEYREJECTED ? -EKEYREJECTED : -EBADMSG);
        if (i < len)
            bytes[i] ^= 1;
    }
    for (ssize_t cut = 0; cut < len; cut++) {
        put_file(&rig, bytes, (size_t)cut);
        assert_int_equal(rig.backend->ops->close_fd(rig.backend, rig.dir_fd), 0);
        assert_int_equal(open_state(&rig, rig.backend), -EBADMSG);
    }
    close_rig(&rig);
}

static void a_folder_serves_one_sealer_and_one_key(void **state)
{
    (void)state;
    struct rig rig;
    struct sealer second;
    struct note_signer *stranger = open_signer("other.test/log", NOTE_KEY_ED25519, LOG_A_SEED);

    open_rig(&rig, 1);
    assert_int_equal(ask(&rig, 0, 5), SEAL_SIGNED);
    int fd = rig.backend->ops->open(rig.backend, AT_FDCWD, STATE_FOLDER, O_RDONLY | O_DIRECTORY, 0);
    assert_true(fd >= 0);
    assert_int_equal(sealer_open(&second, signer, rig.backend, fd), -EWOULDBLOCK);
    assert_int_equal(rig.backend->ops->close_fd(rig.backend, rig.dir_fd), 0);
    assert_int_equal(sealer_open(&second, stranger, rig.backend, fd), -EKEYREJECTED);
    rig.dir_fd = fd;
    stranger = note_signer_close(stranger);
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_that_cannot_be_written_gives_no_signature),
        cmocka_unit_test(whenever_it_dies_what_it_signed_is_what_it_knows),
        cmocka_unit_test(the_answer_that_was_lost_by_a_kill_is_given_again),
        cmocka_unit_test(a_state_that_was_changed_in_any_byte_is_refused),
        cmocka_unit_test(a_folder_serves_one_sealer_and_one_key),
    };
    return cmocka_run_group_tests(tests, make_log, free_log);
}
