/* left_out_notes.h - what an export had to leave out, in sentences: columns over a format's limit, texts
 * that were cut, rows for which there is no room.
 *
 *   struct left_out_notes notes = {0};
 *   sinks are made with &notes, and say in it what they leave out
 *   for i < notes.count: notes.text[i] is shown; notes.more: so many sentences had no room here
 *   notes.count > 0: the export exits with 1
 *
 * A sink says a thing once with its number ("3 texts ..."), at its end: no sentence a cell. */
#ifndef MB_TABLES_LEFT_OUT_NOTES_H
#define MB_TABLES_LEFT_OUT_NOTES_H

#include "base/require.h"

#include <stddef.h>
#include <stdint.h>

enum { LEFT_OUT_NOTES_MOST = 32, LEFT_OUT_NOTE_MAX = 320 /* bytes, with the NUL */ };

struct left_out_notes {
    char text[LEFT_OUT_NOTES_MOST][LEFT_OUT_NOTE_MAX];
    size_t count;
    int64_t more;
};

/* One sentence without a full stop; names in it through text_show (text.h). NOTES NULL: nobody asks. */
void left_out_note(struct left_out_notes *notes, const char *format, ...) PRINTF(2, 3);

#endif
