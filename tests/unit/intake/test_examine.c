/* One file read once: what it is, its hash, and each reason not to send it. */
#include "intake/intake.h"
#include "intake/page_helper.h"
#include "samples.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct folder folder;
static struct loop *loop;

struct answer {
    struct examined examined;
    int calls, pages;
};

static void take_examined(void *ctx, const struct examined *result)
{
    struct answer *a = ctx;
    a->examined = *result;
    a->calls++;
}

static void take_pages(void *ctx, int pages)
{
    struct answer *a = ctx;
    a->pages = pages;
    a->calls++;
}

static struct examined examine(const char *path, bool want_pages)
{
    struct answer a = {0};
    intake_examine(loop, path, want_pages ? EXAMINE_PAGES : 0, take_examined, &a);
    assert_int_equal(a.calls, 0);
    loop_run(loop);
    assert_int_equal(a.calls, 1);
    return a.examined;
}

static void assert_hash_of(const struct examined *e, const void *data, size_t len)
{
    uint8_t expected[SHA256_BYTES];
    sha256(data, len, expected);
    assert_true(e->hashed);
    assert_memory_equal(e->sha256, expected, sizeof expected);
}

static void assert_rejected(struct examined e, enum reject_reason reason, const char *detail)
{
    static const uint8_t zeros[SHA256_BYTES];
    assert_int_equal(e.reject, reason);
    assert_string_equal(e.detail, detail);
    if (reason != REJECT_ENCRYPTED) {
        assert_false(e.hashed);
        assert_memory_equal(e.sha256, zeros, sizeof zeros);
    }
}

static void each_type_is_taken(void **state)
{
    (void)state;
    struct {
        enum file_type type;
        int pages;
        struct buffer data;
    } samples[] = {{FILE_PDF, 3, {0}},  {FILE_TIFF, 4, {0}}, {FILE_PNG, 1, {0}},
                   {FILE_HEIC, 1, {0}}, {FILE_HEIF, 1, {0}}, {FILE_JPEG, 1, {0}},
                   {FILE_WEBP, 1, {0}}};
    sample_pdf(&samples[0].data, 3, "plain");
    sample_tiff(&samples[1].data, 4);
    sample_png(&samples[2].data, false, 3000);
    sample_ftyp(&samples[3].data, "heic", "mif1heic");
    sample_ftyp(&samples[4].data, "mif1", "mif1");
    buffer_put(&samples[5].data, "\xff\xd8\xff\xe0 a picture");
    buffer_put(&samples[6].data, "RIFF----WEBPVP8 ");
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct buffer *b = &samples[i].data;
        const char *path = folder_put_buffer(&folder, "any", b);
        struct examined e = examine(path, false);
        assert_int_equal(e.reject, REJECT_NONE);
        assert_int_equal(e.type, samples[i].type);
        assert_int_equal(e.pages, -1);
        assert_int_equal(e.stamp.size_bytes, b->len);
        assert_hash_of(&e, b->data, b->len);
        assert_int_equal(examine(path, true).pages, samples[i].pages);

        struct answer a = {0};
        intake_count_pages(loop, path, samples[i].type, take_pages, &a);
        loop_run(loop);
        assert_int_equal(a.calls, 1);
        assert_int_equal(a.pages, samples[i].pages);
        buffer_release(b);
    }
}

static void sizes_around_the_block_are_hashed_whole(void **state)
{
    (void)state;
    enum { BLOCK = 128 * 1024 };
    static const size_t sizes[] = {5,     2047,      2048,      2049,          BLOCK - 1,
                                   BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 17};
    char *data = malloc(4 * BLOCK);
    for (size_t i = 0; i < 4 * BLOCK; i++)
        data[i] = (char)(i * 31 >> 3);
    memcpy(data, "%PDF-", 5);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct examined e = examine(folder_put(&folder, "sized", data, sizes[i]), false);
        assert_int_equal(e.reject, REJECT_NONE);
        assert_hash_of(&e, data, sizes[i]);
    }
    free(data);
}

