/* The head of a result: see payload_inference() and mindee_inference_parse().
 *
 * A result may be many megabytes of coordinates, and all that is wanted of it is proof that it is
 * whole and five short texts. One scan gives both; no tree, no copy. */
#include "client/json_guard.h"
#include "client/payload.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { RESULT_MAX_BYTES = 1 << 30 }; /* a caller's length is believed no further */

struct mindee_inference_text {
    char *bytes; /* one text behind the other */
    size_t used;
};

/* The string PICK found, unescaped into OWNER's bytes; "" if it found none. */
static const char *keep(struct mindee_inference_text *owner, const struct json_pick *pick)
{
    if (pick->kind != JSON_STRING)
        return "";
    char *out = owner->bytes + owner->used;
    size_t len = pick->len - 2;
    memcpy(out, pick->text, pick->len);
    if (!memchr(out, '\\', pick->len)) {
        memmove(out, out + 1, len);
    } else {
        json_guard_mend(out, pick->len);
        cJSON *text = cJSON_ParseWithLength(out, pick->len);
        len = cJSON_IsString(text) ? strlen(text->valuestring) : 0;
        REQUIRE(len < pick->len);
        if (len)
            memcpy(out, text->valuestring, len);
        cJSON_Delete(text);
    }
    out[len] = '\0';
    owner->used += len + 1;
    return out;
}

static int whole_number(const struct json_pick *pick)
{
    int n = 0;
    if (pick->kind != JSON_NUMBER)
        return 0;
    for (size_t i = 0; i < pick->len; i++) {
        if (pick->text[i] < '0' || pick->text[i] > '9' || n > INT_MAX / 10 - 1)
            return 0;
        n = n * 10 + (pick->text[i] - '0');
    }
    return n;
}

int payload_inference(struct mindee_inference *inference, struct mindee_inference_text **owner,
                      const char *body, size_t len, struct error *e)
{
    enum { ROOT, RESULT, JOB, MODEL, FILE_, ID, JOB_ID, MODEL_ID, NAME, ALIAS, PAGES, PICKS };
    struct json_pick picks[PICKS] = {
        [ROOT] = {.path = "inference"},
        [RESULT] = {.path = "inference.result"},
        [JOB] = {.path = "inference.job"},
        [MODEL] = {.path = "inference.model"},
        [FILE_] = {.path = "inference.file"},
        [ID] = {.path = "inference.id"},
        [JOB_ID] = {.path = "inference.job.id"},
        [MODEL_ID] = {.path = "inference.model.id"},
        [NAME] = {.path = "inference.file.name"},
        [ALIAS] = {.path = "inference.file.alias"},
        [PAGES] = {.path = "inference.file.page_count"},
    };
    struct json_guard g = {.picks = picks, .pick_count = PICKS};
    *inference = (struct mindee_inference){0};
    *owner = NULL;
    if (!len)
        return error_set(e, ERR_FORMAT, "the result is empty");
    if (len > RESULT_MAX_BYTES)
        return error_set(e, ERR_LIMIT, "the result is too large");
    int r = json_guard_scan(&g, body, len);
    if (r < 0)
        return error_set(e, r, "the result isn't JSON: %s (byte %zu)", g.error, g.error_at);
    if (picks[ROOT].kind != JSON_OBJECT)
        return error_set(e, ERR_FORMAT, "inference %s",
                         picks[ROOT].kind ? "isn't an object" : "is missing");
    if (picks[RESULT].kind != JSON_OBJECT)
        return error_set(e, ERR_FORMAT, "inference.result %s",
                         picks[RESULT].kind ? "isn't an object" : "is missing");
    struct mindee_inference_text *texts = xcalloc(1, sizeof *texts);
    size_t room = 1;
    for (int i = ID; i <= ALIAS; i++)
        room += picks[i].len;
    texts->bytes = malloc(room);
    if (!texts->bytes) {
        free(texts);
        return error_set(e, ERR_MEMORY, "no memory for the result's names");
    }
    inference->id = keep(texts, &picks[ID]);
    inference->job_id = keep(texts, &picks[JOB_ID]);
    inference->model_id = keep(texts, &picks[MODEL_ID]);
    inference->file_name = keep(texts, &picks[NAME]);
    inference->alias = keep(texts, &picks[ALIAS]);
    inference->page_count = whole_number(&picks[PAGES]);
    *owner = texts;
    return 0;
}

int mindee_inference_parse(const char *body, size_t len, struct mindee_inference *inference,
                           struct mindee_inference_text **owner)
{
    struct error e;
    return payload_inference(inference, owner, body, len, &e) == 0 ? 0 : -1;
}

void mindee_inference_free(struct mindee_inference_text *owner)
{
    if (owner)
        free(owner->bytes);
    free(owner);
}
