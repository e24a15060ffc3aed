/* OAK seats: one of the seats that a host on the network lends, held by this computer while the product runs.
 *
 * Conventions
 *   Threads    The library starts no thread unless it is asked to (oak_seat_keep). One handle serves one thread at a time, but for
 *              oak_seat_look, which any thread may call at any moment and which never waits. Handles are independent. While a server's
 *              name is looked up, the C++ library may use a thread of its own inside of the call.
 *   Waiting    oak_seat_acquire, _turn, _borrow, _release and _close ask the network, and wait for it: at most 15 seconds, and the time
 *              that the system takes to look up a name. All others return at once.
 *   Status     Every function that can fail returns an OAK_SEAT_* number; 0 is success. Having no seat is no failure: the state says so.
 *              Numbers keep their meaning for ever; new ones may be added.
 *   Ownership  Strings given to the library are copied before a call returns. No memory crosses the boundary in either direction; the
 *              handle alone is the library's, and oak_seat_close releases it.
 *   Units      Durations are in milliseconds, points in time in seconds since 1970-01-01 UTC, lengths in bytes. Text is UTF-8, ended by
 *              a NUL.
 *   World      The library reads and writes the computer's seat state (the folder `seat` below the product's; docs/format-seats.md) and
 *              speaks to the one server that the computer was enrolled with (`oak-seat enrol`), whose key is pinned there. It starts no
 *              process, installs no signal handler, raises no signal, and reads no environment variable of its own; OpenSSL and the C
 *              library's name resolution do as they do for every program. A process that forks must not use a handle in the child.
 *   Exceptions None crosses the boundary.
 *   Policy     A seat that is lost stops nothing: the product goes on read-only, and gets its functions back with the seat.
 *
 * Programs of one computer share its seat: a second one takes no second seat, and the last one that releases gives it back. A program that
 * is killed leaves the seat with the computer until its time is over.
 *
 * Two ways to keep a seat. With a thread of the library:       Or on the product's own thread or loop:
 *     oak_seat_open, oak_seat_acquire, oak_seat_keep;              oak_seat_open, oak_seat_acquire;
 *     oak_seat_look wherever it matters;                           oak_seat_turn within each turn_ms, and oak_seat_look;
 *     oak_seat_release, oak_seat_close.                            oak_seat_release, oak_seat_close.
 */
#ifndef OAK_SEAT_H
#define OAK_SEAT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define OAK_SEAT_API __attribute__((visibility("default")))
#else
#define OAK_SEAT_API
#endif

/* Statuses. */
enum {
  OAK_SEAT_OK = 0,
  OAK_SEAT_BAD_ARGUMENT = 1, /* a NULL, an unknown size, a product that is none, days that are none */
  OAK_SEAT_TOO_SMALL = 2,    /* the buffer; the needed length was set */
  OAK_SEAT_NOT_ENROLLED = 3, /* this computer: oak-seat enrol, with a code from the server */
  OAK_SEAT_NO_MEMORY = 4,
  OAK_SEAT_PERMISSION = 5,   /* this user may not use the computer's seat: be in the group oak */
  OAK_SEAT_IO = 6,           /* reading or writing a file failed */
  OAK_SEAT_UNREACHABLE = 7,  /* the server did not answer in time; a seat that is held goes on to its end */
  OAK_SEAT_REFUSED = 8,      /* the server said no; oak_seat_error_text says why */
  OAK_SEAT_WRONG_SERVER = 9, /* another one answers than the one that was pinned */
  OAK_SEAT_BAD_ANSWER = 10,  /* what the server sent is none, or is for another computer */
  OAK_SEAT_DAMAGED = 11,     /* the computer's seat state: enrol it anew */
  OAK_SEAT_INTERNAL = 12     /* the system lacks something, such as randomness or a thread */
};

/* Set everything to zero first (`oak_seat_config config = {0};`), then size and product. Members may be added at the end: a library takes
 * the sizes of older headers, and of newer ones where all that it does not know is zero. */
typedef struct oak_seat_config {
  uint32_t size;         /* sizeof(oak_seat_config) */
  uint32_t reserved;     /* 0 */
  const char *product;   /* as the vendor's desk spells it, 1 to 40 characters */
  const char *state_dir; /* NULL: /var/lib/oak */
} oak_seat_config;

