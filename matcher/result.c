/*
 * From raw hits to the result of a listing: which spans, near which cue, written how, of what
 * class.
 */
#include <assert.h>

#include "matcher/scan.h"

/* How far from a mark a cue still speaks of it, by the cue's strength, in folded bytes between the
   two, counted over all fields in order. A title has 80 to 150 of them, so that a weak hint must
   stand in the same title and a plain word for "copy" may stand in the description. Chosen with
   evasion_a.ndjson: at 64 for weak hints 4 of 1,400 marks with a cue were missed, from 100 on none;
   on 17,246 real listings no width raises a false alarm. */
static const uint32_t near_bytes[4] = {0, 128, 192, 320};

static void add_cues(struct matcher *matcher, struct scan_raw raw, size_t *count, uint64_t *lost)
{
    const struct literals *literals = &matcher->db->literals;
    for (uint32_t i = literals->first[raw.literal]; i < literals->first[raw.literal + 1]; i++) {
        const struct literals_target *target = &literals->targets[i];
        if (target->kind != LITERALS_CUE)
            continue;
        if (*count == SCAN_FOUND_MAX) {
            ++*lost;
            continue;
        }
        uint32_t len = literals->begin[raw.literal + 1] - literals->begin[raw.literal];
        matcher->cues[(*count)++] = (struct scan_cue){
            .begin = raw.end - len + target->front,
            .end = raw.end - target->back,
            .cue = target->index,
            .strength = matcher->db->lists->cues[target->index].strength,
        };
    }
}

static void add_marks(struct matcher *matcher, struct scan_raw raw, size_t *count, uint64_t *lost)
{
    const struct literals *literals = &matcher->db->literals;
    for (uint32_t i = literals->first[raw.literal]; i < literals->first[raw.literal + 1]; i++) {
        const struct literals_target *target = &literals->targets[i];
        if (target->kind != LITERALS_MARK)
            return; /* marks stand first */
        if (*count == SCAN_FOUND_MAX) {
            ++*lost;
            continue;
        }
        uint32_t len = literals->begin[raw.literal + 1] - literals->begin[raw.literal];
        matcher->found[(*count)++] = (struct scan_found){
            .begin = raw.end - len + target->front,
            .end = raw.end - target->back,
            .form = target->form,
            .hit = {.mark = target->index},
        };
    }
}

size_t scan_collect(struct matcher *matcher, uint32_t index, size_t *ret_cues, uint64_t *ret_lost)
{
    const struct scan_listing *listing = &matcher->listings[index];
    size_t marks = 0, cues = 0;
    uint64_t lost = listing->lost_marks + listing->lost_cues;
    for (uint32_t i = 0; i < listing->marks; i++)
        add_marks(matcher, matcher->raw_marks[index * SCAN_RAW_MARKS_MAX + i], &marks, &lost);
    for (uint32_t i = 0; i < listing->cues; i++)
        add_cues(matcher, matcher->raw_cues[index * SCAN_RAW_CUES_MAX + i], &cues, &lost);
    *ret_cues = cues;
    *ret_lost = lost;
    return marks;
}

static bool before_by_mark(const struct scan_found *a, const struct scan_found *b)
{
    if (a->hit.mark != b->hit.mark)
        return a->hit.mark < b->hit.mark;
    if (a->begin != b->begin)
        return a->begin < b->begin;
    if (a->end != b->end)
        return a->end > b->end;
    return a->form < b->form;
}

/* Whether cue stands near enough, and if so how far. A cue that overlaps the mark says nothing. */
static bool is_near(const struct scan_found *found, const struct scan_cue *cue, uint32_t *ret_gap)
{
    if (cue->begin < found->end && found->begin < cue->end)
        return false;
    *ret_gap = cue->begin >= found->end ? cue->begin - found->end : found->begin - cue->end;
    return *ret_gap <= near_bytes[cue->strength];
}

