/*
 * The offset map of the fold: which raw bytes a folded byte comes from, and how they were written.
 */
#include "matcher/fold_trace.h"

#include "matcher/fold_step.h"
#include "matcher/matcher.h"
#include "matcher/notation.h"

/* Folded bytes before a part from which on the map is kept, so that it is right at the part's first
   byte: more than one step writes. */
#define PART_MARGIN 128u

enum invisible {
    INVISIBLE_NONE = 0,    /* no such code point */
    INVISIBLE_SOFT = 1,    /* honest text has it anywhere: soft hyphen, variation selectors */
    INVISIBLE_JOINER = 2,  /* honest between letters that join or stack, odd in other scripts */
    INVISIBLE_BREAK = 4,   /* honest where syllables are parted so, odd in other scripts */
    INVISIBLE_FORMAT = 8,  /* honest between right-to-left letters and others */
    INVISIBLE_FILLER = 16, /* honest nowhere inside a word */
};

static const struct fold_range *find_range(const struct fold_range *range, size_t count,
                                           uint32_t cp)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (range[middle].last < cp)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && range[low].first <= cp ? &range[low] : NULL;
}

uint32_t fold_order_of(uint32_t cp)
{
    const struct fold_range *range = find_range(fold_orders, fold_orders_count, cp);
    return range == NULL ? 0 : range->value;
}

uint16_t fold_bits_of(uint32_t cp)
{
    if (cp < 0xA8 || (cp >= 0x3400 && cp < 0xA640) || (cp >= 0xAC00 && cp < 0xD7A4))
        return 0; /* nothing there, and often asked for */
    const struct fold_range *range = find_range(fold_bits, fold_bits_count, cp);
    return range == NULL ? 0 : (uint16_t)range->value;
}

