/*
 * Raw text as the letters that a buyer sees, with the gaps between them. Knows no mark.
 */
#include "matcher/squeeze_read.h"

#include <string.h>

#include "matcher/fold.h"
#include "matcher/looks.h"
#include "matcher/matcher.h"
#include "matcher/notation.h"

/* How what stands between two words may be written. */
#define SPELLED (NOTATION_TECHNIQUES | MATCHER_TECHNIQUE_MARKUP)

static bool is_loose(uint8_t byte)
{
    return byte == '$' || byte == '@' || byte == '!' || byte == '|';
}

static bool is_alnum_at(const char *text, size_t len, size_t at)
{
    return at < len && fold_is_alnum((uint8_t)text[at]);
}

/* Whether what begins at text[at] looks like an ASCII letter or digit. */
static bool begins_with_letter(const char *text, size_t len, size_t at)
{
    if (at >= len || (uint8_t)text[at] < 0x80)
        return is_alnum_at(text, len, at);
    struct looks_unit unit;
    looks_next(text, len, at, &unit);
    return unit.kind == LOOKS_LETTERS;
}

/* The same of what ends at text[at]. */
static bool ends_with_letter(const char *text, size_t at)
{
    size_t begin = at;
    if (at == 0 || (uint8_t)text[at - 1] < 0x80)
        return at > 0 && fold_is_alnum((uint8_t)text[at - 1]);
    do
        begin--;
    while (begin > 0 && at - begin < 4 && ((uint8_t)text[begin] & 0xC0) == 0x80);
    return begins_with_letter(text, at, begin);
}

/* Whether a single letter stands behind one sign or space on one side of text[at], and on the other
   side such a letter behind the same sign, or nothing that is joined. */
static bool is_among_singles(const char *text, size_t len, size_t at)
{
    char before = at > 0 ? text[at - 1] : ' ', after = at + 1 < len ? text[at + 1] : ' ';
    bool left =
        at > 1 && is_alnum_at(text, len, at - 2) && (at == 2 || !is_alnum_at(text, len, at - 3));
    bool right = is_alnum_at(text, len, at + 2) && !is_alnum_at(text, len, at + 3);
    if (is_alnum_at(text, len, at + 1) || (at > 0 && is_alnum_at(text, len, at - 1)))
        return false;
    return (left && right && before == after) || (left && after == ' ') || (right && before == ' ');
}

bool squeeze_is_money(uint32_t cp)
{
    bool money =
        cp == 0xA2 || cp == 0xA3 || cp == 0xA5 || cp == 0xE3F || (cp >= 0x20A0 && cp <= 0x20C0);
    return money && looks_leet(cp) != NULL;
}

/* Whether a letter, no digit, or another sign of money begins at text[at]. */
static bool is_letter_from(const char *text, size_t len, size_t at)
{
    uint32_t cp = 0;
    if (at < len && (uint8_t)text[at] >= 0xC2 &&
        fold_decode((const uint8_t *)text + at, len - at, &cp) != 0 && squeeze_is_money(cp))
        return true;
    return begins_with_letter(text, len, at) && (uint8_t)(text[at] - '0') >= 10;
}

/* The same of what ends before text[at]. */
static bool is_letter_before(const char *text, size_t at)
{
    size_t begin = at;
    while (begin > 0 && at - begin < 4 && (uint8_t)text[begin - 1] >= 0x80 &&
           (begin == at || ((uint8_t)text[begin] & 0xC0) == 0x80))
        begin--;
    return begin < at ? is_letter_from(text, at, begin)
                      : ends_with_letter(text, at) && (uint8_t)(text[at - 1] - '0') >= 10;
}

/* The same for a sign that is no ASCII. */
static bool is_other_letter_sign(const char *text, size_t len, size_t at, bool loose)
{
    struct looks_unit unit;
    looks_next(text, len, at, &unit);
    if (unit.kind != LOOKS_SIGN || unit.leet == 0)
        return false;
    bool left = is_letter_before(text, at), right = is_letter_from(text, len, unit.to);
    if ((left && right) || !loose || !squeeze_is_money(unit.cp))
        return left && right;
    bool begins = at == 0 || (uint8_t)text[at - 1] <= ' ';
    bool ends = unit.to >= len || (uint8_t)text[unit.to] <= ' ';
    return (begins && right) || (ends && left);
}

