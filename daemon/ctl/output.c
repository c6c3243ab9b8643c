/*
 * A stream in memory before standard output. Knows no record.
 */
#include "daemon/ctl/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a pipe that is said to be writable takes without waiting (pipe(7)): a longer write could be
   stuck inside a record, where no signal is heard. */
#define PIECE_BYTES PIPE_BUF

int output_open(struct output *output, int fd, struct interrupt *interrupt)
{
    struct stat stat;
    *output = (struct output){.fd = fd, .interrupt = interrupt};
    output->file = fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
    output->stream = open_memstream(&output->text, &output->len);
    return output->stream == NULL ? -ENOMEM : 0;
}

bool output_full(struct output *output)
{
    return ftello(output->stream) >= (off_t)OUTPUT_BYTES;
}

/* Waits until some is taken. 0; -EINTR: a signal is there, and nothing is taken now. */
static int wait_room(struct output *output)
{
    struct pollfd waiting[] = {{.fd = output->fd, .events = POLLOUT},
                               {.fd = output->interrupt->fd, .events = POLLIN}};
    for (;;) {
        bool came = interrupt_came(output->interrupt);
        int ready = poll(waiting, 2, came ? 0 : -1);
        if (waiting[0].revents != 0 || (ready == -1 && errno != EINTR))
            return 0; /* an error shows when it is written */
        if (came)
            return -EINTR;
    }
}

static int write_all(struct output *output, const char *bytes, size_t len)
{
    while (len > 0) {
        bool waits = output->interrupt->fd != -1 && !output->file;
        int result = waits ? wait_room(output) : 0;
        if (result < 0)
            return result;
        ssize_t done = write(output->fd, bytes, waits && len > PIECE_BYTES ? PIECE_BYTES : len);
        if (done == -1 && errno == EAGAIN) { /* somebody else made it so */
            struct pollfd waiting = {.fd = output->fd, .events = POLLOUT};
            (void)poll(&waiting, 1, waits ? 0 : -1); /* whatever it says, the write tells */
        } else if (done == -1 && errno != EINTR) {
            return -errno;
        }
        bytes += done > 0 ? done : 0;
        len -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

int output_write(struct output *output)
{
    if (ftello(output->stream) == 0)
        return 0;
    if (fflush(output->stream) != 0 || ferror(output->stream))
        return -ENOMEM;
    int result = write_all(output, output->text, output->len);
    rewind(output->stream);
    return result;
}

int output_sync(const struct output *output)
{
    if (!output->file || fdatasync(output->fd) == 0)
        return 0;
    return -errno;
}

void output_close(struct output *output)
{
    if (output->stream != NULL)
        (void)fclose(output->stream); /* memory only */
    free(output->text);
    *output = (struct output){.fd = -1};
}
