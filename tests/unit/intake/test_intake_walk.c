/* Walking directories: what is found, what is left out, what can't be read; on the loop, chunk by
 * chunk, as a run does it. */
#include "intake/intake.h"
#include "samples.h"
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct folder folder;
static struct loop *loop;

/* What a walk brought: a line each, sorted. */
struct found {
    struct intake_walk *walk;
    struct buffer lines[200];
    size_t count;
    int done;
    size_t close_after; /* entries; 0: at the end */
};

static void take_entries(void *ctx, struct intake_entry *entries, size_t count)
{
    struct found *f = ctx;
    assert_in_range(count, 1, INTAKE_CHUNK);
    assert_int_equal(f->done, 0);
    for (size_t i = 0; i < count; i++) {
        struct intake_entry *e = &entries[i];
        REQUIRE(f->count < 200);
        struct buffer *line = &f->lines[f->count++];
        buffer_printf(line, "%s", e->name);
        if (e->special)
            buffer_put(line, " special");
        if (e->error)
            buffer_printf(line, " error %d", e->error);
        if (e->directory)
            buffer_put(line, " directory");
        if (e->root_id != 7)
            buffer_printf(line, " root %d", (int)e->root_id);
        if (!e->error && !e->special) {
            struct stat st;
            assert_int_equal(stat(e->path, &st), 0);
            struct file_stamp stamp = file_stamp_of(&st);
            assert_true(file_stamp_equal(&stamp, &e->stamp));
        }
        assert_int_equal(e->path[0], '/');
    }
    if (f->close_after && f->count >= f->close_after)
        intake_walk_close(f->walk);
    else
        intake_walk_more(f->walk);
}

static void take_done(void *ctx)
{
    struct found *f = ctx;
    f->done++;
    intake_walk_close(f->walk);
}

static const struct intake_walk_callbacks callbacks = {take_entries, take_done};

static int by_text(const void *a, const void *b)
{
    return strcmp(buffer_text(a), buffer_text(b));
}

static void walk_roots(struct found *f, const struct intake_walk_options *options,
                       const struct intake_root *roots, size_t count)
{
    memset(f, 0, sizeof *f);
    f->walk = intake_walk_new(loop, options, roots, count, &callbacks, f);
    intake_walk_more(f->walk);
    loop_run(loop);
    assert_int_equal(f->done, 1);
    qsort(f->lines, f->count, sizeof *f->lines, by_text);
}

/* Walks the test's folder and compares the names, separated by '|', in order. */
static void assert_found(const struct intake_walk_options *options, const char *expected)
{
    struct found f;
    struct buffer all;
    struct intake_root root = {.path = folder.path, .prefix = "", .id = 7};
    walk_roots(&f, options, &root, 1);
    buffer_init(&all, 0);
    for (size_t i = 0; i < f.count; i++) {
        buffer_printf(&all, "%s%s", i ? "|" : "", buffer_text(&f.lines[i]));
        buffer_release(&f.lines[i]);
    }
    assert_string_equal(buffer_text(&all), expected);
    buffer_release(&all);
}

static void put(const char *name)
{
    folder_put(&folder, name, "x", 1);
}

static void make_directory(const char *name)
{
    assert_int_equal(mkdir(folder_path(&folder, name), 0755), 0);
}

static void make_link(const char *to, const char *name)
{
    assert_int_equal(symlink(to, folder_path(&folder, name)), 0);
}

static const struct intake_walk_options plain = {.recursive = true};

static void names_are_bytes(void **state)
{
    (void)state;
    char longest[256];
    memset(longest, 'z', 255);
    longest[255] = '\0';
    put("a\nb.pdf");
    put("\xff\xfe.pdf");
    put("Rechnung f\xc3\xbcr.pdf");
    put(" ");
    put("-rf *");
    put(longest);
    make_directory("\x80");
    put("\x80/\n");
    char expected[512];
    snprintf(expected, sizeof expected,
             " |-rf *|Rechnung f\xc3\xbcr.pdf|a\nb.pdf|%s|\x80/\n|\xff\xfe.pdf", longest);
    assert_found(&plain, expected);
    const char *const all[] = {"*", NULL}; /* patterns match what isn't UTF-8, too */
    assert_found(&(struct intake_walk_options){.recursive = true, .include = all}, expected);
}

