/*
 * Which further forms a mark has.
 */
#include "matcher/variants.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/fold_step.h"
#include "matcher/variants_making.h"
#include "matcher/words.h"

#define ROOM (VARIANTS_BYTES_MAX + 8) /* one name and what a variant adds to it */

/* UINT32_MAX: the form is a cue. */
static uint32_t mark_of(const struct variants_making *making)
{
    return making->form < making->lists->forms_count ? making->lists->forms[making->form].mark
                                                     : UINT32_MAX;
}

bool variants_of_generic(const struct variants_making *making)
{
    uint32_t mark = mark_of(making);
    return mark != UINT32_MAX && making->lists->marks[mark].generic;
}

/* Folds the text; its length without the spaces at both ends. It begins at text[1]. */
static size_t fold_name(const struct matcher_lists *lists, struct lists_text text, char *out)
{
    size_t len = fold_text(lists_at(lists, text), text.len, out);
    assert(len > 2); /* the lists hold nothing that folds to nothing */
    return len - 2;
}

/* Keeps a text that is listed, for whatever mark, and of marks for this one too. */
static int keep_listed(struct variants_making *making, struct lists_text text, uint32_t mark,
                       bool is_mark)
{
    struct variants_item item = {.kind = VARIANTS_LISTED};
    size_t len = fold_name(making->lists, text, making->name.text);
    if (len > VARIANTS_BYTES_MAX)
        return 0; /* no variant is as long */
    item.len = (uint32_t)len;
    int kept = variants_names_put(&making->variants, making->name.text + 1, len, &item.at);
    if (kept == 0)
        kept =
            variants_names_add(&making->names, &making->variants, item, VARIANTS_NAMES_ANY, mark);
    if (kept >= 0 && is_mark)
        kept = variants_names_add(&making->names, &making->variants, item, mark, mark);
    return kept < 0 ? kept : 0;
}

static int keep_all_listed(struct variants_making *making)
{
    const struct matcher_lists *lists = making->lists;
    int kept = variants_names_open(&making->names, 4 * lists->forms_count + lists->cues_count);
    for (size_t i = 0; i < lists->forms_count && kept == 0; i++)
        kept = keep_listed(making, lists->forms[i].text, lists->forms[i].mark, true);
    for (size_t i = 0; i < lists->cues_count && kept == 0; i++)
        kept = keep_listed(making, lists->cues[i].text, UINT32_MAX, false);
    return kept;
}

/* Whether some of the words of a text, but not all, are a listed form of the mark at hand. */
static bool holds_listed(const struct variants_making *making, const char *text, size_t len)
{
    size_t begin[VARIANTS_WORDS_MAX + 3], count = 0;
    begin[count++] = 0;
    for (size_t i = 0; i < len; i++)
        if (text[i] == ' ')
            begin[count++] = i + 1;
    begin[count] = len + 1;
    for (size_t first = 0; first < count; first++)
        for (size_t end = first + 1; end <= count; end++)
            if (end - first < count &&
                variants_names_have(&making->names, &making->variants, text + begin[first],
                                    begin[end] - 1 - begin[first], mark_of(making)))
                return true;
    return false;
}

int variants_offer(struct variants_making *making, const char *text, size_t len)
{
    struct variants *variants = &making->variants;
    struct variants_item item = {.len = (uint32_t)len,
                                 .form = making->form,
                                 .kind = making->kind,
                                 .doubtful = making->doubtful};
    if (holds_listed(making, text, len))
        return 0;
    int kept = variants_names_put(variants, text, len, &item.at);
    if (kept == 0)
        kept =
            variants_names_add(&making->names, variants, item, VARIANTS_NAMES_ANY, mark_of(making));
    if (kept == 0)
        variants->bytes_len = item.at;
    if (kept <= 0)
        return kept;
    if (variants->count == variants->room) {
        size_t room = variants->room == 0 ? 256 : variants->room * 2;
        struct variants_item *more = realloc(variants->items, room * sizeof *more);
        if (more == NULL)
            return -ENOMEM;
        variants->items = more;
        variants->room = room;
    }
    variants->items[variants->count++] = item;
    return 0;
}

int variants_offer_changed(struct variants_making *making, const struct variants_part *part,
                           const char *word, size_t len)
{
    const struct variants_name *name = &making->name;
    const char *text = name->text + 1;
    char changed[ROOM];
    size_t rest = name->len - part->at - part->len;
    assert(name->len - part->len + len <= sizeof changed);
    memcpy(changed, text, part->at);
    memcpy(changed + part->at, word, len);
    memcpy(changed + part->at + len, text + part->at + part->len, rest);
    return variants_offer(making, changed, part->at + len + rest);
}

/* Offers the name with another form of its last word, unless a name of its own became a word. */
static int take_number(void *context, const char *word, size_t len)
{
    struct variants_making *making = context;
    const struct variants_part *last = &making->name.parts[making->name.count - 1];
    if (words_find(making->name.text + 1 + last->at, last->len) == WORDS_NONE &&
        words_find(word, len) != WORDS_NONE)
        return 0;
    return variants_offer_changed(making, last, word, len);
}

