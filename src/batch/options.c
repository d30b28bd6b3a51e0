/* See options.h. The canonical JSON of the request's options names only what is set, in a fixed
 * order: two runs with the same options give the same text, and so the same documents. */
#include "batch/options.h"
#include "base/text.h"
#include "base/trouble.h"
#include "config/schedule_options.h"
#include "ledger/document_ledger.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_SCHEMA_BYTES = 1000 * 1000 };

static int read_schema(struct batch_options *o, const char *path, struct error *e)
{
    struct buffer text;
    char block[4096];
    size_t n;
    buffer_init(&text, MAX_SCHEMA_BYTES);
    FILE *f = fopen(path, "re");
    if (!f)
        return error_system(e, ERR_USAGE, errno, "request.data_schema_file: open %s",
                            text_show(path));
    int rc = 0;
    while (rc == 0 && (n = fread(block, 1, sizeof block, f)) > 0)
        rc = buffer_append(&text, block, n);
    bool read_error = ferror(f) != 0;
    fclose(f);
    bool all_read = rc == 0 && !read_error;
    cJSON *json = all_read ? cJSON_ParseWithOpts(buffer_text(&text), NULL, true) : NULL;
    buffer_release(&text);
    if (!json)
        return error_set(e, ERR_USAGE,
                         "request.data_schema_file: %s is not a JSON file of at most 1 MB",
                         text_show(path));
    o->own.data_schema = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    REQUIRE(o->own.data_schema != NULL);
    return 0;
}

static void add_flag(cJSON *json, const char *name, int flag)
{
    if (flag >= 0)
        cJSON_AddBoolToObject(json, name, flag != 0);
}

static void add_text(cJSON *json, const char *name, const char *text)
{
    if (text)
        cJSON_AddStringToObject(json, name, text);
}

static void make_request_json(struct batch_options *o)
{
    const struct mindee_enqueue *r = &o->request;
    cJSON *json = cJSON_CreateObject();
    add_flag(json, "rag", r->rag);
    add_flag(json, "raw_text", r->raw_text);
    add_flag(json, "polygon", r->polygon);
    add_flag(json, "confidence", r->confidence);
    add_text(json, "text_context", r->text_context);
    add_text(json, "data_schema", r->data_schema);
    o->request_json =
        cJSON_PrintUnformatted(json); /* webhook_ids change where a result goes, not what it is */
    REQUIRE(o->request_json != NULL);
    cJSON_Delete(json);
}

static int read_request(struct batch_options *o, struct config *c, struct error *e)
{
    const struct settings *s = config_settings(c);
    struct mindee_enqueue *r = &o->request;
    r->size = sizeof *r;
    r->product = s->api.product;
    r->model_id = s->api.model_id;
    r->rag = s->request.rag;
    r->raw_text = s->request.raw_text;
    r->polygon = s->request.polygon;
    r->confidence = s->request.confidence;
    r->text_context = s->request.text_context;
    const char *schema = s->request.data_schema_file;
    if (schema) {
        int rc = read_schema(o, schema, e);
        if (rc < 0)
            return rc;
        r->data_schema = o->own.data_schema;
    }
    const char *const *ids = s->request.webhook_ids;
    if (ids[0]) {
        struct buffer joined;
        buffer_init(&joined, 0);
        for (size_t i = 0; ids[i]; i++)
            buffer_printf(&joined, "%s%s", i ? "," : "", ids[i]);
        o->webhook_ids = buffer_detach(&joined, NULL);
        r->webhook_ids = o->webhook_ids;
    }
    bool extras = r->rag >= 0 || r->raw_text >= 0 || r->polygon >= 0 || r->confidence >= 0 ||
                  r->text_context || r->data_schema;
    if (r->product != MINDEE_EXTRACTION && extras)
        return error_set(e, ERR_USAGE,
                         "request.rag, .raw_text, .polygon, .confidence, .text_context and "
                         ".data_schema_file are "
                         "for the product extraction only; api.product is %s",
                         mindee_product_names[r->product]);
    make_request_json(o);
    return 0;
}

