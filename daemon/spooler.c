/*
 * The spool's files, from the folder to a lane and away. Knows the outside of both.
 */
#include "daemon/spooler.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"
#include "io/spool.h"

#define RETRY_NS                                                                                   \
    UINT64_C(1000000000) /* after a folder or file that could not be opened or moved               \
                          */
#define LOOK_NS       UINT64_C(10000000000) /* not every file system tells of what comes */
#define FILES_MAX     16u                   /* of one step, so that the control goes on */
#define MAGIC_BYTES   4u
#define TROUBLE_BYTES 512u

enum state { STATE_IDLE = 0, STATE_READING, STATE_SETTLING };

struct spooler {
    const char *folder;
    bool remove;
    struct lane_source *source;
    unsigned source_index;
    struct lane *const *lanes;
    size_t lanes_count;
    struct spool *spool;
    enum state state;
    struct spool_file file;
    struct lane_reading reading; /* the lane's while READING */
    const char *why;             /* SETTLING: it failed; NULL: it was read */
    uint64_t files_read, files_failed;
    char trouble[TROUBLE_BYTES]; /* it was said that folder or file cannot be opened or moved */
    uint64_t retry_ns, look_ns;  /* nothing before the one; the folder is looked at, at the other */
};

int spooler_open(const char *folder, bool remove, struct lane_source *source, unsigned source_index,
                 struct spooler **ret_spooler)
{
    struct spooler *spooler = calloc(1, sizeof *spooler);
    if (spooler == NULL)
        return -ENOMEM;
    spooler->folder = folder;
    spooler->remove = remove;
    spooler->source = source;
    spooler->source_index = source_index;
    spooler->file.fd = -1;
    int result = spool_open(folder, &spooler->spool);
    if (result < 0) {
        free(spooler);
        return result;
    }
    *ret_spooler = spooler;
    return 0;
}

void spooler_use(struct spooler *spooler, struct lane *const *lanes, size_t lanes_count,
                 int wake_fd)
{
    spooler->lanes = lanes;
    spooler->lanes_count = lanes_count;
    spooler->reading.wake_fd = wake_fd;
}

/* Once, and not each second. */
static void fail(struct spooler *spooler, uint64_t now_ns, const char *what, const char *name,
                 int error)
{
    spooler->retry_ns = now_ns + RETRY_NS;
    if (spooler->trouble[0] != '\0')
        return;
    (void)snprintf(spooler->trouble, sizeof spooler->trouble, "cannot %s%s%s: %s", what,
                   name[0] == '\0' ? "" : " ", name, strerrordesc_np(-error));
    log_write(LOG_LEVEL_ERROR, "spool %s: %s: trying again, going on", spooler->folder,
              spooler->trouble);
}

/* The name as a source, which is of the letters that a hello's is. */
static void name_source(struct lane_source *source, const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._:-";
    size_t len = strnlen(name, LANE_SOURCE_BYTES_MAX);
    for (size_t i = 0; i < len; i++)
        source->name[i] = strchr(allowed, name[i]) != NULL ? name[i] : '_';
    source->name[len] = '\0';
}

/* What noticed does not unpack would be one refused line after the other. NULL: nothing is wrong.
 */
static const char *packed(int fd)
{
    static const char gzip[] = "\x1f\x8b", zstd[] = "\x28\xb5\x2f\xfd";
    static const char skippable[] = "\x2a\x4d\x18"; /* RFC 8878, 3.1.2: behind 0x50 to 0x5f */
    char magic[MAGIC_BYTES] = "";
    ssize_t got = pread(fd, magic, sizeof magic, 0);
    if (got >= 2 && memcmp(magic, gzip, 2) == 0)
        return "it is packed by gzip: unpack it, or use noticectl send";
    if (got == 4 && (memcmp(magic, zstd, 4) == 0 ||
                     ((magic[0] & 0xf0) == 0x50 && memcmp(magic + 1, skippable, 3) == 0)))
        return "it is packed by zstd: unpack it, or use noticectl send";
    return NULL;
}

