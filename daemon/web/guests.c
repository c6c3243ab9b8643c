/*
 * The table of connections. Turns are counted, so that no clock is needed to tell who is idlest.
 */
#include "daemon/web/guests.h"

#include <assert.h>
#include <stddef.h>
#include <sys/socket.h>

int guests_open(struct guests *guests)
{
    *guests = (struct guests){.turns = 0};
    return -pthread_mutex_init(&guests->lock, NULL);
}

static void lock(struct guests *guests)
{
    int error = pthread_mutex_lock(&guests->lock);
    assert(error == 0);
}

static void unlock(struct guests *guests)
{
    int error = pthread_mutex_unlock(&guests->lock);
    assert(error == 0);
}

static struct guest *find(struct guests *guests, int fd)
{
    struct guest *found = NULL;
    for (unsigned i = 0; i < guests->count && found == NULL; i++)
        found = guests->at[i].fd == fd ? &guests->at[i] : NULL;
    assert(found != NULL);
    return found;
}

/* Shuts down the idlest, unless enough are leaving already. */
static void make_room(struct guests *guests)
{
    struct guest *idlest = NULL;
    unsigned staying = 0;
    for (unsigned i = 0; i < guests->count; i++) {
        struct guest *guest = &guests->at[i];
        staying += !guest->leaving;
        if (!guest->leaving && !guest->reads && (idlest == NULL || guest->turn < idlest->turn))
            idlest = guest;
    }
    if (staying <= GUESTS_STAY || idlest == NULL)
        return;
    idlest->leaving = true;
    (void)shutdown(idlest->fd, SHUT_RDWR); /* fails only if the other side has ended it already */
}

void guests_come(struct guests *guests, int fd)
{
    lock(guests);
    assert(guests->count < GUESTS_MAX);
    guests->at[guests->count++] = (struct guest){.fd = fd, .turn = guests->turns++};
    make_room(guests);
    unlock(guests);
}

void guests_ask(struct guests *guests, int fd)
{
    lock(guests);
    find(guests, fd)->turn = guests->turns++;
    unlock(guests);
}

bool guests_read(struct guests *guests, int fd)
{
    unsigned readers = 0;
    lock(guests);
    for (unsigned i = 0; i < guests->count; i++)
        readers += guests->at[i].reads;
    bool free = readers < GUESTS_READERS;
    find(guests, fd)->reads = free;
    unlock(guests);
    return free;
}

void guests_rest(struct guests *guests, int fd)
{
    lock(guests);
    struct guest *guest = find(guests, fd);
    guest->reads = false;
    guest->turn = guests->turns++;
    unlock(guests);
}

void guests_leave(struct guests *guests, int fd)
{
    lock(guests);
    *find(guests, fd) = guests->at[guests->count - 1];
    guests->count--;
    unlock(guests);
}

void guests_close(struct guests *guests)
{
    int error = pthread_mutex_destroy(&guests->lock);
    assert(error == 0 && guests->count == 0);
}
