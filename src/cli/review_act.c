/* What a person does to records on the command line. What is named together is done together: all of it, or nothing. */
#include "base/crash_point.h"
#include "base/text.h"
#include "cli/complain.h"
#include "cli/review.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int trouble(const struct error *e)
{
    bool theirs = e->code == ERR_NOT_FOUND || e->code == ERR_CHANGED;
    return complain(theirs ? EXIT_USAGE : exit_code_of(e), "%s", e->text);
}

static int trouble_of(const struct review_work *w)
{
    return trouble(review_error(w->review));
}

struct done {
    char key[FACT_KEY_MAX];
    enum review_state state;
};

static int decide_each(struct review_work *w, const struct fact_ids *ids, enum review_action action,
                       const struct review_by *by, struct done *done)
{
    struct review_record record = {0};
    struct error e;
    int code = 0;
    for (size_t i = 0; !code && i < ids->count; i++) {
        if (review_get(w->review, ids->ids[i], &record) != 1) {
            code = trouble_of(w);
            break;
        }
        snprintf(done[i].key, sizeof done[i].key, "%s", record.fact.key);
        if (review_decide(w->review, done[i].key, action, by, &record, &e) < 0)
            code = trouble(&e);
        done[i].state = record.state;
    }
    review_record_release(&record);
    return code;
}

static int commit(struct review_work *w, int code)
{
    if (!code && review_commit(w->review) < 0)
        code = trouble_of(w);
    if (code)
        review_rollback(w->review);
    CRASH_POINT("review_decided");
    return code;
}

int review_decide_all(struct review_work *w, const struct review_asked *asked,
                      enum review_action action, char *const *paths, size_t count)
{
    struct review_by by;
    struct fact_ids ids = {0};
    char actor[ACTOR_MAX];
    if (count == 0)
        return complain(EXIT_USAGE, "review %s what? PATHs of files, or records",
                        review_action_names[action]);
    int code = review_by_read(&by, actor, asked->by, asked->note);
    for (size_t i = 0; !code && i < count; i++)
        code = review_records_meant(w, paths[i], &ids);
    by.seen = asked->seen;
    if (!code && by.seen && ids.count != 1)
        code = complain(EXIT_USAGE, "--seen is of one record, and these are %zu", ids.count);
    struct done *done = xcalloc(ids.count + 1, sizeof *done);
    if (!code && review_begin(w->review) < 0)
        code = trouble_of(w);
    else if (!code)
        code = commit(w, decide_each(w, &ids, action, &by, done));
    for (size_t i = 0; !code && i < ids.count; i++)
        printf("%s: %s\n", done[i].key, review_state_names[done[i].state]);
    free(done);
    fact_ids_release(&ids);
    return code;
}

/* --- corrections --- */

static int parse_all(char *const *texts, size_t count, struct correction *out)
{
    struct error e;
    for (size_t i = 0; i < count; i++)
        if (correction_parse(&out[i], texts[i], &e) < 0)
            return complain(EXIT_USAGE, "%s", e.text);
    return 0;
}

/* The only record of PATH, by its key. */
static int only_record(struct review_work *w, const char *word, char key[FACT_KEY_MAX])
{
    struct fact_ids ids = {0};
    struct review_record record = {0};
    int code = review_records_meant(w, word, &ids);
    if (!code && ids.count > 1)
        code = complain(EXIT_USAGE, "%s has %zu records: say which (`review --all %s` lists them)",
                        text_show(word), ids.count, text_show(word));
    if (!code && review_get(w->review, ids.ids[0], &record) != 1)
        code = trouble_of(w);
    if (!code)
        snprintf(key, FACT_KEY_MAX, "%s", record.fact.key);
    review_record_release(&record);
    fact_ids_release(&ids);
    return code;
}

static int correct(struct review_work *w, const struct review_asked *asked, const char *key,
                   struct correction *items, size_t count, struct review_by *by)
{
    struct review_record record = {0};
    struct error e;
    int code = 0;
    if (review_correct(w->review, key, items, count, by, &record, &e) < 0)
        code = trouble(&e);
    by->seen = NULL; /* what it is now is our own doing */
    if (!code && asked->accept && review_decide(w->review, key, REVIEW_ACCEPT, by, &record, &e) < 0)
        code = trouble(&e);
    code = commit(w, code);
    if (!code) {
        printf("%s: %s\n", key, review_state_names[record.state]);
        review_tell(&record, "  ");
        if (record.state == REVIEW_OPEN)
            printf("  `review accept %s` when it is right\n", key);
    }
    review_record_release(&record);
    return code;
}

int review_correct_one(struct review_work *w, const struct review_asked *asked, char *const *paths,
                       size_t count)
{
    struct review_by by;
    struct error e;
    char actor[ACTOR_MAX], key[FACT_KEY_MAX];
    if (count < 2)
        return complain(EXIT_USAGE, "review correct PATH|RECORD FIELD=VALUE...");
    size_t items = count - 1;
    struct correction *list = xcalloc(items, sizeof *list);
    int code = review_by_read(&by, actor, asked->by, asked->note);
    if (!code)
        code = only_record(w, paths[0], key);
    if (!code)
        code = parse_all(paths + 1, items, list);
    by.seen = asked->seen;
    if (!code && review_prepare(w->review, w->upto, &e) < 0)
        code = trouble(&e);
    if (!code && review_begin(w->review) < 0)
        code = trouble_of(w);
    else if (!code)
        code = correct(w, asked, key, list, items, &by);
    for (size_t i = 0; i < items; i++)
        correction_release(&list[i]);
    free(list);
    return code;
}
