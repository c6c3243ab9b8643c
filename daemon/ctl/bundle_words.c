/*
 * What a bundle says of itself. Knows no record.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/bundle_run.h"
#include "daemon/ctl/bundle_texts.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ledger/base64.h"
#include "daemon/version.h"

/* ,"key":"value", or null for what was not told. */
static void put_told(struct text *text, const char *key, const char *value)
{
    if (value != NULL) {
        text_member_string(text, key, value);
        return;
    }
    text_key(text, key);
    text_literal(text, "null");
}

static void put_file_hash(struct bundle *bundle, struct text *text, const char *key,
                          const char *name)
{
    char path[BUNDLE_PATH_BYTES + 32];
    uint8_t digest[DIGEST_BYTES];

    (void)snprintf(path, sizeof(path), "%s/%s", bundle->out.beside, name); /* it fits */
    int error = digest_file(path, digest);
    if (error == 0)
        text_member_sha256(text, key, digest);
    else if (bundle->out.error == 0)
        bundle->out.error = error;
}

static void write_text(struct bundle *bundle, const char *path, struct text *text)
{
    if (text->overflow && bundle->out.error == 0)
        bundle->out.error = -ENAMETOOLONG;
    bundle_out_write(&bundle->out, path, text->at, text->len);
}

/* Which records these are. */
static void write_scope(struct bundle *bundle)
{
    char room[4u * BUNDLE_TEXT_BYTES];
    struct text text = text_into(room, sizeof(room));

    text_literal(&text, "{\"v\":1");
    text_member_string(&text, "item", bundle->item);
    text_member_bool(&text, "partial", bundle->partial);
    text_member_u64(&text, "from", bundle->pick.from);
    text_member_u64(&text, "to", bundle->pick.to);
    put_told(&text, "merchant", bundle->order->merchant);
    text_member_u64(&text, "size", bundle->checkpoint.size);
    text_literal(&text, "}\n");
    write_text(bundle, "scope.json", &text);
}

/* One line (ISO/IEC 27037: what, who, when, where, why, how, and whether anything was changed);
   whoever takes the bundle on appends to a copy of their own, as this one is in the manifest. */
static void write_custody(struct bundle *bundle)
{
    char room[8u * BUNDLE_TEXT_BYTES];
    struct text text = text_into(room, sizeof(room));
    uint8_t digest[DIGEST_BYTES];

    text_literal(&text, "{\"v\":1");
    text_member_string(&text, "act", "export");
    text_member_string(&text, "item", bundle->item);
    put_told(&text, "who", bundle->order->by);
    text_member_string(&text, "when", bundle->when);
    text_member_string(&text, "where", bundle->host);
    put_told(&text, "why", bundle->order->why);
    text_member_string(&text, "from", bundle->source);
    text_key(&text, "tool");
    text_literal(&text, "{\"name\":\"noticectl\"");
    text_member_string(&text, "version", version_string());
    text_member_string(&text, "commit", version_commit());
    if (digest_file("/proc/self/exe", digest) == 0)
        text_member_sha256(&text, "exe_sha256", digest);
    text_literal(&text, "}");
    text_key(&text, "sha256");
    text_literal(&text, "{\"hash\":\"SHA-256\"");
    put_file_hash(bundle, &text, "records.jsonl", "records.jsonl");
    put_file_hash(bundle, &text, "checkpoint", "checkpoint");
    text_literal(&text, "}");
    text_member_string(&text, "changes", "none: the ledger was only read");
    text_literal(&text, "}\n");
    write_text(bundle, "custody.jsonl", &text);
}

static void hex_of(struct bundle *bundle, const char *name, char ret_hex[2 * DIGEST_BYTES + 1])
{
    char path[BUNDLE_PATH_BYTES + 32];
    uint8_t digest[DIGEST_BYTES] = {0};

    (void)snprintf(path, sizeof(path), "%s/%s", bundle->out.beside, name); /* it fits */
    int error = digest_file(path, digest);
    if (error < 0 && bundle->out.error == 0)
        bundle->out.error = error;
    digest_hex(digest, ret_hex);
}