static bool is_letter_sign(const char *text, size_t len, size_t at, bool loose)
{
    uint8_t byte = (uint8_t)text[at];
    if (byte >= 0xC2)
        return is_other_letter_sign(text, len, at, loose);
    if (byte <= ' ' || byte >= 0x7F || fold_is_alnum(byte) || looks_leet(byte) == NULL)
        return false;
    bool left = ends_with_letter(text, at), right = begins_with_letter(text, len, at + 1);
    if (!loose || !is_loose(byte))
        return left && right;
    /* Two different ones side by side count if the other does ("Adid@$"). */
    left = left || (at > 1 && text[at - 1] != text[at] && is_loose((uint8_t)text[at - 1]) &&
                    ends_with_letter(text, at - 1));
    right = right || (at + 2 < len && text[at + 1] != text[at] && is_loose((uint8_t)text[at + 1]) &&
                      begins_with_letter(text, len, at + 2));
    return left || right || is_among_singles(text, len, at);
}

bool squeeze_is_letter_sign(const char *text, size_t len, size_t at)
{
    return is_letter_sign(text, len, at, true);
}

bool squeeze_is_mask(const char *text, size_t len, size_t at)
{
    size_t begin = at, end = at + 1;
    if (text[at] != '*')
        return false;
    while (begin > 0 && at - begin <= LOOKS_LETTERS_MAX * 4 && text[begin - 1] == '*')
        begin--;
    while (end < len && end - at <= LOOKS_LETTERS_MAX * 4 && text[end] == '*')
        end++;
    return begin > 0 && end < len && fold_is_alnum((uint8_t)text[begin - 1]) &&
           fold_is_alnum((uint8_t)text[end]);
}

unsigned squeeze_readings(const struct squeeze_range *range)
{
    unsigned readings = 0;
    for (size_t at = range->from; at < range->to; at++) {
        if (squeeze_is_letter_sign(range->text, range->len, at))
            readings |= 1u << SQUEEZE_READING_LETTERS;
        if (squeeze_is_mask(range->text, range->len, at))
            readings |= 1u << SQUEEZE_READING_MASKS;
    }
    return readings;
}

uint32_t squeeze_folded(uint32_t cp)
{
    uint32_t to[3];
    if (cp < 0x80)
        return cp - 'A' < 26 ? cp | 0x20 : cp;
    (void)fold_case(cp, to); /* the first decides */
    return to[0];
}

bool squeeze_folds_to_ascii(uint32_t cp)
{
    char text[4], out[4 * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES];
    size_t len = fold_text(text, fold_encode(cp, (uint8_t *)text), out);
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)out[i] >= 0x80)
            return false;
    return true;
}

/* A reader and what it has seen since the letter before. */
struct reader {
    struct squeeze_letter *out;
    size_t count, room;
    unsigned signs;
    bool spaces, apostrophe;
    uint16_t unseen;  /* techniques of invisible units */
    uint16_t spelled; /* of visible ones, if they are spelled */
};

static void put(struct reader *reader, const struct looks_unit *unit, uint32_t cp,
                enum squeeze_kind kind)
{
    if (reader->count == reader->room)
        return;
    bool part = reader->spaces || reader->signs > SQUEEZE_SIGNS_MAX;
    uint8_t gap = part                ? SQUEEZE_GAP_SPACE
                  : reader->signs > 0 ? SQUEEZE_GAP_SIGN
                                      : SQUEEZE_GAP_NONE;
    const struct squeeze_letter *last = &reader->out[reader->count - (reader->count > 0)];
    bool capital = unit->cp - 'A' < 26;
    bool hump = capital && reader->count > 0 && gap == SQUEEZE_GAP_NONE && !last->capital &&
                last->kind == SQUEEZE_LETTER && last->source < 0x80;
    reader->out[reader->count++] = (struct squeeze_letter){
        .from = unit->from,
        .to = unit->to,
        .cp = cp,
        .source = squeeze_folded(unit->cp),
        .techniques = unit->techniques | (gap == SQUEEZE_GAP_NONE ? reader->unseen : 0),
        .spelled = reader->spelled,
        .key = kind == SQUEEZE_FOREIGN ? squeeze_foreign_key(cp)
               : kind == SQUEEZE_MASK  ? '*'
               : kind == SQUEEZE_SIGN  ? looks_class((uint8_t)looks_leet(cp)[0])
                                       : looks_class((uint8_t)cp),
        .gap = gap,
        .kind = (uint8_t)kind,
        .apostrophe = gap == SQUEEZE_GAP_SIGN && reader->signs == 1 && reader->apostrophe,
        .capital = capital,
        .hump = hump,
    };
    reader->signs = 0;
    reader->spaces = false;
    reader->unseen = reader->spelled = 0;
}

