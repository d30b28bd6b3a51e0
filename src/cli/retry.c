/* mindee-batch retry: documents that ended otherwise than stored get another chance. Which ones, and
 * with which settings they were sent, is looked up beside a run that may be at work; then there is
 * a run for each set of settings, one after the other, so that the ledger's directory and a key are
 * all that it needs. One that didn't come to its end ends the rest, too. */
#include "base/array.h"
#include "base/text.h"
#include "batch/verdict.h"
#include "cli/ask_run.h"
#include "cli/audit_note.h"
#include "cli/complain.h"
#include "cli/path_in_ledger.h"
#include "cli/run.h"
#include "cli/states_asked.h"
#include "ledger/listing.h"
#include "ledger/sent_settings.h"
#include "ledger/unread_files.h"
#include "store/run_lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct retry_asked {
    struct states_asked states;
    bool all;
};

struct own {
    char *product, *model_id, *options;
};

struct retrying {
    const struct command_line *cl;
    struct batch_retry retry;
    char **paths; /* of RETRY, as the ledger has them */
    struct ledger *ledger;
    int64_t *settings; /* of what is to be taken up, each once */
    size_t count, capacity;
    struct own *own; /* the same in words */
};

static void add(struct retrying *r, const struct ledger_listing *row)
{
    if (r->count > 0 && r->settings[r->count - 1] == row->settings_id)
        return;
    ARRAY_RESERVE(r->settings, r->capacity, r->count + 1);
    r->settings[r->count++] = row->settings_id;
}

/* What a run that was cut off left on its way has no end in the ledger yet: the next run finds it in
 * doubt, or lost. */
static enum doc_state end_of(enum doc_state state)
{
    return state == DOC_SUBMITTING ? DOC_IN_DOUBT : state == DOC_READY ? DOC_LOST : state;
}

static int look_at_row(void *ctx, const struct ledger_listing *row)
{
    struct retrying *r = ctx;
    if (r->retry.states[end_of(row->state)] && !row->dismissed.ms)
        add(r, row);
    return 0;
}

static int look_at_named(void *ctx, const struct ledger_listing *row)
{
    add(ctx, row);
    return 0;
}

static int ledger_trouble(const struct retrying *r)
{
    const struct error *e = ledger_error(r->ledger);
    return complain(exit_code_of(e), "%s", e->text);
}

static int select_path(struct retrying *r, const char *path)
{
    int found = ledger_list_meant(r->ledger, path, r->retry.all, look_at_named, r);
    if (found < 0)
        return ledger_trouble(r);
    return found ? 0
                 : complain(EXIT_USAGE, "%s is not in the ledger; name files as failures.csv does",
                            text_show(path));
}

static void take_words(void *ctx, const struct ledger_settings *s)
{
    *(struct own *)ctx =
        (struct own){xstrdup(s->product), xstrdup(s->model_id), xstrdup(s->options)};
}

static int select_all(struct retrying *r)
{
    int code = ledger_list(r->ledger, false, look_at_row, r) < 0 ? ledger_trouble(r) : 0;
    for (size_t i = 0; i < r->retry.path_count && code == 0; i++)
        code = select_path(r, r->retry.paths[i]);
    r->count = array_sort_numbers(r->settings, r->count);
    r->own = xcalloc(r->count, sizeof *r->own);
    for (size_t i = 0; i < r->count && code == 0; i++)
        if (ledger_settings_get(r->ledger, r->settings[i], take_words, &r->own[i]) < 0)
            code = ledger_trouble(r);
    return code;
}

/* Nothing is to be done: how the ledger stands. */
static int stand(struct retrying *r)
{
    struct ledger_counts c;
    struct verdict v = {.exit_code = EXIT_ALL_STORED};
    struct verdict_facts facts = {0};
    if (ledger_counts(r->ledger, &c) < 0 || ledger_unread_count(r->ledger, &facts.unread) < 0)
        return ledger_trouble(r);
    if (c.files > 0)
        verdict_find(&v, &c, &facts);
    printf("there is nothing to retry\n");
    return (int)v.exit_code;
}

