/*
 * Compiling literals with Hyperscan.
 */
#include "matcher/engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/tsv.h"

/* Below this number of different tails Hyperscan 5.4 steps through the text in a slower way; at
   250..799 it is slowest (findDesiredStride). Measured: 2.5 to 3 times the speed once past it. */
#define TAILS_MIN 860u

#define PADDING_BYTES 11u /* space, qz, 7 letters, space */
#define ESCAPED_BYTES 4u  /* \xHH */

size_t engine_padding(const struct literals *literals)
{
    return literals->tails >= TAILS_MIN ? 0 : TAILS_MIN - literals->tails;
}

/* The text of padding literal number index: letters that follow each other in no language. */
static void padding_text(size_t index, uint8_t out[PADDING_BYTES])
{
    static const char letters[] = "qxzjvwkb";
    memcpy(out, " qz", 3);
    for (size_t i = 3; i + 1 < PADDING_BYTES; i++, index /= 8)
        out[i] = (uint8_t)letters[index % 8];
    out[PADDING_BYTES - 1] = ' ';
}

/* Writes len bytes as an expression for exactly these, NUL-terminated; returns behind the NUL. */
static char *escape(char *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        *out++ = '\\';
        *out++ = 'x';
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out++ = '\0';
    return out;
}

int engine_compile(const struct literals *literals, size_t padding, hs_database_t **ret_engine,
                   struct matcher_error *reterr_error)
{
    size_t count = literals->count + padding;
    size_t bytes = literals->begin[literals->count] + padding * PADDING_BYTES;
    const char **expression = calloc(count, sizeof *expression);
    unsigned *flags = calloc(count, sizeof *flags), *ids = calloc(count, sizeof *ids);
    char *text = malloc(bytes * ESCAPED_BYTES + count), *out = text;
    int done = -ENOMEM;
    if (expression == NULL || flags == NULL || ids == NULL || text == NULL)
        goto out;
    for (size_t i = 0; i < count; i++) {
        uint8_t never[PADDING_BYTES];
        expression[i] = out;
        ids[i] = (unsigned)i;
        if (i >= literals->count) {
            padding_text(i - literals->count, never);
            out = escape(out, never, PADDING_BYTES);
            continue;
        }
        uint32_t begin = literals->begin[i];
        out = escape(out, literals->bytes + begin, literals->begin[i + 1] - begin);
    }
    hs_compile_error_t *refusal = NULL;
    hs_error_t compiled = hs_compile_multi(expression, flags, ids, (unsigned)count, HS_MODE_BLOCK,
                                           NULL, ret_engine, &refusal);
    done = 0;
    /* both libraries say so in words only */
    if (refusal != NULL && strstr(refusal->message, "allocate memory") != NULL)
        done = -ENOMEM;
    else if (compiled != HS_SUCCESS)
        done = matcher_error_set(reterr_error, 0, 0, "the engine refuses the set: %s",
                                 refusal == NULL ? "no reason given" : refusal->message);
    if (refusal != NULL)
        (void)hs_free_compile_error(refusal); /* can only fail for what is not ours */
out:
    free(text);
    free(ids);
    free(flags);
    free(expression);
    return done;
}

#define VERSION_BYTES 64u

static pthread_once_t version_once = PTHREAD_ONCE_INIT;
static char version[VERSION_BYTES]; /* written once, before anyone reads it */

/* The two libraries have one interface and one file name: which of them is there shows at run time
   only, and the number alone would not say whose it is. Hyperscan's last open version is 5.4.2,
   Debian's first Vectorscan is 5.4.8. */
static void name_version(void)
{
    const char *number = hs_version();
    char *dot = NULL;
    unsigned long major = strtoul(number, &dot, 10);
    unsigned long minor = *dot == '.' ? strtoul(dot + 1, &dot, 10) : 0;
    unsigned long patch = *dot == '.' ? strtoul(dot + 1, NULL, 10) : 0;
    bool vectorscan = major == 5 && minor == 4 && patch > 2;
    int len = (int)strlen(number);
    while (len > 0 && number[len - 1] == ' ')
        len--;
    (void)snprintf(version, sizeof version, "%s %.*s", vectorscan ? "vectorscan" : "hyperscan", len,
                   number); /* a cut is no harm */
}

const char *matcher_engine_version(void)
{
    (void)pthread_once(&version_once, name_version); /* cannot fail with a valid once */
    return version;
}
