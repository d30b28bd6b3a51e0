/* SHA-256 and HMAC against the published vectors (FIPS 180-4 examples, RFC 4231), and hex. */
#include "base/digest.h"
#include "base/error.h"
#include "test.h"

#include <string.h>

static void assert_digest(const uint8_t digest[SHA256_BYTES], const char *hex)
{
    char text[SHA256_HEX];
    hex_encode(digest, SHA256_BYTES, text);
    assert_string_equal(text, hex);
}

static void test_sha256_vectors(void **state)
{
    (void)state;
    uint8_t out[SHA256_BYTES];
    sha256("", 0, out);
    assert_digest(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256("abc", 3, out);
    assert_digest(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    sha256(two_blocks, strlen(two_blocks), out);
    assert_digest(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_sha256_in_pieces(void **state)
{
    (void)state;
    struct sha256 *s = sha256_new();
    char block[1000];
    uint8_t out[SHA256_BYTES];
    memset(block, 'a', sizeof block);
    for (int i = 0; i < 1000; i++)
        sha256_update(s, block, sizeof block);
    sha256_final(s, out);
    assert_digest(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    sha256_update(s, "a", 1); /* ready for the next */
    sha256_update(s, "", 0);
    sha256_update(s, "bc", 2);
    sha256_final(s, out);
    assert_digest(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_free(s);
    sha256_free(NULL);
}

static void test_hmac_vectors(void **state)
{
    (void)state;
    uint8_t out[SHA256_BYTES], key[131];
    memset(key, 0x0b, 20);
    hmac_sha256(key, 20, "Hi There", 8, out);
    assert_digest(out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
    assert_digest(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key); /* a key longer than a block */
    const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
    hmac_sha256(key, sizeof key, text, strlen(text), out);
    assert_digest(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void test_hex(void **state)
{
    (void)state;
    uint8_t bytes[3] = {0};
    char text[7];
    hex_encode("\x00\x9f\xff", 3, text);
    assert_string_equal(text, "009fff");
    assert_int_equal(hex_decode("009FfF", bytes, 3), 0);
    assert_memory_equal(bytes, "\x00\x9f\xff", 3);
    assert_int_equal(hex_decode("", bytes, 0), 0);
    assert_int_equal(hex_decode("009ff", bytes, 3), ERR_FORMAT);
    assert_int_equal(hex_decode("009fff0", bytes, 3), ERR_FORMAT);
    assert_int_equal(hex_decode("009ffg", bytes, 3), ERR_FORMAT);
    assert_int_equal(hex_decode("00 9ff", bytes, 3), ERR_FORMAT);
    assert_int_equal(hex_decode("0x9fff", bytes, 3), ERR_FORMAT);
}

static void test_equal(void **state)
{
    (void)state;
    assert_true(bytes_equal_constant_time("abc", "abc", 3));
    assert_true(bytes_equal_constant_time("abc", "abd", 2));
    assert_true(bytes_equal_constant_time("a", "b", 0));
    assert_false(bytes_equal_constant_time("abc", "abd", 3));
    assert_false(bytes_equal_constant_time("xbc", "abc", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_vectors), cmocka_unit_test(test_sha256_in_pieces),
        cmocka_unit_test(test_hmac_vectors),   cmocka_unit_test(test_hex),
        cmocka_unit_test(test_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
