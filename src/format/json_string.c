/* See json_string.h. Runs of characters that stand for themselves are copied as they are. */
#include "format/json_string.h"

#include <stdint.h>

static void put_escape(struct block_output *out, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "btn\0fr"; /* of 8 to 13; \v has none */
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    if (c == '"' || c == '\\')
        text[1] = (char)c;
    else if (c >= 8 && c <= 13 && letters[c - 8])
        text[1] = letters[c - 8];
    block_output_add(out, text, text[1] == 'u' ? 6 : 2);
}

void json_string(struct block_output *out, const char *text, size_t len)
{
    size_t start = 0;
    block_output_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        block_output_add(out, text + start, i - start);
        put_escape(out, c);
        start = i + 1;
    }
    block_output_add(out, text + start, len - start);
    block_output_char(out, '"');
}

static int append(void *to, const void *data, size_t len, struct error *e)
{
    int err = buffer_append(to, data, len);
    return err ? error_set(e, err, "no memory for a text of %zu bytes", len) : 0;
}

void json_string_put(struct buffer *out, const char *text, size_t len)
{
    struct block_output block;
    struct error e;
    block_output_init(&block, 256, append, out);
    json_string(&block, text, len);
    REQUIRE(block_output_flush(&block, &e) == 0);
    block_output_release(&block);
}
