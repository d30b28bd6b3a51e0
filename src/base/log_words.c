/* See log_words.h. All that the log says stands in one place, so that it can be read as one text.
 * The words speak of documents, files, pages and Mindee; what follows them is the fields' own. A
 * test holds the table to the events that the source has (tests/lib/check-log-words). */
#include "base/log_words.h"

#include <string.h>

struct words {
    const char *name, *words;
};

static const struct words events[] = {
    /* the run */
    {"run.batch", "this is the batch"},
    {"run.start", "the run begins"},
    {"run.progress", "on the way"},
    {"run.at_rest", "everything that was there has been dealt with"},
    {"run.stop", "the run is being stopped"},
    {"run.stopping", "the run is being stopped"},
    {"run.end", "the run has ended"},
    {"run.end_unrecorded", "how the run ended can't be recorded"},
    {"run.in_doubt", "an earlier run was cut off: whether Mindee got these documents isn't known"},
    {"run.retry", "asked for by hand: these are tried again"},
    {"run.dismiss", "settled by hand"},
    {"run.reload", "the configuration is being read again"},
    {"run.control_elsewhere", "commands reach this run at another place"},
    {"run.no_control", "commands can't reach this run"},
    {"report.failed", "the page that tells of the batch couldn't be made"},
    {"retry.new_file", "another file is there now"},
    {"batch.same_input", "two batches have one input"},
    {"batch.output_in_input", "one batch's output lies in another's input"},

    /* documents and files */
    {"doc.step", ""},
    {"doc.failed", "failed"},
    {"doc.lost", "its result is lost"},
    {"doc.in_doubt", "in doubt"},
    {"doc.rejected", "rejected"},
    {"doc.resend", ""},
    {"doc.retry", "tried again later"},
    {"doc.refused", "a fault of this program: this can't happen to it now"},
    {"doc.no_memory", "there is no memory for its result"},
    {"documents.kept", "these stay as they are"},
    {"documents.wait", "these documents wait for a run with their settings"},
    {"file.rejected", "rejected, not sent"},
    {"file.duplicate", "the same content as another file: sent once"},
    {"file.broken", "a PDF that may be damaged"},
    {"file.unreadable", "it can't be read"},
    {"file.unreadable_now", "it can't be read for now"},
    {"file.not_at_rest", "it is still being written"},
    {"file.not_moved", "the file stays where it is"},
    {"file.not_there", "the file isn't there any more"},
    {"file.moved", "moved"},
    {"file.gone", "the file is gone"},
    {"file.left_out", "the file is left out by the patterns now"},
    {"file.changed", "the file has changed"},
    {"files.readable_again", "files there can be read again"},
    {"input.unreadable_now", "the input can't be read for now"},
    {"input.left_out", "not looked at"},
    {"intake.skip", "left out"},
    {"intake.loop", "not followed"},
    {"watch.round", "looked through the folder"},
    {"watch.polled", "the system doesn't report changes of this folder"},
    {"watch.unreadable", "it can't be looked at"},

    /* results and the ledger */
    {"result.missing", "its result file is gone"},
    {"result.name_taken", "another file stands where the result belongs"},
    {"result.again", "the result is written once more"},
    {"result.unwritten", "a result can't be written"},
    {"result.unsynced", "results may not be on the disk yet"},
    {"result.damaged", "a result in the ledger is damaged"},
    {"learned.unread", "what earlier runs learned about waiting can't be read"},
    {"ledger.no_reserve", "room on the disk can't be set aside"},
    {"ledger.no_memory", "there is no memory for what is to be recorded"},
    {"ledger.write_failed", "the ledger can't be written"},
    {"ledger.answer_lost", "the ledger's answer got lost"},
    {"ledger.writes_again", "the ledger can be written again"},
    {"ledger.refused", "a fault of this program: the ledger doesn't take what happened"},

    /* Mindee */
    {"limit.refused", "Mindee says that we are too fast"},
    {"budget.reached", "a budget is reached, nothing more is sent"},
    {"mindee.silent", "Mindee doesn't answer"},
    {"mindee.answers_again", "Mindee answers again"},
    {"service.down", "Mindee can't be reached"},
    {"service.up", "Mindee can be reached again"},

    /* webhooks */
    {"webhook.listening", "ready for webhooks"},
    {"webhook.opens", "a webhook came: the batch's ledger is opened for it"},
    {"webhook.makes_way", "no webhooks are taken until a command is done"},
    {"webhook.reached", "webhooks come again"},
    {"webhook.missed", "the webhook of this job hasn't come"},
    {"webhook.unreachable", "no webhook comes"},
    {"webhook.unreadable", "a webhook can't be read"},
    {"webhook.all_refused", "no webhook was accepted"},
    {"webhook.closed", "no more webhooks are taken"},
    {"webhook.refused", "webhooks were refused"},
    {"webhook.certificate", "the webhooks' certificate"},
    {"webhook.secret_file", "the webhooks' secrets"},
    {"webhook.other_path", "Mindee calls another path than ours"},
    {"webhook.unknown_endpoint", "Mindee doesn't know this webhook"},

    /* the service */
    {"serve.ready", "ready"},
    {"serve.stop", "the service is being stopped"},
    {"serve.waits", "the batch can't begin"},
    {"serve.trouble", "this needs a person"},
    {"serve.reloaded", "the configuration was read again"},
    {"serve.reload_refused", "the configuration can't be used"},
    {"serve.needs_restart", "a change that isn't taken up while the service goes on"},
    {"serve.clock_back", "the clock was set back"},
    {"serve.no_notifier", "notices can't be sent"},
    {"serve.unrecorded", "what happened can't be recorded"},
    {"review.failed", "what needs a person can't be found out"},
    {"review.no_such_field", "a field that the configuration names is in no result"},
    {"serve.report_failed", "the summary can't be written"},
    {"period.held", "the period's run waits for a person"},
    {"period.goes_on", "the period's run goes on later"},
    {"period.run_unrecorded", "which run is the period's can't be recorded"},
    {"period.end_unrecorded", "that the period's run has ended can't be recorded"},
    {"schedule.forecast", "the next run, worked out before"},
    {"schedule.no_forecast", "the next run isn't worked out before"},
    {"schedule.passed", "a run of the schedule that isn't done"},
    {"schedule.end", "the scheduled run has ended"},

    /* telling others */
    {"notify.waits", "notices can't be sent for now"},
    {"notify.failed", "it couldn't be told"},
    {"notify.works_again", "telling works again"},
    {"notify.unread", "notices can't be read"},
    {"notify.unrecorded", "a notice can't be recorded"},
    {"notify.told", "a notice was sent"},
    {"notify.given_up", "a notice was given up"},
    {"notify.commit_failed", "what was told can't be recorded"},
    {"notify.left", "a notice wasn't sent"},
    {"on_stored.unrecorded", "what was handed over can't be recorded"},
    {"on_stored.done", "a result was handed over"},
    {"on_stored.unread", "results can't be read to hand them over"},
    {"on_stored.damaged", "a result is damaged and isn't handed over"},
    {"on_stored.left", "results weren't handed over"},

    /* for whoever watches over it */
    {"monitor.listening", "numbers for monitoring are served"},
    {"monitor.reload", "the certificate or the token of http.listen can't be used"},
    {"metrics.unwritten", "the file of numbers for monitoring can't be written"},
    {"metrics.written_again", "the file of numbers for monitoring is written again"},

    /* this machine */
    {"control.unheard", "a command went away before its answer"},
    {"control.stranger", "a stranger's command"},
    {"config.key_file", "the file of the API key isn't private"},
    {"config.mail_password_file", "the file of the mail server's password isn't private"},
    {"config.secret_file", "the file of the webhooks' secrets isn't private"},
    {"http.overdue", "a caller is too slow"},
    {"http.crowded", "too many callers at once"},
    {"http.library", "the receiver of webhooks says"},
    {"sandbox.request", "a request"},
    {"sandbox.trace", "the trace"},
    {"sandbox.webhook", "a webhook"},
};

