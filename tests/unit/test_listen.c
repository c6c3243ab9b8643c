/* Listening sockets: stale files are replaced, live ones respected, strangers kept out. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/listen.h"
#include "tests/fakes/test.h"

static char folder[] = "/tmp/test_listen.XXXXXX";
static char path[64];

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/s", folder); /* fits: both are fixed */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path); /* may be gone */
    return rmdir(folder);
}

static int connect_to_path(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    int rc = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == -1 ? -errno : 0;
    (void)close(fd);
    return rc;
}

static void a_unix_listener_answers_with_its_mode_and_flags(void **state)
{
    (void)state;
    struct stat status;
    int fd = listen_unix(path, 0620);
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0620);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(connect_to_path(), 0);
    (void)close(fd);
}

static void a_socket_file_that_nobody_answers_on_is_replaced(void **state)
{
    (void)state;
    int first = listen_unix(path, 0600);
    assert_true(first >= 0);
    (void)close(first);
    assert_int_equal(connect_to_path(), -ECONNREFUSED);
    int second = listen_unix(path, 0600);
    assert_true(second >= 0);
    assert_int_equal(connect_to_path(), 0);
    (void)close(second);
}

static void a_socket_that_is_answered_on_is_left_alone(void **state)
{
    (void)state;
    int first = listen_unix(path, 0600);
    assert_true(first >= 0);
    assert_int_equal(listen_unix(path, 0600), -EADDRINUSE);
    assert_int_equal(connect_to_path(), 0);
    (void)close(first);
}

static void what_is_no_socket_is_never_removed(void **state)
{
    (void)state;
    (void)unlink(path);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(listen_unix(path, 0600), -EEXIST);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/nowhere", path), 0);
    assert_int_equal(listen_unix(path, 0600), -EEXIST);
    assert_int_equal(unlink(path), 0);
}

static void paths_that_cannot_be_are_refused(void **state)
{
    (void)state;
    char long_path[256];
    memset(long_path, 'x', sizeof(long_path));
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(listen_unix(long_path, 0600), -ENAMETOOLONG);
    assert_int_equal(listen_unix("", 0600), -EINVAL);
    assert_int_equal(listen_unix("/no/such/folder/s", 0600), -ENOENT);
}

static in_port_t port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t bytes = sizeof(address);
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &bytes), 0);
    memcpy(&v4, &address, sizeof(v4));
    memcpy(&v6, &address, sizeof(v6));
    return ntohs(address.ss_family == AF_INET ? v4.sin_port : v6.sin6_port);
}

static void loopback_tcp_listens_on_both_families(void **state)
{
    (void)state;
    int v4 = listen_tcp("127.0.0.1:0");
    assert_true(v4 >= 0);
    assert_true(port_of(v4) > 0);
    assert_true(fcntl(v4, F_GETFL) & O_NONBLOCK);
    (void)close(v4);
    int v6 = listen_tcp("[::1]:0");
    if (v6 == -EAFNOSUPPORT || v6 == -EADDRNOTAVAIL)
        skip();
    assert_true(v6 >= 0);
    (void)close(v6);
}

static void a_port_in_use_is_an_error_after_the_retries(void **state)
{
    (void)state;
    char text[32];
    int first = listen_tcp("127.0.0.1:0");
    assert_true(first >= 0);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%u", port_of(first)); /* fits */
    assert_int_equal(listen_tcp(text), -EADDRINUSE);
    (void)close(first);
    int second = listen_tcp(text);
    assert_true(second >= 0);
    (void)close(second);
}

static void addresses_that_others_can_reach_are_refused(void **state)
{
    (void)state;
    static const char *const reachable[] = {
        "0.0.0.0:9",   "10.0.0.1:9",  "192.168.1.1:9",       "[::]:9",
        "[fe80::1]:9", "128.0.0.1:9", "[::ffff:127.0.0.1]:9"};
    static const char *const broken[] = {"",
                                         "9",
                                         ":9",
                                         "127.0.0.1",
                                         "127.0.0.1:",
                                         "127.0.0.1:x",
                                         "::1:9",
                                         "[::1]",
                                         "[::1:9",
                                         "[]:9",
                                         "localhost:9",
                                         "127.0.0.1:65536",
                                         "127.1:999",
                                         "[::1]:9 9",
                                         "127.0.0.1:-1",
                                         "127.0.0.1:000000",
                                         "[127.0.0.1]:9"};
    for (size_t i = 0; i < sizeof(reachable) / sizeof(reachable[0]); i++)
        assert_int_equal(listen_tcp(reachable[i]), -EPERM);
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_int_equal(listen_tcp(broken[i]), -EINVAL);
}

