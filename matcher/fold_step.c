/*
 * The definition of the fold: one code point, reference or bad byte at a time, with everything that
 * the fast paths leave out (references, sequences, Hangul and kana composition, order of marks).
 */
#include "matcher/fold_step.h"

#include "matcher/fold_trace.h"
#include "matcher/looks_tag.h"
#include "matcher/notation.h"

#define HANGUL_SYLLABLE 0xAC00u
#define HANGUL_LEADING  0x1100u
#define HANGUL_VOWEL    0x1161u
#define HANGUL_TAIL     0x11A7u /* one before the first: 0 means no tail */
#define HANGUL_LEADINGS 19u
#define HANGUL_VOWELS   21u
#define HANGUL_TAILS    28u

/* Marks that one mark may be moved over. Longer runs stand in no language, and without a limit
   hostile text would cost its length squared. */
#define ORDER_MOVES_MAX 30u

uint64_t fold_entry(uint32_t cp)
{
    uint8_t bytes[FOLD_FAST_BYTES] = {0};
    unsigned len = 0;
    (void)fold_encode(cp, bytes); /* the length is found again by the look-up */
    return fold_lookup(bytes, &len);
}

/* The last code point of the result, which begins with a space. */
static uint32_t last_code_point(const struct fold_job *job, const uint8_t *end, unsigned *ret_len)
{
    unsigned len = 1;
    while (end - len > job->out && (end[-(int)len] & 0xC0) == 0x80)
        len++;
    uint32_t cp = ' ';
    (void)fold_decode(end - len, len, &cp); /* the result is UTF-8 */
    *ret_len = len;
    return cp;
}

/* Appends bytes of one class, with the space that is due before them. */
static struct fold_hot append(const struct fold_job *job, struct fold_hot hot, uint64_t entry,
                              const struct fold_source *source)
{
    unsigned class = (unsigned)(entry >> FOLD_CLASS_SHIFT) & 3;
    if (class == FOLD_IGNORE) {
        if (job->trace != NULL)
            fold_trace_ignored(job->trace, (size_t)(hot.out - job->out), source);
        return hot;
    }
    if ((FOLD_SPACE_DUE >> (hot.last << 2 | class) & 1) != 0) {
        if (job->trace != NULL)
            fold_trace_space(job->trace, (size_t)(hot.out - job->out), source, class == FOLD_SPACE);
        *hot.out++ = ' ';
    } else if (job->trace != NULL && class == FOLD_SPACE) {
        fold_trace_more(job->trace, (size_t)(hot.out - 1 - job->out), source);
    }
    hot.last = class;
    unsigned len = entry >> FOLD_LEN_SHIFT & 7;
    if (job->trace != NULL && class == FOLD_SPACE)
        job->trace->pending = job->trace->base = 0;
    if (len == 0)
        return hot;
    memcpy(hot.out, &entry, len);
    size_t begin = (size_t)(hot.out - job->out);
    hot.out += len;
    if (job->trace != NULL)
        fold_trace_letters(job->trace, begin, begin + len, source);
    return hot;
}

static uint64_t entry_for(uint32_t cp, enum fold_class class)
{
    uint8_t bytes[4] = {0};
    uint64_t len = fold_encode(cp, bytes);
    uint32_t low = 0;
    memcpy(&low, bytes, sizeof low);
    return low | len << FOLD_LEN_SHIFT | (uint64_t) class << FOLD_CLASS_SHIFT;
}

/* Puts composed, which is as long, in the place of the last code point. */
static struct fold_hot join(const struct fold_job *job, struct fold_hot hot, uint32_t composed,
                            const struct fold_source *source)
{
    uint8_t *begin = hot.out - 3;
    (void)fold_encode(composed, begin); /* Kana and Hangul have 3 bytes each */
    if (job->trace != NULL)
        fold_trace_joined(job->trace, (size_t)(begin - job->out), (size_t)(hot.out - job->out),
                          source);
    return hot;
}

static struct fold_hot add_voicing(const struct fold_job *job, struct fold_hot hot, uint32_t mark,
                                   const struct fold_source *source)
{
    unsigned len = 0;
    uint32_t composed = fold_compose(last_code_point(job, hot.out, &len), mark);
    if (composed != 0 && len == 3)
        return join(job, hot, composed, source);
    if (job->trace != NULL)
        fold_trace_ignored(job->trace, (size_t)(hot.out - job->out), source);
    return hot;
}

