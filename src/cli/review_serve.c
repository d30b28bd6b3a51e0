/* See review_serve.h. The address is printed, and nothing else on standard output: whoever has it has the page. It is in no
 * log. A browser that is started gets it as an argument, which other users of this machine can see while it starts. */
#include "cli/review_serve.h"

#include "base/program.h"
#include "base/spawn.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/complain.h"
#include "config/config.h"
#include "review_page/record_desk.h"
#include "review_page/review_page.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IDLE_MS = 30 * 60 * 1000 };

struct serving {
    struct review_page *page; /* NULL: it is closed, or being closed */
    const char *why;          /* it ended */
};

static void close_page(struct serving *s, const char *why);

static void closed(void *ctx)
{
    (void)ctx;
}

static void close_page(struct serving *s, const char *why)
{
    struct review_page *page = s->page;
    if (!page)
        return;
    s->page = NULL;
    s->why = why;
    review_page_close(page, closed, s);
}

static void stop_cb(void *ctx, int signum)
{
    close_page(ctx, signum == SIGTERM ? "SIGTERM" : "Ctrl-C");
}

static void idle_cb(void *ctx)
{
    close_page(ctx, "nobody asked for anything for so long as --idle says");
}

/* ---- the browser ---- */

/* The path of xdg-open, or what BROWSER names, to free; NULL: there is neither. */
static char *find_browser(void)
{
    const char *own = getenv("BROWSER"), *path = getenv("PATH");
    if (own && *own == '/' && access(own, X_OK) == 0)
        return xstrdup(own);
    char *all = xstrdup(path ? path : "/usr/bin"), *rest = all, *found = NULL, *directory;
    while (!found && (directory = strsep(&rest, ":"))) {
        struct buffer name;
        buffer_init(&name, 0);
        buffer_printf(&name, "%s/xdg-open", directory);
        if (*directory == '/' && access(buffer_text(&name), X_OK) == 0)
            found = xstrdup(buffer_text(&name));
        buffer_release(&name);
    }
    free(all);
    return found;
}

static void open_browser(const char *address)
{
    char *program = find_browser();
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const char *const words[] = {program, address, NULL};
    const struct spawn s = {
        .program = program, .words = words, .input = nothing, .errors = -1, .session = true};
    pid_t pid;
    if (!program || nothing < 0 || spawn_start(&s, &pid) != 0)
        complain(0, "--open: there is no xdg-open here: open the address yourself");
    if (nothing >= 0)
        close(nothing);
    free(program);
}

/* ---- options ---- */

static int read_port(const char *text, uint16_t *port)
{
    char *end = NULL;
    long n = text ? strtol(text, &end, 10) : 0;
    if (text && (!*text || *end || n < 0 || n > UINT16_MAX))
        return complain(EXIT_USAGE, "--port %s: it is a number up to 65535; 0: any free one",
                        text_show(text));
    *port = (uint16_t)n;
    return 0;
}

static int read_idle(const char *text, int64_t *ms)
{
    *ms = IDLE_MS;
    if (text && (duration_parse(text, ms) < 0 || *ms < 0))
        return complain(EXIT_USAGE, "--idle %s: it is a time as 30m or 2h; 0: never",
                        text_show(text));
    return 0;
}

/* ---- serving ---- */

static int run(struct loop *loop, struct review_page_options *options,
               const struct review_serve_asked *asked)
{
    struct serving s = {0};
    struct error e;
    options->idle = idle_cb;
    options->ctx = &s;
    if (review_page_new(&s.page, loop, options, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    struct loop_signal *signals[] = {loop_signal_new(loop, SIGINT, stop_cb, &s),
                                     loop_signal_new(loop, SIGTERM, stop_cb, &s)};
    printf("%s\n", review_page_address(s.page));
    fflush(stdout);
    complain(0, "the review page is at this address, for this machine alone; Ctrl-C ends it");
    if (asked->open)
        open_browser(review_page_address(s.page));
    loop_run(loop);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        loop_signal_close(signals[i]);
    complain(0, "the review page is closed: %s", s.why);
    return 0;
}

static int serve(struct record_desk *d, const struct review_serve_asked *asked, uint16_t port,
                 int64_t idle_ms)
{
    struct desk desk;
    char *tools = program_beside("mindee-batch-tools");
    struct loop *loop = loop_new(&system_clock);
    record_desk_functions(d, &desk);
    struct review_page_options options = {
        .port = port, .idle_ms = idle_ms, .tools = tools ? tools : "", .desk = &desk};
    int code = run(loop, &options, asked);
    loop_free(loop);
    free(tools);
    return code;
}

int review_serve(struct review_work *w, const struct review_serve_asked *asked,
                 const struct command_line *cl)
{
    const struct settings *settings = config_settings(cl->config);
    char actor[ACTOR_MAX];
    struct record_desk *d;
    struct review_by by;
    struct error e;
    uint16_t port = 0;
    int64_t idle_ms = 0;
    if (cl->path_count > 1)
        return complain(EXIT_USAGE, "review serve takes no PATH: it shows all that is open");
    int code = read_port(asked->port, &port);
    if (!code)
        code = read_idle(asked->idle, &idle_ms);
    if (!code)
        code = review_by_read(&by, actor, asked->by, NULL);
    if (code)
        return code;
    const struct record_desk_options options = {
        .ledger = w->ledger,
        .review = w->review,
        .output = w->batch.output,
        .access = w->batch.access,
        .actor = actor,
        .lines = settings->fields.lines,
        .amounts = settings->fields.lines_amount,
        .checks = &w->checks,
        .clock = &system_clock,
    };
    if (record_desk_new(&d, &options, &e) < 0)
        return complain(exit_code_of(&e), "%s", e.text);
    code = serve(d, asked, port, idle_ms);
    record_desk_free(d);
    return code;
}
