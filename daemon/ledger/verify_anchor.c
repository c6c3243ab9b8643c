/*
 * Anchors in verification. Knows no token.
 *
 * A proof over the tree of size N shows that records 0 .. N-1 existed at its time. Its hash, which
 * nobody knew before, stands in a record: what follows that record came after its time. So each
 * record lies between two outside times, whatever the host's clock says:
 *
 *   record before the proof's size    its t should not be later than the earliest such time
 *   record after the anchor record    its t should not be earlier than the latest such time
 *
 * each widened by the proof's accuracy and by what the host's clock said of its own error (maxerror
 * of the clock record before it). A t outside says that the host's clock was wrong, not that the
 * record is: it is counted and told, and is no damage.
 */
#include "daemon/ledger/verify_anchor.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ledger/anchor.h"

#define MAXERROR_US_MAX 86400000000ull /* a day: a clock that says more says nothing */

/* That there is, or was, another tree than this says more than what is wrong with one anchor. */
static bool is_of_tree(enum verify_fault fault)
{
    return fault == VERIFY_FORK || fault == VERIFY_ROLLED_BACK;
}

static void note_fault(struct verify *verify, enum verify_fault fault, const char *file,
                       uint64_t seq, uint64_t size)
{
    if (verify->anchor.fault != VERIFY_OK &&
        (is_of_tree(verify->anchor.fault) || !is_of_tree(fault)))
        return;
    verify->anchor = (struct verify_damage){.fault = fault, .seq = seq, .size = size};
    (void)snprintf(verify->anchor.file, VERIFY_FILE_BYTES, "%s", file); /* of this size */
}

void verify_anchor_begin(struct verify *verify)
{
    struct verify_anchor *anchors = verify->config.anchors;
    int64_t earliest_ns = INT64_MAX;

    verify->after_ns = INT64_MIN;
    for (size_t i = verify->config.anchors_count; i > 0; i--) {
        struct verify_anchor *anchor = &anchors[i - 1];
        assert(i == verify->config.anchors_count || anchor->size <= anchors[i].size);
        if (anchor->proof && anchor->time_ns + anchor->accuracy_ns < earliest_ns)
            earliest_ns = anchor->time_ns + anchor->accuracy_ns;
        anchor->before_ns = earliest_ns;
    }
}

void verify_anchor_roots(struct verify *verify, const struct merkle_hash *root, uint64_t *next)
{
    const struct verify_config *config = &verify->config;

    while (verify->anchor_next < config->anchors_count &&
           config->anchors[verify->anchor_next].size == verify->builder.tree.size) {
        const struct verify_anchor *anchor = &config->anchors[verify->anchor_next++];
        if (!merkle_equal(&anchor->root, root))
            note_fault(verify, VERIFY_FORK, anchor->file, VERIFY_NO_SEQ, anchor->size);
    }
    if (verify->anchor_next < config->anchors_count &&
        config->anchors[verify->anchor_next].size < *next)
        *next = config->anchors[verify->anchor_next].size;
}

/* The first anchor of this size, or the end. */
static size_t find_size(const struct verify_config *config, uint64_t size)
{
    size_t low = 0, high = config->anchors_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (config->anchors[middle].size < size)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void take_record(struct verify *verify, uint64_t seq, const char *line, size_t len)
{
    const struct verify_config *config = &verify->config;
    struct anchor facts;

    verify->counts.anchors++;
    if (anchor_parse(line, len, &facts) < 0) {
        note_fault(verify, VERIFY_BAD_ANCHOR, "", seq, 0);
        return;
    }
    for (size_t i = find_size(config, facts.size);
         i < config->anchors_count && config->anchors[i].size == facts.size; i++) {
        struct verify_anchor *anchor = &config->anchors[i];
        if (!anchor->proof ||
            memcmp(anchor->sha256, facts.token_sha256, sizeof(anchor->sha256)) != 0)
            continue;
        anchor->recorded = true;
        if (!merkle_equal(&anchor->root, &facts.root) || anchor->time_ns != facts.gen_time_ns ||
            strcmp(anchor->file, facts.file) != 0)
            note_fault(verify, VERIFY_BAD_ANCHOR, facts.file, seq, facts.size);
        else if (anchor->time_ns - anchor->accuracy_ns > verify->after_ns)
            verify->after_ns = anchor->time_ns - anchor->accuracy_ns;
        return;
    }
    note_fault(verify, VERIFY_ANCHOR_MISSING, facts.file, seq, facts.size);
}

/* What the host's clock says of its error; what cannot be read changes nothing. */
static void take_clock(struct verify *verify, const char *line, size_t len)
{
    static const char name[] = ",\"maxerror_us\":";
    const char *at = memmem(line, len, name, sizeof(name) - 1), *end = line + len;
    uint64_t number = 0;

    if (at == NULL)
        return;
    for (at += sizeof(name) - 1; at < end && *at >= '0' && *at <= '9'; at++)
        number = number > MAXERROR_US_MAX ? number : number * 10 + (uint64_t)(*at - '0');
    verify->maxerror_ns = 1000 * (int64_t)(number > MAXERROR_US_MAX ? MAXERROR_US_MAX : number);
}

static void count_odd(struct verify_times *times, uint64_t seq)
{
    if (times->count++ == 0)
        times->first = seq;
}

void verify_anchor_line(struct verify *verify, const struct verify_line *head, const char *line,
                        size_t len)
{
    const struct verify_config *config = &verify->config;
    const uint64_t seq = head->head.seq;
    const int64_t t_ns = head->head.wall_ns;

    if (head->kind == RECORD_CLOCK)
        take_clock(verify, line, len);
    if (verify->after_ns != INT64_MIN && t_ns < verify->after_ns - verify->maxerror_ns)
        count_odd(&verify->early, seq);
    /* The proofs that cover this record: verify->covering is the first of a larger size. */
    while (verify->covering < config->anchors_count &&
           config->anchors[verify->covering].size <= seq)
        verify->covering++;
    if (verify->covering < config->anchors_count &&
        config->anchors[verify->covering].before_ns != INT64_MAX &&
        t_ns > config->anchors[verify->covering].before_ns + verify->maxerror_ns)
        count_odd(&verify->late, seq);
    if (head->kind == RECORD_ANCHOR)
        take_record(verify, seq, line, len);
}

void verify_anchor_finish(struct verify *verify)
{
    const struct verify_config *config = &verify->config;

    if (config->anchors_count > 0) {
        const struct verify_anchor *last = &config->anchors[config->anchors_count - 1];
        if (last->size > verify->builder.tree.size ||
            (verify->is_signed && last->size > verify->signed_size))
            note_fault(verify, VERIFY_ROLLED_BACK, last->file, VERIFY_NO_SEQ, last->size);
    }
    if (!verify_goes_on(verify))
        return;
    /* A file that is bad is told before the record that does not find it. */
    bool outside = config->outside.fault != VERIFY_OK && !is_of_tree(verify->anchor.fault);
    verify->damage = outside ? config->outside : verify->anchor;
}
