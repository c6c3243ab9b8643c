/*
 * Tags and comments: which there are, and whether a browser shows a break in their place.
 * What only resembles a tag (a < b, <3, <LV>) is none: a word must not be hidden in it.
 */
#include "matcher/looks_tag.h"

#include <stdbool.h>
#include <string.h>

#include "matcher/notation.h"

#define NAME_BYTES 24u /* the longest name and its NUL */
#define NO_MORE    0xFFFFFFFFu

struct tag_name {
    char name[12];
    uint8_t kind; /* enum looks_kind */
};

/* Sorted by name. What is not here is a tag only if it holds nothing. */
static const struct tag_name tag_names[] = {
    {"a", LOOKS_NOTHING},        {"abbr", LOOKS_NOTHING},   {"address", LOOKS_SPACE},
    {"article", LOOKS_SPACE},    {"aside", LOOKS_SPACE},    {"b", LOOKS_NOTHING},
    {"bdi", LOOKS_NOTHING},      {"bdo", LOOKS_NOTHING},    {"big", LOOKS_NOTHING},
    {"blockquote", LOOKS_SPACE}, {"body", LOOKS_SPACE},     {"br", LOOKS_SPACE},
    {"button", LOOKS_SPACE},     {"caption", LOOKS_SPACE},  {"center", LOOKS_SPACE},
    {"cite", LOOKS_NOTHING},     {"code", LOOKS_NOTHING},   {"dd", LOOKS_SPACE},
    {"del", LOOKS_NOTHING},      {"details", LOOKS_SPACE},  {"dfn", LOOKS_NOTHING},
    {"div", LOOKS_SPACE},        {"dl", LOOKS_SPACE},       {"dt", LOOKS_SPACE},
    {"em", LOOKS_NOTHING},       {"fieldset", LOOKS_SPACE}, {"figcaption", LOOKS_SPACE},
    {"figure", LOOKS_SPACE},     {"font", LOOKS_NOTHING},   {"footer", LOOKS_SPACE},
    {"form", LOOKS_SPACE},       {"h1", LOOKS_SPACE},       {"h2", LOOKS_SPACE},
    {"h3", LOOKS_SPACE},         {"h4", LOOKS_SPACE},       {"h5", LOOKS_SPACE},
    {"h6", LOOKS_SPACE},         {"head", LOOKS_SPACE},     {"header", LOOKS_SPACE},
    {"hr", LOOKS_SPACE},         {"html", LOOKS_SPACE},     {"i", LOOKS_NOTHING},
    {"iframe", LOOKS_SPACE},     {"img", LOOKS_SIGN},       {"input", LOOKS_SPACE},
    {"ins", LOOKS_NOTHING},      {"kbd", LOOKS_NOTHING},    {"label", LOOKS_NOTHING},
    {"li", LOOKS_SPACE},         {"link", LOOKS_NOTHING},   {"main", LOOKS_SPACE},
    {"mark", LOOKS_NOTHING},     {"meta", LOOKS_NOTHING},   {"nav", LOOKS_SPACE},
    {"nobr", LOOKS_NOTHING},     {"ol", LOOKS_SPACE},       {"option", LOOKS_SPACE},
    {"p", LOOKS_SPACE},          {"picture", LOOKS_SIGN},   {"pre", LOOKS_SPACE},
    {"q", LOOKS_NOTHING},        {"s", LOOKS_NOTHING},      {"samp", LOOKS_NOTHING},
    {"script", LOOKS_NOTHING},   {"section", LOOKS_SPACE},  {"select", LOOKS_SPACE},
    {"small", LOOKS_NOTHING},    {"span", LOOKS_NOTHING},   {"strike", LOOKS_NOTHING},
    {"strong", LOOKS_NOTHING},   {"style", LOOKS_NOTHING},  {"sub", LOOKS_NOTHING},
    {"summary", LOOKS_SPACE},    {"sup", LOOKS_NOTHING},    {"svg", LOOKS_SIGN},
    {"table", LOOKS_SPACE},      {"tbody", LOOKS_SPACE},    {"td", LOOKS_SPACE},
    {"textarea", LOOKS_SPACE},   {"tfoot", LOOKS_SPACE},    {"th", LOOKS_SPACE},
    {"thead", LOOKS_SPACE},      {"time", LOOKS_NOTHING},   {"title", LOOKS_SPACE},
    {"tr", LOOKS_SPACE},         {"tt", LOOKS_NOTHING},     {"u", LOOKS_NOTHING},
    {"ul", LOOKS_SPACE},         {"var", LOOKS_NOTHING},    {"video", LOOKS_SIGN},
    {"wbr", LOOKS_NOTHING},
};

