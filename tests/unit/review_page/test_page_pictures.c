/* Pages as pictures, by real children: this program is what draws them, too, and hangs, floods or dies when told to. */
#include "review_page/picture_store.h"

#include "intake/page_draw.h"
#include "review_page/page_child.h"

#include "test.h"

#include <fcntl.h>
#ifdef MB_HEIF
#include <libheif/heif.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <unistd.h>

enum { PAINTED = 5000, MB = 1000 * 1000 };

static const char self[] = "/proc/self/exe";
static char directory[] = "/tmp/mb-pictures-XXXXXX";

static char *file_of(const void *bytes, size_t len, const char *name, uint8_t digest[SHA256_BYTES])
{
    char *path = xcalloc(1, 200);
    snprintf(path, 200, "%s/%s", directory, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    sha256(bytes, len, digest);
    return path;
}

static int picture_of(struct picture *p, const void *bytes, size_t len, int page, struct error *e)
{
    struct desk_file file = {.first_page = 1};
    file.path = file_of(bytes, len, "file", file.sha256);
    int err = picture_make(p, self, &file, page, e);
    free(file.path);
    return err;
}

static const char pdf[] = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                          "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                          "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
                          "trailer<</Root 1 0 R>>\n%%EOF\n";

static void draws_pdfs(void **state)
{
    struct picture p;
    struct error e;
    (void)state;
    if (access("/usr/bin/pdftoppm", X_OK) != 0)
        skip();
    assert_int_equal(picture_of(&p, pdf, sizeof pdf - 1, 1, &e), 0);
    assert_string_equal(p.type, "image/jpeg");
    assert_memory_equal(p.bytes.data, "\xff\xd8\xff", 3);
    picture_release(&p);
    assert_int_equal(picture_of(&p, pdf, sizeof pdf - 1, 2, &e), ERR_FORMAT); /* has one */
    assert_int_equal(picture_of(&p, "%PDF-1.4\nnothing", 16, 1, &e), ERR_FORMAT);
}

static void bounds_pages_of_pdfs(void **state)
{
    static const char huge[] =
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 14400 14400]>>endobj\n"
        "trailer<</Root 1 0 R>>\n%%EOF\n";
    struct picture p;
    struct error e;
    (void)state;
    if (access("/usr/bin/pdftoppm", X_OK) != 0 || SANITIZED) /* under which memory isn't bounded */
        skip();
    assert_int_equal(picture_of(&p, huge, sizeof huge - 1, 1, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "too large"));
}

#ifdef MB_HEIF
static void draws_heics(void **state)
{
    char path[200], bytes[20000];
    struct heif_context *c = heif_context_alloc();
    struct heif_encoder *encoder = NULL;
    struct heif_image *image = NULL;
    struct picture p;
    struct error e;
    int stride;
    (void)state;
    /* the encoder's library loses memory of its own, which a sanitizer tells */
    if (SANITIZED ||
        heif_context_get_encoder_for_format(c, heif_compression_HEVC, &encoder).code != 0) {
        heif_context_free(c);
        skip();
    }
    snprintf(path, sizeof path, "%s/photo.heic", directory);
    heif_image_create(64, 48, heif_colorspace_RGB, heif_chroma_interleaved_RGB, &image);
    heif_image_add_plane(image, heif_channel_interleaved, 64, 48, 8);
    uint8_t *plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
    memset(plane, 200, (size_t)stride * 48);
    assert_int_equal(heif_context_encode_image(c, image, encoder, NULL, NULL).code, 0);
    assert_int_equal(heif_context_write_to_file(c, path).code, 0);
    heif_image_release(image);
    heif_encoder_release(encoder);
    heif_context_free(c);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    assert_int_equal(picture_of(&p, bytes, len, 1, &e), 0);
    assert_string_equal(p.type, "image/png");
    assert_int_equal((uint8_t)p.bytes.data[19], 64);
    picture_release(&p);
    assert_int_equal(picture_of(&p, bytes, len, 2, &e), ERR_FORMAT);
    assert_int_equal(picture_of(&p, bytes, len / 2, 1, &e), ERR_FORMAT);
}
#endif

/* Two pages of 40 x 30, the second one red. */
static void make_tiff(const char *path)
{
    TIFF *t = TIFFOpen(path, "w");
    assert_non_null(t);
    for (int page = 0; page < 2; page++) {
        uint8_t row[40 * 3];
        memset(row, 255, sizeof row);
        for (size_t x = 0; page == 1 && x < 40; x++)
            row[3 * x + 1] = row[3 * x + 2] = 0;
        TIFFSetField(t, TIFFTAG_IMAGEWIDTH, 40);
        TIFFSetField(t, TIFFTAG_IMAGELENGTH, 30);
        TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8);
        TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 3);
        TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
        TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
        for (uint32_t y = 0; y < 30; y++)
            assert_int_equal(TIFFWriteScanline(t, row, y, 0), 1);
        assert_int_equal(TIFFWriteDirectory(t), 1);
    }
    TIFFClose(t);
}

