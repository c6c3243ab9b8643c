/*
 * The watchdog's ping. Knows no thread but by its turns.
 */
#include "daemon/watchdog.h"

#include <string.h>

#include "daemon/sd.h"

void watchdog_ping(struct watchdog *watchdog, struct lane *const *lanes, size_t lanes_count,
                   const struct writer *writer, uint64_t now_ns)
{
    uint64_t period = sd_watchdog_period_ns();
    if (period == 0 || now_ns - watchdog->pinged_ns < period)
        return;
    uint64_t turns[LANES_MAX];
    uint64_t writer_turns = writer_counts(writer).turns;
    bool moved = writer_turns != watchdog->writer_turns;
    for (size_t i = 0; i < lanes_count; i++) {
        turns[i] = lane_counts(lanes[i]).turns;
        moved = moved && turns[i] != watchdog->lane_turns[i];
    }
    if (!moved)
        return;
    (void)sd_tell("WATCHDOG=1"); /* the manager may be gone; we are not for it */
    memcpy(watchdog->lane_turns, turns, lanes_count * sizeof turns[0]);
    watchdog->writer_turns = writer_turns;
    watchdog->pinged_ns = now_ns;
}
