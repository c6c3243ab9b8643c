/*
 * Writing: the rate beside a raw write, and one record alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/ledger_figures.h"

#define NEVER_NS       (3600u * LEDGER_SECOND_NS)
#define AHEAD_BYTES    (4u << 20) /* allocated at a time behind the end, as a journal does */
#define LINE_BYTES_MAX 1024u      /* of the records here */
#define ACKS           320u
#define ACKS_EACH      64u /* of which the median is one value */

/* --- append: records/s ---
 *
 * A cycle is LEDGER_CYCLE_RECORDS records in slices. Each slice is fed, and is over when all of it
 * is durable and in the tree; then its bytes are written raw, in the same batches, into a file
 * beside it. So whatever else the machine and its disk do falls on both sides. Slices are short,
 * but for one in the middle, of half the records: it begins with an act of support, over which a
 * checkpoint follows at once, and is over when that is published. It covers as many records as a
 * cycle has, and its cost is what this slice took more than all the short ones.
 */
#define SLICES 5u                                  /* short ones, before it and behind it */
#define SLICE  (LEDGER_CYCLE_RECORDS / 4 / SLICES) /* records of a short one */

struct raw {
    int fd, feed_fd;
    uint64_t end, allocated, feed_end;
    char *bytes; /* of a slice */
    size_t bytes_max;
};

struct cost {
    uint64_t ns, cpu_ns;
};

struct slice {
    struct cost ours, raw;
};

static struct cost now(void)
{
    return (struct cost){.ns = measure_ns(), .cpu_ns = measure_cpu_ns()};
}

static struct cost since(const struct cost *begin)
{
    return (struct cost){.ns = measure_ns() - begin->ns,
                         .cpu_ns = measure_cpu_ns() - begin->cpu_ns};
}

static void add(struct cost *sum, const struct cost *cost)
{
    sum->ns += cost->ns;
    sum->cpu_ns += cost->cpu_ns;
}

static int raw_open(const struct ledger_settings *settings, struct raw *raw)
{
    char path[SEALED_PATH_BYTES];
    struct stat stat;
    int error = ledger_path(settings, "raw", path);

    raw->bytes_max = (size_t)LEDGER_CYCLE_RECORDS * LINE_BYTES_MAX;
    raw->bytes = malloc(raw->bytes_max);
    if (raw->bytes == NULL)
        return -ENOMEM;
    raw->fd = error < 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (raw->fd == -1)
        return error < 0 ? error : -errno;
    error = ledger_path(settings, LEDGER_FEED_PATH, path);
    raw->feed_fd = error < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (raw->feed_fd == -1 || fstat(raw->feed_fd, &stat) == -1)
        return error < 0 ? error : -errno;
    raw->feed_end = (uint64_t)stat.st_size;
    return 0;
}

static void raw_close(struct raw *raw)
{
    free(raw->bytes);
    if (raw->fd != -1)
        (void)close(raw->fd); /* it is synced */
    if (raw->feed_fd != -1)
        (void)close(raw->feed_fd); /* only read from */
}

/* A batch with nothing made of it. */
static int write_batch(struct raw *raw, const char *bytes, size_t len)
{
    size_t written = 0;

    if (raw->end + len > raw->allocated) {
        uint64_t more = len + AHEAD_BYTES;
        if (fallocate(raw->fd, FALLOC_FL_KEEP_SIZE, (off_t)raw->allocated, (off_t)more) == -1)
            return -errno;
        raw->allocated += more;
    }
    while (written < len) {
        ssize_t done = pwrite(raw->fd, bytes + written, len - written, (off_t)(raw->end + written));
        if (done == -1)
            return -errno;
        written += (size_t)done;
    }
    raw->end += len;
    return fdatasync(raw->fd) == -1 ? -errno : 0;
}

/* What the ledger has got since the last slice; durable[i] is the last record of its batch i, seq
   the first record of all. */
static int write_slice(struct raw *raw, uint64_t seq, const uint64_t *durable, size_t count,
                       struct slice *slice)
{
    ssize_t len = pread(raw->feed_fd, raw->bytes, raw->bytes_max, (off_t)raw->feed_end);
    const char *at = raw->bytes, *end = at + (len > 0 ? len : 0);
    int error = len == -1 ? -errno : (size_t)len == raw->bytes_max ? -EFBIG : 0;

    for (size_t i = 0; i < count && error == 0; i++) {
        const char *begin = at;
        for (; at < end && seq <= durable[i]; seq++) {
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            at = newline != NULL ? newline + 1 : end;
        }
        const struct cost before = now();
        error = at > begin ? write_batch(raw, begin, (size_t)(at - begin)) : 0;
        const struct cost took = since(&before);
        add(&slice->raw, &took);
    }
    raw->feed_end += (uint64_t)(at - raw->bytes);
    return error;
}

/* One slice on both sides. */
static int run_slice(struct sealed *sealed, struct raw *raw, uint64_t records, bool seal,
                     uint64_t *number, struct slice *ret_slice)
{
    const uint64_t seq = writer_counts(sealed->writer).durable_seq + 1;
    const uint64_t published = sealed->published;
    const struct cost before = now();
    int error = 0;

    sealed->batches_count = 0; /* nothing is in flight */
    if (seal)
        error = sealed_urge(sealed);
    if (error == 0)
        error = sealed_feed(sealed, records, number);
    if (error == 0 && seal)
        error = sealed_wait_published(sealed, published);
    if (error == 0)
        sealed_settle(sealed);
    *ret_slice = (struct slice){.ours = since(&before)};
    return error == 0 ? write_slice(raw, seq, sealed->batches, sealed->batches_count, ret_slice)
                      : error;
}

