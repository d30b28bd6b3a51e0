/* Recognition of files by their first bytes, the scan of what follows,
 * and the name that is sent. */
#include "base/text.h"
#include "intake/content_scan.h"
#include "intake/file_looks.h"
#include "intake/intake.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fed whole and byte by byte, the scan must come to the same end. */
static void scan_both_ways(enum file_type type, const uint8_t *data, size_t size)
{
    struct content_scan whole, bytes;
    content_scan_init(&whole, type);
    content_scan_init(&bytes, type);
    content_scan_feed(&whole, data, size);
    for (size_t i = 0; i < size; i++)
        content_scan_feed(&bytes, data + i, 1);
    REQUIRE(whole.encrypt_seen == bytes.encrypt_seen && whole.animated == bytes.animated);
}

static void name_is_safe(const uint8_t *data, size_t size, enum file_type type)
{
    char out[256], *name = malloc(size + 1);
    REQUIRE(name != NULL);
    memcpy(name, data, size);
    name[size] = '\0';
    file_name_to_send(name, type, out, sizeof out);
    REQUIRE(strlen(out) > 0 && strlen(out) <= 200 && text_is_utf8(out, strlen(out)));
    REQUIRE(!strpbrk(out, "\"\\/\r\n\t"));
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t head = size < FILE_HEAD_BYTES ? size : FILE_HEAD_BYTES;
    enum file_type type = file_type_of(data, head);
    REQUIRE(strlen(file_type_name(type)) > 0);
    REQUIRE(strlen(file_looks_like(data, head)) > 0);
    scan_both_ways(FILE_PDF, data, size);
    scan_both_ways(FILE_PNG, data, size);
    name_is_safe(data, size, type == FILE_UNKNOWN ? FILE_PDF : type);
    return 0;
}
