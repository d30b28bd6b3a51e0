#include "batch_fixture.h"
#include "base/safe_file.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"
#include "results/result_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int scene_setup(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    char assignment[200];
    unsetenv("MINDEE_V2_API_KEY");
    folder_make(&s->folder);
    assert_int_equal(mkdir(folder_path(&s->folder, "in"), 0700), 0);
    s->config = config_new();
    snprintf(assignment, sizeof assignment, "output.directory=%s/out", s->folder.path);
    scene_set(s, assignment);
    *state = s;
    return 0;
}

int scene_teardown(void **state)
{
    struct scene *s = *state;
    if (s->ledger)
        ledger_close(s->ledger);
    if (s->read)
        batch_options_release(&s->options);
    config_free(s->config);
    folder_remove(&s->folder);
    free(s);
    return 0;
}

void scene_set(struct scene *s, const char *assignment)
{
    struct error_list errors;
    error_list_init(&errors);
    if (config_set(s->config, assignment, &errors) != 0)
        fail_msg("%s", errors.errors[0].text);
    error_list_release(&errors);
}

int scene_try_read(struct scene *s, const char *const *paths, bool need_api, struct error *e)
{
    enum { MANY = 1100 };
    static char *absolute[MANY];
    size_t count = 0;
    for (; paths && paths[count]; count++) {
        REQUIRE(count < MANY);
        const char *path = paths[count];
        absolute[count] = xstrdup(*path == '/' ? path : folder_path(&s->folder, path));
    }
    if (s->read)
        batch_options_release(&s->options);
    int rc = batch_options_read(&s->options, s->config, absolute, count, need_api, e);
    s->read = rc == 0;
    while (count)
        free(absolute[--count]);
    return rc;
}

void scene_read(struct scene *s, const char *const *paths)
{
    struct error e;
    if (scene_try_read(s, paths, false, &e) != 0)
        fail_msg("%s", e.text);
}

void scene_refuses(struct scene *s, const char *const *paths, bool need_api, const char *words)
{
    struct error e = {0};
    struct buffer expected;
    buffer_init(&expected, 0);
    for (const char *p = words; *p; p++)
        if (*p == '%')
            buffer_put(&expected, s->folder.path);
        else
            buffer_printf(&expected, "%c", *p);
    assert_int_equal(scene_try_read(s, paths, need_api, &e), ERR_USAGE);
    assert_int_equal(e.code, ERR_USAGE);
    assert_string_equal(e.text, buffer_text(&expected));
    buffer_release(&expected);
}

void scene_pdf(struct scene *s, const char *name, int pages, const char *text)
{
    struct buffer pdf;
    buffer_init(&pdf, 0);
    sample_pdf(&pdf, pages, text);
    folder_put_buffer(&s->folder, name, &pdf);
    buffer_release(&pdf);
}

#define LEDGER_OK(s, call)                                                                         \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, ledger_error((s)->ledger)->text);                            \
    } while (0)

void scene_ledger_open(struct scene *s)
{
    const struct mindee_enqueue *request = &s->options.request;
    const struct ledger_settings settings = {.product = mindee_product_names[request->product],
                                             .model_id = request->model_id ? request->model_id : "",
                                             .options = s->options.request_json};
    struct error e;
    if (directory_make(s->options.output, ACCESS_PRIVATE, &e) != 0)
        fail_msg("%s", e.text);
    const struct ledger_options options = {.path = s->options.ledger, .clock = &system_clock};
    if (ledger_open(&s->ledger, &options, &e) != 0)
        fail_msg("%s", e.text);
    LEDGER_OK(s, ledger_settings_put(s->ledger, &settings, &s->settings));
    struct ledger_root root;
    const struct ledger_new_root new = {
        .path = folder_path(&s->folder, "in"), .directory = true, .alone = true};
    LEDGER_OK(s, ledger_root_put(s->ledger, &new, &root));
    s->root = root.id;
    ledger_root_release(&root);
}