static void what_cannot_be_sent_is_rejected(void **state)
{
    (void)state;
    assert_rejected(examine(folder_put(&folder, "empty.pdf", "", 0), true), REJECT_EMPTY, "");
    assert_rejected(examine(folder_put(&folder, "text.pdf", "Dear Sir", 8), false), REJECT_TYPE,
                    "looks like plain text");
    assert_rejected(examine(folder_path(&folder, "none"), false), REJECT_UNREADABLE,
                    "No such file or directory");
    assert_rejected(examine(folder.path, false), REJECT_SPECIAL, "a directory");
    assert_rejected(examine("/dev/null", false), REJECT_SPECIAL, "a device");
    assert_int_equal(mkfifo(folder_path(&folder, "fifo"), 0600), 0);
    assert_rejected(examine(folder_path(&folder, "fifo"), false), REJECT_SPECIAL, "a fifo");
    assert_int_equal(symlink("itself", folder_path(&folder, "itself")), 0);
    assert_rejected(examine(folder_path(&folder, "itself"), false), REJECT_UNREADABLE,
                    "Too many levels of symbolic links");

    struct buffer png;
    buffer_init(&png, 0);
    sample_png(&png, true, 200000); /* far behind the head */
    assert_rejected(examine(folder_put_buffer(&folder, "moving.png", &png), false), REJECT_ANIMATED,
                    "");
    buffer_release(&png);
}

static void the_size_has_a_bound(void **state)
{
    (void)state;
    const char *path = folder_put(&folder, "large.pdf", "%PDF-1.4", 8);
    assert_int_equal(truncate(path, INTAKE_MAX_FILE_BYTES + 1), 0); /* sparse */
    assert_rejected(examine(path, false), REJECT_TOO_LARGE, "it has 100,000,001 bytes");
    assert_int_equal(truncate(path, INTAKE_MAX_FILE_BYTES), 0);
    struct examined e = examine(path, false);
    assert_int_equal(e.reject, REJECT_NONE);
    assert_true(e.hashed);
    unlink(path);
}

static void permission_is_missed_in_words(void **state)
{
    (void)state;
    const char *path = folder_put(&folder, "locked.pdf", "%PDF-1.4", 8);
    assert_int_equal(chmod(path, 0), 0);
    bool root = geteuid() == 0;
    if (root && (chmod(folder.path, 0755) != 0 || seteuid(65534) != 0)) {
        print_message("skipped: root here can't become anybody else\n");
        skip();
    }
    struct examined e = examine(path, false);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_rejected(e, REJECT_UNREADABLE, "Permission denied");
}

static void encrypted_pdfs_are_rejected(void **state)
{
    (void)state;
    const char *path = folder_path(&folder, "encrypted.pdf");
    sample_encrypted_pdf(path, "");
    assert_rejected(examine(path, false), REJECT_ENCRYPTED, "");
    assert_true(examine(path, true).hashed);
    sample_encrypted_pdf(path, "secret");
    assert_rejected(examine(path, false), REJECT_ENCRYPTED, "");

    /* The word alone is no encryption; and a PDF with it
     * that nobody can parse is Mindee's to judge. */
    struct buffer pdf;
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, 2, "/Encrypt");
    struct examined e = examine(folder_put_buffer(&folder, "word.pdf", &pdf), false);
    assert_int_equal(e.reject, REJECT_NONE);
    assert_false(e.broken);
    buffer_release(&pdf);
    e = examine(folder_put(&folder, "junk.pdf", "%PDF-1.4 /Encrypt", 17), false);
    assert_int_equal(e.reject, REJECT_NONE);
    assert_true(e.broken && e.hashed);
    e = examine(folder_put(&folder, "junk.pdf", "%PDF-1.4 /Encryp", 16), false);
    assert_false(e.broken); /* nobody looked */
    e = examine(folder_put(&folder, "junk.pdf", "%PDF-1.4 /Encryp", 16), true);
    assert_true(e.broken && e.hashed && e.pages == 0 && e.reject == REJECT_NONE);
}

static void a_helper_that_dies_stops_nothing(void **state)
{
    (void)state;
    struct buffer pdf;
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, 2, "/Encrypt");
    const char *path = folder_put_buffer(&folder, "deadly.pdf", &pdf);
    helper_kind("die");
    struct examined e = examine(path, true);
    helper_kind(NULL);
    assert_int_equal(e.reject, REJECT_NONE);
    assert_int_equal(e.pages, 0);
    assert_true(e.broken);
    assert_hash_of(&e, pdf.data, pdf.len);
    buffer_release(&pdf);
}

/* The helper lets the file grow each time it is asked: between the reading and the look at the
 * stamp after it. */
static void a_file_that_changes_is_read_again(void **state)
{
    (void)state;
    struct buffer pdf;
    char most[16];
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, 2, "grows");
    helper_kind("touch");
    for (size_t more = 0; more <= 3; more++) {
        const char *path = folder_put_buffer(&folder, "grows.pdf", &pdf);
        snprintf(most, sizeof most, "%zu", pdf.len + more);
        setenv("MB_TEST_TOUCH", most, 1);
        page_helper_stop(); /* the next one sees the new bound */
        struct examined e = examine(path, true);
        if (more == 3) {
            assert_rejected(e, REJECT_CHANGED, "");
            continue;
        }
        struct buffer grown;
        buffer_init(&grown, 0);
        buffer_put(&grown, buffer_text(&pdf));
        for (size_t i = 0; i < more; i++)
            buffer_put(&grown, "%");
        assert_int_equal(e.reject, REJECT_NONE);
        assert_int_equal(e.stamp.size_bytes, grown.len);
        assert_hash_of(&e, grown.data, grown.len);
        buffer_release(&grown);
    }
    helper_kind(NULL);
    buffer_release(&pdf);
}

