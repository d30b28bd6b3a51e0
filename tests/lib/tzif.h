/* tzif.h - time zones for tests: the system's, and made ones. */
#ifndef MB_TESTS_TZIF_H
#define MB_TESTS_TZIF_H

#include "base/buffer.h"
#include "calendar/zone.h"

struct tzif_change {
    int64_t at;
    int type;
};

/* What goes into a made file; it may contradict itself. */
struct tzif {
    char version; /* '\0': 32-bit times alone, and no footer */
    unsigned leaps;
    int32_t types[4]; /* offsets */
    unsigned type_count;
    struct tzif_change changes[8];
    unsigned change_count;
    const char *footer;
};
void tzif_write(const struct tzif *t, struct buffer *out);

/* The zone NAME of /usr/share/zoneinfo: false if the database isn't there. */
bool tzif_read_system(const char *name, struct zone *z);

#endif