/* The same if it has more letters: fewer of a short name would be too little. */
static int take_longer(void *context, const char *word, size_t len)
{
    const struct variants_making *making = context;
    bool longer = len > making->name.parts[making->name.count - 1].len;
    return longer ? take_number(context, word, len) : 0;
}

/* In a phrase the other words tell which one is meant: "under armor". */
static int take_spelling(void *context, const char *word, size_t len)
{
    struct variants_making *making = context;
    const struct variants_part *last = &making->name.parts[making->name.count - 1];
    return making->name.count > 1 ? variants_offer_changed(making, last, word, len)
                                  : take_number(making, word, len);
}

/* The other number of a last word that is short. */
static int inflect_short(struct variants_making *making)
{
    const struct variants_name *name = &making->name;
    const struct variants_part *last = &name->parts[name->count - 1];
    const char *word = name->text + 1 + last->at;
    if (name->count > 1)
        return name->letters < VARIANTS_TYPO_MIN || last->letters < VARIANTS_WORD_MIN
                   ? 0
                   : variants_numbers(word, last->len, true, take_number, making);
    if (last->letters < VARIANTS_DOUBTFUL_MIN || variants_of_generic(making))
        return 0;
    making->doubtful = true;
    return variants_numbers(word, last->len, true, take_longer, making);
}

/* The other number and the other spelling of the last word. */
static int inflect(struct variants_making *making, bool plurals, bool all)
{
    const struct variants_part *last = &making->name.parts[making->name.count - 1];
    const char *word = making->name.text + 1 + last->at;
    if (!last->latin || last->letters == 0)
        return 0;
    if (last->letters < VARIANTS_INFLECTED_MIN)
        return all ? inflect_short(making) : 0;
    int done = variants_spellings(word, last->len, take_spelling, making);
    return done != 0 ? done : variants_numbers(word, last->len, plurals, take_number, making);
}

/* The cases of a last word in Cyrillic. */
static int decline(struct variants_making *making)
{
    const struct variants_part *last = &making->name.parts[making->name.count - 1];
    if (last->latin || last->letters < VARIANTS_CASES_MIN)
        return 0;
    return variants_cases(making->name.text + 1 + last->at, last->len, take_number, making);
}

/* Whether a text is as the fold would leave it: it puts a space where scripts meet. */
static bool is_folded(const char *text, size_t len)
{
    char folded[(VARIANTS_BYTES_MAX * FOLD_GROWTH_MAX) + 2 + FOLD_SLACK_BYTES];
    return fold_text(text, len, folded) == len + 2 && memcmp(folded + 1, text, len) == 0;
}

/* All words as one. */
static int join_words(struct variants_making *making)
{
    const struct variants_name *name = &making->name;
    char joined[VARIANTS_BYTES_MAX];
    size_t len = 0, min = name->unspaced ? VARIANTS_UNSPACED_MIN : VARIANTS_JOINED_MIN;
    for (size_t i = 0; i < name->count; i++) {
        memcpy(joined + len, name->text + 1 + name->parts[i].at, name->parts[i].len);
        len += name->parts[i].len;
    }
    if (name->count < 2 || name->letters < min || words_find(joined, len) != WORDS_NONE ||
        !is_folded(joined, len))
        return 0;
    return variants_offer(making, joined, len);
}

/* One word as two; natural: only where both are words. */
static int split_word(struct variants_making *making, bool natural)
{
    const struct variants_part *part = &making->name.parts[0];
    const char *word = making->name.text + 1;
    size_t letter = 0;
    int done = 0;
    if (making->name.count != 1 || part->letters < VARIANTS_SPLIT_MIN)
        return 0;
    for (size_t at = 0; at < part->len && done == 0; at++) {
        if (((uint8_t)word[at] & 0xC0) == 0x80)
            continue;
        letter++;
        if (letter <= VARIANTS_HALF_MIN || part->letters - letter + 1 < VARIANTS_HALF_MIN)
            continue;
        enum words_kind left = words_find(word, at);
        enum words_kind right = words_find(word + at, part->len - at);
        if ((left == WORDS_COMMON && right == WORDS_COMMON) ||
            (natural && (left == WORDS_NONE || right == WORDS_NONE)))
            continue;
        char split[VARIANTS_WORD_BYTES_MAX + 1];
        memcpy(split, word, at);
        split[at] = ' ';
        memcpy(split + at + 1, word + at, part->len - at);
        done = variants_offer(making, split, part->len + 1);
    }
    return done;
}

/* Letters of a text, of whatever script; digits are none. */
static size_t count_letters(const char *text, size_t len)
{
    size_t letters = 0;
    for (size_t i = 0; i < len; i++)
        letters += ((uint8_t)text[i] & 0xC0) != 0x80 && text[i] != ' ' &&
                   !(text[i] >= '0' && text[i] <= '9');
    return letters;
}