static void patterns_and_depth(void **state)
{
    (void)state;
    const char *const include[] = {"*.pdf", "*.jpg", NULL};
    const char *const exclude[] = {".*", "~$*", "old", NULL};
    const char *const none[] = {NULL};
    make_directory("2024");
    make_directory("2024/05");
    make_directory("old");
    make_directory(".git");
    make_directory("x.pdf"); /* a directory is none of the files that include is for */
    put("a.pdf"), put("b.jpg"), put("c.txt"), put(".h.pdf"), put("~$a.pdf"), put("2024/d.pdf");
    put("2024/05/e.pdf"), put("old/f.pdf"), put(".git/g.pdf"), put("2024/05/old");
    put("x.pdf/h.txt"), put("x.pdf/i.jpg");
    struct intake_walk_options o = {.include = include, .exclude = exclude, .recursive = true};
    assert_found(&o, "2024/05/e.pdf|2024/d.pdf|a.pdf|b.jpg|x.pdf/i.jpg");
    o.recursive = false;
    assert_found(&o, "a.pdf|b.jpg");
    o = (struct intake_walk_options){.include = none, .recursive = true};
    assert_found(&o, "");
    assert_found(&(struct intake_walk_options){.include = include}, ".h.pdf|a.pdf|b.jpg|~$a.pdf");
}

