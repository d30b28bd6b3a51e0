/* Full jitter: anything between nothing and the ceiling, which doubles with each failure from the
 * first delay on up to the bound, so that what was refused together comes back spread out. What the
 * server asks for is a floor under it, even above the bound. */
#include "base/backoff.h"

#include "base/require.h"

enum { RETRY_AFTER_MAX_MS = 3600000 };

int64_t backoff_delay_ms(int failures, int64_t first_ms, int64_t max_ms, double random,
                         int64_t retry_after_ms)
{
    REQUIRE(failures >= 1 && first_ms >= 0 && max_ms >= 0);
    REQUIRE(random >= 0.0 && random < 1.0);

    int64_t ceiling_ms = first_ms < max_ms ? first_ms : max_ms;
    for (int i = 1; i < failures && ceiling_ms > 0 && ceiling_ms < max_ms; i++)
        ceiling_ms = ceiling_ms > max_ms / 2 ? max_ms : ceiling_ms * 2;

    int64_t delay_ms = (int64_t)((double)ceiling_ms * random);
    int64_t asked_ms = retry_after_ms < RETRY_AFTER_MAX_MS ? retry_after_ms : RETRY_AFTER_MAX_MS;
    return delay_ms > asked_ms ? delay_ms : asked_ms;
}
