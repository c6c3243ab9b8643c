/*
 * What the tests of verification share: a signed ledger and its exported tree on disk, the whole
 * verification of either, and files that are changed and put back.
 */
#ifndef TESTS_UNIT_VERIFY_RIG_H
#define TESTS_UNIT_VERIFY_RIG_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/ledger_files.h"
#include "daemon/ctl/verify_blobs.h"
#include "daemon/ledger/verify.h"
#include "tests/fakes/shell.h"
#include "tests/fakes/signed_ledger.h"
#include "tests/fakes/test.h"

static char ledger[64], tree[64];
static struct note_key key;
static struct verify *verify;
static struct verify_chunk chunk;
static struct verify_blobs blobs; /* of the last check */
static char *room;

static inline int make_all(void **state)
{
    (void)state;
    shell_folder(ledger);
    shell_folder(tree);
    signed_ledger_write(ledger, &key);
    signed_ledger_write_tree(tree);
    verify = malloc(sizeof(*verify));
    room = malloc(TILE_BUNDLE_LEN_MAX);
    chunk.lines = malloc(VERIFY_CHUNK_LINES * sizeof(chunk.lines[0]));
    return verify == NULL || room == NULL || chunk.lines == NULL;
}

static inline int remove_all(void **state)
{
    (void)state;
    shell_remove(ledger);
    shell_remove(tree);
    verify_blobs_free(&blobs);
    free(verify);
    free(room);
    free(chunk.lines);
    return 0;
}

/* The whole verification of a folder, in one thread. */
static inline const struct verify_damage *check_as(const char *path,
                                                   const struct verify_config *asked)
{
    struct ledger_files *files;
    struct verify_config config = *asked;
    char file[VERIFY_FILE_BYTES] = "";
    int more = 1;

    assert_int_equal(ledger_files_open(path, &files), 0);
    config.key = &key;
    config.reader = ledger_files_reader(files);
    config.ledger = ledger_files_has_feed(files);
    verify_begin(verify, &config);
    assert_int_equal(
        ledger_files_begin(files, verify->is_signed ? verify->signed_size : UINT64_MAX), 0);
    verify_blobs_free(&blobs);
    blobs = (struct verify_blobs){.named = 0};
    if (config.ledger)
        assert_int_equal(verify_blobs_open(path, 1, &blobs), 0);
    while (verify_goes_on(verify) && (more = ledger_files_next(files, room, &chunk, file)) > 0) {
        chunk.shapes = false;
        verify_chunk_hash(&chunk);
        verify_join(verify, &chunk);
        verify_blobs_join(&blobs, &chunk);
    }
    if (verify_goes_on(verify) && more == -ENOENT)
        verify_fail(verify, VERIFY_TILE_MISSING, file, VERIFY_NO_SEQ, 0);
    verify_finish(verify);
    assert_int_equal(verify->io_error, 0);
    assert_int_equal(verify_blobs_finish(&blobs, verify, ledger_files_durable_now(files)), 0);
    (void)ledger_files_close(files); /* always NULL */
    return &verify->damage;
}

static inline const struct verify_damage *check(const char *path)
{
    struct verify_config config = {.min_size = 0};

    return check_as(path, &config);
}

static inline const char *path_of(const char *folder, const char *file)
{
    static char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, file);
    return path;
}

static inline void expect(const struct verify_damage *damage, enum verify_fault fault,
                          const char *file, uint64_t seq)
{
    assert_string_equal(verify_fault_name(damage->fault), verify_fault_name(fault));
    assert_string_equal(damage->file, file);
    assert_int_equal(damage->seq, seq);
}

/* A file's bytes, changed by the test and put back. */
struct tampered {
    char path[256], name[64];
    char *bytes;
    size_t len;
};

static inline struct tampered take(const char *folder, const char *name)
{
    struct tampered file = {.len = 0};

    (void)snprintf(file.path, sizeof(file.path), "%s/%s", folder, name);
    (void)snprintf(file.name, sizeof(file.name), "%s", name);
    file.bytes = shell_read(file.path, &file.len);
    assert_non_null(file.bytes);
    return file;
}

static inline void put_back(struct tampered *file)
{
    shell_write(file->path, file->bytes, file->len);
    free(file->bytes);
}

static const char *const packs[2] = {"blobs/00000000000000000000.pack",
                                     "blobs/00000000000000000040.pack"};

static const char *const segments[2] = {"feed/00000000000000000000.jsonl",
                                        "feed/00000000000000000300.jsonl"};

#endif