static void special_files_are_told_not_opened(void **state)
{
    (void)state;
    const char *const pdfs[] = {"*.pdf", NULL};
    assert_int_equal(mkfifo(folder_path(&folder, "fifo.pdf"), 0600), 0);
    assert_int_equal(mkfifo(folder_path(&folder, "fifo"), 0600), 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/s.pdf", folder.path);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    close(s);
    make_link("/dev/null", "null.pdf");
    assert_found(&plain, "fifo special|fifo.pdf special|s.pdf special");
    assert_found(&(struct intake_walk_options){.include = pdfs, .follow_symlinks = true},
                 "fifo.pdf special|null.pdf special|s.pdf special");
}

static void links_are_followed_only_if_asked_to(void **state)
{
    (void)state;
    struct folder outside;
    char expected[128];
    folder_make(&outside);
    folder_put(&outside, "far.pdf", "x", 1);
    put("a.pdf");
    make_link("a.pdf", "file-link.pdf");
    make_link(outside.path, "directory-link");
    make_link("nowhere", "dangling.pdf");
    make_link("self.pdf", "self.pdf");
    assert_found(&plain, "a.pdf");
    snprintf(expected, sizeof expected,
             "a.pdf|dangling.pdf error %d|directory-link/far.pdf|file-link.pdf|self.pdf error %d",
             ENOENT, ELOOP);
    struct intake_walk_options o = {.recursive = true, .follow_symlinks = true};
    assert_found(&o, expected);
    o.recursive = false;
    snprintf(expected, sizeof expected,
             "a.pdf|dangling.pdf error %d|file-link.pdf|self.pdf error %d", ENOENT, ELOOP);
    assert_found(&o, expected);
    folder_remove(&outside);
}

static void a_directory_is_walked_once(void **state)
{
    (void)state;
    struct intake_walk_options o = {.recursive = true, .follow_symlinks = true};
    struct folder outside;
    folder_make(&outside);
    folder_put(&outside, "far.pdf", "x", 1);
    make_directory("d");
    put("d/a.pdf");
    make_link("..", "d/up");
    make_link(".", "here");
    assert_found(&o, "d/a.pdf"); /* loops */
    make_link(outside.path, "one");
    make_link(outside.path, "two");
    struct found f;
    struct intake_root root = {.path = folder.path, .prefix = "", .id = 7};
    walk_roots(&f, &o, &root, 1); /* by either of the links: the order is the file system's */
    assert_int_equal(f.count, 2);
    for (size_t i = 0; i < f.count; i++)
        buffer_release(&f.lines[i]);
    folder_remove(&outside);
}

static void output_is_never_walked(void **state)
{
    (void)state;
    make_directory("in");
    make_directory("in/out");
    make_directory("in/out/results");
    put("in/out/results/a.pdf.json"), put("in/a.pdf");
    make_directory("other");
    make_directory("other/results");
    put("other/ledger.db"), put("other/results/b.pdf.json");
    make_directory("half");
    put("half/ledger.db"), put("half/c.pdf"); /* no batch */
    make_link("in/out", "out-link");
    char output[128];
    snprintf(output, sizeof output, "%s/half/../out-link/", folder.path); /* by another path */
    struct intake_walk_options o = {.recursive = true, .output_directory = output};
    assert_found(&o, "half/c.pdf|half/ledger.db|in/a.pdf");
    o.follow_symlinks = true;
    assert_found(&o, "half/c.pdf|half/ledger.db|in/a.pdf");
    o.output_directory = folder.path;
    assert_found(&o, "");
    o.output_directory = "";
    o.follow_symlinks = false;
    assert_found(&o, "half/c.pdf|half/ledger.db|in/a.pdf|in/out/results/a.pdf.json");
}

static void more_that_is_never_walked(void **state)
{
    (void)state;
    char absolute[2][128];
    snprintf(absolute[0], sizeof absolute[0], "%s", folder_path(&folder, "done"));
    snprintf(absolute[1], sizeof absolute[1], "%s", folder_path(&folder, "sub/not yet"));
    const char *const never[] = {absolute[0], absolute[1], NULL};
    const struct intake_walk_options o = {.recursive = true, .never_walked = never};
    make_directory("done");
    make_directory("sub");
    make_directory("sub/done");
    put("a");
    put("done/b");
    put("sub/done/c");
    assert_found(&o, "a|sub/done/c");
    make_directory("sub/not yet");
    put("sub/not yet/d");
    assert_found(&o, "a|sub/done/c");
    make_link("done", "other way");
    assert_found(&(struct intake_walk_options){.recursive = true,
                                               .follow_symlinks = true,
                                               .never_walked = never},
                 "a|sub/done/c");
}

static void directories_come_too_if_asked_for(void **state)
{
    (void)state;
    const char *const exclude[] = {"x*", NULL};
    make_directory("empty");
    make_directory("sub");
    make_directory("sub/below");
    make_directory("x");
    put("sub/a");
    const struct intake_walk_options o = {
        .recursive = true, .directories = true, .exclude = exclude};
    char expected[256];
    snprintf(expected, sizeof expected,
             "empty directory|%s directory|sub directory|sub/a|sub/below directory",
             strrchr(folder.path, '/') + 1);
    assert_found(&o, expected);
    assert_found(&(struct intake_walk_options){.recursive = true}, "sub/a");
}

static void names_of_what_is_still_written(void **state)
{
    (void)state;
    static const char *const partial[] = {
        "a.pdf.part", "a.PDF.Part",       "a.tmp",   "a.crdownload", "a.pdf.filepart", "~$a.docx",
        ".a.pdf",     ".~lock.a.pdf#",    "a.pdf~",  "~WRD0001.tmp", "a.partial",      "a.swp",
        ".",          ".syncthing.a.tmp", "a.aria2", "a.download",   "a.opdownload",   "a.upload"};
    static const char *const whole[] = {"a.pdf",  "part.pdf", "tmp",      "a.part.pdf", "a.parts",
                                        "~a.pdf", "a b.pdf",  "download", "a~b.pdf",    "$a.pdf"};
    for (size_t i = 0; i < sizeof partial / sizeof *partial; i++)
        if (!intake_name_is_partial(partial[i]))
            fail_msg("%s is partial", partial[i]);
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (intake_name_is_partial(whole[i]))
            fail_msg("%s is whole", whole[i]);
}

static void roots_and_their_prefixes(void **state)
{
    (void)state;
    make_directory("d");
    make_directory("d/below");
    put("d/below/a.pdf"), put(".hidden.pdf");
    make_link(".hidden.pdf", "link.pdf");
    make_link("d", "dir-link");
    assert_int_equal(mkfifo(folder_path(&folder, "fifo"), 0600), 0);
    char paths[6][128];
    static const char *const names[] = {"d///",     ".hidden.pdf", "link.pdf",
                                        "dir-link", "fifo",        "gone"};
    static const char *const prefixes[] = {"", "", "sub/link.pdf", "p", "", "q"};
    struct intake_root roots[6];
    for (int i = 0; i < 6; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", folder.path, names[i]);
        roots[i] = (struct intake_root){.path = paths[i], .prefix = prefixes[i], .id = i};
    }
    const char *const exclude[] = {".*", NULL}; /* not for what the user named */
    struct intake_walk_options o = {.exclude = exclude, .recursive = true};
    static const char *const expected[] = {".hidden.pdf root 1",  "below/a.pdf root 0",
                                           "fifo special root 4", "p/below/a.pdf root 3",
                                           "q error 2 root 5",    "sub/link.pdf root 2"};
    struct found f;
    walk_roots(&f, &o, roots, 6);
    assert_int_equal(f.count, 6);
    for (int i = 0; i < 6; i++) {
        assert_string_equal(buffer_text(&f.lines[i]), expected[i]);
        buffer_release(&f.lines[i]);
    }
    walk_roots(&f, &o, roots, 0);
    assert_int_equal(f.count, 0);
}

static void what_cannot_be_read_is_an_entry(void **state)
{
    (void)state;
    char expected[128];
    make_directory("locked");
    make_directory("blind");
    put("a.pdf"), put("locked/b.pdf"), put("blind/c.pdf");
    assert_int_equal(chmod(folder_path(&folder, "locked"), 0), 0);
    assert_int_equal(chmod(folder_path(&folder, "blind"), 0444), 0); /* names, but no files */
    bool root = geteuid() == 0;
    if (root && (chmod(folder.path, 0755) != 0 || seteuid(65534) != 0)) {
        print_message("skipped: root here can't become anybody else\n");
        skip();
    }
    snprintf(expected, sizeof expected, "a.pdf|blind/c.pdf error %d|locked error %d directory",
             EACCES, EACCES);
    assert_found(&plain, expected);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(folder_path(&folder, "locked"), 0700), 0);
    assert_int_equal(chmod(folder_path(&folder, "blind"), 0700), 0);
}

