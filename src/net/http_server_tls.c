/* The HTTP server's certificate, and its change while the server runs.
 *
 * libmicrohttpd reads a certificate given as text once, at its start. So it is given none: at each
 * handshake GnuTLS asks for one through a callback, and gets the server's current one. The callback
 * has no argument of ours; handshakes happen inside MHD_run alone, so the server that is being run
 * on this thread is noted around it (tls_enter, tls_leave).
 *
 * A session goes on pointing to the certificate it was shown. A replaced one is therefore kept
 * until the last connection that was open then has ended: peers are numbered as they come, and the
 * list of them is in that order. */
#include "net/http_server_internal.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_MAX = 16 };

struct tls_certificate {
    struct list node; /* in the server's list of replaced ones, or alone */
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned count;
    gnutls_privkey_t key;
    gnutls_x509_crt_t first; /* of the chain */
    struct http_certificate life;
    uint64_t last_peer; /* of a replaced one: no later connection was shown it */
};

static _Thread_local struct http_server *running;

/* ---- reading ---- */

struct parsed {
    gnutls_x509_crt_t *certs;
    unsigned count;
    gnutls_x509_privkey_t key;
};

static void parsed_release(struct parsed *p)
{
    for (unsigned i = 0; i < p->count; i++)
        if (p->certs[i] != NULL)
            gnutls_x509_crt_deinit(p->certs[i]);
    gnutls_free(p->certs);
    if (p->key != NULL)
        gnutls_x509_privkey_deinit(p->key);
}

static gnutls_datum_t datum(const char *text)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)};
}

