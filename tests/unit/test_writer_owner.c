/*
 * Holds of a merchant and of the whole ledger. Goal: nothing of a held merchant is erased, whenever
 * and however often it was recorded, and nothing else is kept from being erased; what cannot be
 * judged is not erased, and says so. Method: a writer on a simulated disk whose feed has several
 * segments.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "io/backend_sim.h"
#include "tests/fakes/derived_rig.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

#define LINES 60u

/* Line i is about listing i of seller 1 or 2, in turn; its bytes say nothing of the seller. */
static void put_line(unsigned i, unsigned seller)
{
    derived_rig_line("", i, i, seller, true);
}

static void begin(void)
{
    derived_rig_begin();
    derived_rig.emit.keep = (struct emit_keep){.matched_max = 1000, .unmatched_max = 1000};
    for (unsigned i = 0; i < LINES; i++)
        put_line(i, 1 + i % 2);
    derived_rig_settle();
}

static void put(enum record_kind kind, const char *members)
{
    char body[512];
    int len = snprintf(body, sizeof body, "%s}", members);

    assert_int_equal(emit_custody(derived_rig.queue, kind, body, (size_t)len), 0);
}

static void put_erase(unsigned i)
{
    char text[64], hex[2 * DIGEST_BYTES + 1], members[256];
    uint8_t sha256[DIGEST_BYTES];
    int len = snprintf(text, sizeof text, "line %u of L%u", i, i);

    digest_sha256(text, (size_t)len, sha256);
    digest_hex(sha256, hex);
    (void)snprintf(members, sizeof members, ",\"authority\":\"a\",\"blobs\":[\"sha256:%s\"]", hex);
    put(RECORD_ERASE, members);
}

static enum writer_custody told(void)
{
    derived_rig_settle();
    return derived_rig.core.lanes[0].answers[0].custody;
}

static enum writer_custody hold(bool held, const char *members)
{
    char all[256];

    (void)snprintf(all, sizeof all, ",\"held\":%s,\"authority\":\"a\",%s", held ? "true" : "false",
                   members);
    put(RECORD_HOLD, all);
    return told();
}

static enum writer_custody erase(unsigned i)
{
    const uint64_t next = derived_rig.core.next_seq;

    put_erase(i);
    enum writer_custody result = told();
    assert_int_equal(derived_rig.core.next_seq - next, result == WRITER_CUSTODY_DONE);
    if (result == WRITER_CUSTODY_DONE)
        assert_int_equal(derived_rig.core.lanes[0].answers[0].seq, next);
    return result;
}

static void restart(bool snapshot)
{
    if (snapshot) {
        rig_put_stop(derived_rig.queue);
        derived_rig_settle();
    }
    derived_rig_close();
    derived_rig_open();
    derived_rig.emit.keep = (struct emit_keep){.matched_max = 1000, .unmatched_max = 1000};
}

static void nothing_is_erased_while_the_ledger_is_held(void **state)
{
    (void)state;
    begin();
    assert_int_equal(hold(true, "\"scope\":\"ledger\""), WRITER_CUSTODY_DONE);
    for (unsigned life = 0; life < 3; life++) {
        assert_int_equal(erase(0), WRITER_CUSTODY_HELD_LEDGER);
        restart(life == 1); /* read from the records, and from a snapshot */
    }
    assert_int_equal(hold(false, "\"scope\":\"ledger\""), WRITER_CUSTODY_DONE);
    assert_int_equal(erase(0), WRITER_CUSTODY_DONE);
    derived_rig_finish();
}

static void nothing_of_a_held_merchant_is_erased_and_of_others_it_is(void **state)
{
    (void)state;
    begin();
    assert_int_equal(hold(true, "\"scope\":\"merchant\",\"merchant\":\"p/s1\""),
                     WRITER_CUSTODY_DONE);
    for (unsigned life = 0; life < 3; life++) {
        assert_int_equal(erase(0), WRITER_CUSTODY_HELD_MERCHANT);
        assert_int_equal(erase(LINES - 2), WRITER_CUSTODY_HELD_MERCHANT);
        assert_int_equal(erase(1 + 2 * life), WRITER_CUSTODY_DONE);
        restart(life == 1);
    }
    /* The same bytes came from both. */
    put_line(21, 1);
    derived_rig_settle();
    assert_int_equal(erase(21), WRITER_CUSTODY_HELD_MERCHANT);
    /* Of a listing that was seen without its seller nobody knows. */
    put_line(LINES, 0);
    derived_rig_settle();
    assert_int_equal(erase(LINES), WRITER_CUSTODY_NO_MERCHANT);
    assert_int_equal(hold(false, "\"scope\":\"merchant\",\"merchant\":\"p/s2\""),
                     WRITER_CUSTODY_DONE); /* which was not held */
    assert_int_equal(erase(0), WRITER_CUSTODY_HELD_MERCHANT);
    assert_int_equal(hold(false, "\"scope\":\"merchant\",\"merchant\":\"p/s1\""),
                     WRITER_CUSTODY_DONE);
    assert_int_equal(erase(0), WRITER_CUSTODY_DONE);
    assert_int_equal(erase(21), WRITER_CUSTODY_DONE);
    assert_int_equal(erase(LINES), WRITER_CUSTODY_DONE);
    derived_rig_finish();
}

