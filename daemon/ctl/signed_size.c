/*
 * Reads `checkpoint` and key.vkey. Knows nothing of records.
 */
#include "daemon/ctl/signed_size.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/ledger/checkpoint.h"

struct signed_size signed_size_begin(const char *ledger)
{
    return (struct signed_size){.ledger = ledger, .folder_fd = -1};
}

/* What is wrong with the checkpoint; NULL when it is good, with its size. */
static const char *judge(int folder_fd, const char *bytes, size_t len, uint64_t *ret_size)
{
    char text[NOTE_KEY_TEXT_BYTES_MAX + 1];
    struct note_key key;
    struct note note;
    struct checkpoint checkpoint;
    ssize_t key_len = folder_read(folder_fd, "key.vkey", (uint8_t *)text, sizeof text);

    if (key_len < 0)
        return ctl_errno((int)key_len);
    enum tlog_fault fault = note_key_parse(text, (size_t)key_len, &key);
    if (fault == TLOG_OK)
        fault = checkpoint_open(bytes, len, &key, &note, &checkpoint);
    if (fault != TLOG_OK)
        return tlog_fault_text(fault);
    *ret_size = checkpoint.size;
    return NULL;
}

uint64_t signed_size_look(struct signed_size *signed_size)
{
    char bytes[sizeof signed_size->bytes];
    uint64_t size = 0;

    if (signed_size->folder_fd == -1)
        signed_size->folder_fd = open(signed_size->ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (signed_size->folder_fd == -1)
        return signed_size->size;
    ssize_t len = folder_read(signed_size->folder_fd, "checkpoint", (uint8_t *)bytes, sizeof bytes);
    if (len < 0) {
        signed_size->fault = len == -ENOENT ? NULL : ctl_errno((int)len);
        return signed_size->size;
    }
    if ((size_t)len == signed_size->len && memcmp(bytes, signed_size->bytes, (size_t)len) == 0)
        return signed_size->size;
    signed_size->fault = judge(signed_size->folder_fd, bytes, (size_t)len, &size);
    if (signed_size->fault != NULL)
        return signed_size->size;
    memcpy(signed_size->bytes, bytes, (size_t)len);
    signed_size->len = (size_t)len;
    if (size > signed_size->size)
        signed_size->size = size;
    return signed_size->size;
}

void signed_size_end(struct signed_size *signed_size)
{
    if (signed_size->folder_fd != -1)
        (void)close(signed_size->folder_fd); /* only read from */
    signed_size->folder_fd = -1;
}
