/*
 * What tests of real data need: a shell for tar and python3, a folder of their own, whole files.
 */
#ifndef FAKES_SHELL_H
#define FAKES_SHELL_H

#include <stddef.h>

/* Runs the command with /bin/sh and waits. Its exit status, or -1 when it was killed. */
int shell_run(const char *command);

/* Makes a folder and writes its name, without a slash at the end. shell_remove removes it whole. */
void shell_folder(char ret_path[64]);
void shell_remove(const char *path);

/* The bytes of a file, malloc'ed, with 64 zero bytes after them; NULL when it cannot be opened. */
char *shell_read(const char *path, size_t *ret_len);

/* Writes a file; asserts that it worked. */
void shell_write(const char *path, const void *bytes, size_t len);

#endif
