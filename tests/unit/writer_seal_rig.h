/*
 * Lives of a writer on a simulated disk with a sealer beside it, and its files changed between
 * them. For test_writer_seal*.c.
 */
#ifndef TESTS_UNIT_WRITER_SEAL_RIG_H
#define TESTS_UNIT_WRITER_SEAL_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/backend_sim.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/seal_check.h"
#include "tests/fakes/test.h"
#include "tests/fakes/writer_trial.h"

static struct seal_fake sealer;
static struct writer_error refusal;
static bool deep; /* noticed --deep, of the writers that the next two open */

static inline struct trial begin(uint64_t interval_ns)
{
    struct trial trial = trial_begin(1, 0);

    seal_fake_open(&sealer, interval_ns);
    trial.sealer = &sealer;
    return trial;
}

static inline void end(struct trial *trial)
{
    assert_null(backend_close(trial->rig.backend));
    seal_fake_close(&sealer);
}

static inline uint64_t live(struct trial *trial)
{
    assert_int_equal(trial_live(trial, true), 0);
    return seal_check(trial->rig.backend, sealer.config.key);
}

static inline int open_path(struct trial *trial, const char *path, int flags)
{
    char whole[256];

    (void)snprintf(whole, sizeof(whole), "ledger/%s", path);
    return trial->rig.backend->ops->open(trial->rig.backend, AT_FDCWD, whole, flags, 0644);
}

static inline size_t read_path(struct trial *trial, const char *path, char *bytes, size_t room)
{
    struct backend *backend = trial->rig.backend;
    int fd = open_path(trial, path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t len = backend->ops->pread(backend, fd, bytes, room, 0);
    assert_true(len >= 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    return (size_t)len;
}

static inline void write_path(struct trial *trial, const char *path, const char *bytes, size_t len,
                              uint64_t at)
{
    struct backend *backend = trial->rig.backend;
    int fd = open_path(trial, path, O_RDWR | O_CREAT);
    assert_true(fd >= 0);
    if (len > 0)
        assert_int_equal(backend->ops->pwrite(backend, fd, bytes, len, at), len);
    assert_int_equal(backend->ops->truncate(backend, fd, at + len), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

/* Opens the writer, and closes it at once. */
static inline void open_once(struct trial *trial)
{
    struct writer_config config = trial_config;
    struct queue *queues[TRIAL_QUEUES];

    config.seal = &sealer.config;
    config.deep = deep;
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &config, trial->rig.backend, queues, &refusal),
                     0);
    writer_core_close(&trial_core);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        (void)queue_close(queues[i]); /* always NULL */
}

/* Opens the writer, which must refuse, and leaves its words in refusal. */
static inline void expect_refusal(struct trial *trial, const struct writer_seal_config *seal,
                                  const char *words)
{
    struct writer_config config = trial_config;
    struct queue *queues[TRIAL_QUEUES];

    config.seal = seal;
    config.deep = deep;
    refusal.text[0] = '\0';
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &config, trial->rig.backend, queues, &refusal),
                     -EBADMSG);
    if (strstr(refusal.text, words) == NULL)
        fail_msg("\"%s\" says nothing of \"%s\"", refusal.text, words);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        (void)queue_close(queues[i]); /* always NULL */
}

#endif
