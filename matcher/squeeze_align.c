/*
 * Whether written letters are a listed text: the alignment and its rules.
 */
#include "matcher/squeeze_align.h"

#include <assert.h>
#include <string.h>

#include "matcher/looks.h"
#include "matcher/matcher.h"

#define LEET       MATCHER_TECHNIQUE_LEET
#define CONFUSABLE MATCHER_TECHNIQUE_CONFUSABLE
#define REPEATED   MATCHER_TECHNIQUE_REPEATED
#define MASKED     MATCHER_TECHNIQUE_MASKED
#define SEPARATED  MATCHER_TECHNIQUE_SEPARATED
#define JOINED     MATCHER_TECHNIQUE_JOINED
#define SPLIT      MATCHER_TECHNIQUE_SPLIT
#define MARKUP     MATCHER_TECHNIQUE_MARKUP
/* What makes a match that the fold cannot see. */
#define OURS                                                                                       \
    (LEET | CONFUSABLE | REPEATED | MASKED | SEPARATED | JOINED | SPLIT | MARKUP |                 \
     MATCHER_TECHNIQUE_TAGGED)

/* From the mildest to the hardest. */
static const uint16_t levels[] = {
    0,
    CONFUSABLE,
    REPEATED,
    LEET,
    CONFUSABLE | REPEATED,
    LEET | CONFUSABLE,
    LEET | REPEATED,
    LEET | CONFUSABLE | REPEATED,
    MASKED,
};

/* What it takes to read written as listed: 0, one technique, or -1 if it cannot be. */
static int step_of(const struct squeeze_letter *written, const struct squeeze_letter *listed)
{
    if (written->kind == SQUEEZE_MASK)
        return listed->kind == SQUEEZE_DIGIT ? -1 : (int)MASKED;
    if (listed->kind == SQUEEZE_DIGIT || listed->kind == SQUEEZE_FOREIGN ||
        listed->kind == SQUEEZE_SIGN)
        return written->kind == listed->kind && written->cp == listed->cp ? 0 : -1;
    if (written->kind == SQUEEZE_LETTER && written->cp == listed->cp)
        return 0;
    if (written->kind == SQUEEZE_LETTER)
        return looks_alike((uint8_t)written->cp, (uint8_t)listed->cp) ? (int)CONFUSABLE : -1;
    if (written->kind == SQUEEZE_FOREIGN)
        return -1;
    const char *leet = looks_leet(written->cp);
    bool stands = leet != NULL && strchr(leet, (int)listed->cp) != NULL;
    if (!stands && written->kind == SQUEEZE_DIGIT)
        stands = looks_alike((uint8_t)written->cp, (uint8_t)listed->cp) != 0;
    return stands ? (int)LEET : -1;
}

/* Whether written can be read as listed with the techniques of a level. */
static bool fits(const struct squeeze_letter *written, const struct squeeze_letter *listed,
                 unsigned level)
{
    int step = step_of(written, listed);
    return step >= 0 && ((unsigned)step & ~level) == 0;
}

/* Whether a letter says once more what the one before it was read as. */
static bool repeats(const struct squeeze_letter *written, const struct squeeze_letter *listed,
                    unsigned level)
{
    return written->kind != SQUEEZE_MASK && listed->kind != SQUEEZE_DIGIT &&
           fits(written, listed, level);
}

/* Reached states: bit k of reached[i] says that i written letters can be the first k listed. */
struct paths {
    uint64_t reached[SQUEEZE_WRITTEN_LETTERS_MAX + 1];
    uint8_t at[SQUEEZE_WRITTEN_LETTERS_MAX]; /* the listed letter of each written one */
    bool again[SQUEEZE_WRITTEN_LETTERS_MAX]; /* it repeats the one before */
};

