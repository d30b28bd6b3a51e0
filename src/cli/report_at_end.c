/* See report_at_end.h. It reads the ledger by a connection of its own, so that no trouble here can become the run's. */
#include "cli/report_at_end.h"
#include "cli/report_setup.h"
#include "ledger/periods.h"

static int make(const struct config *c, const struct batch_options *o, const char *batch,
                struct ledger *l, struct buffer *place, struct error *e)
{
    struct report_setup setup;
    char period[24];
    bool does_not_add_up;
    int has = ledger_run_period(l, period);
    if (has < 0) {
        *e = *ledger_error(l);
        return has;
    }
    report_place(place, o->output, has ? period : NULL);
    int err =
        report_setup_read(&setup, o, c, batch && *batch ? batch : NULL, has ? period : NULL, e);
    if (!err && !report_stands(&setup.options, buffer_text(place), l))
        err = report_write(&setup.options, buffer_text(place), l, &does_not_add_up, e);
    report_setup_release(&setup);
    return err;
}

int report_at_end(const struct config *c, const struct batch_options *o, const char *batch,
                  struct buffer *place, struct error *e)
{
    struct ledger_options lo = {.path = o->ledger, .read_only = true, .clock = &system_clock};
    struct ledger *l = NULL;
    struct buffer path;
    if (!config_settings(c)->report.enabled)
        return 0;
    buffer_init(&path, 0);
    int err = ledger_open(&l, &lo, e);
    if (!err)
        err = make(c, o, batch, l, &path, e);
    if (l)
        ledger_close(l);
    if (!err)
        buffer_put(place, buffer_text(&path));
    buffer_release(&path);
    return err;
}
