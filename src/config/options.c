/* The table. To add an option, add a row here, in its section's place; everything else follows.
 *
 * EACH may differ from one [batch.NAME] to the next; what is the key's, the organisation's or the
 * process's can't: there is ONE for all. */
#include "config/options.h"
#include "base/require.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

#define CHOICES(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

#define ROW(flags, name, type, min, max, choices, fallback, shown, help)                           \
    {                                                                                              \
        name, OPTION_##type, min, max, choices, fallback, shown, help, flags                       \
    }
#define NUMBER(flags, name, type, min, max, fallback, help)                                        \
    ROW(flags, name, type, min, max, NULL, fallback, NULL, help)
#define CHOICE(flags, name, fallback, help, ...)                                                   \
    ROW(flags, name, CHOICE, 0, 0, CHOICES(__VA_ARGS__), fallback, NULL, help)
#define PLAIN(flags, name, type, fallback, help)                                                   \
    ROW(flags, name, type, 0, 0, NULL, fallback, NULL, help)
/* One whose default isn't a plain value: SHOWN says what holds instead. */
#define UNSET(flags, name, type, shown, help) ROW(flags, name, type, 0, 0, NULL, NULL, shown, help)

enum { ONE = 0, EACH = OPTION_BY_BATCH };

/* What NAS systems, sync programs and desktops leave beside documents: thumbnails, trash,
 * snapshots, metadata. */
#define LITTER                                                                                     \
    ".*,~$*,Thumbs.db,desktop.ini,@eaDir,@Recycle,#recycle,#snapshot,~snapshot,$RECYCLE.BIN,"      \
    "System Volume Information,lost+found,__MACOSX,*:Zone.Identifier"

