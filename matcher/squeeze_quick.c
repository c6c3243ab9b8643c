/*
 * The quick look at a suspect: keys of its words and of neighbours joined, looked up in the filter.
 */
#include "matcher/squeeze_quick.h"

#include "matcher/squeeze_align.h"
#include "matcher/words.h"

#define JOINED_MAX 24u /* pieces of one word */

static bool is_small(uint8_t byte)
{
    return (uint8_t)(byte - 'a') < 26;
}

static bool is_capital(uint8_t byte)
{
    return (uint8_t)(byte - 'A') < 26;
}

/* One more letter, digit or sign that may be a letter (then key is the sign's). */
static enum squeeze_answer add_letter(struct squeeze_quick *quick, size_t at, unsigned len,
                                      uint8_t key)
{
    uint8_t byte = (uint8_t)quick->text[at];
    bool ascii = byte < 0x80, sign = ascii && !fold_is_alnum(byte);
    bool digit = sign || (uint8_t)(byte - '0') < 10;
    if (key == 0)
        return SQUEEZE_ANSWER_IN_FULL;
    uint8_t before = (uint8_t)quick->key_len;
    if (quick->key_len == 0 || quick->key[quick->key_len - 1] != key)
        quick->key[quick->key_len++] = key;
    uint8_t here = (uint8_t)(quick->key_len - 1);
    if (!quick->open && quick->count == SQUEEZE_PIECES_MAX)
        return SQUEEZE_ANSWER_IN_FULL;
    if (!quick->open)
        quick->pieces[quick->count++] =
            (struct squeeze_piece){.begin = here, .inner_begin = here, .from = (uint32_t)at};
    quick->open = true;
    struct squeeze_piece *piece = &quick->pieces[quick->count - 1];
    uint8_t last = at > piece->from ? (uint8_t)quick->text[at - 1] : 0;
    if (at == piece->from + 1 && last < 0x80 && !fold_is_alnum(last))
        piece->inner_begin = here;
    piece->inner_end = sign ? before : (uint8_t)quick->key_len;
    piece->end = (uint8_t)quick->key_len;
    piece->to = (uint32_t)at + len;
    piece->letters += !digit;
    piece->digits += digit;
    piece->odd |= (piece->letters > 0 && piece->digits > 0) || sign || !ascii;
    piece->humps |= is_capital(byte) && is_small(last);
    piece->odd |= (is_capital(byte) && is_small(last)) || (last | 0x20) == (byte | 0x20);
    piece->other |= !ascii;
    piece->latin |= byte < 0xCA || byte == 0xE1; /* U+0000..027F, U+1000..1FFF */
    return SQUEEZE_ANSWER_READ;
}

/* One sign that is no ASCII: it parts pieces, or may be a letter. */
static enum squeeze_answer add_other_sign(struct squeeze_quick *quick, size_t at, uint32_t cp)
{
    if (looks_leet(cp) != NULL && squeeze_is_letter_sign(quick->text, quick->len, at))
        return SQUEEZE_ANSWER_IN_FULL;
    quick->open = false;
    return SQUEEZE_ANSWER_READ;
}

static enum squeeze_answer add_other(struct squeeze_quick *quick, size_t at, unsigned *ret_len)
{
    uint32_t cp = 0;
    *ret_len = fold_decode((const uint8_t *)quick->text + at, quick->len - at, &cp);
    if (*ret_len == 0 || cp >= SQUEEZE_BMP)
        return SQUEEZE_ANSWER_IN_FULL;
    switch ((enum squeeze_look)quick->index->looks[cp]) {
    case SQUEEZE_LOOK_SIGN:
        return add_other_sign(quick, at, cp);
    case SQUEEZE_LOOK_SPACE:
        quick->open = false;
        return SQUEEZE_ANSWER_READ;
    case SQUEEZE_LOOK_NOTHING:
        return SQUEEZE_ANSWER_READ;
    case SQUEEZE_LOOK_PLAIN:
    case SQUEEZE_LOOK_ALIKE:
    case SQUEEZE_LOOK_FOREIGN:
    case SQUEEZE_LOOK_ODD:
        break;
    case SQUEEZE_LOOK_WEAK:
        if (squeeze_is_money(cp))
            return add_other_sign(quick, at, cp);
        break;
    }
    return add_letter(quick, at, *ret_len, quick->index->keys[cp]);
}