/* Attributes that stand without a value. Other bare words are no attributes but text in angle
   brackets. */
static const char *const bare_attributes[] = {"checked", "compact", "disabled", "download",
                                              "hidden",  "nowrap",  "open",     "selected"};

/* Attributes that only say how a tag is drawn. */
static const char *const silent_attributes[] = {
    "align", "bgcolor", "border",   "cellpadding", "cellspacing", "class",  "color",
    "cols",  "colspan", "dir",      "face",        "height",      "id",     "itemprop",
    "lang",  "nowrap",  "rel",      "role",        "rowspan",     "rows",   "size",
    "start", "style",   "tabindex", "target",      "type",        "valign", "width"};

/* The characters of the tag, whatever their notation. */
struct tag_text {
    const uint8_t *begin, *at, *end;
    bool speaks; /* it holds text: in a comment, an attribute, a name, what a browser hides */
};

static uint32_t peek(const struct tag_text *text, size_t *ret_len)
{
    *ret_len = 1;
    if (text->at == text->end)
        return NO_MORE;
    uint32_t cp = *text->at;
    uint16_t technique = 0;
    size_t len = 0;
    if (cp == '&' || cp == '%' || cp == '\\')
        len = notation_read(text->begin, text->at, text->end, &cp, &technique);
    *ret_len = len != 0 ? len : 1;
    return len != 0 ? cp : *text->at;
}

/* Goes past the next character if it is cp. */
static bool take(struct tag_text *text, uint32_t cp)
{
    size_t len = 0;
    if (peek(text, &len) != cp || cp == NO_MORE)
        return false;
    text->at += len;
    return true;
}

static bool take_all(struct tag_text *text, const char *word)
{
    struct tag_text begin = *text;
    for (; *word != '\0'; word++) {
        if (!take(text, (uint8_t)*word)) {
            *text = begin;
            return false;
        }
    }
    return true;
}

static bool is_space(uint32_t cp)
{
    return cp == ' ' || (cp >= 9 && cp <= 13);
}

static void skip_spaces(struct tag_text *text)
{
    size_t len = 0;
    while (is_space(peek(text, &len)))
        text->at += len;
}

