/*
 * A small signed ledger. Knows how the parts fit together, as the writer will.
 */
#include "tests/fakes/signed_ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/ledger/bundle.h"
#include "daemon/ledger/checkpoint.h"
#include "daemon/ledger/pack.h"
#include "daemon/ledger/record.h"
#include "daemon/ledger/tile.h"
#include "tests/fakes/shell.h"
#include "tests/fakes/test.h"

#define RUN_2 400u /* first record of the second run */

static const uint64_t sealed_sizes[] = {5, 256, 300, 513, SIGNED_LEDGER_RECORDS};

static struct merkle_hash before; /* root of the checkpoint before RUN_2 */

static void write_file(const char *folder, const char *path, const void *bytes, size_t len)
{
    char whole[512];

    (void)snprintf(whole, sizeof(whole), "%s/%s", folder, path);
    for (char *slash = strchr(whole + strlen(folder) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(whole, 0755) == 0 || errno == EEXIST);
        *slash = '/';
    }
    shell_write(whole, bytes, len);
}

static int write_tile(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len)
{
    char path[TILE_PATH_BYTES];

    tile_path(id, path);
    write_file(context, path, bytes, len);
    return 0;
}

/* The blob of record i, and its hash. Its length. */
static size_t blob_of(uint64_t i, char ret_blob[256], uint8_t ret_sha256[DIGEST_BYTES])
{
    int len =
        snprintf(ret_blob, 256, "{\"platform\":\"bazaar\",\"listing_id\":\"b%" PRIu64 "\"%*s}", i,
                 (int)(i % 100), "");

    digest_sha256(ret_blob, (size_t)len, ret_sha256);
    return (size_t)len;
}

static size_t encode_blob(uint64_t i, struct record_draft *draft, char *body, size_t room)
{
    struct text text = text_into(body, room);
    uint8_t sha256[DIGEST_BYTES];
    char blob[256];

    draft->kind = i == SIGNED_LEDGER_ERASE ? RECORD_ERASE : RECORD_SIGHTING;
    if (draft->kind == RECORD_SIGHTING) {
        size_t len = blob_of(i, blob, sha256);
        text_member_sha256(&text, "blob", sha256);
        text_member_u64(&text, "blob_len", len);
        text_literal(&text, ",\"blob_kept\":true}");
        return text.len;
    }
    for (uint64_t erased = 7; erased <= 16; erased += 9) {
        (void)blob_of(erased, blob, sha256);
        text_literal(&text, erased == 7 ? ",\"blobs\":[\"sha256:" : ",\"sha256:");
        text_hex(&text, sha256, DIGEST_BYTES);
        text_literal(&text, "\"");
    }
    text_literal(&text, "]}");
    return text.len;
}

static void write_packs(const char *path)
{
    static uint8_t packs[2][64 * 1024];
    size_t len[2] = {0, 0};
    struct pack_coder *coder = pack_coder_open();
    uint64_t number = 0;

    assert_non_null(coder);
    for (uint64_t i = 0; i < SIGNED_LEDGER_RECORDS; i++) {
        char blob[256], name[64];
        uint8_t sha256[DIGEST_BYTES];
        if (!SIGNED_LEDGER_HAS_BLOB(i))
            continue;
        unsigned pack = number >= SIGNED_LEDGER_PACK;
        uint8_t *frame = packs[pack] + len[pack];
        static uint8_t bytes[PACK_FRAME_BYTES_MAX];
        size_t frame_len =
            pack_encode(coder, number, blob, blob_of(i, blob, sha256), sha256, bytes);
        if (number < 2) {
            pack_mark(SIGNED_LEDGER_ERASE, sha256, bytes + PACK_MARK_AT);
            memset(bytes + PACK_HEAD_BYTES, 0, frame_len - PACK_HEAD_BYTES);
        }
        assert_true(len[pack] + frame_len < sizeof(packs[0]));
        memcpy(frame, bytes, frame_len);
        len[pack] += frame_len;
        number++;
        (void)snprintf(name, sizeof(name), "blobs/%020u.pack", pack * SIGNED_LEDGER_PACK);
        write_file(path, name, packs[pack], len[pack]);
    }
    (void)pack_coder_close(coder); /* always NULL */
}

