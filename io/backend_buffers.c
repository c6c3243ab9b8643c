/* Memory of provided buffers; knows neither sockets nor rings. */
#include "io/backend_buffers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "io/backend.h"

/* Under AddressSanitizer a buffer that is not handed out may not be read: a borrowed line that
   outlives its buffer fails the test that did it. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define BUFFERS_HIDE(bytes, len) ASAN_POISON_MEMORY_REGION(bytes, len)
#define BUFFERS_SHOW(bytes, len) ASAN_UNPOISON_MEMORY_REGION(bytes, len)
#else
#define BUFFERS_HIDE(bytes, len) ((void)(bytes), (void)(len))
#define BUFFERS_SHOW(bytes, len) ((void)(bytes), (void)(len))
#endif

#define BUFFERS_STRIDE ((size_t)BACKEND_BUFFER_BYTES + BACKEND_SLACK_BYTES)

int backend_buffers_open(struct backend_buffers *buffers, unsigned count)
{
    memset(buffers, 0, sizeof(*buffers));
    if (count > BACKEND_BUFFERS_MAX || (count & (count - 1u)) != 0)
        return -EINVAL;
    if (count == 0)
        return 0;
    size_t bytes = count * BUFFERS_STRIDE;
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return -errno;
    /* A child that inherits them would make the kernel copy pages under our feet. */
    (void)madvise(base, bytes, MADV_DONTFORK); /* a help only; without it everything still works */
    buffers->base = base;
    buffers->bytes = bytes;
    buffers->count = count;
    buffers->free = calloc(count, sizeof(*buffers->free));
    buffers->out = calloc(count, sizeof(*buffers->out));
    if (buffers->free == NULL || buffers->out == NULL) {
        backend_buffers_close(buffers);
        return -ENOMEM;
    }
    for (unsigned id = 0; id < count; id++)
        buffers->free[id] = (uint16_t)(count - 1 - id);
    buffers->free_count = count;
    BUFFERS_HIDE(base, bytes);
    return 0;
}

void backend_buffers_close(struct backend_buffers *buffers)
{
    if (buffers->base != NULL) {
        BUFFERS_SHOW(buffers->base, buffers->bytes);
        (void)munmap(buffers->base, buffers->bytes); /* our own mapping: cannot fail */
    }
    free(buffers->free);
    free(buffers->out);
    memset(buffers, 0, sizeof(*buffers));
}

char *backend_buffers_at(const struct backend_buffers *buffers, unsigned id)
{
    assert(id < buffers->count);
    return buffers->base + id * BUFFERS_STRIDE;
}

void backend_buffers_taken(struct backend_buffers *buffers, unsigned id)
{
    assert(id < buffers->count);
    assert(!buffers->out[id]);
    buffers->out[id] = true;
    buffers->held++;
    BUFFERS_SHOW(backend_buffers_at(buffers, id), BUFFERS_STRIDE);
}

int backend_buffers_lend(struct backend_buffers *buffers)
{
    return buffers->free_count == 0 ? -ENOBUFS : (int)buffers->free[--buffers->free_count];
}

int backend_buffers_take(struct backend_buffers *buffers)
{
    int id = backend_buffers_lend(buffers);
    if (id >= 0)
        backend_buffers_taken(buffers, (unsigned)id);
    return id;
}

void backend_buffers_give(struct backend_buffers *buffers, unsigned id)
{
    assert(id < buffers->count);
    assert(buffers->out[id]);
    buffers->out[id] = false;
    buffers->held--;
    BUFFERS_HIDE(backend_buffers_at(buffers, id), BUFFERS_STRIDE);
    assert(buffers->free_count < buffers->count);
    buffers->free[buffers->free_count++] = (uint16_t)id;
}
