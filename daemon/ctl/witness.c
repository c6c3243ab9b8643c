/*
 * noticectl witness: signs checkpoints of other hosts' logs that continue what it signed before
 * (C2SP tlog-witness without its HTTP), from a file or a unix socket.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/interrupt.h"
#include "daemon/ctl/key_file.h"
#include "daemon/ctl/stopwatch.h"
#include "daemon/ctl/witness_state.h"
#include "io/backend.h"
#include "io/listen.h"

#define REQUEST_WAIT_MS  10000u /* for a whole request over a socket */
#define ANSWER_BYTES_MAX 512u
#define SOCKET_MODE      0660

enum witness_option {
    WITNESS_OPTION_KEY = 0,
    WITNESS_OPTION_STATE,
    WITNESS_OPTION_LOG,
    WITNESS_OPTION_SOCKET,
    WITNESS_OPTION_MAKE_KEY,
};

static const struct ctl_option options[] = {
    {"key", 'k', "FILE", "the witness's private key"},
    {"state", 'd', "DIR", "folder of what was signed; never delete it, never restore an old one"},
    {"log", 'l', "KEY", "public key of a log, or a file with it; may be given again"},
    {"socket", 's', "PATH", "answer requests on this unix socket until it is told to stop"},
    {"make-key", 'm', "NAME", "make the key FILE, named so, print its public key, and end"},
    {0},
};

struct witness {
    const char *key_path, *state_path, *socket, *make_key;
    struct note_signer *signer;
    struct policy *policy; /* only its logs are used */
    struct witness_state *state;
    struct backend *backend;
    char checkpoint[COSIGN_REQUEST_BYTES_MAX]; /* the one that is asked about, as it is kept */
    size_t checkpoint_len;
};

/* What leaves: the signature line, or a line that begins with the status. */
struct answer {
    char bytes[ANSWER_BYTES_MAX];
    size_t len;
    bool signed_it;
};

static void refuse(struct answer *answer, enum cosign_status status, enum tlog_fault why)
{
    struct text text = text_into(answer->bytes, sizeof(answer->bytes));

    text_u64(&text, (uint64_t)status);
    text_literal(&text, " ");
    text_literal(&text, tlog_fault_name(why));
    text_literal(&text, ": ");
    text_literal(&text, tlog_fault_text(why));
    text_literal(&text, "\n");
    answer->len = text.len;
}

/* A conflict tells the size, so that the log can prove from there. */
static void refuse_conflict(struct answer *answer, const struct witness *witness)
{
    struct text text = text_into(answer->bytes, sizeof(answer->bytes));

    text_u64(&text, COSIGN_CONFLICT);
    text_literal(&text, " ");
    text_u64(&text, witness->state->last.size);
    text_literal(&text, "\n");
    answer->len = text.len;
}

/* The line is made, and the state durable, before it becomes the answer. */
static int sign(struct witness *witness, const struct cosign_request *request,
                struct answer *answer)
{
    int64_t now_ns = witness->backend->ops->now(witness->backend).wall_ns;
    struct text text = text_into(answer->bytes, sizeof(answer->bytes));

    if (now_ns < 0)
        return ctl_error("witness: the clock says a time before 1970: set it");
    cosign_sign(&text, witness->signer, request, (uint64_t)now_ns / 1000000000u);
    int error = witness_state_store(witness->state, witness->checkpoint, witness->checkpoint_len,
                                    answer->bytes, text.len);
    if (error < 0)
        return ctl_error("witness: cannot store what is signed in %s: %s: nothing is answered",
                         witness->state_path, ctl_errno(error));
    answer->len = text.len;
    answer->signed_it = true;
    return CTL_OK;
}

static int keep_fork(struct witness *witness, const struct checkpoint *checkpoint)
{
    const char *name = "";
    int error = witness_state_keep_fork(witness->state, witness->checkpoint,
                                        witness->checkpoint_len, checkpoint, &name);

    if (error < 0)
        return ctl_error("witness: the log has forked, and the proof cannot be stored in %s: %s",
                         witness->state_path, ctl_errno(error));
    (void)ctl_error("witness: THE LOG HAS FORKED: it signed two roots for size %" PRIu64
                    "; both are in %s/%s",
                    checkpoint->size, witness->state_path, name);
    return CTL_OK;
}

/* With the lock held. CTL_OK with an answer; CTL_USAGE: nothing may be answered. */
static int decide(struct witness *witness, const struct cosign_request *request,
                  const struct checkpoint *checkpoint, struct answer *answer)
{
    int error = witness_state_load(witness->state, checkpoint->origin, checkpoint->origin_len,
                                   note_signer_key(witness->signer));

    if (error == -EBADMSG)
        return ctl_error("witness: %s/%s is not what this witness wrote: nothing is signed for "
                         "this log until that is cleared up",
                         witness->state_path, witness->state->name);
    if (error < 0)
        return ctl_error("witness: cannot read %s/%s: %s", witness->state_path,
                         witness->state->name, ctl_errno(error));
    struct text text = text_into(witness->checkpoint, sizeof(witness->checkpoint));
    cosign_put_checkpoint(&text, request, witness->policy);
    assert(!text.overflow); /* a part of what was received */
    witness->checkpoint_len = text.len;
    struct cosign_verdict verdict = cosign_decide(request, checkpoint, &witness->state->last);
    if (verdict.fork && keep_fork(witness, checkpoint) != CTL_OK)
        return CTL_USAGE;
    if (verdict.status == COSIGN_SIGN)
        return sign(witness, request, answer);
    if (verdict.status == COSIGN_CONFLICT)
        refuse_conflict(answer, witness);
    else
        refuse(answer, verdict.status, verdict.why);
    return CTL_OK;
}