static void a_socket_that_others_reach_is_told_by_its_address(void **state)
{
    (void)state;
    const struct sockaddr_in any = {.sin_family = AF_INET};
    const struct sockaddr_in6 any6 = {.sin6_family = AF_INET6};
    bool tcp = true;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(listen_is_local(fd, &tcp), 0);
    assert_false(tcp);
    (void)close(fd);
    fd = listen_tcp("127.0.0.1:0");
    assert_int_equal(listen_is_local(fd, &tcp), 0);
    assert_true(tcp);
    (void)close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
    assert_int_equal(listen_is_local(fd, &tcp), -EPERM);
    (void)close(fd);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd != -1 && bind(fd, (const struct sockaddr *)&any6, sizeof(any6)) == 0)
        assert_int_equal(listen_is_local(fd, &tcp), -EPERM);
    (void)close(fd);
    fd = open("/dev/null", O_RDONLY);
    assert_int_equal(listen_is_local(fd, &tcp), -ENOTSOCK);
    (void)close(fd);
}

/* In a child, so that descriptors 3 and 4 and the environment are ours to arrange. Its exit says at
   which step it went wrong. */
static int given_in_child(const char *pid, const char *count, const char *names)
{
    char own[16];
    struct listen_given given[LISTEN_FDS_MAX];
    int sockets[2];
    (void)snprintf(own, sizeof(own), "%ld", (long)getpid()); /* fits */
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0 || dup2(sockets[0], 10) != 10 ||
        dup2(10, 3) != 3 || dup2(10, 4) != 4)
        return 1;
    if (setenv("LISTEN_PID", strcmp(pid, "own") == 0 ? own : pid, 1) != 0 ||
        setenv("LISTEN_FDS", count, 1) != 0 || setenv("LISTEN_FDNAMES", names, 1) != 0)
        return 2;
    int rc = listen_given(given, LISTEN_FDS_MAX);
    if (getenv("LISTEN_PID") != NULL || getenv("LISTEN_FDS") != NULL ||
        getenv("LISTEN_FDNAMES") != NULL)
        return 3;
    if (rc < 0)
        return 100 - rc;
    for (int i = 0; i < rc; i++) {
        if (given[i].fd != 3 + i || (fcntl(given[i].fd, F_GETFD) & FD_CLOEXEC) == 0 ||
            (fcntl(given[i].fd, F_GETFL) & O_NONBLOCK) == 0)
            return 4;
    }
    if (rc == 2 && (strcmp(given[0].name, "crawl") != 0 || strcmp(given[1].name, "notice") != 0))
        return 5;
    return 10 + rc;
}

static int given(const char *pid, const char *count, const char *names)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(given_in_child(pid, count, names));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void sockets_of_systemd_are_taken_once_and_only_if_for_us(void **state)
{
    (void)state;
    assert_int_equal(given("own", "2", "crawl:notice"), 12);
    assert_int_equal(given("own", "1", "one:two:three"), 11);
    assert_int_equal(given("own", "0", ""), 10);
    assert_int_equal(given("1", "2", "crawl:notice"), 10);
    assert_int_equal(given("own", "17", ""), 100 + E2BIG);
    assert_int_equal(given("own", "x", ""), 100 + EINVAL);
    assert_int_equal(given("own", "-1", ""), 100 + EINVAL);
    assert_int_equal(given("zzz", "1", ""), 100 + EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unix_listener_answers_with_its_mode_and_flags),
        cmocka_unit_test(a_socket_file_that_nobody_answers_on_is_replaced),
        cmocka_unit_test(a_socket_that_is_answered_on_is_left_alone),
        cmocka_unit_test(what_is_no_socket_is_never_removed),
        cmocka_unit_test(paths_that_cannot_be_are_refused),
        cmocka_unit_test(loopback_tcp_listens_on_both_families),
        cmocka_unit_test(a_port_in_use_is_an_error_after_the_retries),
        cmocka_unit_test(addresses_that_others_can_reach_are_refused),
        cmocka_unit_test(a_socket_that_others_reach_is_told_by_its_address),
        cmocka_unit_test(sockets_of_systemd_are_taken_once_and_only_if_for_us),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
