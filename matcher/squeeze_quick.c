/*
 * The quick look at a suspect: keys of its words and of neighbours joined, looked up in the filter.
 */
#include "matcher/squeeze_quick.h"

#include "matcher/squeeze_align.h"
#include "matcher/words.h"

#define JOINED_MAX    24u /* pieces of one word */
#define NEIGHBOUR_MAX 40u /* letters of a word beside */
#define SIGNS_BETWEEN 8u  /* signs and spaces between two words */
#define LONG_WORD     5u  /* least word that may be written as several pieces */
#define LONG_FORM     6u

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

static uint64_t front_hash(const uint8_t *key, unsigned len)
{
    uint64_t low = 0, high = 0;
    memcpy(&low, key, 8);
    memcpy(&high, key + 8, 8);
    if (len < 8) {
        low &= (1ull << (8 * len)) - 1;
        high = 0;
    } else if (len < 16) {
        high &= (1ull << (8 * (len - 8))) - 1;
    }
    return squeeze_front_hash(low, high);
}

static bool has(const struct squeeze_quick *quick, uint64_t front, enum squeeze_part part)
{
    return squeeze_filter_has(quick->index, squeeze_part_hash(front, part));
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

/* The front hash of the word that begins (step 1) or ends (step -1) nearest to at. False if there
   is none. *ret_unknown if it is not all ASCII letters and digits, or signs beside it may be
   letters. */
static bool neighbour(const struct squeeze_quick *quick, size_t at, int step, uint64_t *ret_front,
                      bool *ret_unknown)
{
    size_t end = step > 0 ? quick->len : 0, signs = 0, count = 0;
    const char *text = step > 0 ? quick->text : quick->text - 1;
    uint8_t letters[NEIGHBOUR_MAX], key[NEIGHBOUR_MAX + SQUEEZE_KEY_BYTES] = {0};
    bool sign = false; /* the word may begin or end with a sign that is a letter */
    for (; at != end && (uint8_t)text[at] < 0x80 && !fold_is_alnum((uint8_t)text[at]);
         at += (size_t)step) {
        sign |= quick->index->signs[(uint8_t)text[at]] != 0;
        if ((uint8_t)text[at] > ' ' && ++signs > SIGNS_BETWEEN)
            return false;
    }
    if (at == end)
        return false;
    for (; at != end && fold_is_alnum((uint8_t)text[at]) && count < NEIGHBOUR_MAX;
         at += (size_t)step)
        letters[count++] = quick->index->keys[(uint8_t)text[at]];
    *ret_unknown = sign || (at != end && (uint8_t)text[at] > ' ');
    unsigned len = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t letter = letters[step > 0 ? i : count - 1 - i];
        if (len == 0 || key[len - 1] != letter)
            key[len++] = letter;
    }
    *ret_front = front_hash(key, len);
    return true;
}

/* Whether pieces [first, last] and a word beside them may be neighbours in a listed text. */
static bool has_neighbour(const struct squeeze_quick *quick, const struct squeeze_piece *first,
                          const struct squeeze_piece *last, uint64_t front)
{
    uint64_t other = 0;
    bool unknown = false;
    if (neighbour(quick, last->to, 1, &other, &unknown) &&
        (unknown || squeeze_filter_has(quick->index, squeeze_pair_hash(front, other))))
        return true;
    return neighbour(quick, first->from, -1, &other, &unknown) &&
           (unknown || squeeze_filter_has(quick->index, squeeze_pair_hash(other, front)));
}

/* What pieces together are. */
struct range {
    const struct squeeze_piece *first, *last;
    unsigned count, letters, longest;
    bool other;
};

/* What a key of the pieces may be, as they are written. */
static enum squeeze_holds known_as(const struct squeeze_quick *quick, const struct range *range,
                                   unsigned begin, unsigned end)
{
    uint64_t front = front_hash(quick->key + begin, end - begin);
    if (!squeeze_fronts_has(quick->index, front))
        return SQUEEZE_HOLDS_NOTHING;
    bool one = range->count == 1, single = !one && range->longest == 1;
    unsigned form_min = one ? range->other ? 1 : 4 : single ? 3 : LONG_FORM;
    if ((range->other || single) && has(quick, front, SQUEEZE_PART_TINY))
        return SQUEEZE_HOLDS_WITH_OTHERS;
    if (range->letters >= 4 && has(quick, front, SQUEEZE_PART_RANGE))
        return SQUEEZE_HOLDS_WITH_OTHERS;
    if (range->letters >= (one ? 3u : LONG_WORD) && has(quick, front, SQUEEZE_PART_WORD) &&
        has_neighbour(quick, range->first, range->last, front))
        return SQUEEZE_HOLDS_WITH_OTHERS;
    bool form = range->letters >= form_min && has(quick, front, SQUEEZE_PART_FORM);
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
        digits += piece->digits;
        bool tried = run ? range.count > 2 : range.count > 1 || piece->odd;
        /* With fewer letters no part of a listed text is known_as. */
        unsigned least = range.other ? 1 : range.count == 1 ? 3 : range.longest == 1 ? 2 : 4;
        if (digits * 2 > range.letters || !tried || range.letters < least)
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
            if (has(quick, front_hash(quick->key + at, end - at), SQUEEZE_PART_FORM))
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
            if (has(quick, front_hash(key, len), SQUEEZE_PART_FORM))
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
