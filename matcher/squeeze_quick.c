/*
 * The quick look at a suspect: keys of its words and of neighbours joined, looked up in the filter.
 */
#include "matcher/squeeze_quick.h"

#include "matcher/looks.h"
#include "matcher/words.h"

#define QUICK_JOINED_MAX 24u /* pieces of one word */

enum quick_answer { QUICK_GO_ON = 0, QUICK_READ_IN_FULL = 1 };

static bool is_alnum(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10 || (uint8_t)((byte | 0x20) - 'a') < 26;
}

static enum quick_answer add_letter(struct squeeze_quick *quick, size_t at, uint8_t key, bool digit,
                                    uint32_t cp)
{
    bool sign = cp < 0x80 && !is_alnum((uint8_t)cp);
    if (key == 0)
        return QUICK_READ_IN_FULL;
    uint8_t before = (uint8_t)quick->key_len;
    if (quick->key_len == 0 || quick->key[quick->key_len - 1] != key)
        quick->key[quick->key_len++] = key;
    uint8_t here = (uint8_t)(quick->key_len - 1);
    if (!quick->open) {
        if (quick->count == SQUEEZE_PIECES_MAX)
            return QUICK_READ_IN_FULL;
        quick->pieces[quick->count++] = (struct squeeze_piece){
            .begin = here, .inner_begin = here, .from = (uint32_t)at, .sign_first = sign};
        quick->previous = 0;
        quick->open = true;
    }
    struct squeeze_piece *piece = &quick->pieces[quick->count - 1];
    if (piece->sign_first && !sign && piece->inner_begin == piece->begin)
        piece->inner_begin = here;
    piece->inner_end = sign ? before : (uint8_t)quick->key_len;
    piece->end = (uint8_t)quick->key_len;
    piece->to = (uint32_t)at + 1;
    piece->letters += !digit;
    piece->digits += digit;
    piece->odd |= (piece->letters > 0 && piece->digits > 0) || cp == quick->previous;
    piece->plain = squeeze_plain_add(piece->plain, cp);
    quick->previous = cp;
    return QUICK_GO_ON;
}

static enum quick_answer add_other(struct squeeze_quick *quick, size_t at, unsigned *ret_len)
{
    uint32_t cp = 0;
    *ret_len = fold_decode((const uint8_t *)quick->text + at, quick->len - at, &cp);
    if (*ret_len == 0 || cp >= SQUEEZE_BMP)
        return QUICK_READ_IN_FULL;
    switch ((enum squeeze_look)quick->index->looks[cp]) {
    case SQUEEZE_LOOK_SIGN:
    case SQUEEZE_LOOK_SPACE:
        quick->open = false;
        return QUICK_GO_ON;
    case SQUEEZE_LOOK_NOTHING:
        return QUICK_GO_ON;
    case SQUEEZE_LOOK_PLAIN:
    case SQUEEZE_LOOK_ALIKE:
    case SQUEEZE_LOOK_FOREIGN:
        break;
    }
    enum quick_answer answer = add_letter(quick, at, quick->index->keys[cp], false, cp);
    if (quick->count > 0)
        quick->pieces[quick->count - 1].odd = true;
    return answer;
}

/* One ASCII sign: most part pieces, some begin what must be read in full. */
static enum quick_answer add_sign(struct squeeze_quick *quick, size_t at, size_t end, bool letters)
{
    uint8_t byte = (uint8_t)quick->text[at];
    uint8_t next = at + 1 < end ? (uint8_t)quick->text[at + 1] : ' ';
    bool opens = (byte == '<' || byte == '\\' || byte == '%') && next > ' ';
    if (opens || (byte == '&' && (next == '#' || is_alnum(next))) ||
        (byte == '*' && squeeze_is_mask(quick->text, quick->len, at)))
        return QUICK_READ_IN_FULL;
    if (letters && squeeze_is_letter_sign(quick->text, quick->len, at)) {
        uint8_t key = looks_class((uint8_t)looks_leet(byte)[0]);
        enum quick_answer answer = add_letter(quick, at, key, true, byte);
        quick->pieces[quick->count - 1].odd = true;
        return answer;
    }
    quick->open = false;
    return QUICK_GO_ON;
}

