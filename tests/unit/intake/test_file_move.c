/* One file from here to there: by rename, by copy between file systems, with names taken, with a
 * source that changes, and from every state that a crash can leave. */
#include "intake/file_move.h"

#include "base/digest.h"
#include "samples.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int chosen; /* the number of the last name */

/* As the ledger's names are numbered, as far as these tests go. */
static void number(struct buffer *out, const char *name, int n)
{
    const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
    const char *dot = strrchr(last, '.'), *end = last + strlen(last);
    dot = dot && dot != last ? dot : end;
    buffer_printf(out, "%.*s (%d)%s", (int)(dot - name), name, n, dot);
}

struct place {
    struct folder here;
    char there[64]; /* on another file system; "" if there is none */
};

static int set_up(void **state)
{
    static struct place p;
    struct stat a, b;
    folder_make(&p.here);
    snprintf(p.there, sizeof p.there, "%s", "/dev/shm/mb-move-XXXXXX");
    if (!mkdtemp(p.there) || stat(p.there, &a) != 0 || stat(p.here.path, &b) != 0 ||
        a.st_dev == b.st_dev) {
        if (p.there[0])
            rmdir(p.there);
        p.there[0] = '\0';
    }
    *state = &p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    char command[128];
    folder_remove(&p->here);
    snprintf(command, sizeof command, "rm -rf '%s'", p->there);
    return p->there[0] ? system(command) : 0;
}

static struct stat stat_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st;
}

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void assert_content(const char *path, const char *content)
{
    char text[64] = "";
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    assert_int_equal(n, strlen(content));
    assert_string_equal(text, content);
}

/* A move of a new file "a" to TARGET. */
static struct file_move move_of(struct place *p, const char *target)
{
    static char temporary[200];
    const char *source = folder_put(&p->here, "a", "content", 7);
    struct stat st = stat_of(source);
    snprintf(temporary, sizeof temporary, "%s.part", target);
    return (struct file_move){
        .source = source, .target = target, .temporary = temporary, .stamp = file_stamp_of(&st)};
}

/* TARGET on this file system and, where there is one, on another. */
static void on_both(struct place *p, void (*test)(struct place *p, const char *target))
{
    char target[128];
    test(p, folder_path(&p->here, "target"));
    if (!p->there[0]) {
        print_message("/dev/shm is no other file system: not tried between two\n");
        return;
    }
    snprintf(target, sizeof target, "%s/target", p->there);
    test(p, target);
}

static void assert_moved(const struct file_move *m)
{
    struct stat st = stat_of(m->target);
    struct file_stamp there = file_stamp_of(&st);
    assert_content(m->target, "content");
    assert_true(file_stamp_equal(&there, &m->there));
    assert_int_equal(there.mtime_ns, m->stamp.mtime_ns);
    assert_false(is_there(m->source));
    assert_false(is_there(m->temporary));
    unlink(m->target);
}

static void moves(struct place *p, const char *target)
{
    struct file_move m = move_of(p, target);
    assert_int_equal(chmod(m.source, 0640), 0);
    struct stat st = stat_of(m.source);
    m.stamp = file_stamp_of(&st);
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    assert_int_equal(stat_of(target).st_mode & 0777, 0640);
    assert_moved(&m);
}

static void a_move(void **state)
{
    on_both(*state, moves);
}

static void leaves_what_is_there(struct place *p, const char *target)
{
    struct file_move m = move_of(p, target);
    FILE *f = fopen(target, "we");
    assert_non_null(f);
    fputs("other", f);
    fclose(f);
    assert_int_equal(file_move_do(&m), FILE_MOVE_TAKEN);
    assert_content(target, "other");
    assert_content(m.source, "content");
    assert_false(is_there(m.temporary));
    m.resumed = true; /* an intent whose name somebody took */
    assert_int_equal(file_move_do(&m), FILE_MOVE_TAKEN);
    assert_content(target, "other");
    assert_content(m.source, "content");
    unlink(target);
}

static void a_name_that_is_taken(void **state)
{
    on_both(*state, leaves_what_is_there);
}

static void leaves_what_changed(struct place *p, const char *target)
{
    struct file_move m = move_of(p, target);
    folder_put(&p->here, "a", "changed", 7);
    assert_int_equal(file_move_do(&m), FILE_MOVE_CHANGED);
    assert_content(m.source, "changed");
    assert_false(is_there(target));
    unlink(m.source);
    assert_int_equal(file_move_do(&m), FILE_MOVE_GONE);
}

static void a_source_that_changed_or_went(void **state)
{
    on_both(*state, leaves_what_changed);
}

/* Another name of it was moved before: the change time is a later one. */
/* Somebody has it open for writing: what they write next would be lost, or never sent. */
static void waits_for_its_writer(struct place *p, const char *target)
{
    struct file_move m = move_of(p, target);
    int fd = open(m.source, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_move_do(&m), FILE_MOVE_FAILED);
    assert_non_null(strstr(m.error.text, "open for writing"));
    assert_true(is_there(m.source));
    assert_false(is_there(target));
    close(fd);
    m.error = (struct error){0};
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    assert_moved(&m);
    unlink(target);
}