uint32_t fold_compose(uint32_t first, uint32_t second)
{
    size_t low = 0, high = fold_pairs_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct fold_pair *pair = &fold_pairs[middle];
        if (pair->first == first && pair->second == second)
            return pair->composed;
        if (pair->first < first || (pair->first == first && pair->second < second))
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static enum invisible invisible_kind(uint32_t cp)
{
    static const struct fold_range kinds[] = {
        {0x00AD, 0x00AD, INVISIBLE_SOFT},     {0x034F, 0x034F, INVISIBLE_JOINER},
        {0x0640, 0x0640, INVISIBLE_SOFT},     {0x061C, 0x061C, INVISIBLE_FORMAT},
        {0x115F, 0x1160, INVISIBLE_FILLER},   {0x17B4, 0x17B5, INVISIBLE_SOFT},
        {0x180B, 0x180D, INVISIBLE_SOFT},     {0x180E, 0x180E, INVISIBLE_JOINER},
        {0x180F, 0x180F, INVISIBLE_SOFT},     {0x200B, 0x200B, INVISIBLE_BREAK},
        {0x200C, 0x200D, INVISIBLE_JOINER},   {0x200E, 0x200F, INVISIBLE_FORMAT},
        {0x202A, 0x202E, INVISIBLE_FORMAT},   {0x2060, 0x2060, INVISIBLE_BREAK},
        {0x2061, 0x206F, INVISIBLE_FORMAT},   {0x2800, 0x2800, INVISIBLE_FILLER},
        {0x3164, 0x3164, INVISIBLE_FILLER},   {0xFE00, 0xFE0F, INVISIBLE_SOFT},
        {0xFEFF, 0xFEFF, INVISIBLE_BREAK},    {0xFFA0, 0xFFA0, INVISIBLE_FILLER},
        {0xFFF0, 0xFFFB, INVISIBLE_FORMAT},   {0x1BCA0, 0x1BCA3, INVISIBLE_FORMAT},
        {0x1D173, 0x1D17A, INVISIBLE_FORMAT}, {0xE0000, 0xE00FF, INVISIBLE_FORMAT},
        {0xE0100, 0xE01EF, INVISIBLE_SOFT},   {0xE01F0, 0xE0FFF, INVISIBLE_FORMAT},
    };
    const struct fold_range *range = find_range(kinds, sizeof kinds / sizeof kinds[0], cp);
    return range == NULL ? INVISIBLE_NONE : (enum invisible)range->value;
}

bool fold_is_invisible(uint32_t cp)
{
    return invisible_kind(cp) != INVISIBLE_NONE;
}

bool fold_is_odd_invisible(uint32_t cp)
{
    return (invisible_kind(cp) & ~(unsigned)INVISIBLE_SOFT) != 0;
}

/* Whether a folded letter belongs to a script that never needs joiners or direction marks: Latin,
   Greek, Cyrillic, Armenian, Georgian and the digits. */
static bool is_plain_script(uint32_t cp)
{
    return cp < 0x590 || (cp >= 0x10A0 && cp <= 0x10FF) || (cp >= 0x1D00 && cp <= 0x1FFF) ||
           (cp >= 0x2C00 && cp <= 0x2DFF) || (cp >= 0xA640 && cp <= 0xA7FF);
}

static bool is_right_to_left(uint32_t cp)
{
    return (cp >= 0x590 && cp < 0x900) || (cp >= 0xFB1D && cp < 0xFEFF);
}

/* Letters that joiners join, part or stack: Arabic and its like, and the scripts of India and of
   South East Asia, by their blocks. */
static bool is_joined(uint32_t cp)
{
    return (cp >= 0x600 && cp < 0x10A0) || (cp >= 0x1700 && cp < 0x1C80) ||
           (cp >= 0xA800 && cp < 0xAC00) || (cp >= 0xFB50 && cp < 0xFEFF);
}

/* Letters of scripts that part syllables or words by invisible signs: Thai to Tibetan, Myanmar,
   Khmer, Tai and Javanese. */
static bool is_parted(uint32_t cp)
{
    return (cp >= 0xE00 && cp < 0x10A0) || (cp >= 0x1780 && cp < 0x1800) ||
           (cp >= 0x1950 && cp < 0x1AB0) || (cp >= 0xA980 && cp < 0xAAE0);
}

static size_t begin_of_last(const uint8_t *out, size_t end)
{
    size_t begin = end - 1;
    while (begin > 0 && (out[begin] & 0xC0) == 0x80)
        begin--;
    return begin;
}

/* Whether no honest text has the pending signs between the letter before begin and the one at
   begin. */
static bool is_odd_between(const struct fold_trace *trace, size_t begin, size_t end)
{
    uint32_t left = ' ', right = ' ';
    size_t before = begin_of_last(trace->out, begin);
    (void)fold_decode(trace->out + before, begin - before, &left); /* the result is UTF-8 */
    (void)fold_decode(trace->out + begin, end - begin, &right);
    unsigned odd = INVISIBLE_FILLER;
    if (left != ' ' && !is_joined(left) && !is_joined(right))
        odd |= INVISIBLE_JOINER;
    if (left != ' ' && !is_parted(left) && !is_parted(right))
        odd |= INVISIBLE_BREAK;
    if (left != ' ' && is_right_to_left(left) == is_right_to_left(right))
        odd |= INVISIBLE_FORMAT;
    return (trace->pending & odd) != 0;
}

void fold_trace_letters(struct fold_trace *trace, size_t begin, size_t end,
                        const struct fold_source *source)
{
    uint16_t bits = source->bits;
    if (trace->pending != 0 && begin > 0 && is_odd_between(trace, begin, end))
        bits |= MATCHER_TECHNIQUE_INVISIBLE;
    bits |= trace->spelled;
    trace->pending = trace->spelled = 0;
    for (size_t i = begin; i < end; i++) {
        trace->map->from[i] = source->from;
        trace->map->to[i] = source->to;
        trace->map->bits[i] = bits;
    }
    trace->base = source->cp;
    trace->base_at = begin;
    trace->marks_count = 0;
    trace->odd = false;
}

static void put_space(struct fold_trace *trace, size_t at, uint32_t from, uint32_t to)
{
    trace->map->from[at] = from;
    trace->map->to[at] = to;
    trace->map->bits[at] = 0;
    trace->pending = trace->spelled = 0;
    trace->base = 0;
}

void fold_trace_space(struct fold_trace *trace, size_t at, const struct fold_source *source,
                      bool sign)
{
    put_space(trace, at, source->from, sign ? source->to : source->from);
    if (sign)
        trace->map->bits[at] = source->bits & (NOTATION_TECHNIQUES | MATCHER_TECHNIQUE_MARKUP);
}

void fold_trace_more(struct fold_trace *trace, size_t at, const struct fold_source *source)
{
    trace->map->bits[at] |= source->bits & MATCHER_TECHNIQUE_MARKUP;
}

/* Whether NFC composes the base and all its marks, tried in canonical order. */
static bool composes(uint32_t base, const uint32_t *marks, unsigned count)
{
    uint32_t sorted[FOLD_MARKS_MAX];
    for (unsigned i = 0; i < count; i++) {
        unsigned at = i;
        uint32_t order = fold_order_of(marks[i]);
        for (; at > 0 && fold_order_of(sorted[at - 1]) > order; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = marks[i];
    }
    uint32_t whole = base;
    for (unsigned i = 0; i < count && whole != 0; i++)
        whole = fold_compose(whole, sorted[i]);
    return whole != 0;
}

/* Marks that honest text sets on letters although no composed form exists: the points and vowel
   signs of Arabic, Hebrew and Indic, the stress of Russian. */
static bool is_common_mark(uint32_t base, uint32_t mark)
{
    if (!is_plain_script(base) && base < 0xFE00)
        return true;
    bool cyrillic = base >= 0x400 && base < 0x530;
    return cyrillic && (mark == 0x300 || mark == 0x301);
}

uint16_t fold_mark_bits(uint32_t base, uint32_t mark, const uint32_t *marks, unsigned count)
{
    if (is_common_mark(base, mark))
        return 0;
    bool odd = count > FOLD_MARKS_MAX || !composes(base, marks, count);
    return MATCHER_TECHNIQUE_ACCENT | (odd ? MATCHER_TECHNIQUE_COMBINING : 0);
}

void fold_trace_ignored(struct fold_trace *trace, size_t end, const struct fold_source *source)
{
    enum invisible kind = invisible_kind(source->cp);
    if (kind != INVISIBLE_NONE) {
        trace->pending |= kind;
        trace->spelled |= source->bits & NOTATION_TECHNIQUES;
        return;
    }
    if (trace->base == 0)
        return;
    if (trace->marks_count < FOLD_MARKS_MAX)
        trace->marks[trace->marks_count++] = source->cp;
    else
        trace->odd = true;
    unsigned count = trace->odd ? FOLD_MARKS_MAX + 1 : trace->marks_count;
    uint16_t add = fold_mark_bits(trace->base, source->cp, trace->marks, count);
    add |= source->bits & NOTATION_TECHNIQUES;
    for (size_t i = trace->base_at; i < end; i++) {
        trace->map->to[i] = source->to;
        trace->map->bits[i] &= (uint16_t)~MATCHER_TECHNIQUE_COMBINING;
        trace->map->bits[i] |= add;
    }
}

void fold_trace_joined(struct fold_trace *trace, size_t begin, size_t end,
                       const struct fold_source *source)
{
    for (size_t i = begin; i < end; i++) {
        trace->map->to[i] = source->to;
        trace->map->bits[i] |= source->bits;
    }
    trace->pending = trace->spelled = 0;
}

void fold_trace_swap(struct fold_trace *trace, size_t begin, size_t middle, size_t end)
{
    const struct fold_map *map = trace->map;
    /* One raw range for both: the two have no order of their own any more. */
    uint32_t from = map->from[begin] < map->from[middle] ? map->from[begin] : map->from[middle];
    uint32_t to = map->to[begin] > map->to[middle] ? map->to[begin] : map->to[middle];
    uint16_t bits = map->bits[begin] | map->bits[middle];
    for (size_t i = begin; i < end; i++) {
        map->from[i] = from;
        map->to[i] = to;
        map->bits[i] = bits;
    }
    trace->base_at = begin;
}

/* The fold of one ASCII byte that is no reference, with nothing pending: what fold_step does, in
   the few steps that are left of it. */
static struct fold_hot ascii_step(struct fold_trace *trace, const struct fold_job *job,
                                  struct fold_hot hot)
{
    uint64_t entry = fold_two[*hot.at];
    uint32_t from = (uint32_t)(hot.at - job->begin);
    size_t at = (size_t)(hot.out - job->out);
    unsigned class = (unsigned)(entry >> FOLD_CLASS_SHIFT);
    hot.at++;
    trace->base = 0;
    if ((FOLD_SPACE_DUE >> (hot.last << 2 | class) & 1) != 0) {
        put_space(trace, at++, from, class == FOLD_SPACE ? from + 1 : from);
        *hot.out++ = ' ';
    }
    hot.last = class;
    if (class == FOLD_SPACE)
        return hot;
    *hot.out++ = (uint8_t)entry; /* an ASCII letter becomes one byte */
    trace->map->from[at] = from;
    trace->map->to[at] = from + 1;
    trace->map->bits[at] = 0;
    trace->base = hot.at[-1];
    trace->base_at = at;
    trace->marks_count = 0;
    trace->odd = false;
    return hot;
}

/* out is written through the job. NOLINTNEXTLINE(readability-non-const-parameter) */
size_t fold_map_part(const char *text, size_t len, char *out, const struct fold_map *map,
                     struct fold_part part)
{
    const uint8_t *begin = (const uint8_t *)text;
    struct fold_trace trace = {.map = map, .out = (uint8_t *)out};
    struct fold_job plain = {.begin = begin, .end = begin + len, .out = (uint8_t *)out};
    struct fold_job job = plain;
    struct fold_hot hot = fold_begin(&plain);
    job.trace = &trace;
    put_space(&trace, 0, 0, 0);
    while (hot.at < job.end && (size_t)(hot.out - job.out) + PART_MARGIN < part.begin)
        fold_next(&plain, &hot);
    map->bits[hot.out - 1 - job.out] = 0; /* a tag may be added to a space there */
    while (hot.at < job.end && (size_t)(hot.out - job.out) <= part.end) {
        bool ascii = *hot.at < 0x80 && (int64_t)fold_two[*hot.at] >= 0 && trace.pending == 0;
        hot = ascii ? ascii_step(&trace, &job, hot) : fold_step(&job, hot);
    }
    if (hot.last != FOLD_SPACE)
        put_space(&trace, (size_t)(hot.out - job.out), (uint32_t)len, (uint32_t)len);
    return fold_finish(&job, hot);
}

size_t fold_map(const char *text, size_t len, char *out, const struct fold_map *map)
{
    return fold_map_part(text, len, out, map, (struct fold_part){0, SIZE_MAX});
}

unsigned fold_case(uint32_t cp, uint32_t to[3])
{
    size_t low = 0, high = fold_cases_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (fold_cases[middle].from < cp)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == fold_cases_count || fold_cases[low].from != cp) {
        to[0] = cp;
        return 1;
    }
    unsigned count = 0;
    for (; count < 3 && fold_cases[low].to[count] != 0; count++)
        to[count] = fold_cases[low].to[count];
    return count;
}
