/*
 * The result of noticectl verify in JSON. Knows no file.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/show.h"
#include "daemon/ctl/term.h"
#include "daemon/ctl/verify_run.h"
#include "daemon/ledger/text.h"

#define RESULT_BYTES_MAX 8192u

static const char *const key_sources[] = {"none", "given", "ledger", "policy"};

static void put_damage(const struct verify_run *run, struct text *text)
{
    const struct verify_damage *damage = &run->verify->damage;
    char file[VERIFY_FILE_BYTES];

    text_key(text, "error");
    text_literal(text, "{\"name\":");
    text_string(text, verify_fault_name(damage->fault), strlen(verify_fault_name(damage->fault)));
    text_member_string(text, "text", verify_fault_text(damage->fault));
    (void)snprintf(file, sizeof(file), "%s", damage->file); /* it is of this size */
    if (damage->fault == VERIFY_RECORD_CHANGED) {
        struct verify_chunk at = {.segment = ledger_files_segment_of(run->files, damage->seq),
                                  .bundle = !ledger_files_has_feed(run->files)};
        at.width = tile_width(run->verify->signed_size, TILE_LEVEL_ENTRIES, at.segment);
        verify_file_name(&at, file);
    }
    if (file[0] != '\0')
        text_member_string(text, "file", file);
    if (damage->seq != VERIFY_NO_SEQ) {
        text_member_u64(text, "seq", damage->seq);
        if (damage->file[0] != '\0')
            text_member_u64(text, "offset", damage->offset);
    }
    if (damage->size > 0)
        text_member_u64(text, "size", damage->size);
    if (damage->fault == VERIFY_ROOT_MISMATCH) { /* it is one of these */
        text_member_u64(text, "from_seq", run->verify->matched_size);
        text_member_u64(text, "to_seq", damage->size - 1);
    }
    if (damage->fault == run->anchors.fault && strcmp(damage->file, run->anchors.file) == 0)
        text_member_string(text, "why_text", run->anchors.why);
    if (damage->why != TLOG_OK) {
        text_member_string(text, "why", tlog_fault_name(damage->why));
        text_member_string(text, "why_text", tlog_fault_text(damage->why));
    }
    text_literal(text, "}");
}

static void put_sentence(struct text *text, const char *sentence)
{
    if (text->at[text->len - 1] != '[')
        text_literal(text, ",");
    text_string(text, sentence, strlen(sentence));
}

/* What nobody outside has said, or nobody who is known. */
static void put_not_shown_outside(const struct verify_run *run, struct text *text)
{
    const struct verify *verify = run->verify;
    const struct verify_anchors *anchors = &run->anchors;

    if (verify->is_signed && run->min_size == 0 && run->compare == NULL)
        put_sentence(text, anchors->count > 0
                               ? "that this is the newest state and the only one: nothing outside "
                                 "of this folder says how large the tree must be, as its anchors "
                                 "may have been rolled back with it; give --min-size or --compare"
                               : "that this is the newest state and the only one: an older state, "
                                 "or a fork, that the same key signed looks the same; give "
                                 "--min-size or --compare");
    if (anchors->tokens + anchors->cosignatures == 0)
        put_sentence(text, "when anything happened, but by the host's own clock: there are no "
                           "anchors");
    if (anchors->tokens > 0 && anchors->pem.ca == NULL)
        put_sentence(text, "whose the time-stamps are: their chains were not judged; give --ca");
    if (anchors->cosignatures > 0 && anchors->policy == NULL)
        put_sentence(text, "whose the witnesses' signatures are: they were not judged; give "
                           "--policy");
    if (anchors->count > 0 && anchors->anchors[anchors->count - 1].size < verify->counts.records)
        put_sentence(text, "when the records past the last anchor existed");
}

static void put_times(struct text *text, const char *key, const struct verify_times *times)
{
    text_key(text, key);
    text_literal(text, "{\"count\":");
    text_u64(text, times->count);
    if (times->count > 0)
        text_member_u64(text, "first", times->first);
    text_literal(text, "}");
}

/* What was seen outside. early and late: records whose t is not between the outside times. */
static void put_anchors(const struct verify_run *run, struct text *text)
{
    const struct verify_anchors *anchors = &run->anchors;
    uint64_t unrecorded = 0;
    const struct verify_anchor *first = NULL, *last = NULL;

    for (size_t i = 0; i < anchors->count; i++) {
        const struct verify_anchor *anchor = &anchors->anchors[i];
        if (!anchor->proof)
            continue;
        unrecorded += !anchor->recorded;
        if (first == NULL || anchor->time_ns < first->time_ns)
            first = anchor;
        if (last == NULL || anchor->time_ns > last->time_ns)
            last = anchor;
    }
    text_key(text, "anchors");
    text_literal(text, "{\"records\":");
    text_u64(text, run->verify->counts.anchors);
    text_member_u64(text, "checkpoints", anchors->checkpoints);
    text_member_u64(text, "tokens", anchors->tokens);
    text_member_u64(text, "cosignatures", anchors->cosignatures);
    text_member_u64(text, "unrecorded", unrecorded);
    text_member_bool(text, "chain_judged", anchors->tokens > 0 && anchors->pem.ca != NULL);
    if (anchors->count > 0)
        text_member_u64(text, "size", anchors->anchors[anchors->count - 1].size);
    if (first != NULL) {
        text_member_time(text, "first_time", first->time_ns);
        text_member_time(text, "last_time", last->time_ns);
    }
    put_times(text, "early", &run->verify->early);
    put_times(text, "late", &run->verify->late);
    if (anchors->witnessed)
        text_member_u64(text, "witnessed_size", anchors->witnessed_size);
    text_literal(text, "}");
}

