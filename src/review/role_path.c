/* See role_path.h. A path without brackets is looked for among the record's own columns first, then as a list's
 * name and a column of it, the longest name first. */
#include "review/role_path.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

static int refuse(struct error *e, const char *text, const char *why)
{
    return error_set(e, ERR_USAGE, "%s %s", text_show(text), why);
}

/* LEN bytes of FROM, which is shorter than ROLE_PATH_MAX. */
static void take(char out[ROLE_PATH_MAX], const char *from, size_t len)
{
    memcpy(out, from, len);
    out[len] = '\0';
}

/* What stands between the brackets: nothing, or a column, ~ or =, and a word. */
static int parse_condition(struct role_path *p, const char *from, size_t len, struct error *e)
{
    size_t name = strcspn(from, "~=");
    if (len == 0)
        return 0;
    if (name == 0 || name + 1 >= len)
        return refuse(e, p->text,
                      "has no condition like [type~VAT] or [type=VAT] between its brackets");
    take(p->condition, from, name);
    take(p->word, from + name + 1, len - name - 1);
    p->contains = from[name] == '~';
    return 0;
}

int role_path_parse(struct role_path *p, const char *text, struct error *e)
{
    *p = (struct role_path){0};
    if (!*text || !text_copy(p->text, sizeof p->text, text))
        return refuse(e, text, "is no path of a field: empty, or too long");
    const char *open = strchr(p->text, '['), *close = open ? strchr(open, ']') : NULL;
    if (!open) {
        text_copy(p->column, sizeof p->column, text);
        return 0;
    }
    if (open == p->text || !close || close[1] != '.' || !close[2])
        return refuse(e, p->text, "isn't like list[type~VAT].column");
    take(p->list, p->text, (size_t)(open - p->text));
    text_copy(p->column, sizeof p->column, close + 2);
    return parse_condition(p, open + 1, (size_t)(close - open - 1), e);
}

static bool find_column(const struct columns *c, uint32_t table, const char *name, uint32_t *out)
{
    for (size_t i = 0; i < columns_count(c); i++) {
        const struct column *known = columns_get(c, i);
        if (known->table == table && strcmp(known->name, name) == 0) {
            *out = (uint32_t)i;
            return true;
        }
    }
    return false;
}

/* The longest table whose name begins NAME, and is followed by a dot and one of its columns. */
static struct role_column find_in_lists(const struct columns *c, const char *name)
{
    struct role_column best = {0};
    size_t longest = 0;
    for (uint32_t t = 1; t < columns_table_count(c); t++) {
        const char *list = columns_table(c, t)->name;
        size_t len = strlen(list);
        struct role_column found = {.table = t};
        if (len > longest && strncmp(list, name, len) == 0 && name[len] == '.' &&
            find_column(c, t, name + len + 1, &found.column)) {
            best = found;
            best.found = true;
            longest = len;
        }
    }
    return best;
}

struct role_column role_path_find_in(const struct role_path *p, const struct columns *c,
                                     uint32_t table)
{
    struct role_column found = {.table = table};
    found.found = find_column(c, table, p->column, &found.column);
    if (found.found && *p->condition) {
        found.conditional = true;
        found.found = find_column(c, table, p->condition, &found.condition);
    }
    return found;
}

struct role_column role_path_find(const struct role_path *p, const struct columns *c)
{
    struct role_column none = {0};
    if (!*p->list) {
        struct role_column found = role_path_find_in(p, c, 0);
        return found.found ? found : find_in_lists(c, p->column);
    }
    for (uint32_t t = 1; t < columns_table_count(c); t++)
        if (strcmp(columns_table(c, t)->name, p->list) == 0)
            return role_path_find_in(p, c, t);
    return none;
}

bool role_path_meets(const struct role_path *p, const struct cell *value)
{
    size_t len = strlen(p->word);
    if (!value->text || value->len < len)
        return false;
    if (!p->contains)
        return value->len == len && strncasecmp(value->text, p->word, len) == 0;
    for (size_t i = 0; i + len <= value->len; i++)
        if (strncasecmp(value->text + i, p->word, len) == 0)
            return true;
    return false;
}
