/* Log lines as programs read them: one event, one line, whatever the strings in it hold. */
#include "base/buffer.h"
#include "base/log.h"
#include "base/text.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64], path[96];

static struct wall fixed_time(const struct clock *c)
{
    (void)c;
    return (struct wall){INT64_C(1776709678974)};
}

static const struct clock fixed = {NULL, fixed_time};

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_log.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/log", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

static void start(enum log_level level, enum log_format format)
{
    struct error e;
    unlink(path);
    assert_int_equal(log_open(&(struct log_options){level, format, path, &fixed, NULL, NULL, NULL,
                                                    ACCESS_PRIVATE, NULL},
                              &e),
                     0);
}

/* Ends the log and returns what is in it. */
static const char *finish(void)
{
    static char text[8192];
    log_close();
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t n = read(fd, text, sizeof text - 1);
    assert_true(n >= 0);
    text[n] = '\0';
    close(fd);
    return text;
}

static int32_t two_hours(struct wall at)
{
    (void)at;
    return 7200;
}

/* Text is for people, JSON for programs. */
static void times_of_a_zone(void **state)
{
    struct error e;
    (void)state;
    for (enum log_format format = LOG_TEXT; format <= LOG_JSON; format++) {
        char when[WALL_TEXT_MAX];
        const struct log_options o = {.level = LOG_INFO,
                                      .format = format,
                                      .file = path,
                                      .clock = &fixed,
                                      .offset_s = two_hours};
        unlink(path);
        assert_int_equal(log_open(&o, &e), 0);
        LOG(LOG_INFO, "e", LOG_STR("due", log_time((struct wall){0}, when)));
        assert_string_equal(log_time_told((struct wall){0}, when), "1970-01-01T02:00:00+02:00");
        assert_string_equal(
            finish(),
            format == LOG_TEXT
                ? "2026-04-20T20:27:58+02:00 info e (due at 1970-01-01T02:00:00+02:00) [e]\n"
                : "{\"time\":\"2026-04-20T18:27:58Z\",\"level\":\"info\",\"event\":\"e\","
                  "\"due\":\"1970-01-01T00:00:00Z\"}\n");
    }
}

/* As a person reads it: whose it is, the event in words, what the fields tell, numbers, what next.
 * What says nothing and what is for programs is left out. */
static void test_text(void **state)
{
    (void)state;
    start(LOG_INFO, LOG_TEXT);
    LOG(LOG_INFO, "doc.retry", LOG_INT("doc", 17), LOG_STR("path", "a b.pdf"),
        LOG_CODE("step", "fault"), LOG_STR("what", "Mindee had a fault"), LOG_MS("wait", 62000),
        LOG_STR("detail", "503 Service Unavailable"), LOG_MS("retry_after", -1),
        LOG_INT("exit", -1), LOG_STR("none", NULL), LOG_STR("next", "nothing is lost"));
    assert_string_equal(finish(),
                        "2026-04-20T18:27:58Z info a b.pdf: tried again later: Mindee had "
                        "a fault: 503 Service Unavailable (document 17, again in 1 min 02 "
                        "s); nothing is lost [doc.retry]\n");
    start(LOG_INFO, LOG_TEXT);
    LOG(LOG_INFO, "doc.step", LOG_STR("what", "Mindee took it"), LOG_STR("batch", "acme"),
        LOG_INT("of_mine", 0));
    assert_string_equal(finish(),
                        "2026-04-20T18:27:58Z info batch acme: Mindee took it (of mine 0) "
                        "[doc.step]\n");
}

static void test_json(void **state)
{
    (void)state;
    start(LOG_INFO, LOG_JSON);
    LOG(LOG_WARNING, "doc.retry", LOG_INT("doc", -17), LOG_STR("path", "a.pdf"),
        LOG_MS("wait", 62000), LOG_STR("none", NULL), LOG_CODE("step", "fault"));
    assert_string_equal(finish(), "{\"time\":\"2026-04-20T18:27:58Z\",\"level\":\"warning\","
                                  "\"event\":\"doc.retry\",\"doc\":-17,\"path\":\"a.pdf\","
                                  "\"wait\":62000,\"none\":\"-\",\"step\":\"fault\"}\n");
}

static void test_hostile_text(void **state)
{
    (void)state;
    start(LOG_INFO, LOG_TEXT);
    LOG(LOG_INFO, "e", LOG_STR("a", "two words"), LOG_STR("b", "say \"hi\""), LOG_STR("c", "x=y"),
        LOG_STR("d", ""), LOG_STR("e", "1\n2026-04-20T18:27:58Z error fake"),
        LOG_STR("f", "\x1b[2J"), LOG_STR("g", "\xff"));
    assert_string_equal(finish(),
                        "2026-04-20T18:27:58Z info e (a two words, b say \"hi\", c x=y, e "
                        "1\\x0A2026-04-20T18:27:58Z error fake, f \\x1B[2J, g \\xFF) [e]\n");
}

static void test_hostile_json(void **state)
{
    (void)state;
    start(LOG_INFO, LOG_JSON);
    LOG(LOG_INFO, "e", LOG_STR("a", "\"},{\"level\":\"error"), LOG_STR("b", "c:\\temp\n\t\x01"),
        LOG_STR("c", "caf\xe9 \xf0\x9f\x92\xb6"));
    assert_string_equal(finish(),
                        "{\"time\":\"2026-04-20T18:27:58Z\",\"level\":\"info\",\"event\":\"e\","
                        "\"a\":\"\\\"},{\\\"level\\\":\\\"error\","
                        "\"b\":\"c:\\\\temp\\\\x0A\\\\x09\\\\x01\","
                        "\"c\":\"caf\\\\xE9 \xf0\x9f\x92\xb6\"}\n");
}

