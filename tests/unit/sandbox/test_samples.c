/* The samples as files: their own libraries accept them, each carries the values of its invoice,
 * the same seed gives the same bytes; and a search for those values
 * that no bytes can fool or crash. */
#include "base/buffer.h"
#include "base/random.h"
#include "sandbox/invoice/draft.h"
#include "sandbox/invoice/mark.h"
#include "sandbox/invoice/render.h"
#include "sandbox/samples.h"
#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

/* Finding it in bytes of any kind. */

static bool find_in_copy(const void *bytes, size_t len, struct buffer *out)
{
    char *copy = malloc(len ? len : 1); /* exactly as large: a sanitizer sees any step beyond */
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    struct buffer packed;
    buffer_init(&packed, out->max_len);
    bool found = invoice_mark_find(copy, len, &packed);
    buffer_clear(out);
    if (found)
        invoice_mark_unpack(packed.data, packed.len, out);
    else
        assert_int_equal(packed.len, 0);
    buffer_release(&packed);
    free(copy);
    return found;
}

static void render(uint64_t seed, int index, struct buffer *bytes)
{
    struct invoice *v = xcalloc(1, sizeof *v);
    struct error e = {0};
    invoice_draft(v, seed, index);
    int rc = v->medium == MEDIUM_PDF ? invoice_render_pdf(v, bytes, &e)
                                     : invoice_render_image(v, bytes, &e);
    assert_int_equal(rc, 0);
    free(v);
}

static void no_cut_or_changed_byte_gives_false_values(void **state)
{
    (void)state;
    static const int kinds[] = {0, 2, 8}; /* a PDF, a JPEG, a PNG */
    struct random r;
    struct buffer file, truth, found;
    random_init(&r, 1);
    buffer_init(&file, 0);
    buffer_init(&truth, 0);
    buffer_init(&found, 0);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        render(1, kinds[k], &file);
        assert_true(find_in_copy(file.data, file.len, &truth));
        const char *mark = memmem(file.data, file.len, "mindee-batch-sample-2:", 22);
        assert_non_null(mark);
        size_t from = (size_t)(mark - file.data);
        const char *last = memchr(mark + 22 + 65, ':', file.len - from - 22 - 65);
        assert_non_null(last);
        size_t to = (size_t)(last - file.data);
        for (int i = 0; i < 400; i++) {
            size_t cut = random_below(&r, file.len);
            assert_int_equal(find_in_copy(file.data, cut, &found), cut > to);
            size_t at = from + random_below(&r, to - from + 1);
            char kept = file.data[at];
            file.data[at] = (char)(kept ^ (1 << random_below(&r, 7)));
            if (find_in_copy(file.data, file.len, &found)) /* a hex digit in the other case, say */
                assert_string_equal(buffer_text(&found), buffer_text(&truth));
            else
                assert_int_equal(found.len, 0);
            file.data[at] = kept;
        }
    }
    invoice_render_end();
    buffer_release(&file);
    buffer_release(&truth);
    buffer_release(&found);
}

static void forged_marks_are_refused(void **state)
{
    (void)state;
    static const char prefix[] = "mindee-batch-sample-2:";
    struct buffer b, mark, found;
    buffer_init(&b, 0);
    buffer_init(&mark, 0);
    buffer_init(&found, 0);
    assert_false(invoice_mark_find("", 0, &found));
    assert_false(invoice_mark_find(NULL, 0, &found));
    assert_false(find_in_copy(prefix, sizeof prefix - 1, &found));
    for (int i = 0; i < 100000; i++) /* prefixes without end, and quickly so */
        buffer_put(&b, prefix);
    assert_false(find_in_copy(b.data, b.len, &found));
    invoice_mark_make("[1]", &mark); /* right digest, no object */
    assert_false(find_in_copy(mark.data, mark.len, &found));
    invoice_mark_make("{\"a\":", &mark);
    assert_false(find_in_copy(mark.data, mark.len, &found));
    invoice_mark_make("", &mark);
    assert_false(find_in_copy(mark.data, mark.len, &found));
    invoice_mark_make("{\"a\":1}", &mark); /* a true one behind all the forged */
    buffer_printf(&b, "%064d:AAAA:%s", 0, mark.data);
    assert_true(find_in_copy(b.data, b.len, &found));
    assert_string_equal(buffer_text(&found), "{\"a\":1}");
    struct buffer deep; /* deeper than the parser goes */
    buffer_init(&deep, 0);
    for (int i = 0; i < 200000; i++)
        buffer_put(&deep, "{\"a\":");
    invoice_mark_make(buffer_text(&deep), &mark);
    assert_false(find_in_copy(mark.data, mark.len, &found));
    buffer_clear(&b); /* longer than any sample */
    buffer_printf(&b, "%s%064d:", prefix, 0);
    for (int i = 0; i < 3 * INVOICE_MARK_MAX_BYTES / 64; i++)
        buffer_printf(&b, "%064d", 0);
    buffer_put(&b, ":");
    assert_false(find_in_copy(b.data, b.len, &found));
    struct buffer small;
    buffer_init(&small, 4); /* a caller's own limit */
    invoice_mark_make("{\"a\":1}", &mark);
    assert_false(find_in_copy(mark.data, mark.len, &small));
    buffer_release(&small);
    buffer_release(&deep);
    buffer_release(&b);
    buffer_release(&mark);
    buffer_release(&found);
}

