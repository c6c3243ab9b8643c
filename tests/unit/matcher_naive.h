/*
 * A slow and obvious matcher, written from the definitions: look for every listed form at every
 * place of the folded fields, check what stands on both sides, keep the longest of a mark, look for
 * the best cue. For the tests that compare the real one with it.
 */
#ifndef TESTS_UNIT_MATCHER_NAIVE_H
#define TESTS_UNIT_MATCHER_NAIVE_H

#include <unicode/uscript.h>

#include "matcher/context.h"
#include "matcher/fold.h"
#include "matcher/lists.h"
#include "matcher/matcher.h"
#include "matcher/tsv.h"
#include "matcher/variants.h"
#include "tests/unit/matcher_test.h"

#define FORMS_MAX  8192
#define SPANS_MAX  4096
#define FOLDED_MAX (1 << 18)

/* A listed form, folded, without the spaces at its ends. */
struct form {
    char *name;
    size_t len;
    uint32_t index;
    bool spaced_left, spaced_right, generic;
    bool apart, doubtful; /* see variants.h */
    unsigned strength;    /* of a cue */
    uint32_t first;
    char category[64]; /* of a mark */
};

struct span {
    uint32_t index, begin, end; /* in all fields joined */
    bool generic, doubtful;
    unsigned strength;
    const char *category;
};

struct naive {
    struct form marks[FORMS_MAX], cues[FORMS_MAX];
    size_t marks_count, cues_count;
    char text[FOLDED_MAX]; /* all fields, each folded and closed by a byte 1 */
    uint32_t from[FOLDED_MAX], to[FOLDED_MAX], field[FOLDED_MAX];
    size_t len;
    struct span found[SPANS_MAX], near[SPANS_MAX];
    size_t found_count, near_count;
    size_t expected; /* hits of all listings so far */
};

static struct naive naive;

static bool is_spaced(uint32_t cp)
{
    static const int unspaced[] = {USCRIPT_HAN,   USCRIPT_HIRAGANA, USCRIPT_KATAKANA,
                                   USCRIPT_THAI,  USCRIPT_HANGUL,   USCRIPT_LAO,
                                   USCRIPT_KHMER, USCRIPT_MYANMAR,  USCRIPT_BOPOMOFO};
    UErrorCode error = U_ZERO_ERROR;
    int script = (int)uscript_getScript((UChar32)cp, &error);
    for (size_t i = 0; i < sizeof unspaced / sizeof unspaced[0]; i++)
        if (script == unspaced[i])
            return false;
    return cp != 0x30FC; /* the prolonged sound mark is shared by both kana */
}

static struct form make_form(const char *text, size_t len, uint32_t index)
{
    char folded[8192];
    assert_true(fold_bound(len) <= sizeof folded);
    size_t folded_len = fold_text(text, len, folded);
    struct form form = {.len = folded_len - 2, .index = index};
    form.name = malloc(form.len + 1);
    assert_non_null(form.name);
    memcpy(form.name, folded + 1, form.len);
    form.name[form.len] = '\0';
    const uint8_t *bytes = (const uint8_t *)form.name;
    size_t last_at = form.len - 1;
    while ((bytes[last_at] & 0xC0) == 0x80)
        last_at--;
    uint32_t last = 0;
    (void)fold_decode(bytes, form.len, &form.first);
    (void)fold_decode(bytes + last_at, form.len - last_at, &last);
    form.spaced_left = last_at == 0 || is_spaced(form.first);
    form.spaced_right = last_at == 0 || is_spaced(last);
    return form;
}

