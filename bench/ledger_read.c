/*
 * Reading: verification beside SHA-256 alone, and the start of a large ledger.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/ledger_figures.h"
#include "daemon/ctl/ledger_files.h"
#include "daemon/digest.h"
#include "daemon/ledger/verify.h"

#define FED_AT_A_TIME 500000u /* records between two looks at the size */

/* --- verify: GB/s of one core, in processor time: other work on the machine counts for less --- */

/* All of it, by one thread. */
static int verify_once(const char *ledger, const struct note_key *key, struct sample *rate)
{
    struct ledger_files *files = NULL;
    struct verify *verify = malloc(sizeof(*verify));
    char *room = malloc(VERIFY_CHUNK_BYTES), file[VERIFY_FILE_BYTES];
    struct verify_chunk chunk = {.lines = malloc(VERIFY_CHUNK_LINES * sizeof(chunk.lines[0]))};
    int error = verify == NULL || room == NULL || chunk.lines == NULL ? -ENOMEM : 0;

    uint64_t begin = measure_cpu_ns();
    if (error == 0)
        error = ledger_files_open(ledger, &files);
    if (error == 0) {
        struct verify_config config = {
            .reader = ledger_files_reader(files), .ledger = true, .key = key};
        verify_begin(verify, &config);
        error = ledger_files_begin(files, verify->signed_size);
    }
    int more = 1;
    while (error == 0 && verify_goes_on(verify) &&
           (more = ledger_files_next(files, room, &chunk, file)) > 0) {
        chunk.shapes = false;
        verify_chunk_hash(&chunk);
        verify_join(verify, &chunk);
    }
    if (error == 0) {
        verify_finish(verify);
        sample_add(rate, (double)verify->counts.bytes / (double)(measure_cpu_ns() - begin));
        error = more < 0 ? more : verify->io_error;
        if (error == 0 && verify->damage.fault != VERIFY_OK) {
            (void)fprintf(stderr, "ledger: verify: %s\n", verify_fault_name(verify->damage.fault));
            error = -EBADMSG;
        }
    }
    (void)ledger_files_close(files); /* always NULL */
    free(chunk.lines);
    free(room);
    free(verify);
    return error;
}

/* SHA-256 of each line, and nothing else. */
static void hash_once(const char *bytes, size_t len, struct sample *rate)
{
    uint8_t digest[DIGEST_BYTES];
    uint64_t begin = measure_cpu_ns();

    for (size_t at = 0; at < len;) {
        const char *newline = memchr(bytes + at, '\n', len - at);
        size_t line = newline == NULL ? len - at : (size_t)(newline - (bytes + at));
        digest_sha256(bytes + at, line, digest);
        measure_use(digest, sizeof(digest));
        at += line + 1;
    }
    sample_add(rate, (double)len / (double)(measure_cpu_ns() - begin));
}

int ledger_measure_verify(const struct ledger_settings *settings, struct ledger_figures *figures)
{
    struct sealed sealed;
    char path[SEALED_PATH_BYTES], *bytes = NULL;
    size_t len = 0;
    uint64_t number = 0;
    int error = ledger_open(settings, LEDGER_SECOND_NS, &sealed);

    if (error < 0)
        return error;
    const struct note_key key = sealed.link.key;
    error = sealed_feed(&sealed, settings->count, &number);
    int closed = sealed_close(&sealed);
    error = error < 0 ? error : closed;
    if (error == 0)
        error = ledger_path(settings, LEDGER_FEED_PATH, path);
    if (error == 0)
        error = ledger_read_whole(path, &bytes, &len);
    struct sample first = {.count = 0}; /* pages and libcrypto come in: it is not counted */
    for (size_t i = 0; i <= settings->runs && error == 0; i++) {
        error = verify_once(sealed.ledger, &key, i == 0 ? &first : &figures->verify);
        hash_once(bytes, len, i == 0 ? &first : &figures->sha256);
    }
    free(bytes);
    return error;
}

/* --- recover: from a kill to ready --- */

/* In a child: writes so much and ends as a kill would. */
static int write_and_die(const struct ledger_settings *settings)
{
    struct sealed sealed;
    uint64_t number = 0;
    int error = ledger_open(settings, LEDGER_SECOND_NS, &sealed);

    while (error == 0 && writer_counts(sealed.writer).feed_bytes < (uint64_t)settings->recover_mb
                                                                       << 20)
        error = sealed_feed(&sealed, FED_AT_A_TIME, &number);
    return error < 0 ? 1 : 0;
}

/* In a child: one start, which ends as a kill would once it is ready. */
static void start_and_die(const struct ledger_settings *settings, int fd)
{
    struct sealed sealed;
    uint64_t begin = measure_ns();
    int error = ledger_open(settings, LEDGER_SECOND_NS, &sealed);
    double took_s = (double)(measure_ns() - begin) / 1e9;

    _exit(error < 0 || write(fd, &took_s, sizeof(took_s)) != (ssize_t)sizeof(took_s));
}

static int measure_start(const struct ledger_settings *settings, struct sample *took)
{
    double took_s = 0;
    int ends[2], status = 0;

    if (pipe2(ends, O_CLOEXEC) == -1)
        return -errno;
    pid_t child = fork();
    if (child == 0)
        start_and_die(settings, ends[1]);
    (void)close(ends[1]); /* the child's */
    ssize_t len = child == -1 ? -1 : read(ends[0], &took_s, sizeof(took_s));
    (void)close(ends[0]); /* only read from */
    if (child == -1 || waitpid(child, &status, 0) == -1 || status != 0 ||
        len != (ssize_t)sizeof(took_s))
        return -EIO;
    sample_add(took, took_s);
    return 0;
}

int ledger_measure_recover(const struct ledger_settings *settings, struct ledger_figures *figures)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0)
        _exit(write_and_die(settings));
    int error = child == -1 || waitpid(child, &status, 0) == -1 || status != 0 ? -EIO : 0;
    for (size_t i = 0; i < settings->runs && error == 0; i++) {
        error = sealed_forget(settings->folder);
        if (error == 0)
            error = measure_start(settings, &figures->recover_cold);
        if (error == 0)
            error = measure_start(settings, &figures->recover);
    }
    return error;
}
