/*
 * A cursor, a newline, and nothing else.
 */
#include "daemon/ctl/cursor_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int cursor_file_open(const char *path, struct cursor_file *ret_file)
{
    ret_file->folder_fd = folder_of(path, ret_file->name);
    return ret_file->folder_fd < 0 ? ret_file->folder_fd : 0;
}

int cursor_file_read(const struct cursor_file *file, struct cursor *ret_cursor)
{
    char text[CURSOR_TEXT_BYTES + 1];
    ssize_t len = folder_read(file->folder_fd, file->name, (uint8_t *)text, sizeof text);

    if (len == -ENOENT || len == 0)
        return 0;
    if (len < 0)
        return len == -EFBIG || len == -EBADMSG ? -EINVAL : (int)len;
    if (text[len - 1] == '\n')
        len--;
    return cursor_parse(text, (size_t)len, ret_cursor) == 0 ? 1 : -EINVAL;
}

int cursor_file_write(const struct cursor_file *file, const struct cursor *cursor)
{
    char text[CURSOR_TEXT_BYTES + 1];

    cursor_format(cursor, text);
    size_t len = strlen(text);
    text[len] = '\n';
    return folder_write(file->folder_fd, file->name, text, len + 1, 0644);
}

void cursor_file_close(struct cursor_file *file)
{
    if (file->folder_fd >= 0)
        (void)close(file->folder_fd); /* written and synced */
    file->folder_fd = -1;
}
