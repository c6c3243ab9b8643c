/*
 * Which checkpoint is the first over a notice. Goal: whoever asks for outside time hears of each
 * notice once, whatever the sealer does meanwhile. Method: a writer on a simulated disk whose
 * sealer answers, stays silent or is away.
 */
#include <stdlib.h>

#include "io/backend_sim.h"
#include "tests/fakes/derived_rig.h"
#include "tests/fakes/seal_fake.h"
#include "tests/fakes/test.h"

static struct seal_fake sealer;
static struct writer_error refusal;

/* A writer of one queue that seals each hour; and until it has nothing to do. */
static void open_hourly(void)
{
    static struct writer_config config; /* borrowed by the writer */

    config = derived_rig_config;
    config.seal = &sealer.config;
    assert_int_equal(queue_open(config.queue_bytes, &derived_rig.queue), 0);
    assert_int_equal(writer_core_open(&derived_rig.core, &config, derived_rig.backend,
                                      &derived_rig.queue, &refusal),
                     0);
    derived_rig.emit.queue = derived_rig.queue;
}

static void settle_sealed(void)
{
    queue_publish(derived_rig.queue);
    for (unsigned i = 0; i < 1000; i++) {
        (void)writer_core_gather(&derived_rig.core);
        writer_core_turn(&derived_rig.core, 1000);
        seal_fake_deliver(&sealer);
    }
    assert_true(writer_core_idle(&derived_rig.core));
}

static void a_checkpoint_says_that_it_is_the_first_over_a_notice(void **state)
{
    (void)state;
    seal_fake_open(&sealer, 3600 * UINT64_C(1000000000));
    assert_int_equal(backend_sim_open(1, 0, &derived_rig.backend), 0);
    open_hourly();
    settle_sealed();
    uint64_t first = sealer.published_size;
    assert_true(first > 0);
    assert_int_equal(sealer.published_urgent, 0);
    derived_rig_notice(1);
    settle_sealed();
    assert_int_equal(sealer.published_size, first + 1);
    assert_int_equal(sealer.published_urgent, 1);
    /* An hour later, and no notice since. */
    backend_sim_advance(derived_rig.backend, 3601 * UINT64_C(1000000000));
    settle_sealed(); /* a clock record at least */
    assert_true(sealer.published_size > first + 1);
    assert_int_equal(sealer.published_urgent, 1);
    /* One comes while the checkpoint over another is being signed. */
    sealer.answers = false;
    derived_rig_notice(2);
    settle_sealed();
    derived_rig_notice(3);
    settle_sealed();
    uint64_t before = sealer.published_size;
    assert_int_equal(derived_rig.core.counts.unsealed, WRITER_UNSEALED_NOT);
    backend_sim_advance(derived_rig.backend, WRITER_SEAL_ANSWER_NS_MAX);
    settle_sealed();
    assert_int_equal(derived_rig.core.counts.unsealed, WRITER_UNSEALED_SILENT);
    sealer.answers = true;
    settle_sealed();
    assert_int_equal(derived_rig.core.counts.unsealed, WRITER_UNSEALED_NOT);
    assert_int_equal(sealer.published_size, before + 2);
    assert_int_equal(sealer.published_urgent, 3);
    /* Nobody signs until the next run. */
    sealer.is_there = false;
    derived_rig_notice(4);
    settle_sealed();
    derived_rig_close();
    assert_int_equal(sealer.published_size, before + 2);
    sealer.is_there = true;
    open_hourly();
    settle_sealed();
    assert_true(sealer.published_size > before + 2);
    assert_int_equal(sealer.published_urgent, 4);
    derived_rig_finish();
    seal_fake_close(&sealer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_says_that_it_is_the_first_over_a_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