/* The strongest cue near, of equals the nearest, of equals the one listed first. */
static const struct scan_cue *nearest(const struct matcher *matcher, const struct scan_found *found,
                                      size_t cues)
{
    const struct scan_cue *best = NULL;
    uint32_t best_gap = 0;
    for (size_t i = 0; i < cues; i++) {
        const struct scan_cue *cue = &matcher->cues[i];
        uint32_t gap = 0;
        if (!is_near(found, cue, &gap))
            continue;
        bool better = best == NULL || cue->strength > best->strength;
        if (!better && cue->strength == best->strength)
            better = gap < best_gap || (gap == best_gap && cue->cue < best->cue);
        if (!better)
            continue;
        best = cue;
        best_gap = gap;
    }
    return best;
}

size_t scan_judge(struct matcher *matcher, size_t found, size_t cues)
{
    struct scan_found *items = matcher->found;
    size_t kept = 0;
    scan_sort(items, found, before_by_mark);
    uint32_t outer_begin = 0, outer_end = 0, mark = UINT32_MAX;
    for (size_t i = 0; i < found; i++) {
        struct scan_found item = items[i];
        bool same = item.hit.mark == mark;
        bool equal = same && item.begin == outer_begin && item.end == outer_end;
        if (same && !equal && item.end <= outer_end)
            continue; /* inside a longer span of the same mark */
        mark = item.hit.mark;
        outer_begin = item.begin;
        outer_end = item.end;
        item.cue = nearest(matcher, &item, cues);
        if (matcher->db->lists->marks[mark].generic && item.cue == NULL)
            continue; /* DESIGN 9.19: never alone; any cue near it will do */
        items[kept++] = item;
    }
    return kept;
}

static bool before_by_place(const struct scan_found *a, const struct scan_found *b)
{
    if (a->hit.span.field != b->hit.span.field)
        return a->hit.span.field < b->hit.span.field;
    if (a->hit.span.from != b->hit.span.from)
        return a->hit.span.from < b->hit.span.from;
    if (a->hit.mark != b->hit.mark)
        return a->hit.mark < b->hit.mark;
    return a->hit.span.to > b->hit.span.to;
}

/* Copies at most MATCHER_HITS_MAX hits, of the greatest class first, in the order of the text. */
static size_t report(struct matcher *matcher, size_t found, enum matcher_class *ret_class)
{
    size_t room = MATCHER_HITS_MAX, counterfeit = 0, others = 0, count = 0;
    scan_sort(matcher->found, found, before_by_place);
    for (size_t i = 0; i < found; i++)
        counterfeit += matcher->found[i].hit.class == MATCHER_CLASS_COUNTERFEIT;
    *ret_class = counterfeit > 0 ? MATCHER_CLASS_COUNTERFEIT
                 : found > 0     ? MATCHER_CLASS_MARK
                                 : MATCHER_CLASS_NONE;
    size_t room_others = counterfeit < room ? room - counterfeit : 0;
    for (size_t i = 0; i < found && count < room; i++) {
        const struct matcher_hit *hit = &matcher->found[i].hit;
        if (hit->class != MATCHER_CLASS_COUNTERFEIT && others++ >= room_others)
            continue;
        matcher->hits[count++] = *hit;
    }
    return count;
}

void matcher_result(struct matcher *matcher, uint32_t index, struct matcher_result *ret_result)
{
    assert(matcher->scanned);
    assert(index < matcher->count);
    const struct scan_listing *listing = &matcher->listings[index];
    *ret_result = (struct matcher_result){.hits = matcher->hits};
    if (listing->failed) {
        ret_result->outcome = MATCHER_OUTCOME_FAILED;
        return;
    }
    if (listing->marks == 0)
        return;
    size_t cues = 0;
    uint64_t lost = 0;
    size_t found = scan_collect(matcher, index, &cues, &lost);
    found = scan_judge(matcher, found, cues);
    found = scan_trace(matcher, listing, found);
    ret_result->hits_count = report(matcher, found, &ret_result->class);
    ret_result->hits_total = found + (size_t)lost;
    if (ret_result->hits_total > ret_result->hits_count)
        ret_result->outcome = MATCHER_OUTCOME_CUT;
}
