/*
 * Text from outside through every text field, and acceptance compared with python3's json: the
 * naughty strings, the UTF-8 stress table, and a thousand mutations of a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/shell.h"
#include "tests/unit/listing_rig.h"

static enum reject_code decode(const char *bytes, size_t len, struct listing *ret_listing,
                               struct reject *reterr_reject)
{
    return decode_exact(bytes, len, '"', ret_listing, reterr_reject);
}

/* The bytes as a JSON string: only what must be escaped is. Returns the length. */
static size_t quote(const char *bytes, size_t len, char *ret_text)
{
    size_t used = 0;

    ret_text[used++] = '"';
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\')
            ret_text[used++] = '\\';
        if (bytes[i] >= 0 && bytes[i] < 0x20)
            used += (size_t)snprintf(ret_text + used, 7, "\\u%04x", (unsigned)bytes[i]);
        else
            ret_text[used++] = bytes[i];
    }
    ret_text[used++] = '"';
    return used;
}

static const struct {
    const char *key;
    size_t offset;
} fields[] = {{"title", offsetof(struct listing, title)},
              {"description", offsetof(struct listing, description)},
              {"url", offsetof(struct listing, url)},
              {"platform", offsetof(struct listing, platform)},
              {"listing_id", offsetof(struct listing, listing_id)},
              {"seller_id", offsetof(struct listing, seller_id)},
              {"currency", offsetof(struct listing, currency)},
              {"price", offsetof(struct listing, price)}};

#define FIELDS_COUNT (sizeof(fields) / sizeof(fields[0]))

/* A line whose field number `field` is the bytes. */
static enum reject_code through(unsigned field, const char *bytes, size_t len,
                                struct listing *ret_listing, struct reject *reterr_reject)
{
    char *line = malloc(6 * len + 512);
    size_t used;

    assert_non_null(line);
    used = (size_t)snprintf(line, 64, "{\"%s\":", fields[field].key);
    used += quote(bytes, len, line + used);
    for (unsigned i = 0; i < 3; i++) {
        static const unsigned required[] = {0, 3, 4};
        if (required[i] != field) {
            line[used++] = ',';
            used += (size_t)snprintf(line + used, 64, "\"%s\":\"x\"", fields[required[i]].key);
        }
    }
    line[used++] = '}';
    enum reject_code code = decode(line, used, ret_listing, reterr_reject);
    free(line);
    return code;
}

static void arrives(unsigned field, const char *bytes, size_t len)
{
    struct listing listing;
    struct reject reject;
    struct listing_text text;

    enum reject_code code = through(field, bytes, len, &listing, &reject);
    if (code == REJECT_BAD_VALUE && field >= 2) /* too long, a NUL, '/': each tested elsewhere */
        return;
    if (code != REJECT_NONE)
        fail_msg("%s: %s", reject_code_name(code), reject.detail);
    memcpy(&text, (const char *)&listing + fields[field].offset, sizeof(text));
    assert_int_equal(text.len, len);
    assert_true(len == 0 || memcmp(text.at, bytes, len) == 0);
}

static void naughty_strings_arrive_as_they_are(void **state)
{
    size_t len, count = 0;
    char *bytes = shell_read("../shared/data/naughty_strings.txt", &len);

    (void)state;
    if (bytes == NULL) {
        print_message("skipped: no ../shared\n");
        skip();
    }
    for (char *at = bytes, *end = bytes + len; at < end; count++) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t line_len = (size_t)((newline != NULL ? newline : end) - at);
        for (unsigned field = 0; field < FIELDS_COUNT; field++)
            if (line_len > 0)
                arrives(field, at, line_len);
        at += line_len + 1;
    }
    free(bytes);
    assert_true(count > 500);
}

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static void stress_bytes_arrive_when_valid_and_are_bad_utf8_when_not(void **state)
{
    size_t len, valid_count = 0, invalid_count = 0;
    char *bytes = shell_read("../shared/data/utf8_stress.tsv", &len);

    (void)state;
    if (bytes == NULL) {
        print_message("skipped: no ../shared\n");
        skip();
    }
    char *line = strchr(bytes, '\n') + 1;
    for (char *next; *line != '\0'; line = next) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        next = end + 1;
        bool valid = strchr(line, '\t')[1] == '1';
        char *hex = end;
        while (hex[-1] != '\t')
            hex--;
        size_t text_len = (size_t)(end - hex) / 2;
        char *text = malloc(text_len + 1);
        assert_non_null(text);
        for (size_t i = 0; i < text_len; i++)
            text[i] = (char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
        for (unsigned field = 0; field < FIELDS_COUNT && text_len > 0; field++) {
            struct listing listing;
            struct reject reject;
            if (valid)
                arrives(field, text, text_len);
            else if (through(field, text, text_len, &listing, &reject) != REJECT_BAD_UTF8)
                fail_msg("%.6s in %s: %s", line, fields[field].key, reject.detail);
        }
        *(valid ? &valid_count : &invalid_count) += 1;
        free(text);
    }
    free(bytes);
    assert_true(valid_count > 50);
    assert_true(invalid_count > 50);
}

