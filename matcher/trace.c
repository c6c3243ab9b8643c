/*
 * Where a hit stands in the raw text and how it was written there: stage, techniques, class.
 */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "matcher/notation.h"
#include "matcher/rules.h"
#include "matcher/scan.h"

/* Techniques that no honest seller needs to write a name. Not among them: full-width letters and
   accents, which keyboards and languages give. */
#define DISGUISE                                                                                   \
    (MATCHER_TECHNIQUE_INVISIBLE | MATCHER_TECHNIQUE_ENTITY | MATCHER_TECHNIQUE_COMBINING |        \
     MATCHER_TECHNIQUE_COMPAT | MATCHER_TECHNIQUE_CONFUSABLE | MATCHER_TECHNIQUE_LEET |            \
     MATCHER_TECHNIQUE_SEPARATED | MATCHER_TECHNIQUE_ESCAPED | MATCHER_TECHNIQUE_MARKUP |          \
     MATCHER_TECHNIQUE_MASKED | MATCHER_TECHNIQUE_TURNED)
/* Techniques that only the squeezed reading undoes; of the others the fold could. */
#define SQUEEZED                                                                                   \
    (MATCHER_TECHNIQUE_LEET | MATCHER_TECHNIQUE_SEPARATED | MATCHER_TECHNIQUE_REPEATED |           \
     MATCHER_TECHNIQUE_MASKED | MATCHER_TECHNIQUE_JOINED | MATCHER_TECHNIQUE_SPLIT |               \
     MATCHER_TECHNIQUE_TURNED)

#define ADDRESS_BYTES_MAX 2048u

/* Reads a text as case-folded code points, every run of spaces as one. */
struct plain_reader {
    const uint8_t *text;
    size_t len, at;
    uint32_t pending[3];
    unsigned pending_count, pending_at;
};

static uint32_t plain_next(struct plain_reader *reader)
{
    if (reader->pending_at < reader->pending_count)
        return reader->pending[reader->pending_at++];
    uint32_t cp = 0;
    bool spaces = false;
    while (reader->at < reader->len) {
        unsigned step = fold_decode(reader->text + reader->at, reader->len - reader->at, &cp);
        if (step == 0) {
            cp = 0xFFFD;
            step = 1;
        }
        if (!fold_is_space(cp)) {
            if (spaces)
                return ' ';
            reader->at += step;
            reader->pending_count = fold_case(cp, reader->pending);
            reader->pending_at = 1;
            return reader->pending[0];
        }
        spaces = true;
        reader->at += step;
    }
    return spaces ? ' ' : UINT32_MAX;
}

/* Whether two texts are equal but for case and the kind and number of spaces. */
static bool is_plain(const char *a, size_t a_len, const char *b, size_t b_len)
{
    struct plain_reader left = {.text = (const uint8_t *)a, .len = a_len};
    struct plain_reader right = {.text = (const uint8_t *)b, .len = b_len};
    for (;;) {
        uint32_t cp = plain_next(&left);
        if (cp != plain_next(&right))
            return false;
        if (cp == UINT32_MAX)
            return true;
    }
}

/* The raw span of the batch bytes [begin, end) of the field that is mapped now. */
static struct matcher_span span_of(const struct matcher *matcher,
                                   const struct scan_listing *listing, uint32_t field,
                                   uint32_t begin, uint32_t end)
{
    uint32_t base = listing->field_begin[field];
    return (struct matcher_span){field, matcher->field_map.from[begin - base],
                                 matcher->field_map.to[end - base - 1]};
}

/* The listed text of what was found: a mark's form, or words of a rule. */
static const char *listed_text(const struct matcher *matcher, const struct scan_found *found,
                               bool core, size_t *ret_len)
{
    const struct matcher_lists *lists = matcher->db->lists;
    struct lists_text text;
    if (found->form == SCAN_NO_FORM) {
        const struct rules_phrase *phrase = &lists->rules->phrases[found->phrase];
        text = core ? phrase->core : phrase->text;
    } else {
        text = core ? lists->forms[found->form].core : lists->forms[found->form].text;
    }
    *ret_len = text.len;
    return lists_at(lists, text);
}

