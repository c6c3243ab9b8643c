/*
 * The squeezed reading: from suspects to hits. Ranges of words around a suspect are looked up by
 * their key and aligned with what is listed under it.
 */
#include "matcher/squeeze.h"

#include <assert.h>

#include "matcher/looks.h"
#include "matcher/squeeze_align.h"
#include "matcher/squeeze_find.h"
#include "matcher/squeeze_quick.h"
#include "matcher/words.h"

#define WINDOW_LETTERS 512u
#define NEAR_BYTES     96u /* words around a suspect are looked for within */

/* Letters around a suspect; after the last one stand two with a gap. */
struct window {
    const struct squeeze_suspect *suspect;
    size_t count;
    bool whole; /* it reaches as far as it should: the last letter ends a word */
    struct squeeze_letter letters[WINDOW_LETTERS + 2];
};

struct squeeze_room {
    struct squeeze_suspect suspects[SQUEEZE_SUSPECTS_MAX];
    struct squeeze_quick quick;
    struct window window;
};

/* What the search for suspects hands back to. */
struct search {
    struct squeeze_room *room;
    const struct squeeze_index *index;
    const struct matcher_lists *lists;
    const char *text;
    size_t len;
    enum fold_path path;
    uint32_t field;
    uint32_t first; /* hits before it are of other fields */
    struct squeeze_found *found;
};

static void add_hit(struct search *search, const struct squeeze_hit *hit)
{
    struct squeeze_found *found = search->found;
    for (uint32_t i = search->first; i < found->count; i++) {
        const struct squeeze_hit *other = &found->hits[i];
        if (other->from == hit->from && other->to == hit->to && other->target == hit->target) {
            if (__builtin_popcount(hit->techniques) < __builtin_popcount(other->techniques))
                found->hits[i].techniques = hit->techniques;
            return;
        }
    }
    if (found->count == SQUEEZE_HITS_MAX)
        found->lost++;
    else
        found->hits[found->count++] = *hit;
}

/* Whether a piece with digits is joined to letters [first, last] by signs, or stands behind them
   like the rest of a number that was torn ("1eg0 .052"). */
static bool has_digits_near(const struct search *search, const struct window *window, size_t first,
                            size_t last)
{
    const struct squeeze_letter *letters = window->letters;
    bool digits = false;
    for (size_t i = first; i > 0 && letters[i].gap != SQUEEZE_GAP_SPACE && !digits; i--)
        digits = letters[i - 1].kind == SQUEEZE_DIGIT;
    for (size_t i = last + 1; i < window->count && letters[i].gap != SQUEEZE_GAP_SPACE && !digits;
         i++)
        digits = letters[i].kind == SQUEEZE_DIGIT;
    size_t at = letters[last].to;
    if (at + 2 < search->len && search->text[at] == ' ' &&
        strchr("./-", search->text[at + 1]) != NULL)
        digits |= (uint8_t)(search->text[at + 2] - '0') < 10;
    return digits;
}

/* Whether letters [begin, end), written in ASCII, are a word of its own: listed so, ordinary, or a
   number before an ordinary word ("6Core"). */
