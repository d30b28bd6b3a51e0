/* See fact_values.h. A value is of the cell that a reason names, or of its row, of the difference, and of whatever
 * else the code is about. Words aren't part of it, nor are limits that the options set. */
#include "review/fact_values.h"

#include "base/hash.h"
#include "calendar/civil.h"
#include "review/value_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stored with decisions: never change it. */
static const uint64_t VALUE_SEED = 0x6d627276;

static void set_days(struct circumstances *c, int64_t first, int64_t last)
{
    c->has_period = true;
    c->period_first = first;
    c->period_last = last;
}

static void set_week(struct circumstances *c, int year, int week)
{
    enum { DAYS = 7, IN_WEEK_ONE = 4 };
    const int64_t day = civil_to_days((struct civil){year, 1, IN_WEEK_ONE});
    const int64_t monday = civil_week_start(civil_week_number(day)) + (int64_t)(week - 1) * DAYS;
    set_days(c, monday, monday + DAYS - 1);
}

void circumstances_period(struct circumstances *c, const char *period)
{
    struct civil day;
    int year = 0, number = 0, end = 0;
    c->has_period = false;
    if (civil_parse(period, strlen(period), &day) == 0)
        set_days(c, civil_to_days(day), civil_to_days(day));
    else if (sscanf(period, "%4d-W%2d%n", &year, &number, &end) == 2 && !period[end] &&
             civil_is_valid((struct civil){year, 1, 1}) && number >= 1 && number <= 53)
        set_week(c, year, number);
    else if (sscanf(period, "%4d-%2d%n", &year, &number, &end) == 2 && !period[end] &&
             civil_is_valid((struct civil){year, number, 1}))
        set_days(c, civil_to_days((struct civil){year, number, 1}),
                 civil_to_days((struct civil){year, number, civil_days_in_month(year, number)}));
}

static void add_text(uint64_t *hash, const char *text, size_t len)
{
    *hash = hash_bytes(*hash, text ? text : "", text ? len : 0);
}

static void add_cell(uint64_t *hash, const struct flat_cell *cell)
{
    add_text(hash, cell->value.text, cell->value.len);
    add_text(hash, cell->confidence, cell->confidence_len);
}

static void add_row(uint64_t *hash, const struct flat_document *doc, const struct flat_row *row)
{
    for (size_t i = 0; i < row->cell_count; i++)
        add_cell(hash, &doc->cells[row->cells + i]);
}

static void add_place(uint64_t *hash, const struct value_place *p, const struct flat_document *doc,
                      const struct flat_record *record)
{
    const struct flat_cell *cell = value_place_cell(p, doc, record);
    if (cell) {
        add_cell(hash, cell);
        return;
    }
    for (size_t i = 0; i < record->row_count; i++)
        if (value_place_is_row(p, &doc->rows[record->rows + i]))
            add_row(hash, doc, &doc->rows[record->rows + i]);
}

static bool is_about_the_date(enum check_code code)
{
    return code == CHECK_DUE_BEFORE_DATE || code == CHECK_DUE_LATE || code == CHECK_DATE_FUTURE ||
           code == CHECK_DATE_OUTSIDE;
}

static void show(uint64_t hash, char out[REASON_VALUE_MAX])
{
    snprintf(out, REASON_VALUE_MAX, "%016llx", (unsigned long long)hash);
}

void reason_value(const struct finding *finding, const struct columns *columns,
                  const struct flat_document *doc, const struct flat_record *record,
                  const struct role_record *roles, char out[REASON_VALUE_MAX])
{
    struct value_place place;
    uint64_t hash = VALUE_SEED;
    const struct cell *date = &roles->values[ROLE_DATE].cell;
    if (finding->difference)
        add_text(&hash, finding->difference, strlen(finding->difference));
    if (is_about_the_date(finding->code))
        add_text(&hash, date->text, date->len);
    if (value_place_look(&place, columns, finding->field))
        add_place(&hash, &place, doc, record);
    show(hash, out);
}

void reason_value_of(const char *key, char out[REASON_VALUE_MAX])
{
    show(hash_bytes(VALUE_SEED, key, strlen(key)), out);
}