/* A way to write a form that is no part of its fold. */
static const struct {
    enum matcher_stage stage;
    unsigned technique;
} variants[VARIANTS_KINDS] = {
    [VARIANTS_INFLECTED] = {MATCHER_STAGE_FOLDED, 0},
    [VARIANTS_JOINED] = {MATCHER_STAGE_FOLDED, MATCHER_TECHNIQUE_JOINED},
    [VARIANTS_SPLIT] = {MATCHER_STAGE_FOLDED, MATCHER_TECHNIQUE_SPLIT},
    [VARIANTS_TYPO] = {MATCHER_STAGE_TYPO, MATCHER_TECHNIQUE_TYPO},
    [VARIANTS_ALIKE] = {MATCHER_STAGE_FOLDED, MATCHER_TECHNIQUE_CONFUSABLE},
    [VARIANTS_APART] = {MATCHER_STAGE_SQUEEZED, MATCHER_TECHNIQUE_SEPARATED},
    [VARIANTS_REVERSED] = {MATCHER_STAGE_SQUEEZED, MATCHER_TECHNIQUE_TURNED},
};

/* Whether a letter that begins at raw is spelled. */
static bool is_spelled(const char *raw)
{
    return *raw == '&' || *raw == '%' || *raw == '\\';
}

/* Whether a sign, or a tag, stands at text[at], and no space. */
static bool is_sign(const struct matcher_field *field, uint32_t at)
{
    return (uint8_t)field->text[at] > ' ';
}

/* What the text does to the letters that the listed form does not. The letters of a variant are not
   those of the form, one for one: what the form does anywhere is forgiven everywhere, accents too.
 */
static unsigned techniques_of(struct matcher *matcher, const struct scan_listing *listing,
                              const struct scan_found *found)
{
    size_t len = 0;
    const char *text = listed_text(matcher, found, false, &len);
    const struct matcher_span *span = &found->hit.span;
    const struct matcher_field *field = &listing->fields[span->field];
    const char *raw = field->text + span->from;
    bool in_word = found->variant == VARIANTS_SPLIT || found->variant == VARIANTS_APART;
    len = fold_map(text, len, matcher->form_text, &matcher->form_map);
    uint32_t base = found->begin - listing->field_begin[span->field];
    size_t written = found->end - found->begin;
    bool is_listed = found->variant == VARIANTS_LISTED;
    assert(!is_listed || len == written + 2);
    unsigned techniques = variants[found->variant].technique, somewhere = 0;
    unsigned before = MATCHER_TECHNIQUE_INVISIBLE | (is_spelled(raw) ? 0 : NOTATION_TECHNIQUES);
    for (size_t i = 1; i + 1 < len && !is_listed; i++)
        somewhere |= matcher->form_map.bits[i];
    bool inside = false; /* past the first code point: what stands before it is not in the name */
    for (size_t i = 0; i < written; i++) {
        unsigned here = matcher->field_map.bits[base + i];
        unsigned listed = is_listed ? matcher->form_map.bits[i + 1] : somewhere;
        bool tag = (here & MATCHER_TECHNIQUE_MARKUP) != 0; /* it is a space then */
        if (tag && !(in_word && is_sign(field, matcher->field_map.from[base + i])))
            here ^= MATCHER_TECHNIQUE_MARKUP | MATCHER_TECHNIQUE_TAGGED;
        inside = inside || (i > 0 && ((uint8_t)matcher->field_text[base + i] & 0xC0) != 0x80);
        if (!inside)
            here &= ~before;
        techniques |= here & ~listed;
        if (is_listed)
            techniques |= (here ^ listed) & MATCHER_TECHNIQUE_ACCENT;
    }
    /* A buyer sees one word: nothing but the tag parts it. */
    if (in_word && (techniques & MATCHER_TECHNIQUE_MARKUP) != 0)
        techniques &= ~variants[found->variant].technique;
    return techniques;
}

