/*
 * HTML by libxml2's SAX interface. Knows which elements show their text.
 */
#include "daemon/ctl/page.h"

#include <errno.h>
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/ctl/charset.h"

/* libxml2 walks the open elements at an end tag, and the attributes before at an attribute; names
   are kept once each. So all three are bounded: a page of 4 MiB would take it hours. */
#define NAMES_BYTES_MAX 8192u               /* when it is reached, libxml2 takes no further pool */
#define PAIRS_MAX       (UINT64_C(1) << 27) /* of attributes of one tag, in all tags */

struct reading {
    struct page *page;
    htmlParserCtxtPtr parser;
    uint64_t pairs;
    unsigned depth;   /* open elements */
    unsigned hidden;  /* open elements whose text is not shown */
    unsigned titles;  /* open elements <title> */
    bool in_script;   /* of JSON-LD */
    bool space, line; /* white space, the beginning of a line, before the next text */
    bool script_cut;
};

/* Elements within a line (HTML, 4.5): words go through them. */
static const char *const inlines[] = {
    "a",      "abbr", "b",   "bdi",  "bdo", "big", "cite", "code",  "em",   "font",
    "i",      "ins",  "kbd", "mark", "q",   "s",   "samp", "small", "span", "strike",
    "strong", "sub",  "sup", "tt",   "u",   "var", "wbr",  NULL,
};
/* Not noscript and svg: browsers end them where libxml2 does not, and would show what is behind. */
static const char *const hiders[] = {"script", "style", "template", NULL};

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (name[0] == (*names)[0] && strcmp(name, *names) == 0) /* most differ there */
            return true;
    return false;
}

/* How many of the bytes fit, cut between characters. */
static size_t fitting(const char *bytes, size_t len, size_t room)
{
    if (len <= room)
        return len;
    while (room > 0 && ((unsigned char)bytes[room] & 0xC0) == 0x80)
        room--;
    return room;
}

static void put(struct reading *reading, const char *bytes, size_t len)
{
    struct page *page = reading->page;
    bool title = reading->titles > 0;
    char *to = title ? page->title : page->text;
    size_t *to_len = title ? &page->title_len : &page->text_len;
    size_t room = (title ? PAGE_TITLE_BYTES_MAX : PAGE_TEXT_BYTES_MAX) - *to_len;
    if ((reading->space || reading->line) && *to_len > 0 && room > 0) {
        to[(*to_len)++] = reading->line && !title ? '\n' : ' ';
        room--;
    }
    reading->space = reading->line = false;
    size_t some = fitting(bytes, len, room);
    page->cut = page->cut || some < len;
    memcpy(to + *to_len, bytes, some);
    *to_len += some;
}

/* Text as it is shown: its words, with one space between them. */
static void put_words(struct reading *reading, const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t begin = at;
        /* Words with one space between them are put as they are. */
        while (at < len &&
               ((unsigned char)bytes[at] > ' ' || (bytes[at] == ' ' && at > begin && at + 1 < len &&
                                                   (unsigned char)bytes[at + 1] > ' ')))
            at++;
        if (at > begin)
            put(reading, bytes + begin, at - begin);
        reading->space = reading->space || at < len;
        at += at < len;
    }
}

static void put_script(struct reading *reading, const char *bytes, size_t len)
{
    struct page *page = reading->page;
    /* A script that is cut is no JSON: it is left out as a whole when it ends. */
    if (page->scripts_len + PAGE_SLACK_BYTES + len > PAGE_SCRIPT_BYTES_MAX) {
        reading->script_cut = page->cut = true;
        return;
    }
    memcpy(page->scripts + page->scripts_len, bytes, len);
    page->scripts_len += len;
}

static void on_text(void *context, const xmlChar *bytes, int len)
{
    struct reading *reading = context;
    if (reading->in_script)
        put_script(reading, (const char *)bytes, (size_t)len);
    else if (reading->hidden == 0)
        put_words(reading, (const char *)bytes, (size_t)len);
}

static bool is_json_ld(const xmlChar **attributes)
{
    static const char type[] = "application/ld+json";
    for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
        if (strcmp((const char *)attributes[0], "type") == 0 && attributes[1] != NULL)
            return strncasecmp((const char *)attributes[1], type, sizeof type - 1) == 0;
    return false;
}

static void begin_script(struct reading *reading)
{
    struct page *page = reading->page;
    if (page->scripts_count == PAGE_SCRIPTS_MAX) {
        page->cut = true;
        return;
    }
    reading->in_script = true;
    reading->script_cut = false;
    page->script[page->scripts_count].begin = page->scripts_len;
}