static enum quick_answer read(struct squeeze_quick *quick, const struct squeeze_suspect *suspect,
                              bool letters)
{
    quick->key_len = quick->count = 0;
    quick->open = false;
    for (size_t at = suspect->begin; at < suspect->end;) {
        uint8_t byte = (uint8_t)quick->text[at];
        unsigned step = 1;
        enum quick_answer answer = QUICK_GO_ON;
        if (byte >= 0x80) {
            answer = add_other(quick, at, &step);
        } else if (is_alnum(byte)) {
            uint8_t lower = byte >= 'A' ? byte | 0x20 : byte;
            answer = add_letter(quick, at, quick->index->keys[byte], byte < 'A', lower);
            if (byte == 'I' && quick->pieces[quick->count - 1].letters > 1)
                quick->pieces[quick->count - 1].odd = true;
        } else {
            answer = add_sign(quick, at, suspect->end, letters);
        }
        if (answer != QUICK_GO_ON)
            return answer;
        at += step;
    }
    memset(quick->key + quick->key_len, 0, SQUEEZE_KEY_BYTES);
    return QUICK_GO_ON;
}

/* Whether the key [begin, end) may be listed. */
static bool is_known(const struct squeeze_quick *quick, unsigned begin, unsigned end)
{
    uint64_t low = 0, high = 0;
    unsigned len = end - begin;
    memcpy(&low, quick->key + begin, 8);
    memcpy(&high, quick->key + begin + 8, 8);
    if (len < 8) {
        low &= (1ull << (8 * len)) - 1;
        high = 0;
    } else if (len < 16) {
        high &= (1ull << (8 * (len - 8))) - 1;
    }
    return squeeze_filter_has(quick->index, squeeze_front_hash(low, high));
}

/* Whether a piece is a word of its own: listed so or ordinary. */
static bool is_word(const struct squeeze_quick *quick, const struct squeeze_piece *piece)
{
    char word[SQUEEZE_QUICK_BYTES_MAX];
    if (squeeze_is_plain(quick->index, piece->plain))
        return true;
    size_t len = piece->to - piece->from;
    if (piece->digits > 0 || len != piece->letters)
        return false; /* not all of it is ASCII letters */
    for (size_t i = 0; i < len; i++)
        word[i] = (char)(quick->text[piece->from + i] | 0x20);
    return words_find(word, len) != WORDS_NONE;
}

/* Whether pieces [first, last] may be listed, with or without signs at their ends. */
static bool are_known(const struct squeeze_quick *quick, const struct squeeze_piece *first,
                      const struct squeeze_piece *last)
{
    bool known = is_known(quick, first->begin, last->end);
    if (first->inner_begin != first->begin)
        known |= is_known(quick, first->inner_begin, last->end);
    if (last->inner_end != last->end)
        known |= is_known(quick, first->begin, last->inner_end) ||
                 is_known(quick, first->inner_begin, last->inner_end);
    return known;
}

/* Whether a piece with neighbours to its right may be listed. */
static bool begins_known(const struct squeeze_quick *quick, unsigned first, bool run)
{
    const struct squeeze_piece *pieces = quick->pieces;
    unsigned letters = 0, digits = 0;
    for (unsigned last = first; last < quick->count && last - first < QUICK_JOINED_MAX; last++) {
        letters += pieces[last].letters;
        digits += pieces[last].digits;
        if (digits > letters || (run ? last < first + 2 : last == first && !pieces[first].odd))
            continue;
        if (!are_known(quick, &pieces[first], &pieces[last]))
            continue;
        if (last > first || !is_word(quick, &pieces[first]))
            return true;
    }
    return false;
}

/* Whether a mark may be written inside a longer word. */
static bool holds_known(const struct squeeze_quick *quick, const struct squeeze_piece *piece)
{
    if ((unsigned)piece->letters + piece->digits < SQUEEZE_LONG)
        return false;
    for (unsigned at = piece->begin; at + SQUEEZE_COMPOUND_BYTES <= piece->end; at++) {
        uint64_t front = 0;
        memcpy(&front, quick->key + at, sizeof front);
        if (squeeze_filter_has(quick->index, squeeze_compound_hash(front)))
            return true;
    }
    return false;
}

static bool any_known(const struct squeeze_quick *quick, bool run)
{
    for (unsigned i = 0; i < quick->count; i++)
        if (begins_known(quick, i, run) || holds_known(quick, &quick->pieces[i]))
            return true;
    return false;
}

bool squeeze_may_hold(struct squeeze_quick *quick, const struct squeeze_index *index,
                      const char *text, size_t len, const struct squeeze_suspect *suspect)
{
    struct squeeze_range range = {text, len, suspect->begin, suspect->end};
    quick->index = index;
    quick->text = text;
    quick->len = len;
    if (suspect->end - suspect->begin > SQUEEZE_QUICK_BYTES_MAX)
        return true;
    if (read(quick, suspect, false) != QUICK_GO_ON || any_known(quick, suspect->run))
        return true;
    if (suspect->run || (squeeze_readings(&range) & 1u << SQUEEZE_READING_LETTERS) == 0)
        return false;
    return read(quick, suspect, true) != QUICK_GO_ON || any_known(quick, false);
}