/* How the seat stands. Set size before each call; the library fills what that size has room for. */
typedef struct oak_seat_state {
  uint32_t size;         /* in: sizeof(oak_seat_state) */
  uint32_t held;         /* 1: this computer holds a seat at this moment; else 0, and the product is read-only */
  uint32_t borrowed;     /* 1: until a day by the calendar, with or without the server */
  uint32_t changes;      /* how often `held` has changed since the handle was opened: compare it with the one that you saw last */
  uint64_t left_ms;      /* for how long the seat is held if nothing more is heard; 0 where it is not */
  uint64_t turn_ms;      /* oak_seat_turn has nothing to do before; UINT64_MAX: never, as long as nothing is asked for */
  uint64_t position;     /* in the line: 1 is next; 0 where this computer is not in it */
  uint64_t until_unix_s; /* where held: the end, to show to people */
} oak_seat_state;

typedef struct oak_seat oak_seat;

/* Reads what the computer was enrolled with. Asks nobody.
 *   config    in, not NULL; needed until the call returns.
 *   out_seat  out, not NULL; set to a handle for oak_seat_close, or to NULL on failure.
 * Returns OK, or BAD_ARGUMENT, NOT_ENROLLED, NO_MEMORY, PERMISSION, IO, DAMAGED, INTERNAL. */
OAK_SEAT_API int oak_seat_open(const oak_seat_config *config, oak_seat **out_seat);

/* Asks for a seat, or renews the one that is held; where none is free, joins the line. From then on oak_seat_turn, or the library's thread,
 * keeps what was got: renews a seat, and goes on asking from the line.
 *   out_state  out; may be NULL.
 * Returns OK with state.held 1 or 0. Otherwise UNREACHABLE (oak_seat_turn tries again), REFUSED, WRONG_SERVER, BAD_ANSWER, DAMAGED, IO,
 * PERMISSION, NO_MEMORY, BAD_ARGUMENT, INTERNAL; the state is set all the same: a seat that was held is still held to its end. */
OAK_SEAT_API int oak_seat_acquire(oak_seat *seat, oak_seat_state *out_state);

/* Does what is due: renews, asks again, notices that a seat has ended. Returns at once where nothing is. Call it again after at most
 * state.turn_ms; later costs a seat at worst. Returns as oak_seat_acquire does, for what was asked last. */
OAK_SEAT_API int oak_seat_turn(oak_seat *seat, oak_seat_state *out_state);

/* Starts a thread that takes the turns, with all signals blocked, until oak_seat_release or oak_seat_close. Calling it again changes
 * nothing. Returns OK, BAD_ARGUMENT, NO_MEMORY, INTERNAL. */
OAK_SEAT_API int oak_seat_keep(oak_seat *seat);

/* How the seat stands at this moment, from memory and the clocks alone. Any thread may call it; it never waits for the network.
 * Returns OK or BAD_ARGUMENT. */
OAK_SEAT_API int oak_seat_look(const oak_seat *seat, oak_seat_state *out_state);

/* Takes a seat that is held along for some days, with or without the server; oak_seat_release gives it back.
 *   days  1 to 365; the server allows fewer.
 * Returns as oak_seat_acquire; REFUSED changes nothing. */
OAK_SEAT_API int oak_seat_borrow(oak_seat *seat, uint32_t days, oak_seat_state *out_state);

/* Stops using the seat, or leaves the line. Where no other program of this computer uses the seat, the server is told that it is free;
 * where another one does, it goes on. The handle may acquire again.
 * Returns OK; UNREACHABLE and the others where the server was not told: then the seat is free when its time is over. */
OAK_SEAT_API int oak_seat_release(oak_seat *seat);

/* Why the last oak_seat_acquire, _turn, _borrow or _release did not return OK, and what helps, as text for people.
 *   out        out; may be NULL where *inout_len is 0.
 *   inout_len  in: the room in `out`. Out: the bytes that the text takes, its NUL included. Not NULL.
 * Returns OK; TOO_SMALL, and nothing is written; BAD_ARGUMENT; NO_MEMORY. */
OAK_SEAT_API int oak_seat_error_text(const oak_seat *seat, char *out, size_t *inout_len);

/* "ok", "unreachable" … A constant that lives as long as the library; "unknown" for a number that is none. */
OAK_SEAT_API const char *oak_seat_status_name(int status);

/* Releases a handle. NULL is allowed. It gives nothing back: the seat stays with the computer until its time is over, so that a program
 * that starts again finds it. */
OAK_SEAT_API void oak_seat_close(oak_seat *seat);

#ifdef __cplusplus
}
#endif

#endif
