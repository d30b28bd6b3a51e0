/* The canvas as a PDF, by libharu: the standard fonts, which every reader brings, in Windows-1252;
 * nothing embedded, everything compressed.
 *
 * The mark goes in as a comment line between the trailer and `startxref`: nothing that an offset
 * points to moves, and `startxref` stays within the last bytes, where readers look for it.
 *
 * libharu remembers its first error and does nothing after it,
 * so it is looked at once, at the end. */
#include "sandbox/invoice/canvas.h"
#include "sandbox/invoice/layout.h"
#include "sandbox/invoice/render.h"
#include "sandbox/invoice/truth.h"

#include <hpdf.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 512 };

struct pdf_canvas {
    struct canvas canvas; /* first */
    HPDF_Doc doc;
    HPDF_Page page;
    HPDF_Font fonts[FONT_COUNT];
};

static struct pdf_canvas *pdf_of(struct canvas *c)
{
    return (struct pdf_canvas *)(void *)c;
}

/* The characters of Windows-1252 that aren't at their Unicode place. */
static const struct {
    unsigned unicode;
    unsigned char byte;
} moved[] = {{0x20ac, 0x80}, {0x201a, 0x82}, {0x201e, 0x84}, {0x2026, 0x85}, {0x160, 0x8a},
             {0x152, 0x8c},  {0x17d, 0x8e},  {0x2018, 0x91}, {0x2019, 0x92}, {0x201c, 0x93},
             {0x201d, 0x94}, {0x2022, 0x95}, {0x2013, 0x96}, {0x2014, 0x97}, {0x2122, 0x99},
             {0x161, 0x9a},  {0x153, 0x9c},  {0x17e, 0x9e},  {0x178, 0x9f}};

static int encode_one(unsigned code)
{
    if ((code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff))
        return (int)code;
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++)
        if (moved[i].unicode == code)
            return moved[i].byte;
    return -1;
}

bool pdf_text_encode(const char *utf8, char *out, size_t size)
{
    const unsigned char *p = (const unsigned char *)utf8;
    size_t n = 0;
    while (*p) {
        int more = *p < 0x80 ? 0 : *p < 0xe0 ? 1 : 2;
        unsigned code = more == 0 ? *p : *p & (more == 1 ? 0x1fu : 0x0fu);
        for (p++; more > 0; more--, p++) {
            if ((*p & 0xc0) != 0x80)
                return false;
            code = code << 6 | (*p & 0x3fu);
        }
        int byte = encode_one(code);
        if (byte < 0 || n + 1 >= size)
            return false;
        out[n++] = (char)(unsigned char)byte;
    }
    out[n] = '\0';
    return true;
}

static float channel(unsigned colour, int shift)
{
    return (float)((colour >> shift) & 0xff) / 255.0f;
}

static void fill_colour(struct pdf_canvas *p, unsigned colour)
{
    HPDF_Page_SetRGBFill(p->page, channel(colour, 16), channel(colour, 8), channel(colour, 0));
}

static float flip(const struct pdf_canvas *p, double y)
{
    return (float)(p->canvas.height - y);
}

static void pdf_page(struct canvas *c)
{
    struct pdf_canvas *p = pdf_of(c);
    p->page = HPDF_AddPage(p->doc);
    HPDF_Page_SetWidth(p->page, (float)c->width);
    HPDF_Page_SetHeight(p->page, (float)c->height);
}

static void pdf_text(struct canvas *c, enum font font, double size, unsigned colour, double x,
                     double y, const char *text)
{
    struct pdf_canvas *p = pdf_of(c);
    char encoded[TEXT_MAX_BYTES];
    REQUIRE(pdf_text_encode(text, encoded, sizeof encoded));
    HPDF_Page_BeginText(p->page);
    fill_colour(p, colour);
    HPDF_Page_SetFontAndSize(p->page, p->fonts[font], (float)size);
    HPDF_Page_TextOut(p->page, (float)x, flip(p, y), encoded);
    HPDF_Page_EndText(p->page);
}

static double pdf_text_width(struct canvas *c, enum font font, double size, const char *text)
{
    char encoded[TEXT_MAX_BYTES];
    REQUIRE(pdf_text_encode(text, encoded, sizeof encoded));
    HPDF_TextWidth w = HPDF_Font_TextWidth(pdf_of(c)->fonts[font], (const HPDF_BYTE *)encoded,
                                           (HPDF_UINT)strlen(encoded));
    return w.width * size / 1000;
}

static void pdf_box(struct canvas *c, unsigned colour, double x, double y, double w, double h)
{
    struct pdf_canvas *p = pdf_of(c);
    fill_colour(p, colour);
    HPDF_Page_Rectangle(p->page, (float)x, flip(p, y + h), (float)w, (float)h);
    HPDF_Page_Fill(p->page);
}

