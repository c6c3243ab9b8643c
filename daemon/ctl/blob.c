/*
 * noticectl blob: prints kept bytes, and has the running noticed hold, release or erase them.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/connect.h"
#include "daemon/ctl/control.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/pack_files.h"
#include "daemon/ledger/blob_ref.h"
#include "daemon/ledger/text.h"

#define RECORD_WAIT_S 600u /* an erase reads all packs */
#define ASKED_MAX     64u  /* blobs of one record: the question has to fit a line of 8 KiB */
#define TEXT_MAX      399u /* of authority and of reason */

enum blob_option {
    BLOB_OPTION_LEDGER = 0,
    BLOB_OPTION_SOCKET,
    BLOB_OPTION_AUTHORITY,
    BLOB_OPTION_REASON,
    BLOB_OPTION_MERCHANT,
    BLOB_OPTION_ALL,
};

static const struct ctl_option options[] = {
    {"ledger", 'l', "DIR", "the ledger's folder (cat, erase; hold: what is not there is told)"},
    {"socket", 's', "PATH", "control socket of the daemon (" CONNECT_CONTROL_SOCKET ")"},
    {"authority", 'a', "TEXT",
     "by what right: an order, a letter, a policy (hold, release, erase)"},
    {"reason", 'r', "TEXT", "why, as it is to stand in the record"},
    {"merchant", 'm', "ID",
     "instead of names: all bytes of a merchant, platform/seller (hold, release)"},
    {"all", 'A', NULL, "instead of names: all bytes of the ledger (hold, release)"},
    {0},
};

struct blob_run {
    const char *ledger, *socket, *authority, *reason, *merchant;
    bool all;
    char **names; /* "sha256:..." or the digits alone */
    int count;
};

/* SHA-256 as given: with or without its prefix. */
static int parse(const char *name, uint8_t ret_sha256[DIGEST_BYTES])
{
    char text[DIGEST_TEXT_BYTES + 1] = "sha256:";
    const char *digits = strncmp(name, "sha256:", 7) == 0 ? name + 7 : name;

    if (strlen(digits) == 2 * DIGEST_BYTES)
        memcpy(text + 7, digits, 2 * DIGEST_BYTES);
    if (!digest_parse(text, strlen(text), ret_sha256))
        return ctl_error("blob: %s is no SHA-256: 64 digits of 0-9 a-f, as a record's blob", name);
    return CTL_OK;
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, DIGEST_BYTES);
}

/* Opens the packs, of which only the blobs that are named are remembered. */
static int open_packs(const struct blob_run *run, struct pack_files **ret_files)
{
    if (run->ledger == NULL)
        return ctl_error("blob: name the ledger's folder with --ledger");
    uint8_t(*names)[DIGEST_BYTES] = calloc((size_t)run->count, sizeof(*names));
    if (names == NULL)
        return ctl_error("blob: no memory for %d names", run->count);
    int exit_code = CTL_OK, error = 0;
    for (int i = 0; i < run->count && exit_code == CTL_OK; i++)
        exit_code = parse(run->names[i], names[i]);
    if (exit_code == CTL_OK) {
        qsort(names, (size_t)run->count, sizeof(*names), compare);
        const struct pack_wanted wanted = {(const uint8_t(*)[DIGEST_BYTES])names,
                                           (size_t)run->count};
        error = pack_files_open(run->ledger, 0, wanted, ret_files);
    }
    free(names);
    if (exit_code != CTL_OK)
        return exit_code;
    if (error < 0)
        return ctl_error("blob: cannot read the packs of %s: %s", run->ledger, ctl_errno(error));
    return CTL_OK;
}

static int cat(const struct blob_run *run)
{
    struct pack_files *files = NULL;
    uint8_t sha256[DIGEST_BYTES];
    const uint8_t *blob = NULL;
    size_t len = 0;

    int exit_code = open_packs(run, &files);
    for (int i = 0; i < run->count && exit_code == CTL_OK; i++) {
        (void)parse(run->names[i], sha256); /* open_packs has */
        const struct pack_entry *entry = pack_files_find(files, sha256);
        int fault = entry == NULL ? 0 : pack_files_read(files, entry, &blob, &len);
        if (entry == NULL)
            exit_code = ctl_error("blob: %s is not in the packs of %s", run->names[i], run->ledger);
        else if (fault < 0)
            exit_code = ctl_error("blob: cannot read %s: %s", run->names[i], ctl_errno(fault));
        else if (fault == PACK_ERASED || fault == PACK_UNERASED)
            exit_code = ctl_error("blob: %s was erased: record %" PRIu64 " says why", run->names[i],
                                  entry->erased_by);
        else if (fault != PACK_OK)
            exit_code =
                ctl_error("blob: %s: %s", run->names[i], pack_fault_text((enum pack_fault)fault));
        else
            (void)fwrite(blob, 1, len, stdout); /* ctl_finish sees the stream's error */
    }
    (void)pack_files_close(files); /* always NULL */
    return exit_code == CTL_OK ? ctl_finish() : exit_code;
}

/* Whether all of them are stored: nobody erases what never was there. A hold of such is recorded,
   in case that it comes; but a slip of the pen protects nothing, and is told. */
