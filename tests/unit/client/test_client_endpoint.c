/* endpoint: which base URLs are taken, which URLs the key may follow,
 * and what is then requested. */
#include "client/endpoint.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static void takes_base_urls(void **state)
{
    static const struct {
        const char *base, *url;
        bool loopback;
    } rows[] = {
        {"https://api-v2.mindee.net", "https://api-v2.mindee.net/v2/x", false},
        {"https://api-v2.mindee.net/", "https://api-v2.mindee.net/v2/x", false},
        {"HTTPS://API-V2.Mindee.NET:443//", "https://api-v2.mindee.net/v2/x", false},
        {"https://api-v2.mindee.net/v2", "https://api-v2.mindee.net/v2/x", false},
        {"https://api-v2.mindee.net/v2/", "https://api-v2.mindee.net/v2/x", false},
        {"https://gate.example:8443/mindee/", "https://gate.example:8443/mindee/v2/x", false},
        {"https://gate.example/mindee/v2", "https://gate.example/mindee/v2/x", false},
        {"https://gate.example:/a", "https://gate.example/a/v2/x", false},
        {"https://10.0.0.1", "https://10.0.0.1/v2/x", false},
        {"https://[2001:DB8::0:1]:443", "https://[2001:db8::1]/v2/x", false},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080/v2/x", true},
        {"http://127.255.1.2", "http://127.255.1.2/v2/x", true},
        {"http://LocalHost:80/", "http://localhost/v2/x", true},
        {"http://[::1]:8080", "http://[::1]:8080/v2/x", true},
        {"http://[0:0:0:0:0:0:0:1]", "http://[::1]/v2/x", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct endpoint p;
        struct error e = {0};
        struct buffer url;
        buffer_init(&url, 0);
        if (endpoint_init(&p, rows[i].base, &e) != 0)
            fail_msg("%s: %s", rows[i].base, e.text);
        endpoint_url(&p, "/v2/x", &url);
        assert_string_equal(buffer_text(&url), rows[i].url);
        assert_int_equal(p.loopback, rows[i].loopback);
        buffer_release(&url);
        endpoint_release(&p);
    }
}

static void refuses_base_urls(void **state)
{
    static const char *const bases[] = {
        "",
        "api-v2.mindee.net",
        "ftp://api-v2.mindee.net",
        "https:/api-v2.mindee.net",
        "https://",
        "https:///x",
        "https://user@api-v2.mindee.net",
        "https://user:pw@api-v2.mindee.net",
        "https://api-v2.mindee.net?x=1",
        "https://api-v2.mindee.net/#x",
        "https://a b/",
        "https://a\nb/",
        "https://a\\b/",
        "https://\xc3\xa9.example/",
        "https://a:0",
        "https://a:65536",
        "https://a:99999999999",
        "https://a:8o",
        "https://[::1",
        "https://[::1]x",
        "https://[::g]",
        "https://[]",
        "https://a%41/",
        "https://[fe80::1%25eth0]/",
        /* plain http is for this machine alone, whatever a name pretends */
        "http://api-v2.mindee.net",
        "http://127.0.0.1.evil.example",
        "http://127.1",
        "http://127.0.0.01",
        "http://0x7f.0.0.1",
        "http://2130706433",
        "http://localhost.evil.example",
        "http://localhost.",
        "http://0.0.0.0",
        "http://[::ffff:127.0.0.1]",
        "http://[::]",
        "http://10.0.0.1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        struct endpoint p;
        struct error e = {0};
        if (endpoint_init(&p, bases[i], &e) != ERR_USAGE)
            fail_msg("taken: %s", bases[i]);
        assert_true(strlen(e.text) > 0);
        assert_null(strstr(e.text, "pw"));
        if (strchr(bases[i], '@'))
            assert_string_equal(e.text,
                                "base URL (not shown): it has a user name or password in it");
    }
}

static const char *follow(const char *base, const char *url)
{
    static char out[ENDPOINT_URL_MAX * 2];
    struct endpoint p;
    struct error e = {0};
    struct buffer b;
    buffer_init(&b, 0);
    assert_int_equal(endpoint_init(&p, base, &e), 0);
    int r = endpoint_follow(&p, url, &b, &e);
    assert_true(r == 0 || (r == ERR_USAGE && strlen(e.text) > 0 && b.len == 0));
    assert_true(b.len < sizeof out);
    memcpy(out, buffer_text(&b), b.len + 1);
    buffer_release(&b);
    endpoint_release(&p);
    return r == 0 ? out : NULL;
}

static void follows_its_own_origin(void **state)
{
    static const struct {
        const char *base, *url, *requested;
    } rows[] = {
        {"https://a.example", "https://a.example/v2/r/1", "https://a.example/v2/r/1"},
        {"https://a.example", "HTTPS://A.EXAMPLE:443/v2/r/1?x=y", "https://a.example/v2/r/1?x=y"},
        {"https://a.example:443", "https://a.example:/v2", "https://a.example/v2"},
        {"https://a.example", "https://a.example", "https://a.example/"},
        {"https://a.example", "https://a.example?x=1", "https://a.example/?x=1"},
        {"https://a.example", "https://a.example/x#frag", "https://a.example/x"},
        {"https://a.example/pre", "https://a.example/v2/r", "https://a.example/v2/r"},
        {"https://a.example/pre", "/v2/r", "https://a.example/v2/r"},
        {"http://127.0.0.1:99", "http://127.0.0.1:99/v2/r", "http://127.0.0.1:99/v2/r"},
        {"http://[::1]:99", "http://[0::1]:99/v2/r", "http://[::1]:99/v2/r"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *requested = follow(rows[i].base, rows[i].url);
        if (!requested)
            fail_msg("not followed: %s", rows[i].url);
        assert_string_equal(requested, rows[i].requested);
    }
}

static void follows_no_other(void **state)
{
    static const char *const urls[] = {
        "",
        "x",
        "v2/r",
        "//evil.example/v2",
        "/\\evil.example",
        "https://evil.example/v2",
        "http://a.example/v2",
        "https://a.example:444/v2",
        "https://a.example.evil.example/",
        "https://a.example@evil.example/",
        "https://evil.example/@a.example",
        "https://b.a.example/",
        "https://a.example:443@evil.example/",
        "https://a.example\\@evil.example/",
        "https://a.example.",
        "https://a.example%2eevil/",
        "https://a.example/a b",
        "https://a.example/\r\nX: y",
        "/v2/\r\nX: y",
        "/v2/\x7f",
        "https:a.example/",
        "https:///a.example/",
        "file:///etc/passwd",
        "javascript:1",
        "https://a.example:443:444/",
        "https://[a.example]/",
    };
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        if (follow("https://a.example", urls[i]))
            fail_msg("followed: %s", urls[i]);
    char *longest = malloc(ENDPOINT_URL_MAX + 2);
    assert_non_null(longest);
    memset(longest, 'a', ENDPOINT_URL_MAX + 1);
    longest[0] = '/';
    longest[ENDPOINT_URL_MAX + 1] = '\0';
    assert_null(follow("https://a.example", longest));
    longest[ENDPOINT_URL_MAX] = '\0';
    assert_non_null(follow("https://a.example", longest));
    free(longest);
}

static void encodes_queries(void **state)
{
    struct buffer b;
    (void)state;
    buffer_init(&b, 0);
    buffer_put(&b, "https://a.example/s");
    endpoint_query(&b, "name", "a b&c=d/\xc3\xa9%\r\n");
    endpoint_query(&b, "page", "1");
    assert_string_equal(buffer_text(&b),
                        "https://a.example/s?name=a%20b%26c%3Dd%2F%C3%A9%25%0D%0A&page=1");
    buffer_release(&b);
}

static void knows_job_ids(void **state)
{
    (void)state;
    assert_true(endpoint_is_job_id("12345678-1234-1234-1234-jobid1234567"));
    assert_true(endpoint_is_job_id("A"));
    static const char *const bad[] = {"",     "a/b", "a.b", "..",  "a?b",      "a b",
                                      "a%2f", "a_b", "a#",  "a\n", "\xc3\xa9", "a\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(endpoint_is_job_id(bad[i]));
    char id[ENDPOINT_JOB_ID_MAX + 2];
    memset(id, 'a', sizeof id);
    id[ENDPOINT_JOB_ID_MAX + 1] = '\0';
    assert_false(endpoint_is_job_id(id));
    id[ENDPOINT_JOB_ID_MAX] = '\0';
    assert_true(endpoint_is_job_id(id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_base_urls),        cmocka_unit_test(refuses_base_urls),
        cmocka_unit_test(follows_its_own_origin), cmocka_unit_test(follows_no_other),
        cmocka_unit_test(encodes_queries),        cmocka_unit_test(knows_job_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
