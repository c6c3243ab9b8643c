/*
 * /proc/locks, proc_locks(5): "1: FLOCK  ADVISORY  WRITE 4711 08:02:131 0 EOF", device in
 * hexadecimal, "->" before the kind of one that waits.
 */
#include "daemon/sealer/holder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define LINE_BYTES 256u

pid_t holder_of(int fd)
{
    char line[LINE_BYTES], file[64];
    struct stat status;
    pid_t holder = 0;
    FILE *locks = fstat(fd, &status) == 0 ? fopen("/proc/locks", "re") : NULL;

    if (locks == NULL)
        return 0;
    (void)snprintf(file, sizeof(file), " %02x:%02x:%" PRIu64 " ", major(status.st_dev),
                   minor(status.st_dev), (uint64_t)status.st_ino); /* it fits */
    while (holder == 0 && fgets(line, sizeof(line), locks) != NULL) {
        const char *at = strstr(line, file), *pid = at;
        if (at == NULL || strstr(line, ": FLOCK ") == NULL)
            continue;
        while (pid > line && pid[-1] >= '0' && pid[-1] <= '9')
            pid--;
        holder = (pid_t)strtol(pid, NULL, 10);
    }
    (void)fclose(locks); /* only read from */
    return holder;
}
