/* fake_limit_state.h - stands in for limits/limit_state.h: what is leased is what the test says. A
 * line (record.h) each:
 *
 *   open_limits DIRECTORY ORIGIN KEY
 *   lease posts=3 gets=5               what is wanted
 *   close_limits out=1,0 after 2 leases    POSTs and GETs that are still out */
#ifndef MB_TESTS_BATCH_FAKE_LIMIT_STATE_H
#define MB_TESTS_BATCH_FAKE_LIMIT_STATE_H

#include "limits/limit_state.h"

struct fake_limits {
    const char *open_fails; /* with these words; NULL: it goes well */
    const char *lease_fails;
    uint32_t most_posts, most_gets; /* that a lease gives */
    uint32_t others_out;            /* POSTs that other runs have on the wire */
};
extern struct fake_limits fake_limits;

#endif
