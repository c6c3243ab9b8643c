/*
 * From the letters around a suspect to hits: ranges of words are looked up by their key and aligned
 * with what is listed under it.
 */
#include "matcher/squeeze_try.h"

#include "matcher/looks.h"
#include "matcher/squeeze_row.h"
#include "matcher/squeeze_words.h"

/* How much was done to a text: a slip more than a disguise, for it is a guess. */
static int weight_of(const struct squeeze_hit *hit)
{
    unsigned typo = hit->techniques & MATCHER_TECHNIQUE_TYPO;
    return __builtin_popcount(hit->techniques) + (typo != 0);
}

static void add_hit(struct squeeze_search *search, const struct squeeze_hit *hit)
{
    struct squeeze_found *found = search->found;
    for (uint32_t i = search->first; i < found->count; i++) {
        const struct squeeze_hit *other = &found->hits[i];
        if (other->from == hit->from && other->to == hit->to && other->form == hit->form) {
            bool milder = weight_of(hit) < weight_of(other);
            if (hit->doubtful == other->doubtful ? !milder : hit->doubtful)
                return;
            found->doubts -= other->doubtful && !hit->doubtful;
            found->hits[i] = *hit;
            return;
        }
    }
    /* What is doubtful leaves room for what is not, and reading goes on. */
    const size_t room = sizeof found->hits / sizeof found->hits[0];
    if (hit->doubtful && (found->doubts == SQUEEZE_DOUBTS_MAX || found->count == room)) {
        found->doubted = true;
        return;
    }
    if (!hit->doubtful && found->count - found->doubts >= SQUEEZE_HITS_MAX) {
        found->lost++;
        return;
    }
    found->doubts += hit->doubtful;
    found->hits[found->count++] = *hit;
}

/* Whether a piece with digits is joined to letters [first, last] by signs, or stands behind them
   like the rest of a number that was torn ("1eg0 .052"). */
static bool has_digits_near(const struct squeeze_search *search,
                            const struct squeeze_window *window, size_t first, size_t last)
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

/* Whether the raw text [from, to) is a colour as the web writes it: # and six hexadecimal digits.
 */
static bool is_colour(const struct squeeze_search *search, size_t from, size_t to)
{
    if (from == 0 || search->text[from - 1] != '#' || to - from != 6)
        return false;
    for (size_t at = from; at < to; at++)
        if ((uint8_t)(search->text[at] - '0') >= 10 &&
            (uint8_t)((search->text[at] | 0x20) - 'a') >= 6)
            return false;
    return true;
}

/* What disguise and variant are together; false if that is too much to be sure. */
static bool adds_up(const struct squeeze_more *more, unsigned *techniques)
{
    const unsigned sure =
        MATCHER_TECHNIQUE_LEET | MATCHER_TECHNIQUE_CONFUSABLE | MATCHER_TECHNIQUE_SEPARATED;
    const unsigned vague = MATCHER_TECHNIQUE_REPEATED | MATCHER_TECHNIQUE_SPLIT |
                           MATCHER_TECHNIQUE_JOINED | MATCHER_TECHNIQUE_MASKED;
    if (more->kind == VARIANTS_INFLECTED)
        return true;
    if ((*techniques & sure) == 0 || (*techniques & vague) != 0)
        return false;
    *techniques |= more->kind == VARIANTS_TYPO     ? MATCHER_TECHNIQUE_TYPO
                   : more->kind == VARIANTS_TURNED ? MATCHER_TECHNIQUE_TURNED
                                                   : MATCHER_TECHNIQUE_CONFUSABLE;
    return more->kind != VARIANTS_TURNED || (*techniques & MATCHER_TECHNIQUE_CONFUSABLE) != 0;
}

static void try_target(struct squeeze_search *search, struct squeeze_written *written,
                       uint32_t target)
{
    struct squeeze_letter listed[SQUEEZE_FORM_LETTERS_MAX + 1 + LOOKS_LETTERS_MAX];
    uint16_t changed[SQUEEZE_WRITTEN_LETTERS_MAX];
    uint32_t number = target >> 1;
    const struct squeeze_more *more = squeeze_index_more(search->index, search->lists, target);
    if (more != NULL)
        number = more->form;
    bool is_form = number < search->lists->forms_count;
    written->cue = !is_form;
    if (written->compound &&
        (!is_form || search->lists->marks[search->lists->forms[number].mark].generic))
        return;
    if (written->compound && more != NULL)
        return;
    size_t count = squeeze_index_read(search->index, search->lists, target, listed,
                                      SQUEEZE_FORM_LETTERS_MAX + 1);
    if (written->cut_out && count < SQUEEZE_ROW_LETTERS_MIN)
        return;
    unsigned techniques = squeeze_align(written, listed, count, changed);
    if (techniques == 0 || squeeze_holds_word(search->index, written, changed) ||
        ((techniques & MATCHER_TECHNIQUE_SPLIT) != 0 &&
         squeeze_may_be_two_words(search->index, written, count)) ||
        (more != NULL && !adds_up(more, &techniques)))
        return;
    struct squeeze_hit hit = {.field = search->field,
                              .from = written->letters->from,
                              .to = written->letters[written->count - 1].to,
                              .target = target,
                              .form = number,
                              .techniques = techniques & ~SQUEEZE_DOUBTFUL,
                              .doubtful = (techniques & SQUEEZE_DOUBTFUL) != 0 ||
                                          (more != NULL && more->doubtful)};
    add_hit(search, &hit);
}

