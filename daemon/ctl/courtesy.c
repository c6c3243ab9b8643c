/*
 * Courtesy to others on the same processors. Knows no record.
 */
#include "daemon/ctl/courtesy.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE       19
#define TEXT_BYTES 128u

struct courtesy courtesy_begin(void)
{
    const struct sched_param param = {0};
    /* SCHED_IDLE weighs a fifth of nice 19 and never interrupts anybody. */
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    (void)sched_setscheduler(0, SCHED_IDLE, &param);
    return (struct courtesy){.fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)};
}

/* A decimal number at the front; *at goes behind it and one space. */
static bool read_number(const char **at, const char *end, uint64_t *ret_number)
{
    const char *begin = *at;
    uint64_t number = 0;
    for (; *at < end && **at >= '0' && **at <= '9'; (*at)++)
        number = 10 * number + (uint64_t)(**at - '0'); /* wraps after centuries */
    if (*at == begin || *at == end || **at != ' ')
        return false;
    (*at)++;
    *ret_number = number;
    return true;
}

bool courtesy_judge(struct courtesy *courtesy, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    uint64_t run_ns = 0, delay_ns = 0;
    if (!read_number(&at, end, &run_ns) || !read_number(&at, end, &delay_ns))
        return false;
    bool asks = delay_ns - courtesy->delay_ns > run_ns - courtesy->run_ns;
    courtesy->run_ns = run_ns;
    courtesy->delay_ns = delay_ns;
    return asks;
}

bool courtesy_asks_to_wait(struct courtesy *courtesy)
{
    char text[TEXT_BYTES];
    ssize_t len = courtesy->fd == -1 ? -1 : pread(courtesy->fd, text, sizeof text, 0);
    return len > 0 && courtesy_judge(courtesy, text, (size_t)len);
}

void courtesy_end(struct courtesy *courtesy)
{
    if (courtesy->fd != -1)
        (void)close(courtesy->fd); /* only read from */
    courtesy->fd = -1;
}