static bool walk(const struct squeeze_written *written, const struct squeeze_letter *listed,
                 size_t count, unsigned level, struct paths *paths)
{
    paths->reached[0] = 1;
    for (size_t i = 0; i < written->count; i++) {
        const struct squeeze_letter *letter = &written->letters[i];
        uint64_t before = paths->reached[i], after = 0;
        for (uint64_t left = before & ((1ull << count) - 1); left != 0; left &= left - 1) {
            unsigned k = (unsigned)__builtin_ctzll(left);
            if (fits(letter, &listed[k], level))
                after |= 2ull << k;
        }
        for (uint64_t left = (level & REPEATED) != 0 ? before & ~1ull : 0; left != 0;
             left &= left - 1) {
            unsigned k = (unsigned)__builtin_ctzll(left);
            if (repeats(letter, &listed[k - 1], level))
                after |= 1ull << k;
        }
        if (after == 0)
            return false;
        paths->reached[i + 1] = after;
    }
    return (paths->reached[written->count] >> count & 1) != 0;
}

/* Goes one accepted path back, reading as few letters as repeats as it can. */
static void trace(const struct squeeze_written *written, const struct squeeze_letter *listed,
                  size_t count, unsigned level, struct paths *paths)
{
    size_t k = count;
    for (size_t i = written->count; i-- > 0;) {
        bool consumes = k > 0 && (paths->reached[i] >> (k - 1) & 1) != 0 &&
                        fits(&written->letters[i], &listed[k - 1], level);
        paths->again[i] = !consumes;
        paths->at[i] = (uint8_t)(k - 1);
        k -= consumes;
    }
    assert(k == 0);
}

/* What the path adds up to. */
struct sums {
    unsigned techniques;
    size_t leet, masked, repeated, weak; /* weak: repeats that make an ordinary double letter */
    size_t ascii, same;                  /* letters written in ASCII; as in the list */
    size_t alike, alike_il;              /* ASCII letters for others; of them I and l */
    size_t alike_same;                   /* of these, small l among capitals and capital I for l */
    size_t capitals;
    size_t joints_sign, joints_space, apostrophes;
    size_t piece, piece_min, piece_max;
    bool foreign; /* the listed text is of another script */
    bool kept;    /* an accented letter that the fold keeps */
};

/* What the source of a letter says that the listed one does not. */
static unsigned source_bits(const struct squeeze_letter *written,
                            const struct squeeze_letter *listed)
{
    unsigned accent = (written->techniques ^ listed->techniques) & MATCHER_TECHNIQUE_ACCENT;
    unsigned more = written->techniques & ~(unsigned)listed->techniques;
    if (written->source == listed->source)
        return (more & ~(unsigned)CONFUSABLE) | accent;
    /* A Latin letter in a Cyrillic name is as much of a look-alike as the other way round. */
    unsigned other = (written->techniques | listed->techniques) & CONFUSABLE;
    return more | accent | other;
}

static void end_piece(struct sums *sums)
{
    sums->piece_max = sums->piece > sums->piece_max ? sums->piece : sums->piece_max;
    sums->piece_min = sums->piece < sums->piece_min ? sums->piece : sums->piece_min;
    sums->piece = 0;
}

static void add_gap(struct sums *sums, const struct squeeze_letter *letter, bool inside, bool apart)
{
    if (letter->gap == SQUEEZE_GAP_NONE && apart)
        sums->techniques |= JOINED;
    unsigned spelled = letter->gap != SQUEEZE_GAP_NONE ? letter->spelled : 0;
    if ((spelled & MARKUP) != 0) /* beside what parts the letters anyway */
        spelled ^= MARKUP | MATCHER_TECHNIQUE_TAGGED;
    sums->techniques |= spelled;
    if (letter->gap != SQUEEZE_GAP_NONE && inside) {
        sums->techniques |= SEPARATED;
        sums->joints_sign += letter->gap == SQUEEZE_GAP_SIGN;
        sums->joints_space += letter->gap == SQUEEZE_GAP_SPACE;
        sums->apostrophes += letter->apostrophe;
    }
    if (letter->gap != SQUEEZE_GAP_NONE)
        end_piece(sums);
    sums->piece++;
}

static bool is_pair_il(uint32_t a, uint32_t b)
{
    return (a == 'i' && b == 'l') || (a == 'l' && b == 'i');
}

/* Letters that stand twice in words of many languages. */
static bool doubles_well(uint32_t cp)
{
    static const char letters[] = "bcdefglmnoprstz";
    return memchr(letters, (int)cp, sizeof letters - 1) != NULL;
}