/* The letters that a unit looks like; parentheses around one are signs. */
static void put_letters(struct reader *reader, const struct looks_unit *unit)
{
    bool apart = looks_is_in_parentheses(unit->cp);
    reader->signs += apart;
    for (unsigned i = 0; i < unit->letters_count; i++) {
        uint8_t letter = unit->letters[i];
        put(reader, unit, letter, letter <= '9' ? SQUEEZE_DIGIT : SQUEEZE_LETTER);
    }
    reader->signs += apart;
}

static void put_unit(struct reader *reader, const struct looks_unit *unit)
{
    switch (unit->kind) {
    case LOOKS_SPACE:
        reader->spaces = true;
        reader->spelled |= unit->techniques & SPELLED;
        break;
    case LOOKS_SIGN:
        reader->signs++;
        reader->spelled |= unit->techniques & SPELLED;
        reader->apostrophe = unit->cp == '\'' || unit->cp == 0x2019;
        break;
    case LOOKS_NOTHING:
        reader->unseen |= unit->techniques;
        reader->spelled |= unit->techniques & SPELLED;
        if ((unit->techniques & MATCHER_TECHNIQUE_COMBINING) != 0 && reader->count > 0 &&
            reader->out[reader->count - 1].to == unit->from)
            reader->out[reader->count - 1].to = unit->to;
        break;
    case LOOKS_FOREIGN:
        put(reader, unit, squeeze_folded(unit->cp), SQUEEZE_FOREIGN);
        break;
    case LOOKS_LETTERS:
        put_letters(reader, unit);
        break;
    }
}

/* Whether the sign at text[at] is a letter in a reading. */
static bool is_read_as_letter(const char *text, size_t len, size_t at, enum squeeze_reading reading)
{
    switch (reading) {
    case SQUEEZE_READING_GAPS:
        return false;
    case SQUEEZE_READING_LETTERS:
    case SQUEEZE_READING_LISTED:
        return is_letter_sign(text, len, at, reading == SQUEEZE_READING_LETTERS);
    case SQUEEZE_READING_MASKS:
        return squeeze_is_mask(text, len, at);
    }
    return false;
}

size_t squeeze_read(const struct squeeze_range *range, enum squeeze_reading reading,
                    struct squeeze_letter *out, size_t room, size_t *ret_end)
{
    struct reader reader = {.out = out, .room = room, .spaces = true};
    size_t at = range->from;
    while (at < range->to && reader.count + LOOKS_LETTERS_MAX <= room) {
        struct looks_unit unit;
        looks_next(range->text, range->len, at, &unit);
        bool sign =
            unit.kind == LOOKS_SIGN && (unit.to == at + 1 || (uint8_t)range->text[at] >= 0xC2);
        if (sign && is_read_as_letter(range->text, range->len, at, reading))
            put(&reader, &unit, unit.cp,
                reading == SQUEEZE_READING_MASKS ? SQUEEZE_MASK : SQUEEZE_SIGN);
        else
            put_unit(&reader, &unit);
        at = unit.to;
    }
    *ret_end = at;
    return reader.count;
}

/* Writes the text case-folded; returns its length, 0 if it has no room. */
static size_t lower_text(const char *text, size_t len, char *out, size_t room)
{
    size_t at = 0, count = 0;
    while (at < len) {
        uint32_t cp = 0, to[3];
        unsigned step = fold_decode((const uint8_t *)text + at, len - at, &cp);
        unsigned folds = step == 0 ? 0 : fold_case(cp, to);
        if (count + 12 > room)
            return 0;
        for (unsigned i = 0; i < folds; i++)
            count += fold_encode(to[i], (uint8_t *)out + count);
        at += step == 0 ? 1 : step;
    }
    return count;
}

size_t squeeze_read_listed(const char *text, size_t len, bool lower, struct squeeze_letter *out,
                           size_t room)
{
    char small[1024];
    size_t end = 0;
    if (lower) {
        len = lower_text(text, len, small, sizeof small);
        text = small;
    }
    struct squeeze_range range = {text, len, 0, len};
    return squeeze_read(&range, SQUEEZE_READING_LISTED, out, room, &end);
}
