/* The display's pictures, at 40, 80 and 120 columns, beside those in tests/data/display: what a run
 * of 60 documents and one of 100,000 shows from its first second to ^C. MB_PICTURES=write in the
 * environment writes them anew, to be looked at before they are committed. */
#include "cli/display_picture.h"

#include "base/buffer.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTS(...)                                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static const struct {
    const char *name;
    int64_t last_minute, elapsed_ms;
    struct batch_progress progress;
} scenes[] = {
    {"nothing is found yet", 0, 250, {.walking = true, .eta_ms = -1, .post_limit = 200}},
    {"60 documents, the first are on their way",
     0,
     1750,
     {.documents = 60,
      .walking = true,
      .uploads_out = 4,
      .eta_ms = -1,
      .post_limit = 200,
      .pauses = PAUSE_CANARY,
      .by_state = COUNTS([DOC_QUEUED] = 56)}},
    {"60 documents, half of them stored, some failed",
     31,
     9400,
     {.documents = 60,
      .uploads_out = 9,
      .jobs = 7,
      .eta_ms = 4200,
      .post_limit = 200,
      .by_state = COUNTS([DOC_QUEUED] = 8, [DOC_STORED] = 31, [DOC_FAILED] = 3, [DOC_REJECTED] = 1,
                         [DOC_LOST] = 1)}},
    {"60 documents, all sent, Mindee reads the last ones",
     48,
     14000,
     {.documents = 60, .jobs = 12, .eta_ms = 3000, .by_state = COUNTS([DOC_STORED] = 48)}},
    {"60 documents, all done",
     60,
     21000,
     {.documents = 60, .eta_ms = 0, .by_state = COUNTS([DOC_STORED] = 60)}},
    {"100,000 documents, still being found",
     12,
     61000,
     {.documents = 100000,
      .walking = true,
      .uploads_out = 16,
      .jobs = 120,
      .eta_ms = -1,
      .post_limit = 200,
      .by_state = COUNTS([DOC_QUEUED] = 99852, [DOC_STORED] = 12)}},
    {"100,000 documents, waiting for the limit",
     199,
     3754000,
     {.documents = 100000,
      .uploads_out = 0,
      .jobs = 57,
      .eta_ms = 26400000,
      .post_limit = 200,
      .pauses = PAUSE_RATE,
      .by_state = COUNTS([DOC_QUEUED] = 87412, [DOC_STORED] = 12345, [DOC_FAILED] = 151,
                         [DOC_REJECTED] = 35)}},
    {"100,000 documents, Mindee can't be reached",
     0,
     7354000,
     {.documents = 100000,
      .jobs = 57,
      .eta_ms = 26400000,
      .post_limit = 200,
      .pauses = PAUSE_SERVICE | PAUSE_JOBS,
      .by_state = COUNTS([DOC_QUEUED] = 87412, [DOC_STORED] = 12345, [DOC_FAILED] = 151,
                         [DOC_REJECTED] = 35)}},
    {"100,000 documents, ending after ^C",
     173,
     7414000,
     {.documents = 100000,
      .uploads_out = 16,
      .jobs = 57,
      .eta_ms = 26400000,
      .post_limit = 200,
      .pauses = PAUSE_STOPPING,
      .by_state = COUNTS([DOC_QUEUED] = 87396, [DOC_STORED] = 12345, [DOC_FAILED] = 151,
                         [DOC_REJECTED] = 35)}},
    {"100,000 documents and all that can be said at once",
     12345,
     INT64_C(3600000) * 999,
     {.documents = 100000,
      .walking = true,
      .uploads_out = 256,
      .jobs = 20000,
      .dismissed = 1234,
      .eta_ms = INT64_C(3600000) * 999,
      .post_limit = 20000,
      .pauses = (1u << BATCH_PAUSES) - 1,
      .by_state = COUNTS([DOC_QUEUED] = 12345, [DOC_IN_DOUBT] = 1000, [DOC_STORED] = 54321,
                         [DOC_FAILED] = 4321, [DOC_REJECTED] = 3210, [DOC_LOST] = 2100)}},
};

