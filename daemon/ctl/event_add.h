/*
 * What `noticectl notice`, `order`, `takedown` and the other families of events do: make an event
 * of their words, or take whole ones from a file, and have a daemon record them.
 */
#ifndef DAEMON_CTL_EVENT_ADD_H
#define DAEMON_CTL_EVENT_ADD_H

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/event_words.h"

#define EVENT_ADD_FILE_BYTES_MAX (64u << 20)

/* What --help of every family ends with. */
#define EVENT_ADD_DETAILS                                                                          \
    "The event goes to the daemon's notice socket, which decides by the sender's user and group\n" \
    "whether it may be written. Once it is on disk one JSON object is printed: seq of its\n"       \
    "record, its id, and the SHA-256 of the record's line; known instead of the hash when it "     \
    "was\n"                                                                                        \
    "there already. The same words with the same --at and without --id are the same event. Exit\n" \
    "code 0: recorded; 1: refused, and stderr says why; 3: no daemon, or the connection was\n"     \
    "lost before the answer. NOTICED_NOTICE_SOCKET takes the place of --socket.\n"

/* Runs a family: argv holds a verb of the table and options. Returns enum ctl_exit. */
int event_add_run(const struct ctl_command *command, const struct event_verb *verbs, int argc,
                  char **argv);

#endif