/* Folds the form at hand and finds its words. False if nothing is made of it. */
static bool read_name(struct variants_making *making)
{
    struct variants_name *name = &making->name;
    const struct matcher_lists *lists = making->lists;
    struct lists_text text = making->form < lists->forms_count
                                 ? lists->forms[making->form].text
                                 : lists->cues[making->form - lists->forms_count].text;
    name->len = fold_name(making->lists, text, name->text);
    name->count = 0;
    if (name->len > VARIANTS_BYTES_MAX)
        return false;
    const char *begin = name->text + 1, *end = begin + name->len;
    for (const char *at = begin; at < end;) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        struct variants_part part = {.at = (size_t)(at - begin),
                                     .len = (size_t)((space == NULL ? end : space) - at)};
        if (name->count == VARIANTS_WORDS_MAX)
            return false;
        part.letters = variants_letters(at, part.len, &part.latin);
        name->parts[name->count++] = part;
        at += part.len + 1;
    }
    uint32_t first = 0;
    (void)fold_decode((const uint8_t *)begin, name->len, &first); /* folded text is UTF-8 */
    name->unspaced = (fold_entry(first) >> FOLD_CLASS_SHIFT & 3) == FOLD_UNSPACED;
    name->letters = count_letters(begin, name->len);
    return true;
}

static enum matcher_variants wish_of(const struct matcher_lists *lists, uint32_t form)
{
    enum matcher_variants own = lists->marks[lists->forms[form].mark].variants;
    return own != MATCHER_VARIANTS_AUTO ? own : lists->variants;
}

/* Makes the variants of one kind of the form at hand. */
static int make_kind(struct variants_making *making, bool all)
{
    int done = 0;
    switch (making->kind) {
    case VARIANTS_INFLECTED:
        done = inflect(making, all || making->lists->marks_count <= VARIANTS_MARKS_PLURAL, all);
        return done == 0 && all ? decline(making) : done;
    case VARIANTS_JOINED:
        return join_words(making);
    case VARIANTS_SPLIT:
        return split_word(making, !all);
    case VARIANTS_TYPO:
        return variants_misspell(making);
    case VARIANTS_ALIKE:
    case VARIANTS_APART:
    case VARIANTS_REVERSED:
    case VARIANTS_TURNED:
        return variants_disguise(making);
    case VARIANTS_LISTED:
    case VARIANTS_KINDS:
        break;
    }
    assert(false);
    return -EINVAL;
}

static int make_kinds(struct variants_making *making)
{
    const struct matcher_lists *lists = making->lists;
    bool small = lists->marks_count <= VARIANTS_MARKS_AUTO;
    static const enum variants_kind kinds[] = {VARIANTS_INFLECTED, VARIANTS_JOINED, VARIANTS_SPLIT,
                                               VARIANTS_TYPO,      VARIANTS_ALIKE,  VARIANTS_APART,
                                               VARIANTS_REVERSED,  VARIANTS_TURNED};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        making->kind = kinds[i];
        for (size_t form = 0; form < lists->forms_count; form++) {
            making->form = (uint32_t)form;
            enum matcher_variants wish = wish_of(lists, making->form);
            bool all = wish == MATCHER_VARIANTS_ON || (wish == MATCHER_VARIANTS_AUTO && small);
            if (wish == MATCHER_VARIANTS_OFF || (making->kind >= VARIANTS_TYPO && !all))
                continue;
            making->doubtful = false;
            int made = read_name(making) ? make_kind(making, all) : 0;
            if (made < 0)
                return made;
        }
    }
    return 0;
}

/* Further forms of cues, of whatever size the lists are: cues are few. */
static int make_cues(struct variants_making *making)
{
    const struct matcher_lists *lists = making->lists;
    int done = 0;
    for (size_t i = 0; i < lists->cues_count && done == 0; i++) {
        making->form = (uint32_t)(lists->forms_count + i);
        making->doubtful = false;
        if (lists->variants != MATCHER_VARIANTS_OFF && read_name(making))
            done = variants_cue(making);
    }
    return done;
}

/* Leaves out what was taken for doubtful, and is of a better kind besides. */
static void drop_known(struct variants_making *making)
{
    struct variants *variants = &making->variants;
    size_t kept = 0;
    for (size_t i = 0; i < variants->count; i++) {
        const struct variants_item item = variants->items[i];
        if (!item.doubtful ||
            !variants_names_are_sure(&making->names, variants, variants->bytes + item.at, item.len))
            variants->items[kept++] = item;
    }
    variants->count = kept;
}

int variants_make(const struct matcher_lists *lists, struct variants *ret_variants)
{
    struct variants_making *making = calloc(1, sizeof *making);
    if (making == NULL)
        return -ENOMEM;
    making->lists = lists;
    int done = keep_all_listed(making);
    if (done == 0)
        done = make_kinds(making);
    if (done == 0)
        done = make_cues(making);
    if (done == 0)
        drop_known(making);
    if (done == 0)
        *ret_variants = making->variants;
    else
        variants_free(&making->variants);
    variants_names_close(&making->names);
    free(making);
    return done;
}

void variants_free(struct variants *variants)
{
    free(variants->bytes);
    free(variants->items);
    *variants = (struct variants){0};
}
