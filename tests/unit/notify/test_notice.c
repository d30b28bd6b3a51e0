/* The words and fields of a notice. */
#include "notify/notice.h"

#include "base/text.h"

#include "test.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *json_of(const struct notice *notice)
{
    struct buffer out;
    buffer_init(&out, 0);
    notice_json(&out, notice);
    cJSON *json = cJSON_Parse(buffer_text(&out));
    buffer_release(&out);
    assert_non_null(json);
    return json;
}

static const char *text_of(const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
    assert_non_null(text);
    return text;
}

static void assert_null_field(const cJSON *json, const char *name)
{
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, name)));
}

static struct summary some_numbers(void)
{
    struct summary s = {.total = {.files = 1500,
                                  .documents = 1400,
                                  .duplicates = 100,
                                  .credits = {2345 * (int64_t)CREDIT_MICROS},
                                  .post = 1402},
                        .has_run = true};
    s.total.by_state[DOC_STORED] = 1390;
    s.total.by_state[DOC_FAILED] = 4;
    s.total.by_state[DOC_READY] = 1;
    s.total.by_state[DOC_PROCESSING] = 2;
    s.total.by_state[DOC_QUEUED] = 3;
    s.run = s.total;
    return s;
}

static void numbers_are_those_of_the_summary(void **state)
{
    (void)state;
    struct summary s = some_numbers();
    struct buffer text;
    buffer_init(&text, 0);
    summary_json(&text, &s);
    cJSON *summary = cJSON_Parse(buffer_text(&text));
    cJSON *json = json_of(&(struct notice){.event = NOTICE_RUN_ENDED,
                                           .batch = "north",
                                           .period = "2026-11",
                                           .exit_code = 1,
                                           .output = "/srv/out",
                                           .summary = &s});
    int compared = 0;
    for (const cJSON *item = summary->child; item; item = item->next, compared++)
        assert_true(
            cJSON_Compare(item, cJSON_GetObjectItemCaseSensitive(json, item->string), true));
    assert_true(compared > 15);
    assert_string_equal(text_of(json, "event"), "run_ended");
    assert_string_equal(text_of(json, "batch"), "north");
    assert_string_equal(text_of(json, "period"), "2026-11");
    assert_string_equal(text_of(json, "output"), "/srv/out");
    assert_int_equal(cJSON_GetObjectItem(json, "exit")->valueint, 1);
    assert_null_field(json, "reason");
    assert_string_equal(text_of(json, "text"),
                        "mindee-batch north 2026-11: 1,390 of 1,400 documents stored, 4 failed, 3 "
                        "processing, 3 queued, 2,345 credits; see failures.csv in /srv/out");
    cJSON_Delete(json);
    cJSON_Delete(summary);
    buffer_release(&text);
}

static void what_needs_a_person(void **state)
{
    (void)state;
    static const int codes[] = {2, 3, 4, 5, 70};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_int_equal(notice_event_of(codes[i]), NOTICE_NEEDS_ATTENTION);
    assert_int_equal(notice_event_of(0), NOTICE_RUN_ENDED);
    assert_int_equal(notice_event_of(1), NOTICE_RUN_ENDED);
    cJSON *json = json_of(&(struct notice){.event = NOTICE_NEEDS_ATTENTION,
                                           .exit_code = 3,
                                           .reason = "the ledger \x80 is \"damaged\"",
                                           .output = "/srv/\xff"});
    assert_string_equal(text_of(json, "event"), "needs_attention");
    assert_string_equal(text_of(json, "text"), "mindee-batch: needs attention (exit code 3). the "
                                               "ledger \\x80 is \"damaged\"");
    assert_string_equal(text_of(json, "output"), "/srv/\\xFF");
    assert_null_field(json, "batch");
    assert_null_field(json, "period");
    assert_null(cJSON_GetObjectItem(json, "documents"));
    cJSON_Delete(json);
}

static void forecasts(void **state)
{
    (void)state;
    cJSON *json = json_of(&(struct notice){.event = NOTICE_FORECAST,
                                           .period = "2026-12",
                                           .exit_code = -1,
                                           .words = "it won't fit before Friday"});
    assert_string_equal(text_of(json, "event"), "forecast");
    assert_string_equal(text_of(json, "text"), "mindee-batch 2026-12: it won't fit before Friday");
    assert_null_field(json, "exit");
    cJSON_Delete(json);
}

