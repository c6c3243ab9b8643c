/*
 * From records to what is remembered of them. Knows the members of records (README); knows no file.
 *
 *   sighting  takes up its line, and was seen: its listing and merchant
 *   match     its line has its match; unless its class is "none", listing and merchant are watched
 *   listing   its listing belongs to its merchant
 *   an event of others  its source, id and body have their record
 *   hold, erase  the blobs they list are held, released or erased
 *   notice.*, counter.*, order*, takedown, restore, support, strike, account
 *             whom and what they name is watched, and is never put out; what names a notice and no
 *             platform names listings of that notice's
 */
#include "daemon/derived.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX  256u
#define ELEMENTS_MAX 8192u

struct members {
    size_t count;
    struct json_member at[MEMBERS_MAX];
};

/* A line being read. */
struct derived_scratch {
    char line[RECORD_LINE_BYTES_MAX + JSON_SLACK_BYTES];
    struct members record, event;
    struct json_value elements[ELEMENTS_MAX];
};

static_assert(ELEMENTS_MAX >= RECORD_LINE_BYTES_MAX / 3, "a line's lists, at \"\", an element");

int derived_open(const struct derived_bounds *bounds, struct derived *ret_derived)
{
    struct derived derived = {.bounds = *bounds};
    int result = dedupe_open(bounds->dedupe_max, &derived.dedupe);
    if (result == 0)
        result = watched_open(bounds->watched_max, &derived.watched);
    if (result == 0)
        result = custody_open(&derived.custody);
    derived.notices = notice_platforms_open(bounds->watched_max);
    derived.parser = json_open();
    derived.scratch = calloc(1, sizeof *derived.scratch);
    if (result < 0 || derived.notices == NULL || derived.parser == NULL ||
        derived.scratch == NULL) {
        derived_close(&derived);
        return -ENOMEM;
    }
    *ret_derived = derived;
    return 0;
}

void derived_close(struct derived *derived)
{
    derived->dedupe = dedupe_close(derived->dedupe);
    derived->watched = watched_close(derived->watched);
    derived->custody = custody_close(derived->custody);
    derived->notices = notice_platforms_close(derived->notices);
    derived->parser = json_close(derived->parser);
    free(derived->scratch);
    derived->scratch = NULL;
}

void derived_about_listing(struct derived_about *about, struct fingerprint_part platform,
                           struct fingerprint_part listing, struct fingerprint_part seller)
{
    about->listing.print = fingerprint_listing(platform, listing);
    about->listing.hash = watched_hash(false, platform.at, platform.len, listing.at, listing.len);
    about->merchant = (struct watched_name){.hash = 0};
    if (seller.at == NULL)
        return;
    about->merchant.print = fingerprint_merchant(platform, seller);
    about->merchant.hash = watched_hash(true, platform.at, platform.len, seller.at, seller.len);
}

static bool is_watched(const struct derived *derived, const struct derived_about *about)
{
    return watched_holds(derived->watched, &about->listing) ||
           (about->merchant.hash != 0 && watched_holds(derived->watched, &about->merchant));
}

void derived_expect(const struct derived *derived, const struct derived_about *about)
{
    dedupe_expect(derived->dedupe, &about->name);
}

enum derived_verdict derived_judge(struct derived *derived, enum record_kind kind, bool if_watched,
                                   const struct derived_about *about, uint64_t *ret_seq)
{
    struct dedupe_entry entry;
    bool found =
        !fingerprint_none(&about->name) && dedupe_find(derived->dedupe, &about->name, &entry);

    /* A sighting may have its record and its match none, when a crash came between the two. */
    if (found && (kind != RECORD_MATCH || entry.matched)) {
        derived->duplicates += kind != RECORD_MATCH && kind != RECORD_LISTING ? 1 : 0;
        *ret_seq = entry.seq;
        return DERIVED_DUPLICATE;
    }
    if (if_watched && !is_watched(derived, about)) {
        derived->unwatched += kind == RECORD_SIGHTING ? 1 : 0;
        return DERIVED_UNWATCHED;
    }
    if (kind == RECORD_LISTING &&
        watched_is_of(derived->watched, &about->listing, &about->merchant.print))
        return DERIVED_KNOWN;
    return DERIVED_RECORD;
}

