/* What a command tells of trouble: the program's name first, then the batch's, then the text. */
#include "capture.h"
#include "cli/complain.h"
#include "test.h"

#include <errno.h>

static void a_text_and_its_code(void **state)
{
    (void)state;
    capture_begin();
    int code = complain(3, "%s is %d", "seven", 7);
    capture_end();
    assert_int_equal(code, 3);
    assert_string_equal(captured_err, "mindee-batch: seven is 7\n");
    assert_string_equal(captured_out, "");
}

static void of_a_batch_until_told_otherwise(void **state)
{
    (void)state;
    capture_begin();
    complain_of("acme");
    complain(0, "one");
    complain(0, "two");
    complain_of(NULL);
    complain(0, "three");
    capture_end();
    assert_string_equal(captured_err, "mindee-batch: batch acme: one\n"
                                      "mindee-batch: batch acme: two\n"
                                      "mindee-batch: three\n");
}

static void every_error_in_its_order(void **state)
{
    struct error_list errors;
    (void)state;
    error_list_init(&errors);
    (void)error_list_add(&errors, ERR_USAGE, "100%% wrong");
    (void)error_list_add(&errors, ERR_IO, "can't be read");
    capture_begin();
    int code = complain_errors(2, &errors);
    capture_end();
    error_list_release(&errors);
    assert_int_equal(code, 2);
    assert_string_equal(captured_err, "mindee-batch: 100% wrong\nmindee-batch: can't be read\n");
}

static void no_errors_no_words(void **state)
{
    struct error_list errors;
    (void)state;
    error_list_init(&errors);
    capture_begin();
    int code = complain_errors(5, &errors);
    capture_end();
    assert_int_equal(code, 5);
    assert_string_equal(captured_err, "");
}

/* Where there is none, the wrong directory was named; else the system says what it is. */
static void no_ledger(void **state)
{
    (void)state;
    capture_begin();
    int codes = complain_no_ledger("out/ledger.db", ENOENT);
    codes += complain_no_ledger("out/ledger.db", EACCES);
    capture_end();
    assert_int_equal(codes, 2 + 2);
    assert_string_equal(captured_err,
                        "mindee-batch: there is no ledger at out/ledger.db yet: name the output "
                        "directory of a run (-c FILE, or -s output.directory=DIR)\n"
                        "mindee-batch: no ledger at out/ledger.db: Permission denied\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_and_its_code),
        cmocka_unit_test(of_a_batch_until_told_otherwise),
        cmocka_unit_test(every_error_in_its_order),
        cmocka_unit_test(no_errors_no_words),
        cmocka_unit_test(no_ledger),
    };
    return cmocka_run_group_tests_name("complain", tests, NULL, NULL);
}
