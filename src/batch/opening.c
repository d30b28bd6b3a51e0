/* See opening.h. */
#include "batch/opening.h"

#include "base/crash_point.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "base/trouble.h"
#include "ledger/file_book.h"
#include "ledger/file_names.h"
#include "ledger/sent_settings.h"
#include "results/result_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ledger_settings settings_of(const struct batch_options *o)
{
    return (struct ledger_settings){.product = mindee_product_names[o->request.product],
                                    .model_id = o->request.model_id,
                                    .options = o->request_json};
}

static struct ledger_new_root new_root(const struct batch_options *o,
                                       const struct intake_root *root)
{
    struct stat st;
    bool directory = stat(root->path, &st) == 0 && S_ISDIR(st.st_mode);
    return (struct ledger_new_root){
        .path = root->path, .directory = directory, .alone = o->root_count == 1};
}

/* As the ledger knows it: in its own spelling, with the prefix of its files' names. */
static int put_root(struct run_context *c, struct intake_root *root)
{
    struct ledger_root known;
    const struct ledger_new_root new = new_root(c->options, root);
    int rc = ledger_root_put(c->ledger, &new, &known);
    if (rc < 0)
        return rc;
    free((char *)root->path);
    free((char *)root->prefix);
    root->id = known.id;
    root->path = known.path;
    root->prefix = known.prefix;
    return 0;
}

/* Nothing of UNDER, which is of that root, has a result of another product or model. */
static int check_settings(struct ledger *l, const struct batch_options *o, int64_t root_id,
                          const char *under, struct error *e)
{
    struct buffer path;
    const struct ledger_settings settings = settings_of(o);
    buffer_init(&path, 0);
    int rc = ledger_settings_conflict(l, root_id, &settings, under, &path);
    if (rc == 1)
        rc = error_set(e, ERR_USAGE,
                       "%s was sent with another product or model before, and its result "
                       "is in %s: use another output.directory for the new ones, or go back to "
                       "the old ones",
                       text_show(buffer_text(&path)), text_show(o->output));
    else if (rc < 0)
        *e = *ledger_error(l);
    buffer_release(&path);
    return rc;
}

static int check_root(struct ledger *l, const struct batch_options *o,
                      const struct intake_root *root, struct error *e)
{
    struct ledger_root known;
    const struct ledger_new_root new = new_root(o, root);
    int rc = ledger_root_find(l, &new, &known);
    if (rc < 0)
        *e = *ledger_error(l);
    else if (rc == 1 && o->request.model_id)
        rc = check_settings(l, o, known.id, known.path, e);
    ledger_root_release(&known);
    return rc < 0 ? rc : 0;
}

int opening_check(struct ledger *l, const struct batch_options *o, struct error *e)
{
    int rc = 0;
    for (size_t i = 0; i < o->root_count && rc == 0; i++)
        rc = check_root(l, o, &o->roots[i], e);
    return rc;
}

static int open_roots(struct run_context *c, struct error *e)
{
    const struct batch_options *o = c->options;
    int rc = 0;
    for (size_t i = 0; i < o->root_count && rc >= 0; i++) {
        struct intake_root *root = &o->roots[i];
        rc = put_root(c, root);
        CRASH_POINT("root_put");
        if (rc == 0 && o->retrying) /* its documents have their settings already */
            continue;
        if (rc == 0)
            rc = ledger_requeue_under(c->ledger, root->id, c->settings_id);
        if (rc < 0)
            *e = *ledger_error(c->ledger);
        else
            rc = check_settings(c->ledger, o, root->id, root->path, e);
    }
    return rc;
}

#define MOVE_OPTIONS "input.move_stored, .move_failed or .move_rejected"

static int make_move_directory(const char *path, enum file_access a, struct error *e)
{
    int rc = directory_make(path, a, e);
    if (rc < 0 && trouble_is_full(errno))
        return error_wrap(e, MOVE_OPTIONS);
    if (rc == 0 && access(path, W_OK | X_OK) != 0)
        rc = error_system(e, trouble_of(errno) != TROUBLE_NONE ? ERR_PASSING : ERR_USAGE, errno,
                          "write to %s", text_show(path));
    if (rc == 0)
        return 0;
    if (rc != ERR_PASSING)
        e->code = ERR_USAGE;
    return error_wrap(e, MOVE_OPTIONS);
}

int opening_ledger(struct run_context *c, struct error *e)
{
    const struct batch_options *o = c->options;
    struct ledger_options lo = {.path = o->ledger, .access = o->access, .clock = c->clock};
    int rc = directory_make(o->output, o->access, e);
    if (rc == 0) {
        char *slash = strrchr(o->ledger, '/');
        *slash = '\0';
        rc = *o->ledger ? directory_make(o->ledger, o->access, e) : 0;
        *slash = '/';
    }
    if (rc < 0) {
        if (!trouble_is_full(errno)) /* else nothing is wrong with what the user named */
            e->code = ERR_USAGE;
        return error_wrap(e, "output.directory");
    }
    struct naming_place found;
    rc = ledger_open(&c->ledger, &lo, e);
    if (rc == 0)
        rc = result_files_prepare(o->output, ledger_access(c->ledger), &found, e);
    if (rc < 0)
        return rc;
    const struct ledger_settings s = settings_of(o);
    for (size_t i = 0; i < BATCH_MOVE_DIRECTORIES && o->move_directories[i]; i++)
        if (make_move_directory(o->move_directories[i], ledger_access(c->ledger), e) < 0)
            return e->code;
    ledger_move_directories(c->ledger, (const char *const *)o->move_directories);
    CRASH_POINT("directories_made");
    rc = ledger_names_place(c->ledger, &found);
    if (rc == 0)
        rc = ledger_settings_put(c->ledger, &s, &c->settings_id);
    CRASH_POINT("settings_put");
    if (rc < 0) {
        *e = *ledger_error(c->ledger);
        return rc;
    }
    return open_roots(c, e);
}