static int parse_key(struct parsed *p, const char *pem, struct error *e)
{
    gnutls_datum_t text = datum(pem);
    int rc = gnutls_x509_privkey_init(&p->key);
    if (rc >= 0)
        rc = gnutls_x509_privkey_import2(p->key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (rc == GNUTLS_E_DECRYPTION_FAILED)
        return error_set(e, ERR_USAGE,
                         "the key is encrypted: a server needs one without a passphrase");
    return rc < 0 ? error_set(e, ERR_USAGE, "the key can't be read as a PEM private key: %s",
                              gnutls_strerror(rc))
                  : 0;
}

static int parse_chain(struct parsed *p, const char *pem, struct error *e)
{
    gnutls_datum_t text = datum(pem);
    int rc = gnutls_x509_crt_list_import2(&p->certs, &p->count, &text, GNUTLS_X509_FMT_PEM,
                                          GNUTLS_X509_CRT_LIST_SORT);
    if (rc < 0)
        return error_set(e, ERR_USAGE, "the certificate can't be read as PEM: %s",
                         gnutls_strerror(rc));
    return p->count > CHAIN_MAX
               ? error_set(e, ERR_USAGE, "the certificate's chain has more than %d", CHAIN_MAX)
               : 0;
}

static int check_pair(const struct parsed *p, struct error *e)
{
    unsigned char of_cert[32], of_key[32];
    size_t cert_len = sizeof of_cert, key_len = sizeof of_key;
    int rc = gnutls_x509_crt_get_key_id(p->certs[0], GNUTLS_KEYID_USE_SHA256, of_cert, &cert_len);
    if (rc >= 0)
        rc = gnutls_x509_privkey_get_key_id(p->key, GNUTLS_KEYID_USE_SHA256, of_key, &key_len);
    if (rc < 0)
        return error_set(e, ERR_USAGE, "the certificate can't be used: %s", gnutls_strerror(rc));
    return cert_len != key_len || memcmp(of_cert, of_key, key_len) != 0
               ? error_set(e, ERR_USAGE, "the key is not the certificate's")
               : 0;
}

static int parse(struct parsed *p, struct http_certificate *life, const char *cert_pem,
                 const char *key_pem, struct error *e)
{
    *p = (struct parsed){0};
    int rc = parse_chain(p, cert_pem, e);
    if (rc == 0)
        rc = parse_key(p, key_pem, e);
    if (rc == 0)
        rc = check_pair(p, e);
    if (rc < 0) {
        parsed_release(p);
        return rc;
    }
    life->not_before.ms = (int64_t)gnutls_x509_crt_get_activation_time(p->certs[0]) * 1000;
    life->not_after.ms = (int64_t)gnutls_x509_crt_get_expiration_time(p->certs[0]) * 1000;
    return 0;
}

int http_certificate_look(struct http_certificate *out, const char *cert_pem, const char *key_pem,
                          struct error *e)
{
    struct parsed p;
    int rc = parse(&p, out, cert_pem, key_pem, e);
    if (rc == 0)
        parsed_release(&p);
    return rc;
}

/* ---- certificates of a server ---- */

static void certificate_free(struct tls_certificate *c)
{
    if (c == NULL)
        return;
    for (unsigned i = 0; i < c->count; i++)
        gnutls_pcert_deinit(&c->chain[i]);
    if (c->key != NULL)
        gnutls_privkey_deinit(c->key);
    if (c->first != NULL)
        gnutls_x509_crt_deinit(c->first);
    free(c);
}

static struct tls_certificate *certificate_new(const char *cert_pem, const char *key_pem,
                                               struct error *e)
{
    struct parsed p;
    struct tls_certificate *c = xcalloc(1, sizeof *c);
    list_init(&c->node);
    if (parse(&p, &c->life, cert_pem, key_pem, e) < 0) {
        free(c);
        return NULL;
    }
    unsigned count = p.count;
    int rc = gnutls_pcert_import_x509_list(c->chain, p.certs, &count, 0);
    if (rc >= 0) {
        c->count = count;
        rc = gnutls_privkey_init(&c->key);
    }
    if (rc >= 0)
        rc = gnutls_privkey_import_x509(c->key, p.key, GNUTLS_PRIVKEY_IMPORT_COPY);
    c->first = p.certs[0];
    p.certs[0] = NULL;
    parsed_release(&p);
    if (rc >= 0)
        return c;
    error_set(e, ERR_USAGE, "the certificate can't be used: %s", gnutls_strerror(rc));
    certificate_free(c);
    return NULL;
}

int tls_start(struct http_server *s, const char *cert_pem, const char *key_pem, struct error *e)
{
    s->certificate = certificate_new(cert_pem, key_pem, e);
    return s->certificate == NULL ? e->code : 0;
}

void tls_drop_replaced(struct http_server *s)
{
    struct list *oldest = list_first(&s->peers);
    uint64_t first =
        oldest != NULL ? LIST_ENTRY(oldest, struct peer, node)->number : s->last_peer + 1;
    LIST_EACH_SAFE (node, &s->replaced) {
        struct tls_certificate *c = LIST_ENTRY(node, struct tls_certificate, node);
        if (c->last_peer >= first)
            continue;
        list_remove(node);
        certificate_free(c);
    }
}

void tls_stop(struct http_server *s)
{
    LIST_EACH_SAFE (node, &s->replaced) {
        list_remove(node);
        certificate_free(LIST_ENTRY(node, struct tls_certificate, node));
    }
    certificate_free(s->certificate);
    s->certificate = NULL;
}

int http_server_set_certificate(struct http_server *s, const char *cert_pem, const char *key_pem,
                                struct error *e)
{
    REQUIRE(s->certificate != NULL);
    struct tls_certificate *c = certificate_new(cert_pem, key_pem, e);
    if (c == NULL)
        return e->code;
    s->certificate->last_peer = s->last_peer;
    list_push_back(&s->replaced, &s->certificate->node);
    s->certificate = c;
    tls_drop_replaced(s);
    return 0;
}

bool http_server_certificate_is_for(const struct http_server *s, const char *host)
{
    return s->certificate != NULL &&
           gnutls_x509_crt_check_hostname(s->certificate->first, host) != 0;
}

/* ---- the library's callback ---- */

void tls_enter(struct http_server *s)
{
    REQUIRE(running == NULL);
    running = s;
}

void tls_leave(void)
{
    running = NULL;
}

static int retrieve(gnutls_session_t session, const gnutls_datum_t *authorities,
                    int authority_count, const gnutls_pk_algorithm_t *algorithms,
                    int algorithm_count, gnutls_pcert_st **chain, unsigned *count,
                    gnutls_privkey_t *key)
{
    (void)session;
    (void)authorities;
    (void)authority_count;
    (void)algorithms;
    (void)algorithm_count;
    if (running == NULL || running->certificate == NULL)
        return -1;
    *chain = running->certificate->chain;
    *count = running->certificate->count;
    *key = running->certificate->key;
    return 0;
}

void *tls_callback(void)
{
    gnutls_certificate_retrieve_function2 *f = retrieve;
    void *p;
    memcpy(&p, &f, sizeof p); /* ISO C knows no cast between the two */
    return p;
}
