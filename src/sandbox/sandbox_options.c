/* The defaults: Mindee's own limits, and nothing goes wrong. */
#include "sandbox/sandbox_options.h"

void sandbox_options_init(struct sandbox_options *o)
{
    *o = (struct sandbox_options){
        .posts_per_minute = 200,
        .gets_per_minute = 1200,
        .latency_median_ms = 3000,
        .latency_sigma = 0.5,
        .retention_ms = 12 * 3600 * 1000,
        .seed = 1,
        .trace_fd = -1,
        .webhook = {.retries = 3, .retry_ms = 1000},
    };
}
