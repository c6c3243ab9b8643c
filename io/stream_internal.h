/*
 * What the files of io/stream*.c share; nobody else includes it.
 *
 * Invariants:
 * 1. A peer's input is one queue in the order of the stream: provided buffers (nodes), then its
 *    chunk; or, for a regular file, its slots. A chunk is filled only when no recv is in flight,
 *    and recv is armed only when the chunk is empty.
 * 2. A node's buffer goes back exactly once: when it is used up, or when the peer is released.
 * 3. No byte is consumed before its line was taken by the handler or copied into the carry.
 * 4. A peer that waits for carry memory, is paused or is closing is not in the ready list.
 * 5. Ops are embedded in peers: a peer becomes FREE only when none of its ops is in flight.
 * 6. line() and eof() are called only from a done() and from stream_resume, ended() only at the end
 *    of a done() and from stream_close: the owner's other calls never call it back.
 */
#ifndef IO_STREAM_INTERNAL_H
#define IO_STREAM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/backend.h"
#include "io/frame.h"
#include "io/stream.h"

#define STREAM_SLOTS            4u           /* reads of one file in flight */
#define STREAM_FILE_CHUNK_BYTES (256u << 10) /* of one of them */
#define STREAM_PIPE_CHUNK_BYTES (64u << 10)
#define STREAM_NODES_MAX        32768u /* buffer ids are 15 bits in every backend */
#define STREAM_NO_NODE          UINT32_MAX

struct stream_link {
    struct stream_link *prev; /* NULL: in no list */
    struct stream_link *next;
    struct stream_peer *peer;
};

enum stream_source { STREAM_SOURCE_SOCKET = 0, STREAM_SOURCE_PIPE = 1, STREAM_SOURCE_FILE = 2 };

/*
 *   FREE --> OPEN --> CLOSING --> FREE
 *
 * FREE -> OPEN [stream_adopt_socket, stream_adopt_file]. OPEN -> CLOSING [stream_peer_end]. CLOSING
 * -> FREE [finish]. OPEN: received, delivered and sent. CLOSING: no line is delivered any more, the
 * input was released, receives are cancelled; what was given to stream_send goes out, unless the
 * peer failed.
 */
enum stream_state { STREAM_FREE = 0, STREAM_OPEN = 1, STREAM_CLOSING = 2 };

/* What the receive op in flight is. CHUNK: pipes, and the peer that holds the express carry. WATCH:
   waiting until a non-blocking descriptor is readable. */
enum stream_receive { STREAM_BUFFERS = 0, STREAM_CHUNK = 1, STREAM_WATCH = 2 };

struct stream_node {
    uint32_t next;
    uint32_t len;
};

/* One of the reads of a regular file: idle -> in_flight -> done -> idle. After a short read it goes
   on with the rest, and stays in_flight. */
struct stream_slot {
    struct backend_op op;
    struct stream_peer *peer;
    char *bytes;
    size_t len;
    uint64_t offset;
    bool in_flight;
    bool done;
    bool counted;
    bool end;  /* the file ends behind its bytes */
    int error; /* or reading failed there */
};

struct stream_peer {
    struct stream *stream;
    uint64_t id;
    void *user;
    int fd;
    enum stream_source source;
    enum stream_state state;

    struct backend_op receive_op;
    enum stream_receive receiving;
    unsigned in_flight; /* of receive_op and the slots */
    bool cancelling;
    bool armed_before;
    bool stopped_before;
    bool watch_first;
    bool paused;
    bool full;        /* it holds too many buffers */
    bool input_ended; /* behind the queued input */
    int input_error;  /* and why; 0: end of stream */
    bool eof_told;
    uint64_t returns_seen; /* stream->returns when recv was armed */

    uint32_t node_first;
    uint32_t node_last;
    unsigned held;
    char *chunk;
    size_t chunk_len;
    size_t chunk_pooled; /* what it takes from the carry pool: it was stashed */
    struct stream_slot *slots;
    unsigned slot_front;
    unsigned slot_next;
    uint64_t next_offset;
    bool slots_end;
    size_t at; /* consumed bytes of the first input */
    uint64_t received;

    struct frame frame;
    struct frame_line line;
    bool line_pending; /* line was not taken yet */
    bool line_unterminated;
    bool express;
    uint64_t heard_received; /* received, when stream_tick last saw it differ */
    uint64_t heard_ns;       /* and when that was */

    struct backend_op send_op;
    const char *send_bytes;
    size_t send_len;
    bool sending;
    bool send_abort;

    enum stream_end end;
    int error;
    uint64_t discarded;

    struct stream_link ready;
    struct stream_link starved; /* met -ENOBUFS; armed again when buffers went back */
    struct stream_link waiting; /* for carry memory, in order of coming */
    struct stream_link finishing;
};

