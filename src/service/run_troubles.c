/* See run_troubles.h. What ends a run is told with its end. */
#include "service/run_troubles.h"
#include "base/log.h"
#include "base/units.h"

#include <stdio.h>

static void tell_silence(struct notifier *n, const struct hearing_news *news, bool over)
{
    char text[TROUBLE_TEXT_MAX], lasted[UNITS_TEXT_MAX], since[WALL_TEXT_MAX],
        count[UNITS_TEXT_MAX];
    snprintf(text, sizeof text, "%s %.100s for %s (since %s), %s %s",
             over ? "there was no answer from" : "no answer from", news->server,
             duration_format(news->silent_ms, lasted), log_time_told(news->since, since),
             count_format(news->waiting, count), over ? "documents go on now" : "documents wait");
    notifier_trouble(n, TROUBLE_SILENCE, text,
                     over ? "" : "check the network, the proxy and Mindee's status");
}

void run_troubles_heard(void *ctx, const struct hearing_news *news)
{
    struct notifier *n = ctx;
    char text[TROUBLE_TEXT_MAX], lasted[UNITS_TEXT_MAX], count[UNITS_TEXT_MAX];
    if (news->ends_run)
        return;
    if (!news->back || !notifier_trouble_over(n, TROUBLE_SILENCE)) {
        tell_silence(n, news, news->back);
        return;
    }
    snprintf(text, sizeof text, "%.100s answers again after %s, %s documents go on", news->server,
             duration_format(news->silent_ms, lasted), count_format(news->waiting, count));
    notifier_trouble(n, TROUBLE_BACK, text, "");
}
