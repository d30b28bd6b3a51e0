/* See html_head.h. */
#include "report/html_head.h"

#include "base/digest.h"
#include "report/html_text.h"

static void put_base64(struct buffer *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        uint32_t n = (uint32_t)bytes[i] << 16;
        n |= i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0;
        n |= i + 2 < len ? bytes[i + 2] : 0;
        buffer_printf(out, "%c%c%c%c", digits[n >> 18], digits[n >> 12 & 63],
                      i + 1 < len ? digits[n >> 6 & 63] : '=', i + 2 < len ? digits[n & 63] : '=');
    }
}

void html_hash(struct buffer *out, const void *data, size_t len)
{
    uint8_t digest[SHA256_BYTES];
    sha256(data, len, digest);
    buffer_put(out, "sha256-");
    put_base64(out, digest, sizeof digest);
}

void html_begin(struct buffer *out, const char *title, const struct page_file *style,
                const struct page_file *script)
{
    buffer_put(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "style-src '");
    html_hash(out, style->text, style->len);
    buffer_put(out, "'; script-src '");
    html_hash(out, script->text, script->len);
    buffer_put(out, "'; base-uri 'none'; form-action 'none'\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"robots\" content=\"noindex\">\n<title>");
    html_text(out, title);
    buffer_put(out, "</title>\n<style>");
    buffer_put(out, style->text);
    buffer_put(out, "</style>\n</head>\n<body>\n");
}

void html_end(struct buffer *out, const struct page_file *script)
{
    buffer_put(out, "<script>");
    buffer_put(out, script->text);
    buffer_put(out, "</script>\n</body>\n</html>\n");
}
