/*
 * One record to one line. Which object of JSON-LD is the product is for the map schema-org to say.
 */
#include "daemon/ctl/capture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/http.h"
#include "daemon/ctl/page.h"
#include "daemon/digest.h"
#include "daemon/json_tape.h"
#include "daemon/ledger/text.h"
#include "daemon/listing.h"
#include "daemon/maps.h"

/* What each has of the line, as escaped. */
#define FIELD_ROOM   4096u /* of the header, of which there are five */
#define TITLE_ROOM   16384u
#define SCRIPTS_ROOM 49152u /* jsonld, and as much again product */
#define TEXT_ROOM    110592u

struct capture {
    struct json_parser *parser;
    struct maps *maps;
    const struct map *schema_org, *warc;
    struct arena arena;
    struct page page;
    char body[HTTP_BODY_BYTES_MAX];
    char room[JSON_ROOM_BYTES(JSON_BYTES_MAX)];
    char product_text[SCRIPTS_ROOM];
    char script[PAGE_SCRIPT_BYTES_MAX + JSON_SLACK_BYTES];
    char line[CAPTURE_LINE_BYTES_MAX + JSON_SLACK_BYTES];
};

struct capture *capture_open(void)
{
    struct capture *capture = calloc(1, sizeof *capture);
    if (capture == NULL)
        return NULL;
    capture->parser = json_open();
    if (capture->parser == NULL || maps_open(&capture->maps) < 0 ||
        arena_open(&capture->arena, LISTING_ARENA_BYTES_MAX) < 0)
        return capture_close(capture);
    capture->schema_org = maps_find(capture->maps, "schema-org", strlen("schema-org"));
    capture->warc = maps_find(capture->maps, "warc", strlen("warc"));
    assert(capture->schema_org != NULL && capture->warc != NULL); /* they are built in */
    return capture;
}

#define ESCAPED_BYTES_MAX 6u /* in a JSON string, of one byte */

/* How many bytes a code point takes in a JSON string, at most. */
static size_t escaped_bytes(uint32_t point)
{
    if (point >= 0x10000)
        return 12;
    if (point == '"' || point == '\\' || point == '\n' || point == '\t')
        return 2;
    return point < 0x20 || point >= 0x7f ? 6 : 1;
}

/* A JSON string of as much as fits into room bytes with its escapes. False: it was cut. */
static bool put_fitting(struct text *text, const char *bytes, size_t len, size_t room)
{
    size_t at = 0, used = 2;
    if (len <= (room - used) / ESCAPED_BYTES_MAX)
        at = len; /* whatever it is */
    while (at < len) {
        uint32_t point = (unsigned char)bytes[at];
        size_t some = point < 0x80 ? 1 : text_decode(bytes + at, len - at, &point);
        used += escaped_bytes(point);
        if (used > room)
            break;
        at += some;
    }
    text_string(text, bytes, at);
    return at == len;
}

/* Whether the address, as the line has it, is too long to be the id of a listing. */
static bool is_long(const struct warc_text *uri)
{
    size_t len = 0;
    for (size_t at = 0; at < uri->len && len <= LISTING_ID_BYTES_MAX;) {
        uint32_t point = 0;
        at += text_decode(uri->at + at, uri->len - at, &point);
        len += point >= 0x10000 ? 4 : point >= 0x800 ? 3 : point >= 0x80 ? 2 : 1;
    }
    return len > LISTING_ID_BYTES_MAX;
}

/* False: a field was cut. */
static bool put_fields(struct text *text, const struct warc_record *record)
{
    static const enum warc_field shown[] = {WARC_TYPE, WARC_TARGET_URI, WARC_DATE, WARC_RECORD_ID,
                                            WARC_PAYLOAD_DIGEST};
    const struct warc_text *uri = &record->fields[WARC_TARGET_URI];
    bool whole = true;
    for (unsigned i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const struct warc_text *field = &record->fields[shown[i]];
        if (field->at == NULL)
            continue;
        if (text->len > 1)
            text_literal(text, ",");
        text_string(text, warc_field_name(shown[i]), strlen(warc_field_name(shown[i])));
        text_literal(text, ":");
        whole = put_fitting(text, field->at, field->len, FIELD_ROOM) && whole;
    }
    if (is_long(uri)) {
        uint8_t sha256[DIGEST_BYTES];
        digest_sha256(uri->at, uri->len, sha256);
        text_member_sha256(text, "listing_id", sha256);
    }
    text_member_u64(text, "offset", record->offset);
    return whole;
}

