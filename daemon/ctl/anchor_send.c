/*
 * Posting queries for time-stamps with the curl command: no HTTP of ours.
 *
 * States of outbox/ for one size and URL, each of which the next run goes on from:
 *   query alone -> reply fetched (<size>.<url's hash>.tsr) -> added
 *
 * When all URLs of a size are added, all of it is removed, and what is older with it. A reply that
 * proves nothing is removed and asked for again.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/ctl/anchor_run.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/digest.h"

#define PATH_BYTES     4096u
#define CURL_SECONDS   "60"
#define CURL_BYTES_MAX "65536"                      /* as TOKEN_BYTES_MAX */
#define WORD(literal)  (char *)(uintptr_t)(literal) /* posix_spawn's type; it changes none */

static_assert(TOKEN_BYTES_MAX == 65536, "curl's limit says so too");

/* Runs curl. CTL_OK; CTL_USAGE after saying what went wrong; curl itself says more. */
static int fetch(const char *url, const char *query, const char *reply)
{
    char data[PATH_BYTES + 1];
    char *words[] = {WORD("curl"),
                     WORD("--silent"),
                     WORD("--show-error"),
                     WORD("--fail"),
                     WORD("--max-time"),
                     WORD(CURL_SECONDS),
                     WORD("--proto"),
                     WORD("=http,https"),
                     WORD("--max-filesize"),
                     WORD(CURL_BYTES_MAX),
                     WORD("--header"),
                     WORD("Content-Type: application/timestamp-query"),
                     WORD("--data-binary"),
                     data,
                     WORD("--output"),
                     WORD(reply),
                     WORD("--url"),
                     WORD(url),
                     NULL};
    pid_t child = 0;
    int status = 0;

    if ((size_t)snprintf(data, sizeof(data), "@%s", query) >= sizeof(data))
        return ctl_error("anchor: the path of the ledger is too long");
    int error = posix_spawnp(&child, "curl", NULL, NULL, words, environ);
    if (error == ENOENT)
        return ctl_error("anchor: there is no curl command, which posts the queries: install it");
    if (error != 0)
        return ctl_error("anchor: cannot run curl: %s", ctl_errno(error));
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return ctl_error(
            "anchor: %s gave no reply (curl ended with %d); the query stays in outbox/", url,
            WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return CTL_OK;
}

/* One URL: the reply that is there, or a new one, is added. */
static int send_to(struct anchor_run *run, const char *url, uint64_t size, const char *reply)
{
    static uint8_t bytes[TOKEN_BYTES_MAX];
    char query[PATH_BYTES], part[PATH_BYTES];
    int count = snprintf(query, sizeof(query), "%s/outbox/%" PRIu64 ".tsq", run->ledger, size);
    int exit_code = CTL_OK;

    if (count < 0 || (size_t)count >= sizeof(query) ||
        (size_t)snprintf(part, sizeof(part), "%s.part", reply) >= sizeof(part))
        return ctl_error("anchor: the path of the ledger is too long");
    if (access(reply, F_OK) == -1)
        exit_code = fetch(url, query, part);
    if (exit_code == CTL_OK && access(reply, F_OK) == -1 && rename(part, reply) == -1)
        exit_code = ctl_error("anchor: cannot write %s: %s", reply, ctl_errno(errno));
    if (exit_code != CTL_OK)
        return exit_code;
    ssize_t len = folder_read(AT_FDCWD, reply, bytes, sizeof(bytes));
    if (len >= 0)
        exit_code = anchor_add(run, url, bytes, (size_t)len);
    else
        exit_code = ctl_error("anchor: cannot read %s: %s", reply, ctl_errno((int)len));
    if (exit_code == CTL_REFUSED)
        (void)unlink(reply); /* it proves nothing; the next run asks again */
    return exit_code;
}

int anchor_send(struct anchor_run *run)
{
    char replies[ANCHOR_URLS_MAX][PATH_BYTES], hex[2 * DIGEST_BYTES + 1];
    uint8_t digest[DIGEST_BYTES];
    uint64_t *sizes = NULL, newest = 0;
    size_t count = 0;
    int exit_code = CTL_OK,
        error = anchor_files_sizes(run->ledger_fd, ANCHOR_SIZES_QUERIES, &sizes, &count);

    newest = count > 0 ? sizes[0] : 0;
    free(sizes);
    if (error < 0)
        return ctl_error("anchor: cannot read %s/outbox: %s", run->ledger, ctl_errno(error));
    if (count == 0) {
        printf("nothing to send: outbox/ holds no query\n");
        return ctl_finish();
    }
    for (size_t i = 0; i < run->urls_count; i++) {
        digest_sha256(run->urls[i], strlen(run->urls[i]), digest);
        digest_hex(digest, hex);
        int len = snprintf(replies[i], PATH_BYTES, "%s/outbox/%" PRIu64 ".%.8s.tsr", run->ledger,
                           newest, hex);
        if (len < 0 || (size_t)len >= PATH_BYTES)
            return ctl_error("anchor: the path of the ledger is too long");
        int done = send_to(run, run->urls[i], newest, replies[i]);
        exit_code = exit_code == CTL_OK ? done : exit_code;
    }
    if (exit_code != CTL_OK)
        return exit_code;
    anchor_files_sent(run->ledger_fd, newest);
    for (size_t i = 0; i < run->urls_count; i++)
        (void)unlink(replies[i]); /* only tidier: what is added is in anchors/ */
    return ctl_finish();
}
