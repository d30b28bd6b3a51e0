/* See columns_roles.h. Settings of one model are told together: other options of a request change no field. */
#include "cli/columns_roles.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/fields_check.h"
#include "cli/review_setup.h"
#include "ledger/sent_settings.h"
#include "review/check_needs.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROLE_WIDTH = 15, FIELD_WIDTH = 41 };

struct model {
    char *product, *id;
    struct columns *columns;
};

struct showing {
    const struct config *config;
    struct roles *roles;
    struct check_options checks;
    struct model *models;
    size_t count;
    cJSON *list; /* of models; NULL: for people */
};

static void take_names(void *ctx, const struct ledger_settings *s)
{
    struct model *m = ctx;
    m->product = xstrdup(s->product);
    m->id = xstrdup(s->model_id ? s->model_id : "");
}

/* The model of the settings ID; made where it is new. NULL: an error of the ledger's. */
static struct model *model_of(struct showing *k, struct ledger *l, int64_t id)
{
    struct model one = {0};
    if (ledger_settings_get(l, id, take_names, &one) < 0)
        return NULL;
    for (size_t i = 0; i < k->count; i++)
        if (strcmp(k->models[i].product, one.product) == 0 &&
            strcmp(k->models[i].id, one.id) == 0) {
            free(one.product);
            free(one.id);
            return &k->models[i];
        }
    k->models = realloc(k->models, (k->count + 1) * sizeof *k->models);
    REQUIRE(k->models != NULL);
    one.columns = columns_new();
    k->models[k->count] = one;
    return &k->models[k->count++];
}

static int read_models(struct showing *k, struct ledger *l, struct catalogue *c, struct error *e)
{
    for (int64_t id = catalogue_next(c, 0); id; id = catalogue_next(c, id)) {
        struct model *m = model_of(k, l, id);
        if (!m) {
            *e = *ledger_error(l);
            return e->code;
        }
        int err = columns_join(m->columns, catalogue_columns(c, id));
        if (err)
            return error_set(e, err, "the results have more columns than can be kept");
    }
    return 0;
}

/* --- roles --- */

static void show_field(struct showing *k, enum role role, const struct role_field *f, bool first,
                       cJSON *fields)
{
    char count[UNITS_TEXT_MAX] = "", name[FIELD_WIDTH * 4];
    const char *from = field_is_set(k->config, role) ? "[fields]" : "default";
    if (fields) {
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "field", f->path);
        if (f->filled >= 0)
            cJSON_AddNumberToObject(o, f->of_rows ? "rows" : "records", (double)f->filled);
        cJSON_AddStringToObject(o, "from", from);
        cJSON_AddItemToArray(fields, o);
        return;
    }
    snprintf(name, sizeof name, "%s", text_show(f->path));
    if (f->filled >= 0)
        count_format(f->filled, count);
    printf("  %-*s %-*s %9s %-4s  %s\n", ROLE_WIDTH, first ? role_name(role) : "", FIELD_WIDTH,
           name, count,
           f->filled < 0 ? ""
           : f->of_rows  ? "rows"
                         : "",
           from);
}

static void show_role(struct showing *k, const struct model *m, enum role role, bool *has,
                      cJSON *roles)
{
    struct role_field f;
    cJSON *fields = NULL;
    *has = false;
    if (roles) {
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "role", role_name(role));
        fields = cJSON_AddArrayToObject(o, "fields");
        cJSON_AddItemToArray(roles, o);
    }
    for (size_t i = 0; roles_look(k->roles, role, i, m->columns, &f); i++) {
        if (!f.found)
            continue;
        show_field(k, role, &f, !*has, fields);
        *has = true;
    }
    if (!*has && !roles)
        printf("  %-*s -\n", ROLE_WIDTH, role_name(role));
}

/* --- checks --- */

static const char *why_off(const struct showing *k, enum check_code code, const bool *has,
                           char out[80])
{
    const bool always =
        code == CHECK_REQUIRED_MISSING || code == CHECK_CONFIDENCE || code >= CHECK_DUPLICATE_BYTES;
    enum role lacks = check_lacks(code, has);
    if (k->checks.severities[code] == SEVERITY_OFF)
        return "checks.off";
    if (!k->checks.enabled && !always)
        return "checks.enabled = no";
    if (lacks == ROLE_COUNT)
        return NULL;
    snprintf(out, 80, "there is no %s", role_name(lacks));
    return out;
}

static void show_checks(const struct showing *k, const bool *has, cJSON *checks)
{
    char words[80];
    for (enum check_code c = 0; c < CHECK_COUNT; c++) {
        const char *off = why_off(k, c, has, words);
        const char *severity = severity_name(k->checks.severities[c]);
        if (!checks) {
            printf("  %-22s %s%s\n", check_code_name(c), off ? "off: " : severity, off ? off : "");
            continue;
        }
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "code", check_code_name(c));
        cJSON_AddBoolToObject(o, "on", !off);
        cJSON_AddStringToObject(o, "severity", severity);
        if (off)
            cJSON_AddStringToObject(o, "why", off);
        cJSON_AddItemToArray(checks, o);
    }
}

static void show_model(struct showing *k, const struct model *m, bool first)
{
    bool has[ROLE_COUNT];
    cJSON *o = NULL, *roles = NULL, *checks = NULL;
    if (k->list) {
        o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "product", m->product);
        cJSON_AddStringToObject(o, "model", m->id);
        roles = cJSON_AddArrayToObject(o, "roles");
        checks = cJSON_AddArrayToObject(o, "checks");
        cJSON_AddItemToArray(k->list, o);
    } else {
        printf("%s%s, model %s\n  %-*s %-*s %9s\n", first ? "" : "\n", m->product,
               *m->id ? text_show(m->id) : "unknown", ROLE_WIDTH, "role", FIELD_WIDTH, "field",
               "filled in");
    }
    for (enum role role = 0; role < ROLE_COUNT; role++)
        show_role(k, m, role, &has[role], roles);
    if (!k->list)
        printf("\n");
    show_checks(k, has, checks);
}

static void show_all(struct showing *k, bool json)
{
    cJSON *root = json ? cJSON_CreateObject() : NULL;
    if (json)
        k->list = cJSON_AddArrayToObject(root, "models");
    for (size_t i = 0; i < k->count; i++)
        show_model(k, &k->models[i], i == 0);
    if (json) {
        char *text = cJSON_Print(root);
        REQUIRE(text != NULL);
        puts(text);
        free(text);
        cJSON_Delete(root);
    } else if (k->count == 0) {
        printf("no result is stored yet\n");
    }
}

int columns_roles_print(const struct config *c, struct ledger *l, struct catalogue *catalogue,
                        bool json, struct error *e)
{
    struct showing k = {.config = c, .roles = roles_new()};
    int err = review_setup_roles(k.roles, config_settings(c), e);
    if (!err)
        err = review_setup_checks(&k.checks, config_settings(c), e);
    if (!err)
        err = read_models(&k, l, catalogue, e);
    if (!err)
        show_all(&k, json);
    for (size_t i = 0; i < k.count; i++) {
        free(k.models[i].product);
        free(k.models[i].id);
        columns_free(k.models[i].columns);
    }
    free(k.models);
    roles_free(k.roles);
    return err;
}
