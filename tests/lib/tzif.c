/* See tzif.h. */
#include "tzif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct buffer *b, uint64_t value, int bytes)
{
    while (bytes--) {
        uint8_t byte = (uint8_t)(bytes < 8 ? value >> (8 * bytes) : 0);
        REQUIRE(buffer_append(b, &byte, 1) == 0);
    }
}

static void write_block(const struct tzif *t, struct buffer *out, int width)
{
    char reserved[15] = {0};
    REQUIRE(buffer_append(out, "TZif", 4) == 0);
    REQUIRE(buffer_append(out, &t->version, 1) == 0);
    REQUIRE(buffer_append(out, reserved, sizeof reserved) == 0);
    put(out, 0, 4);
    put(out, 0, 4);
    put(out, t->leaps, 4);
    put(out, t->change_count, 4);
    put(out, t->type_count, 4);
    put(out, 4, 4);
    for (unsigned i = 0; i < t->change_count; i++)
        put(out, (uint64_t)t->changes[i].at, width);
    for (unsigned i = 0; i < t->change_count; i++)
        put(out, (uint64_t)t->changes[i].type, 1);
    for (unsigned i = 0; i < t->type_count; i++) {
        put(out, (uint32_t)t->types[i], 4);
        put(out, 0, 2);
    }
    REQUIRE(buffer_append(out, "LMT", 4) == 0);
    for (unsigned i = 0; i < t->leaps; i++)
        put(out, 0, width + 4);
}

void tzif_write(const struct tzif *t, struct buffer *out)
{
    write_block(t, out, 4);
    if (t->version == '\0')
        return;
    write_block(t, out, 8);
    buffer_printf(out, "\n%s\n", t->footer);
}

bool tzif_read_system(const char *name, struct zone *z)
{
    char path[256], bytes[8192];
    struct error e;
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    REQUIRE(len > 0 && len < sizeof bytes);
    REQUIRE(zone_parse(z, bytes, len, &e) == 0);
    return true;
}
