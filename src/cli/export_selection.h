/* export_selection.h - which results a command is about, of what its options say: a period, a time, PATHs. */
#ifndef MB_CLI_EXPORT_SELECTION_H
#define MB_CLI_EXPORT_SELECTION_H

#include "batch/options.h"
#include "calendar/zone.h"
#include "ledger/ledger.h"

struct export_selection {
    struct wall since;  /* 0: any */
    int64_t *documents; /* of the PATHs, ascending, each once; owned */
    size_t count, capacity;
};

/* 0, or the exit code after telling what is wrong: a period that never was, a time that can't be read, a
 * PATH that no run has come across. PERIOD and SINCE may be NULL. A date means its beginning in ZONE. */
MUST_CHECK int export_selection_read(struct export_selection *s, struct ledger *l,
                                     const struct batch_options *o, const char *period,
                                     const char *since, char *const *paths, size_t path_count,
                                     const struct zone *zone);
void export_selection_release(struct export_selection *s);
/* 0, or the exit code after telling that there is no PERIOD. */
MUST_CHECK int complain_unless_period(struct ledger *l, const struct batch_options *o,
                                      const char *period);

#endif
