/* Every row of the two tables, as words: what came of the request, what it means for the document,
 * what for the service. And for every status there is: no upload but a clean one is accepted, and
 * none that a gateway may have answered counts as refused. */
#include "core/outcome.h"

#include "test.h"

#include <string.h>

struct row {
    struct outcome o;
    enum doc_event_kind event;
    enum breaker_sign sign;
};

#define SUBMIT(...) .o = {.kind = REQUEST_SUBMIT, .delivery = DELIVERY_ANSWERED, __VA_ARGS__}
#define POLL(...)   .o = {.kind = REQUEST_POLL, .delivery = DELIVERY_ANSWERED, __VA_ARGS__}
#define FETCH(...)  .o = {.kind = REQUEST_FETCH, .delivery = DELIVERY_ANSWERED, __VA_ARGS__}
#define UNSENT      .delivery = DELIVERY_NOT_SENT
#define UNANSWERED  .delivery = DELIVERY_IN_DOUBT
#define OK          .body_ok = true
#define PROBLEM     .problem = true

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#if defined __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif
/* clang-format off */
static const struct row rows[] = {
    /* uploads */
    {SUBMIT(UNSENT),                                      EV_NOT_SENT,    SIGN_DOWN},
    {SUBMIT(UNSENT, .source_changed = true),              EV_SOURCE_GONE, SIGN_NONE},
    {SUBMIT(UNSENT, .cancelled = true),                   EV_NOT_SENT,    SIGN_NONE},
    {SUBMIT(UNSENT, .turned_away = true),                 EV_NOT_SENT,    SIGN_BUSY},
    {SUBMIT(UNANSWERED),                                  EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(UNANSWERED, .cancelled = true),               EV_DOUBT,       SIGN_NONE},
    {SUBMIT(UNANSWERED, .status = 202, .incomplete = true), EV_UNREADABLE, SIGN_UP},
    {SUBMIT(UNANSWERED, .status = 202, .cancelled = true), EV_UNREADABLE, SIGN_NONE},
    {SUBMIT(UNANSWERED, .status = 202, OK),               EV_UNREADABLE,  SIGN_UP},
    {SUBMIT(UNANSWERED, .status = 302),                   EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 202, OK),                           EV_ACCEPTED,    SIGN_UP},
    {SUBMIT(.status = 200, OK),                           EV_ACCEPTED,    SIGN_UP},
    {SUBMIT(.status = 202, OK, .cancelled = true),        EV_ACCEPTED,    SIGN_NONE},
    {SUBMIT(.status = 202),                               EV_UNREADABLE,  SIGN_UP},
    {SUBMIT(.status = 204),                               EV_UNREADABLE,  SIGN_UP},
    {SUBMIT(.status = 302),                               EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 0),                                 EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 100),                               EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 400, PROBLEM),  EV_REFUSED,     SIGN_UP},
    {SUBMIT(.status = 422, PROBLEM),                      EV_REFUSED,     SIGN_UP},
    {SUBMIT(.status = 413),                               EV_REFUSED,     SIGN_UP},
    {SUBMIT(.status = 415),                               EV_REFUSED,     SIGN_UP},
    {SUBMIT(.status = 401, PROBLEM),                      EV_RUN_STOPPED, SIGN_REFUSES},
    {SUBMIT(.status = 402, PROBLEM),                      EV_RUN_STOPPED, SIGN_REFUSES},
    {SUBMIT(.status = 403),                               EV_RUN_STOPPED, SIGN_REFUSES},
    {SUBMIT(.status = 407),                               EV_RUN_STOPPED, SIGN_DOWN},
    {SUBMIT(.status = 404, PROBLEM),                      EV_RUN_STOPPED, SIGN_REFUSES},
    {SUBMIT(.status = 401, .incomplete = true),           EV_RUN_STOPPED, SIGN_REFUSES},
    {SUBMIT(.status = 429),                               EV_LIMITED,     SIGN_LIMITED},
    {SUBMIT(.status = 429, PROBLEM),                      EV_LIMITED,     SIGN_LIMITED},
    {SUBMIT(.status = 408),                               EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 408, PROBLEM),                      EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 500, PROBLEM),                      EV_FAULT,       SIGN_DOWN},
    {SUBMIT(.status = 500),                               EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 501, PROBLEM),                      EV_FAULT,       SIGN_DOWN},
    {SUBMIT(.status = 501),                               EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 503, PROBLEM),                      EV_FAULT,       SIGN_DOWN},
    {SUBMIT(.status = 503),                               EV_FAULT,       SIGN_DOWN},
    {SUBMIT(.status = 502),                               EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 502, PROBLEM),                      EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 504, PROBLEM),                      EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 520, PROBLEM),                      EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 524),                               EV_DOUBT,       SIGN_DOWN},
    {SUBMIT(.status = 529, PROBLEM),                      EV_DOUBT,       SIGN_DOWN},

    /* polls */
    {POLL(UNSENT),                                        EV_ASK_AGAIN,      SIGN_DOWN},
    {POLL(UNSENT, .turned_away = true),                   EV_ASK_AGAIN,      SIGN_BUSY},
    {POLL(UNANSWERED),                                    EV_ASK_AGAIN,      SIGN_DOWN},
    {POLL(UNSENT, .cancelled = true),                     EV_GIVE_UP,        SIGN_NONE},
    {POLL(UNANSWERED, .cancelled = true),                 EV_GIVE_UP,        SIGN_NONE},
    {POLL(.status = 200, OK, .job = JOB_PROCESSING),      EV_JOB_PROCESSING, SIGN_UP},
    {POLL(.status = 200, OK, .job = JOB_READY),           EV_JOB_READY,      SIGN_UP},
    {POLL(.status = 302, OK, .job = JOB_READY),           EV_JOB_READY,      SIGN_UP},
    {POLL(.status = 200, OK, .job = JOB_READY, .cancelled = true), EV_JOB_READY, SIGN_NONE},
    {POLL(.status = 200, OK, .job = JOB_READY, .foreign_url = true), EV_FOREIGN_URL, SIGN_UP},
    {POLL(.status = 302, .foreign_url = true),            EV_FOREIGN_URL,    SIGN_DOWN},
    {POLL(UNSENT, .foreign_url = true),                   EV_FOREIGN_URL,    SIGN_NONE},
    {POLL(.status = 200, OK, .job = JOB_FAILED),          EV_JOB_FAILED,     SIGN_UP},
    {POLL(.status = 200, OK, .job = JOB_FAILED, .job_error_status = 422), EV_JOB_FAILED, SIGN_UP},
    {POLL(.status = 200, OK, .job = JOB_FAILED, .foreign_url = true), EV_JOB_FAILED, SIGN_UP},
    {POLL(.status = 200, OK, .job = JOB_FAILED, .job_error_status = 500), EV_JOB_FAULT, SIGN_UP},
    {POLL(.status = 200, OK, .job = JOB_FAILED, .job_error_status = 503), EV_JOB_FAULT, SIGN_UP},
    {POLL(.status = 200, OK, .job = JOB_FAILED, .job_error_status = 408), EV_JOB_FAULT, SIGN_UP},
    {POLL(.status = 200, OK, .job = JOB_FAILED, .job_error_status = 429), EV_JOB_FAULT, SIGN_UP},
    {POLL(.status = 200),                                 EV_ASK_AGAIN,      SIGN_DOWN},
    {POLL(.status = 200, OK, .incomplete = true),         EV_ASK_AGAIN,      SIGN_DOWN},
    {POLL(.status = 302),                                 EV_ASK_AGAIN,      SIGN_DOWN},
    {POLL(.status = 404, PROBLEM),                        EV_JOB_GONE,       SIGN_UP},
    {POLL(.status = 410),                                 EV_JOB_GONE,       SIGN_UP},
    {POLL(.status = 401),                                 EV_RUN_STOPPED,    SIGN_REFUSES},
    {POLL(.status = 402),                                 EV_RUN_STOPPED,    SIGN_REFUSES},
    {POLL(.status = 403),                                 EV_RUN_STOPPED,    SIGN_REFUSES},
    {POLL(.status = 429),                                 EV_ASK_AGAIN,      SIGN_LIMITED},
    {POLL(.status = 408),                                 EV_ASK_AGAIN,      SIGN_DOWN},
    {POLL(.status = 422, PROBLEM),                        EV_ASK_AGAIN,      SIGN_UP},
    {POLL(.status = 500, PROBLEM),                        EV_ASK_AGAIN,      SIGN_DOWN},
    {POLL(.status = 502),                                 EV_ASK_AGAIN,      SIGN_DOWN},
    {POLL(.status = 503),                                 EV_ASK_AGAIN,      SIGN_DOWN},

    /* fetches */
    {FETCH(UNSENT),                                       EV_ASK_AGAIN,      SIGN_DOWN},
    {FETCH(UNANSWERED),                                   EV_ASK_AGAIN,      SIGN_DOWN},
    {FETCH(UNANSWERED, .cancelled = true),                EV_GIVE_UP,        SIGN_NONE},
    {FETCH(UNSENT, .foreign_url = true),                  EV_FOREIGN_URL,    SIGN_NONE},
    {FETCH(.status = 200, OK),                            EV_RESULT,         SIGN_UP},
    {FETCH(.status = 200, OK, .cancelled = true),         EV_RESULT,         SIGN_NONE},
    {FETCH(.status = 200),                                EV_RESULT_INVALID, SIGN_UP},
    {FETCH(.status = 200, .incomplete = true),            EV_ASK_AGAIN,      SIGN_DOWN},
    {FETCH(.status = 200, .incomplete = true, .cancelled = true), EV_GIVE_UP, SIGN_NONE},
    {FETCH(.status = 404, PROBLEM),                       EV_RESULT_GONE,    SIGN_UP},
    {FETCH(.status = 410),                                EV_RESULT_GONE,    SIGN_UP},
    {FETCH(.status = 302),                                EV_ASK_AGAIN,      SIGN_DOWN},
    {FETCH(.status = 401),                                EV_RUN_STOPPED,    SIGN_REFUSES},
    {FETCH(.status = 402),                                EV_RUN_STOPPED,    SIGN_REFUSES},
    {FETCH(.status = 403),                                EV_RUN_STOPPED,    SIGN_REFUSES},
    {FETCH(.status = 429),                                EV_ASK_AGAIN,      SIGN_LIMITED},
    {FETCH(.status = 400, PROBLEM),                       EV_ASK_AGAIN,      SIGN_UP},
    {FETCH(.status = 500, PROBLEM),                       EV_ASK_AGAIN,      SIGN_DOWN},
    {FETCH(.status = 504),                                EV_ASK_AGAIN,      SIGN_DOWN},
};
/* clang-format on */
#pragma GCC diagnostic pop

