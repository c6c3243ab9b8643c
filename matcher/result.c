/*
 * From raw hits to the result of a listing: which spans, near which cue, written how, of what
 * class.
 */
#include <assert.h>

#include "matcher/context.h"
#include "matcher/rules_run.h"
#include "matcher/sort.h"

/* How far from a mark a cue still speaks of it, by the cue's strength, in folded bytes between the
   two, counted over all fields in order. A title has 80 to 150 of them, so that a weak hint must
   stand in the same title and a plain word for "copy" may stand in the description. Chosen with
   evasion_a.ndjson: at 64 for weak hints 4 of 1,400 marks with a cue were missed, from 100 on none;
   on 17,246 real listings no width raises a false alarm. */
static const uint32_t near_bytes[4] = {0, 128, 192, 320};

#define DOUBTFUL_STRENGTH_MIN 2u /* of the cue that a doubtful name needs */

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

/* Whether the batch byte at at belongs to a word of one letter that is not ASCII. */
static bool is_single(const struct matcher *matcher, uint32_t begin, uint32_t end)
{
    uint32_t cp = 0;
    return end > begin && (uint8_t)matcher->batch[begin] >= 0xE0 &&
           fold_decode((const uint8_t *)matcher->batch + begin, end - begin, &cp) == end - begin;
}

/* Whether two or three letters set apart at [begin, end) stand among such letters: where a whole
   text is written so, they are none of it by themselves. On one side such a word may be one. */
static bool is_in_singles(const struct matcher *matcher, uint32_t begin, uint32_t end)
{
    uint32_t front = begin - 1, back = end + 1; /* of the words beside; spaces stand between */
    unsigned gaps = 0;
    for (uint32_t at = begin; at < end; at++)
        gaps += matcher->batch[at] == ' ';
    while (front > 0 && begin - front < 8 && (uint8_t)matcher->batch[front - 1] > ' ')
        front--;
    while (back < matcher->batch_len && back - end < 8 && (uint8_t)matcher->batch[back] > ' ')
        back++;
    return gaps < 3 && is_single(matcher, front, begin - 1) && is_single(matcher, end + 1, back);
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
        if (target->variant == VARIANTS_APART &&
            is_in_singles(matcher, raw.end - len + target->front, raw.end - target->back))
            continue;
        matcher->found[(*count)++] = (struct scan_found){
            .begin = raw.end - len + target->front,
            .end = raw.end - target->back,
            .form = target->form,
            .variant = target->variant,
            .doubtful = target->doubtful,
            .hit = {.mark = target->index},
        };
    }
}

/* Fills matcher->found and matcher->cues from the raw hits of a listing. Returns how many spans of
   marks there are; *ret_cues the cues; *ret_lost what did not fit. */
static size_t collect(struct matcher *matcher, uint32_t index, size_t *ret_cues, uint64_t *ret_lost)
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

