/* report_options.h - what a report is of, and where it goes. */
#ifndef MB_REPORT_REPORT_OPTIONS_H
#define MB_REPORT_REPORT_OPTIONS_H

#include "base/credits.h"
#include "calendar/zone.h"
#include "review/facts.h"

struct report_options {
    const char *output;         /* the output directory */
    const char *directory;      /* where the page goes: its links begin there. NULL: OUTPUT */
    const char *batch, *period; /* NULL: none */
    const struct zone *zone;
    const char *zone_name;              /* "Europe/Paris" */
    const char *configuration;          /* SHA-256 of it in hex */
    struct credits price;               /* of a page, of what was never sent */
    uint32_t uploads_per_minute;        /* the limit; 0: none */
    struct roles *roles;                /* used with this report alone */
    const struct facts_options *review; /* NULL: nobody is to look at the records */
};

#endif
