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
                                           .report = "/srv/out/report.html",
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
    assert_string_equal(text_of(json, "report"), "/srv/out/report.html");
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

static void a_run_s_end_says_how_many_need_a_person(void **state)
{
    (void)state;
    struct summary s = some_numbers();
    s.review = (struct summary_review){.known = true,
                                       .open = 12,
                                       .codes = {[CHECK_IBAN_NEW] = 11},
                                       .kinds = {[REVIEW_SUMS] = 1, [REVIEW_NEW_ACCOUNT] = 11}};
    cJSON *json = json_of(
        &(struct notice){.event = NOTICE_RUN_ENDED, .exit_code = 0, .reason = "", .summary = &s});
    assert_non_null(strstr(text_of(json, "text"), ", 12 to review (1 sum doesn't add up, 11 bank "
                                                  "accounts are new)"));
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(json, "to_review")->valueint, 12);
    cJSON_Delete(json);
}

/* Chat programs show so many bytes: what to do is among them, whatever else there is to say. */
static void why_it_ended_is_wanted_more_than_kinds(void **state)
{
    static const char why[] = "4 credits are spent: raise limits.max_credits";
    (void)state;
    struct summary s = some_numbers();
    s.review = (struct summary_review){
        .known = true, .open = 12, .kinds = {[REVIEW_SUMS] = 1, [REVIEW_NEW_ACCOUNT] = 11}};
    cJSON *json = json_of(&(struct notice){
        .event = NOTICE_NEEDS_ATTENTION, .exit_code = 5, .reason = why, .summary = &s});
    assert_non_null(strstr(text_of(json, "text"), ", 12 to review. "));
    assert_non_null(strstr(text_of(json, "text"), why));
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

/* At each place where the limit can fall into a character, and at the limit itself. */
static void every_length_is_cut_to_whole_characters(void **state)
{
    static const char *const characters[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x93\x84"};
    static const char front[] = "mindee-batch: "; /* before a forecast's words */
    (void)state;
    for (size_t c = 0; c < sizeof characters / sizeof *characters; c++)
        for (size_t before = 0; before < 4; before++) {
            char words[400] = "xxxx";
            words[before] = '\0';
            for (size_t fit = NOTICE_TEXT_BYTES - strlen(front); strlen(words) <= fit;) {
                cJSON *json = json_of(
                    &(struct notice){.event = NOTICE_FORECAST, .exit_code = -1, .words = words});
                if (strlen(words) <= fit)
                    assert_string_equal(text_of(json, "text") + strlen(front), words);
                cJSON_Delete(json);
                strcat(words, characters[c]);
            }
            cJSON *json = json_of(
                &(struct notice){.event = NOTICE_FORECAST, .exit_code = -1, .words = words});
            const char *text = text_of(json, "text");
            size_t len = strlen(text);
            assert_in_range(len, NOTICE_TEXT_BYTES - 3, NOTICE_TEXT_BYTES);
            assert_true(text_is_utf8(text, len));
            assert_string_equal(text + len - 3, "\xe2\x80\xa6");
            assert_memory_equal(text + strlen(front), words, len - 3 - strlen(front));
            cJSON_Delete(json);
        }
}

/* A trouble's words have a limit of their own, and may hold a file's name. */
static void bytes_that_are_no_text_stay_out_of_the_json(void **state)
{
    static const char *const odd[] = {"cut \xe2\x82", "\xff", "a\nb", "\"quoted\" \\"};
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct troubles t = {0};
        struct buffer out;
        troubles_add(&t, TROUBLE_CERTIFICATE, odd[i], odd[i]);
        buffer_init(&out, 0);
        notice_json(&out, &(struct notice){.event = NOTICE_TROUBLE,
                                           .batch = odd[i],
                                           .period = odd[i],
                                           .exit_code = -1,
                                           .reason = odd[i],
                                           .output = odd[i],
                                           .words = odd[i],
                                           .troubles = &t});
        assert_true(text_is_utf8(buffer_text(&out), out.len));
        assert_null(strchr(buffer_text(&out), '\n'));
        cJSON *json = cJSON_Parse(buffer_text(&out));
        assert_non_null(json);
        cJSON_Delete(json);
        buffer_release(&out);
    }
}

/* The budget and the failures take what the others leave, and what to do goes where there is room. */
static void what_is_gravest_has_the_room(void **state)
{
    struct summary s = some_numbers();
    struct troubles t = {0};
    struct failure_list f = {0};
    char text[150];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    failure_list_add(&f, &(struct ledger_failure){.name = "a.pdf",
                                                  .path = "/in/a.pdf",
                                                  .state = DOC_FAILED,
                                                  .code = "422-001",
                                                  .detail = ""});
    troubles_add(&t, TROUBLE_FAILURES, "", "see failures.csv");
    troubles_add(&t, TROUBLE_HANDOVERS, text, "mend it");
    cJSON *json = json_of(&(struct notice){
        .event = NOTICE_TROUBLE, .exit_code = -1, .summary = &s, .troubles = &t, .failures = &f});
    const char *told = text_of(json, "text");
    assert_non_null(strstr(told, "1 of 1,400 documents isn't stored; xxx"));
    assert_null(strstr(told, "a.pdf")); /* but it is in the list */
    assert_null(strstr(told, "see failures.csv"));
    const cJSON *list = cJSON_GetObjectItem(json, "troubles");
    assert_int_equal(cJSON_GetArraySize(list), 2);
    assert_string_equal(text_of(cJSON_GetArrayItem(list, 0), "kind"), "failures");
    assert_string_equal(text_of(cJSON_GetArrayItem(list, 1), "next"), "mend it");
    cJSON_Delete(json);
    failure_list_release(&f);
}

/* In a notice that isn't durable yet: nobody hears of it twice. */
static void what_is_written_already_is_left_out(void **state)
{
    struct troubles t = {0};
    (void)state;
    troubles_add(&t, TROUBLE_BUDGET, "the budget", "raise it");
    troubles_written(&t, (struct wall){1});
    troubles_add(&t, TROUBLE_UNREAD, "2 files", "mend it");
    cJSON *json =
        json_of(&(struct notice){.event = NOTICE_TROUBLE, .exit_code = -1, .troubles = &t});
    assert_string_equal(text_of(json, "text"), "mindee-batch: 2 files; mend it");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "troubles")), 1);
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_s_end_says_how_many_need_a_person),
        cmocka_unit_test(why_it_ended_is_wanted_more_than_kinds),
        cmocka_unit_test(every_length_is_cut_to_whole_characters),
        cmocka_unit_test(bytes_that_are_no_text_stay_out_of_the_json),
        cmocka_unit_test(what_is_gravest_has_the_room),
        cmocka_unit_test(what_is_written_already_is_left_out),
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