static void a_source_that_is_being_written(void **state)
{
    on_both(*state, waits_for_its_writer);
}

static void hard_links(void **state)
{
    struct place *p = *state;
    struct file_move m = move_of(p, folder_path(&p->here, "target"));
    assert_int_equal(link(m.source, folder_path(&p->here, "twin")), 0);
    struct stat st = stat_of(m.source);
    assert_true(file_move_is_same(&st, &m.stamp));
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    assert_content(folder_path(&p->here, "twin"), "content");
}

static void only_files(void **state)
{
    struct place *p = *state;
    struct file_move m = move_of(p, folder_path(&p->here, "target"));
    unlink(m.source);
    assert_int_equal(symlink("/etc/passwd", m.source), 0);
    struct stat st = stat_of(m.source);
    m.stamp = file_stamp_of(&st);
    assert_int_equal(file_move_do(&m), FILE_MOVE_CHANGED);
    assert_true(is_there(m.source));
}

static void no_such_directory(void **state)
{
    struct place *p = *state;
    struct file_move m = move_of(p, folder_path(&p->here, "nowhere/target"));
    assert_int_equal(file_move_do(&m), FILE_MOVE_FAILED);
    assert_int_equal(m.error.code, ERR_IO);
    assert_non_null(strstr(m.error.text, "nowhere/target: No such file or directory"));
    assert_content(m.source, "content");
}

/* --- what a crash leaves --- */

static void copy_by_hand(const char *from, const char *to, const char *content)
{
    struct stat st = stat_of(from);
    const struct timespec times[2] = {st.st_atim, st.st_mtim};
    FILE *f = fopen(to, "we");
    assert_non_null(f);
    fputs(content, f);
    fclose(f);
    assert_int_equal(utimensat(AT_FDCWD, to, times, 0), 0);
}

static void goes_on_from_anywhere(struct place *p, const char *target)
{
    struct file_move m = move_of(p, target); /* the intent alone */
    m.resumed = true;
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    assert_moved(&m);

    m = move_of(p, target); /* the move, and nobody noted it */
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    m.resumed = true;
    memset(&m.there, 0, sizeof m.there);
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    assert_moved(&m);

    m = move_of(p, target); /* half a copy */
    m.resumed = true;
    copy_by_hand(m.source, m.temporary, "con");
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    assert_moved(&m);

    m = move_of(p, target); /* a copy with its name, and the source still there */
    m.resumed = true;
    copy_by_hand(m.source, target, "content");
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    assert_moved(&m);

    m = move_of(p, target); /* somebody else's file, as long as ours */
    m.resumed = true;
    copy_by_hand(m.source, target, "CONTENT");
    assert_int_equal(file_move_do(&m), FILE_MOVE_TAKEN);
    assert_content(m.source, "content");
    unlink(target);

    m = move_of(p, target); /* both gone; what is there is another one */
    m.resumed = true;
    unlink(m.source);
    assert_int_equal(file_move_do(&m), FILE_MOVE_GONE);
    FILE *f = fopen(target, "we");
    assert_non_null(f);
    fputs("longer than ours", f);
    fclose(f);
    assert_int_equal(file_move_do(&m), FILE_MOVE_GONE);
    unlink(target);
}

static void after_a_crash(void **state)
{
    on_both(*state, goes_on_from_anywhere);
}

/* Linked under the new name and not yet taken away under the old one,
 * as without a rename that refuses. */
static void after_a_crash_between_two_names(void **state)
{
    struct place *p = *state;
    struct file_move m = move_of(p, folder_path(&p->here, "target"));
    m.resumed = true;
    assert_int_equal(link(m.source, m.target), 0);
    assert_int_equal(file_move_do(&m), FILE_MOVED);
    assert_moved(&m);
}

/* --- names --- */

