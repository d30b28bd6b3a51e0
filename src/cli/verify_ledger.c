/* See verify_ledger.h. In this order: the ledger's own numbers; each stored file's payload (its
 * hash) and its file under results/; what lies under results/ besides; the inputs. What it finds
 * is a line each. */
#include "cli/verify_ledger.h"
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"
#include "ledger/file_names.h"
#include "ledger/listing.h"
#include "results/result_files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct verifier {
    struct verify *v;
    struct ledger *ledger;
    struct loop *loop;
    struct result_place *place;
    const struct batch_options *options;
    bool repair;
    struct intake_walk *walk;
    struct buffer path;
    int64_t ours; /* files under results/ that stand where one of the ledger's belongs */
    struct error error;
};

static void finding(struct verify *v, const char *format, ...) PRINTF(2, 3);

static void finding(struct verify *v, const char *format, ...)
{
    char line[2300];
    va_list ap;
    if (v->finding_count++ >= VERIFY_FINDINGS_SHOWN)
        return;
    va_start(ap, format);
    vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    buffer_printf(&v->findings, "  %s\n", line);
}

/* --- results --- */

enum compared { SAME, DIFFERENT, ABSENT };

static enum compared compare_file(const char *path, const struct buffer *expected)
{
    char block[64 * 1024];
    size_t at = 0;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? ABSENT : DIFFERENT;
    while ((n = read(fd, block, sizeof block)) > 0) {
        if ((size_t)n > expected->len - at || memcmp(block, expected->data + at, (size_t)n) != 0)
            break;
        at += (size_t)n;
    }
    close(fd);
    return n == 0 && at == expected->len ? SAME : DIFFERENT;
}

static void repaired_cb(void *ctx, const struct result_end *end)
{
    struct verifier *r = ctx;
    if (end->outcome == RESULT_WRITTEN)
        r->v->repaired++;
    else if (end->outcome == RESULT_FAILED)
        finding(r->v, "%s", end->error.text);
    else
        finding(r->v, "something else stands in its place, which isn't touched: the next run gives "
                      "the result another name");
}

static void repair(struct verifier *r, const struct ledger_listing *row, struct buffer *bytes)
{
    /* where two names are one to the file system, it may be the other's */
    bool shared = ledger_name_taken(r->ledger, row->name, row->file_id) != 0;
    struct result_file file = {.name = row->name, .again = row->projected && !shared};
    file.data = buffer_detach(bytes, &file.len);
    result_file_write(r->loop, r->place, &file, repaired_cb, r);
    loop_run(r->loop); /* one at a time: there are few */
}

static void note_wrong_file(struct verifier *r, const struct ledger_listing *row, bool absent)
{
    struct verify *v = r->v;
    if (absent)
        v->missing++;
    else
        v->differing++;
    finding(v, "%s: its result file %s", text_show(row->path),
            absent ? "is missing" : "differs from what Mindee sent");
}

/* Where ROW's result belongs; until the next call. */
static const char *result_path(struct verifier *r, const struct ledger_listing *row)
{
    buffer_clear(&r->path);
    result_place_path(r->place, row->name, &r->path);
    return buffer_text(&r->path);
}

static void check_result_file(struct verifier *r, const struct ledger_listing *row,
                              struct buffer *bytes)
{
    enum compared how = compare_file(result_path(r, row), bytes);
    if (how == SAME) {
        r->v->result_files++;
        return;
    }
    note_wrong_file(r, row, how == ABSENT);
    if (r->repair)
        repair(r, row, bytes);
}

/* A program that had the file open goes on writing wherever it was moved to. */
static void look_at_moved(struct verify *v, const struct ledger_listing *row, const struct stat *st)
{
    struct file_stamp now = file_stamp_of(st);
    v->moved++;
    if (now.size_bytes == row->file_size_bytes && now.mtime_ns == row->file_mtime_ns)
        return;
    v->moved_changed++;
    finding(v,
            "%s: it has changed since it was moved there, and isn't what was looked at: put a "
            "copy into the input directory to have it sent",
            text_show(row->moved_to));
}