static void paths_beyond_the_limit_are_errors(void **state)
{
    (void)state;
    char name[251];
    memset(name, 'n', 250);
    name[250] = '\0';
    int fd = open(folder.path, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 20; i++) { /* 5,000 bytes deep; the 17th doesn't fit PATH_MAX any more */
        assert_int_equal(mkdirat(fd, name, 0755), 0);
        int below = openat(fd, name, O_RDONLY | O_DIRECTORY);
        close(fd);
        fd = below;
        if (i == 15) { /* the last that the walk enters */
            close(openat(fd, "fits", O_WRONLY | O_CREAT, 0600));
            name[0] = 'm';
            close(openat(fd, name, O_WRONLY | O_CREAT, 0600));
            name[0] = 'n';
        }
    }
    close(fd);
    struct found f;
    struct intake_root root = {.path = folder.path, .prefix = "", .id = 7};
    walk_roots(&f, &plain, &root, 1);
    assert_int_equal(f.count, 3);
    int errors = 0, directories = 0;
    char error[32];
    snprintf(error, sizeof error, " error %d", ENAMETOOLONG);
    for (size_t i = 0; i < f.count; i++) {
        errors += strstr(buffer_text(&f.lines[i]), error) != NULL;
        directories += strstr(buffer_text(&f.lines[i]), " directory") != NULL;
        buffer_release(&f.lines[i]);
    }
    assert_int_equal(errors, 2);
    assert_int_equal(directories, 1);
}

/* nftw can't go where paths don't fit; this can. */
static void remove_deep(int fd)
{
    char name[256];
    for (;;) {
        DIR *dir = fdopendir(dup(fd));
        rewinddir(dir);
        struct dirent *d;
        name[0] = '\0';
        while ((d = readdir(dir)))
            if (d->d_name[0] != '.') {
                if (unlinkat(fd, d->d_name, 0) != 0)
                    snprintf(name, sizeof name, "%s", d->d_name);
            }
        closedir(dir);
        if (!name[0])
            return;
        int below = openat(fd, name, O_RDONLY | O_DIRECTORY);
        remove_deep(below);
        close(below);
        assert_int_equal(unlinkat(fd, name, AT_REMOVEDIR), 0);
    }
}

extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t memory_in_use(void)
{
    return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
                                                   : mallinfo2().uordblks;
}

enum { MANY = 20000 };
struct crowd {
    struct intake_walk *walk;
    bool seen[MANY];
    size_t count, chunks, first_memory, most_memory;
    int done;
};

static void count_entries(void *ctx, struct intake_entry *entries, size_t count)
{
    struct crowd *c = ctx;
    assert_in_range(count, 1, INTAKE_CHUNK);
    for (size_t i = 0; i < count; i++) {
        int n = atoi(entries[i].name);
        assert_false(c->seen[n]);
        c->seen[n] = true;
    }
    c->count += count;
    c->chunks++;
    size_t memory = memory_in_use();
    c->first_memory = c->chunks == 1 ? memory : c->first_memory;
    c->most_memory = memory > c->most_memory ? memory : c->most_memory;
    intake_walk_more(c->walk);
}

