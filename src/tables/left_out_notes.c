/* See left_out_notes.h. A sentence that is too long is cut between characters; those after the last that
 * has room are counted alone. */
#include "tables/left_out_notes.h"

#include <stdarg.h>
#include <stdio.h>

void left_out_note(struct left_out_notes *notes, const char *format, ...)
{
    if (!notes)
        return;
    if (notes->count == LEFT_OUT_NOTES_MOST) {
        notes->more++;
        return;
    }
    char *text = notes->text[notes->count++];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(text, LEFT_OUT_NOTE_MAX, format, ap);
    va_end(ap);
    if (n < LEFT_OUT_NOTE_MAX)
        return;
    size_t cut = LEFT_OUT_NOTE_MAX - 4;
    while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80) /* not inside a character */
        cut--;
    snprintf(text + cut, LEFT_OUT_NOTE_MAX - cut, "...");
}
