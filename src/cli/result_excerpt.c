/* See result_excerpt.h. */
#include "cli/result_excerpt.h"
#include "base/text.h"
#include "ledger/document_ledger.h"
#include "ledger/file_names.h"
#include "ledger/listing.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

struct first_result {
    int64_t document_id; /* 0: none */
    struct buffer name;
};

static int find_first(void *ctx, const struct ledger_listing *row)
{
    struct first_result *first = ctx;
    if (row->state != DOC_STORED || !row->projected)
        return 0;
    first->document_id = row->document_id;
    buffer_put(&first->name, row->name);
    return 1;
}

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void put_fields(const struct buffer *payload, struct buffer *out)
{
    static const char *const names[] = {"supplier_name", "invoice_number", "date", "total_amount"};
    cJSON *json = cJSON_ParseWithLength(payload->data, payload->len);
    const cJSON *fields = member(member(member(json, "inference"), "result"), "fields");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = cJSON_PrintUnformatted(member(member(fields, names[i]), "value"));
        buffer_printf(out, "  %-16s %s\n", names[i], text ? text_show(text) : "-");
        free(text);
    }
    cJSON_Delete(json);
}

int result_excerpt(struct ledger *l, const char *output, struct buffer *out)
{
    struct first_result first = {0};
    struct buffer file, payload;
    buffer_init(&first.name, 0);
    buffer_init(&file, 0);
    buffer_init(&payload, 0);
    int rc = ledger_list(l, false, find_first, &first);
    if (rc >= 0 && first.document_id)
        rc = ledger_result_get(l, first.document_id, &payload);
    if (rc >= 0 && first.document_id) {
        ledger_result_file(l, buffer_text(&first.name), &file);
        buffer_printf(out, "one of them, %s/results/", text_show(output));
        buffer_printf(out, "%s:\n", text_show(buffer_text(&file)));
        put_fields(&payload, out);
    }
    buffer_release(&payload);
    buffer_release(&file);
    buffer_release(&first.name);
    return rc < 0 ? rc : 0;
}
