/* The certificate is what a client checks: signed by itself, for the names, now. */
#include "sandbox/certificate.h"

#include "test.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void test_certificate(void **state)
{
    (void)state;
    struct buffer cert_pem, key_pem;
    struct error e;
    buffer_init(&cert_pem, 0);
    buffer_init(&key_pem, 0);
    assert_int_equal(certificate_make(&cert_pem, &key_pem, &e), 0);
    BIO *cert_bio = BIO_new_mem_buf(cert_pem.data, (int)cert_pem.len);
    BIO *key_bio = BIO_new_mem_buf(key_pem.data, (int)key_pem.len);
    X509 *cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
    assert_non_null(cert);
    assert_int_equal(X509_check_private_key(cert, key), 1);
    assert_int_equal(X509_check_host(cert, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(cert, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(cert, "::1", 0), 1);
    assert_int_equal(X509_check_host(cert, "mindee.net", 0, 0, NULL), 0);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    X509_STORE_add_cert(store, cert);
    assert_int_equal(X509_STORE_CTX_init(check, store, cert, NULL), 1);
    assert_int_equal(X509_verify_cert(check), 1);
    X509_STORE_CTX_free(check);
    X509_STORE_free(store);
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(cert_bio);
    BIO_free(key_bio);
    buffer_release(&cert_pem);
    buffer_release(&key_pem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_certificate)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
