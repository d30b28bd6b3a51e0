/* delivery: every row of the rule about doubt, with the values at its edges. */
#include "client/delivery.h"

#include "test.h"

enum { SENT = MINDEE_NOT_SENT, DOUBT = MINDEE_IN_DOUBT, ANSWER = MINDEE_ANSWERED, NOT = SENT };
enum {
    OTHER = DELIVERY_BODY_OTHER,
    GOOD = DELIVERY_BODY_EXPECTED,
    PROBLEM = DELIVERY_BODY_PROBLEM
};

static enum mindee_delivery upload(enum transfer_end end, bool whole, int status, int body)
{
    const struct delivery_facts f = {.upload = true,
                                     .end = end,
                                     .on_wire = true,
                                     .body_sent_whole = whole,
                                     .status = status,
                                     .body = (enum delivery_body)body};
    return delivery_of(&f);
}

/* Whole answers to an upload: the body went out wholly (first column), or was still going out. */
static void whole_answers_to_uploads(void **state)
{
    static const struct {
        int status, body, whole, early;
    } rows[] = {
        {202, GOOD, ANSWER, ANSWER},    {200, GOOD, ANSWER, ANSWER},
        {299, GOOD, ANSWER, ANSWER},    {202, OTHER, DOUBT, DOUBT},
        {200, OTHER, DOUBT, DOUBT},     {204, OTHER, DOUBT, DOUBT},
        {300, OTHER, DOUBT, NOT},       {302, OTHER, DOUBT, NOT},
        {307, OTHER, DOUBT, NOT},       {400, PROBLEM, ANSWER, ANSWER},
        {400, OTHER, ANSWER, ANSWER},   {401, OTHER, ANSWER, ANSWER},
        {402, PROBLEM, ANSWER, ANSWER}, {404, OTHER, ANSWER, ANSWER},
        {407, OTHER, ANSWER, ANSWER},   {408, OTHER, DOUBT, NOT},
        {408, PROBLEM, DOUBT, NOT},     {409, OTHER, ANSWER, ANSWER},
        {413, OTHER, ANSWER, ANSWER},   {422, PROBLEM, ANSWER, ANSWER},
        {429, OTHER, ANSWER, ANSWER},   {429, PROBLEM, ANSWER, ANSWER},
        {499, OTHER, ANSWER, ANSWER},   {500, PROBLEM, ANSWER, ANSWER},
        {500, OTHER, DOUBT, NOT},       {501, OTHER, DOUBT, NOT},
        {501, PROBLEM, ANSWER, ANSWER}, {502, OTHER, DOUBT, NOT},
        {502, PROBLEM, DOUBT, NOT},     {503, OTHER, ANSWER, ANSWER},
        {503, PROBLEM, ANSWER, ANSWER}, {504, OTHER, DOUBT, NOT},
        {504, PROBLEM, DOUBT, NOT},     {505, OTHER, DOUBT, NOT},
        {519, PROBLEM, ANSWER, ANSWER}, {520, PROBLEM, DOUBT, NOT},
        {522, OTHER, DOUBT, NOT},       {529, PROBLEM, DOUBT, NOT},
        {530, PROBLEM, ANSWER, ANSWER}, {599, OTHER, DOUBT, NOT},
        {599, PROBLEM, ANSWER, ANSWER}, {600, OTHER, DOUBT, NOT},
        {100, OTHER, DOUBT, NOT},       {0, OTHER, DOUBT, NOT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int whole = (int)upload(TRANSFER_COMPLETE, true, rows[i].status, rows[i].body);
        int early = (int)upload(TRANSFER_COMPLETE, false, rows[i].status, rows[i].body);
        if (whole != rows[i].whole || early != rows[i].early)
            fail_msg("status %d body %d: whole %d, early %d", rows[i].status, rows[i].body, whole,
                     early);
    }
}

/* However it ended, whatever status was seen before: without a whole answer our count decides. */
static void uploads_without_a_whole_answer(void **state)
{
    static const enum transfer_end ends[] = {
        TRANSFER_CONNECT,        TRANSFER_BROKEN,       TRANSFER_TIMEOUT,  TRANSFER_TOO_LARGE,
        TRANSFER_SOURCE_CHANGED, TRANSFER_SOURCE_ERROR, TRANSFER_CANCELLED};
    static const int statuses[] = {0, 302, 401, 408, 422, 429, 500, 502, 503, 504, 522};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        for (size_t k = 0; k < sizeof statuses / sizeof *statuses; k++) {
            assert_int_equal(upload(ends[i], true, statuses[k], OTHER), DOUBT);
            assert_int_equal(upload(ends[i], false, statuses[k], OTHER), NOT);
        }
        /* half a 202: somebody took it, even if we don't think it was complete */
        assert_int_equal(upload(ends[i], true, 202, OTHER), DOUBT);
        assert_int_equal(upload(ends[i], false, 202, OTHER), DOUBT);
    }
}