static void pdf_line(struct canvas *c, unsigned colour, double width, double x1, double y1,
                     double x2, double y2)
{
    struct pdf_canvas *p = pdf_of(c);
    HPDF_Page_SetRGBStroke(p->page, channel(colour, 16), channel(colour, 8), channel(colour, 0));
    HPDF_Page_SetLineWidth(p->page, (float)width);
    HPDF_Page_MoveTo(p->page, (float)x1, flip(p, y1));
    HPDF_Page_LineTo(p->page, (float)x2, flip(p, y2));
    HPDF_Page_Stroke(p->page);
}

static void pdf_disc(struct canvas *c, unsigned colour, double x, double y, double radius)
{
    struct pdf_canvas *p = pdf_of(c);
    fill_colour(p, colour);
    HPDF_Page_Circle(p->page, (float)x, flip(p, y), (float)radius);
    HPDF_Page_Fill(p->page);
}

static struct point pdf_where(struct canvas *c, double x, double y)
{
    return (struct point){x / c->width, y / c->height};
}

static const struct canvas_ops pdf_ops = {pdf_page, pdf_text, pdf_text_width, pdf_box,
                                          pdf_line, pdf_disc, pdf_where};

static void set_up(struct pdf_canvas *p, const struct invoice *v)
{
    static const char *const names[FONT_COUNT] = {
        [FONT_SANS] = "Helvetica",
        [FONT_SANS_BOLD] = "Helvetica-Bold",
        [FONT_SERIF] = "Times-Roman",
        [FONT_SERIF_BOLD] = "Times-Bold",
        [FONT_SERIF_ITALIC] = "Times-Italic",
        [FONT_MONO] = "Courier",
        [FONT_MONO_BOLD] = "Courier-Bold",
    };
    char title[TEXT_MAX_BYTES], author[TEXT_MAX_BYTES];
    struct page_size size = layout_page_size(v);
    p->canvas = (struct canvas){&pdf_ops, size.width, size.height};
    HPDF_SetCompressionMode(p->doc, HPDF_COMP_ALL);
    HPDF_SetCurrentEncoder(p->doc, HPDF_ENCODING_WIN_ANSI);
    for (int i = 0; i < FONT_COUNT; i++)
        p->fonts[i] = HPDF_GetFont(p->doc, names[i], HPDF_ENCODING_WIN_ANSI);
    REQUIRE(pdf_text_encode(v->number, title, sizeof title));
    REQUIRE(pdf_text_encode(v->supplier->name, author, sizeof author));
    HPDF_SetInfoAttr(p->doc, HPDF_INFO_TITLE, title);
    HPDF_SetInfoAttr(p->doc, HPDF_INFO_AUTHOR, author);
    HPDF_SetInfoAttr(p->doc, HPDF_INFO_CREATOR, "mindee-batch sandbox");
    HPDF_SetInfoDateAttr(p->doc, HPDF_INFO_CREATION_DATE,
                         (HPDF_Date){v->date.year, v->date.month, v->date.day, 9, 0, 0, 'Z', 0, 0});
}

/* Takes what libharu wrote into OUT, the mark in front of the last `startxref`. */
static int collect(struct pdf_canvas *p, const char *mark, struct buffer *out, struct error *e)
{
    static const char last[] = "startxref";
    HPDF_SaveToStream(p->doc);
    HPDF_STATUS status = HPDF_GetError(p->doc);
    HPDF_UINT32 size = status == HPDF_OK ? HPDF_GetStreamSize(p->doc) : 0;
    if (size == 0)
        return error_set(e, ERR_FORMAT, "libharu: error 0x%04lx", (unsigned long)status);
    char *bytes = xcalloc(1, size);
    HPDF_ReadFromStream(p->doc, (HPDF_BYTE *)bytes, &size);
    size_t at = size;
    while (at > 0 &&
           (size - at < sizeof last - 1 || memcmp(bytes + at, last, sizeof last - 1) != 0))
        at--;
    REQUIRE(at > 0);
    buffer_clear(out);
    int rc = buffer_append(out, bytes, at);
    if (rc == 0) {
        buffer_printf(out, "%%%s\n", mark);
        rc = buffer_append(out, bytes + at, size - at);
    }
    free(bytes);
    return rc ? error_set(e, rc, "a PDF of %lu bytes", (unsigned long)size) : 0;
}

int invoice_render_pdf(const struct invoice *v, struct buffer *out, struct error *e)
{
    struct pdf_canvas p = {.doc = HPDF_New(NULL, NULL)};
    struct buffer mark;
    if (!p.doc)
        return error_set(e, ERR_MEMORY, "libharu: out of memory");
    buffer_init(&mark, 0);
    set_up(&p, v);
    invoice_draw(v, &p.canvas, &mark);
    int rc = collect(&p, buffer_text(&mark), out, e);
    buffer_release(&mark);
    HPDF_Free(p.doc);
    return rc;
}
