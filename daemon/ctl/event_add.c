/*
 * Recording events. Knows files, the wire by sender.h, and words by event_words.h.
 */
#include "daemon/ctl/event_add.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/ctl/connect.h"
#include "daemon/ctl/sender.h"
#include "daemon/ctl/when.h"
#include "daemon/event_text.h"
#include "daemon/json.h"
#include "daemon/ledger/text.h"

#define MEMBERS_MAX 256u

struct id {
    char text[EVENT_WORDS_ID_BYTES];
};

/* What is sent, and what came of it. */
struct add {
    const char *name; /* of the family, for messages */
    int fd;           /* of a file in memory that holds the lines */
    struct json_parser *parser;
    struct id *ids; /* of each line; "" when it has none */
    size_t lines, room;
    size_t refused;
    bool failed; /* the daemon says what we do not understand */
};

/* The id that a line says, for the answer; none when the line is not right, as the daemon says. */
static void find_id(struct add *add, const char *line, size_t len, struct id *ret_id)
{
    struct json_member members[MEMBERS_MAX];
    struct json_value root;
    bool surrogate;
    ret_id->text[0] = '\0';
    char *copy = calloc(1, len + JSON_SLACK_BYTES);
    if (copy == NULL)
        return;
    memcpy(copy, line, len);
    if (json_parse(add->parser, copy, len, &root, &surrogate) == JSON_OK &&
        root.type == JSON_OBJECT) {
        size_t count = json_members(&root, members, MEMBERS_MAX);
        for (size_t i = 0; i < count && i < MEMBERS_MAX; i++)
            if (members[i].key_len == 2 && memcmp(members[i].key, "id", 2) == 0 &&
                members[i].value.type == JSON_STRING)
                (void)snprintf(ret_id->text, sizeof ret_id->text, "%.*s", (int)members[i].value.len,
                               members[i].value.text); /* may be cut */
    }
    free(copy);
}

static int add_line(struct add *add, const char *line, size_t len)
{
    if (add->lines == add->room) {
        size_t room = add->room == 0 ? 16 : 2 * add->room;
        struct id *ids = realloc(add->ids, room * sizeof *ids);
        if (ids == NULL)
            return ctl_error("%s: %s", add->name, ctl_errno(ENOMEM));
        add->ids = ids;
        add->room = room;
    }
    find_id(add, line, len, &add->ids[add->lines++]);
    int result = ctl_write(add->fd, line, len);
    if (result == 0)
        result = ctl_write(add->fd, "\n", 1);
    return result < 0 ? ctl_error("%s: %s", add->name, ctl_errno(result)) : CTL_OK;
}

static int add_lines(struct add *add, const char *bytes, size_t len)
{
    int result = CTL_OK;
    for (size_t at = 0; at < len && result == CTL_OK;) {
        const char *newline = memchr(bytes + at, '\n', len - at);
        size_t end = newline != NULL ? (size_t)(newline - bytes) : len;
        result = add_line(add, bytes + at, end - at);
        at = end + 1;
    }
    return result;
}

/* One event over several lines becomes one line; otherwise each line is an event. bytes are
   followed by JSON_SLACK_BYTES readable bytes. */
static int add_text(struct add *add, const char *bytes, size_t len)
{
    struct json_value root;
    bool surrogate;
    if (json_parse(add->parser, bytes, len, &root, &surrogate) != JSON_OK ||
        root.type != JSON_OBJECT || memchr(bytes, '\n', len) == NULL)
        return add_lines(add, bytes, len);
    struct event_text *text = event_text_open();
    if (text == NULL)
        return ctl_error("%s: %s", add->name, ctl_errno(ENOMEM));
    int result = event_text_take(text, bytes, len)
                     ? add_line(add, text->bytes, text->len)
                     : ctl_error("%s: the event has more than %u members", add->name, MEMBERS_MAX);
    (void)event_text_close(text); /* always NULL */
    return result;
}

