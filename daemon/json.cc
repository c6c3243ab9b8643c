/*
 * json.h over simdjson's DOM: parse, read, and the way around two things that simdjson cannot take.
 * Knows no listing.
 *
 * A surrogate escape without its other half and a number out of range fail the whole document in
 * simdjson 3.0.1. Both are JSON by its grammar, and a seller must not be able to hide a listing
 * behind one: on STRING_ERROR and NUMBER_ERROR the text is mended in a copy (json_mend.h) and
 * parsed again. Mending keeps every token at its offset, so that json_spelling reads the text as it
 * was handed in.
 */
#include "daemon/json.h"

#include <cassert>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>

#include "daemon/json_mend.h"
#include "daemon/json_tape.h"

namespace dom = simdjson::dom;

struct json_parser {
    /* The document owns no strings: they go into ours or into lent memory. */
    ~json_parser()
    {
        put_strings(nullptr);
    }
    void put_strings(char *into)
    {
        (void)parser.doc.string_buf.release();
        parser.doc.string_buf.reset(reinterpret_cast<uint8_t *>(into));
    }

    dom::parser parser;
    std::unique_ptr<uint8_t[]> strings; /* as large as the document's own were */
    std::unique_ptr<char[]> copy;       /* JSON_BYTES_MAX and slack: the mended text */
    struct json_tape tape; /* of the last document; read by json_tape.h, which is three times
                              as fast as through dom::element */
    const char *bytes;     /* of the last document, as handed in */
    /* Where the last number stood that was spelled: its word on the tape, and its structural
     * offset. */
    mutable struct {
        uint64_t entry;
        uint64_t index;
    } spelled;
    const char *reason;
};

static_assert(simdjson::SIMDJSON_PADDING <= JSON_SLACK_BYTES, "simdjson reads within our slack");
static_assert(JSON_BYTES_MAX < JSON_TAPE_COUNT_MAX, "the tape counts every member");

static const char *reason_of(simdjson::error_code code)
{
    switch (static_cast<int>(code)) {
    case simdjson::TAPE_ERROR:
        return "not one JSON text: a bracket, comma, colon, quote or value is wrong or missing";
    case simdjson::DEPTH_ERROR:
        return "too many nested arrays and objects";
    case simdjson::STRING_ERROR:
        return "a string has an invalid escape";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
        return "a word that is not true, false or null";
    case simdjson::NUMBER_ERROR:
        return "a number is malformed";
    case simdjson::UTF8_ERROR:
        return "not valid UTF-8";
    case simdjson::EMPTY:
        return "nothing but white space";
    case simdjson::UNESCAPED_CHARS:
        return "a control character inside a string is not escaped";
    case simdjson::UNCLOSED_STRING:
        return "a string is not closed";
    default:
        return simdjson::error_message(code);
    }
}

static enum json_status status_of(simdjson::error_code code)
{
    switch (static_cast<int>(code)) {
    case simdjson::SUCCESS:
        return JSON_OK;
    case simdjson::UTF8_ERROR:
        return JSON_BAD_UTF8;
    case simdjson::DEPTH_ERROR:
        return JSON_TOO_DEEP;
    case simdjson::MEMALLOC:
        return JSON_NO_MEMORY;
    default:
        return JSON_BAD;
    }
}

/* Whether the text ends after the first bytes of a character and is UTF-8 up to there. */
static bool cut_in_character(const char *bytes, size_t len)
{
    size_t begin = len;

    while (begin > 0 && len - begin < 3 && (bytes[begin - 1] & 0xC0) == 0x80)
        begin--;
    if (begin == 0)
        return false;
    const auto lead = static_cast<unsigned char>(bytes[--begin]);
    const size_t whole = lead >= 0xF0 && lead <= 0xF4  ? 4
                         : lead >= 0xE0 && lead < 0xF0 ? 3
                         : lead >= 0xC2 && lead < 0xE0 ? 2
                                                       : 0;
    return len - begin < whole && simdjson::validate_utf8(bytes, begin);
}

static enum json_status too_long(struct json_parser *parser)
{
    parser->reason = "too long";
    return JSON_TOO_LONG;
}

/* What dom::parser::parse does when there is nothing to allocate. */
static inline simdjson::error_code parse_once(struct json_parser *parser, const char *bytes,
                                              size_t len)
{
    return parser->parser.implementation->parse(reinterpret_cast<const uint8_t *>(bytes), len,
                                                parser->parser.doc);
}

