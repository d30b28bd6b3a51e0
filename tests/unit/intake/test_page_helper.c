/* The helper process: what it finds, what it inherits, and what becomes of its parent's question
 * when it dies or hangs. This program is its own helper, as mindee-batch is. */
#include "intake/page_helper.h"
#include "samples.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct folder folder;

static struct page_reply ask(const char *path, enum file_type type)
{
    struct page_reply reply;
    page_helper_ask(path, type, &reply);
    return reply;
}

static void assert_reply(struct page_reply reply, int pages, bool encrypted, bool broken)
{
    assert_int_equal(reply.pages, pages);
    assert_int_equal(reply.encrypted, encrypted);
    assert_int_equal(reply.broken, broken);
}

static void pages_are_counted(void **state)
{
    (void)state;
    helper_kind(NULL);
    for (int pages = 1; pages <= 40; pages += 13) {
        struct buffer pdf, tiff;
        buffer_init(&pdf, 0);
        buffer_init(&tiff, 0);
        sample_pdf(&pdf, pages, "some");
        sample_tiff(&tiff, pages);
        assert_reply(ask(folder_put_buffer(&folder, "a.pdf", &pdf), FILE_PDF), pages, false, false);
        assert_reply(ask(folder_put_buffer(&folder, "a.tif", &tiff), FILE_TIFF), pages, false,
                     false);
        buffer_release(&pdf);
        buffer_release(&tiff);
    }
}

static void odd_names_reach_it(void **state)
{
    (void)state;
    struct buffer pdf;
    char name[256];
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, 3, "some");
    memset(name, '\xff', 255);
    name[255] = '\0';
    name[7] = '\n';
    assert_reply(ask(folder_put_buffer(&folder, name, &pdf), FILE_PDF), 3, false, false);
    buffer_release(&pdf);
}

static void encryption_is_found(void **state)
{
    (void)state;
    sample_encrypted_pdf(folder_path(&folder, "empty.pdf"), "");
    sample_encrypted_pdf(folder_path(&folder, "user.pdf"), "secret");
    assert_true(ask(folder_path(&folder, "empty.pdf"), FILE_PDF).encrypted);
    assert_reply(ask(folder_path(&folder, "user.pdf"), FILE_PDF), 0, true, false);
}

static void broken_files_are_said_to_be(void **state)
{
    (void)state;
    const char *junk = folder_put(&folder, "junk.pdf", "%PDF-1.4 and no more", 20);
    assert_reply(ask(junk, FILE_PDF), 0, false, true);
    assert_reply(ask(folder_put(&folder, "junk.tif", "II*\0\x08\0\0\0", 8), FILE_TIFF), 0, false,
                 true);
    assert_reply(ask(folder_path(&folder, "none.pdf"), FILE_PDF), 0, false, true);
    assert_reply(ask(junk, FILE_JPEG), 0, false, true);
    assert_reply(ask("", FILE_PDF), 0, false, true);
    char *long_path = malloc(10000);
    memset(long_path, 'x', 9999);
    long_path[9999] = '\0';
    assert_reply(ask(long_path, FILE_PDF), 0, false, true);
    free(long_path);
}

static void one_that_dies_is_replaced(void **state)
{
    (void)state;
    struct buffer pdf;
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, 2, "some");
    const char *path = folder_put_buffer(&folder, "die.pdf", &pdf);
    helper_kind("die");
    assert_reply(ask(path, FILE_PDF), 0, false, true);
    assert_reply(ask(path, FILE_PDF), 0, false, true);
    helper_kind(NULL);
    assert_reply(ask(path, FILE_PDF), 2, false, false);

    /* Found dead although it had answered: that says nothing about the file. */
    helper_kind("once");
    for (int i = 0; i < 4; i++)
        assert_reply(ask(path, FILE_PDF), 2, false, false);
    buffer_release(&pdf);
}

static void one_that_hangs_is_killed(void **state)
{
    (void)state;
    struct buffer pdf;
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, 2, "some");
    const char *path = folder_put_buffer(&folder, "hang.pdf", &pdf);
    helper_kind("hang");
    page_helper_set_deadline(50);
    assert_reply(ask(path, FILE_PDF), 0, false, true);
    page_helper_set_deadline(60000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie is left */
    assert_int_equal(errno, ECHILD);
    helper_kind(NULL);
    assert_reply(ask(path, FILE_PDF), 2, false, false);
    buffer_release(&pdf);
}

extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* A cross-reference stream of 64 bytes that unfolds to a gigabyte: in run-length coding 129 stands
 * for 128 copies of the byte behind it, so a run of 129s becomes one 64 times as long. */
static void memory_is_bounded(void **state)
{
    (void)state;
    if (__sanitizer_get_current_allocated_bytes) {
        print_message("skipped: a sanitized helper has no memory bound\n");
        skip();
    }
    struct buffer pdf;
    struct rusage used;
    char run[65];
    memset(run, 129, 64);
    run[64] = '\0';
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, 1, "some");
    size_t at = pdf.len;
    buffer_printf(&pdf,
                  "9 0 obj\n<</Type/XRef/W[1 4 2]/Size 9/Root 1 0 R/Length 64/Filter"
                  "[/RunLengthDecode/RunLengthDecode/RunLengthDecode/RunLengthDecode]>>\n"
                  "stream\n%s\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n",
                  run, at);
    const char *path = folder_put_buffer(&folder, "bomb.pdf", &pdf);
    helper_kind(NULL);
    page_helper_ask(path, FILE_PDF, &(struct page_reply){0}); /* whatever it makes of it */
    page_helper_stop();
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &used), 0);
    assert_in_range(used.ru_maxrss, 50 * 1024, 600 * 1024); /* KB: it did unfold, and was stopped */
    buffer_release(&pdf);
}

static void it_inherits_nothing(void **state)
{
    (void)state;
    int leaky = open("/dev/null", O_RDONLY); /* not close-on-exec */
    setenv("MINDEE_V2_API_KEY", "md_not_for_parsers", 1);
    helper_kind("surroundings");
    struct page_reply reply = ask("/any", FILE_PDF);
    unsetenv("MINDEE_V2_API_KEY");
    close(leaky);
    assert_int_equal(reply.pages, 3); /* its socket, and nothing twice */
    assert_false(reply.encrypted);    /* no key */
    assert_false(reply.broken);       /* a group of its own */
}

static void signals_we_block_still_end_it(void **state)
{
    (void)state;
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    helper_kind("surroundings");
    struct page_reply reply = ask("/any", FILE_PDF);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(reply.spare, 0); /* signals it blocks */
    page_helper_stop();
    page_helper_stop(); /* twice is fine */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int set_up(void **state)
{
    (void)state;
    folder_make(&folder);
    page_helper_set_deadline(60000); /* the machine may be busy; what hangs has its own test */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    page_helper_stop();
    folder_remove(&folder);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "page-helper") == 0)
        return helper_child();
    page_helper_use("/proc/self/exe");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_counted),
        cmocka_unit_test(odd_names_reach_it),
        cmocka_unit_test(encryption_is_found),
        cmocka_unit_test(broken_files_are_said_to_be),
        cmocka_unit_test(one_that_dies_is_replaced),
        cmocka_unit_test(one_that_hangs_is_killed),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(it_inherits_nothing),
        cmocka_unit_test(signals_we_block_still_end_it),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