/* Whether text ending at end is a space, or a space and a particle of the form's script. */
static bool begins_word(const struct form *form, const char *text, size_t end)
{
    static const char *const particles[2][13] = {
        {"ال", "و", "ب", "ل", "ف", "ك", "وال", "بال", "لل", "فال", "كال", "ول", "وب"},
        {"ה", "ו", "ב", "ל", "מ", "ש", "כ", "וה", "שה", "מה", "כש", "וב", "ול"}};
    if (text[end - 1] == ' ')
        return true;
    bool arabic = form->first >= 0x620 && form->first <= 0x6FF;
    bool hebrew = form->first >= 0x5D0 && form->first <= 0x5EA;
    if (form->len < 6 || (!arabic && !hebrew))
        return false;
    for (size_t i = 0; i < 13; i++) {
        const char *particle = particles[hebrew ? 1 : 0][i];
        size_t len = strlen(particle);
        if (end > len && memcmp(text + end - len, particle, len) == 0 && text[end - len - 1] == ' ')
            return true;
    }
    return false;
}

/* Whether two or three letters set apart stand between such letters. */
static bool is_among_singles(const struct form *form, size_t begin, size_t end)
{
    size_t gaps = 0, before = begin - 1, after = end + 1;
    uint32_t cp = 0;
    for (size_t i = 0; i < form->len; i++)
        gaps += form->name[i] == ' ';
    while (before > 0 && (uint8_t)naive.text[before - 1] > ' ')
        before--;
    while (after < naive.len && (uint8_t)naive.text[after] > ' ')
        after++;
    const uint8_t *left = (const uint8_t *)naive.text + before;
    const uint8_t *right = (const uint8_t *)naive.text + end + 1;
    return gaps < 3 && *left >= 0xE0 &&
           fold_decode(left, begin - 1 - before, &cp) == begin - 1 - before && *right >= 0xE0 &&
           fold_decode(right, after - end - 1, &cp) == after - end - 1;
}

static void find_all(const struct form *form, struct span *out, size_t *count)
{
    for (size_t at = 1; at + form->len < naive.len;) {
        const char *hit = memmem(naive.text + at, naive.len - at, form->name, form->len);
        if (hit == NULL)
            return;
        size_t begin = (size_t)(hit - naive.text), end = begin + form->len;
        at = begin + 1;
        if (form->spaced_left && !begins_word(form, naive.text, begin))
            continue;
        if (form->spaced_right && naive.text[end] != ' ')
            continue;
        if (form->apart && form->strength == 0 && is_among_singles(form, begin, end))
            continue;
        assert_true(*count < SPANS_MAX);
        out[(*count)++] =
            (struct span){form->index,    (uint32_t)begin, (uint32_t)end, form->generic,
                          form->doubtful, form->strength,  form->category};
    }
}

static void join_fields(const struct matcher_field *fields, size_t count)
{
    naive.len = 0;
    for (size_t i = 0; i < count; i++) {
        static uint16_t bits[FOLDED_MAX];
        assert_true(naive.len + fold_bound(fields[i].len) < FOLDED_MAX);
        struct fold_map map = {naive.from + naive.len, naive.to + naive.len, bits};
        size_t len = fold_map(fields[i].text, fields[i].len, naive.text + naive.len, &map);
        for (size_t k = 0; k <= len; k++)
            naive.field[naive.len + k] = (uint32_t)i;
        naive.len += len;
        naive.text[naive.len++] = '\x01';
    }
}

/* The field of a span, as text, and the span's place in it. */
static const char *field_of(const struct span *span, size_t *ret_len, size_t *ret_begin)
{
    size_t begin = span->begin, end = span->end;
    while (begin > 0 && naive.text[begin - 1] != '\x01')
        begin--;
    while (naive.text[end] != '\x01')
        end++;
    *ret_len = end - begin;
    *ret_begin = span->begin - begin;
    return naive.text + begin;
}

/* These rules are tables and a few lines, which test_context.c judges by sentences; here they are
   asked again, at the places that this matcher has found for itself. */
static bool is_denied(const struct span *cue)
{
    size_t len = 0, begin = 0, before = 0;
    const char *text = field_of(cue, &len, &begin);
    size_t end = begin + (cue->end - cue->begin);
    struct context_found found;
    for (size_t i = 0; i < naive.found_count; i++) {
        const struct span *name = &naive.found[i];
        bool joined = name->end == cue->begin ||
                      (name->end + 1 == cue->begin && naive.text[name->end] == ' ');
        if (joined && cue->begin - name->begin > before)
            before = cue->begin - name->begin;
    }
    return context_denies(text, len, begin, end, &found) ||
           (before > 0 && context_denies(text, len, begin - before, end, &found));
}

