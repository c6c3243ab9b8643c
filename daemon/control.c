/*
 * The control thread's loop. Knows every part's outside.
 */
#include "daemon/control.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "daemon/control_records.h"
#include "daemon/emit.h"
#include "daemon/lists.h"
#include "daemon/log.h"
#include "daemon/sd.h"
#include "daemon/status.h"
#include "daemon/watchdog.h"

#define TICK_NS 100000000u /* the longest time without looking at timers */
#define DRAIN_NS_MAX                                                                               \
    20000000000u /* a client that reads no reply does not hold up a stop for ever */
#define SECOND_NS       1000000000u
#define CONTROL_BUFFERS 8u         /* for commands, which are short */
#define HELD_MAX        256u       /* connections accepted while every lane is full */
#define RETRY_NS        200000000u /* after a failed accept, when descriptors may be free again */

struct door {
    struct backend_op op;
    struct control *control;
    struct control_listener listener;
    int held[HELD_MAX]; /* accepted, but every lane is full */
    size_t held_count;
    bool armed, failing;
    uint64_t retry_ns; /* not armed before this */
};

/* A descriptor that is watched for ever. */
struct watched {
    struct backend_op op;
    struct control *control;
    int fd;
};

struct control {
    struct control_config config;
    struct backend *backend;
    struct commands *commands;
    struct control_records records;
    struct watched signals, compiler, wake;
    bool stop, reload_wanted;
    const char *stop_reason;
    uint64_t reloads; /* begun so far */
    uint64_t started_ns, heartbeat_ns;
    struct lane_counts beaten; /* as of the last heartbeat */
    struct watchdog watchdog;
    struct door doors[CONTROL_LISTENERS_MAX];
};

static uint64_t boot_ns(const struct control *control)
{
    return control->backend->ops->now(control->backend).boot_ns;
}

static struct status_view view(const struct control *control)
{
    return (struct status_view){.lanes = control->config.lanes,
                                .lanes_count = control->config.lanes_count,
                                .crawl_lanes = control->config.crawl_lanes,
                                .writer = control->config.writer,
                                .reload = control->config.reload,
                                .outbox = control->config.outbox,
                                .warner = control->config.warner,
                                .spooler = control->config.spooler,
                                .uptime_ns = boot_ns(control) - control->started_ns,
                                .now_ns = boot_ns(control)};
}

/* Gives a connection to the lane that has the fewest of its kind, if there is room. */
static bool hand_out(struct control *control, int fd, const struct control_listener *listener)
{
    const struct control_config *config = &control->config;
    size_t from = listener->events ? config->crawl_lanes : 0;
    size_t to = listener->events ? config->lanes_count : config->crawl_lanes;
    struct lane *least = config->lanes[from];
    for (size_t i = from + 1; i < to; i++)
        if (lane_load(config->lanes[i]) < lane_load(least))
            least = config->lanes[i];
    return lane_give(least, fd, listener->source) == 0;
}

static void accept_failed(struct door *door, int error)
{
    door->retry_ns = boot_ns(door->control) + RETRY_NS;
    if (!door->failing) /* once, and not five times a second */
        log_write(LOG_LEVEL_WARNING, "cannot accept connections: %s, trying again, going on",
                  strerrordesc_np(-error));
    door->failing = true;
}

static void on_accept(struct backend_op *op, const struct backend_completion *completion)
{
    struct door *door = (struct door *)op;
    struct control *control = door->control;
    int fd = completion->result;
    if ((completion->flags & BACKEND_MORE) == 0)
        door->armed = false;
    if (fd < 0) {
        if (fd != -ECANCELED)
            accept_failed(door, fd);
        return;
    }
    door->failing = false;
    if (door->listener.source == CONTROL_COMMANDS) {
        commands_adopt(control->commands, fd);
    } else if (door->held_count == 0 && hand_out(control, fd, &door->listener)) {
        return;
    } else if (door->held_count < HELD_MAX) {
        door->held[door->held_count++] = fd;
        control->backend->ops->cancel(control->backend, op); /* the backlog holds the others */
    } else {
        (void)close(fd); /* came after the cancel: the client sees the end and tries again */
    }
}

static void arm_doors(struct control *control)
{
    uint64_t now = boot_ns(control);
    for (size_t i = 0; i < control->config.listeners_count; i++) {
        struct door *door = &control->doors[i];
        size_t given = 0;
        while (given < door->held_count && hand_out(control, door->held[given], &door->listener))
            given++;
        door->held_count -= given;
        memmove(door->held, door->held + given, door->held_count * sizeof door->held[0]);
        if (door->armed || door->held_count > 0 || now < door->retry_ns)
            continue;
        int result = control->backend->ops->accept(control->backend, &door->op, door->listener.fd);
        door->armed = result == 0;
    }
}

