/* A command over several batches: their order, what they see, the worst code, and when the rest
 * isn't begun. */
#include "batch/batch.h"
#include "capture.h"
#include "cli/batches.h"
#include "cli/complain.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct config *config;
static char seen[200];          /* the batches in the order of the calls */
static int codes[4], calls;     /* what each call returns */
static int interrupted_at = -1; /* this call is stopped by somebody */

static int set_up(void **state)
{
    (void)state;
    config = config_new();
    seen[0] = '\0';
    memset(codes, 0, sizeof codes);
    calls = 0;
    interrupted_at = -1;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(config);
    return 0;
}

static void load(const char *text)
{
    char path[] = "/tmp/test_batches.XXXXXX";
    struct error_list errors;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    error_list_init(&errors);
    assert_int_equal(config_load_file(config, path, &errors), 0);
    error_list_release(&errors);
    unlink(path);
}

static int work(const struct command_line *cl)
{
    size_t used = strlen(seen);
    snprintf(seen + used, sizeof seen - used, "%s=%s ", cl->batch ? cl->batch : "-",
             config_settings(cl->config)->api.model_id ? "model" : "none");
    complain(0, "at work");
    if (calls == interrupted_at)
        *cl->interrupted = true;
    return codes[calls++];
}

static int each(const struct command_line *cl)
{
    capture_begin();
    int code = each_batch(cl, work);
    capture_end();
    return code;
}

#define THREE "[batch.b]\nmodel = 11111111-1111-4111-8111-0000000e0001\n[batch.a]\n[batch.c]\n"

static void without_batches_once(void **state)
{
    char *paths[] = {"in"};
    struct command_line cl = {.config = config, .paths = paths, .path_count = 1};
    (void)state;
    codes[0] = 5;
    assert_int_equal(each(&cl), 5);
    assert_string_equal(seen, "-=none ");
    assert_string_equal(captured_out, "");
    assert_string_equal(captured_err, "mindee-batch: at work\n");
}

static void each_in_the_files_order_with_its_options(void **state)
{
    struct command_line cl = {.config = config};
    (void)state;
    load(THREE);
    assert_int_equal(each(&cl), 0);
    assert_string_equal(seen, "b=model a=none c=none ");
    assert_string_equal(captured_out, "batch b:\n\nbatch a:\n\nbatch c:\n");
    assert_string_equal(captured_err, "mindee-batch: batch b: at work\n"
                                      "mindee-batch: batch a: at work\n"
                                      "mindee-batch: batch c: at work\n");
}

static void quiet_has_no_headings(void **state)
{
    struct command_line cl = {.config = config, .quiet = true};
    (void)state;
    load(THREE);
    assert_int_equal(each(&cl), 0);
    assert_string_equal(captured_out, "");
}

static void the_worst_code_wherever_it_comes(void **state)
{
    struct command_line cl = {.config = config};
    (void)state;
    load(THREE);
    codes[0] = EXIT_SOME_FAILED;
    codes[1] = EXIT_LEDGER;
    codes[2] = EXIT_RESUMABLE;
    assert_int_equal(each(&cl), EXIT_LEDGER);
    assert_int_equal(calls, 3);
}

static void a_refusal_ends_the_rest(void **state)
{
    struct command_line cl = {.config = config};
    (void)state;
    load(THREE);
    codes[0] = EXIT_REFUSED;
    assert_int_equal(each(&cl), EXIT_REFUSED);
    assert_int_equal(calls, 1);
    assert_string_equal(captured_err, "mindee-batch: batch b: at work\n"
                                      "mindee-batch: not begun: a, c\n");
}

static void who_stops_a_run_stops_the_rest(void **state)
{
    struct command_line cl = {.config = config};
    (void)state;
    load(THREE);
    interrupted_at = 1;
    codes[1] = EXIT_RESUMABLE;
    assert_int_equal(each(&cl), EXIT_RESUMABLE);
    assert_string_equal(seen, "b=model a=none ");
    assert_non_null(strstr(captured_err, "mindee-batch: not begun: c\n"));
}

static void stopped_in_the_last_nothing_is_left_to_tell(void **state)
{
    struct command_line cl = {.config = config};
    (void)state;
    load(THREE);
    interrupted_at = 2;
    (void)each(&cl);
    assert_null(strstr(captured_err, "not begun"));
}

static void a_path_belongs_to_one_batch(void **state)
{
    char *paths[] = {"in"};
    struct command_line cl = {.config = config, .paths = paths, .path_count = 1};
    (void)state;
    load(THREE);
    assert_int_equal(each(&cl), EXIT_USAGE);
    assert_int_equal(calls, 0);
    assert_string_equal(captured_err, "mindee-batch: a PATH belongs to one batch: say which with "
                                      "--batch NAME (b, a, c)\n");
}

/* Every pair, both ways round; 70 is a bug, and worse than anything. */
static void the_order_of_codes(void **state)
{
    static const int worst_first[] = {70, 3, 2, 4, 5, 1, 0};
    enum { CODES = sizeof worst_first / sizeof *worst_first };
    (void)state;
    for (int i = 0; i < CODES; i++)
        for (int k = i; k < CODES; k++) {
            assert_int_equal(worse_exit(worst_first[i], worst_first[k]), worst_first[i]);
            assert_int_equal(worse_exit(worst_first[k], worst_first[i]), worst_first[i]);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(without_batches_once),
        TEST(each_in_the_files_order_with_its_options),
        TEST(quiet_has_no_headings),
        TEST(the_worst_code_wherever_it_comes),
        TEST(a_refusal_ends_the_rest),
        TEST(who_stops_a_run_stops_the_rest),
        TEST(stopped_in_the_last_nothing_is_left_to_tell),
        TEST(a_path_belongs_to_one_batch),
        TEST(the_order_of_codes),
    };
    return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