static void end_script(struct reading *reading)
{
    struct page *page = reading->page;
    size_t begin = page->script[page->scripts_count].begin;
    reading->in_script = false;
    if (reading->script_cut) {
        page->scripts_len = begin;
        return;
    }
    page->script[page->scripts_count++].len = page->scripts_len - begin;
    size_t room = PAGE_SCRIPT_BYTES_MAX - page->scripts_len;
    size_t slack = room < PAGE_SLACK_BYTES ? room : PAGE_SLACK_BYTES;
    memset(page->scripts + page->scripts_len, ' ', slack);
    page->scripts_len += slack;
}

static void put_alt(struct reading *reading, const xmlChar **attributes)
{
    for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
        if (strcmp((const char *)attributes[0], "alt") == 0 && attributes[1] != NULL) {
            reading->space = true;
            put_words(reading, (const char *)attributes[1], strlen((const char *)attributes[1]));
            reading->space = true;
        }
}

/* Leaves the rest of a page that would take too long. */
static void bound_work(struct reading *reading, const xmlChar **attributes)
{
    uint64_t count = 0;
    for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
        count++;
    reading->pairs += count * count;
    reading->depth++;
    if (reading->depth <= PAGE_DEPTH_MAX && reading->pairs <= PAIRS_MAX)
        return;
    reading->page->cut = true;
    xmlStopParser(reading->parser);
}

static void on_begin(void *context, const xmlChar *element, const xmlChar **attributes)
{
    struct reading *reading = context;
    const char *name = (const char *)element;
    bound_work(reading, attributes);
    if (is_one_of(name, hiders)) {
        if (strcmp(name, "script") == 0 && reading->hidden == 0 && is_json_ld(attributes))
            begin_script(reading);
        reading->hidden++;
    } else if (strcmp(name, "title") == 0) {
        reading->titles++;
        reading->space = true;
    } else if (strcmp(name, "img") == 0 && reading->hidden == 0) {
        put_alt(reading, attributes);
    }
    reading->line = reading->line || !is_one_of(name, inlines);
}

static void on_end(void *context, const xmlChar *element)
{
    struct reading *reading = context;
    const char *name = (const char *)element;
    reading->depth -= reading->depth > 0;
    if (is_one_of(name, hiders)) {
        if (reading->in_script)
            end_script(reading);
        reading->hidden -= reading->hidden > 0;
    } else if (strcmp(name, "title") == 0) {
        reading->titles -= reading->titles > 0;
    }
    reading->line = reading->line || !is_one_of(name, inlines);
}

/* The names that decide what is shown are kept before a page can fill the room for names. */
static void bound_names(htmlParserCtxtPtr parser)
{
    static const char *const kept[] = {"title", "img", "alt", "type", NULL};
    const char *const *const lists[] = {kept, hiders, inlines};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (const char *const *name = lists[i]; *name != NULL; name++)
            (void)xmlDictLookup(parser->dict, (const xmlChar *)*name, -1);
    (void)xmlDictSetLimit(parser->dict, NAMES_BYTES_MAX);
}

/* What libxml2 would say on stderr: pages of others always have faults. */
static void on_fault(void *context, xmlErrorPtr fault)
{
    (void)context;
    (void)fault;
}

/* Parses UTF-8. */
static int parse(const char *bytes, size_t len, struct page *page)
{
    struct reading reading = {.page = page};
    xmlSetStructuredErrorFunc(NULL, on_fault);
    htmlParserCtxtPtr parser = htmlCreateMemoryParserCtxt(bytes, (int)len);
    if (parser == NULL)
        return -ENOMEM;
    reading.parser = parser;
    bound_names(parser);
    (void)htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
                                         HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                         HTML_PARSE_NODEFDTD | HTML_PARSE_IGNORE_ENC);
    *parser->sax = (htmlSAXHandler){.startElement = on_begin,
                                    .endElement = on_end,
                                    .characters = on_text,
                                    .ignorableWhitespace = on_text,
                                    .cdataBlock = on_text};
    parser->userData = &reading;
    (void)xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8); /* it cannot fail: no converter */
    (void)htmlParseDocument(parser); /* tag soup always has faults: what was read counts */
    const xmlParserInputBuffer *input = parser->input == NULL ? NULL : parser->input->buf;
    page->cut = page->cut || (input != NULL && input->error != 0);
    htmlFreeParserCtxt(parser);
    return 0;
}

int page_read(const char *bytes, size_t len, const char *charset, struct page *ret_page)
{
    /* libxml2 takes an int; nobody hands in a page of 512 MiB. */
    if (len > INT_MAX / 4)
        len = INT_MAX / 4;
    struct charset_text text;
    ret_page->title_len = ret_page->text_len = ret_page->scripts_len = ret_page->scripts_count = 0;
    ret_page->cut = false;
    int result = charset_decode(bytes, len, charset, &text);
    if (result < 0)
        return result;
    ret_page->cut = text.cut;
    if (text.len > 0)
        result = parse(text.at, text.len, ret_page);
    free(text.made);
    return result;
}