/* What the ranges at hand stand in. */
enum inside {
    INSIDE_NOTHING = 0, /* they are words */
    INSIDE_WORD = 1,    /* a long word, anywhere */
    INSIDE_HUMPS = 2,   /* words written as one, whose beginnings are capitals */
};

static struct squeeze_written written_of(const struct squeeze_search *search,
                                         const struct squeeze_window *window, size_t first,
                                         size_t last)
{
    return (struct squeeze_written){
        .letters = window->letters + first,
        .before = first > 0 ? window->letters + first - 1 : NULL,
        .after = last + 1 < window->count ? window->letters + last + 1 : NULL,
        .count = last - first + 1,
        .near_digits = has_digits_near(search, window, first, last) ||
                       is_colour(search, window->letters[first].from, window->letters[last].to),
    };
}

/* Aligns letters [first, last] with all that is listed under their key. */
static void try_key(struct squeeze_search *search, const struct squeeze_window *window,
                    size_t first, size_t last, uint64_t hash, enum inside inside)
{
    const struct squeeze_index *index = search->index;
    uint32_t wanted = (uint32_t)hash;
    for (uint32_t at = wanted & index->slots_mask; index->slots[at].target != SQUEEZE_NONE;
         at = (at + 1) & index->slots_mask) {
        if (index->slots[at].hash != wanted)
            continue;
        struct squeeze_written written = written_of(search, window, first, last);
        written.compound = inside != INSIDE_NOTHING;
        written.humps = inside == INSIDE_HUMPS;
        written.cut_out = squeeze_row_is_cut_out(search, window, first, last);
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

/* Whether a range inside something may end at letter i. */
static bool may_end_inside(const struct squeeze_letter *letters, size_t i, enum inside inside)
{
    switch (inside) {
    case INSIDE_NOTHING:
        return may_end(letters, i);
    case INSIDE_WORD:
        return true;
    case INSIDE_HUMPS:
        return letters[i + 1].hump || letters[i + 1].gap != SQUEEZE_GAP_NONE;
    }
    return false;
}

/* Whether letters [first, last] were tried with the suspect before. The first letter of a window
   was not: it stood behind others then. */
static bool was_tried(const struct squeeze_window *window, size_t first, size_t last)
{
    const struct squeeze_tried *tried = &window->tried;
    size_t from = window->letters[first].from, to = window->letters[last].to;
    return first > 0 && from >= tried->from && from < tried->end && to > tried->begin &&
           to <= tried->to;
}

/* Whether any listed text may have this key; of a longer one than SQUEEZE_KEY_BYTES, its front. The
   fronts, which are also those of single words, rule most out from few bytes; the filter nearly all
   others. */
static bool may_be_listed(const struct squeeze_index *index, const struct squeeze_rolling *rolling)
{
    uint64_t front = squeeze_front_hash(rolling->front, rolling->front_high);
    return squeeze_fronts_has(index, front) &&
           (squeeze_filter_has(index, squeeze_part_hash(front, SQUEEZE_PART_FORM)) ||
            squeeze_filter_has(index, squeeze_part_hash(front, SQUEEZE_PART_SHORT)));
}

/* Tries all ranges that begin at first. */
static void try_ends(struct squeeze_search *search, const struct squeeze_window *window,
                     size_t first, enum inside inside)
{
    const struct squeeze_letter *letters = window->letters;
    struct squeeze_rolling rolling = {0};
    size_t most = window->count - first;
    if (most > SQUEEZE_WRITTEN_LETTERS_MAX)
        most = SQUEEZE_WRITTEN_LETTERS_MAX;
    for (size_t last = first; last < first + most; last++) {
        size_t len = rolling.len;
        squeeze_roll(&rolling, letters[last].key);
        if (inside != INSIDE_NOTHING && last > first && letters[last].gap != SQUEEZE_GAP_NONE)
            return;
        if (len < SQUEEZE_PREFIX_BYTES && rolling.len == SQUEEZE_PREFIX_BYTES &&
            !squeeze_filter_has(search->index, squeeze_prefix_hash(rolling.front)))
            return;
        if (len < SQUEEZE_COMPOUND_BYTES && rolling.len == SQUEEZE_COMPOUND_BYTES &&
            !squeeze_filter_has(search->index, squeeze_compound_hash(rolling.front)))
            return;
        if (len < SQUEEZE_KEY_BYTES && rolling.len == SQUEEZE_KEY_BYTES &&
            !may_be_listed(search->index, &rolling))
            return; /* all that is longer has the same front */
        if (rolling.len > search->index->letters_max)
            return;
        if (may_end_inside(letters, last, inside) && letters[last].to > window->suspect->begin &&
            !was_tried(window, first, last) && may_be_listed(search->index, &rolling))
            try_key(search, window, first, last, rolling.hash, inside);
    }
}

/* Aligns written letters, some of them masked, with all of their first and last letter and their
   number. */
static void try_masked(struct squeeze_search *search, struct squeeze_written *written)
{
    const struct squeeze_index *index = search->index;
    const struct squeeze_letter *letters = written->letters;
    uint32_t hash =
        squeeze_mask_hash(letters[0].key, letters[written->count - 1].key, written->count);
    size_t low = 0, high = index->masked_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->masked[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < index->masked_count && index->masked[low].hash == hash; low++)
        try_target(search, written, index->masked[low].target);
}

/* The same for letters [first, last], and once more as if their longest row of asterisks, if it
   has three and more, hid one letter more. */
static void try_masks(struct squeeze_search *search, const struct squeeze_window *window,
                      size_t first, size_t last)
{
    struct squeeze_letter *more = search->room->masked;
    struct squeeze_written written = written_of(search, window, first, last);
    size_t row = 0, longest = 0, at = 0;
    try_masked(search, &written);
    for (size_t i = 0; i < written.count; i++) {
        row = written.letters[i].kind == SQUEEZE_MASK ? row + 1 : 0;
        if (row > longest) {
            longest = row;
            at = i;
        }
    }
    if (longest < 3 || written.count == SQUEEZE_FORM_LETTERS_MAX)
        return;
    memcpy(more, written.letters, (at + 1) * sizeof *more);
    memcpy(more + at + 1, written.letters + at, (written.count - at) * sizeof *more);
    more[at + 1].gap = SQUEEZE_GAP_NONE;
    written.letters = more;
    written.count++;
    try_masked(search, &written);
}

/* Tries all ranges that begin at first, end at the end of a word and hold a mask. */
static void try_masked_ends(struct squeeze_search *search, const struct squeeze_window *window,
                            size_t first)
{
    const struct squeeze_letter *letters = window->letters;
    size_t most = window->count - first, masks = 0;
    if (most > SQUEEZE_FORM_LETTERS_MAX)
        most = SQUEEZE_FORM_LETTERS_MAX;
    for (size_t last = first; last < first + most; last++) {
        masks += letters[last].kind == SQUEEZE_MASK;
        bool end = letters[last + 1].gap != SQUEEZE_GAP_NONE;
        if (end && masks > 0 && letters[last].to > window->suspect->begin)
            try_masks(search, window, first, last);
        if (letters[last].to > window->suspect->end)
            return;
    }
}

/* Letters and digits with nothing between them, from first on. */
static size_t piece_len(const struct squeeze_window *window, size_t first)
{
    size_t end = first + 1;
    while (end < window->count && window->letters[end].gap == SQUEEZE_GAP_NONE)
        end++;
    return end - first;
}

/* Whether a word behind letter i of the same piece begins with a capital, or at i. */
static bool has_humps(const struct squeeze_letter *letters, size_t i, size_t piece)
{
    bool humps = letters[i].hump;
    for (size_t k = i + 1; k < i + piece && !humps; k++)
        humps = letters[k].hump;
    return humps;
}

void squeeze_try(struct squeeze_search *search, const struct squeeze_window *window,
                 enum squeeze_reading reading)
{
    const struct squeeze_letter *letters = window->letters;
    size_t starts = window->count;
    if (!window->whole)
        starts -= SQUEEZE_WRITTEN_LETTERS_MAX;
    size_t long_end = 0, humps_end = 0;
    for (size_t i = 0; i < starts && letters[i].from < window->suspect->end; i++) {
        bool begin = may_begin(letters, i);
        if (begin && reading == SQUEEZE_READING_MASKS)
            try_masked_ends(search, window, i);
        else if (begin)
            try_ends(search, window, i, INSIDE_NOTHING);
        size_t piece = begin && reading == SQUEEZE_READING_GAPS ? piece_len(window, i) : 0;
        if (piece >= SQUEEZE_LONG)
            long_end = i + piece;
        if (piece > 0 && has_humps(letters, i, piece))
            humps_end = i + piece;
        if (i < humps_end && (begin || letters[i].hump))
            try_ends(search, window, i, INSIDE_HUMPS);
        if (i < long_end)
            try_ends(search, window, i, INSIDE_WORD);
    }
}
