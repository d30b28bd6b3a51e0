/* Reading the receiver's certificate and key: both files, whether the one is the other's, and
 * whether it is valid now. Who renews a certificate writes two files, one after the other: between
 * the two they don't match, which is an error that the next look finds mended. */
#include "webhook/webhook_certificate.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 1000000 };

static int read_all(int fd, struct buffer *out, struct error *e)
{
    /* Asked for at once: a key in memory that grows leaves copies behind. */
    if (buffer_reserve(out, 65536) < 0)
        return error_set(e, ERR_USAGE, "no memory");
    int rc = buffer_read(out, fd);
    if (rc == ERR_IO)
        return error_system(e, ERR_USAGE, errno, "read");
    return rc < 0 ? error_set(e, ERR_USAGE, "it is too large for a PEM file") : 0;
}

static int read_file(const char *path, struct file_stamp *stamp, struct buffer *out,
                     struct error *e)
{
    struct stat st;
    *stamp = (struct file_stamp){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not stop everything */
    if (fd < 0)
        return error_system(e, ERR_USAGE, errno, "open");
    int rc = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = error_set(e, ERR_USAGE, "it isn't a file");
    else
        *stamp = file_stamp_of(&st);
    if (rc == 0)
        rc = read_all(fd, out, e);
    close(fd);
    return rc;
}

static int check_time(const struct http_certificate *life, struct wall now, struct error *e)
{
    char when[WALL_TEXT_MAX];
    if (now.ms >= life->not_after.ms)
        return error_set(e, ERR_USAGE, "the certificate expired on %s: renew it",
                         log_time_told(life->not_after, when));
    if (now.ms < life->not_before.ms)
        return error_set(
            e, ERR_USAGE,
            "the certificate is valid only from %s on (is this machine's clock right?)",
            log_time_told(life->not_before, when));
    return 0;
}

int webhook_certificate_read(struct webhook_certificate *c, struct wall now, struct buffer *cert,
                             struct buffer *key, struct http_certificate *life, struct error *e)
{
    buffer_init(cert, FILE_MAX);
    buffer_init(key, FILE_MAX);
    int of_cert = read_file(c->cert_path, &c->cert_stamp, cert, e);
    if (of_cert < 0)
        error_wrap(e, "%s.tls_cert %s", c->section, text_show(c->cert_path));
    struct error key_error;
    int of_key = read_file(c->key_path, &c->key_stamp, key, of_cert < 0 ? &key_error : e);
    if (of_cert < 0)
        return of_cert;
    if (of_key < 0)
        return error_wrap(e, "%s.tls_key %s", c->section, text_show(c->key_path));
    int rc = http_certificate_look(life, buffer_text(cert), buffer_text(key), e);
    if (rc == 0)
        rc = check_time(life, now, e);
    return rc < 0 ? error_wrap(e, "%s.tls_cert %s, %s.tls_key %s", c->section,
                               text_show(c->cert_path), c->section, text_show(c->key_path))
                  : 0;
}

void webhook_certificate_wipe(struct buffer *cert, struct buffer *key)
{
    if (key->data != NULL)
        explicit_bzero(key->data, key->cap);
    buffer_release(key);
    buffer_release(cert);
}

static bool differs(const char *path, const struct file_stamp *stamp)
{
    struct stat st;
    struct file_stamp now = {0};
    if (stat(path, &st) == 0)
        now = file_stamp_of(&st);
    return !file_stamp_equal(&now, stamp);
}

bool webhook_certificate_changed(const struct webhook_certificate *c)
{
    return differs(c->cert_path, &c->cert_stamp) || differs(c->key_path, &c->key_stamp);
}
