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

/* All bytes of the code points that begin at first, as far as they are continued; *ret_rest: those
   of the next block. */
static inline uint64_t spread(const struct find_masks *now, uint64_t first, uint64_t *ret_rest)
{
    uint64_t second = first << 1 & now->trail;
    uint64_t third = (second & now->three << 1) << 1 & now->trail;
    uint64_t fourth = (third & now->four << 2) << 1 & now->trail;
    uint64_t one = first >> 63, two = (first & now->three) >> 63, three = (first & now->four) >> 63;
    one |= (second & now->three << 1) >> 63 | (third & now->four << 2) >> 63;
    two |= (second & now->four << 1) >> 63;
    *ret_rest = one | two << 1 | three << 2;
    return first | second | third | fourth;
}

void find_read_others(struct find_state *state, uint32_t base, const struct find_masks *now,
                      uint64_t keep, struct find_others *ret_others)
{
    uint64_t first = now->other & ~now->trail & keep, bit0 = 0, bit1 = 0, bit2 = 0;
    for (uint64_t left = first; left != 0; left &= left - 1) {
        unsigned at = (unsigned)__builtin_ctzll(left);
        uint64_t look = look_at(state, base + at);
        bit0 |= (look & 1) << at;
        bit1 |= (look >> 1 & 1) << at;
        bit2 |= (look >> 2) << at;
    }
    /* What the block before has begun goes on as far as it is continued. */
    uint64_t low = now->trail & ~(now->trail + 1);
    struct find_others others = state->rest, *rest = &state->rest;
    others.alike &= low;
    others.odd &= low;
    others.foreign &= low;
    others.strange &= low;
    others.sign &= low;
    others.claimed &= low;
    /* Bytes of a code point before, and bytes that are not UTF-8: these count as signs. */
    others.claimed |= spread(now, first, &rest->claimed);
    others.sign |= now->trail & ~others.claimed;
    static_assert(SQUEEZE_LOOK_PLAIN == 0 && SQUEEZE_LOOK_ALIKE == 1 && SQUEEZE_LOOK_FOREIGN == 2 &&
                      SQUEEZE_LOOK_WEAK == 3 && SQUEEZE_LOOK_ODD == 4 && SQUEEZE_LOOK_SIGN == 5 &&
                      SQUEEZE_LOOK_NOTHING == 6 && SQUEEZE_LOOK_SPACE == 7,
                  "the bits are read as these numbers");
    others.alike |= spread(now, (bit0 & ~bit2) | (bit2 & ~bit1 & ~bit0), &rest->alike);
    others.odd |= spread(now, bit2 & ~bit1 & ~bit0, &rest->odd);
    others.foreign |= spread(now, bit1 & ~bit2, &rest->foreign);
    others.strange |= spread(now, bit1 & ~bit2 & ~bit0, &rest->strange);
    others.sign |= spread(now, bit2 & bit0, &rest->sign);
    *ret_others = others;
}

/* Whether text[at] is a byte of a word. */
static bool is_word(const struct find_state *state, size_t at)
{
    uint8_t byte = (uint8_t)state->text[at];
    if (byte < 0x80)
        return fold_is_alnum(byte);
    size_t lead = at;
    while (lead > 0 && at - lead < 3 && ((uint8_t)state->text[lead] & 0xC0) == 0x80)
        lead--;
    uint8_t first = (uint8_t)state->text[lead];
    unsigned len = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    enum squeeze_look look = look_at(state, lead);
    return at < lead + len && look != SQUEEZE_LOOK_SIGN && look != SQUEEZE_LOOK_SPACE;
}

/* Whether the word text[begin, end) is short. */
static bool is_short(const struct find_state *state, size_t begin, size_t end)
{
    if (end - begin <= 2)
        return true;
    unsigned trails = 0;
    for (size_t at = begin + 1; at < end && end - begin <= 4; at++)
        trails += ((uint8_t)state->text[at] & 0xC0) == 0x80;
    return trails == end - begin - 1 && ((uint8_t)state->text[begin] & 0xC0) != 0x80;
}

/* Where the short words before begin begin. */
static size_t run_front(const struct find_state *state, size_t begin)
{
    for (;;) {
        size_t end = begin;
        while (end > state->run_end && !is_word(state, end - 1))
            end--;
        size_t next = end;
        while (next > state->run_end && end - next <= 4 && is_word(state, next - 1))
            next--;
        if (next == end || !is_short(state, next, end))
            return begin;
        begin = next;
    }
}

static size_t run_back(const struct find_state *state, size_t end)
{
    for (;;) {
        size_t begin = end;
        while (begin < state->len && !is_word(state, begin))
            begin++;
        size_t next = begin;
        while (next < state->len && next - begin <= 4 && is_word(state, next))
            next++;
        if (next == begin || !is_short(state, begin, next))
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
        (struct squeeze_suspect){(uint32_t)begin, (uint32_t)end, true};
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

static struct find_masks masks_of(const struct find_state *state, size_t base)
{
    struct find_masks now = {0};
    uint8_t before = base > 0 ? (uint8_t)state->text[base - 1] : ' ';
    for (unsigned i = 0; i < FIND_BLOCK; i++) {
        uint8_t byte = base + i < state->len ? (uint8_t)state->text[base + i] : ' ';
        uint8_t lower = byte | 0x20;
        set(&now.letter, i, (uint8_t)(lower - 'a') < 26);
        set(&now.small, i, (uint8_t)(byte - 'a') < 26);
        set(&now.digit, i, (uint8_t)(byte - '0') < 10);
        set(&now.space, i, byte <= ' ');
        set(&now.other, i, byte >= 0x80);
        set(&now.trail, i, byte >= 0x80 && byte < 0xC0);
        set(&now.three, i, byte >= 0xE0);
        set(&now.four, i, byte >= 0xF0);
        set(&now.loose, i, byte == '$' || byte == '@' || byte == '!' || byte == '|');
        set(&now.opens, i, byte == '<' || byte == '%' || byte == '\\' || byte == '&');
        set(&now.twice, i, (uint8_t)(lower - 'a') < 26 && lower == (before | 0x20));
        before = byte;
    }
    return now;
}

static void find_scalar(struct find_state *state)
{
    find_walk(state, masks_of, shorts_of);
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
