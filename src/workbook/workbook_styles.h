/* workbook_styles.h - how cells of a workbook look: the formats that its sheets share. */
#ifndef MB_WORKBOOK_WORKBOOK_STYLES_H
#define MB_WORKBOOK_WORKBOOK_STYLES_H

#include "base/require.h"

#include <xlsxwriter.h>

enum workbook_style {
    /* of tables */
    STYLE_TEXT,
    STYLE_WRAPPED, /* a text of several lines */
    STYLE_LINK,
    STYLE_LONG_NUMBER, /* a number with more digits than Excel holds: text, at the right */
    STYLE_DATE,
    STYLE_BOOLEAN,
    STYLE_HEADER,
    STYLE_HEADER_RIGHT,
    /* of Summary and About */
    STYLE_TITLE,
    STYLE_SUBTITLE,
    STYLE_VERDICT_GOOD,
    STYLE_VERDICT_OPEN,
    STYLE_SECTION,
    STYLE_LABEL,
    STYLE_COUNT,
    STYLE_NOTE,
    STYLE_SUM_LABEL,
    STYLE_SUM_COUNT,
    STYLE_SUM_NOTE,
    STYLE_MONTH,
    STYLE_YEAR,
    STYLE_NAME,
    STYLE_VALUE,
    STYLES,
};

enum { NUMBER_DECIMALS_MOST = 10, AMOUNT_DECIMALS_MOST = 4 };

struct workbook_styles {
    lxw_format *of[STYLES];
    lxw_format *number[NUMBER_DECIMALS_MOST + 1]; /* by decimals */
    lxw_format *amount[AMOUNT_DECIMALS_MOST + 1]; /* grouped, red below zero */
};

/* Makes them all in WB, on PAPER; 0: each on its own. ERR_MEMORY. */
MUST_CHECK int workbook_styles_make(struct workbook_styles *s, lxw_workbook *wb, unsigned paper);

#endif
