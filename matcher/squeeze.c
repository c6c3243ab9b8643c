/*
 * The squeezed reading: from suspects to the letters around them.
 */
#include "matcher/squeeze.h"

#include "matcher/looks_tag.h"
#include "matcher/squeeze_find.h"
#include "matcher/squeeze_try.h"

/* Words around a suspect are looked for within so many bytes. A few tags count nothing: of more, a
   text of tags would cost its length squared. */
#define NEAR_BYTES 96u
#define TAGS_MAX   4u /* on each side */

static bool is_space(const struct squeeze_search *search, size_t at)
{
    return (uint8_t)search->text[at] <= ' ';
}

/* Bytes of the tag that begins at at, 0 if none does. */
static size_t tag_at(const struct squeeze_search *search, size_t at)
{
    const uint8_t *text = (const uint8_t *)search->text;
    enum looks_kind kind = LOOKS_NOTHING;
    return text[at] == '<' ? looks_tag_read(text + at, text + search->len, &kind) : 0;
}

/* Bytes of the tag that ends at end, 0 if none does, or one with a '>' in it: so no text is looked
   at twice. */
static size_t tag_before(const struct squeeze_search *search, size_t end)
{
    const char *text = search->text;
    size_t floor = end > LOOKS_TAG_BYTES_MAX ? end - LOOKS_TAG_BYTES_MAX : 0, at = end;
    if (end == 0 || text[--at] != '>')
        return 0;
    while (at > floor && text[at] != '<' && text[at - 1] != '>')
        at--;
    return tag_at(search, at) == end - at ? end - at : 0;
}

/* Where a tag ends that begins in text [from, at), if that is not before at. */
static size_t out_of_tag(const struct squeeze_search *search, size_t from, size_t at)
{
    size_t begin = at;
    while (begin > from && search->text[begin - 1] != '<' && search->text[begin - 1] != '>')
        begin--;
    size_t len = begin > from ? tag_at(search, begin - 1) : 0;
    return begin > from && begin - 1 + len > at ? begin - 1 + len : at;
}

/* Where the words begin that may belong to the mark of a suspect. */
static size_t front_of(const struct squeeze_search *search, size_t begin)
{
    size_t words = search->index->words_max - 1, at = begin;
    size_t floor = begin > NEAR_BYTES ? begin - NEAR_BYTES : 0;
    unsigned tags = 0;
    while (words > 0 && at > floor) {
        size_t word = at, tag = 0;
        bool letters = false;
        while (word > floor && is_space(search, word - 1))
            word--;
        for (; word > floor && !is_space(search, word - 1); word -= tag != 0 ? tag : 1) {
            tag = tags < TAGS_MAX ? tag_before(search, word) : 0;
            tags += tag != 0;
            floor -= tag < floor ? tag : floor;
            letters |= tag == 0;
        }
        if (word > 0 && !is_space(search, word - 1))
            break; /* cut off */
        at = word;
        words -= letters;
    }
    return at;
}

/* Where they end; begin: of the suspect. */
static size_t back_of(const struct squeeze_search *search, size_t begin, size_t end)
{
    size_t words = search->index->words_max - 1, at = out_of_tag(search, begin, end);
    size_t ceiling = search->len - at > NEAR_BYTES ? at + NEAR_BYTES : search->len;
    unsigned tags = 0;
    words += at > end; /* what stands behind the tag is the suspect's */
    while (words > 0 && at < ceiling) {
        size_t word = at, tag = 0;
        bool letters = false;
        while (word < ceiling && is_space(search, word))
            word++;
        for (; word < ceiling && !is_space(search, word); word += tag != 0 ? tag : 1) {
            tag = tags < TAGS_MAX ? tag_at(search, word) : 0;
            tags += tag != 0;
            ceiling += tag < search->len - ceiling ? tag : search->len - ceiling;
            letters |= tag == 0;
        }
        if (word < search->len && !is_space(search, word))
            break;
        at = word;
        words -= letters;
    }
    return at;
}

