/* A served batch's notifier through its changes: the new one takes over, the old ones finish what
 * they have on their way, and nothing is freed before it is closed. In place of notify/notifier.h
 * stand notifiers that close when the test says so. */
#include "service/batch_notifier.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

struct notifier {
    const struct notifier_options *options;
    void (*closed)(void *ctx);
    void *ctx;
    bool stopped, hurried;
};

enum { MOST = 4 };
static struct notifier *made[MOST]; /* in their order; NULL once freed */
static int count, pokes;
static const char *named;           /* the batch that the options were read for */
static int options_rc, notifier_rc; /* what reading and making return */

int notifier_options_read(struct notifier_options *o, const struct config *config,
                          const char *batch, const char *output, struct error *e)
{
    (void)config;
    *o = (struct notifier_options){.batch = batch, .output = output};
    named = batch;
    return options_rc < 0 ? error_set(e, options_rc, "no such URL") : 0;
}

int notifier_new(struct notifier **out, struct loop *loop, const struct notifier_options *options,
                 struct error *e)
{
    (void)loop;
    if (notifier_rc < 0)
        return error_set(e, notifier_rc, "no such command");
    assert_true(count < MOST);
    *out = made[count++] = calloc(1, sizeof **out);
    (*out)->options = options;
    return 0;
}

void notifier_close(struct notifier *n, bool stopped, void (*closed)(void *ctx), void *ctx)
{
    assert_null(n->closed); /* once */
    n->closed = closed;
    n->ctx = ctx;
    n->stopped = stopped;
}

void notifier_hurry(struct notifier *n)
{
    n->hurried = true;
}

void notifier_free(struct notifier *n)
{
    for (int i = 0; i < count; i++)
        if (made[i] == n)
            made[i] = NULL;
    free(n);
}

static void poke_cb(void *ctx)
{
    assert_ptr_equal(ctx, &pokes);
    pokes++;
}

static struct served_entry entries[2] = {{.name = ""}, {.name = "acme"}};
static struct served_batches batches = {.entries = entries, .count = 2};

static int set_up(void **state)
{
    (void)state;
    memset(made, 0, sizeof made);
    count = pokes = options_rc = notifier_rc = 0;
    named = "?";
    return 0;
}

static int open_one(struct batch_notifier **n, int entry)
{
    struct error e;
    char output[] = "/out";
    int rc = batch_notifier_open(n, NULL, &entries[entry], output, poke_cb, &pokes, &e);
    memset(output, 'x', sizeof output - 1); /* it was copied */
    return rc;
}

static void finish(int i)
{
    made[i]->closed(made[i]->ctx);
}

static void one_alone(void **state)
{
    struct batch_notifier *n = NULL;
    (void)state;
    assert_int_equal(open_one(&n, 0), 0);
    assert_null(named); /* there are no batches */
    assert_string_equal(made[0]->options->output, "/out");
    assert_false(batch_notifier_reap(n));
    batch_notifier_close(n, true);
    assert_true(made[0]->stopped);
    assert_false(batch_notifier_reap(n)); /* it has something on its way */
    assert_int_equal(pokes, 0);
    finish(0);
    assert_int_equal(pokes, 1);
    assert_true(batch_notifier_reap(n));
    batch_notifier_free(n);
    assert_null(made[0]);
}

static void a_batch_is_named(void **state)
{
    struct batch_notifier *n = NULL;
    (void)state;
    assert_int_equal(open_one(&n, 1), 0);
    assert_string_equal(named, "acme");
    batch_notifier_close(n, false);
    finish(0);
    batch_notifier_free(n);
}

static void nobody_yet(void **state)
{
    (void)state;
    assert_true(batch_notifier_reap(NULL));
    assert_false(batch_notifier_uses(NULL, &batches));
    batch_notifier_close(NULL, true);
    batch_notifier_free(NULL);
}

