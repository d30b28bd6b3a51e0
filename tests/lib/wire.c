#include "lib/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Noreturn void wire_check_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, cond);
    abort();
}

void wire_open(struct wire *w, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = 60};
    *w = (struct wire){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    CHECK(connect(w->fd, (struct sockaddr *)&to, sizeof to) == 0);
}

void wire_open_tls(struct wire *w, uint16_t port)
{
    wire_open(w, port);
    w->ctx = SSL_CTX_new(TLS_client_method());
    w->ssl = SSL_new(w->ctx);
    SSL_set_fd(w->ssl, w->fd);
    CHECK(SSL_connect(w->ssl) == 1);
    X509 *cert = SSL_get1_peer_certificate(w->ssl);
    CHECK(cert != NULL);
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, w->subject,
                              sizeof w->subject);
    X509_free(cert);
}

void wire_close(struct wire *w)
{
    if (w->ssl != NULL) {
        SSL_shutdown(w->ssl);
        SSL_free(w->ssl);
        SSL_CTX_free(w->ctx);
    }
    close(w->fd);
}

void wire_say(struct wire *w, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n =
            w->ssl != NULL ? SSL_write(w->ssl, at, (int)len) : send(w->fd, at, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

void wire_say_text(struct wire *w, const char *text)
{
    wire_say(w, text, strlen(text));
}

static bool read_byte(struct wire *w, char *out)
{
    return (w->ssl != NULL ? SSL_read(w->ssl, out, 1) : recv(w->fd, out, 1, 0)) == 1;
}

int wire_hear(struct wire *w, char *head, size_t head_size, char *body, size_t body_size)
{
    char own_head[4096], byte;
    size_t len = 0;
    int status = 0;
    while (len < 4 || memcmp(own_head + len - 4, "\r\n\r\n", 4) != 0) {
        if (!read_byte(w, own_head + len))
            return 0;
        CHECK(++len < sizeof own_head);
    }
    own_head[len] = 0;
    const char *announced = strcasestr(own_head, "content-length: ");
    size_t want = announced != NULL ? strtoul(announced + 16, NULL, 10) : 0;
    for (size_t got = 0; got < want; got++) {
        if (!read_byte(w, &byte))
            return 0;
        if (got + 1 < body_size)
            body[got] = byte;
    }
    if (body_size > 0)
        body[want < body_size ? want : body_size - 1] = 0;
    if (head_size > 0)
        snprintf(head, head_size, "%s", own_head);
    CHECK(sscanf(own_head, "HTTP/1.1 %d", &status) == 1);
    return status;
}

int wire_status(struct wire *w)
{
    return wire_hear(w, NULL, 0, NULL, 0);
}

static void take(BIO *bio, char out[WIRE_PEM_MAX])
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    CHECK(len > 0 && len < WIRE_PEM_MAX);
    memcpy(out, data, (size_t)len);
    out[len] = 0;
    BIO_free(bio);
}

void wire_certificate(const char *common_name, long from_s, long to_s, char cert[WIRE_PEM_MAX],
                      char key[WIRE_PEM_MAX])
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);
    BIO *cert_bio = BIO_new(BIO_s_mem()), *key_bio = BIO_new(BIO_s_mem());
    CHECK(X509_set_version(x, X509_VERSION_3) == 1);
    CHECK(ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1);
    CHECK(X509_gmtime_adj(X509_getm_notBefore(x), from_s) != NULL);
    CHECK(X509_gmtime_adj(X509_getm_notAfter(x), to_s) != NULL);
    CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name,
                                     -1, -1, 0) == 1);
    CHECK(X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, pkey) == 1);
    CHECK(X509_sign(x, pkey, EVP_sha256()) > 0);
    CHECK(PEM_write_bio_X509(cert_bio, x) == 1);
    CHECK(PEM_write_bio_PrivateKey(key_bio, pkey, NULL, NULL, 0, NULL, NULL) == 1);
    take(cert_bio, cert);
    take(key_bio, key);
    X509_free(x);
    EVP_PKEY_free(pkey);
}