static struct matcher_span squeezed_span(const struct squeeze_hit *squeezed)
{
    return (struct matcher_span){squeezed->field, squeezed->from, squeezed->to};
}

static void trace_squeezed(struct scan_found *found)
{
    struct matcher_hit *hit = &found->hit;
    hit->span = squeezed_span(found->squeezed);
    hit->techniques = found->squeezed->techniques;
    hit->stage = (hit->techniques & MATCHER_TECHNIQUE_TYPO) != 0 ? MATCHER_STAGE_TYPO
                 : (hit->techniques & SQUEEZED) != 0             ? MATCHER_STAGE_SQUEEZED
                                                                 : MATCHER_STAGE_FOLDED;
}

static void trace_folded(struct matcher *matcher, const struct scan_listing *listing,
                         struct scan_found *found, uint32_t field)
{
    struct matcher_hit *hit = &found->hit;
    hit->span = span_of(matcher, listing, field, found->begin, found->end);
    size_t core_len = 0;
    const char *core = listed_text(matcher, found, true, &core_len);
    const char *raw = listing->fields[field].text + hit->span.from;
    bool plain = found->variant == VARIANTS_LISTED &&
                 is_plain(raw, hit->span.to - hit->span.from, core, core_len);
    hit->stage = found->variant != VARIANTS_LISTED ? variants[found->variant].stage
                 : plain                           ? MATCHER_STAGE_PLAIN
                                                   : MATCHER_STAGE_FOLDED;
    hit->techniques = plain ? 0 : techniques_of(matcher, listing, found);
}

/* Whether the raw byte at at belongs to an address on the web, where escapes are how it is written.
 */
static bool is_in_address(const struct matcher_field *field, size_t at)
{
    size_t begin = at, floor = at > ADDRESS_BYTES_MAX ? at - ADDRESS_BYTES_MAX : 0;
    while (begin > floor && (uint8_t)field->text[begin - 1] > ' ')
        begin--;
    if (at - begin >= 4 && strncasecmp(field->text + begin, "www.", 4) == 0)
        return true;
    for (size_t i = begin; i + 3 <= at; i++)
        if (memcmp(field->text + i, "://", 3) == 0)
            return true;
    return false;
}

/* Whether an ASCII letter or digit of the raw span is spelled, which nobody has to; escapes only
   outside of addresses. Honest feeds spell others, and signs and spaces. */
static bool is_spelled_needlessly(const struct matcher_field *field,
                                  const struct matcher_span *span)
{
    const uint8_t *text = (const uint8_t *)field->text, *end = text + span->to;
    bool address = is_in_address(field, span->from);
    for (const uint8_t *at = text + span->from; at < end;) {
        uint32_t cp = 0;
        uint16_t technique = 0;
        size_t len = notation_read(text, at, end, &cp, &technique);
        bool counts = technique == MATCHER_TECHNIQUE_ENTITY || !address;
        if (len != 0 && counts && fold_is_alnum(cp))
            return true;
        at += len != 0 ? len : 1;
    }
    return false;
}

static void trace_one(struct matcher *matcher, const struct scan_listing *listing,
                      struct scan_found *found, uint32_t field)
{
    struct matcher_hit *hit = &found->hit;
    if (found->squeezed != NULL)
        trace_squeezed(found);
    else
        trace_folded(matcher, listing, found, field);
    hit->has_cue = found->cue != NULL;
    hit->context = found->context.kind;
    /* An ordinary word that is also a mark says nothing by itself, however it is written. */
    unsigned disguise = hit->techniques & DISGUISE;
    if ((disguise & ~(unsigned)NOTATION_TECHNIQUES) == 0 && disguise != 0 &&
        !is_spelled_needlessly(&listing->fields[field], &hit->span))
        disguise = 0;
    bool disguised = disguise != 0 && hit->mark != MATCHER_NO_MARK && /* a rule's word is no name */
                     !matcher->db->lists->marks[hit->mark].generic;
    hit->class = hit->has_cue || disguised              ? MATCHER_CLASS_COUNTERFEIT
                 : hit->context != MATCHER_CONTEXT_NONE ? MATCHER_CLASS_MENTION
                                                        : MATCHER_CLASS_MARK;
}

