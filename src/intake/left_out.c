/* See left_out.h. */
#include "intake/left_out.h"

#include "base/require.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

bool left_out_shows_more(const struct left_out *o)
{
    return o->shown_count < LEFT_OUT_SHOWN;
}

void left_out_add(struct left_out *o, enum left_out_why why, char *path)
{
    o->by[why]++;
    if (!path || !left_out_shows_more(o)) {
        free(path);
        return;
    }
    o->shown[o->shown_count].path = path;
    o->shown[o->shown_count++].why = why;
}

void left_out_merge(struct left_out *o, const struct left_out *more)
{
    for (size_t i = 0; i < LEFT_OUT_WHYS; i++)
        o->by[i] += more->by[i];
    for (size_t i = 0; i < more->shown_count && left_out_shows_more(o); i++) {
        o->shown[o->shown_count].path = xstrdup(more->shown[i].path);
        o->shown[o->shown_count++].why = more->shown[i].why;
    }
}

int64_t left_out_total(const struct left_out *o)
{
    int64_t total = 0;
    for (size_t i = 0; i < LEFT_OUT_WHYS; i++)
        total += o->by[i];
    return total;
}

const char *left_out_why_text(enum left_out_why why)
{
    static const char *const words[] = {
        [LEFT_OUT_EXCLUDED] = "input.exclude",
        [LEFT_OUT_NOT_INCLUDED] = "not in input.include",
        [LEFT_OUT_LINK] = "a symbolic link, input.follow_symlinks = no",
        [LEFT_OUT_BELOW] = "a directory, input.recursive = no",
    };
    _Static_assert(sizeof words / sizeof *words == LEFT_OUT_WHYS, "words for each");
    return words[why];
}

void left_out_release(struct left_out *o)
{
    for (size_t i = 0; i < o->shown_count; i++)
        free(o->shown[i].path);
    *o = (struct left_out){0};
}