/* "all", or what of it. */
static void say_scope(const struct bundle *bundle, char ret_scope[BUNDLE_TEXT_BYTES])
{
    if (!bundle->partial)
        (void)snprintf(ret_scope, BUNDLE_TEXT_BYTES, "all of them"); /* it fits */
    else
        (void)snprintf(ret_scope, BUNDLE_TEXT_BYTES, /* cut for people; scope.json has it whole */
                       "a part: %" PRIu64 " to %" PRIu64 "%s%.256s, and what explains them",
                       bundle->pick.from, bundle->pick.to - 1,
                       bundle->pick.has_merchant ? ", of merchant " : "",
                       bundle->pick.has_merchant ? bundle->order->merchant : "");
}

static void print(struct bundle *bundle, const char *path, enum bundle_text text,
                  const struct bundle_word *words)
{
    FILE *file = bundle_out_begin(&bundle->out, path);

    if (file != NULL)
        bundle_text_print(text, words, file);
    bundle_out_end(&bundle->out, path, file);
}

/* What of the pages themselves is there. */
static const char *say_pages(const struct bundle *bundle)
{
    return bundle->blobs_count > 0
               ? "What the crawler sent of a listing whose bytes were kept is in blobs.jsonl, "
                 "byte\n"
                 "for byte: its record names the SHA-256. It is what the crawler says that the\n"
                 "page held. Of other records the bytes were not kept: where they have a SHA-256\n"
                 "of what was scanned, a copy kept elsewhere can be held against it."
               : "The bytes of the listings are not in this bundle: of these records none were\n"
                 "kept. The records hold the SHA-256 of what was scanned, so that a copy kept\n"
                 "elsewhere can be held against it.";
}

void bundle_words(struct bundle *bundle)
{
    const struct bundle_facts *facts = &bundle->facts;
    char size[24], here[24], gaps[96], clock[224], scope[BUNDLE_TEXT_BYTES], root[64];
    char records_hex[2 * DIGEST_BYTES + 1], checkpoint_hex[2 * DIGEST_BYTES + 1];
    struct text base64 = text_into(root, sizeof(root) - 1);
    size_t verify_len = 0;
    const char *verify = bundle_text(BUNDLE_TEXT_VERIFY, &verify_len);

    write_scope(bundle);
    write_custody(bundle);
    base64_encode(&base64, bundle->checkpoint.root.bytes, MERKLE_HASH_BYTES);
    root[base64.len] = '\0';
    (void)snprintf(size, sizeof(size), "%" PRIu64, bundle->checkpoint.size); /* they fit */
    (void)snprintf(here, sizeof(here), "%" PRIu64, bundle_facts_sum(bundle->facts.in));
    (void)snprintf(gaps, sizeof(gaps), "gaps %" PRIu64 ", silences %" PRIu64, facts->gaps,
                   facts->silences);
    (void)snprintf(clock, sizeof(clock),
                   "%" PRIu64 " records of the clock, of\n   which %" PRIu64
                   " call it not synchronised, and %" PRIu64
                   " tell that it was set, or the\n   host woke up",
                   facts->clocks, facts->unsynced, facts->steps);
    say_scope(bundle, scope);
    hex_of(bundle, "records.jsonl", records_hex);
    hex_of(bundle, "checkpoint", checkpoint_hex);
    const struct bundle_word words[] = {
        {"ITEM", bundle->item},
        {"WHEN", bundle->when},
        {"VERSION", version_string()},
        {"COMMIT", version_commit()},
        {"ORIGIN", bundle->key.name},
        {"VKEY", bundle->vkey},
        {"SIZE", size},
        {"ROOT", root},
        {"HERE", here},
        {"SCOPE", scope},
        {"GAPS", gaps},
        {"CLOCK", clock},
        {"PAGES", say_pages(bundle)},
        {"PROGRAMS", bundle->programs},
        {"ANCHORS", bundle->anchors_len > 0 ? bundle->anchors : "   none\n"},
        {"HOST", bundle->host},
        {"LEDGER", bundle->source},
        {"RECORDS_SHA256", records_hex},
        {"CHECKPOINT_SHA256", checkpoint_hex},
        {NULL, NULL},
    };
    print(bundle, "README-VERIFY.txt", BUNDLE_TEXT_README, words);
    print(bundle, "declaration.txt", BUNDLE_TEXT_DECLARATION, words);
    bundle_out_write(&bundle->out, "verify.py", verify, verify_len);
}
