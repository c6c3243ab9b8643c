/*
 * Looks at the places that a configuration names. Knows the config; knows no part that uses them.
 */
#include "daemon/places.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/sealer_start.h"
#include "io/spool.h"

/* 0, or what a new file in this folder would fail with. */
static int writable_folder(const char *path)
{
    struct stat status;
    if (stat(path, &status) == -1)
        return -errno;
    if (!S_ISDIR(status.st_mode))
        return -ENOTDIR;
    return access(path, W_OK | X_OK) == -1 ? -errno : 0;
}

/* The same for the folder that holds path. */
static int writable_above(const char *path, char ret_folder[PATH_MAX])
{
    size_t len = strlen(path); /* of our own configuration */
    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len >= PATH_MAX)
        return -ENAMETOOLONG;
    (void)snprintf(ret_folder, PATH_MAX, "%.*s", len > 0 ? (int)len : 1, len > 0 ? path : ".");
    return writable_folder(ret_folder);
}

static size_t refuse(const char *key, const char *path, int error, const char *advice)
{
    log_write(LOG_LEVEL_ERROR, "%s: %s: %s: %s", key, path, strerrordesc_np(-error), advice);
    return 1;
}

static size_t check_ledger(const char *path)
{
    char folder[PATH_MAX];
    int error = writable_folder(path);
    if (error == -ENOENT) {
        error = writable_above(path, folder);
        return error == 0 ? 0
                          : refuse("ledger.path", folder, error,
                                   "the ledger's folder would be made in this one, which must be "
                                   "there and writable for this user");
    }
    return error == 0
               ? 0
               : refuse("ledger.path", path, error, "must be a folder that this user may write to");
}

static size_t check_socket(const char *key, const char *path)
{
    char folder[PATH_MAX];
    int error = path == NULL ? 0 : writable_above(path, folder);
    return error == 0 ? 0
                      : refuse(key, folder, error,
                               "the socket's folder must be there and writable for this user");
}

static size_t check_input(const char *path)
{
    struct stat status;
    int error = 0;
    if (strcmp(path, "-") == 0)
        return 0;
    if (stat(path, &status) == -1 || access(path, R_OK) == -1)
        error = -errno;
    else if (S_ISDIR(status.st_mode))
        error = -EISDIR;
    return error == 0
               ? 0
               : refuse("inputs", path, error, "must be a file or a pipe that this user may read");
}

static size_t check_spool(const char *path)
{
    int error = path == NULL ? 0 : spool_check(path);
    return error == 0 ? 0
                      : refuse("spool.folder", path, error,
                               "it, and done/ and failed/ in it, must be folders, no links, on one "
                               "disk, that this user may write to");
}

static size_t check_sealer(const struct config *config)
{
    char text[SEALER_START_ERROR_BYTES];
    if (sealer_check(config, text) == 0)
        return 0;
    log_write(LOG_LEVEL_ERROR, "%s", text);
    return 1;
}

size_t places_check(const struct config *config)
{
    size_t wrong = check_ledger(config->ledger);
    wrong += check_sealer(config);
    wrong += check_socket("crawl.socket", config->crawl_socket);
    wrong += check_socket("notice.socket", config->notice_socket);
    wrong += check_socket("control.socket", config->control_socket);
    wrong += check_spool(config->spool_folder);
    for (size_t i = 0; i < config->inputs.count; i++)
        wrong += check_input(config->inputs.paths[i]);
    return wrong;
}