/* Gives the file to the lane that has the least to do. 0; -EAGAIN while all are full; -errno. */
static int give(struct spooler *spooler)
{
    struct lane *least = spooler->lanes[0];
    for (size_t i = 1; i < spooler->lanes_count; i++)
        if (lane_load(spooler->lanes[i]) < lane_load(least))
            least = spooler->lanes[i];
    int fd = fcntl(spooler->file.fd, F_DUPFD_CLOEXEC, 3);
    if (fd == -1)
        return -errno;
    struct lane_reading *reading = &spooler->reading;
    reading->lines = reading->rejected = 0;
    reading->error = 0;
    atomic_store_explicit(&reading->ended, false, memory_order_relaxed);
    (void)snprintf(reading->session, sizeof reading->session, "spool.%llx.%llx",
                   (unsigned long long)spooler->file.inode,
                   (unsigned long long)spooler->file.written_ns);
    name_source(spooler->source, spooler->file.name);
    spooler->source->reading = reading;
    int result = lane_give(least, fd, spooler->source_index);
    if (result < 0)
        (void)close(fd); /* nothing was read from it */
    return result;
}

/* The next file, if there is one. Whether it went on. */
static bool take(struct spooler *spooler, uint64_t now_ns)
{
    if (spooler->file.fd == -1) {
        bool anyway = now_ns >= spooler->look_ns;
        spool_look(spooler->spool, anyway);
        spooler->look_ns = anyway ? now_ns + LOOK_NS : spooler->look_ns;
        int result = spool_next(spooler->spool, &spooler->file, &spooler->why);
        if (result == -EBADMSG) {
            spooler->state = STATE_SETTLING;
            return true;
        }
        if (result < 0)
            fail(spooler, now_ns, "read", spooler->file.name, result);
        else
            spooler->trouble[0] = '\0';
        if (result <= 0)
            return false;
    }
    spooler->why = packed(spooler->file.fd);
    spooler->state = STATE_SETTLING;
    if (spooler->why != NULL)
        return true;
    int result = give(spooler);
    if (result == 0)
        spooler->trouble[0] = '\0';
    spooler->state = result < 0 ? STATE_IDLE : STATE_READING;
    if (result < 0 && result != -EAGAIN)
        fail(spooler, now_ns, "read", spooler->file.name, result);
    return result == 0;
}

/* Looks whether the lane is done with it. Whether it went on. */
static bool read_on(struct spooler *spooler)
{
    if (!atomic_load_explicit(&spooler->reading.ended, memory_order_acquire))
        return false;
    spooler->why = NULL;
    if (spooler->reading.error < 0)
        spooler->why = strerrordesc_np(-spooler->reading.error);
    else if (spool_changed(&spooler->file))
        spooler->why = "it was written to while it was read: write elsewhere on the same disk and "
                       "rename it into the folder when it is whole";
    spooler->state = STATE_SETTLING;
    return true;
}

/* What became of the file, in one line and in the counts. */
static void tell(struct spooler *spooler, const char *end, const char *end_name, bool wrong)
{
    const struct lane_reading *reading = &spooler->reading;
    bool failed = spooler->why != NULL;
    spooler->files_failed += failed ? 1 : 0;
    spooler->files_read += failed ? 0 : 1;
    char lines[96] = "";
    if (reading->session[0] != '\0')
        (void)snprintf(lines, sizeof lines, "%llu lines, %llu of them rejected; ",
                       (unsigned long long)reading->lines, (unsigned long long)reading->rejected);
    log_write(failed || wrong         ? LOG_LEVEL_ERROR
              : reading->rejected > 0 ? LOG_LEVEL_WARNING
                                      : LOG_LEVEL_INFO,
              "spool: %s: %s%s%s%s%s%s", spooler->file.name, lines, failed ? spooler->why : "",
              failed ? "; " : "", end, end_name, failed || wrong ? ", going on" : "");
}

