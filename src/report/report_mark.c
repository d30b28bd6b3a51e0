/* See report_mark.h. */
#include "report/report_mark.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

void report_mark_make(const struct report_options *o, const struct buffer *state, const char *head,
                      char out[SHA256_HEX])
{
    struct buffer all;
    uint8_t digest[SHA256_BYTES];
    buffer_init(&all, 0);
    buffer_printf(&all, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%lld %u\n%s\n", MB_VERSION, o->output,
                  o->directory ? o->directory : "", o->batch ? o->batch : "",
                  o->period ? o->period : "", o->zone_name, o->configuration,
                  (long long)o->price.micro, (unsigned)o->uploads_per_minute, head);
    buffer_put(&all, buffer_text(state));
    sha256(all.data, all.len, digest);
    hex_encode(digest, sizeof digest, out);
    buffer_release(&all);
}

static void put_line(struct buffer *out, const char mark[SHA256_HEX])
{
    buffer_printf(out, "<!-- made of %s -->\n", mark);
}

void report_mark_put(struct buffer *page, const char mark[SHA256_HEX])
{
    put_line(page, mark);
}

bool report_mark_is_in(const char *path, const char mark[SHA256_HEX])
{
    struct buffer line;
    char end[SHA256_HEX + 40];
    bool same = false;
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    buffer_init(&line, 0);
    put_line(&line, mark);
    if (line.len <= sizeof end && fseek(f, -(long)line.len, SEEK_END) == 0)
        same = fread(end, 1, line.len, f) == line.len && memcmp(end, line.data, line.len) == 0;
    buffer_release(&line);
    fclose(f);
    return same;
}
