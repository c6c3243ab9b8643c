/*
 * A simulated machine that ends just before the nth call of its disk. The calls after it, from the
 * program that is dead but does not know, have no effect.
 */
#ifndef TESTS_FAKES_CRASH_RIG_H
#define TESTS_FAKES_CRASH_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "io/backend_sim.h"

struct crash_rig {
    struct backend *backend; /* that is in use: hand it to the program */
    struct backend *after;   /* the machine after the crash; NULL: it has not come */
    uint64_t calls;          /* so far on this machine */
    uint64_t crash_at;       /* 0: never */
    enum backend_sim_end how;
    void (*crashed)(void *context); /* at that moment, before anything else happens */
    void *context;
};

/* Makes the rig's calls go through it; one rig at a time. */
void crash_rig_arm(struct crash_rig *rig, uint64_t crash_at, enum backend_sim_end how);

/* Leaves the dead machine and goes on with the one after it. The program has closed everything. */
void crash_rig_restart(struct crash_rig *rig);

#endif
