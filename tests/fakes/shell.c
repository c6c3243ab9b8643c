/*
 * A shell, a folder and whole files, for tests.
 */
#include "tests/fakes/shell.h"

#include <assert.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int shell_run(const char *command)
{
    char *arguments[] = {strdup("sh"), strdup("-c"), strdup(command), NULL};
    pid_t child = -1;
    int status = 0;

    int error = posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ);
    assert(error == 0);
    pid_t ended = waitpid(child, &status, 0);
    assert(ended == child);
    for (size_t i = 0; i < 3; i++)
        free(arguments[i]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void shell_folder(char ret_path[64])
{
    (void)snprintf(ret_path, 64, "/tmp/noticed-test-XXXXXX"); /* fits */
    const char *made = mkdtemp(ret_path);
    assert(made != NULL);
}

void shell_remove(const char *path)
{
    char command[128];

    (void)snprintf(command, sizeof(command), "rm -rf -- '%s'",
                   path);     /* fits: shell_folder made it */
    (void)shell_run(command); /* a folder that stays is no failure of the test */
}

char *shell_read(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return NULL;
    int sought = fseek(file, 0, SEEK_END);
    assert(sought == 0);
    long end = ftell(file);
    assert(end >= 0);
    rewind(file);
    size_t len = (size_t)end;
    char *bytes = calloc(1, len + 64);
    assert(bytes != NULL);
    size_t got = fread(bytes, 1, len, file);
    assert(got == len);
    (void)fclose(file); /* only read from */
    *ret_len = len;
    return bytes;
}

void shell_write(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");

    assert(file != NULL);
    size_t put = fwrite(bytes, 1, len, file);
    assert(put == len);
    int closed = fclose(file);
    assert(closed == 0);
}
