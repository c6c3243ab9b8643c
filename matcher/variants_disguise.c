/*
 * Disguises that the fold leaves as they are: letters for others that look like them, pieces, and
 * what is read from its end; and cues in the other number.
 */
#include <assert.h>
#include <string.h>

#include "matcher/looks.h"
#include "matcher/variants_making.h"
#include "matcher/words.h"

#define APART_LETTERS_MAX 6u
#define PIECES_MAX        4u
#define ALIKE_BYTES_MAX   (VARIANTS_WORD_BYTES_MAX * 2)

static bool is_new_word(const char *word, size_t len)
{
    return words_find(word, len) == WORDS_NONE;
}

/* Offers a word that looks like the one at hand and is none of its own. */
static int offer_alike(struct variants_making *making, const struct variants_part *part,
                       const char *word, size_t len)
{
    const char *listed = making->name.text + 1 + part->at;
    bool same = len == part->len && memcmp(word, listed, len) == 0;
    if (same || making->name.len - part->len + len > VARIANTS_BYTES_MAX || !is_new_word(word, len))
        return 0;
    bool is_short =
        making->name.letters < (making->name.count == 1 ? VARIANTS_ALIKE_MIN : VARIANTS_TYPO_MIN);
    /* Of letters that are only like one another a short word is soon as near to another. */
    making->doubtful =
        is_short || (len == part->len && len < VARIANTS_TYPO_MIN && words_near_common(word, len));
    if (is_short && variants_of_generic(making))
        return 0;
    return variants_offer_changed(making, part, word, len);
}

/* The word with each letter that has one in pairs replaced: pairs are letter, what stands for it,
   space. */
static size_t write_alike(const char *word, size_t len, const char *pairs, char *out)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        const char *pair = pairs;
        while (*pair != '\0' && *pair != word[i])
            pair = strchr(pair, ' ') + 1;
        if (*pair == '\0')
            out[count++] = word[i];
        else
            for (pair++; *pair != ' '; pair++)
                out[count++] = *pair;
    }
    return count;
}

static int make_alikes(struct variants_making *making, const struct variants_part *part)
{
    static const char *const pairs[] = {"mrn ",         "wvv ", "mrn wvv ", "dcl ",
                                        "mrn wvv dcl ", "il ",  "li "};
    const char *word = making->name.text + 1 + part->at;
    char alike[ALIKE_BYTES_MAX];
    int done = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0] && done == 0; i++)
        done = offer_alike(making, part, alike, write_alike(word, part->len, pairs[i], alike));
    for (size_t i = 0; i < part->len && done == 0; i++) {
        memcpy(alike, word, i);
        size_t len = i + write_alike(word + i, 1, "mrn wvv dcl il li ", alike + i);
        memcpy(alike + len, word + i + 1, part->len - i - 1);
        done = offer_alike(making, part, alike, len + part->len - i - 1);
    }
    return done;
}

/* Letters of a script without word spaces, each set apart. */
static int make_singles(struct variants_making *making)
{
    const struct variants_name *name = &making->name;
    const char *text = name->text + 1;
    char apart[VARIANTS_BYTES_MAX];
    size_t len = 0, letters = 0;
    for (size_t at = 0; at < name->len; letters++) {
        uint32_t cp = 0;
        unsigned step = fold_decode((const uint8_t *)text + at, name->len - at, &cp);
        /* Kana, Han and Hangul: a code point is a letter. */
        if (cp < 0x3041 || (cp > 0x9FFF && (cp < 0xAC00 || cp > 0xD7A3)))
            return 0;
        if (len > 0)
            apart[len++] = ' ';
        memcpy(apart + len, text + at, step);
        len += step;
        at += step;
    }
    return letters < 2 || letters > APART_LETTERS_MAX ? 0 : variants_offer(making, apart, len);
}

/* Offers the word cut at count places, unless all pieces are words. */
static int offer_pieces(struct variants_making *making, const size_t *cuts, size_t count)
{
    const char *word = making->name.text + 1;
    char pieces[VARIANTS_WORD_BYTES_MAX + PIECES_MAX];
    size_t len = 0;
    bool words = true;
    for (size_t i = 0; i <= count; i++) {
        size_t begin = i == 0 ? 0 : cuts[i - 1], end = i == count ? making->name.len : cuts[i];
        words = words && !is_new_word(word + begin, end - begin);
        if (i > 0)
            pieces[len++] = ' ';
        memcpy(pieces + len, word + begin, end - begin);
        len += end - begin;
    }
    return words ? 0 : variants_offer(making, pieces, len);
}

/* Three pieces of two letters and more, four of three and more. */
static int make_pieces(struct variants_making *making)
{
    size_t len = making->name.len, cuts[PIECES_MAX - 1];
    int done = 0;
    for (cuts[0] = 2; cuts[0] + 4 <= len; cuts[0]++) {
        for (cuts[1] = cuts[0] + 2; cuts[1] + 2 <= len && done == 0; cuts[1]++) {
            done = offer_pieces(making, cuts, 2);
            for (cuts[2] = cuts[1] + 3; cuts[2] + 3 <= len && done == 0; cuts[2]++)
                if (cuts[0] >= 3 && cuts[1] - cuts[0] >= 3)
                    done = offer_pieces(making, cuts, 3);
        }
    }
    return done;
}

