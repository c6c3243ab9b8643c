/* A ring of descriptors between two threads, with an eventfd as its bell; knows no backend. */
#include "io/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAILBOX_LINE_BYTES 64

struct mailbox_letter {
    int fd;
    int tag;
};

/*
 * put and taken only grow; their difference is what is inside. Each is written by one side:
 * storing it with release hands the slots before it over, loading it with acquire receives them.
 * They stand on cache lines of their own, so that the sides do not slow each other down.
 */
struct mailbox {
    alignas(MAILBOX_LINE_BYTES) atomic_size_t put;   /* producer */
    alignas(MAILBOX_LINE_BYTES) atomic_size_t taken; /* consumer */
    size_t slots;
    struct mailbox_letter *letters;
    int event_fd;
};

static_assert(sizeof(struct mailbox) % MAILBOX_LINE_BYTES == 0, "aligned_alloc wants a multiple");

int mailbox_open(size_t slots, struct mailbox **ret_mailbox)
{
    assert(slots > 0);
    assert((slots & (slots - 1)) == 0);
    struct mailbox *mailbox = aligned_alloc(MAILBOX_LINE_BYTES, sizeof(*mailbox));
    if (mailbox == NULL)
        return -ENOMEM;
    mailbox->slots = slots;
    mailbox->event_fd = -1;
    atomic_init(&mailbox->put, 0);
    atomic_init(&mailbox->taken, 0);
    mailbox->letters = calloc(slots, sizeof(*mailbox->letters));
    if (mailbox->letters == NULL) {
        (void)mailbox_close(mailbox); /* always NULL */
        return -ENOMEM;
    }
    mailbox->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mailbox->event_fd == -1) {
        int error = -errno;
        (void)mailbox_close(mailbox); /* always NULL */
        return error;
    }
    *ret_mailbox = mailbox;
    return 0;
}

void mailbox_wake(struct mailbox *mailbox)
{
    uint64_t one = 1;
    ssize_t written;
    do {
        written = write(mailbox->event_fd, &one, sizeof(one));
    } while (written == -1 && errno == EINTR);
    /* EAGAIN: the counter is full of wakes that were not read; the consumer will come anyway. */
    assert(written == (ssize_t)sizeof(one) || errno == EAGAIN);
}

int mailbox_put(struct mailbox *mailbox, int fd, int tag)
{
    size_t put = atomic_load_explicit(&mailbox->put, memory_order_relaxed);
    size_t taken = atomic_load_explicit(&mailbox->taken, memory_order_acquire);
    assert(put - taken <= mailbox->slots);
    if (put - taken == mailbox->slots)
        return -EAGAIN;
    mailbox->letters[put & (mailbox->slots - 1)] = (struct mailbox_letter){.fd = fd, .tag = tag};
    atomic_store_explicit(&mailbox->put, put + 1, memory_order_release);
    mailbox_wake(mailbox);
    return 0;
}

int mailbox_take(struct mailbox *mailbox, int *ret_fd, int *ret_tag)
{
    size_t taken = atomic_load_explicit(&mailbox->taken, memory_order_relaxed);
    size_t put = atomic_load_explicit(&mailbox->put, memory_order_acquire);
    if (put == taken)
        return -EAGAIN;
    struct mailbox_letter letter = mailbox->letters[taken & (mailbox->slots - 1)];
    atomic_store_explicit(&mailbox->taken, taken + 1, memory_order_release);
    *ret_fd = letter.fd;
    *ret_tag = letter.tag;
    return 0;
}

int mailbox_fd(const struct mailbox *mailbox)
{
    return mailbox->event_fd;
}

void mailbox_drain_wakes(struct mailbox *mailbox)
{
    uint64_t wakes;
    ssize_t count;
    do {
        count = read(mailbox->event_fd, &wakes, sizeof(wakes));
    } while (count == -1 && errno == EINTR);
    assert(count == (ssize_t)sizeof(wakes) || errno == EAGAIN);
}

struct mailbox *mailbox_close(struct mailbox *mailbox)
{
    if (mailbox == NULL)
        return NULL;
    int fd;
    int tag;
    while (mailbox->letters != NULL && mailbox_take(mailbox, &fd, &tag) == 0)
        (void)close(fd); /* nobody has written to it yet */
    if (mailbox->event_fd != -1)
        (void)close(mailbox->event_fd); /* nothing is lost with it */
    free(mailbox->letters);
    free(mailbox);
    return NULL;
}
