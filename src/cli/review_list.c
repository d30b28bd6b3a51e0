/* The list of `review`, for people, for programs, and as a sheet that `review import` takes. */
#include "base/text.h"
#include "base/units.h"
#include "cli/complain.h"
#include "cli/review.h"
#include "format/csv.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct showing {
    struct review_work *work;
    const struct review_asked *asked;
    bool wanted_codes[CHECK_COUNT], any_code;
    struct review_record record;
    struct buffer file;
    cJSON *list;
    struct csv_writer csv;
    int64_t looked_at, open, shown;
};

static int read_codes(struct showing *k)
{
    const char *names[CHECK_COUNT + 1] = {NULL};
    for (enum check_code c = 0; c < CHECK_COUNT; c++)
        names[c] = check_code_name(c);
    for (size_t i = 0; i < k->asked->reasons.count; i++) {
        const char *name = k->asked->reasons.items[i];
        enum check_code c = check_code_named(name);
        const char *nearest = text_nearest(name, names);
        if (c == CHECK_COUNT)
            return complain(EXIT_USAGE, "--reason %s: there is no such reason%s%s%s",
                            text_show(name), nearest ? "; did you mean " : "",
                            nearest ? nearest : "", nearest ? "?" : "");
        k->wanted_codes[c] = k->any_code = true;
    }
    return 0;
}

static bool is_shown(const struct showing *k)
{
    const struct review_record *r = &k->record;
    bool wanted = k->asked->all || (k->asked->later && r->state == REVIEW_LATER) ||
                  ((k->asked->open || !k->asked->later) && r->state == REVIEW_OPEN);
    if (!wanted || !k->any_code)
        return wanted;
    for (size_t i = 0; i < r->reasons.count; i++)
        if (k->wanted_codes[r->reasons.items[i].code])
            return true;
    return false;
}

/* --- for people --- */

static const char *value_of(const struct review_record *r, enum role role)
{
    return r->fact.values[role] ? r->fact.values[role] : "";
}

void review_tell(const struct review_record *record, const char *front)
{
    for (size_t i = 0; i < record->reasons.count; i++) {
        const struct reason *one = &record->reasons.items[i];
        printf("%s%s%-7s %s %s: %s\n", front, one->fresh && record->reopened ? "new " : "",
               severity_name(one->severity), check_code_name(one->code), one->field, one->text);
    }
}

static void print_record(struct showing *k)
{
    const struct review_record *r = &k->record;
    printf("%s%s  %s", k->shown ? "\n" : "", r->fact.key, buffer_text(&k->file));
    if (r->fact.values[ROLE_SUPPLIER])
        printf("  %s", text_show(value_of(r, ROLE_SUPPLIER)));
    if (r->fact.values[ROLE_TOTAL])
        printf("  %s %s", text_show(value_of(r, ROLE_TOTAL)),
               text_show(value_of(r, ROLE_CURRENCY)));
    printf("  %s\n", review_state_names[r->state]);
    review_tell(r, "  ");
    for (size_t i = 0; i < r->corrections.count; i++) {
        const struct correction *c = &r->corrections.items[i];
        static const char *const signs[] = {"", "", "+", "-"};
        printf("  corrected %s%s: \"%s\", Mindee read \"%s\" (%s)\n", signs[c->kind],
               text_show(c->path), text_show(c->value), text_show(c->was), text_show(c->actor));
    }
    if (r->action)
        printf("  %s%s by %s, %s%s%s\n", r->reopened ? "open again: was " : "", r->action,
               text_show(r->actor), r->at, *r->note ? ": " : "", text_show(r->note));
}

/* --- for programs --- */

static void add_text(cJSON *o, const char *name, const char *text)
{
    cJSON_AddStringToObject(o, name, text);
}

