/*
 * A feed of events that a test writes record by record, and the warnings that come of it: shared by
 * the tests of warnings. Events are written with ' for ", as in knowledge_rig.h; the world is the
 * same, with platforms, as intake demands them.
 */
#ifndef TESTS_UNIT_WARNINGS_RIG_H
#define TESTS_UNIT_WARNINGS_RIG_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/event.h"
#include "daemon/warnings.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

#define RIG_RECORDS_MAX 4096u
#define RIG_LATER_NS    INT64_C(100000000000) /* between two records: longer than ASKED_NS */

struct rig_warning {
    bool by_strikes, about_merchant;
    enum warning_by by;
    char listing[64], merchant[64], shown[64], act[64];
    uint64_t on, rests[WARNING_RESTS_MAX];
    size_t rests_count;
    int64_t since_ns;
};

static struct warnings *warnings;
static char ledger[128];
static int feed_fd;
static struct line_place places[RIG_RECORDS_MAX];
static uint64_t records_count, feed_bytes;
static struct rig_warning given[256];
static size_t given_count;
static int64_t recorded_ns; /* when the next record is written */
static int64_t gap_ns;      /* between two records */

static inline void rig_copy(char to[64], struct knowledge_text text)
{
    assert_true(text.len < 64);
    (void)snprintf(to, 64, "%.*s", (int)text.len, text.at == NULL ? "" : text.at);
}

static inline int rig_due(void *context, const struct warning *warning)
{
    (void)context;
    assert_true(given_count < 256);
    struct rig_warning *kept = &given[given_count++];
    *kept = (struct rig_warning){.by_strikes = warning->by_strikes,
                                 .about_merchant = warning->about_merchant,
                                 .by = warning->by,
                                 .on = warning->on,
                                 .rests_count = warning->rests_count,
                                 .since_ns = warning->since_ns};
    rig_copy(kept->listing, warning->listing);
    rig_copy(kept->merchant, warning->merchant);
    rig_copy(kept->shown, warning->shown);
    rig_copy(kept->act,
             warning->by == WARNING_BY_SUPPORT ? warning->act : (struct knowledge_text){NULL, 0});
    memcpy(kept->rests, warning->rests, sizeof kept->rests);
    return 0;
}

/* Appends one record's line to the feed. */
static inline void rig_append(enum record_kind kind, const char *body, size_t len)
{
    char line[RECORD_LINE_BYTES_MAX];
    const struct record_head head = {.seq = records_count, .clk = 0, .wall_ns = recorded_ns};
    const struct record_draft draft = {.kind = kind, .body = body, .len = len};
    size_t line_len = record_encode(&head, &draft, line, sizeof line);
    assert_true(line_len > 0 && records_count < RIG_RECORDS_MAX);
    assert_int_equal(write(feed_fd, line, line_len), line_len);
    places[records_count] = (struct line_place){
        .seq = records_count, .offset = feed_bytes, .len = (uint32_t)line_len - 1};
    feed_bytes += line_len;
    records_count++;
    recorded_ns += gap_ns;
}

/* Hands over the records [from, until). */
static inline void rig_take(uint64_t from, uint64_t until)
{
    static char line[RECORD_LINE_BYTES_MAX + JSON_SLACK_BYTES];
    for (uint64_t i = from; i < until; i++) {
        memset(line, 0, sizeof line);
        assert_int_equal(pread(feed_fd, line, places[i].len, (off_t)places[i].offset),
                         places[i].len);
        assert_int_equal(warnings_take(warnings, &places[i], line), 0);
    }
}

/* Appends an event, and hands it over. */
static inline void put(const char *text)
{
    char body[RECORD_BODY_BYTES_MAX], type[64] = "";
    int len = snprintf(body, sizeof body, ",\"source\":\"t\",\"event\":%s}", text);
    assert_true(len > 0 && (size_t)len < sizeof body);
    for (int i = 0; i < len; i++)
        body[i] = body[i] == '\'' ? '"' : body[i];
    assert_int_equal(sscanf(strstr(body, "\"type\":\""), "\"type\":\"%63[a-z.]", type), 1);
    rig_append(record_kind_find(type, strlen(type)), body, (size_t)len);
    rig_take(records_count - 1, records_count);
}