/* The run that has the ledger is asked to do it; -1: none has. */
static int hand_over(struct retrying *r, const struct batch_options *o)
{
    struct control_request request = {.command = "retry",
                                      .paths = (char **)r->retry.paths,
                                      .path_count = r->retry.path_count,
                                      .all = r->retry.all};
    char holder[400], words[400], busy[500];
    memcpy(request.states, r->retry.states, sizeof request.states);
    for (int i = 0; i < ASK_RUN_TRIES; i++) {
        if (i > 0)
            usleep(ASK_RUN_PAUSE_US);
        int running = ledger_run_at_work(r->ledger, holder, sizeof holder);
        if (running < 0)
            return ledger_trouble(r);
        int code = running ? ask_run(&request, o) : -1;
        if (code >= 0 || !running)
            return code;
    }
    snprintf(busy, sizeof busy, "another run is at work on it: %s",
             run_lock_words(holder, words, sizeof words));
    return ask_run_in_vain(busy);
}

static void read_paths(struct retrying *r)
{
    for (size_t i = 0; i < r->retry.path_count; i++)
        r->paths[i] = path_in_ledger(r->ledger, r->cl->paths[i]);
}

static int look_up(struct retrying *r, bool *done)
{
    struct batch_options o;
    struct error e;
    batch_options_of_ledger(&o, r->cl->config);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    int code;
    if (access(o.ledger, F_OK) != 0) {
        code = complain_no_ledger(o.ledger, errno);
    } else if (ledger_open(&r->ledger, &lo, &e) < 0) {
        code = complain(exit_code_of(&e), "%s", e.text);
    } else {
        read_paths(r);
        code = select_all(r);
        *done = code == 0 && r->count == 0;
        if (*done)
            code = stand(r);
        else if (code == 0 && (code = hand_over(r, &o)) >= 0)
            *done = true;
        else if (code < 0)
            code = 0;
        if (r->count > 0 && code == 0)
            audit_note(r->cl->config, &o, "retry", r->paths, r->retry.path_count, r->retry.states,
                       NULL);
        ledger_close(r->ledger);
    }
    batch_options_release(&o);
    return code;
}

static int run_each(struct retrying *r)
{
    int code = 0;
    for (size_t i = 0; i < r->count && code <= EXIT_SOME_FAILED; i++) {
        const struct ledger_settings s = {r->own[i].product, r->own[i].model_id, r->own[i].options};
        r->retry.settings = &s;
        code = run_batch(r->cl, &r->retry, false);
    }
    return code;
}

static void release(struct retrying *r)
{
    for (size_t i = 0; i < r->retry.path_count; i++)
        free(r->paths[i]);
    for (size_t i = 0; r->own && i < r->count; i++) {
        free(r->own[i].product);
        free(r->own[i].model_id);
        free(r->own[i].options);
    }
    free(r->paths);
    free(r->own);
    free(r->settings);
}

static int retry(const struct command_line *cl)
{
    const struct retry_asked *asked = cl->own;
    size_t count = (size_t)cl->path_count;
    struct retrying r = {.cl = cl};
    if (!states_asked_any(&asked->states) && count == 0)
        return complain(EXIT_USAGE,
                        "retry what? --failed, --in-doubt, --lost, --rejected, or PATHs");
    r.paths = xcalloc(count, sizeof *r.paths);
    r.retry = (struct batch_retry){.paths = r.paths, .path_count = count, .all = asked->all};
    states_asked_mark(&asked->states, r.retry.states);
    bool done = false;
    int code = look_up(&r, &done);
    if (code == 0 && !done)
        code = run_each(&r);
    release(&r);
    return code;
}

static const struct command_option options[] = {
    STATES_ASKED_OPTIONS(struct retry_asked, "all that couldn't be sent: look at the files again"),
    {"all", NULL, "every file that was at a PATH, not only the one there now",
     offsetof(struct retry_asked, all)},
    {NULL, NULL, NULL, 0}};

const struct command retry_command = {
    .name = "retry",
    .arguments = "[PATH]...",
    .summary = "try documents again that ended otherwise than stored",
    .help = "A document that has a job is asked for first, and sent (and paid) again only if\n"
            "the job failed or is gone. PATHs are files, as failures.csv names them: the one\n"
            "that is there now; where there is none, or with --all, every one that was.\n"
            "Where other bytes are there now, they are taken in as a new file.\n",
    .example = "--failed -s output.directory=out",
    .options = options,
    .own_size = sizeof(struct retry_asked),
    .by_batch = true,
    .each = true,
    .run = retry,
};