static void watch(struct watched *watched)
{
    const struct backend_ops *ops = watched->control->backend->ops;
    int result = ops->watch(watched->control->backend, &watched->op, watched->fd);
    if (result < 0)
        log_write(LOG_LEVEL_ERROR, "cannot watch a descriptor: %s, going on",
                  strerrordesc_np(-result));
}

/* Watches again what ended by itself. */
static void watch_on(struct watched *watched, const struct backend_completion *completion)
{
    if ((completion->flags & BACKEND_MORE) == 0 && completion->result != -ECANCELED)
        watch(watched);
}

static size_t on_status(void *context, char *out, size_t room)
{
    const struct control *control = context;
    struct status_view now = view(control);
    return status_encode(&now, out, room);
}

static uint64_t on_reload(void *context)
{
    struct control *control = context;
    control->reload_wanted = true;
    return control->reloads + 1;
}

static int on_anchor(void *context, const struct anchor *anchor,
                     char reterr_text[ANCHOR_COMMAND_ERROR_BYTES])
{
    struct control *control = context;
    return anchor_command_put(&control->records.anchor, control->config.writer,
                              control->config.queue_index, anchor, control->records.blob.waiting,
                              reterr_text);
}

static int on_blob(void *context, const struct blob_command *command,
                   char reterr_text[BLOB_COMMAND_ERROR_BYTES])
{
    struct control *control = context;
    return blob_command_put(&control->records.blob, control->config.writer,
                            control->config.queue_index, command, control->records.anchor.waiting,
                            reterr_text);
}

static void reload_done(struct control *control)
{
    const struct reload *reload = control->config.reload;
    const struct ruleset *set = reload->current;
    const char *failure = reload->text[0] != '\0' ? reload->text : NULL;
    char hex[2 * DIGEST_BYTES + 1];
    digest_hex(set->sha256, hex);
    if (failure != NULL) {
        log_write(LOG_LEVEL_ERROR, "reload failed, what is in force stays: %s", failure);
    } else {
        log_write(LOG_LEVEL_INFO,
                  "reloaded: %zu marks, %zu cues, %zu rules, ruleset %llu sha256:%s",
                  matcher_db_marks_count(set->db), matcher_db_cues_count(set->db),
                  matcher_db_rules_count(set->db), (unsigned long long)set->seq, hex);
    }
    commands_reload_done(control->commands, control->reloads, failure, hex, set->seq);
    (void)sd_tell("READY=1"); /* the manager may be gone; we are not for it */
}

static void step_reload(struct control *control)
{
    struct reload *reload = control->config.reload;
    if (control->reload_wanted && reload->state == RELOAD_IDLE) {
        control->reload_wanted = false;
        control->reloads++;
        (void)sd_tell("RELOADING=1"); /* as above */
        if (lists_reload(control->config.config_path, reload) < 0)
            reload_done(control);
    }
    if (reload_step(reload))
        reload_done(control);
}

static void on_signal(struct backend_op *op, const struct backend_completion *completion)
{
    struct watched *signals = (struct watched *)op;
    struct control *control = signals->control;
    struct signalfd_siginfo info;
    while (read(signals->fd, &info, sizeof info) == (ssize_t)sizeof info) {
        bool reload = info.ssi_signo == SIGHUP;
        control->reload_wanted = control->reload_wanted || reload;
        control->stop = control->stop || !reload;
        if (!reload)
            control->stop_reason = info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM";
    }
    watch_on(signals, completion);
}

static void on_compiler(struct backend_op *op, const struct backend_completion *completion)
{
    struct watched *compiler = (struct watched *)op;
    struct control *control = compiler->control;
    if (completion->result != -ECANCELED && control->config.reload->state == RELOAD_IDLE &&
        !compiler_alive(control->config.reload->compiler)) {
        log_write(LOG_LEVEL_ERROR,
                  "the compiler process is gone: no reload before a restart, going on");
        control->backend->ops->cancel(control->backend, op);
        return;
    }
    step_reload(control); /* the answer must be taken here, or it would be readable again at once */
    watch_on(compiler, completion);
}

static void on_wake(struct backend_op *op, const struct backend_completion *completion)
{
    struct watched *wake = (struct watched *)op;
    uint64_t count = 0;
    (void)!read(wake->fd, &count, sizeof count); /* only to empty it */
    watch_on(wake, completion);
}

static void beat(struct control *control)
{
    uint64_t now = boot_ns(control);
    uint64_t period = (uint64_t)control->config.config->heartbeat_s * SECOND_NS;
    if (now - control->heartbeat_ns < period || control->records.anchor.waiting)
        return; /* an anchor's number is known while nothing follows it in this queue */
    char body[RECORD_BODY_BYTES_MAX];
    struct status_view seen = view(control);
    struct lane_counts counts = status_sum(seen.lanes, seen.lanes_count);
    size_t len = status_heartbeat(&seen, &counts, &control->beaten, now - control->heartbeat_ns,
                                  body, sizeof body);
    struct queue *queue = writer_queue(control->config.writer, control->config.queue_index);
    if (emit_record(queue, RECORD_HEARTBEAT, body, len) < 0)
        return; /* the disk is full; the next one covers the longer interval */
    queue_publish(queue);
    writer_wake(control->config.writer);
    control->beaten = counts;
    control->heartbeat_ns = now;
}

