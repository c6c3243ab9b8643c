/*
 * Keys of signed notes in files. Knows who may read such a file; knows no log.
 */
#include "daemon/ctl/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "io/backend.h"

int key_file_public(const char *command, const char *word, struct note_key *ret_key)
{
    uint8_t bytes[NOTE_KEY_TEXT_BYTES_MAX];

    if (note_key_parse(word, strlen(word), ret_key) == TLOG_OK)
        return CTL_OK;
    ssize_t len = folder_read(AT_FDCWD, word, bytes, sizeof(bytes));
    if (len < 0)
        return ctl_error("%s: cannot read the key %s: %s", command, word, ctl_errno((int)len));
    enum tlog_fault fault = note_key_parse((const char *)bytes, (size_t)len, ret_key);
    if (fault != TLOG_OK)
        return ctl_error("%s: %s is no key: %s: %s", command, word, tlog_fault_name(fault),
                         tlog_fault_text(fault));
    return CTL_OK;
}

int key_file_secret(const char *command, const char *path, struct note_signer **ret_signer)
{
    uint8_t bytes[NOTE_KEY_TEXT_BYTES_MAX];
    struct stat stat;

    if (fstatat(AT_FDCWD, path, &stat, 0) == 0 && (stat.st_mode & 0077) != 0)
        return ctl_error("%s: others than its owner may read the key %s: chmod 600 it, and think "
                         "of a new one",
                         command, path);
    ssize_t len = folder_read(AT_FDCWD, path, bytes, sizeof(bytes));
    if (len < 0)
        return ctl_error("%s: cannot read the key %s: %s", command, path, ctl_errno((int)len));
    enum tlog_fault fault = note_signer_parse((const char *)bytes, (size_t)len, ret_signer);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    if (fault != TLOG_OK)
        return ctl_error("%s: %s is no private key: %s: %s", command, path, tlog_fault_name(fault),
                         tlog_fault_text(fault));
    return CTL_OK;
}

/* As many random bytes as the seed has. 0 or -errno. */
static int draw_seed(uint8_t ret_seed[NOTE_KEY_BYTES])
{
    struct backend *backend = NULL;
    int error = backend_open(BACKEND_POLL, 0, &backend);

    if (error == 0)
        error = backend->ops->random(backend, ret_seed, NOTE_KEY_BYTES);
    (void)backend_close(backend); /* always NULL */
    return error;
}

/* The text into a new file of this mode, whatever the umask is. 0 or -errno. */
static int write_new(const char *path, mode_t mode, const char *text, size_t len)
{
    char folder[4096];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd == -1)
        return -errno;
    int error = fchmod(fd, mode) == -1 ? -errno : ctl_write(fd, text, len);
    if (error == 0 && fsync(fd) == -1)
        error = -errno;
    if (close(fd) == -1 && error == 0)
        error = -errno;
    int count = snprintf(folder, sizeof(folder), "%s", path);
    if (error < 0 || count < 0 || (size_t)count >= sizeof(folder))
        return error < 0 ? error : -ENAMETOOLONG;
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        return -errno;
    error = fsync(fd) == -1 ? -errno : 0;
    (void)close(fd); /* nothing was written through it */
    return error;
}

int key_file_put_public(const char *command, const char *path, const struct note_key *key)
{
    char text[NOTE_KEY_TEXT_BYTES_MAX + 1];
    size_t len = note_key_format(key, text);

    text[len++] = '\n';
    int error = write_new(path, 0644, text, len);
    return error < 0 ? ctl_error("%s: cannot write %s: %s", command, path, ctl_errno(error))
                     : CTL_OK;
}

int key_file_make(const char *command, const char *path, const char *name, uint8_t type,
                  struct note_key *ret_key)
{
    uint8_t seed[NOTE_KEY_BYTES];
    char text[NOTE_KEY_TEXT_BYTES_MAX + 1];

    if (!note_name_is_valid(name, strlen(name)))
        return ctl_error("%s: a key's name has 1 to %u bytes without space and \"+\", such as "
                         "witness.example/w1, not %s",
                         command, NOTE_NAME_BYTES_MAX, name);
    int error = draw_seed(seed);
    struct note_signer *signer =
        error == 0 ? note_signer_open(name, strlen(name), type, seed) : NULL;
    OPENSSL_cleanse(seed, sizeof(seed));
    if (signer == NULL)
        return ctl_error("%s: cannot make a key: %s", command,
                         ctl_errno(error < 0 ? error : -ENOMEM));
    size_t len = note_signer_format(signer, text);
    text[len++] = '\n';
    error = write_new(path, 0600, text, len);
    OPENSSL_cleanse(text, sizeof(text));
    *ret_key = *note_signer_key(signer);
    (void)note_signer_close(signer); /* always NULL */
    if (error == -EEXIST)
        return ctl_error("%s: %s is there already; a key is never replaced", command, path);
    if (error < 0)
        return ctl_error("%s: cannot write %s: %s%s", command, path, ctl_errno(error),
                         error == -ENOENT ? "; make its folder first" : "");
    return CTL_OK;
}