/* Record i: two runs, each begun by its start and ended by its stop, with clock records. */
static size_t encode(uint64_t i, char *out, size_t room)
{
    char body[512];
    uint64_t run = i < RUN_2 ? 0 : RUN_2;
    struct record_head head = {.seq = i,
                               .run = run,
                               .clk = i == run ? RECORD_NO_SEQ : run + 1,
                               .wall_ns = 1795532400000000000 + (int64_t)i,
                               .boot_ns = 1000 * (i - run)};
    struct record_draft draft = {.kind = RECORD_MATCH, .body = body};

    if (i == run)
        draft.kind = RECORD_START;
    else if (i == run + 1)
        draft.kind = RECORD_CLOCK;
    else if (i + 1 == RUN_2)
        draft.kind = RECORD_STOP;
    int len =
        snprintf(body, sizeof(body), ",\"n\":%" PRIu64 ",\"filler\":\"%.*s\"}", i * i,
                 (int)(i * 7 % 60), "a counterfeit of a counterfeit of a counterfeit of a counter");
    if (i == RUN_2) { /* it begins behind the third checkpoint */
        struct text text = text_into(body, sizeof(body));
        text_member_u64(&text, "prev_size", sealed_sizes[2]);
        text_member_sha256(&text, "prev_root", before.bytes);
        text_literal(&text, "}");
        len = (int)text.len;
    }
    if (SIGNED_LEDGER_HAS_BLOB(i) || i == SIGNED_LEDGER_ERASE)
        len = (int)encode_blob(i, &draft, body, sizeof(body));
    draft.len = (size_t)len;
    size_t line = record_encode(&head, &draft, out, room);
    assert_true(line > 0);
    return line;
}

static void seal(const char *path, const struct note_signer *signer, struct tile_builder *tiles,
                 struct text *log)
{
    char bytes[CHECKPOINT_BYTES_MAX];
    struct text text = text_into(bytes, sizeof(bytes));
    struct merkle_hash root = merkle_root(&tiles->tree);
    char folder[256];

    (void)snprintf(folder, sizeof(folder), "%s", path);
    assert_int_equal(tile_builder_flush(tiles, write_tile, folder), 0);
    checkpoint_sign(&text, signer, tiles->tree.size, &root);
    checkpoint_log_put(log, bytes, text.len);
    assert_false(log->overflow);
    write_file(path, "checkpoint", bytes, text.len);
}

void signed_ledger_write(const char *path, struct note_key *ret_key)
{
    static const uint8_t seed[NOTE_KEY_BYTES] = {7};
    static char feed[2][SIGNED_LEDGER_RECORDS * 400], log_bytes[8192];
    size_t feed_len[2] = {0, 0}, next = 0;
    char folder[256], vkey[NOTE_KEY_TEXT_BYTES_MAX], name[64];
    struct note_signer *signer = note_signer_open("noticed.test/l", 14, NOTE_KEY_ED25519, seed);
    struct tile_builder *tiles = calloc(1, sizeof(*tiles));
    struct text log = text_into(log_bytes, sizeof(log_bytes));

    assert_non_null(signer);
    assert_non_null(tiles);
    (void)snprintf(folder, sizeof(folder), "%s", path);
    for (uint64_t i = 0; i < SIGNED_LEDGER_RECORDS; i++) {
        unsigned segment = i >= SIGNED_LEDGER_SECOND;
        char *line = feed[segment] + feed_len[segment];
        size_t len = encode(i, line, sizeof(feed[0]) - feed_len[segment]);
        struct merkle_hash leaf = merkle_leaf(line, len - 1);
        feed_len[segment] += len;
        assert_int_equal(tile_builder_append(tiles, &leaf, write_tile, folder), 0);
        if (i + 1 == sealed_sizes[next]) {
            seal(path, signer, tiles, &log);
            if (next++ == 2)
                before = merkle_root(&tiles->tree);
        }
    }
    for (unsigned segment = 0; segment < 2; segment++) {
        (void)snprintf(name, sizeof(name), "feed/%020u.jsonl", segment * SIGNED_LEDGER_SECOND);
        write_file(path, name, feed[segment], feed_len[segment]);
    }
    write_packs(path);
    write_file(path, "checkpoints.log", log_bytes, log.len);
    write_file(path, "key.vkey", vkey, note_key_format(note_signer_key(signer), vkey));
    *ret_key = *note_signer_key(signer);
    (void)note_signer_close(signer); /* always NULL */
    free(tiles);
}

void signed_ledger_write_tree(const char *path)
{
    struct bundle_builder *bundles = calloc(1, sizeof(*bundles));
    struct note_key key;
    char folder[256], line[1024], command[600];

    assert_non_null(bundles);
    (void)snprintf(folder, sizeof(folder), "%s", path);
    signed_ledger_write(path, &key);
    for (uint64_t i = 0; i < SIGNED_LEDGER_RECORDS; i++) {
        size_t len = encode(i, line, sizeof(line));
        assert_int_equal(bundle_append(bundles, line, len - 1, write_tile, folder), 0);
    }
    assert_int_equal(bundle_flush(bundles, write_tile, folder), 0);
    (void)snprintf(command, sizeof(command), "rm -r '%s/feed' '%s/blobs' '%s/checkpoints.log'",
                   path, path, path);
    assert_int_equal(shell_run(command), 0);
    free(bundles);
}