const struct option option_table[] = {
    UNSET(ONE, "api.key", SECRET, "$MINDEE_V2_API_KEY", "the API key; better kept in api.key_file"),
    UNSET(ONE, "api.key_file", PATH, NULL, "a file whose first line is the API key"),
    ROW(ONE, "api.base_url", URL, 0, 0, NULL, "https://api-v2.mindee.net",
        "$MINDEE_V2_BASE_URL, $MINDEE_V2_API_HOST, or https://api-v2.mindee.net",
        "where Mindee is; http is accepted for loopback addresses alone"),
    CHOICE(EACH, "api.product", "extraction", "what Mindee is asked for", "extraction",
           "classification", "crop", "split", "ocr"),
    UNSET(EACH, "api.model_id", UUID, NULL,
          "the model; `mindee-batch run` lists the key's if it's missing"),
    UNSET(ONE, "api.ca_file", PATH, "the system's", "certificates to trust, in PEM format"),
    UNSET(ONE, "api.proxy", URL, "from the environment: https_proxy, no_proxy",
          "the proxy to go through"),
    NUMBER(ONE, "api.connect_timeout", DURATION, 1, HOUR, "10s",
           "the longest wait for a connection"),
    NUMBER(ONE, "api.timeout", DURATION, 1, HOUR, "120s",
           "the longest silence: no byte either way, or no answer once the body is sent; never a "
           "total"),
    CHOICE(ONE, "api.http_version", "1.1", "the HTTP version to speak", "1.1", "2"),

    UNSET(EACH, "request.rag", FLAG, "the model's",
          "improve results with retrieved documents (extraction)"),
    UNSET(EACH, "request.raw_text", FLAG, "the model's", "return the full text (extraction)"),
    UNSET(EACH, "request.polygon", FLAG, "the model's", "return where fields are (extraction)"),
    UNSET(EACH, "request.confidence", FLAG, "the model's",
          "return how sure each field is (extraction)"),
    UNSET(EACH, "request.text_context", TEXT, NULL, "words that help the model (extraction)"),
    UNSET(EACH, "request.data_schema_file", PATH, NULL,
          "a JSON file that replaces or extends the model's fields (extraction)"),
    UNSET(EACH, "request.webhook_ids", UUID_LIST, NULL,
          "webhooks of the model that Mindee shall call"),

    NUMBER(ONE, "limits.post_per_minute", INT, 0, 1000000, "200",
           "uploads a minute that the organisation may do; 0: no limit"),
    NUMBER(ONE, "limits.get_per_minute", INT, 0, 1000000, "1200",
           "polls and downloads a minute that the organisation may do; 0: no limit"),
    UNSET(ONE, "limits.group", TEXT, "the key",
          "a name for the organisation: runs with different keys of it share one limit"),
    UNSET(ONE, "limits.state", PATH,
          "/var/lib/mindee-batch/limits if it can be written, else ~/.local/state/mindee-batch",
          "a directory that remembers what was sent lately, for all runs with the same key or "
          "group"),
    NUMBER(ONE, "limits.share", PERCENT, 1, 100, "100%",
           "how much of both limits this program may use"),
    CHOICE(ONE, "limits.pace", "window", "send as soon as the limit allows, or evenly spaced",
           "window", "even"),
    NUMBER(EACH, "limits.uploads", INT, 1, 1000, "16", "uploads at once"),
    ROW(EACH, "limits.max_credits", INT, 0, INT64_MAX / 2, NULL, NULL, "none",
        "stop submitting before the pages sent and in doubt exceed this"),
    NUMBER(EACH, "limits.canary", INT, 0, 1000000, "4",
           "documents that may be out before the first is accepted; 0: any number"),

    UNSET(EACH, "input.directory", PATH, NULL,
          "where the documents are, if no PATH is given on the command line"),
    PLAIN(EACH | OPTION_ADDS, "input.include", LIST, "*",
          "name patterns of files to take, without regard to case"),
    PLAIN(EACH | OPTION_ADDS, "input.exclude", LIST, LITTER,
          "name patterns of files and directories to leave out; a list that begins with + adds to "
          "the default"),
    PLAIN(EACH, "input.recursive", BOOL, "yes", "look into directories below"),
    PLAIN(EACH, "input.follow_symlinks", BOOL, "no", "follow symbolic links"),
    NUMBER(EACH, "input.patience", DURATION, 0, 30 * (int64_t)DAY, "10m",
           "how long files are tried again that can't be read for a reason of the machine's or the "
           "share's, from when nothing below their PATH could be read"),
    CHOICE(EACH, "input.order", "name", "what is sent first", "name", "largest", "pages"),

    UNSET(EACH, "input.move_stored", PATH, "they stay where they are",
          "a directory that files are moved to once their result is stored"),
    UNSET(EACH, "input.move_failed", PATH, "they stay where they are",
          "a directory that files are moved to whose document failed"),
    UNSET(EACH, "input.move_rejected", PATH, "they stay where they are",
          "a directory that files are moved to which can't be sent"),

    PLAIN(EACH, "output.directory", PATH, "mindee-results",
          "where ledger.db, results/, summary.json and exports go"),

    NUMBER(EACH, "polling.first_delay", DURATION, 0, HOUR, "2s",
           "from an upload to its first poll, until something is learned"),
    NUMBER(EACH, "polling.interval", DURATION, 1, HOUR, "1s",
           "from a poll to the next, until something is learned"),
    CHOICE(EACH, "polling.planner", "learned", "when to poll: by what the run learns, or as above",
           "learned", "fixed"),
    NUMBER(EACH, "polling.give_up_after", DURATION, 1, 30 * (int64_t)DAY, "15m",
           "how long a job is polled; then it is left, and asked again when the run is resumed"),

    NUMBER(EACH, "retry.max_attempts", INT, 1, 1000, "8",
           "how many uploads of one document may be answered by a fault"),
    NUMBER(EACH, "retry.first_delay", DURATION, 1, HOUR, "500ms",
           "the first pause before trying again"),
    NUMBER(EACH, "retry.max_delay", DURATION, 1, DAY, "90s", "the longest pause between tries"),
    CHOICE(EACH, "retry.in_doubt", "resend",
           "an upload whose answer never came: send it again (may pay twice), or hold it", "resend",
           "hold"),
    NUMBER(
        EACH, "retry.max_resends", INT, 0, 1000, "2",
        "how often at most such a document is sent again; then it is held, and retry begins anew"),
    NUMBER(EACH, "retry.in_doubt_wait", DURATION, 0, 7 * (int64_t)DAY, "2m",
           "with webhooks: how long to wait for the one that settles a doubt"),

    UNSET(EACH, "ledger.path", PATH, "ledger.db in output.directory",
          "the durable record of the batch"),

    PLAIN(ONE, "webhook.listen", TEXT, "off",
          "where Mindee's webhooks arrive: host:port, or a port of every address; off: nowhere"),
    PLAIN(ONE, "webhook.path", TEXT, "/webhook", "the path of the URL that Mindee calls"),
    UNSET(ONE, "webhook.secret", SECRET, NULL,
          "the webhook's signing secret; better kept in webhook.secret_file"),
    UNSET(ONE, "webhook.secret_file", PATH, NULL,
          "a file with signing secrets, one a line: any of them may have signed"),
    UNSET(ONE, "webhook.query_secret", SECRET, NULL,
          "a second secret, which comes in the query of the URL given to Mindee, as ?secret=VALUE"),
    UNSET(ONE, "webhook.tls_cert", PATH, NULL,
          "the server's certificate and its chain, in PEM format; without: plain HTTP, on loopback "
          "addresses alone"),
    UNSET(ONE, "webhook.tls_key", PATH, NULL, "the certificate's private key, in PEM format"),
    NUMBER(EACH, "webhook.fallback_after", DURATION, 0, 7 * (int64_t)DAY, "2m",
           "how late a webhook may be before its job is polled, until something is learned"),

    PLAIN(
        EACH, "schedule.when", LIST, "off",
        "when `mindee-batch serve` runs the batch: days, each with a time: last-day, "
        "last-business-day, last-business-day-N, first-business-day, business-day+N, day N, weekly "
        "FRI or daily, and HH:MM"),
    PLAIN(EACH, "schedule.timezone", TEXT, "UTC",
          "the time zone of these times, as in Europe/Paris"),
    PLAIN(EACH, "schedule.weekend", LIST, "sat,sun",
          "the days of the week that are no business days; empty: none"),
    UNSET(EACH, "schedule.holidays", PATH, "none",
          "a file of further days that are no business days: a date like 2026-12-25 a line"),
    CHOICE(
        EACH, "schedule.on_holiday", "run",
        "what becomes of a last-day, day N, weekly or daily run on a weekend or holiday: it runs, "
        "or on the business day before or after, or not at all",
        "run", "before", "after", "skip"),
    NUMBER(EACH, "schedule.catch_up", DURATION, 0, 366 * (int64_t)DAY, "5d",
           "how long after its time a missed run is still made up for; 0: never"),
    CHOICE(EACH, "schedule.late", "next",
           "the period of documents that arrive after its run: the next one, or the same", "next",
           "same"),
    NUMBER(EACH, "schedule.forecast", DURATION, 0, 31 * (int64_t)DAY, "1h",
           "how long before a run its documents, pages and time are worked out, and again at its "
           "start; 0: not at all"),
    CHOICE(EACH, "schedule.overlap", "wait",
           "a run that is due while another of the batch goes on: it waits, or is skipped", "wait",
           "skip"),

    PLAIN(EACH, "watch.enabled", BOOL, "no",
          "whether `mindee-batch serve` takes files as they arrive in input.directory"),
    NUMBER(EACH, "watch.quiet", DURATION, 0, HOUR, "5s",
           "how long a file must not have changed before it is taken"),
    NUMBER(EACH, "watch.rescan", DURATION, SECOND, DAY, "1m",
           "how often the directory is looked through, whatever the system reports"),

    UNSET(EACH, "notify.url", SECRET_URL, NULL,
          "an address that gets the summary as JSON when a run ends or needs a person"),
    UNSET(EACH, "notify.command", TEXT, NULL,
          "a command that is run then, with the summary on its standard input"),
    ROW(EACH, "notify.when", LIST, 0, 0, CHOICES("end", "trouble"), "end,trouble", NULL,
        "what is told: the end of each run, trouble that needs a person, or both"),

    UNSET(EACH, "on_stored.url", SECRET_URL, NULL, "an address that gets each result"),
    UNSET(EACH, "on_stored.command", TEXT, NULL,
          "a command that is run for each result, with it on its standard input"),
    CHOICE(
        EACH, "on_stored.from", "now",
        "where one begins that is new to a ledger: with what is stored from then on, or with all",
        "now", "beginning"),
    NUMBER(EACH, "on_stored.timeout", DURATION, 1, HOUR, "30s",
           "how long one may take, and how long the end of a run waits for one to succeed"),

    CHOICE(ONE, "log.level", "info", "how much is logged", "error", "warning", "info", "debug"),
    CHOICE(ONE, "log.format", "text", "lines for people or for programs", "text", "json"),
    UNSET(ONE, "log.file", PATH, "standard error", "where the log goes"),
};

