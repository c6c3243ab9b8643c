/*
 * Which texts may be ids, categories and languages.
 */
#include "matcher/fold.h"
#include "matcher/lists.h"

/* Cc, Zl, Zp, soft hyphens, and of Cf what joins, hides or turns the order of reading: bidi
   controls, zero-width characters, tags and the like (UAX 9, UTR 36). Ascending. */
static const struct {
    uint32_t first, last;
} unseen[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C},
    {0x115F, 0x1160}, {0x180B, 0x180F}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
    {0x3164, 0x3164}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
};

bool lists_is_label(const char *text, size_t len, uint32_t *reterr_code_point, size_t *reterr_at)
{
    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        unsigned step = fold_decode((const uint8_t *)text + at, len - at, &cp);
        bool good = step > 0;
        for (size_t i = 0; i < sizeof unseen / sizeof unseen[0] && good; i++)
            good = cp < unseen[i].first || cp > unseen[i].last;
        if (!good) {
            *reterr_code_point = cp;
            *reterr_at = at;
            return false;
        }
        at += step;
    }
    return true;
}
