/* OAK verifier: is this start of the product covered by an activation of this machine?
 *
 * Conventions
 *   Status     Every function that can fail returns an OAK_STATUS_* number; 0 is success. A status says whether there
 *              is an answer, a verdict says what the answer is; the two are never mixed. Whatever is malformed,
 *              expired or missing in the vendor's documents is a verdict, and no failure.
 *   Verdict    An OAK_* number below. 0 means "not verified" and never comes with success. Numbers keep their meaning
 *              for ever; new ones may be added, so treat an unknown one as "not active".
 *   Ownership  Strings and bytes given to the library are copied before a call returns. No memory crosses the boundary
 *              in either direction; the handle alone is the library's, and oak_close releases it.
 *   Threads    Handles are independent: each may be used by another thread at the same time. One handle serves one
 *              thread at a time. There is no global state that a caller could see.
 *   Units      Lengths are in bytes, times are seconds since 1970-01-01 UTC. Text is UTF-8, ended by a NUL.
 *   World      The library reads files: the machine's state, the site's trust file, the hardware's descriptions below
 *              /sys, /proc, /etc and /run. Where it may, it writes marks into the state. It opens no socket, starts no
 *              process, installs no signal handler, and reads no environment variable.
 *   Exceptions None crosses the boundary.
 *   Policy     A verdict is not enforcement: what the product does with it is the product's decision. Check at start;
 *              never stop a running plant.
 */
#ifndef OAK_VERIFIER_H
#define OAK_VERIFIER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define OAK_API __attribute__((visibility("default")))
#else
#define OAK_API
#endif

/* Verdicts, from best to worst. Where several activations are stored, the best verdict counts. */
enum {
  OAK_NOT_VERIFIED = 0,   /* nothing was checked */
  OAK_ACTIVE = 1,         /* covered; by grace where the answer has "grace_until" */
  OAK_REBIND = 2,         /* hardware, seats in use or version are not what was activated; the answer names which */
  OAK_CLOCK_SET_BACK = 3, /* certificates: a later time has been seen on this machine */
  OAK_EXPIRED = 4,        /* certificates: the end has passed */
  OAK_NOT_YET_VALID = 5,  /* certificates: the start has not come */
  OAK_REVOKED = 6,        /* the vendor has taken it back */
  OAK_SUPERSEDED = 7,     /* a newer activation has been active on this machine */
  OAK_RETURNED = 8,       /* this machine gave it back */
  OAK_UNTRUSTED = 9,      /* it can't be traced to the vendor, or no trust is in place */
  OAK_MALFORMED = 10,     /* damaged: the activation, or the marks that guard it */
  OAK_NOT_ACTIVATED = 11  /* nothing is stored */
};

/* Statuses. */
enum {
  OAK_STATUS_OK = 0,
  OAK_STATUS_BAD_ARGUMENT = 1, /* a NULL, an unknown config.size, a product or version that is none, or trust given to
                                  a build that has its own */
  OAK_STATUS_TOO_SMALL = 2,    /* the buffer; the needed length was set */
  OAK_STATUS_NOT_CHECKED = 3,  /* there is no answer before the first oak_check */
  OAK_STATUS_NO_MEMORY = 4,
  OAK_STATUS_PERMISSION = 5,   /* this user may not read the state: run as root, or be in the group oak */
  OAK_STATUS_IO = 6,           /* reading a file failed */
  OAK_STATUS_KEY_MISSING = 7,  /* the fingerprint key is gone: oak-verifier install FILE --licence-key-file F */
  OAK_STATUS_UNSAFE_FILE = 8,  /* a file of the state could have been written by somebody else than root */
  OAK_STATUS_DAMAGED_KEY = 9,  /* the fingerprint key's file is damaged; same remedy as KEY_MISSING */
  OAK_STATUS_INTERNAL = 10     /* the system lacks something, such as randomness */
};

/* What the product says about itself. Set everything to zero first (`oak_config config = {0};`), then size, product
 * and version. Members may be added at the end: a library takes the sizes of older headers, and of newer ones where
 * all that it does not know is zero. */
typedef struct oak_config {
  uint32_t size;         /* sizeof(oak_config) */
  uint32_t seats_in_use; /* how many seats the product uses just now; 0: not asked */
  const char *product;   /* as the vendor's desk spells it, 1 to 40 characters */
  const char *version;   /* of the running product: "3.5.1", "4.0-rc1" */
  const uint8_t *trust;  /* the vendor's trust document (file form or bytes); NULL: built in, else the site's file */
  size_t trust_len;
  const char *state_dir; /* NULL: /var/lib/oak */
} oak_config;

typedef struct oak_verifier oak_verifier;

/* Reads what is stored for the product and verifies its chain up to the vendor's roots.
 *   config        in, not NULL; needed until the call returns.
 *   out_verifier  out, not NULL; set to a handle for oak_close, or to NULL on failure.
 * Returns OK also where nothing is stored, or no trust is in place: oak_check then says so. Otherwise BAD_ARGUMENT,
 * NO_MEMORY, PERMISSION, IO, UNSAFE_FILE, INTERNAL. An activation that is imported later is seen by the next oak_open. */
OAK_API int oak_open(const oak_config *config, oak_verifier **out_verifier);

/* Reads the hardware and the marks, and judges. May be called again on the same handle.
 *   out_verdict   out, not NULL; an OAK_* verdict, 0 on failure.
 * Returns OK, or BAD_ARGUMENT, NO_MEMORY, PERMISSION, IO, KEY_MISSING, UNSAFE_FILE, DAMAGED_KEY, INTERNAL. */
OAK_API int oak_check(oak_verifier *verifier, int *out_verdict);

/* The whole answer of the last oak_check as one JSON object, the one of `oak-verifier check --json`. After a check that
 * failed: {"error": {"code", "message", "hint"}}.
 *   out        out; may be NULL where *inout_len is 0.
 *   inout_len  in: the room in `out`. Out: the bytes that the answer takes, its NUL included. Not NULL.
 * Returns OK; TOO_SMALL, and nothing is written; NOT_CHECKED; BAD_ARGUMENT; NO_MEMORY. */
OAK_API int oak_answer_json(oak_verifier *verifier, char *out, size_t *inout_len);

/* The same for the person at the screen, as lines of text: the verdict, a line a reason, and last the command that helps,
 * as `oak-verifier check` prints it. After a check that failed: what is lacking, and what to do about it.
 *   out, inout_len  as for oak_answer_json.
 * Returns OK; TOO_SMALL, and nothing is written; NOT_CHECKED; BAD_ARGUMENT; NO_MEMORY. */
OAK_API int oak_answer_text(oak_verifier *verifier, char *out, size_t *inout_len);

/* "active", "rebind" … A constant that lives as long as the library; "not-verified" for a number that is none. */
OAK_API const char *oak_verdict_name(int verdict);

/* "ok", "permission" … The same; "unknown" for a number that is none. */
OAK_API const char *oak_status_name(int status);

/* Releases a handle. NULL is allowed. */
OAK_API void oak_close(oak_verifier *verifier);

#ifdef __cplusplus
}
#endif

#endif
