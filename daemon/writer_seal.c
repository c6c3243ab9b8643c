/*
 * Tiles and checkpoints while the writer runs. Knows no socket: the sealer is behind a door.
 *
 * Lines become durable in the journal; from then on everything here is a function of them. In this
 * order, each step durable before the next:
 *
 *   1 lines (journal, fdatasync)   2 tiles, full and partial, and the folders that name them
 *   3 signature (the sealer makes its own state durable before it answers)
 *   4 entry of checkpoints.log: the commit point   5 checkpoint.new   6 its name, checkpoint
 *
 * Invariants:
 *   1. A leaf enters the tree after its line is durable, never before: so no size is asked for
 *      whose lines a crash could take.
 *   2. A tile is written when its last leaf is in the tree. Until step 2 of a checkpoint it may be
 *      missing, short or garbled after a crash, and nothing published covers it; when the writer
 *      opens, the tiles past the last checkpoint are compared with the lines, and made again. Every
 *      tile of the last entry of checkpoints.log is durable. That is why tiles need no second name.
 *   3. Without a sealer steps 3 to 6 fall away, and partial tiles; state/tiles says how far full
 *      ones are durable.
 *   4. One size is asked for at a time, with one root. An entry's size is never below the one
 *      before, and of the same size only when nothing is new, which is never asked for.
 *   5. Nobody waits for any of it but who waits for a checkpoint: lines are acknowledged at step 1.
 *      Only when tiles cannot be written for so long that the ring of leaves is full does the feed
 *      wait, as it does for its own space.
 *   6. A partial tile stays until its full one is durable, as C2SP tlog-tiles has it; one that was
 *      made for an attempt that got no signature goes before the next attempt. A power loss may
 *      bring back what was taken away, whole: nothing is taken away unsynced without syncing that
 *      too.
 */
#include "daemon/writer_seal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/event_record.h"
#include "daemon/log.h"
#include "daemon/writer_core.h"

static uint64_t now_ns(const struct writer_seal *seal)
{
    return clock_now(&seal->core->clock).boot_ns;
}

static bool has_failed(const struct writer_seal *seal)
{
    return atomic_load_explicit(&seal->core->counts.failed, memory_order_relaxed) != 0;
}

enum writer_unsealed writer_seal_waits_for(int error)
{
    if (error == -ENOSPC || error == -EDQUOT)
        return WRITER_UNSEALED_FULL;
    if (error == -EMFILE || error == -ENFILE)
        return WRITER_UNSEALED_NO_DESCRIPTOR;
    return WRITER_UNSEALED_NOT;
}

const char *writer_unsealed_text(enum writer_unsealed reason)
{
    static const char *const texts[] = {
#define REASON(symbol, text) [WRITER_UNSEALED_##symbol] = (text),
        WRITER_UNSEALED(REASON)
#undef REASON
    };

    assert(reason < WRITER_UNSEALED_COUNT);
    return texts[reason];
}

void writer_seal_rest(struct writer_seal *seal, enum writer_unsealed reason, const char *detail)
{
    int before =
        atomic_exchange_explicit(&seal->core->counts.unsealed, (int)reason, memory_order_relaxed);

    seal->state = WRITER_SEAL_IDLE;
    seal->closed_attempt = seal->closing;
    seal->due_ns =
        now_ns(seal) + (seal->config != NULL ? seal->config->interval_ns : WRITER_IDLE_NS);
    if (seal->config == NULL || before == (int)reason)
        return;
    if (reason == WRITER_UNSEALED_NOT)
        log_write(LOG_LEVEL_INFO, "records are sealed again, up to %llu",
                  (unsigned long long)seal->signed_size);
    else
        log_write(LOG_LEVEL_WARNING, "records from %llu on are not sealed: %s%s%s, going on",
                  (unsigned long long)seal->signed_size, writer_unsealed_text(reason),
                  detail[0] != '\0' ? ": " : "", detail);
}

/* Rests when the error is one to wait out; else it is the writer's failure. */
void writer_seal_rest_or_fail(struct writer_seal *seal, int error)
{
    if (writer_seal_waits_for(error) == WRITER_UNSEALED_NOT)
        writer_fail(seal->core, error);
    else
        writer_seal_rest(seal, writer_seal_waits_for(error), "");
}

/* The same of tiles; which one it is about is told here, as the caller of all does not know it. */
static void rest_or_fail_of_tile(struct writer_seal *seal, int error)
{
    char fault[TILE_FAULT_BYTES];

    if (writer_seal_waits_for(error) == WRITER_UNSEALED_NOT && !has_failed(seal)) {
        tile_store_fault(&seal->store, error, fault);
        log_write(LOG_LEVEL_ERROR, "cannot write the tiles of %s: %s", seal->core->config->ledger,
                  fault);
    }
    writer_seal_rest_or_fail(seal, error);
}