static void draws_tiffs(void **state)
{
    char path[200], bytes[20000];
    struct picture p;
    struct error e;
    (void)state;
    snprintf(path, sizeof path, "%s/pages.tif", directory);
    make_tiff(path);
    FILE *f = fopen(path, "rb");
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    for (int page = 1; page <= 2; page++) {
        assert_int_equal(picture_of(&p, bytes, len, page, &e), 0);
        assert_string_equal(p.type, "image/png");
        assert_memory_equal(p.bytes.data + 1, "PNG", 3);
        assert_int_equal((uint8_t)p.bytes.data[19], 40); /* of IHDR: the width */
        picture_release(&p);
    }
    assert_int_equal(picture_of(&p, bytes, len, 3, &e), ERR_FORMAT);
    assert_int_equal(picture_of(&p, bytes, len / 2, 2, &e), ERR_FORMAT);
}

static void hands_images_on(void **state)
{
    static const char png[] = "\x89PNG\r\n\x1a\n....", jpeg[] = "\xff\xd8\xff\xe0....";
    static const char webp[] = "RIFF....WEBPVP8 ";
    struct picture p;
    struct error e;
    (void)state;
    assert_int_equal(picture_of(&p, jpeg, sizeof jpeg - 1, 1, &e), 0);
    assert_string_equal(p.type, "image/jpeg");
    assert_int_equal(p.size, sizeof jpeg - 1);
    assert_true(p.fd >= 0); /* and nothing of it in memory */
    assert_int_equal(p.bytes.len, 0);
    picture_release(&p);
    assert_int_equal(picture_of(&p, png, sizeof png - 1, 1, &e), 0);
    assert_string_equal(p.type, "image/png");
    picture_release(&p);
    assert_int_equal(picture_of(&p, webp, sizeof webp - 1, 1, &e), 0);
    assert_string_equal(p.type, "image/webp");
    picture_release(&p);
    assert_int_equal(picture_of(&p, png, sizeof png - 1, 2, &e), ERR_NOT_FOUND);
    assert_int_equal(picture_of(&p, "<svg onload=x>", 14, 1, &e), ERR_FORMAT);
}

static void tells_what_became_of_the_file(void **state)
{
    struct desk_file file = {.first_page = 1, .pages = 1};
    struct picture p;
    struct error e;
    (void)state;
    file.path = file_of(pdf, sizeof pdf - 1, "changed", file.sha256);
    file.sha256[0] ^= 1;
    assert_int_equal(picture_make(&p, self, &file, 1, &e), ERR_CHANGED);
    assert_non_null(strstr(e.text, "changed since it was sent"));
    assert_int_equal(picture_make(&p, self, &file, 2, &e), ERR_NOT_FOUND);
    unlink(file.path);
    assert_int_equal(picture_make(&p, self, &file, 1, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "isn't there any more"));
    assert_int_equal(mkfifo(file.path, 0600), 0);
    assert_int_equal(picture_make(&p, self, &file, 1, &e), ERR_CHANGED); /* and doesn't wait */
    unlink(file.path);
    free(file.path);
}

static int draw(const char *type, int64_t deadline_ms, struct error *e)
{
    struct buffer out;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int err = page_child_draw(self, type, 1, fd, deadline_ms, &out, e);
    close(fd);
    assert_int_equal(out.len, 0);
    return err;
}

static void bounds_children(void **state)
{
    struct error e;
    (void)state;
    assert_int_equal(draw("hang", 200, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "too long"));
    assert_int_equal(draw("flood", 60000, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "too large"));
    assert_int_equal(draw("die", 60000, &e), ERR_FORMAT);
    assert_int_equal(draw("absent", 60000, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "poppler-utils"));
    assert_int_equal(draw("nothing", 60000, &e), ERR_FORMAT);
    assert_int_equal(draw("environment", 60000, &e), ERR_FORMAT); /* of nothing: it had none */
}

/* ---- the store ---- */

struct asked {
    struct loop *loop;
    struct picture_store *store;
    int come, with;
};

static void come(void *ctx, const struct picture *p, const struct error *e)
{
    struct asked *a = ctx;
    (void)e;
    a->come++;
    a->with += p != NULL;
}

/* Page N of a PDF, of which the child makes N - PAINTED MB. */
static void ask(struct asked *a, const char *key, int page)
{
    static int files;
    struct desk_file file = {.first_page = 1};
    char name[20];
    snprintf(name, sizeof name, "asked-%d", files++); /* the one before may be being read */
    file.path = file_of(pdf, sizeof pdf - 1, name, file.sha256);
    picture_store_ask(a->store, key, page, &file, come, a);
    assert_null(file.path);
}