/* One ASCII sign: most part pieces, some begin what must be read in full. */
static enum squeeze_answer add_sign(struct squeeze_quick *quick, size_t at, size_t end,
                                    bool letters)
{
    uint8_t byte = (uint8_t)quick->text[at];
    uint8_t next = at + 1 < end ? (uint8_t)quick->text[at + 1] : ' ';
    bool opens = (byte == '<' || byte == '\\' || byte == '%') && next > ' ';
    if (opens || (byte == '&' && (next == '#' || fold_is_alnum(next))) ||
        (byte == '*' && squeeze_is_mask(quick->text, quick->len, at)))
        return SQUEEZE_ANSWER_IN_FULL;
    if (letters && squeeze_is_letter_sign(quick->text, quick->len, at))
        return add_letter(quick, at, 1, quick->index->signs[byte & 0x7F]);
    quick->open = false;
    return SQUEEZE_ANSWER_READ;
}

static enum squeeze_answer read(struct squeeze_quick *quick, const struct squeeze_suspect *suspect,
                                bool letters)
{
    bool signs = false;
    quick->key_len = quick->count = 0;
    quick->open = false;
    quick->signs = letters;
    for (size_t at = suspect->begin; at < suspect->end;) {
        uint8_t byte = (uint8_t)quick->text[at];
        unsigned step = 1;
        enum squeeze_answer answer = SQUEEZE_ANSWER_READ;
        if (byte >= 0x80)
            answer = add_other(quick, at, &step);
        else if (fold_is_alnum(byte))
            answer = add_letter(quick, at, 1, quick->index->keys[byte]);
        else
            answer = add_sign(quick, at, suspect->end, letters);
        if (answer != SQUEEZE_ANSWER_READ)
            return answer;
        signs |= byte < 0x80 && quick->index->signs[byte] != 0;
        at += step;
    }
    memset(quick->key + quick->key_len, 0, SQUEEZE_KEY_BYTES);
    return signs ? SQUEEZE_ANSWER_SIGNS : SQUEEZE_ANSWER_READ;
}

static bool has(const struct squeeze_quick *quick, uint64_t front, enum squeeze_part part)
{
    return squeeze_filter_has(quick->index, squeeze_part_hash(front, part));
}

/* Whether a listed text has this key. */
static bool is_form(const struct squeeze_quick *quick, const uint8_t *key, unsigned len)
{
    struct squeeze_rolling rolling = {0};
    if (!has(quick, squeeze_quick_front(key, len), SQUEEZE_PART_FORM))
        return false;
    for (unsigned i = 0; i < len; i++)
        squeeze_roll(&rolling, key[i]);
    const struct squeeze_index *index = quick->index;
    uint32_t wanted = (uint32_t)rolling.hash, at = wanted & index->slots_mask;
    while (index->slots[at].target != SQUEEZE_NONE && index->slots[at].hash != wanted)
        at = (at + 1) & index->slots_mask;
    return index->slots[at].target != SQUEEZE_NONE;
}

/* Whether a piece is a word of its own: listed so or ordinary. */
static bool is_word(const struct squeeze_quick *quick, const struct squeeze_piece *piece)
{
    char word[SQUEEZE_QUICK_BYTES_MAX];
    uint64_t plain = 0;
    size_t len = piece->to - piece->from;
    if (piece->other || len != (size_t)piece->letters + piece->digits)
        return false;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)quick->text[piece->from + i];
        word[i] = (char)((uint8_t)(byte - 'A') < 26 ? byte | 0x20 : byte);
        plain = squeeze_plain_add(plain, (uint8_t)word[i]);
    }
    return squeeze_is_plain(quick->index, plain) || words_find(word, len) != WORDS_NONE;
}

