/*
 * The daemon as a whole. Everything that lives long is made here, in this order, and taken down in
 * the reverse: signals, ruleset, listeners, ledger, lanes, control.
 */
#include "daemon/run.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/identity.h"
#include "daemon/io_choice.h"
#include "daemon/listeners.h"
#include "daemon/lists.h"
#include "daemon/log.h"
#include "daemon/places.h"
#include "daemon/sealer_door.h"
#include "daemon/signals.h"
#include "daemon/warner.h"
#include "daemon/writer_seal.h"
#include "matcher/matcher.h"

#define SECOND_NS         1000000000u
#define CLOSE_WAIT_NS_MAX 10000000000u /* for the last batch, while the disk is full */

struct run {
    const char *config_path;
    const struct config *config;
    enum backend_kind io; /* BACKEND_URING or BACKEND_POLL, never AUTO */
    struct sealer_link sealer;
    struct sealer_door *door; /* the writer's thread's while it runs */
    struct writer_seal_config seal;
    struct writer *writer;
    _Atomic(struct warner *) warner; /* the writer's callback reads it while it is being made */
    struct outbox *outbox;
    struct reload reload;
    struct lane *lanes[LANES_MAX];
    _Atomic size_t lanes_count; /* the writer's callback reads it while lanes are being made */
    size_t crawl_lanes, lanes_wanted; /* the last one is that of events, if they have a socket */
    struct listeners listeners;
    struct control *control;
    int wake_fd, signal_fd;
};

static void wake_control(const struct run *run)
{
    const uint64_t one = 1;
    (void)!write(run->wake_fd, &one, sizeof one); /* full only when a wake is pending anyway */
}

static void on_durable(void *context)
{
    struct run *run = context;
    size_t count = atomic_load_explicit(&run->lanes_count, memory_order_acquire);
    for (size_t i = 0; i < count; i++)
        lane_wake(run->lanes[i]);
    warner_wake(atomic_load_explicit(&run->warner, memory_order_acquire));
    wake_control(run);
}

static uint64_t on_connections(void *context, bool all)
{
    struct run *run = context;
    size_t count = atomic_load_explicit(&run->lanes_count, memory_order_acquire);
    return lanes_load(run->lanes, all || count < run->crawl_lanes ? count : run->crawl_lanes);
}

/* Compiles the configuration's lists into reload.current. RUN_EXIT_STOPPED: told to stop meanwhile.
 */
static enum run_exit compile(struct run *run)
{
    struct reload *reload = &run->reload;
    int result = lists_begin(run->config, reload) < 0 ? -EINVAL : -EAGAIN;
    while (result == -EAGAIN) {
        if (!signals_wait(run->signal_fd, compiler_fd(reload->compiler)))
            return RUN_EXIT_STOPPED;
        result = compiler_result(reload->compiler, &reload->current, reload->text);
    }
    reload->state = RELOAD_IDLE;
    if (result < 0) {
        log_write(LOG_LEVEL_ERROR, "%s", reload->text);
        return RUN_EXIT_CONFIG;
    }
    return RUN_EXIT_OK;
}

/* Before the ledger: what cannot be listened on or read from leaves no trace in the record. */
static enum run_exit open_listeners(struct run *run)
{
    char text[LISTENERS_ERROR_BYTES];
    int result = listeners_open(run->config, &run->listeners, text);
    run->lanes_wanted = run->crawl_lanes + (run->listeners.events ? 1 : 0);
    if (result == 0)
        return RUN_EXIT_OK;
    log_write(LOG_LEVEL_ERROR, "%s", text);
    bool mistake = result == -EINVAL || result == -ENOENT || result == -ENOTDIR ||
                   result == -EISDIR || result == -EACCES || result == -EEXIST;
    return mistake ? RUN_EXIT_CONFIG : RUN_EXIT_IO;
}

/* The control thread writes what is to be time-stamped. */
static void on_checkpoint(void *context, const struct writer_checkpoint *checkpoint)
{
    struct run *run = context;
    outbox_put(run->outbox, checkpoint);
    wake_control(run);
}

