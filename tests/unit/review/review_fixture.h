/* review_fixture.h - a ledger with results, and its review.db beside it: roles and options by default. */
#ifndef MB_TESTS_REVIEW_FIXTURE_H
#define MB_TESTS_REVIEW_FIXTURE_H

#include "ledger_fixture.h"
#include "record_fixture.h"
#include "review/review.h"

#define RESULT(fields)     "{\"inference\":{\"result\":{\"fields\":{" fields "}}}}"
#define VALUE(name, value) "\"" name "\":{\"value\":" value "}"

struct setup {
    struct fixture *ledger;
    struct record_fixture words; /* roles and options */
    struct facts_options options;
    struct review *r;
    struct review_record record;
    int stored;
};

int review_set_up(void **state); /* a struct setup */
int review_tear_down(void **state);
#define WITH_SETUP(test) cmocka_unit_test_setup_teardown(test, review_set_up, review_tear_down)

/* The result of one more document, found when all others were. */
void store(struct setup *s, const char *result);
void open_review(struct setup *s);
void update(struct setup *s);
/* The record of the N-th document by age, from 1, into s->record. */
int get(struct setup *s, int64_t n);
/* "state: code field, code field": of the record N, from 1; new ones with a *. */
const char *told(struct setup *s, int64_t n);
#define assert_told(s, n, expected) assert_string_equal(told((s), (n)), (expected))

struct review_by by(const char *actor);
void decide(struct setup *s, int64_t n, enum review_action action);
/* 0, or the error, whose words are in *E. */
int correct(struct setup *s, int64_t n, const char *text, struct error *e);
void must_correct(struct setup *s, int64_t n, const char *text);

#endif
