/*
 * Files as answers. Knows names and types; makes no path of what a request says.
 */
#include "daemon/web/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/web/answer.h"

#define NAME_BYTES_MAX 128u
#define REPORTS_MAX    1000u
#define PARTS_MAX      2u /* of a path: a folder and a report in it */
#define SECOND_NS      INT64_C(1000000000)

/* The whole file. Its length or -errno. */
static ssize_t read_metrics(const char *path, char bytes[FILES_METRICS_BYTES_MAX])
{
    return folder_read(AT_FDCWD, path, (uint8_t *)bytes, FILES_METRICS_BYTES_MAX);
}

enum MHD_Result files_metrics(struct MHD_Connection *connection, const char *path)
{
    char *bytes = malloc(FILES_METRICS_BYTES_MAX);
    ssize_t len = bytes == NULL ? -ENOMEM : read_metrics(path, bytes);
    if (len < 0) {
        free(bytes);
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "the counters cannot be read: %s; noticed-metrics.timer writes them",
                           ctl_errno((int)len));
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer((size_t)len, bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(bytes);
    return answer_queue(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                        response);
}

/* The value of the sample of this name, which stands alone on a line; -1: there is none. */
static double sample_of(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, len) == 0 && at[len] == ' ')
            return strtod(at + len, NULL);
    }
    return -1;
}

const char *files_metrics_fault(const char *path, int64_t now_ns)
{
    const char *fault = NULL;
    char *bytes = malloc(FILES_METRICS_BYTES_MAX);
    ssize_t len = bytes == NULL ? -ENOMEM : read_metrics(path, bytes);
    if (len < 0 || (size_t)len == FILES_METRICS_BYTES_MAX) {
        free(bytes);
        return "its counters cannot be read; is noticed-metrics.timer enabled?";
    }
    bytes[len] = '\0';
    double age_s =
        (double)now_ns / (double)SECOND_NS - sample_of(bytes, "noticed_written_timestamp_seconds");
    if (!(age_s >= -FILES_METRICS_OLD_S && age_s <= FILES_METRICS_OLD_S))
        fault = "its counters are not of now; does noticed-metrics.timer run?";
    else if (sample_of(bytes, "noticed_up") != 1)
        fault = "noticed does not answer";
    else if (sample_of(bytes, "noticed_disk_state{state=\"ok\"}") != 1)
        fault = "the ledger's disk is full or failed";
    free(bytes);
    return fault;
}

static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".json", "application/json"},
    {".jsonl", "application/json"},
    {".csv", "text/csv; charset=utf-8"},
    {".tsv", "text/tab-separated-values; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"},
};

static bool is_name(const char *name)
{
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(name);
    return len > 0 && len <= NAME_BYTES_MAX && name[0] != '.' && strspn(name, good) == len;
}

/* The type of a report of this name; NULL: no report has such a name. */
static const char *type_of(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t ending = strlen(types[i].ending);
        if (len > ending && strcmp(name + len - ending, types[i].ending) == 0)
            return types[i].type;
    }
    return NULL;
}

struct list {
    int folder_fd;
    bool cut; /* there are more, of lesser names */
    size_t count;
    char names[REPORTS_MAX][NAME_BYTES_MAX + 2]; /* of a folder with a slash behind */
};

static int found(void *context, const char *name)
{
    struct list *list = context;
    struct stat stat;
    if (!is_name(name) || fstatat(list->folder_fd, name, &stat, AT_SYMLINK_NOFOLLOW) == -1)
        return 0;
    if (!S_ISDIR(stat.st_mode) && (!S_ISREG(stat.st_mode) || type_of(name) == NULL))
        return 0;
    size_t at = list->count;
    if (list->count == REPORTS_MAX) { /* the least makes room */
        list->cut = true;
        at = 0;
        for (size_t i = 1; i < REPORTS_MAX; i++)
            at = strcmp(list->names[i], list->names[at]) < 0 ? i : at;
        if (strcmp(name, list->names[at]) <= 0)
            return 0;
    } else {
        list->count++;
    }
    (void)snprintf(list->names[at], sizeof list->names[0], "%s%s", name,
                   S_ISDIR(stat.st_mode) ? "/" : ""); /* it fits */
    return 0;
}

