/*
 * Adding a proof from outside: a time-stamp's reply, or a witness's signature lines.
 *
 * Order: verified; stored in anchors/, durably; then the running noticed is asked to record it. So
 * a record never names a token that is not there, and what a crash leaves is a token without a
 * record, which adding it again records.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/anchor_run.h"
#include "daemon/ctl/control.h"
#include "daemon/ctl/ctl.h"
#include "daemon/digest.h"
#include "daemon/ledger/record.h"
#include "daemon/time_text.h"

#define RECORD_WAIT_S 60u
#define COSIG_DASH    "\xe2\x80\x94 "

/* The number in "seq" of the daemon's reply. */
static uint64_t reply_seq(const struct control_reply *reply)
{
    struct json_member members[8];
    size_t count = json_members(&reply->root, members, 8);

    for (size_t i = 0; i < count && i < 8; i++)
        if (members[i].key_len == 3 && memcmp(members[i].key, "seq", 3) == 0 &&
            members[i].value.type == JSON_INTEGER)
            return (uint64_t)members[i].value.integer;
    return RECORD_NO_SEQ;
}

static int record(const struct anchor_run *run, const struct anchor *anchor)
{
    char body[4096], time[TIME_TEXT_BYTES];
    struct text text = text_into(body, sizeof(body) - 1);
    struct control_reply *reply = NULL;

    anchor_format(&text, anchor);
    assert(!text.overflow); /* as in daemon/anchor_command.c */
    body[text.len] = '\0';
    int exit_code = control_ask_with(run->socket, "anchor", body, RECORD_WAIT_S, &reply);
    if (exit_code != CTL_OK) {
        (void)ctl_error("%s/%s is verified and stored, but only the running noticed appends "
                        "records: start it, and run `noticectl anchor add` on this file again",
                        run->ledger, anchor->file);
        return exit_code;
    }
    if (!reply->ok) {
        exit_code = control_refused(reply);
    } else {
        time_text_format(anchor->gen_time_ns, time);
        printf("recorded as %" PRIu64 ": %s, over the first %" PRIu64 " records, by %s: %s\n",
               reply_seq(reply), time, anchor->size, anchor->tsa, anchor->file);
    }
    (void)control_reply_free(reply); /* always NULL */
    return exit_code;
}

/* Stores the proof and what it rests on, and has it recorded. */
static int keep(struct anchor_run *run, struct anchor *anchor, const char *suffix,
                const uint8_t *bytes, size_t len)
{
    const struct anchor_source *source = run->source;
    char stem[ANCHOR_NAME_BYTES], name[ANCHOR_NAME_BYTES + 8];
    uint64_t seq = RECORD_NO_SEQ;

    anchor->size = source->size;
    anchor->root = source->checkpoint.root;
    anchor_files_name(anchor->tsa, anchor->token_sha256, stem);
    (void)snprintf(name, sizeof(name), "%s%s", stem, suffix);
    (void)snprintf(anchor->file, sizeof(anchor->file), "anchors/%" PRIu64 "/%s", anchor->size,
                   name); /* fits */
    if (anchor_files_have(run->ledger_fd, anchor->size, name, bytes, len)) {
        int found = anchor_find(run->ledger, anchor->token_sha256, &seq);
        if (found < 0)
            return ctl_error("cannot read the feed of %s: %s", run->ledger, ctl_errno(found));
        if (seq != RECORD_NO_SEQ) {
            printf("recorded already as %" PRIu64 ": %s\n", seq, anchor->file);
            return CTL_OK;
        }
    }
    int error = anchor_files_begin(run->ledger_fd, source);
    if (error == 0 && anchor->type == ANCHOR_RFC3161) {
        const struct token_input input = {.query = source->query,
                                          .query_len = source->query_len,
                                          .reply = bytes,
                                          .reply_len = len,
                                          .pem = run->pem};
        char *pem = NULL, pem_name[ANCHOR_NAME_BYTES + 8];
        size_t pem_len = 0;
        (void)snprintf(pem_name, sizeof(pem_name), "%s.pem", stem);
        error = token_chain(&input, &pem, &pem_len);
        if (error == 0)
            error = anchor_files_put(run->ledger_fd, anchor->size, pem_name, pem, pem_len);
        free(pem);
    }
    if (error == 0)
        error = anchor_files_put(run->ledger_fd, anchor->size, name, bytes, len);
    if (error == -EEXIST)
        return ctl_error("anchors/%" PRIu64 " has another checkpoint or query: see `noticectl "
                         "verify`",
                         anchor->size);
    if (error < 0)
        return ctl_error("cannot write %s/%s: %s", run->ledger, anchor->file, ctl_errno(error));
    return record(run, anchor);
}