static int answer_request(struct witness *witness, const char *bytes, size_t len,
                          struct answer *answer)
{
    struct cosign_request request;
    struct checkpoint checkpoint;
    enum tlog_fault why = cosign_parse(bytes, len, &request);

    answer->signed_it = false;
    if (why != TLOG_OK) {
        refuse(answer, COSIGN_BAD_REQUEST, why);
        return CTL_OK;
    }
    enum cosign_status status = cosign_open(&request, witness->policy, &checkpoint, &why);
    if (status != COSIGN_SIGN) {
        refuse(answer, status, why);
        return CTL_OK;
    }
    int error = witness_state_lock(witness->state);
    if (error < 0)
        return ctl_error("witness: cannot lock %s: %s", witness->state_path, ctl_errno(error));
    int exit_code = decide(witness, &request, &checkpoint, answer);
    witness_state_unlock(witness->state);
    return exit_code;
}

/* Reads to the end; one byte more than is accepted shows that it is longer. 0 or -errno. */
static int read_all(int fd, bool timed, char *bytes, size_t *ret_len)
{
    struct stopwatch stopwatch = stopwatch_start();
    size_t len = 0;
    int result = 0;

    while (len <= COSIGN_REQUEST_BYTES_MAX) {
        uint64_t passed = timed ? stopwatch_ms(&stopwatch) : 0;
        struct pollfd input = {.fd = fd, .events = POLLIN};
        int wait_ms = !timed ? -1 : passed < REQUEST_WAIT_MS ? (int)(REQUEST_WAIT_MS - passed) : 0;
        int ready = poll(&input, 1, wait_ms);
        ssize_t got = ready == 1 ? read(fd, bytes + len, COSIGN_REQUEST_BYTES_MAX + 1 - len) : -1;
        if (ready == 0)
            result = -ETIMEDOUT;
        else if (got == -1 && errno != EINTR && errno != EAGAIN)
            result = -errno;
        if (result < 0 || got == 0)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    stopwatch_stop(&stopwatch);
    *ret_len = len;
    return result;
}

static void serve_one(struct witness *witness, int fd)
{
    static char bytes[COSIGN_REQUEST_BYTES_MAX + 1];
    struct answer answer = {.len = 0};
    size_t len = 0;
    int error = read_all(fd, true, bytes, &len);

    if (error < 0)
        (void)ctl_error("witness: a request did not come whole: %s, going on", ctl_errno(error));
    else if (answer_request(witness, bytes, len, &answer) == CTL_OK &&
             send(fd, answer.bytes, answer.len, MSG_NOSIGNAL) != (ssize_t)answer.len)
        (void)ctl_error("witness: an answer was not taken, going on");
}

static int serve(struct witness *witness)
{
    int listening = listen_unix(witness->socket, SOCKET_MODE);

    if (listening < 0)
        return ctl_error("witness: cannot listen on %s: %s", witness->socket, ctl_errno(listening));
    struct interrupt interrupt = interrupt_open(false);
    while (!interrupt_came(&interrupt)) {
        struct pollfd waiting[] = {{.fd = listening, .events = POLLIN},
                                   {.fd = interrupt.fd, .events = POLLIN}};
        (void)poll(waiting, 2, -1); /* EINTR leads to one more try */
        if ((waiting[0].revents & POLLIN) == 0)
            continue;
        int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        if (fd == -1)
            continue; /* gone again */
        serve_one(witness, fd);
        (void)close(fd); /* the answer is sent, or the log says why not */
    }
    (void)close(listening);        /* nobody waits any more */
    (void)unlink(witness->socket); /* only tidier */
    interrupt.signal = 0;          /* told to stop, it has stopped: no error */
    interrupt_close(&interrupt);
    return CTL_OK;
}

static int answer_file(struct witness *witness, const char *path)
{
    static char bytes[COSIGN_REQUEST_BYTES_MAX + 1];
    struct answer answer = {.len = 0};
    size_t len = 0;
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int error = fd == -1 ? -errno : read_all(fd, false, bytes, &len);

    if (fd != -1 && !standard)
        (void)close(fd); /* only read from */
    if (error < 0)
        return ctl_error("witness: cannot read %s: %s", path, ctl_errno(error));
    int exit_code = answer_request(witness, bytes, len, &answer);
    if (exit_code != CTL_OK)
        return exit_code;
    (void)fwrite(answer.bytes, 1, answer.len, stdout); /* ctl_finish sees the stream's error */
    exit_code = ctl_finish();
    return exit_code == CTL_OK && !answer.signed_it ? CTL_REFUSED : exit_code;
}

static int open_all(struct witness *witness)
{
    if (witness->key_path == NULL || witness->state_path == NULL)
        return ctl_error("witness: say which key signs with --key, and where its memory is with "
                         "--state");
    if (witness->policy->logs_count == 0)
        return ctl_error("witness: say whose checkpoints are signed, with --log");
    int exit_code = key_file_secret("witness", witness->key_path, &witness->signer);
    if (exit_code != CTL_OK)
        return exit_code;
    if (note_signer_key(witness->signer)->type != NOTE_KEY_COSIGNATURE)
        return ctl_error("witness: %s is the key of a log; make one with --make-key",
                         witness->key_path);
    int error = witness_state_open(witness->state_path, &witness->state);
    if (error < 0)
        return ctl_error("witness: cannot open the folder %s: %s", witness->state_path,
                         ctl_errno(error));
    error = backend_open(BACKEND_POLL, 0, &witness->backend); /* for its clock */
    return error < 0 ? ctl_error("witness: %s", ctl_errno(error)) : CTL_OK;
}

static int make_key(const struct witness *witness)
{
    struct note_key key;
    char text[NOTE_KEY_TEXT_BYTES_MAX];

    if (witness->key_path == NULL)
        return ctl_error("witness: say where the key is to be written, with --key");
    int exit_code =
        key_file_make("witness", witness->key_path, witness->make_key, NOTE_KEY_COSIGNATURE, &key);
    if (exit_code != CTL_OK)
        return exit_code;
    (void)note_key_format(&key, text);
    printf("%s\n", text);
    return ctl_finish();
}

static int take_option(struct witness *witness, enum witness_option option, const char *value)
{
    struct policy *policy = witness->policy;
    struct note_key key;
    int exit_code = CTL_OK;

    switch (option) {
    case WITNESS_OPTION_KEY:
        witness->key_path = value;
        break;
    case WITNESS_OPTION_STATE:
        witness->state_path = value;
        break;
    case WITNESS_OPTION_SOCKET:
        witness->socket = value;
        break;
    case WITNESS_OPTION_MAKE_KEY:
        witness->make_key = value;
        break;
    case WITNESS_OPTION_LOG:
        if (policy->logs_count == POLICY_LOGS_MAX)
            return ctl_error("witness: at most %u logs", POLICY_LOGS_MAX);
        exit_code = key_file_public("witness", value, &key);
        if (exit_code == CTL_OK && key.type != NOTE_KEY_ED25519)
            return ctl_error("witness: %s is the key of a witness, not of a log", key.name);
        for (size_t i = 0; i < policy->logs_count && exit_code == CTL_OK; i++)
            if (memcmp(policy->logs[i].public_key, key.public_key, NOTE_KEY_BYTES) == 0)
                return ctl_error("witness: the key of %s is given twice", key.name);
        if (exit_code == CTL_OK)
            policy->logs[policy->logs_count++] = key;
        break;
    }
    return exit_code;
}

static int run_parsed(struct witness *witness, int operands, char **operand)
{
    if (operands > 1 || (operands == 1 && (witness->socket != NULL || witness->make_key != NULL)))
        return ctl_error("witness: there is %s too much", operand[operands - 1]);
    if (witness->make_key != NULL)
        return make_key(witness);
    int exit_code = open_all(witness);
    if (exit_code != CTL_OK)
        return exit_code;
    return witness->socket != NULL ? serve(witness)
                                   : answer_file(witness, operands == 1 ? operand[0] : "-");
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    static struct witness witness;
    const char *value = NULL;
    int first = argc, option = 0, exit_code = CTL_OK;

    witness.policy = calloc(1, sizeof(*witness.policy));
    if (witness.policy == NULL)
        return ctl_error("witness: %s", ctl_errno(ENOMEM));
    while (exit_code == CTL_OK &&
           (option = ctl_next_option(command, argc, argv, &value, &first)) >= 0)
        exit_code = take_option(&witness, (enum witness_option)option, value);
    if (exit_code == CTL_OK && option != CTL_OPTION_END)
        exit_code = option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    else if (exit_code == CTL_OK)
        exit_code = run_parsed(&witness, argc - first, argv + first);
    (void)backend_close(witness.backend); /* all of these give NULL */
    (void)witness_state_close(witness.state);
    (void)note_signer_close(witness.signer);
    free(witness.policy);
    return exit_code;
}

const struct ctl_command ctl_witness = {
    .name = "witness",
    .arguments = "[REQUEST]",
    .summary = "sign checkpoints of a log that continue those signed before",
    .details =
        "Reads one add-checkpoint request (C2SP tlog-witness) from REQUEST or standard input, or\n"
        "one from each connection of --socket, and answers with its signature line, or with a\n"
        "line that begins with a status: 400 no request, 403 bad signature, 404 unknown log, 409\n"
        "and the size signed last, 422 bad proof. Exit codes: 0 signed, 1 refused, 2 usage or "
        "I/O.\n",
    .options = options,
    .run = run,
};