static void turn(struct control *control)
{
    int result = control->backend->ops->turn(control->backend, TICK_NS);
    if (result < 0)
        log_write(LOG_LEVEL_ERROR, "waiting for events failed: %s, going on",
                  strerrordesc_np(-result));
    if (!control->stop) {
        arm_doors(control);
        spooler_step(control->config.spooler, boot_ns(control));
    }
    step_reload(control);
    control_records_answer(&control->records, control->config.writer, control->config.queue_index,
                           control->commands);
    outbox_step(control->config.outbox, control->backend, boot_ns(control));
    beat(control);
    watchdog_ping(&control->watchdog, control->config.lanes, control->config.lanes_count,
                  control->config.writer, boot_ns(control));
}

static bool failed(const struct control *control)
{
    return writer_counts(control->config.writer).failed != 0;
}

static bool lanes_stopped(const struct control *control)
{
    for (size_t i = 0; i < control->config.lanes_count; i++)
        if (!lane_stopped(control->config.lanes[i]))
            return false;
    return true;
}

/* Everything received is decided, durable and acknowledged, unless that takes too long. */
static enum control_end drain(struct control *control)
{
    log_write(LOG_LEVEL_INFO, "%s: draining", control->stop_reason);
    (void)sd_tell("STOPPING=1"); /* the manager may be gone; we are not for it */
    for (size_t i = 0; i < control->config.listeners_count; i++)
        control->backend->ops->cancel(control->backend, &control->doors[i].op);
    for (size_t i = 0; i < control->config.lanes_count; i++)
        lane_stop(control->config.lanes[i]);
    uint64_t begun = boot_ns(control);
    while (!lanes_stopped(control) && !failed(control)) {
        if (boot_ns(control) - begun > DRAIN_NS_MAX) {
            log_write(LOG_LEVEL_WARNING, "the disk is full or a client reads no replies: stopping "
                                         "with lines that are not acknowledged");
            return CONTROL_END_CUT;
        }
        turn(control);
    }
    return failed(control) ? CONTROL_END_FAILED : CONTROL_END_STOPPED;
}

void control_record_stop(struct control *control)
{
    struct lane_counts total = status_sum(control->config.lanes, control->config.lanes_count);
    char body[RECORD_BODY_BYTES_MAX];
    size_t len = status_stop(&total, control->stop_reason, boot_ns(control) - control->started_ns,
                             body, sizeof body);
    struct queue *queue = writer_queue(control->config.writer, control->config.queue_index);
    if (emit_record(queue, RECORD_STOP, body, len) == 0)
        queue_publish(queue);
}

int control_open(const struct control_config *config, struct control **ret_control)
{
    static const struct commands_handler handler = {
        .status = on_status, .reload = on_reload, .anchor = on_anchor, .blob = on_blob};
    struct control *control = calloc(1, sizeof *control);
    if (control == NULL)
        return -ENOMEM;
    control->config = *config;
    control->signals =
        (struct watched){.op.done = on_signal, .control = control, .fd = config->signal_fd};
    control->compiler = (struct watched){
        .op.done = on_compiler, .control = control, .fd = compiler_fd(config->reload->compiler)};
    control->wake = (struct watched){.op.done = on_wake, .control = control, .fd = config->wake_fd};
    for (size_t i = 0; i < CONTROL_LISTENERS_MAX; i++)
        control->doors[i] = (struct door){
            .op.done = on_accept, .control = control, .listener = config->listeners[i]};
    int result = backend_open(config->io, CONTROL_BUFFERS, &control->backend);
    if (result == 0)
        result = commands_open(control->backend, &handler, control, &control->commands);
    if (result < 0) {
        (void)control_close(control); /* always NULL */
        return result;
    }
    watch(&control->signals);
    watch(&control->compiler);
    watch(&control->wake);
    control->started_ns = control->heartbeat_ns = control->watchdog.pinged_ns = boot_ns(control);
    *ret_control = control;
    return 0;
}

enum control_end control_run(struct control *control)
{
    arm_doors(control);
    (void)sd_tell("READY=1"); /* the manager may be gone; we are not for it */
    while (!control->stop && !failed(control))
        turn(control);
    return failed(control) ? CONTROL_END_FAILED : drain(control);
}

struct control *control_close(struct control *control)
{
    if (control == NULL)
        return NULL;
    control->commands = commands_close(control->commands);
    if (control->backend != NULL)
        control->backend = control->backend->ops->close(control->backend);
    for (size_t i = 0; i < CONTROL_LISTENERS_MAX; i++)
        for (size_t held = 0; held < control->doors[i].held_count; held++)
            (void)close(control->doors[i].held[held]); /* nothing was read from it */
    free(control);
    return NULL;
}