/* The writer's thread opens its door to the sealer, which takes the link's socket. */
static int open_door(void *context, struct backend *backend, void *seal, struct seal_door *ret_door)
{
    struct run *run = context;
    const struct sealer_door_config config = {.backend = backend,
                                              .fd = run->sealer.fd,
                                              .socket = run->sealer.socket,
                                              .retry_ns = SEALER_DOOR_RETRY_NS,
                                              .answered = writer_seal_answered,
                                              .broken = writer_seal_broken,
                                              .context = seal};
    run->sealer.fd = -1;
    int result = sealer_door_open(&config, &run->door);
    if (result == 0)
        *ret_door = (struct seal_door){.ask = sealer_door_ask, .context = run->door};
    return result;
}

/* What helps when the ledger cannot be opened; "" where its error says so itself. */
static const char *ledger_advice(int error)
{
    switch (error) {
    case -ENOSPC:
    case -EDQUOT:
        return "; make room on its disk and start again: noticed deletes nothing there";
    case -EROFS:
        return "; mount its disk for writing, or set ledger: path: to another folder";
    case -EMFILE:
    case -ENFILE:
        return "; raise the limit of open files (ulimit -n, LimitNOFILE=)";
    default:
        return "";
    }
}

static enum run_exit open_writer(struct run *run)
{
    char start[IDENTITY_BYTES_MAX];
    struct writer_error error = {.error = 0};
    if (outbox_open(run->config->ledger, (uint64_t)run->config->anchor_interval_s * SECOND_NS,
                    &run->outbox) < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot begin: out of memory");
        return RUN_EXIT_IO;
    }
    run->seal = (struct writer_seal_config){
        .key = &run->sealer.key,
        .interval_ns = (uint64_t)run->config->seal_interval_s * SECOND_NS,
        .open = open_door,
        .published = on_checkpoint,
        .context = run,
    };
    const struct writer_config config = {
        .io = run->io,
        .ledger = run->config->ledger,
        .queues = (unsigned)run->lanes_wanted + 3, /* lanes, control, rulesets, warnings */
        .urgent_queues = (unsigned)(run->lanes_wanted - run->crawl_lanes) + 3,
        .reserve_bytes = run->config->reserve_bytes,
        .queue_bytes = run->config->queue_bytes,
        .segment_records = run->config->segment_records,
        .segment_bytes = run->config->segment_bytes,
        .rejects_bytes_max = run->config->rejects_bytes_max,
        .derived = {.dedupe_max = run->config->dedupe_window,
                    .watched_max = run->config->watch_max},
        .blobs = {.window = run->config->blobs_window, .pack_bytes = WRITER_PACK_BYTES},
        .start_body = start,
        .start_body_len = identity_encode(run->config->sha256, (unsigned)run->crawl_lanes, start),
        .deep = run->config->deep,
        .seal = run->sealer.any ? &run->seal : NULL,
        .durable = on_durable,
        .connections = on_connections,
        .context = run,
    };
    int result = writer_open(&config, &run->writer, &error);
    if (result == 0)
        return RUN_EXIT_OK;
    log_write(LOG_LEVEL_ERROR, "%s%s", error.text, ledger_advice(error.error));
    return error.error == -EBADMSG ? RUN_EXIT_LEDGER : RUN_EXIT_IO;
}

/* The first ruleset gets its record before any lane scans with it. */
static enum run_exit record_ruleset(struct run *run)
{
    struct ruleset *first = run->reload.current;
    run->reload.writer = run->writer;
    run->reload.permissions = &run->listeners.permissions;
    run->reload.queue_index = (unsigned)run->lanes_wanted + 1;
    run->reload.current = NULL;
    int result = reload_record(&run->reload, first);
    while (result == 0 && run->reload.state != RELOAD_IDLE) {
        if (!signals_wait(run->signal_fd, run->wake_fd))
            return RUN_EXIT_STOPPED;
        uint64_t count = 0;
        (void)!read(run->wake_fd, &count, sizeof count); /* only to empty it */
        (void)reload_step(&run->reload);                 /* its end shows in the state */
        result = writer_counts(run->writer).failed;
    }
    if (result == 0)
        return RUN_EXIT_OK;
    log_write(LOG_LEVEL_ERROR, "cannot record the ruleset in %s: %s", run->config->ledger,
              strerrordesc_np(-result));
    return RUN_EXIT_IO;
}

