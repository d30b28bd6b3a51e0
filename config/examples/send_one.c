/* Sends one document, waits for its result and prints what the invoice says.
 *   cc send_one.c $(pkg-config --cflags --libs mindee) -o send_one
 *   MINDEE_V2_API_KEY=md_... ./send_one MODEL_ID invoice.pdf
 * C++, too. MINDEE_V2_BASE_URL leads it elsewhere: to `mindee-batch sandbox`, say. */
#define _GNU_SOURCE 1 /* for uv.h */
#include <mindee.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static int failed = 1;

static void on_result(void *ctx, const struct mindee_response *r)
{
    struct mindee_fields *fields;
    if (!r->inference) {
        fprintf(stderr, "%s\n", r->job && r->job->error ? r->job->error->detail : r->text);
    } else if (mindee_fields_parse(r->body, r->body_len, &fields) == 0) {
        const struct mindee_field *all = mindee_fields_get(fields, "");
        for (size_t i = 0; i < all->count; i++) {
            const struct mindee_field *f = mindee_fields_at(fields, all, i);
            printf("%s: %s\n", f->name, f->text);
        }
        const struct mindee_field *f = mindee_fields_get(fields, "line_items[0].total_price");
        printf("the first line is %s\n", f ? f->text : "not there");
        mindee_fields_free(fields);
        failed = 0;
    }
    mindee_client_close(*(struct mindee_client **)ctx, NULL, NULL);
}

int main(int argc, char **argv)
{
    struct mindee_client *client;
    struct mindee_file_stamp stamp;
    struct mindee_options options = MINDEE_OPTIONS_INIT;
    struct mindee_enqueue document = MINDEE_ENQUEUE_INIT;
    char text[MINDEE_TEXT_MAX];
    signal(SIGPIPE, SIG_IGN); /* a server may hang up */
    options.api_key = getenv("MINDEE_V2_API_KEY");
    options.base_url = getenv("MINDEE_V2_BASE_URL");
    if (argc != 3 || mindee_stamp_of(argv[2], &stamp) != 0) {
        fprintf(stderr, "usage: send_one MODEL_ID FILE\n");
        return 2;
    }
    document.model_id = argv[1];
    document.path = document.filename = argv[2];
    document.stamp = &stamp;
    if (mindee_client_new(&client, uv_default_loop(), &options, text, sizeof text) != 0) {
        fprintf(stderr, "%s\n", text);
        return 2;
    }
    if (mindee_run(client, &document, NULL, on_result, &client) != 0) {
        fprintf(stderr, "%s\n", mindee_refusal(client));
        mindee_client_close(client, NULL, NULL);
    }
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return failed;
}
