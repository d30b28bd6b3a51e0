/* Two passes: whether there are several products must be known before the first file is written.
 * A result's product shows in it. */
#include "sandbox/record_run.h"

#include "base/hash_set.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "sandbox/anonymous.h"
#include "sandbox/answers.h"
#include "sandbox/json_text.h"

#include <errno.h>
#include <string.h>

struct written {
    uint8_t
        key[SHA256_BYTES + 1]; /* the SHA-256 and the product, which is from 1: 0 is a free place */
};

static const void *key_of(const void *entry)
{
    const struct written *w = entry;
    return w->key[SHA256_BYTES] != 0 ? w->key : NULL;
}

static uint64_t hash_of(const void *key)
{
    uint64_t hash;
    memcpy(&hash, key, sizeof hash);
    return hash;
}

static bool same(const void *a, const void *b)
{
    return memcmp(a, b, SHA256_BYTES + 1) == 0;
}

static const struct hash_set_kind written = {sizeof(struct written), key_of, hash_of, same};

struct recording {
    const char *directory;
    bool seen[PRODUCT_COUNT];
    bool apart; /* a directory for each product */
    bool hide;
    struct anonymous anonymous;
    struct hash_set written;
    struct buffer path, text;
    struct run_recorded *out;
    struct error *e;
};

static bool find_product(const struct answer_part *result, enum product *out)
{
    static const char *const marks[PRODUCT_COUNT] = {"fields", "classification", "crops", "splits",
                                                     "pages"};
    size_t len;
    for (int p = 0; p < PRODUCT_COUNT; p++) {
        if (json_find(result->json, result->len, marks[p], &len) != NULL) {
            *out = (enum product)p;
            return true;
        }
    }
    return false;
}

static int note_product(void *ctx, const struct run_result *r)
{
    struct recording *rec = ctx;
    struct answer_part result = answer_result(r->json, r->len);
    enum product p;
    if (result.json != NULL && find_product(&result, &p))
        rec->seen[p] = true;
    return 0;
}

static int write_text(const char *path, const struct buffer *text, struct error *e)
{
    struct safe_file f;
    int rc = safe_file_open(&f, path, ACCESS_PRIVATE, e);
    if (rc != 0)
        return rc;
    if (fwrite(text->data, 1, text->len, f.stream) != text->len) {
        int failed = errno;
        safe_file_abandon(&f);
        return error_system(e, ERR_IO, failed, "write %s", text_show(path));
    }
    return safe_file_commit(&f, e);
}

static int write_answer(struct recording *rec, const struct run_result *r,
                        const struct answer_part *result, enum product p)
{
    char hex[SHA256_HEX];
    hex_encode(r->sha256, SHA256_BYTES, hex);
    buffer_clear(&rec->path);
    buffer_printf(&rec->path, "%s/%s%s%s.json", rec->directory, rec->apart ? product_name(p) : "",
                  rec->apart ? "/" : "", hex);
    buffer_clear(&rec->text);
    if (rec->hide) {
        buffer_put(&rec->text, "{\"inference\":{\"result\":");
        anonymous_put(&rec->anonymous, result->json, result->len, &rec->text);
        buffer_put(&rec->text, "}}");
    } else if (buffer_append(&rec->text, r->json, r->len) != 0) {
        return error_set(rec->e, ERR_MEMORY, "a result of %zu bytes", r->len);
    }
    rec->out->answers++;
    return write_text(buffer_text(&rec->path), &rec->text, rec->e);
}

static int record_one(void *ctx, const struct run_result *r)
{
    struct recording *rec = ctx;
    struct answer_part result = answer_result(r->json, r->len);
    enum product p;
    struct written key;
    if (result.json == NULL || !find_product(&result, &p)) {
        rec->out->left++;
        return 0;
    }
    memcpy(key.key, r->sha256, SHA256_BYTES);
    key.key[SHA256_BYTES] = (uint8_t)(p + 1);
    struct written *place = hash_set_put(&rec->written, &written, key.key);
    REQUIRE(place != NULL);
    if (key_of(place) != NULL) {
        rec->out->left++;
        return 0;
    }
    *place = key;
    return write_answer(rec, r, &result, p);
}

static int make_directories(struct recording *rec)
{
    int rc = directory_make(rec->directory, ACCESS_PRIVATE, rec->e);
    for (int p = 0; p < PRODUCT_COUNT && rc == 0 && rec->apart; p++) {
        if (!rec->seen[p])
            continue;
        buffer_clear(&rec->path);
        buffer_printf(&rec->path, "%s/%s", rec->directory, product_name((enum product)p));
        rc = directory_make(buffer_text(&rec->path), ACCESS_PRIVATE, rec->e);
    }
    return rc;
}

int record_run(const struct run_reader *reader, const char *run, const char *directory,
               bool anonymous, struct run_recorded *out, struct error *e)
{
    struct recording rec = {.directory = directory, .hide = anonymous, .out = out, .e = e};
    struct random random;
    int products = 0;
    *out = (struct run_recorded){0};
    random_init_system(&random);
    anonymous_init(&rec.anonymous, &random);
    buffer_init(&rec.path, 0);
    buffer_init(&rec.text, 0);
    int rc = reader->read(run, note_product, &rec, e);
    for (int p = 0; p < PRODUCT_COUNT; p++)
        products += rec.seen[p];
    rec.apart = products > 1;
    if (rc == 0)
        rc = make_directories(&rec);
    if (rc == 0)
        rc = reader->read(run, record_one, &rec, e);
    anonymous_release(&rec.anonymous);
    hash_set_release(&rec.written);
    buffer_release(&rec.path);
    buffer_release(&rec.text);
    return rc;
}
