/*
 * What a witness must not forget, in files. Knows no request.
 *
 *   <32 hex digits of SHA-256(origin)>.checkpoint   the last checkpoint signed, with our signature
 *   fork-<the same>-<size>-<16 hex digits of the other root>.log   two that contradict each other
 *   lock                                            held while an answer is decided
 */
#include "daemon/ctl/witness_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/folder.h"
#include "daemon/digest.h"

int witness_state_open(const char *path, struct witness_state **ret_state)
{
    struct witness_state *state = calloc(1, sizeof(*state));

    if (state == NULL)
        return -ENOMEM;
    state->folder_fd = state->lock_fd = -1;
    int error = folder_make(AT_FDCWD, path, 0700);
    if (error == 0) {
        state->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        error = state->folder_fd == -1 ? -errno : 0;
    }
    if (error == 0) {
        state->lock_fd = openat(state->folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        error = state->lock_fd == -1 ? -errno : 0;
    }
    if (error < 0) {
        (void)witness_state_close(state); /* always NULL */
        return error;
    }
    *ret_state = state;
    return 0;
}

int witness_state_lock(struct witness_state *state)
{
    int result = 0;

    do {
        result = flock(state->lock_fd, LOCK_EX);
    } while (result == -1 && errno == EINTR);
    return result == -1 ? -errno : 0;
}

void witness_state_unlock(struct witness_state *state)
{
    (void)flock(state->lock_fd, LOCK_UN); /* ends with the process at the latest */
}

int witness_state_load(struct witness_state *state, const char *origin, size_t origin_len,
                       const struct note_key *own)
{
    uint8_t digest[DIGEST_BYTES];
    char hex[2 * DIGEST_BYTES + 1];
    struct note note;
    struct checkpoint checkpoint;

    digest_sha256(origin, origin_len, digest);
    digest_hex(digest, hex);
    (void)snprintf(state->name, sizeof(state->name), "%.32s.checkpoint", hex); /* fits */
    state->last = (struct cosign_state){.any = false};
    state->len = 0;
    ssize_t len =
        folder_read(state->folder_fd, state->name, (uint8_t *)state->bytes, sizeof(state->bytes));
    if (len == -ENOENT)
        return 0;
    if (len < 0)
        return (int)len;
    if (note_parse(state->bytes, (size_t)len, &note) != TLOG_OK ||
        note_verify(&note, own, NULL) != TLOG_OK ||
        checkpoint_parse(note.text, note.text_len, &checkpoint) != TLOG_OK ||
        checkpoint.origin_len != origin_len || memcmp(checkpoint.origin, origin, origin_len) != 0)
        return -EBADMSG;
    state->len = (size_t)len;
    state->last =
        (struct cosign_state){.size = checkpoint.size, .root = checkpoint.root, .any = true};
    return 0;
}

int witness_state_store(struct witness_state *state, const char *note, size_t note_len,
                        const char *line, size_t line_len)
{
    struct text text = text_into(state->bytes, sizeof(state->bytes));

    text_raw(&text, note, note_len);
    text_raw(&text, line, line_len);
    if (text.overflow)
        return -EMSGSIZE;
    state->len = text.len;
    return folder_write(state->folder_fd, state->name, state->bytes, state->len, 0600);
}

int witness_state_keep_fork(struct witness_state *state, const char *note, size_t note_len,
                            const struct checkpoint *checkpoint, const char **ret_name)
{
    static char name[128];
    const size_t room = state->len + note_len + 2;
    char hex[2 * DIGEST_BYTES + 1], *both = malloc(room);

    if (both == NULL)
        return -ENOMEM;
    struct text text = text_into(both, room);
    checkpoint_log_put(&text, state->bytes, state->len);
    checkpoint_log_put(&text, note, note_len);
    digest_hex(checkpoint->root.bytes, hex);
    (void)snprintf(name, sizeof(name), "fork-%.32s-%" PRIu64 "-%.16s.log", state->name,
                   checkpoint->size, hex); /* fits */
    int error = faccessat(state->folder_fd, name, F_OK, 0) == 0
                    ? 0
                    : folder_write(state->folder_fd, name, both, text.len, 0600);
    free(both);
    *ret_name = name;
    return error;
}

struct witness_state *witness_state_close(struct witness_state *state)
{
    if (state == NULL)
        return NULL;
    if (state->lock_fd != -1)
        (void)close(state->lock_fd); /* holds nothing */
    if (state->folder_fd != -1)
        (void)close(state->folder_fd); /* a folder */
    free(state);
    return NULL;
}
