/* left_out.h - what a walk leaves out for the user's own options, counted by option: a directory
 * counts as one, whatever is in it. The first ones are kept by their path.
 *
 *   struct left_out out = {0};
 *   left_out_add(&out, LEFT_OUT_EXCLUDED, path);   PATH is owned by OUT from now on
 *   left_out_total(&out)
 *   left_out_release(&out);
 *
 * What is passed over for another reason isn't in it: the output directory, where documents are
 * moved to, what is walked by another path. */
#ifndef MB_INTAKE_LEFT_OUT_H
#define MB_INTAKE_LEFT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum left_out_why {
    LEFT_OUT_EXCLUDED,
    LEFT_OUT_NOT_INCLUDED,
    LEFT_OUT_LINK,
    LEFT_OUT_BELOW, /* a directory, and input.recursive is off */
    LEFT_OUT_WHYS,
};
enum { LEFT_OUT_SHOWN = 20 };

struct left_out {
    int64_t by[LEFT_OUT_WHYS];
    struct {
        char *path; /* owned */
        enum left_out_why why;
    } shown[LEFT_OUT_SHOWN];
    size_t shown_count;
};

/* Whether the next one's path is wanted. */
bool left_out_shows_more(const struct left_out *o);
/* PATH, which may be NULL, is taken over. */
void left_out_add(struct left_out *o, enum left_out_why why, char *path);
/* MORE is left as it is. */
void left_out_merge(struct left_out *o, const struct left_out *more);
int64_t left_out_total(const struct left_out *o);
/* The option that did it: "input.exclude". */
const char *left_out_why_text(enum left_out_why why);
void left_out_release(struct left_out *o);

#endif
