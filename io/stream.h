/*
 * Lines from connections and files: receives, frames in place, pauses and resumes, sends replies.
 * One struct stream a thread; up to STREAM_PEERS_MAX peers. Knows backends and bytes, no JSON.
 *
 * A line is handed to the handler where it lies in the receive buffer; only a line that straddles
 * two buffers is copied, into a carry buffer that a peer owns while it is in the middle of a line.
 */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/backend.h"

#define STREAM_PEERS_MAX 1024u
#define STREAM_LINE_BYTES_MAX                                                                      \
    262144u                         /* without the newline; longer lines are STREAM_LINE_TOO_LONG */
#define STREAM_HELD_BUFFERS_MAX 64u /* of one peer: beyond it that peer's recv is cancelled */
#define STREAM_FILES_MAX        8u  /* files and pipes at a time: they bring their own buffers */
#define STREAM_CARRY_BASE_BYTES 4096u /* a straddling line up to this never waits for memory */
/* So long may a peer be silent in mid-line while others wait for its memory. */
#define STREAM_STUCK_NS 10000000000u

/* The least carry_bytes_total: one longest line, so that one peer can always finish its line. */
#define STREAM_CARRY_BYTES_MIN (STREAM_LINE_BYTES_MAX + BACKEND_SLACK_BYTES)

struct stream;
struct stream_peer;

enum stream_line {
    STREAM_LINE_WHOLE = 0,
    STREAM_LINE_TOO_LONG = 1, /* bytes: the first STREAM_LINE_BYTES_MAX; line_bytes: its length */
    STREAM_LINE_UNTERMINATED = 2, /* files and pipes only: the last line had no newline */
};

struct stream_frame {
    const char *bytes; /* without \n (a \r before it is kept); borrowed until the handler returns;
                          BACKEND_SLACK_BYTES readable bytes follow */
    size_t len;
    enum stream_line kind;
    uint64_t offset;     /* of the line's first byte since the peer's first byte */
    uint64_t line_bytes; /* its true length without \n; == len unless TOO_LONG */
};

/* How the peer ended. */
enum stream_end {
    STREAM_END_EOF = 0,    /* it closed, or the file is read to its end */
    STREAM_END_ERROR = 1,  /* error is the -errno of recv, read or send, or of the handler;
                              -ETIMEDOUT also of stream_tick */
    STREAM_END_CLOSED = 2, /* stream_close_peer or stream_close */
};

struct stream_handler {
    /* A line. 0: go on. -EAGAIN: this same frame comes again after stream_resume, and nothing of
       any peer before that. Another -errno: the peer is ended with it. From inside, stream_send,
       stream_close_peer, stream_pause_peer and stream_resume_peer of any peer are allowed. It is
       called from a turn of the backend and stream_resume only, never from within itself. */
    int (*line)(void *context, struct stream_peer *peer, const struct stream_frame *frame);
    /* A peer came (its user pointer is NULL) or has ended: its fd is closed, and after ended
       returns the peer may not be used. Ended is called from a turn of the backend and stream_close
       only. discarded_bytes: received and not delivered: the unterminated line of a socket, or
       whatever was there when the peer was closed or failed. */
    void (*opened)(void *context, struct stream_peer *peer);
    void (*ended)(void *context, struct stream_peer *peer, enum stream_end end, int error,
                  uint64_t discarded_bytes);
    /* The bytes given to stream_send have all been sent; another stream_send may follow. */
    void (*sent)(void *context, struct stream_peer *peer);
    /* May be NULL. A socket's last byte came and all its lines were delivered; it may still read
       what it is sent (shutdown(2) of one side). true: it is kept for stream_send until
       stream_close_peer; false, as without eof: it is ended now. Called once. */
    bool (*eof)(void *context, struct stream_peer *peer);
};

struct stream_limits {
    unsigned peers_max;       /* 1 .. STREAM_PEERS_MAX */
    size_t carry_bytes_total; /* >= STREAM_CARRY_BYTES_MIN: of all carry buffers beyond the base;
                                 without memory a peer is not read until it is its turn */
};