static void add_letter(struct sums *sums, const struct squeeze_written *written, size_t i,
                       const struct squeeze_letter *listed, unsigned bits)
{
    const struct squeeze_letter *letter = &written->letters[i];
    bool ascii = letter->source < 0x80;
    bool thrice = i > 1 && letter[-2].cp == letter->cp;
    sums->techniques |= bits;
    sums->leet += (bits & LEET) != 0;
    sums->masked += (bits & MASKED) != 0;
    sums->ascii += ascii;
    sums->capitals += letter->capital;
    sums->same += letter->source == listed->source;
    sums->kept |= (bits & MATCHER_TECHNIQUE_ACCENT) != 0 && letter->source != listed->source &&
                  !squeeze_folds_to_ascii(letter->source);
    sums->foreign |= listed->source >= 0x80 && (listed->techniques & MATCHER_TECHNIQUE_ACCENT) == 0;
    if (letter->kind == SQUEEZE_LETTER && ascii && letter->cp != listed->cp) {
        sums->alike++;
        sums->alike_il += is_pair_il(letter->cp, listed->cp);
        sums->alike_same +=
            is_pair_il(letter->cp, listed->cp) && letter->capital == (letter->cp == 'i');
    }
    if ((bits & REPEATED) != 0) {
        sums->repeated++;
        sums->weak += doubles_well(letter->cp) && !thrice;
    }
}

static struct sums sum_up(const struct squeeze_written *written,
                          const struct squeeze_letter *listed, size_t count,
                          const struct paths *paths, uint16_t changed[SQUEEZE_WRITTEN_LETTERS_MAX])
{
    struct sums sums = {.piece = 1, .piece_min = SIZE_MAX};
    for (size_t i = 0; i < written->count; i++) {
        const struct squeeze_letter *letter = &written->letters[i], *meant = &listed[paths->at[i]];
        bool again = paths->again[i], apart = !again && meant->gap != SQUEEZE_GAP_NONE;
        unsigned step = (unsigned)step_of(letter, meant) | (again ? (unsigned)REPEATED : 0);
        unsigned bits = step | source_bits(letter, meant);
        changed[i] = (uint16_t)bits;
        add_letter(&sums, written, i, meant, bits);
        if (i > 0)
            add_gap(&sums, letter, !apart, apart);
    }
    end_piece(&sums);
    /* A word with one sign in it is two words, which honest sellers write too, and so is a
       genitive; a short name with one is too little to tell. */
    bool one = sums.joints_sign == 1 && sums.joints_space == 0;
    if (one && (sums.piece_min >= 3 || sums.apostrophes == 1 || count < SQUEEZE_SPLIT_SURE))
        sums.techniques ^= SEPARATED | SPLIT;
    return sums;
}

/* Whether a single letter stands next to the range, so that it may be part of something longer. */
static bool is_in_longer_run(const struct squeeze_written *written)
{
    const struct squeeze_letter *after = written->after;
    bool before_single = written->before != NULL && written->before->gap != SQUEEZE_GAP_NONE;
    return before_single ||
           (after != NULL && after->gap != SQUEEZE_GAP_NONE && after[1].gap != SQUEEZE_GAP_NONE);
}

/* Whether a text is nothing but one word that signs part, and no sign joins it to others; sure: one
   sign, into two pieces of two letters and more. */
static bool is_split_alone(const struct squeeze_written *written, const struct sums *sums,
                           bool sure)
{
    bool joined = written->letters->gap != SQUEEZE_GAP_SPACE ||
                  (written->after != NULL && written->after->gap != SQUEEZE_GAP_SPACE);
    unsigned ours = sums->techniques & OURS;
    if (joined || (ours != SPLIT && ours != SEPARATED))
        return false;
    return sure ? ours == SPLIT && sums->joints_sign == 1 && sums->piece_min >= 2
                : sums->joints_sign <= 2;
}

static bool is_separated_well(const struct squeeze_written *written, const struct sums *sums,
                              size_t n, bool sure)
{
    if (sums->joints_sign + sums->joints_space == 0)
        return true;
    if (sums->piece_max == 1)
        return n >= 4 || (n == 3 && !is_in_longer_run(written));
    if (sums->joints_space > 0)
        return n >= 8 && sums->piece_max <= 2;
    return n >= SQUEEZE_SPLIT_SHORT ||
           (n >= 4 && !written->cue && is_split_alone(written, sums, sure));
}

