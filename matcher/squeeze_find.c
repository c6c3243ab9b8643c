/*
 * The search for suspects: its scalar path, code points that are not ASCII, and runs.
 */
#include "matcher/squeeze_find.h"

#include <assert.h>

#include "matcher/looks.h"
#include "matcher/squeeze_find_step.h"

void find_flush(struct find_state *state)
{
    if (state->count > 0)
        state->take(state->context, state->suspects, state->count);
    state->count = 0;
}

/* A code point that is no simple one of two or three bytes. */
static enum squeeze_look look_slowly(const struct find_state *state, size_t at)
{
    uint32_t cp = 0;
    struct looks_unit unit;
    if (fold_decode((const uint8_t *)state->text + at, state->len - at, &cp) == 0)
        return SQUEEZE_LOOK_SIGN;
    if (cp < SQUEEZE_BMP)
        return (enum squeeze_look)state->index->looks[cp];
    looks_next(state->text, state->len, at, &unit);
    return squeeze_look_of(&unit);
}

static inline enum squeeze_look look_at(const struct find_state *state, size_t at)
{
    const uint8_t *bytes = (const uint8_t *)state->text + at;
    const uint8_t *looks = state->index->looks;
    size_t left = state->len - at;
    if (bytes[0] >= 0xC2 && bytes[0] < 0xE0 && left > 1 && (bytes[1] & 0xC0) == 0x80)
        return (enum squeeze_look)looks[(bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu)];
    if (bytes[0] > 0xE0 && bytes[0] < 0xF0 && left > 2 && (bytes[1] & 0xC0) == 0x80 &&
        (bytes[2] & 0xC0) == 0x80)
        return (enum squeeze_look)
            looks[(bytes[0] & 0xFu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu)];
    return look_slowly(state, at);
}

void find_looks_scalar(const struct find_state *state, size_t base, const struct find_masks *now,
                       uint64_t first, struct find_looks *ret_looks)
{
    struct find_looks looks = {0};
    (void)now; /* the text tells as much */
    for (; first != 0; first &= first - 1) {
        unsigned at = (unsigned)__builtin_ctzll(first);
        uint64_t look = look_at(state, base + at);
        looks.bit0 |= (look & 1) << at;
        looks.bit1 |= (look >> 1 & 1) << at;
        looks.bit2 |= (look >> 2) << at;
    }
    *ret_looks = looks;
}

/* Whether text[at] is a byte of a word; *ret_shows: of something that shows. */
static bool is_word(const struct find_state *state, size_t at, bool *ret_shows)
{
    uint8_t byte = (uint8_t)state->text[at];
    *ret_shows = true;
    if (byte < 0x80)
        return fold_is_alnum(byte);
    size_t lead = at;
    while (lead > 0 && at - lead < 3 && ((uint8_t)state->text[lead] & 0xC0) == 0x80)
        lead--;
    uint8_t first = (uint8_t)state->text[lead];
    unsigned len = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    enum squeeze_look look = look_at(state, lead);
    *ret_shows = look != SQUEEZE_LOOK_NOTHING;
    return at < lead + len && look != SQUEEZE_LOOK_SIGN && look != SQUEEZE_LOOK_SPACE;
}

/* What of a word has been gone over. */
struct word {
    size_t bytes, shown; /* shown: code points that show */
};

/* Goes over the byte text[at] of a word. False if it is none, or the word is not short. */
static bool add_byte(const struct find_state *state, size_t at, struct word *word)
{
    bool shows = false;
    if ((word->shown > 1 && word->bytes > 2) || !is_word(state, at, &shows))
        return false;
    word->bytes++;
    word->shown += shows && ((uint8_t)state->text[at] & 0xC0) != 0x80;
    return true;
}

static bool is_short(struct word word)
{
    return word.bytes > 0 && (word.bytes <= 2 || word.shown <= 1);
}

/* Where the short words before begin begin. */
static size_t run_front(const struct find_state *state, size_t begin)
{
    for (;;) {
        struct word word = {0};
        bool shows = false;
        size_t next = begin;
        while (next > state->run_end && !is_word(state, next - 1, &shows))
            next--;
        while (next > state->run_end && add_byte(state, next - 1, &word))
            next--;
        if (!is_short(word))
            return begin;
        begin = next;
    }
}

