/* Any bytes as JSON: the quick way over a string's plain bytes stops where a slow one does, and a text
 * that is passed over is found as whole or as broken, and at the same place, as one that is read value
 * by value. */
#include "base/json_scan.h"
#include "base/plain_bytes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *slowly(const char *p, const char *end)
{
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20 &&
           (unsigned char)*p < 0x80)
        p++;
    return p;
}

/* STEP: less than so much may be left over to look at. */
static void check_plain(const char *p, const char *end, const char *found, int step)
{
    const char *true_end = slowly(p, end);
    REQUIRE(found >= p && found <= true_end);
    REQUIRE(found == true_end || end - found < step);
}

/* Every PASSED-th array or object is passed over; 0: none. */
static int scan(struct json_scan *s, const char *text, size_t len, unsigned passed)
{
    unsigned opened = 0;
    int more;
    json_scan_init(s, text, len);
    for (more = json_scan_next(s); more > 0;) {
        bool begins = s->kind >= JSON_ARRAY && !s->closed;
        more = begins && passed && ++opened % passed == 0 ? json_scan_pass(s) : json_scan_next(s);
    }
    return more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_scan whole, passing;
    char *text = malloc(size + 1); /* of exactly its size, but for the empty one */
    REQUIRE(text != NULL);
    if (size > 0)
        text = realloc(memcpy(text, data, size), size);
    const char *end = text + size;
    for (const char *p = text; p < end; p = slowly(p, end) + 1) {
        check_plain(p, end, plain_bytes(p, end), 8);
        check_plain(p, end, plain_bytes_by_8(p, end), 8);
    }
    int found = scan(&whole, text, size, 0);
    for (unsigned passed = 1; passed < 4; passed++) {
        REQUIRE(scan(&passing, text, size, passed) == found);
        REQUIRE(passing.error == whole.error && passing.error_at == whole.error_at);
        REQUIRE(passing.unfit == whole.unfit && passing.root == whole.root);
        REQUIRE(passing.values == whole.values && passing.depth == whole.depth);
    }
    free(text);
    return 0;
}
