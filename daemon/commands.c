/*
 * The control socket's protocol. Knows JSON lines; knows no lane.
 */
#include "daemon/commands.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/json.h"
#include "daemon/ledger/text.h"
#include "io/stream.h"

enum caller_state {
    CALLER_FREE = 0,
    CALLER_IDLE = 1,    /* may ask */
    CALLER_WAITING = 2, /* asked for a reload, not yet answered */
    CALLER_ANCHOR = 3,  /* asked for an anchor record, which is not yet durable */
    CALLER_BLOB = 4,    /* asked for a hold, a release or an erase, which is not yet done */
    CALLER_TURN = 5,    /* asked for either while another was under way, and waits for its turn */
};

struct caller {
    enum caller_state state;
    struct stream_peer *peer;
    uint64_t reload; /* the number of the reload it waits for */
    uint64_t turn;   /* who waits for a turn: the lowest is the next */
    uint32_t uid;    /* of the process that connected */
    bool finishing;  /* it asks nothing more: closed once it is answered */
    bool of_blobs;   /* what it asked for: the command, or else the anchor */
    union {
        struct anchor anchor;
        struct blob_command blob;
    } asked;
    char reply[COMMANDS_REPLY_BYTES_MAX];
};

struct commands {
    struct commands_handler handler;
    void *context;
    struct stream *stream;
    struct json_parser *parser;
    uint64_t turns; /* so many were asked for */
    struct caller callers[COMMANDS_PEERS_MAX];
};

static void answer(struct caller *caller, size_t len)
{
    /* -EBUSY: it asked again before it read the answer to the first; -EPIPE: it is gone. */
    if (stream_send(caller->peer, caller->reply, len) < 0)
        stream_close_peer(caller->peer);
}

static void answer_error(struct caller *caller, const char *error)
{
    struct text text = text_into(caller->reply, sizeof caller->reply);
    text_literal(&text, "{\"ok\":false,\"error\":");
    text_string(&text, error, strlen(error));
    text_literal(&text, "}\n");
    assert(!text.overflow);
    answer(caller, text.len);
}

/* Whether the line is an object whose "cmd" is this word. */
static bool asks_for(const struct json_member *members, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        const struct json_member *member = &members[i];
        if (member->key_len == 3 && memcmp(member->key, "cmd", 3) == 0)
            return member->value.type == JSON_STRING && member->value.len == strlen(word) &&
                   memcmp(member->value.text, word, member->value.len) == 0;
    }
    return false;
}

/* Puts what the caller asked for on its way; while another is, it keeps its turn. */
static void put(struct commands *commands, struct caller *caller)
{
    static_assert(BLOB_COMMAND_ERROR_BYTES >= ANCHOR_COMMAND_ERROR_BYTES, "either fits");
    char error[BLOB_COMMAND_ERROR_BYTES];
    int result = caller->of_blobs
                     ? commands->handler.blob(commands->context, &caller->asked.blob, error)
                     : commands->handler.anchor(commands->context, &caller->asked.anchor, error);

    caller->state = result == -EBUSY   ? CALLER_TURN
                    : result < 0       ? CALLER_IDLE
                    : caller->of_blobs ? CALLER_BLOB
                                       : CALLER_ANCHOR;
    if (caller->state == CALLER_IDLE)
        answer_error(caller, error);
}

static void take_anchor(struct commands *commands, struct caller *caller,
                        const struct json_member *members, size_t count)
{
    char error[ANCHOR_COMMAND_ERROR_BYTES];

    caller->of_blobs = false;
    caller->turn = commands->turns++;
    if (anchor_command_read(members, count, &caller->asked.anchor, error) < 0)
        answer_error(caller, error);
    else
        put(commands, caller);
}

static void take_blob(struct commands *commands, struct caller *caller,
                      const struct json_member *members, size_t count)
{
    char error[BLOB_COMMAND_ERROR_BYTES];

    caller->of_blobs = true;
    caller->turn = commands->turns++;
    if (blob_command_read(members, count, &caller->asked.blob, error) < 0) {
        answer_error(caller, error);
        return;
    }
    caller->asked.blob.uid = caller->uid;
    put(commands, caller);
}

static int on_line(void *context, struct stream_peer *peer, const struct stream_frame *frame)
{
    struct commands *commands = context;
    struct caller *caller = stream_peer_user(peer);
    struct json_value root;
    struct json_member members[ANCHOR_COMMAND_MEMBERS_MAX];
    size_t count = 0;
    bool surrogate = false;
    if (stream_sending(peer) || caller->state != CALLER_IDLE)
        return -EBUSY; /* ends the peer: one question at a time */
    if (frame->kind == STREAM_LINE_WHOLE &&
        json_parse(commands->parser, frame->bytes, frame->len, &root, &surrogate) == JSON_OK &&
        root.type == JSON_OBJECT)
        count = json_members(&root, members, sizeof members / sizeof members[0]);
    if (count > sizeof members / sizeof members[0])
        count = 0; /* no command has so many */
    if (asks_for(members, count, "status")) {
        answer(caller,
               commands->handler.status(commands->context, caller->reply, sizeof caller->reply));
    } else if (asks_for(members, count, "reload")) {
        caller->state = CALLER_WAITING;
        caller->reload = commands->handler.reload(commands->context);
    } else if (asks_for(members, count, "anchor")) {
        take_anchor(commands, caller, members, count);
    } else if (asks_for(members, count, "blob")) {
        take_blob(commands, caller, members, count);
    } else {
        answer_error(caller, "no such command: send {\"cmd\":\"status\"}, {\"cmd\":\"reload\"}, "
                             "{\"cmd\":\"anchor\",...} or {\"cmd\":\"blob\",...}");
    }
    return 0;
}