static size_t run_back(const struct find_state *state, size_t end)
{
    for (;;) {
        struct word word = {0};
        bool shows = false;
        size_t next = end;
        while (next < state->len && !is_word(state, next, &shows))
            next++;
        while (next < state->len && add_byte(state, next, &word))
            next++;
        if (!is_short(word))
            return end;
        end = next;
    }
}

static bool is_loose(char byte)
{
    return byte == '$' || byte == '@' || byte == '!' || byte == '|';
}

void find_add_run(struct find_state *state, uint32_t at)
{
    if (at <= state->run_end)
        return;
    size_t begin = run_front(state, at), end = run_back(state, at);
    /* A sign set apart as the letters are may be the first or the last of them. */
    if (begin >= 2 && state->text[begin - 1] == ' ' && is_loose(state->text[begin - 2]) &&
        (begin == 2 || (uint8_t)state->text[begin - 3] <= ' '))
        begin -= 2;
    if (end + 2 <= state->len && state->text[end] == ' ' && is_loose(state->text[end + 1]))
        end += 2;
    state->run_end = (uint32_t)end;
    state->suspects[state->count++] =
        (struct squeeze_suspect){(uint32_t)begin, (uint32_t)end & INT32_MAX, true};
}

static void set(uint64_t *mask, unsigned bit, bool value)
{
    *mask |= (uint64_t)value << bit;
}

static uint64_t shorts_of(uint64_t shorts, uint64_t all)
{
    uint64_t bits = 0;
    for (unsigned i = 0; all != 0; all &= all - 1, i++)
        bits |= (uint64_t)((shorts & all & -all) != 0) << i;
    return bits;
}

static void masks_of(const struct find_state *state, size_t base, struct find_masks *ret_masks)
{
    const struct squeeze_index *index = state->index;
    struct find_masks now = {0};
    uint8_t before = base > 0 ? (uint8_t)state->text[base - 1] : ' ';
    for (unsigned i = 0; i < FIND_BLOCK; i++) {
        uint8_t byte = base + i < state->len ? (uint8_t)state->text[base + i] : ' ';
        bool letter = (uint8_t)((byte | 0x20) - 'a') < 26;
        unsigned right = byte < 0x80 ? index->right[byte] : SQUEEZE_PAIR_OPENS;
        unsigned left = before < 0x80 ? index->left[before] : 0;
        set(&now.letter, i, letter);
        set(&now.alnum, i, fold_is_alnum(byte));
        set(&now.space, i, byte <= ' ');
        set(&now.flagged, i, (left & right) != 0 || (letter && (byte | 0x20) == (before | 0x20)));
        set(&now.other, i, byte >= 0x80);
        set(&now.trail, i, byte >= 0x80 && byte < 0xC0);
        set(&now.three, i, byte >= 0xE0);
        set(&now.four, i, byte >= 0xF0);
        before = byte;
    }
    *ret_masks = now;
}

static void others_of(struct find_state *state, size_t base, const struct find_masks *now,
                      struct find_others *ret_others)
{
    find_read_others(state, base, now, find_looks_scalar, ret_others);
}

static void find_scalar(struct find_state *state)
{
    find_walk(state, masks_of, others_of, shorts_of);
}

void squeeze_find(enum fold_path path, const struct squeeze_index *index, const char *text,
                  size_t len, struct squeeze_suspect *room, squeeze_take *take, void *context)
{
    assert(len <= FOLD_TEXT_MAX);
    assert(path <= fold_path_best());
    struct find_state state = {.index = index,
                               .text = text,
                               .len = len,
                               .take = take,
                               .context = context,
                               .suspects = room};
    if (path == FOLD_PATH_AVX512)
        squeeze_find_avx512(&state);
    else if (path == FOLD_PATH_AVX2)
        squeeze_find_avx2(&state);
    else
        find_scalar(&state);
    find_flush(&state);
}