/* The server's own word: whatever went out, nobody looked at it. */
static void what_was_turned_away_is_not_sent(void **state)
{
    (void)state;
    assert_int_equal(upload(TRANSFER_TURNED_AWAY, true, 0, OTHER), NOT);
    assert_int_equal(upload(TRANSFER_TURNED_AWAY, false, 0, OTHER), NOT);
}

static void nothing_on_the_wire_is_not_sent(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++)
        for (int end = TRANSFER_CONNECT; end <= TRANSFER_CANCELLED; end++) {
            const struct delivery_facts f = {.upload = kind, .end = (enum transfer_end)end};
            assert_int_equal(delivery_of(&f), NOT);
        }
}

static void gets(void **state)
{
    (void)state;
    for (int end = TRANSFER_COMPLETE; end <= TRANSFER_CANCELLED; end++) {
        struct delivery_facts f = {
            .end = (enum transfer_end)end, .on_wire = true, .body_sent_whole = true, .status = 502};
        assert_int_equal(delivery_of(&f), end == TRANSFER_COMPLETE      ? ANSWER
                                          : end == TRANSFER_TURNED_AWAY ? NOT
                                                                        : DOUBT);
        f.on_wire = false;
        assert_int_equal(delivery_of(&f), NOT);
    }
}

static void faults(void **state)
{
    static const struct {
        enum transfer_end end;
        int status, body;
        enum mindee_fault fault;
    } rows[] = {
        {TRANSFER_COMPLETE, 202, GOOD, MINDEE_OK},
        {TRANSFER_COMPLETE, 302, GOOD, MINDEE_OK},
        {TRANSFER_COMPLETE, 200, OTHER, MINDEE_UNEXPECTED},
        {TRANSFER_COMPLETE, 302, OTHER, MINDEE_UNEXPECTED},
        {TRANSFER_COMPLETE, 422, PROBLEM, MINDEE_OK},
        {TRANSFER_COMPLETE, 429, OTHER, MINDEE_OK},
        {TRANSFER_COMPLETE, 502, OTHER, MINDEE_OK},
        {TRANSFER_COMPLETE, 599, OTHER, MINDEE_OK},
        {TRANSFER_COMPLETE, 600, OTHER, MINDEE_UNEXPECTED},
        {TRANSFER_CONNECT, 0, OTHER, MINDEE_CONNECT},
        {TRANSFER_BROKEN, 202, OTHER, MINDEE_BROKEN},
        {TRANSFER_TIMEOUT, 0, OTHER, MINDEE_TIMEOUT},
        {TRANSFER_TOO_LARGE, 200, OTHER, MINDEE_TOO_LARGE},
        {TRANSFER_SOURCE_CHANGED, 0, OTHER, MINDEE_SOURCE_CHANGED},
        {TRANSFER_SOURCE_ERROR, 0, OTHER, MINDEE_SOURCE_ERROR},
        {TRANSFER_SOURCE_AWAY, 0, OTHER, MINDEE_SOURCE_AWAY},
        {TRANSFER_TURNED_AWAY, 0, OTHER, MINDEE_TURNED_AWAY},
        {TRANSFER_CANCELLED, 0, OTHER, MINDEE_CANCELLED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct delivery_facts f = {.end = rows[i].end,
                                         .on_wire = true,
                                         .status = rows[i].status,
                                         .body = (enum delivery_body)rows[i].body};
        assert_int_equal(delivery_fault(&f), rows[i].fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_answers_to_uploads),
        cmocka_unit_test(uploads_without_a_whole_answer),
        cmocka_unit_test(what_was_turned_away_is_not_sent),
        cmocka_unit_test(nothing_on_the_wire_is_not_sent),
        cmocka_unit_test(gets),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
