/*
 * The reading by looks: one unit after the other, from the tables. Notations and tags are read by
 * notation.c and looks_tag.c.
 */
#include "matcher/looks.h"

#include <assert.h>
#include <stdbool.h>

#include "matcher/fold.h"
#include "matcher/fold_trace.h"
#include "matcher/looks_tables.h"
#include "matcher/looks_tag.h"
#include "matcher/matcher.h"
#include "matcher/notation.h"

#define REPLACEMENT 0xFFFDu

static uint16_t entry_of(uint32_t cp)
{
    if (cp >= LOOKS_TABLE_END)
        return looks_high(cp);
    unsigned block = looks_stage1[cp >> LOOKS_BLOCK_SHIFT];
    return looks_blocks[block][cp & (LOOKS_BLOCK_COUNT - 1)];
}

/* Steps back over one code point; its length, or 0 at the beginning or behind bad bytes. */
static unsigned decode_before(const uint8_t *text, size_t at, uint32_t *ret_cp)
{
    for (unsigned len = 1; len <= 4 && len <= at; len++)
        if ((text[at - len] & 0xC0) != 0x80)
            return fold_decode(text + at - len, len, ret_cp) == len ? len : 0;
    return 0;
}

/* What the combining mark at at does to the letter before it. A mark whose letter cannot be seen,
   because either is spelled in a notation, is taken for odd: honest text spells neither. */
static uint16_t mark_techniques(const uint8_t *text, size_t at, uint32_t mark, bool spelled)
{
    uint32_t marks[FOLD_MARKS_MAX], kept[FOLD_MARKS_MAX], cp = 0;
    unsigned count = 1;
    marks[0] = mark;
    for (;;) {
        unsigned len = decode_before(text, at, &cp);
        if (len == 0)
            return spelled ? MATCHER_TECHNIQUE_ACCENT | MATCHER_TECHNIQUE_COMBINING : 0;
        uint16_t entry = entry_of(cp);
        unsigned kind = entry & LOOKS_KIND_MASK;
        at -= len;
        if (kind == LOOKS_LETTERS || kind == LOOKS_FOREIGN)
            break;
        if (kind != LOOKS_NOTHING)
            return spelled ? MATCHER_TECHNIQUE_ACCENT | MATCHER_TECHNIQUE_COMBINING : 0;
        if (count == FOLD_MARKS_MAX)
            return MATCHER_TECHNIQUE_ACCENT | MATCHER_TECHNIQUE_COMBINING;
        if (entry >> LOOKS_INDEX_SHIFT == LOOKS_NOTHING_MARK)
            marks[count++] = cp;
    }
    for (unsigned i = 0; i < count; i++)
        kept[i] = marks[count - 1 - i];
    return fold_mark_bits(cp, mark, kept, count);
}

static uint16_t nothing_techniques(const uint8_t *text, const struct looks_unit *unit,
                                   uint16_t entry, bool spelled)
{
    switch ((enum looks_nothing)(entry >> LOOKS_INDEX_SHIFT)) {
    case LOOKS_NOTHING_SOFT:
        break;
    case LOOKS_NOTHING_ODD:
        return MATCHER_TECHNIQUE_INVISIBLE;
    case LOOKS_NOTHING_MARK:
        return mark_techniques(text, unit->from, unit->cp, spelled);
    }
    return 0;
}

static uint8_t leet_count(unsigned index)
{
    const char *letters = looks_leets[index];
    return letters[0] == '\0' ? 0 : letters[1] == '\0' ? 1 : letters[2] == '\0' ? 2 : 3;
}

/* Fills in what the code point of the unit looks like. */
static void set_look(const uint8_t *text, struct looks_unit *unit, bool spelled)
{
    uint16_t entry = entry_of(unit->cp);
    unsigned index = entry >> LOOKS_INDEX_SHIFT;
    unit->kind = (enum looks_kind)(entry & LOOKS_KIND_MASK);
    if (unit->kind == LOOKS_LETTERS) {
        const struct looks_word *word = &looks_words[index];
        for (unsigned i = 0; i < LOOKS_LETTERS_MAX; i++)
            unit->letters[i] = word->letters[i];
        unit->letters_count = word->count;
        unit->leet = leet_count(word->leet);
        unit->techniques |= entry & LOOKS_TECHNIQUES_MASK;
    } else if (unit->kind == LOOKS_SIGN) {
        unit->leet = leet_count(index);
    } else if (unit->kind == LOOKS_NOTHING) {
        unit->techniques |= nothing_techniques(text, unit, entry, spelled);
    }
}

/* Reads a notation or a tag; false if there is none. */
static bool read_spelled(const uint8_t *text, size_t len, struct looks_unit *unit)
{
    const uint8_t *at = text + unit->from, *end = text + len;
    uint32_t cp = *at;
    uint16_t technique = 0;
    size_t spelled = *at == '<' ? 1 : notation_read(text, at, end, &cp, &technique);
    if (cp == '<' && spelled != 0) {
        size_t tag = looks_tag_read(at, end, &unit->kind);
        if (tag != 0) {
            unit->to = unit->from + (uint32_t)tag;
            unit->techniques = MATCHER_TECHNIQUE_MARKUP;
            return true;
        }
    }
    if (*at == '<' || spelled == 0)
        return false;
    unit->cp = cp;
    unit->to = unit->from + (uint32_t)spelled;
    unit->techniques = technique;
    set_look(text, unit, true);
    return true;
}

/* Every other unit than an ASCII byte that stands for itself; unit is zero but for from. */
static __attribute__((noinline)) void read_rest(const uint8_t *text, size_t len,
                                                struct looks_unit *unit)
{
    uint8_t first = text[unit->from];
    if ((first == '&' || first == '%' || first == '\\' || first == '<') &&
        read_spelled(text, len, unit))
        return;
    unsigned bytes = fold_decode(text + unit->from, len - unit->from, &unit->cp);
    if (bytes == 0)
        unit->cp = REPLACEMENT;
    unit->to = unit->from + (bytes != 0 ? bytes : 1);
    set_look(text, unit, false);
}

void looks_next(const char *text, size_t len, size_t at, struct looks_unit *ret_unit)
{
    assert(at < len && len <= UINT32_MAX);
    const uint8_t *bytes = (const uint8_t *)text;
    *ret_unit = looks_units[bytes[at]];
    ret_unit->from = (uint32_t)at;
    if (ret_unit->to != 0)
        ret_unit->to = (uint32_t)at + 1;
    else
        read_rest(bytes, len, ret_unit);
}

const char *looks_leet(uint32_t cp)
{
    if (cp > 0x10FFFF)
        return NULL;
    uint16_t entry = entry_of(cp);
    unsigned index = entry >> LOOKS_INDEX_SHIFT;
    unsigned kind = entry & LOOKS_KIND_MASK;
    unsigned leet = kind == LOOKS_LETTERS ? looks_words[index].leet
                    : kind == LOOKS_SIGN  ? index
                                          : 0;
    return leet == 0 ? NULL : looks_leets[leet];
}
