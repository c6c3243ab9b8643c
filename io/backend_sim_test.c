/* What a test asks of the sim: its trace, faults, clocks, and the end of the world. */
#include <errno.h>

#include "io/backend_sim_impl.h"

#define SIM_BOOT_START_NS 5000000000u
#define SIM_REBOOT_NS     30000000000 /* from a power loss to the next process */

uint64_t backend_sim_trace(const struct backend *backend)
{
    return ((const struct sim *)backend)->trace;
}

void backend_sim_chaos(struct backend *backend, unsigned per_mille)
{
    assert(per_mille < 1000);
    sim_of(backend)->chaos = per_mille;
}

void backend_sim_fail(struct backend *backend, enum backend_sim_call call, uint64_t nth,
                      uint64_t count, int result)
{
    struct sim *sim = sim_of(backend);
    assert(sim->faults_count < SIM_FAULTS_MAX);
    assert(nth > 0);
    uint64_t first = sim->calls[call] + nth;
    uint64_t end = count > UINT64_MAX - first ? UINT64_MAX : first + count;
    sim->faults[sim->faults_count++] =
        (struct sim_fault){.call = call, .first = first, .end = end, .result = result};
}

void backend_sim_fail_nothing(struct backend *backend)
{
    sim_of(backend)->faults_count = 0;
}

uint64_t backend_sim_calls(const struct backend *backend, enum backend_sim_call call)
{
    return ((const struct sim *)backend)->calls[call];
}

void backend_sim_set_free(struct backend *backend, uint64_t bytes)
{
    sim_of(backend)->free_bytes = bytes;
}

void backend_sim_set_time(struct backend *backend, struct backend_time time)
{
    struct sim *sim = sim_of(backend);
    sim->time = time;
    sim->clock_was_set = true;
}

void backend_sim_advance(struct backend *backend, uint64_t ns)
{
    struct sim *sim = sim_of(backend);
    sim->time.wall_ns += (int64_t)ns;
    sim->time.boot_ns += ns;
}

void backend_sim_set_clock_state(struct backend *backend, const struct backend_clock_state *state)
{
    sim_of(backend)->clock = *state;
}

void backend_sim_set_discipline(struct backend *backend, const char *name)
{
    sim_of(backend)->discipline = name;
}

int backend_sim_crash(struct backend *backend, enum backend_sim_end how, struct backend **ret_after)
{
    struct sim *sim = sim_of(backend);
    struct backend *after = NULL;
    assert(!sim->dead);
    int rc = backend_sim_open(sim_random(sim), sim->buffers.count, &after);
    if (rc < 0)
        return rc;
    sim_disk_survive(sim, how, sim_of(after));
    sim_of(after)->trace = sim->trace;
    sim_of(after)->chaos = sim->chaos;
    sim_of(after)->clock = sim->clock;
    sim_of(after)->time = sim->time;
    if (how == BACKEND_SIM_POWER_LOST) {
        sim_of(after)->time.wall_ns += SIM_REBOOT_NS;
        sim_of(after)->time.boot_ns = SIM_BOOT_START_NS;
    }
    sim->dead = true;
    *ret_after = after;
    return 0;
}
