/* See check_ledger.h: each file and its document. A path's earlier files have names of their own. */
#include "check_ledger.h"

#include "comings.h"

#include "base/buffer.h"
#include "ledger/document_ledger.h"
#include "ledger/file_names.h"
#include "ledger/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool job_can_be_lost(const struct final *f, int64_t document)
{
    const struct sim_faults *faults = &f->w->scenario->faults;
    if (faults->expiry_ms)
        return true;
    for (int i = 0; i < f->w->job_count; i++) {
        const struct sim_job *job = &f->w->jobs[i];
        if (sim_job_is_of(job, f->number, document) && job->deleted && (job->spoiled || f->crashed))
            return true;
    }
    return false;
}

/* What is held for a doubt is doubtful; or its bytes are gone, and it may have been paid for. */
static void check_doubt(struct final *f, const struct ledger_listing *row)
{
    if (row->state != DOC_IN_DOUBT || !check_all_are_good(f->w))
        return;
    if (check_number(f->db,
                     "SELECT count(*) FROM attempt WHERE document = ? AND outcome IN (3, 7, 8)",
                     row->document_id, 0) == 0)
        world_fail(f->w, "%s is in doubt, and everything is known of its attempts", row->name);
}

static void check_bad_end(struct final *f, const struct ledger_listing *row)
{
    const struct sim_faults *x = &f->w->scenario->faults;
    bool may_fail = x->refused_file > 0 || x->job_422 > 0 || x->invalid_result > 0 ||
                    x->foreign_result > 0 || x->foreign_url > 0 || x->result_garbage > 0 ||
                    x->own_5xx > 0 || x->job_500 > 0 ||
                    (x->not_sent > 0 && strcmp(row->code, "cut-short") == 0);
    for (int i = 0; i < x->outage_count; i++)
        may_fail = may_fail || x->outages[i].kind == OUTAGE_503;
    if (row->state == DOC_FAILED && !may_fail)
        world_fail(f->w, "%s failed without a reason: %s", row->name, row->detail);
    if (row->state == DOC_LOST && !job_can_be_lost(f, row->document_id))
        world_fail(f->w, "%s is lost, and needn't be (%s)", row->name, row->detail);
    if (row->state == DOC_REJECTED && !row->dismissed.ms && check_all_are_good(f->w))
        world_fail(f->w, "%s is rejected without a reason: %s", row->name, row->detail);
    check_doubt(f, row);
    bool unreadable =
        check_number(f->db, "SELECT count(*) FROM attempt WHERE document = ? AND outcome IN (7, 8)",
                     row->document_id, 0) > 0;
    bool gone = !check_all_are_good(f->w); /* its bytes may be */
    if (row->state == DOC_IN_DOUBT && !row->dismissed.ms && !f->w->scenario->hold && !unreadable &&
        !gone &&
        check_number(f->db, "SELECT sum(resent) FROM attempt WHERE document = ?", row->document_id,
                     0) < f->w->scenario->max_resends)
        world_fail(f->w, "%s is held in doubt, and the policy is to send it again", row->name);
}

static void read_file(const char *path, struct buffer *out)
{
    char block[4096];
    size_t n;
    FILE *f = fopen(path, "re");
    while (f && (n = fread(block, 1, sizeof block, f)) > 0)
        REQUIRE(buffer_append(out, block, n) == 0);
    if (f)
        fclose(f);
}

/* The bytes are those that the server made for one of the document's own jobs. */
static void check_stored(struct final *f, const struct ledger_listing *row, int content)
{
    struct buffer bytes, file, path;
    char expected[1024], output[PATH_ROOM];
    world_output(f->w, f->number, output, sizeof output);
    buffer_init(&bytes, 0);
    buffer_init(&file, 0);
    buffer_init(&path, 0);
    if (ledger_result_get(f->ledger, row->document_id, &bytes) < 0)
        world_fail(f->w, "%s: %s", row->name, ledger_error(f->ledger)->text);
    bool found = false;
    for (int i = 0; i < f->w->job_count && !found; i++) {
        const struct sim_job *job = &f->w->jobs[i];
        if (!sim_job_is_of(job, f->number, row->document_id) || !job->served)
            continue;
        int len = server_result(f->w, job, expected, sizeof expected);
        found = bytes.len == (size_t)len && memcmp(bytes.data, expected, bytes.len) == 0 &&
                (content < 0 || job->content == content);
    }
    if (!found)
        world_fail(f->w, "%s: its result is none that the server gave for it", row->name);
    buffer_printf(&path, "%s/results/", output);
    ledger_result_file(f->ledger, row->name, &path);
    read_file(buffer_text(&path), &file);
    if (!row->projected || file.len != bytes.len || memcmp(file.data, bytes.data, file.len) != 0)
        world_fail(f->w, "%s: its result file isn't what the ledger has", row->name);
    buffer_release(&bytes);
    buffer_release(&file);
    buffer_release(&path);
}

static int check_coming(struct final *f, const struct ledger_listing *row)
{
    if (row->state != DOC_STORED)
        check_bad_end(f, row);
    else if (*row->name)
        check_stored(f, row, -1);
    comings_check_row(f->w, row);
    return 0;
}

int check_row(void *ctx, const struct ledger_listing *row)
{
    struct final *f = ctx;
    if (f->w->scenario->comings.on)
        return check_coming(f, row);
    const char *base = strrchr(row->path, '/');
    int file = base ? atoi(base + 2) : -1;
    REQUIRE(file >= 0 && file < f->w->scenario->file_count);
    bool earlier = !*row->name || strstr(row->name, " (replaced") != NULL;
    f->listed[file] += !earlier;
    if (row->state == DOC_STORED)
        check_stored(f, row, earlier || f->w->vanished[file] ? -1 : f->w->content[file]);
    else
        check_bad_end(f, row);
    return 0;
}

void check_places(struct final *f)
{
    const struct world *w = f->w;
    for (int i = 0; i < w->scenario->file_count; i++) {
        bool own = (w->scenario->files[i].settings == SIM_BESIDE) == (f->number > 0);
        if (f->listed[i] > own || (own && !f->listed[i] && !w->vanished[i]))
            world_fail(f->w, "file %d is in %d places", i, f->listed[i]);
    }
}
