/* Noting what is set. The paper lies on the file's page turned and scaled at most, so three points of
 * it say where all the others are; they are asked for when a page begins, while the inner canvas is
 * as the texts find it.
 *
 * A text's box goes from its capitals' height to below its descenders. Where a part of a text begins
 * follows from the width of what stands before it, by the same font. */
#include "sandbox/invoice/prints.h"
#include "base/array.h"
#include "sandbox/json_text.h"

#include <stdlib.h>
#include <string.h>

static const double ascent = 0.76, descent = 0.22; /* of the size */

static struct prints *prints_of(struct canvas *c)
{
    return (struct prints *)(void *)c;
}

static void note_page(struct canvas *c)
{
    struct prints *p = prints_of(c);
    canvas_page(p->inner);
    p->page++;
    p->origin = canvas_where(p->inner, 0, 0);
    struct point right = canvas_where(p->inner, 1, 0), below = canvas_where(p->inner, 0, 1);
    p->across[0] = right.x - p->origin.x;
    p->across[1] = right.y - p->origin.y;
    p->down[0] = below.x - p->origin.x;
    p->down[1] = below.y - p->origin.y;
}

static double inner_width(struct canvas *c, enum font font, double size, const char *text)
{
    struct canvas *inner = prints_of(c)->inner;
    return inner->ops->text_width(inner, font, size, text);
}

static void note_text(struct canvas *c, enum font font, double size, unsigned colour, double x,
                      double y, const char *text)
{
    struct prints *p = prints_of(c);
    p->inner->ops->text(p->inner, font, size, colour, x, y, text);
    if (!*text)
        return;
    ARRAY_RESERVE(p->all, p->capacity, (size_t)p->count + 1);
    p->all[p->count++] = (struct print){.page = p->page,
                                        .font = font,
                                        .size = size,
                                        .x = x,
                                        .y = y,
                                        .width = inner_width(c, font, size, text),
                                        .text = xstrdup(text)};
}

static void inner_box(struct canvas *c, unsigned colour, double x, double y, double w, double h)
{
    canvas_box(prints_of(c)->inner, colour, x, y, w, h);
}

static void inner_line(struct canvas *c, unsigned colour, double width, double x1, double y1,
                       double x2, double y2)
{
    canvas_line(prints_of(c)->inner, colour, width, x1, y1, x2, y2);
}

static void inner_disc(struct canvas *c, unsigned colour, double x, double y, double radius)
{
    canvas_disc(prints_of(c)->inner, colour, x, y, radius);
}

static struct point inner_where(struct canvas *c, double x, double y)
{
    return canvas_where(prints_of(c)->inner, x, y);
}

static const struct canvas_ops noting = {note_page,  note_text,  inner_width, inner_box,
                                         inner_line, inner_disc, inner_where};

void prints_init(struct prints *p, struct canvas *inner)
{
    *p = (struct prints){
        .canvas = {&noting, inner->width, inner->height}, .inner = inner, .page = -1};
}

void prints_release(struct prints *p)
{
    for (int i = 0; i < p->count; i++)
        free(p->all[i].text);
    free(p->all);
    p->all = NULL;
    p->count = 0;
}

/* ---- finding ---- */

