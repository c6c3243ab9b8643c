/*
 * Random texts written against the squeezed reading: pieces that begin or end what it looks for,
 * and names in disguise.
 */
#ifndef TESTS_UNIT_HOSTILE_TEXT_H
#define TESTS_UNIT_HOSTILE_TEXT_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A name as it may be disguised, letter by letter; its length. out has 128 bytes. */
static inline size_t hostile_name(char *out, unsigned *seed)
{
    static const char *const names[] = {"lego", "Nike",    "Hot Wheels",    "GUCCI",        "ugg",
                                        "squ",  "K-Swiss", "Squishmallows", "Louis Vuitton"};
    static const char *const letters = "oisealt";
    static const char *const others[] = {"0", "1", "$", "3", "@", "|", "7"};
    static const char *const gaps[] = {".", "-", "_", " ", "*", " - "};
    const char *name = names[(size_t)rand_r(seed) % (sizeof names / sizeof names[0])];
    const char *gap = gaps[(size_t)rand_r(seed) % (sizeof gaps / sizeof gaps[0])];
    unsigned manners = (unsigned)rand_r(seed);
    size_t len = 0;
    for (; *name != '\0'; name++) {
        const char *letter = strchr(letters, *name | 0x20);
        const char *put = letter != NULL && (manners & 1) != 0 && rand_r(seed) % 2 == 0
                              ? others[letter - letters]
                              : NULL;
        if (*name == 'e' && (manners & 2) != 0)
            put = "\xD0\xB5"; /* the Cyrillic one */
        size_t put_len = put == NULL ? 1 : strlen(put);
        memcpy(out + len, put == NULL ? name : put, put_len);
        len += put_len;
        if ((manners & 12) == 4 && rand_r(seed) % 3 == 0)
            out[len++] = *name;
        if ((manners & 48) == 16 && name[1] != '\0' && rand_r(seed) % 8 != 0) {
            memcpy(out + len, gap, strlen(gap));
            len += strlen(gap);
        }
    }
    return len;
}

/* At most len bytes of pieces; how many. */
static inline size_t hostile_text(char *out, size_t len, unsigned *seed)
{
    static const char *const pieces[] = {"a",
                                         "B",
                                         " ",
                                         " ",
                                         "-",
                                         ".",
                                         "1",
                                         "0",
                                         "I",
                                         "l",
                                         "!",
                                         "$",
                                         "@",
                                         "|",
                                         "*",
                                         "<b>",
                                         "%41",
                                         "\\u0041",
                                         "&amp;",
                                         "letter",
                                         "ss",
                                         "x1",
                                         "verylongwordindeed",
                                         "é",
                                         "ж",
                                         "о",
                                         "Ѕ",
                                         "р",
                                         "ο",
                                         "ł",
                                         "毛",
                                         "カ",
                                         "。",
                                         "ꜱ",
                                         "𝐍",
                                         "😀",
                                         "\xC2\xA0",
                                         "\xE2\x80\x8B",
                                         "’",
                                         "™",
                                         "\xFF",
                                         "\xC3",
                                         "\xE3\x82",
                                         "\xF0\x9F",
                                         "\x80",
                                         "\n",
                                         "lego",
                                         "n1ke",
                                         "s q u",
                                         "Hot Wh33ls",
                                         "gucci!",
                                         "к",
                                         "А",
                                         "\xE0\x80\x80"};
    size_t at = 0;
    for (;;) {
        char name[128];
        const char *piece = pieces[(size_t)rand_r(seed) % (sizeof pieces / sizeof pieces[0])];
        bool disguised = rand_r(seed) % 6 == 0;
        size_t piece_len = disguised ? hostile_name(name, seed) : strlen(piece);
        if (at + piece_len > len)
            return at;
        memcpy(out + at, disguised ? name : piece, piece_len);
        at += piece_len;
    }
}

#endif
