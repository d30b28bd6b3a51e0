/* Zones from a database of our own making: what is found, and what is said when it isn't. */
#include "calendar/zone_file.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];
static struct buffer out;
static struct error e;

static const char *in(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void write_file(const char *name, size_t size)
{
    FILE *f = fopen(in(name), "w");
    assert_non_null(f);
    for (size_t i = 0; i < size; i++)
        fputc('x', f);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_zone_file.XXXXXX");
    assert_non_null(mkdtemp(directory));
    assert_int_equal(mkdir(in("Europe"), 0700), 0);
    write_file("Europe/Paris", 10000);
    write_file("Etc", 1);
    write_file("GMT+0", 1);
    buffer_init(&out, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&out);
    unsetenv("TZDIR");
    static const char *const names[] = {"Europe/Paris", "Etc", "GMT+0", "Large", "Pipe", "Europe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(in(names[i]));
    return rmdir(directory);
}

static void test_reads(void **state)
{
    (void)state;
    assert_int_equal(zone_file_read("Europe/Paris", directory, &out, &e), 0);
    assert_int_equal(out.len, 10000);
    buffer_clear(&out);
    assert_int_equal(zone_file_read("GMT+0", directory, &out, &e), 0);
    assert_int_equal(out.len, 1);
    buffer_clear(&out);
    assert_int_equal(setenv("TZDIR", directory, 1), 0);
    assert_int_equal(zone_file_read("Europe/Paris", NULL, &out, &e), 0);
    assert_int_equal(out.len, 10000);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",    "/etc/passwd",  "../passwd",     "Europe/../Etc",  "Europe/",  "/Europe/Paris",
        ".",   "..",           "Europe//Paris", "Europe/Paris\n", "zone.tab", "Europe\\Paris",
        "a b", ":Europe/Paris"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(zone_file_read(wrong[i], directory, &out, &e), ERR_USAGE);
        assert_non_null(strstr(e.text, "isn't the name of a time zone"));
    }
    char long_name[120];
    memset(long_name, 'a', sizeof long_name);
    long_name[101] = '\0';
    assert_int_equal(zone_file_read(long_name, directory, &out, &e), ERR_USAGE);
    assert_int_equal(zone_file_read("Europe/Pari", directory, &out, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "\"Europe/Pari\""));
    assert_non_null(strstr(e.text, "timedatectl"));
    assert_int_equal(zone_file_read("Etc/GMT", directory, &out, &e), ERR_USAGE);
    assert_int_equal(zone_file_read("Europe", directory, &out, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "group of time zones"));
    assert_int_equal(out.len, 0);
}

static void test_no_database(void **state)
{
    (void)state;
    assert_int_equal(setenv("TZDIR", in("none"), 1), 0);
    assert_int_equal(zone_file_read("Europe/Paris", NULL, &out, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "tzdata"));
    assert_non_null(strstr(e.text, "TZDIR"));
    assert_non_null(strstr(e.text, "UTC"));
    assert_int_equal(zone_file_read("UTC", NULL, &out, &e), 0);
    assert_memory_equal(out.data, "TZif2", 5);
    assert_memory_equal(out.data + out.len - 6, "\nUTC0\n", 6);
    size_t len = out.len;
    assert_int_equal(zone_file_read("Etc/UTC", NULL, &out, &e), 0);
    assert_int_equal(out.len, 2 * len);
}

static void test_odd_files(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(in("Pipe"), 0600), 0);
    assert_int_equal(zone_file_read("Pipe", directory, &out, &e), ERR_USAGE);
    write_file("Large", 256 * 1024 + 1);
    assert_int_equal(zone_file_read("Large", directory, &out, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "Large"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_reads), TEST(test_names), TEST(test_no_database),
                                       TEST(test_odd_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
