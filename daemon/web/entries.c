/*
 * Records as an answer. What ends it early ends it without HTTP's last chunk, so that the client
 * sees that there was more.
 */
#include "daemon/web/entries.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/follow.h"
#include "daemon/ctl/stopwatch.h"
#include "daemon/ctl/when.h"
#include "daemon/log.h"
#include "daemon/web/answer.h"
#include "daemon/web/ask.h"

#define BLOCK_BYTES 32768u /* handed to the socket at a time */
#define WAIT_MS     200
#define QUIET_MS    5000u /* then a byte is sent, so that a client that is gone is seen */
#define LOOKS_MAX   4096u /* records that are read between two looks at the clock */

struct entries {
    struct ask ask;
    struct tail_stop stop; /* the server's end, and the client's */
    struct follow *follow;
    struct term term; /* its stream gathers what is to be sent */
    char *text;
    size_t len, sent; /* of the text, as of the last fflush */
    struct stopwatch stopwatch;
    uint64_t told_ms; /* when something was sent last */
    bool over;
    int fault; /* 0; what the feed cannot be read on for: it breaks off once what came before is
                  sent */
};

static void free_entries(void *context)
{
    struct entries *entries = context;
    if (entries->term.stream != NULL)
        (void)fclose(entries->term.stream); /* memory only */
    free(entries->text);
    stopwatch_stop(&entries->stopwatch);
    (void)follow_close(entries->follow); /* always NULL */
    ask_close(&entries->ask);
    free(entries);
}

static void print(struct entries *entries, const struct follow_record *record)
{
    if (entries->ask.events) {
        char id[CURSOR_TEXT_BYTES];
        struct cursor cursor = cursor_of(record->seq, record->line, record->len);
        cursor_format(&cursor, id);
        (void)fprintf(entries->term.stream, "id: %s\ndata: ", id);
    }
    forms_print(&entries->term, entries->ask.form, record->view, record->line, record->len,
                record->provisional, SIZE_MAX);
    if (entries->ask.events)
        (void)fputc('\n', entries->term.stream);
}

static void take_record(struct entries *entries, const struct follow_record *record)
{
    if (entries->ask.skip > 0) {
        entries->ask.skip--;
        return;
    }
    print(entries, record);
    entries->ask.count--;
    entries->over = entries->ask.count == 0;
}

/* An event stream passes over a line that is no record, as it would meet it again for ever. */
static void tell_damaged(struct entries *entries, const struct follow_record *record)
{
    log_write(LOG_LEVEL_ERROR, "line %llu of the feed is no record; passed over, going on",
              (unsigned long long)record->seq);
    (void)fprintf(entries->term.stream, ": line %llu of the feed is no record\n",
                  (unsigned long long)record->seq);
}

/* Nothing is to be sent: `result` of follow_next says whether there may be more at once. 0;
   -ECANCELED: the server ends, or the client is gone while it waits for more. */
static int rest(struct entries *entries, int result)
{
    struct tail_stop *stop = &entries->stop;
    bool none = result == FOLLOW_NONE;
    if (none && (!entries->ask.follow || follow_is_over(entries->follow))) {
        entries->over = true;
        return 0;
    }
    return poll(stop->fds, none ? stop->count : 1, none ? WAIT_MS : 0) > 0 ? -ECANCELED : 0;
}

/* A line without meaning in each form: an event stream's comment, else an empty one. */
static void tell_life(struct entries *entries)
{
    uint64_t now_ms = stopwatch_ms(&entries->stopwatch);
    if (now_ms - entries->told_ms < QUIET_MS)
        return;
    entries->told_ms = now_ms;
    (void)fputs(entries->ask.events ? ":\n" : "\n", entries->term.stream);
}

/* Fills the text, unless it is over. 0, or -errno: the answer breaks off. */
static int gather(struct entries *entries)
{
    struct follow_record record;
    int result = FOLLOW_OTHER;
    rewind(entries->term.stream);
    entries->len = entries->sent = 0;
    for (unsigned i = 0; i < LOOKS_MAX && !entries->over && entries->fault == 0 && result > 0;
         i++) {
        result = follow_next(entries->follow, &record);
        if (result == FOLLOW_DAMAGED && entries->ask.events)
            tell_damaged(entries, &record);
        else if (result == FOLLOW_DAMAGED || result < 0)
            entries->fault = result == FOLLOW_DAMAGED ? -EBADMSG : result;
        if (entries->fault < 0)
            break;
        if (result == FOLLOW_RECORD)
            take_record(entries, &record);
        if (ftello(entries->term.stream) >= (off_t)BLOCK_BYTES)
            break;
    }
    if (ftello(entries->term.stream) == 0) {
        result = entries->fault < 0 ? entries->fault : rest(entries, result);
        if (result < 0)
            return result;
        if (!entries->over)
            tell_life(entries);
    }
    if (ftello(entries->term.stream) > 0 && fflush(entries->term.stream) != 0)
        return -ENOMEM;
    return 0;
}