static bool is_inside_words(const struct span *mark)
{
    size_t len = 0, begin = 0;
    const char *text = field_of(mark, &len, &begin);
    return context_is_inside(text, len, begin, begin + (mark->end - mark->begin));
}

static bool counts_alone(const struct span *mark)
{
    size_t len = 0, begin = 0;
    const char *text = field_of(mark, &len, &begin);
    size_t end = begin + (mark->end - mark->begin);
    if (mark->generic &&
        !context_has_goods(text, len, begin, end, mark->category, strlen(mark->category)))
        return false;
    return !context_is_idiom(text, len, begin, end);
}

static const struct span *best_cue(const struct span *mark)
{
    static const uint32_t reach[4] = {0, 128, 192, 320};
    const struct span *best = NULL;
    uint32_t best_gap = 0;
    for (size_t i = 0; i < naive.near_count; i++) {
        const struct span *cue = &naive.near[i];
        if (cue->begin < mark->end && mark->begin < cue->end)
            continue;
        uint32_t gap = cue->begin >= mark->end ? cue->begin - mark->end : mark->begin - cue->end;
        if (gap > reach[cue->strength] || is_denied(cue))
            continue;
        if (best == NULL || cue->strength > best->strength ||
            (cue->strength == best->strength &&
             (gap < best_gap || (gap == best_gap && cue->index < best->index)))) {
            best = cue;
            best_gap = gap;
        }
    }
    return best;
}

/* Whether a span that is doubtful itself has no cue near, or a weak one. */
static bool is_too_doubtful(const struct span *span)
{
    const struct span *cue = best_cue(span);
    return span->doubtful && (cue == NULL || cue->strength < 2);
}

/* Whether another span of the same mark is longer and covers this one, or is an equal one before.
 */
static bool is_covered(size_t index)
{
    const struct span *a = &naive.found[index];
    for (size_t i = 0; i < naive.found_count; i++) {
        const struct span *b = &naive.found[i];
        if (i == index || a->index != b->index || b->begin > a->begin || b->end < a->end ||
            is_too_doubtful(b))
            continue;
        if (b->end - b->begin > a->end - a->begin || i < index)
            return true;
    }
    return false;
}

static const struct matcher_hit *find_hit(const struct matcher_result *result,
                                          const struct span *span)
{
    for (size_t i = 0; i < result->hits_count; i++) {
        const struct matcher_hit *hit = &result->hits[i];
        if (hit->mark == span->index && hit->span.field == naive.field[span->begin] &&
            hit->span.from == naive.from[span->begin] && hit->span.to == naive.to[span->end - 1])
            return hit;
    }
    return NULL;
}

/* Says what the naive matcher finds in a listing and that the result is exactly this. */
static void check(const struct matcher_field *fields, size_t count,
                  const struct matcher_result *result)
{
    join_fields(fields, count);
    naive.found_count = naive.near_count = 0;
    for (size_t i = 0; i < naive.marks_count; i++)
        find_all(&naive.marks[i], naive.found, &naive.found_count);
    for (size_t i = 0; i < naive.cues_count; i++)
        find_all(&naive.cues[i], naive.near, &naive.near_count);
    size_t expected = 0;
    for (size_t i = 0; i < naive.found_count; i++) {
        const struct span *span = &naive.found[i];
        if (is_too_doubtful(span) || is_covered(i) || is_inside_words(span))
            continue;
        const struct span *cue = best_cue(span);
        if (cue == NULL && !counts_alone(span))
            continue;
        expected++;
        naive.expected++;
        if (result->outcome == MATCHER_OUTCOME_CUT)
            continue;
        const struct matcher_hit *hit = find_hit(result, span);
        if (hit == NULL)
            (void)print_message("missing %u at %u in: %.*s\n", span->index, span->begin,
                                (int)fields[0].len, fields[0].text);
        assert_non_null(hit);
        assert_int_equal(hit->has_cue, cue != NULL);
        if (cue != NULL)
            assert_int_equal(naive.cues_count > 0 ? hit->cue : 0, cue->index);
        if (cue != NULL)
            assert_int_equal(hit->class, MATCHER_CLASS_COUNTERFEIT);
    }
    if (result->outcome == MATCHER_OUTCOME_OK)
        assert_int_equal(result->hits_count, expected);
}

