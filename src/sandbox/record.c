/* Jobs are kept for ever, a few hundred bytes each: after their results expired they are still in
 * the list that tests ask for. A job's state isn't stored but follows from the time.
 *
 * An inference's id is its job's, masked with random bits of this process: it looks like any other
 * id, is never the same as the job's, and needs no table of its own. */
#include "sandbox/record.h"

#include "base/array.h"
#include "base/text.h"
#include "sandbox/invoice/mark.h"
#include "sandbox/upload.h"

#include <stdlib.h>
#include <string.h>

/* Ids are random and keys are digests: their first bytes are hash enough. */

static uint64_t first_bytes(const void *key)
{
    uint64_t hash;
    memcpy(&hash, key, sizeof hash);
    return hash;
}

static const void *job_id(const void *entry)
{
    const struct job *j = *(struct job *const *)entry;
    return j ? j->id : NULL;
}

static bool same_id(const void *id, const void *other)
{
    return memcmp(id, other, ID_BYTES) == 0;
}

static const void *content_key(const void *entry)
{
    const struct content *c = *(struct content *const *)entry;
    return c ? c->key : NULL;
}

static bool same_key(const void *key, const void *other)
{
    return memcmp(key, other, SHA256_BYTES) == 0;
}

static const struct hash_set_kind jobs = {sizeof(struct job *), job_id, first_bytes, same_id};
static const struct hash_set_kind contents = {sizeof(struct content *), content_key, first_bytes,
                                              same_key};

/* Where a version 4 UUID has its fixed bits. */
static void set_version(uint8_t id[ID_BYTES])
{
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}

static void draw_bytes(struct random *r, uint8_t id[ID_BYTES])
{
    uint64_t a = random_u64(r), b = random_u64(r);
    memcpy(id, &a, 8);
    memcpy(id + 8, &b, 8);
}

void record_init(struct record *r, uint64_t seed, int64_t retention_ms)
{
    *r = (struct record){.retention_ms = retention_ms};
    random_init(&r->random, seed);
    draw_bytes(&r->random, r->mask);
    r->mask[6] &= 0x0f;
    r->mask[8] &= 0x3f;
    r->mask[0] |= 1; /* never the same id */
}

void record_release(struct record *r)
{
    for (size_t i = 0; i < r->jobs.count; i++) {
        free(r->order[i]->filename);
        free(r->order[i]->alias);
        free(r->order[i]->data_schema);
        free(r->order[i]->deliveries);
        free(r->order[i]);
    }
    struct content **c = NULL;
    while ((c = hash_set_next(&r->contents, &contents, c)) != NULL) {
        free((*c)->truth);
        free(*c);
    }
    free(r->order);
    hash_set_release(&r->jobs);
    hash_set_release(&r->contents);
    *r = (struct record){.order = NULL};
}

size_t record_count(const struct record *r)
{
    return r->jobs.count;
}

/* ---- accepting ---- */

static void find_truth(struct content *c, const struct form *form)
{
    struct buffer packed;
    buffer_init(&packed, INVOICE_MARK_MAX_BYTES);
    if (invoice_mark_find(form->file, form->file_len, &packed))
        c->truth = buffer_detach(&packed, &c->truth_len);
    buffer_release(&packed);
}

static struct content *content_for(struct record *r, const struct form *form)
{
    uint8_t sha[SHA256_BYTES], key[SHA256_BYTES];
    if (form->url != NULL)
        sha256(form->url, strlen(form->url), sha);
    else
        sha256(form->file, form->file_len, sha);
    memcpy(key, sha, sizeof key);
    const char *model = form->model->id;
    for (size_t i = 0; model[i] != 0; i++)
        key[i % SHA256_BYTES] ^= (uint8_t)(model[i] + (i >= SHA256_BYTES));
    struct content **place = hash_set_put(&r->contents, &contents, key);
    REQUIRE(place != NULL);
    if (*place != NULL)
        return *place;
    struct content *c = *place = xcalloc(1, sizeof *c);
    memcpy(c->key, key, sizeof key);
    memcpy(c->sha, sha, sizeof sha);
    c->type = form->type;
    c->pages = form->url != NULL ? 1 : upload_pages(form->type, form->file, form->file_len);
    if (form->url == NULL)
        find_truth(c, form);
    return c;
}