/* Once more, when what stands in the way can be mended. */
static simdjson::error_code parse_mended(struct json_parser *parser, size_t len,
                                         simdjson::error_code error, bool *surrogate)
{
    char *copy = parser->copy.get();

    if (error != simdjson::STRING_ERROR && error != simdjson::NUMBER_ERROR)
        return error;
    std::memcpy(copy, parser->bytes, len);
    std::memset(copy + len, 0, JSON_SLACK_BYTES);
    return json_mend(copy, len, surrogate) > 0 ? parse_once(parser, copy, len) : error;
}

/* simdjson tells some faults of the text before those of its bytes. A text that is cut inside a
   character is a cut text: its bytes are not to blame. */
static enum json_status refuse(struct json_parser *parser, size_t len, simdjson::error_code error)
{
    if (!simdjson::validate_utf8(parser->bytes, len))
        error =
            cut_in_character(parser->bytes, len) ? simdjson::UNCLOSED_STRING : simdjson::UTF8_ERROR;
    parser->reason = reason_of(error);
    return status_of(error);
}

static inline enum json_status parse(struct json_parser *parser, const char *bytes, size_t len,
                                     bool *ret_surrogate)
{
    const dom::document &document = parser->parser.doc;
    bool surrogate = false;

    parser->bytes = bytes;
    simdjson::error_code error = len == 0 ? simdjson::EMPTY : parse_once(parser, bytes, len);
    if (error != simdjson::SUCCESS)
        error = parse_mended(parser, len, error, &surrogate);
    if (error != simdjson::SUCCESS)
        return refuse(parser, len, error);
    parser->spelled = {1, 0};
    parser->tape.words = document.tape.get();
    parser->tape.strings = reinterpret_cast<const char *>(document.string_buf.get());
    *ret_surrogate = surrogate;
    return JSON_OK;
}

/* How many words of the tape a token that begins with this character makes. */
static inline uint64_t words_of(char first)
{
    if (first == ':' || first == ',')
        return 0;
    return first == '-' || (first >= '0' && first <= '9') ? 2 : 1;
}

