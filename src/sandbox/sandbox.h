/* sandbox.h - a local Mindee: the API V2 as its OpenAPI describes it, on loopback, with the limits,
 * the processing times and the failures of the real one at will, and a record of what it accepted
 * and charged that tests compare with.
 *
 *   return sandbox_main(argc, argv, &reader);    the command; argv[0] is its name
 *
 * or inside a process that has a loop (tests):
 *   sandbox_options_init(&options);
 *   sandbox_new(&sandbox, loop, &options, &e);   listens from here on
 *   sandbox_close(sandbox, closed_cb, ctx);      the pointer is dead after the call
 *
 * Besides the API it answers, without a key and outside of the limits:
 *   GET /sandbox/stats              counters (record.h says what each one means)
 *   GET /sandbox/jobs?from=&limit=  what was accepted, in that order; at most `limit` (1000)
 *
 * It calls the webhooks that its catalog knows (webhook.h), on this machine alone.
 *
 * Nothing is kept on disk and the files sent are forgotten once they were looked at. */
#ifndef MB_SANDBOX_SANDBOX_H
#define MB_SANDBOX_SANDBOX_H

#include "base/error.h"
#include "net/loop.h"
#include "sandbox/sandbox_options.h"

#include <stdint.h>

struct sandbox;

/* After an error too the loop has to run, until what had been opened is closed. */
MUST_CHECK int sandbox_new(struct sandbox **out, struct loop *loop,
                           const struct sandbox_options *options, struct error *e);
uint16_t sandbox_port(const struct sandbox *s);
void sandbox_close(struct sandbox *s, void (*closed)(void *ctx), void *ctx);

/* The command with its own options (--help lists them); READER is what --record needs
 * (record_run.h), NULL: it is refused. Returns the exit code. */
struct run_reader;
int sandbox_main(int argc, char **argv, const struct run_reader *reader);

#endif
