/* A file on its way out: whole and in order, or stopped before its last byte. */
#include "base/random.h"
#include "net/upload_source.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
    struct loop *loop;
    struct upload_buffers buffers;
    struct upload_source *source;
    char dir[64], path[96];
    char *content, *taken;
    size_t size, taken_len;
    struct file_stamp stamp;
    size_t bite;      /* taken at a time; 0: as much as there is */
    size_t meddle_at; /* MEDDLE runs once this many bytes are taken, before any if 0 */
    void (*meddle)(struct reader *r);
    int code; /* of the failure */
    int closed;
};

static void stamp(struct reader *r)
{
    struct stat st;
    assert_int_equal(stat(r->path, &st), 0);
    r->stamp = file_stamp_of(&st);
}

static void start(struct reader *r, size_t size)
{
    struct random random;
    *r = (struct reader){.size = size, .loop = loop_new(&system_clock)};
    snprintf(r->dir, sizeof r->dir, "/tmp/mb-source-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    snprintf(r->path, sizeof r->path, "%s/file", r->dir);
    r->content = malloc(size + 1);
    r->taken = malloc(size + 1);
    assert_true(r->content && r->taken);
    random_init(&random, size);
    for (size_t i = 0; i < size; i++)
        r->content[i] = (char)random_below(&random, 256);
    FILE *f = fopen(r->path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(r->content, 1, size, f), size);
    fclose(f);
    stamp(r);
}

static void on_closed(void *ctx)
{
    struct reader *r = ctx;
    r->closed++;
}

static void finish(struct reader *r)
{
    if (r->source)
        upload_source_close(r->source, on_closed, r);
    loop_run(r->loop);
    assert_int_equal(r->closed, 1);
    upload_buffers_release(&r->buffers);
    loop_free(r->loop);
    unlink(r->path);
    assert_int_equal(rmdir(r->dir), 0);
    free(r->content);
    free(r->taken);
}

static void on_ready(void *ctx)
{
    struct reader *r = ctx;
    const struct error *failure = upload_source_failure(r->source);
    if (failure) {
        r->code = failure->code;
        assert_int_not_equal(failure->text[0], '\0');
        return;
    }
    for (;;) {
        if (r->meddle && r->taken_len >= r->meddle_at) {
            r->meddle(r);
            r->meddle = NULL;
        }
        size_t want = r->size + 1 - r->taken_len;
        if (r->bite && r->bite < want)
            want = r->bite;
        size_t n = upload_source_take(r->source, r->taken + r->taken_len, want);
        r->taken_len += n;
        if (n == 0)
            return;
    }
}

static void read_all(struct reader *r)
{
    r->source = upload_source_new(r->loop, &r->buffers, r->path, &r->stamp, on_ready, r);
    upload_source_open(r->source);
    loop_run(r->loop);
}

static void files_of_any_size_arrive_whole(void **state)
{
    static const size_t sizes[] = {1,      65535,  65536,  65537,   131071,
                                   131072, 131073, 196608, 1000000, 1048576};
    static const size_t bites[] = {0, 65536, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t j = 0; j < sizeof bites / sizeof bites[0]; j++) {
            struct reader r;
            start(&r, sizes[i]);
            r.bite = bites[j];
            read_all(&r);
            assert_int_equal(r.code, 0);
            assert_int_equal(r.taken_len, sizes[i]);
            assert_memory_equal(r.taken, r.content, sizes[i]);
            finish(&r);
        }
}

static void empty_file_is_ready_and_gives_nothing(void **state)
{
    struct reader r;
    (void)state;
    start(&r, 0);
    read_all(&r);
    assert_int_equal(r.code, 0);
    assert_int_equal(r.taken_len, 0);
    finish(&r);
}

/* ---- files that aren't what they were ---- */

static void overwrite(struct reader *r)
{
    int fd = open(r->path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "changed", 7, (off_t)r->size - 7), 7);
    /* the same size and even the same mtime: ctime tells */
    struct timespec times[2] = {
        {.tv_sec = r->stamp.mtime_ns / 1000000000, .tv_nsec = r->stamp.mtime_ns % 1000000000},
        {.tv_sec = r->stamp.mtime_ns / 1000000000, .tv_nsec = r->stamp.mtime_ns % 1000000000}};
    assert_int_equal(futimens(fd, times), 0);
    struct stat st;
    do { /* the kernel's stamps move in ticks */
        assert_int_equal(fchmod(fd, 0600), 0);
        assert_int_equal(fstat(fd, &st), 0);
    } while (file_stamp_of(&st).ctime_ns == r->stamp.ctime_ns);
    close(fd);
}