static bool before_by_mark(const void *left, const void *right)
{
    const struct scan_found *a = left, *b = right;
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

/* The folded field that batch offset at lies in, as [*ret_begin, *ret_end) of the batch, without
   the separator behind it. */
static void field_at(const struct scan_listing *listing, uint32_t at, uint32_t *ret_begin,
                     uint32_t *ret_end)
{
    size_t field = 0;
    while (field + 1 < listing->fields_count && listing->field_begin[field + 1] <= at)
        field++;
    *ret_begin = listing->field_begin[field];
    *ret_end = listing->field_begin[field + 1] - 1;
}

static struct scan_context context_in_batch(uint32_t base, struct context_found found)
{
    return (struct scan_context){base + (uint32_t)found.begin, base + (uint32_t)found.end,
                                 found.kind};
}

/* Where the name begins behind which the cue stands at once, or else the cue: what denies a "NAME
   replica" stands before the name. */
static uint32_t begin_with_name(const struct matcher *matcher, const struct scan_cue *cue,
                                size_t found)
{
    uint32_t begin = cue->begin;
    for (size_t i = 0; i < found; i++) {
        const struct scan_found *name = &matcher->found[i];
        bool joined = name->end == cue->begin ||
                      (name->end + 1 == cue->begin && matcher->batch[name->end] == ' ');
        if (joined && name->begin < begin)
            begin = name->begin;
    }
    return begin;
}

/* Finds which of the cues the text denies. */
static void deny_cues(struct matcher *matcher, const struct scan_listing *listing, size_t found,
                      size_t cues)
{
    for (size_t i = 0; i < cues; i++) {
        struct scan_cue *cue = &matcher->cues[i];
        uint32_t begin = 0, end = 0;
        field_at(listing, cue->begin, &begin, &end);
        struct context_found denial = {.kind = MATCHER_CONTEXT_NONE};
        uint32_t name = begin_with_name(matcher, cue, found);
        cue->denied =
            context_denies(matcher->batch + begin, end - begin, cue->begin - begin,
                           cue->end - begin, &denial) ||
            (name < cue->begin && context_denies(matcher->batch + begin, end - begin, name - begin,
                                                 cue->end - begin, &denial));
        cue->denial = context_in_batch(begin, denial);
    }
}

/* The context of a name: what the words around it say, or that a cue near it is denied. */
static struct scan_context context_near(const struct matcher *matcher,
                                        const struct scan_listing *listing,
                                        const struct scan_found *found, size_t cues)
{
    uint32_t begin = 0, end = 0, gap = 0;
    field_at(listing, found->begin, &begin, &end);
    struct scan_context context =
        context_in_batch(begin, context_of(matcher->batch + begin, end - begin,
                                           found->begin - begin, found->end - begin));
    for (size_t i = 0; i < cues && context.kind != MATCHER_CONTEXT_ADVICE; i++)
        if (matcher->cues[i].denial.kind != MATCHER_CONTEXT_NONE &&
            is_near(found, &matcher->cues[i], &gap))
            context = matcher->cues[i].denial;
    return context;
}

/* Whether a mark counts although no cue is near: not if it is an ordinary word too and stands
   beside no word for its goods (DESIGN 9.19: never alone), nor as a part of an idiom. */
static bool counts_alone(const struct matcher *matcher, const struct scan_listing *listing,
                         const struct scan_found *found)
{
    const struct matcher_lists *lists = matcher->db->lists;
    const struct lists_mark *mark = &lists->marks[found->hit.mark];
    uint32_t base = 0, field_end = 0;
    field_at(listing, found->begin, &base, &field_end);
    const char *text = matcher->batch + base;
    size_t len = field_end - base, begin = found->begin - base, end = found->end - base;
    if (mark->generic && !context_has_goods(text, len, begin, end, lists_at(lists, mark->category),
                                            mark->category.len))
        return false;
    return !context_is_idiom(text, len, begin, end);
}

/* Whether what was found is rather part of other words, and no name at all. */
static bool is_inside_words(const struct matcher *matcher, const struct scan_listing *listing,
                            const struct scan_found *found)
{
    uint32_t base = 0, field_end = 0;
    field_at(listing, found->begin, &base, &field_end);
    return context_is_inside(matcher->batch + base, field_end - base, found->begin - base,
                             found->end - base);
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
        if (cue->denied || !is_near(found, cue, &gap))
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

/* Whether what was found says nothing without a cue, and none is near that is enough for it: a weak
   hint ("inspired by") is not for a name that is doubtful itself. */
static bool is_too_doubtful(const struct scan_found *found)
{
    return found->doubtful && (found->cue == NULL || found->cue->strength < DOUBTFUL_STRENGTH_MIN);
}

/* Drops spans inside a longer span of the same mark or inside other words, finds each one's cue
   and context, drops generic marks with neither a cue nor goods of their category beside them,
   unless a rule may keep them, and notes one of them in the result. Returns what is left, in the
   order mark, begin, longest first. */
static size_t judge(struct matcher *matcher, const struct scan_listing *listing, size_t found,
                    size_t cues, struct matcher_result *result)
{
    struct scan_found *items = matcher->found;
    size_t kept = 0;
    sort_in_place(items, found, sizeof *items, before_by_mark);
    deny_cues(matcher, listing, found, cues);
    uint32_t outer_begin = 0, outer_end = 0, mark = UINT32_MAX;
    for (size_t i = 0; i < found; i++) {
        struct scan_found item = items[i];
        bool same = item.hit.mark == mark;
        bool equal = same && item.begin == outer_begin && item.end == outer_end;
        if (same && !equal && item.end <= outer_end)
            continue; /* inside a longer span of the same mark */
        item.cue = nearest(matcher, &item, cues);
        if (is_too_doubtful(&item))
            continue; /* it hides no shorter one that is surer */
        mark = item.hit.mark;
        outer_begin = item.begin;
        outer_end = item.end;
        if (is_inside_words(matcher, listing, &item))
            continue;
        item.alone = item.cue == NULL && !counts_alone(matcher, listing, &item);
        if (item.alone) {
            result->has_ordinary = true;
            result->ordinary = item.hit.mark;
        }
        if (item.alone && matcher->rules == NULL)
            continue;
        item.context = context_near(matcher, listing, &item, cues);
        items[kept++] = item;
    }
    return kept;
}

static bool before_by_place(const void *left, const void *right)
{
    const struct scan_found *a = left, *b = right;
    if (a->hit.span.field != b->hit.span.field)
        return a->hit.span.field < b->hit.span.field;
    if (a->hit.span.from != b->hit.span.from)
        return a->hit.span.from < b->hit.span.from;
    if (a->hit.mark != b->hit.mark)
        return a->hit.mark < b->hit.mark;
    return a->hit.span.to > b->hit.span.to;
}

/* What is left out last: counterfeits that are sure, then those that are doubtful, then others. */
enum { RANK_SURE, RANK_DOUBTFUL, RANK_OTHER, RANKS };

static unsigned rank_of(const struct scan_found *found)
{
    if (found->hit.class != MATCHER_CLASS_COUNTERFEIT)
        return RANK_OTHER;
    return found->doubtful ? RANK_DOUBTFUL : RANK_SURE;
}

/* Copies at most MATCHER_HITS_MAX hits, of the first rank first, in the order of the text. */
static size_t report(struct matcher *matcher, size_t found, enum matcher_class *ret_class)
{
    size_t room = MATCHER_HITS_MAX, rooms[RANKS] = {0}, count = 0;
    sort_in_place(matcher->found, found, sizeof *matcher->found, before_by_place);
    *ret_class = MATCHER_CLASS_NONE;
    for (size_t i = 0; i < found; i++) {
        enum matcher_class class = matcher->found[i].hit.class;
        rooms[rank_of(&matcher->found[i])]++;
        *ret_class = class > *ret_class ? class : *ret_class;
    }
    for (unsigned rank = 0; rank < RANKS; rank++) {
        rooms[rank] = rooms[rank] < room ? rooms[rank] : room;
        room -= rooms[rank];
    }
    for (size_t i = 0; i < found; i++) {
        size_t *left = &rooms[rank_of(&matcher->found[i])];
        if (*left == 0)
            continue;
        --*left;
        matcher->hits[count++] = matcher->found[i].hit;
    }
    return count;
}

uint32_t matcher_cue_reach(unsigned strength)
{
    assert(strength < sizeof near_bytes / sizeof near_bytes[0]);
    return near_bytes[strength];
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
    const struct squeeze_found *squeezed = &matcher->squeezed[index];
    if (squeezed->unread || squeezed->doubted)
        ret_result->outcome = MATCHER_OUTCOME_CUT;
    struct rules_run *rules = matcher->rules;
    bool has_words = rules != NULL && rules->raw_count[index] > 0;
    if (listing->marks == 0 && squeezed->count == 0 && !has_words)
        return;
    size_t cues = 0;
    uint64_t lost = 0;
    size_t found = collect(matcher, index, &cues, &lost);
    found = scan_add_squeezed(matcher, index, found, &cues, &lost);
    found = judge(matcher, listing, found, cues, ret_result);
    if (rules != NULL) {
        rules_run_begin(matcher, index);
        found = rules_apply(matcher, found, &lost);
        if (rules->failed) {
            ret_result->outcome = MATCHER_OUTCOME_FAILED;
            return;
        }
    }
    found = scan_trace(matcher, listing, found);
    if (rules != NULL)
        rules_classes(matcher, found);
    for (size_t i = 0; i < found; i++) /* a rule may have kept it, or it stands elsewhere too */
        if (matcher->found[i].hit.mark == ret_result->ordinary)
            ret_result->has_ordinary = false;
    ret_result->hits_count = report(matcher, found, &ret_result->class);
    ret_result->hits_total = found + (size_t)lost;
    if (ret_result->hits_total > ret_result->hits_count || (rules != NULL && rules->cut))
        ret_result->outcome = MATCHER_OUTCOME_CUT;
}