/* Goes from a run to the ends of what it is written in, which says what its letters belong to. */
static void widen(struct squeeze_range *range)
{
    size_t room = NEAR_BYTES;
    for (; room > 0 && range->from > 0 && (uint8_t)range->text[range->from - 1] > ' '; room--)
        range->from--;
    for (; room > 0 && range->to < range->len && (uint8_t)range->text[range->to] > ' '; room--)
        range->to++;
}

/* Reads a suspect with its neighbours in one way, a window after another, until a hit is lost: no
   more would be kept. */
static void read_windows(struct squeeze_search *search, const struct squeeze_suspect *suspect,
                         struct squeeze_range range, enum squeeze_reading reading)
{
    static const struct squeeze_letter stop = {.gap = SQUEEZE_GAP_SPACE};
    struct squeeze_window *window = &search->room->window;
    uint8_t gap = SQUEEZE_GAP_SPACE;
    window->suspect = suspect;
    window->whole = false;
    while (!window->whole && range.from < range.to && search->found->lost == 0) {
        size_t end = range.from;
        window->count =
            squeeze_read(&range, reading, window->letters, SQUEEZE_WINDOW_LETTERS, &end);
        window->whole = end >= range.to;
        if (window->count > 0)
            window->letters[0].gap = gap;
        window->letters[window->count] = window->letters[window->count + 1] = stop;
        squeeze_try(search, window, reading);
        if (window->whole)
            break;
        const struct squeeze_letter *next =
            &window->letters[window->count - SQUEEZE_WRITTEN_LETTERS_MAX];
        gap = next->gap;
        range.from = next->from;
    }
}

/* Whether a window has the same letters as any other that holds it: it begins and ends with words,
   and has no sign that may begin a tag, a reference or an escape. */
static bool is_plain(const struct squeeze_range *range)
{
    const uint8_t *text = (const uint8_t *)range->text;
    if ((range->from > 0 && text[range->from - 1] > ' ') ||
        (range->to < range->len && text[range->to] > ' '))
        return false;
    for (size_t at = range->from; at < range->to; at++)
        if (text[at] == '<' || text[at] == '&' || text[at] == '%' || text[at] == '\\')
            return false;
    return true;
}

void squeeze_read_suspect(struct squeeze_search *search, const struct squeeze_suspect *suspect,
                          bool with_others)
{
    struct squeeze_range range = {search->text, search->len, suspect->begin, suspect->end};
    if (with_others) {
        range.from = front_of(search, suspect->begin);
        range.to = back_of(search, suspect->begin, suspect->end);
    } else if (suspect->run) {
        widen(&range);
    }
    unsigned readings = squeeze_readings(&range) | 1u << SQUEEZE_READING_GAPS;
    for (unsigned reading = SQUEEZE_READING_GAPS; reading <= SQUEEZE_READING_MASKS; reading++) {
        if ((readings >> reading & 1) == 0)
            continue;
        /* A masked range ends with its suspect: none was tried before. */
        bool plain = reading != SQUEEZE_READING_MASKS && is_plain(&range);
        struct squeeze_tried *tried = &search->tried[plain ? reading : 0];
        search->room->window.tried = plain ? *tried : (struct squeeze_tried){0};
        read_windows(search, suspect, range, (enum squeeze_reading)reading);
        if (plain)
            *tried = (struct squeeze_tried){range.from, range.to, suspect->begin, suspect->end};
    }
}

static void take(void *context, const struct squeeze_suspect *suspects, size_t count)
{
    struct squeeze_search *search = context;
    struct squeeze_quick *quick = &search->room->quick;
    /* More cannot be read, and it is known that there is more. */
    size_t kept = search->found->unread ? 0 : squeeze_glance(quick, search->path, suspects, count);
    for (size_t k = 0; k < kept; k++) {
        const struct squeeze_suspect *suspect = &suspects[quick->kept[k]];
        enum squeeze_holds holds = squeeze_may_hold(quick, search->path, suspect);
        if (holds == SQUEEZE_HOLDS_NOTHING)
            continue;
        if (search->found->reads == SQUEEZE_READS_MAX || search->found->lost > 0) {
            search->found->unread = true;
            return;
        }
        search->found->reads++;
        squeeze_read_suspect(search, suspect, holds == SQUEEZE_HOLDS_WITH_OTHERS);
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
    struct squeeze_search search = {.room = room,
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