static bool is_word(const struct squeeze_index *index, const struct squeeze_letter *letters,
                    size_t begin, size_t end)
{
    char word[SQUEEZE_WRITTEN_LETTERS_MAX];
    uint64_t hash = 0;
    size_t front = 0;
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

/* Whether a word that digits, repeats or other ASCII letters make the listed one is a word of its
   own, which says something else. */
static bool holds_word(const struct squeeze_index *index, const struct squeeze_written *written,
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

static void try_target(struct search *search, const struct squeeze_written *written,
                       uint32_t target)
{
    struct squeeze_letter listed[SQUEEZE_FORM_LETTERS_MAX + 1 + LOOKS_LETTERS_MAX];
    uint16_t changed[SQUEEZE_WRITTEN_LETTERS_MAX];
    uint32_t number = target >> 1;
    bool is_form = number < search->lists->forms_count;
    if (written->compound &&
        (!is_form || search->lists->marks[search->lists->forms[number].mark].generic))
        return;
    size_t count = squeeze_index_read(search->lists, target, listed, SQUEEZE_FORM_LETTERS_MAX + 1);
    unsigned techniques = squeeze_align(written, listed, count, changed);
    if (techniques == 0 || holds_word(search->index, written, changed))
        return;
    const struct squeeze_letter *last = &written->letters[written->count - 1];
    struct squeeze_hit hit = {search->field, written->letters->from, last->to, target, techniques};
    add_hit(search, &hit);
}

static struct squeeze_written written_of(const struct search *search, const struct window *window,
                                         size_t first, size_t last)
{
    return (struct squeeze_written){
        .letters = window->letters + first,
        .before = first > 0 ? window->letters + first - 1 : NULL,
        .after = last + 1 < window->count ? window->letters + last + 1 : NULL,
        .count = last - first + 1,
        .near_digits = has_digits_near(search, window, first, last),
    };
}

/* Aligns letters [first, last] with all that is listed under their key. */
static void try_key(struct search *search, const struct window *window, size_t first, size_t last,
                    uint64_t hash, bool compound)
{
    const struct squeeze_index *index = search->index;
    uint32_t wanted = (uint32_t)hash;
    for (uint32_t at = wanted & index->slots_mask; index->slots[at].target != SQUEEZE_NONE;
         at = (at + 1) & index->slots_mask) {
        if (index->slots[at].hash != wanted)
            continue;
        struct squeeze_written written = written_of(search, window, first, last);
        written.compound = compound;
        try_target(search, &written, index->slots[at].target);
    }
}

/* Whether a word may begin at letter i: behind a gap, or behind a sign there that may be a letter
   or not ("!"). */
static bool may_begin(const struct squeeze_letter *letters, size_t i)
{
    return letters[i].gap != SQUEEZE_GAP_NONE ||
           (i > 0 && letters[i - 1].kind == SQUEEZE_SIGN && letters[i - 1].gap != SQUEEZE_GAP_NONE);
}

static bool may_end(const struct squeeze_letter *letters, size_t i)
{
    return letters[i + 1].gap != SQUEEZE_GAP_NONE ||
           (letters[i + 1].kind == SQUEEZE_SIGN && letters[i + 2].gap != SQUEEZE_GAP_NONE);
}

/* Tries all ranges that begin at first, at the ends of words (compound: at every letter). */
static void try_ends(struct search *search, const struct window *window, size_t first,
                     bool compound)
{
    const struct squeeze_letter *letters = window->letters;
    struct squeeze_rolling rolling = {0};
    size_t most = window->count - first;
    if (most > SQUEEZE_WRITTEN_LETTERS_MAX)
        most = SQUEEZE_WRITTEN_LETTERS_MAX;
    for (size_t last = first; last < first + most; last++) {
        size_t len = rolling.len;
        squeeze_roll(&rolling, letters[last].key);
        if (compound && last > first && letters[last].gap != SQUEEZE_GAP_NONE)
            return;
        if (len < SQUEEZE_PREFIX_BYTES && rolling.len == SQUEEZE_PREFIX_BYTES &&
            !squeeze_filter_has(search->index, squeeze_prefix_hash(rolling.front)))
            return;
        if (compound && len < SQUEEZE_COMPOUND_BYTES && rolling.len == SQUEEZE_COMPOUND_BYTES &&
            !squeeze_filter_has(search->index, squeeze_compound_hash(rolling.front)))
            return;
        if (rolling.len > search->index->letters_max)
            return;
        if ((compound || may_end(letters, last)) && letters[last].to > window->suspect->begin)
            try_key(search, window, first, last, rolling.hash, compound);
    }
}

/* Aligns letters [first, last], some of them masked, with all of their first and last letter and
   about their length. */
static void try_masked(struct search *search, const struct window *window, size_t first,
                       size_t last)
{
    const struct squeeze_index *index = search->index;
    const struct squeeze_letter *letters = window->letters;
    struct squeeze_written written = written_of(search, window, first, last);
    uint32_t hash = squeeze_mask_hash(letters[first].key, letters[last].key, written.count);
    size_t low = 0, high = index->masked_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->masked[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < index->masked_count && index->masked[low].hash == hash; low++)
        try_target(search, &written, index->masked[low].target);
}

/* Tries all ranges that begin at first, end at the end of a word and hold a mask. */
static void try_masked_ends(struct search *search, const struct window *window, size_t first)
{
    const struct squeeze_letter *letters = window->letters;
    size_t most = window->count - first, masks = 0;
    if (most > SQUEEZE_FORM_LETTERS_MAX)
        most = SQUEEZE_FORM_LETTERS_MAX;
    for (size_t last = first; last < first + most; last++) {
        masks += letters[last].kind == SQUEEZE_MASK;
        bool end = letters[last + 1].gap != SQUEEZE_GAP_NONE;
        if (end && masks > 0 && letters[last].to > window->suspect->begin)
            try_masked(search, window, first, last);
        if (letters[last].to > window->suspect->end)
            return;
    }
}

/* Letters and digits with nothing between them, from first on. */
static size_t piece_len(const struct window *window, size_t first)
{
    size_t end = first + 1;
    while (end < window->count && window->letters[end].gap == SQUEEZE_GAP_NONE)
        end++;
    return end - first;
}

static void try_window(struct search *search, const struct window *window,
                       enum squeeze_reading reading)
{
    const struct squeeze_letter *letters = window->letters;
    size_t starts = window->count;
    if (!window->whole)
        starts -= SQUEEZE_WRITTEN_LETTERS_MAX;
    size_t long_end = 0;
    for (size_t i = 0; i < starts && letters[i].from < window->suspect->end; i++) {
        bool begin = may_begin(letters, i);
        if (begin && reading == SQUEEZE_READING_MASKS)
            try_masked_ends(search, window, i);
        else if (begin)
            try_ends(search, window, i, false);
        size_t piece = begin && reading == SQUEEZE_READING_GAPS ? piece_len(window, i) : 0;
        if (piece >= SQUEEZE_LONG)
            long_end = i + piece;
        if (i < long_end)
            try_ends(search, window, i, true);
    }
}

/* Where the words begin that may belong to the mark of a suspect. */
static size_t front_of(const struct search *search, size_t begin)
{
    size_t words = search->index->words_max - 1, at = begin, floor = 0;
    if (begin > NEAR_BYTES)
        floor = begin - NEAR_BYTES;
    for (; words > 0 && at > floor; words--) {
        size_t end = at;
        while (end > floor && (uint8_t)search->text[end - 1] <= ' ')
            end--;
        size_t word = end;
        while (word > floor && (uint8_t)search->text[word - 1] > ' ')
            word--;
        if (word > 0 && (uint8_t)search->text[word - 1] > ' ')
            break; /* cut off */
        at = word;
    }
    return at;
}

static size_t back_of(const struct search *search, size_t end)
{
    size_t words = search->index->words_max - 1, at = end, ceiling = search->len;
    if (search->len - end > NEAR_BYTES)
        ceiling = end + NEAR_BYTES;
    for (; words > 0 && at < ceiling; words--) {
        size_t word = at;
        while (word < ceiling && (uint8_t)search->text[word] <= ' ')
            word++;
        while (word < ceiling && (uint8_t)search->text[word] > ' ')
            word++;
        if (word < search->len && (uint8_t)search->text[word] > ' ')
            break;
        at = word;
    }
    return at;
}

/* Reads a suspect with its neighbours in one way, a window after another. */
static void read_windows(struct search *search, const struct squeeze_suspect *suspect,
                         struct squeeze_range range, enum squeeze_reading reading)
{
    static const struct squeeze_letter stop = {.gap = SQUEEZE_GAP_SPACE};
    struct window *window = &search->room->window;
    uint8_t gap = SQUEEZE_GAP_SPACE;
    window->suspect = suspect;
    window->whole = false;
    while (!window->whole && range.from < range.to) {
        size_t end = range.from;
        window->count = squeeze_read(&range, reading, window->letters, WINDOW_LETTERS, &end);
        window->whole = end >= range.to;
        if (window->count > 0)
            window->letters[0].gap = gap;
        window->letters[window->count] = window->letters[window->count + 1] = stop;
        try_window(search, window, reading);
        if (window->whole)
            break;
        const struct squeeze_letter *next =
            &window->letters[window->count - SQUEEZE_WRITTEN_LETTERS_MAX];
        gap = next->gap;
        range.from = next->from;
    }
}

static void read_in_full(struct search *search, const struct squeeze_suspect *suspect,
                         bool with_others)
{
    struct squeeze_range range = {search->text, search->len, suspect->begin, suspect->end};
    unsigned readings = squeeze_readings(&range) | 1u << SQUEEZE_READING_GAPS;
    if (with_others) {
        range.from = front_of(search, suspect->begin);
        range.to = back_of(search, suspect->end);
    }
    for (unsigned reading = SQUEEZE_READING_GAPS; reading <= SQUEEZE_READING_MASKS; reading++)
        if ((readings >> reading & 1) != 0)
            read_windows(search, suspect, range, (enum squeeze_reading)reading);
}

static void take(void *context, const struct squeeze_suspect *suspects, size_t count)
{
    struct search *search = context;
    struct squeeze_quick *quick = &search->room->quick;
    for (size_t i = 0; i < count; i++) {
        enum squeeze_holds holds = squeeze_may_hold(quick, search->path, &suspects[i]);
        if (holds == SQUEEZE_HOLDS_NOTHING)
            continue;
        if (search->found->reads == SQUEEZE_READS_MAX) {
            search->found->unread++;
            continue;
        }
        search->found->reads++;
        read_in_full(search, &suspects[i], holds == SQUEEZE_HOLDS_WITH_OTHERS);
    }
}

size_t squeeze_room_bytes(void)
{
    return sizeof(struct squeeze_room);
}

void squeeze_field(struct squeeze_room *room, const struct squeeze_index *index,
                   const struct matcher_lists *lists, const struct matcher_field *text,
                   uint32_t field, struct squeeze_found *found)
{
    struct search search = {.room = room,
                            .index = index,
                            .lists = lists,
                            .text = text->text,
                            .len = text->len,
                            .path = fold_path_best(),
                            .field = field,
                            .first = found->count,
                            .found = found};
    if (text->len == 0 || index->masked_count == 0)
        return;
    room->quick.index = index;
    room->quick.text = text->text;
    room->quick.len = text->len;
    squeeze_find(search.path, index, text->text, text->len, room->suspects, take, &search);
}