static void keeps_what_was_seen(void **state)
{
    struct asked a = {.loop = loop_new(&system_clock)};
    const struct picture *p;
    (void)state;
    a.store = picture_store_new(a.loop, self);
    ask(&a, "d1", PAINTED + 1); /* the same one twice */
    ask(&a, "d1", PAINTED + 1);
    ask(&a, "d2", PAINTED + 1);
    loop_run(a.loop);
    assert_int_equal(a.come, 3);
    assert_int_equal(a.with, 3);
    assert_true(picture_store_find(a.store, "d1", PAINTED + 1, &p));
    assert_false(picture_store_find(a.store, "d1", PAINTED + 2, &p));
    assert_int_equal(picture_store_bytes(a.store), 2 * MB);
    assert_true(p->bytes.cap <= MB + 1);
    picture_store_close(a.store);
    loop_free(a.loop);
}

static void keeps_no_file_that_is_one_itself(void **state)
{
    static const char png[] = "\x89PNG\r\n\x1a\n....";
    struct asked a = {.loop = loop_new(&system_clock)};
    struct desk_file file = {.first_page = 1};
    const struct picture *p;
    (void)state;
    a.store = picture_store_new(a.loop, self);
    file.path = file_of(png, sizeof png - 1, "itself", file.sha256);
    picture_store_ask(a.store, "d1", 1, &file, come, &a);
    loop_run(a.loop);
    assert_int_equal(a.with, 1);
    assert_false(picture_store_find(a.store, "d1", 1, &p));
    assert_int_equal(picture_store_bytes(a.store), 0);
    picture_store_close(a.store);
    loop_free(a.loop);
}

static void closes_while_it_draws(void **state)
{
    struct asked a = {.loop = loop_new(&system_clock)};
    struct desk_file file = {.first_page = 1};
    (void)state;
    a.store = picture_store_new(a.loop, self);
    file.path = file_of(pdf, sizeof pdf - 1, "closed", file.sha256);
    picture_store_ask(a.store, "d1", 1, &file, come, &a);
    picture_store_close(a.store);
    loop_run(a.loop);
    assert_int_equal(a.come, 0);
    loop_free(a.loop);
}

static void bounds_what_it_keeps(void **state)
{
    struct asked a = {.loop = loop_new(&system_clock)};
    const struct picture *p;
    (void)state;
    a.store = picture_store_new(a.loop, self);
    for (int i = 1; i <= 4; i++) {
        char key[4];
        snprintf(key, sizeof key, "d%d", i);
        ask(&a, key, PAINTED + 10);
        loop_run(a.loop);
    }
    assert_int_equal(a.with, 4);
    assert_true(picture_store_bytes(a.store) <= PICTURES_BYTES_MAX);
    assert_false(picture_store_find(a.store, "d1", PAINTED + 10, &p));
    assert_true(picture_store_find(a.store, "d4", PAINTED + 10, &p));
    picture_store_close(a.store);
    loop_free(a.loop);
}

static int paint(int megabytes)
{
    static const char block[1000];
    for (int i = 0; i < megabytes * (MB / (int)sizeof block); i++)
        if (write(STDOUT_FILENO, block, sizeof block) < 0)
            return 1;
    return 0;
}

static int act(const char *how)
{
    char block[4096] = "";
    if (strcmp(how, "hang") == 0)
        for (;;)
            pause();
    while (strcmp(how, "flood") == 0)
        if (write(STDOUT_FILENO, block, sizeof block) < 0)
            return 0;
    if (strcmp(how, "die") == 0)
        abort();
    if (strcmp(how, "absent") == 0)
        return PAGE_DRAW_NOT_THERE;
    if (strcmp(how, "environment") == 0)
        for (char **variable = environ; *variable; variable++)
            puts(*variable);
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const acts[] = {"hang", "flood", "die", "absent", "nothing", "environment"};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_pdfs),
        cmocka_unit_test(bounds_pages_of_pdfs),
#ifdef MB_HEIF
        cmocka_unit_test(draws_heics),
#endif
        cmocka_unit_test(draws_tiffs),
        cmocka_unit_test(hands_images_on),
        cmocka_unit_test(tells_what_became_of_the_file),
        cmocka_unit_test(bounds_children),
        cmocka_unit_test(keeps_what_was_seen),
        cmocka_unit_test(keeps_no_file_that_is_one_itself),
        cmocka_unit_test(closes_while_it_draws),
        cmocka_unit_test(bounds_what_it_keeps),
    };
    for (size_t i = 0; argc > 2 && i < sizeof acts / sizeof *acts; i++)
        if (strcmp(argv[2], acts[i]) == 0)
            return act(acts[i]);
    if (argc > 3 && strtol(argv[3], NULL, 10) > PAINTED)
        return paint((int)strtol(argv[3], NULL, 10) - PAINTED);
    if (argc > 1)
        return page_draw_main(argc - 1, argv + 1);
    assert_non_null(mkdtemp(directory));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command) != 0 ? 1 : failed;
}