static ssize_t read_entries(void *context, uint64_t offset, char *bytes, size_t max)
{
    struct entries *entries = context;
    (void)offset; /* they come in order */
    while (entries->sent == entries->len) {
        if (entries->over)
            return MHD_CONTENT_READER_END_OF_STREAM;
        int result = gather(entries);
        if (result < 0 && result != -ECANCELED)
            log_write(LOG_LEVEL_ERROR, "cannot go on reading the feed for /entries: %s",
                      ctl_errno(result));
        if (result < 0)
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t now = entries->len - entries->sent;
    now = now < max ? now : max;
    memcpy(bytes, entries->text + entries->sent, now);
    entries->sent += now;
    entries->told_ms = stopwatch_ms(&entries->stopwatch);
    return (ssize_t)now;
}

/* The status for what went wrong before the first record. */
static enum MHD_Result refuse(struct MHD_Connection *connection, int error)
{
    if (error == -ENODATA || error == -ESTALE)
        return answer_text(connection, MHD_HTTP_RANGE_NOT_SATISFIABLE,
                           "the cursor's record is not in this ledger: it is of another one, or of "
                           "a newer copy");
    if (error == -EKEYREJECTED)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "the ledger's checkpoint is not believed; see noticectl verify");
    if (error == -ENOENT || error == -ENOMEM || error == -E2BIG || error == -ECANCELED)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "%s",
                           error == -ENOENT   ? "there is no feed yet"
                           : error == -E2BIG  ? "notices name more listings than post-notice holds"
                           : error == -ENOMEM ? "out of memory"
                                              : "noticed-web ends, or nobody waits");
    log_write(LOG_LEVEL_ERROR, "cannot read the feed for /entries: %s", ctl_errno(error));
    return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "the feed cannot be read: %s",
                       ctl_errno(error));
}

static int open_entries(struct entries *entries, const char *ledger)
{
    entries->follow =
        follow_new(ledger, entries->ask.filter, entries->ask.checkpointed, &entries->stop);
    entries->term.stream = open_memstream(&entries->text, &entries->len);
    int result = entries->follow == NULL || entries->term.stream == NULL
                     ? -ENOMEM
                     : follow_open(entries->follow);
    if (result == 0)
        result = follow_seek(entries->follow, &entries->ask.from, NULL);
    if (result < 0)
        return result;
    entries->over = entries->ask.count == 0;
    forms_begin(&entries->term, entries->ask.form);
    return fflush(entries->term.stream) == 0 ? 0 : -ENOMEM;
}

enum MHD_Result entries_answer(struct MHD_Connection *connection, bool head, const char *ledger,
                               int stop_fd)
{
    char why[ASK_ERROR_BYTES] = "";
    struct entries *entries = calloc(1, sizeof *entries);
    if (entries == NULL)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory");
    entries->stopwatch = stopwatch_start(); /* before anything frees it: it holds a descriptor */
    int client_fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    entries->stop = (struct tail_stop){
        .fds = {{.fd = stop_fd, .events = POLLIN}, {.fd = client_fd, .events = POLLRDHUP}},
        .count = 2};
    unsigned status = ask_read(connection, when_now_ns(), &entries->ask, why);
    int result = status == 0 ? open_entries(entries, ledger) : 0;
    if (status != 0 || result < 0) {
        free_entries(entries);
        return status != 0 ? answer_text(connection, status, "%s", why)
                           : refuse(connection, result);
    }
    const char *content_type = entries->ask.content_type; /* static */
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_entries, entries, free_entries);
    if (response == NULL)
        free_entries(entries);
    /* libmicrohttpd 0.9.75 ends a head in chunks with a chunk, which no head has. */
    if (response != NULL && head)
        (void)MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    return answer_queue(connection, MHD_HTTP_OK, content_type, response);
}