bool derived_knows(struct derived *derived, const struct fingerprint *name, uint64_t *ret_seq)
{
    struct dedupe_entry entry;

    if (!dedupe_find(derived->dedupe, name, &entry))
        return false;
    derived->duplicates++;
    *ret_seq = entry.seq;
    return true;
}

static void take_about(struct derived *derived, enum record_kind kind, uint64_t seq,
                       const struct derived_about *about)
{
    const bool merchant = about->merchant.hash != 0;

    if (about->listing.hash == 0)
        return;
    if (kind == RECORD_SIGHTING) {
        if (!fingerprint_none(&about->name))
            dedupe_add(derived->dedupe, &about->name, seq);
        watched_touch(derived->watched, &about->listing);
        if (merchant)
            watched_touch(derived->watched, &about->merchant);
    } else if (kind == RECORD_MATCH) {
        dedupe_set_matched(derived->dedupe, about->sighting);
        if (about->matched)
            watched_add_matched(derived->watched, &about->listing);
        if (about->matched && merchant)
            watched_add_matched(derived->watched, &about->merchant);
    } else if (kind == RECORD_LISTING && merchant) {
        watched_set_merchant(derived->watched, &about->listing, &about->merchant.print);
    }
}

static const struct json_value *find(const struct members *members, const char *name)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->at[i].key_len == strlen(name) &&
            memcmp(members->at[i].key, name, members->at[i].key_len) == 0)
            return &members->at[i].value;
    return NULL;
}

/* A member that is a text of bearable length; at NULL: not there. */
static struct fingerprint_part text_of(const struct members *members, const char *name)
{
    const struct json_value *value = find(members, name);
    if (value == NULL || value->type != JSON_STRING || value->len > FINGERPRINT_PART_BYTES_MAX)
        return (struct fingerprint_part){NULL, 0};
    return (struct fingerprint_part){value->text, value->len};
}

static bool members_of(const struct json_value *object, struct members *ret_members)
{
    if (object == NULL || object->type != JSON_OBJECT)
        return false;
    ret_members->count = json_members(object, ret_members->at, MEMBERS_MAX);
    return ret_members->count <= MEMBERS_MAX;
}

/* A merchant's id is <platform>/<seller_id>, and no platform holds a '/' (DESIGN 9.3). One that
   names no platform is no crawler's. */
static struct fingerprint_part split_merchant(struct fingerprint_part id,
                                              struct fingerprint_part *ret_platform)
{
    const char *slash = id.at == NULL ? NULL : memchr(id.at, '/', id.len);
    *ret_platform = (struct fingerprint_part){id.at, slash == NULL ? 0 : (size_t)(slash - id.at)};
    if (slash == NULL)
        return id;
    return (struct fingerprint_part){slash + 1, (size_t)(id.at + id.len - slash - 1)};
}

static bool read_digest(struct fingerprint_part text, uint8_t ret_digest[DIGEST_BYTES])
{
    return text.at != NULL && text.len == DIGEST_TEXT_BYTES &&
           digest_parse(text.at, text.len, ret_digest);
}

/* The name of a line, of a sighting that a session's line left. */
static void read_line_name(const struct members *members, struct derived_about *about)
{
    struct fingerprint_part session = text_of(members, "session");
    struct fingerprint_part source = text_of(members, "source");
    const struct json_value *line = find(members, "line");
    uint8_t digest[DIGEST_BYTES];
    if (session.at != NULL && source.at != NULL && line != NULL && line->type == JSON_INTEGER &&
        read_digest(text_of(members, "blob"), digest))
        about->name = fingerprint_line(source, session, (uint64_t)line->integer, digest);
}