/* Names hold dates: the newest come first. */
static int backwards(const void *left, const void *right)
{
    return strcmp(right, left);
}

static void print_list(FILE *stream, struct list *list)
{
    qsort(list->names, list->count, sizeof list->names[0], backwards);
    (void)fputs("<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
                "<title>Reports</title>\n<h1>Reports</h1>\n<ul>\n",
                stream);
    for (size_t i = 0; i < list->count; i++)
        (void)fprintf(stream, "<li><a href=\"%s\">%s</a>\n", list->names[i], list->names[i]);
    (void)fprintf(stream, "</ul>\n%s",
                  list->count == 0 ? "<p>There are none yet.\n"
                  : list->cut      ? "<p>There are more, of lesser names.\n"
                                   : "");
}

static enum MHD_Result answer_list(struct MHD_Connection *connection, int folder_fd)
{
    char *text = NULL;
    size_t len = 0;
    struct list *list = calloc(1, sizeof *list);
    FILE *stream = list == NULL ? NULL : open_memstream(&text, &len);
    int result = -ENOMEM;
    if (stream != NULL) {
        list->folder_fd = folder_fd;
        result = folder_list(folder_fd, ".", found, list);
    }
    if (result >= 0)
        print_list(stream, list);
    free(list);
    if (stream != NULL && fclose(stream) != 0)
        result = -ENOMEM;
    if (result < 0) {
        free(text);
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "the reports cannot be listed: %s", ctl_errno(result));
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(text);
    return answer_queue(connection, MHD_HTTP_OK, "text/html; charset=utf-8", response);
}

/* Opens what stands below a folder, part by part, never through a link. Its descriptor or -errno;
   name: that of the last part, or "" for the folder itself. */
static int open_below(const char *root, const char *path, char ret_name[NAME_BYTES_MAX + 1])
{
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ret_name[0] = '\0';
    for (unsigned part = 0; fd != -1 && *path != '\0'; part++) {
        size_t len = strcspn(path, "/");
        int above_fd = fd;
        if (part == PARTS_MAX || len > NAME_BYTES_MAX) {
            (void)close(fd); /* only read from */
            return -ENOENT;
        }
        memcpy(ret_name, path, len);
        ret_name[len] = '\0';
        errno = ENOENT;
        fd = is_name(ret_name) ? openat(above_fd, ret_name,
                                        O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW)
                               : -1;
        (void)close(above_fd); /* only read from */
        path += len + (path[len] == '/');
    }
    return fd == -1 ? -errno : fd;
}

enum MHD_Result files_report(struct MHD_Connection *connection, const char *root, const char *path)
{
    char name[NAME_BYTES_MAX + 1];
    struct stat stat;
    struct MHD_Response *response = NULL;
    size_t len = strlen(path);
    int fd = open_below(root, path, name);
    int error = fd < 0 ? fd : fstat(fd, &stat) == -1 ? -errno : 0;
    if (error == 0 && S_ISDIR(stat.st_mode) && (len == 0 || path[len - 1] == '/')) {
        enum MHD_Result listed = answer_list(connection, fd);
        (void)close(fd); /* only read from */
        return listed;
    }
    const char *type = error == 0 && S_ISREG(stat.st_mode) && len > 0 && path[len - 1] != '/'
                           ? type_of(name)
                           : NULL;
    if (type != NULL)
        response = MHD_create_response_from_fd64((uint64_t)stat.st_size, fd);
    if (response == NULL && fd >= 0)
        (void)close(fd); /* only read from */
    if (error == -EACCES)
        return answer_text(connection, MHD_HTTP_FORBIDDEN, "noticed-web may not read this");
    return type == NULL ? answer_text(connection, MHD_HTTP_NOT_FOUND, "there is no such report")
                        : answer_queue(connection, MHD_HTTP_OK, type, response);
}
