/* What is watched for in passing bytes: found wherever the blocks' edges fall. */
#include "intake/content_scan.h"
#include "samples.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* Feeds LEN bytes in blocks of STEP, each in memory of exactly its size. */
static struct content_scan scan(enum file_type type, const void *data, size_t len, size_t step)
{
    struct content_scan s;
    content_scan_init(&s, type);
    for (size_t at = 0; at < len; at += step) {
        size_t n = len - at < step ? len - at : step;
        uint8_t *block = malloc(n);
        memcpy(block, (const char *)data + at, n);
        content_scan_feed(&s, block, n);
        free(block);
    }
    content_scan_feed(&s, (const uint8_t *)"", 0);
    return s;
}

static void encrypt_is_seen_across_edges(void **state)
{
    (void)state;
    char text[64];
    for (size_t at = 0; at + 8 <= sizeof text; at++) {
        memset(text, '/', sizeof text);
        memcpy(text + at, "/Encrypt", 8);
        for (size_t step = 1; step <= sizeof text; step++)
            assert_true(scan(FILE_PDF, text, sizeof text, step).encrypt_seen);
    }
}

static void encrypt_is_seen_with_escapes(void **state)
{
    (void)state;
    static const char *const spellings[] = {
        "x /Encr#79pt 5 0 R", "<</#45#6e#63#72#79#70#74 1 0 R>>", "//Encryp#74", "/#45ncrypt#20x"};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        for (size_t step = 1; step < 40; step++)
            assert_true(scan(FILE_PDF, spellings[i], strlen(spellings[i]), step).encrypt_seen);
}

static void only_the_whole_word_counts(void **state)
{
    (void)state;
    static const char *const others[] = {"/Encryp /Encryp t/encrypt",
                                         "/Encr/Encr ypt",
                                         "/Encryp//Encryp",
                                         "",
                                         "/Encr#7pt",
                                         "/Encr#7",
                                         "#2fEncrypt /Encr##79pt"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        for (size_t step = 1; step < 30; step++)
            assert_false(scan(FILE_PDF, others[i], strlen(others[i]), step).encrypt_seen);
    assert_false(scan(FILE_JPEG, "/Encrypt", 8, 8).encrypt_seen);
}

static void animation_is_seen_before_the_picture(void **state)
{
    (void)state;
    for (uint32_t text = 0; text < 5000; text += 2400)
        for (int animated = 0; animated <= 1; animated++) {
            struct buffer png;
            buffer_init(&png, 0);
            sample_png(&png, animated, text);
            for (size_t step = 1; step < 5200; step = step * 2 + 1)
                assert_int_equal(scan(FILE_PNG, png.data, png.len, step).animated, animated);
            buffer_release(&png);
        }
}

static void odd_pngs_end_undecided(void **state)
{
    (void)state;
    static const char huge[] = "\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR....acTL";
    static const char cut[] = "\x89PNG\r\n\x1a\n\0\0\0\rIH";
    assert_false(scan(FILE_PNG, huge, sizeof huge - 1, 3).animated);
    assert_false(scan(FILE_PNG, cut, sizeof cut - 1, 3).animated);
    assert_false(scan(FILE_WEBP, huge, sizeof huge - 1, 3).animated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encrypt_is_seen_across_edges),
        cmocka_unit_test(encrypt_is_seen_with_escapes),
        cmocka_unit_test(only_the_whole_word_counts),
        cmocka_unit_test(animation_is_seen_before_the_picture),
        cmocka_unit_test(odd_pngs_end_undecided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
