/*
 * A spool folder by inotify, openat and renameat2. Each listing opens the folder by its path again,
 * so that one that was deleted and made anew is found.
 */
#include "io/spool.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define NUMBERED_MAX  10000u /* files of one name in done/ or failed/ */
#define NUMBER_BYTES  6u     /* ".9999" and its NUL */
#define SECOND_NS     1000000000
#define FOLDER_MODE   0770
#define EVENT_BYTES   4096u
#define NAME_ROOM_MAX (SPOOL_NAME_BYTES_MAX + 1 - NUMBER_BYTES)

static const char *const folders[] = {
    [SPOOL_DONE] = "done", [SPOOL_FAILED] = "failed", [SPOOL_REMOVED] = "done"};

/* A file that stays in the folder although it is done with. */
struct passed {
    uint64_t inode;
    int64_t written_ns;
    bool seen; /* by this listing */
};

struct spool {
    const char *path;
    int folder_fd; /* of the latest listing; -1: none yet */
    int notify_fd;
    bool stale; /* the folder may hold what the names do not */
    size_t next, count, passed_count;
    struct passed passed[SPOOL_PASSED_MAX];
    char names[SPOOL_NAMES_MAX][SPOOL_NAME_BYTES_MAX + 1];
};

static int make_folder(int folder_fd, const char *name)
{
    return mkdirat(folder_fd, name, FOLDER_MODE) == -1 && errno != EEXIST ? -errno : 0;
}

/* Whether what is read can be moved there by a rename. 0, also when it is missing, or -errno. */
static int check_folder(int folder_fd, dev_t device, const char *name)
{
    struct stat status;
    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == -1)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISDIR(status.st_mode))
        return -ENOTDIR;
    if (status.st_dev != device)
        return -EXDEV;
    return faccessat(folder_fd, name, W_OK | X_OK, AT_EACCESS) == -1 ? -errno : 0;
}

int spool_check(const char *folder)
{
    struct stat status;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        return -errno;
    int result = fstat(fd, &status) == -1 ? -errno : check_folder(fd, status.st_dev, ".");
    if (result == 0)
        result = check_folder(fd, status.st_dev, folders[SPOOL_DONE]);
    if (result == 0)
        result = check_folder(fd, status.st_dev, folders[SPOOL_FAILED]);
    (void)close(fd); /* only looked into */
    return result;
}

