/* The reasons not to send a file: a code for programs, a sentence with the way out for people. */
#include "intake/intake.h"

static const struct {
    const char *code, *text;
} reasons[] = {
    [REJECT_NONE] = {"none", "Nothing is wrong with it."},
    [REJECT_UNREADABLE] = {"unreadable",
                           "The file can't be read: mend that or its permissions, and run again."},
    [REJECT_EMPTY] = {"empty", "The file has no bytes: put the document in its place (it may not "
                               "have been copied to its end), and run again."},
    [REJECT_TOO_LARGE] = {"too_large",
                          "The file is over Mindee's 100 MB: split it, or scan it at a "
                          "lower resolution."},
    [REJECT_TYPE] = {"type", "Mindee takes PDF, JPEG, PNG, WebP, TIFF, HEIC and HEIF: convert the "
                             "file to PDF, or leave it out with input.exclude."},
    [REJECT_ENCRYPTED] = {"encrypted",
                          "The PDF is encrypted, which Mindee refuses even if it opens "
                          "without a password: save it without protection."},
    [REJECT_SPECIAL] = {"special", "It is no regular file: leave it out with input.exclude."},
    [REJECT_CHANGED] = {"changed", "The file kept changing while it was read: run again when it is "
                                   "complete."},
    [REJECT_ANIMATED] = {"animated", "Mindee doesn't take animated PNGs: save it as a single "
                                     "picture."},
};
enum { REASONS = sizeof reasons / sizeof *reasons };

const char *reject_reason_code(enum reject_reason r)
{
    return (unsigned)r < REASONS ? reasons[r].code : "unknown";
}

const char *reject_reason_text(enum reject_reason r)
{
    return (unsigned)r < REASONS ? reasons[r].text : "Rejected for a reason this version lacks.";
}
