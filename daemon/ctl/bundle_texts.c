/*
 * Texts of a bundle. Knows no record.
 */
#include "daemon/ctl/bundle_texts.h"

#include <stdbool.h>
#include <string.h>

/* The assembler takes the files in; make knows that this object is made of them. */
#define TEXT(name, file)                                                                           \
    __asm__(".section .rodata\n"                                                                   \
            ".global bundle_text_" #name "\nbundle_text_" #name ":\n"                              \
            ".incbin \"daemon/ctl/bundle/" file "\"\n"                                             \
            ".global bundle_text_" #name "_end\nbundle_text_" #name "_end:\n"                      \
            ".byte 0\n.previous\n");                                                               \
    extern const char bundle_text_##name[], bundle_text_##name##_end[]

TEXT(readme, "README-VERIFY.txt");
TEXT(declaration, "declaration.txt");
TEXT(verify, "verify.py");

const char *bundle_text(enum bundle_text text, size_t *ret_len)
{
    const char *begin = bundle_text_readme, *end = bundle_text_readme_end;

    if (text == BUNDLE_TEXT_DECLARATION) {
        begin = bundle_text_declaration;
        end = bundle_text_declaration_end;
    } else if (text == BUNDLE_TEXT_VERIFY) {
        begin = bundle_text_verify;
        end = bundle_text_verify_end;
    }
    *ret_len = (size_t)(end - begin);
    return begin;
}

/* The word that stands at @; NULL: none. */
static const struct bundle_word *word_at(const char *at, const char *end,
                                         const struct bundle_word *words)
{
    for (; words->name != NULL; words++) {
        size_t len = strlen(words->name);
        if ((size_t)(end - at) >= len + 2 && memcmp(at + 1, words->name, len) == 0 &&
            at[len + 1] == '@')
            return words;
    }
    return NULL;
}

void bundle_text_print(enum bundle_text text, const struct bundle_word *words, FILE *file)
{
    size_t len = 0;
    const char *at = bundle_text(text, &len), *end = at + len;

    while (at < end) {
        const struct bundle_word *word = *at == '@' ? word_at(at, end, words) : NULL;
        if (word == NULL) {
            (void)fputc(*at++, file); /* the stream keeps its error */
            continue;
        }
        for (const char *value = word->value; *value != '\0'; value++) {
            bool printable = (*value >= ' ' && *value <= '~') || *value == '\n';
            (void)fputc(printable ? *value : '?', file); /* likewise */
        }
        at += strlen(word->name) + 2;
    }
}