static const struct words fields[] = {
    {"doc", "document"},
    {"exit", "exit code"},
    {"answers", "times"},
    {"rate_per_minute", "a minute from now on at most"},
    {"signature", "with a wrong signature"},
    {"busy", "while busy"},
    {"tls", "without a secure connection"},
    {"last_minute", "in the last minute"},
    {"waits_for", "waits for"},
    {"wait", "again in"},
    {"retry_after", "again in"},
    {"eta", "time to go"},
    {"tries", "tries so far"},
    {"days", "days left"},
    {"fits", "in time"},
    {"due", "due at"},
    {"ends", "until"},
    {"rule", "schedule"},
    {"by", "through"},
    {"took", "it took"},
    {"takes", "taking"},
    {"glances", "looks"},
    {"not_quiet", "files still changing"},
    {"matched", "of ours"},
    {"rank", "place"},
};

static const char *find(const struct words *table, unsigned long n, const char *name)
{
    for (unsigned long i = 0; i < n; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].words;
    return NULL;
}

const char *log_event_words(const char *event)
{
    return find(events, sizeof events / sizeof *events, event);
}

const char *log_event_at(unsigned long i)
{
    return i < sizeof events / sizeof *events ? events[i].name : NULL;
}

const char *log_field_words(const char *key, char *out, unsigned long size)
{
    const char *words = find(fields, sizeof fields / sizeof *fields, key);
    unsigned long n = 0;
    for (const char *p = words ? words : key; *p && n + 1 < size; p++)
        out[n++] = *p == '_' ? ' ' : *p;
    out[n] = '\0';
    return out;
}
