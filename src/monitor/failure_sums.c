/* See failure_sums.h. A code that finds no room is left out: there are few, and the first ones are the most. */
#include "monitor/failure_sums.h"

#include "base/text.h"

#include <string.h>

static struct failure_sum *find(struct failure_sums *s, const char *code)
{
    for (size_t i = 0; i < s->count; i++)
        if (strncmp(s->codes[i].code, code, FAILURE_CODE_MAX - 1) == 0)
            return &s->codes[i];
    if (s->count == FAILURE_CODES_MAX)
        return NULL;
    struct failure_sum *sum = &s->codes[s->count++];
    *sum = (struct failure_sum){0};
    text_copy(sum->code, sizeof sum->code, code);
    return sum;
}

int failure_sums_add(void *ctx, const struct ledger_document_line *line)
{
    struct failure_sums *s = ctx;
    struct failure_sum *sum = find(s, *line->code ? line->code : doc_state_names[line->state]);
    if (!sum)
        return 0;
    sum->count++;
    sum->document = line->id;
    text_copy(sum->path, sizeof sum->path, line->path);
    text_copy(sum->detail, sizeof sum->detail, line->detail);
    return 0;
}
