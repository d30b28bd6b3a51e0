/* mindee-batch columns: the tables and columns that an export of this ledger has, and what is in them. */
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "cli/columns_roles.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "export/export_own_tables.h"
#include "ledger/handovers.h"
#include "tables/all_columns.h"
#include "tables/layout.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct columns_asked {
    bool json, roles;
    struct command_list tables;
};

enum { NAME_WIDTH = 36 };

static const char *const kind_names[] = {
    [COLUMN_TEXT] = "text",
    [COLUMN_NUMBER] = "number",
    [COLUMN_DATE] = "date",
    [COLUMN_BOOLEAN] = "yes/no",
};

/* What was seen of column NAME of TABLE; NULL of one of ours. */
static const struct column *facts_of(struct columns *all, const char *table,
                                     const struct layout_column *c)
{
    uint32_t t = 0, column = 0;
    if (c->own)
        return NULL;
    while (t < columns_table_count(all) && strcmp(columns_table(all, t)->name, table) != 0)
        t++;
    return t < columns_table_count(all) && columns_put(all, t, c->name, &column) == 0
               ? columns_get(all, column)
               : NULL;
}

static void print_column(const struct layout_column *c, const struct column *facts)
{
    char filled[UNITS_TEXT_MAX];
    const char *example = facts ? text_show(facts->example) : "";
    printf("  %-*s %-6s", NAME_WIDTH, text_show(c->name), kind_names[c->kind]);
    if (facts)
        printf(" %8s%s%s", count_format(facts->filled, filled), *example ? "  " : "", example);
    printf("\n");
}

static void print_text(const struct layout *layout, struct columns *all)
{
    for (size_t t = 0; t < layout->table_count; t++) {
        const struct layout_table *table = &layout->tables[t];
        printf("%s%s\n", t ? "\n" : "", text_show(table->name));
        for (size_t i = 0; i < table->column_count; i++)
            print_column(&table->columns[i], facts_of(all, table->name, &table->columns[i]));
    }
}

static cJSON *column_object(const struct layout_column *c, const struct column *facts)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", c->name);
    cJSON_AddStringToObject(o, "kind", kind_names[c->kind]);
    cJSON_AddBoolToObject(o, "own", c->own);
    if (facts) {
        cJSON_AddNumberToObject(o, "filled", (double)facts->filled);
        cJSON_AddStringToObject(o, "example", facts->example);
    }
    return o;
}

static void print_json(const struct layout *layout, struct columns *all)
{
    cJSON *root = cJSON_CreateObject(), *tables = cJSON_AddArrayToObject(root, "tables");
    for (size_t t = 0; t < layout->table_count; t++) {
        const struct layout_table *table = &layout->tables[t];
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "table", table->name);
        cJSON *columns = cJSON_AddArrayToObject(o, "columns");
        for (size_t i = 0; i < table->column_count; i++)
            cJSON_AddItemToArray(
                columns,
                column_object(&table->columns[i], facts_of(all, table->name, &table->columns[i])));
        cJSON_AddItemToArray(tables, o);
    }
    char *text = cJSON_Print(root);
    REQUIRE(text != NULL);
    puts(text);
    free(text);
    cJSON_Delete(root);
}

/* Those of the results, then the program's own. */
static int print_columns(const struct columns_asked *asked, struct columns *all, struct error *e)
{
    struct layout_options options = {.lowest = true, .words = true};
    const char *names[COMMAND_LIST_MAX];
    struct layout *lists = NULL;
    struct export_own_choice choice;
    struct export_own_layout shown;
    options.tables = names;
    for (size_t i = 0; i < asked->tables.count; i++)
        if (!export_own_is_name(asked->tables.items[i]))
            names[options.table_count++] = asked->tables.items[i];
    int err = export_own_choose(&choice, asked->tables.items, asked->tables.count, e);
    if (!err && (options.table_count || !asked->tables.count))
        err = layout_new(&lists, all, &options, e);
    if (err)
        return err;
    export_own_append(&shown, lists, &choice, NULL);
    if (asked->json)
        print_json(&shown.layout, all);
    else
        print_text(&shown.layout, all);
    export_own_layout_release(&shown);
    layout_free(lists);
    return 0;
}

static int look(const struct command_line *cl, const struct batch_options *o, struct ledger *l,
                struct error *e)
{
    const struct columns_asked *asked = cl->own;
    struct catalogue *catalogue;
    struct columns *all = NULL;
    int64_t newest = 0;
    if (ledger_last_result(l, &newest) < 0) {
        *e = *ledger_error(l);
        return e->code;
    }
    int err = catalogue_open(&catalogue, l, o->output, o->access, e);
    if (!err)
        err = all_columns(catalogue, newest, &all, e);
    if (!err)
        err = asked->roles ? columns_roles_print(cl->config, l, catalogue, asked->json, e)
                           : print_columns(asked, all, e);
    columns_free(all);
    catalogue_close(catalogue);
    return err;
}

static int columns(const struct command_line *cl)
{
    struct batch_options o;
    struct error e;
    struct ledger *l;
    if (cl->path_count)
        return complain(EXIT_USAGE, "columns takes no PATH: columns are those of the whole ledger");
    batch_options_of_ledger(&o, cl->config);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    int code = 0;
    if (ledger_open(&l, &lo, &e) < 0) {
        code = e.code == ERR_NOT_FOUND ? complain_no_ledger(o.ledger, ENOENT)
                                       : complain(exit_code_of(&e), "%s", e.text);
    } else {
        if (look(cl, &o, l, &e) < 0)
            code = complain(exit_code_of(&e), "%s", e.text);
        ledger_close(l);
    }
    batch_options_release(&o);
    return code;
}

static const struct command_option options[] = {
    {"json", NULL, "for programs", offsetof(struct columns_asked, json)},
    {"roles", NULL, "which field is supplier, number, total...; which checks are on",
     offsetof(struct columns_asked, roles)},
    {"table", "T...", "this table alone", offsetof(struct columns_asked, tables)},
    {NULL, NULL, NULL, 0}};

const struct command columns_command = {
    .name = "columns",
    .arguments = "",
    .summary = "the tables and columns of an export",
    .help = "Each with what it holds, how many values the results had so far, and one of\n"
            "them. Columns that begin with _ are this program's own: which file, its pages,\n"
            "when. Columns stay from month to month; new ones come with new kinds of fields.\n",
    .example = "-s output.directory=out",
    .options = options,
    .own_size = sizeof(struct columns_asked),
    .by_batch = true,
    .each = true,
    .run = columns,
};
