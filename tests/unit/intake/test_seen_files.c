/* The cache of files that need no look-up: what counts as the same,
 * and what happens when it is full. */
#include "intake/seen_files.h"

#include "test.h"

#include <stdio.h>

static const struct file_stamp stamp = {.size_bytes = 1, .mtime_ns = 2, .ctime_ns = 3, .inode = 4};

static void the_same_in_everything(void **state)
{
    (void)state;
    struct seen_files s;
    seen_files_init(&s, 1);
    assert_false(seen_files_have(&s, "a", &stamp, 0));
    seen_files_add(&s, "a", &stamp, 0);
    assert_true(seen_files_have(&s, "a", &stamp, 0));
    assert_false(seen_files_have(&s, "b", &stamp, 0));
    assert_false(seen_files_have(&s, "a", &stamp, 13));
    for (int field = 0; field < 4; field++) {
        struct file_stamp other = stamp;
        other.size_bytes += field == 0;
        other.mtime_ns += field == 1;
        other.ctime_ns += field == 2;
        other.inode += field == 3;
        assert_false(seen_files_have(&s, "a", &other, 0));
    }
    seen_files_clear(&s);
    assert_false(seen_files_have(&s, "a", &stamp, 0));
    seen_files_clear(&s);
}

/* 100,000 files fit but for few; of more than it holds the newest are there. */
static void many(void **state)
{
    (void)state;
    struct seen_files s;
    char path[32];
    int held = 0;
    seen_files_init(&s, 1);
    for (int i = 0; i < 100000; i++) {
        snprintf(path, sizeof path, "/in/%d", i);
        assert_false(seen_files_have(&s, path, &stamp, 0));
        seen_files_add(&s, path, &stamp, 0);
    }
    for (int i = 0; i < 100000; i++) {
        snprintf(path, sizeof path, "/in/%d", i);
        held += seen_files_have(&s, path, &stamp, 0);
    }
    assert_in_range(held, 95000, 100000);
    for (int i = 0; i < 1000000; i++) {
        snprintf(path, sizeof path, "/more/%d", i);
        seen_files_add(&s, path, &stamp, 0);
        assert_true(seen_files_have(&s, path, &stamp, 0));
    }
    seen_files_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_in_everything),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