static int check_row(void *ctx, const struct ledger_listing *row)
{
    struct verifier *r = ctx;
    struct verify *v = r->v;
    struct buffer bytes;
    v->files++;
    struct stat st;
    if (*row->moved_to && lstat(row->moved_to, &st) == 0)
        look_at_moved(v, row, &st);
    else if (*row->moved_to)
        v->moved_away++;
    if (row->state != DOC_STORED) {
        if (row->dismissed.ms)
            v->dismissed++;
        else if (doc_state_is_final(row->state) || row->state == DOC_IN_DOUBT)
            v->unstored++;
        else
            v->open++;
        return 0;
    }
    buffer_init(&bytes, 0);
    int rc = ledger_result_get(r->ledger, row->document_id, &bytes);
    if (rc == 0) {
        v->results++;
        check_result_file(r, row, &bytes);
    } else if (rc == ERR_DAMAGED || rc == ERR_NOT_FOUND) {
        v->damaged++;
        finding(v, "%s: its result in the ledger is not what was received", text_show(row->path));
    } else {
        r->error = *ledger_error(r->ledger);
    }
    r->ours += lstat(result_path(r, row), &st) == 0 && !S_ISDIR(st.st_mode);
    buffer_release(&bytes);
    return rc < 0 && rc != ERR_DAMAGED && rc != ERR_NOT_FOUND;
}

/* --- what lies under results/ --- */

static int64_t walked_files; /* nftw has no context argument */

static int count_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)path;
    (void)st;
    (void)ftw;
    walked_files += type != FTW_D && type != FTW_DNR;
    return 0;
}

static void check_strays(struct verifier *r)
{
    struct verify *v = r->v;
    buffer_clear(&r->path);
    buffer_printf(&r->path, "%s/results", r->options->output);
    walked_files = 0;
    nftw(buffer_text(&r->path), count_file, 32, FTW_PHYS);
    v->strays = walked_files > r->ours ? walked_files - r->ours : 0;
    if (v->strays)
        finding(v, "%lld %s under results/ that belong to no document of the ledger",
                (long long)v->strays, v->strays == 1 ? "file" : "files");
}

/* --- inputs --- */

static void check_entry(struct verifier *r, const struct intake_entry *entry)
{
    struct ledger_file f;
    r->v->inputs++;
    int found = ledger_file_find(r->ledger, entry->path, &f);
    if (found < 0)
        r->error = *ledger_error(r->ledger);
    else if (found == 0 || f.moved ||
             (!entry->error && !entry->special && !file_stamp_equal(&f.stamp, &entry->stamp))) {
        r->v->unknown++;
        finding(r->v, "%s: %s; run again to take it", text_show(entry->path),
                found ? "changed since it was taken" : "not in the ledger");
    }
}

static void entries_cb(void *ctx, struct intake_entry *entries, size_t count)
{
    struct verifier *r = ctx;
    for (size_t i = 0; i < count; i++)
        check_entry(r, &entries[i]);
    intake_walk_more(r->walk);
}

static void walk_done_cb(void *ctx)
{
    struct verifier *r = ctx;
    r->v->left_out = left_out_total(intake_walk_left_out(r->walk));
    intake_walk_close(r->walk);
}

static void check_inputs(struct verifier *r)
{
    static const struct intake_walk_callbacks callbacks = {entries_cb, walk_done_cb};
    const struct batch_options *o = r->options;
    if (o->root_count == 0)
        return;
    r->v->inputs_named = true;
    r->walk = intake_walk_new(r->loop, &o->walk, o->roots, o->root_count, &callbacks, r);
    intake_walk_more(r->walk);
    loop_run(r->loop);
}

/* --- all of it --- */

static int check_all(struct verifier *r)
{
    int rc = ledger_counts_check(r->ledger);
    r->v->numbers_add_up = rc == 0;
    if (rc < 0 && rc != ERR_DAMAGED)
        return rc;
    if (rc < 0)
        finding(r->v, "%s", ledger_error(r->ledger)->text);
    rc = ledger_list(r->ledger, false, check_row, r);
    if (rc == 0)
        rc = r->error.code;
    if (rc < 0)
        return rc;
    check_strays(r);
    check_inputs(r);
    return r->error.code;
}

/* As a run does. */
static int prepare_repair(struct verifier *r, struct error *e)
{
    struct naming_place found;
    int rc = result_files_prepare(r->options->output, ledger_access(r->ledger), &found, e);
    if (rc < 0)
        return rc;
    rc = ledger_names_place(r->ledger, &found);
    if (rc == 0)
        rc = ledger_commit(r->ledger);
    if (rc < 0)
        *e = *ledger_error(r->ledger);
    return rc;
}

