/*
 * The clock of the record. Periods are counted on the boot clock, so that a step of the wall clock
 * neither hides nor multiplies records.
 */
#include "daemon/clock.h"

#include <assert.h>
#include <string.h>
#include <sys/timex.h>

#include "daemon/ledger/text.h"
#include "daemon/time_text.h"

void clock_open(struct clock *ret_clock, struct backend *backend)
{
    *ret_clock =
        (struct clock){.backend = backend, .sets_fd = -1, .base = backend->ops->now(backend)};
    ret_clock->newer = ret_clock->base;
}

int clock_watch(struct clock *clock)
{
    int fd = clock->backend->ops->clock_sets(clock->backend);

    if (fd < 0)
        return fd;
    clock->sets_fd = fd;
    return 0;
}

void clock_close(struct clock *clock)
{
    if (clock->sets_fd != -1)
        (void)clock->backend->ops->close_fd(clock->backend, clock->sets_fd); /* holds nothing */
    clock->sets_fd = -1;
}

struct backend_time clock_now(const struct clock *clock)
{
    return clock->backend->ops->now(clock->backend);
}

static int leap_of(const struct backend_clock_state *state)
{
    return state->state >= TIME_INS && state->state <= TIME_WAIT ? state->state : 0;
}

/* What changed in the kernel's state since the latest record. Looked at once a second. */
static enum clock_cause state_due(struct clock *clock, uint64_t now_ns)
{
    struct backend_clock_state state = {0};
    if (now_ns < clock->state_due_ns)
        return CLOCK_NONE;
    int error = clock->backend->ops->clock_state(clock->backend, &state);
    if ((error >= 0 && state.synced) != clock->synced)
        return CLOCK_SYNC_CHANGE;
    if (error >= 0 && leap_of(&state) != clock->leap)
        return CLOCK_LEAP;
    clock->state_due_ns = now_ns + CLOCK_STATE_NS;
    return CLOCK_NONE;
}

/* How far the wall clock has moved against the boot clock since the base. */
static int64_t moved(const struct clock *clock, const struct backend_time *now)
{
    return now->wall_ns - (clock->base.wall_ns + (int64_t)(now->boot_ns - clock->base.boot_ns));
}

static bool is_large(int64_t ns)
{
    return ns > CLOCK_STEP_NS || ns < -CLOCK_STEP_NS;
}

/* Looks at the clocks: whether the wall clock was set since the base. The new time may be seen a
   little before the kernel tells of it, so that the base is never what was read just now; and what
   is told of may have come after the first reading. */
static bool look(struct clock *clock, struct backend_time *ret_now)
{
    const struct backend_ops *ops = clock->backend->ops;

    *ret_now = clock_now(clock);
    bool told = clock->sets_fd != -1 && ops->clock_was_set(clock->backend, clock->sets_fd);
    /* The clocks are read one after the other. Whoever is put aside between the two sees a step,
       but not twice. */
    if (told || is_large(moved(clock, ret_now)))
        *ret_now = clock_now(clock);
    return told || is_large(moved(clock, ret_now));
}

enum clock_cause clock_due(struct clock *clock)
{
    struct backend_time now;
    bool was_set = look(clock, &now);

    clock->now_wall_ns = now.wall_ns;
    if (clock->started && was_set) {
        clock->step_ns +=
            moved(clock, &now); /* kept until a record can be made: the disk may be full */
        clock->stepped = true;
    }
    if (was_set) {
        clock->base = clock->newer = now;
    } else if (now.boot_ns - clock->newer.boot_ns >= CLOCK_BASE_NS) {
        clock->base = clock->newer;
        clock->newer = now;
    }
    if (!clock->started)
        return CLOCK_START;
    if (clock->stepped)
        return CLOCK_STEP;
    enum clock_cause cause = state_due(clock, now.boot_ns);
    if (cause != CLOCK_NONE)
        return cause;
    return now.boot_ns >= clock->record_due_ns ? CLOCK_PERIODIC : CLOCK_NONE;
}

static const char *cause_name(enum clock_cause cause)
{
    switch (cause) {
    case CLOCK_START:
        return "start";
    case CLOCK_PERIODIC:
        return "periodic";
    case CLOCK_SYNC_CHANGE:
        return "sync_change";
    case CLOCK_STEP:
        return "step";
    case CLOCK_LEAP:
        return "leap";
    case CLOCK_NONE:
        break;
    }
    assert(false);
    return "";
}

size_t clock_body(struct clock *clock, enum clock_cause cause, char *body, size_t room)
{
    struct text text = text_into(body, room);
    struct backend_clock_state state = {0};
    struct backend_time before = clock_now(clock);
    int error = clock->backend->ops->clock_state(clock->backend, &state);
    struct backend_time after = clock_now(clock);
    const char *discipline = clock->backend->ops->clock_discipline(clock->backend);

    if (error < 0)
        state = (struct backend_clock_state){.state = error};
    text_member_string(&text, "cause", cause_name(cause));
    text_member_i64(&text, "state", state.state);
    text_member_i64(&text, "status", (int64_t)state.status);
    text_member_bool(&text, "synced", state.synced);
    text_member_i64(&text, "maxerror_us", state.maxerror_us);
    text_member_i64(&text, "esterror_us", state.esterror_us);
    text_member_i64(&text, "offset_ns", state.offset_ns);
    text_member_i64(&text, "freq", state.freq);
    text_member_i64(&text, "tai", state.tai);
    text_member_string(&text, "discipline", discipline != NULL ? discipline : "unknown");
    text_member_time(&text, "rt_before", before.wall_ns);
    text_member_time(&text, "rt_after", after.wall_ns);
    text_member_i64(&text, "bracket_ns", (int64_t)(after.boot_ns - before.boot_ns));
    if (cause == CLOCK_STEP) {
        text_member_time(&text, "expected_t", clock->now_wall_ns - clock->step_ns);
        text_member_i64(&text, "step_us", clock->step_ns / 1000);
        clock->step_ns = 0;
        clock->stepped = false;
    }
    text_literal(&text, "}");
    assert(!text.overflow);
    clock->started = true;
    clock->synced = state.synced;
    clock->leap = leap_of(&state);
    clock->record_due_ns = after.boot_ns + CLOCK_PERIOD_NS;
    clock->state_due_ns = after.boot_ns + CLOCK_STATE_NS;
    return text.len;
}

bool clock_synced(const struct clock *clock)
{
    return clock->synced;
}
