/*
 * Fuzzes the reading by looks: every unit moves on, stays inside the text and keeps its promises,
 * and reading from a later byte never reads before or past the text.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/looks.h"
#include "matcher/matcher.h"

#define TEXT_BYTES_MAX 65536u
#define TAG_BYTES_MAX  512u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool is_letter(uint8_t letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

static void check(const struct looks_unit *unit, size_t at, size_t len)
{
    assert(unit->from == at && unit->to > at && unit->to <= len);
    assert(unit->cp <= 0x10FFFF && (unit->cp < 0xD800 || unit->cp > 0xDFFF));
    assert((unit->kind == LOOKS_LETTERS) == (unit->letters_count > 0));
    assert(unit->letters_count <= LOOKS_LETTERS_MAX);
    for (unsigned i = 0; i < unit->letters_count; i++) {
        uint8_t letter = unit->letters[i], class = looks_class(letter);
        assert(is_letter(letter) && class >= 'a' && class <= 'z');
        assert(looks_alike(letter, letter) && looks_turned(looks_turned(letter)) == letter);
    }
    const char *leet = looks_leet(unit->cp);
    assert(unit->leet == (leet == NULL ? 0 : strlen(leet)));
    if ((unit->techniques & MATCHER_TECHNIQUE_MARKUP) != 0)
        assert(unit->kind != LOOKS_LETTERS && unit->to - unit->from <= TAG_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0 || len > TEXT_BYTES_MAX)
        return 0;
    char *text = malloc(len); /* of its own, so that a read outside is seen */
    assert(text != NULL);
    memcpy(text, data, len);
    struct looks_unit unit, again;
    for (size_t at = 0; at < len; at = unit.to) {
        looks_next(text, len, at, &unit);
        check(&unit, at, len);
        /* The same unit if the text ends behind it, but for a number that may go on. */
        looks_next(text, unit.to, at, &again);
        check(&again, at, unit.to);
        bool entity = text[at] == '&';
        assert(entity || (again.to == unit.to && again.kind == unit.kind && again.cp == unit.cp));
    }
    size_t middle = len / 2; /* inside of whatever stands there */
    looks_next(text, len, middle, &unit);
    check(&unit, middle, len);
    free(text);
    return 0;
}
