/*
 * Lists in memory that have a path, for tests of whoever reads lists from files.
 */
#ifndef TESTS_UNIT_RULESET_RIG_H
#define TESTS_UNIT_RULESET_RIG_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/ruleset.h"
#include "tests/fakes/test.h"

static int rig_fds[2] = {-1, -1}; /* marks, rules */
static char rig_paths[2][64];
static struct ruleset_file rig_files[2];

static inline void rig_write(unsigned list, const char *text)
{
    assert_int_equal(ftruncate(rig_fds[list], 0), 0);
    assert_int_equal(pwrite(rig_fds[list], text, strlen(text), 0), (ssize_t)strlen(text));
}

/* A good list of marks and good rules. */
static inline void rig_write_good(void)
{
    rig_write(0, "mark_id\tmark\nM1\tSquishmallow\nM2\tJellycat\n");
    rig_write(1, "rules:\n- {id: r, rev: 3, marks: M1, class: mention, examples: [Squishmallow],\n"
                 "   negative_examples: [Jellycat]}\n");
}

static inline int rig_open(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        rig_fds[i] = memfd_create(i == 0 ? "marks" : "rules", 0);
        assert_true(rig_fds[i] >= 0);
        (void)snprintf(rig_paths[i], sizeof rig_paths[i], "/proc/self/fd/%d", rig_fds[i]);
        rig_files[i] = (struct ruleset_file){i == 0 ? RULESET_MARKS : RULESET_RULES, rig_paths[i]};
    }
    return 0;
}

static inline int rig_close(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(close(rig_fds[i]), 0);
    return 0;
}

#endif
