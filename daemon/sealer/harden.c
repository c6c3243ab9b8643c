/*
 * Hardening: prctl, Landlock, seccomp. Knows nothing of seals. Nothing here replaces the unit's
 * sandbox; it is there for a sealer that noticed starts as its own child.
 */
#include "daemon/sealer/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The leak check attaches to its own process and opens files at the end. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HARDEN_FULLY 0
#else
#define HARDEN_FULLY 1
#endif

#if defined(__x86_64__)
#define HARDEN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define HARDEN_ARCH AUDIT_ARCH_AARCH64
#endif

/* Newer than the headers of Debian 12 (landlock.7). */
#define HARDEN_FS_TRUNCATE (1ull << 14)
#define HARDEN_FS_ALL_V1   ((1ull << 13) - 1)

#define ALLOW(name)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1),                                        \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int harden_process(unsigned fd_max)
{
    const struct rlimit none = {0, 0};

    (void)umask(0077); /* gives the old one */
    if (close_range(fd_max + 1, ~0u, 0) == -1 || setrlimit(RLIMIT_CORE, &none) == -1 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
        return -errno;
    if (HARDEN_FULLY && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
        return -errno;
    return 0;
}

/* 1: in force; 0: this kernel has none, or the unit's filter does not let us; or -errno. */
static int landlock(int dir_fd)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? 0 : -errno;
    uint64_t truncate = version >= 3 ? HARDEN_FS_TRUNCATE : 0;
    struct landlock_ruleset_attr all = {.handled_access_fs = HARDEN_FS_ALL_V1 | truncate};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
    if (rules == -1)
        return -errno;
    struct landlock_path_beneath_attr own = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                          LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                          LANDLOCK_ACCESS_FS_REMOVE_FILE | truncate,
        .parent_fd = dir_fd};
    int error = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &own, 0) == -1 ||
                        syscall(SYS_landlock_restrict_self, rules, 0) == -1
                    ? -errno
                    : 1;
    (void)close(rules); /* nothing was written through it */
    return error;
}

#ifdef HARDEN_ARCH
static int filter_calls(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HARDEN_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        /* requests and answers */
        ALLOW(recvfrom),
        ALLOW(sendto),
        ALLOW(accept4),
        ALLOW(ppoll),
#ifdef __NR_poll
        ALLOW(poll),
#endif
        /* the state, and messages */
        ALLOW(openat),
        ALLOW(fstat), /* that it is a file; by name for a library that asks so */
        ALLOW(newfstatat),
        ALLOW(fcntl),
        ALLOW(read),
        ALLOW(write),
        ALLOW(pread64),
        ALLOW(pwrite64),
        ALLOW(fsync),
        ALLOW(renameat),
        ALLOW(renameat2),
        ALLOW(close),
        /* memory, signals, the end */
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(madvise),
        ALLOW(brk),
        ALLOW(futex),
        ALLOW(rt_sigreturn),
        ALLOW(rt_sigprocmask),
        ALLOW(restart_syscall),
        ALLOW(exit),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == -1 ? -errno : 0;
}
#else
static int filter_calls(void)
{
    return 0; /* the numbers of this machine's calls are not known here; the unit filters them */
}
#endif

int harden_doors(int dir_fd, bool *ret_landlock)
{
    *ret_landlock = true; /* nothing is missed where nothing is asked for */
    if (!HARDEN_FULLY)
        return 0;
    int result = landlock(dir_fd);
    if (result < 0)
        return result;
    *ret_landlock = result == 1;
    return filter_calls();
}