/* What pieces together are. */
struct range {
    const struct squeeze_piece *first, *last;
    unsigned count, letters, longest;
    bool other, latin;
};

/* What a key of the pieces may be, as they are written. */
static enum squeeze_holds known_as(const struct squeeze_quick *quick, const struct range *range,
                                   unsigned begin, unsigned end)
{
    uint64_t front = squeeze_quick_front(quick->key + begin, end - begin);
    if (!squeeze_fronts_has(quick->index, front))
        return SQUEEZE_HOLDS_NOTHING;
    bool one = range->count == 1, single = !one && range->longest == 1;
    unsigned form_min = one && range->other ? 1 : single ? 3 : 4;
    unsigned word_min = range->other || single ? 1 : one ? 3 : 4;
    /* Few letters of which none is ASCII say nothing, unless they are set apart; see squeeze_align.
     */
    bool brief = !one || (range->other && range->latin);
    if (brief && has(quick, front, SQUEEZE_PART_SHORT))
        return SQUEEZE_HOLDS_WITH_OTHERS;
    if (range->letters >= word_min &&
        squeeze_has_neighbour(quick, range->first->from, range->last->to, front))
        return SQUEEZE_HOLDS_WITH_OTHERS;
    bool form = range->letters >= form_min && is_form(quick, quick->key + begin, end - begin);
    return form ? SQUEEZE_HOLDS_ALONE : SQUEEZE_HOLDS_NOTHING;
}

static enum squeeze_holds more(enum squeeze_holds a, enum squeeze_holds b)
{
    return a > b ? a : b;
}

/* The same with and without signs at the ends that may be letters. */
static enum squeeze_holds are_known_as(const struct squeeze_quick *quick, const struct range *range)
{
    const struct squeeze_piece *first = range->first, *last = range->last;
    enum squeeze_holds holds = known_as(quick, range, first->begin, last->end);
    if (first->inner_begin != first->begin)
        holds = more(holds, known_as(quick, range, first->inner_begin, last->end));
    if (last->inner_end != last->end) {
        holds = more(holds, known_as(quick, range, first->begin, last->inner_end));
        holds = more(holds, known_as(quick, range, first->inner_begin, last->inner_end));
    }
    return holds;
}

/* What a piece with neighbours to its right may be. */
static enum squeeze_holds begins(const struct squeeze_quick *quick, unsigned first, bool run)
{
    const struct squeeze_piece *pieces = quick->pieces;
    struct range range = {.first = &pieces[first]};
    enum squeeze_holds holds = SQUEEZE_HOLDS_NOTHING;
    unsigned digits = 0;
    for (unsigned last = first; last < quick->count && range.count < JOINED_MAX; last++) {
        const struct squeeze_piece *piece = range.last = &pieces[last];
        unsigned letters = (unsigned)piece->letters + piece->digits;
        range.count++;
        range.letters += letters;
        range.longest = letters > range.longest ? letters : range.longest;
        range.other |= piece->other;
        range.latin |= piece->latin;
        digits += piece->digits;
        bool tried = run ? range.count > 2 : range.count > 1 || piece->odd;
        /* With fewer letters no part of a listed text is known_as. */
        unsigned least = range.other ? 1 : range.count == 1 ? 3 : range.longest == 1 ? 2 : 4;
        /* Parts of a text that have few digits make up for one that has many. */
        unsigned spare = range.count > 1 || quick->signs ? 3 : 0;
        if (digits * 3 > range.letters * 2 + spare || !tried || range.letters < least)
            continue;
        enum squeeze_holds here = are_known_as(quick, &range);
        if (here > holds && (range.count > 1 || !is_word(quick, piece)))
            holds = here;
    }
    return holds;
}