/* The directory. */

struct tree {
    char root[64];
    char **paths; /* relative, sorted */
    struct buffer *contents;
    int count;
};

static struct tree *walked;

static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)at;
    if (type == FTW_D) {
        assert_int_equal(st->st_mode & 07777, 0700);
        return 0;
    }
    assert_int_equal(type, FTW_F);
    assert_int_equal(st->st_mode & 07777, 0600);
    walked->paths = realloc(walked->paths, (size_t)(walked->count + 1) * sizeof(char *));
    assert_non_null(walked->paths);
    walked->paths[walked->count++] = xstrdup(path + strlen(walked->root) + 1);
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_file(const char *root, const char *path, struct buffer *out)
{
    char full[512], chunk[65536];
    size_t n;
    snprintf(full, sizeof full, "%s/%s", root, path);
    FILE *f = fopen(full, "rb");
    assert_non_null(f);
    buffer_init(out, 0);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        assert_int_equal(buffer_append(out, chunk, n), 0);
    fclose(f);
}

static int make(const char *directory, int count, uint64_t seed, struct error *e)
{
    struct samples_made made = {.documents = 0};
    int rc =
        samples_make(directory, &(struct samples_order){.count = count, .seed = seed}, &made, e);
    if (rc == 0)
        assert_int_equal(made.documents, count);
    samples_made_release(&made);
    return rc;
}

