/*
 * The squeezed reading: from suspects to the letters around them.
 */
#include "matcher/squeeze.h"

#include "matcher/squeeze_find.h"
#include "matcher/squeeze_try.h"

#define NEAR_BYTES 96u /* words around a suspect are looked for within */

/* Where the words begin that may belong to the mark of a suspect. */
static size_t front_of(const struct squeeze_search *search, size_t begin)
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

static size_t back_of(const struct squeeze_search *search, size_t end)
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

/* Goes from a run to the ends of what it is written in, which says what its letters belong to. */
static void widen(struct squeeze_range *range)
{
    size_t room = NEAR_BYTES;
    for (; room > 0 && range->from > 0 && (uint8_t)range->text[range->from - 1] > ' '; room--)
        range->from--;
    for (; room > 0 && range->to < range->len && (uint8_t)range->text[range->to] > ' '; room--)
        range->to++;
}

/* Reads a suspect with its neighbours in one way, a window after another. */
static void read_windows(struct squeeze_search *search, const struct squeeze_suspect *suspect,
                         struct squeeze_range range, enum squeeze_reading reading)
{
    static const struct squeeze_letter stop = {.gap = SQUEEZE_GAP_SPACE};
    struct squeeze_window *window = &search->room->window;
    uint8_t gap = SQUEEZE_GAP_SPACE;
    window->suspect = suspect;
    window->whole = false;
    while (!window->whole && range.from < range.to) {
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
        range.to = back_of(search, suspect->end);
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
    size_t kept =
        search->found->unread > 0 ? 0 : squeeze_glance(quick, search->path, suspects, count);
    for (size_t k = 0; k < kept; k++) {
        const struct squeeze_suspect *suspect = &suspects[quick->kept[k]];
        enum squeeze_holds holds = squeeze_may_hold(quick, search->path, suspect);
        if (holds == SQUEEZE_HOLDS_NOTHING)
            continue;
        if (search->found->reads == SQUEEZE_READS_MAX) {
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