static struct fold_hot add_jamo(const struct fold_job *job, struct fold_hot hot, uint32_t jamo,
                                const struct fold_source *source)
{
    unsigned len = 0;
    uint32_t last = last_code_point(job, hot.out, &len);
    if (jamo < HANGUL_TAIL && last - HANGUL_LEADING < HANGUL_LEADINGS) {
        uint32_t pair = (last - HANGUL_LEADING) * HANGUL_VOWELS + jamo - HANGUL_VOWEL;
        return join(job, hot, HANGUL_SYLLABLE + pair * HANGUL_TAILS, source);
    }
    uint32_t syllable = last - HANGUL_SYLLABLE;
    if (jamo > HANGUL_TAIL && syllable < HANGUL_LEADINGS * HANGUL_VOWELS * HANGUL_TAILS &&
        syllable % HANGUL_TAILS == 0)
        return join(job, hot, last + jamo - HANGUL_TAIL, source);
    return append(job, hot, entry_for(jamo, FOLD_UNSPACED), source);
}

/* Appends a kept mark and moves it before those with a greater combining class. */
static struct fold_hot add_mark(const struct fold_job *job, struct fold_hot hot, uint64_t entry,
                                const struct fold_source *source)
{
    uint32_t mark = (uint32_t)entry;
    enum fold_class class = entry >> FOLD_CLASS_SHIFT & 3;
    hot = append(job, hot, entry_for(mark, class), source);
    unsigned len = 0;
    (void)last_code_point(job, hot.out, &len); /* it is the mark; its length is asked for */
    uint32_t order = fold_order_of(mark);
    uint8_t *at = hot.out - len;
    for (unsigned moves = 0; moves < ORDER_MOVES_MAX; moves++) {
        unsigned before = 0;
        uint32_t other = last_code_point(job, at, &before);
        if (fold_order_of(other) <= order)
            break;
        if (job->trace != NULL)
            fold_trace_swap(job->trace, (size_t)(at - before - job->out), (size_t)(at - job->out),
                            (size_t)(at + len - job->out));
        uint8_t bytes[4];
        memcpy(bytes, at, len);
        memmove(at - before + len, at - before, before);
        memcpy(at - before, bytes, len);
        at -= before;
    }
    return hot;
}

static struct fold_hot add_one(const struct fold_job *job, struct fold_hot hot, uint64_t entry,
                               const struct fold_source *source)
{
    if ((int64_t)entry >= 0)
        return append(job, hot, entry, source);
    switch ((enum fold_kind)(entry >> FOLD_LEN_SHIFT & 0xFF)) {
    case FOLD_KIND_VOICING:
        return add_voicing(job, hot, (uint32_t)entry, source);
    case FOLD_KIND_VOWEL:
    case FOLD_KIND_TAIL:
        return add_jamo(job, hot, (uint32_t)entry, source);
    case FOLD_KIND_MARK:
        return add_mark(job, hot, entry, source);
    case FOLD_KIND_NOTATION: /* a sign that begins none */
    case FOLD_KIND_SEQUENCE:
        break;
    }
    return append(job, hot, (uint64_t)FOLD_SPACE << FOLD_CLASS_SHIFT, source);
}

/* Reads what is spelled at at, or a tag, which counts as its '<'. Its length, or 0 for neither. */
static size_t read_spelled(const struct fold_job *job, const uint8_t *at, uint32_t *ret_cp,
                           uint16_t *ret_technique)
{
    const bool plain = *at == '<';
    size_t len = plain ? 0 : notation_read(job->begin, at, job->end, ret_cp, ret_technique);
    if (!plain && (len == 0 || *ret_cp != '<'))
        return len;
    size_t tag = looks_tag_silent(at, job->end);
    if (tag == 0)
        return len;
    *ret_cp = '<';
    *ret_technique = MATCHER_TECHNIQUE_MARKUP;
    return tag;
}

/* Reads what stands at at: a code point, one that is spelled, or a tag. Bad bytes are U+FFFD. */
static struct fold_source read_source(const struct fold_job *job, const uint8_t *at)
{
    struct fold_source source = {.cp = 0xFFFD, .from = (uint32_t)(at - job->begin)};
    uint16_t spelled = 0;
    size_t len = notation_may_begin(at, job->end) ? read_spelled(job, at, &source.cp, &spelled) : 0;
    if (len == 0) {
        spelled = 0;
        len = fold_decode(at, (size_t)(job->end - at), &source.cp);
    }
    source.to = source.from + (uint32_t)(len != 0 ? len : 1);
    if (job->trace == NULL)
        return source;
    source.bits = fold_bits_of(source.cp) | spelled;
    return source;
}

struct fold_hot fold_step(const struct fold_job *job, struct fold_hot hot)
{
    struct fold_source source = read_source(job, hot.at);
    uint64_t entry = fold_entry(source.cp);
    hot.at = job->begin + source.to;
    bool sequence = (int64_t)entry < 0 && (entry >> FOLD_LEN_SHIFT & 0xFF) == FOLD_KIND_SEQUENCE;
    if (!sequence)
        return add_one(job, hot, entry, &source);
    const uint32_t *item = &fold_sequences[(uint32_t)entry];
    for (uint32_t left = *item++; left > 0; left--, item++)
        hot = add_one(job, hot, fold_entry(*item), &source);
    return hot;
}
