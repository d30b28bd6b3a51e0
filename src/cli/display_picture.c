/* See display_picture.h. The text is made of items, short phrases that stay together where a line
 * has room for them. All of it is ASCII: a byte is a column. */
#include "cli/display_picture.h"

#include "base/units.h"
#include "batch/pause.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct page {
    struct buffer *out;
    int room;   /* columns that a line may have */
    int column; /* of the line that is being written */
};

static void end_line(struct page *page)
{
    if (page->column)
        buffer_put(page->out, "\n");
    page->column = 0;
}

static void put_word(struct page *page, const char *word, int len, const char *before)
{
    int gap = page->column ? (int)strlen(before) : 0;
    if (page->column + gap + len > page->room) {
        end_line(page);
        gap = 0;
    }
    buffer_printf(page->out, "%s%.*s", gap ? before : "", len, word);
    page->column += gap + len;
}

/* An item that is longer than a whole line is broken between its words. */
static void put_item(struct page *page, const char *item)
{
    int len = (int)strlen(item);
    if (len <= page->room) {
        put_word(page, item, len, "  ");
        return;
    }
    for (const char *p = item, *between = "  "; *p; between = " ") {
        int word = (int)strcspn(p, " ");
        put_word(page, p, word, between);
        p += word + (p[word] == ' ');
    }
}

__attribute__((format(printf, 2, 3))) static void say(struct page *page, const char *format, ...)
{
    char item[200];
    va_list args;
    va_start(args, format);
    vsnprintf(item, sizeof item, format, args);
    va_end(args);
    put_item(page, item);
}

static void say_count(struct page *page, const char *what, int64_t n)
{
    char text[UNITS_TEXT_MAX];
    say(page, "%s %s", what, count_format(n, text));
}

static int64_t done_count(const struct batch_progress *p)
{
    return p->by_state[DOC_STORED] + p->by_state[DOC_FAILED] + p->by_state[DOC_REJECTED] +
           p->by_state[DOC_LOST] + p->dismissed;
}

static void say_done(struct page *page, const struct batch_progress *p)
{
    char bar[32], done[UNITS_TEXT_MAX], all[UNITS_TEXT_MAX];
    int size = page->room < 60 ? 10 : page->room < 100 ? 16 : 24;
    int64_t full = p->documents ? done_count(p) * size / p->documents : 0;
    for (int i = 0; i < size; i++)
        bar[i] = i < full ? '#' : '.';
    if (p->walking && !p->documents)
        say(page, "[%.*s] looking for documents", size, bar);
    else
        say(page, "[%.*s] %s of %s%s done", size, bar, count_format(done_count(p), done),
            count_format(p->documents, all), p->walking ? "+" : "");
}

/* How long all of it takes is no news while a run is being stopped. */
static void say_time_to_go(struct page *page, const struct batch_progress *p)
{
    char time[UNITS_TEXT_MAX];
    if (p->eta_ms > 0 && !(p->pauses & PAUSE_STOPPING))
        say(page, "about %s to go", duration_format(p->eta_ms, time));
}

static void say_how_far(struct page *page, const struct picture_facts *facts)
{
    char stored[UNITS_TEXT_MAX], limit[UNITS_TEXT_MAX], time[UNITS_TEXT_MAX];
    double most = facts->progress->post_limit;
    say_done(page, facts->progress);
    say_time_to_go(page, facts->progress);
    count_format(facts->last_minute, stored);
    if (most > 0)
        say(page, "%s in the last minute (limit %s)", stored, count_format((int64_t)most, limit));
    else
        say(page, "%s in the last minute", stored);
    say(page, "%s so far", duration_format(facts->elapsed_ms, time));
}

static void say_counts(struct page *page, const struct batch_progress *p)
{
    say_count(page, "stored", p->by_state[DOC_STORED]);
    say_count(page, "failed", p->by_state[DOC_FAILED]);
    say_count(page, "rejected", p->by_state[DOC_REJECTED]);
    if (p->by_state[DOC_LOST])
        say_count(page, "lost", p->by_state[DOC_LOST]);
    if (p->by_state[DOC_IN_DOUBT])
        say_count(page, "in doubt", p->by_state[DOC_IN_DOUBT]);
    if (p->dismissed)
        say_count(page, "dismissed", p->dismissed);
    say_count(page, "uploading", p->uploads_out);
    say_count(page, "processing", p->jobs);
    say_count(page, "to send", p->by_state[DOC_QUEUED]);
}

static void say_waits(struct page *page, const struct batch_progress *p)
{
    const char *words = "waits for";
    for (int i = 0; i < BATCH_PAUSES; i++) {
        if (!(p->pauses & (1u << i)))
            continue;
        say(page, "%s %s", words, batch_pause_names[i]);
        words = "and for";
    }
    if (!p->pauses && !p->uploads_out && !p->by_state[DOC_QUEUED] && p->jobs && !p->walking)
        say(page, "waits for Mindee's results");
}

void display_picture(struct buffer *out, const struct picture_facts *facts, int width)
{
    if (width < PICTURE_LEAST_WIDTH)
        width = PICTURE_LEAST_WIDTH;
    struct page page = {out, width - 1, 0};
    say_how_far(&page, facts);
    end_line(&page);
    say_counts(&page, facts->progress);
    say_waits(&page, facts->progress);
    end_line(&page);
}

int display_rows(const char *text, int width)
{
    int rows = 0;
    while (*text) {
        int len = (int)strcspn(text, "\n");
        rows += len > width ? (len + width - 1) / width : 1;
        text += len + (text[len] == '\n');
    }
    return rows;
}
