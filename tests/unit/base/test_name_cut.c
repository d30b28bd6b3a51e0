/* What a file system doesn't hold: every component is cut between characters, and stays unlike the
 * others. */
#include "base/name_cut.h"

#include "base/digest.h"
#include "base/text.h"
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void expect(const char *path, size_t longest, const char *suffix, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 0);
    name_cut(&out, path, longest, suffix);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

/* COMPONENT as it must be cut after KEPT of its bytes; until the next call but three. */
static const char *cut_after(const char *component, size_t kept)
{
    static char ring[4][400];
    static int next;
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX], *out = ring[next++ % 4];
    sha256(component, strlen(component), digest);
    hex_encode(digest, 8, hex);
    snprintf(out, sizeof ring[0], "%.*s~%.16s", (int)kept, component, hex);
    return out;
}

static void expect_cut(const char *name, size_t kept)
{
    char expected[300];
    snprintf(expected, sizeof expected, "%s.json", cut_after(name, kept));
    assert_true(strlen(expected) <= 255);
    expect(name, 255, ".json", expected);
}

static void repeat(char *out, const char *unit, size_t bytes)
{
    size_t n = strlen(unit);
    for (size_t i = 0; i + n <= bytes; i += n)
        memcpy(out + i, unit, n);
    out[bytes / n * n] = '\0';
}

static void names_that_fit(void **state)
{
    char longest[300], expected[400];
    (void)state;
    expect("", 255, "", "");
    expect("a.pdf", 255, ".json", "a.pdf.json");
    expect("2026/08/a b.pdf", 255, ".json", "2026/08/a b.pdf.json");
    expect("a\xff\n.pdf", 255, ".json", "a\xff\n.pdf.json"); /* bytes, as they are */
    repeat(longest, "x", 250);
    snprintf(expected, sizeof expected, "%s.json", longest);
    expect(longest, 255, ".json", expected);
    repeat(longest, "x", 255);
    expect(longest, 255, "", longest);
}

static void names_that_are_cut(void **state)
{
    char name[300];
    (void)state;
    repeat(name, "x", 251);
    expect_cut(name, 233);
    repeat(name, "x", 255);
    expect_cut(name, 233);
    repeat(name, "x", 256);
    expect(name, 255, "", cut_after(name, 238));
    repeat(name, "y", 144);
    expect(name, 143, "", cut_after(name, 126));
    expect(name, 144, "", name);
    repeat(name, "z", NAME_CUT_LEAST);
    snprintf(name + 100, 100, "%s.json", cut_after(name, 10));
    expect(name, NAME_CUT_LEAST, ".json", name + 100);
}

/* Directories too, each for itself: what was in one directory stays in one. */
static void every_component_is_cut(void **state)
{
    char directory[301], other[301], path[900], expected[900];
    (void)state;
    repeat(directory, "d", 300);
    repeat(other, "e", 260);
    snprintf(path, sizeof path, "june/%s/%s/scan.pdf", directory, other);
    snprintf(expected, sizeof expected, "june/%s/%s/scan.pdf.json", cut_after(directory, 238),
             cut_after(other, 238));
    expect(path, 255, ".json", expected);
    other[255] = '\0'; /* as long as can be, without the suffix of the last */
    snprintf(path, sizeof path, "%s/%s", other, other);
    snprintf(expected, sizeof expected, "%s/%s.json", other, cut_after(other, 233));
    expect(path, 255, ".json", expected);
}

static void no_character_is_split(void **state)
{
    char name[300];
    (void)state;
    for (size_t before = 0; before < 4; before++) {
        struct buffer out;
        memset(name, 'x', before);
        repeat(name + before, "\xf0\x9f\x92\xb6", 252 - before); /* four bytes each */
        size_t kept = before + (233 - before) / 4 * 4;
        if (before)
            strcat(name, "xyz");
        assert_true(strlen(name) > 250);
        expect_cut(name, kept);
        buffer_init(&out, 0);
        name_cut(&out, name, 255, ".json");
        assert_true(text_is_utf8(out.data, out.len));
        buffer_release(&out);
    }
    repeat(name, "\xc3\xa9", 254);
    expect_cut(name, 232);
    repeat(name, "\x80", 255); /* no character at all */
    expect_cut(name, 233);
}

static void two_that_begin_alike(void **state)
{
    struct buffer a, b;
    char name[300];
    (void)state;
    buffer_init(&a, 0);
    buffer_init(&b, 0);
    repeat(name, "x", 255);
    name_cut(&a, name, 255, ".json");
    name[254] = 'y';
    name_cut(&b, name, 255, ".json");
    assert_string_not_equal(buffer_text(&a), buffer_text(&b));
    buffer_release(&a);
    buffer_release(&b);
}

/* --- what a file system says --- */

static long said;

long fpathconf(int fd, int name)
{
    (void)fd;
    assert_int_equal(name, _PC_NAME_MAX);
    return said;
}

static void what_is_said_is_kept_within_bounds(void **state)
{
    static const struct {
        long said;
        size_t expected;
    } cases[] = {{255, 255}, {143, 143}, {1530, 255}, {14, NAME_CUT_LEAST}, {0, 255}, {-1, 255}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        said = cases[i].said;
        assert_int_equal(name_cut_longest(0), cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_fit),
        cmocka_unit_test(names_that_are_cut),
        cmocka_unit_test(every_component_is_cut),
        cmocka_unit_test(no_character_is_split),
        cmocka_unit_test(two_that_begin_alike),
        cmocka_unit_test(what_is_said_is_kept_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