/* scheme://host[:port] of base_url, in one spelling: the limiter's memory goes by it. */
static char *origin_of(const char *base_url)
{
    const char *host = strstr(base_url, "://");
    host = host ? host + 3 : base_url;
    size_t len = (size_t)(host - base_url) + strcspn(host, "/");
    char *origin = xstrdup(base_url);
    origin[len] = '\0';
    for (char *p = origin; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    const char *port = strncmp(origin, "https:", 6) == 0 ? ":443" : ":80";
    size_t port_len = strlen(port);
    if (len > port_len && strcmp(origin + len - port_len, port) == 0)
        origin[len - port_len] = '\0';
    return origin;
}

static int read_api(struct batch_options *o, struct config *c, bool need_key, struct error *e)
{
    const struct settings *s = config_settings(c);
    o->api = (struct mindee_options){
        .size = sizeof(struct mindee_options),
        .base_url = s->api.base_url,
        .ca_file = s->api.ca_file,
        .proxy = s->api.proxy,
        .user_agent = "mindee-batch/" MB_VERSION,
        .http2 = s->api.http_version == HTTP_VERSION_2,
        .connect_timeout_ms = s->api.connect_timeout,
        .timeout_ms = s->api.timeout,
    };
    o->origin = origin_of(o->api.base_url);
    const char *key = config_api_key(c, e);
    if (!key && need_key)
        return e->code;
    if (key) {
        o->api_key = xstrdup(key);
        o->api.api_key = o->api_key;
    }
    return 0;
}

static uint32_t share_of(int64_t limit, double percent)
{
    if (limit <= 0)
        return 0;
    double share = (double)limit * percent / 100;
    return share < 1 ? 1 : (uint32_t)share;
}

static void read_budget(struct batch_options *o, const struct settings *s)
{
    o->spending.budget = (struct budget_limits){s->limits.max_credits, s->limits.max_credits_month};
    o->spending.price = s->limits.credits_per_page;
}

static void read_limits(struct batch_options *o, const struct config *c)
{
    const struct settings *s = config_settings(c);
    double share = s->limits.share;
    o->post_per_minute = share_of(s->limits.post_per_minute, share);
    o->get_per_minute = share_of(s->limits.get_per_minute, share);
    o->pace = s->limits.pace;
    o->limit_state = s->limits.state;
    o->limit_group = s->limits.group;
    o->uploads = (int)s->limits.uploads;
    o->canary = (int)s->limits.canary;
    read_budget(o, s);
    o->input_patience_ms = s->input.patience;
    o->patience_ms = s->api.patience;
    o->polling.first_ms = s->polling.first_delay;
    o->polling.interval_ms = s->polling.interval;
    o->polling.learned = s->polling.planner == PLANNER_LEARNED;
    o->polling.give_up_ms = s->polling.give_up_after;
    o->retry = (struct doc_policy){
        .max_attempts = (int)s->retry.max_attempts,
        .first_delay_ms = s->retry.first_delay,
        .max_delay_ms = s->retry.max_delay,
        .resend_in_doubt = s->retry.in_doubt == IN_DOUBT_RESEND,
        .max_resends = (int)s->retry.max_resends,
        .in_doubt_wait_ms = /* nothing but a webhook could settle it */
        config_webhook_listen(c) ? s->retry.in_doubt_wait : 0,
    };
}

/* PATH made absolute; what need not exist yet stays as it is written. */
static char *absolute(const char *path)
{
    char *real = realpath(path, NULL);
    if (real)
        return real;
    struct buffer b;
    buffer_init(&b, 0);
    if (path[0] != '/') {
        char *cwd = getcwd(NULL, 0);
        buffer_printf(&b, "%s/", cwd ? cwd : ".");
        free(cwd);
    }
    buffer_put(&b, path);
    while (b.len > 1 && b.data[b.len - 1] == '/')
        b.data[--b.len] = '\0';
    return buffer_detach(&b, NULL);
}

static bool inside(const char *inner, const char *outer)
{
    size_t n = strlen(outer);
    return strncmp(inner, outer, n) == 0 &&
           (inner[n] == '/' || inner[n] == '\0' || strcmp(outer, "/") == 0);
}

/* A PATH that can't be looked at: the user's mistake, or trouble that passes. */
static int bad_root(const char *what, const char *path, struct error *e)
{
    bool passes = trouble_of(errno) != TROUBLE_NONE;
    return error_system(e, passes ? ERR_PASSING : ERR_USAGE, errno, "%s%s", what, text_show(path));
}

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void drop_root(struct batch_options *o, size_t at)
{
    free((char *)o->roots[at].path);
    free((char *)o->roots[at].prefix);
    o->root_count--;
    memmove(&o->roots[at], &o->roots[at + 1], (o->root_count - at) * sizeof *o->roots);
}

/* The output directory is never walked, so nothing would be found there. */
static int check_beside_output(const struct batch_options *o, const char *root, struct error *e)
{
    struct buffer results;
    bool same = strcmp(root, o->output) == 0;
    buffer_init(&results, 0);
    buffer_printf(&results, "%s/results", o->output);
    bool is_result = inside(root, buffer_text(&results));
    buffer_release(&results);
    if (same)
        return error_set(
            e, ERR_USAGE,
            "%s is where the documents are and the output directory, too: name another "
            "output.directory",
            text_show(root));
    return is_result
               ? error_set(e, ERR_USAGE,
                           "%s is where the results are, not documents: name another PATH, or "
                           "another output.directory",
                           text_show(root))
               : 0;
}

static int add_root(struct batch_options *o, const char *path, bool alone, struct error *e)
{
    struct stat st;
    char *real = realpath(path, NULL);
    if (!real)
        return bad_root("", path, e);
    struct intake_root *root = &o->roots[o->root_count++];
    root->path = real;
    if (stat(real, &st) != 0)
        return bad_root("", path, e);
    if (check_beside_output(o, real, e) < 0)
        return ERR_USAGE;
    bool directory = S_ISDIR(st.st_mode);
    if (directory && access(real, R_OK | X_OK) != 0)
        return bad_root("read the directory ", path, e);
    const char *last = strrchr(real, '/') + 1;
    root->prefix = xstrdup(alone && directory ? "" : last);
    for (size_t i = 0; i + 1 < o->root_count; i++) {
        const struct intake_root *other = &o->roots[i];
        bool within = inside(real, other->path), around = inside(other->path, real);
        if (directory && is_directory(other->path) && (within || around) &&
            strcmp(real, other->path) != 0)
            return error_set(e, ERR_USAGE, "%s and %s overlap: name only the outer one",
                             text_show(other->path), text_show(real));
        if (within || (around && !directory)) { /* it is found there */
            drop_root(o, o->root_count - 1);
            return 0;
        }
        if (around)
            drop_root(o, i--);
    }
    return 0;
}

static const enum ledger_order orders[] = {
    [INPUT_BY_NAME] = ORDER_NAME, [INPUT_LARGEST] = ORDER_LARGEST, [INPUT_BY_PAGES] = ORDER_PAGES};

static int read_input(struct batch_options *o, const struct config *c, char *const *paths,
                      size_t count, struct error *e)
{
    const struct settings *s = config_settings(c);
    const char *configured = s->input.directory;
    char *const from_config[] = {(char *)configured};
    if (count == 0 && configured) {
        paths = from_config;
        count = 1;
    }
    o->walk = (struct intake_walk_options){
        .include = s->input.include,
        .exclude = s->input.exclude,
        .recursive = s->input.recursive,
        .follow_symlinks = s->input.follow_symlinks,
        .output_directory = o->output,
    };
    o->order = orders[s->input.order];
    if (count > BATCH_MAX_ROOTS)
        return error_set(e, ERR_USAGE,
                         "%zu paths are too many: name a directory instead (at most %d paths)",
                         count, BATCH_MAX_ROOTS);
    o->roots = xcalloc(count, sizeof *o->roots);
    for (size_t i = 0; i < count; i++) {
        int rc = add_root(o, paths[i], count == 1, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Moving into what is walked, or around it, would move documents over one another, or in circles.
 */
static int check_move(const struct batch_options *o, const char *name, const char *directory,
                      struct error *e)
{
    struct buffer results;
    int rc = 0;
    for (size_t i = 0; i < o->root_count && rc == 0; i++)
        if (inside(o->roots[i].path, directory))
            rc = error_set(e, ERR_USAGE,
                           "%s: %s is, or holds, %s, where the documents are: name a directory "
                           "beside it or below it",
                           name, text_show(directory), text_show(o->roots[i].path));
    buffer_init(&results, 0);
    buffer_printf(&results, "%s/results", o->output);
    if (rc == 0 && inside(directory, buffer_text(&results)))
        rc = error_set(e, ERR_USAGE, "%s: %s is where the results are: name another directory",
                       name, text_show(directory));
    buffer_release(&results);
    return rc;
}

static int read_moves(struct batch_options *o, const struct config *c, struct error *e)
{
    static const struct {
        size_t setting;
        enum doc_state states[2];
    } moves[BATCH_MOVE_DIRECTORIES] = {
        {SETTING(input.move_stored), {DOC_STORED, DOC_STORED}},
        {SETTING(input.move_failed), {DOC_FAILED, DOC_LOST}},
        {SETTING(input.move_rejected), {DOC_REJECTED, DOC_REJECTED}}};
    size_t count = 0;
    for (size_t i = 0; i < BATCH_MOVE_DIRECTORIES; i++) {
        const char *path = config_value(c, moves[i].setting);
        if (!path)
            continue;
        char *directory = o->move_directories[count++] = absolute(path);
        o->move_to[moves[i].states[0]] = o->move_to[moves[i].states[1]] = directory;
        int rc = check_move(o, config_name(moves[i].setting), directory, e);
        if (rc < 0)
            return rc;
    }
    o->walk.never_walked = (const char *const *)o->move_directories;
    return 0;
}

static void read_watch(struct batch_options *o, const struct config *c)
{
    const struct settings *s = config_settings(c);
    o->watch.enabled = s->watch.enabled;
    o->watch.quiet_ms = s->watch.quiet;
    o->watch.rescan_ms = s->watch.rescan;
}

/* Where a month begins. UTC will do for who has no budget for one. */
static int read_month(struct batch_options *o, const struct config *c, struct error *e)
{
    o->spending.zone = xcalloc(1, sizeof *o->spending.zone);
    if (schedule_read_zone(o->spending.zone, c, e) == 0 || o->spending.budget.month.micro < 0)
        return 0;
    e->code = ERR_USAGE;
    return error_wrap(e, "schedule.timezone");
}

static void read_csv(struct batch_options *o, const struct settings *s)
{
    const struct csv_choices choices = {.profile = s->export.profile,
                                        .delimiter = s->export.delimiter,
                                        .decimal = s->export.decimal,
                                        .dates = s->export.dates,
                                        .bom = s->export.bom,
                                        .defuse = s->export.defuse};
    o->csv = csv_profile_of(&choices);
}

static void read_output(struct batch_options *o, const struct config *c)
{
    const struct settings *s = config_settings(c);
    read_csv(o, s);
    o->output = absolute(s->output.directory);
    o->access = s->output.mode;
    const char *ledger = s->ledger.path;
    if (ledger) {
        o->ledger = absolute(ledger);
    } else {
        struct buffer b;
        buffer_init(&b, 0);
        buffer_printf(&b, "%s/ledger.db", o->output);
        o->ledger = buffer_detach(&b, NULL);
    }
}

static int read_webhooks(struct batch_options *o, struct config *c, struct error *e)
{
    const struct settings *s = config_settings(c);
    o->webhook.listen = config_webhook_listen(c);
    if (!o->webhook.listen)
        return 0;
    o->webhook.path = s->webhook.path;
    o->webhook.query_secret = s->webhook.query_secret;
    o->webhook.tls_cert = s->webhook.tls_cert;
    o->webhook.tls_key = s->webhook.tls_key;
    o->fallback_after_ms = s->webhook.fallback_after;
    o->webhook.secret = s->webhook.secret;
    o->webhook.secret_file = s->webhook.secret_file;
    o->webhook.secrets = config_webhook_secrets(c, e);
    if (!o->webhook.secrets)
        return e->code;
    if (!o->request.webhook_ids)
        return error_set(
            e, ERR_USAGE,
            "webhook.listen without request.webhook_ids: Mindee would call nobody; `mindee-batch models` "
            "lists the webhooks of each model");
    return 0;
}

const char *batch_limit_owner(const struct batch_options *o)
{
    return o->limit_group ? o->limit_group : o->api.api_key;
}

void batch_access_as_found(struct batch_options *o, const struct config *c)
{
    if (!config_is_set(c, SETTING(output.mode)))
        o->access = ACCESS_AS_FOUND;
}

void batch_options_of_ledger(struct batch_options *o, const struct config *c)
{
    memset(o, 0, sizeof *o);
    read_output(o, c);
    batch_access_as_found(o, c);
    const struct settings *s = config_settings(c);
    o->limit_state = s->limits.state;
    o->post_per_minute = share_of(s->limits.post_per_minute, s->limits.share);
    read_budget(o, s);
    struct error e; /* of a zone that can't be read: a month is UTC's then */
    if (read_month(o, c, &e) < 0)
        return;
}

static int read_service(struct batch_options *o, struct config *c, bool need_api, struct error *e)
{
    int rc = 0;
    if (o->get_per_minute == 1)
        rc = error_set(
            e, ERR_USAGE,
            "limits.get_per_minute (with limits.share) leaves one question to Mindee a minute; a document takes at least two");
    if (rc == 0)
        rc = read_api(o, c, need_api, e);
    if (rc == 0)
        rc = read_request(o, c, e);
    if (rc == 0 && need_api)
        rc = read_webhooks(o, c, e);
    return rc;
}

static void begin(struct batch_options *o, const struct config *c)
{
    memset(o, 0, sizeof *o);
    read_output(o, c);
    read_limits(o, c);
    read_watch(o, c);
}

/* RC: of what was read so far. */
static int read_rest(struct batch_options *o, struct config *c, bool need_api, int rc,
                     struct error *e)
{
    if (rc == 0)
        rc = read_month(o, c, e);
    if (rc == 0)
        rc = read_moves(o, c, e);
    if (rc == 0)
        rc = read_service(o, c, need_api, e);
    if (rc < 0)
        batch_options_release(o);
    return rc;
}

int batch_options_read(struct batch_options *o, struct config *c, char *const *paths, size_t count,
                       bool need_api, struct error *e)
{
    begin(o, c);
    int rc = read_input(o, c, paths, count, e);
    return read_rest(o, c, need_api, rc, e);
}

int batch_options_read_retrying(struct batch_options *o, struct config *c, struct error *e)
{
    begin(o, c);
    int rc = read_input(o, c, NULL, 0, e);
    if (rc == ERR_USAGE) {
        while (o->root_count > 0)
            drop_root(o, 0);
        rc = 0;
    }
    return read_rest(o, c, true, rc, e);
}

int batch_options_read_receiving(struct batch_options *o, struct config *c, struct error *e)
{
    memset(o, 0, sizeof *o);
    read_output(o, c);
    read_limits(o, c);
    o->mode = RUN_RECEIVES;
    o->retry.resend_in_doubt = false; /* the next run sees to that */
    int rc = read_service(o, c, true, e);
    if (rc < 0)
        batch_options_release(o);
    return rc;
}

void batch_options_release(struct batch_options *o)
{
    for (size_t i = 0; i < o->root_count; i++) {
        free((char *)o->roots[i].path);
        free((char *)o->roots[i].prefix);
    }
    if (o->api_key)
        explicit_bzero(o->api_key, strlen(o->api_key));
    free(o->roots);
    free(o->spending.zone);
    free(o->api_key);
    free(o->own.data_schema);
    free(o->webhook_ids);
    free(o->own.model);
    free(o->own.text_context);
    for (size_t i = 0; i < BATCH_MOVE_DIRECTORIES; i++)
        free(o->move_directories[i]);
    free(o->request_json);
    free(o->origin);
    free(o->output);
    free(o->ledger);
    memset(o, 0, sizeof *o);
}