static void a_new_one_takes_over(void **state)
{
    struct batch_notifier *n = NULL;
    (void)state;
    assert_int_equal(open_one(&n, 0), 0);
    assert_int_equal(open_one(&n, 0), 0);
    assert_ptr_equal(n->notifier, made[1]);
    assert_non_null(made[0]->closed); /* and not as if the service were stopped */
    assert_false(made[0]->stopped);
    assert_null(made[1]->closed);
    assert_false(batch_notifier_reap(n));
    assert_non_null(made[0]); /* not before it is closed */
    finish(0);
    assert_false(batch_notifier_reap(n)); /* the new one isn't */
    assert_null(made[0]);
    assert_null(n->older);
    batch_notifier_close(n, false);
    finish(1);
    assert_true(batch_notifier_reap(n));
    batch_notifier_free(n);
}

/* Three in a row; the one in the middle is closed first. */
static void they_close_in_any_order(void **state)
{
    struct batch_notifier *n = NULL;
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(open_one(&n, 0), 0);
    finish(1);
    assert_false(batch_notifier_reap(n));
    assert_null(made[1]);
    assert_non_null(made[0]);
    batch_notifier_close(n, false);
    finish(2);
    assert_false(batch_notifier_reap(n)); /* the oldest has something on its way */
    assert_non_null(made[2]);
    finish(0);
    assert_true(batch_notifier_reap(n));
    batch_notifier_free(n);
    for (int i = 0; i < 3; i++)
        assert_null(made[i]);
}

static void stopped_once_more_they_hurry(void **state)
{
    struct batch_notifier *n = NULL;
    (void)state;
    assert_int_equal(open_one(&n, 0), 0);
    assert_int_equal(open_one(&n, 0), 0);
    batch_notifier_close(n, false);
    assert_false(made[0]->hurried);
    batch_notifier_close(n, false); /* says nothing new */
    assert_false(made[0]->hurried);
    assert_false(made[1]->hurried);
    batch_notifier_close(n, true);
    assert_true(made[0]->hurried);
    assert_true(made[1]->hurried);
    finish(0);
    finish(1);
    assert_true(batch_notifier_reap(n));
    batch_notifier_free(n);
}

/* An error leaves the old one as it was: at work. */
static void what_cant_be_opened(void **state)
{
    struct batch_notifier *n = NULL;
    (void)state;
    options_rc = ERR_USAGE;
    assert_int_equal(open_one(&n, 0), ERR_USAGE);
    assert_null(n);
    options_rc = 0;
    assert_int_equal(open_one(&n, 0), 0);
    struct batch_notifier *old = n;
    notifier_rc = ERR_USAGE;
    assert_int_equal(open_one(&n, 0), ERR_USAGE);
    assert_ptr_equal(n, old);
    assert_null(made[0]->closed);
    batch_notifier_close(n, false);
    finish(0);
    batch_notifier_free(n);
}

/* A configuration may go when no notifier, old or new, was made of it. */
static void whose_configuration_it_uses(void **state)
{
    static struct served_entry newer_entries[1] = {{.name = ""}};
    const struct served_batches newer = {.entries = newer_entries, .count = 1};
    struct batch_notifier *n = NULL;
    struct error e;
    (void)state;
    assert_int_equal(open_one(&n, 1), 0);
    assert_true(batch_notifier_uses(n, &batches));
    assert_false(batch_notifier_uses(n, &newer));
    assert_int_equal(batch_notifier_open(&n, NULL, newer_entries, "/out", poke_cb, &pokes, &e), 0);
    assert_true(batch_notifier_uses(n, &batches));
    assert_true(batch_notifier_uses(n, &newer));
    finish(0);
    (void)batch_notifier_reap(n);
    assert_false(batch_notifier_uses(n, &batches));
    batch_notifier_close(n, false);
    finish(1);
    batch_notifier_free(n);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(one_alone),
        TEST(a_batch_is_named),
        TEST(nobody_yet),
        TEST(a_new_one_takes_over),
        TEST(they_close_in_any_order),
        TEST(stopped_once_more_they_hurry),
        TEST(what_cant_be_opened),
        TEST(whose_configuration_it_uses),
    };
    return cmocka_run_group_tests_name("batch_notifier", tests, NULL, NULL);
}