static int check_stored(const struct blob_run *run, bool hold)
{
    struct pack_files *files = NULL;
    uint8_t sha256[DIGEST_BYTES];
    int exit_code = open_packs(run, &files);

    for (int i = 0; i < run->count && exit_code == CTL_OK; i++) {
        (void)parse(run->names[i], sha256); /* open_packs has */
        if (pack_files_find(files, sha256) != NULL)
            continue;
        if (hold)
            (void)fprintf(stderr,
                          "noticectl: blob: %s is not in the packs of %s: held in case "
                          "that it comes\n",
                          run->names[i], run->ledger);
        else
            exit_code = ctl_error("blob: %s is not in the packs of %s: nothing was recorded",
                                  run->names[i], run->ledger);
    }
    (void)pack_files_close(files); /* always NULL */
    return exit_code;
}

/* One record, of the names from first on. */
static int ask(const struct blob_run *run, const char *action, int first, int count)
{
    char members[7500];
    struct text text = text_into(members, sizeof(members) - 1);
    struct control_reply *reply = NULL;
    uint8_t list[ASKED_MAX][DIGEST_BYTES];

    text_member_string(&text, "action", action);
    text_member_string(&text, "authority", run->authority);
    if (run->reason != NULL)
        text_member_string(&text, "reason", run->reason);
    for (int i = 0; i < count; i++)
        if (parse(run->names[first + i], list[i]) != CTL_OK)
            return CTL_USAGE;
    if (run->all)
        text_member_string(&text, "scope", "ledger");
    else if (run->merchant != NULL)
        text_member_string(&text, "merchant", run->merchant);
    else
        blob_ref_write_list(&text, (const uint8_t(*)[DIGEST_BYTES])list, (size_t)count);
    if (text.overflow)
        return ctl_error("blob: --authority, --reason and --merchant are too long");
    members[text.len] = '\0';
    int exit_code = control_ask_with(run->socket, "blob", members, RECORD_WAIT_S, &reply);
    if (exit_code != CTL_OK)
        return exit_code;
    if (!reply->ok)
        exit_code = control_refused(reply);
    else
        printf("%.*s\n", (int)reply->len, reply->line);
    (void)control_reply_free(reply); /* always NULL */
    return exit_code;
}

static int act(const struct blob_run *run, const char *action)
{
    if (run->authority == NULL)
        return ctl_error("blob %s: say by what right, with --authority", action);
    if (strlen(run->authority) > TEXT_MAX ||
        (run->reason != NULL && strlen(run->reason) > TEXT_MAX))
        return ctl_error("blob %s: --authority and --reason have %u bytes at most", action,
                         TEXT_MAX);
    const bool hold = strcmp(action, "hold") == 0;
    if (run->all || run->merchant != NULL) {
        int asked = ask(run, action, 0, 0);
        return asked == CTL_OK ? ctl_finish() : asked;
    }
    int exit_code = strcmp(action, "erase") == 0 || (hold && run->ledger != NULL)
                        ? check_stored(run, hold)
                        : CTL_OK;
    for (int first = 0; first < run->count && exit_code == CTL_OK; first += (int)ASKED_MAX) {
        int left = run->count - first;
        exit_code = ask(run, action, first, left < (int)ASKED_MAX ? left : (int)ASKED_MAX);
    }
    return exit_code == CTL_OK ? ctl_finish() : exit_code;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct blob_run run = {.socket =
                               ctl_environment("NOTICED_CONTROL_SOCKET", CONNECT_CONTROL_SOCKET)};
    const char *all = NULL;
    const char **const values[] = {&run.ledger, &run.socket,   &run.authority,
                                   &run.reason, &run.merchant, &all};
    const char *value = NULL;
    int first = argc, option = 0;

    while ((option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        *values[option] = value == NULL ? "" : value;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    run.all = all != NULL;
    const char *action = first < argc ? argv[first] : "";
    const int scopes = (first + 1 < argc) + (run.merchant != NULL) + run.all;
    if (scopes != 1)
        return ctl_error("blob: say what to do (cat, hold, release, erase) with which SHA-256, or "
                         "hold and release with --merchant or --all");
    if (first + 1 == argc && strcmp(action, "hold") != 0 && strcmp(action, "release") != 0)
        return ctl_error("blob: --merchant and --all are for hold and release");
    run.names = argv + first + 1;
    run.count = argc - first - 1;
    if (strcmp(action, "cat") == 0)
        return cat(&run);
    if (strcmp(action, "hold") == 0 || strcmp(action, "release") == 0 ||
        strcmp(action, "erase") == 0)
        return act(&run, action);
    return ctl_error("blob: cat, hold, release or erase, not %s", action);
}

const struct ctl_command ctl_blob = {
    .name = "blob",
    .arguments = "cat|hold|release|erase [SHA256...]",
    .summary = "print the kept bytes of a record; hold, release or erase them",
    .details =
        "cat prints bytes as they were received. hold, release and erase are recorded by the\n"
        "running noticed, with the authority that is given. What is held is not erased: named\n"
        "bytes, those of a merchant, past and to come (--merchant), or all (--all); each hold\n"
        "is released as it was made. An erase takes the bytes away and leaves every record and\n"
        "proof as it is; while merchants are held it first reads whose they are.\n"
        "Exit codes: 0 done, 1 refused, 2 usage or I/O, 3 no daemon.\n",
    .options = options,
    .run = run,
};