static double per_second(uint64_t count, uint64_t ns)
{
    return (double)count * 1e9 / (double)ns;
}

static void add_cycle(struct ledger_figures *figures, const struct slice *plain,
                      const struct slice *sealing)
{
    const uint64_t count = LEDGER_CYCLE_RECORDS;
    const double with = (double)(plain->ours.ns + sealing->ours.ns);
    const double cpu_ns = (double)(plain->ours.cpu_ns + sealing->ours.cpu_ns);

    sample_add(&figures->rate, per_second(count, plain->ours.ns + sealing->ours.ns));
    sample_add(&figures->raw, per_second(count, plain->raw.ns + sealing->raw.ns));
    sample_add(&figures->ratio, (double)(plain->raw.ns + sealing->raw.ns) / with);
    sample_add(&figures->checkpoint, 2 * (double)plain->ours.ns / with);
    sample_add(&figures->checkpoint_cpu,
               ((double)sealing->ours.cpu_ns - (double)plain->ours.cpu_ns) / 1e6);
    sample_add(&figures->cpu, cpu_ns / (double)count);
    sample_add(&figures->raw_cpu,
               (double)(plain->raw.cpu_ns + sealing->raw.cpu_ns) / (double)count);
}

static int run_cycle(struct sealed *sealed, struct raw *raw, uint64_t *number,
                     struct ledger_figures *figures)
{
    struct slice plain = {.ours.ns = 0}, sealing = plain, slice = plain;
    int error = 0;

    for (unsigned i = 0; i <= 2 * SLICES && error == 0; i++) {
        const bool seal = i == SLICES;
        error =
            run_slice(sealed, raw, seal ? LEDGER_CYCLE_RECORDS / 2 : SLICE, seal, number, &slice);
        if (error < 0)
            break;
        if (seal) {
            sealing = slice;
            continue;
        }
        add(&plain.ours, &slice.ours);
        add(&plain.raw, &slice.raw);
    }
    if (error == 0)
        add_cycle(figures, &plain, &sealing);
    return error;
}

int ledger_measure_append(const struct ledger_settings *settings, struct ledger_figures *figures)
{
    struct raw raw = {.fd = -1, .feed_fd = -1};
    struct sealed sealed;
    struct ledger_figures warm = {.rate.count = 0};
    uint64_t number = 0;
    int error = ledger_open(settings, NEVER_NS, &sealed);

    if (error < 0)
        return error;
    sealed_count_batches(&sealed);
    error = raw_open(settings, &raw);
    for (size_t done = 0; done < settings->count && error == 0; done += LEDGER_CYCLE_RECORDS)
        error = run_cycle(&sealed, &raw, &number,
                          done == 0 && settings->count > LEDGER_CYCLE_RECORDS ? &warm : figures);
    if (error == 0)
        sample_add(&figures->batch,
                   (double)raw.end / 1e3 / (double)writer_counts(sealed.writer).batches);
    int closed = sealed_close(&sealed);
    raw_close(&raw);
    return error < 0 ? error : closed;
}

/* --- ack: one record when nothing else is to be done --- */

/* Acknowledgements between syncs of 600 bytes raw. */
static int measure_acks(const struct ledger_settings *settings,
                        int (*feed)(struct sealed *sealed, uint64_t *number), struct sample *acks,
                        struct sample *syncs)
{
    struct sealed sealed;
    struct sample mine = {.count = 0}, raws = {.count = 0};
    char path[SEALED_PATH_BYTES], line[600];
    uint64_t number = 0;
    int error = ledger_path(settings, "raw", path);

    memset(line, 'x', sizeof(line));
    int fd = error < 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd == -1)
        return error < 0 ? error : -errno;
    error = ledger_open(settings, LEDGER_SECOND_NS, &sealed);
    for (unsigned i = 0; i < ACKS && error == 0; i++) {
        uint64_t begin = measure_ns();
        error = feed(&sealed, &number);
        uint64_t middle = measure_ns();
        if (error == 0 && (pwrite(fd, line, sizeof(line), (off_t)(i * sizeof(line))) == -1 ||
                           fdatasync(fd) == -1))
            error = -errno;
        uint64_t end = measure_ns();
        sample_add(&mine, (double)(middle - begin) / 1e3);
        sample_add(&raws, (double)(end - middle) / 1e3);
        if (mine.count == ACKS_EACH) {
            sample_add(acks, sample_median(&mine));
            sample_add(syncs, sample_median(&raws));
            mine.count = raws.count = 0;
        }
    }
    int closed = sealed_close(&sealed);
    (void)close(fd); /* it is synced */
    return error < 0 ? error : closed;
}

static int feed_one(struct sealed *sealed, uint64_t *number)
{
    return sealed_feed(sealed, 1, number);
}

int ledger_measure_ack(const struct ledger_settings *settings, struct ledger_figures *figures)
{
    return measure_acks(settings, feed_one, &figures->ack, &figures->sync);
}

int ledger_measure_ack_blob(const struct ledger_settings *settings, struct ledger_figures *figures)
{
    return measure_acks(settings, sealed_feed_blob, &figures->ack_blob, &figures->sync_by);
}
