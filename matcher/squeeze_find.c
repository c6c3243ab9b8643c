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
static enum squeeze_look look_slowly(const struct find_state *state, size_t at, unsigned *ret_len)
{
    uint32_t cp = 0;
    struct looks_unit unit;
    *ret_len = fold_decode((const uint8_t *)state->text + at, state->len - at, &cp);
    if (*ret_len == 0) {
        *ret_len = 1;
        return SQUEEZE_LOOK_SIGN;
    }
    if (cp < SQUEEZE_BMP)
        return (enum squeeze_look)state->index->looks[cp];
    looks_next(state->text, state->len, at, &unit);
    return squeeze_look_of(&unit);
}

static inline enum squeeze_look look_at(const struct find_state *state, size_t at,
                                        unsigned *ret_len)
{
    const uint8_t *bytes = (const uint8_t *)state->text + at;
    const uint8_t *looks = state->index->looks;
    size_t left = state->len - at;
    if (bytes[0] >= 0xC2 && bytes[0] < 0xE0 && left > 1 && (bytes[1] & 0xC0) == 0x80) {
        *ret_len = 2;
        return (enum squeeze_look)looks[(bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu)];
    }
    if (bytes[0] > 0xE0 && bytes[0] < 0xF0 && left > 2 && (bytes[1] & 0xC0) == 0x80 &&
        (bytes[2] & 0xC0) == 0x80) {
        *ret_len = 3;
        return (enum squeeze_look)
            looks[(bytes[0] & 0xFu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu)];
    }
    return look_slowly(state, at, ret_len);
}

/* First bytes of the code points of a block, by look and by length. */
struct leads {
    uint64_t look[8], longer[5]; /* longer[n]: of more than n bytes */
};

/* All bytes of the code points that begin at leads: those in this block; *ret_rest: in the next. */
static uint64_t spread(const struct leads *leads, uint64_t first, uint64_t *ret_rest)
{
    uint64_t all = first;
    for (unsigned i = 1; i < 4; i++) {
        uint64_t more = first & leads->longer[i];
        all |= more << i;
        *ret_rest |= more >> (FIND_BLOCK - i);
    }
    return all;
}

struct find_others find_read_others(struct find_state *state, uint32_t base,
                                    const struct find_masks *now)
{
    struct find_others others = state->rest, rest = {0};
    struct leads leads = {0};
    uint64_t first = now->other & ~now->trail;
    for (uint64_t left = first; left != 0; left &= left - 1) {
        unsigned len = 0;
        enum squeeze_look look = look_at(state, base + (unsigned)__builtin_ctzll(left), &len);
        uint64_t bit = left & -left;
        leads.look[look] |= bit;
        leads.longer[1] |= len > 1 ? bit : 0;
        leads.longer[2] |= len > 2 ? bit : 0;
        leads.longer[3] |= len > 3 ? bit : 0;
    }
    others.claimed |= spread(&leads, first, &rest.claimed);
    others.sign |= now->trail & ~others.claimed; /* bytes that are not UTF-8 */
    if (first == leads.look[SQUEEZE_LOOK_PLAIN]) {
        state->rest = rest;
        return others;
    }
    uint64_t weak = leads.look[SQUEEZE_LOOK_WEAK], odd = leads.look[SQUEEZE_LOOK_ODD];
    uint64_t strange = leads.look[SQUEEZE_LOOK_FOREIGN];
    others.alike |= spread(&leads, weak | odd | leads.look[SQUEEZE_LOOK_ALIKE], &rest.alike);
    others.odd |= spread(&leads, odd, &rest.odd);
    others.foreign |= spread(&leads, strange | weak, &rest.foreign);
    others.strange |= spread(&leads, strange, &rest.strange);
    others.sign |=
        spread(&leads, leads.look[SQUEEZE_LOOK_SIGN] | leads.look[SQUEEZE_LOOK_SPACE], &rest.sign);
    state->rest = rest;
    return others;
}

/* Whether text[at] is a byte of a word. */
static bool is_word(const struct find_state *state, size_t at)
{
    uint8_t byte = (uint8_t)state->text[at];
    if (byte < 0x80)
        return (uint8_t)(byte - '0') < 10 || (uint8_t)((byte | 0x20) - 'a') < 26;
    size_t lead = at;
    while (lead > 0 && at - lead < 3 && ((uint8_t)state->text[lead] & 0xC0) == 0x80)
        lead--;
    unsigned len = 1;
    enum squeeze_look look = look_at(state, lead, &len);
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

void find_add_run(struct find_state *state, uint32_t at)
{
    if (at <= state->run_end)
        return;
    size_t begin = run_front(state, at), end = run_back(state, at);
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

static void find_scalar(struct find_state *state)
{
    uint8_t before = ' ';
    for (size_t base = 0; base <= state->len; base += FIND_BLOCK) {
        struct find_masks now = {0};
        for (unsigned i = 0; i < FIND_BLOCK; i++) {
            uint8_t byte = base + i < state->len ? (uint8_t)state->text[base + i] : ' ';
            uint8_t lower = byte | 0x20;
            set(&now.letter, i, (uint8_t)(lower - 'a') < 26);
            set(&now.small, i, (uint8_t)(byte - 'a') < 26);
            set(&now.digit, i, (uint8_t)(byte - '0') < 10);
            set(&now.space, i, byte <= ' ');
            set(&now.other, i, byte >= 0x80);
            set(&now.trail, i, byte >= 0x80 && byte < 0xC0);
            set(&now.loose, i, byte == '$' || byte == '@' || byte == '!' || byte == '|');
            set(&now.opens, i, byte == '<' || byte == '%' || byte == '\\' || byte == '&');
            set(&now.capital_i, i, byte == 'I');
            set(&now.twice, i, (uint8_t)(lower - 'a') < 26 && lower == (before | 0x20));
            before = byte;
        }
        find_step(state, (uint32_t)base, &now, shorts_of);
    }
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
