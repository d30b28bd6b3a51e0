/* limit_state.h - the limiter's memory: what this machine's runs have sent for an organisation (with
 * a key, or under a name that several keys share), across restarts and beside each other.
 *
 *   limit_state_open(&s, directory, origin, owner, boot_id, &e);
 *   limit_state_lease(s, now, want_post, want_get, post, get, &e);
 *                               at most once a second, before the sends that it covers
 *   limit_state_close(s, ...);  a clean end: only what was answered stays counted
 *
 * A run with something out or leased calls it about once a second too, with wants of 0 if it has
 * nothing to send: until it says otherwise, its lease counts for the others as used.
 *
 * A small SQLite database of its own per origin and OWNER (a key or a name), in WAL mode with
 * synchronous=FULL: a lease ("up to k POSTs and m GETs in this second") is durable before the first
 * request under it. What each run had answered is kept by seconds, rounded against us; a run that
 * died counts in full: its lease and what it had out, as of the moment its death is noticed. Stamps
 * are struct mono with the boot's id; under another boot id they count as of now. Neither key nor
 * hash of the key alone is stored in clear: the file's name is the hash of both. Where the
 * directory's group may write to it, so it may to the files: users of one machine share them. */
#ifndef MB_LIMITS_LIMIT_STATE_H
#define MB_LIMITS_LIMIT_STATE_H

#include "base/error.h"
#include "core/limiter.h"

struct limit_state;

enum { LIMIT_LEASE_MS = 1000 };

/* DIRECTORY is made (0700) if it isn't there. */
MUST_CHECK int limit_state_open(struct limit_state **out, const char *directory, const char *origin,
                                const char *owner, const char *boot_id, struct mono now,
                                struct error *e);

/* Writes down what POST and GET have out and had answered since the last call, reads what others
 * did, and leases up to WANT_POST and WANT_GET requests for the next second, as far as the windows
 * of all together allow. Sets leases and others in both limiters. */
MUST_CHECK int limit_state_lease(struct limit_state *s, struct mono now, uint32_t want_post,
                                 uint32_t want_get, struct limiter *post, struct limiter *get,
                                 struct error *e);

/* Writes down what is counted and gives back the lease.
 * POST and GET NULL: as after a crash (tests). */
void limit_state_close(struct limit_state *s, struct mono now, struct limiter *post,
                       struct limiter *get);

#endif