static enum run_exit open_warner(struct run *run)
{
    const struct warner_config config = {.ledger = run->config->ledger,
                                         .writer = run->writer,
                                         .queue_index = (unsigned)run->lanes_wanted + 2,
                                         .bytes_max = run->config->watch_max * WARNER_BYTES_EACH};
    struct warner *warner = NULL;
    int result = warner_open(&config, &warner);
    if (result < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot start the thread that warns: %s",
                  strerrordesc_np(-result));
        return RUN_EXIT_IO;
    }
    atomic_store_explicit(&run->warner, warner, memory_order_release);
    return RUN_EXIT_OK;
}

static enum run_exit open_lanes(struct run *run)
{
    const struct stream_limits limits = {.peers_max = STREAM_PEERS_MAX,
                                         .carry_bytes_total = run->config->carry_bytes};
    const enum config_keep kept = run->config->blobs_keep;
    const size_t max = run->config->blobs_max;
    const struct emit_keep keep = {.matched_max = kept == CONFIG_KEEP_NONE ? 0 : max,
                                   .unmatched_max = kept == CONFIG_KEEP_RECORDED ? max : 0};
    /* Packs have no part in the reserve, which notices must not wait for. */
    const struct emit_keep none = {0};
    for (size_t i = 0; i < run->lanes_wanted; i++) {
        const struct lane_config config = {.io = run->io,
                                           .index = (unsigned)i,
                                           .lanes_count = (unsigned)run->lanes_wanted,
                                           .limits = limits,
                                           .writer = run->writer,
                                           .sources = run->listeners.sources,
                                           .maps = run->config->maps,
                                           .ruleset = run->reload.current,
                                           .keep = i < run->crawl_lanes ? keep : none};
        int result = lane_open(&config, &run->lanes[i]);
        if (result < 0) {
            log_write(LOG_LEVEL_ERROR, "cannot start lane %zu: %s", i, strerrordesc_np(-result));
            return RUN_EXIT_IO;
        }
        atomic_store_explicit(&run->lanes_count, i + 1, memory_order_release);
    }
    run->reload.lanes = run->lanes;
    run->reload.lanes_count = run->lanes_wanted;
    log_write(
        LOG_LEVEL_INFO,
        "%s: %zu lane%s of %u connections; memory at most %zu MiB a lane (a connection inside a "
        "line: %u KiB, all together %zu MiB) and %zu MiB of queue",
        lane_io_name(run->lanes[0]), run->lanes_wanted, run->lanes_wanted == 1 ? "" : "s",
        STREAM_PEERS_MAX, lane_bytes_max(run->lanes[0]) >> 20, STREAM_LINE_BYTES_MAX >> 10,
        limits.carry_bytes_total >> 20, run->config->queue_bytes >> 20);
    return RUN_EXIT_OK;
}

static enum run_exit serve(struct run *run)
{
    char text[LISTENERS_ERROR_BYTES];
    if (listeners_give_inputs(&run->listeners, run->lanes, run->crawl_lanes, run->wake_fd, text) <
        0) {
        log_write(LOG_LEVEL_ERROR, "%s", text);
        return RUN_EXIT_IO;
    }
    struct control_config config = {.io = run->io,
                                    .config_path = run->config_path,
                                    .config = run->config,
                                    .writer = run->writer,
                                    .outbox = run->outbox,
                                    .warner =
                                        atomic_load_explicit(&run->warner, memory_order_relaxed),
                                    .queue_index = (unsigned)run->lanes_wanted,
                                    .lanes = run->lanes,
                                    .lanes_count = run->lanes_wanted,
                                    .crawl_lanes = run->crawl_lanes,
                                    .reload = &run->reload,
                                    .spooler = run->listeners.spooler,
                                    .listeners_count = run->listeners.count,
                                    .signal_fd = run->signal_fd,
                                    .wake_fd = run->wake_fd};
    memcpy(config.listeners, run->listeners.listeners, sizeof config.listeners);
    int result = control_open(&config, &run->control);
    if (result < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot start the control thread: %s", strerrordesc_np(-result));
        return RUN_EXIT_IO;
    }
    log_write(LOG_LEVEL_INFO, "ready: %zu marks, %zu cues, %zu rules, ledger %s",
              matcher_db_marks_count(run->reload.current->db),
              matcher_db_cues_count(run->reload.current->db),
              matcher_db_rules_count(run->reload.current->db), run->config->ledger);
    enum control_end end = control_run(run->control);
    for (size_t i = 0; i < run->lanes_wanted; i++)
        lane_end(run->lanes[i]);
    warner_end(atomic_load_explicit(&run->warner, memory_order_acquire));
    if (end == CONTROL_END_STOPPED)
        control_record_stop(run->control); /* nothing can come after it any more */
    return end == CONTROL_END_STOPPED ? RUN_EXIT_OK : RUN_EXIT_IO;
}