/* Makes COUNT samples in a fresh directory and reads them back. */
static struct tree *make_tree(int count, uint64_t seed)
{
    struct tree *t = xcalloc(1, sizeof *t);
    struct error e = {0};
    char below[128];
    strcpy(t->root, "/tmp/test-samples-XXXXXX");
    assert_non_null(mkdtemp(t->root));
    snprintf(below, sizeof below, "%s/month end/samples", t->root);
    assert_int_equal(make(below, count, seed, &e), 0);
    walked = t;
    assert_int_equal(nftw(t->root, visit, 16, FTW_PHYS), 0);
    qsort(t->paths, (size_t)t->count, sizeof *t->paths, by_text);
    t->contents = xcalloc((size_t)t->count, sizeof *t->contents);
    for (int i = 0; i < t->count; i++)
        read_file(t->root, t->paths[i], &t->contents[i]);
    return t;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void free_tree(struct tree *t)
{
    assert_int_equal(nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    for (int i = 0; i < t->count; i++) {
        free(t->paths[i]);
        buffer_release(&t->contents[i]);
    }
    free(t->paths);
    free(t->contents);
    free(t);
}

/* Each offset of the cross-reference table leads to its object, the mark in between or not. Returns
 * how many pages the document says it has. (test_sample_pdfs asks qpdf about the rest.) */
static int check_pdf(const struct buffer *b)
{
    const char *mark = memmem(b->data, b->len, "mindee-batch-sample-2:", 22);
    assert_in_range(b->len, 5000, 100000);
    assert_memory_equal(b->data, "%PDF-1.", 7);
    assert_memory_equal(b->data + b->len - 6, "%%EOF\n", 6);
    assert_non_null(mark);
    assert_memory_equal(mark - 2, "\n%", 2); /* a comment, and so is no part of the document */
    const char *start = memmem(mark, b->len - (size_t)(mark - b->data), "startxref\n", 10);
    assert_non_null(start);
    size_t at = strtoul(start + 10, NULL, 10);
    assert_in_range(at, 1, b->len - 30);
    assert_memory_equal(b->data + at, "xref", 4);
    char *p = b->data + at + 4, wanted[32];
    assert_int_equal(strtol(p, &p, 10), 0);
    long objects = strtol(p, &p, 10);
    assert_in_range(objects, 6, 100);
    for (long i = 0; i < objects; i++) {
        size_t offset = strtoul(p, &p, 10);
        strtol(p, &p, 10);
        assert_memory_equal(p, i ? " n" : " f", 2);
        p += 2;
        int n = snprintf(wanted, sizeof wanted, "%ld 0 obj", i);
        assert_true(offset + (size_t)n < at);
        if (i)
            assert_memory_equal(b->data + offset, wanted, (size_t)n);
    }
    const char *count = memmem(b->data, at, "/Count ", 7);
    assert_non_null(count);
    return (int)strtol(count + 7, NULL, 10);
}

static void check_png(const struct buffer *b)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, b->data, b->len));
    image.format = PNG_FORMAT_GRAY;
    unsigned char *pixels = malloc(PNG_IMAGE_SIZE(image));
    assert_non_null(pixels);
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    size_t dark = 0, size = PNG_IMAGE_SIZE(image);
    for (size_t i = 0; i < size; i++)
        dark += pixels[i] < 128;
    assert_true(dark > size / 200 && dark < size / 3); /* there is text on it, and paper */
    assert_int_equal(image.warning_or_error, 0);
    free(pixels);
}

static void jpeg_refused(j_common_ptr jpeg)
{
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    fail_msg("libjpeg: %s", message);
}

static void check_jpeg(const struct buffer *b)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = jpeg_refused;
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, (const unsigned char *)b->data, b->len);
    jpeg_read_header(&jpeg, TRUE);
    jpeg_start_decompress(&jpeg);
    JSAMPLE *row = xcalloc(jpeg.output_width, 3);
    while (jpeg.output_scanline < jpeg.output_height)
        assert_int_equal(jpeg_read_scanlines(&jpeg, &row, 1), 1);
    jpeg_finish_decompress(&jpeg);
    assert_int_equal(errors.num_warnings, 0);
    jpeg_destroy_decompress(&jpeg);
    free(row);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcasecmp(text + n - m, end) == 0;
}

static char **expected_truths(int count, uint64_t seed)
{
    char **out = xcalloc((size_t)count, sizeof *out);
    for (int i = 0; i < count; i++) {
        struct buffer file, truth;
        size_t len;
        buffer_init(&file, 0);
        buffer_init(&truth, 0);
        render(seed, i, &file);
        assert_true(find_in_copy(file.data, file.len, &truth));
        out[i] = buffer_detach(&truth, &len);
        buffer_release(&file);
    }
    qsort(out, (size_t)count, sizeof *out, by_text);
    return out;
}

static void two_hundred_are_valid_and_carry_their_values(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct tree *t = make_tree(COUNT, 42);
    char **expected = expected_truths(COUNT, 42), **found = xcalloc(COUNT, sizeof *found);
    int kinds[3] = {0}, long_ones = 0;
    assert_int_equal(t->count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const char *path = t->paths[i];
        struct buffer truth;
        size_t len;
        buffer_init(&truth, 0);
        assert_true(find_in_copy(t->contents[i].data, t->contents[i].len, &truth));
        found[i] = buffer_detach(&truth, &len);
        if (ends_with(path, ".pdf")) {
            long_ones += check_pdf(&t->contents[i]) > 1;
            kinds[0]++;
        } else if (ends_with(path, ".png")) {
            check_png(&t->contents[i]);
            kinds[1]++;
        } else {
            assert_true(ends_with(path, ".jpg"));
            check_jpeg(&t->contents[i]);
            kinds[2]++;
        }
    }
    qsort(found, COUNT, sizeof *found, by_text);
    for (int i = 0; i < COUNT; i++) {
        assert_string_equal(found[i], expected[i]);
        if (i > 0)
            assert_string_not_equal(found[i], found[i - 1]);
    }
    assert_int_equal(kinds[0], 170);
    assert_int_equal(kinds[1], 15);
    assert_int_equal(kinds[2], 15);
    assert_int_equal(long_ones, 20);
    for (int i = 0; i < COUNT; i++) {
        free(expected[i]);
        free(found[i]);
    }
    free(expected);
    free(found);
    free_tree(t);
}

