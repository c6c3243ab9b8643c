/*
 * noticectl setup-keys: makes the key that a record's checkpoints are signed with, and says where
 * its two halves belong.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/key_file.h"

#define KEY_FILE   "noticed.key"
#define VKEY_FILE  "noticed.vkey"
#define PATH_BYTES 4096u

enum setup_keys_option { SETUP_KEYS_OPTION_ORIGIN = 0 };

static const struct ctl_option options[] = {
    {"origin", 'o', "NAME", "the record's name, which no other record has (<host name>/noticed)"},
    {0},
};

/* The host's name, with "-" for what no key's name may have. */
static void default_origin(char ret_origin[NOTE_NAME_BYTES_MAX + 1])
{
    char host[128] = "";

    if (gethostname(host, sizeof(host) - 1) == -1 || host[0] == '\0')
        (void)snprintf(host, sizeof(host), "localhost"); /* it fits */
    for (char *at = host; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~' || *at == '+')
            *at = '-';
    (void)snprintf(ret_origin, NOTE_NAME_BYTES_MAX + 1, "%s/noticed", host); /* it fits */
}

/* What is said once both files are there for good. */
static int tell(const char *key_path, const char *vkey_path, const char *vkey)
{
    printf(
        "%s\n\n"
        "Give this public key, and %s, to everybody who is to verify the record: it tells\n"
        "the true record from every other one.\n\n"
        "Add to the configuration, with noticed starting its own sealer:\n"
        "  seal:\n"
        "    key: %s\n\n"
        "or, under systemd, with a sealer of another user (noticed cannot read the key then):\n"
        "  move %s to /etc/noticed/noticed.key (owner root, mode 0600),\n"
        "  systemctl enable --now noticed-sealer.socket, and\n"
        "  seal:\n"
        "    socket: /run/noticed-sealer/sealer.sock\n"
        "    vkey: %s\n\n"
        "Keep %s to yourself: whoever has it can sign another record in this name. A copy\n"
        "belongs offline; without it the record cannot be continued under this name. The sealer's\n"
        "state (%s.state, or /var/lib/noticed-sealer) is never to be deleted or set back.\n",
        vkey, vkey_path, key_path, key_path, vkey_path, key_path, key_path);
    return ctl_finish();
}

/* The public half of a key that is there without it: of a pair whose making was cut short, or lost.
   origin: NULL when none was asked for. */
static int find_key(const char *key_path, const char *origin, struct note_key *ret_key)
{
    struct note_signer *signer = NULL;

    if (key_file_secret("setup-keys", key_path, &signer) != CTL_OK)
        return ctl_error("setup-keys: %s is there already; a key is never replaced; only one that "
                         "never signed, as setup-keys leaves it when it is stopped, can be removed",
                         key_path);
    *ret_key = *note_signer_key(signer);
    (void)note_signer_close(signer); /* always NULL */
    if (origin != NULL && strcmp(origin, ret_key->name) != 0)
        return ctl_error("setup-keys: %s is there already, of %s; a key is never replaced",
                         key_path, ret_key->name);
    return CTL_OK;
}

static int make(const char *folder, const char *origin)
{
    char fallback[NOTE_NAME_BYTES_MAX + 1];
    char key_path[PATH_BYTES], vkey_path[PATH_BYTES], vkey[NOTE_KEY_TEXT_BYTES_MAX];
    struct note_key key;
    struct stat stat;
    int key_len = snprintf(key_path, sizeof(key_path), "%s/" KEY_FILE, folder);
    int vkey_len = snprintf(vkey_path, sizeof(vkey_path), "%s/" VKEY_FILE, folder);

    if (key_len < 0 || key_len >= (int)PATH_BYTES || vkey_len < 0 || vkey_len >= (int)PATH_BYTES)
        return ctl_error("setup-keys: the path of the folder is too long");
    if (lstat(vkey_path, &stat) == 0)
        return ctl_error("setup-keys: %s is there already; a key is never replaced", vkey_path);
    int exit_code = CTL_OK;
    if (lstat(key_path, &stat) == 0) {
        exit_code = find_key(key_path, origin, &key);
    } else {
        default_origin(fallback);
        exit_code = key_file_make("setup-keys", key_path, origin != NULL ? origin : fallback,
                                  NOTE_KEY_ED25519, &key);
    }
    if (exit_code == CTL_OK)
        exit_code = key_file_put_public("setup-keys", vkey_path, &key);
    if (exit_code != CTL_OK)
        return exit_code;
    (void)note_key_format(&key, vkey); /* NUL-terminated */
    return tell(key_path, vkey_path, vkey);
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    const char *origin = NULL, *value = NULL;
    int first = argc, option = 0;

    while ((option = ctl_next_option(command, argc, argv, &value, &first)) ==
           SETUP_KEYS_OPTION_ORIGIN)
        origin = value;
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if (argc - first != 1)
        return ctl_error(
            "setup-keys: say in which folder the keys are to be, such as /etc/noticed");
    return make(argv[first], origin);
}

const struct ctl_command ctl_setup_keys = {
    .name = "setup-keys",
    .arguments = "DIR",
    .summary = "make the key that signs a record's checkpoints",
    .details =
        "Writes DIR/noticed.key (0600: the private key, which only noticed-sealer reads)\n"
        "and DIR/noticed.vkey (0644: the public one, for everybody who verifies), prints\n"
        "the public key, and what to add to the configuration. Nothing is overwritten; of a\n"
        "private key that is there alone, as after an interruption, the public one is written.\n",
    .options = options,
    .run = run,
};
