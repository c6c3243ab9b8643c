/*
 * The writer in this process, the sealer in one of its own. Knows no figure.
 */
#include "bench/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/fingerprint.h"
#include "daemon/writer_seal.h"

#define QUEUE_BYTES     (8u << 20) /* as noticed's queue_bytes */
#define PUBLISH_EVERY   64u
#define NUMBER_DIGITS   12u
#define NOT_YET         "000000000000" /* NUMBER_DIGITS of them */
#define BLOB_HEX        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BATCHES_MAX     (1u << 20)
#define SECOND_NS       1000000000u
#define KEY_NAME        "bench.test/ledger"
#define SEGMENT_RECORDS (256u * 4096u)
#define SEGMENT_BYTES   (1u << 30)
#define DEDUPE_MAX      1000000u
#define WATCHED_MAX     1000000u

static const char body[] =
    ",\"platform\":\"market.example\",\"listing\":\"" NOT_YET "\",\"merchant\":"
    "\"market.example/seller-4711\",\"source\":\"spider-a\",\"session\":\"s-2026-11-30\",\"line\":"
    "1" NOT_YET ",\"blob\":\"sha256:" BLOB_HEX "\","
    "\"event\":{\"type\":\"sighting\",\"platform\":\"market.example\",\"at\":\"2026-11-30T04:41:"
    "40Z\","
    "\"state\":\"active\",\"via\":\"page\",\"unc_ms\":1000,\"title\":\"Squishmallows 12 inch Plush "
    "Toy, "
    "Soft, Original with Tags, Free Shipping\"}}";
