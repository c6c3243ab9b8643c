/*
 * What the subcommands of noticectl share: exit codes, the table's row, options, errors.
 * noticectl is one process with one thread that ends after one subcommand.
 */
#ifndef DAEMON_CTL_CTL_H
#define DAEMON_CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes (DESIGN 7); scripts depend on them. */
enum ctl_exit {
    CTL_OK = 0,
    CTL_REFUSED = 1,     /* the daemon said no; verify: not intact */
    CTL_USAGE = 2,       /* wrong usage, or input or output failed */
    CTL_UNREACHABLE = 3, /* no daemon, or the connection was lost */
    CTL_REJECTED = 4,    /* some lines were not accepted */
};

#define CTL_OPTIONS_MAX 40u

/* One option: what getopt_long needs and what --help prints. */
struct ctl_option {
    const char *name;  /* long name without dashes */
    char letter;       /* short name, or 0 */
    const char *value; /* name of its argument in the help text, or NULL */
    const char *help;  /* one line */
};

struct ctl_command {
    const char *name;
    const char *arguments;            /* after the options in the usage line */
    const char *summary;              /* one line of `noticectl help` */
    const char *details;              /* further lines of --help, each ended by \n, or NULL */
    const struct ctl_option *options; /* ended by a row without name; --help is added to all */
    int (*run)(const struct ctl_command *command, int argc, char **argv); /* -> enum ctl_exit */
};

extern const struct ctl_command ctl_scan, ctl_explain, ctl_rules, ctl_send, ctl_tail, ctl_verify,
    ctl_export, ctl_witness, ctl_anchor, ctl_status, ctl_reload, ctl_findings, ctl_setup_keys,
    ctl_timeline, ctl_strikes, ctl_notices, ctl_reporters, ctl_notice, ctl_order, ctl_takedown,
    ctl_support, ctl_strike, ctl_policy, ctl_channel, ctl_event, ctl_index, ctl_report, ctl_blob,
    ctl_metrics, ctl_map, ctl_top;

/* Results of ctl_next_option besides the index of an option. */
#define CTL_OPTION_END   (-1) /* *ret_first is the index of the first operand in argv */
#define CTL_OPTION_HELP  (-2) /* the help text was printed: end with CTL_OK */
#define CTL_OPTION_WRONG (-3) /* the error was printed: end with CTL_USAGE */

/* The next option of the command line as index into command->options; *ret_value is its argument or
   NULL. Options and operands may be mixed; `--` ends the options. */
int ctl_next_option(const struct ctl_command *command, int argc, char **argv,
                    const char **ret_value, int *ret_first);

/* Prints the usage and the options of one command. */
void ctl_print_help(const struct ctl_command *command);

/* "noticectl: ..." on stderr with a newline; bytes that a terminal would obey are escaped, so input
   may be quoted in it. Returns CTL_USAGE, so that a caller can end with it. */
int ctl_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same without "noticectl: ", for messages that begin with FILE:LINE. */
void ctl_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What errno or -errno means, without regard to locale; static string. */
const char *ctl_errno(int error);

/* The variable's value, or fallback when it is unset or empty. */
const char *ctl_environment(const char *name, const char *fallback);

/* A decimal number of at most `max`; the whole string. 0 or -EINVAL. */
int ctl_number(const char *string, uint64_t max, uint64_t *ret_number);

/* Writes all bytes to fd, waiting where it would block. 0 or -errno. */
int ctl_write(int fd, const char *bytes, size_t len);

/* Flushes stdout. CTL_OK, or CTL_USAGE after printing why it failed. */
int ctl_finish(void);

#endif