void scene_ledger_close(struct scene *s)
{
    LEDGER_OK(s, ledger_commit(s->ledger));
    ledger_close(s->ledger);
    s->ledger = NULL;
}

static void digest_file(const char *path, uint8_t digest[SHA256_BYTES])
{
    char block[4096];
    size_t n;
    struct sha256 *sum = sha256_new();
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        sha256_update(sum, block, n);
    fclose(f);
    sha256_final(sum, digest);
    sha256_free(sum);
}

int64_t scene_put(struct scene *s, const char *name)
{
    char below[300];
    uint8_t digest[SHA256_BYTES];
    struct stat st;
    enum ledger_put put;
    int64_t id;
    snprintf(below, sizeof below, "in/%s", name);
    const char *path = folder_path(&s->folder, below);
    assert_int_equal(stat(path, &st), 0);
    digest_file(path, digest);
    const struct ledger_new_file file = {.root_id = s->root,
                                         .settings_id = s->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = file_stamp_of(&st),
                                         .type = FILE_PDF,
                                         .pages = -1,
                                         .looked_at = true,
                                         .sha256 = digest};
    LEDGER_OK(s, ledger_file_put(s->ledger, &file, &put, &id));
    return id;
}

static void step(struct scene *s, int64_t id, enum doc_state from, enum doc_state to,
                 enum doc_event_kind event, int attempt)
{
    const struct ledger_step row = {
        .document_id = id, .from = from, .to = to, .event = event, .attempt = attempt};
    LEDGER_OK(s, ledger_step(s->ledger, &row));
}

static void put_result_file(struct scene *s, const char *name, const char *result)
{
    struct safe_file f;
    struct error e;
    struct buffer path;
    buffer_init(&path, 0);
    struct naming_place found;
    assert_int_equal(result_files_prepare(s->options.output, ACCESS_PRIVATE, &found, &e), 0);
    buffer_printf(&path, "%s/results/", s->options.output);
    naming_result(&path, name, found.longest);
    assert_int_equal(safe_file_open(&f, buffer_text(&path), ACCESS_PRIVATE, &e), 0);
    fputs(result, f.stream);
    assert_int_equal(safe_file_commit(&f, &e), 0);
    buffer_release(&path);
}

int64_t scene_store(struct scene *s, const char *name, const char *result)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int64_t id = scene_put(s, name);
    LEDGER_OK(s, ledger_attempt_start(s->ledger, id, credits_of(1), &attempt, alias));
    step(s, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, attempt);
    LEDGER_OK(s, ledger_attempt_accepted(s->ledger, id, attempt, "job"));
    step(s, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, attempt);
    LEDGER_OK(s, ledger_attempt_result_url(s->ledger, id, attempt, "https://host/result"));
    step(s, id, DOC_PROCESSING, DOC_READY, EV_JOB_READY, attempt);
    LEDGER_OK(s, ledger_result_put(s->ledger, id, result, strlen(result), 1));
    LEDGER_OK(s, ledger_attempt_end(s->ledger, id, attempt, ATTEMPT_JOB_DONE, 200, NULL));
    step(s, id, DOC_READY, DOC_STORED, EV_RESULT, attempt);
    put_result_file(s, name, result);
    return id;
}

void scene_fail(struct scene *s, const char *name)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int64_t id = scene_put(s, name);
    LEDGER_OK(s, ledger_attempt_start(s->ledger, id, credits_of(1), &attempt, alias));
    step(s, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, attempt);
    LEDGER_OK(s, ledger_attempt_end(s->ledger, id, attempt, ATTEMPT_ANSWERED, 422, "http_422"));
    step(s, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
}

void scene_dismiss(struct scene *s, const char *name)
{
    step(s, scene_put(s, name), DOC_FAILED, DOC_FAILED, EV_DISMISS, 1);
}