static const uint8_t blob[DIGEST_BYTES] = {
    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

static const char urgent[] =
    ",\"event\":{\"id\":\"support.1\",\"type\":\"support\",\"platform\":\"market.example\","
    "\"merchant\":\"market.example/seller-4711\",\"at\":\"2026-11-30T04:41:40Z\"}}";

static struct fingerprint_part part(const char *text, size_t len)
{
    return (struct fingerprint_part){text, len};
}

#define PART(text) part(text, sizeof(text) - 1)

static void on_durable(void *context)
{
    struct sealed *sealed = context;

    if (sealed->counting && sealed->batches_count < sealed->batches_room)
        sealed->batches[sealed->batches_count++] = writer_counts(sealed->writer).durable_seq;
    (void)sem_post(&sealed->moved); /* it overflows after 2^31 batches */
}

static void on_published(void *context, const struct writer_checkpoint *checkpoint)
{
    struct sealed *sealed = context;

    (void)checkpoint;
    atomic_fetch_add_explicit(&sealed->published, 1, memory_order_release);
    (void)sem_post(&sealed->moved); /* likewise */
}

static int open_door(void *context, struct backend *backend, void *seal, struct seal_door *ret_door)
{
    struct sealed *sealed = context;
    const struct sealer_door_config config = {.backend = backend,
                                              .fd = sealed->link.fd,
                                              .retry_ns = SEALER_DOOR_RETRY_NS,
                                              .answered = writer_seal_answered,
                                              .broken = writer_seal_broken,
                                              .context = seal};
    sealed->link.fd = -1;
    int error = sealer_door_open(&config, &sealed->door);
    if (error == 0)
        *ret_door = (struct seal_door){.ask = sealer_door_ask, .context = sealed->door};
    return error;
}

/* The key of all ledgers here. */
static int write_key(const char *path)
{
    static const uint8_t seed[NOTE_KEY_BYTES] = {42};
    char text[NOTE_KEY_TEXT_BYTES_MAX];
    struct note_signer *signer =
        note_signer_open(KEY_NAME, sizeof(KEY_NAME) - 1, NOTE_KEY_ED25519, seed);

    if (signer == NULL)
        return -ENOMEM;
    size_t len = note_signer_format(signer, text);
    (void)note_signer_close(signer); /* always NULL */
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int error = fd == -1 || write(fd, text, len) != (ssize_t)len ? -errno : 0;
    if (fd != -1 && close(fd) == -1 && error == 0)
        error = -errno;
    return error;
}

static int start_sealer(const char *folder, struct sealer_link *ret_link)
{
    char key[SEALED_PATH_BYTES], text[SEALER_START_ERROR_BYTES] = "";
    struct config *config = calloc(1, sizeof(*config));

    (void)snprintf(key, sizeof(key), "%s/bench.key", folder); /* folders of ours are short */
    int error = config == NULL ? -ENOMEM : write_key(key);
    if (error == 0) {
        config->seal_key = key;
        error = sealer_start(config, ret_link, text);
    }
    free(config);
    if (error < 0)
        (void)fprintf(stderr, "ledger: no sealer: %s\n",
                      text[0] != '\0' ? text : strerrordesc_np(-error));
    return error;
}

static int make_body(struct sealed *sealed)
{
    sealed->body = strdup(body);
    sealed->batches = malloc(BATCHES_MAX * sizeof(sealed->batches[0]));
    if (sealed->body == NULL || sealed->batches == NULL)
        return -ENOMEM;
    const char *first = strstr(body, NOT_YET), *second = strstr(first + NUMBER_DIGITS, NOT_YET);
    sealed->body_len = sizeof(body) - 1;
    sealed->listing_at = (size_t)(first - body);
    sealed->line_at = (size_t)(second - body);
    sealed->blob_at = (size_t)(strstr(second, BLOB_HEX) - body);
    sealed->batches_room = BATCHES_MAX;
    return 0;
}

int sealed_open(const struct sealed_config *config, struct sealed *ret_sealed)
{
    struct sealed *sealed = ret_sealed;
    struct writer_error error = {.error = 0};

    memset(sealed, 0, sizeof(*sealed));
    sealed->link.fd = -1;
    (void)snprintf(sealed->ledger, sizeof(sealed->ledger), "%s/ledger", config->folder);
    (void)sem_init(&sealed->moved, 0, 0); /* cannot fail */
    int result = make_body(sealed);
    if (result == 0)
        result = start_sealer(config->folder, &sealed->link);
    if (result < 0)
        return result;
    sealed->seal = (struct writer_seal_config){.key = &sealed->link.key,
                                               .interval_ns = config->interval_ns,
                                               .open = open_door,
                                               .published = on_published,
                                               .context = sealed};
    sealed->config = (struct writer_config){
        .io = config->io,
        .ledger = sealed->ledger,
        .queues = 1,
        .queue_bytes = QUEUE_BYTES,
        .segment_records = SEGMENT_RECORDS,
        .segment_bytes = SEGMENT_BYTES,
        .rejects_bytes_max = SEGMENT_BYTES,
        .derived = {.dedupe_max = DEDUPE_MAX, .watched_max = WATCHED_MAX},
        .blobs = {.window = DEDUPE_MAX, .pack_bytes = WRITER_PACK_BYTES},
        .start_body = ",\"bench\":true",
        .start_body_len = sizeof(",\"bench\":true") - 1,
        .seal = &sealed->seal,
        .durable = on_durable,
        .context = sealed,
    };
    result = writer_open(&sealed->config, &sealed->writer, &error);
    if (result < 0)
        (void)fprintf(stderr, "ledger: %s\n", error.text);
    return result;
}

static void put_number(char *at, uint64_t number)
{
    for (unsigned i = NUMBER_DIGITS; i > 0; i--, number /= 10)
        at[i - 1] = (char)('0' + number % 10);
}

/* Room for an entry, waited for; NULL when the writer has failed. */
static char *reserve(struct sealed *sealed, size_t len)
{
    struct queue *queue = writer_queue(sealed->writer, 0);
    char *entry = queue_reserve(queue, len);

    while (entry == NULL && writer_counts(sealed->writer).failed == 0) {
        queue_publish(queue);
        writer_wake(sealed->writer);
        (void)sem_wait(&sealed->moved); /* EINTR leads to one more try */
        entry = queue_reserve(queue, len);
    }
    return entry;
}

static void publish(struct sealed *sealed)
{
    queue_publish(writer_queue(sealed->writer, 0));
    writer_wake(sealed->writer);
}

static int wait_durable(struct sealed *sealed)
{
    struct queue *queue = writer_queue(sealed->writer, 0);

    while (queue_durable(queue) < queue_put_position(queue)) {
        int failed = writer_counts(sealed->writer).failed;
        if (failed != 0)
            return failed;
        (void)sem_wait(&sealed->moved); /* likewise */
    }
    return 0;
}

/* What a lane does for a line whose session is named. text: what is kept of the line, or NULL. */
static int put_record(struct sealed *sealed, uint64_t number, const char *text, size_t text_len)
{
    struct writer_record head = {.kind = RECORD_SIGHTING,
                                 .body_len = (uint32_t)sealed->body_len,
                                 .judge = WRITER_JUDGE_TWICE,
                                 .blob_len = (uint32_t)text_len};
    const size_t len = sizeof(head) + sealed->body_len + text_len;
    char *entry = reserve(sealed, len), *listing = sealed->body + sealed->listing_at;

    if (entry == NULL)
        return writer_counts(sealed->writer).failed;
    put_number(listing, number);
    put_number(sealed->body + sealed->line_at, number);
    if (text != NULL)
        digest_sha256(text, text_len, head.blob);
    derived_about_listing(&head.about, PART("market.example"), part(listing, NUMBER_DIGITS),
                          PART("seller-4711"));
    head.about.name = fingerprint_line(PART("spider-a"), PART("s-2026-11-30"),
                                       UINT64_C(1000000000000) + number, blob);
    memcpy(entry, &head, sizeof(head));
    memcpy(entry + sizeof(head), sealed->body, sealed->body_len);
    if (text != NULL) {
        char hex[2 * DIGEST_BYTES + 1];
        digest_hex(head.blob, hex);
        memcpy(entry + sizeof(head) + sealed->blob_at, hex, sizeof(hex) - 1);
        memcpy(entry + sizeof(head) + sealed->body_len, text, text_len);
    }
    queue_put(writer_queue(sealed->writer, 0), WRITER_ENTRY_RECORD, len);
    return 0;
}

int sealed_feed(struct sealed *sealed, uint64_t count, uint64_t *number)
{
    int failed = 0;

    for (uint64_t i = 0; i < count && failed == 0; i++) {
        failed = put_record(sealed, (*number)++, NULL, 0);
        if (i % PUBLISH_EVERY == PUBLISH_EVERY - 1 || i + 1 == count)
            publish(sealed);
    }
    sealed->fed += count;
    return failed == 0 ? wait_durable(sealed) : failed;
}

int sealed_feed_blob(struct sealed *sealed, uint64_t *number)
{
    char text[sizeof(body)];

    memcpy(text, sealed->body, sealed->body_len);
    put_number(text + sealed->listing_at, *number);
    int failed = put_record(sealed, (*number)++, text, sealed->body_len);
    if (failed != 0)
        return failed;
    publish(sealed);
    sealed->fed++;
    return wait_durable(sealed);
}

int sealed_urge(struct sealed *sealed)
{
    const struct writer_record head = {.kind = RECORD_SUPPORT,
                                       .body_len = (uint32_t)sizeof(urgent) - 1,
                                       .judge = WRITER_JUDGE_NONE};
    const size_t len = sizeof(head) + sizeof(urgent) - 1;
    char *entry = reserve(sealed, len);

    if (entry == NULL)
        return writer_counts(sealed->writer).failed;
    memcpy(entry, &head, sizeof(head));
    memcpy(entry + sizeof(head), urgent, sizeof(urgent) - 1);
    queue_put(writer_queue(sealed->writer, 0), WRITER_ENTRY_RECORD, len);
    publish(sealed);
    sealed->fed++;
    return 0;
}

int sealed_wait_published(struct sealed *sealed, uint64_t count)
{
    while (atomic_load_explicit(&sealed->published, memory_order_acquire) <= count) {
        int failed = writer_counts(sealed->writer).failed;
        if (failed != 0)
            return failed;
        (void)sem_wait(&sealed->moved); /* EINTR leads to one more look */
    }
    return 0;
}

void sealed_settle(struct sealed *sealed)
{
    uint64_t turns = writer_counts(sealed->writer).turns;

    /* The one that was running, and a whole one: what is durable enters the tree in a turn. */
    while (writer_counts(sealed->writer).turns < turns + 2) {
        writer_wake(sealed->writer);
        (void)sched_yield(); /* always 0 on Linux */
    }
}

void sealed_count_batches(struct sealed *sealed)
{
    sealed->counting = true;
}

int sealed_close(struct sealed *sealed)
{
    int result = writer_close(sealed->writer, SECOND_NS);

    sealed->door = sealer_door_close(sealed->door);
    if (sealed->link.fd != -1)
        (void)close(sealed->link.fd); /* the sealer ends by it */
    free(sealed->body);
    free(sealed->batches);
    (void)sem_destroy(&sealed->moved); /* nobody waits for it */
    return result;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
    (void)status;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int forget_one(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
    int fd = kind == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    (void)status;
    (void)ftw;
    if (fd != -1) {
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* advice */
        (void)close(fd);                                    /* only read from */
    }
    return 0;
}

/* One thread at a time walks: NOLINTBEGIN(concurrency-mt-unsafe) */
int sealed_forget(const char *folder)
{
    return nftw(folder, forget_one, 16, FTW_PHYS) == -1 ? -errno : 0;
}

int sealed_remove(const char *folder)
{
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == -1 && errno != ENOENT ? -errno : 0;
}
/* NOLINTEND(concurrency-mt-unsafe) */
