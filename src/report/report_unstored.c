/* See report_unstored.h. */
#include "report/report_unstored.h"

#include "base/array.h"
#include "base/text.h"
#include "results/failures.h"

#include <stdlib.h>
#include <string.h>

static void count_reason(struct report_unstored *u, const char *code)
{
    size_t i = 0;
    while (i < u->reason_count && strcmp(u->reasons[i].code, code) != 0)
        i++;
    if (i == REPORT_UNSTORED_REASONS)
        return;
    if (i == u->reason_count)
        text_copy(u->reasons[u->reason_count++].code, REPORT_REASON_MAX, code);
    u->reasons[i].files++;
}

static int note(void *ctx, const struct failure *f)
{
    struct report_unstored *u = ctx;
    char code[REPORT_REASON_MAX];
    text_copy(code, sizeof code, *f->code ? f->code : f->state);
    u->files++;
    count_reason(u, code);
    if (u->row_count == REPORT_UNSTORED_ROWS)
        return 0;
    ARRAY_RESERVE(u->rows, u->row_capacity, u->row_count + 1);
    struct report_unstored_row *row = &u->rows[u->row_count++];
    *row = (struct report_unstored_row){
        .name = xstrdup(*f->name ? f->name : f->path),
        .path = xstrdup(f->path),
        .why = xstrdup(f->detail),
        .state = xstrdup(f->state),
    };
    text_copy(row->code, sizeof row->code, code);
    return 0;
}

int report_unstored_read(struct report_unstored *u, struct ledger *l, const char *period,
                         struct error *e)
{
    int rc = failures_list(l, period, note, u);
    if (rc < 0)
        *e = *ledger_error(l);
    return rc;
}

void report_unstored_release(struct report_unstored *u)
{
    for (size_t i = 0; i < u->row_count; i++) {
        free(u->rows[i].name);
        free(u->rows[i].path);
        free(u->rows[i].why);
        free(u->rows[i].state);
    }
    free(u->rows);
    *u = (struct report_unstored){0};
}
