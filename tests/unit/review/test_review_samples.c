/* What the checks find in Mindee's own samples, where they are. Some truly fail: they say more of the checks than
 * made-up ones. Each line of `expected` is what one record of a file has; a sample that isn't listed has nothing. */
#include "record_fixture.h"
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *file;
    size_t record;
    const char *found;
} expected[] = {
    {"extraction_blank.json", 0,
     "required-missing supplier_name; required-missing invoice_number; required-missing date; "
     "required-missing total_amount; currency-missing locale.currency"},
    {"split_with_extraction.json", 0,
     "required-missing supplier_name; required-missing invoice_number; lines-sum line_items -772.89; "
     "iban-bad supplier_payment_details[1].iban"},
    {"split_with_extraction.json", 1,
     "total-sum total_amount 270.00; lines-sum line_items 270.00; line-product line_items[2] -4200.00; "
     "tax-product taxes[1] 21.60"},
};

static const char *expected_of(const char *file, size_t record)
{
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (strcmp(expected[i].file, file) == 0 && expected[i].record == record)
            return expected[i].found;
    return "";
}

static void look_at(const char *file)
{
    struct record_fixture f;
    struct buffer path, json;
    buffer_init(&path, 0);
    buffer_init(&json, 0);
    buffer_printf(&path, SAMPLES "/results/%s", file);
    int fd = open(buffer_text(&path), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(buffer_read(&json, fd), 0);
    close(fd);
    record_fixture_init(&f);
    for (size_t n = 0; record_fixture_read_result(&f, buffer_text(&json), json.len, n); n++) {
        const char *found = record_fixture_tell(&f, false);
        if (strcmp(found, expected_of(file, n)) != 0)
            fail_msg("%s, record %zu\n  found    %s\n  expected %s", file, n, found,
                     expected_of(file, n));
    }
    record_fixture_release(&f);
    buffer_release(&path);
    buffer_release(&json);
}

static void samples(void **state)
{
    (void)state;
    DIR *directory = opendir(SAMPLES "/results");
    if (!directory) {
        print_message("Mindee's samples aren't here\n");
        skip();
    }
    for (const struct dirent *entry; (entry = readdir(directory));)
        if (strstr(entry->d_name, ".json"))
            look_at(entry->d_name);
    closedir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
