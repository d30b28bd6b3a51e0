/* A notice's bytes as mail: lines that are short, one header whatever a name holds, words that are whole. */
#include "notify/mail_message.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static struct buffer made;

static const char *make(const char *notice)
{
    static const char *const to[] = {"a@example.com", "b@example.com", NULL};
    buffer_clear(&made);
    mail_message(&made, &(struct mail_message){.from = "mb@example.com",
                                               .to = to,
                                               .id = "mb-1-notice-2",
                                               .at = {INT64_C(1794096000000)},
                                               .notice = notice});
    const char *text = buffer_text(&made);
    assert_int_equal(strlen(text), made.len);
    for (const char *p = text, *end; *p; p = end + 2) {
        end = strstr(p, "\r\n");
        assert_non_null(end);
        assert_in_range(end - p, 0, 78);
        assert_true(*p != '.');
        for (const char *c = p; c < end; c++)
            assert_in_range((unsigned char)*c, ' ', '~');
    }
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" isn't in:\n%s", part, text);
}

static void the_whole_message(void **state)
{
    (void)state;
    assert_string_equal(
        make(
            "{\"text\":\"mindee-batch: 2 of 3 documents stored, 1 rejected\",\"report\":\"/out/report.html\","
            "\"output\":\"/out\",\"stored\":9,\"run\":{\"documents\":3,\"stored\":2,\"failed\":0,"
            "\"rejected\":1,\"lost\":0}}"),
        "Date: Sun, 8 Nov 2026 00:00:00 +0000\r\n"
        "From: mindee-batch <mb@example.com>\r\n"
        "To: <a@example.com>,\r\n <b@example.com>\r\n"
        "Subject: mindee-batch: 2 of 3 documents stored, 1 rejected\r\n"
        "Message-ID: <mb-1-notice-2@example.com>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "mindee-batch: 2 of 3 documents stored, 1 rejected\r\n"
        "\r\n"
        "documents              3\r\n"
        "stored                 2\r\n"
        "failed                 0\r\n"
        "rejected               1\r\n"
        "\r\n"
        "Report: /out/report.html\r\n"
        "Results: /out\r\n");
}

static void nothing_becomes_a_line_of_the_header(void **state)
{
    (void)state;
    const char *text =
        make("{\"text\":\"x\\r\\nBcc: evil@example.com\\u007f\\r\\n\\r\\n.\\r\\nQUIT\"}");
    assert_has(text, "Subject: x  Bcc: evil@example.com");
    const char *body = strstr(text, "\r\n\r\n"), *bcc = strstr(text, "\nBcc");
    assert_non_null(body);
    assert_true(!bcc || bcc > body);
    assert_has(body, "=2E=0D\r\nQUIT");
    assert_has(make("{\"text\":\"=?UTF-8?B?QmNj?= x\"}"), "Subject: =?UTF-8?B?PT9VVEYt");
}

static void characters_stay_whole(void **state)
{
    (void)state;
    assert_has(make("{\"text\":\"Pr\xc3\xbc"
                    "fung\"}"),
               "Subject: =?UTF-8?B?UHLDvGZ1bmc=?=\r\n");
    assert_has(buffer_text(&made), "\r\nPr=C3=BCfung\r\n");
    char notice[400] = "{\"text\":\"", *end = notice + strlen(notice);
    for (int i = 0; i < 60; i++, end += 3)
        snprintf(end, 4, "\xe2\x82\xac");
    snprintf(end, 3, "\"}");
    char word[80];
    snprintf(word, sizeof word, "=?UTF-8?B?%.56s?=\r\n",
             "4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs");
    assert_has(make(notice), word); /* 14 of three bytes each */
}

static void long_lines_are_folded(void **state)
{
    (void)state;
    char notice[600];
    snprintf(notice, sizeof notice,
             "{\"text\":\"%0150d words that go on and on\",\"output\":\"/%0300d \"}", 0, 0);
    make(notice);
    assert_has(
        make(
            "{\"text\":\"one two three four five six seven eight nine ten eleven twelve thirteen 14\"}"),
        "Subject: one two three four five six seven eight nine ten eleven twelve\r\n thirteen 14\r\n");
}

static void what_is_no_notice(void **state)
{
    (void)state;
    assert_has(make("{"), "Subject: mindee-batch\r\n");
    assert_has(make("{\"text\":5,\"run\":7,\"stored\":\"x\",\"failures\":\"y\"}"),
               "Subject: mindee-batch\r\n");
}

static void troubles_and_failures(void **state)
{
    (void)state;
    const char *text = make(
        "{\"text\":\"t\",\"troubles\":[{\"kind\":\"silence\",\"text\":\"no answer\",\"next\":\"wait\"}],"
        "\"failures\":[{\"name\":\"a.pdf\",\"state\":\"failed\",\"detail\":null}]}");
    assert_has(text, "\r\n- no answer; wait\r\n");
    assert_has(text, "\r\n- a.pdf; failed\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_message),
        cmocka_unit_test(nothing_becomes_a_line_of_the_header),
        cmocka_unit_test(characters_stay_whole),
        cmocka_unit_test(long_lines_are_folded),
        cmocka_unit_test(what_is_no_notice),
        cmocka_unit_test(troubles_and_failures),
    };
    buffer_init(&made, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_release(&made);
    return failed;
}
