/*
 * The folder of a bundle. Knows no record.
 */
#include "daemon/ctl/bundle_out.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/ledger/text.h"

#define COPY_BYTES 65536u

/* A file of the bundle. */
struct entry {
    char *path; /* below the bundle */
    uint64_t bytes;
    uint8_t sha256[DIGEST_BYTES];
};

struct entries {
    struct entry *entries;
    size_t count, room;
};

static void keep(struct bundle_out *out, int error, const char *path)
{
    if (error == 0 || out->error != 0)
        return;
    out->error = error;
    (void)snprintf(out->failed, sizeof(out->failed), "%s", path); /* cut for people */
}

int bundle_out_open(struct bundle_out *ret_out, const char *path)
{
    struct stat stat;
    size_t len = strlen(path);

    *ret_out = (struct bundle_out){.path = path, .fd = -1};
    while (len > 1 && path[len - 1] == '/')
        len--;
    int count =
        snprintf(ret_out->beside, sizeof(ret_out->beside), "%.*s.unfinished", (int)len, path);
    if (count < 0 || (size_t)count >= sizeof(ret_out->beside))
        return -ENAMETOOLONG;
    if (lstat(path, &stat) == 0)
        return -EEXIST;
    if (mkdir(ret_out->beside, 0755) == -1)
        return errno == EEXIST ? -EBUSY : -errno;
    ret_out->fd = open(ret_out->beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return ret_out->fd == -1 ? -errno : 0;
}

FILE *bundle_out_begin(struct bundle_out *out, const char *path)
{
    char folder[BUNDLE_PATH_BYTES];
    int error = strlen(path) < sizeof(folder) ? 0 : -ENAMETOOLONG;

    if (out->error != 0)
        return NULL;
    for (const char *slash = strchr(path, '/'); error == 0 && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path); /* shorter */
        if (mkdirat(out->fd, folder, 0755) == -1 && errno != EEXIST)
            error = -errno;
    }
    int fd = error < 0 ? -1 : openat(out->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd == -1 && error == 0)
        error = -errno;
    FILE *file = fd == -1 ? NULL : fdopen(fd, "w");
    if (file == NULL && fd != -1) {
        error = -errno;
        (void)close(fd); /* nothing was written */
    }
    keep(out, error, path);
    return file;
}

void bundle_out_end(struct bundle_out *out, const char *path, FILE *file)
{
    if (file == NULL)
        return;
    int error = ferror(file) != 0 ? -EIO : 0;
    if (fclose(file) == EOF)
        error = -errno;
    keep(out, error, path);
}

void bundle_out_write(struct bundle_out *out, const char *path, const void *bytes, size_t len)
{
    FILE *file = bundle_out_begin(out, path);

    if (file != NULL)
        (void)fwrite(bytes, 1, len, file); /* bundle_out_end sees the error */
    bundle_out_end(out, path, file);
}

int bundle_out_copy(struct bundle_out *out, const char *path, int from_fd, const char *from)
{
    char *room = malloc(COPY_BYTES);
    int fd = room == NULL ? -1 : folder_open_file(from_fd, from, NULL);
    ssize_t done = room == NULL ? -ENOMEM : fd < 0 ? fd : 1;
    FILE *file = done < 0 ? NULL : bundle_out_begin(out, path);

    while (done > 0 && file != NULL) {
        done = read(fd, room, COPY_BYTES);
        if (done == -1)
            done = errno == EINTR ? 1 : -errno;
        else if (done > 0)
            (void)fwrite(room, 1, (size_t)done, file); /* bundle_out_end sees the error */
    }
    bundle_out_end(out, path, file);
    if (fd >= 0)
        (void)close(fd); /* only read from */
    free(room);
    return done < 0 ? (int)done : 0;
}

static int compare_paths(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;

    return strcmp(one->path, other->path);
}

static int add_entry(struct entries *entries, const char *full, size_t prefix, uint64_t bytes)
{
    if (entries->count == entries->room) {
        size_t room = entries->room == 0 ? 256 : 2 * entries->room;
        struct entry *more = reallocarray(entries->entries, room, sizeof(*more));
        if (more == NULL)
            return -ENOMEM;
        entries->entries = more;
        entries->room = room;
    }
    struct entry *entry = &entries->entries[entries->count];
    entry->bytes = bytes;
    entry->path = strdup(full + prefix);
    if (entry->path == NULL)
        return -ENOMEM;
    entries->count++;
    return digest_file(full, entry->sha256);
}

