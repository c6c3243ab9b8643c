/*
 * A push-down automaton over JSON's grammar, a bit a level. Knows no record.
 */
#include "daemon/ledger/shape.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static_assert(SHAPE_DEPTH_MAX <= 64, "a level is a bit of shape.arrays");

/* What must come next. */
enum shape_next {
    SHAPE_VALUE = 0,      /* a value */
    SHAPE_VALUE_OR_CLOSE, /* after '[' */
    SHAPE_KEY,            /* after ',' in an object */
    SHAPE_KEY_OR_CLOSE,   /* after '{' */
    SHAPE_COMMA_OR_CLOSE, /* after a value */
};

struct shape {
    const char *at, *end;
    uint64_t arrays; /* bit d: level d is an array, else an object */
    unsigned depth;
    enum shape_next next;
};

static bool is_hex(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') ||
           (letter >= 'A' && letter <= 'F');
}

/* The rest of a string after its opening quote. */
static bool take_string(struct shape *shape)
{
    while (shape->at < shape->end) {
        char letter = *shape->at++;
        if (letter == '"')
            return true;
        if (letter < 0x20 || letter > 0x7e)
            return false;
        if (letter != '\\')
            continue;
        if (shape->at == shape->end)
            return false;
        letter = *shape->at++;
        if (letter != 'u') {
            if (letter == '\0' || strchr("\"\\/bfnrt", letter) == NULL)
                return false;
            continue;
        }
        for (unsigned i = 0; i < 4; i++) {
            if (shape->at == shape->end || !is_hex(*shape->at++))
                return false;
        }
    }
    return false;
}

static size_t take_digits(struct shape *shape)
{
    const char *begin = shape->at;

    while (shape->at < shape->end && *shape->at >= '0' && *shape->at <= '9')
        shape->at++;
    return (size_t)(shape->at - begin);
}

static bool take_number(struct shape *shape)
{
    if (*shape->at == '-')
        shape->at++;
    bool zero = shape->at < shape->end && *shape->at == '0';
    size_t digits = take_digits(shape);
    if (digits == 0 || (zero && digits > 1))
        return false;
    if (shape->at < shape->end && *shape->at == '.') {
        shape->at++;
        if (take_digits(shape) == 0)
            return false;
    }
    if (shape->at < shape->end && (*shape->at == 'e' || *shape->at == 'E')) {
        shape->at++;
        if (shape->at < shape->end && (*shape->at == '+' || *shape->at == '-'))
            shape->at++;
        return take_digits(shape) > 0;
    }
    return true;
}

static bool take_word(struct shape *shape, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(shape->end - shape->at) < len || memcmp(shape->at, word, len) != 0)
        return false;
    shape->at += len;
    return true;
}

static bool open_level(struct shape *shape, bool array)
{
    if (shape->depth == SHAPE_DEPTH_MAX)
        return false;
    uint64_t bit = 1ull << shape->depth++;
    shape->arrays = array ? shape->arrays | bit : shape->arrays & ~bit;
    shape->next = array ? SHAPE_VALUE_OR_CLOSE : SHAPE_KEY_OR_CLOSE;
    return true;
}

static bool in_array(const struct shape *shape)
{
    return (shape->arrays >> (shape->depth - 1) & 1u) != 0;
}

static bool close_level(struct shape *shape, char letter)
{
    if (letter != (in_array(shape) ? ']' : '}'))
        return false;
    shape->depth--;
    shape->next = SHAPE_COMMA_OR_CLOSE;
    return true;
}

static bool take_value(struct shape *shape)
{
    char letter = *shape->at;

    shape->next = SHAPE_COMMA_OR_CLOSE;
    switch (letter) {
    case '{':
    case '[':
        shape->at++;
        return open_level(shape, letter == '[');
    case '"':
        shape->at++;
        return take_string(shape);
    case 't':
        return take_word(shape, "true");
    case 'f':
        return take_word(shape, "false");
    case 'n':
        return take_word(shape, "null");
    default:
        return take_number(shape);
    }
}

static bool take_key(struct shape *shape)
{
    shape->next = SHAPE_VALUE;
    return take_word(shape, "\"") && take_string(shape) && take_word(shape, ":");
}

static bool take_one(struct shape *shape)
{
    char letter = *shape->at;

    switch (shape->next) {
    case SHAPE_VALUE_OR_CLOSE:
        if (letter == ']') {
            shape->at++;
            return close_level(shape, letter);
        }
        return take_value(shape);
    case SHAPE_VALUE:
        return take_value(shape);
    case SHAPE_KEY_OR_CLOSE:
        if (letter == '}') {
            shape->at++;
            return close_level(shape, letter);
        }
        return take_key(shape);
    case SHAPE_KEY:
        return take_key(shape);
    case SHAPE_COMMA_OR_CLOSE:
        shape->at++;
        if (letter != ',')
            return close_level(shape, letter);
        shape->next = in_array(shape) ? SHAPE_VALUE : SHAPE_KEY;
        return true;
    }
    return false;
}

bool shape_is_object(const char *bytes, size_t len)
{
    struct shape shape = {.at = bytes, .end = bytes + len};

    if (!take_word(&shape, "{") || !open_level(&shape, false))
        return false;
    while (shape.depth > 0) {
        if (shape.at == shape.end || !take_one(&shape))
            return false;
    }
    return shape.at == shape.end;
}