/* Whether a says less against the seller than b: the form that the text comes nearest to counts. */
static bool is_milder(const struct matcher_hit *a, const struct matcher_hit *b)
{
    if (a->stage != b->stage)
        return a->stage < b->stage;
    unsigned a_disguise = a->techniques & DISGUISE, b_disguise = b->techniques & DISGUISE;
    if (a_disguise != b_disguise)
        return __builtin_popcount(a_disguise) < __builtin_popcount(b_disguise);
    return __builtin_popcount(a->techniques) < __builtin_popcount(b->techniques);
}

static bool is_here(const struct scan_listing *listing, uint32_t field, uint32_t begin)
{
    return begin >= listing->field_begin[field] && begin < listing->field_begin[field + 1];
}

/* Widens part by the batch bytes [begin, end) of a field. */
static void widen(struct fold_part *part, uint32_t base, uint32_t begin, uint32_t end)
{
    part->begin = begin - base < part->begin ? begin - base : part->begin;
    part->end = end - base > part->end ? end - base : part->end;
}

/* Maps the part of a field in which spans stand. False if none does. */
static bool map_field(struct matcher *matcher, const struct scan_listing *listing, uint32_t field,
                      size_t found)
{
    struct fold_part part = {SIZE_MAX, 0};
    uint32_t base = listing->field_begin[field];
    for (size_t i = 0; i < found; i++) {
        const struct scan_found *item = &matcher->found[i];
        if (is_here(listing, field, item->begin))
            widen(&part, base, item->begin, item->end);
        if (item->cue != NULL && is_here(listing, field, item->cue->begin))
            widen(&part, base, item->cue->begin, item->cue->end);
        if (item->context.kind != MATCHER_CONTEXT_NONE &&
            is_here(listing, field, item->context.begin))
            widen(&part, base, item->context.begin, item->context.end);
    }
    if (part.end == 0)
        return false;
    (void)fold_map_part(listing->fields[field].text, listing->fields[field].len,
                        matcher->field_text, &matcher->field_map, part); /* length: not needed */
    assert(memcmp(matcher->field_text + part.begin, matcher->batch + base + part.begin,
                  part.end - part.begin) == 0);
    return true;
}

/* Joins equal spans of one mark that came from several of its forms. */
static size_t join_equal(struct scan_found *items, size_t found)
{
    size_t kept = 0;
    for (size_t i = 0; i < found; i++) {
        struct scan_found *before = kept > 0 ? &items[kept - 1] : NULL;
        if (before == NULL || before->hit.mark != items[i].hit.mark ||
            before->begin != items[i].begin || before->end != items[i].end)
            items[kept++] = items[i];
        else if (is_milder(&items[i].hit, &before->hit))
            *before = items[i];
    }
    return kept;
}

size_t scan_trace(struct matcher *matcher, const struct scan_listing *listing, size_t found)
{
    for (uint32_t field = 0; field < listing->fields_count; field++) {
        if (!map_field(matcher, listing, field, found))
            continue;
        for (size_t i = 0; i < found; i++) {
            struct scan_found *item = &matcher->found[i];
            if (is_here(listing, field, item->begin))
                trace_one(matcher, listing, item, field);
            const struct scan_context *context = &item->context;
            if (context->kind != MATCHER_CONTEXT_NONE && is_here(listing, field, context->begin))
                item->hit.context_span =
                    span_of(matcher, listing, field, context->begin, context->end);
            if (item->cue == NULL || !is_here(listing, field, item->cue->begin))
                continue;
            item->hit.cue = item->cue->cue;
            item->hit.cue_span =
                item->cue->squeezed != NULL
                    ? squeezed_span(item->cue->squeezed)
                    : span_of(matcher, listing, field, item->cue->begin, item->cue->end);
        }
    }
    return join_equal(matcher->found, found);
}