/* Removed, or moved away, while it is read: what can still be read isn't what is at the path. */
static void a_file_that_goes_meanwhile_is_gone(void **state)
{
    (void)state;
    struct buffer pdf;
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, 2, "goes");
    const char *path = folder_put_buffer(&folder, "goes.pdf", &pdf);
    helper_kind("remove");
    struct examined e = examine(path, true);
    helper_kind(NULL);
    assert_int_equal(e.error, ENOENT);
    assert_int_equal(e.reject, REJECT_UNREADABLE);
    assert_false(e.hashed);
    buffer_release(&pdf);
}

static void many_at_once_share_one_helper(void **state)
{
    (void)state;
    enum { FILES = 40 };
    struct answer answers[FILES] = {{{0}, 0, 0}};
    for (int i = 0; i < FILES; i++) {
        struct buffer pdf;
        char name[16];
        buffer_init(&pdf, 0);
        sample_pdf(&pdf, 1 + i, "many");
        snprintf(name, sizeof name, "%d.pdf", i);
        const char *path = folder_put_buffer(&folder, name, &pdf);
        intake_examine(loop, path, EXAMINE_PAGES, take_examined, &answers[i]);
        buffer_release(&pdf);
    }
    loop_run(loop);
    for (int i = 0; i < FILES; i++) {
        assert_int_equal(answers[i].calls, 1);
        assert_int_equal(answers[i].examined.pages, 1 + i);
    }
}

static void real_documents_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum file_type type;
        int pages;
    } files[] = {{"accepted/energy_bill_fr.pdf", FILE_PDF, 3},
                 {"accepted/financial_document.jpg", FILE_JPEG, 1},
                 {"accepted/invoice_10p.pdf", FILE_PDF, 10},
                 {"accepted/invoice_2p.pdf", FILE_PDF, 2},
                 {"accepted/invoice_acme.jpg", FILE_JPEG, 1},
                 {"accepted/multipage_12p.pdf", FILE_PDF, 12},
                 {"accepted/receipt.heic", FILE_HEIC, 1},
                 {"accepted/receipt.png", FILE_PNG, 1},
                 {"accepted/receipt.tif", FILE_TIFF, 1},
                 {"accepted/receipt.webp", FILE_WEBP, 1},
                 {"odd/blank_page.pdf", FILE_PDF, 10},
                 {"odd/receipt.jpga", FILE_JPEG, 1}};
    if (!shared_input(files[0].name)) {
        print_message("skipped: the shared inputs aren't here (MB_SHARED names their place)\n");
        skip();
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct examined e = examine(shared_input(files[i].name), true);
        if (e.type != files[i].type || e.pages != files[i].pages)
            print_error("%s: type %d, %d pages\n", files[i].name, (int)e.type, e.pages);
        assert_int_equal(e.reject, REJECT_NONE);
        assert_int_equal(e.type, files[i].type);
        assert_int_equal(e.pages, files[i].pages);
        assert_false(e.broken);
    }
    assert_rejected(examine(shared_input("odd/receipt.txt"), false), REJECT_TYPE,
                    "looks like plain text");
}

static int set_up(void **state)
{
    (void)state;
    folder_make(&folder);
    loop = loop_new(&system_clock);
    page_helper_set_deadline(60000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    page_helper_stop();
    loop_free(loop);
    folder_remove(&folder);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "page-helper") == 0)
        return helper_child();
    page_helper_use("/proc/self/exe");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_is_taken),
        cmocka_unit_test(sizes_around_the_block_are_hashed_whole),
        cmocka_unit_test(what_cannot_be_sent_is_rejected),
        cmocka_unit_test(the_size_has_a_bound),
        cmocka_unit_test(permission_is_missed_in_words),
        cmocka_unit_test(encrypted_pdfs_are_rejected),
        cmocka_unit_test(a_helper_that_dies_stops_nothing),
        cmocka_unit_test(a_file_that_changes_is_read_again),
        cmocka_unit_test(a_file_that_goes_meanwhile_is_gone),
        cmocka_unit_test(many_at_once_share_one_helper),
        cmocka_unit_test(real_documents_are_known),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
