/*
 * Written letters that are words of their own.
 */
#include "matcher/squeeze_words.h"

#include "matcher/matcher.h"
#include "matcher/words.h"

/* Whether letters [begin, end), written in ASCII, are a word of its own: listed so, ordinary, or a
   number before an ordinary word ("6Core"). */
static bool is_word(const struct squeeze_index *index, const struct squeeze_letter *letters,
                    size_t begin, size_t end)
{
    char word[SQUEEZE_WRITTEN_LETTERS_MAX];
    uint64_t hash = 0;
    size_t front = 0;
    if (end - begin < 2)
        return false; /* a letter set apart says nothing by itself, whatever is listed ("1:1") */
    while (begin + front < end && letters[begin + front].kind == SQUEEZE_DIGIT)
        front++;
    for (size_t i = begin; i < end; i++) {
        uint32_t source = letters[i].source;
        hash = squeeze_plain_add(hash, source);
        word[i - begin] = source < 0x80 ? (char)source : '?';
    }
    size_t len = end - begin - front;
    return squeeze_is_plain(index, hash) ||
           (len >= (front == 0 ? 1u : 4u) && words_find(word + front, len) != WORDS_NONE);
}

bool squeeze_holds_word(const struct squeeze_index *index, const struct squeeze_written *written,
                        const uint16_t *changed)
{
    const struct squeeze_letter *letters = written->letters;
    size_t begin = 0;
    bool other = false;
    for (size_t i = 0; i <= written->count; i++) {
        if (i == written->count || (i > 0 && letters[i].gap != SQUEEZE_GAP_NONE)) {
            if (other && is_word(index, letters, begin, i))
                return true;
            begin = i;
            other = false;
        }
        if (i < written->count)
            other |= (changed[i] & (MATCHER_TECHNIQUE_LEET | MATCHER_TECHNIQUE_REPEATED |
                                    MATCHER_TECHNIQUE_CONFUSABLE)) != 0;
    }
    return false;
}

/* Whether letters are one of the two that are a word in many titles; words_find knows none. */
static bool is_small_word(const struct squeeze_letter *letters)
{
    static const char words[] =
        "amanasatbebydedodueleneugohehiifilininislalemymenoofonorsotoupusweun";
    for (const char *word = words; *word != '\0'; word += 2)
        if (letters[0].source == (uint8_t)word[0] && letters[1].source == (uint8_t)word[1])
            return true;
    return false;
}

bool squeeze_may_be_two_words(const struct squeeze_index *index,
                              const struct squeeze_written *written, size_t listed_count)
{
    size_t begin = 0, pieces = 0, words = 0;
    if (listed_count >= SQUEEZE_SPLIT_SURE)
        return false;
    for (size_t i = 1; i <= written->count; i++) {
        if (i < written->count && written->letters[i].gap == SQUEEZE_GAP_NONE)
            continue;
        pieces++;
        words += is_word(index, written->letters, begin, i) ||
                 (i - begin == 2 && is_small_word(written->letters + begin));
        begin = i;
    }
    return listed_count < SQUEEZE_SPLIT_SHORT ? words > 0 : words == pieces;
}