static void expect_name(struct place *p, const char *name, int skip, const char *expected)
{
    struct buffer target;
    struct error e;
    const char *directory = folder_path(&p->here, "to");
    buffer_init(&target, 0);
    if (file_move_choose(directory, ACCESS_PRIVATE, name, skip, number, &chosen, &target, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(buffer_text(&target) + strlen(directory) + 1, expected);
    buffer_release(&target);
}

static void names(void **state)
{
    struct place *p = *state;
    expect_name(p, "a.pdf", 0, "a.pdf");
    expect_name(p, "sub/b/a.pdf", 0, "sub/b/a.pdf");
    assert_int_equal(stat_of(folder_path(&p->here, "to/sub/b")).st_mode & 0777, 0700);
    folder_put(&p->here, "to/a.pdf", "", 0);
    folder_put(&p->here, "to/sub/b/a.pdf", "", 0);
    expect_name(p, "a.pdf", 0, "a (2).pdf");
    expect_name(p, "a.pdf", 1, "a (2).pdf");
    expect_name(p, "a.pdf", 2, "a (3).pdf");
    expect_name(p, "sub/b/a.pdf", 0, "sub/b/a (2).pdf");
    folder_put(&p->here, "to/a (2).pdf", "", 0);
    expect_name(p, "a.pdf", 0, "a (3).pdf");
    folder_put(&p->here, "to/plain", "", 0);
    expect_name(p, "plain", 0, "plain (2)");
    folder_put(&p->here, "to/.dot", "", 0);
    expect_name(p, ".dot", 0, ".dot (2)");
    folder_put(&p->here, "to/a.tar.gz", "", 0);
    expect_name(p, "a.tar.gz", 0, "a.tar (2).gz");
    assert_int_equal(symlink("nowhere", folder_path(&p->here, "to/link.pdf")), 0);
    expect_name(p, "link.pdf", 0, "link (2).pdf");
}

static void a_name_that_gets_too_long(void **state)
{
    struct place *p = *state;
    char name[256], below[300], expected[400];
    memset(name, 'n', 249);
    memcpy(name + 249, "\xc3\xa9.pdf", 7); /* 255 bytes */
    snprintf(below, sizeof below, "to/%s", name);
    assert_int_equal(mkdir(folder_path(&p->here, "to"), 0700), 0);
    folder_put(&p->here, below, "", 0);
    char whole[300], hex[SHA256_HEX];
    uint8_t digest[SHA256_BYTES];
    snprintf(whole, sizeof whole, "%.251s (2).pdf", name);
    sha256(whole, strlen(whole), digest);
    hex_encode(digest, 8, hex);
    snprintf(expected, sizeof expected, "%.238s~%s", name, hex);
    expect_name(p, name, 0, expected);
}

static void directories_that_are_too_long(void **state)
{
    struct place *p = *state;
    char name[310], expected[310], hex[SHA256_HEX];
    uint8_t digest[SHA256_BYTES];
    memset(name, 'd', 300);
    strcpy(name + 300, "/a.pdf");
    sha256(name, 300, digest);
    hex_encode(digest, 8, hex);
    snprintf(expected, sizeof expected, "%.238s~%.16s/a.pdf", name, hex);
    expect_name(p, name, 0, expected);
    snprintf(expected, sizeof expected, "to/%.238s~%.16s", name, hex);
    assert_true(S_ISDIR(stat_of(folder_path(&p->here, expected)).st_mode));
}

static void a_file_in_a_directorys_place(void **state)
{
    struct place *p = *state;
    struct buffer target;
    struct error e;
    folder_put(&p->here, "to", "", 0);
    buffer_init(&target, 0);
    assert_int_not_equal(file_move_choose(folder_path(&p->here, "to"), ACCESS_PRIVATE, "a.pdf", 0,
                                          number, &chosen, &target, &e),
                         0);
    assert_non_null(strstr(e.text, "/to"));
    buffer_release(&target);
}

/* A link below the move directory leads nowhere; the directory itself may be one. */
static void links_below_are_not_followed(void **state)
{
    struct place *p = *state;
    struct buffer target;
    struct error e;
    const char *to = folder_path(&p->here, "to"), *elsewhere = folder_path(&p->here, "elsewhere");
    assert_int_equal(mkdir(to, 0700), 0);
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    assert_int_equal(symlink(elsewhere, folder_path(&p->here, "to/sub")), 0);
    buffer_init(&target, 0);
    assert_int_equal(
        file_move_choose(to, ACCESS_PRIVATE, "sub/a.pdf", 0, number, &chosen, &target, &e), ERR_IO);
    assert_non_null(strstr(e.text, "symbolic link"));
    buffer_release(&target);

    struct file_move m = move_of(p, folder_path(&p->here, "to/sub/a.pdf"));
    m.directory = to;
    assert_int_equal(file_move_do(&m), FILE_MOVE_FAILED);
    assert_non_null(strstr(m.error.text, "symbolic link"));
    assert_false(is_there(folder_path(&p->here, "elsewhere/a.pdf")));
    assert_content(m.source, "content");

    assert_int_equal(symlink(to, folder_path(&p->here, "named")), 0);
    struct file_move named = move_of(p, folder_path(&p->here, "named/a.pdf"));
    named.directory = folder_path(&p->here, "named");
    assert_int_equal(file_move_do(&named), FILE_MOVED);
    assert_true(is_there(folder_path(&p->here, "to/a.pdf")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_move),
        TEST(links_below_are_not_followed),
        TEST(a_name_that_is_taken),
        TEST(a_source_that_changed_or_went),
        TEST(a_source_that_is_being_written),
        TEST(hard_links),
        TEST(only_files),
        TEST(no_such_directory),
        TEST(after_a_crash),
        TEST(after_a_crash_between_two_names),
        TEST(names),
        TEST(a_name_that_gets_too_long),
        TEST(directories_that_are_too_long),
        TEST(a_file_in_a_directorys_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
