/*
 * A tree that cannot follow: what the writer does while a tile is owed and the ring of leaves that
 * wait for it is full. Method: a writer on a simulated disk that has no descriptor for tiles.
 */
#include "tests/unit/writer_seal_rig.h"

#define EVENT_RECORDS 50u

/* A writer with no descriptor for a tile, and records of the queue (or events, in the urgent one)
   until it takes no more. */
static void fill_ring(struct trial *trial, struct queue *queue, unsigned share)
{
    const struct writer_seal *seal = &trial_core.seal;
    const uint64_t before = WRITER_SEAL_LEAVES / 4 * (3 + share) - 1000;

    backend_sim_fail(trial->rig.backend, BACKEND_SIM_OPEN, 1, 1u << 30, -EMFILE);
    for (unsigned number = 0, turns = 0; turns < 100; number++) {
        const bool put =
            queue_bytes(queue) < (1u << 16) &&
            (share == 0 ? rig_put_record(queue, 0, number, 0)
                        : rig_put_event(queue, 1, number * EVENT_RECORDS, EVENT_RECORDS, 0));
        turns += !put && seal->leaves_end - seal->builder.tree.size > before;
        if (put)
            continue;
        (void)writer_core_gather(&trial_core);
        writer_core_turn(&trial_core, 0);
    }
    assert_true(seal->owed_count > 0);
    assert_false(writer_seal_has_room(seal, share == 1));
}

static void a_full_ring_with_a_tile_owed_is_no_reason_not_to_sleep(void **state)
{
    struct trial trial = begin(1000000000);
    struct writer_config config = trial_config;
    struct queue *queues[TRIAL_QUEUES];

    (void)state;
    config.seal = &sealer.config;
    config.segment_records = 1u << 20;
    config.segment_bytes = 1u << 30;
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &config, trial.rig.backend, queues, &refusal),
                     0);
    fill_ring(&trial, queues[0], 0);
    (void)writer_seal_turn(&trial_core, 1000);
    assert_int_equal(writer_seal_turn(&trial_core, 1000), 1000);
    backend_sim_fail_nothing(trial.rig.backend);
    assert_int_equal(writer_seal_turn(&trial_core, 1000), 0); /* there is room again */
    writer_core_close(&trial_core);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        (void)queue_close(queues[i]); /* always NULL */
    end(&trial);
}

/* All parts or none, as in the journal. */
static void an_event_of_many_records_waits_for_room_for_all_of_them(void **state)
{
    struct trial trial = begin(1000000000);
    struct writer_config config = trial_config;
    struct queue *queues[TRIAL_QUEUES];
    const struct writer_seal *seal = &trial_core.seal;

    (void)state;
    config.seal = &sealer.config;
    config.segment_records = 1u << 20;
    config.segment_bytes = 1u << 30;
    config.urgent_queues = 1;
    config.reserve_bytes = TRIAL_RESERVE_BYTES;
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &config, trial.rig.backend, queues, &refusal),
                     0);
    fill_ring(&trial, queues[1], 1);
    assert_int_equal(queue_bytes(queues[0]), 0);
    assert_in_range(seal->leaves_end - seal->builder.tree.size, WRITER_SEAL_LEAVES - 128,
                    WRITER_SEAL_LEAVES);
    assert_int_equal(trial_core.counts.failed, 0);
    assert_int_equal(trial_core.counts.events_wait_error, -EMFILE);
    writer_core_close(&trial_core);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        (void)queue_close(queues[i]); /* always NULL */
    end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_of_many_records_waits_for_room_for_all_of_them),
        cmocka_unit_test(a_full_ring_with_a_tile_owed_is_no_reason_not_to_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
