/* script_play.h - an order of events that the explorer printed (explore/script.h), played with the
 * real run: one document, one file.
 *
 *   rc = script_play_read(&script, path);          0, or 2: it can't be played
 *   script_play_scenario(&script, &scenario);      what its first line says
 *   while (script_play_goes_on(&script, w))        in the parent, between two runs: what happens at
 *       run a segment                              Mindee alone is done here; which line is next is
 *                                                  in W
 *   script_play_run(&script, w, loop, &run);       in the child, instead of loop_run: line by line,
 *                                                  to the crash or the script's end; then the rest
 *                                                  goes as it would without faults
 *
 * A retry is a run of its own: one that is there dies before it.
 *
 * The run's own steps (admit, send_get, ...) are waited for; what comes from outside is done at its
 * line and nowhere else. Where the run takes another way than the explorer's, as one does whose
 * fault was mended, the lines that can't happen are passed over. */
#ifndef MB_SIM_SCRIPT_PLAY_H
#define MB_SIM_SCRIPT_PLAY_H

#include "virtual_loop.h"
#include "world.h"

enum { SCRIPT_LINES = 200, SCRIPT_WORD = 40 };

struct script_line {
    char word[SCRIPT_WORD];
    int attempt;
};
struct script {
    struct script_line lines[SCRIPT_LINES];
    int count;
    bool resend, webhooks;
};

int script_play_read(struct script *s, const char *path);
void script_play_scenario(const struct script *s, struct scenario *out);
/* False: the script is over. *RETRY: the next run is a retry. */
bool script_play_goes_on(const struct script *s, struct world *w, bool *retry);

struct script_run {
    bool retries; /* it is one of `retry` */
    bool (*ended)(void *ctx);
    void *ctx;
};
void script_play_run(const struct script *s, struct world *w, struct loop *loop,
                     const struct script_run *run);

#endif