/* Takes everything down. The lanes' threads end first, as nothing may be produced while the writer
   drains; the lanes themselves go last, as the writer's thread wakes them to its end. */
static enum run_exit take_down(struct run *run, enum run_exit exit_code)
{
    listeners_close(&run->listeners);
    size_t count = atomic_load_explicit(&run->lanes_count, memory_order_acquire);
    for (size_t i = 0; i < count; i++)
        lane_end(run->lanes[i]);
    struct warner *warner = atomic_load_explicit(&run->warner, memory_order_acquire);
    warner_end(warner);
    int result = run->writer != NULL ? writer_close(run->writer, CLOSE_WAIT_NS_MAX) : 0;
    run->door = sealer_door_close(run->door);
    run->control = control_close(run->control);
    run->outbox = outbox_close(run->outbox);
    run->listeners.spooler = spooler_close(run->listeners.spooler); /* no lane is in it any more */
    (void)warner_close(warner);                                     /* always NULL */
    for (size_t i = 0; i < count; i++)
        run->lanes[i] = lane_close(run->lanes[i]);
    if (result < 0) {
        log_write(LOG_LEVEL_ERROR,
                  "the ledger %s %s: %s; nothing after the last durable record was acknowledged",
                  run->config->ledger,
                  result == -EBADMSG ? "contradicts itself" : "could not be written",
                  strerrordesc_np(-result));
        exit_code = result == -EBADMSG ? RUN_EXIT_LEDGER : RUN_EXIT_IO;
    }
    reload_close(&run->reload);
    if (run->sealer.fd != -1)
        (void)close(run->sealer.fd); /* our own sealer ends by it */
    if (run->wake_fd >= 0)
        (void)close(run->wake_fd); /* an eventfd: nothing to lose */
    if (run->signal_fd >= 0)
        (void)close(run->signal_fd); /* read only */
    return exit_code == RUN_EXIT_STOPPED ? RUN_EXIT_OK : exit_code;
}

enum run_exit run(const char *config_path, const struct config *config, struct compiler *compiler,
                  const struct sealer_link *sealer)
{
    static struct run run = {.wake_fd = -1, .signal_fd = -1};
    run.sealer = *sealer;
    run.config_path = config_path;
    run.config = config;
    run.reload.compiler = compiler;
    run.crawl_lanes = run.lanes_wanted = config->lanes;
    lanes_raise_descriptors(config->lanes + 1);
    run.signal_fd = signals_block();
    run.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (run.wake_fd < 0 || run.signal_fd < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot make a descriptor for events: too many open files?");
        return RUN_EXIT_IO;
    }
    enum run_exit exit_code = compile(&run);
    if (exit_code == RUN_EXIT_OK)
        exit_code = open_listeners(&run);
    if (exit_code == RUN_EXIT_OK && io_choose(config->io, &run.io) < 0)
        exit_code = RUN_EXIT_IO;
    if (exit_code == RUN_EXIT_OK)
        exit_code = open_writer(&run);
    if (exit_code == RUN_EXIT_OK)
        exit_code = record_ruleset(&run);
    if (exit_code == RUN_EXIT_OK)
        exit_code = open_warner(&run);
    if (exit_code == RUN_EXIT_OK)
        exit_code = open_lanes(&run);
    if (exit_code == RUN_EXIT_OK)
        exit_code = serve(&run);
    return take_down(&run, exit_code);
}

enum run_exit run_check(const struct config *config, struct compiler *compiler)
{
    struct run run = {.config = config, .reload.compiler = compiler, .signal_fd = signals_block()};
    size_t wrong = places_check(config);
    enum run_exit exit_code = compile(&run);
    if (exit_code == RUN_EXIT_OK && wrong > 0)
        exit_code = RUN_EXIT_CONFIG;
    reload_close(&run.reload);
    if (run.signal_fd >= 0)
        (void)close(run.signal_fd); /* read only */
    return exit_code;
}