const size_t option_count = sizeof option_table / sizeof *option_table;

const struct option *option_find(const char *name)
{
    for (size_t i = 0; i < option_count; i++)
        if (strcmp(option_table[i].name, name) == 0)
            return &option_table[i];
    return NULL;
}

static const struct {
    const char *key, *name;
} short_names[] = {
    {"directory", "input.directory"}, {"model", "api.model_id"},     {"product", "api.product"},
    {"output", "output.directory"},   {"schedule", "schedule.when"}, {"watch", "watch.enabled"},
};
enum { SHORT_NAMES = sizeof short_names / sizeof *short_names };

const struct option *option_find_in_batch(const char *key)
{
    for (size_t i = 0; i < SHORT_NAMES; i++)
        if (strcmp(short_names[i].key, key) == 0)
            return option_find(short_names[i].name);
    return option_find(key);
}

const char *option_short_name(const struct option *o)
{
    for (size_t i = 0; i < SHORT_NAMES; i++)
        if (strcmp(short_names[i].name, o->name) == 0)
            return short_names[i].key;
    return NULL;
}

const char *option_nearest_in_batch(const char *key)
{
    const char *names[SHORT_NAMES + 1] = {0};
    for (size_t i = 0; i < SHORT_NAMES; i++)
        names[i] = short_names[i].key;
    const char *nearest = strchr(key, '.') ? NULL : text_nearest(key, names);
    return nearest ? nearest : option_nearest(key);
}