/* Every file below, sorted. 0 or -errno. */
static int list(struct bundle_out *out, struct entries *entries)
{
    char *roots[] = {out->beside, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *found;
    int error = walk == NULL ? -errno : 0;

    while (error == 0 && (errno = 0, found = fts_read(walk)) != NULL) {
        if (found->fts_info == FTS_F)
            error = add_entry(entries, found->fts_path, strlen(out->beside) + 1,
                              (uint64_t)found->fts_statp->st_size);
        else if (found->fts_info != FTS_D && found->fts_info != FTS_DP)
            error = found->fts_errno != 0 ? -found->fts_errno : -EIO;
    }
    if (error == 0 && errno != 0)
        error = -errno;
    if (walk != NULL)
        (void)fts_close(walk); /* only read from */
    if (error == 0 && entries->count > 0)
        qsort(entries->entries, entries->count, sizeof(entries->entries[0]), compare_paths);
    return error;
}

static void write_manifest(struct bundle_out *out, const struct entries *entries)
{
    char hex[2 * DIGEST_BYTES + 1], name[BUNDLE_PATH_BYTES];
    FILE *file = bundle_out_begin(out, "manifest.json");

    if (file == NULL)
        return;
    (void)fputs("{\"v\":1,\"files\":[", file); /* bundle_out_end sees an error, of these too */
    for (size_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->entries[i];
        struct text text = text_into(name, sizeof(name));
        text_string(&text, entry->path, strlen(entry->path));
        digest_hex(entry->sha256, hex);
        (void)fprintf(file, "%s\n{\"path\":%.*s,\"bytes\":%" PRIu64 ",\"sha256\":\"%s\"}",
                      i == 0 ? "" : ",", (int)text.len, text.at, entry->bytes, hex);
    }
    (void)fputs("\n]}\n", file);
    bundle_out_end(out, "manifest.json", file);
}

/* Lists everything and manifest.json. 0 or -errno. */
static int write_sums(struct bundle_out *out, struct entries *entries)
{
    char path[BUNDLE_PATH_BYTES + 32], hex[2 * DIGEST_BYTES + 1];

    (void)snprintf(path, sizeof(path), "%s/manifest.json", out->beside); /* it fits */
    int error = add_entry(entries, path, strlen(out->beside) + 1, 0);
    if (error < 0)
        return error;
    qsort(entries->entries, entries->count, sizeof(entries->entries[0]), compare_paths);
    FILE *file = bundle_out_begin(out, "manifest.sha256");
    for (size_t i = 0; file != NULL && i < entries->count; i++) {
        digest_hex(entries->entries[i].sha256, hex);
        (void)fprintf(file, "%s  %s\n", hex, entries->entries[i].path); /* seen at the end */
    }
    bundle_out_end(out, "manifest.sha256", file);
    return out->error;
}

/* The name of the bundle, and of its folder, for ever. */
static int give_name(struct bundle_out *out)
{
    if (syncfs(out->fd) == -1)
        return -errno;
    if (renameat2(AT_FDCWD, out->beside, AT_FDCWD, out->path, RENAME_NOREPLACE) == -1)
        return -errno;
    out->beside[0] = '\0'; /* nothing is unfinished any more */
    int above = openat(out->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = above == -1 || fsync(above) == -1 ? -errno : 0;
    if (above != -1)
        (void)close(above); /* synced, or the error is known */
    return error;
}

int bundle_out_publish(struct bundle_out *out, uint8_t ret_sha256[DIGEST_BYTES])
{
    struct entries entries = {0};
    char path[BUNDLE_PATH_BYTES + 32];
    int error = out->error;

    if (error == 0)
        error = list(out, &entries);
    if (error == 0)
        write_manifest(out, &entries);
    if (error == 0)
        error = out->error != 0 ? out->error : write_sums(out, &entries);
    (void)snprintf(path, sizeof(path), "%s/manifest.sha256", out->beside); /* it fits */
    if (error == 0)
        error = digest_file(path, ret_sha256);
    if (error == 0)
        error = give_name(out);
    for (size_t i = 0; i < entries.count; i++)
        free(entries.entries[i].path);
    free(entries.entries);
    return error;
}

void bundle_out_close(struct bundle_out *out)
{
    char *roots[] = {out->beside, NULL};

    if (out->fd == -1)
        return;
    FTS *walk = out->beside[0] == '\0' ? NULL : fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *found;
    while (walk != NULL && (found = fts_read(walk)) != NULL)
        if (found->fts_info != FTS_D)
            (void)remove(found->fts_accpath); /* only tidier */
    if (walk != NULL)
        (void)fts_close(walk); /* only read from */
    (void)close(out->fd);      /* synced when it matters */
    out->fd = -1;
}
