/* sandbox_options.h - how a sandbox behaves: its address, limits, processing times and faults, and
 * how it delivers to webhooks. */
#ifndef MB_SANDBOX_SANDBOX_OPTIONS_H
#define MB_SANDBOX_SANDBOX_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct fault_plan;
struct catalog;
struct answers;

/* How results are delivered to the catalog's webhooks. Rates are 0..1. */
struct webhook_options {
    int64_t delay_ms;      /* median, from the job's end */
    double duplicate_rate; /* delivered twice */
    double loss_rate;      /* never sent; the job shows them as failed after their attempts */
    double forged_rate;    /* a forged one comes before the true one */
    double early_rate;     /* of jobs: the 202 of the upload waits for the delivery */
    bool shuffle;          /* not in the order in which jobs end */
    int64_t retries;       /* after the first attempt */
    int64_t retry_ms;      /* the pause before the first retry; each is twice the one before */
    const char *ca_file;   /* whom to trust (https); NULL: the system's */
};

struct sandbox_options {
    const char *host;                          /* NULL: 127.0.0.1 */
    uint16_t port;                             /* 0: any */
    const char *key;                           /* NULL: any key that is one */
    int64_t posts_per_minute, gets_per_minute; /* 0: none */
    int64_t latency_median_ms;
    double latency_sigma; /* of the logarithm */
    double fail_rate;     /* of jobs, 0..1 */
    bool delete_when_fetched;
    int64_t retention_ms;     /* of a result, from the end of its job */
    int64_t credits;          /* pages until 402; 0: no bound */
    int64_t revoke_key_after; /* requests let in until every key is refused; 0: never */
    uint64_t seed;            /* of ids, processing times, failures and faults */
    const char *tls_cert_pem, *tls_key_pem; /* both or neither */
    struct fault_plan *faults;              /* NULL: none; stays the caller's */
    struct catalog *catalog; /* of models and webhooks; NULL: the usual; stays the caller's */
    struct answers *answers; /* a user's own results (answers.h); NULL: none; stays the caller's */
    struct webhook_options webhook;
    int trace_fd; /* each answer is written there, a line of JSON; -1: nowhere. Stays the caller's */
};

void sandbox_options_init(struct sandbox_options *o); /* the defaults of --help */

#endif
