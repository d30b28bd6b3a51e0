/* The table: see command_flags.h. The order is that of --help. */
#include "cli/command_flags.h"
#include "cli/command.h"

const struct command_flag_words command_flags[] = {
    {FLAG_FAILED, "failed", NULL, "all that Mindee couldn't read or refused"},
    {FLAG_IN_DOUBT, "in-doubt", NULL, "all that may have been sent (and may be paid twice)"},
    {FLAG_LOST, "lost", NULL, "all whose result was gone before it came"},
    {FLAG_REJECTED, "rejected", NULL, "all that couldn't be sent: look at the files again"},
    {FLAG_PERIOD, "period", "P", "what belongs to that period (2026-11) alone"},
    {FLAG_JSON, "json", NULL, "for programs"},
    {FLAG_REPAIR, "repair", NULL, "write result files again that are missing or differ"},
    {FLAG_ALL, "all", NULL, "every file that was at a PATH, not only the one there now"},
    {FLAG_NOTE, "note", "TEXT", "why, for the history that `explain` tells"},
    {FLAG_YES, "yes", NULL, "it was put back, or copied"},
    {FLAG_NEXT, "next", "N", "so many runs (12)"},
    {FLAG_FROM, "from", "DATE", "from that day's beginning (2026-12-01), not from now"},
    {FLAG_BATCH, "batch", "NAME", "the file's section [batch.NAME] alone"},
};
const size_t command_flag_count = sizeof command_flags / sizeof *command_flags;
