/*
 * Text from outside, made safe to look at: whatever a terminal would obey, or that hides or
 * reorders text, is shown as an escape like \u{202e} or \x{ff}. Pure but for term_print and
 * term_open.
 */
#ifndef DAEMON_CTL_TERM_H
#define DAEMON_CTL_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TERM_UNIT_BYTES 16u /* room for one unit: a code point or its escape */

/* How a stream for people is written. */
struct term {
    FILE *stream;
    bool tty;
    bool colour;
    bool html; /* text from outside is also markup-safe, isolated (<bdi>) and cut: term_print */
};

enum term_colour_choice {
    TERM_COLOUR_AUTO = 0, /* on a terminal, unless NO_COLOR says no or TERM is dumb */
    TERM_COLOUR_ALWAYS,
    TERM_COLOUR_NEVER,
};

enum term_style {
    TERM_PLAIN = 0,
    TERM_BOLD,
    TERM_DIM,
    TERM_RED,
    TERM_YELLOW,
    TERM_GREEN,
    TERM_CYAN,
    TERM_STYLES_COUNT,
};

/* "auto", "always", "never"; -EINVAL otherwise. */
int term_colour_parse(const char *name, enum term_colour_choice *ret_choice);

/* Whether the terminal understands no escape sequences (TERM=dumb). */
bool term_is_dumb(void);

/* Looks at the stream once. */
struct term term_open(FILE *stream, enum term_colour_choice choice);

/* How wide the terminal behind the stream is; 80 when it does not say. */
size_t term_columns(FILE *stream);

/* True for code points that are never printed raw: all controls and format characters (Cc, Cf:
   bidi, zero width, tags), line and paragraph separators, other invisible characters and
   noncharacters. Variation selectors FE00..FE0F are harmless and stay. */
bool term_is_unsafe(uint32_t code_point);

/* Takes one unit from [*at, end), which is not empty: a code point, or one byte that is not UTF-8.
   Writes it, or its escape, to out (no NUL) and moves *at behind it. Returns the length;
   *ret_columns is how many columns it takes on a terminal. A backslash stays a backslash: escapes
   are for eyes, not for parsing back. */
size_t term_unit(const char **at, const char *end, char out[TERM_UNIT_BYTES],
                 unsigned *ret_columns);

#define TERM_HTML_UNITS_MAX 400u /* of a text in HTML; then it says how long the whole is */

/* Writes one unit of term_unit; with `html` & < > " and ' are character references. */
void term_put_unit(const struct term *term, const char *unit, size_t len);

/* Prints the escaped text. In HTML it stands in a <bdi> of its own, so that it can neither be
   markup nor change the order in which its neighbours are read. */
void term_print(const struct term *term, const char *bytes, size_t len);

/* As term_print, but at most columns wide: a longer text ends in "…". Returns the columns used. */
size_t term_print_cut(const struct term *term, const char *bytes, size_t len, size_t columns);

/* Begins a style, or with TERM_PLAIN ends it; nothing when the term has no colours. */
void term_style(const struct term *term, enum term_style style);

#endif
