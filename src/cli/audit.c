/* mindee-batch audit: who decided what, and when. */
#include "base/array.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/review_work.h"
#include "format/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audit_asked {
    bool csv;
};

static const char *const header[] = {"id",     "at",    "actor", "action", "record", "field",
                                     "before", "after", "note",  "prev",   "hash"};
enum { COLUMNS = sizeof header / sizeof *header };

struct printing {
    bool csv_wanted;
    struct csv_writer csv;
};

static void print_part(const char *name, const char *text)
{
    if (*text)
        printf("%s%s", name, text_show(text));
}

static int print_row(void *ctx, const struct audit_row *row)
{
    struct printing *p = ctx;
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)row->id);
    if (p->csv_wanted) {
        const char *const cells[COLUMNS] = {id,          row->at,    row->actor,  row->action,
                                            row->record, row->field, row->before, row->after,
                                            row->note,   row->prev,  row->hash};
        csv_row(&p->csv, cells, COLUMNS);
        return 0;
    }
    printf("%s  %s  %s", row->at, text_show(row->actor), text_show(row->action));
    print_part("  ", row->record);
    print_part("  ", row->field);
    if (*row->before || *row->after)
        printf("  \"%s\" -> \"%s\"", text_show(row->before), text_show(row->after));
    print_part("  ", row->note);
    printf("\n");
    return 0;
}

static int to_stdout(void *to, const void *data, size_t len, struct error *e)
{
    (void)to;
    return fwrite(data, 1, len, stdout) == len ? 0
                                               : error_set(e, ERR_IO, "write to standard output");
}

/* Of the records that WORD means; their entries, record by record. */
static int print_meant(struct review_work *w, const char *word, struct printing *p)
{
    struct fact_ids ids = {0};
    struct review_record record = {0};
    int code = review_records_meant(w, word, &ids);
    for (size_t i = 0; !code && i < ids.count; i++)
        if (review_get(w->review, ids.ids[i], &record) != 1 ||
            audit_each(review_database(w->review), record.fact.key, print_row, p) < 0)
            code = complain(exit_code_of(review_error(w->review)), "%s",
                            review_error(w->review)->text);
    review_record_release(&record);
    fact_ids_release(&ids);
    return code;
}

static int print_all(struct review_work *w, const struct command_line *cl, struct printing *p)
{
    int code = 0;
    for (int i = 0; !code && i < cl->path_count; i++)
        code = print_meant(w, cl->paths[i], p);
    if (!code && cl->path_count == 0 &&
        audit_each(review_database(w->review), NULL, print_row, p) < 0)
        code = complain(exit_code_of(review_error(w->review)), "%s", review_error(w->review)->text);
    return code;
}

static int print_end(struct review_work *w, bool quiet)
{
    char head[SHA256_HEX];
    if (review_head(w->review, head) < 0)
        return complain(exit_code_of(review_error(w->review)), "%s", review_error(w->review)->text);
    if (!quiet)
        printf("head %s\n", head);
    return 0;
}

static int work(struct review_work *w, const struct command_line *cl)
{
    const struct audit_asked *asked = cl->own;
    const struct csv_choices rfc = {.profile = CSV_RFC4180};
    const struct csv_profile profile = csv_profile_of(&rfc);
    struct printing p = {.csv_wanted = asked->csv};
    struct error e;
    if (!asked->csv) {
        int code = print_all(w, cl, &p);
        return code ? code : print_end(w, cl->quiet);
    }
    csv_begin(&p.csv, &profile, 0, to_stdout, NULL);
    csv_row(&p.csv, header, COLUMNS);
    int code = print_all(w, cl, &p);
    if (csv_flush(&p.csv, &e) < 0)
        code = complain(exit_code_of(&e), "%s", e.text);
    csv_release(&p.csv);
    return code;
}

static int audit(const struct command_line *cl)
{
    struct review_work w;
    int code = review_work_open(&w, cl->config);
    if (!code)
        code = work(&w, cl);
    review_work_close(&w);
    return code;
}

static const struct command_option options[] = {
    {"csv", NULL, "for programs, with the hashes", offsetof(struct audit_asked, csv)},
    {NULL, NULL, NULL, 0}};

const struct command audit_command = {
    .name = "audit",
    .arguments = "[PATH|RECORD]...",
    .summary = "who decided what, and when",
    .help = "Decisions, corrections and imports of `review`, retry and dismiss, and each run\n"
            "that changed something, oldest first. Each entry has a hash over itself and the\n"
            "one before it: `verify` checks that none was changed or taken out, and `verify\n"
            "--audit HASH` that one which was printed once is still among them.\n",
    .example = "-s output.directory=out --csv",
    .options = options,
    .own_size = sizeof(struct audit_asked),
    .by_batch = true,
    .each = true,
    .run = audit,
};
