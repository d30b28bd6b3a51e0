/* The least a client can do: for each document of a directory one upload, one look at its job after
 * a fixed wait (and again until it is Processed), one GET of its result, which is thrown away.
 * Nothing is hashed, parsed, recorded or retried; the first thing that goes wrong ends it. What
 * mindee-batch costs beyond this is the price of everything it is for.
 *
 *   bench_bare_curl BASE_URL MODEL_ID AT_ONCE WAIT_MS DIRECTORY [CA_FILE] */
#include "raw_client.h"

#include <stdio.h>

static size_t started;

static int start_what_can(struct raw_client *c)
{
    enum { WHENEVER_MS = 1000 };
    while (c->idle_count > 0 && started < c->count)
        raw_client_start(c, &c->documents[started++]);
    return WHENEVER_MS;
}

static void drop(struct raw_client *c, struct document *d, const char *bytes, size_t len)
{
    (void)bytes, (void)len;
    raw_client_done(c, d);
}

int main(int argc, char **argv)
{
    static struct raw_client c = {
        .name = "bench_bare_curl",
        .turn = start_what_can,
        .accepted = raw_client_wait,
        .processed = raw_client_start,
        .fetched = drop,
    };
    raw_client_open(&c, argc, argv);
    raw_client_run(&c);
    printf("%zu documents\n", c.done);
    return 0;
}
