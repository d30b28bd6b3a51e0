#include "scripted_batch.h"

#include "service/cutoff.h"
#include "stand_in_batch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct script script;

void script_tell(const struct clock *clock, const char *format, ...)
{
    char at[WALL_TEXT_MAX];
    size_t len = strlen(script.told);
    va_list ap;
    wall_format(clock_wall(clock), at);
    len += (size_t)snprintf(script.told + len, sizeof script.told - len, "%s%.2s %.5s ",
                            len ? "; " : "", at + 8, at + 11);
    va_start(ap, format);
    len += (size_t)vsnprintf(script.told + len, sizeof script.told - len, format, ap);
    va_end(ap);
    REQUIRE(len < sizeof script.told);
}

static int64_t begins(struct batch *b)
{
    const struct cutoff *c = b->options->period_ctx;
    if (b->options->mode == RUN_RECEIVES) {
        script_tell(loop_clock(b->loop), "receive");
        b->exit_code = script.receive_exit_code;
        b->made_way = script.receive_makes_way;
        return script.receive_takes_ms;
    }
    if (b->options->mode == RUN_STAYS) {
        script_tell(loop_clock(b->loop), "stay");
        b->exit_code = EXIT_RESUMABLE;
        return script.stay_ends ? 0 : -1;
    }
    script_tell(loop_clock(b->loop), "run %s%s", c->due->period, c->due->resumed ? "*" : "");
    REQUIRE(script.run < SCRIPT_MOST);
    b->exit_code = script.runs[script.run].exit_code;
    return script.runs[script.run++].takes_ms;
}

static void ends(struct batch *b)
{
    script_tell(loop_clock(b->loop), "end %d", b->exit_code);
}

static int64_t stopped(struct batch *b)
{
    b->exit_code = EXIT_RESUMABLE;
    return script.stop_takes_ms;
}

static void failed(const char *text)
{
    fprintf(stderr, "the ledger: %s\n", text);
    REQUIRE(false);
}

void script_setup(int64_t stop_takes_ms)
{
    static const struct stand_in_acts acts = {.begins = begins,
                                              .due = stand_in_end,
                                              .ends = ends,
                                              .stopped = stopped,
                                              .failed = failed,
                                              .reason = "as the script has it",
                                              .reason_from = EXIT_REFUSED};
    script = (struct script){.stop_takes_ms = stop_takes_ms};
    stand_in_use(&acts);
}
