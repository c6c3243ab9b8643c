/*
 * Hits of the squeezed reading among those of the engine: their raw ranges become ranges of the
 * batch, so that nearness and order are counted on one axis.
 */
#include <assert.h>

#include "matcher/scan.h"

/* The first of count folded bytes that ends behind the raw offset from. */
static uint32_t first_behind(const struct fold_map *map, size_t count, uint32_t from)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->to[middle] <= from)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* The end of the folded bytes that begin before the raw offset to. */
static uint32_t end_before(const struct fold_map *map, size_t count, uint32_t to)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->from[middle] < to)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* Folded bytes of the field that is mapped now; signs at the ends fold to spaces, which are no part
   of a name. */
static struct fold_part part_of(const struct matcher *matcher, size_t count,
                                const struct squeeze_hit *hit)
{
    uint32_t begin = first_behind(&matcher->field_map, count, hit->from);
    uint32_t end = end_before(&matcher->field_map, count, hit->to);
    while (begin < end && matcher->field_text[begin] == ' ')
        begin++;
    while (end > begin && matcher->field_text[end - 1] == ' ')
        end--;
    return (struct fold_part){begin, end};
}

/* Whether the engine has found the same mark there; a misspelling says less than a disguise, and
   what is doubtful less than what is not. */
static bool is_known(const struct scan_found *items, size_t count, const struct scan_found *item)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].variant != VARIANTS_TYPO && items[i].doubtful <= item->doubtful &&
            items[i].hit.mark == item->hit.mark && items[i].begin < item->end &&
            item->begin < items[i].end)
            return true;
    return false;
}

/* What has been gathered so far. */
struct gathered {
    size_t engine_marks, marks, cues;
    uint64_t lost;
};

static void add_mark(struct matcher *matcher, const struct squeeze_hit *hit, struct fold_part part,
                     struct gathered *gathered)
{
    uint32_t form = hit->form;
    struct scan_found item = {
        .begin = (uint32_t)part.begin,
        .end = (uint32_t)part.end,
        .form = form,
        .doubtful = hit->doubtful,
        .squeezed = hit,
        .hit = {.mark = matcher->db->lists->forms[form].mark},
    };
    if (is_known(matcher->found, gathered->engine_marks, &item))
        return;
    if (gathered->marks == SCAN_FOUND_MAX)
        gathered->lost++;
    else
        matcher->found[gathered->marks++] = item;
}

static void add_cue(struct matcher *matcher, const struct squeeze_hit *hit, struct fold_part part,
                    struct gathered *gathered)
{
    const struct matcher_lists *lists = matcher->db->lists;
    uint32_t cue = hit->form - (uint32_t)lists->forms_count;
    if (gathered->cues == SCAN_FOUND_MAX)
        gathered->lost++;
    else
        matcher->cues[gathered->cues++] = (struct scan_cue){
            .begin = (uint32_t)part.begin,
            .end = (uint32_t)part.end,
            .cue = cue,
            .strength = lists->cues[cue].strength,
            .squeezed = hit,
        };
}

size_t scan_add_squeezed(struct matcher *matcher, uint32_t index, size_t marks, size_t *cues,
                         uint64_t *lost)
{
    const struct scan_listing *listing = &matcher->listings[index];
    const struct squeeze_found *squeezed = &matcher->squeezed[index];
    struct gathered gathered = {marks, marks, *cues, *lost + squeezed->lost};
    uint32_t field = UINT32_MAX;
    size_t count = 0;
    for (uint32_t i = 0; i < squeezed->count; i++) {
        const struct squeeze_hit *hit = &squeezed->hits[i];
        if (hit->field != field) {
            field = hit->field;
            count = fold_map(listing->fields[field].text, listing->fields[field].len,
                             matcher->field_text, &matcher->field_map);
        }
        struct fold_part part = part_of(matcher, count, hit);
        part.begin += listing->field_begin[field];
        part.end += listing->field_begin[field];
        if (hit->form < matcher->db->lists->forms_count)
            add_mark(matcher, hit, part, &gathered);
        else
            add_cue(matcher, hit, part, &gathered);
    }
    *cues = gathered.cues;
    *lost = gathered.lost;
    return gathered.marks;
}