/* Whether another try may well go another way, whatever file it is. */
static bool may_pass(int error)
{
    return error == -ENOSPC || error == -EDQUOT || error == -EROFS || error == -ENOMEM ||
           error == -EMFILE || error == -ENFILE;
}

/* What cannot be moved stays, and those behind it are read. Whether it can be remembered. */
static bool pass_over(struct spooler *spooler, const char *to, int error)
{
    char end[160];
    if (!spool_pass_over(spooler->spool, &spooler->file))
        return false;
    (void)snprintf(end, sizeof end, "it %s, and cannot be %s%s: %s: move it away by hand",
                   spooler->why == NULL ? "was read" : "stays",
                   to[0] == '\0' ? "removed" : "moved to ", to, strerrordesc_np(-error));
    tell(spooler, end, "", true);
    return true;
}

/* Moves it away. Whether it went on. */
static bool settle(struct spooler *spooler, uint64_t now_ns)
{
    static const char *const folders[] = {
        [SPOOL_DONE] = "done/", [SPOOL_FAILED] = "failed/", [SPOOL_REMOVED] = ""};
    char moved_to[SPOOL_NAME_BYTES_MAX + 1], end[128];
    enum spool_fate fate = spooler->why != NULL ? SPOOL_FAILED
                           : spooler->remove    ? SPOOL_REMOVED
                                                : SPOOL_DONE;
    int result = spool_settle(spooler->spool, &spooler->file, fate, moved_to);
    if (result < 0 && result != -ESTALE &&
        (may_pass(result) || !pass_over(spooler, folders[fate], result))) {
        fail(spooler, now_ns, "move", spooler->file.name, result);
        return false;
    }
    if (result == 0) {
        (void)snprintf(end, sizeof end, "moved to %s", folders[fate]);
        tell(spooler, fate == SPOOL_REMOVED ? "removed" : end, moved_to, false);
    } else if (result == -ESTALE && moved_to[0] == '\0') {
        tell(spooler, "it vanished meanwhile, or another has its name", "", true);
    } else if (result == -ESTALE) {
        (void)snprintf(end, sizeof end,
                       "another was renamed over it, and is not read: move it back by hand from %s",
                       fate == SPOOL_FAILED ? folders[fate] : folders[SPOOL_DONE]);
        tell(spooler, end, moved_to, true);
    }
    if (spooler->file.fd != -1)
        (void)close(spooler->file.fd); /* only looked at */
    spooler->file.fd = -1;
    spooler->file.name[0] = '\0';
    spooler->reading.session[0] = '\0';
    spooler->trouble[0] = '\0';
    spooler->state = STATE_IDLE;
    return true;
}

void spooler_step(struct spooler *spooler, uint64_t now_ns)
{
    bool on = spooler != NULL && now_ns >= spooler->retry_ns;
    for (unsigned i = 0; on && i < 3 * FILES_MAX; i++) {
        switch (spooler->state) {
        case STATE_IDLE:
            on = take(spooler, now_ns);
            break;
        case STATE_READING:
            on = read_on(spooler);
            break;
        case STATE_SETTLING:
            on = settle(spooler, now_ns);
            break;
        }
    }
}

struct spooler_state spooler_state(const struct spooler *spooler)
{
    return (struct spooler_state){
        .read = spooler->files_read,
        .failed = spooler->files_failed,
        .waiting = spool_waiting(spooler->spool),
        .stuck = spool_passed(spooler->spool),
        .reading = spooler->state == STATE_READING ? spooler->source->name : "",
        .trouble = spooler->trouble,
    };
}

struct spooler *spooler_close(struct spooler *spooler)
{
    if (spooler == NULL)
        return NULL;
    if (spooler->file.fd != -1)
        (void)close(spooler->file.fd); /* it stays in the folder, to be read again */
    spooler->spool = spool_close(spooler->spool);
    free(spooler);
    return NULL;
}
