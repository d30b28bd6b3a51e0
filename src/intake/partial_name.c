/* What programs call a file while they are still writing it, or beside one that they have open.
 * Browsers: .crdownload, .part, .partial, .download, .opdownload; file transfer: .filepart
 * (WinSCP),
 * .!ut and the like, .tmp, .temp, .uploading, .upload, .inprogress, .writing, .incomplete; rsync
 * and most programs that write carefully: a dot in front; LibreOffice: .~lock.NAME#; Microsoft
 * Office:
 * ~$NAME; editors: .swp, .swx, and ~ behind; syncing: .tmp again, .syncthing.NAME.tmp. Whatever the
 * case of the letters. */
#include "intake/intake.h"

#include <string.h>

static const char *const fronts[] = {".", "~$", "~wr", NULL};
static const char *const ends[] = {
    ".part",     ".partial", ".tmp",       ".temp",       ".crdownload", ".download", ".opdownload",
    ".filepart", ".upload",  ".uploading", ".inprogress", ".incomplete", ".writing",  ".lock",
    ".swp",      ".swx",     ".!ut",       ".aria2",      ".~tmp",       "~",         NULL};

bool intake_name_is_partial(const char *name)
{
    size_t len = strlen(name);
    for (const char *const *f = fronts; *f; f++)
        if (strncasecmp(name, *f, strlen(*f)) == 0)
            return true;
    for (const char *const *e = ends; *e; e++) {
        size_t n = strlen(*e);
        if (len >= n && strcasecmp(name + len - n, *e) == 0)
            return true;
    }
    return false;
}
