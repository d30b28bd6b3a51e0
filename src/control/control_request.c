/* See control_request.h. */
#include "control/control_request.h"

#include "base/text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* --- bytes as characters --- */

static char *widen(const char *bytes)
{
    struct buffer b;
    buffer_init(&b, 0);
    for (const unsigned char *p = (const unsigned char *)bytes; *p; p++) {
        const char two[] = {(char)(0xC0 | *p >> 6), (char)(0x80 | (*p & 0x3F))};
        if (*p < 0x80)
            REQUIRE(buffer_append(&b, p, 1) == 0);
        else
            REQUIRE(buffer_append(&b, two, 2) == 0);
    }
    return buffer_detach(&b, NULL);
}

/* NULL: a character that no byte stands for. */
static char *narrow(const char *text)
{
    char *out = xcalloc(strlen(text) + 1, 1);
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p >= 0x80 && ((*p & 0xFC) != 0xC0 || (p[1] & 0xC0) != 0x80)) {
            free(out);
            return NULL;
        }
        out[n++] = (char)(*p < 0x80 ? *p : (*p & 0x03) << 6 | (p[1] & 0x3F));
        p += *p >= 0x80;
    }
    return out;
}

/* --- writing --- */

static int put_line(cJSON *json, struct buffer *line)
{
    char *text = cJSON_PrintUnformatted(json);
    REQUIRE(text != NULL);
    buffer_put(line, text);
    free(text);
    cJSON_Delete(json);
    return 0;
}

static void add_bytes(cJSON *json, const char *name, const char *bytes)
{
    char *wide = widen(bytes);
    if (name)
        cJSON_AddStringToObject(json, name, wide);
    else
        cJSON_AddItemToArray(json, cJSON_CreateString(wide));
    free(wide);
}

int control_request_write(const struct control_request *r, struct buffer *line, struct error *e)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "command", r->command);
    cJSON *states = cJSON_AddArrayToObject(json, "states");
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        if (r->states[s])
            cJSON_AddItemToArray(states, cJSON_CreateString(doc_state_names[s]));
    cJSON *paths = cJSON_AddArrayToObject(json, "paths");
    for (size_t i = 0; i < r->path_count; i++)
        add_bytes(paths, NULL, r->paths[i]);
    cJSON_AddBoolToObject(json, "all", r->all);
    if (r->note)
        add_bytes(json, "note", r->note);
    put_line(json, line);
    return line->len < CONTROL_LINE_MAX
               ? 0
               : error_set(e, ERR_LIMIT, "these are too many PATHs for one command");
}

void control_answer_write(const struct control_answer *a, struct buffer *line)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "exit", a->exit_code);
    add_bytes(json, "text", a->text);
    put_line(json, line);
}

/* --- reading --- */

static char *read_bytes(const cJSON *item)
{
    const char *text = cJSON_GetStringValue(item);
    return text ? narrow(text) : NULL;
}

static bool read_state(const cJSON *item, struct control_request *r)
{
    const char *name = cJSON_GetStringValue(item);
    for (int s = 0; name && s < DOC_STATE_COUNT; s++)
        if (strcmp(name, doc_state_names[s]) == 0)
            return r->states[s] = true;
    return false;
}

static bool read_paths(const cJSON *list, struct control_request *r)
{
    const cJSON *item;
    r->paths = xcalloc((size_t)cJSON_GetArraySize(list), sizeof *r->paths);
    cJSON_ArrayForEach(item, list)
    {
        char *path = read_bytes(item);
        if (!path)
            return false;
        r->paths[r->path_count++] = path;
    }
    return true;
}

static bool read_request(const cJSON *json, struct control_request *r)
{
    const cJSON *item, *states = cJSON_GetObjectItemCaseSensitive(json, "states");
    const cJSON *note = cJSON_GetObjectItemCaseSensitive(json, "note");
    r->command = read_bytes(cJSON_GetObjectItemCaseSensitive(json, "command"));
    r->all = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "all"));
    r->note = read_bytes(note);
    cJSON_ArrayForEach(item, states) if (!read_state(item, r)) return false;
    return r->command && (!note || r->note) &&
           read_paths(cJSON_GetObjectItemCaseSensitive(json, "paths"), r);
}

int control_request_read(struct control_request *r, const char *line, struct error *e)
{
    *r = (struct control_request){0};
    cJSON *json = cJSON_Parse(line);
    bool good = read_request(json, r);
    cJSON_Delete(json);
    if (good)
        return 0;
    control_request_release(r);
    return error_set(e, ERR_USAGE, "that is no request");
}

void control_request_release(struct control_request *r)
{
    for (size_t i = 0; i < r->path_count; i++)
        free(r->paths[i]);
    free(r->paths);
    free((char *)r->command);
    free(r->note);
    *r = (struct control_request){0};
}

int control_answer_read(struct control_answer *a, const char *line, struct error *e)
{
    cJSON *json = cJSON_Parse(line);
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(json, "exit");
    *a =
        (struct control_answer){.text = read_bytes(cJSON_GetObjectItemCaseSensitive(json, "text"))};
    bool good = a->text && cJSON_IsNumber(code);
    a->exit_code = good ? code->valueint : 0;
    cJSON_Delete(json);
    if (good)
        return 0;
    control_answer_release(a);
    return error_set(e, ERR_IO, "the run's answer can't be read");
}

void control_answer_release(struct control_answer *a)
{
    free(a->text);
    a->text = NULL;
}
