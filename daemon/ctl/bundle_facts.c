/*
 * A bundle in numbers. Knows members of records by their names.
 */
#include "daemon/ctl/bundle_facts.h"

#include <inttypes.h>

#define NS_PER_MS UINT64_C(1000000)

bool bundle_facts_is_coverage(enum record_kind kind)
{
    return kind == RECORD_START || kind == RECORD_STOP || kind == RECORD_HEARTBEAT ||
           kind == RECORD_GAP || kind == RECORD_COVERAGE;
}

void bundle_facts_count(struct bundle_facts *facts, enum record_kind kind, bool in)
{
    facts->all[kind]++;
    facts->in[kind] += in;
}

static void end_run(struct bundle_facts *facts)
{
    const struct bundle_run *run = &facts->now;

    if (!run->seen)
        return;
    facts->runs++;
    facts->up_ns += run->up_ns;
    facts->listings += run->listings;
    facts->rejected += run->rejected;
    facts->now = (struct bundle_run){0};
}

static void print_member(FILE *file, const char *name, struct bundle_slice value)
{
    if (value.at != NULL)
        (void)fprintf(file, " %s %.*s", name, (int)value.len, value.at); /* seen at the end */
}

/* How far the boot clock came since the record before, of the same run. */
static void pass_time(struct bundle_facts *facts, const struct record_head *head, FILE *gaps)
{
    struct bundle_run *run = &facts->now;
    char from[TIME_TEXT_BYTES], to[TIME_TEXT_BYTES];
    uint64_t ns = head->boot_ns > run->last_boot_ns ? head->boot_ns - run->last_boot_ns : 0;

    if (ns <= BUNDLE_SILENCE_NS) {
        run->up_ns += ns;
    } else {
        facts->silences++;
        time_text_format(run->last_wall_ns, from);
        time_text_format(head->wall_ns, to);
        (void)fprintf(gaps, "silence %" PRIu64 " from %s to %s ms %" PRIu64 "\n", head->seq, from,
                      to, ns / NS_PER_MS); /* seen at the end */
    }
    run->last_boot_ns += ns;
    run->last_wall_ns = head->wall_ns;
}

static void take_clock(struct bundle_facts *facts, struct bundle_slice line)
{
    facts->clocks++;
    facts->unsynced += bundle_line_is(bundle_line_member(line, "synced"), "false");
    facts->steps += bundle_line_is(bundle_line_string(bundle_line_member(line, "cause")), "step");
}

/* What a stop counted since the start. */
static uint64_t counter(struct bundle_slice line, const char *name)
{
    return bundle_line_number(bundle_line_member(bundle_line_member(line, "counters"), name));
}

void bundle_facts_cover(struct bundle_facts *facts, const struct record_head *head,
                        enum record_kind kind, struct bundle_slice line, FILE *gaps)
{
    struct bundle_run *run = &facts->now;
    bool whole = kind == RECORD_START;

    if (kind == RECORD_COVERAGE)
        return; /* what others say of a feed */
    if (facts->runs == 0 && !run->seen)
        facts->first_wall_ns = head->wall_ns;
    facts->last_wall_ns = head->wall_ns;
    if (!run->seen || run->run != head->run) {
        end_run(facts);
        /* A run whose start is before the range is not counted by its own stop. */
        *run = (struct bundle_run){
            .seen = true, .stopped = !whole, .run = head->run, .last_boot_ns = head->boot_ns};
    }
    pass_time(facts, head, gaps);
    if (kind == RECORD_CLOCK)
        take_clock(facts, line);
    if (kind == RECORD_HEARTBEAT) {
        run->listings += bundle_line_number(bundle_line_member(line, "listings"));
        run->rejected += bundle_line_number(bundle_line_member(line, "rejected"));
    }
    if (kind == RECORD_STOP && !run->stopped) {
        run->listings = counter(line, "listings");
        run->rejected = counter(line, "rejected");
    }
    if (kind != RECORD_GAP)
        return;
    facts->gaps++;
    (void)fprintf(gaps, "gap %" PRIu64, head->seq); /* seen at the end */
    print_member(gaps, "cause", bundle_line_string(bundle_line_member(line, "cause")));
    print_member(gaps, "from", bundle_line_string(bundle_line_member(line, "from_t")));
    print_member(gaps, "to", bundle_line_string(bundle_line_member(line, "to_t")));
    print_member(gaps, "count", bundle_line_member(line, "count"));
    (void)fputc('\n', gaps);
}