static void the_seed_decides_every_byte(void **state)
{
    (void)state;
    struct tree *a = make_tree(24, 7), *b = make_tree(24, 7), *other = make_tree(24, 8);
    struct tree *fewer = make_tree(9, 7);
    int same = 0, kept = 0;
    assert_int_equal(a->count, 24);
    assert_int_equal(b->count, 24);
    assert_int_equal(fewer->count, 9);
    for (int i = 0; i < 24; i++) {
        assert_string_equal(a->paths[i], b->paths[i]);
        assert_int_equal(a->contents[i].len, b->contents[i].len);
        assert_memory_equal(a->contents[i].data, b->contents[i].data, a->contents[i].len);
        for (int k = 0; k < 24; k++)
            same += a->contents[i].len == other->contents[k].len &&
                    memcmp(a->contents[i].data, other->contents[k].data, a->contents[i].len) == 0;
        for (int k = 0; k < 9; k++)
            kept += strcmp(a->paths[i], fewer->paths[k]) == 0 &&
                    a->contents[i].len == fewer->contents[k].len &&
                    memcmp(a->contents[i].data, fewer->contents[k].data, a->contents[i].len) == 0;
    }
    assert_int_equal(same, 0);
    assert_int_equal(kept, 9);
    free_tree(a);
    free_tree(b);
    free_tree(other);
    free_tree(fewer);
}

static void names_are_those_of_real_life(void **state)
{
    (void)state;
    struct tree *t = make_tree(40, 2);
    int spaces = 0, umlauts = 0, folders = 0;
    char last[64] = "";
    for (int i = 0; i < t->count; i++) {
        const char *path = t->paths[i] + strlen("month end/samples/");
        char folder[64] = "";
        snprintf(folder, sizeof folder, "%.*s", (int)strcspn(path, "/"), path);
        folders += strcmp(folder, last) != 0;
        strcpy(last, folder);
        spaces += strchr(path, ' ') != NULL;
        umlauts += strstr(path, "ü") != NULL || strstr(path, "é") != NULL;
        assert_non_null(strchr(path, '/'));
    }
    assert_true(folders >= 5 && spaces >= 30 && umlauts >= 3);
    free_tree(t);
}

static void what_can_not_be_made_is_said(void **state)
{
    (void)state;
    struct error e = {0};
    char root[] = "/tmp/test-samples-XXXXXX", path[128];
    assert_non_null(mkdtemp(root));
    snprintf(path, sizeof path, "%s/x", root);
    assert_int_equal(make(path, 0, 1, &e), ERR_USAGE);
    assert_int_equal(make(path, -5, 1, &e), ERR_USAGE);
    assert_int_equal(make(path, SAMPLES_MAX + 1, 1, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "100000"));
    assert_int_equal(make("", 1, 1, &e), ERR_USAGE);
    assert_int_equal(access(path, F_OK), -1); /* nothing was touched */
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(make(path, 1, 1, &e), ERR_IO); /* a file where a folder must be */
    assert_non_null(strstr(e.text, "/x"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(make(path, 1, 1, &e), 0); /* and the same after it is gone */
    assert_int_equal(make(path, 1, 1, &e), 0); /* and again over it */
    struct tree t = {0};
    strcpy(t.root, root);
    assert_int_equal(nftw(t.root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cut_or_changed_byte_gives_false_values),
        cmocka_unit_test(forged_marks_are_refused),
        cmocka_unit_test(two_hundred_are_valid_and_carry_their_values),
        cmocka_unit_test(the_seed_decides_every_byte),
        cmocka_unit_test(names_are_those_of_real_life),
        cmocka_unit_test(what_can_not_be_made_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