static int add_token(struct anchor_run *run, const char *label, const uint8_t *bytes, size_t len)
{
    struct token_input input = {.reply = bytes, .reply_len = len, .pem = run->pem};
    enum token_fault fault = TOKEN_WRONG_IMPRINT;
    char why[TOKEN_ERROR_BYTES] = "there is no query that it could answer";
    struct anchor anchor = {.size = 0};
    uint64_t *sizes = NULL;
    size_t count = 0;
    int64_t accuracy_ns = 0;

    if (run->pem.ca == NULL && !run->no_ca)
        return ctl_error("say whom to trust with --ca; with --no-ca whose signature it is will not "
                         "be judged");
    int error = anchor_files_sizes(run->ledger_fd, ANCHOR_SIZES_ALL, &sizes, &count);
    if (error < 0)
        return ctl_error("cannot read %s: %s", run->ledger, ctl_errno(error));
    for (size_t i = 0; i < count && fault == TOKEN_WRONG_IMPRINT; i++) {
        if (anchor_files_read(run->ledger_fd, ANCHOR_SIZES_ALL, sizes[i], run->source) < 0 ||
            run->source->query_len == 0)
            continue;
        input.query = run->source->query;
        input.query_len = run->source->query_len;
        input.bytes = run->source->bytes;
        input.len = run->source->len;
        fault = token_judge(&input, &anchor, &accuracy_ns, why);
    }
    free(sizes);
    if (fault != TOKEN_OK) {
        (void)ctl_error("%s: %s: %s", label, token_fault_name(fault), why);
        return CTL_REFUSED;
    }
    if (run->pem.ca == NULL)
        ctl_message("%s: the chain was not judged: nobody knows whose signature this is", label);
    return keep(run, &anchor, ".tsr", bytes, len);
}

/* Whether the line is a signature of a known witness under the source's checkpoint. */
static bool is_cosigned(const struct anchor_run *run, const uint8_t *line, size_t len,
                        struct anchor *ret_anchor)
{
    static char both[ANCHOR_CHECKPOINT_MAX + 1024];
    struct text text = text_into(both, sizeof(both));
    struct note note;
    uint64_t time = 0;

    text_raw(&text, run->source->note.text, run->source->note.text_len);
    text_literal(&text, "\n");
    text_raw(&text, (const char *)line, len);
    if (text.overflow || note_parse(both, text.len, &note) != TLOG_OK)
        return false;
    for (size_t i = 0; i < run->policy->names_count; i++) {
        const struct note_key *key = &run->policy->names[i].key;
        if (run->policy->names[i].group || note_verify(&note, key, &time) != TLOG_OK ||
            time > INT64_MAX / 1000000000)
            continue;
        *ret_anchor =
            (struct anchor){.type = ANCHOR_COSIG, .gen_time_ns = (int64_t)time * 1000000000};
        digest_sha256(line, len, ret_anchor->token_sha256);
        (void)snprintf(ret_anchor->tsa, sizeof(ret_anchor->tsa), "%s", key->name); /* fits */
        return true;
    }
    return false;
}

static int add_line(struct anchor_run *run, const char *label, const uint8_t *line, size_t len)
{
    struct anchor anchor = {.size = 0};
    uint64_t *sizes = NULL;
    size_t count = 0;
    bool good = false;
    int error = anchor_files_sizes(run->ledger_fd, ANCHOR_SIZES_ALL, &sizes, &count);

    if (error < 0)
        return ctl_error("cannot read %s: %s", run->ledger, ctl_errno(error));
    for (size_t i = 0; i < count && !good; i++)
        good = anchor_files_read(run->ledger_fd, ANCHOR_SIZES_ALL, sizes[i], run->source) == 0 &&
               is_cosigned(run, line, len, &anchor);
    free(sizes);
    if (!good) {
        (void)ctl_error("%s: it is no signature of a known witness under a checkpoint in outbox/ "
                        "or anchors/",
                        label);
        return CTL_REFUSED;
    }
    return keep(run, &anchor, ".cosig", line, len);
}

static int add_cosignatures(struct anchor_run *run, const char *label, const uint8_t *bytes,
                            size_t len)
{
    const uint8_t *at = bytes, *end = bytes + len;
    int exit_code = CTL_OK;

    if (run->policy->names_count == 0)
        return ctl_error("say whose signatures are known with --witness or --policy");
    while (at < end && exit_code == CTL_OK) {
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            return ctl_error("%s: its last line has no end", label);
        exit_code = add_line(run, label, at, (size_t)(newline - at) + 1);
        at = newline + 1;
    }
    return exit_code;
}

int anchor_add(struct anchor_run *run, const char *label, const uint8_t *bytes, size_t len)
{
    if (len >= strlen(COSIG_DASH) && memcmp(bytes, COSIG_DASH, strlen(COSIG_DASH)) == 0)
        return add_cosignatures(run, label, bytes, len);
    if (len > 4 && bytes[0] == '4' && bytes[3] == ' ') {
        const uint8_t *end = memchr(bytes, '\n', len);
        size_t line = end != NULL ? (size_t)(end - bytes) : len;
        (void)ctl_error("%s: the witness refused: %.*s%s", label, (int)(line < 200 ? line : 200),
                        (const char *)bytes,
                        memcmp(bytes, "409", 3) == 0
                            ? ", the size that it signed last: ask anew with `noticectl anchor "
                              "request --old` and this size"
                            : "");
        return CTL_REFUSED;
    }
    return add_token(run, label, bytes, len);
}