static void count_done(void *ctx)
{
    struct crowd *c = ctx;
    c->done++;
    intake_walk_close(c->walk);
}

static void a_crowd_takes_a_chunks_memory(void **state)
{
    (void)state;
    char name[16];
    static struct crowd c;
    int fd = open(folder.path, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%d.pdf", i);
        close(openat(fd, name, O_WRONLY | O_CREAT, 0600));
    }
    close(fd);
    struct intake_root root = {.path = folder.path, .prefix = "", .id = 7};
    const struct intake_walk_callbacks counting = {count_entries, count_done};
    c.walk = intake_walk_new(loop, &plain, &root, 1, &counting, &c);
    intake_walk_more(c.walk);
    loop_run(loop);
    assert_int_equal(c.done, 1);
    assert_int_equal(c.count, MANY);
    assert_true(c.chunks >= MANY / INTAKE_CHUNK);
    assert_true(c.most_memory < c.first_memory + 100000);
}

static void what_is_left_out_makes_no_empty_chunks(void **state)
{
    (void)state;
    char name[16];
    const char *const include[] = {"wanted*", NULL};
    for (int i = 0; i < 3 * INTAKE_CHUNK; i++) {
        snprintf(name, sizeof name, "%d", i);
        put(name);
    }
    put("wanted");
    assert_found(&(struct intake_walk_options){.include = include}, "wanted");
}

/* --- what is left out --- */

static struct left_out counted;

static void count_left_out(void *ctx)
{
    struct found *f = ctx;
    left_out_release(&counted);
    left_out_merge(&counted, intake_walk_left_out(f->walk));
    take_done(ctx);
}

/* EXPECTED: excluded, not included, links, directories below. */
static void assert_left_out(const struct intake_walk_options *options,
                            const int expected[LEFT_OUT_WHYS])
{
    static const struct intake_walk_callbacks counting = {take_entries, count_left_out};
    struct found f = {0};
    struct intake_root root = {.path = folder.path, .prefix = "", .id = 7};
    f.walk = intake_walk_new(loop, options, &root, 1, &counting, &f);
    intake_walk_more(f.walk);
    loop_run(loop);
    for (size_t i = 0; i < LEFT_OUT_WHYS; i++)
        assert_int_equal(counted.by[i], expected[i]);
    for (size_t i = 0; i < f.count; i++)
        buffer_release(&f.lines[i]);
}

static void what_is_left_out_is_counted_by_option(void **state)
{
    (void)state;
    const char *const exclude[] = {".*", "old", NULL}, *const include[] = {"*.pdf", NULL};
    make_directory("old"), make_directory("sub"), make_directory(".git");
    put("a.pdf"), put("b.txt"), put(".hidden"), put("old/c.pdf"), put("old/d.pdf");
    put("sub/e.pdf"), put("sub/f.txt");
    make_link("a.pdf", "link.pdf"), make_link("sub", "to-sub"), make_link("nowhere", "dangling");
    struct intake_walk_options o = {.exclude = exclude, .include = include, .recursive = true};
    assert_left_out(&o, (int[]){3, 2, 3, 0}); /* a directory counts as one */
    o.recursive = false;
    assert_left_out(&o, (int[]){3, 1, 3, 1});
    o.follow_symlinks = true; /* and one to a directory is one that isn't looked into */
    assert_left_out(&o, (int[]){3, 2, 0, 2});
    o = (struct intake_walk_options){.recursive = true, .follow_symlinks = true};
    assert_left_out(&o, (int[]){0, 0, 0, 0});
    left_out_release(&counted);
}

static void the_first_that_are_left_out_are_named(void **state)
{
    (void)state;
    const char *const exclude[] = {"*.txt", NULL};
    char name[16];
    for (int i = 0; i < LEFT_OUT_SHOWN + 5; i++) {
        snprintf(name, sizeof name, "%d.txt", i);
        put(name);
    }
    const struct intake_walk_options o = {.exclude = exclude};
    assert_left_out(&o, (int[]){LEFT_OUT_SHOWN + 5, 0, 0, 0});
    assert_int_equal(counted.shown_count, LEFT_OUT_SHOWN);
    for (size_t i = 0; i < LEFT_OUT_SHOWN; i++) {
        struct stat st;
        assert_int_equal(stat(counted.shown[i].path, &st), 0);
        assert_int_equal(counted.shown[i].why, LEFT_OUT_EXCLUDED);
    }
    left_out_release(&counted);
}