void bundle_facts_end(struct bundle_facts *facts)
{
    end_run(facts);
}

uint64_t bundle_facts_sum(const uint64_t counts[RECORD_KINDS_COUNT + 1])
{
    uint64_t sum = 0;

    for (size_t i = 0; i <= RECORD_KINDS_COUNT; i++)
        sum += counts[i];
    return sum;
}

void bundle_facts_print_counts(const struct bundle_facts *facts, FILE *file)
{
    uint64_t all = bundle_facts_sum(facts->all), in = bundle_facts_sum(facts->in);

    /* A stream keeps its error, which is seen when it is ended. */
    (void)fprintf(file, "Records by kind: in the signed ledger, in this bundle, left out of it.\n");
    (void)fprintf(file, "all %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", all, in, all - in);
    for (size_t i = 0; i <= RECORD_KINDS_COUNT; i++)
        if (facts->all[i] > 0)
            (void)fprintf(file, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                          i < RECORD_KINDS_COUNT ? record_kind_name((enum record_kind)i) : "other",
                          facts->all[i], facts->in[i], facts->all[i] - facts->in[i]);
    (void)fprintf(file, "newer than the checkpoint, not signed yet, left out: %" PRIu64 "\n",
                  facts->newer);
}

void bundle_facts_print_coverage(const struct bundle_facts *facts, FILE *file)
{
    char from[TIME_TEXT_BYTES], to[TIME_TEXT_BYTES];
    uint64_t up_ms = facts->up_ns / NS_PER_MS, all_ms = 0;

    if (facts->runs == 0) {
        (void)fprintf(file, "There is no record in the range that tells of coverage.\n");
        return;
    }
    if (facts->last_wall_ns > facts->first_wall_ns)
        all_ms = (uint64_t)(facts->last_wall_ns - facts->first_wall_ns) / NS_PER_MS;
    time_text_format(facts->first_wall_ns, from);
    time_text_format(facts->last_wall_ns, to);
    (void)fprintf(file, "from %s\nto %s\nruns %" PRIu64 "\n", from, to, facts->runs);
    (void)fprintf(file, "recorded %" PRIu64 " ms of %" PRIu64 " ms\n", up_ms, all_ms);
    /* Times between are of two clocks; a wall clock that was set back makes nonsense of them. */
    if (all_ms > 0 && up_ms <= all_ms && all_ms < UINT64_MAX / 100000)
        (void)fprintf(file, "uptime %" PRIu64 ".%03" PRIu64 " %%\n", up_ms * 100 / all_ms,
                      up_ms * 100000 / all_ms % 1000);
    else
        (void)fprintf(file, "uptime not computable: the wall clock was set, see clock.jsonl\n");
    (void)fprintf(file, "listings %" PRIu64 "\nrejected %" PRIu64 "\n", facts->listings,
                  facts->rejected);
    (void)fprintf(file,
                  "clock_records %" PRIu64 "\nclock_unsynchronised %" PRIu64
                  "\nclock_steps %" PRIu64 "\n",
                  facts->clocks, facts->unsynced, facts->steps);
    (void)fprintf(file, "gaps %" PRIu64 "\nsilences %" PRIu64 "\n", facts->gaps, facts->silences);
}

void bundle_facts_print_software(struct bundle_slice start, FILE *file)
{
    static const char *const members[] = {"seq",     "t",          "host",         "version",
                                          "commit",  "exe_sha256", "libs",         "kernel",
                                          "machine", "cpu",        "config_sha256"};
    bool first = true;

    (void)fputc('{', file); /* an error is seen at the end, of these too */
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        struct bundle_slice value = bundle_line_member(start, members[i]);
        if (value.at == NULL)
            continue;
        (void)fprintf(file, "%s\"%s\":%.*s", first ? "" : ",", members[i], (int)value.len,
                      value.at);
        first = false;
    }
    (void)fputc('}', file);
}