/* What a crash may have left of a tile, and of the partial ones before it. */
static int mend_tile(struct writer_seal *seal, const struct tile_id *id, const uint8_t *bytes,
                     size_t len)
{
    bool changed = false;
    int error = tile_store_mend(&seal->store, id, bytes, len, &changed);

    seal->mended += changed && id->index < tile_full_count(seal->edge, id->level);
    if (error < 0 || id->width < TILE_WIDTH)
        return error;
    return tile_store_mend_partials(&seal->store, id, bytes,
                                    tile_width(seal->signed_size, id->level, id->index));
}

static int take_tile(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len)
{
    struct writer_seal *seal = context;
    int error = seal->replaying ? mend_tile(seal, id, bytes, len)
                                : tile_store_put(&seal->store, id, bytes, len);

    if (error == 0)
        return 0;
    /* The builder keeps it until the next leaf: it is owed. */
    seal->owed[seal->owed_count++] = *id;
    seal->owed_error = error;
    if (writer_seal_waits_for(error) != WRITER_UNSEALED_NOT)
        return 0;
    if (seal->replaying)
        writer_fail(seal->core, error); /* writer_seal_finish says of which */
    else
        rest_or_fail_of_tile(seal, error);
    return 0;
}

static void pay_owed(struct writer_seal *seal)
{
    struct tile_id owed[TILE_LEVELS_MAX];
    unsigned count = seal->owed_count;

    memcpy(owed, seal->owed, sizeof(owed));
    seal->owed_count = 0;
    for (unsigned i = 0; i < count; i++)
        (void)take_tile(seal, &owed[i], seal->builder.tiles[owed[i].level][0].bytes,
                        owed[i].width * MERKLE_HASH_BYTES); /* owed again, or the writer failed */
}

/* Durable lines enter the tree, and the tiles that they fill are written. */
static void integrate(struct writer_seal *seal)
{
    if (seal->owed_count > 0)
        pay_owed(seal);
    while (seal->builder.tree.size < seal->durable_size && seal->owed_count == 0 &&
           !has_failed(seal)) {
        const struct merkle_hash *leaf =
            &seal->leaves[seal->builder.tree.size % WRITER_SEAL_LEAVES];
        (void)tile_builder_append(&seal->builder, leaf, take_tile, seal); /* always 0 */
    }
}

static bool is_urgent(enum record_kind kind)
{
    return (kind >= RECORD_ORDER && kind <= RECORD_NOTICE_WITHDRAW) || kind == RECORD_SUPPORT;
}

void writer_seal_line(struct writer_core *core, const struct record_head *head,
                      enum record_kind kind, const char *line, size_t len)
{
    struct writer_seal *seal = &core->seal;

    if (head->seq != seal->leaves_end) {
        assert(seal->replaying); /* others want to hear of older ones */
        assert(head->seq < seal->leaves_end);
        return;
    }
    if (seal->replaying && !writer_seal_has_room(seal, true)) {
        writer_fail(core, seal->owed_error); /* no space for tiles that a crash left out */
        return;
    }
    assert(seal->leaves_end - seal->builder.tree.size < WRITER_SEAL_LEAVES);
    seal->leaves[head->seq % WRITER_SEAL_LEAVES] = merkle_leaf(line, len);
    seal->leaves_end++;
    if (is_urgent(kind)) {
        seal->urgent_end = seal->leaves_end;
        if (seal->news_begin == seal->news_end)
            seal->news_begin = head->seq;
        seal->news_end = seal->leaves_end;
    }
    if (!seal->replaying)
        return;
    seal->durable_size = seal->leaves_end;
    integrate(seal);
    if (seal->durable_size == seal->signed_size)
        (void)tile_builder_flush(&seal->builder, take_tile, seal); /* always 0 */
}

bool writer_seal_has_room(const struct writer_seal *seal, bool urgent)
{
    const uint64_t room = urgent ? WRITER_SEAL_LEAVES : WRITER_SEAL_LEAVES / 4 * 3;

    static_assert(EVENT_PARTS_MAX > JOURNAL_SHARES, "a stop comes behind a gap for each share");
    return seal->leaves_end - seal->builder.tree.size + EVENT_PARTS_MAX <= room;
}