/* Opens the folder and watches it. 0 or -errno. */
static int open_folder(struct spool *spool)
{
    int fd = open(spool->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        return -errno;
    if (spool->folder_fd != -1)
        (void)close(spool->folder_fd); /* only looked into */
    spool->folder_fd = fd;
    /* The same folder twice is one watch; another one that has its name now is a new one. */
    if (inotify_add_watch(spool->notify_fd, spool->path, IN_MOVED_TO | IN_ONLYDIR) == -1)
        return -errno;
    int result = make_folder(fd, folders[SPOOL_DONE]);
    if (result == 0)
        result = make_folder(fd, folders[SPOOL_FAILED]);
    if (result == 0 && faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == -1)
        result = -errno;
    return result;
}

int spool_open(const char *folder, struct spool **ret_spool)
{
    struct spool *spool = calloc(1, sizeof *spool);
    if (spool == NULL)
        return -ENOMEM;
    spool->path = folder;
    spool->folder_fd = -1;
    spool->stale = true;
    spool->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    int result = spool->notify_fd == -1 ? -errno : open_folder(spool);
    if (result == 0)
        result = spool_check(folder);
    if (result < 0) {
        (void)spool_close(spool); /* always NULL */
        return result;
    }
    *ret_spool = spool;
    return 0;
}

void spool_look(struct spool *spool, bool anyway)
{
    char events[EVENT_BYTES];
    spool->stale = spool->stale || anyway;
    while (read(spool->notify_fd, events, sizeof events) > 0)
        spool->stale = true; /* which file it was, the listing says */
}

/* Whether its writer has given it this name for good. */
static bool is_there(const char *name)
{
    static const char *const unfinished[] = {".tmp", ".part"};
    size_t len = strlen(name); /* of a directory entry */
    if (name[0] == '.' || len > SPOOL_NAME_BYTES_MAX)
        return false;
    if (strcmp(name, folders[SPOOL_DONE]) == 0 || strcmp(name, folders[SPOOL_FAILED]) == 0)
        return false; /* ours, whatever stands there now */
    for (size_t i = 0; i < sizeof unfinished / sizeof unfinished[0]; i++) {
        size_t end = strlen(unfinished[i]);
        if (len >= end && strcmp(name + len - end, unfinished[i]) == 0)
            return false;
    }
    return true;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(left, right);
}

static void note(struct spool_file *file, const struct stat *status)
{
    file->inode = status->st_ino;
    file->bytes = (uint64_t)status->st_size;
    file->written_ns = status->st_mtim.tv_sec * (int64_t)SECOND_NS + status->st_mtim.tv_nsec;
}

bool spool_pass_over(struct spool *spool, const struct spool_file *file)
{
    if (spool->passed_count == SPOOL_PASSED_MAX)
        return false;
    spool->passed[spool->passed_count++] =
        (struct passed){.inode = file->inode, .written_ns = file->written_ns};
    return true;
}

/* Whether it is passed over. */
static bool is_passed(struct spool *spool, const char *name)
{
    struct stat status;
    struct spool_file file;
    if (spool->passed_count == 0 ||
        fstatat(spool->folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == -1)
        return false;
    note(&file, &status);
    for (size_t i = 0; i < spool->passed_count; i++) {
        struct passed *passed = &spool->passed[i];
        if (passed->inode == file.inode && passed->written_ns == file.written_ns)
            return passed->seen = true;
    }
    return false;
}

/* Forgets those that a whole listing has not met. */
static void forget_passed(struct spool *spool, bool whole)
{
    size_t kept = 0;
    for (size_t i = 0; i < spool->passed_count; i++) {
        struct passed passed = spool->passed[i];
        if (whole && !passed.seen)
            continue;
        passed.seen = false;
        spool->passed[kept++] = passed;
    }
    spool->passed_count = kept;
}

/* The names in the folder. 0 or -errno. */
static int list(struct spool *spool)
{
    spool->next = spool->count = 0;
    int result = open_folder(spool);
    if (result < 0)
        return result;
    int fd = openat(spool->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd == -1 ? NULL : fdopendir(fd);
    if (folder == NULL) {
        result = -errno;
        if (fd != -1)
            (void)close(fd); /* only looked into */
        return result;
    }
    const struct dirent *entry = NULL;
    errno = 0;
    /* readdir: this thread's own folder. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while (spool->count < SPOOL_NAMES_MAX && (entry = readdir(folder)) != NULL)
        if (entry->d_type != DT_DIR && is_there(entry->d_name) && !is_passed(spool, entry->d_name))
            memcpy(spool->names[spool->count++], entry->d_name, strlen(entry->d_name) + 1);
    result = entry == NULL ? -errno : 0;
    forget_passed(spool, entry == NULL && result == 0);
    (void)closedir(folder); /* only read from */
    qsort(spool->names, spool->count, sizeof spool->names[0], by_name);
    spool->stale = spool->count == SPOOL_NAMES_MAX;
    return result;
}

/* Whether the process or the machine is short of something, and no file is at fault. */
static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EINTR;
}

/* 1, 0 when there is nothing to be read under this name, or as spool_next. */
static int open_file(struct spool *spool, const char *name, struct spool_file *ret_file,
                     const char **reterr_why)
{
    struct stat status;
    *ret_file = (struct spool_file){.fd = -1};
    memcpy(ret_file->name, name, strlen(name) + 1);
    if (fstatat(spool->folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == -1)
        return errno == ENOENT ? 0 : -errno;
    note(ret_file, &status);
    if (S_ISDIR(status.st_mode))
        return 0;
    *reterr_why = S_ISLNK(status.st_mode)    ? "it is a symbolic link, which is not followed"
                  : S_ISFIFO(status.st_mode) ? "it is a FIFO, not a file (inputs: reads FIFOs)"
                                             : "it is no regular file";
    if (!S_ISREG(status.st_mode))
        return -EBADMSG;
    int fd =
        openat(spool->folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd == -1 && (errno == ENOENT || errno == ELOOP))
        return 0;
    if (fd == -1) {
        *reterr_why = errno == EACCES || errno == EPERM ? "this user may not read it"
                                                        : strerrordesc_np(errno);
        return is_shortage(errno) ? -errno : -EBADMSG;
    }
    if (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode)) {
        (void)close(fd); /* another one came in its place: it is met again */
        spool->stale = true;
        return 0;
    }
    note(ret_file, &status);
    ret_file->fd = fd;
    return 1;
}

int spool_next(struct spool *spool, struct spool_file *ret_file, const char **reterr_why)
{
    if (spool->next == spool->count && spool->stale) {
        int result = list(spool);
        if (result < 0) {
            spool->stale = true;
            return result;
        }
    }
    while (spool->next < spool->count) {
        int result = open_file(spool, spool->names[spool->next], ret_file, reterr_why);
        if (is_shortage(-result))
            return result;
        spool->next++; /* whatever is wrong with this one, those behind it are met */
        if (result != 0)
            return result;
    }
    return 0;
}

bool spool_changed(const struct spool_file *file)
{
    struct stat status;
    struct spool_file now = {.fd = -1};
    if (fstat(file->fd, &status) == -1)
        return true;
    note(&now, &status);
    return now.bytes != file->bytes || now.written_ns != file->written_ns;
}

/* Renames without replacing anything. 0 or -errno. */
static int move(int from_fd, const char *from, int to_fd, const char *to)
{
    struct stat status;
    if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    /* A file system that cannot: nobody but us puts files there. */
    if (fstatat(to_fd, to, &status, AT_SYMLINK_NOFOLLOW) == 0)
        return -EEXIST;
    return renameat(from_fd, from, to_fd, to) == -1 ? -errno : 0;
}

/* Moves it into another folder under a name that is free there. 0 or -errno. */
static int move_into(int from_fd, const char *from, int to_fd, const char *name,
                     char ret_name[SPOOL_NAME_BYTES_MAX + 1])
{
    memcpy(ret_name, name, strlen(name) + 1);
    int result = move(from_fd, from, to_fd, ret_name);
    for (unsigned number = 1; result == -EEXIST && number < NUMBERED_MAX; number++) {
        int len = snprintf(ret_name, SPOOL_NAME_BYTES_MAX + 1, "%.*s.%u", (int)NAME_ROOM_MAX, name,
                           number);
        assert(len > 0 && len <= (int)SPOOL_NAME_BYTES_MAX);
        result = move(from_fd, from, to_fd, ret_name);
    }
    return result;
}

/* 0 when it is still this file that has the name there; -ESTALE; or -errno. */
static int is_still(int folder_fd, const char *name, const struct spool_file *file)
{
    struct stat status;
    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == -1)
        return errno == ENOENT ? -ESTALE : -errno;
    return status.st_ino == file->inode ? 0 : -ESTALE;
}

/* The folder below the spool's, made anew when somebody has taken it away. Or -errno. */
static int open_below(const struct spool *spool, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(spool->folder_fd, name, flags);
    if (fd == -1 && errno == ENOENT) {
        int result = make_folder(spool->folder_fd, name);
        if (result < 0)
            return result;
        fd = openat(spool->folder_fd, name, flags);
    }
    return fd == -1 ? -errno : fd;
}

int spool_settle(struct spool *spool, const struct spool_file *file, enum spool_fate fate,
                 char ret_name[SPOOL_NAME_BYTES_MAX + 1])
{
    char back[SPOOL_NAME_BYTES_MAX + 1];
    ret_name[0] = '\0';
    int fd = -1;
    /* First, as a kill behind the move would leave a file there that nobody has read. */
    int result = is_still(spool->folder_fd, file->name, file);
    if (result == 0)
        result = fd = open_below(spool, folders[fate]);
    if (fd >= 0)
        result = move_into(spool->folder_fd, file->name, fd, file->name, ret_name);
    if (fd >= 0 && result == 0 && is_still(fd, ret_name, file) == -ESTALE) {
        /* Another file was renamed over ours just now. */
        if (move_into(fd, ret_name, spool->folder_fd, file->name, back) == 0)
            ret_name[0] = '\0';
        result = -ESTALE;
    } else if (result == 0 && fate == SPOOL_REMOVED) {
        result = unlinkat(fd, ret_name, 0) == -1 ? -errno : 0;
        ret_name[0] = '\0';
    } else if (result < 0) {
        ret_name[0] = '\0';
    }
    if (fd >= 0)
        (void)close(fd); /* only looked into */
    if (result == -ENOENT)
        result = -ESTALE;
    spool->stale = spool->stale || result == -ESTALE;
    return result;
}

size_t spool_waiting(const struct spool *spool)
{
    return spool->count - spool->next;
}

size_t spool_passed(const struct spool *spool)
{
    return spool->passed_count;
}

struct spool *spool_close(struct spool *spool)
{
    if (spool == NULL)
        return NULL;
    if (spool->folder_fd != -1)
        (void)close(spool->folder_fd); /* only looked into */
    if (spool->notify_fd != -1)
        (void)close(spool->notify_fd); /* read only */
    free(spool);
    return NULL;
}