static void forget_forms(void)
{
    for (size_t i = 0; i < naive.marks_count; i++)
        free(naive.marks[i].name);
    for (size_t i = 0; i < naive.cues_count; i++)
        free(naive.cues[i].name);
    naive.marks_count = naive.cues_count = 0;
}

/* Takes the forms of a list: the text, what is in the extra cell, and the aliases. */
static void take_forms(const char *text, bool marks, size_t text_cell, size_t extra_cell,
                       size_t alias_cell)
{
    struct tsv tsv = tsv_begin(text, strlen(text));
    struct tsv_cell cell[TSV_COLUMNS_MAX];
    struct matcher_error error;
    struct form *list = marks ? naive.marks : naive.cues;
    size_t *count = marks ? &naive.marks_count : &naive.cues_count, cells = 0;
    assert_int_equal(tsv_next(&tsv, cell, &cells, &error), 1); /* the columns' names */
    size_t category_cell = 0;
    while (category_cell < cells && memcmp(cell[category_cell].text, "category", 8) != 0)
        category_cell++;
    for (uint32_t index = 0; tsv_next(&tsv, cell, &cells, &error) == 1; index++) {
        size_t before = *count;
        list[(*count)++] = make_form(cell[text_cell].text, cell[text_cell].len, index);
        for (size_t at = 0; alias_cell < cells && at < cell[alias_cell].len;) {
            const char *alias = cell[alias_cell].text + at;
            const char *bar = memchr(alias, '|', cell[alias_cell].len - at);
            size_t len = bar == NULL ? cell[alias_cell].len - at : (size_t)(bar - alias);
            list[(*count)++] = make_form(alias, len, index);
            at += len + 1;
        }
        for (size_t i = before; i < *count; i++) {
            list[i].generic = marks && cell[extra_cell].text[0] == '1';
            if (category_cell < cells)
                (void)snprintf(list[i].category, sizeof list[i].category, "%.*s",
                               (int)cell[category_cell].len, cell[category_cell].text);
            list[i].strength = marks ? 0 : (unsigned)(cell[extra_cell].text[0] - '0');
        }
    }
}

/* Takes the variants of the lists, which have a naive generator of their own, behind their forms.
 */
static inline void take_variants(const struct matcher_lists *lists, const struct variants *variants)
{
    for (size_t i = 0; i < variants->count; i++) {
        const struct variants_item *item = &variants->items[i];
        bool is_mark = item->form < lists->forms_count;
        uint32_t index =
            is_mark ? lists->forms[item->form].mark : item->form - (uint32_t)lists->forms_count;
        struct form *list = is_mark ? naive.marks : naive.cues;
        size_t *count = is_mark ? &naive.marks_count : &naive.cues_count, first = 0;
        if (item->kind == VARIANTS_TURNED)
            continue;
        while (list[first].index != index)
            first++;
        struct form form = make_form(variants->bytes + item->at, item->len, index);
        form.generic = list[first].generic;
        form.strength = list[first].strength;
        memcpy(form.category, list[first].category, sizeof form.category);
        form.apart = item->kind == VARIANTS_APART;
        form.doubtful = item->doubtful;
        form.spaced_left = form.spaced_left || form.apart;
        form.spaced_right = form.spaced_right || form.apart;
        assert_true(*count < FORMS_MAX);
        list[(*count)++] = form;
    }
}

#endif