static void test_very_long_string(void **state)
{
    (void)state;
    char name[5000];
    for (size_t i = 0; i + 3 < sizeof name; i += 3)
        memcpy(name + i, "\xe2\x82\xac", 4);
    start(LOG_INFO, LOG_JSON);
    LOG(LOG_INFO, "e", LOG_STR("name", name));
    const char *line = finish();
    assert_true(strlen(line) < 1200);
    assert_true(text_is_utf8(line, strlen(line)));
    assert_string_equal(line + strlen(line) - 6, "...\"}\n");
}

static int evaluated(int *count)
{
    return ++*count;
}

static void test_levels(void **state)
{
    (void)state;
    int count = 0;
    start(LOG_WARNING, LOG_TEXT);
    assert_true(log_enabled(LOG_ERROR));
    assert_true(log_enabled(LOG_WARNING));
    assert_false(log_enabled(LOG_INFO));
    LOG(LOG_INFO, "no", LOG_INT("n", evaluated(&count)));
    LOG(LOG_DEBUG, "no", LOG_INT("n", evaluated(&count)));
    assert_int_equal(count, 0);
    LOG(LOG_ERROR, "yes", LOG_INT("n", evaluated(&count)));
    assert_string_equal(finish(), "2026-04-20T18:27:58Z error yes (n 1) [yes]\n");
}

static void test_file_is_private_and_appended(void **state)
{
    (void)state;
    struct stat st;
    struct error e;
    mode_t mask = umask(0);
    start(LOG_INFO, LOG_TEXT);
    umask(mask);
    LOG(LOG_INFO, "one", LOG_INT("n", 1));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(log_open(&(struct log_options){LOG_INFO, LOG_TEXT, path, &fixed, NULL, NULL,
                                                    NULL, ACCESS_PRIVATE, NULL},
                              &e),
                     0);
    LOG(LOG_INFO, "two", LOG_INT("n", 2));
    assert_string_equal(
        finish(),
        "2026-04-20T18:27:58Z info one (n 1) [one]\n2026-04-20T18:27:58Z info two (n 2) [two]\n");
}

static void test_unwritable(void **state)
{
    (void)state;
    struct error e = {0};
    char missing[128];
    snprintf(missing, sizeof missing, "%s/no/such", directory);
    assert_int_equal(log_open(&(struct log_options){LOG_INFO, LOG_TEXT, missing, &fixed, NULL, NULL,
                                                    NULL, ACCESS_PRIVATE, NULL},
                              &e),
                     ERR_IO);
    assert_non_null(strstr(e.text, "/no/such: No such file or directory"));
}

static void note_around(void *ctx, int before)
{
    struct buffer *b = ctx;
    buffer_put(b, before ? "<" : ">");
}

/* A live display makes room for lines on standard error, and for those alone. */
static void test_around(void **state)
{
    (void)state;
    struct buffer calls;
    struct error e;
    buffer_init(&calls, 0);
    start(LOG_INFO, LOG_TEXT);
    log_set_around(note_around, &calls);
    LOG(LOG_INFO, "to.file", LOG_INT("n", 1));
    assert_string_equal(buffer_text(&calls), "");
    finish();

    int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    assert_true(saved >= 0 && dup2(null, STDERR_FILENO) == STDERR_FILENO);
    int rc = log_open(&(struct log_options){LOG_INFO, LOG_TEXT, NULL, &fixed, NULL, note_around,
                                            &calls, ACCESS_PRIVATE, NULL},
                      &e);
    LOG(LOG_INFO, "to.stderr", LOG_INT("n", 1));
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(null);
    log_close();
    assert_int_equal(rc, 0);
    assert_string_equal(buffer_text(&calls), "<>");
    buffer_release(&calls);
}

static bool journal_is_there;

static bool note_event(enum log_level level, const char *event, const char *text,
                       const struct log_field *fields, size_t count)
{
    assert_int_equal(level, LOG_WARNING);
    assert_string_equal(event, "doc.lost");
    assert_string_equal(text, "its result is lost (document 7) [doc.lost]");
    assert_int_equal(count, 1);
    assert_int_equal(fields[0].number, 7);
    return journal_is_there;
}

/* What the journal takes is no line; what it doesn't is one that begins as systemd reads it. */
static void test_journal(void **state)
{
    struct error e;
    char said[200] = "";
    int ends[2], saved = dup(STDERR_FILENO);
    (void)state;
    assert_true(saved >= 0 && pipe(ends) == 0);
    assert_true(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    int rc = log_open(&(struct log_options){.level = LOG_INFO, .journal = note_event}, &e);
    for (int there = 1; there >= 0; there--) {
        journal_is_there = there;
        LOG(LOG_WARNING, "doc.lost", LOG_INT("doc", 7));
    }
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    log_close();
    assert_int_equal(rc, 0);
    assert_true(read(ends[0], said, sizeof said - 1) > 0);
    assert_string_equal(said, "<4>its result is lost (document 7) [doc.lost]\n");
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_a_zone),   cmocka_unit_test(test_text),
        cmocka_unit_test(test_json),         cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_hostile_json), cmocka_unit_test(test_very_long_string),
        cmocka_unit_test(test_levels),       cmocka_unit_test(test_file_is_private_and_appended),
        cmocka_unit_test(test_unwritable),   cmocka_unit_test(test_around),
        cmocka_unit_test(test_journal),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
