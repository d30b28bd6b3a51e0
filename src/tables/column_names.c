/* See column_names.h. */
#include "tables/column_names.h"

#include <string.h>

static bool is_escaped(unsigned char c, bool first)
{
    return c < 0x20 || c == 0x7f || c == '%' || c == '.' || c == '#' || (c == '_' && first);
}

int column_name_escape(struct buffer *out, const char *name, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t plain = 0;
    int r = 0;
    for (size_t i = 0; i < len && r == 0; i++) {
        unsigned char c = (unsigned char)name[i];
        if (!is_escaped(c, i == 0))
            continue;
        const char escape[] = {'%', hex[c >> 4], hex[c & 15]};
        r = buffer_append(out, name + plain, i - plain);
        if (r == 0)
            r = buffer_append(out, escape, sizeof escape);
        plain = i + 1;
    }
    return r < 0 ? r : buffer_append(out, name + plain, len - plain);
}

bool table_name_taken(const char *name)
{
    static const char *const own[] = {"documents", "splits", "crops", "classifications", "pages"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(name, own[i]) == 0)
            return true;
    return false;
}
