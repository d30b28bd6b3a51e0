/* A P-256 key and a self-signed X.509 certificate, by libcrypto. It says CA:TRUE so that a bundle
 * which holds it verifies it in every library (OpenSSL, GnuTLS, Node). Begins an hour ago, for
 * clocks that differ. */
#include "sandbox/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { HOUR_S = 3600, LIFE_S = 30 * 24 * HOUR_S };

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool done = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return done;
}

static bool fill(X509 *cert, EVP_PKEY *key)
{
    static const unsigned char name[] = "mindee-batch sandbox";
    uint32_t serial;
    X509_NAME *subject = X509_get_subject_name(cert);
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           X509_set_version(cert, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), (uint64_t)serial + 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -HOUR_S) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), LIFE_S) != NULL &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert, subject) == 1 && X509_set_pubkey(cert, key) == 1 &&
           add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(cert, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
           add_extension(cert, NID_ext_key_usage, "serverAuth") &&
           add_extension(cert, NID_subject_key_identifier, "hash") &&
           add_extension(cert, NID_subject_alt_name,
                         "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1") &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

static bool take(BIO *bio, struct buffer *out)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    return len > 0 && buffer_append(out, data, (size_t)len) == 0;
}

int certificate_make(struct buffer *cert_pem, struct buffer *key_pem, struct error *e)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    BIO *cert_text = BIO_new(BIO_s_mem()), *key_text = BIO_new(BIO_s_mem());
    bool done = key != NULL && cert != NULL && cert_text != NULL && key_text != NULL &&
                fill(cert, key) && PEM_write_bio_X509(cert_text, cert) == 1 &&
                PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                take(cert_text, cert_pem) && take(key_text, key_pem);
    char why[160] = "";
    if (!done)
        ERR_error_string_n(ERR_get_error(), why, sizeof why);
    BIO_free(cert_text);
    BIO_free(key_text);
    X509_free(cert);
    EVP_PKEY_free(key);
    return done ? 0 : error_set(e, ERR_IO, "make a certificate: %s", why);
}