/* Whether all ASCII letters for others are the same stroke on most screens: a small l among
   capitals. */
static bool is_same_stroke(const struct sums *sums, size_t n)
{
    return sums->alike == sums->alike_same && sums->capitals + sums->alike == n;
}

/* Whether two digits end four letters: LE60 is a model number. */
static bool ends_as_model(const struct squeeze_written *written, size_t n)
{
    return n == 4 && written->count == 4 && written->letters[2].kind == SQUEEZE_DIGIT &&
           written->letters[3].kind == SQUEEZE_DIGIT && written->letters[3].gap == SQUEEZE_GAP_NONE;
}

/* Rule 2. */
static bool is_leet_well(const struct squeeze_written *written, const struct sums *sums, size_t n,
                         bool sure)
{
    if (sums->leet == 0)
        return true;
    if (n < 4 || written->near_digits)
        return false;
    bool many = sums->leet * 2 > n, most = sums->leet * 3 > n * 2;
    bool enough = n >= SQUEEZE_LEET_SURE && sums->repeated == 0;
    return !sure || (many && enough) ? !most : !many && !ends_as_model(written, n);
}

/* Rules 2 to 5. */
static bool is_replaced_well(const struct squeeze_written *written, const struct sums *sums,
                             size_t n, bool sure)
{
    if (!is_leet_well(written, sums, n, sure))
        return false;
    if ((sums->techniques & CONFUSABLE) != 0 && n < (sums->ascii > 0 ? 3u : 4u))
        return false;
    if (sums->foreign && sums->same * 2 < n)
        return false;
    size_t alike_min = !sure ? 4 : sums->alike == sums->alike_il ? 5 : 8;
    if (sums->alike > 0 && n < alike_min && !(n == 4 && is_same_stroke(sums, n)))
        return false;
    if (sums->repeated > 0 && (n < 4 || (sure && n < 5 && sums->weak == sums->repeated)))
        return false;
    return !sure || n >= 6 || (sums->leet > 0) + (sums->alike > 0) + (sums->repeated > 0) <= 1;
}

/* Whether the rules hold; sure: those for what counts by itself. */
static bool keeps_the_rules(const struct squeeze_written *written, const struct sums *sums,
                            size_t n, bool sure)
{
    unsigned techniques = sums->techniques;
    if (((techniques & OURS) == 0 && !sums->kept) || !is_replaced_well(written, sums, n, sure))
        return false;
    if ((techniques & MASKED) != 0)
        return n >= 5 && sums->masked * 2 <= n && (techniques & OURS) == MASKED;
    bool more = (techniques & (OURS & ~JOINED)) != 0;
    if ((techniques & JOINED) != 0 && n < (more ? 6u : 8u))
        return false;
    return is_separated_well(written, sums, n, sure);
}

unsigned squeeze_align(const struct squeeze_written *written, const struct squeeze_letter *listed,
                       size_t listed_count, uint16_t changed[SQUEEZE_WRITTEN_LETTERS_MAX])
{
    assert(written->count <= SQUEEZE_WRITTEN_LETTERS_MAX);
    assert(listed_count <= SQUEEZE_FORM_LETTERS_MAX);
    struct paths paths;
    size_t levels_count = written->compound ? 1 : sizeof levels / sizeof levels[0];
    if (written->compound && listed_count < (written->humps ? 4u : 8u))
        return 0;
    for (size_t i = 0; i < levels_count; i++) {
        if (!walk(written, listed, listed_count, levels[i], &paths))
            continue;
        trace(written, listed, listed_count, levels[i], &paths);
        struct sums sums = sum_up(written, listed, listed_count, &paths, changed);
        if (written->compound)
            return (sums.techniques & ~(unsigned)JOINED) == 0 ? JOINED : 0;
        if (keeps_the_rules(written, &sums, listed_count, true))
            return sums.techniques;
        bool doubtful = !written->cue && keeps_the_rules(written, &sums, listed_count, false);
        return doubtful ? sums.techniques | SQUEEZE_DOUBTFUL : 0;
    }
    return 0;
}
