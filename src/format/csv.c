/* See csv.h. A cell is looked through once: most have nothing special, and are copied whole. File
 * names and what invoices say come from anybody, so both are texts here. */
#include "format/csv.h"

#include "base/buffer.h"
#include "base/text.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* What makes a cell be quoted: also the delimiters of other forms, for readers that guess. */
enum { PLAIN, QUOTED, DOUBLED, LINE_END, NOTHING };
static const uint8_t kinds[256] = {
    [','] = QUOTED,  [';'] = QUOTED,    ['\t'] = QUOTED,   ['|'] = QUOTED,
    ['"'] = DOUBLED, ['\n'] = LINE_END, ['\r'] = LINE_END, ['\0'] = NOTHING,
};

void csv_begin(struct csv_writer *w, const struct csv_profile *p, size_t bytes,
               block_output_put *put, void *to)
{
    *w = (struct csv_writer){.profile = *p, .empty = true};
    block_output_init(&w->out, bytes, put, to);
    if (p->bom)
        block_output_text(&w->out, "\xef\xbb\xbf");
}

void csv_release(struct csv_writer *w)
{
    block_output_release(&w->out);
}

static void next_cell(struct csv_writer *w, size_t len)
{
    if (w->cells++)
        block_output_char(&w->out, w->profile.delimiter);
    if (len)
        w->empty = false;
}

static bool is_blank(const char *text, size_t len, size_t at)
{
    return text[at] == ' ' || (at + 1 < len && text[at] == '\xc2' && text[at + 1] == '\xa0') ||
           (at > 0 && text[at - 1] == '\xc2' && text[at] == '\xa0');
}

/* From the first special character on, at AT. */
static void put_special(struct csv_writer *w, const char *text, size_t len, size_t at)
{
    size_t start = 0;
    bool nul = false;
    for (; at < len; at++) {
        uint8_t kind = kinds[(uint8_t)text[at]];
        if (kind == PLAIN || kind == QUOTED || text[at] == '\n')
            continue;
        block_output_add(&w->out, text + start, at - start);
        start = at + 1;
        if (kind == DOUBLED)
            block_output_text(&w->out, "\"\"");
        else if (kind == NOTHING)
            block_output_text(&w->out, REPLACEMENT);
        else if (start == len || text[start] != '\n') /* that one follows by itself */
            block_output_char(&w->out, '\n');
        nul = nul || kind == NOTHING;
    }
    block_output_add(&w->out, text + start, len - start);
    w->nuls += nul;
}

void csv_text(struct csv_writer *w, const char *text, size_t len)
{
    size_t at = 0;
    next_cell(w, len);
    if (!len)
        return;
    while (at < len && kinds[(uint8_t)text[at]] == PLAIN)
        at++;
    bool defused = w->profile.defuse && csv_defused(text, len);
    if (at == len && !is_blank(text, len, 0) && !is_blank(text, len, len - 1)) {
        if (defused)
            block_output_char(&w->out, '\'');
        block_output_add(&w->out, text, len);
        return;
    }
    block_output_text(&w->out, defused ? "\"'" : "\"");
    put_special(w, text, len, at);
    block_output_char(&w->out, '"');
}

void csv_number(struct csv_writer *w, const char *text, size_t len)
{
    const char *point = w->profile.decimal == '.' ? NULL : (len ? memchr(text, '.', len) : NULL);
    bool quoted = point && w->profile.decimal == w->profile.delimiter;
    size_t whole = point ? (size_t)(point - text) : len;
    next_cell(w, len);
    if (quoted)
        block_output_char(&w->out, '"');
    block_output_add(&w->out, text, whole);
    if (point) {
        block_output_char(&w->out, w->profile.decimal);
        block_output_add(&w->out, point + 1, len - whole - 1);
    }
    if (quoted)
        block_output_char(&w->out, '"');
}

void csv_word(struct csv_writer *w, const char *text, size_t len)
{
    next_cell(w, len);
    block_output_add(&w->out, text, len);
}

/* A row of one empty cell would be an empty line, which readers pass over. */
void csv_end_row(struct csv_writer *w)
{
    if (w->cells == 1 && w->empty)
        block_output_text(&w->out, "\"\"");
    block_output_text(&w->out, "\r\n");
    w->cells = 0;
    w->empty = true;
}

int csv_flush(struct csv_writer *w, struct error *e)
{
    return block_output_flush(&w->out, e);
}

void csv_row(struct csv_writer *w, const char *const *cells, size_t count)
{
    struct buffer shown;
    buffer_init(&shown, 0);
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&shown);
        if (cells[i])
            text_display(&shown, cells[i], strlen(cells[i]));
        csv_text(w, buffer_text(&shown), shown.len);
    }
    buffer_release(&shown);
    csv_end_row(w);
}
