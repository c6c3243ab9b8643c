/*
 * Elements of arrays, byte by byte. Knows no file.
 *
 *   OUTSIDE -> FIRST, OBJECT, LINES   [between: a bracket; anything else]
 *   FIRST, NEXT -> ELEMENT            [between: its first byte]
 *   FIRST, NEXT -> NEXT, OUTSIDE      [between: a comma; the closing bracket]
 *   ELEMENT -> NEXT, OUTSIDE          [element: a comma; the closing bracket]
 *   OBJECT -> OUTSIDE                 [object: the closing bracket]
 */
#include "daemon/ctl/array.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Takes one byte. */
static void step(struct array_place *place, char c)
{
    if (place->in_string) {
        if (place->escaped)
            place->escaped = false;
        else if (c == '\\')
            place->escaped = true;
        else if (c == '"')
            place->in_string = false;
    } else if (c == '"') {
        place->in_string = true;
    } else if (c == '[' || c == '{') {
        place->depth++;
    } else if ((c == ']' || c == '}') && place->depth > 0) {
        place->depth--;
    }
}

/* Behind the first array. */
static enum array_verdict probe_behind(struct array_probe *probe, const char *bytes, size_t len)
{
    for (; probe->seen < len; probe->seen++) {
        if (!is_space(bytes[probe->seen]))
            return probe->parted ? ARRAY_NO : ARRAY_YES;
        probe->parted = probe->parted || bytes[probe->seen] == '\n';
    }
    return ARRAY_OPEN;
}

/* Behind the bracket of an object. */
static enum array_verdict probe_object(const char *bytes, size_t len, bool ended)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] == '\n' || !is_space(bytes[i]))
            return bytes[i] == '\n' ? ARRAY_YES : ARRAY_NO;
    return ended || len >= ARRAY_PROBE_BYTES ? ARRAY_NO : ARRAY_OPEN;
}

enum array_verdict array_probe(struct array_probe *probe, const char *bytes, size_t len, bool ended)
{
    enum array_verdict verdict = ARRAY_OPEN;
    while (!probe->begun && probe->seen < len && is_space(bytes[probe->seen]))
        probe->seen++;
    if (!probe->begun && probe->seen < len && bytes[probe->seen] == '{')
        return probe_object(bytes + probe->seen + 1, len - probe->seen - 1, ended);
    if (!probe->begun && probe->seen < len && bytes[probe->seen] != '[')
        return ARRAY_NO;
    for (; !probe->closed && probe->seen < len; probe->seen++) {
        if (bytes[probe->seen] == '\n')
            return ARRAY_YES;
        probe->begun = true;
        step(&probe->place, bytes[probe->seen]);
        probe->closed = probe->place.depth == 0;
    }
    if (probe->closed)
        verdict = probe_behind(probe, bytes, len);
    if (verdict == ARRAY_OPEN && (ended || len >= ARRAY_PROBE_BYTES))
        verdict = probe->begun ? ARRAY_YES : ARRAY_NO;
    return verdict;
}

/* A byte where none or the next element may begin. Returns how many bytes it gives. */
static size_t between(struct array *array, char c, char *out)
{
    if (is_space(c))
        return 0;
    if (array->state == ARRAY_OUTSIDE) {
        array->state = c == '[' ? ARRAY_FIRST : c == '{' ? ARRAY_OBJECT : ARRAY_LINES;
        array->place = (struct array_place){.depth = c == '{'};
        *out = c;
        return c == '[' ? 0 : 1;
    }
    if (c != ']' && c != ',') {
        array->state = ARRAY_ELEMENT;
        array->place = (struct array_place){0};
        step(&array->place, c);
        *out = c;
        return 1;
    }
    bool empty = array->state == ARRAY_FIRST && c == ']';
    array->state = c == ']' ? ARRAY_OUTSIDE : ARRAY_NEXT;
    out[0] = c;
    out[1] = '\n';
    return empty ? 0 : 2;
}

/* A byte of an element, or behind it. Returns the byte that it gives. */
static char element(struct array *array, char c)
{
    struct array_place *place = &array->place;
    if (place->depth == 0 && !place->in_string && (c == ',' || c == ']')) {
        array->state = c == ',' ? ARRAY_NEXT : ARRAY_OUTSIDE;
        return '\n';
    }
    step(place, c);
    if (c != '\n')
        return c;
    return place->in_string ? '\r' : ' ';
}

/* A byte of an object that stands by itself. Returns how many bytes it gives. */
static size_t object(struct array *array, char c, char *out)
{
    struct array_place *place = &array->place;
    step(place, c);
    *out++ = c != '\n' ? c : place->in_string ? '\r' : ' ';
    if (place->depth > 0)
        return 1;
    array->state = ARRAY_OUTSIDE;
    *out = '\n';
    return 2;
}

size_t array_lines(struct array *array, const char *bytes, size_t len, char *out)
{
    size_t written = 0;
    for (size_t i = 0; i < len; i++) {
        switch (array->state) {
        case ARRAY_OUTSIDE:
        case ARRAY_FIRST:
        case ARRAY_NEXT:
            written += between(array, bytes[i], out + written);
            break;
        case ARRAY_ELEMENT:
            out[written++] = element(array, bytes[i]);
            break;
        case ARRAY_OBJECT:
            written += object(array, bytes[i], out + written);
            break;
        case ARRAY_LINES:
            out[written++] = bytes[i];
            break;
        }
    }
    return written;
}

bool array_may_end(const struct array *array)
{
    return array->state == ARRAY_OUTSIDE || array->state == ARRAY_LINES;
}