static void test_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum doc_event_kind event = outcome_event(&rows[i].o);
        enum breaker_sign sign = outcome_sign(&rows[i].o);
        if (event != rows[i].event || sign != rows[i].sign)
            fail_msg("row %zu (kind %d, status %d): event %s, not %s; sign %d, not %d", i,
                     (int)rows[i].o.kind, rows[i].o.status, doc_event_names[event],
                     doc_event_names[rows[i].event], (int)sign, (int)rows[i].sign);
    }
}

/* What an upload may lead to, whatever comes: written as sets of statuses. */
static void test_every_status_of_an_upload(void **state)
{
    (void)state;
    for (int bits = 0; bits < 4; bits++)
        for (int status = 0; status < 1000; status++) {
            struct outcome o = {.kind = REQUEST_SUBMIT,
                                .delivery = DELIVERY_ANSWERED,
                                .status = status,
                                .body_ok = bits & 1,
                                .problem = bits & 2};
            enum doc_event_kind event = outcome_event(&o);
            bool in_200s = status / 100 == 2, in_400s = status / 100 == 4;
            assert_int_equal(event == EV_ACCEPTED, in_200s && o.body_ok);
            assert_int_equal(event == EV_FAULT,
                             status == 503 || (status / 100 == 5 && o.problem && status != 502 &&
                                               status != 504 && status / 10 != 52));
            assert_int_equal(event == EV_UNREADABLE, in_200s && !o.body_ok);
            assert_int_equal(event == EV_DOUBT,
                             !in_200s && event != EV_FAULT && (!in_400s || status == 408));
            o.delivery = DELIVERY_IN_DOUBT;
            assert_int_equal(outcome_event(&o), in_200s ? EV_UNREADABLE : EV_DOUBT);
            o.delivery = DELIVERY_NOT_SENT;
            assert_int_equal(outcome_event(&o), EV_NOT_SENT);
        }
}