static cJSON *reason_object(const struct reason *one)
{
    cJSON *o = cJSON_CreateObject();
    add_text(o, "code", check_code_name(one->code));
    add_text(o, "severity", severity_name(one->severity));
    add_text(o, "field", one->field);
    add_text(o, "text", one->text);
    if (*one->difference)
        add_text(o, "difference", one->difference);
    if (*one->of)
        add_text(o, "of", one->of);
    if (one->fresh)
        cJSON_AddTrueToObject(o, "new");
    return o;
}

static void add_corrections(cJSON *o, const struct corrections *list)
{
    cJSON *corrections = list->count ? cJSON_AddArrayToObject(o, "corrections") : NULL;
    static const char *const kinds[] = {"set", "clear", "add", "remove"};
    for (size_t i = 0; i < list->count; i++) {
        const struct correction *c = &list->items[i];
        cJSON *one = cJSON_CreateObject();
        add_text(one, "path", c->path);
        add_text(one, "kind", kinds[c->kind]);
        add_text(one, "value", c->value);
        add_text(one, "was", c->was);
        add_text(one, "by", c->actor);
        add_text(one, "at", c->at);
        cJSON_AddItemToArray(corrections, one);
    }
}

static void add_object(struct showing *k)
{
    const struct review_record *r = &k->record;
    cJSON *o = cJSON_CreateObject();
    add_text(o, "record", r->fact.key);
    add_text(o, "file", buffer_text(&k->file));
    add_text(o, "status", review_state_names[r->state]);
    add_text(o, "version", r->version);
    cJSON *reasons = cJSON_AddArrayToObject(o, "reasons");
    for (size_t i = 0; i < r->reasons.count; i++)
        cJSON_AddItemToArray(reasons, reason_object(&r->reasons.items[i]));
    if (r->action) {
        cJSON *decision = cJSON_AddObjectToObject(o, "decision");
        add_text(decision, "action", r->action);
        add_text(decision, "by", r->actor);
        add_text(decision, "at", r->at);
        add_text(decision, "note", r->note);
    }
    add_corrections(o, &r->corrections);
    cJSON_AddItemToArray(k->list, o);
}

/* --- as a sheet --- */

static const char *const sheet[] = {"record",   "file",     "supplier", "number",  "date",
                                    "total",    "currency", "status",   "reasons", "version",
                                    "decision", "field",    "value",    "note"};
enum { SHEET_COLUMNS = sizeof sheet / sizeof *sheet };

static void add_row(struct showing *k)
{
    const struct review_record *r = &k->record;
    struct buffer reasons;
    buffer_init(&reasons, 0);
    for (size_t i = 0; i < r->reasons.count; i++)
        buffer_printf(&reasons, "%s%s %s: %s", i ? "\n" : "",
                      check_code_name(r->reasons.items[i].code), r->reasons.items[i].field,
                      r->reasons.items[i].text);
    const char *const cells[] = {r->fact.key,
                                 buffer_text(&k->file),
                                 value_of(r, ROLE_SUPPLIER),
                                 value_of(r, ROLE_NUMBER),
                                 value_of(r, ROLE_DATE),
                                 value_of(r, ROLE_TOTAL),
                                 value_of(r, ROLE_CURRENCY),
                                 review_state_names[r->state],
                                 buffer_text(&reasons),
                                 r->version};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        csv_text(&k->csv, cells[i], strlen(cells[i]));
    for (size_t i = sizeof cells / sizeof *cells; i < SHEET_COLUMNS; i++)
        csv_text(&k->csv, "", 0);
    csv_end_row(&k->csv);
    buffer_release(&reasons);
}

static int to_stdout(void *to, const void *data, size_t len, struct error *e)
{
    (void)to;
    return fwrite(data, 1, len, stdout) == len ? 0
                                               : error_set(e, ERR_IO, "write to standard output");
}

/* --- all of them --- */

