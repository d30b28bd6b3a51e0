/* See ca_file.h. */
#include "base/ca_file.h"
#include "base/text.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <sys/stat.h>

static int no_password(char *out, int size, int writing, void *ctx)
{
    (void)out, (void)size, (void)writing, (void)ctx;
    return 0;
}

int ca_file_check(const char *path, struct error *e)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(e, ERR_USAGE, "%s is %s, not a file of certificates", text_show(path),
                         S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
    FILE *f = fopen(path, "re");
    if (!f)
        return error_system(e, ERR_IO, errno, "read the CA file %s", text_show(path));
    X509 *certificate = PEM_read_X509(f, NULL, no_password, NULL);
    fclose(f);
    ERR_clear_error();
    if (!certificate)
        return error_set(e, ERR_USAGE,
                         "%s holds no certificate in PEM format; one in DER becomes PEM by "
                         "openssl x509 -inform der -in FILE -out FILE.pem",
                         text_show(path));
    X509_free(certificate);
    return 0;
}