static size_t behind_string(const char *json, size_t at)
{
    for (at++; json[at] != '"'; at++)
        at += json[at] == '\\';
    return at + 1;
}

static size_t behind_word(const char *json, size_t at)
{
    return at + strcspn(json + at, " \t\r\n,]}");
}

/* Where the value at an index of the tape stands in the text, which the parser took and which has
   white space behind it: the tape has its tokens in their order. */
static size_t place_of(const struct json_tape *tape, uint64_t index, const char *json)
{
    size_t at = 0;
    for (uint64_t i = JSON_TAPE_ROOT;;) {
        at += strspn(json + at, " \t\r\n,:");
        if (i == index)
            return at;
        switch (json_tape_type(tape, i)) {
        case '"':
            at = behind_string(json, at);
            i++;
            break;
        case '{':
        case '[':
        case '}':
        case ']':
            at++;
            i++;
            break;
        default:
            at = behind_word(json, at);
            i = json_tape_after(tape, i);
            break;
        }
    }
}

/* The schema.org product in a script. Returns how many there are, as far as it matters: 2 for more.
 */
static unsigned find_product(struct capture *capture, const struct json_tape *tape,
                             const char **ret_at, size_t *ret_len)
{
    struct reject reject;
    struct map_line line = {
        .map = capture->schema_org, .parser = capture->parser, .tape = tape, .reject = &reject};
    enum reject_code code = map_begin(&line);
    if (code != REJECT_NONE)
        return code == REJECT_BAD_VALUE || code == REJECT_DUP_KEY ? 2 : 0;
    size_t begin = place_of(tape, line.root, capture->script);
    size_t end = place_of(tape, json_tape_after(tape, line.root) - 1, capture->script) + 1;
    *ret_at = capture->script + begin;
    *ret_len = end - begin;
    return 1;
}

/* Raw JSON. A newline in it is white space: JSON has none in its strings. */
static void put_json(struct text *text, const char *json, size_t len)
{
    size_t from = text->len;
    text_raw(text, json, len);
    for (size_t i = from; !text->overflow && i < text->len; i++)
        if (text->at[i] == '\n' || text->at[i] == '\r')
            text->at[i] = ' ';
}

/* Within jsonld a block is two deeper than alone. */
static bool is_too_deep(const struct json_tape *tape)
{
    uint64_t end = json_tape_after(tape, JSON_TAPE_ROOT);
    unsigned depth = 0;
    for (uint64_t i = JSON_TAPE_ROOT; i < end;) {
        char type = json_tape_type(tape, i);
        depth += type == '{' || type == '[';
        depth -= type == '}' || type == ']';
        if (depth > JSON_DEPTH_MAX - 2)
            return true;
        i = type == '{' || type == '[' ? i + 1 : json_tape_after(tape, i);
    }
    return false;
}

/* Whether the map warc takes the line as it stands. */
static bool is_taken(struct capture *capture, const struct text *text)
{
    struct text whole = *text;
    struct listing listing;
    struct reject reject;
    arena_reset(&capture->arena);
    text_literal(&whole, "}");
    return listing_decode_mapped(capture->parser, capture->warc, whole.at, whole.len,
                                 &capture->arena, &listing, &reject) == REJECT_NONE;
}

/* A product must not cost its page: one that the map refuses is left out. False: it was. */
static bool put_product(struct capture *capture, struct text *text, size_t len)
{
    size_t before = text->len;
    text_key(text, "product");
    put_json(text, capture->product_text, len);
    if (is_taken(capture, text))
        return true;
    text->len = before;
    return false;
}

/* False: some were left out. */
static bool put_scripts(struct capture *capture, struct text *text)
{
    const struct page *page = &capture->page;
    size_t kept_len = 0, used = 0;
    unsigned products = 0, written = 0;
    bool whole = true;
    for (size_t i = 0; i < page->scripts_count; i++) {
        size_t len = page->script[i].len;
        const struct json_tape *tape = NULL;
        bool surrogate;
        enum json_status status = JSON_TOO_LONG;
        memcpy(capture->script, page->scripts + page->script[i].begin, len);
        memset(capture->script + len, ' ', JSON_SLACK_BYTES);
        capture->script[len + JSON_SLACK_BYTES - 1] = '\0';
        if (used + len <= SCRIPTS_ROOM)
            status = json_parse_into(capture->parser, capture->script, len, capture->room, &tape,
                                     &surrogate);
        if (status != JSON_OK || is_too_deep(tape)) {
            whole = whole && status == JSON_BAD; /* which shows nothing */
            continue;
        }
        text_literal(text, written++ > 0 ? "," : ",\"jsonld\":[");
        put_json(text, capture->script, len);
        used += len;
        const char *at = NULL;
        size_t product_len = 0;
        products += find_product(capture, tape, &at, &product_len);
        if (at != NULL) {
            memcpy(capture->product_text, at, product_len);
            kept_len = product_len;
        }
    }
    if (written > 0)
        text_literal(text, "]");
    return (products != 1 || put_product(capture, text, kept_len)) && whole;
}

