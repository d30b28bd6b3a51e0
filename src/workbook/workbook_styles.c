/* See workbook_styles.h: a row a style. Formats are used up by nobody: the library writes those that a
 * cell has. */
#include "workbook/workbook_styles.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

enum look {
    LOOK_BOLD = 1,
    LOOK_WRAP = 2,
    LOOK_RIGHT = 4,
    LOOK_LEFT = 8,
    LOOK_MIDDLE = 16, /* of the row's height; else at its top */
    LOOK_LINE = 32,   /* below it */
    LOOK_OVER = 64,   /* a line above it, as over a sum */
    LOOK_UNDERLINE = 128,
    LOOK_CENTER = 256,
};

enum { INK = 0x1f3864, GREY = 0x595959, RULE = 0xbfbfbf, WHITE = 0xffffff, LINK_BLUE = 0x0563c1 };

static const struct {
    const char *number_format;
    double size; /* 0: as the rest */
    unsigned looks;
    unsigned ink, paper; /* 0: as the rest */
} rows[STYLES] = {
    [STYLE_TEXT] = {"@", 0, LOOK_LEFT, 0, 0},
    [STYLE_WRAPPED] = {"@", 0, LOOK_LEFT | LOOK_WRAP, 0, 0},
    [STYLE_LINK] = {"@", 0, LOOK_LEFT | LOOK_UNDERLINE, LINK_BLUE, 0},
    [STYLE_LONG_NUMBER] = {"@", 0, LOOK_RIGHT, 0, 0},
    [STYLE_DATE] = {"yyyy-mm-dd", 0, LOOK_LEFT, 0, 0},
    /* Excel's own words, for programs that would show 1 and 0. */
    [STYLE_BOOLEAN] = {"\"TRUE\";\"TRUE\";\"FALSE\"", 0, LOOK_CENTER, 0, 0},
    [STYLE_HEADER] = {"@", 0, LOOK_BOLD | LOOK_WRAP | LOOK_MIDDLE | LOOK_LEFT, WHITE, INK},
    [STYLE_HEADER_RIGHT] = {"@", 0, LOOK_BOLD | LOOK_WRAP | LOOK_MIDDLE | LOOK_RIGHT, WHITE, INK},
    [STYLE_TITLE] = {"@", 20, LOOK_LEFT | LOOK_BOLD | LOOK_MIDDLE, INK, 0},
    [STYLE_SUBTITLE] = {"@", 11, LOOK_LEFT | LOOK_MIDDLE, GREY, 0},
    [STYLE_VERDICT_GOOD] = {"@", 12, LOOK_LEFT | LOOK_BOLD | LOOK_WRAP | LOOK_MIDDLE, 0x1e4620,
                            0xe2efda},
    [STYLE_VERDICT_OPEN] = {"@", 12, LOOK_LEFT | LOOK_BOLD | LOOK_WRAP | LOOK_MIDDLE, 0x6b4a00,
                            0xfff2cc},
    [STYLE_SECTION] = {"@", 13, LOOK_LEFT | LOOK_BOLD | LOOK_LINE, INK, 0},
    [STYLE_LABEL] = {"@", 0, LOOK_LEFT, 0, 0},
    [STYLE_COUNT] = {"#,##0", 0, LOOK_RIGHT, 0, 0},
    [STYLE_NOTE] = {"@", 9, LOOK_LEFT, GREY, 0},
    [STYLE_SUM_LABEL] = {"@", 0, LOOK_LEFT | LOOK_BOLD | LOOK_OVER, 0, 0},
    [STYLE_SUM_COUNT] = {"#,##0", 0, LOOK_BOLD | LOOK_OVER | LOOK_RIGHT, 0, 0},
    [STYLE_SUM_NOTE] = {"@", 9, LOOK_LEFT | LOOK_OVER, GREY, 0},
    [STYLE_MONTH] = {"yyyy-mm", 0, LOOK_LEFT, 0, 0},
    [STYLE_YEAR] = {"yyyy", 0, LOOK_LEFT, 0, 0},
    [STYLE_NAME] = {"@", 0, LOOK_LEFT | LOOK_BOLD, 0, 0},
    [STYLE_VALUE] = {"@", 0, LOOK_LEFT | LOOK_WRAP, 0, 0},
};

static void look(lxw_format *f, unsigned looks)
{
    if (looks & LOOK_BOLD)
        format_set_bold(f);
    if (looks & LOOK_WRAP)
        format_set_text_wrap(f);
    if (looks & LOOK_UNDERLINE)
        format_set_underline(f, LXW_UNDERLINE_SINGLE);
    if (looks & LOOK_RIGHT)
        format_set_align(f, LXW_ALIGN_RIGHT);
    if (looks & LOOK_LEFT) {
        format_set_align(f, LXW_ALIGN_LEFT);
        format_set_indent(f, 1); /* away from a number beside it */
    }
    if (looks & LOOK_CENTER)
        format_set_align(f, LXW_ALIGN_CENTER);
    format_set_align(f, looks & LOOK_MIDDLE ? LXW_ALIGN_VERTICAL_CENTER : LXW_ALIGN_VERTICAL_TOP);
    if (looks & LOOK_LINE) {
        format_set_bottom(f, LXW_BORDER_MEDIUM);
        format_set_bottom_color(f, INK);
    }
    if (looks & LOOK_OVER) {
        format_set_top(f, LXW_BORDER_THIN);
        format_set_top_color(f, RULE);
    }
}

static lxw_format *make(lxw_workbook *wb, enum workbook_style style, unsigned paper)
{
    lxw_format *f = workbook_add_format(wb);
    if (!f)
        return NULL;
    format_set_num_format(f, rows[style].number_format);
    if (rows[style].size > 0)
        format_set_font_size(f, rows[style].size);
    if (rows[style].ink)
        format_set_font_color(f, rows[style].ink);
    if (paper || rows[style].paper)
        format_set_bg_color(f, paper ? paper : rows[style].paper);
    look(f, rows[style].looks);
    return f;
}

/* "0.00", or "#,##0.00;[Red]-#,##0.00". */
static lxw_format *make_number(lxw_workbook *wb, int decimals, bool amount, unsigned paper)
{
    static const char zeros[] = ".0000000000";
    char text[64];
    int n = decimals ? decimals + 1 : 0;
    if (amount)
        snprintf(text, sizeof text, "#,##0%.*s;[Red]-#,##0%.*s", n, zeros, n, zeros);
    else
        snprintf(text, sizeof text, "0%.*s", n, zeros);
    lxw_format *f = workbook_add_format(wb);
    if (!f)
        return NULL;
    format_set_num_format(f, text);
    if (paper)
        format_set_bg_color(f, paper);
    look(f, LOOK_RIGHT);
    return f;
}

int workbook_styles_make(struct workbook_styles *s, lxw_workbook *wb, unsigned paper)
{
    bool all = true;
    for (int i = 0; i < STYLES; i++)
        all = (s->of[i] = make(wb, (enum workbook_style)i, paper)) != NULL && all;
    for (int i = 0; i <= NUMBER_DECIMALS_MOST; i++)
        all = (s->number[i] = make_number(wb, i, false, paper)) != NULL && all;
    for (int i = 0; i <= AMOUNT_DECIMALS_MOST; i++)
        all = (s->amount[i] = make_number(wb, i, true, paper)) != NULL && all;
    return all ? 0 : ERR_MEMORY;
}
