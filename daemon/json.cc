/*
 * json.h over simdjson's DOM: parse, walk, and the way around two things that simdjson cannot take.
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

namespace dom = simdjson::dom;

struct json_parser {
    dom::parser parser;
    std::unique_ptr<char[]> copy; /* JSON_BYTES_MAX and slack: the mended text */
    const char *bytes;            /* of the last document, as handed in */
    const char *reason;
};

/* simdjson's parsed form is a tape of 64-bit words (its doc/tape.md): the type in the upper 8 bits,
   the payload below. Walking it here is three times as fast as through dom::element, which matters
   since each listing is walked once. Every value has one word, but a number has its value in a
   second. */
static constexpr unsigned TAPE_TYPE_SHIFT = 56;
static constexpr uint64_t TAPE_PAYLOAD = (UINT64_C(1) << TAPE_TYPE_SHIFT) - 1;

static_assert(simdjson::SIMDJSON_PADDING <= JSON_SLACK_BYTES, "simdjson reads within our slack");

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

/* The string whose tape word is `word`: its length in 4 bytes, then it, then a NUL. */
static const char *string_at(const dom::document *document, uint64_t word, size_t *ret_len)
{
    const uint8_t *at = document->string_buf.get() + (word & TAPE_PAYLOAD);
    uint32_t len;

    std::memcpy(&len, at, sizeof(len));
    *ret_len = len;
    return reinterpret_cast<const char *>(at + sizeof(len));
}

/* Reads the value at an index of the tape. Returns the index behind it. */
static uint64_t fill(const dom::document *document, uint64_t index, struct json_value *ret_value)
{
    const uint64_t *tape = document->tape.get();
    const uint64_t word = tape[index];
    struct json_value *value = ret_value;

    value->handle[0] = reinterpret_cast<uintptr_t>(document);
    value->handle[1] = index;
    switch (static_cast<char>(word >> TAPE_TYPE_SHIFT)) {
    case '"':
        value->type = JSON_STRING;
        value->text = string_at(document, word, &value->len);
        return index + 1;
    case '{':
        value->type = JSON_OBJECT;
        return word & UINT32_MAX;
    case '[':
        value->type = JSON_ARRAY;
        return word & UINT32_MAX;
    case 'l':
        value->type = JSON_INTEGER;
        std::memcpy(&value->integer, &tape[index + 1], sizeof(value->integer));
        value->number = static_cast<double>(value->integer);
        return index + 2;
    case 'u':
        value->type = JSON_NUMBER;
        value->number = static_cast<double>(tape[index + 1]);
        return index + 2;
    case 'd':
        value->type = JSON_NUMBER;
        std::memcpy(&value->number, &tape[index + 1], sizeof(value->number));
        return index + 2;
    case 't':
    case 'f':
        value->type = JSON_BOOL;
        value->boolean = static_cast<char>(word >> TAPE_TYPE_SHIFT) == 't';
        return index + 1;
    default:
        assert(static_cast<char>(word >> TAPE_TYPE_SHIFT) == 'n');
        value->type = JSON_NULL;
        return index + 1;
    }
}

/* The tape that holds an array or object, and the indexes [*ret_from, *ret_to) of what is in it. */
static const dom::document *inside(const struct json_value *value, uint64_t *ret_from,
                                   uint64_t *ret_to)
{
    const auto *document =
        reinterpret_cast<const dom::document *>(static_cast<uintptr_t>(value->handle[0]));

    *ret_from = value->handle[1] + 1;
    *ret_to = (document->tape[value->handle[1]] & UINT32_MAX) - 1;
    return document;
}

static simdjson::error_code parse(struct json_parser *parser, const char *bytes, size_t len)
{
    return parser->parser.parse(bytes, len, false).error();
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
    if (!parser->copy || parser->parser.allocate(JSON_BYTES_MAX, JSON_DEPTH_MAX + 1) ||
        parser->parser.doc.allocate(JSON_BYTES_MAX))
        return nullptr;
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
    bool surrogate = false;

    assert(parser != nullptr);
    assert(bytes != nullptr || len == 0);
    if (len > JSON_BYTES_MAX) {
        parser->reason = "too long";
        return JSON_TOO_LONG;
    }
    parser->bytes = bytes;
    simdjson::error_code error = len == 0 ? simdjson::EMPTY : parse(parser, bytes, len);
    if (error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR) {
        std::memcpy(parser->copy.get(), bytes, len);
        std::memset(parser->copy.get() + len, 0, JSON_SLACK_BYTES);
        if (json_mend(parser->copy.get(), len, &surrogate) > 0)
            error = parse(parser, parser->copy.get(), len);
    }
    /* simdjson tells some faults of the text before those of its bytes. A text that is cut inside a
       character is a cut text: its bytes are not to blame. */
    if (error != simdjson::SUCCESS && !simdjson::validate_utf8(bytes, len))
        error = cut_in_character(bytes, len) ? simdjson::UNCLOSED_STRING : simdjson::UTF8_ERROR;
    if (error != simdjson::SUCCESS) {
        parser->reason = reason_of(error);
        return status_of(error);
    }
    (void)fill(&parser->parser.doc, 1, ret_root); /* where it ends: nothing follows */
    *ret_surrogate = surrogate;
    return JSON_OK;
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

size_t json_members(const struct json_value *object, struct json_member *members,
                    size_t members_max)
{
    struct json_value beyond;
    uint64_t index, end;
    size_t count = 0;

    assert(object->type == JSON_OBJECT);
    const dom::document *document = inside(object, &index, &end);
    for (; index < end; count++) {
        if (count < members_max) {
            struct json_member *member = &members[count];
            member->key = string_at(document, document->tape[index], &member->key_len);
            index = fill(document, index + 1, &member->value);
        } else {
            index = fill(document, index + 1, &beyond);
        }
    }
    assert(index == end);
    return count;
}

size_t json_elements(const struct json_value *array, struct json_value *elements,
                     size_t elements_max)
{
    struct json_value beyond;
    uint64_t index, end;
    size_t count = 0;

    assert(array->type == JSON_ARRAY);
    const dom::document *document = inside(array, &index, &end);
    for (; index < end; count++)
        index = fill(document, index, count < elements_max ? &elements[count] : &beyond);
    assert(index == end);
    return count;
}

/* The list of structural offsets that simdjson made first has the order of the tape: each offset
   but those of ':' and ',' is one value or bracket there, a number two words. The tape begins and
   ends with a word for the root. Walks from whichever end is nearer. */
void json_spelling(const struct json_parser *parser, const struct json_value *number,
                   const char **ret_at, size_t *ret_len)
{
    const auto &implementation = *parser->parser.implementation;
    const uint32_t *offsets = implementation.structural_indexes.get();
    const uint64_t target = number->handle[1];
    const uint64_t end = (parser->parser.doc.tape[0] & TAPE_PAYLOAD) - 1;
    const char *at = parser->bytes;

    assert(number->type == JSON_INTEGER || number->type == JSON_NUMBER);
    if (target < end / 2) {
        for (uint64_t entry = 1, index = 0; entry <= target; index++) {
            assert(index < implementation.n_structural_indexes);
            at = parser->bytes + offsets[index];
            entry += words_of(*at);
        }
    } else {
        for (uint64_t entry = end, index = implementation.n_structural_indexes; entry > target;) {
            assert(index > 0);
            at = parser->bytes + offsets[--index];
            entry -= words_of(*at);
        }
    }
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
