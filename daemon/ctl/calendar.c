/*
 * Lines of a calendar's file. What days mean is not known here (daemon/knowledge/calendar.h).
 */
#include "daemon/ctl/calendar.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/digest.h"
#include "daemon/time_text.h"

#define NAME_BYTES_MAX 128u
#define DATE_BYTES     10u
#define DAYS_MAX       1024u /* of one kind */

enum key { NAME = 0, ZONE, FROM, UNTIL, WEEKEND, HOLIDAY, WORKDAY, KEYS_COUNT };

static const char *const keys[KEYS_COUNT] = {
    [NAME] = "calendar",   [ZONE] = "zone",       [FROM] = "from",      [UNTIL] = "until",
    [WEEKEND] = "weekend", [HOLIDAY] = "holiday", [WORKDAY] = "workday"};

struct word {
    const char *at;
    size_t len;
};

struct parsing {
    struct word once[WEEKEND]; /* NAME to UNTIL; len == 0: not yet */
    unsigned weekend;          /* bits, 0 is Monday */
    bool has_weekend;
    struct word days[2][DAYS_MAX]; /* holidays, worked days */
    size_t days_count[2];
    size_t line;
    char *why;
};

static int wrong(struct parsing *parsing, const char *what, struct word word)
{
    (void)snprintf(parsing->why, CALENDAR_WHY_BYTES, "%s%.*s", what,
                   (int)(word.len < 40 ? word.len : 40), word.len > 0 ? word.at : "");
    return -EINVAL;
}

/* The next word of the line, which ends at a '#'. */
static struct word next_word(const char **at, const char *end)
{
    while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r'))
        ++*at;
    struct word word = {*at, 0};
    while (*at < end && **at != ' ' && **at != '\t' && **at != '\r' && **at != '#')
        ++*at;
    word.len = (size_t)(*at - word.at);
    if (*at < end && **at == '#')
        *at = end;
    return word;
}

static bool is_date(struct word word)
{
    char text[DATE_BYTES + sizeof "T00:00:00Z"] = "";
    int64_t ns;
    if (word.len != DATE_BYTES)
        return false;
    memcpy(text, word.at, DATE_BYTES);
    memcpy(text + DATE_BYTES, "T00:00:00Z", sizeof "T00:00:00Z");
    return time_text_parse(text, strlen(text), &ns) == 0;
}

static bool is_zone(struct word word)
{
    char text[sizeof "2026-01-01T00:00:00" + 6] = "2026-01-01T00:00:00";
    int64_t ns;
    if (word.len != 6)
        return false;
    memcpy(text + strlen(text), word.at, 6);
    /* As far as there are zones, and as events have it (daemon/event_calendar.c). */
    return time_text_parse(text, sizeof text - 1, &ns) == 0 &&
           (word.at[1] - '0') * 10 + word.at[2] - '0' <= 14;
}

static int take_weekend(struct parsing *parsing, const char *at, const char *end)
{
    static const char days[] = "montuewedthufrisatsun";
    struct word word;
    if (parsing->has_weekend)
        return wrong(parsing, "weekend is there twice", (struct word){NULL, 0});
    while ((word = next_word(&at, end)).len > 0) {
        unsigned day = 0;
        while (day < 7 && (word.len != 3 || memcmp(word.at, days + 3 * (size_t)day, 3) != 0))
            day++;
        if (day == 7)
            return wrong(parsing, "no day of the week, as mon tue wed thu fri sat sun: ", word);
        parsing->weekend |= 1u << day;
    }
    parsing->has_weekend = true;
    if (parsing->weekend == 0x7fu)
        return wrong(parsing, "all seven days are weekend", (struct word){NULL, 0});
    return 0;
}

static int take_day(struct parsing *parsing, unsigned worked, struct word word)
{
    if (!is_date(word))
        return wrong(parsing, "no date like 2026-01-31: ", word);
    if (parsing->days_count[worked] == DAYS_MAX)
        return wrong(parsing, "more days than a calendar holds", (struct word){NULL, 0});
    parsing->days[worked][parsing->days_count[worked]++] = word;
    return 0;
}

static int take_once(struct parsing *parsing, enum key key, struct word word)
{
    if (parsing->once[key].len > 0)
        return wrong(parsing, "is there twice: ", (struct word){keys[key], strlen(keys[key])});
    if (word.len == 0 || word.len > NAME_BYTES_MAX)
        return wrong(parsing, "one word of up to 128 bytes must follow", (struct word){NULL, 0});
    if (key == ZONE && !is_zone(word))
        return wrong(parsing, "no offset like +08:00: ", word);
    if ((key == FROM || key == UNTIL) && !is_date(word))
        return wrong(parsing, "no date like 2026-01-31: ", word);
    parsing->once[key] = word;
    return 0;
}

static int take_line(struct parsing *parsing, const char *at, const char *end)
{
    struct word first = next_word(&at, end);
    unsigned key = 0;
    if (first.len == 0)
        return 0;
    while (key < KEYS_COUNT &&
           (first.len != strlen(keys[key]) || memcmp(first.at, keys[key], first.len) != 0))
        key++;
    if (key == KEYS_COUNT)
        return wrong(parsing, "not known: ", first);
    if (key == WEEKEND)
        return take_weekend(parsing, at, end);
    struct word word = next_word(&at, end);
    int result = key == HOLIDAY || key == WORKDAY ? take_day(parsing, key == WORKDAY, word)
                                                  : take_once(parsing, (enum key)key, word);
    struct word more = next_word(&at, end);
    return result == 0 && more.len > 0 ? wrong(parsing, "one word too many: ", more) : result;
}