struct stream {
    struct backend *backend;
    const struct backend_ops *ops;
    struct stream_handler handler;
    void *context;
    unsigned peers_max;
    unsigned peers_count;
    unsigned files_count;
    uint64_t last_id;
    size_t carry_total; /* of the pool, without the express carry */
    size_t carry_used;
    struct stream_peer *express;
    uint64_t ticked_ns; /* boot time of the last look for the stuck; 0: nobody waited */
    uint64_t returns;   /* buffers given back so far */
    uint64_t returns_rearmed;
    uint64_t in_flight; /* receive ops of all peers */
    unsigned depth;     /* done() handlers on the stack */
    bool parked;
    bool pumping;
    bool stopped;
    struct stream_peer *delivering;
    struct stream_link ready;
    struct stream_link starved;
    struct stream_link waiting;
    struct stream_link finishing;
    struct stream_node *nodes;
    uint32_t nodes_count;
    struct stream_counts counts;
    struct stream_peer peers[];
};

/* Lists: a head is a link of its own. Removing a link that is in no list has no effect. */
void stream_list_init(struct stream_link *head);
bool stream_list_empty(const struct stream_link *head);
void stream_list_push_tail(struct stream_link *head, struct stream_link *link);
void stream_list_push_head(struct stream_link *head, struct stream_link *link);
void stream_list_remove(struct stream_link *link);
bool stream_link_on(const struct stream_link *link);

/* stream_input.c: the queue of received bytes. */

/* The first input, from its beginning; false when none is there. */
bool stream_input_front(struct stream_peer *peer, const char **ret_bytes, size_t *ret_len);
/* The first input is used up. */
void stream_input_drop(struct stream_peer *peer);
/* Queues a provided buffer. 0 or -ENOMEM, and then the buffer is still the caller's. */
int stream_input_push(struct stream_peer *peer, unsigned buffer_id, size_t len);
/* Gives a provided buffer back. */
void stream_buffer_return(struct stream *stream, unsigned buffer_id);
/* Moves the queued buffers of a paused peer into memory of the pool, if that has room, so that
   peers that are paused for long do not keep the others from receiving. */
void stream_input_stash(struct stream_peer *peer);
/* Frees the chunk; no op is writing to it. */
void stream_chunk_free(struct stream_peer *peer);
/* Gives everything queued back. Chunk and slots stay, since an op may be writing to them. */
void stream_input_release(struct stream_peer *peer);

/* stream_receive.c: sockets and pipes. */

/* May this peer be read now, as far as the peer itself goes? */
bool stream_receive_wanted(const struct stream_peer *peer);
/* Arms, or cancels, what the peer's state asks for. To be called after each change of that state.
 */
void stream_receive_update(struct stream_peer *peer);
/* Arms the starved again if buffers went back since the last time. */
void stream_receive_rearm(struct stream *stream);
/* Sees to it that a done() of this peer comes in a later turn. false when nothing can be started.
 */
bool stream_receive_kick(struct stream_peer *peer);
/* Sets the op up; once a peer. */
void stream_receive_init(struct stream_peer *peer);

/* stream_file.c: regular files. */

/* Makes the slots and their buffers. 0 or -ENOMEM. */
int stream_file_init(struct stream_peer *peer);
/* Starts reads into the idle slots if the peer may be read; cancels those of a closing peer. */
void stream_file_update(struct stream_peer *peer);
/* The first slot, when it is there; and dropping it. As stream_input_front. */
bool stream_file_front(struct stream_peer *peer, const char **ret_bytes, size_t *ret_len);
void stream_file_drop(struct stream_peer *peer);
/* Frees; no read in flight. */
void stream_file_free(struct stream_peer *peer);

/* stream_send.c */

/* Sets the op up; once a peer. */
void stream_send_init(struct stream_peer *peer);
/* Gives up what is still to be sent; the op ends in a later turn. */
void stream_send_cancel(struct stream_peer *peer);

/* stream_carry.c: memory of straddling lines, out of one budget. */

/* Makes the peer's carry hold need bytes. 0; -EAGAIN: the budget is used up, and the peer stands in
   the waiting list until it is granted; -ENOMEM. */
int stream_carry_grow(struct stream_peer *peer, size_t need);
/* Takes bytes from the pool for another use; false when it has not that many. Gives them back. */
bool stream_carry_take(struct stream *stream, size_t bytes);
void stream_carry_give(struct stream *stream, size_t bytes);
/* Frees the peer's carry, which is empty, and grants those who wait. */
void stream_carry_release(struct stream_peer *peer);

/* stream_pump.c: delivery. */

/* Puts a peer that has something to deliver into the ready list. */
void stream_ready(struct stream_peer *peer);
/* Delivers, one input of a peer at a time and the peers in turn, until nothing is ready or the
   handler parks. No effect from within itself. */
void stream_pump(struct stream *stream);
/* After a call of the owner's that may have made peers ready: they are pumped in a later turn. */
void stream_wake(struct stream *stream);
/* Around the body of every done(). */
void stream_enter(struct stream *stream);
void stream_leave(struct stream *stream);

/* stream_end.c: the end of a peer. */

/* OPEN -> CLOSING, with what is to be told; no effect otherwise. */
void stream_peer_end(struct stream_peer *peer, enum stream_end end, int error);
/* Releases the input of a closing peer whose line is not being delivered any more. */
void stream_peer_release(struct stream_peer *peer);
/* Lets a closing peer without ops in flight finish. */
void stream_peer_settle(struct stream_peer *peer);
/* Finishes those that are ready for it. */
void stream_finish(struct stream *stream);

#endif