static void trouble_is_grouped_in_one_line_that_a_chat_shows(void **state)
{
    struct summary s = some_numbers();
    struct troubles t = {0};
    struct failure_list f = {0};
    (void)state;
    troubles_add(&t, TROUBLE_FAILURES, "", "see failures.csv");
    for (int i = 0; i < 30; i++) {
        char name[40];
        snprintf(name, sizeof name, "invoice %d\n.pdf", i);
        failure_list_add(&f, &(struct ledger_failure){.name = name,
                                                      .path = "/in/x.pdf",
                                                      .state = DOC_FAILED,
                                                      .code = "422-001",
                                                      .detail = "It is encrypted."});
    }
    struct notice n = {.event = NOTICE_TROUBLE,
                       .batch = "north",
                       .exit_code = -1,
                       .summary = &s,
                       .troubles = &t,
                       .failures = &f};
    cJSON *json = json_of(&n);
    const char *text = text_of(json, "text");
    assert_string_equal(
        text, "mindee-batch north: 30 of 1,400 documents aren't stored: invoice 0\\x0A.pdf (It is "
              "encrypted), invoice 1\\x0A.pdf (It is encrypted), invoice 2\\x0A.pdf (It is "
              "encrypted) and 27 more; see failures.csv");
    assert_true(strlen(text) <= NOTICE_TEXT_BYTES);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "failures")), FAILURES_NAMED);
    assert_int_equal(cJSON_GetObjectItem(json, "failures_new")->valueint, 30);
    cJSON_Delete(json);
    failure_list_release(&f);
    n.failures = NULL;
    t = (struct troubles){0};
    troubles_add(&t, TROUBLE_SILENCE, "no answer for 10 min, 3 documents wait",
                 "check the network");
    json = json_of(&n);
    assert_string_equal(text_of(json, "text"), "mindee-batch north: no answer for 10 min, 3 "
                                               "documents wait; check the network");
    assert_string_equal(text_of(json, "event"), "trouble");
    cJSON_Delete(json);
}

/* The sentence for people is too long for a list, and the code says little. */
static void a_rejected_file_is_told_in_words(void **state)
{
    struct summary s = some_numbers();
    struct troubles t = {0};
    struct failure_list f = {0};
    (void)state;
    troubles_add(&t, TROUBLE_FAILURES, "", "see failures.csv");
    failure_list_add(&f, &(struct ledger_failure){
                             .name = "a.txt",
                             .path = "/in/a.txt",
                             .state = DOC_REJECTED,
                             .code = "type",
                             .detail = "Mindee takes PDF, JPEG, PNG, WebP, TIFF, HEIC and HEIF."});
    cJSON *json = json_of(&(struct notice){
        .event = NOTICE_TROUBLE, .exit_code = -1, .summary = &s, .troubles = &t, .failures = &f});
    const char *words = "1 of 1,400 documents isn't stored: a.txt (no type that Mindee takes)";
    assert_non_null(strstr(text_of(json, "text"), words));
    const cJSON *told = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "troubles"), 0);
    assert_string_equal(text_of(told, "text"), words);
    cJSON_Delete(json);
    failure_list_release(&f);
}

/* Which counts all, as its numbers do, and not what is new since the last notice. */
static void the_end_of_a_run_counts_once(void **state)
{
    struct summary s = some_numbers();
    struct troubles t = {0};
    (void)state;
    troubles_add(&t, TROUBLE_FAILURES, "", "see failures.csv");
    struct notice n = {.event = NOTICE_NEEDS_ATTENTION,
                       .exit_code = 4,
                       .summary = &s,
                       .troubles = &t,
                       .reason = "the disk is full"};
    cJSON *json = json_of(&n);
    assert_string_equal(
        text_of(json, "text"),
        "mindee-batch: needs attention (exit code 4). 1,390 of 1,400 documents "
        "stored, 4 failed, 3 processing, 3 queued, 2,345 credits. the disk is full");
    cJSON_Delete(json);
    troubles_add(&t, TROUBLE_HANDOVERS, "3 results wait", "");
    json = json_of(&n);
    assert_non_null(strstr(text_of(json, "text"), ". the disk is full. 3 results wait"));
    cJSON_Delete(json);
}

static void a_long_reason_is_cut_between_two_characters(void **state)
{
    char reason[400] = "";
    (void)state;
    for (int i = 0; i < 190; i++)
        strcat(reason, "\xc3\xa9");
    cJSON *json = json_of(
        &(struct notice){.event = NOTICE_NEEDS_ATTENTION, .exit_code = 5, .reason = reason});
    const char *text = text_of(json, "text");
    assert_true(strlen(text) <= NOTICE_TEXT_BYTES && strlen(text) >= NOTICE_TEXT_BYTES - 2);
    assert_true(text_is_utf8(text, strlen(text)));
    assert_string_equal(text + strlen(text) - 3, "\xe2\x80\xa6");
    assert_string_equal(text_of(json, "reason"), reason);
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_summary),
        cmocka_unit_test(what_needs_a_person),
        cmocka_unit_test(forecasts),
        cmocka_unit_test(trouble_is_grouped_in_one_line_that_a_chat_shows),
        cmocka_unit_test(a_rejected_file_is_told_in_words),
        cmocka_unit_test(the_end_of_a_run_counts_once),
        cmocka_unit_test(a_long_reason_is_cut_between_two_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
