/* See truth.h. */
#include "sandbox/invoice/truth.h"

#include "sandbox/invoice/fields.h"
#include "sandbox/invoice/layout.h"
#include "sandbox/invoice/mark.h"
#include "sandbox/invoice/places.h"

#include <stdlib.h>

void invoice_draw_truth(const struct invoice *v, struct canvas *c, struct buffer *json)
{
    struct prints prints;
    struct invoice_places *places = xcalloc(1, sizeof *places);
    prints_init(&prints, c);
    layout_draw(v, &prints.canvas);
    invoice_places_find(v, &prints, places);
    buffer_clear(json);
    buffer_printf(json, "{\"document_type\":\"%s\",\"paper\":",
                  invoice_is_receipt(v) ? "receipt" : "invoice");
    place_put_polygon(json, &places->paper);
    buffer_put(json, ",\"fields\":");
    invoice_put_fields(v, places, json);
    buffer_put(json, ",\"pages\":");
    prints_put_pages(&prints, json);
    buffer_put(json, "}");
    prints_release(&prints);
    free(places);
}

void invoice_draw(const struct invoice *v, struct canvas *c, struct buffer *mark)
{
    struct buffer json;
    buffer_init(&json, 0);
    invoice_draw_truth(v, c, &json);
    invoice_mark_make(buffer_text(&json), mark);
    buffer_release(&json);
}