static int add_file(struct add *add, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    char *bytes = calloc(1, EVENT_ADD_FILE_BYTES_MAX + 1 + JSON_SLACK_BYTES);
    ssize_t got = fd == -1 || bytes == NULL ? -1 : 1;
    size_t len = 0;
    while (got > 0 && len <= EVENT_ADD_FILE_BYTES_MAX) {
        got = read(fd, bytes + len, EVENT_ADD_FILE_BYTES_MAX + 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    int result = CTL_OK;
    if (got == -1)
        result = ctl_error("%s: cannot read %s: %s", add->name, name, ctl_errno(errno));
    else if (len > EVENT_ADD_FILE_BYTES_MAX)
        result = ctl_error("%s: %s is longer than %u bytes: use `noticectl send`", add->name, name,
                           EVENT_ADD_FILE_BYTES_MAX);
    else
        result = add_text(add, bytes, len);
    if (fd != -1 && !standard)
        (void)close(fd); /* only read from */
    free(bytes);
    return result;
}

/* A notice that is said to have been received makes a second event (domain, 0.7: sent and received
   are separate facts). */
static int add_received(struct add *add, const struct event_words *words, const char *id)
{
    const char *at = event_words_find(words, "received-at");
    const char *notice = event_words_find(words, "notice"), *src = event_words_find(words, "src");
    char line[8192];
    struct text text = text_into(line, sizeof line);
    if (at == NULL)
        return CTL_OK;
    if (notice == NULL)
        return ctl_error("%s: --received-at needs --notice", add->name);
    char received[EVENT_WORDS_ID_BYTES + 16];
    (void)snprintf(received, sizeof received, "%s.received", id);
    text_literal(&text, "{\"id\":");
    text_string(&text, received, strlen(received));
    text_member_string(&text, "type", "notice.received");
    text_member_string(&text, "at", at);
    text_member_string(&text, "notice", notice);
    if (src != NULL)
        text_member_string(&text, "src", src);
    text_literal(&text, "}");
    return text.overflow ? ctl_error("%s: the words are too long", add->name)
                         : add_line(add, text.at, text.len);
}

static int add_words(struct add *add, struct event_words *words, const struct event_verb *verb)
{
    char id[EVENT_WORDS_ID_BYTES];
    const char *line = NULL;
    size_t len = 0;
    int result = event_words_line(words, verb, when_now_ns(), &line, &len, id);
    if (result == CTL_OK)
        result = add_line(add, line, len);
    return result == CTL_OK ? add_received(add, words, id) : result;
}

static void on_answered(void *context, const struct reply_line *reply)
{
    const struct add *add = context;
    char line[1024];
    struct text text = text_into(line, sizeof line);
    text_literal(&text, "{\"seq\":");
    text_u64(&text, reply->seq);
    if (reply->line >= 1 && reply->line <= add->lines)
        text_member_string(&text, "id", add->ids[reply->line - 1].text);
    if (reply->known)
        text_member_bool(&text, "known", true);
    else
        text_member_string(&text, "sha256", reply->sha256);
    text_literal(&text, "}\n");
    assert(!text.overflow);
    (void)fwrite(text.at, 1, text.len, stdout); /* ctl_finish tells */
}

static void on_refused(void *context, const struct reply_line *reply)
{
    struct add *add = context;
    if (reply->kind == REPLY_UNKNOWN) {
        add->failed = true;
        (void)ctl_error("%s: the daemon said something else than an answer: %s", add->name,
                        reply->err);
        return;
    }
    add->refused++;
    (void)ctl_error("%s: refused, line %llu: %s: %s", add->name, (unsigned long long)reply->line,
                    reply->err, reply->detail);
}

static int send_all(struct add *add, const char *socket, const char *source)
{
    static const struct sender_events events = {.refused = on_refused, .answered = on_answered};
    struct sender *sender = NULL;
    if (lseek(add->fd, 0, SEEK_SET) == -1)
        return ctl_error("%s: %s", add->name, ctl_errno(errno));
    int fd = connect_unix(socket, "NOTICED_NOTICE_SOCKET");
    if (fd < 0)
        return CTL_UNREACHABLE;
    const struct sender_hello hello = {.source = source};
    struct input *input = input_open();
    int result = input == NULL ? -ENOMEM : sender_open(fd, &hello, &events, add, &sender);
    if (result < 0) {
        (void)close(fd);          /* nothing was sent */
        (void)input_close(input); /* always NULL */
        return ctl_error("%s: %s", add->name, ctl_errno(result));
    }
    input_start(input, add->fd);
    sender_input(sender, input);
    while (sender_state(sender) == SENDER_SENDING)
        if (sender_step(sender, -1) != -EAGAIN)
            sender_finish(sender);
    while (sender_state(sender) == SENDER_WAITING)
        (void)sender_step(sender, -1); /* the state says it */
    bool done = sender_state(sender) == SENDER_DONE;
    if (!done)
        (void)ctl_error("%s: connection lost before the answer: %s; the same words with the same "
                        "--at may be sent again",
                        add->name,
                        sender_error(sender) < 0 ? ctl_errno(sender_error(sender)) : "closed");
    (void)sender_close(sender); /* both give NULL */
    (void)input_close(input);
    int finished = ctl_finish();
    if (!done || add->failed)
        return CTL_UNREACHABLE;
    return add->refused > 0 ? CTL_REFUSED : finished;
}

static const struct event_verb *find_verb(const struct event_verb *verbs, const char *word)
{
    for (; verbs->verb != NULL; verbs++)
        if (strcmp(verbs->verb, word) == 0)
            return verbs;
    return NULL;
}

static int wrong_verb(const struct ctl_command *command, const struct event_verb *verbs,
                      const char *word)
{
    char list[256] = "";
    size_t len = 0;
    for (const struct event_verb *verb = verbs; verb->verb != NULL; verb++) {
        int put = snprintf(list + len, sizeof list - len, "%s%s", len > 0 ? ", " : "", verb->verb);
        assert(put > 0 && (size_t)put < sizeof list - len);
        len += (size_t)put;
    }
    if (word == NULL)
        return ctl_error("%s: say what to do: %s; see `noticectl %s --help`", command->name, list,
                         command->name);
    return ctl_error("%s: it knows %s, not %s", command->name, list, word);
}

/* Words and files to lines, and the lines to the daemon. */
static int add_and_send(struct add *add, struct event_words *words, const struct event_verb *verb)
{
    const char *file = event_words_find(words, "file");
    const char *socket = event_words_find(words, "socket");
    const char *source = event_words_find(words, "source");
    int result = file != NULL ? add_file(add, file) : add_words(add, words, verb);
    if (result != CTL_OK)
        return result;
    if (add->lines == 0)
        return ctl_error("%s: %s holds no event", add->name, file);
    if (socket == NULL)
        socket = ctl_environment("NOTICED_NOTICE_SOCKET", CONNECT_NOTICE_SOCKET);
    return send_all(add, socket, source != NULL ? source : "noticectl");
}

static int take_options(const struct ctl_command *command, struct event_words *words, int argc,
                        char **argv, int *ret_first)
{
    const char *value = NULL;
    int option = 0, result = CTL_OK;
    while (result == CTL_OK &&
           (option = ctl_next_option(command, argc, argv, &value, ret_first)) >= 0)
        result = event_words_take(words, command->options[option].name, value);
    return result != CTL_OK ? CTL_OPTION_WRONG : option;
}

int event_add_run(const struct ctl_command *command, const struct event_verb *verbs, int argc,
                  char **argv)
{
    struct event_words *words = event_words_open();
    struct add add = {
        .name = command->name, .fd = memfd_create("events", MFD_CLOEXEC), .parser = json_open()};
    int first = argc, result = CTL_USAGE;
    if (words == NULL || add.fd == -1 || add.parser == NULL) {
        (void)ctl_error("%s: %s", command->name, ctl_errno(ENOMEM));
    } else {
        int option = take_options(command, words, argc, argv, &first);
        const struct event_verb *verb = first < argc ? find_verb(verbs, argv[first]) : NULL;
        if (option == CTL_OPTION_HELP)
            result = ctl_finish();
        else if (option == CTL_OPTION_END && verb == NULL)
            result = wrong_verb(command, verbs, first < argc ? argv[first] : NULL);
        else if (option == CTL_OPTION_END && first + 1 < argc)
            result =
                ctl_error("%s: there is %s behind %s", command->name, argv[first + 1], argv[first]);
        else if (option == CTL_OPTION_END)
            result = add_and_send(&add, words, verb);
    }
    (void)event_words_close(words); /* always NULL */
    (void)json_close(add.parser);   /* likewise */
    if (add.fd != -1)
        (void)close(add.fd); /* in memory */
    free(add.ids);
    return result;
}