static void on_opened(void *context, struct stream_peer *peer)
{
    struct commands *commands = context;
    for (size_t i = 0; i < COMMANDS_PEERS_MAX; i++) {
        struct caller *caller = &commands->callers[i];
        if (caller->state != CALLER_FREE)
            continue;
        caller->state = CALLER_IDLE;
        caller->finishing = false;
        caller->peer = peer;
        stream_peer_set_user(peer, caller);
        return;
    }
    assert(false); /* the stream takes no more peers than there are callers */
}

static void on_ended(void *context, struct stream_peer *peer, enum stream_end end, int error,
                     uint64_t discarded_bytes)
{
    (void)context;
    (void)end;
    (void)error; /* an operator's tool went away: nothing to report */
    (void)discarded_bytes;
    struct caller *caller = stream_peer_user(peer);
    caller->state = CALLER_FREE;
    caller->peer = NULL;
}

static void on_sent(void *context, struct stream_peer *peer)
{
    (void)context;
    const struct caller *caller = stream_peer_user(peer);
    if (caller->finishing)
        stream_close_peer(peer);
}

/* Half-closed after its question: it still gets its answer. */
static bool on_eof(void *context, struct stream_peer *peer)
{
    (void)context;
    struct caller *caller = stream_peer_user(peer);
    caller->finishing = true;
    return stream_sending(peer) || caller->state != CALLER_IDLE;
}

int commands_open(struct backend *backend, const struct commands_handler *handler, void *context,
                  struct commands **ret_commands)
{
    static const struct stream_handler stream_handler = {
        .line = on_line, .opened = on_opened, .ended = on_ended, .sent = on_sent, .eof = on_eof};
    const struct stream_limits limits = {.peers_max = COMMANDS_PEERS_MAX,
                                         .carry_bytes_total = 4 * STREAM_LINE_BYTES_MAX};
    struct commands *commands = calloc(1, sizeof *commands);
    if (commands == NULL)
        return -ENOMEM;
    commands->handler = *handler;
    commands->context = context;
    commands->parser = json_open();
    int result = commands->parser == NULL ? -ENOMEM : 0;
    if (result == 0)
        result = stream_open(backend, &limits, &stream_handler, commands, &commands->stream);
    if (result < 0) {
        (void)commands_close(commands); /* always NULL */
        return result;
    }
    *ret_commands = commands;
    return 0;
}

void commands_adopt(struct commands *commands, int fd)
{
    struct stream_peer *peer = NULL;
    struct ucred ids = {.uid = UINT32_MAX};
    socklen_t len = sizeof ids;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ids, &len) == -1)
        ids.uid = UINT32_MAX; /* no unix socket: nobody is known */
    if (stream_adopt_socket(commands->stream, fd, &peer) < 0) {
        (void)close(fd); /* too many at once: it sees the end and may try again */
        return;
    }
    struct caller *caller = stream_peer_user(peer);
    caller->uid = ids.uid;
}

void commands_reload_done(struct commands *commands, uint64_t number, const char *error,
                          const char *sha256_hex, uint64_t seq)
{
    for (size_t i = 0; i < COMMANDS_PEERS_MAX; i++) {
        struct caller *caller = &commands->callers[i];
        if (caller->state != CALLER_WAITING || caller->reload > number)
            continue;
        caller->state = CALLER_IDLE;
        if (error != NULL) {
            answer_error(caller, error);
            continue;
        }
        struct text text = text_into(caller->reply, sizeof caller->reply);
        text_literal(&text, "{\"ok\":true,\"ruleset\":");
        text_u64(&text, seq);
        text_literal(&text, ",\"sha256\":\"");
        text_literal(&text, sha256_hex);
        text_literal(&text, "\"}\n");
        assert(!text.overflow);
        answer(caller, text.len);
    }
}

/* The one who waits longest for a turn. NULL: nobody does. */
static struct caller *next_turn(struct commands *commands)
{
    struct caller *next = NULL;

    for (size_t i = 0; i < COMMANDS_PEERS_MAX; i++) {
        struct caller *caller = &commands->callers[i];
        if (caller->state == CALLER_TURN && (next == NULL || caller->turn < next->turn))
            next = caller;
    }
    return next;
}

/* Answers who waits in this state, and lets the next one have its turn: those who are refused at
   once make way for the one behind them. */
static void record_done(struct commands *commands, enum caller_state state, uint64_t seq,
                        const char *error)
{
    for (size_t i = 0; i < COMMANDS_PEERS_MAX; i++) {
        struct caller *caller = &commands->callers[i];
        if (caller->state != state)
            continue;
        caller->state = CALLER_IDLE;
        if (error[0] != '\0') {
            answer_error(caller, error);
            continue;
        }
        struct text text = text_into(caller->reply, sizeof caller->reply);
        text_literal(&text, "{\"ok\":true,\"seq\":");
        text_u64(&text, seq);
        text_literal(&text, "}\n");
        answer(caller, text.len);
    }
    struct caller *next = next_turn(commands);
    for (size_t i = 0; next != NULL && i < COMMANDS_PEERS_MAX; i++) {
        put(commands, next);
        bool refused = next->state == CALLER_IDLE || next->state == CALLER_FREE;
        next = refused ? next_turn(commands) : NULL;
    }
}

void commands_anchor_done(struct commands *commands, uint64_t seq)
{
    record_done(commands, CALLER_ANCHOR, seq, "");
}

void commands_blob_done(struct commands *commands, uint64_t seq, const char *error)
{
    record_done(commands, CALLER_BLOB, seq, error);
}

struct commands *commands_close(struct commands *commands)
{
    if (commands == NULL)
        return NULL;
    commands->stream = stream_close(commands->stream);
    commands->parser = json_close(commands->parser);
    free(commands);
    return NULL;
}