static int make_reversed(struct variants_making *making)
{
    const char *word = making->name.text + 1;
    size_t len = making->name.len;
    char reversed[VARIANTS_WORD_BYTES_MAX];
    for (size_t i = 0; i < len; i++)
        reversed[i] = word[len - 1 - i];
    if (memcmp(reversed, word, len) == 0 || !is_new_word(reversed, len) ||
        words_near_common(reversed, len))
        return 0;
    return variants_offer(making, reversed, len);
}

/* As looks_next reads the signs that are set for letters upside down, of which it shows most
 * upright.
 */
static int make_turned(struct variants_making *making)
{
    const char *word = making->name.text + 1;
    size_t len = making->name.len;
    char turned[VARIANTS_WORD_BYTES_MAX];
    for (size_t i = 0; i < len; i++)
        turned[i] = (char)looks_turned((uint8_t)word[len - 1 - i]);
    return memcmp(turned, word, len) == 0 ? 0 : variants_offer(making, turned, len);
}

int variants_disguise(struct variants_making *making)
{
    const struct variants_name *name = &making->name;
    const struct variants_part *first = &name->parts[0];
    bool one = name->count == 1 && first->latin && first->letters > 0;
    int done = 0;
    if (making->kind == VARIANTS_REVERSED)
        return one && first->letters >= VARIANTS_REVERSED_MIN ? make_reversed(making) : 0;
    if (making->kind == VARIANTS_TURNED)
        return one && first->letters >= VARIANTS_TURNED_MIN ? make_turned(making) : 0;
    if (making->kind == VARIANTS_APART && name->count == 1 && name->unspaced)
        return make_singles(making);
    if (making->kind == VARIANTS_APART)
        return one && first->letters >= VARIANTS_PIECES_MIN ? make_pieces(making) : 0;
    assert(making->kind == VARIANTS_ALIKE);
    for (size_t i = 0; i < name->count && done == 0; i++) {
        const struct variants_part *part = &name->parts[i];
        if (part->latin &&
            part->letters >= (name->count > 1 ? VARIANTS_WORD_MIN : VARIANTS_DOUBTFUL_MIN))
            done = make_alikes(making, part);
    }
    return done;
}

/* Ends of words in one number and the other, as folded; both are tried whatever the language. */
static const struct {
    const char *from, *to;
} numbers[] = {
    {"ion", "iones"}, {"on", "ones"}, {"ung", "ungen"},  {"zione", "zioni"}, {"ka", "ki"},
    {"ka", "ke"},     {"ия", "ии"},   {"ия", "ию"},      {"ія", "ії"},       {"ія", "ію"},
    {"ка", "ки"},     {"ка", "ку"},   {"ika", "ikalar"}, {"or", "ores"},     {"ie", "ies"},
};

/* Offers the cue with another last word, and the same with its words as one. */
static int take_number(void *context, const char *word, size_t len)
{
    struct variants_making *making = context;
    const struct variants_name *name = &making->name;
    char joined[VARIANTS_BYTES_MAX];
    size_t count = 0;
    int done = variants_offer_changed(making, making->changed, word, len);
    if (done != 0 || name->count == 1 || name->unspaced || name->letters < VARIANTS_JOINED_MIN)
        return done;
    for (size_t i = 0; i + 1 < name->count; i++) {
        memcpy(joined + count, name->text + 1 + name->parts[i].at, name->parts[i].len);
        count += name->parts[i].len;
    }
    assert(count + len <= sizeof joined);
    memcpy(joined + count, word, len);
    return variants_offer(making, joined, count + len);
}

int variants_cue(struct variants_making *making)
{
    const struct variants_part *last = making->changed =
        &making->name.parts[making->name.count - 1];
    const char *word = making->name.text + 1 + last->at;
    int done = 0;
    if (making->name.unspaced && making->name.count == 1) {
        making->kind = VARIANTS_APART;
        return make_singles(making);
    }
    making->kind = VARIANTS_INFLECTED;
    if (last->letters < VARIANTS_CUE_MIN || making->name.len + 8 > VARIANTS_BYTES_MAX)
        return 0;
    done = take_number(making, word, last->len);
    if (done == 0 && last->latin)
        done = variants_numbers(word, last->len, true, take_number, making);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && done == 0; i++) {
        char changed[VARIANTS_WORD_BYTES_MAX + 8];
        size_t cut = strlen(numbers[i].from), put = strlen(numbers[i].to);
        if (last->len <= cut || memcmp(word + last->len - cut, numbers[i].from, cut) != 0)
            continue;
        memcpy(changed, word, last->len - cut);
        memcpy(changed + last->len - cut, numbers[i].to, put);
        done = take_number(making, changed, last->len - cut + put);
    }
    return done;
}
