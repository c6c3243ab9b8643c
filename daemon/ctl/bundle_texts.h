/*
 * The texts that go into every bundle: README-VERIFY.txt, declaration.txt and verify.py, which
 * stand in daemon/ctl/bundle/ and are linked in.
 */
#ifndef DAEMON_CTL_BUNDLE_TEXTS_H
#define DAEMON_CTL_BUNDLE_TEXTS_H

#include <stddef.h>
#include <stdio.h>

enum bundle_text {
    BUNDLE_TEXT_README = 0,
    BUNDLE_TEXT_DECLARATION,
    BUNDLE_TEXT_VERIFY,
};

/* What stands for @NAME@ in a text. */
struct bundle_word {
    const char *name, *value; /* without the signs; name NULL ends a list */
};

/* The text as it is; static. */
const char *bundle_text(enum bundle_text text, size_t *ret_len);

/* Writes a text with its words put in; bytes of a value that are not printable ASCII, and not \n,
   become '?'. A name that the list has not stays as it is. */
void bundle_text_print(enum bundle_text text, const struct bundle_word *words, FILE *file);

#endif
