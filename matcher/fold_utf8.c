/*
 * Single code points: as UTF-8 and back, and which are white space. Needs no table.
 */
#include "matcher/fold.h"

unsigned fold_encode(uint32_t cp, uint8_t out[4])
{
    if (cp < 0x80) {
        out[0] = (uint8_t)cp;
        return 1;
    }
    unsigned len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const uint8_t lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (unsigned i = len - 1; i > 0; i--, cp >>= 6)
        out[i] = (uint8_t)(0x80 | (cp & 0x3F));
    out[0] = (uint8_t)(lead[len] | cp);
    return len;
}

unsigned fold_decode(const uint8_t *text, size_t len, uint32_t *ret_cp)
{
    uint8_t lead = text[0];
    unsigned need = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (need == 0 || need > len || lead > 0xF4)
        return 0;
    uint32_t cp = need == 1 ? lead : lead & (0x7Fu >> need);
    for (unsigned i = 1; i < need; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        cp = cp << 6 | (text[i] & 0x3Fu);
    }
    if ((need == 3 && cp < 0x800) || (need == 4 && (cp < 0x10000 || cp > 0x10FFFF)) ||
        (cp >= 0xD800 && cp <= 0xDFFF))
        return 0;
    *ret_cp = cp;
    return need;
}

bool fold_is_space(uint32_t cp)
{
    return (cp >= 9 && cp <= 13) || cp == ' ' || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
           cp == 0x205F || cp == 0x3000;
}