static bool is_type(const struct warc_record *record, const char *type)
{
    const struct warc_text *field = &record->fields[WARC_TYPE];
    return field->len == strlen(type) && memcmp(field->at, type, field->len) == 0;
}

static bool is_page(const char *type)
{
    return strcmp(type, "text/html") == 0 || strcmp(type, "application/xhtml+xml") == 0;
}

/* Whether the record has less of the body than its server sent. */
static bool is_cut(const struct warc_record *record, const struct http *http)
{
    return http->cut || record->block_bytes > record->block_len ||
           record->fields[WARC_TRUNCATED].at != NULL;
}

/* The page or text of a body. False: it is neither. */
static bool put_body(struct capture *capture, struct text *text, const struct http *http, bool cut)
{
    const struct page *page = &capture->page;
    const char *shown = page->text;
    size_t shown_len;
    bool html = is_page(http->type);
    if (html) {
        if (page_read(http->body, http->body_len, http->charset, &capture->page) < 0)
            return false;
        shown_len = page->text_len;
        cut = cut || page->cut;
    } else if (strcmp(http->type, "text/plain") == 0) {
        shown = http->body;
        shown_len = http->body_len;
    } else {
        return false;
    }
    if (html && page->title_len > 0) {
        text_key(text, "title");
        cut = !put_fitting(text, page->title, page->title_len, TITLE_ROOM) || cut;
    }
    text_key(text, "text");
    cut = !put_fitting(text, shown, shown_len, TEXT_ROOM) || cut;
    cut = (html && !put_scripts(capture, text)) || cut;
    if (cut)
        text_member_bool(text, "cut", true);
    return true;
}

/* Whether the status says what became of the listing (as http_status.h has it of lines). */
static bool is_told(unsigned status)
{
    return (status >= 200 && status <= 299) || status == 404 || status == 410;
}

static bool put_record(struct capture *capture, struct text *text, struct warc_record *record)
{
    struct http http = {.body = record->block, .body_len = record->block_len};
    bool response = is_type(record, "response");
    if (!response && !is_type(record, "conversion") && !is_type(record, "resource"))
        return false;
    const struct warc_text *type = &record->fields[WARC_CONTENT_TYPE];
    http_type(type->at == NULL ? "" : type->at, type->len, &http);
    if (response && strcmp(http.type, "application/http") != 0)
        return false; /* of dns: and the like */
    if (response && !http_read(record->block, record->block_len, capture->body, &http)) {
        record->damage = "its block does not begin with a head of HTTP/1";
        return true;
    }
    if (response && (!is_told(http.status) || !is_page(http.type)))
        return false;
    record->damage = http.fault;
    http.cut = !put_fields(text, record) || http.cut;
    if (response)
        text_member_u64(text, "status", http.status);
    return http.fault != NULL || put_body(capture, text, &http, is_cut(record, &http));
}

size_t capture_line(struct capture *capture, struct warc_record *record, const char **ret_line)
{
    struct text text = text_into(capture->line, CAPTURE_LINE_BYTES_MAX);
    text_literal(&text, "{");
    if (record->damage == NULL && !put_record(capture, &text, record))
        return 0;
    if (record->damage != NULL) {
        text = text_into(capture->line, CAPTURE_LINE_BYTES_MAX);
        text_literal(&text, "{\"damaged\":");
        text_string(&text, record->damage, strlen(record->damage));
        text_member_u64(&text, "offset", record->offset);
    }
    text_literal(&text, "}\n");
    static_assert(5 * FIELD_ROOM + TITLE_ROOM + 2 * SCRIPTS_ROOM + TEXT_ROOM + 4096 <
                      CAPTURE_LINE_BYTES_MAX,
                  "a line always fits");
    assert(!text.overflow);
    *ret_line = capture->line;
    return text.len;
}

struct capture *capture_close(struct capture *capture)
{
    if (capture == NULL)
        return NULL;
    (void)json_close(capture->parser); /* both give NULL */
    (void)maps_close(capture->maps);
    arena_close(&capture->arena);
    free(capture);
    return NULL;
}
