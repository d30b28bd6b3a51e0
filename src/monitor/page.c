/* See page.h. Without its script it is a page that tells each batch's name and numbers. What stands for a name or a sentence of
 * trouble is escaped: in the script they are text nodes. */
#include "monitor/page.h"

#include "ledger/summary.h"
#include "monitor/answer.h"
#include "monitor/assets.h"

#include <inttypes.h>
#include <string.h>

static void put_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        const char *as = *text == '<'   ? "&lt;"
                         : *text == '>' ? "&gt;"
                         : *text == '&' ? "&amp;"
                         : *text == '"' ? "&quot;"
                                        : NULL;
        if (as)
            buffer_put(out, as);
        else
            REQUIRE(buffer_append(out, text, 1) == 0);
    }
}

struct state {
    const char *name, *words;
    int64_t count;
};
enum { STATES = 8 };

static void read_states(struct state out[STATES], const struct ledger_counts *c)
{
    const int64_t *s = c->by_state;
    const struct state all[STATES] = {
        {"stored", "stored", s[DOC_STORED]},
        {"processing", "at Mindee", summary_processing(c)},
        {"queued", "waiting to be sent", s[DOC_QUEUED]},
        {"failed", "failed", s[DOC_FAILED]},
        {"rejected", "rejected", s[DOC_REJECTED]},
        {"lost", "lost", s[DOC_LOST]},
        {"in_doubt", "in doubt", s[DOC_IN_DOUBT]},
        {"dismissed", "dismissed", c->dismissed},
    };
    memcpy(out, all, sizeof all);
}

/* As wide as the batch has documents. */
static void put_bar(struct buffer *out, const struct state states[STATES], int64_t documents)
{
    int64_t x = 0;
    buffer_printf(out,
                  "<svg class=\"bar\" viewBox=\"0 0 %" PRId64
                  " 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
                  documents > 0 ? documents : 1);
    for (int i = 0; i < STATES; i++) {
        if (states[i].count > 0)
            buffer_printf(
                out, "<rect x=\"%" PRId64 "\" width=\"%" PRId64 "\" height=\"10\" class=\"%s\"/>",
                x, states[i].count, states[i].name);
        x += states[i].count;
    }
    buffer_put(out, "</svg>");
}

static void put_batch(struct buffer *out, const struct observed_batch *b)
{
    const struct ledger_counts *c = &b->now.counts;
    struct state states[STATES];
    read_states(states, c);
    buffer_put(out, "<section class=\"batch\"><h2>");
    put_escaped(out, *b->view.name ? b->view.name : "The batch");
    buffer_put(out, "</h2>");
    if (*b->view.trouble) {
        buffer_put(out, "<p class=\"trouble\">");
        put_escaped(out, b->view.trouble);
        buffer_put(out, "</p>");
    }
    if (!b->now.known) {
        buffer_put(out, "<p>Nothing is known of it yet.</p></section>\n");
        return;
    }
    put_bar(out, states, c->documents);
    buffer_put(out, "<ul class=\"states\">");
    for (int i = 0; i < STATES; i++)
        buffer_printf(out, "<li class=\"%s\"><b>%" PRId64 "</b> %s</li>", states[i].name,
                      states[i].count, states[i].words);
    buffer_printf(out,
                  "</ul><p>%" PRId64 " files, %" PRId64 " documents, %" PRId64
                  " duplicates</p></section>\n",
                  c->files, c->documents, c->duplicates);
}

/* The template from FROM up to MARK; returns what follows MARK. */
static size_t put_up_to(struct buffer *out, size_t from, const char *mark)
{
    const struct monitor_asset *html = &monitor_asset_html;
    const unsigned char *at = memmem(html->bytes + from, html->len - from, mark, strlen(mark));
    REQUIRE(at != NULL);
    size_t end = (size_t)(at - html->bytes);
    REQUIRE(buffer_append(out, html->bytes + from, end - from) == 0);
    return end + strlen(mark);
}

void page_put(struct buffer *out, const struct observed *seen)
{
    char stamp[WALL_TEXT_MAX];
    size_t at = put_up_to(out, 0, "<!--when-->");
    buffer_printf(out, "As of %s, version %s", wall_format(seen->now, stamp), MB_VERSION);
    at = put_up_to(out, at, "<!--batches-->");
    for (size_t i = 0; i < seen->count; i++)
        put_batch(out, &seen->batches[i]);
    REQUIRE(buffer_append(out, monitor_asset_html.bytes + at, monitor_asset_html.len - at) == 0);
}

bool page_take(struct http_request *r)
{
    static const struct {
        const char *path, *type;
        const struct monitor_asset *file;
    } files[] = {{"/dashboard.css", "text/css; charset=utf-8", &monitor_asset_css},
                 {"/dashboard.js", "text/javascript; charset=utf-8", &monitor_asset_js},
                 {"/icon.svg", "image/svg+xml", &monitor_asset_svg}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct buffer body;
        if (strcmp(http_request_path(r), files[i].path) != 0)
            continue;
        buffer_init(&body, 0);
        REQUIRE(buffer_append(&body, files[i].file->bytes, files[i].file->len) == 0);
        answer(r, 200, files[i].type, &body, NULL);
        return true;
    }
    return false;
}