static inline void putf(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void putf(const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_true(len > 0 && (size_t)len < sizeof text);
    put(text);
}

static inline void rig_live(void)
{
    int more;
    while ((more = warnings_live(warnings)) > 0)
        continue;
    assert_int_equal(more, 0);
}

/* As a process does that starts: everything is read again. */
static inline void rig_restart(void)
{
    warnings = warnings_close(warnings);
    assert_int_equal(warnings_open(ledger, 1 << 24, rig_due, NULL, &warnings), 0);
    given_count = 0;
    rig_take(0, records_count);
    assert_int_equal(given_count, 0); /* none before it is live */
    rig_live();
}

static const char *const rig_world[] = {
    "{'id':'ch1','type':'channel','at':'2022-01-01T00:00:00Z','platform':'P','channel':'portal',"
    "'class':'designated'}",
    "{'id':'reg1','type':'listing','at':'2022-01-02T00:00:00Z','platform':'P','listing':'L1',"
    "'merchant':'P/M1'}",
    "{'id':'reg2','type':'listing','at':'2022-01-02T00:00:00Z','platform':'P','listing':'L2',"
    "'merchant':'P/M1'}",
    "{'id':'reg3','type':'listing','at':'2022-01-02T00:00:00Z','platform':'P','listing':'L3',"
    "'merchant':'P/M1'}",
    "{'id':'reg4','type':'listing','at':'2022-01-02T00:00:00Z','platform':'P','listing':'L4',"
    "'merchant':'P/M1'}",
    "{'id':'reg5','type':'listing','at':'2022-01-02T00:00:00Z','platform':'P','listing':'L5',"
    "'merchant':'P/M2'}",
};

/* A new ledger with the world in it; policy: of P, or NULL. */
static inline void rig_begin(const char *policy)
{
    char path[256];
    rig_folder("/tmp", ledger);
    (void)snprintf(path, sizeof path, "%s/feed", ledger);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/feed/%020d.jsonl", ledger, 0);
    feed_fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
    assert_true(feed_fd >= 0);
    records_count = feed_bytes = given_count = 0;
    gap_ns = RIG_LATER_NS;
    recorded_ns = INT64_C(1700000000000000000); /* 2023-11: past all that tests date */
    assert_int_equal(warnings_open(ledger, 1 << 24, rig_due, NULL, &warnings), 0);
    rig_live();
    if (policy != NULL)
        put(policy);
    for (size_t i = 0; i < sizeof rig_world / sizeof *rig_world; i++)
        put(rig_world[i]);
}

static inline void rig_end(void)
{
    warnings = warnings_close(warnings);
    (void)close(feed_fd);
    rig_remove(ledger);
}

static const char rig_policy[] =
    "{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P','grace_s':86400,"
    "'required':['location','right'],'strike':{'kinds':['counterfeit'],'threshold':3,"
    "'validity_s':31536000,'spacing_s':[259200],'established':'decision_or_lapse',"
    "'counter_window_s':432000}}";

/* A complete notice through the designated channel, sent and received that day at 10. */
static inline void put_notice(const char *name, const char *listing, int day)
{
    putf("{'id':'ns-%s','type':'notice.sent','at':'2023-01-%02dT09:59:00Z','platform':'P','notice':"
         "'%s','channel':'portal','kind':'counterfeit','has':['location','right'],"
         "'listings':['%s']}",
         name, day, name, listing);
    putf("{'id':'nr-%s','type':'notice.received','at':'2023-01-%02dT10:00:00Z','platform':'P',"
         "'notice':'%s'}",
         name, day, name);
}

static unsigned rig_number; /* of ids that no rule reads */

static inline void put_seen(const char *listing, const char *state, const char *at)
{
    putf("{'id':'s%u','type':'sighting','at':'%s','platform':'P','listing':'%s','state':'%s'}",
         rig_number++, at, listing, state);
}

static inline void put_takedown(const char *listing, const char *at)
{
    putf("{'id':'t%u','type':'takedown','at':'%s','platform':'P','listing':'%s','actor':"
         "'platform'}",
         rig_number++, at, listing);
}

static inline void put_act(const char *target, const char *kind, const char *at)
{
    putf("{'id':'a%u','type':'support','at':'%s','platform':'P','kind':'%s','gen':'human',%s}",
         rig_number++, at, kind, target);
}

/* Notices upheld, each listing removed at once. */
static inline void put_strikes(int count)
{
    for (int i = 1; i <= count; i++) {
        char name[16], listing[16], at[32];
        (void)snprintf(name, sizeof name, "N%d", i);
        (void)snprintf(listing, sizeof listing, "L%d", i);
        (void)snprintf(at, sizeof at, "2023-01-%02dT20:00:00Z", 5 * i);
        put_notice(name, listing, 5 * i);
        putf("{'id':'d%d','type':'notice.decision','at':'%s','platform':'P','notice':'N%d',"
             "'outcome':'upheld'}",
             i, at, i);
        put_takedown(listing, at);
    }
}

/* The warning's own record, as the daemon writes it. */
static inline void put_own(const struct rig_warning *own)
{
    char body[RECORD_BODY_BYTES_MAX];
    struct warning recorded = {.platform = {"P", 1},
                               .listing = {own->listing, strlen(own->listing)},
                               .merchant = {own->merchant, strlen(own->merchant)},
                               .about_merchant = own->about_merchant,
                               .by_strikes = own->by_strikes,
                               .by = own->by,
                               .shown = {own->shown, strlen(own->shown)},
                               .since_ns = own->since_ns,
                               .on = own->on,
                               .rests_count = own->rests_count};
    memcpy(recorded.rests, own->rests, sizeof recorded.rests);
    rig_append(RECORD_WARNING, body, warning_encode(&recorded, body));
    rig_take(records_count - 1, records_count);
}

#endif