static void what_comes_while_it_is_judged_counts(void **state)
{
    (void)state;
    struct writer_core *core = &derived_rig.core;

    begin();
    assert_int_equal(hold(true, "\"scope\":\"merchant\",\"merchant\":\"p/s1\""),
                     WRITER_CUSTODY_DONE);
    const uint64_t next = core->next_seq;
    put_erase(1);
    queue_publish(derived_rig.queue);
    for (unsigned i = 0; i < 1000 && core->owner.state != WRITER_OWNER_READING; i++) {
        (void)writer_core_gather(core);
        writer_core_turn(core, 1000000);
    }
    assert_int_equal(core->owner.state, WRITER_OWNER_READING);
    put_line(1, 1);
    queue_publish(derived_rig.queue);
    (void)writer_core_gather(core);
    assert_true(core->next_seq > next); /* it goes on meanwhile */
    assert_int_equal(told(), WRITER_CUSTODY_HELD_MERCHANT);
    derived_rig_finish();
}

/* Whatever it opens, there is no descriptor for some time; or it may not be read. */
static void it_waits_for_a_descriptor_and_says_what_it_cannot_read(void **state)
{
    (void)state;
    struct writer_core *core = &derived_rig.core;

    for (uint64_t nth = 1; nth <= 3; nth++)
        for (unsigned way = 0; way < 2; way++) {
            begin();
            assert_int_equal(hold(true, "\"scope\":\"merchant\",\"merchant\":\"p/s1\""),
                             WRITER_CUSTODY_DONE);
            const uint64_t next = core->next_seq;
            put_erase(1);
            queue_publish(derived_rig.queue);
            backend_sim_fail(derived_rig.backend, BACKEND_SIM_OPEN, nth, 1000,
                             way == 0 ? -EMFILE : -EACCES);
            for (unsigned i = 0; i < 100; i++) {
                (void)writer_core_gather(core);
                writer_core_turn(core, 1000000);
            }
            assert_int_equal(core->counts.failed, 0);
            assert_int_equal(core->next_seq, next);
            backend_sim_fail_nothing(derived_rig.backend);
            assert_int_equal(told(), way == 0 ? WRITER_CUSTODY_DONE : WRITER_CUSTODY_UNREAD);
            assert_int_equal(core->next_seq - next, way == 0);
            derived_rig_finish();
        }
}

static void a_stop_gives_it_up(void **state)
{
    (void)state;
    struct writer_core *core = &derived_rig.core;

    begin();
    assert_int_equal(hold(true, "\"scope\":\"merchant\",\"merchant\":\"p/s1\""),
                     WRITER_CUSTODY_DONE);
    put_erase(1);
    rig_put_stop(derived_rig.queue);
    queue_publish(derived_rig.queue);
    for (unsigned i = 0; i < 200; i++) {
        (void)writer_core_gather(core);
        writer_core_turn(core, 1000000);
    }
    assert_true(core->stopped);
    assert_true(writer_core_idle(core));
    assert_int_equal(core->owner.state, WRITER_OWNER_IDLE);
    assert_int_equal(core->last.seq + 1, core->next_seq);
    derived_rig_close();
    derived_rig_open();
    assert_int_equal(erase(1), WRITER_CUSTODY_DONE);
    derived_rig_finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_erased_while_the_ledger_is_held),
        cmocka_unit_test(nothing_of_a_held_merchant_is_erased_and_of_others_it_is),
        cmocka_unit_test(what_comes_while_it_is_judged_counts),
        cmocka_unit_test(it_waits_for_a_descriptor_and_says_what_it_cannot_read),
        cmocka_unit_test(a_stop_gives_it_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