/* sighting, match, listing: their own members. */
static void read_about(const struct members *members, enum record_kind kind,
                       struct derived_about *ret_about)
{
    struct derived_about about = {.sighting = RECORD_NO_SEQ};
    struct fingerprint_part platform = text_of(members, "platform"), of;
    struct fingerprint_part listing = text_of(members, "listing");
    struct fingerprint_part seller = split_merchant(text_of(members, "merchant"), &of);
    const struct json_value *sighting = find(members, "sighting"), *class = find(members, "class");

    if (platform.at != NULL && listing.at != NULL)
        derived_about_listing(&about, platform, listing, seller);
    if (kind == RECORD_SIGHTING)
        read_line_name(members, &about);
    if (sighting != NULL && sighting->type == JSON_INTEGER)
        about.sighting = (uint64_t)sighting->integer;
    about.matched = kind == RECORD_MATCH && class != NULL && class->type == JSON_STRING &&
                    !(class->len == 4 && memcmp(class->text, "none", 4) == 0);
    *ret_about = about;
}

/* Whether records of this kind hold an event (kinds.h). */
static bool is_event(enum record_kind kind)
{
    return kind == RECORD_SIGHTING || (kind >= RECORD_POLICY && kind <= RECORD_PLATFORM_ADMISSION);
}