/* A letter or digit of any script: what isn't ASCII counts as one. */
static bool in_word(char c)
{
    return (c & 0x80) != 0 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

int words_find(const char *text, size_t from, const char *words)
{
    size_t len = strlen(words);
    if (len == 0 || from > strlen(text))
        return -1;
    for (const char *at = text + from; (at = strstr(at, words)) != NULL; at++) {
        bool begins = at == text || !in_word(at[-1]) || !in_word(at[0]);
        if (begins && (!in_word(at[len - 1]) || !in_word(at[len])))
            return (int)(at - text);
    }
    return -1;
}

int prints_exact(const struct prints *p, int from, const char *text)
{
    for (int i = from < 0 ? 0 : from; i < p->count; i++)
        if (strcmp(p->all[i].text, text) == 0)
            return i;
    return -1;
}

int prints_within(const struct prints *p, int from, const char *text, size_t *at)
{
    for (int i = from < 0 ? 0 : from; i < p->count; i++) {
        int byte = words_find(p->all[i].text, 0, text);
        if (byte >= 0) {
            *at = (size_t)byte;
            return i;
        }
    }
    return -1;
}

/* ---- places ---- */

static double clamped(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static struct point page_point(const struct prints *p, double x, double y)
{
    return (struct point){clamped(p->origin.x + x * p->across[0] + y * p->down[0]),
                          clamped(p->origin.y + x * p->across[1] + y * p->down[1])};
}

static struct place place_of(const struct prints *p, int page, double left, double top,
                             double right, double bottom)
{
    return (struct place){.printed = true,
                          .page = page,
                          .corners = {page_point(p, left, top), page_point(p, right, top),
                                      page_point(p, right, bottom), page_point(p, left, bottom)}};
}

/* How wide the first LEN bytes of a print are. */
static double width_of(const struct prints *p, const struct print *print, size_t len)
{
    char *text = xstrdup(print->text);
    text[len] = '\0';
    double width =
        len > 0 ? p->inner->ops->text_width(p->inner, print->font, print->size, text) : 0;
    free(text);
    return width;
}

struct place prints_place(const struct prints *p, int i, size_t at, size_t len)
{
    if (i < 0)
        return (struct place){.printed = false};
    const struct print *print = &p->all[i];
    REQUIRE(at + len <= strlen(print->text));
    double left = print->x + width_of(p, print, at),
           right = print->x + width_of(p, print, at + len);
    return place_of(p, print->page, left, print->y - ascent * print->size, right,
                    print->y + descent * print->size);
}

struct place prints_whole(const struct prints *p, int i)
{
    return prints_place(p, i, 0, i < 0 ? 0 : strlen(p->all[i].text));
}

struct place prints_paper(const struct prints *p)
{
    return place_of(p, 0, 0, 0, p->canvas.width, p->canvas.height);
}

void place_put_polygon(struct buffer *out, const struct place *at)
{
    for (int i = 0; i < 4; i++)
        buffer_printf(out, "%s[%.4f,%.4f]", i == 0 ? "[" : ",", at->corners[i].x, at->corners[i].y);
    buffer_put(out, "]");
}

/* ---- as OCR reads a page ---- */

/* Down the page, then from the left; what stands on about one line counts as one. */
static int in_reading_order(const void *a, const void *b)
{
    const struct print *p = *(const struct print *const *)a, *q = *(const struct print *const *)b;
    if (p->page != q->page)
        return p->page < q->page ? -1 : 1;
    int line = (int)(p->y / 4), other = (int)(q->y / 4);
    if (line != other)
        return line < other ? -1 : 1;
    return p->x < q->x ? -1 : p->x > q->x;
}

static void put_words(const struct prints *p, const struct print *print, struct buffer *out,
                      bool *first)
{
    int i = (int)(print - p->all);
    size_t at = 0, len;
    for (; print->text[at] != '\0'; at += len) {
        at += strspn(print->text + at, " ");
        len = strcspn(print->text + at, " ");
        if (len == 0)
            break;
        struct place place = prints_place(p, i, at, len);
        char *word = xstrdup(print->text + at);
        word[len] = '\0';
        buffer_put(out, *first ? "{" : ",{");
        *first = false;
        json_put_member(out, "content", word);
        buffer_put(out, ",\"polygon\":");
        place_put_polygon(out, &place);
        buffer_put(out, "}");
        free(word);
    }
}

/* The texts of those prints, a line each for what stands on one. */
static void put_content(const struct print *const *prints, int count, struct buffer *out)
{
    struct buffer text;
    buffer_init(&text, 0);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_put(&text, (int)(prints[i]->y / 4) == (int)(prints[i - 1]->y / 4) ? " " : "\n");
        buffer_put(&text, prints[i]->text);
    }
    json_put_member(out, "content", buffer_text(&text));
    buffer_release(&text);
}

void prints_put_pages(const struct prints *p, struct buffer *out)
{
    const struct print **order = xcalloc((size_t)p->count + 1, sizeof(struct print *));
    for (int i = 0; i < p->count; i++)
        order[i] = &p->all[i];
    qsort(order, (size_t)p->count, sizeof *order, in_reading_order);
    buffer_put(out, "[");
    int from = 0;
    for (int page = 0; page <= p->page; page++) {
        int to = from;
        bool first = true;
        buffer_put(out, page == 0 ? "{\"words\":[" : ",{\"words\":[");
        for (; to < p->count && order[to]->page == page; to++)
            put_words(p, order[to], out, &first);
        buffer_put(out, "],");
        put_content(order + from, to - from, out);
        buffer_put(out, "}");
        from = to;
    }
    buffer_put(out, "]");
    free(order);
}
