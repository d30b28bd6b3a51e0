/* A run as the display shows it. */
#include "batch/progress.h"

#include "around.h"
#include "fake_turns.h"

#include <stdio.h>

struct scene {
    struct around around;
    struct admit *admit;
    struct batch_progress p;
};

static void begin(struct scene *s)
{
    around_open(&s->around);
    s->admit = admit_new(&s->around.part.context, NULL, NULL, NULL, NULL);
}

static void end(struct scene *s)
{
    admit_free(s->admit);
    around_close(&s->around);
}

static const struct batch_progress *fill(struct scene *s)
{
    const struct progress_sources from = {.context = &s->around.part.context,
                                          .ending = s->around.part.ending,
                                          .flights = s->around.with.flights,
                                          .pace = s->around.with.pace,
                                          .find = s->around.with.find,
                                          .admit = s->admit};
    s->p = (struct batch_progress){.files = 77, .stored_now = 77};
    progress_fill(&s->p, &from, part_at(0));
    return &s->p;
}

static void limit(struct scene *s, double posts)
{
    s->around.with.pace->limited[PACE_POST] = posts > 0;
    s->around.with.pace->rate[PACE_POST] = posts;
}

static void put(struct scene *s, int count)
{
    char name[16];
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "q%d.pdf", i);
        fixture_put(s->around.part.ledger, name, name, NULL);
    }
}

/* --- the numbers --- */

static void what_the_ledger_and_the_parts_know(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    put(&s, 3);
    fixture_put(s.around.part.ledger, "copy.pdf", "q1.pdf", NULL);
    fixture_put(s.around.part.ledger, "unreadable.pdf", NULL, NULL);
    struct flights *fl = s.around.with.flights;
    fake_flight(fl, 1, DOC_SUBMITTING);
    fake_flight(fl, 2, DOC_PROCESSING);
    fake_flight(fl, 3, DOC_READY);
    fl->tally.stored = 9;
    s.around.with.find->walking = true;
    s.admit->pauses = PAUSE_RATE | PAUSE_BUDGET;
    s.around.with.pace->next_place = part_at(700);
    const struct batch_progress *p = fill(&s);
    assert_int_equal(p->files, 5);
    assert_int_equal(p->documents, 4);
    assert_int_equal(p->by_state[DOC_QUEUED], 3);
    assert_int_equal(p->by_state[DOC_REJECTED], 1);
    assert_true(p->walking);
    assert_int_equal(p->uploads_out, 1);
    assert_int_equal(p->jobs, 2);
    assert_int_equal(p->stored_now, 9);
    assert_int_equal(p->pauses, PAUSE_RATE | PAUSE_BUDGET);
    assert_int_equal(p->started.ms, part_at(0).ms);
    end(&s);
}

static void the_limit_where_there_is_one(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.around.with.pace->rate[PACE_POST] = 60;
    assert_true(fill(&s)->post_limit == 0);
    limit(&s, 60);
    assert_true(fill(&s)->post_limit == 60);
    end(&s);
}

/* It isn't the limit that a document's own pause or a lease of a second is. */
static void the_limit_only_where_it_holds(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    limit(&s, 60);
    put(&s, 1);
    s.admit->pauses = PAUSE_RATE;
    s.around.with.pace->next_place = part_at(6000);
    assert_int_equal(fill(&s)->pauses, PAUSE_RATE);
    s.around.with.pace->next_place = MONO_NEVER;
    s.around.with.pace->room[PACE_POST] = 0; /* others have it all */
    assert_int_equal(fill(&s)->pauses, PAUSE_RATE);
    s.around.with.pace->room[PACE_POST] = 55;
    assert_int_equal(fill(&s)->pauses, 0);
    s.admit->pauses = 0;
    s.admit->tries_later = true;
    assert_int_equal(fill(&s)->pauses, PAUSE_AGAIN);
    assert_int_equal(s.p.eta_ms, -1);
    fake_flight(s.around.with.flights, 11, DOC_PROCESSING);
    assert_int_equal(fill(&s)->pauses, 0);
    end(&s);
}