void writer_seal_durable(struct writer_core *core, uint64_t size)
{
    assert(size >= core->seal.durable_size);
    assert(size <= core->seal.leaves_end);
    core->seal.durable_size = size;
}

void writer_seal_keep_mark(struct writer_seal *seal)
{
    struct position mark = {.seq = seal->synced_size, .first = seal->signed_size};

    if (durable_store_put(&seal->mark, &mark) < 0) /* the next start compares more tiles */
        atomic_fetch_add_explicit(&seal->core->counts.state_errors, 1, memory_order_relaxed);
}

void writer_seal_tiles(void *context, int error)
{
    struct writer_seal *seal = context;

    assert(seal->state == WRITER_SEAL_SYNCING);
    if (error < 0) {
        rest_or_fail_of_tile(seal, error);
        return;
    }
    seal->synced_size = seal->flight_size;
    writer_seal_keep_mark(seal);
    if (seal->door.ask == NULL) {
        writer_seal_rest(seal, WRITER_UNSEALED_NO_KEY, "");
        return;
    }
    seal->proved_again = false;
    writer_seal_ask(seal, seal->signed_size);
}

/* What is to be sealed next; as long as nothing signs, full tiles are kept alone. */
static uint64_t size_wanted(const struct writer_seal *seal)
{
    uint64_t size = seal->builder.tree.size;

    return seal->door.ask != NULL ? size : size - size % TILE_WIDTH;
}

static void begin(struct writer_seal *seal)
{
    struct checkpoint checkpoint = {.size = size_wanted(seal)};
    /* A tile that is owed is not there to be synced, though its leaves are in the tree. */
    int error = seal->owed_count > 0 ? seal->owed_error : 0;

    if (error == 0 && seal->door.ask != NULL) {
        error = writer_seal_drop_attempt(seal, checkpoint.size);
        if (error == 0) {
            seal->flight_size = checkpoint.size;
            error = tile_builder_flush(&seal->builder, tile_store_put, &seal->store);
        }
    }
    if (error < 0) {
        rest_or_fail_of_tile(seal, error);
        return;
    }
    seal->flight_size = checkpoint.size;
    seal->flight_root = merkle_root(&seal->builder.tree);
    if (seal->config != NULL) {
        struct text body = text_into(seal->body, sizeof(seal->body));
        checkpoint.origin = seal->key.name;
        checkpoint.origin_len = seal->key.name_len;
        checkpoint.root = seal->flight_root;
        checkpoint_format(&body, &checkpoint);
        assert(!body.overflow);
        seal->body_len = body.len;
    }
    seal->state = WRITER_SEAL_SYNCING;
    if (seal->synced_size < seal->flight_size)
        tile_sync_start(&seal->sync, seal->synced_size, seal->flight_size, seal->door.ask != NULL);
    else
        writer_seal_tiles(seal, 0);
}

static bool is_new(const struct writer_seal *seal)
{
    uint64_t done = seal->door.ask != NULL ? seal->signed_size : seal->synced_size;

    return size_wanted(seal) > done;
}

uint64_t writer_seal_turn(struct writer_core *core, uint64_t wait_ns_max)
{
    struct writer_seal *seal = &core->seal;

    if (has_failed(seal))
        return wait_ns_max;
    const bool was_full = !writer_seal_has_room(seal, false);
    integrate(seal);
    /* For lines: there may be some behind this. When a tile is owed there is still no room. */
    if (was_full && writer_seal_has_room(seal, false))
        wait_ns_max = 0;
    if (writer_seal_sweep(seal))
        wait_ns_max = 0;
    writer_seal_mind(seal, now_ns(seal));
    if (seal->state != WRITER_SEAL_IDLE || !is_new(seal))
        return wait_ns_max;
    uint64_t now = now_ns(seal);
    /* Tried at once, and again only when due: a sealer that refuses is not asked in a loop. */
    bool at_once =
        seal->urgent_end > seal->signed_size && seal->urgent_end <= seal->builder.tree.size;
    if (now < seal->due_ns && !at_once && (!seal->closing || seal->closed_attempt)) {
        uint64_t left = seal->due_ns - now;
        return left < wait_ns_max ? left : wait_ns_max;
    }
    if (at_once)
        seal->urgent_end = 0;
    begin(seal);
    return seal->state == WRITER_SEAL_IDLE ? 0 : wait_ns_max;
}

bool writer_seal_settled(struct writer_core *core)
{
    struct writer_seal *seal = &core->seal;

    seal->closing = true;
    integrate(seal);
    return seal->state == WRITER_SEAL_IDLE && (!is_new(seal) || seal->closed_attempt);
}