/* Counters since stream_open; read by the owner's thread only. */
struct stream_counts {
    uint64_t bytes, lines, copied_lines, too_long,
        discarded_bytes;      /* lines: taken by the handler */
    uint64_t pauses, resumes; /* a peer's receiving was cancelled, and started again after that */
    uint64_t nobufs;          /* receives that found no free buffer */
    uint64_t rearms;          /* receives armed again, for whatever reason */
    uint64_t parks;           /* lines that the handler did not take (-EAGAIN) */
    uint64_t carry_waits;     /* peers that had to wait for carry memory */
    uint64_t stuck;           /* peers that stream_tick ended */
    uint64_t peers_opened, peers_ended;
};

/* Makes a stream on a backend that was opened with buffers. 0, -ENOMEM, -EINVAL (limits). The
   handler and context must outlive it. */
int stream_open(struct backend *backend, const struct stream_limits *limits,
                const struct stream_handler *handler, void *context, struct stream **ret_stream);

/* Takes over a connected stream socket; opened() is called before this returns. 0; -ENOSPC when
   peers_max are there (the fd stays the caller's). */
int stream_adopt_socket(struct stream *stream, int fd, struct stream_peer **ret_peer);

/* Takes over a readable file, pipe or terminal, read from its current start (offset 0 of a regular
   file) to its end. As above; also -ENOSPC when STREAM_FILES_MAX are there, -ENOMEM, and the -errno
   of reading (-EISDIR of a folder). */
int stream_adopt_file(struct stream *stream, int fd, struct stream_peer **ret_peer);

/* There is room for one more file: less than STREAM_FILES_MAX and less than peers_max are there. */
bool stream_takes_file(const struct stream *stream);

/* Hands a parked frame to the handler again and goes on with all peers. No effect when not parked.
 */
void stream_resume(struct stream *stream);
bool stream_parked(const struct stream *stream);

/* Stops and starts reading one peer (its client does not read replies). No byte is lost: while it
   is paused no line of it is delivered, also none that was received before; those come in
   a later turn after stream_resume_peer. */
void stream_pause_peer(struct stream_peer *peer);
void stream_resume_peer(struct stream_peer *peer);

/* Sends len > 0 bytes, which stay the caller's and must stay in place until sent() or ended(). Not
   while a send is under way. 0, -EBUSY, -EPIPE (the peer is a file or is being closed), another
   -errno of starting it. A send that fails later ends the peer. */
int stream_send(struct stream_peer *peer, const void *bytes, size_t len);
bool stream_sending(const struct stream_peer *peer);

/* Once a turn of the owner's: ends the peers that keep others waiting. A socket or pipe from which
   no byte came for STREAM_STUCK_NS, while it was in the middle of a line with memory beyond the
   base and another peer waited for such memory, is ended with STREAM_END_ERROR and -ETIMEDOUT;
   ended() comes from a later turn. Cheap while nobody waits. */
void stream_tick(struct stream *stream);

/* Stops taking new bytes from all peers but keeps them for sending; lines already received are
   still delivered. For a drain. */
void stream_stop_reading(struct stream *stream);

/* After stream_stop_reading: no further line comes by itself (paused peers apart). */
bool stream_quiet(const struct stream *stream);

/* Ends a peer after what was given to stream_send is out; ended() comes from a later turn. No
   further line of it is delivered. The second time has no effect. */
void stream_close_peer(struct stream_peer *peer);

/* false: a file, pipe or terminal. */
bool stream_peer_is_socket(const struct stream_peer *peer);
uint64_t stream_peer_id(const struct stream_peer *peer); /* 1, 2, ... in the stream's life */
void *stream_peer_user(const struct stream_peer *peer);
void stream_peer_set_user(struct stream_peer *peer, void *user);

/* Peers that are there, those that are being closed included. */
size_t stream_peers_count(const struct stream *stream);
/* A copy of the counters. */
struct stream_counts stream_counts(const struct stream *stream);

/* Most bytes that a stream with these limits may hold besides the backend's buffers. */
size_t stream_bytes_max(const struct stream_limits *limits);

/* Ends all peers at once and frees; runs the backend until their ops are back. Should the backend
   fail meanwhile, the memory that the kernel may still write to is left alone. NULL is fine.
   Returns NULL. */
struct stream *stream_close(struct stream *stream);

#endif