static void a_run_that_ends_is_stopping(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.admit->pauses = PAUSE_UPLOADS;
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    assert_int_equal(fill(&s)->pauses, PAUSE_UPLOADS | PAUSE_STOPPING);
    end(&s);
}

/* Its numbers are in memory. */
static void a_ledger_that_cannot_be_read_shows_what_is_known(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    put(&s, 3);
    around_break_ledger(&s.around);
    assert_int_equal(fill(&s)->files, 3);
    assert_int_equal(ending_life(s.around.part.ending), RUN_RUNNING); /* a look ends no run */
    end(&s);
}

/* --- the time that is left --- */

static void unknown_at_first(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_int_equal(fill(&s)->eta_ms, -1); /* nothing queued, nothing stored */
    put(&s, 3);
    s.around.with.find->walking = true; /* more may come */
    s.around.with.flights->tally.stored = 5;
    assert_int_equal(fill(&s)->eta_ms, -1);
    end(&s);
}

static void at_the_limit_a_window_for_each_minutes_worth(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    limit(&s, 2);
    s.around.with.pace->next_place = part_at(700);
    put(&s, 2);
    assert_int_equal(fill(&s)->eta_ms, 700); /* all in the window that begins then */
    put(&s, 5);
    assert_int_equal(fill(&s)->eta_ms, 2 * 60500 + 700);
    end(&s);
}

/* An upload on the wire has a place, and isn't done. */
static void uploads_that_are_out_and_the_last_jobs_count(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    limit(&s, 2);
    s.around.with.pace->next_place = part_at(0);
    put(&s, 2);
    fake_flight(s.around.with.flights, 10, DOC_SUBMITTING);
    assert_int_equal(fill(&s)->eta_ms, 60500);
    fake_flight(s.around.with.flights, 11, DOC_PROCESSING);
    assert_int_equal(fill(&s)->eta_ms, 60500 + 3000);
    end(&s);
}

static void a_place_that_nobody_knows_adds_nothing(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    limit(&s, 0.4); /* less than one a minute counts as one */
    s.around.with.pace->limited[PACE_POST] = true;
    s.around.with.pace->next_place = MONO_NEVER;
    put(&s, 3);
    assert_int_equal(fill(&s)->eta_ms, 2 * 60500);
    end(&s);
}

static void with_all_sent_only_the_last_jobs_are_left(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    limit(&s, 2);
    s.around.with.pace->next_place = part_at(50000);
    s.around.with.flights->tally.stored = 5;
    assert_int_equal(fill(&s)->eta_ms, 0);
    fake_flight(s.around.with.flights, 11, DOC_READY);
    assert_int_equal(fill(&s)->eta_ms, 3000);
    end(&s);
}

static void without_a_limit_at_the_speed_seen(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    put(&s, 4);
    part_pass(&s.around.part, 10000);
    assert_int_equal(fill(&s)->eta_ms, 0); /* nothing stored yet: no speed */
    s.around.with.flights->tally.stored = 5;
    assert_int_equal(fill(&s)->eta_ms, 4 * 2000);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_ledger_and_the_parts_know),
        cmocka_unit_test(the_limit_where_there_is_one),
        cmocka_unit_test(the_limit_only_where_it_holds),
        cmocka_unit_test(a_run_that_ends_is_stopping),
        cmocka_unit_test(a_ledger_that_cannot_be_read_shows_what_is_known),
        cmocka_unit_test(unknown_at_first),
        cmocka_unit_test(at_the_limit_a_window_for_each_minutes_worth),
        cmocka_unit_test(uploads_that_are_out_and_the_last_jobs_count),
        cmocka_unit_test(a_place_that_nobody_knows_adds_nothing),
        cmocka_unit_test(with_all_sent_only_the_last_jobs_are_left),
        cmocka_unit_test(without_a_limit_at_the_speed_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
