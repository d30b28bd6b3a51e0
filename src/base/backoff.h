/* backoff.h - how long to wait before asking again: exponential backoff with full jitter (Brooker,
 * "Exponential Backoff And Jitter", 2015), never shorter than what the server asks for. */
#ifndef MB_BASE_BACKOFF_H
#define MB_BASE_BACKOFF_H

#include <stdint.h>

/* FAILURES counts from 1. RANDOM in [0, 1). RETRY_AFTER_MS -1: not said; one of more than an hour
 * counts as an hour. */
int64_t backoff_delay_ms(int failures, int64_t first_ms, int64_t max_ms, double random,
                         int64_t retry_after_ms);

#endif
