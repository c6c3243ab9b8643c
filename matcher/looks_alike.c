/*
 * Which letters a hasty reader takes for one another, and the classes that hashing joins. Signs and
 * the letters that digits stand for are in unicode/looks_own.tsv; a test holds the two together.
 */
#include <assert.h>
#include <stdbool.h>

#include "matcher/looks.h"

#define L(letter) (1ull << ((letter) - 'a'))
#define D(digit)  (1ull << ((digit) - '0' + 26))

/* By letter (0-25) and digit (26-35): what else it may be. Symmetric. rn for m and vv for w take
   two letters and have no place here. */
static const uint64_t alikes[36] = {
    /* Capital I and small l are one stroke in most faces, and so is 1. */
    ['i' - 'a'] = L('l') | D('1'),
    ['l' - 'a'] = L('i') | D('1'),
    ['1' - '0' + 26] = L('i') | L('l'),
    /* Carved capitals have V for U; sellers write SQVISH. */
    ['u' - 'a'] = L('v'),
    ['v' - 'a'] = L('u'),
    /* The rest are digits and the letters they stand for. */
    ['o' - 'a'] = D('0'),
    ['0' - '0' + 26] = L('o'),
    ['z' - 'a'] = D('2'),
    ['2' - '0' + 26] = L('z'),
    ['e' - 'a'] = D('3'),
    ['3' - '0' + 26] = L('e'),
    ['a' - 'a'] = D('4'),
    ['4' - '0' + 26] = L('a'),
    ['s' - 'a'] = D('5'),
    ['5' - '0' + 26] = L('s'),
    ['t' - 'a'] = D('7'),
    ['7' - '0' + 26] = L('t'),
    ['b' - 'a'] = D('6') | D('8'),
    ['g' - 'a'] = D('6') | D('9'),
    ['q' - 'a'] = D('9'),
    ['6' - '0' + 26] = L('b') | L('g'),
    ['8' - '0' + 26] = L('b'),
    ['9' - '0' + 26] = L('g') | L('q'),
};

/* The closure of alikes and of every line of letters in looks_own.tsv: b and g meet in 6, g and q
   in 9. */
static const char classes[37] = "abcdefbhijkimnopbrstuuwxyzoizeasbtbb";

static bool is_known(uint8_t letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

static unsigned index_of(uint8_t letter)
{
    assert(is_known(letter));
    return letter <= '9' ? letter - '0' + 26u : letter - (unsigned)'a';
}

int looks_alike(uint8_t written, uint8_t meant)
{
    return written == meant || (alikes[index_of(written)] >> index_of(meant) & 1) != 0;
}

uint8_t looks_class(uint8_t letter)
{
    return (uint8_t)classes[index_of(letter)];
}

uint8_t looks_turned(uint8_t letter)
{
    static const char turned[37] = "aqcpefghijklwuodbrstnvmxyz0123459786";
    assert(is_known(letter));
    return (uint8_t)turned[index_of(letter)];
}