/* Whether a mark may be written inside a longer word. */
static bool holds_known(const struct squeeze_quick *quick, const struct squeeze_piece *piece)
{
    if ((unsigned)piece->letters + piece->digits < SQUEEZE_LONG)
        return false;
    for (unsigned at = piece->begin; at + SQUEEZE_COMPOUND_BYTES <= piece->end; at++) {
        uint64_t front = 0;
        memcpy(&front, quick->key + at, sizeof front);
        if (!squeeze_filter_has(quick->index, squeeze_compound_hash(front)))
            continue;
        for (unsigned end = at + SQUEEZE_COMPOUND_BYTES; end <= piece->end; end++)
            if (is_form(quick, quick->key + at, end - at))
                return true;
    }
    return false;
}

/* Whether words of a piece that begin with capitals (NikeShoes) may be listed. */
static bool holds_humps(const struct squeeze_quick *quick, const struct squeeze_piece *piece)
{
    const uint8_t *text = (const uint8_t *)quick->text;
    if (piece->other)
        return true;
    for (uint32_t from = piece->from; from + SQUEEZE_HUMP_LETTERS_MIN <= piece->to; from++) {
        uint8_t key[SQUEEZE_QUICK_BYTES_MAX + SQUEEZE_KEY_BYTES];
        unsigned len = 0;
        if (from > piece->from && !(is_capital(text[from]) && is_small(text[from - 1])))
            continue;
        for (uint32_t at = from; at < piece->to; at++) {
            uint8_t byte = quick->index->keys[text[at]];
            if (byte == 0)
                break; /* a sign that may be a letter */
            if (len == 0 || key[len - 1] != byte)
                key[len++] = byte;
            bool ends = at + 1 == piece->to || (is_small(text[at]) && is_capital(text[at + 1]));
            if (!ends || at + 1 - from < SQUEEZE_HUMP_LETTERS_MIN)
                continue;
            memset(key + len, 0, SQUEEZE_KEY_BYTES);
            if (is_form(quick, key, len))
                return true;
        }
    }
    return false;
}

static enum squeeze_holds all(const struct squeeze_quick *quick, bool run)
{
    enum squeeze_holds holds = SQUEEZE_HOLDS_NOTHING;
    for (unsigned i = 0; i < quick->count && holds != SQUEEZE_HOLDS_WITH_OTHERS; i++) {
        holds = more(holds, begins(quick, i, run));
        const struct squeeze_piece *piece = &quick->pieces[i];
        if (holds == SQUEEZE_HOLDS_NOTHING &&
            (holds_known(quick, piece) || (piece->humps && holds_humps(quick, piece))))
            holds = SQUEEZE_HOLDS_ALONE;
    }
    return holds;
}

enum squeeze_holds squeeze_may_hold(struct squeeze_quick *quick, enum fold_path path,
                                    const struct squeeze_suspect *suspect)
{
    if (suspect->end - suspect->begin > SQUEEZE_QUICK_BYTES_MAX)
        return SQUEEZE_HOLDS_WITH_OTHERS;
    enum squeeze_answer answer =
        path == FOLD_PATH_AVX512 ? squeeze_quick_avx512(quick, suspect) : SQUEEZE_ANSWER_SLOWLY;
    if (answer == SQUEEZE_ANSWER_SLOWLY)
        answer = read(quick, suspect, false);
    if (answer == SQUEEZE_ANSWER_IN_FULL)
        return SQUEEZE_HOLDS_WITH_OTHERS;
    enum squeeze_holds holds = all(quick, suspect->run);
    if (answer != SQUEEZE_ANSWER_SIGNS || holds == SQUEEZE_HOLDS_WITH_OTHERS)
        return holds;
    struct squeeze_range range = {quick->text, quick->len, suspect->begin, suspect->end};
    if ((squeeze_readings(&range) & 1u << SQUEEZE_READING_LETTERS) == 0)
        return holds;
    if (read(quick, suspect, true) == SQUEEZE_ANSWER_IN_FULL)
        return SQUEEZE_HOLDS_WITH_OTHERS;
    return more(holds, all(quick, suspect->run));
}