extern "C" {

struct json_parser *json_open(void)
{
    std::unique_ptr<struct json_parser> parser(new (std::nothrow) struct json_parser());

    if (!parser)
        return nullptr;
    parser->copy.reset(new (std::nothrow) char[JSON_BYTES_MAX + JSON_SLACK_BYTES]);
    const bool failed = parser->parser.allocate(JSON_BYTES_MAX, JSON_DEPTH_MAX + 1) ||
                        parser->parser.doc.allocate(JSON_BYTES_MAX);
    parser->strings = std::move(parser->parser.doc.string_buf);
    if (failed || !parser->copy)
        return nullptr;
    parser->tape = {};
    parser->bytes = nullptr;
    parser->reason = "";
    return parser.release();
}

struct json_parser *json_close(struct json_parser *parser)
{
    delete parser;
    return nullptr;
}

enum json_status json_parse(struct json_parser *parser, const char *bytes, size_t len,
                            struct json_value *ret_root, bool *ret_surrogate)
{
    assert(parser != nullptr);
    assert(bytes != nullptr || len == 0);
    if (len > JSON_BYTES_MAX)
        return too_long(parser);
    parser->put_strings(reinterpret_cast<char *>(parser->strings.get()));
    const enum json_status status = parse(parser, bytes, len, ret_surrogate);
    if (status == JSON_OK)
        (void)json_tape_read(&parser->tape, JSON_TAPE_ROOT, ret_root); /* where it ends */
    return status;
}

enum json_status json_parse_into(struct json_parser *parser, const char *bytes, size_t len,
                                 char *room, const struct json_tape **ret_tape, bool *ret_surrogate)
{
    assert(parser != nullptr && room != nullptr);
    assert(bytes != nullptr || len == 0);
    if (len > JSON_BYTES_MAX)
        return too_long(parser);
    /* In whole blocks: the last one ends in the slack. */
    for (size_t i = 0; i < len; i += JSON_SLACK_BYTES)
        std::memcpy(room + i, bytes + i, JSON_SLACK_BYTES);
    std::memset(room + len, ' ', JSON_SLACK_BYTES);
    parser->put_strings(room + len + JSON_SLACK_BYTES);
    const enum json_status status = parse(parser, room, len, ret_surrogate);
    if (status == JSON_OK)
        *ret_tape = &parser->tape;
    return status;
}

const char *json_reason(const struct json_parser *parser)
{
    return parser->reason;
}

const char *json_type_name(enum json_type type)
{
    switch (type) {
    case JSON_NULL:
        return "null";
    case JSON_BOOL:
        return "true or false";
    case JSON_INTEGER:
    case JSON_NUMBER:
        return "a number";
    case JSON_STRING:
        return "a string";
    case JSON_ARRAY:
        return "an array";
    case JSON_OBJECT:
        return "an object";
    }
    assert(false);
    return "";
}

uint64_t json_tape_read(const struct json_tape *tape, uint64_t index, struct json_value *ret_value)
{
    const uint64_t *words = tape->words;
    struct json_value *value = ret_value;

    value->handle[0] = reinterpret_cast<uintptr_t>(tape);
    value->handle[1] = index;
    switch (json_tape_type(tape, index)) {
    case '"':
        value->type = JSON_STRING;
        value->text = json_tape_string(tape, index, &value->len);
        break;
    case '{':
        value->type = JSON_OBJECT;
        break;
    case '[':
        value->type = JSON_ARRAY;
        break;
    case 'l':
        value->type = JSON_INTEGER;
        std::memcpy(&value->integer, &words[index + 1], sizeof(value->integer));
        value->number = static_cast<double>(value->integer);
        break;
    case 'u':
        value->type = JSON_NUMBER;
        value->number = static_cast<double>(words[index + 1]);
        break;
    case 'd':
        value->type = JSON_NUMBER;
        std::memcpy(&value->number, &words[index + 1], sizeof(value->number));
        break;
    case 't':
    case 'f':
        value->type = JSON_BOOL;
        value->boolean = json_tape_type(tape, index) == 't';
        break;
    default:
        assert(json_tape_type(tape, index) == 'n');
        value->type = JSON_NULL;
        break;
    }
    return json_tape_after(tape, index);
}

size_t json_members(const struct json_value *object, struct json_member *members,
                    size_t members_max)
{
    uint64_t index;

    assert(object->type == JSON_OBJECT);
    const struct json_tape *tape = json_tape_of(object, &index);
    const size_t count = json_tape_count(tape, index++);
    for (size_t i = 0; i < count && i < members_max; i++) {
        struct json_member *member = &members[i];
        member->key = json_tape_string(tape, index, &member->key_len);
        index = json_tape_read(tape, index + 1, &member->value);
    }
    return count;
}

size_t json_elements(const struct json_value *array, struct json_value *elements,
                     size_t elements_max)
{
    uint64_t index;

    assert(array->type == JSON_ARRAY);
    const struct json_tape *tape = json_tape_of(array, &index);
    const size_t count = json_tape_count(tape, index++);
    for (size_t i = 0; i < count && i < elements_max; i++)
        index = json_tape_read(tape, index, &elements[i]);
    return count;
}

/* The list of structural offsets that simdjson made first has the order of the tape: each offset
   but those of ':' and ',' is one value or bracket there, a number two words. The tape begins and
   ends with a word for the root. Walks from whichever end is nearer, or from the number before:
   many that are asked for one after another cost as much as one. */
void json_spelling(const struct json_parser *parser, const struct json_value *number,
                   const char **ret_at, size_t *ret_len)
{
    const auto &implementation = *parser->parser.implementation;
    const uint32_t *offsets = implementation.structural_indexes.get();
    const uint64_t target = number->handle[1];
    const uint64_t end = (parser->tape.words[0] & JSON_TAPE_PAYLOAD) - 1;
    uint64_t entry = parser->spelled.entry, index = parser->spelled.index;

    assert(number->type == JSON_INTEGER || number->type == JSON_NUMBER);
    assert(target < end);
    if (target < entry / 2)
        entry = 1, index = 0;
    else if (target > entry + (end - entry) / 2)
        entry = end, index = implementation.n_structural_indexes;
    while (entry > target)
        entry -= words_of(parser->bytes[offsets[--index]]);
    for (uint64_t words; entry + (words = words_of(parser->bytes[offsets[index]])) <= target;) {
        entry += words;
        index++;
    }
    assert(index < implementation.n_structural_indexes);
    parser->spelled = {entry, index};
    const char *at = parser->bytes + offsets[index];
    *ret_at = at;
    *ret_len = json_number_len(at);
}

bool json_utf8(const char *bytes, size_t len)
{
    return simdjson::validate_utf8(bytes, len);
}

const char *json_engine(void)
{
    static const char *const engine = [] {
        static char text[64];
        (void)snprintf(text, sizeof(text), "simdjson %d.%d.%d %s", simdjson::SIMDJSON_VERSION_MAJOR,
                       simdjson::SIMDJSON_VERSION_MINOR, simdjson::SIMDJSON_VERSION_REVISION,
                       simdjson::get_active_implementation()->name().c_str());
        return text;
    }();

    return engine;
}

} /* extern "C" */