/* What isn't for the user's options isn't in it; nor is a PATH that the user named. */
static void what_is_never_walked_is_not_counted(void **state)
{
    (void)state;
    const char *const exclude[] = {"a*", NULL};
    char output[300];
    make_directory("out");
    put("out/x"), put("a.pdf");
    snprintf(output, sizeof output, "%s", folder_path(&folder, "out"));
    struct intake_walk_options o = {.recursive = true, .output_directory = output};
    assert_left_out(&o, (int[]){0, 0, 0, 0});
    struct found f;
    const struct intake_root named = {.path = folder_path(&folder, "a.pdf"), .id = 7};
    walk_roots(&f, &(struct intake_walk_options){.exclude = exclude}, &named, 1);
    assert_int_equal(f.count, 1);
    buffer_release(&f.lines[0]);
}

static void it_can_be_closed_at_any_moment(void **state)
{
    (void)state;
    struct found f = {0};
    struct intake_root root = {.path = folder.path, .prefix = "", .id = 7};
    make_directory("d");
    put("d/a"), put("b");

    intake_walk_close(intake_walk_new(loop, &plain, &root, 1, &callbacks, &f)); /* never begun */
    f.walk = intake_walk_new(loop, &plain, &root, 1, &callbacks, &f);
    intake_walk_more(f.walk);
    intake_walk_close(f.walk); /* an item at work */
    loop_run(loop);
    assert_int_equal(f.count + (size_t)f.done, 0);

    f.walk = intake_walk_new(loop, &plain, &root, 1, &callbacks, &f);
    f.close_after = 1; /* from within entries() */
    intake_walk_more(f.walk);
    loop_run(loop);
    assert_true(f.count > 0);
    assert_int_equal(f.done, 0);
    for (size_t i = 0; i < f.count; i++)
        buffer_release(&f.lines[i]);
    intake_walk_close(NULL);
}

static void hold(void *ctx, struct intake_entry *entries, size_t count)
{
    (void)entries;
    *(size_t *)ctx += count;
}

static void one_that_is_not_asked_on_waits(void **state)
{
    (void)state;
    size_t count = 0;
    struct intake_root root = {.path = folder.path, .prefix = "", .id = 7};
    const struct intake_walk_callbacks holding = {hold, take_done};
    put("a"), put("b");
    struct intake_walk *walk = intake_walk_new(loop, &plain, &root, 1, &holding, &count);
    intake_walk_more(walk);
    loop_run(loop);
    assert_int_equal(count, 2);
    intake_walk_close(walk); /* idle, with an open directory perhaps */
}

static int set_up(void **state)
{
    (void)state;
    folder_make(&folder);
    loop = loop_new(&system_clock);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(loop);
    int fd = open(folder.path, O_RDONLY | O_DIRECTORY);
    remove_deep(fd);
    close(fd);
    folder_remove(&folder);
    return 0;
}

#define WALK_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        WALK_TEST(names_are_bytes),
        WALK_TEST(patterns_and_depth),
        WALK_TEST(special_files_are_told_not_opened),
        WALK_TEST(links_are_followed_only_if_asked_to),
        WALK_TEST(a_directory_is_walked_once),
        WALK_TEST(output_is_never_walked),
        WALK_TEST(more_that_is_never_walked),
        WALK_TEST(directories_come_too_if_asked_for),
        WALK_TEST(names_of_what_is_still_written),
        WALK_TEST(roots_and_their_prefixes),
        WALK_TEST(what_cannot_be_read_is_an_entry),
        WALK_TEST(paths_beyond_the_limit_are_errors),
        WALK_TEST(a_crowd_takes_a_chunks_memory),
        WALK_TEST(what_is_left_out_makes_no_empty_chunks),
        WALK_TEST(what_is_left_out_is_counted_by_option),
        WALK_TEST(the_first_that_are_left_out_are_named),
        WALK_TEST(what_is_never_walked_is_not_counted),
        WALK_TEST(it_can_be_closed_at_any_moment),
        WALK_TEST(one_that_is_not_asked_on_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
