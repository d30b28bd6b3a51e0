/* The first documents of a run: what failed goes back if it was the run's fault. */
#include "batch/suspects.h"

#include "batch/exit_code.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static void three_equal_refusals(void **state)
{
    struct part p;
    (void)state;
    part_open(&p);
    struct flights *fl = flights_new(&p.context, p.ending, NULL);
    struct suspects *s = suspects_new(p.ending, fl, 4);
    struct mindee_response r = fake_response(422);
    r.text = "422: no such option";
    for (int id = 1; id <= 3; id++)
        suspects_refused(s, fake_flight(fl, id, DOC_FAILED), &r);
    assert_int_equal(ending_exit_code(p.ending), EXIT_REFUSED);
    suspects_turn(s, part_now(&p));
    assert_recorded("event doc=1 run_stopped canary - -\n"
                    "event doc=2 run_stopped canary - -\n"
                    "event doc=3 run_stopped canary - -\n");
    suspects_free(s);
    flights_free(fl);
    part_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_equal_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
