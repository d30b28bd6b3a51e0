/* See review_work.h. A field of [fields] that somebody set and that no result had is told with the nearest name: a
 * check that never finds its field would never say anything. */
#include "cli/review_work.h"
#include "base/array.h"
#include "base/text.h"
#include "cli/complain.h"
#include "cli/fields_check.h"
#include "cli/path_in_ledger.h"
#include "ledger/handovers.h"
#include "ledger/listing.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_review(struct review_work *w, const struct config *c, struct error *e)
{
    if (ledger_last_result(w->ledger, &w->upto) < 0) {
        *e = *ledger_error(w->ledger);
        return e->code;
    }
    int err = fields_check(c, w->roles, w->ledger, &w->batch, w->upto, e);
    if (!err)
        err = review_open(&w->review, w->ledger, w->batch.output, w->batch.access, &w->options, e);
    return err ? err : review_update(w->review, w->upto, e);
}

int review_work_open(struct review_work *w, struct config *c)
{
    struct error e;
    *w = (struct review_work){.roles = roles_new()};
    batch_options_of_ledger(&w->batch, c);
    batch_access_as_found(&w->batch, c);
    if (review_setup(&w->options, w->roles, &w->checks, config_settings(c), &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    struct ledger_options lo = {.path = w->batch.ledger, .read_only = true, .clock = &system_clock};
    if (ledger_open(&w->ledger, &lo, &e) < 0)
        return e.code == ERR_NOT_FOUND ? complain_no_ledger(w->batch.ledger, ENOENT)
                                       : complain(exit_code_of(&e), "%s", e.text);
    if (open_review(w, c, &e) < 0)
        return complain(e.code == ERR_NOT_FOUND ? EXIT_USAGE : exit_code_of(&e), "%s", e.text);
    return 0;
}

void review_work_close(struct review_work *w)
{
    review_close(w->review);
    if (w->ledger)
        ledger_close(w->ledger);
    roles_free(w->roles);
    batch_options_release(&w->batch);
}

int review_by_read(struct review_by *out, char actor[ACTOR_MAX], const char *by, const char *note)
{
    const struct passwd *user = getpwuid(geteuid());
    if (note && strlen(note) > NOTE_MAX)
        return complain(EXIT_USAGE, "--note: at most %d bytes", NOTE_MAX);
    if (by && (!*by || strlen(by) >= ACTOR_MAX))
        return complain(EXIT_USAGE, "--by: a name of at most %d bytes", ACTOR_MAX - 1);
    if (by || user)
        snprintf(actor, ACTOR_MAX, "%s", by ? by : user->pw_name);
    else
        snprintf(actor, ACTOR_MAX, "user %lld", (long long)geteuid());
    *out = (struct review_by){.at = clock_wall(&system_clock), .actor = actor, .note = note};
    return 0;
}

/* --- which records --- */

bool is_record_key(const char *word)
{
    enum { DIGITS = 16 };
    size_t hex = strspn(word + (*word == 'd'), "0123456789abcdef");
    const char *rest = word + 1 + hex;
    return *word == 'd' && hex == DIGITS &&
           (*rest == '\0' || (*rest == '/' && rest[strspn(rest, "/0123456789")] == '\0'));
}

static void add_ids(struct fact_ids *to, struct fact_ids *from)
{
    to->ids = realloc(to->ids, (to->count + from->count + 1) * sizeof *to->ids);
    REQUIRE(to->ids != NULL);
    if (from->count)
        memcpy(to->ids + to->count, from->ids, from->count * sizeof *to->ids);
    to->count = array_sort_numbers(to->ids, to->count + from->count);
    fact_ids_release(from);
}

static int add_key(struct review_work *w, const char *key, struct fact_ids *ids)
{
    struct review_record record = {0};
    struct fact_ids one = {.ids = xcalloc(1, sizeof(int64_t)), .count = 1};
    int n = review_find(w->review, key, &record);
    one.ids[0] = record.fact.id;
    review_record_release(&record);
    if (n == 1) {
        add_ids(ids, &one);
        return 0;
    }
    fact_ids_release(&one);
    if (n < 0)
        return complain(exit_code_of(review_error(w->review)), "%s", review_error(w->review)->text);
    return complain(EXIT_USAGE, "there is no record %s; `review --all` lists them", key);
}

struct meaning {
    struct review_work *work;
    struct fact_ids *ids;
    int code;
};

static int add_document(void *ctx, const struct ledger_listing *row)
{
    struct meaning *m = ctx;
    struct fact_ids found;
    int err = review_of_document(m->work->review, row->document_id, &found);
    if (err)
        m->code = complain(exit_code_of(review_error(m->work->review)), "%s",
                           review_error(m->work->review)->text);
    else
        add_ids(m->ids, &found);
    return 0;
}

int review_records_meant(struct review_work *w, const char *word, struct fact_ids *ids)
{
    struct meaning m = {w, ids, 0};
    if (is_record_key(word))
        return add_key(w, word, ids);
    size_t before = ids->count;
    char *path = path_in_ledger(w->ledger, word);
    int found = ledger_list_meant(w->ledger, path, false, add_document, &m);
    free(path);
    if (found < 0)
        return complain(exit_code_of(ledger_error(w->ledger)), "%s", ledger_error(w->ledger)->text);
    if (found == 0)
        return complain(EXIT_USAGE,
                        "%s is neither a record nor a file of the ledger: no run has come across "
                        "it, or the output directory is another one",
                        text_show(word));
    if (!m.code && ids->count == before)
        return complain(EXIT_USAGE, "%s has no record: its document isn't stored, or holds none",
                        text_show(word));
    return m.code;
}