/* What must be there, and be in order, once all lines were read. */
static int check(struct parsing *parsing)
{
    static const struct word none = {NULL, 0};
    parsing->line = 0;
    for (unsigned key = 0; key < WEEKEND; key++)
        if (parsing->once[key].len == 0)
            return wrong(parsing, "missing: ", (struct word){keys[key], strlen(keys[key])});
    if (!parsing->has_weekend)
        return wrong(parsing, "missing: weekend (alone on its line when there is none)", none);
    if (memcmp(parsing->once[FROM].at, parsing->once[UNTIL].at, DATE_BYTES) > 0)
        return wrong(parsing, "until is before from", none);
    for (unsigned worked = 0; worked < 2; worked++)
        for (size_t i = 0; i < parsing->days_count[worked]; i++) {
            struct word day = parsing->days[worked][i];
            if (memcmp(day.at, parsing->once[FROM].at, DATE_BYTES) < 0 ||
                memcmp(day.at, parsing->once[UNTIL].at, DATE_BYTES) > 0)
                return wrong(parsing, "a day outside of from and until: ", day);
        }
    return 0;
}

static void put_list(struct text *json, const struct word *days, size_t count)
{
    text_literal(json, "[");
    for (size_t i = 0; i < count; i++) {
        text_literal(json, i > 0 ? "," : "");
        text_string(json, days[i].at, days[i].len);
    }
    text_literal(json, "]");
}

static void put(const struct parsing *parsing, const uint8_t *digest, struct text *json)
{
    static const struct word days[] = {{"mon", 3}, {"tue", 3}, {"wed", 3}, {"thu", 3},
                                       {"fri", 3}, {"sat", 3}, {"sun", 3}};
    static const char *const members[] = {"{\"name\":", ",\"zone\":", ",\"from\":", ",\"until\":"};
    struct word weekend[7];
    size_t count = 0;
    for (unsigned day = 0; day < 7; day++)
        if ((parsing->weekend & 1u << day) != 0)
            weekend[count++] = days[day];
    for (unsigned key = 0; key < WEEKEND; key++) {
        text_literal(json, members[key]);
        text_string(json, parsing->once[key].at, parsing->once[key].len);
    }
    text_literal(json, ",\"weekend\":");
    put_list(json, weekend, count);
    text_literal(json, ",\"holidays\":");
    put_list(json, parsing->days[0], parsing->days_count[0]);
    text_literal(json, ",\"workdays\":");
    put_list(json, parsing->days[1], parsing->days_count[1]);
    text_member_sha256(json, "sha256", digest);
    text_literal(json, "}");
}

int calendar_parse(const char *bytes, size_t len, struct text *json, size_t *reterr_line,
                   char reterr_why[CALENDAR_WHY_BYTES])
{
    struct parsing *parsing = calloc(1, sizeof *parsing);
    uint8_t digest[DIGEST_BYTES];
    int result = 0;
    *reterr_line = 0;
    (void)snprintf(reterr_why, CALENDAR_WHY_BYTES, "out of memory");
    if (parsing == NULL)
        return -EINVAL;
    parsing->why = reterr_why;
    for (const char *at = bytes, *end = bytes + len; at < end && result == 0;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline != NULL ? newline : end;
        parsing->line++;
        result = take_line(parsing, at, line_end);
        at = newline != NULL ? newline + 1 : end;
    }
    if (result == 0)
        result = check(parsing);
    *reterr_line = parsing->line;
    if (result == 0) {
        digest_sha256(bytes, len, digest);
        put(parsing, digest, json);
        result = json->overflow ? -EMSGSIZE : 0;
        (void)snprintf(reterr_why, CALENDAR_WHY_BYTES,
                       "more days than a record holds: make it cover fewer years");
    }
    free(parsing);
    return result;
}

int calendar_read(const char *path, struct text *json)
{
    char *bytes = malloc(CALENDAR_BYTES_MAX + 1), why[CALENDAR_WHY_BYTES];
    FILE *file = fopen(path, "re");
    size_t line, len = 0;
    int result = bytes == NULL ? -ENOMEM : file == NULL ? -errno : 0;
    if (result == 0)
        len = fread(bytes, 1, CALENDAR_BYTES_MAX + 1, file);
    if (result == 0 && ferror(file) != 0)
        result = -EIO;
    if (result == 0 && len > CALENDAR_BYTES_MAX)
        result = -EFBIG;
    int exit_code =
        result < 0 ? ctl_error("cannot read the calendar %s: %s", path, ctl_errno(result)) : CTL_OK;
    if (result == 0 && calendar_parse(bytes, len, json, &line, why) < 0)
        exit_code =
            line > 0 ? ctl_error("%s:%zu: %s", path, line, why) : ctl_error("%s: %s", path, why);
    if (file != NULL)
        (void)fclose(file); /* it was only read */
    free(bytes);
    return exit_code;
}
