/*
 * What a code point means to the search for suspects. Knows scripts; knows no list.
 */
#include "matcher/squeeze_index.h"

/* Letters that look the same in two scripts, of those that words of every day have. */
static bool is_twin(uint32_t cp)
{
    static const uint16_t twins[] = {0x0391, 0x0392, 0x0395, 0x0396, 0x0397, 0x0399, 0x039A, 0x039C,
                                     0x039D, 0x039F, 0x03A1, 0x03A4, 0x03A5, 0x03A7, 0x03BD, 0x03BF,
                                     0x0406, 0x0410, 0x0412, 0x0415, 0x041A, 0x041C, 0x041D, 0x041E,
                                     0x0420, 0x0421, 0x0422, 0x0423, 0x0425, 0x0430, 0x0435, 0x043E,
                                     0x0440, 0x0441, 0x0443, 0x0445, 0x0456};
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++)
        if (twins[i] == cp)
            return true;
    return false;
}

/* How a letter that looks like ASCII stands to the words of its own script: Greek, Cyrillic and
   the scripts from Armenian on, Kana, Han and Hangul. */
static enum squeeze_look everyday(uint32_t cp)
{
    bool latin = cp < 0x250 || (cp >= 0x1E00 && cp < 0x1F00);
    bool weak = (cp >= 0x386 && cp <= 0x3CE) ||
                (cp >= 0x401 && cp <= 0x45F && cp != 0x405 && cp != 0x455) || cp == 0x490 ||
                cp == 0x491 || (cp >= 0x531 && cp < 0x13A0) || (cp >= 0x1400 && cp < 0x1D00) ||
                (cp >= 0x2E80 && cp < 0xA000) || (cp >= 0xAC00 && cp < 0xD800);
    if (latin || is_twin(cp))
        return SQUEEZE_LOOK_ALIKE;
    return weak ? SQUEEZE_LOOK_WEAK : SQUEEZE_LOOK_ODD;
}

/* Mathematical, circled letters and the like, and digits of any dress: a digit beside them may
   stand for a letter, and so may they, as those of ASCII do. An everyday letter that only roughly
   looks like a digit (the Cyrillic ze) is no digit. */
static bool is_dressed(const struct looks_unit *unit)
{
    bool digit = unit->letters[0] <= '9' && everyday(unit->cp) != SQUEEZE_LOOK_WEAK;
    return unit->cp >= 0x80 && ((unit->techniques & MATCHER_TECHNIQUE_COMPAT) != 0 || digit);
}

enum squeeze_look squeeze_look_of(const struct looks_unit *unit)
{
    switch (unit->kind) {
    case LOOKS_SPACE:
        return SQUEEZE_LOOK_SPACE;
    case LOOKS_SIGN:
        return squeeze_is_money(unit->cp) ? SQUEEZE_LOOK_WEAK : SQUEEZE_LOOK_SIGN;
    case LOOKS_NOTHING:
        return SQUEEZE_LOOK_NOTHING;
    case LOOKS_FOREIGN:
        return SQUEEZE_LOOK_FOREIGN;
    case LOOKS_LETTERS:
        break;
    }
    if (is_dressed(unit))
        return SQUEEZE_LOOK_ODD;
    if ((unit->techniques & MATCHER_TECHNIQUE_CONFUSABLE) == 0 && unit->letters_count == 1 &&
        squeeze_folds_to_ascii(unit->cp))
        return SQUEEZE_LOOK_PLAIN;
    return everyday(unit->cp);
}