static void draw_all(struct buffer *out, int width)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        const struct picture_facts facts = {&scenes[i].progress, scenes[i].last_minute,
                                            scenes[i].elapsed_ms};
        buffer_printf(out, "%s# %s\n", i ? "\n" : "", scenes[i].name);
        display_picture(out, &facts, width);
    }
}

static void compare(int width)
{
    static char kept[65536];
    struct buffer drawn;
    char path[200];
    buffer_init(&drawn, 0);
    draw_all(&drawn, width);
    snprintf(path, sizeof path, "%s/%d.txt", PICTURES, width);
    const char *how = getenv("MB_PICTURES");
    bool anew = how && strcmp(how, "write") == 0;
    FILE *f = fopen(path, anew ? "w+" : "r");
    if (!f)
        fail_msg("no %s", path);
    if (anew)
        fputs(buffer_text(&drawn), f);
    rewind(f);
    kept[fread(kept, 1, sizeof kept - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(buffer_text(&drawn), kept);
    buffer_release(&drawn);
}

static void as_they_are_kept(void **state)
{
    (void)state;
    compare(40);
    compare(80);
    compare(120);
}

static void words_of(const char *text, struct buffer *out)
{
    for (const char *p = text; *p; p++)
        if (*p != '#' && *p != '.')
            buffer_printf(out, "%c", *p == '\n' ? ' ' : *p);
}

/* At any width each line ends before the last column, and none of the words is cut or left out. */
static void nothing_is_cut_at_any_width(void **state)
{
    struct buffer wide, narrow;
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        const struct picture_facts facts = {&scenes[i].progress, scenes[i].last_minute,
                                            scenes[i].elapsed_ms};
        for (int width = 1; width <= 200; width++) {
            int room = width < PICTURE_LEAST_WIDTH ? PICTURE_LEAST_WIDTH - 1 : width - 1;
            buffer_init(&wide, 0);
            buffer_init(&narrow, 0);
            display_picture(&narrow, &facts, width);
            for (const char *p = buffer_text(&narrow); *p; p += strcspn(p, "\n") + 1)
                if ((int)strcspn(p, "\n") > room || *p == '\n' || *p == ' ')
                    fail_msg("%d columns: %s", width, buffer_text(&narrow));
            struct buffer a, b;
            buffer_init(&a, 0);
            buffer_init(&b, 0);
            display_picture(&wide, &facts, 10000);
            words_of(buffer_text(&narrow), &a);
            words_of(buffer_text(&wide), &b);
            /* blanks apart, which are where lines end */
            const char *x = buffer_text(&a), *y = buffer_text(&b);
            while (*x || *y) {
                x += strspn(x, " ");
                y += strspn(y, " ");
                if (*x != *y)
                    fail_msg("%d columns: %s", width, buffer_text(&narrow));
                x += *x != '\0';
                y += *y != '\0';
            }
            buffer_release(&a);
            buffer_release(&b);
            buffer_release(&wide);
            buffer_release(&narrow);
        }
    }
}

static void rows_of_a_narrower_terminal(void **state)
{
    (void)state;
    assert_int_equal(display_rows("", 80), 0);
    assert_int_equal(display_rows("a\nb\n", 80), 2);
    assert_int_equal(display_rows("1234567890\nb\n", 10), 2);
    assert_int_equal(display_rows("1234567890\nb\n", 9), 3);
    assert_int_equal(display_rows("1234567890\nb\n", 3), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_they_are_kept),
        cmocka_unit_test(nothing_is_cut_at_any_width),
        cmocka_unit_test(rows_of_a_narrower_terminal),
    };
    return cmocka_run_group_tests_name("display_picture", tests, NULL, NULL);
}
