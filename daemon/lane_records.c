/*
 * Listings that a lane decided, into its queue. Knows the lane's inside.
 */
#include "daemon/lane_thread.h"

struct emit_source lane_source_of(const struct connection *connection)
{
    return (struct emit_source){.name = connection->source,
                                .len = connection->source_len,
                                .session = connection->session,
                                .session_len = connection->session_len};
}

int lane_take_match(void *context, const struct intake_origin *origin,
                    const struct listing *listing, const struct matcher_result *result)
{
    struct lane *lane = context;
    struct connection *connection = origin->user;
    int put = emit_match(&lane->emit, lane_source_of(connection), origin, listing, result);
    if (put == 0 && result->class != MATCHER_CLASS_NONE) /* a failed scan is no match */
        connection->matches++;
    return put;
}

int lane_take_unmatched(void *context, const struct intake_origin *origin,
                        const struct listing *listing)
{
    struct lane *lane = context;
    return emit_if_watched(&lane->emit, lane_source_of(origin->user), origin, listing);
}