/* A GET never leads to anything that only an upload can mean, and the other way round. */
static void test_kinds_dont_mix(void **state)
{
    (void)state;
    for (int status = 0; status < 600; status++)
        for (int bits = 0; bits < 64; bits++) {
            struct outcome o = {.kind = REQUEST_POLL,
                                .delivery = (enum delivery)(bits % 3),
                                .status = status,
                                .body_ok = bits & 1,
                                .problem = bits & 2,
                                .foreign_url = bits & 4,
                                .cancelled = bits & 8,
                                .incomplete = bits & 16,
                                .job = bits & 32 ? JOB_READY : JOB_FAILED};
            enum doc_event_kind poll = outcome_event(&o);
            o.kind = REQUEST_FETCH;
            enum doc_event_kind fetch = outcome_event(&o);
            o.kind = REQUEST_SUBMIT;
            enum doc_event_kind submit = outcome_event(&o);
            assert_true((poll >= EV_JOB_PROCESSING && poll <= EV_GIVE_UP) ||
                        poll == EV_RUN_STOPPED);
            assert_true(poll != EV_RESULT && poll != EV_RESULT_INVALID && poll != EV_RESULT_GONE);
            assert_true(fetch == EV_RUN_STOPPED || (fetch >= EV_ASK_AGAIN && fetch <= EV_GIVE_UP));
            assert_true(submit < EV_JOB_PROCESSING || submit == EV_UNREADABLE);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_every_status_of_an_upload),
        cmocka_unit_test(test_kinds_dont_mix),
    };
    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