static void charge(struct record *r, struct job *j)
{
    struct content *c = j->content;
    r->accepted++;
    if (c->accepted++ > 0)
        r->duplicates++;
    if (j->failure != JOB_SUCCEEDS)
        return;
    r->charged_pages += (uint64_t)c->pages;
    if (c->charged++ > 0)
        r->double_charged++;
}

struct job *record_accept(struct record *r, struct form *form, struct wall wall, struct mono now,
                          int64_t duration_ms, enum job_failure failure)
{
    struct job *j = xcalloc(1, sizeof *j);
    do {
        draw_bytes(&r->random, j->id);
        set_version(j->id);
    } while (hash_set_find(&r->jobs, &jobs, j->id) != NULL);
    j->content = content_for(r, form);
    j->model = form->model;
    j->filename = form->filename;
    j->alias = form->alias;
    j->data_schema = form->data_schema;
    form->filename = form->alias = form->data_schema = NULL;
    j->created_at = wall;
    j->duration_ms = duration_ms;
    j->done_at = mono_add(now, duration_ms);
    j->options = form->options;
    j->webhooks = form->webhooks;
    j->failure = failure;
    ARRAY_RESERVE(r->order, r->order_capacity, r->jobs.count + 1);
    r->order[r->jobs.count] = j;
    struct job **place = hash_set_put(&r->jobs, &jobs, j->id);
    REQUIRE(place != NULL);
    *place = j;
    charge(r, j);
    return j;
}

/* ---- ids ---- */

static void id_write(const uint8_t id[ID_BYTES], char out[ID_TEXT])
{
    char hex[2 * ID_BYTES + 1];
    hex_encode(id, ID_BYTES, hex);
    static const int groups[] = {8, 4, 4, 4, 12};
    char *to = out;
    const char *from = hex;
    for (int i = 0; i < 5; i++) {
        memcpy(to, from, (size_t)groups[i]);
        to += groups[i];
        from += groups[i];
        *to++ = i < 4 ? '-' : 0;
    }
}

static bool id_read(const char *text, uint8_t id[ID_BYTES])
{
    char hex[2 * ID_BYTES + 1];
    size_t n = 0;
    if (!text_is_uuid4(text))
        return false;
    for (; *text != 0; text++) {
        if (*text != '-')
            hex[n++] = *text;
    }
    hex[n] = 0;
    return hex_decode(hex, id, ID_BYTES) == 0;
}

static void apply_mask(const struct record *r, uint8_t id[ID_BYTES])
{
    for (int i = 0; i < ID_BYTES; i++)
        id[i] ^= r->mask[i];
}

static struct job *find_job(const struct record *r, const uint8_t id[ID_BYTES])
{
    struct job *const *place = hash_set_find(&r->jobs, &jobs, id);
    return place ? *place : NULL;
}

struct job *record_find_job(const struct record *r, const char *id)
{
    uint8_t bytes[ID_BYTES];
    return id_read(id, bytes) ? find_job(r, bytes) : NULL;
}

struct job *record_find_inference(const struct record *r, const char *id)
{
    uint8_t bytes[ID_BYTES];
    if (!id_read(id, bytes))
        return NULL;
    apply_mask(r, bytes);
    return find_job(r, bytes);
}

int job_micros(const struct job *j)
{
    return (j->id[0] << 8 | j->id[1]) % 1000;
}

void record_new_id(struct record *r, char out[ID_TEXT])
{
    uint8_t id[ID_BYTES];
    draw_bytes(&r->random, id);
    set_version(id);
    id_write(id, out);
}

void record_preview(struct record *r, const struct form *form, struct job *job)
{
    *job = (struct job){
        .content = content_for(r, form), .model = form->model, .filename = form->filename};
}

void job_id_text(const struct job *j, char out[ID_TEXT])
{
    id_write(j->id, out);
}

void job_inference_text(const struct job *j, const struct record *r, char out[ID_TEXT])
{
    uint8_t id[ID_BYTES];
    memcpy(id, j->id, sizeof id);
    apply_mask(r, id);
    id_write(id, out);
}

void job_part_text(const struct job *j, unsigned n, char out[ID_TEXT])
{
    uint8_t id[ID_BYTES];
    memcpy(id, j->id, sizeof id);
    id[0] ^= 0x5a; /* the version's bits stay */
    id[14] ^= (uint8_t)(n >> 8);
    id[15] ^= (uint8_t)n;
    id_write(id, out);
}
