/*
 * File descriptors from one thread to another: the acceptor hands connections to lanes. A bounded
 * single-producer single-consumer ring with an eventfd; works with every backend.
 */
#ifndef IO_MAILBOX_H
#define IO_MAILBOX_H

#include <stddef.h>

struct mailbox;

/* Makes a mailbox for up to `slots` (a power of two) descriptors. 0, -ENOMEM, -errno of eventfd. */
int mailbox_open(size_t slots, struct mailbox **ret_mailbox);

/* Producer: puts fd with a tag in and wakes the consumer. 0, or -EAGAIN when full (fd stays). */
int mailbox_put(struct mailbox *mailbox, int fd, int tag);

/* Consumer: takes one. 0, or -EAGAIN when empty. */
int mailbox_take(struct mailbox *mailbox, int *ret_fd, int *ret_tag);

/* Either thread: wakes the consumer without putting anything in. */
void mailbox_wake(struct mailbox *mailbox);

/* Consumer: the eventfd to watch; mailbox_drain_wakes reads it empty. */
int mailbox_fd(const struct mailbox *mailbox);
void mailbox_drain_wakes(struct mailbox *mailbox);

/* Closes what is still in it, and frees. NULL is fine. Returns NULL. */
struct mailbox *mailbox_close(struct mailbox *mailbox);

#endif