/* Whether an event of this kind puts those that it names under watch (DESIGN 9.11). */
static bool names_for_good(enum record_kind kind)
{
    static const char *const names[] = {"notice.", "counter.", "order",  "takedown",
                                        "restore", "support",  "strike", "account"};
    if (kind >= RECORD_KINDS_COUNT)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(record_kind_name(kind), names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* On which platform an event names listings; at == NULL: of the notice, which is not known yet. */
struct named_by {
    struct fingerprint_part platform;
    struct knowledge_text notice;
};

static void name_listing(struct derived *derived, struct fingerprint_part platform,
                         struct fingerprint_part listing)
{
    struct derived_about about;
    if (platform.at == NULL || listing.at == NULL || listing.len > FINGERPRINT_PART_BYTES_MAX)
        return; /* no crawler's line can be that one */
    derived_about_listing(&about, platform, listing, (struct fingerprint_part){NULL, 0});
    (void)watched_add_named(derived->watched, &about.listing); /* without room it is counted */
}

static void name_one(struct derived *derived, const struct named_by *by,
                     struct fingerprint_part listing)
{
    if (by->platform.at != NULL)
        name_listing(derived, by->platform, listing);
    else
        notice_platforms_wait(derived->notices, by->notice,
                              (struct knowledge_text){listing.at, listing.len});
}

/* What an event about a notice named before its notice.sent. */
struct found {
    struct derived *derived;
    struct fingerprint_part platform;
};

static void name_found(void *context, struct knowledge_text listing)
{
    const struct found *found = context;
    name_listing(found->derived, found->platform,
                 (struct fingerprint_part){listing.at, listing.len});
}

static void name_list(struct derived *derived, const struct named_by *by,
                      const struct json_value *list)
{
    if (list == NULL || list->type != JSON_ARRAY)
        return;
    struct json_value *elements = derived->scratch->elements;
    size_t count = json_elements(list, elements, ELEMENTS_MAX);
    assert(count <= ELEMENTS_MAX);
    for (size_t i = 0; i < count; i++)
        if (elements[i].type == JSON_STRING)
            name_one(derived, by, (struct fingerprint_part){elements[i].text, elements[i].len});
}

static void take_event(struct derived *derived, enum record_kind kind, const struct members *event)
{
    struct fingerprint_part of, listing = text_of(event, "listing");
    struct fingerprint_part seller = split_merchant(text_of(event, "merchant"), &of);
    struct fingerprint_part notice = text_of(event, "notice");
    struct named_by by = {text_of(event, "platform"), {notice.at, notice.len}};
    struct derived_about about;

    if (kind == RECORD_NOTICE_SENT && by.platform.at != NULL) {
        struct found found = {derived, by.platform};
        notice_platforms_take(derived->notices, by.notice,
                              (struct knowledge_text){by.platform.at, by.platform.len});
        notice_platforms_end_wait(derived->notices, by.notice, name_found, &found);
    }
    if (by.platform.at == NULL) {
        struct knowledge_text of_notice = notice_platforms_find(derived->notices, by.notice);
        by.platform = (struct fingerprint_part){of_notice.at, of_notice.len};
    }
    if (listing.at != NULL)
        name_one(derived, &by, listing);
    name_list(derived, &by, find(event, "listings"));
    name_list(derived, &by, find(event, "add"));
    if (seller.at == NULL || of.len == 0)
        return;
    derived_about_listing(&about, of, (struct fingerprint_part){"", 0}, seller);
    (void)watched_add_named(derived->watched, &about.merchant); /* without room it is counted */
}

/* The name of an event is taken with its last part: a crash may have left some of them, and then it
   has to come again (DESIGN 9.14). The parts' records follow each other. */
static void take_event_name(struct derived *derived, uint64_t seq, const struct members *record,
                            const struct members *event)
{
    struct fingerprint_part source = text_of(record, "source"), id = text_of(event, "id");
    const struct json_value *part = find(event, "part");
    struct json_value at[2] = {{.type = JSON_NULL}, {.type = JSON_NULL}};
    uint8_t digest[DIGEST_BYTES];

    if (source.at == NULL || id.at == NULL || !read_digest(text_of(record, "sha256"), digest))
        return; /* a crawler's line */
    if (part != NULL && part->type == JSON_ARRAY && json_elements(part, at, 2) == 2 &&
        at[0].type == JSON_INTEGER && at[1].type == JSON_INTEGER) {
        uint64_t before = (uint64_t)at[1].integer - 1;
        if (at[0].integer != at[1].integer || before > seq)
            return;
        seq -= before;
    }
    struct fingerprint name = fingerprint_event(source, id, digest);
    dedupe_add(derived->dedupe, &name, seq);
}

int derived_take(struct derived *derived, enum record_kind kind, uint64_t seq,
                 const struct derived_about *about, const char *line, size_t len)
{
    struct derived_scratch *scratch = derived->scratch;
    struct derived_about read;
    struct json_value root;
    bool surrogate;

    derived->changes += is_event(kind) || kind == RECORD_MATCH ? 1 : 0;
    if (custody_take(derived->custody, kind, seq, line, len))
        derived->changes++;
    if (about != NULL) {
        take_about(derived, kind, seq, about);
        return 0;
    }
    if (!is_event(kind) && kind != RECORD_MATCH)
        return 0;
    if (len > RECORD_LINE_BYTES_MAX)
        return -EBADMSG;
    memcpy(scratch->line, line, len);
    memset(scratch->line + len, 0, JSON_SLACK_BYTES);
    if (json_parse(derived->parser, scratch->line, len, &root, &surrogate) != JSON_OK ||
        !members_of(&root, &scratch->record))
        return -EBADMSG;
    const bool event = members_of(find(&scratch->record, "event"), &scratch->event);
    /* A crawler's record says at its own level what it is about, others in their event. */
    const bool own = find(&scratch->record, "listing") != NULL || !event;
    if (event)
        take_event_name(derived, seq, &scratch->record, &scratch->event);
    read_about(own ? &scratch->record : &scratch->event, kind, &read);
    take_about(derived, kind, seq, &read);
    if (event && names_for_good(kind))
        take_event(derived, kind, &scratch->event);
    return 0;
}

struct derived_counts derived_counts(const struct derived *derived)
{
    struct watched_counts watched = watched_counts(derived->watched);
    watched.refused += notice_platforms_refused(derived->notices);
    return (struct derived_counts){
        .duplicates = derived->duplicates, .unwatched = derived->unwatched, .watched = watched};
}