int verify_make(struct verify *v, struct loop *loop, const struct batch_options *o,
                bool repair_files, struct error *e)
{
    struct verifier r = {.v = v, .loop = loop, .options = o, .repair = repair_files};
    struct ledger_options lo = {.path = o->ledger,
                                .access = o->access,
                                .read_only = !repair_files,
                                .clock = loop_clock(loop)};
    memset(v, 0, sizeof *v);
    buffer_init(&v->findings, 0);
    buffer_init(&r.path, 0);
    int rc = ledger_open(&r.ledger, &lo, e);
    if (rc < 0)
        return rc;
    if (repair_files)
        rc = prepare_repair(&r, e);
    r.place = result_place_new(o->output, ledger_name_longest(r.ledger), ledger_access(r.ledger));
    if (rc == 0) {
        rc = check_all(&r);
        if (rc < 0)
            *e = r.error.code ? r.error : *ledger_error(r.ledger);
    }
    ledger_close(r.ledger);
    result_place_free(r.place);
    buffer_release(&r.path);
    return rc;
}

void verify_release(struct verify *v)
{
    buffer_release(&v->findings);
}

int verify_exit_code(const struct verify *v)
{
    if (v->damaged || !v->numbers_add_up)
        return EXIT_LEDGER;
    if (v->open || v->unknown)
        return EXIT_RESUMABLE;
    if (v->unstored || v->strays || v->moved_changed || v->missing + v->differing > v->repaired)
        return EXIT_SOME_FAILED;
    return EXIT_ALL_STORED;
}

static void line(struct buffer *out, const char *name, int64_t n, const char *note)
{
    char text[UNITS_TEXT_MAX];
    buffer_printf(out, "  %-28s %10s%s%s\n", name, count_format(n, text), *note ? "   " : "", note);
}

void verify_print(const struct verify *v, struct buffer *out)
{
    char text[UNITS_TEXT_MAX];
    line(out, "files in the ledger", v->files, "");
    line(out, "results with intact hash", v->results, "");
    line(out, "result files equal to them", v->result_files, "");
    bool empty = v->inputs_named && v->inputs + v->left_out == 0;
    if (v->inputs_named || v->moved + v->moved_away > 0)
        line(out, "inputs looked at", v->inputs, empty ? "no files are there" : "");
    else
        buffer_printf(out, "  %-28s %10s   name the PATHs to compare them with the ledger\n",
                      "inputs looked at", "none");
    if (v->left_out)
        line(out, "inputs left out", v->left_out,
             "for input.include, input.exclude and the like; plan lists them");
    if (v->moved)
        line(out, "inputs where they were moved", v->moved, "");
    if (v->moved_changed)
        line(out, "moved inputs changed since", v->moved_changed,
             "what is in them now wasn't sent");
    if (v->moved_away)
        line(out, "moved inputs gone since", v->moved_away, "taken from where they were moved to");
    if (v->damaged)
        line(out, "results damaged", v->damaged,
             "the ledger's disk has failed: restore a copy of ledger.db");
    if (v->missing + v->differing)
        line(out, "result files wrong", v->missing + v->differing,
             v->repaired ? "written again" : "verify --repair writes them again");
    if (v->strays)
        line(out, "strays under results/", v->strays, "");
    if (v->unknown)
        line(out, "inputs not taken yet", v->unknown, "run again");
    if (v->open)
        line(out, "files still on their way", v->open, "run again");
    if (v->unstored)
        line(out, "files without a result", v->unstored, "see failures.csv");
    if (v->dismissed)
        line(out, "files dismissed", v->dismissed, "settled by hand");
    buffer_printf(out, "  %-28s %10s\n", "numbers add up", v->numbers_add_up ? "yes" : "NO");
    if (v->finding_count)
        buffer_printf(out, "\n%s", buffer_text(&v->findings));
    if (v->finding_count > VERIFY_FINDINGS_SHOWN)
        buffer_printf(out, "  ... and %s more\n",
                      count_format(v->finding_count - VERIFY_FINDINGS_SHOWN, text));
}