static void shorten(struct reader *r)
{
    assert_int_equal(truncate(r->path, (off_t)r->size / 2), 0);
}

static void lengthen(struct reader *r)
{
    assert_int_equal(truncate(r->path, (off_t)r->size + 1), 0);
}

static void replace(struct reader *r)
{
    char other[128];
    snprintf(other, sizeof other, "%s/other", r->dir);
    FILE *f = fopen(other, "we");
    assert_non_null(f);
    fwrite(r->content, 1, r->size, f);
    fclose(f);
    assert_int_equal(rename(other, r->path), 0);
}

static void swap_for_fifo(struct reader *r)
{
    assert_int_equal(unlink(r->path), 0);
    assert_int_equal(mkfifo(r->path, 0600), 0);
}

static void swap_for_nothing(struct reader *r)
{
    assert_int_equal(unlink(r->path), 0);
}

static void change_before_sending(void (*meddle)(struct reader *r), int code)
{
    struct reader r;
    start(&r, 5000);
    meddle(&r);
    read_all(&r);
    assert_int_equal(r.code, code);
    assert_int_equal(r.taken_len, 0);
    finish(&r);
}

static void changes_before_sending_are_found(void **state)
{
    (void)state;
    change_before_sending(overwrite, ERR_CHANGED);
    change_before_sending(shorten, ERR_CHANGED);
    change_before_sending(lengthen, ERR_CHANGED);
    change_before_sending(replace, ERR_CHANGED);
    change_before_sending(swap_for_fifo, ERR_CHANGED);
    change_before_sending(swap_for_nothing, ERR_IO);
}

/* Two blocks are in memory when the first byte is taken: a third must not come. */
static void change_while_sending(void (*meddle)(struct reader *r))
{
    struct reader r;
    start(&r, 1000000);
    r.bite = 10000;
    r.meddle = meddle;
    r.meddle_at = 10000;
    read_all(&r);
    assert_int_equal(r.code, ERR_CHANGED);
    assert_true(r.taken_len < r.size);
    assert_memory_equal(r.taken, r.content, r.taken_len);
    finish(&r);
}

static void changes_while_sending_stop_it(void **state)
{
    (void)state;
    change_while_sending(overwrite);
    change_while_sending(shorten);
    change_while_sending(lengthen);
}

/* The file that is open is what counts: a new one under its name changes only its ctime. */
static void unlinked_while_sending_is_found_or_whole(void **state)
{
    struct reader r;
    (void)state;
    start(&r, 1000000);
    r.bite = 10000;
    r.meddle = swap_for_nothing;
    r.meddle_at = 10000;
    read_all(&r);
    if (r.code == 0) {
        assert_int_equal(r.taken_len, r.size);
        assert_memory_equal(r.taken, r.content, r.size);
    } else {
        assert_int_equal(r.code, ERR_CHANGED);
        assert_true(r.taken_len < r.size);
    }
    finish(&r);
}

static void closing_while_reading_is_clean(void **state)
{
    struct reader r;
    (void)state;
    start(&r, 1000000);
    r.source = upload_source_new(r.loop, &r.buffers, r.path, &r.stamp, on_ready, &r);
    upload_source_open(r.source);
    upload_source_close(r.source, on_closed, &r);
    assert_int_equal(r.closed, 0); /* the read goes on */
    r.source = NULL;
    finish(&r);
    assert_int_equal(r.taken_len, 0);
}

static void closing_unopened_is_clean(void **state)
{
    struct reader r;
    (void)state;
    start(&r, 10);
    r.source = upload_source_new(r.loop, &r.buffers, r.path, &r.stamp, on_ready, &r);
    finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_any_size_arrive_whole),
        cmocka_unit_test(empty_file_is_ready_and_gives_nothing),
        cmocka_unit_test(changes_before_sending_are_found),
        cmocka_unit_test(changes_while_sending_stop_it),
        cmocka_unit_test(unlinked_while_sending_is_found_or_whole),
        cmocka_unit_test(closing_while_reading_is_clean),
        cmocka_unit_test(closing_unopened_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