/* python3 writes mutated lines and whether its json takes them: one byte (0, 1), then the line.
   Where we are stricter on purpose it says so itself: NaN and Infinity are no JSON, nesting has a
   limit. */
static const char program[] =
    "import json,random,sys\n"
    "r=random.Random(11); out=open(sys.argv[1],'wb')\n"
    "base=['{\"platform\":\"p\",\"listing_id\":\"l\",\"title\":\"a \\\\ud83"
    "d\\\\ude00 b \\u00e9\\u20ac\\U0001f600\",\"price\":-12.50e+3,\"x\":[1,"
    "true,null,{\"y\":\"\\\\\\\\\\\\\"\"}]}'.encode(),\n"
    " b'{\"title\": \"t\", \"n\": [0, -0, 10, 1e5, 123456789012345678901, 1"
    "e999, 0.1E-2], \"k\": {\"a\": [], \"b\": {}}, \"f\": false}']\n"
    "def no(x): raise ValueError(x)\n"
    "bits=[b'\"',b'\\\\',b'{',b'}',b'[',b']',b',',b':',b'0',b'-',b'.',b'e',"
    "b'u',b'\\x01',b'\\0',b'\\xff',b'\\xed\\xa0\\x80',b'\\xc0',b' ',b'\\\\u"
    "d800',b'\\\\u00',b'tru',b'NaN',b'/',b'\\t',b'\\xef\\xbb\\xbf']\n"
    "for i in range(20000):\n"
    "  s=bytearray(r.choice(base))\n"
    "  for k in range(r.choice([0,1,1,1,2,2,3,5])):\n"
    "    a=r.randrange(len(s)+1); w=r.randrange(4)\n"
    "    if w==0: s[a:a]=r.choice(bits)\n"
    "    elif w==1: del s[a:a+r.randrange(1,4)]\n"
    "    elif w==2: s[a:a+1]=r.choice(bits)\n"
    "    else: b=r.randrange(len(s)+1); s[a:a]=s[b:b+r.randrange(8)]\n"
    "  s=bytes(s)\n"
    "  try: json.loads(s.decode('utf-8'),parse_constant=no); ok=1\n"
    "  except (ValueError,RecursionError): ok=0\n"
    "  out.write(b'%d'%ok+s+b'\\n')\n";

static void acceptance_of_mutated_lines_is_what_python_says(void **state)
{
    char folder[64], path[96], command[256];
    size_t len, count = 0, accepted = 0;

    (void)state;
    shell_folder(folder);
    (void)snprintf(path, sizeof(path), "%s/p.py", folder);
    shell_write(path, program, sizeof(program) - 1);
    (void)snprintf(command, sizeof(command), "python3 %s %s/out", path, folder);
    int status = shell_run(command);
    (void)snprintf(path, sizeof(path), "%s/out", folder);
    char *bytes = shell_read(path, &len);
    shell_remove(folder);
    if (status == 127) {
        free(bytes);
        print_message("skipped: no python3\n");
        skip();
    }
    assert_int_equal(status, 0);
    for (char *at = bytes, *next; at < bytes + len; at = next, count++) {
        struct listing listing;
        struct reject reject = {.code = REJECT_NONE};
        char *end = memchr(at, '\n', (size_t)(bytes + len - at));
        assert_non_null(end);
        next = end + 1;
        enum reject_code code = decode(at + 1, (size_t)(end - at) - 1, &listing, &reject);
        bool taken = code != REJECT_BAD_JSON && code != REJECT_BAD_UTF8;
        if (taken != (*at == '1'))
            fail_msg("python %c, we %s %s: %.*s", *at, reject_code_name(code), reject.detail,
                     (int)(end - at) - 1, at + 1);
        accepted += taken;
    }
    free(bytes);
    assert_int_equal(count, 20000);
    assert_true(accepted > 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(naughty_strings_arrive_as_they_are),
        cmocka_unit_test(stress_bytes_arrive_when_valid_and_are_bad_utf8_when_not),
        cmocka_unit_test(acceptance_of_mutated_lines_is_what_python_says),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