const char *option_nearest(const char *name)
{
    enum { MOST = 128 };
    const char *names[MOST + 1];
    REQUIRE(option_count <= MOST);
    for (size_t i = 0; i < option_count; i++)
        names[i] = option_table[i].name;
    names[option_count] = NULL;
    const char *nearest = text_nearest(name, names);
    if (nearest)
        return nearest;
    /* The right key in a wrong section, or none: "uploads", "request.model_id". */
    const char *dot = strchr(name, '.'), *key = dot ? dot + 1 : name;
    for (size_t i = 0; i < option_count; i++)
        if (*key && strcmp(strchr(option_table[i].name, '.') + 1, key) == 0)
            return option_table[i].name;
    return NULL;
}

static const char *type_word(enum option_type type)
{
    switch (type) {
    case OPTION_TEXT:
        return "TEXT";
    case OPTION_SECRET:
        return "SECRET";
    case OPTION_INT:
        return "NUMBER";
    case OPTION_DURATION:
        return "DURATION";
    case OPTION_BOOL:
    case OPTION_FLAG:
        return "yes|no";
    case OPTION_LIST:
        return "LIST";
    case OPTION_UUID_LIST:
        return "UUIDS";
    case OPTION_PERCENT:
        return "PERCENT";
    case OPTION_PATH:
        return "PATH";
    case OPTION_UUID:
        return "UUID";
    case OPTION_URL:
    case OPTION_SECRET_URL:
        return "URL";
    case OPTION_CHOICE:
        break;
    }
    return "";
}

const char *option_shape(const struct option *o, char out[OPTION_SHAPE_MAX])
{
    size_t used = 0;
    if (o->type != OPTION_CHOICE) {
        snprintf(out, OPTION_SHAPE_MAX, "%s", type_word(o->type));
        return out;
    }
    for (size_t i = 0; o->choices[i]; i++) {
        int n = snprintf(out + used, OPTION_SHAPE_MAX - used, "%s%s", i ? "|" : "", o->choices[i]);
        used += (size_t)n;
        REQUIRE(n > 0 && used < OPTION_SHAPE_MAX);
    }
    return out;
}