/* The bytes that were kept beside the records. */
static void put_blobs(const struct verify_run *run, struct text *text)
{
    const struct verify_blobs *blobs = &run->blobs;
    const struct pack_files_counts counts = pack_files_counts(blobs->files);

    text_key(text, "blobs");
    text_literal(text, "{\"packs\":");
    text_u64(text, counts.packs);
    text_member_u64(text, "stored", counts.blobs);
    text_member_u64(text, "bytes", counts.bytes);
    text_member_u64(text, "tail_bytes", counts.tail_bytes);
    text_member_u64(text, "named", blobs->named);
    text_member_u64(text, "erased", blobs->erased);
    text_member_u64(text, "unerased", blobs->unerased);
    text_literal(text, "}");
}

/* What a result without an error leaves open. */
static void put_not_shown(const struct verify_run *run, struct text *text)
{
    const struct verify *verify = run->verify;

    text_key(text, "not_shown");
    text_literal(text, "[");
    if (!verify->is_signed)
        put_sentence(text, "that nobody has rewritten the records: there is no checkpoint");
    else if (run->key_source == VERIFY_KEY_LEDGER)
        put_sentence(text, "who signed: the key is the one in the ledger itself; give --vkey");
    if (verify->is_signed && verify->counts.records > verify->signed_size)
        put_sentence(text, "that the records past the signed size stay: no checkpoint covers them");
    put_not_shown_outside(run, text);
    if (run->blobs.erased > 0)
        put_sentence(text, "what the erased bytes were: records hold their SHA-256 only");
    if (run->blobs.unerased > 0)
        put_sentence(text, "whether an erase was cut short or somebody wrote to bytes that were "
                           "erased (blobs.unerased): the next start of noticed ends the erase");
    put_sentence(text, "that nothing was left out before it was recorded");
    text_literal(text, "]");
}

static void put_result(const struct verify_run *run, struct text *text)
{
    const struct verify *verify = run->verify;
    const struct verify_counts *counts = &verify->counts;
    struct ledger_files_sizes sizes = ledger_files_sizes(run->files);
    bool intact = verify->damage.fault == VERIFY_OK, feed = ledger_files_has_feed(run->files);

    text_literal(text, intact ? "{\"ok\":true" : "{\"ok\":false");
    if (intact)
        text_literal(text, ",\"error\":null");
    else
        put_damage(run, text);
    text_member_string(text, "what", feed ? "ledger" : "tree");
    text_member_u64(text, "records", counts->records);
    text_member_u64(text, "bytes", counts->bytes);
    text_member_u64(text, feed ? "segments" : "bundles", sizes.segments);
    if (feed) {
        text_member_u64(text, "tail_bytes", sizes.tail_bytes);
        text_member_u64(text, "log_tail_bytes", sizes.log_tail_bytes);
        text_member_bool(text, "durable_behind", sizes.durable_behind);
        text_member_u64(text, "runs", counts->runs);
        text_member_u64(text, "unclean_runs", counts->unclean_runs);
        text_member_u64(text, "gaps", counts->gaps);
    }
    text_member_bool(text, "signed", verify->is_signed);
    if (verify->is_signed) {
        text_member_u64(text, "size", verify->signed_size);
        text_member_sha256(text, "root", verify->signed_root.bytes);
        text_member_u64(text, "matched_size", verify->matched_size);
    }
    text_member_u64(text, "checkpoints", counts->checkpoints);
    text_member_u64(text, "signatures", counts->signatures);
    text_member_u64(text, "tiles", counts->tiles);
    text_member_string(text, "key", key_sources[run->key_source]);
    put_anchors(run, text);
    if (run->blobs.files != NULL)
        put_blobs(run, text);
    put_not_shown(run, text);
    text_literal(text, "}");
}

int verify_print(const struct verify_run *run)
{
    char bytes[RESULT_BYTES_MAX];
    struct text text = text_into(bytes, sizeof(bytes));
    const struct verify_damage *damage = &run->verify->damage;

    put_result(run, &text);
    if (strcmp(run->output, "json-pretty") == 0) {
        struct term term = term_open(stdout, TERM_COLOUR_NEVER);
        show_pretty(&term, bytes, text.len);
    } else {
        (void)fwrite(bytes, 1, text.len, stdout); /* ctl_finish sees the stream's error */
        (void)putchar('\n');
    }
    if (isatty(STDERR_FILENO) == 1 && damage->fault != VERIFY_OK)
        ctl_message("%s: %s: %s %s", run->ledger, verify_fault_name(damage->fault),
                    verify_fault_text(damage->fault), damage->file);
    int exit_code = ctl_finish();
    return exit_code == CTL_OK && damage->fault != VERIFY_OK ? CTL_REFUSED : exit_code;
}
