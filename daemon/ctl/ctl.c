/*
 * What the subcommands share: options, help texts, errors, whole writes.
 */
#include "daemon/ctl/ctl.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/term.h"
#include "daemon/nearest.h"

#define MESSAGE_BYTES_MAX 8192

static void print_message(const char *prefix, const char *format, va_list arguments)
{
    char message[MESSAGE_BYTES_MAX];
    int len = vsnprintf(message, sizeof message, format, arguments);
    assert(len >= 0);
    size_t shown = (size_t)len < sizeof message ? (size_t)len : sizeof message - 1;
    struct term term = term_open(stderr, TERM_COLOUR_NEVER);
    /* What is on stdout so far comes first where both go to one place. */
    (void)fflush(stdout);
    (void)fputs(prefix, stderr);
    term_print(&term, message, shown);
    (void)fputc('\n', stderr);
}

static size_t options_count(const struct ctl_command *command)
{
    size_t count = 0;
    while (command->options[count].name != NULL)
        count++;
    assert(count <= CTL_OPTIONS_MAX);
    return count;
}

/* getopt's view of the table: val is 1 + index for all, --help is the last. */
static void fill_long(const struct ctl_command *command, struct option *options)
{
    size_t count = options_count(command);
    for (size_t i = 0; i < count; i++) {
        options[i] = (struct option){
            .name = command->options[i].name,
            .has_arg = command->options[i].value != NULL ? required_argument : no_argument,
            .val = 256 + (int)i,
        };
    }
    options[count] = (struct option){.name = "help", .has_arg = no_argument, .val = 'h'};
    options[count + 1] = (struct option){0};
}

static void fill_short(const struct ctl_command *command, char *letters)
{
    size_t at = 0;
    letters[at++] = ':'; /* a missing argument is told apart */
    letters[at++] = 'h';
    for (const struct ctl_option *option = command->options; option->name != NULL; option++) {
        if (option->letter == 0)
            continue;
        letters[at++] = option->letter;
        if (option->value != NULL)
            letters[at++] = ':';
    }
    letters[at] = '\0';
}

static int wrong_option(const struct ctl_command *command, const char *what, const char *word)
{
    /* optopt is the letter of a short option; of a long one only its word is there. */
    if (optopt > 0 && optopt < 256 && word != NULL && word[0] == '-' && word[1] != '-')
        (void)ctl_error("%s: %s -%c; see `noticectl %s --help`", command->name, what, optopt,
                        command->name);
    else
        (void)ctl_error("%s: %s %s; see `noticectl %s --help`", command->name, what,
                        word == NULL ? "" : word, command->name);
    return CTL_OPTION_WRONG;
}

static int unknown_option(const struct ctl_command *command, const char *word)
{
    const char *name = word == NULL ? "" : word + strspn(word, "-");
    struct nearest nearest = nearest_begin(name, strcspn(name, "="));
    char suggestion[NEAREST_TEXT_BYTES];

    for (const struct ctl_option *option = command->options; option->name != NULL; option++)
        nearest_try(&nearest, option->name, strlen(option->name));
    if (nearest.name == NULL || (optopt > 0 && optopt < 256))
        return wrong_option(command, "unknown option", word);
    nearest_text(&nearest, "--", suggestion);
    (void)ctl_error("%s: unknown option %s%s see `noticectl %s --help`", command->name, word,
                    suggestion, command->name);
    return CTL_OPTION_WRONG;
}

int ctl_next_option(const struct ctl_command *command, int argc, char **argv,
                    const char **ret_value, int *ret_first)
{
    struct option options[CTL_OPTIONS_MAX + 2];
    char letters[2 * CTL_OPTIONS_MAX + 4];
    fill_long(command, options);
    fill_short(command, letters);
    opterr = 0;
    int word = optind > 0 ? optind : 1;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread, and it ends with this command line. */
    int found = getopt_long(argc, argv, letters, options, NULL);
    if (found == -1) {
        *ret_first = optind;
        return CTL_OPTION_END;
    }
    if (found == 'h') {
        ctl_print_help(command);
        return CTL_OPTION_HELP;
    }
    /* The word that getopt stopped at: it has moved past it, unless letters of it are left. */
    const char *at = optind > word ? argv[optind - 1] : argv[word];
    if (found == '?' && optopt >= 256)
        return wrong_option(command, "this option takes no argument:", at);
    if (found == '?')
        return unknown_option(command, at);
    if (found == ':')
        return wrong_option(command, "an argument is missing after", at);
    size_t index = (size_t)(found - 256);
    for (size_t i = 0; found < 256; i++) {
        assert(command->options[i].name != NULL);
        if (command->options[i].letter != found)
            continue;
        index = i;
        break;
    }
    *ret_value = optarg;
    return (int)index;
}

void ctl_print_help(const struct ctl_command *command)
{
    printf("Usage: noticectl %s [OPTION...]%s%s\n\n%s\n\nOptions:\n", command->name,
           command->arguments[0] != '\0' ? " " : "", command->arguments, command->summary);
    for (const struct ctl_option *option = command->options; option->name != NULL; option++) {
        char left[64];
        (void)snprintf(left, sizeof left, "%c%c%c --%s%s%s", option->letter ? '-' : ' ',
                       option->letter ? option->letter : ' ', option->letter ? ',' : ' ',
                       option->name, option->value ? "=" : "", option->value ? option->value : "");
        printf("  %-26s %s\n", left, option->help);
    }
    printf("  %-26s %s\n", "-h, --help", "show this text");
    if (command->details != NULL)
        printf("\n%s", command->details);
}

int ctl_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_message("noticectl: ", format, arguments);
    va_end(arguments);
    return CTL_USAGE;
}

void ctl_message(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_message("", format, arguments);
    va_end(arguments);
}

const char *ctl_errno(int error)
{
    const char *text = strerrordesc_np(error < 0 ? -error : error);
    return text == NULL ? "unknown error" : text;
}

const char *ctl_environment(const char *name, const char *fallback)
{
    const char *value = secure_getenv(name);
    return value == NULL || value[0] == '\0' ? fallback : value;
}

int ctl_number(const char *string, uint64_t max, uint64_t *ret_number)
{
    if (string[0] == '\0')
        return -EINVAL;
    uint64_t number = 0;
    for (const char *at = string; *at != '\0'; at++) {
        unsigned digit = (unsigned)(unsigned char)*at - '0';
        if (digit > 9 || digit > max || number > (max - digit) / 10)
            return -EINVAL;
        number = 10 * number + digit;
    }
    *ret_number = number;
    return 0;
}

int ctl_write(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        if (written == -1 && errno == EAGAIN) {
            struct pollfd waiting = {.fd = fd, .events = POLLOUT};
            (void)poll(&waiting, 1, -1); /* whatever it says, the write tells */
            continue;
        }
        if (written == -1 && errno != EINTR)
            return -errno;
        if (written > 0) {
            bytes += written;
            len -= (size_t)written;
        }
    }
    return 0;
}

int ctl_finish(void)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return CTL_OK;
    return ctl_error("writing to standard output failed: %s", ctl_errno(errno));
}