/* Reads [A-Za-z][A-Za-z0-9:-]* in lower case; false if there is none or it is too long. */
static bool read_name(struct tag_text *text, char name[NAME_BYTES])
{
    unsigned count = 0;
    for (;; count++) {
        size_t len = 0;
        uint32_t cp = peek(text, &len);
        bool letter = (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z';
        bool later = (cp >= '0' && cp <= '9') || cp == '-' || cp == ':';
        if (!letter && !(later && count > 0))
            break;
        if (count + 1 == NAME_BYTES)
            return false;
        name[count] = (char)(letter ? cp | 0x20 : cp);
        text->at += len;
    }
    name[count] = '\0';
    return count > 0;
}

static const struct tag_name *find_name(const char *name)
{
    size_t low = 0, high = sizeof tag_names / sizeof tag_names[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(tag_names[middle].name, name);
        if (order == 0)
            return &tag_names[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool is_bare_attribute(const char *name)
{
    return is_among(name, bare_attributes, sizeof bare_attributes / sizeof bare_attributes[0]);
}

static bool is_silent_attribute(const char *name)
{
    return is_among(name, silent_attributes,
                    sizeof silent_attributes / sizeof silent_attributes[0]);
}

/* Goes past a value. A '<' in it ends all hope: so no text is looked at twice. */
static bool skip_value(struct tag_text *text)
{
    uint32_t quote = take(text, '"') ? '"' : take(text, '\'') ? '\'' : 0;
    for (;;) {
        size_t len = 0;
        uint32_t cp = peek(text, &len);
        if (cp == NO_MORE || cp == '<')
            return false;
        if (quote == 0 && (is_space(cp) || cp == '>'))
            return true;
        text->at += len;
        if (quote != 0 && cp == quote)
            return true;
    }
}

/* Goes past the attributes and the '>'. */
static bool skip_attributes(struct tag_text *text, bool *ret_closed)
{
    *ret_closed = false;
    for (;;) {
        char name[NAME_BYTES];
        skip_spaces(text);
        if (take(text, '/'))
            *ret_closed = true;
        if (take(text, '>'))
            return true;
        if (!read_name(text, name))
            return false;
        *ret_closed = false;
        skip_spaces(text);
        if (take(text, '=')) {
            skip_spaces(text);
            /* A browser shows what is spelled. */
            text->speaks |= *text->begin != '<' || !is_silent_attribute(name);
            if (!skip_value(text))
                return false;
        } else if (!is_bare_attribute(name)) {
            return false;
        }
    }
}

/* Goes past text that is not shown and the closing tag that ends it, if that is near. */
static void skip_hidden(struct tag_text *text, const char *name)
{
    struct tag_text ahead = *text;
    for (;;) {
        size_t len = 0;
        uint32_t cp = peek(&ahead, &len);
        if (cp == NO_MORE)
            return;
        ahead.at += len;
        if (cp != '<')
            continue;
        if (take(&ahead, '/') && take_all(&ahead, name) && take(&ahead, '>')) {
            *text = ahead;
            text->speaks = true;
        }
        return;
    }
}

/* Behind "<!--": goes past the end of the comment. */
static bool skip_comment(struct tag_text *text)
{
    if (take(text, '>') || take_all(text, "->"))
        return true;
    for (;;) {
        size_t len = 0;
        if (take_all(text, "-->") || take_all(text, "--!>"))
            return true;
        uint32_t cp = peek(text, &len);
        text->at += cp == NO_MORE ? 0 : len;
        if (cp == NO_MORE || (cp == '<' && take(text, '!')))
            return false;
    }
}

static bool skip_to_end(struct tag_text *text)
{
    for (;;) {
        size_t len = 0;
        uint32_t cp = peek(text, &len);
        if (cp == NO_MORE || cp == '<')
            return false;
        text->at += len;
        if (cp == '>')
            return true;
    }
}

/* Behind "<" and no '/', '!' or '?'. */
static bool read_opening(struct tag_text *text, enum looks_kind *ret_kind)
{
    char name[NAME_BYTES];
    bool closed = false;
    if (!read_name(text, name))
        return false;
    const struct tag_name *known = find_name(name);
    if (known == NULL) {
        *ret_kind = LOOKS_NOTHING;
        text->speaks = true;
        bool empty = take_all(text, "></") && take_all(text, name) && take(text, '>');
        return empty || take_all(text, "/>");
    }
    size_t len = 0;
    uint32_t next = peek(text, &len);
    if ((next != '>' && next != '/' && !is_space(next)) || !skip_attributes(text, &closed))
        return false;
    *ret_kind = (enum looks_kind)known->kind;
    if (!closed && (strcmp(name, "script") == 0 || strcmp(name, "style") == 0))
        skip_hidden(text, name);
    return true;
}

static bool read_closing(struct tag_text *text, enum looks_kind *ret_kind)
{
    char name[NAME_BYTES];
    if (!read_name(text, name))
        return false;
    const struct tag_name *known = find_name(name);
    *ret_kind = known == NULL ? LOOKS_NOTHING : (enum looks_kind)known->kind;
    text->speaks = known == NULL;
    skip_spaces(text);
    return take(text, '>');
}

static size_t read_tag(const uint8_t *at, const uint8_t *end, enum looks_kind *ret_kind,
                       bool *ret_speaks)
{
    size_t most =
        (size_t)(end - at) < LOOKS_TAG_BYTES_MAX ? (size_t)(end - at) : LOOKS_TAG_BYTES_MAX;
    struct tag_text text = {at, at, at + most, false};
    bool whole = false;
    if (!take(&text, '<'))
        return 0;
    if (take(&text, '/')) {
        whole = read_closing(&text, ret_kind);
    } else if (take(&text, '!')) {
        *ret_kind = LOOKS_NOTHING;
        text.speaks = true;
        whole = take_all(&text, "--")
                    ? skip_comment(&text)
                    : take_all(&text, "[CDATA[") ||
                          ((take_all(&text, "DOCTYPE ") || take_all(&text, "doctype ")) &&
                           skip_to_end(&text));
    } else if (take(&text, '?')) {
        *ret_kind = LOOKS_NOTHING;
        text.speaks = true;
        whole = take_all(&text, "xml ") && skip_to_end(&text);
    } else {
        whole = read_opening(&text, ret_kind);
    }
    *ret_speaks = text.speaks;
    return whole ? (size_t)(text.at - at) : 0;
}

size_t looks_tag_read(const uint8_t *at, const uint8_t *end, enum looks_kind *ret_kind)
{
    bool speaks = false;
    return read_tag(at, end, ret_kind, &speaks);
}

size_t looks_tag_silent(const uint8_t *at, const uint8_t *end)
{
    enum looks_kind kind = LOOKS_NOTHING;
    bool speaks = false;
    size_t len = read_tag(at, end, &kind, &speaks);
    return speaks ? 0 : len;
}