static int show_one(struct showing *k, int64_t id)
{
    struct review *r = k->work->review;
    int n = review_get(r, id, &k->record);
    if (n != 1)
        return n;
    k->looked_at++;
    k->open += k->record.state == REVIEW_OPEN;
    if (!is_shown(k))
        return 0;
    buffer_clear(&k->file);
    int err = review_look(r, &k->record, &k->file);
    if (err == ERR_NOT_FOUND) /* its result was taken back since */
        return 0;
    if (err)
        return err;
    if (k->asked->json)
        add_object(k);
    else if (k->asked->csv)
        add_row(k);
    else
        print_record(k);
    k->shown++;
    return 0;
}

static int choose(struct showing *k, char *const *paths, size_t count, struct fact_ids *ids)
{
    *ids = (struct fact_ids){0};
    int code = 0;
    if (count == 0 && review_list(k->work->review, k->asked->all, ids) < 0)
        code = complain(exit_code_of(review_error(k->work->review)), "%s",
                        review_error(k->work->review)->text);
    for (size_t i = 0; !code && i < count; i++)
        code = review_records_meant(k->work, paths[i], ids);
    return code;
}

static void begin(struct showing *k)
{
    const struct csv_choices rfc = {.profile = CSV_RFC4180};
    const struct csv_profile profile = csv_profile_of(&rfc);
    buffer_init(&k->file, 0);
    if (k->asked->json)
        k->list = cJSON_CreateArray();
    if (k->asked->csv) {
        csv_begin(&k->csv, &profile, 0, to_stdout, NULL);
        csv_row(&k->csv, sheet, SHEET_COLUMNS);
    }
}

static void end_json(struct showing *k)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddItemToObject(root, "records", k->list);
    char *text = cJSON_Print(root);
    REQUIRE(text != NULL);
    puts(text);
    free(text);
    cJSON_Delete(root);
}

/* Once, beside the list: on standard error, where it is in nobody's way. */
static void tell_unasked(void *ctx, const char *product, const char *model_id)
{
    (void)ctx;
    complain(0,
             "no reading is told to be unsure of %s, model %s: confidence wasn't asked for "
             "(request.confidence = true)",
             product, *model_id ? text_show(model_id) : "unknown");
}

static void say_unasked(const struct showing *k)
{
    const struct check_options *checks = &k->work->checks;
    bool wanted = checks->severities[CHECK_CONFIDENCE] != SEVERITY_OFF;
    if (wanted && review_without_confidence(k->work->review, tell_unasked, NULL) < 0)
        complain(0, "%s", review_error(k->work->review)->text);
}

static int end(struct showing *k, int code)
{
    struct error e;
    char open[UNITS_TEXT_MAX];
    if (k->asked->json)
        end_json(k);
    else if (k->asked->csv && csv_flush(&k->csv, &e) < 0)
        code = complain(exit_code_of(&e), "%s", e.text);
    else if (!k->asked->csv && !code)
        printf("%s%s to review\n", k->shown ? "\n" : "", count_format(k->open, open));
    csv_release(&k->csv);
    buffer_release(&k->file);
    review_record_release(&k->record);
    return code ? code : k->open ? EXIT_SOME_FAILED : EXIT_ALL_STORED;
}

int review_show(struct review_work *w, const struct review_asked *asked, char *const *paths,
                size_t count)
{
    struct showing k = {.work = w, .asked = asked};
    struct fact_ids ids = {0};
    if (asked->json && asked->csv)
        return complain(EXIT_USAGE, "--json or --csv");
    int code = read_codes(&k);
    if (!code)
        code = choose(&k, paths, count, &ids);
    if (!code) {
        begin(&k);
        for (size_t i = 0; !code && i < ids.count; i++)
            if (show_one(&k, ids.ids[i]) < 0)
                code = complain(exit_code_of(review_error(w->review)), "%s",
                                review_error(w->review)->text);
        code = end(&k, code);
        if (count == 0)
            say_unasked(&k);
    }
    fact_ids_release(&ids);
    return code;
}
