/* How long nothing was heard: when it begins, what ends it, what is said of it and how often. */
#include "core/silence.h"

#include "test.h"

static const struct silence_limits limits = {.tell_ms = 600, .patience_ms = 3600};

static struct mono at(int64_t ms)
{
    return (struct mono){ms};
}

static void nothing_asked_is_no_silence(void **state)
{
    struct silence s = {0};
    (void)state;
    assert_int_equal(silence_ms(&s, at(10000)), 0);
    assert_int_equal(silence_look(&s, at(10000), &limits), SILENCE_NOTHING);
    assert_int_equal(silence_next(&s, &limits).ms, MONO_NEVER.ms);
}

static void it_is_counted_from_the_first_request_without_an_answer(void **state)
{
    struct silence s = {0};
    (void)state;
    silence_asked(&s, at(100));
    silence_ended(&s, at(150), true);
    assert_int_equal(silence_ms(&s, at(9000)), 0);
    silence_asked(&s, at(1000));
    silence_ended(&s, at(1100), false);
    silence_asked(&s, at(1500));
    assert_int_equal(silence_ms(&s, at(1599)), 599);
    assert_int_equal(silence_next(&s, &limits).ms, 1600);
    assert_int_equal(silence_look(&s, at(1599), &limits), SILENCE_NOTHING);
    assert_int_equal(silence_look(&s, at(1600), &limits), SILENCE_LASTS);
    assert_int_equal(silence_look(&s, at(1700), &limits), SILENCE_NOTHING);
    assert_int_equal(silence_next(&s, &limits).ms, 4600);
    assert_int_equal(silence_look(&s, at(4600), &limits), SILENCE_OVER);
    assert_int_equal(silence_look(&s, at(99000), &limits), SILENCE_NOTHING);
    assert_int_equal(silence_next(&s, &limits).ms, MONO_NEVER.ms);
}

static void those_still_out_when_an_answer_comes_begin_another(void **state)
{
    struct silence s = {0};
    (void)state;
    silence_asked(&s, at(0));
    silence_asked(&s, at(10));
    silence_ended(&s, at(500), true);
    assert_int_equal(silence_ms(&s, at(900)), 400);
    silence_ended(&s, at(900), true);
    assert_int_equal(silence_ms(&s, at(2000)), 0);
}

static void one_that_never_left_asked_nothing(void **state)
{
    struct silence s = {0};
    (void)state;
    silence_asked(&s, at(0));
    silence_unasked(&s);
    assert_int_equal(silence_ms(&s, at(5000)), 0);
    silence_asked(&s, at(100));
    silence_ended(&s, at(200), false);
    silence_asked(&s, at(300));
    silence_unasked(&s); /* the silence before it goes on */
    assert_int_equal(silence_ms(&s, at(800)), 700);
}

static void what_is_wanted_no_more_is_no_silence(void **state)
{
    struct silence s = {0};
    (void)state;
    silence_asked(&s, at(0));
    silence_rests(&s); /* it is out */
    assert_int_equal(silence_ms(&s, at(100)), 100);
    silence_ended(&s, at(200), false);
    silence_rests(&s);
    assert_int_equal(silence_ms(&s, at(9000)), 0);
    silence_asked(&s, at(9000));
    assert_int_equal(silence_ms(&s, at(9100)), 100);
}

static void that_it_is_back_is_said_once_and_only_if_it_was_told(void **state)
{
    struct silence s = {0};
    (void)state;
    silence_asked(&s, at(0));
    silence_ended(&s, at(500), true);
    assert_int_equal(silence_look(&s, at(500), &limits), SILENCE_NOTHING);
    silence_asked(&s, at(1000));
    silence_ended(&s, at(1010), false);
    assert_int_equal(silence_look(&s, at(1600), &limits), SILENCE_LASTS);
    silence_rests(&s);
    assert_int_equal(silence_look(&s, at(2000), &limits), SILENCE_NOTHING);
    silence_asked(&s, at(3000));
    silence_ended(&s, at(3010), true);
    assert_int_equal(silence_look(&s, at(3010), &limits), SILENCE_BACK);
    assert_int_equal(silence_look(&s, at(3020), &limits), SILENCE_NOTHING);
    silence_asked(&s, at(4000));
    assert_int_equal(silence_look(&s, at(4600), &limits), SILENCE_LASTS);
}

static void with_less_patience_than_the_first_word_one_is_enough(void **state)
{
    static const struct silence_limits little = {.tell_ms = 600, .patience_ms = 20};
    struct silence s = {0};
    (void)state;
    silence_asked(&s, at(0));
    assert_int_equal(silence_next(&s, &little).ms, 20);
    assert_int_equal(silence_look(&s, at(20), &little), SILENCE_OVER);
    assert_int_equal(silence_look(&s, at(700), &little), SILENCE_NOTHING);
    silence_ended(&s, at(800), true);
    assert_int_equal(silence_look(&s, at(800), &little), SILENCE_BACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_is_no_silence),
        cmocka_unit_test(it_is_counted_from_the_first_request_without_an_answer),
        cmocka_unit_test(those_still_out_when_an_answer_comes_begin_another),
        cmocka_unit_test(one_that_never_left_asked_nothing),
        cmocka_unit_test(what_is_wanted_no_more_is_no_silence),
        cmocka_unit_test(that_it_is_back_is_said_once_and_only_if_it_was_told),
        cmocka_unit_test(with_less_patience_than_the_first_word_one_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
